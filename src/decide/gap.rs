//! Both sides of a claim at one point, and what lies between them.

mod size;

use std::cmp::Ordering;

use size::Sizes;

use super::assignment::Assignment;
use super::moments::{self, Means};
use super::problem::Problem;
use crate::budget;
use crate::formula::ast::{Comparison, Function, Node, RelationOp};
use crate::number::{Ball, Precise, rational_to_f64, with_precision};
use crate::simulate::Stream;
use crate::term::evaluate::{
    Covariance, Draw, Environment, EvaluationError, Evaluator, LinearAlgebra, Normals, Value, plan,
};

/// Where a strict inequality is claimed, agreement to this share counts as equality.
pub const EQUAL: f64 = 1e-20;
/// What double precision shows beyond rounding.
pub const ROUGH: f64 = 1e-9;
/// Agreement to this share is equality, for relations that allow it.
const SETTLED: f64 = 1e-19;
/// Bits of the precisions that are tried where double-double numbers leave a question open.
pub const PRECISIONS: [usize; 3] = [256, 1300, 6000];
/// As many bits cost as much as a node in double-double numbers.
const BITS_OF_A_STEP: u64 = 40;
/// The part of what is left of a budget that more digits at one point may cost.
const MOST_AT_ONCE: u64 = 4;
/// An error beyond this share tells nothing.
const BLURRED: f64 = 1e-6;
/// More digits that leave this share of an error were of no use.
const NO_GAIN: f64 = 0.5;
/// At a point that meets an assumed equality only nearly, smaller discrepancies are the point's, not the claim's.
const SLACK: f64 = 1e-12;

/// Random numbers for one draw: a stream of the claim's, scaled and pushed, so that a search can move them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    pub index: u64,
    /// The logarithm of a factor to every number.
    pub size: f64,
    /// What is added to single numbers, by their place.
    pub pushes: Vec<(usize, f64)>,
}

impl Drawing {
    pub fn number(index: u64) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }
}

struct Pushed<'a> {
    stream: Stream,
    drawing: &'a Drawing,
    at: usize,
}

impl Normals for Pushed<'_> {
    fn normal(&mut self) -> f64 {
        let pushes = self.drawing.pushes.iter();
        let push: f64 = pushes
            .filter(|(place, _)| *place == self.at)
            .map(|(_, push)| push)
            .sum();
        self.at += 1;
        self.stream.normal() * self.drawing.size.exp() + push
    }
}

/// Both sides of a claim at one point.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    pub lhs: f64,
    pub rhs: f64,
    /// `lhs − rhs`, which may be lost between them.
    pub difference: f64,
    /// Bound on its error, 0 in plain numbers.
    pub error: f64,
    /// `(lhs − rhs)/scale`; for matrices, of the entry where it is largest.
    pub relative: f64,
    /// Bound on the error of `relative`.
    pub radius: f64,
    /// Bound on the error of `difference` where the sign is open and logarithms occur, which near 1 have absolute digits only.
    absolute: Option<f64>,
    /// Whether a side has a term that is lost in rounding beside the others, or below every positive number: a
    /// strict inequality may rest on it.
    pub faint: bool,
    /// Whether the point meets an assumed equality only nearly.
    approximate: bool,
    /// What is certain of `lhs − rhs`; `None` where errors leave it open.
    pub sign: Option<Ordering>,
    /// Bits of the arithmetic.
    pub bits: usize,
    /// Whether no number of the point is large or small.
    pub moderate: bool,
    /// Whether the sides are matrices; this is the entry that differs most.
    pub is_matrix: bool,
    /// Nodes visited.
    pub steps: u64,
}

impl Gap {
    /// The error that decides whether the sides are told apart well enough.
    pub fn blur(&self) -> f64 {
        self.absolute.map_or(self.radius, |x| x.min(self.radius))
    }

    /// By how much the claim is violated, in units of the terms' size; negative is the margin left.
    pub fn excess(&self, op: RelationOp) -> f64 {
        match op {
            RelationOp::Le | RelationOp::Lt => self.relative,
            RelationOp::Ge | RelationOp::Gt => -self.relative,
            _ => self.relative.abs(),
        }
    }

