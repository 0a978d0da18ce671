//! Why an expectation has no equivalent.

use crate::formula::error::FormulaError;
use crate::term::evaluate::EvaluationError;

/// Why an expectation has no equivalent here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EquivalenceError {
    /// The calculus does not cover the expression.
    #[error("no deterministic equivalent is known here: {why}")]
    NotRecognised { why: String },
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

/// What has no term has no value.
impl From<&FormulaError> for EquivalenceError {
    fn from(error: &FormulaError) -> Self {
        EvaluationError::unsupported(error.message.clone()).into()
    }
}

impl EquivalenceError {
    pub(super) fn unrecognised(why: impl Into<String>) -> Self {
        EquivalenceError::NotRecognised { why: why.into() }
    }
}

pub(super) fn undefined<T>(what: impl Into<String>) -> Result<T, EquivalenceError> {
    Err(EvaluationError::Undefined(what.into()).into())
}

pub(super) fn unrecognised<T>(why: impl Into<String>) -> Result<T, EquivalenceError> {
    Err(EquivalenceError::unrecognised(why))
}
