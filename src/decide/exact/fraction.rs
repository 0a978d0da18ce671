//! Quotients of polynomials with factored denominators.

use std::collections::BTreeMap;

use super::polynomial::{Monomial, Polynomial, Variable};
use crate::number::Coefficient;

/// `numerator/∏ factor^power`. Factors have leading coefficient 1 and no monomial content unless they are a variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fraction {
    pub numerator: Polynomial,
    pub denominator: BTreeMap<Polynomial, u32>,
}

/// A polynomial as `coefficient · ∏ factor^power`, as far as it is easy to see.
pub fn factors(polynomial: &Polynomial) -> (Coefficient, Vec<(Polynomial, u32)>) {
    let (monomial, lead) = polynomial.content();
    let Some(inverse) = lead.recip() else {
        return (Coefficient::zero(), Vec::new());
    };
    let mut list: Vec<(Polynomial, u32)> = monomial
        .0
        .iter()
        .map(|&(v, p)| (Polynomial::variable(v), p))
        .collect();
    let rest = polynomial
        .div_exact(&Polynomial::term(monomial, Coefficient::one()))
        .unwrap_or_else(|| polynomial.clone())
        .scale(&inverse);
    if !rest.is_one() {
        let main = rest.variables().into_iter().next();
        match main.and_then(|v| rest.perfect_power_in(v)) {
            Some((root, power)) => list.push((root, power)),
            None => list.push((rest, 1)),
        }
    }
    (lead, list)
}

impl From<Polynomial> for Fraction {
    fn from(numerator: Polynomial) -> Self {
        Self {
            numerator,
            denominator: BTreeMap::new(),
        }
    }
}

impl Fraction {
    pub fn zero() -> Self {
        Polynomial::zero().into()
    }

    pub fn one() -> Self {
        Polynomial::one().into()
    }

    pub fn integer(n: i64) -> Self {
        Polynomial::integer(n).into()
    }

    pub fn constant(c: Coefficient) -> Self {
        Polynomial::constant(c).into()
    }

    pub fn variable(v: Variable) -> Self {
        Polynomial::variable(v).into()
    }

    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    pub fn as_constant(&self) -> Option<Coefficient> {
        self.denominator
            .is_empty()
            .then(|| self.numerator.as_constant())
            .flatten()
    }

    pub fn mentions(&self, v: Variable) -> bool {
        self.numerator.mentions(v) || self.denominator.keys().any(|f| f.mentions(v))
    }

    /// Divides numerator and denominator by what they share.
    fn cancelled(mut self) -> Self {
        if self.numerator.is_zero() {
            return Self::zero();
        }
        let mut denominator = BTreeMap::new();
        for (factor, mut power) in std::mem::take(&mut self.denominator) {
            while power > 0 {
                match self.numerator.div_exact(&factor) {
                    Some(quotient) => {
                        self.numerator = quotient;
                        power -= 1;
                    }
                    None => break,
                }
            }
            if power > 0 {
                denominator.insert(factor, power);
            }
        }
        self.denominator = denominator;
        self
    }

    pub fn neg(&self) -> Self {
        Self {
            numerator: self.numerator.neg(),
            denominator: self.denominator.clone(),
        }
    }