    /// The same as a share of the larger side; sides that are not told apart have none.
    pub fn excess_of_sides(&self, op: RelationOp) -> f64 {
        let share = self.difference / self.lhs.abs().max(self.rhs.abs());
        match op {
            _ if !share.is_finite() || matches!(self.sign, None | Some(Ordering::Equal)) => {
                f64::NEG_INFINITY
            }
            RelationOp::Ge | RelationOp::Gt => -share,
            _ => share,
        }
    }

    pub fn violates(&self, op: RelationOp) -> bool {
        let strict = op.is_strict();
        let against = match (op, self.sign) {
            (_, None | Some(Ordering::Equal)) => false,
            (RelationOp::Le | RelationOp::Lt, Some(sign)) => sign == Ordering::Greater,
            (RelationOp::Ge | RelationOp::Gt, Some(sign)) => sign == Ordering::Less,
            _ => true,
        };
        let slack = if self.approximate { SLACK } else { 0.0 };
        against && self.excess(op) > slack || strict && self.is_equality()
    }

    /// Whether the sides agree: exactly, or at moderate values to 20 digits, where nothing is lost in rounding. Far out
    /// any two things agree.
    fn is_equality(&self) -> bool {
        self.sign == Some(Ordering::Equal)
            || self.moderate && !self.faint && self.radius < EQUAL && self.sign.is_none()
    }

    /// Whether more precision could not change what is to be said here.
    fn is_settled(&self, op: RelationOp) -> bool {
        match self.sign {
            Some(_) => true,
            // Equality to so many digits, in a sum that loses nothing.
            None => {
                let strict = op.is_strict();
                !strict && !self.faint && self.radius < SETTLED
            }
        }
    }
}

/// Both sides at a point, in double-double numbers, and where these leave open what is asked in as many digits as it
/// takes, up to `most` bits; what agrees in fewer than `least` stays open.
pub fn settled(
    problem: &Problem<'_>,
    at: &Assignment,
    drawing: &Drawing,
    (least, most): (usize, usize),
) -> Result<Gap, EvaluationError> {
    let op = problem.says.op;
    // One point may not use up what the others need.
    let (mut last, spent) =
        budget::within(budget::left() / 2, || gap_at::<Ball>(problem, at, drawing));
    if spent.refused && problem.random {
        // Draws that no point can pay for are told.
        let _ = budget::charge(u64::MAX);
    }
    for bits in PRECISIONS {
        let open = match &last {
            Ok(gap) => !gap.is_settled(op) || gap.sign.is_none() && gap.bits < least,
            Err(error) => error.more_digits_may_tell(),
        };
        if !open || bits > most {
            break;
        }
        let steps = last.as_ref().map_or(0, |gap| gap.steps);
        let (finer, _) = budget::within(budget::left() / MOST_AT_ONCE, || {
            precise(problem, at, drawing, bits)
        });
        if finer.is_err() && last.is_ok() {
            break;
        }
        // An error that does not come from rounding (an integral's cells) stays in more digits.
        let stays = match (&last, &finer) {
            (Ok(coarse), Ok(fine)) => fine.sign.is_none() && fine.radius > NO_GAIN * coarse.radius,
            _ => false,
        };
        if stays {
            break;
        }
        last = finer.map(|gap| Gap {
            steps: steps + gap.steps * bits as u64 / BITS_OF_A_STEP,
            ..gap
        });
    }
    last
}

/// Both sides in balls of so many bits.
pub fn precise(
    problem: &Problem<'_>,
    at: &Assignment,
    drawing: &Drawing,
    bits: usize,
) -> Result<Gap, EvaluationError> {
    with_precision(bits, || gap_at::<Precise>(problem, at, drawing)).map(|gap| Gap { bits, ..gap })
}

/// A difference below every `f64` keeps its sign.
fn visible(relative: f64, sign: Option<Ordering>) -> f64 {
    match sign {
        Some(Ordering::Greater) if relative <= 0.0 => f64::MIN_POSITIVE,
        Some(Ordering::Less) if relative >= 0.0 => -f64::MIN_POSITIVE,
        _ => relative,
    }
}

