//! Replicates of one quantity, drawn or known before, until the stopping rule is content.

use std::io;

use crate::decide::estimate::{Estimator, Shapes};
use crate::simulate::StoppingRule;
use crate::term::evaluate::EvaluationError;

/// A simulated quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulated {
    pub mean: f64,
    pub standard_error: Option<f64>,
    pub replicates: u64,
}

/// Where the replicates of one unit come from, and go to.
pub(super) struct Draws<'d> {
    pub known: &'d dyn Fn(u64) -> Option<&'d [f64]>,
    pub record: &'d mut dyn FnMut(u64, &[f64]) -> io::Result<()>,
    /// How many were needed.
    pub taken: u64,
}

/// A failure of what is written, or of the arithmetic.
pub(super) enum Failure {
    Evaluation(EvaluationError),
    Output(io::Error),
}

impl From<EvaluationError> for Failure {
    fn from(error: EvaluationError) -> Self {
        Failure::Evaluation(error)
    }
}

/// Replicates until the rule is content.
pub(super) fn run(
    estimator: &Estimator<'_>,
    rule: &StoppingRule,
    draws: &mut Draws<'_>,
) -> Result<Simulated, Failure> {
    let (first, shapes) = estimator.replicate(0)?;
    let length = first.len();
    let mut values: Vec<f64> = Vec::new();
    let mut wanted = rule.replicates.max(1);
    loop {
        while draws.taken < wanted {
            let i = draws.taken;
            let known = (draws.known)(i).filter(|known| known.len() == length);
            match known {
                Some(known) => values.extend_from_slice(known),
                None => {
                    let fresh = match i {
                        0 => first.clone(),
                        _ => estimator.replicate(i)?.0,
                    };
                    (draws.record)(i, &fresh).map_err(Failure::Output)?;
                    values.extend(fresh);
                }
            }
            draws.taken += 1;
        }
        if let Some(found) = content(estimator, &shapes, &values, draws.taken, rule)? {
            return Ok(found);
        }
        // The same draws, and as many new ones.
        wanted = (2 * wanted).min(rule.most());
    }
}

fn content(
    estimator: &Estimator<'_>,
    shapes: &Shapes,
    values: &[f64],
    replicates: u64,
    rule: &StoppingRule,
) -> Result<Option<Simulated>, EvaluationError> {
    let found = estimator.estimate(shapes, values, replicates as usize)?;
    let wanted = rule.relative_standard_error.unwrap_or(f64::INFINITY);
    let reached = found.standard_error <= wanted * found.lhs.abs();
    Ok((reached || replicates >= rule.most()).then_some(Simulated {
        mean: found.lhs,
        standard_error: (replicates > 1).then_some(found.standard_error),
        replicates,
    }))
}
