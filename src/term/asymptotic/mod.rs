//! Limits decided symbolically: formulas as germs in the limit variable, their relations by leading terms.
//!
//! At one exact point of a claim's domain every scalar is an exact constant or a [`Germ`]: an expansion in
//! powers of `T` and `ln T` with exact exponents. What an expansion does not show is never guessed.
//!
//! ```
//! use std::collections::BTreeMap;
//! use num_rational::BigRational;
//! use resolvent::formula::parse::{parse_expression, parse_relation};
//! use resolvent::formula::scope::{Limit, Scale, Scope, Setting, SpectrumKind, Symbol};
//! use resolvent::term::asymptotic::{decide, point};
//! use resolvent::term::resolve;
//!
//! let number = |text| parse_expression(text).unwrap();
//! let samples = Symbol::Real { min: number("10"), max: number("1000"), scale: Scale::Linear };
//! let scope = Scope {
//!     setting: Setting {
//!         spectrum: SpectrumKind::PowerLaw { beta: number("2") },
//!         infinite: true,
//!         ..Setting::default()
//!     },
//!     symbols: vec![("T".into(), samples)],
//!     limit: Some(Limit { variable: "T".into(), path: vec![] }),
//!     ..Scope::default()
//! };
//! let claimed = |says: &str| resolve(&parse_relation(says).unwrap(), &scope).unwrap();
//! // the minimum norm fit's kappa: df(1, kappa) = T
//! let says = claimed("kappa(0, T) ~ (pi/(2*T))^2");
//! let along = point(&says, &BTreeMap::new(), &[])?;
//! assert!(decide(&says, &along)?.holds);
//! let says = claimed("df(2, 1/T) asymp T^(1/3)");
//! let decision = decide(&says, &point(&says, &BTreeMap::new(), &[])?)?;
//! assert!(!decision.holds);
//! assert_eq!(decision.lhs, "T^(1/2)");
//! # Ok::<(), resolvent::term::asymptotic::AsymptoticError>(())
//! ```

mod algebra;
mod call;
mod constant;
mod crossing;
mod decay;
mod decision;
mod direction;
mod error;
mod evaluate;
mod extremum;
mod extremum_of_powers;
mod fast;
mod geometric;
mod integral;
mod logarithm;
mod logarithmic_powers;
mod operator_norm;
mod pieces;
mod point;
mod positive;
mod powers;
mod products;
mod quantity;
mod relation;
mod root;
mod spectral;
mod start;
mod sums;

use super::{Id, Relation, Statement};
use crate::scaling::{Germ, outline_first};

use evaluate::Germs;

pub use decision::decide;
pub use error::AsymptoticError;
pub use point::{GermPoint, LevelShare};
pub use quantity::{Magnitude, Quantity};
pub use relation::{Decision, NEGATIVE};
pub use start::point;

/// The expansion of a scalar term of a statement.
pub fn germ(statement: &Statement, id: Id, point: &GermPoint) -> Result<Germ, AsymptoticError> {
    Ok((*quantity(statement, id, point)?.germ()?).clone())
}

/// A scalar term along the limit: a constant, a germ, or a magnitude where only that is known.
pub fn quantity(
    statement: &Statement,
    id: Id,
    point: &GermPoint,
) -> Result<Quantity, AsymptoticError> {
    Germs::along(statement.model, point).quantity(&statement.store, id)
}

/// Whether a comparison of numbers (`=`, `<=`, `<`, `>=`, `>`) holds for all large values of the limit variable.
pub fn eventually(
    statement: &Statement,
    relation: &Relation,
    point: &GermPoint,
) -> Result<bool, AsymptoticError> {
    outline_first(AsymptoticError::may_be_settled_in_full, || {
        Germs::along(statement.model, point).holds(&statement.store, relation)
    })
}
