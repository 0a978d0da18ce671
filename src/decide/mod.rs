//! Procedures that decide a claim, and the verdicts they give.

pub mod assignment;
pub mod estimate;
pub mod exact;
pub mod expectation;
pub mod limit;
pub mod path;
pub mod pointwise;
pub mod problem;
pub mod sampler;
pub mod trend;
pub mod verdict;
pub mod witness;

pub use crate::budget;
pub use problem::Effort;
