//! Points of a domain, looked at one by one.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::accounting::Accounting;
use super::assignment::Assignment;
use super::gap::{Drawing, EQUAL, Gap, PRECISIONS, ROUGH, gap_at, settled};
use super::problem::{Effort, Problem};
use super::sampler::{About, Sampler};
use super::touch::{Meeting, meeting};
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::term::evaluate::{EvaluationError, MAX_STEPS};

/// A point whose error bound exceeds this share of the terms' size decides nothing.
const RESOLVED: f64 = 1e-6;

/// Points that come to nothing before the assumptions are given up.
const BARREN: usize = 24;
/// A search ends before the budget does: what it saw counts.
const NEARLY_ALL: f64 = 0.9;
/// Points that have more digits than double-double numbers where these are dear.
const FEW: usize = 8;
/// The share of the nodes that may be visited for as many digits as it takes, and for the first step beyond
/// double-double numbers.
const IN_ALL_DIGITS: f64 = 0.3;
const IN_MORE_DIGITS: f64 = 0.4;

/// Points at which sides that agree in all digits are looked at in more.
const FINER: usize = 3;

/// Points at which sides that agree to many digits are told apart with more of them.
const MOST_CLOSE: usize = 30;
/// Rough looks for each point, the draws of one, and their numbers.
const GLANCES: u64 = 10;
const DRAWS: u64 = 3;
const GLANCED: u64 = 1 << 16;
/// Streams of points of a certain shape.
const SHAPED: u64 = 1 << 35;
/// Of the draws that look like a violation, how many are looked at.
const WORST: usize = 16;

/// A point that was evaluated, and how near it comes to violating the claim.
#[derive(Clone, Debug)]
pub struct Seen {
    pub violated: bool,
    /// Whether the sides are told from each other, however near they are, and stand the wrong way round.
    pub told: bool,
    pub excess: f64,
    /// What became of sides that agree, where that was asked.
    pub met: Option<Meeting>,
    /// The excess as a share of the larger side, where `excess` is one of the largest term.
    pub of_sides: f64,
    pub faint: bool,
    /// Whether it is certain that the claim, of numbers, holds here.
    pub certain: bool,
    /// Bits it took to see it.
    pub bits: usize,
    pub at: Assignment,
    pub drawing: Drawing,
}

impl Seen {
    /// Violations before margins, and among them the largest first. A strict inequality is violated by an excess
    /// of zero, so that the excess alone would not tell.
    pub fn order(&self, other: &Self) -> Ordering {
        (other.violated.cmp(&self.violated)).then(other.excess.total_cmp(&self.excess))
    }

    pub fn is_worse_than(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Less
    }
}

/// One run over the domain.
pub struct Run<'r, 'a> {
    pub problem: &'r Problem<'a>,
    pub sampler: Sampler<'r>,
    pub accounting: &'r mut Accounting,
    pub seen: Vec<Seen>,
    /// Nodes visited in all.
    pub steps: u64,
    /// Points that may still have more digits than double-double numbers.
    raisable: usize,
    /// Nodes visited for more digits than these.
    in_digits: u64,
    /// Points at which more digits were asked for where all agreed.
    finer: usize,
    /// Points at which sides that agree were told apart.
    close: usize,
}

/// Nodes visited for one claim: where a formula is long, fewer points are looked at.
fn allowance(effort: Effort) -> u64 {
    match effort {
        Effort::Quick => 2_000_000,
        Effort::Normal => 8_000_000,
        Effort::Thorough => 400_000_000,
    }
}

impl<'r, 'a> Run<'r, 'a> {
    pub fn new(
        problem: &'r Problem<'a>,
        sampler: Sampler<'r>,
        accounting: &'r mut Accounting,
    ) -> Self {
        Self {
            problem,
            sampler,
            accounting,
            seen: Vec::new(),
            steps: 0,
            raisable: usize::MAX,
            in_digits: 0,
            finer: 0,
            close: 0,
        }
    }

    /// Many digits of matrices are dear, and where an order of matrices is tight at every point they never tell.
    pub fn of_matrices(mut self) -> Self {
        self.raisable = FEW;
        self
    }

    /// Looks in double-double numbers only, as where nothing but a clear violation counts.
    pub fn without_many_digits(mut self) -> Self {
        self.raisable = 0;
        self
    }

    /// Whether `share` of what the claim may cost is spent.
    pub fn spent(&self, share: f64) -> bool {
        self.steps as f64 > share * allowance(self.problem.effort) as f64
            || budget::share_spent() > share.min(NEARLY_ALL)
    }

    /// Bits that a point may have: precision is costly, much of it only at some points.
    fn most_digits(&self) -> usize {
        match self.raisable {
            0 => 0,
            _ if self.in_digits_share() < IN_ALL_DIGITS => PRECISIONS[PRECISIONS.len() - 1],
            _ if self.in_digits_share() < IN_MORE_DIGITS => PRECISIONS[0],
            _ => 0,
        }
    }

    fn in_digits_share(&self) -> f64 {
        self.in_digits as f64 / allowance(self.problem.effort) as f64
    }

