//! Functions of `Σ` whose coefficients are germs.

use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::decay::Decays;
use super::error::unsupported;
use super::logarithm::Logarithms;
use super::quantity::{Quantity, is_complete, same};
use super::{AsymptoticError, GermPoint};
use crate::scaling::{Germ, GermSpectrum, GermTarget, Pole, power_integral};

/// More terms than this come from no formula that a person wrote.
const MAX_TERMS: usize = 512;

type Result<T> = std::result::Result<T, AsymptoticError>;

/// `f(Σ)`: value by value where the eigenvalues are few, as a sum of terms on a power law.
#[derive(Clone, Debug)]
pub enum Spectral {
    Constant(Quantity),
    Levels(Vec<Quantity>),
    Terms(Vec<Term>),
    /// With exponentials.
    Decays(Decays),
    /// With logarithms, beside terms.
    Logarithms(Logarithms, Vec<Term>),
}

/// `coefficient · s^power · Π (s^base + κ)^{-order}`.
#[derive(Clone, Debug)]
pub struct Term {
    pub(super) coefficient: Quantity,
    pub(super) power: BigRational,
    /// 1 where there are no poles
    pub(super) base: BigRational,
    pub(super) poles: Vec<(Arc<Germ>, BigRational)>,
}

use Spectral::{Constant, Levels, Terms};

/// `κ`, `b` and `m` of `(s^b/(s^b + κ))^m = (1 + κ s^{-b})^{-m}`.
fn shrinkage(terms: &[Term]) -> Option<(&Arc<Germ>, &BigRational, &BigRational)> {
    let [term] = terms else { return None };
    let [(kappa, order)] = term.poles.as_slice() else {
        return None;
    };
    let shrinks = term.coefficient.is_one() && term.power == &term.base * order;
    shrinks.then_some((kappa, &term.base, order))
}

/// The second of two terms of which the first is 1.
fn beside_one(terms: &[Term]) -> Option<&Term> {
    let plain = terms.iter().all(|term| term.poles.is_empty());
    let (ones, others): (Vec<&Term>, Vec<&Term>) =
        terms.iter().partition(|term| term.power.is_zero());
    match (ones.as_slice(), others.as_slice()) {
        ([one], [term]) if plain && one.coefficient.is_one() => Some(term),
        _ => None,
    }
}

impl Spectral {
    /// `Σ` itself.
    pub fn eigenvalue(spectrum: &GermSpectrum) -> Self {
        match spectrum {
            GermSpectrum::Atoms(atoms) => Levels(
                atoms
                    .iter()
                    .map(|(value, _)| value.clone().into())
                    .collect(),
            ),
            GermSpectrum::PowerLaw { .. } => Terms(vec![Term {
                coefficient: Quantity::integer(1),
                power: BigRational::one(),
                base: BigRational::one(),
                poles: Vec::new(),
            }]),
        }
    }

    fn terms(self) -> Result<Vec<Term>> {
        match self {
            Constant(coefficient) => Ok(vec![Term {
                coefficient,
                power: BigRational::zero(),
                base: BigRational::one(),
                poles: Vec::new(),
            }]),
            Terms(terms) => Ok(terms),
            Levels(_) => unsupported("functions of two covariances"),
            Spectral::Decays(_) => unsupported("exponentials of Sigma beside inverses"),
            Spectral::Logarithms(..) => unsupported("logarithms of Sigma in this place"),
        }
    }

    /// As powers beside exponentials.
    fn beside(self, decays: &Decays) -> Result<Decays> {
        if let Spectral::Decays(own) = self {
            return Ok(own);
        }
        let terms = self.terms()?;
        if terms.iter().any(|term| !term.poles.is_empty()) {
            return unsupported("exponentials of Sigma beside inverses");
        }
        Ok(decays.powers(terms.into_iter().map(|term| (term.coefficient, term.power))))
    }

