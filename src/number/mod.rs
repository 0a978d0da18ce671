//! What formulas are evaluated in.

mod bounded;

pub use bounded::Bounded;
