//! Exact decimals, and the simplest fraction near a number.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Longest exponent accepted in a decimal: beyond `f64`'s range nothing can be evaluated.
const MAX_EXPONENT: i64 = 4000;

/// The exact value of a decimal such as `12`, `0.1`, `-1e-6`, `1_000.5`; `None` if it is none, or absurdly long.
pub fn parse_decimal(text: &str) -> Option<BigRational> {
    let text = text.replace('_', "");
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text.as_str(), 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || all.len() > 4096 || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = exponent.checked_sub(fraction.len() as i64)?;
    if power.abs() > MAX_EXPONENT {
        return None;
    }
    let mut value = BigRational::from_integer(all.parse::<BigInt>().ok()?);
    let scale = num_traits::pow(BigInt::from(10), power.unsigned_abs() as usize);
    if power < 0 {
        value /= BigRational::from_integer(scale);
    } else {
        value *= BigRational::from_integer(scale);
    }
    Some(if negative { -value } else { value })
}

/// Whole numbers up to here are doubles.
pub(super) const WHOLE: u64 = 1 << f64::MANTISSA_DIGITS;

/// A fraction whose numerator and denominator are doubles.
pub(super) fn as_doubles(value: &BigRational) -> Option<(f64, f64)> {
    let numerator = value
        .numer()
        .to_i64()
        .filter(|n| n.unsigned_abs() <= WHOLE)?;
    let denominator = value.denom().to_u64().filter(|d| *d <= WHOLE)?;
    Some((numerator as f64, denominator as f64))
}

/// The nearest `f64`, infinite beyond its range.
pub fn rational_to_f64(value: &BigRational) -> f64 {
    match as_doubles(value) {
        Some((numerator, denominator)) => numerator / denominator,
        None => value.to_f64().unwrap_or(f64::NAN),
    }
}

/// The exact value of a finite `f64`.
pub fn rational_from_f64(value: f64) -> Option<BigRational> {
    if !value.is_finite() {
        return None;
    }
    if value == 0.0 {
        return Some(BigRational::zero());
    }
    let bits = value.to_bits();
    let biased = ((bits >> 52) & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    // subnormal numbers have no leading bit of their own
    let (mantissa, exponent) = match biased {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, biased - 1075),
    };
    let shift = mantissa.trailing_zeros();
    let (odd, exponent) = (BigInt::from(mantissa >> shift), exponent + i64::from(shift));
    let odd = if value < 0.0 { -odd } else { odd };
    // odd over a power of two: in lowest terms already
    Some(if exponent >= 0 {
        BigRational::from_integer(odd << exponent as u64)
    } else {
        BigRational::new_raw(odd, BigInt::one() << exponent.unsigned_abs())
    })
}

/// The fraction of smallest denominator in `[low, high]` (both finite, `low ≤ high`).
pub fn simplest_between(low: &BigRational, high: &BigRational) -> BigRational {
    if low.is_positive() {
        simplest_positive(low, high)
    } else if high.is_negative() {
        -simplest_positive(&-high, &-low)
    } else {
        BigRational::zero()
    }
}

/// Continued fractions of both ends as far as they agree, in whole numbers: no fraction on the way need be reduced.
fn simplest_positive(low: &BigRational, high: &BigRational) -> BigRational {
    let (mut low, mut high) = (low.clone().into_raw(), high.clone().into_raw());
    // convergents p/q
    let (mut p, mut q) = (
        (BigInt::one(), BigInt::zero()),
        (BigInt::zero(), BigInt::one()),
    );
    loop {
        let whole = &low.0 / &low.1;
        let rest = low.0 - &whole * &low.1;
        let next = &whole + 1_u32;
        let last = rest.is_zero() || &next * &high.1 <= high.0;
        let term = if rest.is_zero() || !last {
            &whole
        } else {
            &next
        };
        p = (term * &p.0 + &p.1, p.0);
        q = (term * &q.0 + &q.1, q.0);
        if last {
            return BigRational::new(p.0, q.0);
        }
        let above = high.0 - &whole * &high.1;
        (low, high) = ((high.1, above), (low.1, rest));
    }
}

