//! Double-double numbers that carry a bound on their error.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::double_double::{DoubleDouble, PI};
use super::rational::as_doubles;
use super::{Bounded, Precise, Real, rational_from_f64, rational_to_f64};

/// Relative error of one double-double operation: 2⁻¹⁰⁰, sixteen times the largest proved bound of those used
/// (15 u², u = 2⁻⁵³, for division; Joldes, Muller & Popescu 2017).
const OPERATION: f64 = 7.888609052210118e-31;
/// Relative error allowed to `exp`, absolute error (relative to `max(1, |ln|)`) allowed to `ln`. The unit tests
/// hold the functions to a thousandth of it.
const FUNCTION: f64 = 1e-24;
/// What underflow may cost, absolutely.
const UNDERFLOW: f64 = 1e-321;
/// Within these sizes the error-free transformations behind division, roots and logarithms are free of underflow
/// and overflow; beyond them [`Precise`] does the work.
const SAFE: std::ops::RangeInclusive<f64> = 1e-250..=1e250;
/// Radii are `f64` sums of a few positive terms; this covers their own rounding.
const OUTWARD: f64 = 1.0 + 1e-14;

/// A midpoint of about 32 digits and a radius: the true value lies within `radius` of the midpoint, as far as
/// the inputs do. The radius follows every operation, so cancellation shows.
#[derive(Clone, Copy, Debug)]
pub struct Ball {
    midpoint: DoubleDouble,
    radius: f64,
}

impl Ball {
    fn new(midpoint: DoubleDouble, radius: f64) -> Self {
        if midpoint.hi().is_finite() && midpoint.lo().is_finite() && !radius.is_nan() {
            Self {
                midpoint,
                radius: radius * OUTWARD,
            }
        } else {
            Self::unknown()
        }
    }

    /// A value about which nothing is known.
    pub fn unknown() -> Self {
        Self {
            midpoint: DoubleDouble::from(0.0),
            radius: f64::INFINITY,
        }
    }

    fn rounded(midpoint: DoubleDouble, radius: f64) -> Self {
        Self::new(
            midpoint,
            radius + OPERATION * midpoint.hi().abs() + UNDERFLOW,
        )
    }

    /// `radius / |midpoint|`.
    pub fn relative_radius(&self) -> f64 {
        self.radius / self.midpoint.hi().abs()
    }

    fn is_safe(&self) -> bool {
        SAFE.contains(&self.midpoint.hi().abs())
    }

    /// An end of the ball, rounded outwards.
    fn end(&self, side: f64) -> Self {
        if self.radius == 0.0 || self.radius == f64::INFINITY {
            return *self;
        }
        let end = self.midpoint + DoubleDouble::from(side * self.radius);
        let largest = self.midpoint.hi().abs().max(self.radius);
        let step = (4.0 * OPERATION * largest).max(f64::from_bits(2));
        Self::new(end + DoubleDouble::from(side * step), 0.0)
    }

    /// The smallest and the largest `f64` that enclose the ball, one step outwards.
    pub fn enclosure(&self) -> (f64, f64) {
        let hi = self.midpoint.hi();
        (
            (hi.next_down() - self.radius).next_down(),
            (hi.next_up() + self.radius).next_up(),
        )
    }
}

impl Ball {
    /// Both plain `f64` without error, and so is the result: whole numbers stay exact.
    fn exactly(self, other: Ball, result: DoubleDouble) -> Option<Ball> {
        let plain = |b: Ball| b.radius == 0.0 && b.midpoint.lo() == 0.0;
        (plain(self) && plain(other) && result.lo() == 0.0 && result.hi().abs() > 1e-200).then_some(
            Ball {
                midpoint: result,
                radius: 0.0,
            },
        )
    }
}