    pub fn exponential(self) -> Result<Self> {
        match self {
            Constant(c) => Ok(Constant(c.exp()?)),
            Levels(values) => Ok(Levels(
                values.iter().map(Quantity::exp).collect::<Result<_>>()?,
            )),
            Terms(terms) => match terms.as_slice() {
                [term] if term.poles.is_empty() => Ok(Spectral::Decays(Decays::exponential(
                    &term.coefficient,
                    &term.power,
                )?)),
                _ => unsupported("an exponential of a sum of functions of Sigma"),
            },
            Spectral::Decays(_) => unsupported("an exponential of an exponential"),
            Spectral::Logarithms(..) => unsupported("an exponential of a logarithm"),
        }
    }

    /// `ln f(Σ)`; on a power law of `I + τ Σ^p` alone, whose logarithms can be summed.
    pub fn logarithm(self) -> Result<Self> {
        match self {
            Constant(c) => Ok(Constant(c.ln()?)),
            Levels(values) => Ok(Levels(
                values.iter().map(Quantity::ln).collect::<Result<_>>()?,
            )),
            Terms(terms) => match beside_one(&terms) {
                Some(term) => {
                    let logarithm = Logarithms::of(&term.coefficient, &term.power)?;
                    Ok(Spectral::Logarithms(logarithm, Vec::new()))
                }
                None => unsupported("a logarithm of such a function of Sigma"),
            },
            Spectral::Decays(_) | Spectral::Logarithms(..) => {
                unsupported("a logarithm of such a function of Sigma")
            }
        }
    }

    pub fn sum(self, other: Self) -> Result<Self> {
        Ok(match (self, other) {
            (Constant(a), Constant(b)) => Constant(a.plus(&b)?),
            (Levels(a), b) | (b, Levels(a)) => Levels(zipped(a, b, Quantity::plus)?),
            (Spectral::Decays(a), b) | (b, Spectral::Decays(a)) => {
                let b = b.beside(&a)?;
                Spectral::Decays(a.sum(b)?)
            }
            (Spectral::Logarithms(a, mut terms), b) | (b, Spectral::Logarithms(a, mut terms)) => {
                let a = match b {
                    Spectral::Logarithms(b, others) => {
                        terms.extend(others);
                        a.sum(b)
                    }
                    b => {
                        terms.extend(b.terms()?);
                        a
                    }
                };
                Spectral::Logarithms(a, collected(terms)?)
            }
            (a, b) => {
                let mut terms = a.terms()?;
                terms.extend(b.terms()?);
                Terms(collected(terms)?)
            }
        })
    }

    pub fn product(self, other: Self) -> Result<Self> {
        Ok(match (self, other) {
            (Constant(a), Constant(b)) => Constant(a.times(&b)?),
            (Levels(a), b) | (b, Levels(a)) => Levels(zipped(a, b, Quantity::times)?),
            (Spectral::Decays(a), b) | (b, Spectral::Decays(a)) => {
                Spectral::Decays(a.product(&b.beside(&a)?)?)
            }
            (Spectral::Logarithms(a, terms), Constant(c))
            | (Constant(c), Spectral::Logarithms(a, terms)) => {
                let terms = multiplied(&terms, &Constant(c.clone()).terms()?)?;
                Spectral::Logarithms(a.scaled(&c)?, terms)
            }
            (a, b) => Terms(multiplied(&a.terms()?, &b.terms()?)?),
        })
    }

    pub fn scaled(self, factor: &Quantity) -> Result<Self> {
        Constant(factor.clone()).product(self)
    }

    pub fn power(self, exponent: &Quantity) -> Result<Self> {
        Ok(match self {
            Constant(a) => Constant(a.power(exponent)?),
            Levels(values) => Levels(
                values
                    .iter()
                    .map(|x| x.power(exponent))
                    .collect::<Result<_>>()?,
            ),
            Terms(terms) => {
                if let Some(exponent) = exponent.exact() {
                    return Ok(Terms(raised(&terms, exponent)?));
                }
                let (step, power, times) = match (beside_one(&terms), shrinkage(&terms)) {
                    (Some(term), _) => {
                        let step = term.coefficient.negated()?;
                        (step, term.power.clone(), Quantity::integer(1))
                    }
                    (_, Some((kappa, base, order))) => {
                        let step = Quantity::shared(kappa).negated()?;
                        (step, -base, Quantity::Exact(-order))
                    }
                    _ => return unsupported("a power of Sigma that is not constant"),
                };
                Spectral::Decays(Decays::descent(&step, &power, &exponent.times(&times)?)?)
            }
            Spectral::Decays(decays) => match exponent.exact() {
                Some(exponent) => Spectral::Decays(decays.power(exponent)?),
                None => {
                    return unsupported("a power of Sigma that is not constant");
                }
            },
            Spectral::Logarithms(..) => return unsupported("a power of a logarithm of Sigma"),
        })
    }

