//! Points where claims tend to fail: on switches of branches and beside them, at least sizes, where two symbols agree, at
//! special values.

use std::collections::HashSet;

use super::{Free, Sampler, clamp};
use crate::decide::assignment::{Assignment, short_decimal};
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// Pairs of switches of branches that are met in turn.
const MOST_PAIRS: usize = 60;

impl Sampler<'_> {
    /// Every switch of branches in turn, then every two of them, the second by another symbol than the first; and half
    /// of the time a step to a side. Every other time a switch that the claim itself holds, first on it, then beside it.
    pub(super) fn meet_kinks(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        which: usize,
    ) -> Option<()> {
        let kinks = self.kinks.len().max(1);
        let mut pairs = (0..kinks).flat_map(|i| (i + 1..kinks).map(move |j| (i, j)));
        let own = self.own_kinks > 0 && which.is_multiple_of(2);
        let round = if self.own_kinks > 0 { which / 2 } else { which };
        let turn = match own {
            true => round % self.own_kinks,
            false => round % (kinks + (kinks * (kinks - 1) / 2).min(MOST_PAIRS)),
        };
        let (first, second) = match turn.checked_sub(kinks) {
            None => (turn, None),
            Some(pair) => pairs.nth(pair).map(|(i, j)| (i, Some(j)))?,
        };
        let (a, b) = self.kinks.get(first)?;
        let names = self.mentioned(&[a, b]);
        let moved = self.tighten(stream, assignment, a, b, None)?;
        if let (Some(second), Some(moved)) = (second, moved) {
            let (a, b) = &self.kinks[second];
            let mut trial = assignment.clone();
            if self
                .tighten(stream, &mut trial, a, b, Some(moved))
                .is_some()
            {
                *assignment = trial;
            }
        }
        let aside = match own {
            true => !(round / self.own_kinks).is_multiple_of(2),
            false => stream.uniform() < 0.5,
        };
        if aside {
            self.step_aside(stream, assignment, &names);
        }
        Some(())
    }

    /// From a switch of branches to one of its sides.
    fn step_aside(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        names: &HashSet<String>,
    ) {
        let near: Vec<&Free<'_>> = self
            .free
            .iter()
            .filter(|free| names.contains(free.name))
            .collect();
        let Some(free) = near.get((stream.uniform() * near.len() as f64) as usize) else {
            return;
        };
        let Some((low, high)) = self.range(free, assignment) else {
            return;
        };
        let x = rational_to_f64(&assignment.symbols[free.name]);
        let sign = if stream.uniform() < 0.5 { 1.0 } else { -1.0 };
        let aside = if free.whole {
            rational_from_f64(x + sign)
        } else {
            let width = rational_to_f64(&high) - rational_to_f64(&low);
            let by = 10f64.powf(-1.0 - 5.0 * stream.uniform());
            Some(short_decimal(
                x + sign * by * width.min(10.0 * x.abs().max(0.1)),
                9,
            ))
        };
        let mut trial = assignment.clone();
        trial
            .symbols
            .insert(free.name.to_owned(), clamp(aside, low, high));
        if self.admits(&trial) {
            *assignment = trial;
        }
    }

    /// One whole number at the least it may be, or one or two more; or at its largest.
    pub(super) fn belittle(&self, assignment: &mut Assignment, which: usize) {
        let whole: Vec<&Free<'_>> = self.relevant().filter(|free| free.whole).collect();
        let Some(free) = whole.get(which % whole.len().max(1)) else {
            return;
        };
        let Some((low, high)) = self.range(free, assignment) else {
            return;
        };
        let step = (which / whole.len()) % 4;
        let value = if step == 3 && rational_to_f64(&high) <= self.cap {
            high
        } else {
            let more = rational_from_f64(step as f64).map(|step| &low + step);
            clamp(more, low, high)
        };
        assignment.symbols.insert(free.name.to_owned(), value);
    }

    /// Two symbols of a kind agree; whole numbers may differ by one or two.
    pub(super) fn tie(&self, stream: &mut Stream, assignment: &mut Assignment, which: usize) {
        let mut pairs: Vec<(&Free<'_>, &Free<'_>)> = Vec::new();
        let relevant: Vec<&Free<'_>> = self.relevant().collect();
        for (i, a) in relevant.iter().copied().enumerate() {
            pairs.extend(
                relevant[i + 1..]
                    .iter()
                    .copied()
                    .filter(|b| b.whole == a.whole)
                    .map(|b| (a, b)),
            );
        }
        pairs.sort_by_key(|(a, _)| !a.whole);
        let Some((a, b)) = pairs.get(which % pairs.len().max(1)) else {
            return;
        };
        let (a, b) = if stream.uniform() < 0.5 {
            (a, b)
        } else {
            (b, a)
        };
        let Some((low, high)) = self.range(b, assignment) else {
            return;
        };
        let offset = if a.whole {
            [0.0, 0.0, 1.0, -1.0, 2.0][(stream.uniform() * 5.0) as usize % 5]
        } else {
            0.0
        };
        let value = rational_from_f64(offset).map(|offset| &assignment.symbols[a.name] + offset);
        assignment
            .symbols
            .insert(b.name.to_owned(), clamp(value, low, high));
    }

    /// Each real symbol in turn at 1, in the next round at 1/2, then at 2; whichever of them its range holds.
    pub(super) fn specialise(&self, assignment: &mut Assignment, which: usize) {
        let reals: Vec<&Free<'_>> = self.relevant().filter(|free| !free.whole).collect();
        let Some(free) = reals.get(which % reals.len().max(1)) else {
            return;
        };
        let Some((low, high)) = self.range(free, assignment) else {
            return;
        };
        // Where exponents are wont to switch, then zero, then the ends: all that its range holds, in turn.
        let mut values: Vec<_> = [1.0, 0.5, 2.0, 0.0]
            .into_iter()
            .filter_map(rational_from_f64)
            .filter(|x| *x >= low && *x <= high)
            .collect();
        for end in self.ends_within(free, (&low, &high)) {
            if !values.contains(&end) {
                values.push(end);
            }
        }
        let special = values.get(which / reals.len() % values.len()).cloned();
        if let Some(value) = special {
            assignment.symbols.insert(free.name.to_owned(), value);
        }
    }

    /// Every real symbol at the multiple of 1/2 next to it, or of 1/4, where its range holds one.
    pub(super) fn round_off(&self, assignment: &mut Assignment) {
        for free in self.relevant().filter(|free| !free.whole) {
            let Some((low, high)) = self.range(free, assignment) else {
                continue;
            };
            let x = rational_to_f64(&assignment.symbols[free.name]);
            let round = [2.0, 4.0]
                .iter()
                .filter_map(|parts| rational_from_f64((x * parts).round() / parts))
                .find(|round| *round >= low && *round <= high);
            if let Some(round) = round {
                assignment.symbols.insert(free.name.to_owned(), round);
            }
        }
    }
}