impl Add for Ball {
    type Output = Ball;
    fn add(self, other: Ball) -> Ball {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let sum = self.midpoint + other.midpoint;
        let plain = |b: Ball| b.radius == 0.0 && b.midpoint.lo() == 0.0;
        if plain(self) && plain(other) {
            // The sum of two `f64` is two `f64`.
            return Ball::new(sum, 0.0);
        }
        // The double-double error of a sum is relative to the sum, but a term that vanishes in it may be lost.
        let lost = OPERATION
            * sum
                .hi()
                .abs()
                .max(1e-16 * self.midpoint.hi().abs().max(other.midpoint.hi().abs()));
        Ball::new(sum, self.radius + other.radius + lost + UNDERFLOW)
    }
}

impl Sub for Ball {
    type Output = Ball;
    fn sub(self, other: Ball) -> Ball {
        self + (-other)
    }
}

impl Mul for Ball {
    type Output = Ball;
    fn mul(self, other: Ball) -> Ball {
        if self.is_zero() || other.is_zero() {
            return Ball {
                midpoint: DoubleDouble::from(0.0),
                radius: 0.0,
            };
        }
        let product = self.midpoint * other.midpoint;
        if let Some(exact) = self.exactly(other, product) {
            return exact;
        }
        let (a, b) = (self.midpoint.hi().abs(), other.midpoint.hi().abs());
        Ball::rounded(
            product,
            a * other.radius + b * self.radius + self.radius * other.radius,
        )
    }
}

impl Div for Ball {
    type Output = Ball;
    fn div(self, other: Ball) -> Ball {
        // Rounded down, for what is left after the radius may be much smaller.
        let b = other.midpoint.hi().abs() * (1.0 - 1e-15);
        if b <= other.radius && !(other.radius == 0.0 && other.midpoint.hi() != 0.0) {
            return Ball::unknown();
        }
        if self.is_zero() {
            return self;
        }
        if !other.is_safe() || !self.is_safe() && self.midpoint.hi() != 0.0 {
            return Ball::from_precise(&(self.to_precise() / other.to_precise()));
        }
        if Real::is_wide(&other) {
            let one = Ball::one();
            return self * Ball::bounds(&(one / other.end(1.0)), &(one / other.end(-1.0)));
        }
        let quotient = self.midpoint / other.midpoint;
        if quotient * other.midpoint == self.midpoint
            && let Some(exact) = self.exactly(other, quotient)
        {
            return exact;
        }
        Ball::rounded(
            quotient,
            (self.radius + quotient.hi().abs() * other.radius) / (b - other.radius),
        )
    }
}

impl Neg for Ball {
    type Output = Ball;
    fn neg(self) -> Ball {
        Ball {
            midpoint: -self.midpoint,
            radius: self.radius,
        }
    }
}

impl Real for Ball {
    const TRACKS_ERROR: bool = true;

    /// What two doubles hold, less what a few operations round away.
    fn bits() -> usize {
        100
    }

    fn from_rational(value: &BigRational) -> Self {
        if value.is_integer()
            && let Some(whole) = value.to_integer().to_i64()
            && whole.unsigned_abs() < 1 << 53
        {
            return Self::from_f64(whole as f64);
        }
        if let Some((numerator, denominator)) = as_doubles(value) {
            let hi = numerator / denominator;
            // what a division leaves is a double
            let rest = (-hi).mul_add(denominator, numerator) / denominator;
            let midpoint = DoubleDouble::new(hi, rest);
            return if rest == 0.0 {
                Self {
                    midpoint,
                    radius: 0.0,
                }
            } else {
                Self::rounded(midpoint, 0.0)
            };
        }
        let hi = rational_to_f64(value);
        let Some(exact) = rational_from_f64(hi) else {
            return Self::unknown();
        };
        let rest = value - exact;
        let midpoint = DoubleDouble::new(hi, rational_to_f64(&rest));
        if rest.is_zero() {
            Self {
                midpoint,
                radius: 0.0,
            }
        } else {
            Self::rounded(midpoint, 0.0)
        }
    }

    fn from_precise(value: &Precise) -> Self {
        if !value.is_finite() {
            return Self::unknown();
        }
        let (hi, lo) = value.leading_pair();
        let midpoint = DoubleDouble::new(hi, lo);
        let rest =
            value.clone() - Precise::from_f64(midpoint.hi()) - Precise::from_f64(midpoint.lo());
        let radius = if rest.is_zero() {
            0.0
        } else {
            rest.size().midpoint().next_up()
        };
        Self::new(midpoint, radius)
    }