    /// `tr f(Σ)`.
    pub fn trace(&self, spectrum: &GermSpectrum) -> Result<Quantity> {
        match (self, spectrum) {
            (Constant(c), _) => {
                let d = spectrum.dimension().ok_or_else(|| {
                    AsymptoticError::Undefined("a trace that does not converge".into())
                })?;
                c.times(&d.into())
            }
            (Levels(values), GermSpectrum::Atoms(atoms)) if values.len() == atoms.len() => {
                weighted(values, atoms.iter().map(|(_, multiplicity)| multiplicity))
            }
            (Spectral::Decays(decays), _) => decays.total(spectrum, None),
            (Terms(terms), _) => summed(terms, |base, power, poles| {
                rescaled(spectrum, base).trace(&(power / base), poles)
            }),
            (Spectral::Logarithms(logarithms, terms), _) => {
                let rest = Terms(terms.clone()).trace(spectrum)?;
                logarithms.total(spectrum)?.plus(&rest)
            }
            _ => unsupported("this trace"),
        }
    }

    /// `∫ f(1/x) dx` over `from ≤ x ≤ to`; no `to` is infinity.
    pub fn integral(&self, from: &Quantity, to: Option<&Quantity>) -> Result<Quantity> {
        let from = match from.is_zero() {
            true => None,
            false => Some(from.germ()?),
        };
        let to = to.map(Quantity::germ).transpose()?;
        let terms = match (self, &to) {
            (Terms(terms), _) => terms,
            (Spectral::Logarithms(logarithms, terms), Some(to)) => {
                let logs = logarithms.integral(to)?;
                let logs = match &from {
                    Some(from) => logs.minus(&logarithms.integral(from)?)?,
                    None => logs,
                };
                if terms.is_empty() {
                    return Ok(logs);
                }
                let (from, to) = (
                    from.map_or(Quantity::integer(0), |x| Quantity::shared(&x)),
                    Quantity::shared(to),
                );
                return logs.plus(&Terms(terms.clone()).integral(&from, Some(&to))?);
            }
            _ => return unsupported("an integral of such a function along a limit"),
        };
        summed(terms, |base, power, poles| {
            power_integral(base, &(power / base), poles, from.as_deref(), to.as_deref())
        })
    }

    /// `w0' f(Σ) w0`.
    pub fn quadratic(&self, point: &GermPoint) -> Result<Quantity> {
        let target = point.target.as_ref().ok_or_else(|| {
            AsymptoticError::Unsupported("a target that the setting leaves open".into())
        })?;
        match (self, target) {
            (Levels(values), GermTarget::Masses(masses)) if values.len() == masses.len() => {
                weighted(values, masses.iter())
            }
            (Constant(c), GermTarget::Masses(masses)) => {
                weighted(&vec![c.clone(); masses.len()], masses.iter())
            }
            (Levels(_), _) => unsupported("this target"),
            (Spectral::Decays(decays), _) => decays.total(&point.spectrum, Some(target)),
            _ => summed(&self.clone().terms()?, |base, power, poles| {
                // c_k² stays what it is
                let target = match target {
                    GermTarget::Source { r } => {
                        let half = BigRational::new(1.into(), 2.into());
                        let r = (r - &half) / base + half;
                        GermTarget::Source { r }
                    }
                    other => other.clone(),
                };
                rescaled(&point.spectrum, base).quadratic(&target, &(power / base), poles)
            }),
        }
    }
}

fn zipped(
    levels: Vec<Quantity>,
    other: Spectral,
    operation: impl Fn(&Quantity, &Quantity) -> Result<Quantity>,
) -> Result<Vec<Quantity>> {
    match other {
        Constant(c) => levels.iter().map(|x| operation(x, &c)).collect(),
        Levels(others) if others.len() == levels.len() => levels
            .iter()
            .zip(&others)
            .map(|(x, y)| operation(x, y))
            .collect(),
        _ => unsupported("functions of two covariances"),
    }
}

