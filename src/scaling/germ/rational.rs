//! Rational arithmetic in machine words where it fits, which in exponents it almost always does.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

pub(crate) use crate::number::rational_to_f64 as to_f64;

fn words(x: &BigRational) -> Option<(i64, i64)> {
    Some((x.numer().to_i64()?, x.denom().to_i64()?))
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `numerator/denominator` in lowest terms, `denominator > 0`.
fn reduced(numerator: i64, denominator: i64) -> BigRational {
    let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
    // at most the denominator, so it fits
    let divisor = i64::try_from(divisor).unwrap_or(1);
    BigRational::new_raw(
        BigInt::from(numerator / divisor),
        BigInt::from(denominator / divisor),
    )
}

pub(crate) fn add(a: &BigRational, b: &BigRational) -> BigRational {
    if a.is_zero() {
        return b.clone();
    }
    if b.is_zero() {
        return a.clone();
    }
    let sum = || {
        let ((n1, d1), (n2, d2)) = (words(a)?, words(b)?);
        if d1 == d2 {
            return Some((n1.checked_add(n2)?, d1));
        }
        let numerator = n1.checked_mul(d2)?.checked_add(n2.checked_mul(d1)?)?;
        Some((numerator, d1.checked_mul(d2)?))
    };
    match sum() {
        Some((numerator, denominator)) => reduced(numerator, denominator),
        None => a + b,
    }
}

pub(crate) fn mul(a: &BigRational, b: &BigRational) -> BigRational {
    let product = || {
        let ((n1, d1), (n2, d2)) = (words(a)?, words(b)?);
        Some((n1.checked_mul(n2)?, d1.checked_mul(d2)?))
    };
    match product() {
        Some((numerator, denominator)) => reduced(numerator, denominator),
        None => a * b,
    }
}

pub(crate) fn compare(a: &BigRational, b: &BigRational) -> Ordering {
    let cross = || {
        let ((n1, d1), (n2, d2)) = (words(a)?, words(b)?);
        Some((i128::from(n1) * i128::from(d2)).cmp(&(i128::from(n2) * i128::from(d1))))
    };
    cross().unwrap_or_else(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_agree_with_long_arithmetic(
            n1 in any::<i64>(), d1 in 1..i64::MAX, n2 in any::<i64>(), d2 in 1..i64::MAX,
            shift in 0..63_u32,
        ) {
            // every size, from small to overflowing
            let (d1, d2) = ((d1 >> shift).max(1), (d2 >> shift).max(1));
            let a = BigRational::new((n1 >> shift).into(), d1.into());
            let b = BigRational::new((n2 >> shift).into(), d2.into());
            prop_assert_eq!(add(&a, &b), &a + &b);
            prop_assert_eq!(mul(&a, &b), &a * &b);
            prop_assert_eq!(compare(&a, &b), a.cmp(&b));
            prop_assert_eq!(to_f64(&a), a.to_f64().unwrap());
        }
    }
}
