//! `Σ` and `w0` as evaluation sees them: eigenvalues with multiplicities and masses, or a power law too long
//! to write out.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::budget;
use crate::equivalent;
use crate::number::{Bounded, Real};
use crate::spectrum::{Dimension, Monomial, PowerLaw, Spectrum, Target};

use super::EvaluationError;
use super::cost::charge;
use super::long::{self, ExactLaw};
use super::nearest_law::{self, Distance};
use super::spectral::Spectral;
use super::transcendental;

/// Operations of one sum over a power law, and sums that finding κ takes; roughly.
const SUM: f64 = 10_000.0;
const KAPPA: f64 = 15.0;

/// Newton's steps in raised precision: each doubles the digits.
const MOST_STEPS: usize = 14;
/// Dense expressions are refused beyond this dimension.
pub const MAX_DENSE: usize = 1200;

/// The spectrum of `Σ` and the coefficients of `w0` in its eigenbasis.
#[derive(Clone, Debug)]
pub enum Covariance<R> {
    /// Distinct eigenvalues in descending order, how often each occurs, and `Σ c_j²` over each.
    Explicit {
        levels: Vec<Level<R>>,
        spectrum: Spectrum,
        /// The `j` whose `c_j` is negative.
        negative: BTreeSet<u64>,
        written_out: OnceLock<Vec<Mode<R>>>,
    },
    /// `s_k = k^{-β}` with a dimension beyond writing out.
    PowerLaw {
        law: PowerLaw,
        target: Target,
        exact: ExactLaw<R>,
    },
}

/// `κ(0, T) = (d − T)/tr Σ^{-1}` to first order where fewer rows than dimensions are as many in double precision; else zero.
fn short_of_rows<R: Real>(levels: &[Level<R>], samples: &R) -> f64 {
    let (mut missing, mut inverse) = (-samples.clone(), R::zero());
    for level in levels {
        let count = R::from_f64(level.multiplicity);
        missing = missing + count.clone();
        inverse = inverse + count / level.value.clone();
    }
    match missing.sign() {
        Some(Ordering::Greater) => (missing / inverse).midpoint(),
        _ => 0.0,
    }
}

/// One eigenvalue; the mass of `w0` on it is spread evenly over its eigenvectors.
#[derive(Clone, Debug)]
pub struct Level<R> {
    pub value: R,
    pub multiplicity: f64,
    pub mass: R,
    /// Which of the spectrum's atoms it belongs to; 0 where the spectrum has none.
    pub atom: usize,
}

impl<R: Real> Level<R> {
    /// `|c_j|` of its eigenvectors.
    fn size(&self) -> R {
        (self.mass.clone() / R::from_f64(self.multiplicity)).sqrt()
    }
}

/// One eigenvector.
#[derive(Clone, Debug)]
pub struct Mode<R> {
    pub value: R,
    /// Of `w0`.
    pub coefficient: R,
    pub atom: usize,
}

impl<R: Real> Spectral<R> {
    pub fn on(&self, level: &Level<R>) -> R {
        self.at(&level.value, level.atom)
    }

    pub fn along(&self, mode: &Mode<R>) -> R {
        self.at(&mode.value, mode.atom)
    }
}

/// Sorts levels from the largest down: those that agree in double precision by what it leaves out, and what agrees in that too
/// stays in its order.
pub fn fall<R: Real>(levels: &mut [Level<R>]) {
    let rest = |x: &R| (x.clone() - R::from_f64(x.midpoint())).midpoint();
    levels.sort_by(|Level { value: a, .. }, Level { value: b, .. }| {
        (b.midpoint().total_cmp(&a.midpoint())).then_with(|| rest(b).total_cmp(&rest(a)))
    });
}

impl<R: Real> Covariance<R> {
    /// From eigenvalues, multiplicities and masses. Values must be positive and finite.
    pub fn explicit(mut levels: Vec<Level<R>>) -> Result<Self, EvaluationError> {
        levels.retain(|level| level.multiplicity > 0.0);
        fall(&mut levels);
        let values: Vec<f64> = levels.iter().map(|l| l.value.midpoint()).collect();
        let multiplicities = levels.iter().map(|l| l.multiplicity).collect();
        let spectrum = Spectrum::atoms(values, multiplicities).map_err(EvaluationError::engine)?;
        Ok(Covariance::Explicit {
            levels,
            spectrum,
            negative: BTreeSet::new(),
            written_out: OnceLock::new(),
        })
    }