/// Real symbols of ordinary size, sizes that can be counted, a Σ of ordinary size that is not nearly singular.
pub(super) fn is_moderate(at: &Assignment) -> bool {
    let levels = at.spectrum.iter().map(|l| rational_to_f64(&l.value));
    let (least, most) = levels.fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
    let symbols = at.symbols.values().all(|q| {
        let x = rational_to_f64(q).abs();
        x == 0.0 || (1e-3..=30.0).contains(&x) || q.is_integer() && x <= 1000.0
    });
    symbols && (at.spectrum.is_empty() || most <= 1e4 * least && most <= 1e4 && least >= 1e-4)
}

/// Evaluates both sides at a point; random objects, if any, as `drawing` says.
pub fn gap_at<R: LinearAlgebra>(
    problem: &Problem<'_>,
    assignment: &Assignment,
    drawing: &Drawing,
) -> Result<Gap, EvaluationError> {
    gap_with::<R>(problem, assignment, drawing, None)
}

/// The same, by mean spectral sums where `means` allows them; their errors are in no radius.
pub fn gap_with<R: LinearAlgebra>(
    problem: &Problem<'_>,
    assignment: &Assignment,
    drawing: &Drawing,
    means: Option<Means>,
) -> Result<Gap, EvaluationError> {
    let mut environment = assignment.environment::<R>(problem.scope)?;
    if problem.expectation {
        environment.known = moments::known(problem, &environment, means)?;
    } else if problem.random {
        let plans = plan(problem.scope, &environment, &problem.objects)?;
        let mut normals = Pushed {
            stream: problem.draws(drawing.index),
            drawing,
            at: 0,
        };
        environment.draw = Some(Draw::new(&plans, &environment, &mut normals)?);
    }
    let evaluator = Evaluator::new(problem.scope, &environment);
    let sides = evaluator
        .value(&problem.says.lhs)
        .and_then(|left| Ok((left, evaluator.value(&problem.says.rhs)?)));
    let (left, right) = sides?;
    let (left, right) = entries(&left, &right, &environment)?;
    let mut scale = left
        .iter()
        .chain(&right)
        .fold(R::zero(), |most, x| most.greater(&x.center().abs()));
    let mut terms = Vec::new();
    if left.len() == 1 {
        for side in [&problem.says.lhs, &problem.says.rhs] {
            terms.push(Sizes::new(&evaluator, side)?);
        }
        for side in &terms {
            let size = side.size();
            if size.is_finite() {
                scale = scale.greater(&size.center());
            }
        }
    } else if scale.is_zero() {
        // Zero matrices cancel, if they do, against what they are made of.
        for side in [&problem.says.lhs, &problem.says.rhs] {
            let size = Sizes::new(&evaluator, side)?.size_of_matrix();
            if size.is_finite() {
                scale = scale.greater(&size.center());
            }
        }
    }
    let many_digits = R::TRACKS_ERROR && R::bits() > 200;
    // What is lost beside the largest term at this precision.
    let least = if many_digits {
        2f64.powf(-0.6 * R::bits() as f64)
    } else {
        EQUAL
    };
    let faint = terms.iter().any(|side| side.has_faint_term(&scale, least));
    let blank = Gap {
        lhs: 0.0,
        rhs: 0.0,
        difference: 0.0,
        error: 0.0,
        relative: 0.0,
        radius: 0.0,
        absolute: None,
        faint,
        approximate: assignment.approximate,
        sign: None,
        bits: R::bits(),
        moderate: is_moderate(assignment),
        is_matrix: left.len() > 1,
        steps: evaluator.steps(),
    };
    let mut worst: Option<Gap> = None;
    for (l, r) in left.iter().zip(&right) {
        let gap = between(l, r, &scale, blank, &|| speaks_of_logarithms(problem))?;
        if worst
            .as_ref()
            .is_none_or(|w| gap.relative.abs() - gap.radius > w.relative.abs() - w.radius)
        {
            worst = Some(gap);
        }
    }
    let worst = worst.ok_or_else(|| EvaluationError::Undefined("an empty matrix".into()))?;
    // So little may be the distance of the point from its domain.
    let slight = worst.relative.abs() <= SLACK && worst.sign != Some(Ordering::Equal);
    let missed = || {
        problem
            .scope
            .assumptions
            .iter()
            .any(|a| may_miss(&evaluator, a))
    };
    Ok(Gap {
        approximate: worst.approximate || slight && missed(),
        ..worst
    })
}

