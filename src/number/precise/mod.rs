//! Balls of any precision, with exponents far beyond those of `f64`.

mod decimal;
mod elementary;
mod precision;
mod real;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use dashu_base::{Approximation, BitTest, Sign};
use dashu_float::round::mode::HalfEven;
use dashu_float::{Context, FBig, FpError, FpResult, Repr};
use dashu_int::IBig;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::Bounded;
use super::magnitude::Magnitude;
pub use precision::{DEFAULT_BITS, MAX_BITS, bits_for_digits, with_precision, working_precision};

/// Numbers of `2^±LIMIT` and beyond are no longer told from infinity and from zero: larger ones are unknown,
/// smaller ones `0 ± 2^-LIMIT`.
pub const LIMIT: i64 = 1 << 40;

type Midpoint = Repr<2>;

/// A midpoint, rounded to the [working precision](with_precision) of the thread, and a radius: the true value
/// lies within the radius, as far as the inputs do. Wide balls serve as intervals.
#[derive(Clone, Debug)]
pub struct Precise {
    midpoint: Midpoint,
    radius: Magnitude,
}

fn context() -> Context<HalfEven> {
    Context::new(working_precision())
}

/// One above the exponent of the leading bit: `|x| < 2^top`.
fn top(x: &Midpoint) -> i64 {
    x.exponent() as i64 + x.significand().bit_len() as i64
}

fn is_negative(x: &Midpoint) -> bool {
    x.sign() == Sign::Negative && !x.significand().is_zero()
}

fn is_nought(x: &Midpoint) -> bool {
    x.significand().is_zero()
}

fn negative(x: &Midpoint) -> Midpoint {
    Repr::new(-x.significand(), x.exponent())
}

/// The leading 64 bits of `|x|`, whether any were cut off, and their exponent.
fn leading(x: &Midpoint) -> (u128, bool, i64) {
    let length = x.significand().bit_len();
    let absolute = x.significand().as_sign_words().1;
    let low = |i: usize| absolute.get(i).map_or(0u128, |w| u128::from(*w));
    if length <= 64 {
        return (low(0), false, x.exponent() as i64);
    }
    let shift = length - 64;
    let (word, bit) = (shift / 64, (shift % 64) as u32);
    let bits = ((low(word + 1) << 64 | low(word)) >> bit) & u128::from(u64::MAX);
    let exact = absolute[..word].iter().all(|w| *w == 0) && low(word) & ((1u128 << bit) - 1) == 0;
    (bits, !exact, x.exponent() as i64 + shift as i64)
}

fn above(x: &Midpoint) -> Magnitude {
    let (bits, cut, exponent) = leading(x);
    Magnitude::above(bits + u128::from(cut), exponent)
}

fn below(x: &Midpoint) -> Magnitude {
    let (bits, _, exponent) = leading(x);
    Magnitude::below(bits, exponent)
}

impl Precise {
    /// The same midpoint and the same radius: not equality of what the balls stand for.
    pub(in crate::number) fn is_same(&self, other: &Self) -> bool {
        self.midpoint == other.midpoint && self.radius == other.radius
    }

    /// A midpoint without error.
    fn exact(midpoint: Midpoint) -> Self {
        Self {
            midpoint,
            radius: Magnitude::ZERO,
        }
    }

    /// A value about which nothing is known.
    pub fn unknown() -> Self {
        Self {
            midpoint: Repr::zero(),
            radius: Magnitude::INFINITE,
        }
    }

    fn tiny() -> Self {
        Self {
            midpoint: Repr::zero(),
            radius: Magnitude::power_of_two(-LIMIT),
        }
    }

    /// The result of one rounded operation, `radius` being what the operands leave open.
    fn rounded(result: FpResult<FBig<HalfEven, 2>>, radius: Magnitude) -> Self {
        let (midpoint, radius) = match result {
            Ok(Approximation::Exact(value)) => (value.into_repr(), radius),
            Ok(Approximation::Inexact(value, _)) => {
                let value = value.into_repr();
                let ulp = Magnitude::power_of_two(top(&value) - working_precision() as i64);
                (value, radius.plus(ulp))
            }
            Err(FpError::Underflow(_)) => {
                (Repr::zero(), radius.plus(Magnitude::power_of_two(-LIMIT)))
            }
            Err(_) => return Self::unknown(),
        };
        Self::limited(midpoint, radius)
    }

