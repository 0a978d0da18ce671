//! Algebra as the first of the procedures that decide claims.

use super::proof::prove;
use crate::decide::problem::Problem;
use crate::decide::verdict::{Finding, Verdict};
use crate::term::resolve;

/// A proof, or silence: algebra refutes nothing, since a witness is to be found and confirmed by other means.
pub fn decide(problem: &Problem<'_>) -> Option<Finding> {
    let statement = resolve(problem.says, problem.scope).ok()?;
    let proof = prove(&statement).ok()?;
    let mut finding = Finding::new(Verdict::Proved, proof.method);
    finding.given = proof.given;
    Some(finding)
}
