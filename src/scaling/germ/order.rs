//! Orders of growth `T^power (ln T)^log`.

use std::fmt;

use num_rational::BigRational;
use num_traits::{One, Zero};

/// `T^power (ln T)^log`. The ordering is that of growth as `T → ∞`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    pub power: BigRational,
    pub log: BigRational,
}

impl Order {
    pub fn new(power: BigRational, log: BigRational) -> Self {
        Self { power, log }
    }

    /// The order of a constant.
    pub fn constant() -> Self {
        Self::new(BigRational::zero(), BigRational::zero())
    }

    pub fn times(&self, other: &Self) -> Self {
        Self::new(&self.power + &other.power, &self.log + &other.log)
    }

    pub fn pow(&self, exponent: &BigRational) -> Self {
        Self::new(&self.power * exponent, &self.log * exponent)
    }

    pub fn recip(&self) -> Self {
        Self::new(-&self.power, -&self.log)
    }

    pub fn is_constant(&self) -> bool {
        self.power.is_zero() && self.log.is_zero()
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_constant() {
            return f.write_str("1");
        }
        if !self.power.is_zero() {
            write_power(f, "T", &self.power)?;
        }
        if !self.log.is_zero() {
            if !self.power.is_zero() {
                f.write_str(" ")?;
            }
            write_power(f, "log(T)", &self.log)?;
        }
        Ok(())
    }
}

fn write_power(f: &mut fmt::Formatter<'_>, base: &str, power: &BigRational) -> fmt::Result {
    if power.is_one() {
        f.write_str(base)
    } else if power.is_integer() {
        write!(f, "{base}^{power}")
    } else {
        write!(f, "{base}^({power})")
    }
}