    fn limited(midpoint: Midpoint, radius: Magnitude) -> Self {
        if midpoint.is_infinite() || !radius.is_finite() {
            return Self::unknown();
        }
        if !radius.is_zero() && radius.log2() > LIMIT {
            return Self::unknown();
        }
        if is_nought(&midpoint) {
            return Self { midpoint, radius };
        }
        let size = top(&midpoint);
        if size > LIMIT {
            Self::unknown()
        } else if size < -LIMIT {
            Self {
                midpoint: Repr::zero(),
                radius: radius.plus(Magnitude::power_of_two(-LIMIT)),
            }
        } else {
            Self { midpoint, radius }
        }
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self::exact(Repr::new(IBig::from(value), 0))
    }

    /// `2^exponent`
    pub fn power_of_two(exponent: i64) -> Self {
        Self::limited(Repr::new(IBig::from(1), exponent as isize), Magnitude::ZERO)
    }

    /// The ball around `self` whose radius is larger by a proved bound.
    pub fn widened_by(&self, bound: &Precise) -> Self {
        let radius = self.radius.plus(above(&bound.midpoint)).plus(bound.radius);
        Self::limited(self.midpoint.clone(), radius)
    }

    /// The radius as a number, without error.
    pub fn radius_above(&self) -> Precise {
        if !self.radius.is_finite() {
            return Self::unknown();
        }
        if self.radius.is_zero() {
            return Self::integer(0);
        }
        let (mantissa, exponent) = self.radius.parts();
        Self::exact(Repr::new(IBig::from(mantissa), exponent as isize))
    }

    /// `[least, most]`, both ends without error; unknown where one of them is.
    pub fn lower(&self) -> Precise {
        self.end(false)
    }

    pub fn upper(&self) -> Precise {
        self.end(true)
    }

    /// An end of the ball, rounded outwards.
    fn end(&self, up: bool) -> Precise {
        if !self.radius.is_finite() {
            return Self::unknown();
        }
        if self.radius.is_zero() {
            return self.clone();
        }
        let radius = self.radius_above();
        let mut end = if up {
            Self::exact(self.midpoint.clone()) + radius
        } else {
            Self::exact(self.midpoint.clone()) - radius
        };
        if !end.radius.is_zero() {
            // One ulp, a power of two: a second rounding is that of a number a bit away.
            let step = end.radius_above() + end.radius_above();
            end.radius = Magnitude::ZERO;
            end = if up { end + step } else { end - step };
            end.radius = Magnitude::ZERO;
        }
        end
    }

    /// The smallest ball known to hold both, and what lies between.
    pub fn between(a: &Precise, b: &Precise) -> Precise {
        if !a.radius.is_finite() || !b.radius.is_finite() {
            return Self::unknown();
        }
        let least = |a: Precise, b: Precise| if a.midpoint <= b.midpoint { a } else { b };
        let most = |a: Precise, b: Precise| if a.midpoint <= b.midpoint { b } else { a };
        let low = least(a.lower(), b.lower());
        let high = most(a.upper(), b.upper());
        let half = Self::exact(Repr::new(IBig::from(1), -1));
        let middle = (low.clone() + high.clone()) * half;
        let center = Self::exact(middle.midpoint);
        let reach = |end: &Precise| {
            let gap = end.clone() - center.clone();
            above(&gap.midpoint).plus(gap.radius)
        };
        let radius = reach(&low).max(reach(&high));
        Self::limited(center.midpoint, radius)
    }

    fn lower_bound_of_size(&self) -> Magnitude {
        below(&self.midpoint).minus_below(self.radius)
    }

    /// Radius above a quarter of the midpoint: worth the care that intervals need.
    fn is_wide(&self) -> bool {
        !self.radius.is_zero() && self.radius >= Magnitude::power_of_two(top(&self.midpoint) - 3)
    }

    /// Whether zero is among the possible values.
    pub fn may_vanish(&self) -> bool {
        !self.radius.is_finite() || above(&self.midpoint) <= self.radius || {
            // Where leading bits agree, all of them decide.
            !self.lower_bound_of_size().is_finite() || self.lower_bound_of_size().is_zero()
        }
    }
}

impl Add for Precise {
    type Output = Precise;
    fn add(self, other: Precise) -> Precise {
        let radius = self.radius.plus(other.radius);
        Precise::rounded(context().add(&self.midpoint, &other.midpoint), radius)
    }
}

