//! Inequalities: points at which deterministic equivalents say that they fail.

use std::cmp::Ordering;

use super::glance::order_of_sizes;
use super::{HOPELESS, LARGE_CAP, Survey, violation};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::equivalents::either_sides;
use crate::decide::estimate::Estimator;
use crate::decide::judgement::Outcome;
use crate::decide::moves::{Movable, moved};
use crate::decide::problem::Problem;
use crate::decide::sampler::Sampler;
use crate::formula::ast::RelationOp;

/// Streams of these points, and of moves from them.
const FORESEEN: u64 = 1 << 18;
/// Points that are asked; so many without an equivalent, before the first with one, and there is none.
const ASKED: u64 = 80;
const REFUSED: usize = 8;
/// Every so many of them may have larger sizes than simulations are drawn at.
const LARGE_EACH: u64 = 4;
const LARGER_CAP: f64 = 120.0;
/// Points from which moves are tried, and how many.
const CLIMBS: usize = 4;
const MOVES: usize = 120;
/// Multiples of the usual replicates where a first look leaves it open.
const MORE: [f64; 2] = [4.0, 16.0];
/// The part of what is left of the budget that these may cost.
const PART: f64 = 0.25;

/// A point, how its sizes compare, and by what share of the larger side equivalents violate the claim there.
struct Foreseen {
    excess: f64,
    order: Vec<Ordering>,
    at: Assignment,
}

impl Survey<'_, '_> {
    /// Equivalents vary smoothly, and cost no draws: where they violate the claim, or moves lead to where they do, a visit.
    pub(super) fn foreseen(&mut self) -> Option<Outcome> {
        if self.problem.says.op == RelationOp::Eq {
            return None;
        }
        let reserve = budget::left() / 8 * 7;
        let mut seen = self.asked(reserve);
        seen.sort_by(|a, b| b.excess.total_cmp(&a.excess));
        let mut starts: Vec<&Foreseen> = Vec::new();
        // The worst, and the worst whose sizes are in other orders.
        for point in &seen {
            if starts.iter().all(|start| start.order != point.order) {
                starts.push(point);
            }
        }
        let climbed: Vec<(f64, Assignment)> = (starts.into_iter().take(CLIMBS).enumerate())
            .map(|(number, start)| self.worse_than(start, number as u64, reserve))
            .collect();
        let mut violated: Vec<(f64, Assignment)> = climbed
            .into_iter()
            .filter(|(excess, _)| *excess > 0.0)
            .collect();
        violated.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut visits = violated.into_iter().enumerate();
        visits.find_map(|(number, (_, at))| self.sought(at, FORESEEN + ASKED + number as u64))
    }

    /// A visit to where a violation is foreseen, with as many more replicates as it takes to see it, as long as it looks as if
    /// there were one.
    fn sought(&mut self, at: Assignment, index: u64) -> Option<Outcome> {
        let found = self.visit(at.clone(), "search", index);
        if found.is_some() {
            return found;
        }
        for (round, factor) in (1..).zip(MORE) {
            let batch = index + round * (1 << 14);
            let dear = |e: &Estimator<'_>| {
                let work = factor
                    * self
                        .plan
                        .work
                        .min(self.plan.replicates as f64 * e.work_per_replicate());
                work > PART * budget::left() as f64
            };
            let estimator = Estimator::new(self.problem, &at).ok()?;
            if dear(&estimator) {
                return None;
            }
            let estimate = self.simulate(&at, factor, batch).ok()?;
            let found = self.confirmed(&at, &estimate, batch);
            if found.is_some() || violation(self.problem.says.op, &estimate).0 < HOPELESS {
                return found;
            }
        }
        None
    }

    /// Points of the domain that have equivalents.
    fn asked(&self, reserve: u64) -> Vec<Foreseen> {
        let (usual, larger) = (self.sampler(LARGE_CAP), self.sampler(LARGER_CAP));
        let mut seen: Vec<Foreseen> = Vec::new();
        let mut refused = 0;
        for number in 0..ASKED {
            if budget::left() < reserve || seen.is_empty() && refused == REFUSED {
                break;
            }
            let sampler = match number.is_multiple_of(LARGE_EACH) {
                true => &larger,
                false => &usual,
            };
            let index = FORESEEN + number;
            let Some((at, _)) = sampler.point(&mut self.problem.stream(index), index) else {
                continue;
            };
            match excess(self.problem, &at) {
                Some(excess) => seen.push(Foreseen {
                    excess,
                    order: order_of_sizes(sampler, &at),
                    at,
                }),
                None => refused += 1,
            }
        }
        seen
    }

    /// Where random moves from a point lead.
    fn worse_than(&self, start: &Foreseen, number: u64, reserve: u64) -> (f64, Assignment) {
        let sampler: Sampler<'_> = self.sampler(LARGER_CAP);
        let mut stream = self.problem.stream(FORESEEN + (1 << 12) + number);
        let (mut best, mut at) = (start.excess, start.at.clone());
        let mut step = 1.0;
        for _ in 0..MOVES {
            if budget::left() < reserve {
                break;
            }
            let Some(trial) = moved(&at, &sampler, &mut stream, step, Movable::All) else {
                continue;
            };
            match excess(self.problem, &trial) {
                Some(excess) if excess > best => {
                    (best, at, step) = (excess, trial, f64::min(step * 1.3, 2.0));
                }
                _ => step = f64::max(step * 0.95, 0.03),
            }
        }
        (best, at)
    }
}

/// By what share of the larger side the equivalents violate the claim.
fn excess(problem: &Problem<'_>, at: &Assignment) -> Option<f64> {
    let (lhs, rhs) = either_sides(problem, at)?;
    let share = (lhs - rhs) / lhs.abs().max(rhs.abs());
    share.is_finite().then_some(match problem.says.op {
        RelationOp::Ge | RelationOp::Gt => -share,
        _ => share,
    })
}
