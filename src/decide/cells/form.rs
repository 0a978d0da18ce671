//! Exponents as rational functions of the parameters.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::number::Coefficient;

/// Most parameters that exponents may depend on.
pub const MAX_PARAMETERS: usize = 8;
/// Larger polynomials are given up.
const MAX_TERMS: usize = 400;
const MAX_DEGREE: u8 = 24;

/// The powers of the parameters.
pub type Monomial = [u8; MAX_PARAMETERS];

/// A polynomial in the parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Polynomial {
    terms: BTreeMap<Monomial, Coefficient>,
}

/// A monic polynomial of degree two in one parameter.
pub enum Quadratic {
    /// Two linear ones.
    Factors([Polynomial; 2]),
    /// It has no zero.
    Positive,
    /// Its zeros are irrational, or it is something else.
    Other,
}

/// The root of a number that is the square of a rational one.
fn rational_root(x: &BigRational) -> Option<BigRational> {
    let root = BigRational::new(x.numer().sqrt(), x.denom().sqrt());
    (&root * &root == *x).then_some(root)
}

impl Polynomial {
    pub fn constant(value: BigRational) -> Self {
        let mut terms = BTreeMap::new();
        if !value.is_zero() {
            terms.insert([0; MAX_PARAMETERS], Coefficient::from_rational(value));
        }
        Self { terms }
    }

    pub fn parameter(index: usize) -> Self {
        let mut powers = [0; MAX_PARAMETERS];
        powers[index] = 1;
        Self {
            terms: BTreeMap::from([(powers, Coefficient::one())]),
        }
    }

    pub fn terms(&self) -> impl Iterator<Item = (&Monomial, &Coefficient)> {
        self.terms.iter()
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub fn as_constant(&self) -> Option<BigRational> {
        match self.terms.len() {
            0 => Some(BigRational::zero()),
            1 => (self.terms.get(&[0; MAX_PARAMETERS])).map(Coefficient::to_rational),
            _ => None,
        }
    }

    pub fn is_small(&self) -> bool {
        self.terms.len() <= MAX_TERMS
            && self
                .terms
                .keys()
                .all(|m| m.iter().copied().map(u32::from).sum::<u32>() <= u32::from(MAX_DEGREE))
    }

    fn add_term(&mut self, powers: Monomial, c: &Coefficient) {
        let entry = self.terms.entry(powers).or_insert_with(Coefficient::zero);
        *entry = entry.add(c);
        if entry.is_zero() {
            self.terms.remove(&powers);
        }
    }

    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (powers, c) in &other.terms {
            sum.add_term(*powers, c);
        }
        sum
    }

    pub fn scaled(&self, factor: &Coefficient) -> Self {
        if factor.is_zero() {
            return Self::default();
        }
        let terms = (self.terms.iter()).map(|(m, c)| (*m, c.mul(factor)));
        Self {
            terms: terms.collect(),
        }
    }

