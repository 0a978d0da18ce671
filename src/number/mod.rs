//! What formulas are evaluated in.
//!
//! One trait, [`Real`], and three ways to be a number: `f64` for simulated regressions, [`Ball`] (double-double
//! with a bound on its error) as the quick filter of verdicts, and [`Precise`], a ball of any precision and any
//! size, for what the filter leaves open. [`Bounded`] is what the engine hands over in `f64`,
//! [`Estimate`] what has no bound on its error.

mod ball;
mod bernoulli;
mod bounded;
mod coefficient;
mod dense;
mod double_double;
mod elimination;
mod estimate;
pub mod integration;
mod interval;
mod linear_algebra;
mod magnitude;
pub mod minimum;
mod model;
mod part;
mod precise;
mod rational;
mod real;
pub mod special;
pub mod summation;
mod vectorised;

pub use ball::Ball;
pub use bernoulli::bernoulli;
pub use bounded::Bounded;
pub use coefficient::Coefficient;
pub use dense::Dense;
pub use estimate::Estimate;
pub use interval::Interval;
pub use linear_algebra::{LinearAlgebra, ridge};
pub use model::Model;
pub use precise::{
    DEFAULT_BITS, LIMIT, MAX_BITS, Precise, bits_for_digits, with_precision, working_precision,
};
pub use rational::{
    parse_decimal, rational_from_f64, rational_to_f64, simplest_between, simplest_between_doubles,
};
pub use real::Real;
pub(crate) use vectorised::vectorised;