fn weighted<'a>(values: &[Quantity], weights: impl Iterator<Item = &'a Germ>) -> Result<Quantity> {
    values
        .iter()
        .zip(weights)
        .try_fold(Quantity::integer(0), |sum, (value, weight)| {
            sum.plus(&value.times(&weight.clone().into())?)
        })
}

/// The spectrum of `Σ^base`.
fn rescaled(spectrum: &GermSpectrum, base: &BigRational) -> GermSpectrum {
    match spectrum {
        GermSpectrum::PowerLaw { beta, dimension } => GermSpectrum::PowerLaw {
            beta: beta * base,
            dimension: dimension.clone(),
        },
        GermSpectrum::Atoms(_) => spectrum.clone(),
    }
}

fn summed(
    terms: &[Term],
    evaluate: impl Fn(
        &BigRational,
        &BigRational,
        &[Pole],
    ) -> std::result::Result<Germ, crate::scaling::GermError>,
) -> Result<Quantity> {
    let mut sum = Quantity::integer(0);
    for term in terms {
        let poles: Vec<Pole> = term
            .poles
            .iter()
            .map(|(kappa, order)| Pole {
                kappa: (**kappa).clone(),
                order: order.clone(),
            })
            .collect();
        // two quantities of one expansion must not be taken for one another where they would cancel
        let confusable = term.poles.iter().enumerate().any(|(i, (a, p))| {
            term.poles[..i]
                .iter()
                .any(|(b, q)| a == b && p.is_positive() != q.is_positive())
        });
        if confusable {
            return Err(AsymptoticError::Undecided(
                "two values of kappa that agree as far as they are known".into(),
            ));
        }
        let value = match evaluate(&term.base, &term.power, &poles) {
            // the parts of a convergent sum may diverge
            Err(error @ crate::scaling::GermError::Domain { .. }) if terms.len() > 1 => {
                return Err(AsymptoticError::Undecided(error.to_string()));
            }
            value => value?,
        };
        sum = sum.plus(&term.coefficient.times(&value.into())?)?;
    }
    Ok(sum)
}

fn too_many() -> AsymptoticError {
    AsymptoticError::Unsupported("a function of Sigma of so many terms".into())
}

fn multiplied(left: &[Term], right: &[Term]) -> Result<Vec<Term>> {
    if left.len() * right.len() > MAX_TERMS {
        return Err(too_many());
    }
    let mut terms = Vec::with_capacity(left.len() * right.len());
    for l in left {
        for r in right {
            let base = match (l.poles.is_empty(), r.poles.is_empty()) {
                (true, _) => &r.base,
                (false, true) => &l.base,
                (false, false) if l.base == r.base => &l.base,
                _ => {
                    return unsupported("different powers of Sigma under inverses");
                }
            };
            let mut poles = l.poles.clone();
            for (kappa, order) in &r.poles {
                match poles.iter_mut().find(|(k, _)| same(k, kappa)) {
                    Some((_, total)) => *total += order,
                    None => poles.push((kappa.clone(), order.clone())),
                }
            }
            poles.retain(|(_, order)| !order.is_zero());
            terms.push(Term {
                coefficient: l.coefficient.times(&r.coefficient)?,
                power: &l.power + &r.power,
                base: if poles.is_empty() {
                    BigRational::one()
                } else {
                    base.clone()
                },
                poles,
            });
        }
    }
    collected(terms)
}

