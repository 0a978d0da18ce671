//! What a format of a check's report must do.

use crate::check::diagnostic::Diagnostic;
use crate::decide::verdict::Report;

/// Why a report could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report: {0}")]
pub struct FormatError(pub String);

/// A way to write down what a check has found.
pub trait Format {
    /// # Errors
    /// What the format cannot express.
    fn render(&self, report: &Report, faults: &[Diagnostic]) -> Result<String, FormatError>;
}
