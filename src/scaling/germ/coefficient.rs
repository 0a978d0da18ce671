//! Coefficients of an expansion: a value with an error bound, and the exact number where it has a closed form.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::closed::{Atom, Closed};
use super::detail::in_outline;
use super::rational;

/// Longer rationals are not worth their exactness.
const MAX_BITS: u64 = 1024;
const ROUNDING: f64 = f64::EPSILON;

/// A real number: `|true − value| ≤ error`, and the number itself where it is a short rational or has a closed form.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    value: f64,
    error: f64,
    exact: Option<BigRational>,
    /// of an irrational number
    closed: Option<Arc<Closed>>,
}

impl Coefficient {
    pub fn rational(value: BigRational) -> Self {
        let nearest = rational::to_f64(&value);
        let short = value.numer().bits().max(value.denom().bits()) <= MAX_BITS;
        Self {
            error: if nearest == 0.0 && !value.is_zero() {
                f64::MIN_POSITIVE
            } else {
                nearest.abs() * ROUNDING
            },
            value: nearest,
            closed: None,
            exact: short.then_some(value),
        }
        .checked()
    }

    pub fn integer(value: i64) -> Self {
        Self::rational(BigRational::from_integer(value.into()))
    }

    /// A measured number and a bound on its absolute error.
    pub fn approximate(value: f64, error: f64) -> Self {
        Self {
            value,
            error,
            exact: None,
            closed: None,
        }
        .checked()
    }

    /// The same number, of which a closed form is known; an outline does without.
    pub(crate) fn known_as(mut self, form: impl FnOnce() -> Option<Closed>) -> Self {
        if in_outline() {
            return self;
        }
        let Some(form) = form() else { return self };
        if let Some(value) = form.as_rational() {
            return Self::rational(value);
        }
        self.closed = Some(Arc::new(form));
        self
    }

    /// π.
    pub fn pi() -> Self {
        Self::approximate(std::f64::consts::PI, f64::EPSILON)
            .known_as(|| Some(Closed::atom(Atom::Pi)))
    }

    /// The closed form, where there is one.
    pub(crate) fn form(&self) -> Option<Closed> {
        match (&self.exact, &self.closed) {
            (Some(value), _) => Some(Closed::rational(value.clone())),
            (None, closed) => closed.as_deref().cloned(),
        }
    }

    /// Whether the number itself is known.
    pub fn is_closed(&self) -> bool {
        self.exact.is_some() || self.closed.is_some()
    }

    /// Whether the number itself is known, and by more than a definition such as an integral.
    pub fn is_explicit(&self) -> bool {
        let named = || self.closed.as_ref().is_some_and(|form| form.has_named());
        self.is_closed() && !named()
    }

    /// Whether two numbers are one: by their closed forms, or apart by more than their errors; `None` where
    /// neither tells.
    pub fn same_number(&self, other: &Self) -> Option<bool> {
        if let (Some(a), Some(b)) = (&self.exact, &other.exact) {
            return Some(a == b);
        }
        let apart = (self.value - other.value).abs() > 4.0 * (self.error + other.error);
        if apart && self.error.is_finite() && other.error.is_finite() {
            return Some(false);
        }
        match self.form()?.add(&other.form()?.neg())? {
            difference if difference.is_zero() => Some(true),
            difference if difference.is_product() => Some(false),
            _ => None,
        }
    }

    /// A number known to a relative accuracy.
    pub fn relative(value: f64, relative_error: f64) -> Self {
        Self::approximate(value, value.abs() * relative_error)
    }

    /// What is not finite is known to no accuracy at all.
    fn checked(self) -> Self {
        if self.exact.is_some() || self.value.is_finite() && !self.error.is_nan() {
            self
        } else {
            Self {
                value: 0.0,
                error: f64::INFINITY,
                exact: None,
                closed: None,
            }
        }
    }

    pub fn value(&self) -> f64 {
        self.value
    }

    /// Bound on the absolute error of [`value`](Self::value); zero for an exact number.
    pub fn error(&self) -> f64 {
        if self.exact.is_some() {
            0.0
        } else {
            self.error
        }
    }

    pub fn exact(&self) -> Option<&BigRational> {
        self.exact.as_ref()
    }

    pub fn is_zero(&self) -> bool {
        self.exact.as_ref().is_some_and(Zero::is_zero)
    }

    /// `1`, `-1`, or `0` for exactly zero; `None` where the error hides the sign.
    pub fn sign(&self) -> Option<i32> {
        if let Some(exact) = &self.exact {
            return Some(if exact.is_zero() {
                0
            } else if exact.is_positive() {
                1
            } else {
                -1
            });
        }
        (self.value.abs() > self.error).then_some(if self.value > 0.0 { 1 } else { -1 })
    }

    pub fn add(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (&self.exact, &other.exact) {
            return Self::rational(rational::add(a, b));
        }
        let value = self.value + other.value;
        // the operands' own rounding is in their errors; the sum adds its own
        Self::approximate(value, self.error + other.error + value.abs() * ROUNDING)
            .known_as(|| self.combined(other, Closed::add))
    }

