//! The arithmetic that evaluation is generic over.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use num_rational::BigRational;

use super::{Bounded, Precise, rational_to_f64, special};

/// A real number as far as it is known: a midpoint and a radius that is zero, or ignored, for plain `f64`.
///
/// Where errors are tracked a wide ball is an interval: every operation holds for all its points.
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
    /// Whether the working precision decides how many digits there are.
    const UNLIMITED: bool = false;
    /// Whether a value stands for a function over a range.
    const FUNCTION: bool = false;

    /// Bits of this arithmetic.
    fn bits() -> usize;

    fn from_rational(value: &BigRational) -> Self;
    fn from_f64(value: f64) -> Self;
    /// A value with a proved bound on its error. Estimates have no such way.
    fn from_bounded(value: Bounded) -> Self;
    /// Holds what `value` holds.
    fn from_precise(value: &Precise) -> Self;
    fn to_precise(&self) -> Precise;
    /// The same value with its error enlarged by a proved bound.
    fn widened(&self, error: f64) -> Self;

    /// The nearest `f64`; where the range of the type is wider, never zero for what is not zero.
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

    /// `e^x − 1`
    fn exp_m1(&self) -> Self {
        self.exp() - Self::one()
    }
    /// `ln(1 + x)`
    fn ln_1p(&self) -> Self {
        (Self::one() + self.clone()).ln()
    }

    /// `None` where the errors leave the order open.
    fn order(&self, other: &Self) -> Option<Ordering>;

    /// The smallest ball at hand that holds both, and what lies between.
    fn bounds(low: &Self, high: &Self) -> Self;
    /// The least possible value, without error (or less).
    fn lower_end(&self) -> Self;
    /// The greatest possible value, without error (or more).
    fn upper_end(&self) -> Self;

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

    /// No error at all.
    fn is_exact(&self) -> bool {
        self.radius() == 0.0
    }

    /// The order relative to zero; `None` where it is open.
    fn sign(&self) -> Option<Ordering> {
        self.order(&Self::zero())
    }

    /// The whole number that this is, without error.
    fn to_whole(&self) -> Option<i64> {
        let x = self.midpoint();
        (self.is_exact() && x.fract() == 0.0 && x.abs() < 9e15).then_some(x as i64)
    }

    /// `⌊x⌋`, where the ball does not straddle a whole number.
    fn rounded_down(&self) -> Option<Self> {
        let floor = self.to_precise().floor()?;
        Some(Self::from_rational(&BigRational::from_integer(floor)))
    }

    /// Wide enough to be treated as an interval.
    fn is_wide(&self) -> bool {
        Self::TRACKS_ERROR && self.radius() > 0.125 * self.midpoint().abs()
    }

    fn powi(&self, exponent: i64) -> Self {
        if self.is_wide() && exponent != 0 {
            return wide_power(self, exponent);
        }
        multiplied(self, exponent)
    }

    /// `self^exponent`; through the logarithm unless the exponent is a small whole or half number.
    fn powf(&self, exponent: &Self) -> Self {
        let e = exponent.midpoint();
        if exponent.is_exact() && e.abs() <= 64.0 {
            if e.fract() == 0.0 {
                return self.powi(e as i64);
            }
            if (2.0 * e).fract() == 0.0 {
                return self.sqrt().powi((2.0 * e) as i64);
            }
        }
        // From zero on, a positive power is continuous; below zero it has no value.
        let from_zero = Self::TRACKS_ERROR && self.is_finite() && self.sign().is_none();
        if from_zero && exponent.sign() == Some(Ordering::Greater) {
            return Self::bounds(&Self::zero(), &self.upper_end().powf(exponent));
        }
        (exponent.clone() * self.ln()).exp()
    }

    fn lesser(&self, other: &Self) -> Self {
        match self.order(other) {
            Some(Ordering::Greater) => other.clone(),
            Some(_) => self.clone(),
            None if !self.is_finite() => self.clone(),
            None if !other.is_finite() => other.clone(),
            None => {
                let least = |a: Self, b: Self| match a.order(&b) {
                    Some(Ordering::Greater) => b,
                    _ => a,
                };
                Self::bounds(
                    &least(self.lower_end(), other.lower_end()),
                    &least(self.upper_end(), other.upper_end()),
                )
            }
        }
    }

    fn greater(&self, other: &Self) -> Self {
        -(-self.clone()).lesser(&-other.clone())
    }

    fn gamma(&self) -> Self {
        Self::from_precise(&special::gamma(&self.to_precise()))
    }

    /// `ln Γ(x)` for `x > 0`.
    fn log_gamma(&self) -> Self {
        Self::from_precise(&special::log_gamma(&self.to_precise()))
    }

    /// `ψ(x) = Γ'(x)/Γ(x)` for `x > 0`.
    fn digamma(&self) -> Self {
        Self::from_precise(&special::digamma(&self.to_precise()))
    }

    fn zeta(&self) -> Self {
        Self::from_precise(&special::zeta(&self.to_precise()))
    }

    fn sin(&self) -> Self {
        Self::from_precise(&special::sin(&self.to_precise()))
    }

    fn cos(&self) -> Self {
        Self::from_precise(&special::cos(&self.to_precise()))
    }
}

fn multiplied<R: Real>(x: &R, exponent: i64) -> R {
    let mut base = if exponent < 0 {
        R::one() / x.clone()
    } else {
        x.clone()
    };
    let mut left = exponent.unsigned_abs();
    let mut power = R::one();
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

/// Powers are monotone on either side of zero.
fn wide_power<R: Real>(x: &R, exponent: i64) -> R {
    if !x.is_finite() {
        return x.clone();
    }
    if exponent < 0 {
        return R::one() / wide_power(x, exponent.saturating_neg());
    }
    let power = |x: &R| multiplied(x, exponent);
    if exponent % 2 == 1 {
        return R::bounds(&power(&x.lower_end()), &power(&x.upper_end()));
    }
    let absolute = x.abs();
    let near = match x.sign() {
        Some(Ordering::Greater | Ordering::Less) => power(&absolute.lower_end()),
        _ => R::zero(),
    };
    R::bounds(&near, &power(&absolute.upper_end()))
}

impl Real for f64 {
    const TRACKS_ERROR: bool = false;

    fn bits() -> usize {
        f64::MANTISSA_DIGITS as usize
    }

    fn from_rational(value: &BigRational) -> Self {
        rational_to_f64(value)
    }
    fn from_f64(value: f64) -> Self {
        value
    }
    fn from_bounded(value: Bounded) -> Self {
        value.value
    }
    fn from_precise(value: &Precise) -> Self {
        value.midpoint()
    }
    fn to_precise(&self) -> Precise {
        Precise::from_f64(*self)
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
    fn exp_m1(&self) -> Self {
        f64::exp_m1(*self)
    }

    fn ln_1p(&self) -> Self {
        f64::ln_1p(*self)
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
    // a thousandth of what they cost with bounds
    fn sin(&self) -> Self {
        libm::sin(*self)
    }
    fn cos(&self) -> Self {
        libm::cos(*self)
    }
    fn gamma(&self) -> Self {
        match *self <= 0.0 && self.fract() == 0.0 {
            true => f64::NAN,
            false => libm::tgamma(*self),
        }
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
    fn bounds(low: &Self, high: &Self) -> Self {
        0.5 * low + 0.5 * high
    }
    fn lower_end(&self) -> Self {
        *self
    }
    fn upper_end(&self) -> Self {
        *self
    }
    fn powf(&self, exponent: &Self) -> Self {
        f64::powf(*self, *exponent)
    }
}