impl Sub for Precise {
    type Output = Precise;
    fn sub(self, other: Precise) -> Precise {
        let radius = self.radius.plus(other.radius);
        Precise::rounded(context().sub(&self.midpoint, &other.midpoint), radius)
    }
}

impl Mul for Precise {
    type Output = Precise;
    fn mul(self, other: Precise) -> Precise {
        if self.is_zero() || other.is_zero() {
            return Precise::integer(0);
        }
        let radius = if self.radius.is_zero() && other.radius.is_zero() {
            Magnitude::ZERO
        } else {
            let (a, b) = (above(&self.midpoint), above(&other.midpoint));
            (a.times(other.radius))
                .plus(b.times(self.radius))
                .plus(self.radius.times(other.radius))
        };
        Precise::rounded(context().mul(&self.midpoint, &other.midpoint), radius)
    }
}

impl Div for Precise {
    type Output = Precise;
    fn div(self, other: Precise) -> Precise {
        if other.may_vanish() {
            return Precise::unknown();
        }
        if self.is_zero() {
            return self;
        }
        if other.is_wide() {
            let one = Precise::integer(1);
            let (low, high) = (other.lower(), other.upper());
            return self * Precise::between(&(one.clone() / high), &(one / low));
        }
        let quotient = context().div(&self.midpoint, &other.midpoint);
        if self.radius.is_zero() && other.radius.is_zero() {
            return Precise::rounded(quotient, Magnitude::ZERO);
        }
        // |(a ± r)/(b ± q) − a/b| ≤ (r + |a/b| q)/(|b| − q)
        let size = above(&self.midpoint).over(below(&other.midpoint));
        let radius = self
            .radius
            .plus(size.times(other.radius))
            .over(other.lower_bound_of_size());
        Precise::rounded(quotient, radius)
    }
}

impl Neg for Precise {
    type Output = Precise;
    fn neg(self) -> Precise {
        Precise {
            midpoint: negative(&self.midpoint),
            radius: self.radius,
        }
    }
}

fn big_integer(value: &BigInt) -> IBig {
    let (sign, bytes) = value.to_bytes_le();
    let size = IBig::from(dashu_int::UBig::from_le_bytes(&bytes));
    if sign == num_bigint::Sign::Minus {
        -size
    } else {
        size
    }
}

/// What [`Real`](super::Real) asks of every number, as far as it takes no more than arithmetic.
impl Precise {
    pub(in crate::number) fn from_rational(value: &BigRational) -> Self {
        if value.is_zero() {
            return Self::integer(0);
        }
        let numerator = Repr::new(big_integer(value.numer()), 0);
        if value.is_integer() {
            // As exact as it was written.
            return Self::limited(numerator, Magnitude::ZERO);
        }
        let denominator = Repr::new(big_integer(value.denom()), 0);
        Self::rounded(context().div(&numerator, &denominator), Magnitude::ZERO)
    }

    pub(in crate::number) fn from_f64(value: f64) -> Self {
        if !value.is_finite() {
            return Self::unknown();
        }
        let bits = value.abs().to_bits();
        let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as isize);
        let (mantissa, exponent) = if exponent == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << 52), exponent - 1075)
        };
        let mantissa = IBig::from(mantissa);
        let signed = if value < 0.0 { -mantissa } else { mantissa };
        Self::exact(Repr::new(signed, exponent))
    }

    pub(in crate::number) fn from_bounded(value: Bounded) -> Self {
        Self::from_f64(value.value).widened(value.error)
    }

    pub(in crate::number) fn widened(&self, error: f64) -> Self {
        let radius = self.radius.plus(Magnitude::from_f64(error));
        Self::limited(self.midpoint.clone(), radius)
    }

    /// The nearest `f64`; never zero for what is not zero, nor infinite for what is finite.
    pub(in crate::number) fn midpoint(&self) -> f64 {
        if !self.radius.is_finite() {
            return f64::NAN;
        }
        nearest(&self.midpoint)
    }

    pub(in crate::number) fn is_zero(&self) -> bool {
        self.radius.is_zero() && is_nought(&self.midpoint)
    }

    pub(in crate::number) fn is_finite(&self) -> bool {
        self.radius.is_finite()
    }

    pub(in crate::number) fn abs(&self) -> Self {
        let absolute = if is_negative(&self.midpoint) {
            -self.clone()
        } else {
            self.clone()
        };
        if self.radius.is_zero() || !self.may_vanish() {
            return absolute;
        }
        let top = absolute.upper();
        Self::between(&Self::integer(0), &top)
    }

    pub(in crate::number) fn sign(&self) -> Option<Ordering> {
        if !self.radius.is_finite() {
            return None;
        }
        if self.radius.is_zero() {
            return Some(if is_nought(&self.midpoint) {
                Ordering::Equal
            } else if is_negative(&self.midpoint) {
                Ordering::Less
            } else {
                Ordering::Greater
            });
        }
        if self.may_vanish() {
            None
        } else if is_negative(&self.midpoint) {
            Some(Ordering::Less)
        } else {
            Some(Ordering::Greater)
        }
    }

    pub(in crate::number) fn order(&self, other: &Self) -> Option<Ordering> {
        // Exact numbers are compared as they are; their difference would be rounded.
        if self.radius.is_zero() && other.radius.is_zero() {
            return Some(self.midpoint.cmp(&other.midpoint));
        }
        (self.clone() - other.clone()).sign()
    }

    pub(in crate::number) fn to_whole(&self) -> Option<i64> {
        if !self.radius.is_zero() || self.midpoint.exponent() < 0 || top(&self.midpoint) > 62 {
            return None;
        }
        let size = i64::try_from(self.midpoint.significand()).ok()?;
        Some(size << self.midpoint.exponent())
    }
}

