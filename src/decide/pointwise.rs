//! Equalities and inequalities decided point by point, in balls: a discrepancy counts only where it exceeds
//! every rounding error that went into it.

use std::cmp::Ordering;

use super::assignment::{Assignment, short_decimal};
use super::problem::{Effort, Problem};
use super::sampler::{Corner, Sampler};
use super::verdict::{Finding, Verdict};
use super::witness;
use crate::formula::ast::{BinaryOp, Expr, Node, RelationOp};
use crate::formula::evaluate::{
    Covariance, Draw, Environment, EvaluationError, Evaluator, LinearAlgebra, MAX_STEPS, Value,
    plan,
};
use crate::number::{Ball, rational_to_f64};
use crate::simulate::Stream;

/// Sizes (whole numbers) up to which random identities are drawn.
const RANDOM_CAP: f64 = 7.0;
/// A point whose error bound exceeds this share of the terms' size decides nothing.
const RESOLVED: f64 = 1e-6;
/// Discrepancies below this share of the terms' size cannot be confirmed in double precision.
const CONFIRMABLE: f64 = 1e-9;
/// A discrepancy in double precision, on small random matrices, that no rounding explains; and how many draws
/// are looked at for one.
const CLEAR: f64 = 1e-6;
const DRAWS: u64 = 4;
/// Where a strict inequality is claimed, agreement to this share counts as equality.
const EQUAL: f64 = 1e-20;
/// The finest relative step of the search for violations.
const FINEST: f64 = 1e-7;
/// Fewest points that make a verdict.
const FEWEST: usize = 5;

/// Both sides of a claim at one point.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    pub lhs: f64,
    pub rhs: f64,
    /// `(lhs − rhs)/scale`; for matrices, of the entry where it is largest.
    pub relative: f64,
    /// Bound on the error of `relative`.
    pub radius: f64,
    /// Whether a side has a term that is lost in rounding beside the others, or below every positive number: a
    /// strict inequality may rest on it.
    faint: bool,
    /// Nodes visited.
    steps: u64,
}

impl Gap {
    /// By how much the claim is violated, in units of the terms' size; negative is the margin left.
    fn excess(&self, op: RelationOp) -> f64 {
        match op {
            RelationOp::Le | RelationOp::Lt => self.relative,
            RelationOp::Ge | RelationOp::Gt => -self.relative,
            _ => self.relative.abs(),
        }
    }

    fn violates(&self, op: RelationOp) -> bool {
        let strict = matches!(op, RelationOp::Lt | RelationOp::Gt);
        self.excess(op) > self.radius
            || strict && !self.faint && self.radius < EQUAL && self.excess(op) >= -self.radius
    }
}

