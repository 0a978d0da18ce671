//! Decimal numbers as they are printed: read exactly, written without needless exponents.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// A number with the digits it is stated to.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    pub value: BigRational,
    /// Half a unit of the last digit.
    pub half_unit: BigRational,
    /// Digits from the first that is not zero; 0 for a zero.
    pub significant: usize,
}

/// Longest number that is read.
const LONGEST: usize = 2000;
/// Exponents beyond are no numbers of a table.
const FARTHEST: i64 = 100_000;

/// Reads `-1.250e-7`.
pub fn read(text: &str) -> Option<Printed> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let text = text.replace('−', "-");
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text.as_str(), 0),
    };
    if exponent.abs() > FARTHEST {
        return None;
    }
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !(all(whole) && all(part)) || whole.len() + part.len() == 0 {
        return None;
    }
    let digits = format!("{whole}{part}");
    let number: BigInt = digits.parse().ok()?;
    let last = exponent - part.len() as i64;
    let unit = power_of_ten(last);
    let value = BigRational::from_integer(number) * &unit;
    Some(Printed {
        value: if negative { -value } else { value },
        half_unit: unit / BigRational::from_integer(2.into()),
        significant: digits.trim_start_matches('0').len(),
    })
}

pub fn power_of_ten(exponent: i64) -> BigRational {
    let scale = num_traits::pow(BigInt::from(10), exponent.unsigned_abs() as usize);
    if exponent < 0 {
        BigRational::new(BigInt::one(), scale)
    } else {
        BigRational::from_integer(scale)
    }
}

/// The exponent of the first digit that is not zero.
pub fn exponent(value: &BigRational) -> i64 {
    if value.is_zero() {
        return 0;
    }
    let size = value.abs();
    let bits = size.numer().bits() as f64 - size.denom().bits() as f64;
    let mut exponent = (bits * std::f64::consts::LOG10_2).floor() as i64;
    while power_of_ten(exponent) > size {
        exponent -= 1;
    }
    while power_of_ten(exponent + 1) <= size {
        exponent += 1;
    }
    exponent
}

/// Rounds to so many digits, half away from zero; exact values keep no zeros behind their last digit.
pub fn rounded(value: &BigRational, digits: usize) -> String {
    if value.is_zero() {
        return "0".to_owned();
    }
    let mut top = exponent(value);
    let scaled = value.abs() * power_of_ten(digits as i64 - 1 - top);
    let mut text = scaled.round().to_integer().to_string();
    if text.len() > digits {
        text.pop();
        top += 1;
    }
    layout(value.is_negative(), &text, top)
}

/// An exact value in full, where it is a decimal of moderate length.
pub fn in_full(value: &BigRational) -> Option<String> {
    if value.is_zero() {
        return Some("0".to_owned());
    }
    if value.is_integer() && value.numer().bits() < 50 {
        return Some(value.to_string());
    }
    let top = exponent(value);
    (1..=40).find_map(|digits| {
        let scaled = value.abs() * power_of_ten(digits as i64 - 1 - top);
        scaled
            .is_integer()
            .then(|| layout(value.is_negative(), &scaled.to_integer().to_string(), top))
    })
}

/// Digits with the exponent of the first, as a number: plain where that is short.
pub fn layout(negative: bool, digits: &str, top: i64) -> String {
    let sign = if negative { "-" } else { "" };
    let count = digits.len() as i64;
    if (-5..0).contains(&top) {
        let zeros = "0".repeat((-top - 1) as usize);
        format!("{sign}0.{zeros}{digits}")
    } else if (0..count).contains(&top) {
        let (whole, part) = digits.split_at(top as usize + 1);
        let point = if part.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{part}")
    } else {
        // 300 to one digit is 3e2: zeros that are not known are not printed.
        scientific(sign, digits, top)
    }
}

fn scientific(sign: &str, digits: &str, top: i64) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{top}")
}

/// What stands between two roundings' common digits: the most digits, up to `digits`, to which all of `low..=high`
/// rounds alike, and that rounding.
pub fn certain(low: &BigRational, high: &BigRational, digits: usize) -> Option<(String, usize)> {
    (1..=digits).rev().find_map(|digits| {
        let (a, b) = (rounded(low, digits), rounded(high, digits));
        (a == b).then_some((a, digits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn q(text: &str) -> BigRational {
        read(text).unwrap().value
    }

    #[test]
    fn reading() {
        let x = read("-1.250e-7").unwrap();
        assert_eq!(
            x.value,
            BigRational::new((-125).into(), 1_000_000_000i64.into())
        );
        assert_eq!(x.significant, 4);
        assert_eq!(x.half_unit, q("5e-11"));
        assert_eq!(read("0.00").unwrap().significant, 0);
        for wrong in ["", "-", ".", "1e", "0x1", "nan", "1.2.3", "1e999999999"] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn rounding() {
        for (value, digits, text) in [
            ("0.125", 2, "0.13"),
            ("-0.125", 2, "-0.13"),
            ("0.99995", 4, "1.000"),
            ("123456", 3, "1.23e5"),
            ("300", 15, "300.000000000000"),
            ("1e-300", 3, "1.00e-300"),
            ("0.00001234", 3, "0.0000123"),
            ("9.99e22", 2, "1.0e23"),
        ] {
            assert_eq!(rounded(&q(value), digits), text);
        }
        assert_eq!(in_full(&q("0.25")).unwrap(), "0.25");
        assert_eq!(in_full(&q("1e6")).unwrap(), "1000000");
        assert_eq!(in_full(&q("1.2e33")).unwrap(), "1.2e33");
        assert_eq!(in_full(&BigRational::new(1.into(), 3.into())), None);
    }

    #[test]
    fn digits_that_are_not_certain_are_left_out() {
        assert_eq!(
            certain(&q("1.2344"), &q("1.2346"), 6),
            Some(("1.23".to_owned(), 3))
        );
        assert_eq!(
            certain(&q("1.2341"), &q("1.2342"), 4),
            Some(("1.234".to_owned(), 4))
        );
        assert_eq!(certain(&q("-1"), &q("1"), 4), None);
        // A tie is open at its digit alone.
        assert_eq!(
            certain(&q("0.12499999"), &q("0.12500001"), 2),
            Some(("0.1".to_owned(), 1))
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(x in -1e30f64..1e30, digits in 1usize..40) {
            let value = BigRational::from_float(x).unwrap();
            let back = read(&rounded(&value, digits)).unwrap();
            prop_assert!((&back.value - &value).abs() <= back.half_unit);
        }
    }
}