/// See [`Precise::midpoint`].
fn nearest(x: &Midpoint) -> f64 {
    if is_nought(x) {
        return 0.0;
    }
    let (bits, _, exponent) = leading(x);
    let sign = if is_negative(x) { -1.0 } else { 1.0 };
    let size = top(x);
    if size > 1024 {
        return sign * f64::MAX;
    }
    if size < -1073 {
        return sign * f64::from_bits(1);
    }
    // Two factors, for the power alone may leave the range where the product does not.
    let half = exponent / 2;
    let value = bits as f64 * 2f64.powi(half as i32) * 2f64.powi((exponent - half) as i32);
    sign * value.clamp(f64::from_bits(1), f64::MAX)
}

impl Precise {
    /// The exact value of the midpoint as a fraction, where its exponent is not absurd.
    pub fn rational_midpoint(&self) -> Option<BigRational> {
        let exponent = self.midpoint.exponent() as i64;
        if !self.radius.is_finite() || exponent.abs() > 1 << 22 {
            return None;
        }
        let (sign, words) = self.midpoint.significand().as_sign_words();
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let size = BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes);
        let signed = if sign == Sign::Negative { -size } else { size };
        let power = BigInt::from(1) << exponent.unsigned_abs();
        Some(if exponent < 0 {
            BigRational::new(signed, power)
        } else {
            BigRational::from_integer(signed * power)
        })
    }

    /// The value as a fraction, where it carries no error.
    pub fn exact_rational(&self) -> Option<BigRational> {
        if self.radius.is_zero() {
            self.rational_midpoint()
        } else {
            None
        }
    }

    /// The midpoint as the sum of two `f64`, as far as their range and digits go.
    pub(super) fn leading_pair(&self) -> (f64, f64) {
        let hi = nearest(&self.midpoint);
        let rest = Self::exact(self.midpoint.clone()) - Self::from_f64(hi);
        (hi, nearest(&rest.midpoint))
    }

    /// A bound on `|self|` from above, as a number without error.
    pub fn size(&self) -> Precise {
        let absolute = if is_negative(&self.midpoint) {
            -self.clone()
        } else {
            self.clone()
        };
        absolute.upper()
    }

    /// Digits known: `−log₁₀` of the relative radius; infinite where exact.
    pub fn digits(&self) -> f64 {
        if self.radius.is_zero() {
            return f64::INFINITY;
        }
        if !self.radius.is_finite() || is_nought(&self.midpoint) {
            return f64::NEG_INFINITY;
        }
        (top(&self.midpoint) - 1 - self.radius.log2() - 1) as f64 * std::f64::consts::LOG10_2
    }

    /// The nearest whole number, of those that are possible; `None` where the ball does not say.
    pub fn floor(&self) -> Option<BigInt> {
        let down = |x: &Precise| x.rational_midpoint().map(|q| q.floor().to_integer());
        let (low, high) = (down(&self.lower())?, down(&self.upper())?);
        (low == high).then_some(low)
    }

    /// Whether the value is negative for sure.
    pub fn is_negative(&self) -> bool {
        self.sign() == Some(Ordering::Less)
    }

    pub fn is_positive(&self) -> bool {
        self.sign() == Some(Ordering::Greater)
    }
}
