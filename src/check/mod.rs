//! Derivation files and what is wrong with them; from files to a report.

pub mod diagnostic;
pub mod file;
mod run;

pub use crate::decide::Effort;
pub use run::{Options, Outcome, check, decide, files};
