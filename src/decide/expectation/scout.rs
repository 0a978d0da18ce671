//! Rough looks at many points, and visits to those that look worst.

use std::ops::RangeInclusive;

use super::glance::{Glance, REPLICATES, SCOUTED, order_of_sizes, worst};
use super::{CAPS, DISMISSED, LARGE_CAP, Survey, convincing, is_resolved, is_steady, violation};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::judgement::Outcome;
use crate::decide::moves::{Movable, moved};
use crate::decide::sampler::Sampler;
use crate::decide::scales::{self, FARTHEST};
use crate::formula::ast::RelationOp;
use crate::number::rational_from_f64;

/// Streams of rough looks.
const SCOUTS: u64 = 1 << 16;
/// So many of those that look worst are asked whether that is more than rounding.
const CHECKED: usize = 80;
/// Of so many points, the one whose sizes are in the order that was seen least; the distance of their numbers.
const DRAWN: u64 = 5;
const AGAIN: u64 = 1 << 12;
/// Of those that are visited, so many with sizes in one order.
const OF_AN_ORDER: usize = 3;
/// Sizes of numbers that rounding leaves alone.
const ORDINARY: RangeInclusive<f64> = 1e-4..=1e4;
/// Points from which moves are tried, and how many, which may cost as much as one point in all.
const CLIMBS: usize = 3;
const MOVES: usize = 60;
/// Points whose sizes are varied, the worst and some others.
const SIZED: usize = 6;
/// The part of a point's work that a look at another size may cost.
const SHARE: f64 = 0.03;

impl Survey<'_, '_> {
    /// A rough look at many more points; those that look worst are visited like the others.
    pub(super) fn scout(&mut self) -> Option<Outcome> {
        let mut seen: Vec<Glance> = Vec::new();
        let sampler = self.sampler(LARGE_CAP);
        let budget = budget::left();
        for number in 0..SCOUTED * self.plan.points {
            // The rest is for what looks worst, and for the search.
            if budget::left() < budget / 4 * 3 {
                break;
            }
            let index = SCOUTS + number;
            let drawn = (0..DRAWN).filter_map(|again| self.point(number, index + again * AGAIN));
            let Some((mut at, corner)) = drawn.min_by_key(|(at, _)| {
                let order = order_of_sizes(&sampler, at);
                seen.iter().filter(|glance| glance.order == order).count()
            }) else {
                continue;
            };
            // What few directions of another size do, a spectrum drawn without thought of them hardly shows.
            let mut stream = self.problem.stream(index | 1 << 32);
            if number.is_multiple_of(2)
                && let Some(with) = sampler.outlying(&mut stream, &at)
                && with.is_within(&ORDINARY)
            {
                at = with;
            }
            seen.extend(self.glance(at, corner, 1.0, index));
        }
        let seen = self.narrowed(seen);
        let count = self.plan.points as usize / 4 + 1;
        let order = worst(&seen).into_iter().take(CHECKED);
        // Where both sides vanish but for rounding, there is nothing to see.
        let telling = order.filter(|&i| is_steady(self.problem, &seen[i].at, seen[i].gap));
        // Chance may be largest where all sizes are small, or one exceeds another: a few of each order of sizes.
        let mut chosen: Vec<usize> = Vec::new();
        for i in telling {
            let like = chosen.iter().filter(|&&j| seen[j].order == seen[i].order);
            if like.count() < OF_AN_ORDER && chosen.len() < 2 * count {
                chosen.push(i);
            }
        }
        let found = chosen.iter().find_map(|&i| {
            let Glance { at, corner, .. } = &seen[i];
            self.visit(at.clone(), corner, SCOUTS / 2 + i as u64)
        });
        if found.is_some() || self.problem.says.op == RelationOp::Eq {
            return found;
        }
        let mut starts: Vec<usize> = Vec::new();
        for i in chosen {
            if !starts.iter().any(|&j| seen[j].order == seen[i].order) {
                starts.push(i);
            }
        }
        starts.into_iter().take(CLIMBS).find_map(|i| {
            let at = self.climbed(&seen[i], i as u64)?;
            self.visit(at, "search", SCOUTS / 2 + SCOUTS / 4 + i as u64)
        })
    }

    /// Where random moves from a point lead, judged by rough looks on the same random numbers, if they lead nearer to a
    /// violation.
    fn climbed(&self, start: &Glance, number: u64) -> Option<Assignment> {
        let sampler = self.sampler(CAPS[1]);
        let reserve = budget::left() / 8 * 7;
        let mut stream = self.problem.stream(7000 + number);
        let looked = |at: &Assignment| {
            let estimate = self
                .rough(at, 1.0 / MOVES as f64, REPLICATES, SCOUTS - 1 - number)
                .ok();
            let estimate = estimate.filter(|e| !e.heavy)?;
            // What few draws make is no way up.
            Some(
                violation(self.problem.says.op, &estimate).1
                    - estimate.standard_error / estimate.scale,
            )
        };
        let (mut at, mut best) = (start.at.clone(), looked(&start.at)?);
        let (mut step, mut moves) = (1.0, 0);
        for _ in 0..MOVES {
            if budget::left() < reserve {
                break;
            }
            let trial = moved(&at, &sampler, &mut stream, step, Movable::All);
            // Far out strict inequalities may come near equality, and nothing is told apart.
            let Some(trial) = trial.filter(|trial| trial.is_within(&ORDINARY)) else {
                continue;
            };
            match looked(&trial) {
                Some(excess) if excess > best => {
                    (best, at, step, moves) = (excess, trial, f64::min(step * 1.3, 3.0), moves + 1);
                }
                _ => step = f64::max(step * 0.95, 0.1),
            }
        }
        (moves > 0).then_some(at)
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
        // One of every order of sizes at least, up to a few.
        let mut orders: Vec<_> = starts
            .iter()
            .map(|at| order_of_sizes(&sampler, at))
            .collect();
        for (_, at, _) in &self.tested {
            let order = order_of_sizes(&sampler, at);
            if !orders.contains(&order) && starts.len() < 2 * SIZED {
                orders.push(order);
                starts.push(at.clone());
            }
        }
        // What spreads far keeps a part of itself small at every size: one level for each order, too.
        let mut stream = self.problem.stream(SCOUTS / 8 + 1);
        for order in orders.iter().take(SIZED) {
            let like = (starts.iter()).find(|at| order_of_sizes(&sampler, at) == *order);
            starts.extend(like.and_then(|at| sampler.levelled(&mut stream, at)));
        }
        // Where there are many more rows than dimensions, or the other way round, draws hardly vary.
        if let Some(first) = starts.first() {
            let ends = self.ends_of_sizes(first, &self.sampler(CAPS[1]));
            starts.extend(ends);
        }
        let index = SCOUTS / 4;
        let budget = budget::left();
        // One of each start: where a mean is dominated by rare draws the worst say nothing.
        let mut worse: Vec<Assignment> = Vec::new();
        for at in &starts {
            let lines = scales::sizes(self.problem, &sampler, at, FARTHEST);
            let mut worst: Option<(f64, Assignment)> = None;
            for at in lines.into_iter().flatten() {
                if budget::left() < budget / 2 {
                    break;
                }
                let Ok(estimate) = self.rough(&at, SHARE, REPLICATES, index) else {
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
