//! `Σ` and `w0` as evaluation sees them: eigenvalues with multiplicities and masses, or a power law too long
//! to write out.

use std::sync::OnceLock;

use crate::equivalent;
use crate::number::{Bounded, Real};
use crate::spectrum::{Dimension, Monomial, PowerLaw, Spectrum, Target};

use super::spectral::Spectral;
use super::{EvaluationError, charge};

/// Operations of one sum over a power law, and sums that finding κ takes; roughly.
const SUM: f64 = 10_000.0;
const KAPPA: f64 = 15.0;

/// Dense expressions are refused beyond this dimension.
pub const MAX_DENSE: usize = 1200;

/// The spectrum of `Σ` and the coefficients of `w0` in its eigenbasis.
#[derive(Clone, Debug)]
pub enum Covariance<R> {
    /// Distinct eigenvalues in descending order, how often each occurs, and `Σ c_j²` over each.
    Explicit {
        levels: Vec<Level<R>>,
        spectrum: Spectrum,
        written_out: OnceLock<Vec<(R, R)>>,
    },
    /// `s_k = k^{-β}` with a dimension beyond writing out.
    PowerLaw { law: PowerLaw, target: Target },
}

/// One eigenvalue; the mass of `w0` on it is spread evenly over its eigenvectors.
#[derive(Clone, Debug)]
pub struct Level<R> {
    pub value: R,
    pub multiplicity: f64,
    pub mass: R,
}

