//! What an estimate says of a relation.

use crate::decide::estimate::Estimate;
use crate::formula::ast::RelationOp;

/// Standard errors that propose a violation, and that confirm it on fresh random numbers. Under a true claim
/// the two together happen with probability 10⁻⁹ a point.
pub(super) const PROPOSE: f64 = 4.0;
pub(super) const CONFIRM: f64 = 4.5;
/// Draws that contradict a mean of zero by themselves; one would do, were it not for rounding.
const FEW: usize = 3;

/// By how many standard errors, and by how much relatively, an estimate violates the relation.
pub(super) fn violation(op: RelationOp, estimate: &Estimate) -> (f64, f64) {
    let (z, relative) = (estimate.z(), estimate.gap / estimate.scale);
    match op {
        RelationOp::Le | RelationOp::Lt => (z, relative),
        RelationOp::Ge | RelationOp::Gt => (-z, -relative),
        _ => (z.abs(), relative.abs()),
    }
}

/// A violation that its own tails do not cast doubt on: the sample must be far from infinite variance, unless
/// every draw lies on the violating side's safe end (an expectation of non-negative terms is underestimated,
/// never overestimated, by what is missing of its upper tail).
pub(super) fn convincing(op: RelationOp, estimate: &Estimate, threshold: f64) -> bool {
    let (z, relative) = violation(op, estimate);
    if estimate.contradicting.is_some_and(|draws| draws >= FEW) {
        return true;
    }
    if !(z > threshold && relative > 1e-9) {
        return false;
    }
    !estimate.heavy || estimate.lower_bound_excess(op) > threshold
}

/// The relative discrepancy that an estimate would have shown.
pub(super) fn resolution(estimate: &Estimate) -> f64 {
    PROPOSE * estimate.standard_error / estimate.scale
}
