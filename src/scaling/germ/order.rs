//! Orders of growth `T^power (ln T)^log (ln ln T)^loglog`.

use std::cmp::Ordering;
use std::fmt;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::rational::{add, compare, mul, to_f64};

/// `T^power (ln T)^log (ln ln T)^loglog`. The ordering is that of growth as `T → ∞`.
#[derive(Clone, Debug)]
pub struct Order {
    pub power: BigRational,
    pub log: BigRational,
    pub loglog: BigRational,
    /// `power`, rounded: most comparisons need no more.
    rounded: f64,
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.rounded == other.rounded
            && self.power == other.power
            && self.log == other.log
            && self.loglog == other.loglog
    }
}

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> Ordering {
        let difference = self.rounded - other.rounded;
        if difference.abs() > 1e-12 * (self.rounded.abs() + other.rounded.abs()) {
            return difference.total_cmp(&0.0);
        }
        compare(&self.power, &other.power)
            .then_with(|| compare(&self.log, &other.log))
            .then_with(|| compare(&self.loglog, &other.loglog))
    }
}

impl Order {
    pub fn new(power: BigRational, log: BigRational) -> Self {
        let rounded = to_f64(&power);
        Self {
            power,
            log,
            loglog: BigRational::zero(),
            rounded,
        }
    }

    /// `ln ln T`.
    pub fn loglog() -> Self {
        let mut order = Self::constant();
        order.loglog = BigRational::one();
        order
    }

    /// The order of a constant.
    /// A bound on what falls faster than any power of `T`, below all that expansions tell apart.
    pub fn beyond_powers() -> Self {
        Self::new(
            BigRational::from_integer((-1000).into()),
            BigRational::zero(),
        )
    }

    pub fn constant() -> Self {
        Self::new(BigRational::zero(), BigRational::zero())
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut product = Self::new(add(&self.power, &other.power), add(&self.log, &other.log));
        product.loglog = add(&self.loglog, &other.loglog);
        product
    }

    pub fn pow(&self, exponent: &BigRational) -> Self {
        let mut power = Self::new(mul(&self.power, exponent), mul(&self.log, exponent));
        power.loglog = mul(&self.loglog, exponent);
        power
    }

    pub fn recip(&self) -> Self {
        self.pow(&-BigRational::one())
    }

    pub fn is_constant(&self) -> bool {
        self.power.is_zero() && self.log.is_zero() && self.loglog.is_zero()
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
        if !self.loglog.is_zero() {
            if !self.power.is_zero() || !self.log.is_zero() {
                f.write_str(" ")?;
            }
            write_power(f, "log(log(T))", &self.loglog)?;
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