/// Evaluates both sides at a point; random objects, if any, are drawn from `stream`.
pub fn gap_at<R: LinearAlgebra>(
    problem: &Problem<'_>,
    assignment: &Assignment,
    stream: &mut Stream,
) -> Result<Gap, EvaluationError> {
    let mut environment = assignment.environment::<R>(problem.scope)?;
    if problem.random {
        let plans = plan(problem.scope, &environment, &problem.objects)?;
        environment.draw = Some(Draw::new(&plans, &environment, stream)?);
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
        .fold(0.0, |m: f64, x| m.max(x.midpoint().abs()));
    if left.len() == 1 {
        for side in [&problem.says.lhs, &problem.says.rhs] {
            scale = scale.max(size_of_terms(problem, side, &evaluator, 0));
        }
    }
    let strict = matches!(problem.says.op, RelationOp::Lt | RelationOp::Gt);
    let faint = strict
        && left.len() == 1
        && [&problem.says.lhs, &problem.says.rhs]
            .into_iter()
            .any(|side| has_faint_term(problem, side, &evaluator, scale, 0));
    let mut worst: Option<Gap> = None;
    for (l, r) in left.iter().zip(&right) {
        let difference = l.clone() - r.clone();
        if !(difference.is_finite() && scale.is_finite()) {
            return Err(EvaluationError::Undefined(
                "a value that is not finite".into(),
            ));
        }
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let gap = Gap {
            lhs: l.midpoint(),
            rhs: r.midpoint(),
            relative: difference.midpoint() / scale,
            radius: difference.radius() / scale,
            faint,
            steps: evaluator.steps(),
        };
        if worst
            .as_ref()
            .is_none_or(|w| gap.relative.abs() - gap.radius > w.relative.abs() - w.radius)
        {
            worst = Some(gap);
        }
    }
    worst.ok_or_else(|| EvaluationError::Undefined("an empty matrix".into()))
}

/// The numbers to compare: a scalar, a function of `Σ` at every eigenvalue, the entries of a matrix.
fn entries<R: LinearAlgebra>(
    left: &Value<R>,
    right: &Value<R>,
    environment: &Environment<R>,
) -> Result<(Vec<R>, Vec<R>), EvaluationError> {
    let at_eigenvalues = |f: &crate::formula::evaluate::Spectral<R>| -> Vec<R> {
        match &environment.covariance {
            Covariance::Explicit { levels, .. } => levels.iter().map(|l| f.at(&l.value)).collect(),
            Covariance::PowerLaw { law, .. } => [1.0f64, 2.0, 3.0, 10.0, 100.0, 1e4, 1e6]
                .iter()
                .map(|k| f.at(&R::from_f64(*k).powf(&R::from_f64(-law.beta()))))
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
            let size = |v: &Value<R>| match v {
                Value::Matrix(m) if m.rows == m.cols => Some(m.rows),
                Value::Scalar(_) => Some(1),
                _ => None,
            };
            let a = left.dense(&environment.covariance, size(right))?;
            let b = right.dense(&environment.covariance, size(left))?;
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

/// The largest term of a sum, through definitions: what a cancellation is to be measured against.
fn size_of_terms<'a, R: LinearAlgebra>(
    problem: &'a Problem<'_>,
    expr: &'a Expr,
    evaluator: &Evaluator<'a, R>,
    depth: usize,
) -> f64 {
    let size = |e: &'a Expr| size_of_terms(problem, e, evaluator, depth + 1);
    match &*expr.node {
        _ if depth > 40 => 0.0,
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => size(a).max(size(b)),
        Node::Neg(a) => size(a),
        Node::Name(name) if problem.scope.expansion(name).is_some() => {
            problem.scope.expansion(name).map_or(0.0, size)
        }
        _ => evaluator.scalar(expr).map_or(0.0, |x| x.midpoint().abs()),
    }
}

/// Whether a sum, through definitions, has a term that beside `scale` counts for nothing and yet is not zero.
fn has_faint_term<'a, R: LinearAlgebra>(
    problem: &'a Problem<'_>,
    expr: &'a Expr,
    evaluator: &Evaluator<'a, R>,
    scale: f64,
    depth: usize,
) -> bool {
    let within = |e: &'a Expr| has_faint_term(problem, e, evaluator, scale, depth + 1);
    match &*expr.node {
        _ if depth > 40 => false,
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => within(a) || within(b),
        Node::Neg(a) => within(a),
        Node::Name(name) if problem.scope.expansion(name).is_some() => {
            problem.scope.expansion(name).is_some_and(within)
        }
        _ => evaluator.scalar(expr).is_ok_and(|x| {
            let size = x.midpoint().abs() + x.radius();
            size > 0.0 && (size < EQUAL * scale || x.midpoint() == 0.0)
        }),
    }
}

/// A point that was evaluated, and how near it comes to violating the claim.
#[derive(Clone)]
struct Seen {
    violated: bool,
    excess: f64,
    at: Assignment,
    draw: u64,
}

impl Seen {
    /// Violations before margins, and among them the largest first. A strict inequality is violated by an excess
    /// of zero, so that the excess alone would not tell.
    fn order(&self, other: &Self) -> Ordering {
        (other.violated.cmp(&self.violated)).then(other.excess.total_cmp(&self.excess))
    }

    fn is_worse_than(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Less
    }
}

/// Tallies of one run over the domain.
#[derive(Default)]
struct Tally {
    points: usize,
    discarded: usize,
    unsupported: Option<String>,
    undefined: Option<String>,
    worst: Option<f64>,
    detects: f64,
    /// Nodes visited in all.
    steps: u64,
}

/// Nodes visited for one claim: where a formula is long, fewer points are looked at.
fn allowance(effort: Effort) -> u64 {
    match effort {
        Effort::Quick => 2_000_000,
        Effort::Normal => 8_000_000,
        Effort::Thorough => 400_000_000,
    }
}

/// Decides an equality or inequality without expectations.
pub fn decide(problem: &Problem<'_>) -> Finding {
    let op = problem.says.op;
    let cap = if problem.random {
        RANDOM_CAP
    } else {
        f64::INFINITY
    };
    let sampler = Sampler::new(problem.scope, &[&problem.says.lhs, &problem.says.rhs], cap);
    let wanted = if sampler.is_constant() && !problem.random {
        1
    } else {
        match (problem.effort, problem.random) {
            (Effort::Quick, false) => 48,
            (Effort::Normal, false) => 192,
            (Effort::Thorough, false) => 1536,
            (Effort::Quick, true) => 16,
            (Effort::Normal, true) => 40,
            (Effort::Thorough, true) => 240,
        }
    };
    let mut tally = Tally::default();
    let mut seen: Vec<Seen> = Vec::new();
    let mut barren = 0;
    for index in 0..wanted as u64 {
        // The search needs as much again.
        if tally.steps > allowance(problem.effort) / 2 {
            break;
        }
        let mut stream = problem.stream(index);
        let Some(assignment) = draw(
            &sampler,
            &mut stream,
            index,
            problem.scope.assumptions.len(),
        ) else {
            barren += 1;
            if barren > 24 && tally.points == 0 {
                break;
            }
            continue;
        };
        record(problem, &assignment, index, &mut tally, &mut seen);
    }
    let equality = op == RelationOp::Eq;
    if !equality && !seen.is_empty() {
        search(problem, &sampler, &mut tally, &mut seen, wanted as u64);
    }
    let kind = match (problem.random, equality) {
        (false, true) => "evaluation with error bounds",
        (false, false) => "evaluation with error bounds, local search for violations",
        (true, true) => "evaluation on random draws with error bounds",
        (true, false) => {
            "evaluation on random draws with error bounds, local search for violations"
        }
    };
    seen.sort_by(Seen::order);
    let mut finding = conclude(problem, &sampler, &tally, &seen, kind);
    finding.points = tally.points;
    finding.discarded = tally.discarded;
    if finding.worst.is_none() {
        finding.worst = tally.worst;
    }
    if finding.verdict == Verdict::Supported {
        finding.detects = Some(tally.detects);
    }
    finding
}

/// One point, of a kind that depends on its number.
pub fn draw(
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    index: u64,
    assumptions: usize,
) -> Option<Assignment> {
    let turn = (index / 8) as usize;
    let corner = match index % 8 {
        3 | 7 => Corner::Ends,
        4 if assumptions > 0 => Corner::Tight(turn),
        5 if sampler.kinks() > 0 => Corner::Kink(turn),
        6 => Corner::Special(turn),
        _ => Corner::Inside,
    };
    sampler
        .draw(stream, corner)
        .or_else(|| sampler.draw(stream, Corner::Inside))
}

fn record(
    problem: &Problem<'_>,
    assignment: &Assignment,
    draw: u64,
    tally: &mut Tally,
    seen: &mut Vec<Seen>,
) -> Option<Seen> {
    let gap = match gap_at::<Ball>(problem, assignment, &mut problem.draws(draw)) {
        Ok(gap) => gap,
        Err(EvaluationError::Undefined(what)) => {
            tally.points += 1;
            tally.discarded += 1;
            tally.undefined.get_or_insert(what);
            return None;
        }
        Err(other) => {
            if matches!(other, EvaluationError::Budget) {
                tally.steps += MAX_STEPS;
            }
            tally.points += 1;
            tally.discarded += 1;
            tally.unsupported.get_or_insert(other.to_string());
            return None;
        }
    };
    tally.points += 1;
    tally.steps += gap.steps;
    let violated = gap.violates(problem.says.op);
    if gap.radius > RESOLVED && !(violated && gap.excess(problem.says.op) > 4.0 * gap.radius) {
        tally.discarded += 1;
        tally
            .undefined
            .get_or_insert("the two sides cancel beyond the precision of the evaluation".into());
        return None;
    }
    let excess = gap.excess(problem.says.op);
    tally.detects = tally.detects.max(gap.radius);
    tally.worst = Some(match (tally.worst, problem.says.op) {
        (None, RelationOp::Eq) => excess,
        (None, _) => -excess,
        (Some(worst), RelationOp::Eq) => worst.max(excess),
        (Some(worst), _) => worst.min(-excess),
    });
    let point = Seen {
        violated,
        excess,
        at: assignment.clone(),
        draw,
    };
    seen.push(point.clone());
    Some(point)
}

/// From the points with the least margin, small random moves that are kept where they lessen it.
fn search(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    tally: &mut Tally,
    seen: &mut Vec<Seen>,
    first: u64,
) {
    let (starts, moves) = match (problem.effort, problem.random) {
        (Effort::Quick, _) => (2, 30),
        (Effort::Normal, false) => (6, 200),
        (Effort::Normal, true) => (3, 40),
        (Effort::Thorough, _) => (16, 400),
    };
    seen.sort_by(Seen::order);
    if seen[0].violated {
        return;
    }
    // The nearest to violation, but from different regions: every second of the best.
    let chosen: Vec<Seen> = seen.iter().step_by(2).take(starts).cloned().collect();
    for (which, mut best) in chosen.into_iter().enumerate() {
        let mut stream = problem.stream(first + 1 + which as u64);
        let mut step = 0.5;
        // Each start has the same part of what is left.
        let end = (which + 1) as f64 / starts as f64;
        for _ in 0..moves {
            if tally.steps as f64 > end.max(0.6) * allowance(problem.effort) as f64 {
                break;
            }
            let Some(trial) = moved(&best.at, sampler, &mut stream, step) else {
                continue;
            };
            let before = seen.len();
            let Some(point) = record(problem, &trial, best.draw, tally, seen) else {
                step = f64::max(step * 0.9, FINEST);
                continue;
            };
            if point.is_worse_than(&best) {
                best = point;
                step = f64::min(step * 1.5, 3.0);
                if best.violated {
                    return;
                }
            } else {
                seen.truncate(before);
                step = f64::max(step * 0.93, FINEST);
            }
        }
    }
}

/// A neighbour of an assignment: one or two coordinates changed by about `step`, relatively.
pub fn moved(
    at: &Assignment,
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    step: f64,
) -> Option<Assignment> {
    let names: Vec<(&str, bool, bool)> = sampler.symbols().collect();
    let levels = at.spectrum.len();
    let coordinates = names.len() + 2 * levels;
    if coordinates == 0 {
        return None;
    }
    let mut trial = at.clone();
    for _ in 0..1 + (stream.uniform() * 2.0) as usize {
        let which = (stream.uniform() * coordinates as f64) as usize % coordinates;
        let push = step * stream.normal();
        if let Some((name, whole, log)) = names.get(which) {
            let (low, high) = sampler.range_of(name, &trial)?;
            let x = rational_to_f64(trial.symbols.get(*name)?);
            let (a, b) = (rational_to_f64(&low), rational_to_f64(&high));
            let mut next = match (whole, log) {
                (true, _) => (x + push.signum() * (push.abs() * x.max(1.0) * 0.5).ceil()).round(),
                (false, true) => x * push.exp(),
                (false, false) => x + push * (b - a) * 0.3,
            };
            next = next.clamp(a, b);
            let value = if *whole {
                short_decimal(next, 16)
            } else if next == a {
                low
            } else if next == b {
                high
            } else {
                let rounded = short_decimal(next, if step < 1e-3 { 12 } else { 6 });
                if rounded < low {
                    low
                } else if rounded > high {
                    high
                } else {
                    rounded
                }
            };
            trial.symbols.insert((*name).to_owned(), value);
        } else {
            let level = &mut trial.spectrum[(which - names.len()) / 2];
            if (which - names.len()).is_multiple_of(2) {
                level.value = short_decimal(rational_to_f64(&level.value) * push.exp(), 6);
            } else {
                level.mass = short_decimal(
                    (rational_to_f64(&level.mass) + 1e-3) * (2.0 * push).exp(),
                    6,
                );
            }
        }
    }
    sampler.admits(&trial).then_some(trial)
}

fn conclude(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    tally: &Tally,
    seen: &[Seen],
    kind: &str,
) -> Finding {
    let fewest = if sampler.is_constant() { 1 } else { FEWEST };
    if tally.points < fewest && tally.unsupported.is_none() {
        return Finding::new(Verdict::Vacuous, kind).because(format!(
            "the assumptions left {} of the points that were tried; at least {fewest} are needed",
            tally.points
        ));
    }
    if let Some(point) = seen.first().filter(|point| point.violated) {
        return refute(problem, sampler, point, kind);
    }
    if let Some(what) = &tally.unsupported {
        return Finding::new(Verdict::Error, kind).because(what.clone());
    }
    let resolved = tally.points - tally.discarded;
    if resolved < fewest {
        let what = tally.undefined.clone().unwrap_or_default();
        return Finding::new(Verdict::Vacuous, kind).because(format!(
            "the formula has a value at {resolved} of {} points: {what}",
            tally.points
        ));
    }
    if 10 * resolved < tally.points {
        let what = tally.undefined.clone().unwrap_or_default();
        return Finding::new(Verdict::Inconclusive, kind).because(format!(
            "only {resolved} of {} points could be resolved: {what}",
            tally.points
        ));
    }
    Finding::new(Verdict::Supported, kind)
}

fn refute(problem: &Problem<'_>, sampler: &Sampler<'_>, point: &Seen, kind: &str) -> Finding {
    let Seen {
        at: assignment,
        excess,
        draw,
        ..
    } = point;
    let (excess, draw) = (*excess, *draw);
    let op = problem.says.op;
    let strict_equal = excess <= EQUAL;
    // A simpler witness must stay a clear one.
    let clear = (0.05 * excess).max(1e-6f64.min(excess));
    let violates = |trial: &Assignment| {
        gap_at::<Ball>(problem, trial, &mut problem.draws(draw)).is_ok_and(|gap| {
            gap.violates(op)
                && if strict_equal {
                    gap.excess(op).abs() <= EQUAL
                } else {
                    gap.excess(op) >= clear.max(10.0 * gap.radius)
                }
        })
    };
    let simple = witness::shrink(assignment, sampler, violates);
    let Ok(gap) = gap_at::<Ball>(problem, &simple, &mut problem.draws(draw)) else {
        return Finding::new(Verdict::Inconclusive, kind)
            .because("the violation could not be evaluated again");
    };
    let mut found = witness::describe(&simple, problem.scope, gap.lhs, gap.rhs);
    let mut finding = Finding::new(Verdict::Refuted, kind);
    finding.worst = Some(if op == RelationOp::Eq {
        gap.excess(op)
    } else {
        -gap.excess(op)
    });
    if strict_equal {
        found.confirmed_by =
            "both sides agree to 20 digits where a strict inequality is claimed".into();
        finding.witness = Some(found);
        return finding;
    }
    if problem.random {
        // Other draws, in double precision, whatever the size of the discrepancy there.
        let again = (0..DRAWS).any(|i| {
            let fresh = draw.wrapping_add((1 + i) << 40);
            gap_at::<f64>(problem, &simple, &mut problem.draws(fresh))
                .is_ok_and(|plain| plain.excess(op) > CLEAR)
        });
        if again {
            found.confirmed_by = "a second, independent draw in double precision".into();
            finding.witness = Some(found);
            return finding;
        }
        if op != RelationOp::Eq {
            found.confirmed_by = "32 digits with error bounds on the draw of this seed".into();
            finding.witness = Some(found);
            return finding;
        }
    }
    // Other arithmetic, and the engine's own κ.
    match gap_at::<f64>(problem, &simple, &mut problem.draws(draw)) {
        Ok(plain)
            if gap.excess(op) > CONFIRMABLE
                && plain.excess(op) > 0.25 * gap.excess(op).min(1.0) =>
        {
            found.confirmed_by = if problem.random {
                "32 digits with error bounds, and again in double precision, on the draw of this seed"
            } else {
                "32 digits with error bounds, and again in double precision with the engine's own kappa"
            }
            .into();
            finding.witness = Some(found);
            finding
        }
        Ok(plain) => {
            finding.verdict = Verdict::Inconclusive;
            finding.because(format!(
                "a relative discrepancy of {:.1e} exceeds its error bound {:.1e}, but double precision shows {:.1e}",
                gap.excess(op),
                gap.radius,
                plain.excess(op)
            ))
        }
        Err(error) => {
            finding.verdict = Verdict::Inconclusive;
            finding.because(format!(
                "a violation that double precision cannot confirm: {error}"
            ))
        }
    }
}
