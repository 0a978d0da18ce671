//! Closed intervals with ends in `f64`, rounded outwards: what an operation gives holds every value that points of its
//! arguments give.

use std::ops::{Add, Mul, Neg, Sub};

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use super::{Ball, Real, rational_from_f64};

/// From `low` to `high`; an end that is not finite says that nothing is known on that side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub const EVERYTHING: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// The hull of two ends, one step outwards.
    fn outward(low: f64, high: f64) -> Self {
        if low.is_nan() || high.is_nan() {
            return Self::EVERYTHING;
        }
        Self {
            low: low.next_down(),
            high: high.next_up(),
        }
    }

    pub fn point(x: f64) -> Self {
        Self { low: x, high: x }
    }

    pub fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// Exact where the number is an `f64`.
    pub fn from_rational(x: &BigRational) -> Self {
        let near = x.to_f64().unwrap_or(f64::NAN);
        if !near.is_finite() {
            return if x.is_negative() {
                Self::new(f64::NEG_INFINITY, f64::MIN)
            } else {
                Self::new(f64::MAX, f64::INFINITY)
            };
        }
        match rational_from_f64(near) {
            Some(back) if back == *x => Self::point(near),
            // the nearest, or one beside it
            _ => Self::outward(near.next_down(), near.next_up()),
        }
    }

    /// Around all numbers from one to another.
    pub fn between(low: &BigRational, high: &BigRational) -> Self {
        Self::new(Self::from_rational(low).low, Self::from_rational(high).high)
    }

    pub fn pi() -> Self {
        Self::outward(std::f64::consts::PI, std::f64::consts::PI)
    }

    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// A number between the ends.
    pub fn middle(self) -> f64 {
        let middle = 0.5 * self.low + 0.5 * self.high;
        middle.clamp(self.low, self.high)
    }

    pub fn is_bounded(self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    pub fn contains_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }

    pub fn hull(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    /// What both hold; where rounding leaves nothing, the first.
    pub fn common(self, other: Self) -> Self {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        if low <= high {
            Self::new(low, high)
        } else {
            self
        }
    }

    /// `None` where 0 is possible.
    pub fn reciprocal(self) -> Option<Self> {
        (!self.contains_zero()).then(|| Self::outward(1.0 / self.high, 1.0 / self.low))
    }

    /// With an infinite end where 0 is an end, the values at 0 itself left out; `None` where 0 lies inside.
    pub fn reciprocal_with_pole(self) -> Option<Self> {
        if self.low == 0.0 && self.high > 0.0 {
            let low = Self::outward(1.0 / self.high, f64::INFINITY).low;
            Some(Self::new(low.max(0.0), f64::INFINITY))
        } else if self.high == 0.0 && self.low < 0.0 {
            (-self).reciprocal_with_pole().map(|x| -x)
        } else {
            self.reciprocal()
        }
    }

    /// `None` where a value may be negative.
    pub fn sqrt(self) -> Option<Self> {
        (self.low >= 0.0).then(|| {
            let root = Self::outward(self.low.sqrt(), self.high.sqrt());
            Self::new(root.low.max(0.0), root.high)
        })
    }

    pub fn exp(self) -> Self {
        let end = |x: f64| Ball::from_f64(x).exp().enclosure();
        let low = if self.low == f64::NEG_INFINITY {
            0.0
        } else {
            end(self.low).0.max(0.0)
        };
        let high = if self.high.is_finite() {
            end(self.high).1
        } else {
            self.high
        };
        Self::new(low, high)
    }

    /// `None` where a value may not be positive.
    pub fn ln(self) -> Option<Self> {
        let inside = self.low > 0.0 && self.high.is_finite();
        inside.then(|| self.ln_with_pole()).flatten()
    }

    /// Down to minus infinity where 0 is the lower end; `None` where a value may be negative.
    pub fn ln_with_pole(self) -> Option<Self> {
        let end = |x: f64| Ball::from_f64(x).ln().enclosure();
        (self.low >= 0.0 && self.high > 0.0).then(|| {
            let low = if self.low > 0.0 {
                end(self.low).0
            } else {
                f64::NEG_INFINITY
            };
            let high = if self.high.is_finite() {
                end(self.high).1
            } else {
                f64::INFINITY
            };
            Self::new(low, high)
        })
    }

    pub fn abs(self) -> Self {
        if self.low >= 0.0 {
            self
        } else if self.high <= 0.0 {
            -self
        } else {
            Self::new(0.0, self.high.max(-self.low))
        }
    }

    pub fn lesser(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.min(other.high))
    }

    pub fn greater(self, other: Self) -> Self {
        Self::new(self.low.max(other.low), self.high.max(other.high))
    }

    /// A whole power; `None` where it may not exist.
    pub fn whole_power(self, n: i32) -> Option<Self> {
        if n < 0 {
            return self.whole_power(-n)?.reciprocal();
        }
        let base = if n % 2 == 0 { self.abs() } else { self };
        let end = |x: f64| (0..n).fold(Self::point(1.0), |product, _| product * Self::point(x));
        Some(Self::new(end(base.low).low, end(base.high).high))
    }
}