    /// With negative coefficients `c_j` of `w0`; `j` counts from 1.
    pub fn with_negative(mut self, list: &BTreeSet<u64>) -> Self {
        if let Covariance::Explicit { negative, .. } = &mut self {
            negative.clone_from(list);
        }
        self
    }

    pub fn dimension(&self) -> Dimension {
        match self {
            Covariance::Explicit { levels, .. } => {
                Dimension::Finite(levels.iter().map(|l| l.multiplicity).sum::<f64>() as u64)
            }
            Covariance::PowerLaw { law, .. } => law.dimension(),
        }
    }

    /// `tr f(Σ)`.
    pub fn trace(&self, f: &Spectral<R>) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit { levels, .. } => {
                charge::<R>(10.0 * levels.len() as f64)?;
                Ok(levels.iter().fold(R::zero(), |sum, level| {
                    sum + R::from_f64(level.multiplicity) * f.on(level)
                }))
            }
            Covariance::PowerLaw { law, exact, .. } if f.is_transcendental() => {
                transcendental::sum(f, law, &exact.beta, &R::zero())
            }
            Covariance::PowerLaw { law, exact, .. } if R::UNLIMITED => {
                long::sum(f, law, &exact.beta, &R::zero(), None)
            }
            Covariance::PowerLaw { law, exact, .. } => {
                let distance = Distance::new(law, None, exact);
                by_terms(f, |m, lost| {
                    let found = law.trace(m).map_err(EvaluationError::engine)?;
                    Ok(moved(found, distance.and_power(lost).share(law, None, m)))
                })
            }
        }
    }

    /// `w0' f(Σ) w0`.
    pub fn quadratic(&self, f: &Spectral<R>) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit { levels, .. } => Ok(levels
                .iter()
                .filter(|level| !level.mass.is_zero())
                .fold(R::zero(), |sum, level| {
                    sum + level.mass.clone() * f.on(level)
                })),
            Covariance::PowerLaw { law, target, exact }
                if R::UNLIMITED || f.is_transcendental() =>
            {
                long::quadratic(f, law, target, exact)
            }
            Covariance::PowerLaw { law, target, exact } => {
                let distance = Distance::new(law, Some(target), exact);
                by_terms(f, |m, lost| {
                    let found = law.quadratic(m, target);
                    let share = distance.and_power(lost).share(law, Some(target), m);
                    Ok(moved(found.map_err(EvaluationError::engine)?, share))
                })
            }
        }
    }

    /// `df_m(κ) = tr Σ^m (Σ+κ)^{-m}`.
    pub fn df(&self, m: &R, kappa: &R) -> Result<R, EvaluationError> {
        let s = Spectral::Eigenvalue;
        let shifted = s.clone().sum(Spectral::Constant(kappa.clone()));
        match self {
            // One quotient an eigenvalue, so that nothing cancels or overflows.
            Covariance::Explicit { levels, .. } => {
                charge::<R>(10.0 * levels.len() as f64)?;
                Ok(levels.iter().fold(R::zero(), |sum, level| {
                    let ratio = level.value.clone() / shifted.on(level);
                    sum + R::from_f64(level.multiplicity) * ratio.powf(m)
                }))
            }
            Covariance::PowerLaw { .. } => {
                self.trace(&s.power(m.clone()).product(shifted.power(-m.clone())))
            }
        }
    }

    /// `κ(λ, T)`: the largest root of `κ − λ = κ df_1(κ)/T`.
    pub fn kappa(&self, lambda: &R, samples: &R) -> Result<R, EvaluationError> {
        let (l, t) = (lambda.midpoint(), samples.midpoint());
        if !(lambda.is_finite() && samples.is_finite() && l >= 0.0 && t > 0.0) {
            return Err(EvaluationError::Undefined(format!(
                "kappa({l}, {t}): the ridge must be at least 0 and the sample size positive"
            )));
        }
        // κ grows with λ and falls with T: its ends are met at theirs.
        let explicit = matches!(self, Covariance::Explicit { .. });
        if lambda.is_exact() && samples.is_exact() || R::FUNCTION && explicit {
            return self.kappa_at(lambda, samples);
        }
        let least = self.kappa_at(&nonnegative(lambda.lower_end()), &samples.upper_end())?;
        let most = self.kappa_at(&lambda.upper_end(), &samples.lower_end())?;
        Ok(R::bounds(&least, &most))
    }

    /// The same where both carry no error.
    fn kappa_at(&self, lambda: &R, samples: &R) -> Result<R, EvaluationError> {
        let (l, t) = (lambda.midpoint(), samples.midpoint());
        match self {
            Covariance::Explicit {
                spectrum, levels, ..
            } => {
                charge::<f64>(30.0 * KAPPA * levels.len() as f64)?;
                let start = equivalent::kappa(spectrum, l, t).map_err(EvaluationError::engine)?;
                let start = match start.value {
                    0.0 => short_of_rows(levels, samples),
                    found => found,
                };
                Self::polished(levels, start, lambda, samples)
            }
            Covariance::PowerLaw { law, exact, .. } => {
                charge::<f64>(KAPPA * SUM)?;
                let spectrum = Spectrum::PowerLaw(*law);
                if R::UNLIMITED {
                    let start =
                        equivalent::kappa(&spectrum, l, t).map_err(EvaluationError::engine)?;
                    return long::kappa(law, &exact.beta, lambda, samples, start.value);
                }
                let kappa = kappa_outwards(&spectrum, lambda, samples)?;
                // d ln κ/dβ is a mean of −ln k under s/(s + κ)², lessened by a ridge.
                let rest = Monomial {
                    power: 1.0,
                    poles: vec![(kappa.midpoint(), 2.0)],
                };
                let distance = Distance::new(law, None, exact);
                let share = distance.share(law, None, &rest);
                let size = kappa.midpoint();
                Ok(match share {
                    0.0 => kappa,
                    share => kappa.widened(share * size),
                })
            }
        }
    }

    /// Newton's method in `R` from the engine's root, then a bound: `h(κ) = κ − λ − κ df_1(κ)/T` is convex with
    /// slope `1 − df_2(κ)/T`, so the root lies within `2|h|/h'` where the slope does not halve on the way.
    fn polished(
        levels: &[Level<R>],
        start: f64,
        lambda: &R,
        samples: &R,
    ) -> Result<R, EvaluationError> {
        if start == 0.0 {
            return Ok(R::zero());
        }
        let residual = |kappa: &R| -> Result<(R, R), EvaluationError> {
            let (first, second) = unfilled(levels, kappa, samples)?;
            Ok((kappa.clone() * first - lambda.clone(), second))
        };
        let mut kappa = R::from_f64(start);
        if !R::TRACKS_ERROR {
            return Ok(kappa);
        }
        let open = |what: &str| Err(EvaluationError::Unresolved(what.into()));
        let mut before: Option<R> = None;
        for _ in 0..MOST_STEPS {
            let (value, slope) = residual(&kappa)?;
            let step = (value / slope).center();
            kappa = (kappa.clone() - step.clone()).center();
            if R::FUNCTION && !is_positive(&kappa) {
                // The range is too wide for a polynomial: no later step finds its way back.
                return open("kappa over a wide range");
            }
            let size = step.abs().upper_end();
            // Digits double until rounding is all there is.
            let less = |before: &R| size.order(&(R::from_f64(0.1) * before.clone()));
            let smaller = before
                .as_ref()
                .is_none_or(|before| less(before) == Some(Ordering::Less));
            if !smaller || size.is_zero() {
                break;
            }
            before = Some(size);
        }
        if !kappa.is_finite() || kappa.midpoint() <= 0.0 {
            return open("kappa did not converge");
        }
        let (value, slope) = residual(&kappa)?;
        if slope.sign() != Some(Ordering::Greater) {
            return open("kappa could not be enclosed: T is too near the threshold");
        }
        let reach = R::from_f64(2.0) * value.abs().upper_end() / slope.lower_end();
        let reach = reach.upper_end();
        let (_, below) = residual(&(kappa.clone() - reach.clone()))?;
        let half = R::from_f64(0.5);
        let certain =
            |order: Option<Ordering>| matches!(order, Some(Ordering::Greater | Ordering::Equal));
        if certain((half.clone() * kappa.clone()).order(&reach))
            && certain(below.lower_end().order(&(half * slope.upper_end())))
        {
            if !R::UNLIMITED {
                return Ok(kappa.widened(reach.midpoint().next_up()));
            }
            // A radius in doubles holds nothing below 1e-323.
            let (low, high) = (kappa.clone() - reach.clone(), kappa + reach);
            Ok(R::bounds(&low.lower_end(), &high.upper_end()))
        } else {
            open("kappa could not be enclosed: T is too near the threshold")
        }
    }

    /// Eigenvalue `j` (from 1, descending). `j` may be any real number for a power law.
    pub fn eigenvalue(&self, j: &R) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit { levels, .. } => Ok(level_of(levels, j)?.value.clone()),
            Covariance::PowerLaw { exact, .. } => Ok(j.powf(&-exact.beta.clone())),
        }
    }

    /// Coefficient `j` of `w0`.
    pub fn coefficient(&self, j: &R) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit {
                levels, negative, ..
            } => {
                let size = level_of(levels, j)?.size();
                match negative.contains(&(j.midpoint() as u64)) {
                    true => Ok(-size),
                    false => Ok(size),
                }
            }
            Covariance::PowerLaw { target, exact, .. } => match target {
                Target::Source { r } => {
                    let r = exact.target.clone().unwrap_or_else(|| R::from_f64(*r));
                    // c_j = j^{−δ/2}, δ = 1 + β(2r − 1)
                    let (half, two) = (R::from_f64(0.5), R::from_f64(2.0));
                    let delta = R::one() + exact.beta.clone() * (two * r - R::one());
                    Ok(j.powf(&(-(half * delta))))
                }
                _ => Err(EvaluationError::Unsupported(
                    "c(j) of this target in this dimension".into(),
                )),
            },
        }
    }

    /// Every eigenvalue with its coefficient of `w0`, for dense expressions.
    pub fn written_out(&self) -> Result<&[Mode<R>], EvaluationError> {
        let Covariance::Explicit {
            levels,
            negative,
            written_out,
            ..
        } = self
        else {
            return Err(EvaluationError::TooLarge(
                "an expression that is no function of Sigma in an infinite or huge dimension"
                    .into(),
            ));
        };
        let d: f64 = levels.iter().map(|l| l.multiplicity).sum();
        if d > MAX_DENSE as f64 {
            return Err(EvaluationError::TooLarge(format!(
                "a dense matrix of dimension {d} (at most {MAX_DENSE})"
            )));
        }
        Ok(written_out.get_or_init(|| {
            let mut modes: Vec<Mode<R>> = levels
                .iter()
                .flat_map(|l| {
                    let mode = Mode {
                        value: l.value.clone(),
                        coefficient: l.size(),
                        atom: l.atom,
                    };
                    std::iter::repeat_n(mode, l.multiplicity as usize)
                })
                .collect();
            for j in negative {
                if let Some(mode) = modes.get_mut(*j as usize - 1) {
                    mode.coefficient = -mode.coefficient.clone();
                }
            }
            modes
        }))
    }
}

