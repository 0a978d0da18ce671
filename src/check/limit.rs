//! Relations of limits: `~`, `asymp`, `<~`, `>~`, `->` along the declared path.

use super::problem::Problem;
use super::verdict::{Finding, Verdict};

/// Decides a relation of limits.
pub fn decide(_problem: &Problem<'_>) -> Finding {
    Finding::new(Verdict::Inconclusive, "limit").because("not yet decided")
}
