//! Sides of a strict inequality that are the same: both zero, or equal in every draw.

use super::{CAPS, METHOD, Survey};
use crate::decide::assignment::Assignment;
use crate::decide::estimate::{Estimate, Estimator};
use crate::decide::judgement::Outcome;
use crate::decide::witness;

impl Survey<'_, '_> {
    /// A strict inequality between two sides that are nothing.
    pub(super) fn vanishing(&self, at: &Assignment, estimate: &Estimate) -> Option<Outcome> {
        let vanishes =
            |at: &Assignment| Estimator::new(self.problem, at).and_then(|e| e.vanishes(at));
        if estimate.gap != 0.0 || !vanishes(at).unwrap_or(false) {
            return None;
        }
        let simple = witness::shrink(at, &self.sampler(CAPS[2]), |trial| {
            vanishes(trial).unwrap_or(false)
        });
        let why = "what is averaged is exactly zero in every draw";
        Some(self.equal_sides(&simple, (0.0, 0.0), why))
    }

    /// A strict inequality between two sides that are the same in every draw, where their means exist.
    pub(super) fn alike(&self, at: &Assignment) -> Option<Outcome> {
        const ENOUGH: usize = 40;
        let mut trials = 0;
        let mut alike = |at: &Assignment| {
            trials += 1;
            let estimator = || Estimator::new(self.problem, at);
            let agrees = |e: Estimator<'_>| {
                Ok(e.agrees_in_every_draw(at)? && e.means_seem_to_exist(at, 1 << 26)?)
            };
            trials <= ENOUGH && estimator().and_then(agrees).unwrap_or(false)
        };
        if !alike(at) {
            return None;
        }
        let simple = witness::shrink(at, &self.sampler(CAPS[2]), alike);
        let estimate = self.simulate(&simple, 1.0, 1 << 27).ok()?;
        let why = "the sides agree to 20 digits in every draw";
        Some(self.equal_sides(&simple, (estimate.lhs, estimate.rhs), why))
    }

    fn equal_sides(&self, at: &Assignment, (lhs, rhs): (f64, f64), why: &str) -> Outcome {
        let mut found = witness::describe(at, self.problem.scope, lhs, rhs);
        witness::trim(&mut found, self.problem);
        found.confirmed_by = why.into();
        Outcome::Witness {
            method: METHOD.into(),
            witness: Box::new(found),
        }
    }
}