/// The level that holds eigenvalue `j`, a whole number without error.
fn level_of<'a, R: Real>(levels: &'a [Level<R>], j: &R) -> Result<&'a Level<R>, EvaluationError> {
    let index = j.midpoint();
    if !j.is_exact() {
        return Err(EvaluationError::Unresolved(format!(
            "eigenvalue {index}, an index that is not known exactly"
        )));
    }
    let mut seen = 0.0;
    for level in levels {
        seen += level.multiplicity;
        if index >= 1.0 && index.fract() == 0.0 && index <= seen {
            return Ok(level);
        }
    }
    Err(EvaluationError::Undefined(format!(
        "eigenvalue {index} of {seen}"
    )))
}

/// What a level costs where numbers are functions of a variable.
const FUNCTION: u64 = 8000;

/// `1 − df_1(κ)/T` and `1 − df_2(κ)/T`
fn unfilled<R: Real>(
    levels: &[Level<R>],
    kappa: &R,
    samples: &R,
) -> Result<(R, R), EvaluationError> {
    if R::FUNCTION {
        budget::charge(FUNCTION * levels.len() as u64)?;
    }
    charge::<R>(20.0 * levels.len() as f64)?;
    let all: f64 = levels.iter().map(|level| level.multiplicity).sum();
    let spare = samples.clone() - R::from_f64(all);
    // With at least as many rows as dimensions T − df is a sum of positive terms, and nothing cancels at the threshold.
    let enough = spare.is_zero() || is_positive(&spare);
    let (mut first, mut second) = match enough {
        true => (spare.clone(), spare),
        false => (samples.clone(), samples.clone()),
    };
    for level in levels {
        let shifted = level.value.clone() + kappa.clone();
        if shifted.is_zero() {
            let what = "df at kappa = 0 of a singular Sigma";
            return Err(EvaluationError::undefined(what));
        }
        // One quotient an eigenvalue, so that nothing cancels or overflows.
        let filled = level.value.clone() / shifted.clone();
        let multiplicity = R::from_f64(level.multiplicity);
        if enough {
            let rest = multiplicity * (kappa.clone() / shifted);
            second = second + rest.clone() * (R::one() + filled);
            first = first + rest;
        } else {
            let part = multiplicity * filled.clone();
            second = second - part.clone() * filled;
            first = first - part;
        }
    }
    Ok((first / samples.clone(), second / samples.clone()))
}

