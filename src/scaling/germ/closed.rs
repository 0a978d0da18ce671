//! Closed forms of constants: sums of rational multiples of products of powers of π, Γ, ζ, logarithms and radicals.
//!
//! Equal forms are equal numbers. Unequal forms may be equal numbers too, by an identity that is not built in
//! (the duplication formula of Γ, say); so only the difference's vanishing is ever concluded from a form.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::rational;
use crate::budget;
use crate::number::bernoulli;

/// Longer sums are given up; so are products with more factors, and rationals longer than this.
const MAX_TERMS: usize = 24;
/// What a pair of terms costs to multiply: their factors are compared, sums within them too.
const PAIR: u64 = 1000;
const MAX_FACTORS: usize = 12;
const MAX_BITS: u64 = 8192;
/// Primes are looked for up to here.
const TRIAL: u64 = 1 << 12;
/// `Γ(x)` is brought to `0 < x < 1` from at most this far.
const MAX_SHIFT: u64 = 64;

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

    fn integer(value: i64) -> Self {
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

    fn scaled(&self, factor: &BigRational) -> Self {
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

fn atom_power(atom: &Atom, power: &BigRational) -> Option<Closed> {
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

fn rational_power(base: &BigRational, power: &BigRational) -> Option<Closed> {
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

fn half() -> BigRational {
    BigRational::new(1.into(), 2.into())
}

/// `Γ(x)`; `None` at a pole and far from 0.
pub(crate) fn gamma(x: &BigRational) -> Option<Closed> {
    if x.is_integer() && !x.is_positive() {
        return None;
    }
    let mut factor = BigRational::one();
    let mut x = x.clone();
    if x.abs() > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    while x > BigRational::one() {
        x -= BigRational::one();
        factor *= &x;
    }
    while !x.is_positive() {
        factor /= &x;
        x += BigRational::one();
    }
    let base = if x.is_one() {
        Closed::integer(1)
    } else if x == half() {
        atom_power(&Atom::Pi, &half())?
    } else if x < half() {
        Closed::atom(Atom::Gamma(x))
    } else {
        // Γ(x) Γ(1−x) = π/sin πx
        let mirrored = BigRational::one() - &x;
        let divisor = sine(&mirrored)?.mul(&Closed::atom(Atom::Gamma(mirrored)))?;
        Closed::atom(Atom::Pi).mul(&divisor.recip()?)?
    };
    Some(base.scaled(&factor))
}

/// `sin πx`.
pub(crate) fn sine(x: &BigRational) -> Option<Closed> {
    let two = BigRational::from_integer(2.into());
    let mut x = x - (x / &two).floor() * &two;
    let mut sign = BigRational::one();
    if x >= BigRational::one() {
        x -= BigRational::one();
        sign = -sign;
    }
    if x > half() {
        x = BigRational::one() - x;
    }
    let root = |n: i64| rational_power(&BigRational::from_integer(n.into()), &half());
    let value = match (x.numer().to_i64(), x.denom().to_i64()) {
        (Some(0), _) => Closed::integer(0),
        (Some(1), Some(2)) => Closed::integer(1),
        (Some(1), Some(3)) => root(3)?.scaled(&half()),
        (Some(1), Some(4)) => root(2)?.scaled(&half()),
        (Some(1), Some(6)) => Closed::rational(half()),
        _ => Closed::atom(Atom::Sine(x)),
    };
    Some(value.scaled(&sign))
}

/// `ζ(s)`; `None` at its pole and far from 0.
pub(crate) fn zeta(s: &BigRational) -> Option<Closed> {
    if s.is_one() || s.abs() > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    if s.is_integer() {
        let n = s.numer().to_i64()?;
        if n <= 0 {
            // ζ(−n) = −B_{n+1}/(n+1), and ζ(0) = −1/2
            let n = (-n) as usize;
            let value = &bernoulli(n + 1)[n + 1] / BigRational::from_integer((n + 1).into());
            return Some(Closed::rational(if n == 0 { value } else { -value }));
        }
        if n % 2 == 0 {
            // ζ(n) = |B_n| (2π)^n / (2 n!)
            let factorial: BigInt = (1..=n).map(BigInt::from).product();
            let twos = BigRational::from_integer(BigInt::from(2).pow(n as u32 - 1));
            let number = bernoulli(n as usize)[n as usize].abs();
            let factor = number * twos / BigRational::from_integer(factorial);
            return Some(atom_power(&Atom::Pi, s)?.scaled(&factor));
        }
        return Some(Closed::atom(Atom::Zeta(s.clone())));
    }
    if *s > half() {
        return Some(Closed::atom(Atom::Zeta(s.clone())));
    }
    if *s == half() {
        return Some(Closed::named("zeta(1/2)".into()));
    }
    // ζ(s) = 2 (2π)^{s−1} sin(πs/2) Γ(1−s) ζ(1−s)
    let two = BigRational::from_integer(2.into());
    let other = BigRational::one() - s;
    rational_power(&two, s)?
        .mul(&atom_power(&Atom::Pi, &-&other)?)?
        .mul(&sine(&(s / &two))?)?
        .mul(&gamma(&other)?)?
        .mul(&zeta(&other)?)
}

/// `ψ(n) + γ` and `ψ` at halves; `None` elsewhere.
pub(crate) fn digamma(x: &BigRational) -> Option<Closed> {
    let mut x = x.clone();
    if !x.is_positive() || x > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    let mut sum = BigRational::zero();
    while x > BigRational::one() {
        x -= BigRational::one();
        sum += x.recip();
    }
    let mut value = Closed::rational(sum).add(&Closed::atom(Atom::Gamma0).neg())?;
    if let Some(rest) = of_gauss(&x) {
        value = value.add(&rest)?;
    } else if !x.is_one() {
        value = value.add(&Closed::named(format!("digamma({x}) + euler")))?;
    }
    Some(value)
}

/// `ψ(x) + γ` by Gauss's theorem, for halves, thirds, fourths and sixths: a multiple of π, and logarithms of 2 and 3.
fn of_gauss(x: &BigRational) -> Option<Closed> {
    let ratio = |n: i64, d: i64| BigRational::new(n.into(), d.into());
    let root = rational_power(&BigRational::from_integer(3.into()), &half())?;
    let one = Closed::rational(BigRational::one());
    // of the smaller of x and 1 − x: the multiple of π, and those of ln 2 and ln 3
    let (front, twos, threes) = match (x.numer().to_i64()?, x.denom().to_i64()?) {
        (1, 2) => (
            Closed::rational(BigRational::zero()),
            ratio(-2, 1),
            ratio(0, 1),
        ),
        (1 | 2, 3) => (root.scaled(&ratio(-1, 6)), ratio(0, 1), ratio(-3, 2)),
        (1 | 3, 4) => (one.scaled(&ratio(-1, 2)), ratio(-3, 1), ratio(0, 1)),
        (1 | 5, 6) => (root.scaled(&ratio(-1, 2)), ratio(-2, 1), ratio(-3, 2)),
        _ => return None,
    };
    let turned = if *x > half() { front.neg() } else { front };
    let log = |prime: i64| Closed::atom(Atom::Log(Box::new(Atom::Prime(prime.into()))));
    let circle = turned.mul(&Closed::atom(Atom::Pi))?;
    circle
        .add(&log(2).scaled(&twos))?
        .add(&log(3).scaled(&threes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    #[test]
    fn reflection_and_radicals_meet() {
        for (n, d) in [(1, 3), (1, 4), (2, 5), (3, 7), (1, 2), (5, 6), (7, 3)] {
            let x = q(n, d);
            let product = gamma(&x)
                .unwrap()
                .mul(&gamma(&(q(1, 1) - &x)).unwrap())
                .unwrap();
            let expected = Closed::atom(Atom::Pi).mul(&sine(&x).unwrap().recip().unwrap());
            assert_eq!(Some(product), expected, "{x}");
        }
        assert_eq!(gamma(&q(5, 1)), Some(Closed::integer(24)));
        assert_eq!(zeta(&q(0, 1)), Some(Closed::rational(q(-1, 2))));
        assert_eq!(zeta(&q(-1, 1)), Some(Closed::rational(q(-1, 12))));
        assert_eq!(zeta(&q(-2, 1)), Some(Closed::integer(0)));
        let square = atom_power(&Atom::Pi, &q(2, 1)).unwrap();
        assert_eq!(zeta(&q(2, 1)), Some(square.scaled(&q(1, 6))));
    }

    #[test]
    fn gauss_gives_digammas() {
        for (n, d) in [
            (1, 2),
            (1, 3),
            (2, 3),
            (1, 4),
            (3, 4),
            (1, 6),
            (5, 6),
            (7, 3),
        ] {
            let form = digamma(&q(n, d)).unwrap();
            assert!(!format!("{form:?}").contains("Named"), "{n}/{d}");
        }
        let turn = |n: i64, d: i64| digamma(&q(n, d)).unwrap();
        // ψ(1 − x) − ψ(x) = π cot πx
        let quarter = turn(3, 4).add(&turn(1, 4).neg()).unwrap();
        assert_eq!(quarter, Closed::atom(Atom::Pi));
        // Σ_k ψ((x + k)/n) = n ψ(x) − n ln(n) at x = 1, n = 3
        let sum = turn(1, 3)
            .add(&turn(2, 3))
            .unwrap()
            .add(&turn(1, 1))
            .unwrap();
        let log = Closed::atom(Atom::Log(Box::new(Atom::Prime(3.into()))));
        let other = turn(1, 1).scaled(&q(3, 1)).add(&log.scaled(&q(-3, 1)));
        assert_eq!(sum, other.unwrap());
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
