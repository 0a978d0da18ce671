//! A value and an estimate of its error, travelling together.

/// A number, and how far it may be off as two ways to compute it differ: an estimate, not a bound. It never becomes the
/// radius of a ball, which [`Bounded`](super::Bounded) may.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub relative_error: f64,
}
