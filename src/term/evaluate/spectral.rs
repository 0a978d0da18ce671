//! Functions of `Σ`: kept as functions of one eigenvalue, never as matrices.

use std::sync::Arc;

use crate::number::Real;

/// `f(s)`, a function of the eigenvalue `s`; the matrix it stands for is `f(Σ)`.
#[derive(Clone, Debug)]
pub enum Spectral<R> {
    Constant(R),
    Eigenvalue,
    Sum(Arc<Spectral<R>>, Arc<Spectral<R>>),
    Product(Arc<Spectral<R>>, Arc<Spectral<R>>),
    Power(Arc<Spectral<R>>, R),
    Exponential(Arc<Spectral<R>>),
    Logarithm(Arc<Spectral<R>>),
    /// A value for each atom of the spectrum.
    OfAtom(Arc<[R]>),
}

/// `coefficient · s^power · Π (s + κ)^{-order}`, the form in which a power law is summed.
#[derive(Clone, Debug)]
pub struct Term<R> {
    pub coefficient: R,
    pub power: R,
    pub poles: Vec<(R, R)>,
    /// Relative error of the term in `f64` from exponents that are none.
    pub blur: f64,
}

/// More terms than this come from no formula that a person wrote.
const MAX_TERMS: usize = 4096;

/// A number in another arithmetic.
pub fn number<R: Real, S: Real>(x: &R) -> S {
    S::from_precise(&x.to_precise())
}