/// A sum, and whether nothing of it was rounded away.
fn sum(a: f64, b: f64) -> (f64, bool) {
    let s = a + b;
    let other = s - a;
    (s, (a - (s - other)) + (b - other) == 0.0)
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (low, low_is_exact) = sum(self.low, other.low);
        let (high, high_is_exact) = sum(self.high, other.high);
        let outward = Self::outward(low, high);
        Self {
            low: if low_is_exact { low } else { outward.low },
            high: if high_is_exact { high } else { outward.high },
        }
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.high, -self.low)
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let zero = Self::point(0.0);
        if self == zero || other == zero {
            return zero;
        }
        let one = Self::point(1.0);
        if self == one {
            return other;
        }
        if other == one {
            return self;
        }
        if self == -one {
            return -other;
        }
        if other == -one {
            return -self;
        }
        let products = [
            self.low * other.low,
            self.low * other.high,
            self.high * other.low,
            self.high * other.high,
        ];
        if products.iter().any(|x| x.is_nan()) {
            return Self::EVERYTHING;
        }
        let low = products.iter().copied().fold(f64::INFINITY, f64::min);
        let high = products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let outward = Self::outward(low, high);
        // Zero from a factor zero is exact, zero by underflow is not.
        let ends = [(self.low, other), (self.high, other)];
        let underflow = ends
            .iter()
            .any(|(a, b)| *a != 0.0 && [b.low, b.high].iter().any(|b| *b != 0.0 && a * b == 0.0));
        Self {
            low: if low == 0.0 && !underflow {
                0.0
            } else {
                outward.low
            },
            high: if high == 0.0 && !underflow {
                0.0
            } else {
                outward.high
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval() -> impl Strategy<Value = (Interval, f64)> {
        (-50.0..50.0f64, 0.0..20.0f64, 0.0..=1.0f64).prop_map(|(low, width, share)| {
            let x = Interval::new(low, low + width);
            (x, (low + share * width).clamp(x.low, x.high))
        })
    }

    fn holds(x: Interval, value: &BigRational) -> bool {
        let exact = |x: f64| rational_from_f64(x);
        exact(x.low).is_none_or(|low| low <= *value)
            && exact(x.high).is_none_or(|high| *value <= high)
    }

    #[test]
    fn a_zero_end_stays_exact_and_an_underflow_does_not() {
        let unit = Interval::new(0.0, 1.0);
        assert_eq!((unit * Interval::new(0.5, 2.0)).low, 0.0);
        assert_eq!((unit * Interval::new(-2.0, -0.5)).high, 0.0);
        let tiny = Interval::new(1e-300, 1.0);
        assert!((tiny * -tiny).high > 0.0);
        assert!((unit * tiny).low <= 0.0);
        assert_eq!(Interval::new(-1.0, 1.0).reciprocal_with_pole(), None);
        let beside = (-unit).reciprocal_with_pole().unwrap();
        assert!(beside.high < 0.0 && beside.low == f64::NEG_INFINITY);
    }

    proptest! {
        #[test]
        fn sums_products_and_powers_hold_their_points((a, x) in interval(), (b, y) in interval()) {
            let (p, q) = (rational_from_f64(x).unwrap(), rational_from_f64(y).unwrap());
            prop_assert!(holds(a + b, &(&p + &q)));
            prop_assert!(holds(a - b, &(&p - &q)));
            prop_assert!(holds(a * b, &(&p * &q)));
            prop_assert!(holds(a.whole_power(2).unwrap(), &(&p * &p)));
            prop_assert!(holds(a.whole_power(3).unwrap(), &(&p * &p * &p)));
            if let Some(inverse) = a.reciprocal() {
                prop_assert!(holds(inverse, &p.recip()));
            }
            // beside a pole
            let from_zero = Interval::new(0.0, a.high.abs());
            if x > 0.0 {
                let inverse = from_zero.reciprocal_with_pole().unwrap();
                prop_assert!(holds(inverse, &p.recip()) && inverse.low > 0.0);
                let ln = from_zero.ln_with_pole().unwrap();
                let there = Interval::point(x).ln().unwrap();
                prop_assert!(ln.low <= there.low && there.high <= ln.high);
            }
            // functions against themselves at the point
            let inside = |outer: Interval, inner: Interval| outer.low <= inner.low && inner.high <= outer.high;
            let at = Interval::point(x);
            prop_assert!(inside(a.exp(), Interval::point(at.exp().middle())));
            if let (Some(whole), Some(there)) = (a.ln(), at.ln()) {
                prop_assert!(inside(whole, Interval::point(there.middle())));
            }
            if let (Some(whole), Some(there)) = (a.sqrt(), at.sqrt()) {
                prop_assert!(inside(whole, Interval::point(there.middle())));
            }
        }
    }
}
