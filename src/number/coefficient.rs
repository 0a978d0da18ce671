//! Rational numbers that stay in machine words as long as they fit.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::rational::{WHOLE, rational_to_f64};

/// An exact rational number; equal numbers have equal forms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Coefficient {
    /// Lowest terms, positive denominator.
    Small(i64, i64),
    /// Only what does not fit the other form.
    Large(Box<BigRational>),
}

use Coefficient::{Large, Small};

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `n/d` in lowest terms, `d > 0`.
fn reduced(n: i128, d: i128) -> Coefficient {
    let common = gcd(n.unsigned_abs(), d.unsigned_abs()).max(1) as i128;
    let (n, d) = (n / common, d / common);
    match (i64::try_from(n), i64::try_from(d)) {
        (Ok(n), Ok(d)) => Small(n, d),
        _ => Large(Box::new(BigRational::new(n.into(), d.into()))),
    }
}

impl Coefficient {
    pub fn zero() -> Self {
        Small(0, 1)
    }

    pub fn one() -> Self {
        Small(1, 1)
    }

    pub fn integer(n: i64) -> Self {
        Small(n, 1)
    }

    pub fn from_rational(value: BigRational) -> Self {
        Self::from(&value)
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        match self {
            Small(n, d) if n.unsigned_abs() <= WHOLE && d.unsigned_abs() <= WHOLE => {
                *n as f64 / *d as f64
            }
            _ => rational_to_f64(&self.to_rational()),
        }
    }

    pub fn to_rational(&self) -> BigRational {
        match self {
            Small(n, d) => BigRational::new_raw(BigInt::from(*n), BigInt::from(*d)),
            Large(value) => (**value).clone(),
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self, Small(0, _))
    }

    pub fn is_one(&self) -> bool {
        matches!(self, Small(1, 1))
    }

    pub fn signum(&self) -> Ordering {
        match self {
            Small(n, _) => n.cmp(&0),
            Large(value) if value.is_positive() => Ordering::Greater,
            Large(value) if value.is_zero() => Ordering::Equal,
            Large(_) => Ordering::Less,
        }
    }

    pub fn add(&self, other: &Self) -> Self {
        if let (Small(a, b), Small(c, d)) = (self, other) {
            let (a, b, c, d) = (
                i128::from(*a),
                i128::from(*b),
                i128::from(*c),
                i128::from(*d),
            );
            if let Some(n) = (a * d).checked_add(c * b) {
                return reduced(n, b * d);
            }
        }
        Self::from_rational(self.to_rational() + other.to_rational())
    }

    pub fn neg(&self) -> Self {
        match self {
            Small(n, d) if *n != i64::MIN => Small(-n, *d),
            _ => Self::from_rational(-self.to_rational()),
        }
    }

    pub fn abs(&self) -> Self {
        if self.is_negative() {
            self.neg()
        } else {
            self.clone()
        }
    }

    pub fn is_negative(&self) -> bool {
        self.signum() == Ordering::Less
    }

    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    pub fn mul(&self, other: &Self) -> Self {
        if let (Small(a, b), Small(c, d)) = (self, other) {
            return reduced(
                i128::from(*a) * i128::from(*c),
                i128::from(*b) * i128::from(*d),
            );
        }
        Self::from_rational(self.to_rational() * other.to_rational())
    }

    /// `1/self`; `None` for 0.
    pub fn recip(&self) -> Option<Self> {
        match self {
            Small(0, _) => None,
            Small(n, d) if *n > 0 => Some(Small(*d, *n)),
            Small(n, d) if *n != i64::MIN => Some(Small(-d, -n)),
            _ => Some(Self::from_rational(self.to_rational().recip())),
        }
    }

    /// The number, if it is a whole one of machine size.
    pub fn to_integer(&self) -> Option<i64> {
        match self {
            Small(n, 1) => Some(*n),
            _ => None,
        }
    }
}

impl From<&BigRational> for Coefficient {
    fn from(value: &BigRational) -> Self {
        match (value.numer().to_i64(), value.denom().to_i64()) {
            (Some(n), Some(d)) => Small(n, d),
            _ => Large(Box::new(value.clone())),
        }
    }
}

impl PartialOrd for Coefficient {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Coefficient {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sub(other).signum()
    }
}

impl Display for Coefficient {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let value = self.to_rational();
        if value.denom().is_one() {
            write!(f, "{}", value.numer())
        } else {
            write!(f, "{}/{}", value.numer(), value.denom())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_leave_the_machine_word_and_come_back() {
        let big = Coefficient::integer(i64::MAX);
        let square = big.mul(&big);
        assert!(matches!(square, Large(_)));
        assert_eq!(square.mul(&square.recip().unwrap()), Coefficient::one());
        assert_eq!(square.sub(&square), Coefficient::zero());
        assert_eq!(big.add(&Coefficient::one()).sub(&big), Coefficient::one());
        assert_eq!(
            Coefficient::integer(i64::MIN).neg().neg(),
            Coefficient::integer(i64::MIN)
        );
    }

    #[test]
    fn sizes_signs_and_doubles_are_those_of_the_number() {
        let least = Coefficient::integer(i64::MIN);
        assert!(least.is_negative() && !least.abs().is_negative());
        assert_eq!(least.abs(), least.neg());
        let third = Coefficient::from(&BigRational::new((-1).into(), 3.into()));
        assert_eq!(third.abs().to_f64(), 1.0 / 3.0);
        // Beyond 53 bits the quotient of the rounded parts is not the rounded quotient.
        let near = BigRational::new(((1i64 << 62) + 1).into(), ((1i64 << 61) - 1).into());
        assert_eq!(Coefficient::from(&near).to_f64(), near.to_f64().unwrap());
    }
}
