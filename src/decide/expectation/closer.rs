//! A closer look at what no point shows by itself: an equality that all points deny a little, taken together, and
//! inequalities where they are nearest to violation.

use super::simulated::simulate;
use super::{DISMISSED, Survey, Tested, reading, violation};
use crate::budget;
use crate::decide::estimate::{Estimate, Estimator};
use crate::decide::judgement::Outcome;
use crate::decide::problem::Effort;
use crate::formula::ast::RelationOp;

/// Standard errors of the pooled discrepancy that call for a closer look, and that are more than chance after it.
const SUSPECT: f64 = 2.0;
const TOGETHER: f64 = 4.0;
/// Fewest points that say something together.
const FEWEST: usize = 6;
/// Points that are looked at, the work of one as a multiple of what the plan has for a point, and its most draws.
const LOOKED_AT: usize = 3;
const LONGER: f64 = 5.0;
const MOST: usize = 200_000;
/// The mean of a sample whose largest square is this share of all tends to lie below the truth, as at all other points.
const SKEWED: f64 = 0.05;
/// An inequality is near its violation where it is not farther from it than so many times what would have been seen.
const NEAR: f64 = 1.0;
/// Streams of their own.
const STREAMS: u64 = 9000;

impl Survey<'_, '_> {
    pub(super) fn closer_look(&mut self) -> Option<Outcome> {
        let op = self.problem.says.op;
        if self.problem.effort == Effort::Quick {
            return None;
        }
        if op != RelationOp::Eq {
            self.worst_first();
            let near = |(_, _, e): &Tested| violation(op, e).1 >= -NEAR * reading::resolution(e);
            let ranks: Vec<usize> = (0..self.tested.len())
                .filter(|&i| near(&self.tested[i]))
                .take(LOOKED_AT)
                .collect();
            return self.longer(&ranks);
        }
        let z = pooled(&self.tested).map_or(0.0, |pooled| pooled.1);
        let mut ranks: Vec<usize> = (0..self.tested.len()).collect();
        if z.abs() >= SUSPECT {
            ranks.retain(|&i| self.tested[i].2.gap.is_sign_positive() == z.is_sign_positive());
            ranks.sort_by(|&i, &j| self.tested[j].0.total_cmp(&self.tested[i].0));
        } else {
            // Where the same work shows most.
            let blunt = |i: &usize| {
                let (_, at, estimate) = &self.tested[*i];
                let work = Estimator::new(self.problem, at).map_or(f64::INFINITY, |e| {
                    e.work_per_replicate() * estimate.replicates as f64
                });
                work * reading::resolution(estimate).powi(2)
            };
            ranks.sort_by_cached_key(|i| ordered(blunt(i)));
        }
        ranks.truncate(LOOKED_AT);
        if let Some(found) = self.longer(&ranks) {
            return Some(found);
        }
        let (share, z) = pooled(&self.tested)?;
        if z.abs() >= TOGETHER {
            self.accounting.veto(format!(
                "taken together, the points deny the equality by {:.2} %, which is {:.1} standard errors; none does \
                 so by itself",
                100.0 * share.abs(),
                z.abs()
            ));
        }
        None
    }

    /// These points again, by as many draws as more work allows.
    fn longer(&mut self, ranks: &[usize]) -> Option<Outcome> {
        for &i in ranks {
            if budget::left() as f64 <= LONGER * self.plan.work {
                return None;
            }
            let at = self.tested[i].1.clone();
            let batch = STREAMS + i as u64;
            let work = LONGER * self.plan.work;
            let Ok(estimate) = simulate(self.problem, &at, MOST, work, batch) else {
                continue;
            };
            if estimate.replicates <= self.tested[i].2.replicates {
                continue;
            }
            let found = self.confirmed(&at, &estimate, batch);
            if found.is_some() {
                return found;
            }
            self.tested[i].0 = violation(self.problem.says.op, &estimate).0;
            self.tested[i].2 = estimate;
        }
        None
    }
}

/// As a whole number in the same order, of a number that is not negative.
fn ordered(x: f64) -> u64 {
    x.to_bits()
}

/// The discrepancy that all points have together, as a share of the sides, and how many standard errors that is.
fn pooled(tested: &[Tested]) -> Option<(f64, f64)> {
    let plain = |e: &&Estimate| {
        e.tail.is_some_and(|tail| tail < SKEWED) && e.standard_error > 0.0 && e.scale > 0.0
    };
    let points: Vec<&Estimate> = tested.iter().map(|t| &t.2).filter(plain).collect();
    if points.len() < FEWEST {
        return None;
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    for estimate in points {
        let error = estimate.standard_error / estimate.scale;
        let weight = error.powi(-2);
        // What one point says alone is told elsewhere.
        let gap = estimate.gap / estimate.scale;
        sum += weight * gap.clamp(-DISMISSED * error, DISMISSED * error);
        weights += weight;
    }
    Some((sum / weights, sum / weights.sqrt()))
}
