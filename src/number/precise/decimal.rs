//! How balls are written down.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::Precise;

impl Precise {
    /// The value rounded to so many significant decimals (half away from zero), in scientific notation such as
    /// `-1.234e-7`; `None` where the ball leaves the last of them open.
    ///
    /// A value that lies on the boundary between two roundings stays open at any precision.
    pub fn to_decimal(&self, digits: usize) -> Option<String> {
        if !self.is_finite() || digits == 0 {
            return None;
        }
        if self.is_zero() {
            return Some("0".to_owned());
        }
        let low = scientific(&self.lower().rational_midpoint()?, digits)?;
        let high = scientific(&self.upper().rational_midpoint()?, digits)?;
        (low == high).then_some(low)
    }
}

/// `value` to so many significant decimals.
fn scientific(value: &BigRational, digits: usize) -> Option<String> {
    if value.is_zero() {
        return None;
    }
    let size = value.abs();
    // log10 from the lengths of numerator and denominator, then corrected.
    let bits = size.numer().bits() as f64 - size.denom().bits() as f64;
    let mut exponent = (bits * std::f64::consts::LOG10_2).floor() as i64;
    let ten = |power: i64| -> BigRational {
        let scale = num_traits::pow(BigInt::from(10), power.unsigned_abs() as usize);
        if power < 0 {
            BigRational::new(BigInt::one(), scale)
        } else {
            BigRational::from_integer(scale)
        }
    };
    while ten(exponent) > size {
        exponent -= 1;
    }
    while ten(exponent + 1) <= size {
        exponent += 1;
    }
    let scaled = &size * ten(digits as i64 - 1 - exponent);
    let mut rounded = scaled.round().to_integer().to_string();
    if rounded.len() > digits {
        rounded.pop();
        exponent += 1;
    }
    let sign = if value.is_negative() { "-" } else { "" };
    let (first, rest) = rounded.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{first}{point}{rest}e{exponent}"))
}