fn is_positive<R: Real>(x: &R) -> bool {
    x.lower_end().sign() == Some(Ordering::Greater)
}

fn nonnegative<R: Real>(x: R) -> R {
    if x.midpoint() < 0.0 { R::zero() } else { x }
}

/// The engine's κ, with arguments moved outwards where an `f64` does not hold them.
fn kappa_outwards<R: Real>(
    spectrum: &Spectrum,
    lambda: &R,
    samples: &R,
) -> Result<R, EvaluationError> {
    let ends = |x: &R| {
        let nearest = x.midpoint();
        match (x.clone() - R::from_f64(nearest)).is_zero() {
            true => (nearest, nearest),
            false => (nearest.next_down().max(0.0), nearest.next_up()),
        }
    };
    let ((l_low, l_high), (t_low, t_high)) = (ends(lambda), ends(samples));
    let at = |l: f64, t: f64| -> Result<R, EvaluationError> {
        let kappa = equivalent::kappa(spectrum, l, t).map_err(EvaluationError::engine)?;
        Ok(R::from_f64(kappa.value).widened(kappa.relative_error * kappa.value))
    };
    let least = at(l_low, t_high)?;
    if (l_low, t_low) == (l_high, t_high) {
        return Ok(least);
    }
    Ok(R::bounds(&least, &at(l_high, t_low)?))
}

