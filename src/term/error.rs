//! Why a term has no value.

use crate::budget::{self, Refused};
use crate::formula::error::FormulaError;

/// What every algebra answers where it has no value to give.
///
/// The four kinds are kept apart because they mean different things for a claim: a point outside the domain of a
/// formula, a point that more precision would decide, a formula beyond this program, and a formula that is too long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The expression has no value here: a division by zero, the logarithm of a negative number, …
    #[error("{0}")]
    Undefined(String),
    /// There may be a value, but errors leave it open; more precision or more work might tell.
    #[error("not resolved: {0}")]
    Unresolved(String),
    /// The expression cannot be evaluated by this program at any point of this kind.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// As [`Unsupported`](Self::Unsupported), but at smaller sizes it could be.
    #[error("not supported: {0}")]
    TooLarge(String),
    /// One evaluation takes too many steps, or the budget of the claim is spent.
    #[error("the evaluation takes more work than a claim is allowed")]
    Budget,
}

/// How the reason begins where an integral stays open.
pub const AN_INTEGRAL: &str = "an integral";
/// The same of a minimum, whose boxes have the same digits whatever is around.
pub const A_MINIMUM: &str = "a minimum of a function";

/// Node visits allowed to one walk.
pub const MAX_STEPS: u64 = 4_000_000;

impl From<&FormulaError> for EvaluationError {
    fn from(error: &FormulaError) -> Self {
        EvaluationError::unsupported(error.message.clone())
    }
}

impl From<Refused> for EvaluationError {
    fn from(_: Refused) -> Self {
        EvaluationError::Budget
    }
}

impl EvaluationError {
    /// An evaluation that is too long by itself; the claim's budget counts it as work that was not done.
    pub fn too_long() -> Self {
        let _ = budget::charge(u64::MAX);
        EvaluationError::Budget
    }

    /// An error of the engine, which speaks of one point.
    pub fn engine(error: impl std::fmt::Display) -> Self {
        EvaluationError::Undefined(error.to_string())
    }

    /// Whether more digits could tell: not where two numbers were made to agree, nor where cells are too coarse.
    pub fn more_digits_may_tell(&self) -> bool {
        match self {
            EvaluationError::Unresolved(what) => {
                let rounds_alike = [AN_INTEGRAL, A_MINIMUM].iter().any(|it| what.contains(it));
                !what.contains("too close to call") && !rounds_alike
            }
            EvaluationError::Undefined(what) => what.contains("not finite"),
            EvaluationError::Unsupported(_)
            | EvaluationError::TooLarge(_)
            | EvaluationError::Budget => false,
        }
    }

    pub fn undefined(what: impl Into<String>) -> Self {
        EvaluationError::Undefined(what.into())
    }

    pub fn unsupported(what: impl Into<String>) -> Self {
        EvaluationError::Unsupported(what.into())
    }
}

/// A value, or why there is none.
pub type Outcome<T> = Result<T, EvaluationError>;