    pub fn add(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            return Self {
                numerator: self.numerator.add(&other.numerator),
                denominator: self.denominator.clone(),
            }
            .cancelled();
        }
        let mut common = self.denominator.clone();
        for (factor, &power) in &other.denominator {
            let entry = common.entry(factor.clone()).or_insert(0);
            *entry = (*entry).max(power);
        }
        let raised = |side: &Self| {
            common
                .iter()
                .fold(side.numerator.clone(), |product, (factor, &power)| {
                    let missing = power - side.denominator.get(factor).copied().unwrap_or(0);
                    if missing == 0 {
                        product
                    } else {
                        product.mul(&factor.pow(missing))
                    }
                })
        };
        let numerator = raised(self).add(&raised(other));
        Self {
            numerator,
            denominator: common,
        }
        .cancelled()
    }

    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    pub fn mul(&self, other: &Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::zero();
        }
        // Across first, so that products stay small.
        let left = Self {
            numerator: self.numerator.clone(),
            denominator: other.denominator.clone(),
        }
        .cancelled();
        let right = Self {
            numerator: other.numerator.clone(),
            denominator: self.denominator.clone(),
        }
        .cancelled();
        let mut denominator = left.denominator;
        for (factor, power) in right.denominator {
            *denominator.entry(factor).or_insert(0) += power;
        }
        Self {
            numerator: left.numerator.mul(&right.numerator),
            denominator,
        }
    }

    pub fn scale(&self, c: &Coefficient) -> Self {
        if c.is_zero() {
            return Self::zero();
        }
        Self {
            numerator: self.numerator.scale(c),
            denominator: self.denominator.clone(),
        }
    }

    /// `1/self`, where that is a fraction at all; whether the numerator can vanish is the caller's business.
    pub fn recip(&self) -> Option<Self> {
        let (lead, list) = factors(&self.numerator);
        let inverse = lead.recip()?;
        let mut numerator = Polynomial::constant(inverse);
        for (factor, &power) in &self.denominator {
            numerator = numerator.mul(&factor.pow(power));
        }
        let mut denominator = BTreeMap::new();
        for (factor, power) in list {
            *denominator.entry(factor).or_insert(0) += power;
        }
        Some(
            Self {
                numerator,
                denominator,
            }
            .cancelled(),
        )
    }

    pub fn pow(&self, exponent: i64) -> Option<Self> {
        if exponent < 0 {
            return self.recip()?.pow(-exponent);
        }
        let power = u32::try_from(exponent).ok()?;
        if power == 0 {
            return Some(Self::one());
        }
        Some(Self {
            numerator: self.numerator.pow(power),
            denominator: self
                .denominator
                .iter()
                .map(|(f, &p)| (f.clone(), p * power))
                .collect(),
        })
    }

    /// With variables renamed.
    pub fn rename(&self, rename: &dyn Fn(Variable) -> Variable) -> Self {
        let mut result: Self = self.numerator.rename(rename).into();
        for (factor, &power) in &self.denominator {
            let renamed = Self::from(factor.rename(rename));
            if let Some(inverse) = renamed.recip().and_then(|f| f.pow(i64::from(power))) {
                result = result.mul(&inverse);
            }
        }
        result
    }

    /// With `variable` replaced; `None` where a denominator becomes 0.
    pub fn substitute(&self, variable: Variable, value: &Self) -> Option<Self> {
        if !self.mentions(variable) {
            return Some(self.clone());
        }
        let mut result = substitute_polynomial(&self.numerator, variable, value);
        for (factor, &power) in &self.denominator {
            let replaced = substitute_polynomial(factor, variable, value);
            result = result.mul(&replaced.recip()?.pow(i64::from(power))?);
        }
        Some(result)
    }

    pub fn variables(&self) -> std::collections::BTreeSet<Variable> {
        let mut all = self.numerator.variables();
        for factor in self.denominator.keys() {
            all.extend(factor.variables());
        }
        all
    }

    /// Sum of `coefficient · monomial · 1/denominator`, term by term: each term of the numerator over the whole denominator.
    pub fn terms(&self) -> impl Iterator<Item = (Monomial, Coefficient)> + '_ {
        self.numerator
            .terms
            .iter()
            .map(|(m, c)| (m.clone(), c.clone()))
    }
}

/// A polynomial at a fraction, by Horner's rule.
pub fn substitute_polynomial(p: &Polynomial, variable: Variable, value: &Fraction) -> Fraction {
    if !p.mentions(variable) {
        return p.clone().into();
    }
    let mut result = Fraction::zero();
    for coefficient in p.coefficients_in(variable).iter().rev() {
        result = result.mul(value).add(&coefficient.clone().into());
    }
    result
}
