//! Rough looks at many points, and visits to those that look worst.

use super::{CAPS, DISMISSED, Survey, convincing, is_resolved, violation};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::estimate::{Estimate, Estimator};
use crate::decide::judgement::Outcome;
use crate::decide::sampler::Sampler;
use crate::decide::scales::{self, FARTHEST};
use crate::number::rational_from_f64;
use crate::term::evaluate::EvaluationError;

/// Rough looks for each point, the replicates of one, and their streams.
const SCOUTED: u64 = 8;
const GLANCE: usize = 60;
const SCOUTS: u64 = 1 << 16;
/// Points whose sizes are varied, the worst and some others.
const SIZED: usize = 6;
/// The part of a point's work that a look at another size may cost.
const SHARE: f64 = 0.03;

impl Survey<'_, '_> {
    /// A rough look at many more points; those that look worst are visited like the others.
    pub(super) fn scout(&mut self) -> Option<Outcome> {
        let mut seen: Vec<Glance> = Vec::new();
        let budget = budget::left();
        for number in 0..SCOUTED * self.plan.points {
            // The rest is for what looks worst, and for the search.
            if budget::left() < budget / 4 * 3 {
                break;
            }
            let index = SCOUTS + number;
            let Some((at, corner)) = self.point(number, index) else {
                continue;
            };
            let share = 0.5 / SCOUTED as f64;
            if let Ok(estimate) = self.rough(&at, share, index)
                && !estimate.heavy
            {
                let (z, relative) = violation(self.problem.says.op, &estimate);
                seen.push(Glance {
                    z,
                    relative,
                    at,
                    corner,
                });
            }
        }
        worst(&seen, self.plan.points as usize / 4 + 1)
            .into_iter()
            .find_map(|i| {
                let Glance { at, corner, .. } = &seen[i];
                self.visit(at.clone(), corner, SCOUTS / 2 + i as u64)
            })
    }

    /// An estimate from a few replicates, for a share of the work that the plan has for one point.
    fn rough(&self, at: &Assignment, share: f64, index: u64) -> Result<Estimate, EvaluationError> {
        let estimator = Estimator::new(self.problem, at)?;
        let affordable = share * self.plan.work / estimator.work_per_replicate();
        estimator.run((affordable as usize).clamp(20, GLANCE), index)
    }

    /// Rough looks at every size of `Σ` and `w0`: where one shows a violation that rounding does not make, a visit.
    pub(super) fn other_sizes(&mut self) -> Option<Outcome> {
        let op = self.problem.says.op;
        let sampler = self.sampler(CAPS[2]);
        self.worst_first();
        // Far from a violation all look alike, and one is as good as another.
        let apart = (2 * self.tested.len() / SIZED).max(1);
        let worst = self.tested.iter().take(SIZED / 2);
        let others = (self.tested.iter().skip(SIZED / 2).step_by(apart)).take(SIZED / 2);
        let mut starts: Vec<Assignment> =
            (worst.chain(others)).map(|(_, at, _)| at.clone()).collect();
        // Where there are many more rows than dimensions, or the other way round, draws hardly vary.
        if let Some(first) = starts.first() {
            let ends = self.ends_of_sizes(first, &self.sampler(CAPS[1]));
            starts.extend(ends);
        }
        let index = SCOUTS / 4;
        let budget = budget::left(); // One of each start: where a mean is dominated by rare draws the worst say nothing.
        let mut worse: Vec<Assignment> = Vec::new();
        for at in &starts {
            let lines = scales::sizes(self.problem, &sampler, at, FARTHEST);
            let mut worst: Option<(f64, Assignment)> = None;
            for at in lines.into_iter().flatten() {
                if budget::left() < budget / 2 {
                    break;
                }
                let Ok(estimate) = self.rough(&at, SHARE, index) else {
                    continue;
                };
                let (_, excess) = violation(op, &estimate);
                if convincing(op, &estimate, DISMISSED)
                    && is_resolved(self.problem, &at, estimate.gap)
                    && worst.as_ref().is_none_or(|w| w.0 < excess)
                {
                    worst = Some((excess, at));
                }
            }
            worse.extend(worst.map(|w| w.1));
        }
        let mut visits = worse.into_iter().enumerate();
        visits.find_map(|(i, at)| self.visit(at, "search", index + 1 + i as u64))
    }

    /// The point with two whole numbers at the ends of their ranges, one high and one low.
    fn ends_of_sizes(&self, at: &Assignment, sampler: &Sampler<'_>) -> Vec<Assignment> {
        let whole: Vec<&str> = (sampler.symbols().filter(|(_, whole, _)| *whole))
            .map(|(name, ..)| name)
            .collect();
        let pairs = (whole.iter()).flat_map(|a| whole.iter().map(move |b| (*a, *b)));
        let apart = |(high, low): (&str, &str)| {
            let mut at = at.clone();
            let mut stream = self.problem.stream(SCOUTS / 8);
            let range = sampler.range_of(low, &at)?;
            at.symbols.insert(low.to_owned(), range.0);
            if !sampler.settle(&mut stream, &mut at, Some(low)) {
                return None;
            }
            let (least, most) = sampler.range_of(high, &at)?;
            let cap = rational_from_f64(sampler.cap())?;
            at.symbols.insert(high.to_owned(), most.min(cap).max(least));
            (sampler.settle(&mut stream, &mut at, Some(high))).then_some(at)
        };
        pairs
            .filter(|(high, low)| high != low)
            .filter_map(apart)
            .take(SIZED / 2)
            .collect()
    }
}

/// A rough look at a point.
struct Glance {
    z: f64,
    relative: f64,
    at: Assignment,
    corner: &'static str,
}

/// The numbers of those that look worst, by how sure it looks and by how much it is: a point may be worst in either.
fn worst(seen: &[Glance], count: usize) -> Vec<usize> {
    let first = |by: fn(&Glance) -> f64| {
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|&i, &j| by(&seen[j]).total_cmp(&by(&seen[i])));
        order.truncate(count);
        order
    };
    let mut chosen = first(|look| look.z);
    chosen.extend(first(|look| look.relative));
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}