impl<R: Real> Covariance<R> {
    /// From eigenvalues, multiplicities and masses. Values must be positive and finite.
    pub fn explicit(mut levels: Vec<Level<R>>) -> Result<Self, EvaluationError> {
        levels.retain(|level| level.multiplicity > 0.0);
        levels.sort_by(|a, b| b.value.midpoint().total_cmp(&a.value.midpoint()));
        let values: Vec<f64> = levels.iter().map(|l| l.value.midpoint()).collect();
        let multiplicities = levels.iter().map(|l| l.multiplicity).collect();
        let spectrum = Spectrum::atoms(values, multiplicities).map_err(EvaluationError::engine)?;
        Ok(Covariance::Explicit {
            levels,
            spectrum,
            written_out: OnceLock::new(),
        })
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
                    sum + R::from_f64(level.multiplicity) * f.at(&level.value)
                }))
            }
            Covariance::PowerLaw { law, .. } => {
                by_terms(f, |m| law.trace(m).map_err(EvaluationError::engine))
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
                    sum + level.mass.clone() * f.at(&level.value)
                })),
            Covariance::PowerLaw { law, target } => by_terms(f, |m| {
                law.quadratic(m, target).map_err(EvaluationError::engine)
            }),
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
                    let ratio = level.value.clone() / shifted.at(&level.value);
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
        match self {
            Covariance::Explicit {
                spectrum, levels, ..
            } => {
                charge::<f64>(30.0 * KAPPA * levels.len() as f64)?;
                let start = equivalent::kappa(spectrum, l, t).map_err(EvaluationError::engine)?;
                self.polished(start.value, lambda, samples)
            }
            Covariance::PowerLaw { law, .. } => {
                charge::<f64>(KAPPA * SUM)?;
                let spectrum = Spectrum::PowerLaw(*law);
                let kappa = equivalent::kappa(&spectrum, l, t).map_err(EvaluationError::engine)?;
                let mut widened =
                    R::from_f64(kappa.value).widened(kappa.relative_error * kappa.value);
                // What the inputs leave open: |∂κ/∂λ| and |∂κ/∂T| times their radii, doubled.
                if lambda.radius() > 0.0 || samples.radius() > 0.0 {
                    let df1 = self.df(&R::one(), &R::from_f64(kappa.value))?.midpoint();
                    let df2 = self
                        .df(&R::from_f64(2.0), &R::from_f64(kappa.value))?
                        .midpoint();
                    let slope = 1.0 / (1.0 - df2 / t);
                    let error =
                        slope * (lambda.radius() + kappa.value * df1 / (t * t) * samples.radius());
                    widened = widened.widened(2.0 * error);
                }
                Ok(widened)
            }
        }
    }

    /// Newton's method in `R` from the engine's root, then a bound: `h(κ) = κ − λ − κ df_1(κ)/T` is convex with
    /// slope `1 − df_2(κ)/T`, so the root lies within `2|h|/h'` where the slope does not halve on the way.
    fn polished(&self, start: f64, lambda: &R, samples: &R) -> Result<R, EvaluationError> {
        if start == 0.0 {
            return Ok(R::zero());
        }
        let residual = |kappa: &R, lambda: &R, samples: &R| -> Result<(R, R), EvaluationError> {
            let one = R::one();
            let df1 = self.df(&one, kappa)?;
            let df2 = self.df(&R::from_f64(2.0), kappa)?;
            let value = kappa.clone() * (one.clone() - df1 / samples.clone()) - lambda.clone();
            Ok((value, one - df2 / samples.clone()))
        };
        let mut kappa = R::from_f64(start);
        if !R::TRACKS_ERROR {
            return Ok(kappa);
        }
        for _ in 0..3 {
            let (value, slope) = residual(&kappa, &lambda.center(), &samples.center())?;
            kappa = (kappa.clone() - value / slope).center();
        }
        if !kappa.is_finite() || kappa.midpoint() <= 0.0 {
            return Err(EvaluationError::Undefined("kappa did not converge".into()));
        }
        let (value, slope) = residual(&kappa, lambda, samples)?;
        let error =
            2.0 * (value.midpoint().abs() + value.radius()) / (slope.midpoint() - slope.radius());
        let (_, below) = residual(&(kappa.clone() - R::from_f64(error)), lambda, samples)?;
        if error >= 0.0
            && error < 0.5 * kappa.midpoint()
            && below.midpoint() - below.radius() >= 0.5 * slope.midpoint()
        {
            Ok(kappa.widened(error))
        } else {
            Err(EvaluationError::Undefined(
                "kappa could not be enclosed: T is too near the threshold".into(),
            ))
        }
    }

    /// Eigenvalue `j` (from 1, descending). `j` may be any real number for a power law.
    pub fn eigenvalue(&self, j: &R) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit { levels, .. } => Ok(level_of(levels, j)?.value.clone()),
            Covariance::PowerLaw { law, .. } => Ok(j.powf(&-R::from_f64(law.beta()))),
        }
    }

    /// Coefficient `j` of `w0`, taken non-negative.
    pub fn coefficient(&self, j: &R) -> Result<R, EvaluationError> {
        match self {
            Covariance::Explicit { levels, .. } => {
                let level = level_of(levels, j)?;
                Ok((level.mass.clone() / R::from_f64(level.multiplicity)).sqrt())
            }
            Covariance::PowerLaw { law, target } => match target {
                Target::Source { r } => {
                    let delta = 1.0 + law.beta() * (2.0 * r - 1.0);
                    Ok(j.powf(&R::from_f64(-0.5 * delta)))
                }
                _ => Err(EvaluationError::Unsupported(
                    "c(j) of this target in this dimension".into(),
                )),
            },
        }
    }

    /// Every eigenvalue with its coefficient of `w0`, for dense expressions.
    pub fn written_out(&self) -> Result<&[(R, R)], EvaluationError> {
        let Covariance::Explicit {
            levels,
            written_out,
            ..
        } = self
        else {
            return Err(EvaluationError::Unsupported(
                "an expression that is no function of Sigma in an infinite or huge dimension"
                    .into(),
            ));
        };
        let d: f64 = levels.iter().map(|l| l.multiplicity).sum();
        if d > MAX_DENSE as f64 {
            return Err(EvaluationError::Unsupported(format!(
                "a dense matrix of dimension {d} (at most {MAX_DENSE})"
            )));
        }
        Ok(written_out.get_or_init(|| {
            let spread =
                |level: &Level<R>| (level.mass.clone() / R::from_f64(level.multiplicity)).sqrt();
            levels
                .iter()
                .flat_map(|l| {
                    std::iter::repeat_n((l.value.clone(), spread(l)), l.multiplicity as usize)
                })
                .collect()
        }))
    }
}

fn level_of<'a, R: Real>(levels: &'a [Level<R>], j: &R) -> Result<&'a Level<R>, EvaluationError> {
    let index = j.midpoint();
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

fn by_terms<R: Real>(
    f: &Spectral<R>,
    sum: impl Fn(&Monomial) -> Result<Bounded, EvaluationError>,
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
            .map(|(k, order)| order.abs() * unknown(k))
            .sum();
        if shift.is_nan() || shift > 0.1 {
            return Err(EvaluationError::Undefined(
                "a pole is not known well enough".into(),
            ));
        }
        let poles = term
            .poles
            .iter()
            .map(|(k, order)| (k.midpoint(), *order))
            .collect();
        charge::<f64>(SUM)?;
        let value = sum(&Monomial {
            power: term.power,
            poles,
        })?;
        let value = R::from_bounded(value).widened((1.2 * shift + term.blur) * value.value.abs());
        total = total + term.coefficient * value;
    }
    Ok(total)
}
