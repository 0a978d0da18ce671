//! The functions of one eigenvalue that partial fractions are made of.

use super::fraction::Fraction;
use super::polynomial::{Polynomial, Variable};

/// The eigenvalue of a function of `Σ` that stands alone.
pub const EIGENVALUE: Variable = 0;

/// A part of partial fractions in the eigenvalue: `s^times · base^power`, the base `s` or a pole. Poles that are not
/// real have a base of higher degree, and a numerator of lower degree than that.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part {
    pub base: Polynomial,
    pub power: i32,
    pub times: u32,
}

impl Part {
    pub fn power(base: Polynomial, power: i32) -> Self {
        Self {
            base,
            power,
            times: 0,
        }
    }

    /// Nothing but 1, in the eigenvalue `s`.
    pub fn one(s: Variable) -> Self {
        Self::power(Polynomial::variable(s), 0)
    }

    /// As a function of the eigenvalue.
    pub fn function(&self) -> Fraction {
        let base = Fraction::from(self.base.clone());
        let power = base.pow(i64::from(self.power));
        let times = Polynomial::variable(EIGENVALUE).pow(self.times);
        power.unwrap_or_else(Fraction::one).mul(&times.into())
    }
}