    /// Looks at a point and keeps it.
    pub fn look(&mut self, at: &Assignment, drawing: Drawing, kind: &'static str) -> Option<Seen> {
        let op = self.problem.says.op;
        let most = self.most_digits();
        // What agrees in thirty digits may differ in the next, and in the next thousand.
        let least = if self.finer < FINER { most } else { 0 };
        let gap = match settled(self.problem, at, &drawing, (least, most)) {
            Ok(gap) => gap,
            Err(error) => {
                self.failed(error, kind);
                return None;
            }
        };
        self.steps += gap.steps;
        self.finer += usize::from(gap.bits > 200);
        if gap.bits > 200 {
            self.raisable = self.raisable.saturating_sub(1);
            self.in_digits += gap.steps;
        }
        self.accounting.draws += u64::from(self.problem.random);
        let excess = gap.excess(op);
        let strict = op.is_strict();
        // What holds by next to nothing is no violation, and must not end the search for one.
        let against = gap.violates(op);
        let agrees = strict && excess <= EQUAL && against && self.close < MOST_CLOSE;
        let met = agrees.then(|| {
            self.close += 1;
            meeting(self.problem, &self.sampler, at, &drawing)
        });
        let held = met == Some(Meeting::Apart);
        // Where the sides part elsewhere, agreement to the digits that are to be had is none.
        let open = match met {
            Some(Meeting::Coarse) => true,
            Some(Meeting::Open) => self.parts(),
            _ => false,
        };
        let violated = against && !held && !open;
        if gap.sign.is_none() && !violated && !held && (strict || gap.blur() > RESOLVED) {
            let what = "the two sides cancel beyond the precision of the evaluation";
            let edge = ["switch", "tight", "tied", "shape", "search"].contains(&kind);
            self.accounting.unresolved(what.into(), edge);
            return None;
        }
        self.accounting.evaluated(at, kind);
        let equality = op == RelationOp::Eq;
        self.accounting
            .saw(if equality { excess } else { -excess }, equality);
        let detects = self.accounting.detects.unwrap_or(0.0);
        self.accounting.detects = Some(detects.max(gap.blur()));
        let point = Seen {
            violated,
            told: gap.sign.is_some_and(|sign| sign != Ordering::Equal) && gap.violates(op),
            met,
            excess,
            of_sides: gap.excess_of_sides(op),
            faint: gap.faint,
            certain: gap.sign.is_some() && !gap.violates(op) && !gap.is_matrix,
            bits: gap.bits,
            at: at.clone(),
            drawing,
        };
        self.seen.push(point.clone());
        Some(point)
    }

    /// Whether the claim holds clearly somewhere.
    pub fn parts(&self) -> bool {
        self.seen.iter().any(|point| point.excess < -ROUGH)
    }

    /// Looks where the claim was refuted before; whether it fails there.
    pub fn revisit(&mut self) -> bool {
        let problem = self.problem;
        let mut fails = false;
        for (index, point) in problem.known.iter().enumerate() {
            if let Some(at) = point.place(problem, &self.sampler) {
                let seen = self.look(&at, Drawing::number(index as u64), "known");
                fails |= seen.is_some_and(|seen| seen.violated);
            }
        }
        fails
    }

    fn failed(&mut self, error: EvaluationError, kind: &str) {
        match error {
            EvaluationError::Unresolved(what) => {
                let edge = ["switch", "tight", "tied", "special", "ends", "small"].contains(&kind)
                    && what.contains("too close to call");
                self.accounting.unresolved(what, edge);
            }
            EvaluationError::Undefined(what) => self.accounting.undefined(what),
            other => {
                if matches!(other, EvaluationError::Budget) {
                    self.steps += MAX_STEPS;
                }
                self.accounting.unsupported(other.to_string());
            }
        }
    }

    /// Looks at every point of a domain that has few: whether the claim certainly holds at all of them. `None` where there are
    /// more, or work for some of them only.
    pub fn everywhere(&mut self, most: usize) -> Option<bool> {
        let mut stream = self.problem.stream(0);
        let points = self.sampler.every_point(&mut stream, most)?;
        let mut certain = !points.is_empty();
        for at in points {
            if self.spent(1.0) {
                return None;
            }
            let seen = self.look(&at, Drawing::default(), "every");
            certain &= seen.as_ref().is_some_and(|point| point.certain);
            if seen.is_some_and(|point| point.violated) {
                break;
            }
        }
        Some(certain)
    }