/// What is known of a sum whose law may be another by a share of it.
fn moved(sum: Bounded, share: f64) -> Bounded {
    Bounded::new(sum.value, sum.error + share * sum.value.abs())
}

fn by_terms<R: Real>(
    f: &Spectral<R>,
    sum: impl Fn(&Monomial, f64) -> Result<Bounded, EvaluationError>,
) -> Result<R, EvaluationError> {
    let terms = f.terms().ok_or_else(|| {
        EvaluationError::Unsupported(
            "in this dimension only products of powers of Sigma and of Sigma + k*I (k > 0) can be summed".into(),
        )
    })?;
    let mut total = R::zero();
    for term in terms {
        // A pole known to a relative error e moves a term by at most |order| e of itself.
        let unknown =
            |k: &R| k.radius() / k.midpoint() + if R::TRACKS_ERROR { f64::EPSILON } else { 0.0 };
        let shift: f64 = term
            .poles
            .iter()
            .map(|(k, order)| order.midpoint().abs() * unknown(k))
            .sum();
        if shift.is_nan() {
            return Err(EvaluationError::Unresolved(
                "a pole is not known well enough".into(),
            ));
        }
        charge::<f64>(SUM)?;
        let lost = nearest_law::distance(&term.power, term.power.midpoint());
        let monomial = |pole: &dyn Fn(&R, f64) -> f64| Monomial {
            power: term.power.midpoint(),
            poles: term
                .poles
                .iter()
                .map(|(k, order)| (pole(k, order.midpoint()), order.midpoint()))
                .collect(),
        };
        if shift > 0.1 {
            // Every (s + κ)^{−q} is monotone in κ: the ends of all poles give those of the sum.
            let end = |least: bool| {
                monomial(&|k: &R, order: f64| match least == (order > 0.0) {
                    true => k.upper_end().midpoint().next_up(),
                    false => k.lower_end().midpoint().next_down().max(0.0),
                })
            };
            let (least, most) = (sum(&end(true), lost)?, sum(&end(false), lost)?);
            let blurred = |b: Bounded| R::from_bounded(b).widened(term.blur * b.value.abs());
            total = total + term.coefficient * R::bounds(&blurred(least), &blurred(most));
            continue;
        }
        let value = sum(&monomial(&|k: &R, _| k.midpoint()), lost)?;
        let value = R::from_bounded(value).widened((1.2 * shift + term.blur) * value.value.abs());
        total = total + term.coefficient * value;
    }
    Ok(total)
}
