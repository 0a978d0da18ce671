//! Closed forms of constants: sums of rational multiples of products of powers of π, Γ, ζ, logarithms and radicals.
//!
//! Equal forms are equal numbers. Unequal forms may be equal numbers too, by an identity that is not built in
//! (the duplication formula of Γ, say); so only the difference's vanishing is ever concluded from a form.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::rational;
use crate::budget;

/// Longer sums are given up; so are products with more factors, and rationals longer than this.
const MAX_TERMS: usize = 24;
/// What a pair of terms costs to multiply: their factors are compared, sums within them too.
const PAIR: u64 = 1000;
const MAX_FACTORS: usize = 12;
const MAX_BITS: u64 = 8192;
/// Primes are looked for up to here.
const TRIAL: u64 = 1 << 12;

/// A number that is no rational, in a form that no other atom has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Atom {
    Pi,
    /// Euler's number.
    E,
    /// Euler's constant.
    Gamma0,
    /// A prime number, under a fractional power.
    Prime(BigInt),
    /// `Γ(x)`, `0 < x < 1/2`
    Gamma(BigRational),
    /// `sin πx`, `0 < x < 1/2`, where it is no square root
    Sine(BigRational),
    /// `ζ(s)`, `s > 1/2`, not an even number
    Zeta(BigRational),
    /// The logarithm of a positive atom.
    Log(Box<Atom>),
    /// A sum with leading coefficient 1, under a power that cannot be multiplied out.
    Sum(Box<Closed>),
    /// A number that an integral, a finite sum or an equation defines; its definition.
    Named(String),
}

impl Atom {
    fn has_named(&self) -> bool {
        match self {
            Atom::Named(_) => true,
            Atom::Log(inner) => inner.has_named(),
            Atom::Sum(sum) => sum.has_named(),
            _ => false,
        }
    }
}

type Factors = Vec<(Atom, BigRational)>;

/// `Σ coefficient · Π atom^power`, sorted, no coefficient zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Closed {
    terms: Vec<(Factors, BigRational)>,
}

impl Closed {
    pub fn rational(value: BigRational) -> Self {
        let mut terms = Vec::new();
        if !value.is_zero() {
            terms.push((Vec::new(), value));
        }
        Self { terms }
    }

    pub(super) fn integer(value: i64) -> Self {
        Self::rational(BigRational::from_integer(value.into()))
    }

    pub fn atom(atom: Atom) -> Self {
        Self {
            terms: vec![(vec![(atom, BigRational::one())], BigRational::one())],
        }
    }

    pub fn named(definition: String) -> Self {
        Self::atom(Atom::Named(definition))
    }