    fn to_precise(&self) -> Precise {
        if self.radius == f64::INFINITY {
            return Precise::unknown();
        }
        let midpoint =
            Precise::from_f64(self.midpoint.hi()) + Precise::from_f64(self.midpoint.lo());
        midpoint.widened(self.radius)
    }

    fn from_f64(value: f64) -> Self {
        Self::new(DoubleDouble::from(value), 0.0)
    }

    fn from_bounded(value: Bounded) -> Self {
        Self::new(DoubleDouble::from(value.value), value.error)
    }

    fn widened(&self, error: f64) -> Self {
        Self::new(self.midpoint, self.radius + error.abs())
    }

    fn midpoint(&self) -> f64 {
        if self.radius == f64::INFINITY {
            f64::NAN
        } else {
            self.midpoint.hi()
        }
    }

    fn radius(&self) -> f64 {
        self.radius
    }

    fn center(&self) -> Self {
        Self {
            midpoint: self.midpoint,
            radius: 0.0,
        }
    }

    fn sqrt(&self) -> Self {
        if self.is_zero() || self.radius == f64::INFINITY {
            return *self;
        }
        let (lower, upper) = self.enclosure();
        if upper < 0.0 {
            return Self::unknown();
        }
        if !self.is_safe() {
            return Self::from_precise(&self.to_precise().sqrt());
        }
        if lower <= 0.0 {
            let half = 0.5 * upper.sqrt();
            return Self::new(DoubleDouble::from(half), half.next_up());
        }
        if Real::is_wide(self) {
            return Self::bounds(&self.end(-1.0).sqrt(), &self.end(1.0).sqrt());
        }
        let root = self.midpoint.sqrt();
        Self::rounded(
            root,
            self.radius / (root.hi() + lower.sqrt()) + 8.0 * OPERATION * root.hi(),
        )
    }

    fn exp(&self) -> Self {
        if self.radius == f64::INFINITY {
            return *self;
        }
        if self.radius > 0.25 {
            return Self::bounds(&self.end(-1.0).exp(), &self.end(1.0).exp());
        }
        let power = self.midpoint.exp();
        if !power.hi().is_finite() {
            return Self::unknown();
        }
        if power.hi() == 0.0 {
            // Below every positive number, but not zero.
            return Self::new(power, f64::MIN_POSITIVE);
        }
        Self::rounded(
            power,
            power.hi() * (self.radius.exp_m1() + FUNCTION * (1.0 + self.midpoint.hi().abs())),
        )
    }

    fn ln(&self) -> Self {
        let (lower, upper) = self.enclosure();
        if self.radius == 0.0 && self.midpoint.hi() > 0.0 {
            if !self.is_safe() {
                return Self::from_precise(&self.to_precise().ln());
            }
        } else if lower <= 0.0 || !upper.is_finite() {
            return Self::unknown();
        }
        if !self.is_safe() || !SAFE.contains(&lower) {
            return Self::from_precise(&self.to_precise().ln());
        }
        if Real::is_wide(self) {
            return Self::bounds(&self.end(-1.0).ln(), &self.end(1.0).ln());
        }
        let log = self.midpoint.ln();
        Self::rounded(
            log,
            self.radius / lower + FUNCTION * log.hi().abs().max(1.0),
        )
    }

    fn abs(&self) -> Self {
        let size = self.midpoint.abs();
        if self.radius <= size.hi() || self.radius == f64::INFINITY {
            return Self {
                midpoint: size,
                radius: self.radius,
            };
        }
        let half = 0.5 * (size.hi().next_up() + self.radius).next_up();
        Self::new(DoubleDouble::from(half), half)
    }

    fn bounds(low: &Self, high: &Self) -> Self {
        if low.radius == f64::INFINITY || high.radius == f64::INFINITY {
            return Self::unknown();
        }
        let half = DoubleDouble::from(0.5);
        let middle = (low.midpoint * half) + (high.midpoint * half);
        let reach = |end: &Ball| {
            let gap = (end.midpoint - middle).abs();
            gap.hi() * (1.0 + 1e-15) + end.radius
        };
        Self::rounded(middle, reach(low).max(reach(high)))
    }