/// The same between doubles, by continued fractions in double precision; `None` where that is too coarse. An end may be met
/// only to within its rounding.
pub fn simplest_between_doubles(low: f64, high: f64) -> Option<BigRational> {
    if low <= 0.0 && high >= 0.0 {
        return Some(BigRational::zero());
    }
    if high < 0.0 {
        return simplest_between_doubles(-high, -low).map(|x| -x);
    }
    let (mut from, mut to) = (low, high);
    // convergents p/q
    let (mut p, mut q) = ((1_i64, 0_i64), (0_i64, 1_i64));
    for _ in 0..12 {
        let floor = from.floor();
        let whole = floor == from;
        let last = whole || floor + 1.0 <= to;
        let term = if last && !whole { floor + 1.0 } else { floor };
        if term.abs() > 1e6 {
            return None;
        }
        let a = term as i64;
        p = (a.checked_mul(p.0)?.checked_add(p.1)?, p.0);
        q = (a.checked_mul(q.0)?.checked_add(q.1)?, q.0);
        if last {
            let value = p.0 as f64 / q.0 as f64;
            let inside = low <= value && value <= high;
            return inside.then(|| BigRational::new(p.0.into(), q.0.into()));
        }
        (from, to) = ((to - floor).recip(), (from - floor).recip());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(p: i64, q: i64) -> BigRational {
        BigRational::new(p.into(), q.into())
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse_decimal("0.1"), Some(ratio(1, 10)));
        assert_eq!(parse_decimal("-2.5e-3"), Some(ratio(-1, 400)));
        assert_eq!(parse_decimal("1_000"), Some(ratio(1000, 1)));
        assert_eq!(parse_decimal("1e999999999"), None);
        assert_eq!(parse_decimal("."), None);
        assert_eq!(parse_decimal("1.2.3"), None);
    }

    #[test]
    fn doubles_are_exact_rationals() {
        let odd = [
            0.0,
            -0.0,
            1.0,
            -3.0,
            0.1,
            -0.1,
            1e-300,
            5e-324,
            -f64::MAX,
            1e22,
            f64::MIN_POSITIVE,
        ];
        for x in odd {
            let exact = rational_from_f64(x).unwrap();
            assert_eq!(Some(exact.clone()), BigRational::from_float(x), "{x:e}");
            assert_eq!(rational_to_f64(&exact), x);
        }
        assert_eq!(rational_from_f64(f64::NAN), None);
        assert_eq!(rational_from_f64(f64::INFINITY), None);
        assert_eq!(rational_to_f64(&ratio(1, 3)), 1.0 / 3.0);
    }

    #[test]
    fn doubles_and_rationals_have_the_same_simplest_fraction() {
        for (low, high) in [
            (0.333, 0.334),
            (0.49, 0.52),
            (1.2, 1.3),
            (-0.334, -0.333),
            (2.0, 2.5),
            (0.101, 0.11),
        ] {
            let exact = simplest_between(
                &rational_from_f64(low).unwrap(),
                &rational_from_f64(high).unwrap(),
            );
            assert_eq!(
                simplest_between_doubles(low, high),
                Some(exact),
                "{low} {high}"
            );
        }
        assert_eq!(simplest_between_doubles(-0.5, 0.5), Some(ratio(0, 1)));
    }

    #[test]
    fn the_simplest_fraction_is_found() {
        assert_eq!(
            simplest_between(&ratio(333, 1000), &ratio(334, 1000)),
            ratio(1, 3)
        );
        assert_eq!(simplest_between(&ratio(-1, 2), &ratio(1, 3)), ratio(0, 1));
        assert_eq!(
            simplest_between(&ratio(-334, 1000), &ratio(-333, 1000)),
            ratio(-1, 3)
        );
        assert_eq!(simplest_between(&ratio(5, 2), &ratio(7, 2)), ratio(3, 1));
        // the ends themselves, and none simpler between them
        assert_eq!(
            simplest_between(&ratio(355, 113), &ratio(355, 113)),
            ratio(355, 113)
        );
        let near = |n: i64| ratio(n, 1_000_000_007);
        for n in (1..4_000_000_000).step_by(396_871_123) {
            let (low, high) = (near(n), near(n + 20_000));
            let found = simplest_between(&low, &high);
            assert!(low <= found && found <= high);
            let denominator = found.denom().to_i64().unwrap();
            for q in 1..denominator {
                let below = (&high * ratio(q, 1)).floor() / ratio(q, 1);
                assert!(below < low, "{below} is simpler than {found}");
            }
        }
    }
}