    /// Points of every kind; for an open target every single direction at some of them, which is all of them for
    /// claims that are linear in `c_j²`.
    pub fn sweep(&mut self, wanted: usize) {
        let problem = self.problem;
        let about = About::of(problem.scope, &[&problem.says.lhs, &problem.says.rhs]);
        let directions = about.target && self.sampler.open_target() && !problem.random;
        let mut barren = 0;
        for index in 0..wanted as u64 {
            // The search needs as much again; where moments are not known, simulation must do.
            let violated = || self.seen.iter().any(|point| point.violated);
            if budget::share_spent() > 0.5 && index < wanted as u64 / 4 && !violated() {
                // Fewer points than a quick look has: too little of the domain, and the claim says so.
                let _ = budget::charge(u64::MAX);
            }
            if self.spent(0.5) || self.knows_too_few_means(index) {
                break;
            }
            // Fewer points that are told from each other say more than many that are not.
            if self.in_digits_share() >= IN_ALL_DIGITS && index >= wanted as u64 / 4 {
                break;
            }
            let mut stream = problem.stream(index);
            let Some((at, corner)) = self.sampler.point(&mut stream, index) else {
                barren += 1;
                if barren > BARREN && self.accounting.offered == 0 {
                    break;
                }
                continue;
            };
            self.look(&at, Drawing::number(index), corner.name());
            if directions && index % 3 == 1 {
                for mut trial in single_directions(&at) {
                    if self.spent(0.5) {
                        break;
                    }
                    if self.sampler.settle(&mut stream, &mut trial, None) {
                        self.look(&trial, Drawing::number(index), "direction");
                    }
                }
            }
            if self.seen.last().is_some_and(|point| point.violated) && index > 40 {
                break;
            }
        }
    }
}

impl Run<'_, '_> {
    /// Whether means are unknown at nearly all points. Where they are known at some, such as a dimension of 1, a claim may fail
    /// there.
    fn knows_too_few_means(&self, offered: u64) -> bool {
        const FIRST: u64 = 12;
        const MOST: usize = 40;
        let unknown = self.accounting.unsupported;
        let none = self.seen.is_empty() && offered >= FIRST;
        self.problem.expectation && unknown > 1 && (none || unknown > MOST)
    }

    /// Corners of the domain, and shapes of spectrum and target at which inequalities are sharp, beside the best points.
    pub fn shapes(&mut self) {
        const BESIDE: usize = 2;
        self.seen.sort_by(Seen::order);
        let best: Vec<Assignment> = (self.seen.iter().take(BESIDE))
            .map(|point| point.at.clone())
            .collect();
        for corner in best
            .iter()
            .take(1)
            .flat_map(|at| self.sampler.vertices(at))
            .collect::<Vec<_>>()
        {
            if self.spent(0.5) {
                return;
            }
            self.look(&corner, Drawing::default(), "tight");
        }
        for (i, at) in best.iter().enumerate() {
            let mut stream = self.problem.stream(SHAPED | i as u64);
            let mut trials = self.sampler.shapes(&mut stream, at);
            trials.extend(self.sampler.extreme_levels(&mut stream, at));
            for trial in trials {
                if self.spent(0.5) {
                    return;
                }
                self.look(&trial, Drawing::default(), "shape");
            }
        }
    }

    /// A rough look, in double precision, at many more draws of random objects: those that look worst are looked at like
    /// the others.
    pub fn glance(&mut self, wanted: usize) {
        let problem = self.problem;
        let mut glances: Vec<(f64, Assignment, Drawing, &'static str)> = Vec::new();
        for number in 0..GLANCES * wanted as u64 {
            if self.spent(0.6) {
                break;
            }
            let index = GLANCED + number;
            let Some((at, corner)) = self.sampler.point(&mut problem.stream(index), number) else {
                continue;
            };
            for draw in 0..DRAWS {
                let drawing = Drawing::number(index << 8 | draw);
                let Ok(gap) = gap_at::<f64>(problem, &at, &drawing) else {
                    break;
                };
                self.steps += gap.steps;
                let excess = gap.excess(problem.says.op);
                if excess > ROUGH {
                    glances.push((excess, at.clone(), drawing, corner.name()));
                }
            }
        }
        // The largest may be rounding, the smallest surely are.
        glances.sort_by(|a, b| b.0.total_cmp(&a.0));
        let step = (glances.len() / WORST).max(1);
        let largest = glances.iter().take(WORST / 2);
        let others = glances.iter().skip(WORST / 2).step_by(step).take(WORST / 2);
        for (_, at, drawing, corner) in largest.chain(others) {
            if self.spent(0.7) {
                break;
            }
            let seen = self.look(at, drawing.clone(), corner);
            if seen.is_some_and(|point| point.violated) {
                break;
            }
        }
    }
}

/// Whether both sides of a strict inequality agree to 20 digits, and not for a term that is lost beside others.
pub fn touches(gap: &Gap, op: RelationOp) -> bool {
    let strict = op.is_strict();
    strict && gap.moderate && !gap.faint && gap.radius < EQUAL && gap.excess(op) >= -EQUAL
}

/// The target on one level at a time, where it is on several.
pub fn single_directions(at: &Assignment) -> Vec<Assignment> {
    if at.spectrum.len() < 2 {
        return Vec::new();
    }
    let single = |which: usize| {
        let mut trial = at.clone();
        for (i, level) in trial.spectrum.iter_mut().enumerate() {
            level.mass = if i == which {
                BigRational::one()
            } else {
                BigRational::zero()
            };
        }
        trial
    };
    (0..at.spectrum.len()).map(single).collect()
}