    pub fn negated(&self) -> Self {
        self.scaled(&Coefficient::integer(-1))
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut product = Self::default();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let mut powers = *a;
                for (p, q) in powers.iter_mut().zip(b) {
                    *p = p.saturating_add(*q);
                }
                product.add_term(powers, &x.mul(y));
            }
        }
        product
    }

    pub fn power(&self, n: u32) -> Self {
        (0..n).fold(Self::constant(BigRational::one()), |p, _| p.times(self))
    }

    pub fn value(&self, point: &[BigRational]) -> BigRational {
        let point: Vec<Coefficient> = point.iter().map(Coefficient::from).collect();
        let mut sum = Coefficient::zero();
        for (powers, c) in &self.terms {
            let mut term = c.clone();
            for (p, x) in powers.iter().zip(&point) {
                for _ in 0..*p {
                    term = term.mul(x);
                }
            }
            sum = sum.add(&term);
        }
        sum.to_rational()
    }

    pub fn degree_in(&self, index: usize) -> u8 {
        self.terms.keys().map(|m| m[index]).max().unwrap_or(0)
    }

    /// The coefficients of the powers of one parameter, from the constant up.
    pub fn coefficients_in(&self, index: usize) -> Vec<Self> {
        let mut parts = vec![Self::default(); usize::from(self.degree_in(index)) + 1];
        for (powers, c) in &self.terms {
            let mut rest = *powers;
            rest[index] = 0;
            parts[usize::from(powers[index])]
                .terms
                .insert(rest, c.clone());
        }
        parts
    }

    /// Parameters that divide every term.
    pub fn common_parameters(&self) -> Vec<usize> {
        (0..MAX_PARAMETERS)
            .filter(|i| self.terms.keys().all(|m| m[*i] > 0))
            .collect()
    }

    fn leading(&self) -> Option<(&Monomial, &Coefficient)> {
        self.terms.iter().next_back()
    }

    /// With leading coefficient 1, and the coefficient it had.
    pub fn monic(&self) -> (Self, Coefficient) {
        match self
            .leading()
            .and_then(|(_, lead)| Some((lead, lead.recip()?)))
        {
            None => (Self::default(), Coefficient::one()),
            Some((lead, inverse)) => (self.scaled(&inverse), lead.clone()),
        }
    }

    /// `self/divisor`, if that is a polynomial.
    pub fn divided(&self, divisor: &Self) -> Option<Self> {
        let (lead, c) = divisor.leading()?;
        let inverse = c.recip()?;
        let mut rest = self.clone();
        let mut quotient = Self::default();
        while let Some((powers, x)) = rest.leading() {
            let mut shift = *powers;
            for (p, q) in shift.iter_mut().zip(lead) {
                *p = p.checked_sub(*q)?;
            }
            let factor = x.mul(&inverse);
            for (powers, c) in &divisor.terms {
                let mut powers = *powers;
                for (p, q) in powers.iter_mut().zip(&shift) {
                    *p = p.saturating_add(*q);
                }
                rest.add_term(powers, &c.mul(&factor).neg());
            }
            quotient.add_term(shift, &factor);
            if quotient.terms.len() > MAX_TERMS {
                return None;
            }
        }
        Some(quotient)
    }

    /// What a monic polynomial of degree two in one parameter is.
    pub fn quadratic(&self) -> Quadratic {
        let occurs = |i: &usize| self.degree_in(*i) > 0;
        let occurring: Vec<usize> = (0..MAX_PARAMETERS).filter(occurs).collect();
        let [x] = occurring.as_slice() else {
            return Quadratic::Other;
        };
        let parts = self.coefficients_in(*x);
        let [c, b, _] = parts.as_slice() else {
            return Quadratic::Other;
        };
        let (Some(c), Some(b)) = (c.as_constant(), b.as_constant()) else {
            return Quadratic::Other;
        };
        let half = b / BigRational::from_integer(2.into());
        let discriminant = &half * &half - c;
        if discriminant.is_negative() {
            return Quadratic::Positive;
        }
        let Some(root) = rational_root(&discriminant) else {
            return Quadratic::Other;
        };
        let factor = |shift: BigRational| {
            Polynomial::parameter(*x).plus(&Polynomial::constant(&half + shift))
        };
        Quadratic::Factors([factor(root.clone()), factor(-root)])
    }

    /// In the language, with the parameters' names.
    pub fn text(&self, names: &[String]) -> String {
        let mut text = String::new();
        for (powers, c) in self.terms.iter().rev() {
            let factors: Vec<String> = powers
                .iter()
                .zip(names)
                .filter(|(p, _)| **p > 0)
                .map(|(p, name)| match p {
                    1 => name.clone(),
                    p => format!("{name}^{p}"),
                })
                .collect();
            let c = c.to_rational();
            let sign = if c.is_negative() { "-" } else { "+" };
            let size = c.abs();
            let term = match (size.is_one(), factors.is_empty()) {
                (_, true) => size.to_string(),
                (true, false) => factors.join("*"),
                (false, false) => format!("{size}*{}", factors.join("*")),
            };
            text += &match (text.is_empty(), sign) {
                (true, "-") => format!("-{term}"),
                (true, _) => term,
                (false, sign) => format!(" {sign} {term}"),
            };
        }
        if text.is_empty() { "0".into() } else { text }
    }
}

/// `numerator / Π denominators`, every factor of the denominator positive in the cell at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub numerator: Polynomial,
    denominators: Vec<Polynomial>,
}

impl Form {
    pub fn constant(value: BigRational) -> Self {
        Self::polynomial(Polynomial::constant(value))
    }

