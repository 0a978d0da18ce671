//! Derivation files, domains, verdicts, witnesses.

pub mod diagnostic;
pub mod file;

pub mod assignment;
pub mod pointwise;
pub mod problem;
pub mod sampler;
pub mod verdict;
pub mod witness;
