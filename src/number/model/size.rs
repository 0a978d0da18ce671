//! Numbers of a model's bounds.

use crate::number::{Ball, Real};

pub(super) fn ball(x: f64) -> Ball {
    Ball::from_f64(x)
}

/// The greatest size, as a number to calculate with.
pub(super) fn extreme(x: Ball) -> Ball {
    ball(above(x))
}

pub(super) fn above(x: Ball) -> f64 {
    let (low, high) = x.enclosure();
    low.abs().max(high.abs())
}
