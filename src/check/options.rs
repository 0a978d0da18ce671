//! What to check, and what is made of it.

use super::cache::Cache;
use super::diagnostic::Diagnostic;
use super::file::Claim;
use crate::decide::problem::Effort;
use crate::decide::verdict::Report;

/// What to check, and how hard.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub seed: u64,
    pub effort: Effort,
    /// Only claims whose id matches; `*` and `?` as in file names.
    pub filter: Option<String>,
    /// 0: as many as the machine has.
    pub threads: usize,
    /// Units of work one claim may cost; by default what the effort allows.
    pub work: Option<u64>,
    /// Verdicts found before, if they are to be used.
    pub cache: Option<Cache>,
    /// Whether to time each claim. Off, `seconds` is 0 and equal inputs give equal bytes.
    pub timings: bool,
}

/// A report, and the faults of files that could not be checked.
#[derive(Debug)]
pub struct Outcome {
    pub report: Report,
    /// The claim of each row; none where it could not be read.
    pub claims: Vec<Option<Claim>>,
    pub diagnostics: Vec<Diagnostic>,
}
