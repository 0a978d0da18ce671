//! Limits decided symbolically: formulas as germs in the limit variable, their relations by leading terms.
//!
//! At one exact point of a claim's domain every scalar is an exact constant or a [`Germ`]: an expansion in
//! powers of `T` and `ln T` with exact exponents. What an expansion does not show is never guessed.
//!
//! ```
//! use std::collections::BTreeMap;
//! use num_rational::BigRational;
//! use resolvent::term::asymptotic::{decide, point};
//! use resolvent::formula::parse::{parse_expression, parse_relation};
//! use resolvent::formula::scope::{Limit, Scope, Setting, SpectrumKind};
//!
//! let beta = parse_expression("2").unwrap();
//! let scope = Scope {
//!     setting: Setting { spectrum: SpectrumKind::PowerLaw { beta }, infinite: true, ..Setting::default() },
//!     limit: Some(Limit { variable: "T".into(), path: vec![] }),
//!     ..Scope::default()
//! };
//! let along = point(&scope, &BTreeMap::new(), &[])?;
//! // the minimum norm fit's kappa: df(1, kappa) = T
//! let says = parse_relation("kappa(0, T) ~ (pi/(2*T))^2").unwrap();
//! assert!(decide(&says, &scope, &along)?.holds);
//! let says = parse_relation("df(2, 1/T) asymp T^(1/3)").unwrap();
//! let decision = decide(&says, &scope, &along)?;
//! assert!(!decision.holds);
//! assert_eq!(decision.lhs, "T^(1/2)");
//! # Ok::<(), resolvent::term::asymptotic::AsymptoticError>(())
//! ```

mod call;
mod direction;
mod error;
mod evaluate;
mod extremum;
mod point;
mod positive;
mod powers;
mod quantity;
mod relation;
mod spectral;
mod start;
mod summand;

use crate::formula::ast::{Comparison, Expr};
use crate::formula::scope::Scope;
use crate::scaling::{Germ, outline_first};

use evaluate::{Evaluator, Place};

pub use error::AsymptoticError;
pub use point::{GermPoint, LevelShare};
pub use quantity::{Magnitude, Quantity};
pub use relation::{Decision, NEGATIVE, decide};
pub use start::point;

/// The expansion of a scalar formula.
pub fn germ(expr: &Expr, scope: &Scope, point: &GermPoint) -> Result<Germ, AsymptoticError> {
    Ok((*quantity(expr, scope, point)?.germ()?).clone())
}

/// A scalar formula along the limit: a constant, a germ, or a magnitude where only that is known.
pub fn quantity(
    expr: &Expr,
    scope: &Scope,
    point: &GermPoint,
) -> Result<Quantity, AsymptoticError> {
    Evaluator::new(scope, Place::Along(point)).scalar(expr)
}

/// Whether a comparison of numbers (`=`, `<=`, `<`, `>=`, `>`) holds for all large values of the limit variable.
pub fn eventually(
    comparison: &Comparison,
    scope: &Scope,
    point: &GermPoint,
) -> Result<bool, AsymptoticError> {
    outline_first(AsymptoticError::may_be_settled_in_full, || {
        Evaluator::new(scope, Place::Along(point)).holds(comparison)
    })
}
