//! Derivation files, domains, verdicts, witnesses.

pub mod diagnostic;
pub mod file;

pub mod assignment;
pub mod estimate;
pub mod expectation;
pub mod path;
pub mod pointwise;
pub mod problem;
pub mod sampler;
pub mod trend;
pub mod verdict;
pub mod witness;

pub mod limit;
mod run;

pub use problem::Effort;
pub use run::{Options, Outcome, check, decide, files};
