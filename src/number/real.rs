//! The arithmetic that evaluation is generic over.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use num_rational::BigRational;

use super::{Bounded, rational_to_f64};

/// A real number as far as it is known: a midpoint and a radius that is zero, or ignored, for plain `f64`.
pub trait Real:
    Clone
    + Debug
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Whether [`radius`](Self::radius) bounds the error.
    const TRACKS_ERROR: bool;

    fn from_rational(value: &BigRational) -> Self;
    fn from_f64(value: f64) -> Self;
    fn from_bounded(value: Bounded) -> Self;
    /// The same value with its error enlarged by `error`.
    fn widened(&self, error: f64) -> Self;

    fn midpoint(&self) -> f64;
    /// A bound on `|true − midpoint|` beyond rounding of the midpoint itself; 0 where errors are not tracked.
    fn radius(&self) -> f64;
    /// The midpoint alone, with no error.
    fn center(&self) -> Self;

    fn sqrt(&self) -> Self;
    fn exp(&self) -> Self;
    fn ln(&self) -> Self;
    fn abs(&self) -> Self;
    fn pi() -> Self;

    /// `None` where the errors leave the order open.
    fn order(&self, other: &Self) -> Option<Ordering>;

    fn zero() -> Self {
        Self::from_f64(0.0)
    }

    fn one() -> Self {
        Self::from_f64(1.0)
    }

    /// Exactly zero, with no error.
    fn is_zero(&self) -> bool {
        self.midpoint() == 0.0 && self.radius() == 0.0
    }

    fn is_finite(&self) -> bool {
        self.midpoint().is_finite() && self.radius().is_finite()
    }

    fn powi(&self, exponent: i64) -> Self {
        let mut base = if exponent < 0 {
            Self::one() / self.clone()
        } else {
            self.clone()
        };
        let mut left = exponent.unsigned_abs();
        let mut power = Self::one();
        while left > 0 {
            if left & 1 == 1 {
                power = power * base.clone();
            }
            left >>= 1;
            if left > 0 {
                base = base.clone() * base;
            }
        }
        power
    }

    /// `self^exponent`; through the logarithm unless the exponent is a small whole or half number.
    fn powf(&self, exponent: &Self) -> Self {
        let e = exponent.midpoint();
        if exponent.radius() == 0.0 && e.abs() <= 64.0 {
            if e.fract() == 0.0 {
                return self.powi(e as i64);
            }
            if (2.0 * e).fract() == 0.0 {
                return self.sqrt().powi((2.0 * e) as i64);
            }
        }
        (exponent.clone() * self.ln()).exp()
    }

    fn lesser(&self, other: &Self) -> Self {
        if self.midpoint() <= other.midpoint() {
            self.clone()
        } else {
            other.clone()
        }
    }

    fn greater(&self, other: &Self) -> Self {
        if self.midpoint() >= other.midpoint() {
            self.clone()
        } else {
            other.clone()
        }
    }
}

impl Real for f64 {
    const TRACKS_ERROR: bool = false;

    fn from_rational(value: &BigRational) -> Self {
        rational_to_f64(value)
    }
    fn from_f64(value: f64) -> Self {
        value
    }
    fn from_bounded(value: Bounded) -> Self {
        value.value
    }
    fn widened(&self, _error: f64) -> Self {
        *self
    }
    fn midpoint(&self) -> f64 {
        *self
    }
    fn radius(&self) -> f64 {
        0.0
    }
    fn center(&self) -> Self {
        *self
    }
    fn sqrt(&self) -> Self {
        f64::sqrt(*self)
    }
    fn exp(&self) -> Self {
        f64::exp(*self)
    }
    fn ln(&self) -> Self {
        f64::ln(*self)
    }
    fn abs(&self) -> Self {
        f64::abs(*self)
    }
    fn pi() -> Self {
        std::f64::consts::PI
    }
    fn order(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
    fn powf(&self, exponent: &Self) -> Self {
        f64::powf(*self, *exponent)
    }
}
