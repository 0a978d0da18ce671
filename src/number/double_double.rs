//! Numbers of about 32 digits: unevaluated sums of two `f64`.
//!
//! Algorithms of Joldes, Muller & Popescu, *Tight and rigorous error bounds for basic building blocks of
//! double-word arithmetic*, ACM TOMS 44 (2017); `u = 2⁻⁵³`. (The published crate for this loses half of the
//! digits in division and in its functions, so it cannot bear error bounds.)

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `hi + lo`, with `|lo| ≤ ulp(hi)/2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DoubleDouble {
    hi: f64,
    lo: f64,
}

pub const PI: DoubleDouble = DoubleDouble {
    hi: std::f64::consts::PI,
    lo: 1.2246467991473532e-16,
};
const LN_2: DoubleDouble = DoubleDouble {
    hi: std::f64::consts::LN_2,
    lo: 2.3190468138462996e-17,
};

/// `a + b` exactly, for `|a| ≥ |b|`.
fn fast_two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    DoubleDouble {
        hi,
        lo: b - (hi - a),
    }
}

/// `a + b` exactly.
fn two_sum(a: f64, b: f64) -> DoubleDouble {
    let hi = a + b;
    let part = hi - b;
    DoubleDouble {
        hi,
        lo: (a - part) + (b - (hi - part)),
    }
}

/// `a · b` exactly.
fn two_product(a: f64, b: f64) -> DoubleDouble {
    let hi = a * b;
    DoubleDouble {
        hi,
        lo: a.mul_add(b, -hi),
    }
}

impl DoubleDouble {
    /// The sum of two `f64`.
    pub fn new(a: f64, b: f64) -> Self {
        two_sum(a, b)
    }

    pub fn hi(self) -> f64 {
        self.hi
    }

    pub fn abs(self) -> Self {
        if self.hi < 0.0 { -self } else { self }
    }

    /// Algorithm 8 of Lefèvre et al. (2023): relative error below 25/8 u².
    pub fn sqrt(self) -> Self {
        if self.hi <= 0.0 {
            return Self::from(self.hi.sqrt());
        }
        let hi = self.hi.sqrt();
        let rest = (-hi).mul_add(hi, self.hi);
        fast_two_sum(hi, (self.lo + rest) / (2.0 * hi))
    }

    /// `e^x`: reduce by `k ln 2` and a factor 512, Taylor's series of `e^r − 1`, square back.
    pub fn exp(self) -> Self {
        let k = (self.hi / std::f64::consts::LN_2).round();
        if k.is_nan() || !(-1070.0..=1023.0).contains(&k) {
            return Self::from(if k < 0.0 { 0.0 } else { k * f64::INFINITY });
        }
        let r = (self - LN_2 * Self::from(k)) * Self::from(1.0 / 512.0);
        let mut term = r;
        let mut series = r;
        for n in 2..=10 {
            term = term * r / Self::from(f64::from(n));
            series = series + term;
        }
        for _ in 0..9 {
            series = series * Self::from(2.0) + series * series;
        }
        // Two factors, for 2^k alone may underflow where the product does not.
        let half = (k / 2.0).trunc();
        let scale = |x: Self, power: f64| {
            let factor = 2f64.powi(power as i32);
            Self {
                hi: x.hi * factor,
                lo: x.lo * factor,
            }
        };
        scale(scale(series + Self::from(1.0), half), k - half)
    }

    /// `ln x` by a step of Halley's method from `f64`.
    pub fn ln(self) -> Self {
        let start = Self::from(self.hi.ln());
        let power = start.exp();
        start + (self - power) / (self + power) * Self::from(2.0)
    }
}

impl From<f64> for DoubleDouble {
    fn from(hi: f64) -> Self {
        Self { hi, lo: 0.0 }
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            hi: -self.hi,
            lo: -self.lo,
        }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    /// Algorithm 6, error below 3u² + 13u³.
    fn add(self, other: Self) -> Self {
        let s = two_sum(self.hi, other.hi);
        let t = two_sum(self.lo, other.lo);
        let v = fast_two_sum(s.hi, s.lo + t.hi);
        fast_two_sum(v.hi, t.lo + v.lo)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + (-other)
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    /// Algorithm 12, error below 5u².
    fn mul(self, other: Self) -> Self {
        let c = two_product(self.hi, other.hi);
        let cross = self.hi.mul_add(other.lo, self.lo * other.lo);
        let cross = self.lo.mul_add(other.hi, cross);
        fast_two_sum(c.hi, c.lo + cross)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    /// Algorithm 17, error below 15u² + 56u³.
    fn div(self, other: Self) -> Self {
        let hi = self.hi / other.hi;
        // other · hi, algorithm 9.
        let c = two_product(other.hi, hi);
        let product = fast_two_sum(c.hi, other.lo.mul_add(hi, c.lo));
        let rest = (self.hi - product.hi) + (self.lo - product.lo);
        fast_two_sum(hi, rest / other.hi)
    }
}
