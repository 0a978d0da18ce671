//! Sparse polynomials in several variables over the rationals.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::number::Coefficient;

/// Products of terms that one claim may cost.
const ALLOWANCE: u64 = 4_000_000;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(ALLOWANCE) };
}

/// Begins a claim: its allowance is full.
pub fn begin() {
    LEFT.with(|left| left.set(ALLOWANCE));
}

/// The same with so many allowances, for what is asked for by name and not once for each claim.
pub fn begin_with(allowances: u64) {
    LEFT.with(|left| left.set(allowances * ALLOWANCE));
}

/// Whether the allowance is spent: what was computed since is worth nothing.
pub fn is_spent() -> bool {
    LEFT.with(|left| left.get() == 0)
}

/// Pays for work; false once the allowance is spent.
fn spend(cost: usize) -> bool {
    LEFT.with(|left| {
        left.set(left.get().saturating_sub(cost as u64));
        left.get() > 0
    })
}

/// A variable of a polynomial; what it stands for is kept elsewhere.
pub type Variable = u32;

/// Powers of variables, by variable; lexicographic order, the smallest variable leading.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Monomial(pub Vec<(Variable, u32)>);

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        for (a, b) in self.0.iter().zip(&other.0) {
            if a.0 != b.0 {
                return b.0.cmp(&a.0);
            }
            if a.1 != b.1 {
                return a.1.cmp(&b.1);
            }
        }
        self.0.len().cmp(&other.0.len())
    }
}

impl Monomial {
    pub fn of(variable: Variable, power: u32) -> Self {
        if power == 0 {
            return Self::default();
        }
        Self(vec![(variable, power)])
    }

    pub fn is_one(&self) -> bool {
        self.0.is_empty()
    }

    pub fn power_of(&self, variable: Variable) -> u32 {
        self.0
            .iter()
            .find(|(v, _)| *v == variable)
            .map_or(0, |p| p.1)
    }

