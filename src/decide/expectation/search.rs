//! Inequalities: a search for points at which they fail.

use super::glance::order_of_sizes;
use super::reading::violation;
use super::{CAPS, Survey, Tested, is_steady};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::judgement::Outcome;
use crate::decide::moves::{Movable, moved};
use crate::decide::sampler::Corner;
use crate::simulate::Stream;

impl Survey<'_, '_> {
    /// Inequalities: where assumptions hold with equality.
    pub(super) fn at_edges(&mut self) -> Option<Outcome> {
        const MOST: usize = 8;
        let sampler = self.sampler(CAPS[2]);
        let assumptions = self.problem.scope.assumptions.len();
        let each = (0..2).flat_map(|_| 0..assumptions).take(MOST);
        for (number, which) in each.enumerate() {
            let index = 9000 + number as u64;
            let mut stream = self.problem.stream(index);
            let corner = Corner::Tight(which);
            if let Some(at) = sampler.draw(&mut stream, corner)
                && let Some(found) = self.visit(at, corner.name(), index)
            {
                return Some(found);
            }
        }
        None
    }

    /// Orders the points by how much they violate the claim.
    pub(super) fn worst_first(&mut self) {
        let op = self.problem.says.op;
        self.tested
            .sort_by(|a, b| violation(op, &b.2).1.total_cmp(&violation(op, &a.2).1));
    }

    /// Inequalities: from the point nearest to violation, and from the nearest with sizes in another order, random moves
    /// judged on common random numbers.
    pub(super) fn search_nearby(&mut self) -> Option<Outcome> {
        let op = self.problem.says.op;
        let sampler = self.sampler(CAPS[1]);
        // What was found is still to be looked at again.
        let reserve = budget::left() / 3;
        self.worst_first();
        let telling = |tested: &&Tested| is_steady(self.problem, &tested.1, tested.2.gap);
        let worst = self.tested.iter().find(telling);
        let order = worst.map(|(_, at, _)| order_of_sizes(&sampler, at));
        let mut others = self.tested.iter().filter(telling).skip(1);
        let other = others
            .clone()
            .find(|(_, at, _)| Some(order_of_sizes(&sampler, at)) != order)
            .or_else(|| others.next());
        let starts: Vec<(Assignment, f64)> = (worst.into_iter().chain(other))
            .map(|(_, a, e)| (a.clone(), violation(op, e).1))
            .collect();
        for (which, (mut at, mut best)) in starts.into_iter().enumerate() {
            let mut stream: Stream = self.problem.stream(5000 + which as u64);
            let mut step = 0.7;
            for attempt in 0..self.plan.moves {
                if budget::left() < reserve {
                    break;
                }
                let Some(trial) = moved(&at, &sampler, &mut stream, step, Movable::All) else {
                    continue;
                };
                let batch = 2000 + which as u64;
                let Ok(estimate) = self.simulate(&trial, 1.0 / 3.0, batch) else {
                    continue;
                };
                self.accounting.evaluated(&trial, "search");
                let salt = 3000 + (which * self.plan.moves + attempt) as u64;
                let found = self.confirmed(&trial, &estimate, salt);
                if found.is_some() {
                    return found;
                }
                let (z, excess) = violation(op, &estimate);
                if !estimate.heavy && excess > best {
                    (best, at, step) = (excess, trial.clone(), f64::min(step * 1.3, 2.0));
                } else {
                    step = f64::max(step * 0.9, 0.05);
                }
                if !estimate.heavy {
                    self.tested.push((z, trial, estimate));
                }
            }
        }
        None
    }
}
