//! A claim simulated at a point; where tails are those of a mean that is known exactly, without that.

use std::collections::HashMap;

use crate::decide::assignment::Assignment;
use crate::decide::estimate::{Estimate, Estimator};
use crate::decide::moments;
use crate::decide::problem::Problem;
use crate::number::{Ball, Real};
use crate::term::Id;
use crate::term::evaluate::{EvaluationError, Value};

/// `replicates` of them, fewer where one is expensive.
pub(super) fn simulate(
    problem: &Problem<'_>,
    assignment: &Assignment,
    replicates: usize,
    work: f64,
    batch: u64,
) -> Result<Estimate, EvaluationError> {
    let estimator = Estimator::new(problem, assignment)?;
    let affordable = (work / estimator.work_per_replicate()) as usize;
    let replicates = replicates.min(affordable).max(200);
    let estimate = estimator.run(replicates, batch)?;
    if estimate.heavy && problem.fixed.is_empty() {
        // Where the tails are those of a mean that is known, the others say more without it.
        let known = exact_means(problem, assignment);
        let without = known.and_then(|known| estimator.knowing(known));
        if let Some(found) = without.and_then(|e| e.run(replicates, batch).ok()) {
            return Ok(found);
        }
    }
    Ok(estimate)
}

/// Those means of a claim that are known exactly at a point.
fn exact_means(problem: &Problem<'_>, at: &Assignment) -> Option<HashMap<Id, Value<f64>>> {
    const SHARP: f64 = 1e-10;
    let environment = at.environment::<Ball>(problem.scope).ok()?;
    let known = moments::some_known(problem, &environment).ok()?;
    let number = |(id, mean): (Id, Value<Ball>)| {
        let mean = mean.scalar().ok()?;
        let sharp = mean.radius() <= SHARP * mean.midpoint().abs();
        sharp.then(|| (id, Value::Scalar(mean.midpoint())))
    };
    Some(known.into_iter().filter_map(number).collect())
}