/// Whether a point that counts as one of the domain may lie beside it, as far as the digits tell.
fn may_miss<R: LinearAlgebra>(evaluator: &Evaluator<'_, R>, assumption: &Comparison) -> bool {
    match assumption.op {
        // Fewer digits leave every equality open.
        RelationOp::Eq => R::TRACKS_ERROR && R::bits() > 200 && !evaluator.admits(assumption),
        _ => !matches!(evaluator.holds(assumption), Ok(Some(true))),
    }
}

/// Whether a side contains a logarithm, or a name that stands for one.
fn speaks_of_logarithms(problem: &Problem<'_>) -> bool {
    let sides = [&problem.says.lhs, &problem.says.rhs];
    let logarithm = |node: &Node| matches!(node, Node::Call(Function::Log | Function::Logdet, _));
    problem.scope.speaks_of(sides, logarithm)
}

/// Two numbers beside each other, in units of `scale`; what is known besides stands in `blank`.
fn between<R: LinearAlgebra>(
    l: &R,
    r: &R,
    scale: &R,
    blank: Gap,
    logarithms: &dyn Fn() -> bool,
) -> Result<Gap, EvaluationError> {
    let difference = l.clone() - r.clone();
    if !(difference.is_finite() && scale.is_finite()) {
        return Err(EvaluationError::Undefined(
            "a value that is not finite".into(),
        ));
    }
    let sign = if difference.is_zero() {
        Some(Ordering::Equal)
    } else {
        let order = difference.order(&R::zero());
        order.filter(|sign| *sign != Ordering::Equal)
    };
    let share = if scale.is_zero() {
        difference.clone()
    } else {
        difference.clone() / scale.center()
    };
    let lost = scale.is_zero() && !difference.is_zero();
    let blurred = sign.is_none() && (lost || share.radius() > BLURRED);
    let absolute = (blurred && logarithms()).then(|| difference.radius());
    if lost && absolute.is_none() {
        return Err(EvaluationError::Unresolved(
            "values below the range of the arithmetic".into(),
        ));
    }
    Ok(Gap {
        lhs: l.midpoint(),
        rhs: r.midpoint(),
        difference: difference.midpoint(),
        error: difference.radius(),
        relative: match absolute {
            Some(_) => difference.midpoint(),
            None => visible(share.midpoint(), sign),
        },
        radius: if lost { 1.0 } else { share.radius() },
        absolute,
        sign,
        ..blank
    })
}

/// The numbers to compare: a scalar, a function of `Σ` at every eigenvalue, the entries of a matrix.
fn entries<R: LinearAlgebra>(
    left: &Value<R>,
    right: &Value<R>,
    environment: &Environment<R>,
) -> Result<(Vec<R>, Vec<R>), EvaluationError> {
    let at_eigenvalues = |f: &crate::term::evaluate::Spectral<R>| -> Vec<R> {
        match &environment.covariance {
            Covariance::Explicit { levels, .. } => levels.iter().map(|l| f.on(l)).collect(),
            Covariance::PowerLaw { law, .. } => [1.0f64, 2.0, 3.0, 10.0, 100.0, 1e4, 1e6]
                .iter()
                .map(|k| f.at(&R::from_f64(*k).powf(&R::from_f64(-law.beta())), 0))
                .collect(),
        }
    };
    match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => Ok((vec![a.clone()], vec![b.clone()])),
        (Value::Spectral(f), Value::Spectral(g)) => Ok((at_eigenvalues(f), at_eigenvalues(g))),
        // Equal functions of Σ make equal vectors; on a general target the converse holds too.
        (Value::Target { f, row }, Value::Target { f: g, row: other }) if row == other => {
            Ok((at_eigenvalues(f), at_eigenvalues(g)))
        }
        _ => {
            let a = left.dense_beside(right, &environment.covariance)?;
            let b = right.dense_beside(left, &environment.covariance)?;
            if (a.rows, a.cols) != (b.rows, b.cols) {
                return Err(EvaluationError::Unsupported(format!(
                    "the sides are a {}x{} and a {}x{} matrix",
                    a.rows, a.cols, b.rows, b.cols
                )));
            }
            Ok((a.entries, b.entries))
        }
    }
}