    pub fn as_rational(&self) -> Option<BigRational> {
        match self.terms.as_slice() {
            [] => Some(BigRational::zero()),
            [(factors, c)] if factors.is_empty() => Some(c.clone()),
            _ => None,
        }
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a number occurs that a definition alone tells of: it may be any other, too.
    pub fn has_named(&self) -> bool {
        let mut atoms = self.terms.iter().flat_map(|(factors, _)| factors);
        atoms.any(|(atom, _)| atom.has_named())
    }

    /// Whether the form is a single product, which no atom makes vanish.
    pub fn is_product(&self) -> bool {
        self.terms.len() == 1
    }

    fn within_bounds(self) -> Option<Self> {
        let fits = self.terms.len() <= MAX_TERMS
            && self.terms.iter().all(|(factors, c)| {
                factors.len() <= MAX_FACTORS && c.numer().bits() + c.denom().bits() <= MAX_BITS
            });
        fits.then_some(self)
    }

    fn collect(mut terms: Vec<(Factors, BigRational)>) -> Self {
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        let mut collected: Vec<(Factors, BigRational)> = Vec::with_capacity(terms.len());
        for (factors, c) in terms {
            match collected.last_mut() {
                Some(last) if last.0 == factors => last.1 = rational::add(&last.1, &c),
                _ => collected.push((factors, c)),
            }
        }
        collected.retain(|(_, c)| !c.is_zero());
        Self { terms: collected }
    }

    pub fn add(&self, other: &Self) -> Option<Self> {
        let terms = self.terms.iter().chain(&other.terms).cloned().collect();
        Self::collect(terms).within_bounds()
    }

    pub fn neg(&self) -> Self {
        let terms = self.terms.iter().map(|(f, c)| (f.clone(), -c)).collect();
        Self { terms }
    }

    pub fn mul(&self, other: &Self) -> Option<Self> {
        let pairs = self.terms.len() * other.terms.len();
        if pairs > MAX_TERMS * 4 {
            return None;
        }
        budget::drain(PAIR * pairs as u64);
        for (sum, product) in [(self, other), (other, self)] {
            if let Some(shorter) = sum.times_own_power(product) {
                return Some(shorter);
            }
        }
        let mut sum = Self { terms: Vec::new() };
        let mut plain = Vec::new();
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                let (factors, c, sums) = multiplied(left, right, rational::mul(a, b))?;
                if sums.is_empty() {
                    plain.push((factors, c));
                    continue;
                }
                // positive whole powers of sums are multiplied out
                let mut product = Self {
                    terms: vec![(factors, c)],
                };
                for (base, count) in sums {
                    for _ in 0..count {
                        product = product.mul(&base)?;
                    }
                }
                sum = sum.add(&product)?;
            }
        }
        sum.add(&Self::collect(plain))
    }

    /// A sum times a product in which it stands under a power already: `(1 + π)·(1 + π)^{-1}/3`.
    fn times_own_power(&self, product: &Self) -> Option<Self> {
        let ([(_, lead), _, ..], [(factors, c)]) =
            (self.terms.as_slice(), product.terms.as_slice())
        else {
            return None;
        };
        let is_base = |base: &Self| {
            base.terms.len() == self.terms.len()
                && base
                    .terms
                    .iter()
                    .zip(&self.terms)
                    .all(|((f, b), (g, a))| f == g && rational::mul(b, lead) == *a)
        };
        let place = factors
            .iter()
            .position(|(atom, _)| matches!(atom, Atom::Sum(base) if is_base(base)))?;
        let mut rest = factors.clone();
        let (atom, power) = rest.remove(place);
        let rest = Self {
            terms: vec![(rest, rational::mul(c, lead))],
        };
        atom_power(&atom, &(power + BigRational::one()))?.mul(&rest)
    }

    pub fn recip(&self) -> Option<Self> {
        self.pow(&-BigRational::one())
    }

    /// `self^power`; of something negative only a whole power.
    pub fn pow(&self, power: &BigRational) -> Option<Self> {
        if power.is_zero() {
            return Some(Self::integer(1));
        }
        if power.is_one() {
            return Some(self.clone());
        }
        match self.terms.as_slice() {
            [] => power.is_positive().then(|| self.clone()),
            [(factors, c)] => {
                let mut product = rational_power(c, power)?;
                for (atom, p) in factors {
                    product = product.mul(&atom_power(atom, &(p * power))?)?;
                }
                product.within_bounds()
            }
            _ => {
                let whole = power.is_integer().then(|| power.numer().to_u32()).flatten();
                if let Some(n) = whole.filter(|n| *n <= 4) {
                    let mut product = self.clone();
                    for _ in 1..n {
                        product = product.mul(self)?;
                    }
                    return Some(product);
                }
                if power.is_integer()
                    && power.is_negative()
                    && let Some(inverse) = self.inverse_of_roots()
                {
                    return inverse.pow(&-power);
                }
                let lead = self.terms[0].1.clone();
                if lead.is_negative() && !power.is_integer() {
                    return None;
                }
                let scaled = self.terms.iter().map(|(f, c)| (f.clone(), c / &lead));
                let base = Self {
                    terms: scaled.collect(),
                };
                let factor = (Atom::Sum(Box::new(base)), power.clone());
                rational_power(&lead, power)?.mul(&Self {
                    terms: vec![(vec![factor], BigRational::one())],
                })
            }
        }
    }

    /// `1/self` of a sum of square roots of rationals, by their conjugates: `1/(a + b √p) = (a − b √p)/(a² − p b²)`. Square
    /// roots of different products of primes are independent over the rationals, so that no conjugate vanishes.
    fn inverse_of_roots(&self) -> Option<Self> {
        let half = BigRational::new(1.into(), 2.into());
        let mut factors = self.terms.iter().flat_map(|(factors, _)| factors);
        if !factors.all(|(atom, power)| matches!(atom, Atom::Prime(_)) && *power == half) {
            return None;
        }
        let mut roots = self.terms.iter().flat_map(|(factors, _)| factors);
        let Some(root) = roots.next() else {
            return Some(Self::rational(self.as_rational()?.recip()));
        };
        let conjugate = |(factors, c): &(Factors, BigRational)| match factors.contains(root) {
            true => (factors.clone(), -c),
            false => (factors.clone(), c.clone()),
        };
        let conjugate = Self {
            terms: self.terms.iter().map(conjugate).collect(),
        };
        let norm = self.mul(&conjugate)?;
        conjugate.mul(&norm.inverse_of_roots()?)
    }

    /// `ln self` of a single positive product.
    pub fn ln(&self) -> Option<Self> {
        let [(factors, c)] = self.terms.as_slice() else {
            return Some(Self::atom(Atom::Log(Box::new(Atom::Sum(Box::new(
                self.clone(),
            ))))));
        };
        if !c.is_positive() {
            return None;
        }
        let mut sum = Self { terms: Vec::new() };
        for (number, sign) in [(c.numer(), 1), (c.denom(), -1)] {
            for (prime, count) in primes(number)? {
                let count = BigRational::from_integer((sign * i64::from(count)).into());
                let log = Atom::Log(Box::new(Atom::Prime(prime)));
                sum = sum.add(&Self::atom(log).scaled(&count))?;
            }
        }
        for (atom, power) in factors {
            let log = match atom {
                Atom::E => Self::integer(1),
                // of unknown sign
                Atom::Zeta(s) if *s < BigRational::one() => return None,
                Atom::Named(_) | Atom::Sum(_) | Atom::Log(_) => return None,
                _ => Self::atom(Atom::Log(Box::new(atom.clone()))),
            };
            sum = sum.add(&log.scaled(power))?;
        }
        Some(sum)
    }

    pub fn exp(&self) -> Option<Self> {
        let mut product = Self::integer(1);
        for (factors, c) in &self.terms {
            let factor = match factors.as_slice() {
                [] => atom_power(&Atom::E, c)?,
                [(Atom::Log(inner), one)] if one.is_one() => match &**inner {
                    Atom::Prime(p) => rational_power(&BigRational::from_integer(p.clone()), c)?,
                    Atom::Sum(sum) => sum.pow(c)?,
                    other => atom_power(other, c)?,
                },
                _ => return None,
            };
            product = product.mul(&factor)?;
        }
        Some(product)
    }

    pub(super) fn scaled(&self, factor: &BigRational) -> Self {
        if factor.is_zero() {
            return Self { terms: Vec::new() };
        }
        let terms = self
            .terms
            .iter()
            .map(|(f, c)| (f.clone(), rational::mul(c, factor)));
        Self {
            terms: terms.collect(),
        }
    }
}

