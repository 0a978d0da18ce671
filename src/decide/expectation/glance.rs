//! Rough looks at points: what a few replicates say, and what more of them say of those that look worst.

use std::cmp::Ordering;

use super::{LARGE_CAP, Survey, violation};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::estimate::{Estimate, Estimator};
use crate::decide::sampler::Sampler;
use crate::term::evaluate::EvaluationError;

/// Rough looks for each point, and the replicates of one.
pub(super) const SCOUTED: u64 = 12;
pub(super) const REPLICATES: usize = 60;
/// So much of what looks worst is looked at again, with so many times the replicates.
const NARROWED: [(f64, f64); 2] = [(0.5, 2.5), (0.4, 6.0)];
/// Streams of the rounds.
const ROUND: u64 = 1 << 40;

/// A rough look at a point.
pub(super) struct Glance {
    pub z: f64,
    pub relative: f64,
    pub gap: f64,
    pub order: Vec<Ordering>,
    pub at: Assignment,
    pub corner: &'static str,
    index: u64,
}

impl Survey<'_, '_> {
    /// A look at a point with a multiple of the replicates of the first one; `None` where few draws dominate.
    pub(super) fn glance(
        &self,
        at: Assignment,
        corner: &'static str,
        factor: f64,
        index: u64,
    ) -> Option<Glance> {
        let share = 0.5 * factor / SCOUTED as f64;
        let most = (factor * REPLICATES as f64) as usize;
        let estimate = self.rough(&at, share, most, index).ok()?;
        let (z, relative) = violation(self.problem.says.op, &estimate);
        (!estimate.heavy).then(|| Glance {
            z,
            relative,
            gap: estimate.gap,
            order: order_of_sizes(&self.sampler(LARGE_CAP), &at),
            at,
            corner,
            index,
        })
    }

    /// An estimate from a few replicates, for a share of the work that the plan has for one point.
    pub(super) fn rough(
        &self,
        at: &Assignment,
        share: f64,
        most: usize,
        index: u64,
    ) -> Result<Estimate, EvaluationError> {
        let estimator = Estimator::new(self.problem, at)?;
        let affordable = share * self.plan.work / estimator.work_per_replicate();
        estimator.run((affordable as usize).clamp(20, most), index)
    }

    /// The worst of every order of sizes, on more and fresh random numbers: what looks worst after a few is mostly chance.
    pub(super) fn narrowed(&self, mut seen: Vec<Glance>) -> Vec<Glance> {
        let reserve = budget::left() / 4 * 3;
        for (round, (part, factor)) in (1..).zip(NARROWED) {
            if budget::left() < reserve {
                break;
            }
            let again = worst_of_each_order(seen, part).into_iter();
            seen = again
                .filter_map(|glance| {
                    let index = glance.index + round * ROUND;
                    self.glance(glance.at, glance.corner, factor, index)
                })
                .collect();
        }
        seen
    }
}

/// How whole numbers, the dimension among them, compare, each with each.
pub(super) fn order_of_sizes(sampler: &Sampler<'_>, at: &Assignment) -> Vec<Ordering> {
    let whole = sampler.symbols().filter(|(_, whole, _)| *whole);
    let values: Vec<_> = whole.map(|(name, ..)| at.symbols.get(name)).collect();
    let pairs = (0..values.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs.map(|(i, j)| values[i].cmp(&values[j])).collect()
}

/// The numbers of those that look worst, in turn by how sure it looks and by how much it is: a point may be worst in either.
pub(super) fn worst(seen: &[Glance]) -> Vec<usize> {
    let first = |by: fn(&Glance) -> f64| {
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|&i, &j| by(&seen[j]).total_cmp(&by(&seen[i])));
        order
    };
    let pairs = first(|look| look.z)
        .into_iter()
        .zip(first(|look| look.relative));
    let mut chosen: Vec<usize> = Vec::new();
    for i in pairs.flat_map(|(a, b)| [a, b]) {
        if !chosen.contains(&i) {
            chosen.push(i);
        }
    }
    chosen
}

/// A part of those with sizes in one order, the worst of them.
fn worst_of_each_order(seen: Vec<Glance>, part: f64) -> Vec<Glance> {
    let like = |order: &[Ordering]| seen.iter().filter(|glance| glance.order == order).count();
    let mut kept: Vec<usize> = Vec::new();
    for i in worst(&seen) {
        let order = &seen[i].order;
        let so_far = kept.iter().filter(|&&j| seen[j].order == *order).count();
        if (so_far as f64) < part * like(order) as f64 {
            kept.push(i);
        }
    }
    let mut seen: Vec<Option<Glance>> = seen.into_iter().map(Some).collect();
    kept.into_iter().filter_map(|i| seen[i].take()).collect()
}
