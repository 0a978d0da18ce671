//! Points of the domain at which one side is an infinite mean and the other is finite.

use std::ops::RangeInclusive;

use super::accounting::Accounting;
use super::estimate::Estimator;
use super::judgement::Outcome;
use super::problem::Problem;
use super::sampler::Sampler;
use super::witness;

const POINTS: u64 = 32;
/// Whole numbers are drawn up to these, in turn: rows and dimensions must nearly agree.
const CAPS: [f64; 3] = [4.0, 8.0, 16.0];
/// Draws that must show a heavy tail as well.
const REPLICATES: usize = 4000;
const STREAMS: u64 = 1 << 24;
/// Beside huge or tiny numbers a ridge that keeps a mean finite is lost.
const ORDINARY: RangeInclusive<f64> = 1e-4..=1e4;

/// A witness where an infinite mean refutes the claim; silence otherwise.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    let sides = [&problem.says.lhs, &problem.says.rhs];
    for index in 0..POINTS {
        let sampler = Sampler::new(problem.scope, &sides, CAPS[index as usize % CAPS.len()]);
        let mut stream = problem.stream(STREAMS + index);
        let Some((at, _)) = sampler.point(&mut stream, index) else {
            continue;
        };
        if !at.is_within(&ORDINARY) {
            continue;
        }
        let Ok(estimator) = Estimator::new(problem, &at) else {
            continue;
        };
        let Ok(Some(why)) = estimator.one_side_infinite(&at, (STREAMS + index) << 20) else {
            continue;
        };
        let Ok(estimate) = estimator.run(REPLICATES, STREAMS + index) else {
            continue;
        };
        if !estimate.heavy {
            continue;
        }
        let mut found = witness::describe(&at, problem.scope, estimate.lhs, estimate.rhs);
        witness::trim(&mut found, problem);
        found.replicates = Some(estimate.replicates as u64);
        found.confirmed_by = format!("{why}; and single draws dominate a simulation");
        accounting.evaluated(&at, "inside");
        return Outcome::Witness {
            method: "singular draws".into(),
            witness: Box::new(found),
        };
    }
    Outcome::Silence(None)
}
