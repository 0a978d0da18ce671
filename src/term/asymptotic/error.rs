//! Why there is no expansion.

use crate::term::EvaluationError;

/// Why a formula has no germ, or a relation no decision.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AsymptoticError {
    /// The calculus of germs does not know this construction.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The expansions do not reach far enough, or errors of coefficients hide the answer.
    #[error("undecided: {0}")]
    Undecided(String),
    /// The formula has no value along the limit: a division by zero, a logarithm of a negative number, ….
    #[error("{0}")]
    Undefined(String),
}

impl AsymptoticError {
    /// Whether more terms may tell.
    pub(super) fn may_be_settled_in_full(&self) -> bool {
        !matches!(self, Self::Unsupported(_))
    }
}

impl From<AsymptoticError> for EvaluationError {
    fn from(error: AsymptoticError) -> Self {
        match error {
            AsymptoticError::Unsupported(what) => Self::Unsupported(what),
            AsymptoticError::Undecided(what) => Self::Unresolved(what),
            AsymptoticError::Undefined(what) => Self::Undefined(what),
        }
    }
}

impl From<EvaluationError> for AsymptoticError {
    fn from(error: EvaluationError) -> Self {
        match error {
            EvaluationError::Unsupported(what) | EvaluationError::TooLarge(what) => {
                Self::Unsupported(what)
            }
            EvaluationError::Unresolved(what) => Self::Undecided(what),
            EvaluationError::Undefined(what) => Self::Undefined(what),
            EvaluationError::Budget => Self::Unsupported("a formula of this size".into()),
        }
    }
}

/// What the expansions do not cover.
pub(super) fn unsupported<T>(what: &str) -> Result<T, AsymptoticError> {
    Err(AsymptoticError::Unsupported(what.into()))
}
