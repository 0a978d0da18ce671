//! Derivation files and what is wrong with them; from files to a report.

pub mod diagnostic;
pub mod file;
mod folder;
mod judge;
mod run;

pub use crate::decide::Effort;
pub use folder::{Found, files, find};
pub use judge::{decide, keep_panics_quiet, told};
pub use run::{Options, Outcome, check};
