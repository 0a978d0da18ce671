//! Failures seen by other means.

use super::super::equivalents::sides;
use super::super::path::Path;
use super::super::problem::Problem;
use super::found::Failure;
use super::simulation::simulated_failure;
use crate::term::equivalence::EquivalenceError;

/// The failure again by other means: simulation where expectations occur, double precision where not.
pub(super) fn confirm(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    failure: &mut Failure,
) -> Result<(), String> {
    if problem.expectation {
        match simulated_failure(problem, path, index, failure) {
            Some(true) => return Ok(()),
            Some(false) => {
                return Err("the deterministic equivalent and the simulation disagree".into());
            }
            None => {}
        }
    }
    let mut stations = Vec::new();
    for point in &failure.points {
        let at = path.at(point.at).map_err(|e| e.to_string())?;
        // The general equivalents must not confirm what they found.
        let (lhs, rhs) = match sides::<f64>(problem, &at) {
            Ok(found) => found,
            Err(EquivalenceError::NotRecognised { .. }) => {
                return Err(
                    "the equivalents speak against it, and no simulation of moderate size could confirm them"
                        .into(),
                );
            }
            Err(other) => return Err(other.to_string()),
        };
        let agrees = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
        if !agrees(lhs, point.lhs) || !agrees(rhs, point.rhs) {
            return Err(format!(
                "double precision finds {lhs:e} against {rhs:e} at {:e} where balls find {:e} against {:e}",
                point.at, point.lhs, point.rhs
            ));
        }
        stations.push((lhs, rhs));
    }
    failure.confirmed_by = format!(
        "{} stations of the path again in double precision",
        stations.len()
    );
    Ok(())
}
