//! Upper bounds of few bits and of any size: the radii of [`Precise`](super::Precise).

/// `mantissa · 2^exponent` with `2³¹ ≤ mantissa < 2³²`, or zero, or infinite. Every operation rounds up unless
/// its name says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magnitude {
    mantissa: u64,
    exponent: i64,
}

const BITS: u32 = 32;
const INFINITE: u64 = u64::MAX;

impl Magnitude {
    pub const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
    };
    pub const INFINITE: Self = Self {
        mantissa: INFINITE,
        exponent: 0,
    };

    pub fn power_of_two(exponent: i64) -> Self {
        Self {
            mantissa: 1 << (BITS - 1),
            exponent: exponent - i64::from(BITS) + 1,
        }
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub fn is_finite(self) -> bool {
        self.mantissa != INFINITE
    }

    /// The least magnitude of at least `bits · 2^exponent`.
    pub fn above(bits: u128, exponent: i64) -> Self {
        Self::rounded(bits, exponent, true)
    }

    /// The greatest magnitude of at most `bits · 2^exponent`.
    pub fn below(bits: u128, exponent: i64) -> Self {
        Self::rounded(bits, exponent, false)
    }

    fn rounded(bits: u128, exponent: i64, up: bool) -> Self {
        if bits == 0 {
            return Self::ZERO;
        }
        let length = 128 - bits.leading_zeros();
        if length <= BITS {
            let shift = BITS - length;
            return Self {
                mantissa: (bits as u64) << shift,
                exponent: exponent - i64::from(shift),
            };
        }
        let shift = length - BITS;
        let mut mantissa = (bits >> shift) as u64;
        let mut exponent = exponent + i64::from(shift);
        if up && (bits & ((1 << shift) - 1)) != 0 {
            mantissa += 1;
            if mantissa >> BITS != 0 {
                mantissa >>= 1;
                exponent += 1;
            }
        }
        Self { mantissa, exponent }
    }

    /// At least `|x|`; infinite where `x` is no number.
    pub fn from_f64(x: f64) -> Self {
        if !x.is_finite() {
            return Self::INFINITE;
        }
        let bits = x.abs().to_bits();
        let (mantissa, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as i64);
        if exponent == 0 {
            Self::above(u128::from(mantissa), -1074)
        } else {
            Self::above(u128::from(mantissa | (1 << 52)), exponent - 1075)
        }
    }

    /// The nearest `f64` from above; infinite beyond its range.
    pub fn to_f64(self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        if !self.is_finite() || self.exponent > 1023 {
            return f64::INFINITY;
        }
        if self.exponent < -1140 {
            return f64::from_bits(1);
        }
        let half = self.exponent / 2;
        let scaled = self.mantissa as f64 * 2f64.powi(half as i32);
        let value = scaled * 2f64.powi((self.exponent - half) as i32);
        if self.exponent < -1060 {
            value.next_up()
        } else {
            value
        }
    }

    /// `⌊log₂⌋` of the bound, where it is neither zero nor infinite.
    pub fn log2(self) -> i64 {
        self.exponent + i64::from(BITS) - 1
    }

    /// Mantissa and exponent of a finite bound.
    pub fn parts(self) -> (u64, i64) {
        (self.mantissa, self.exponent)
    }

    pub fn plus(self, other: Self) -> Self {
        if !self.is_finite() || !other.is_finite() {
            return Self::INFINITE;
        }
        if other.is_zero() {
            return self;
        }
        if self.is_zero() {
            return other;
        }
        let (large, small) = if self.exponent >= other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        let distance = large.exponent.saturating_sub(small.exponent);
        if distance > 60 {
            return Self::above((u128::from(large.mantissa) << 8) + 1, large.exponent - 8);
        }
        Self::above(
            (u128::from(large.mantissa) << distance) + u128::from(small.mantissa),
            small.exponent,
        )
    }

    /// At most `self − other`; zero where that is negative.
    pub fn minus_below(self, other: Self) -> Self {
        if other.is_zero() {
            return self;
        }
        if self <= other || !other.is_finite() {
            return Self::ZERO;
        }
        if !self.is_finite() {
            return Self::INFINITE;
        }
        let distance = self.exponent.saturating_sub(other.exponent);
        if distance > 60 {
            return Self::below((u128::from(self.mantissa) << 8) - 1, self.exponent - 8);
        }
        if distance >= 0 {
            Self::below(
                (u128::from(self.mantissa) << distance) - u128::from(other.mantissa),
                other.exponent,
            )
        } else {
            Self::below(
                u128::from(self.mantissa) - (u128::from(other.mantissa) << -distance),
                self.exponent,
            )
        }
    }

    pub fn times(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        if !self.is_finite() || !other.is_finite() {
            return Self::INFINITE;
        }
        Self::above(
            u128::from(self.mantissa) * u128::from(other.mantissa),
            self.exponent + other.exponent,
        )
    }

    /// At least `self/other` for any divisor of at least `other`; infinite where that is zero.
    pub fn over(self, other: Self) -> Self {
        if other.is_zero() || !self.is_finite() {
            return Self::INFINITE;
        }
        if self.is_zero() || !other.is_finite() {
            return Self::ZERO;
        }
        let quotient = (u128::from(self.mantissa) << 64) / u128::from(other.mantissa) + 1;
        Self::above(quotient, self.exponent - other.exponent - 64)
    }

    pub fn max(self, other: Self) -> Self {
        if self >= other { self } else { other }
    }
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Magnitude {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |m: &Self| match m.mantissa {
            0 => (0, 0, 0),
            INFINITE => (2, 0, 0),
            mantissa => (1, m.exponent, mantissa),
        };
        key(self).cmp(&key(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn operations_round_outwards(a in 1e-300f64..1e300, b in 1e-300f64..1e300) {
            let (x, y) = (Magnitude::from_f64(a), Magnitude::from_f64(b));
            prop_assert!(x.to_f64() >= a && x.to_f64() <= a * (1.0 + 1e-9));
            prop_assert!(x.plus(y).to_f64() >= a + b);
            prop_assert!(x.plus(y).to_f64() <= (a + b) * (1.0 + 1e-8));
            let product = x.times(y).to_f64();
            prop_assert!(product >= a * b && (product <= a * b * (1.0 + 1e-8) || a * b < 1e-300));
            let quotient = x.over(y).to_f64();
            prop_assert!(quotient * (1.0 + 1e-9) >= a / b && (quotient <= a / b * (1.0 + 1e-8) || a / b < 1e-300));
            if a > b * (1.0 + 1e-8) {
                let difference = x.minus_below(y).to_f64();
                prop_assert!(difference <= (x.to_f64() - y.to_f64()) * (1.0 + 1e-15));
            }
        }
    }

    #[test]
    fn extremes_stay_above() {
        assert_eq!(Magnitude::from_f64(0.0), Magnitude::ZERO);
        assert_eq!(Magnitude::from_f64(f64::NAN), Magnitude::INFINITE);
        assert_eq!(Magnitude::power_of_two(-5000).to_f64(), f64::from_bits(1));
        assert_eq!(Magnitude::power_of_two(5000).to_f64(), f64::INFINITY);
        assert!(Magnitude::from_f64(5e-324).to_f64() >= 5e-324);
        assert!(Magnitude::power_of_two(3) > Magnitude::power_of_two(-3));
        assert_eq!(Magnitude::power_of_two(3).to_f64(), 8.0);
    }
}
