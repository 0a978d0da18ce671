//! Balls of any precision as real numbers that formulas are evaluated in.

use std::cmp::Ordering;

use num_rational::BigRational;

use super::{Magnitude, Precise};
use crate::number::{Bounded, Real, working_precision};

impl Real for Precise {
    const TRACKS_ERROR: bool = true;
    const UNLIMITED: bool = true;

    fn bits() -> usize {
        working_precision()
    }

    fn from_rational(value: &BigRational) -> Self {
        Precise::from_rational(value)
    }

    fn from_f64(value: f64) -> Self {
        Precise::from_f64(value)
    }

    fn from_bounded(value: Bounded) -> Self {
        Precise::from_bounded(value)
    }

    fn from_precise(value: &Precise) -> Self {
        value.clone()
    }

    fn to_precise(&self) -> Precise {
        self.clone()
    }

    fn widened(&self, error: f64) -> Self {
        Precise::widened(self, error)
    }

    /// The nearest `f64`; never zero for what is not zero, nor infinite for what is finite.
    fn midpoint(&self) -> f64 {
        Precise::midpoint(self)
    }

    fn radius(&self) -> f64 {
        self.radius.to_f64()
    }

    fn center(&self) -> Self {
        Self {
            midpoint: self.midpoint.clone(),
            radius: if self.radius.is_finite() {
                Magnitude::ZERO
            } else {
                self.radius
            },
        }
    }

    fn is_zero(&self) -> bool {
        Precise::is_zero(self)
    }

    fn is_finite(&self) -> bool {
        Precise::is_finite(self)
    }

    fn is_exact(&self) -> bool {
        self.radius.is_zero()
    }

    fn sqrt(&self) -> Self {
        Precise::sqrt(self)
    }

    fn exp(&self) -> Self {
        Precise::exp(self)
    }

    fn ln(&self) -> Self {
        Precise::ln(self)
    }

    fn abs(&self) -> Self {
        Precise::abs(self)
    }

    fn pi() -> Self {
        Precise::pi()
    }

    fn powi(&self, exponent: i64) -> Self {
        Precise::powi(self, exponent)
    }

    fn powf(&self, exponent: &Self) -> Self {
        Precise::powf(self, exponent)
    }

    fn sign(&self) -> Option<Ordering> {
        Precise::sign(self)
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        Precise::order(self, other)
    }

    fn to_whole(&self) -> Option<i64> {
        Precise::to_whole(self)
    }

    fn bounds(low: &Self, high: &Self) -> Self {
        Self::between(low, high)
    }

    fn lower_end(&self) -> Self {
        self.lower()
    }

    fn upper_end(&self) -> Self {
        self.upper()
    }
}