    pub fn integer(value: i64) -> Self {
        Self::constant(BigRational::from_integer(value.into()))
    }

    pub fn parameter(index: usize) -> Self {
        Self::polynomial(Polynomial::parameter(index))
    }

    pub fn polynomial(numerator: Polynomial) -> Self {
        Self {
            numerator,
            denominators: Vec::new(),
        }
    }

    pub fn as_constant(&self) -> Option<BigRational> {
        self.denominators
            .is_empty()
            .then(|| self.numerator.as_constant())
            .flatten()
    }

    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// The form as `a + b x` in one parameter; `None` where it is another function of it.
    pub fn affine_in(&self, index: usize) -> Option<(Self, Self)> {
        let below = |f: &Polynomial| f.degree_in(index) > 0;
        if self.numerator.degree_in(index) > 1 || self.denominators.iter().any(below) {
            return None;
        }
        let mut parts = self.numerator.coefficients_in(index).into_iter();
        let mut part = || {
            Self {
                numerator: parts.next().unwrap_or_default(),
                denominators: self.denominators.clone(),
            }
            .reduced()
        };
        Some((part(), part()))
    }

    pub fn is_small(&self) -> bool {
        self.numerator.is_small() && self.denominators.len() <= 12
    }

    /// Cancels factors of the denominator.
    fn reduced(mut self) -> Self {
        if self.numerator.is_zero() {
            return Self::integer(0);
        }
        let mut kept = Vec::with_capacity(self.denominators.len());
        for factor in std::mem::take(&mut self.denominators) {
            match self.numerator.divided(&factor) {
                Some(quotient) => self.numerator = quotient,
                None => kept.push(factor),
            }
        }
        kept.sort();
        self.denominators = kept;
        self
    }

    pub fn plus(&self, other: &Self) -> Self {
        // the common denominator holds each factor as often as either does
        let mut missing_here = Vec::new();
        let mut rest = self.denominators.clone();
        for factor in &other.denominators {
            match rest.iter().position(|f| f == factor) {
                Some(i) => {
                    rest.swap_remove(i);
                }
                None => missing_here.push(factor.clone()),
            }
        }
        let product = |factors: &[Polynomial]| {
            let one = Polynomial::constant(BigRational::one());
            factors.iter().fold(one, |p, f| p.times(f))
        };
        let numerator = self
            .numerator
            .times(&product(&missing_here))
            .plus(&other.numerator.times(&product(&rest)));
        let mut denominators = self.denominators.clone();
        denominators.extend(missing_here);
        Self {
            numerator,
            denominators,
        }
        .reduced()
    }

    pub fn negated(&self) -> Self {
        Self {
            numerator: self.numerator.negated(),
            denominators: self.denominators.clone(),
        }
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub fn times(&self, other: &Self) -> Self {
        let mut denominators = self.denominators.clone();
        denominators.extend(other.denominators.iter().cloned());
        Self {
            numerator: self.numerator.times(&other.numerator),
            denominators,
        }
        .reduced()
    }

    /// `1/self`, where its sign is known.
    pub fn reciprocal(&self, positive: bool) -> Self {
        let one = Polynomial::constant(BigRational::one());
        let numerator = self.denominators.iter().fold(one, |p, f| p.times(f));
        let factor = if positive {
            self.numerator.clone()
        } else {
            self.numerator.negated()
        };
        let numerator = if positive {
            numerator
        } else {
            numerator.negated()
        };
        // a positive constant keeps denominators comparable
        let (monic, lead) = factor.monic();
        let factor = if lead.is_negative() {
            monic.negated()
        } else {
            monic
        };
        let scale = lead.abs().recip().unwrap_or_else(Coefficient::one);
        let mut form = Self {
            numerator: numerator.scaled(&scale),
            denominators: Vec::new(),
        };
        if factor.as_constant().is_none() {
            form.denominators.push(factor);
        }
        form.reduced()
    }

    pub fn text(&self, names: &[String]) -> String {
        let top = self.numerator.text(names);
        if self.denominators.is_empty() {
            return top;
        }
        let bottom: Vec<String> = self
            .denominators
            .iter()
            .map(|f| format!("({})", f.text(names)))
            .collect();
        format!("({top})/({})", bottom.join("*"))
    }
}