fn raised(base: &[Term], exponent: &BigRational) -> Result<Vec<Term>> {
    let to = Quantity::Exact(exponent.clone());
    match base {
        [] => Ok(vec![Term {
            coefficient: Quantity::integer(0).power(&to)?,
            power: BigRational::zero(),
            base: BigRational::one(),
            poles: Vec::new(),
        }]),
        [term] => Ok(vec![Term {
            coefficient: term.coefficient.power(&to)?,
            power: &term.power * exponent,
            base: term.base.clone(),
            poles: term
                .poles
                .iter()
                .map(|(kappa, order)| (kappa.clone(), order * exponent))
                .collect(),
        }]),
        // a s^{p+x} + b s^p = a s^p (s^x + b/a)
        [p, q] if p.poles.is_empty() && q.poles.is_empty() => {
            let (upper, lower) = if p.power > q.power { (p, q) } else { (q, p) };
            let kappa = lower.coefficient.over(&upper.coefficient)?;
            let positive =
                kappa.sign().is_ok_and(|s| s > 0) && upper.coefficient.sign().is_ok_and(|s| s > 0);
            if !positive {
                return small_power(base, exponent);
            }
            Ok(vec![Term {
                coefficient: upper.coefficient.power(&to)?,
                power: &lower.power * exponent,
                base: &upper.power - &lower.power,
                poles: vec![(kappa.germ()?, -exponent)],
            }])
        }
        _ => small_power(base, exponent),
    }
}

fn small_power(base: &[Term], exponent: &BigRational) -> Result<Vec<Term>> {
    let whole = exponent
        .is_integer()
        .then(|| exponent.numer().to_u32())
        .flatten()
        .filter(|e| (1..=8).contains(e));
    let Some(e) = whole else {
        return Err(AsymptoticError::Unsupported(format!(
            "power {exponent} of a sum of functions of Sigma"
        )));
    };
    let mut product = base.to_vec();
    for _ in 1..e {
        product = multiplied(&product, base)?;
    }
    Ok(product)
}

/// Adds what differs in its coefficient only, and writes `1 − s/(s+κ)` as `κ/(s+κ)`.
fn collected(terms: Vec<Term>) -> Result<Vec<Term>> {
    if terms.len() > MAX_TERMS {
        return Err(too_many());
    }
    let mut unique: Vec<Term> = Vec::with_capacity(terms.len());
    for term in terms {
        let twin = unique.iter_mut().find(|u| {
            u.power == term.power && u.base == term.base && equal_poles(&u.poles, &term.poles)
        });
        match twin {
            Some(twin) => twin.coefficient = twin.coefficient.plus(&term.coefficient)?,
            None => unique.push(term),
        }
    }
    unique.retain(|term| !term.coefficient.is_zero());
    while let Some((i, j, kappa)) = complementary(&unique) {
        let less = unique.remove(j.max(i));
        let more = unique.remove(j.min(i));
        let (whole, part) = if i < j { (more, less) } else { (less, more) };
        let reduced = Term {
            coefficient: whole.coefficient.times(&Quantity::shared(&kappa))?,
            power: whole.power,
            base: if part.poles.is_empty() {
                BigRational::one()
            } else {
                part.base
            },
            poles: part.poles,
        };
        unique.push(reduced);
    }
    Ok(unique)
}

/// Two terms `f` and `−f s/(s+κ)`.
fn complementary(terms: &[Term]) -> Option<(usize, usize, Arc<Germ>)> {
    for (i, whole) in terms.iter().enumerate() {
        for (j, part) in terms.iter().enumerate() {
            if i == j
                || &part.power - &whole.power != part.base
                || !whole.poles.is_empty() && whole.base != part.base
                || !known(&whole.coefficient)
                || !known(&part.coefficient)
                || !whole
                    .coefficient
                    .plus(&part.coefficient)
                    .is_ok_and(|sum| sum.is_zero())
            {
                continue;
            }
            for (kappa, _) in &part.poles {
                let mut poles = part.poles.clone();
                if let Some(pole) = poles.iter_mut().find(|(k, _)| same(k, kappa)) {
                    pole.1 -= BigRational::one();
                }
                poles.retain(|(_, order)| !order.is_zero());
                if equal_poles(&whole.poles, &poles) {
                    return Some((i, j, kappa.clone()));
                }
            }
        }
    }
    None
}

fn known(coefficient: &Quantity) -> bool {
    match coefficient {
        Quantity::Exact(_) => true,
        Quantity::Germ(germ) => is_complete(germ),
        Quantity::Magnitude(_) => false,
    }
}

type Poles = [(Arc<Germ>, BigRational)];

fn equal_poles(a: &Poles, b: &Poles) -> bool {
    a.len() == b.len()
        && a.iter()
            .all(|(kappa, order)| b.iter().any(|(k, q)| q == order && same(k, kappa)))
}
