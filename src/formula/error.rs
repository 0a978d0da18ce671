//! What can be wrong with a formula, and where.

use super::ast::Span;

/// A fault in a formula: what, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormulaError {
    /// Stable name of the kind of fault, such as `F005`.
    pub code: &'static str,
    pub message: String,
    pub span: Span,
    /// How to mend it.
    pub help: Option<String>,
}

impl FormulaError {
    pub fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            help: None,
        }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