    fn combined(
        &self,
        other: &Self,
        f: impl Fn(&Closed, &Closed) -> Option<Closed>,
    ) -> Option<Closed> {
        if !self.is_closed() || !other.is_closed() {
            return None;
        }
        f(&self.form()?, &other.form()?)
    }

    pub fn neg(&self) -> Self {
        Self {
            value: -self.value,
            error: self.error,
            exact: self.exact.as_ref().map(|e| -e),
            closed: self.closed.as_ref().map(|form| Arc::new(form.neg())),
        }
    }

    pub fn mul(&self, other: &Self) -> Self {
        if let (Some(a), Some(b)) = (&self.exact, &other.exact) {
            return Self::rational(rational::mul(a, b));
        }
        if self.is_zero() || other.is_zero() {
            return Self::integer(0);
        }
        let value = self.value * other.value;
        let error = self.value.abs() * other.error
            + other.value.abs() * self.error
            + self.error * other.error
            + value.abs() * ROUNDING;
        let underflow = if value == 0.0 { f64::MIN_POSITIVE } else { 0.0 };
        Self::approximate(value, error + underflow).known_as(|| self.combined(other, Closed::mul))
    }

    /// `None` where the sign of the divisor is hidden or it is zero.
    pub fn recip(&self) -> Option<Self> {
        if self.sign()? == 0 {
            return None;
        }
        if let Some(exact) = &self.exact {
            return Some(Self::rational(exact.recip()));
        }
        let relative = self.error / (self.value.abs() - self.error);
        Some(
            Self::relative(1.0 / self.value, relative + 2.0 * ROUNDING)
                .known_as(|| self.closed.as_ref().and_then(|form| form.recip())),
        )
    }

    /// `self^power` for a positive number, or any non-zero number and a whole power; `None` elsewhere.
    pub fn pow(&self, power: &BigRational) -> Option<Self> {
        let sign = self.sign()?;
        if sign == 0 {
            return None;
        }
        if power.is_zero() {
            return Some(Self::integer(1));
        }
        if sign < 0 && !power.is_integer() {
            return None;
        }
        if let Some(exact) = self.exact.as_ref().and_then(|e| exact_power(e, power)) {
            return Some(Self::rational(exact));
        }
        let exponent = power.to_f64()?;
        let magnitude = self.value.abs().powf(exponent);
        let odd = power.is_integer() && (power.numer() % BigInt::from(2)) != BigInt::zero();
        let value = if sign < 0 && odd {
            -magnitude
        } else {
            magnitude
        };
        let relative = self.error / (self.value.abs() - self.error);
        // (1+ε)^s − 1 ≤ exp(|s| ε) − 1; a rounded exponent costs |ln x| ulps
        let error = (exponent.abs() * relative).exp_m1()
            + ROUNDING * (4.0 + (exponent * self.value.abs().ln()).abs());
        Some(Self::relative(value, error).known_as(|| self.form().and_then(|form| form.pow(power))))
    }

    /// `ln self` for a positive number.
    pub fn ln(&self) -> Option<Self> {
        if self.sign()? <= 0 {
            return None;
        }
        if self.exact.as_ref().is_some_and(One::is_one) {
            return Some(Self::integer(0));
        }
        let value = self.value.ln();
        let relative = self.error / (self.value - self.error);
        Some(
            Self::approximate(value, relative + 2.0 * ROUNDING * (1.0 + value.abs()))
                .known_as(|| self.form().and_then(|form| form.ln())),
        )
    }

    pub fn exp(&self) -> Self {
        if self.is_zero() {
            return Self::integer(1);
        }
        Self::relative(
            self.value.exp(),
            self.error().exp_m1() + 4.0 * ROUNDING * (1.0 + self.value.abs()),
        )
        .known_as(|| self.form().and_then(|form| form.exp()))
    }

    /// Whether the two may be the same number; exact numbers are compared exactly.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (&self.exact, &other.exact) {
            (Some(a), Some(b)) => a == b,
            _ => (self.value - other.value).abs() <= self.error + other.error,
        }
    }
}

/// `base^power` where that is a short rational.
fn exact_power(base: &BigRational, power: &BigRational) -> Option<BigRational> {
    if base.is_one() {
        return Some(BigRational::one());
    }
    let numerator = power.numer().to_i32()?;
    let root = power.denom().to_u32()?;
    if numerator.unsigned_abs() > 64 || root > 64 {
        return None;
    }
    let rooted = if root == 1 {
        base.clone()
    } else {
        let numer = base.numer().nth_root(root);
        let denom = base.denom().nth_root(root);
        if &numer.pow(root) != base.numer() || &denom.pow(root) != base.denom() {
            return None;
        }
        BigRational::new(numer, denom)
    };
    let bits = rooted.numer().bits().max(rooted.denom().bits());
    (bits * u64::from(numerator.unsigned_abs()) <= MAX_BITS).then(|| rooted.pow(numerator))
}
