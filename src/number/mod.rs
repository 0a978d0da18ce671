//! What formulas are evaluated in.
//!
//! One trait, [`Real`], and three ways to be a number: `f64` for simulated regressions, [`Ball`] (double-double
//! with a bound on its error) for verdicts, and [`Bounded`] for what the engine hands over.

mod ball;
mod bounded;
mod double_double;
mod rational;
mod real;

pub use ball::Ball;
pub use bounded::Bounded;
pub use rational::{parse_decimal, rational_from_f64, rational_to_f64, simplest_between};
pub use real::Real;