    pub fn mul(&self, other: &Self) -> Self {
        let mut product = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut i, mut j) = (0, 0);
        while i < self.0.len() && j < other.0.len() {
            let (a, b) = (self.0[i], other.0[j]);
            match a.0.cmp(&b.0) {
                Ordering::Less => {
                    product.push(a);
                    i += 1;
                }
                Ordering::Greater => {
                    product.push(b);
                    j += 1;
                }
                Ordering::Equal => {
                    product.push((a.0, a.1 + b.1));
                    i += 1;
                    j += 1;
                }
            }
        }
        product.extend_from_slice(&self.0[i..]);
        product.extend_from_slice(&other.0[j..]);
        Self(product)
    }

    /// `self/other`, if that is a monomial.
    pub fn div(&self, other: &Self) -> Option<Self> {
        let mut quotient = self.0.clone();
        for &(variable, power) in &other.0 {
            let at = quotient.iter().position(|(v, _)| *v == variable)?;
            quotient[at].1 = quotient[at].1.checked_sub(power)?;
        }
        quotient.retain(|p| p.1 > 0);
        Some(Self(quotient))
    }

    /// The greatest common divisor.
    pub fn common(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .map(|&(v, p)| (v, p.min(other.power_of(v))))
                .filter(|p| p.1 > 0)
                .collect(),
        )
    }

    /// Without `variable`.
    pub fn without(&self, variable: Variable) -> Self {
        Self(self.0.iter().copied().filter(|p| p.0 != variable).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Polynomial {
    /// No coefficient is 0.
    pub terms: BTreeMap<Monomial, Coefficient>,
}

impl Polynomial {
    pub fn zero() -> Self {
        Self::default()
    }

    pub fn constant(value: Coefficient) -> Self {
        Self::term(Monomial::default(), value)
    }

    pub fn integer(n: i64) -> Self {
        Self::constant(Coefficient::integer(n))
    }

    pub fn one() -> Self {
        Self::integer(1)
    }

    pub fn variable(variable: Variable) -> Self {
        Self::term(Monomial::of(variable, 1), Coefficient::one())
    }

    pub fn term(monomial: Monomial, coefficient: Coefficient) -> Self {
        let mut terms = BTreeMap::new();
        if !coefficient.is_zero() {
            terms.insert(monomial, coefficient);
        }
        Self { terms }
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub fn is_one(&self) -> bool {
        self.as_constant().is_some_and(|c| c.is_one())
    }

    pub fn as_constant(&self) -> Option<Coefficient> {
        match self.terms.len() {
            0 => Some(Coefficient::zero()),
            1 => self
                .terms
                .first_key_value()
                .filter(|(m, _)| m.is_one())
                .map(|(_, c)| c.clone()),
            _ => None,
        }
    }

    /// The only variable, if the polynomial is one.
    pub fn as_variable(&self) -> Option<Variable> {
        let (monomial, coefficient) = self.terms.first_key_value()?;
        match (self.terms.len(), monomial.0.as_slice()) {
            (1, [(v, 1)]) if coefficient.is_one() => Some(*v),
            _ => None,
        }
    }

    fn insert(&mut self, monomial: Monomial, coefficient: Coefficient) {
        use std::collections::btree_map::Entry;
        match self.terms.entry(monomial) {
            Entry::Vacant(entry) => {
                if !coefficient.is_zero() {
                    entry.insert(coefficient);
                }
            }
            Entry::Occupied(mut entry) => {
                let sum = entry.get().add(&coefficient);
                if sum.is_zero() {
                    entry.remove();
                } else {
                    *entry.get_mut() = sum;
                }
            }
        }
    }

    pub fn add_term(&mut self, monomial: Monomial, coefficient: Coefficient) {
        self.insert(monomial, coefficient);
    }

    pub fn add(&self, other: &Self) -> Self {
        if !spend(self.terms.len().min(other.terms.len())) {
            return Self::zero();
        }
        let (mut sum, rest) = if self.terms.len() < other.terms.len() {
            (other.clone(), self)
        } else {
            (self.clone(), other)
        };
        for (m, c) in &rest.terms {
            sum.insert(m.clone(), c.clone());
        }
        sum
    }

    pub fn neg(&self) -> Self {
        self.scale(&Coefficient::integer(-1))
    }

    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    pub fn scale(&self, factor: &Coefficient) -> Self {
        if factor.is_zero() {
            return Self::zero();
        }
        Self {
            terms: self
                .terms
                .iter()
                .map(|(m, c)| (m.clone(), c.mul(factor)))
                .collect(),
        }
    }

    pub fn mul(&self, other: &Self) -> Self {
        let mut product = Self::zero();
        if !spend(self.terms.len() * other.terms.len()) {
            return product;
        }
        for (a, c) in &self.terms {
            for (b, e) in &other.terms {
                product.insert(a.mul(b), c.mul(e));
            }
        }
        product
    }

    pub fn pow(&self, exponent: u32) -> Self {
        let mut result = Self::one();
        let mut base = self.clone();
        let mut left = exponent;
        while left > 0 {
            if left & 1 == 1 {
                result = result.mul(&base);
            }
            left >>= 1;
            if left > 0 {
                base = base.mul(&base);
            }
        }
        result
    }

    /// `self/other`, if that is a polynomial.
    pub fn div_exact(&self, other: &Self) -> Option<Self> {
        let (lead, coefficient) = other.terms.last_key_value()?;
        let inverse = coefficient.recip()?;
        let mut rest = self.clone();
        let mut quotient = Self::zero();
        while let Some((m, c)) = rest.terms.last_key_value() {
            let step = m.div(lead)?;
            if !spend(other.terms.len()) {
                return None;
            }
            let factor = c.mul(&inverse);
            for (b, e) in &other.terms {
                rest.insert(step.mul(b), e.mul(&factor).neg());
            }
            quotient.insert(step, factor);
        }
        Some(quotient)
    }

    pub fn degree_in(&self, variable: Variable) -> u32 {
        self.terms
            .keys()
            .map(|m| m.power_of(variable))
            .max()
            .unwrap_or(0)
    }

    pub fn variables(&self) -> BTreeSet<Variable> {
        self.terms
            .keys()
            .flat_map(|m| m.0.iter().map(|p| p.0))
            .collect()
    }

    pub fn mentions(&self, variable: Variable) -> bool {
        self.terms.keys().any(|m| m.power_of(variable) > 0)
    }

    /// Coefficients of `1, x, x², …` for `x = variable`.
    pub fn coefficients_in(&self, variable: Variable) -> Vec<Self> {
        let mut list = vec![Self::zero(); self.degree_in(variable) as usize + 1];
        for (m, c) in &self.terms {
            list[m.power_of(variable) as usize].insert(m.without(variable), c.clone());
        }
        list
    }

    /// The monomial that divides every term, and the leading coefficient.
    pub fn content(&self) -> (Monomial, Coefficient) {
        let mut keys = self.terms.keys();
        let Some(first) = keys.next() else {
            return (Monomial::default(), Coefficient::zero());
        };
        let common = keys.fold(first.clone(), |a, b| a.common(b));
        let lead = self
            .terms
            .last_key_value()
            .map_or_else(Coefficient::zero, |(_, c)| c.clone());
        (common, lead)
    }

    /// With `variable` replaced.
    pub fn substitute(&self, variable: Variable, value: &Self) -> Self {
        if !self.mentions(variable) {
            return self.clone();
        }
        // Horner's rule.
        let mut result = Self::zero();
        for coefficient in self.coefficients_in(variable).iter().rev() {
            result = result.mul(value).add(coefficient);
        }
        result
    }

    /// With variables renamed; `rename` need not be injective.
    pub fn rename(&self, rename: &dyn Fn(Variable) -> Variable) -> Self {
        let mut result = Self::zero();
        for (m, c) in &self.terms {
            let renamed = m.0.iter().fold(Monomial::default(), |product, &(v, p)| {
                product.mul(&Monomial::of(rename(v), p))
            });
            result.insert(renamed, c.clone());
        }
        result
    }

    /// Its value where every variable has one.
    pub fn evaluate(&self, value: &dyn Fn(Variable) -> Option<Coefficient>) -> Option<Coefficient> {
        let mut sum = Coefficient::zero();
        for (m, c) in &self.terms {
            let mut product = c.clone();
            for &(v, p) in &m.0 {
                let x = value(v)?;
                for _ in 0..p {
                    product = product.mul(&x);
                }
            }
            sum = sum.add(&product);
        }
        Some(sum)
    }

    /// A power of a linear polynomial in `variable`, written out: `(root, exponent)`.
    pub fn perfect_power_in(&self, variable: Variable) -> Option<(Self, u32)> {
        let n = self.degree_in(variable);
        if n < 2 {
            return None;
        }
        let coefficients = self.coefficients_in(variable);
        // p = c (x + a)^n has a = p_{n-1}/(n p_n); only whole a and constant c are looked for.
        let lead = coefficients.last()?.as_constant()?;
        let shift = coefficients[n as usize - 1]
            .scale(&lead.mul(&Coefficient::integer(i64::from(n))).recip()?);
        let root = Self::variable(variable).add(&shift);
        (root.pow(n).scale(&lead) == *self).then_some((root, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_undoes_multiplication_and_refuses_remainders() {
        let (x, y) = (Polynomial::variable(3), Polynomial::variable(5));
        let a = x.add(&y).pow(3).add(&Polynomial::one());
        let b = x.mul(&y).sub(&Polynomial::integer(2));
        assert_eq!(a.mul(&b).div_exact(&b), Some(a.clone()));
        assert_eq!(a.div_exact(&b), None);
        assert_eq!(x.add(&y).pow(2).substitute(3, &y.neg()), Polynomial::zero());
    }

    #[test]
    fn powers_of_linear_polynomials_are_seen() {
        let (s, k) = (Polynomial::variable(0), Polynomial::variable(9));
        let l = s.add(&k);
        assert_eq!(
            l.pow(3).scale(&Coefficient::integer(2)).perfect_power_in(0),
            Some((l.clone(), 3))
        );
        assert_eq!(l.pow(2).add(&k).perfect_power_in(0), None);
    }
}