/// The product of two products: its factors, its rational coefficient, and the sums that now have positive powers.
#[allow(clippy::type_complexity)]
fn multiplied(
    left: &Factors,
    right: &Factors,
    mut coefficient: BigRational,
) -> Option<(Factors, BigRational, Vec<(Closed, u32)>)> {
    let mut factors: Factors = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let order = match (left.get(i), right.get(j)) {
            (Some(a), Some(b)) => a.0.cmp(&b.0),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        match order {
            std::cmp::Ordering::Less => {
                factors.push(left[i].clone());
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                factors.push(right[j].clone());
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                factors.push((left[i].0.clone(), rational::add(&left[i].1, &right[j].1)));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    let mut sums = Vec::new();
    let mut kept = Vec::with_capacity(factors.len());
    for (atom, power) in factors {
        if power.is_zero() {
            continue;
        }
        match &atom {
            Atom::Prime(p) => {
                let whole = power.floor();
                let part = &power - &whole;
                let n = whole.numer().to_i32().filter(|n| n.unsigned_abs() < 4096)?;
                coefficient *= num_traits::Pow::pow(BigRational::from_integer(p.clone()), n);
                if !part.is_zero() {
                    kept.push((atom, part));
                }
            }
            Atom::Sum(base) if power.is_integer() && power.is_positive() => {
                let count = power.numer().to_u32().filter(|n| *n <= 4)?;
                sums.push(((**base).clone(), count));
            }
            _ => kept.push((atom, power)),
        }
    }
    Some((kept, coefficient, sums))
}

pub(super) fn atom_power(atom: &Atom, power: &BigRational) -> Option<Closed> {
    if power.is_zero() {
        return Some(Closed::integer(1));
    }
    match atom {
        Atom::Prime(p) => rational_power(&BigRational::from_integer(p.clone()), power),
        Atom::Sum(base) if power.is_integer() && power.is_positive() => base.pow(power),
        _ => Some(Closed {
            terms: vec![(vec![(atom.clone(), power.clone())], BigRational::one())],
        }),
    }
}

pub(super) fn rational_power(base: &BigRational, power: &BigRational) -> Option<Closed> {
    if power.is_integer() {
        let n = power.numer().to_i32().filter(|n| n.unsigned_abs() < 4096)?;
        if base.is_zero() {
            return None;
        }
        return Closed::rational(num_traits::Pow::pow(base.clone(), n)).within_bounds();
    }
    if !base.is_positive() {
        return None;
    }
    let mut factors: Factors = Vec::new();
    let mut coefficient = BigRational::one();
    for (number, sign) in [(base.numer(), 1), (base.denom(), -1)] {
        for (prime, count) in primes(number)? {
            let count = BigRational::from_integer((sign * i64::from(count)).into()) * power;
            let whole = count.floor();
            let n = whole.numer().to_i32().filter(|n| n.unsigned_abs() < 4096)?;
            coefficient *= num_traits::Pow::pow(BigRational::from_integer(prime.clone()), n);
            let part = count - whole;
            if !part.is_zero() {
                factors.push((Atom::Prime(prime), part));
            }
        }
    }
    factors.sort();
    Closed {
        terms: vec![(factors, coefficient)],
    }
    .within_bounds()
}

/// The prime factors of a positive number; what trial division leaves must be a prime for certain.
fn primes(number: &BigInt) -> Option<Vec<(BigInt, u32)>> {
    let mut rest = number.clone();
    let mut found = Vec::new();
    let mut p = 2_u64;
    while p < TRIAL && !rest.is_one() {
        let divisor = BigInt::from(p);
        let mut count = 0;
        while (&rest % &divisor).is_zero() {
            rest /= &divisor;
            count += 1;
        }
        if count > 0 {
            found.push((divisor, count));
        }
        p += if p == 2 { 1 } else { 2 };
    }
    if !rest.is_one() {
        if rest > BigInt::from(TRIAL * TRIAL) {
            return None;
        }
        found.push((rest, 1));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    #[test]
    fn square_roots_leave_denominators() {
        let root = |n| rational_power(&q(n, 1), &q(1, 2)).unwrap();
        let golden = root(5).add(&Closed::integer(-1)).unwrap();
        let golden = golden.scaled(&q(1, 2));
        // 1/g = 1 + g
        let inverse = golden.recip().unwrap();
        assert_eq!(inverse, golden.add(&Closed::integer(1)).unwrap());
        let sum = root(2).add(&root(3)).unwrap().add(&root(30)).unwrap();
        let sum = sum.add(&Closed::rational(q(-7, 3))).unwrap();
        let back = sum.pow(&q(-3, 1)).unwrap().mul(&sum.pow(&q(3, 1)).unwrap());
        assert_eq!(back.unwrap(), Closed::integer(1));
        // of π no conjugate is known
        let other = root(2).add(&Closed::atom(Atom::Pi)).unwrap();
        assert_eq!(other.inverse_of_roots(), None);
    }

    #[test]
    fn powers_undo_each_other() {
        let root = rational_power(&q(18, 5), &q(2, 3)).unwrap();
        assert_eq!(root.pow(&q(3, 2)).unwrap().as_rational(), Some(q(18, 5)));
        let sum = Closed::atom(Atom::Pi).add(&Closed::integer(3)).unwrap();
        let back = sum.recip().unwrap().mul(&sum).unwrap();
        assert_eq!(back, Closed::integer(1));
        assert_eq!(sum.recip().unwrap().recip().unwrap(), sum);
        let log = Closed::rational(q(18, 5)).ln().unwrap();
        assert_eq!(log.exp().unwrap().as_rational(), Some(q(18, 5)));
    }
}
