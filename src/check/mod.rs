//! Derivation files and what is wrong with them; from files to a report.

pub mod baseline;
pub mod cache;
mod certificates;
mod dependence;
pub mod diagnostic;
pub mod digest;
pub mod file;
mod folder;
mod judge;
mod keys;
mod options;
mod run;
pub mod witnesses;

pub use crate::decide::Effort;
pub use certificates::{explain_outcome, write_certificates};
pub use folder::{Found, files, find};
pub use judge::{Judge, decide, keep_panics_quiet, told};
pub use options::{Options, Outcome};
pub use run::glob as matches;
pub use run::{check, check_read, check_text, in_pool};