impl<R: Real> Spectral<R> {
    pub fn constant(&self) -> Option<&R> {
        match self {
            Spectral::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub fn sum(self, other: Self) -> Self {
        match (&self, &other) {
            (Spectral::Constant(a), Spectral::Constant(b)) => {
                Spectral::Constant(a.clone() + b.clone())
            }
            (Spectral::Constant(a), _) if a.is_zero() => other,
            (_, Spectral::Constant(b)) if b.is_zero() => self,
            _ => Spectral::Sum(Arc::new(self), Arc::new(other)),
        }
    }

    pub fn product(self, other: Self) -> Self {
        match (&self, &other) {
            (Spectral::Constant(a), Spectral::Constant(b)) => {
                Spectral::Constant(a.clone() * b.clone())
            }
            (Spectral::Constant(a), _) if a.is_zero() => self,
            (_, Spectral::Constant(b)) if b.is_zero() => other,
            _ => Spectral::Product(Arc::new(self), Arc::new(other)),
        }
    }

    pub fn scaled(self, factor: R) -> Self {
        Spectral::Constant(factor).product(self)
    }

    pub fn power(self, exponent: R) -> Self {
        match &self {
            Spectral::Constant(a) => Spectral::Constant(a.powf(&exponent)),
            _ => Spectral::Power(Arc::new(self), exponent),
        }
    }

    pub fn exponential(self) -> Self {
        match &self {
            Spectral::Constant(a) => Spectral::Constant(a.exp()),
            _ => Spectral::Exponential(Arc::new(self)),
        }
    }

    pub fn logarithm(self) -> Self {
        match &self {
            Spectral::Constant(a) => Spectral::Constant(a.ln()),
            _ => Spectral::Logarithm(Arc::new(self)),
        }
    }

    /// The same in another arithmetic.
    pub fn lowered<S: Real>(&self) -> Spectral<S> {
        let inner = |f: &Self| Arc::new(f.lowered());
        match self {
            Spectral::Constant(value) => Spectral::Constant(number(value)),
            Spectral::Eigenvalue => Spectral::Eigenvalue,
            Spectral::Sum(a, b) => Spectral::Sum(inner(a), inner(b)),
            Spectral::Product(a, b) => Spectral::Product(inner(a), inner(b)),
            Spectral::Power(a, e) => Spectral::Power(inner(a), number(e)),
            Spectral::Exponential(a) => Spectral::Exponential(inner(a)),
            Spectral::Logarithm(a) => Spectral::Logarithm(inner(a)),
            Spectral::OfAtom(values) => Spectral::OfAtom(values.iter().map(number).collect()),
        }
    }

    fn is_one(&self) -> bool {
        matches!(self, Spectral::Constant(c) if (c.clone() - R::one()).is_zero())
    }

    /// `x` of `−exp(x)`
    fn negated_exponent(&self) -> Option<&Self> {
        let Spectral::Product(minus, exponential) = self else {
            return None;
        };
        match (&**minus, &**exponential) {
            (Spectral::Constant(c), Spectral::Exponential(x))
                if (c.clone() + R::one()).is_zero() =>
            {
                Some(x)
            }
            _ => None,
        }
    }

    /// Whether it has no finite sum of terms, because of an exponential or a logarithm.
    pub fn is_transcendental(&self) -> bool {
        match self {
            Spectral::Constant(_) | Spectral::Eigenvalue | Spectral::OfAtom(_) => false,
            Spectral::Exponential(_) | Spectral::Logarithm(_) => true,
            Spectral::Sum(a, b) | Spectral::Product(a, b) => {
                a.is_transcendental() || b.is_transcendental()
            }
            Spectral::Power(a, _) => a.is_transcendental(),
        }
    }

    /// Whether it is no function of the eigenvalue alone.
    pub fn knows_atoms(&self) -> bool {
        match self {
            Spectral::Constant(_) | Spectral::Eigenvalue => false,
            Spectral::OfAtom(_) => true,
            Spectral::Sum(a, b) | Spectral::Product(a, b) => a.knows_atoms() || b.knows_atoms(),
            Spectral::Power(a, _) | Spectral::Exponential(a) | Spectral::Logarithm(a) => {
                a.knows_atoms()
            }
        }
    }

    /// `f` at eigenvalue `s` of the atom of this number.
    pub fn at(&self, s: &R, atom: usize) -> R {
        match self {
            Spectral::Constant(value) => value.clone(),
            Spectral::Eigenvalue => s.clone(),
            Spectral::Sum(a, b) => match (a.is_one(), b.negated_exponent()) {
                (true, Some(x)) => -x.at(s, atom).exp_m1(),
                _ => a.at(s, atom) + b.at(s, atom),
            },
            Spectral::Product(a, b) => a.at(s, atom) * b.at(s, atom),
            Spectral::Power(a, exponent) => a.at(s, atom).powf(exponent),
            Spectral::Exponential(a) => a.at(s, atom).exp(),
            Spectral::Logarithm(a) => match &**a {
                Spectral::Sum(one, x) | Spectral::Sum(x, one) if one.is_one() => {
                    x.at(s, atom).ln_1p()
                }
                _ => a.at(s, atom).ln(),
            },
            // A point without so many atoms has no value.
            Spectral::OfAtom(values) => values
                .get(atom)
                .cloned()
                .unwrap_or_else(|| R::from_f64(f64::NAN)),
        }
    }

    /// As a sum of terms, where the function is a polynomial in `s`, `s^a` and `(s + κ)^{-q}`.
    pub fn terms(&self) -> Option<Vec<Term<R>>> {
        match self {
            Spectral::Constant(value) => Some(vec![Term {
                coefficient: value.clone(),
                power: R::zero(),
                poles: vec![],
                blur: 0.0,
            }]),
            Spectral::Eigenvalue => Some(vec![Term {
                coefficient: R::one(),
                power: R::one(),
                poles: vec![],
                blur: 0.0,
            }]),
            Spectral::Sum(a, b) => {
                let mut terms = a.terms()?;
                terms.extend(b.terms()?);
                (terms.len() <= MAX_TERMS).then(|| collected(terms))
            }
            Spectral::Product(a, b) => {
                let (left, right) = (a.terms()?, b.terms()?);
                if left.len() * right.len() > MAX_TERMS {
                    return None;
                }
                let mut terms = Vec::with_capacity(left.len() * right.len());
                for l in &left {
                    terms.extend(right.iter().map(|r| multiplied(l, r)));
                }
                Some(collected(terms))
            }
            Spectral::Power(base, exponent) => raised(&base.terms()?, exponent),
            Spectral::Exponential(_) | Spectral::Logarithm(_) | Spectral::OfAtom(_) => None,
        }
    }
}

fn multiplied<R: Real>(l: &Term<R>, r: &Term<R>) -> Term<R> {
    let mut poles = l.poles.clone();
    for (kappa, order) in &r.poles {
        match poles.iter_mut().find(|(k, _)| same(k, kappa)) {
            Some((k, total)) => {
                *k = R::bounds(k, kappa);
                *total = total.clone() + order.clone();
            }
            None => poles.push((kappa.clone(), order.clone())),
        }
    }
    poles.retain(|(_, order)| !order.is_zero());
    Term {
        coefficient: l.coefficient.clone() * r.coefficient.clone(),
        power: l.power.clone() + r.power.clone(),
        poles,
        blur: l.blur + r.blur,
    }
}

fn raised<R: Real>(base: &[Term<R>], exponent: &R) -> Option<Vec<Term<R>>> {
    let e = exponent.midpoint();
    // An exponent that is no f64 moves `x^e` by `|ln x|` times what is lost, for the x of every sum that counts.
    let lost = if exponent.radius() == 0.0 {
        0.0
    } else {
        exponent.radius() + f64::EPSILON * e.abs()
    };
    if lost > 1e-12 {
        return None;
    }
    let lost = 200.0 * lost;
    match base {
        [term] => Some(vec![Term {
            coefficient: term.coefficient.powf(exponent),
            power: term.power.clone() * exponent.clone(),
            poles: term
                .poles
                .iter()
                .map(|(k, order)| (k.clone(), order.clone() * exponent.clone()))
                .collect(),
            blur: e.abs() * term.blur + lost,
        }]),
        // a s + b = a (s + b/a)
        [p, q] if p.poles.is_empty() && q.poles.is_empty() => {
            let (linear, constant) = match (p.power.to_whole(), q.power.to_whole()) {
                (Some(1), Some(0)) => (p, q),
                (Some(0), Some(1)) => (q, p),
                _ => return small_power(base, e),
            };
            let kappa = constant.coefficient.clone() / linear.coefficient.clone();
            if kappa.sign() == Some(std::cmp::Ordering::Greater)
                && linear.coefficient.midpoint() > 0.0
            {
                let coefficient = linear.coefficient.powf(exponent);
                Some(vec![Term {
                    coefficient,
                    power: R::zero(),
                    poles: vec![(kappa, -exponent.clone())],
                    blur: lost,
                }])
            } else {
                small_power(base, e)
            }
        }
        _ => small_power(base, e),
    }
}

fn small_power<R: Real>(base: &[Term<R>], exponent: f64) -> Option<Vec<Term<R>>> {
    if !(1.0..=8.0).contains(&exponent) || exponent.fract() != 0.0 {
        return None;
    }
    let mut product = base.to_vec();
    for _ in 1..exponent as usize {
        if product.len() * base.len() > MAX_TERMS {
            return None;
        }
        product = product
            .iter()
            .flat_map(|l| base.iter().map(move |r| multiplied(l, r)))
            .collect();
    }
    Some(collected(product))
}

fn same<R: Real>(a: &R, b: &R) -> bool {
    let difference = a.center() - b.center();
    a.midpoint() == b.midpoint() && difference.midpoint() == 0.0
}

fn collected<R: Real>(terms: Vec<Term<R>>) -> Vec<Term<R>> {
    let mut unique: Vec<Term<R>> = Vec::with_capacity(terms.len());
    for term in terms {
        let twin = unique.iter_mut().find(|u| {
            same(&u.power, &term.power)
                && u.blur == term.blur
                && u.poles.len() == term.poles.len()
                && u.poles.iter().all(|(k, order)| {
                    term.poles
                        .iter()
                        .any(|(other, q)| same(q, order) && same(k, other))
                })
        });
        match twin {
            Some(twin) => twin.coefficient = twin.coefficient.clone() + term.coefficient,
            None => unique.push(term),
        }
    }
    unique.retain(|term| !term.coefficient.is_zero());
    unique
}