    fn lower_end(&self) -> Self {
        self.end(-1.0)
    }

    fn upper_end(&self) -> Self {
        self.end(1.0)
    }

    fn pi() -> Self {
        Self::rounded(PI, 0.0)
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        // Exact numbers are compared as they are; their difference would be rounded.
        if self.radius == 0.0 && other.radius == 0.0 && self.midpoint == other.midpoint {
            return Some(Ordering::Equal);
        }
        let difference = *self - *other;
        if !difference.is_finite() {
            None
        } else if difference.midpoint.hi() > difference.radius {
            Some(Ordering::Greater)
        } else if difference.midpoint.hi() < -difference.radius {
            Some(Ordering::Less)
        } else if difference.radius == 0.0 {
            Some(Ordering::Equal)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::parse_decimal;

    fn ball(text: &str) -> Ball {
        Ball::from_rational(&parse_decimal(text).unwrap())
    }

    /// Decimal expansions from mpmath at 60 digits: `mp.dps = 60; mp.log(2)`, and so on.
    #[test]
    fn functions_agree_with_references_to_far_less_than_their_allowance() {
        let cases = [
            (
                ball("2").ln(),
                "0.693147180559945309417232121458176568075500134360255254",
            ),
            (
                ball("1e-12").ln(),
                "-27.63102111592854820821589745621237049121321786354527571",
            ),
            (
                ball("12345.678").ln(),
                "9.421061321291831976526783991071446048941833630080524584",
            ),
            (
                ball("0.7").exp(),
                "2.013752707470476521624549388583065270017542394145867312",
            ),
            (
                ball("-30.25").exp(),
                "0.00000000000007287724095819692419343177486977945948929949235942711624",
            ),
            (
                ball("3").sqrt(),
                "1.732050807568877293527446341505872366942805253810380628",
            ),
        ];
        for (value, reference) in cases {
            let gap = value - ball(reference);
            let error = gap.midpoint.hi().abs();
            assert!(
                error <= value.radius,
                "{reference}: off by {error:e}, radius {:e}",
                value.radius
            );
            assert!(
                error <= 1e-3 * FUNCTION * value.midpoint.hi().abs().max(1.0),
                "{reference}: off by {error:e}"
            );
        }
    }

    /// Exact fractions: `a/b·b − a` and `√a² − a` vanish within their radii, which are far below one `f64` ulp.
    #[test]
    fn division_and_root_are_right_to_thirty_digits() {
        for (a, b) in [
            ("1", "3"),
            ("0.1", "0.7"),
            ("12345.678", "1e-7"),
            ("1e200", "3e100"),
            ("2", "49"),
        ] {
            let (a, b) = (ball(a), ball(b));
            for back in [a / b * b, a.sqrt() * a.sqrt()] {
                let gap = back - a;
                assert!(gap.midpoint.hi().abs() <= gap.radius, "{a:?} {b:?}");
                assert!(
                    gap.radius <= 1e-28 * a.midpoint.hi(),
                    "{a:?} {b:?}: {:e}",
                    gap.radius
                );
            }
        }
    }

    #[test]
    fn cancellation_shows_in_the_radius() {
        let tenth = ball("0.1");
        let near = ball("0.1000000000000000000000001");
        let difference = near - tenth;
        assert!((difference.midpoint.hi() - 1e-25).abs() <= difference.radius);
        assert!(
            difference.relative_radius() > 1e-8,
            "twenty-five of thirty-two digits are gone"
        );
        assert_eq!(near.order(&tenth), Some(Ordering::Greater));
    }

    #[test]
    fn division_by_what_may_be_zero_is_unknown() {
        let zero = ball("0.1") + ball("0.2") - ball("0.3");
        assert!(!(Ball::one() / zero).is_finite());
        assert!(!(Ball::one() / Ball::zero()).is_finite());
        assert!(!Ball::from_f64(f64::NAN).is_finite());
    }
}
