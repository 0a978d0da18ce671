//! What evaluation pays for.

use crate::budget::{self, Refused};
use crate::number::{Dense, Real};

/// What visiting a node costs, in plain operations, and what arithmetic with error bounds adds to it.
const STEP: (u64, u64) = (40, 440);
/// What arithmetic with functions of a variable adds.
const FUNCTION: u64 = 3000;

/// Pays for `operations` on numbers of type `R`: one with an error bound costs as much as some sixty plain ones.
pub(super) fn charge<R: Real>(operations: f64) -> Result<(), Refused> {
    budget::charge_about(operations * if R::TRACKS_ERROR { 60.0 } else { 1.0 })
}

/// Pays for the visit of a node.
pub(super) fn charge_step<R: Real>() -> Result<(), Refused> {
    let balls = if R::TRACKS_ERROR { STEP.1 } else { 0 };
    let functions = if R::FUNCTION { FUNCTION } else { 0 };
    budget::charge(STEP.0 + balls + functions)
}

/// Multiplications in factoring a matrix, roughly.
pub(super) fn factoring<R>(matrix: &Dense<R>) -> f64 {
    let (rows, cols) = (matrix.rows as f64, matrix.cols as f64);
    rows * cols * rows.min(cols)
}
