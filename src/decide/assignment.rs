//! A point of a claim's domain, exact; and the environment it stands for.

use std::collections::{BTreeMap, HashMap};

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::formula::ast::Expr;
use crate::formula::evaluate::{
    Covariance, Environment, EvaluationError, Evaluator, ExactLaw, Level, LinearAlgebra,
};
use crate::formula::scope::{Scope, SpectrumKind, Symbol, TargetKind};
use crate::number::{Real, rational_to_f64};
use crate::spectrum::{Dimension, PowerLaw, Target};

/// Power laws up to this dimension are written out, eigenvalue by eigenvalue.
const WRITTEN_OUT: f64 = 600.0;
/// A dimension beyond this cannot be counted.
const MAX_DIMENSION: f64 = 1e15;

/// Values for the free symbols, and shapes of `Σ` and `w0` where the setting leaves them open.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub symbols: BTreeMap<String, BigRational>,
    pub spectrum: Vec<SpectrumLevel>,
}

/// An eigenvalue, the share of the dimension it takes, and the squared length of `w0` on it.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumLevel {
    pub value: BigRational,
    pub share: BigRational,
    pub mass: BigRational,
}

impl Assignment {
    /// `d` where it is finite.
    pub fn dimension(&self, scope: &Scope) -> Result<Option<f64>, EvaluationError> {
        if scope.setting.infinite {
            return Ok(None);
        }
        let blank = self.blank_environment::<f64>()?;
        let d = match self.symbols.get("d") {
            Some(d) => rational_to_f64(d),
            None => match dimension_expr(scope) {
                Some(expr) => Evaluator::new(scope, &blank).scalar(expr)?,
                None => match &scope.setting.spectrum {
                    SpectrumKind::Explicit(values) => values.len() as f64,
                    _ => self.spectrum.len().max(1) as f64,
                },
            },
        };
        if d.fract() != 0.0 || !(1.0..=MAX_DIMENSION).contains(&d) {
            return Err(EvaluationError::Undefined(format!(
                "d = {d}: a whole number is needed"
            )));
        }
        Ok(Some(d))
    }

    /// The symbols alone, with a stand-in for `Σ`: for formulas that do not speak of it.
    pub fn blank_environment<R: LinearAlgebra>(&self) -> Result<Environment<R>, EvaluationError> {
        let level = Level {
            value: R::one(),
            multiplicity: 1.0,
            mass: R::one(),
        };
        Ok(Environment {
            covariance: Covariance::explicit(vec![level])?,
            scalars: self.scalars(),
            draw: None,
            known: HashMap::new(),
        })
    }

    fn scalars<R: Real>(&self) -> HashMap<String, R> {
        self.symbols
            .iter()
            .map(|(name, value)| (name.clone(), R::from_rational(value)))
            .collect()
    }

    /// `Σ`, `w0` and the symbols as numbers of one type.
    pub fn environment<R: LinearAlgebra>(
        &self,
        scope: &Scope,
    ) -> Result<Environment<R>, EvaluationError> {
        let dimension = self.dimension(scope)?;
        let blank = self.blank_environment::<R>()?;
        let evaluator = Evaluator::new(scope, &blank);
        let covariance = match (&scope.setting.spectrum, dimension) {
            (SpectrumKind::PowerLaw { beta }, None) => {
                huge_power_law(&evaluator, beta, Dimension::Infinite, &scope.setting.target)?
            }
            (SpectrumKind::PowerLaw { beta }, Some(d)) if d > WRITTEN_OUT => huge_power_law(
                &evaluator,
                beta,
                Dimension::Finite(d as u64),
                &scope.setting.target,
            )?,
            (SpectrumKind::PowerLaw { beta }, Some(d)) => {
                let beta = evaluator.scalar(beta)?;
                let levels = (1..=d as u64)
                    .map(|k| Level {
                        value: R::from_f64(k as f64).powf(&-beta.clone()),
                        multiplicity: 1.0,
                        mass: R::zero(),
                    })
                    .collect();
                Covariance::explicit(self.with_masses(
                    levels,
                    &scope.setting.target,
                    &evaluator,
                    Some(&beta),
                    d,
                )?)?
            }
            (_, None) => {
                return Err(EvaluationError::Unsupported(
                    "an infinite dimension needs a power-law spectrum".into(),
                ));
            }
            (SpectrumKind::Explicit(values), Some(d)) => {
                if values.len() as f64 != d {
                    return Err(EvaluationError::Undefined(format!(
                        "d = {d}, but the spectrum's file holds {} eigenvalues",
                        values.len()
                    )));
                }
                let mut sorted = values.clone();
                sorted.sort_by(|a, b| b.total_cmp(a));
                let levels = sorted
                    .iter()
                    .map(|&s| Level {
                        value: R::from_f64(s),
                        multiplicity: 1.0,
                        mass: R::zero(),
                    })
                    .collect();
                Covariance::explicit(self.with_masses(
                    levels,
                    &scope.setting.target,
                    &evaluator,
                    None,
                    d,
                )?)?
            }
            (SpectrumKind::Atoms { values, weights }, Some(d)) => {
                let mut levels = Vec::new();
                for (value, weight) in values.iter().zip(weights) {
                    levels.push((
                        evaluator.scalar(value)?,
                        evaluator.scalar(weight)?.midpoint(),
                    ));
                }
                let total: f64 = levels.iter().map(|(_, w)| w).sum();
                let counts = apportioned(
                    &levels.iter().map(|(_, w)| w / total).collect::<Vec<_>>(),
                    d,
                );
                let levels = levels
                    .into_iter()
                    .zip(counts)
                    .map(|((value, _), multiplicity)| Level {
                        value,
                        multiplicity,
                        mass: R::zero(),
                    })
                    .collect();
                Covariance::explicit(self.with_masses(
                    levels,
                    &scope.setting.target,
                    &evaluator,
                    None,
                    d,
                )?)?
            }
            (SpectrumKind::Isotropic | SpectrumKind::TwoLevel | SpectrumKind::Any, Some(d)) => {
                let shares: Vec<f64> = self
                    .spectrum
                    .iter()
                    .map(|l| rational_to_f64(&l.share))
                    .collect();
                let levels: Vec<Level<R>> = self
                    .spectrum
                    .iter()
                    .zip(apportioned(&shares, d))
                    .map(|(level, multiplicity)| Level {
                        value: R::from_rational(&level.value),
                        multiplicity,
                        mass: R::from_rational(&level.mass),
                    })
                    .collect();
                Covariance::explicit(self.with_masses(
                    levels,
                    &scope.setting.target,
                    &evaluator,
                    None,
                    d,
                )?)?
            }
        };
        Ok(Environment {
            covariance,
            ..blank
        })
    }

    /// Gives each level its mass, splitting a level where `w0` sits on a single eigenvector of it.
    fn with_masses<'a, R: LinearAlgebra>(
        &self,
        mut levels: Vec<Level<R>>,
        target: &'a TargetKind,
        evaluator: &Evaluator<'a, R>,
        beta: Option<&R>,
        d: f64,
    ) -> Result<Vec<Level<R>>, EvaluationError> {
        levels.retain(|level| level.multiplicity > 0.0);
        levels.sort_by(|a, b| b.value.midpoint().total_cmp(&a.value.midpoint()));
        if levels.iter().any(|l| !(l.value.midpoint() > 0.0)) {
            return Err(EvaluationError::Undefined(
                "an eigenvalue that is not positive".into(),
            ));
        }
        if levels.is_empty() {
            return Err(EvaluationError::Undefined(
                "a spectrum without eigenvalues".into(),
            ));
        }
        match target {
            TargetKind::Any => {
                if levels.iter().all(|l| l.mass.is_zero()) {
                    let open = self.spectrum.len();
                    for (i, level) in levels.iter_mut().enumerate() {
                        level.mass = match open {
                            0 => R::one(),
                            _ => R::from_rational(&self.spectrum[i % open].mass),
                        };
                    }
                }
                if levels.iter().all(|l| l.mass.is_zero()) {
                    levels[0].mass = R::one();
                }
            }
            TargetKind::Isotropic { norm2 } => {
                let norm2 = norm2
                    .as_ref()
                    .map_or(Ok(R::one()), |e| evaluator.scalar(e))?;
                for level in &mut levels {
                    level.mass = norm2.clone() * R::from_f64(level.multiplicity) / R::from_f64(d);
                }
            }
            TargetKind::Source { r } => {
                let Some(beta) = beta else {
                    return Err(EvaluationError::Unsupported(
                        "a source exponent without a power law".into(),
                    ));
                };
                let two_r = evaluator.scalar(r)? * R::from_f64(2.0);
                let delta = R::one() + beta.clone() * (two_r - R::one());
                for (k, level) in levels.iter_mut().enumerate() {
                    level.mass = R::from_f64((k + 1) as f64).powf(&-delta.clone());
                }
            }
            TargetKind::Axis { index } => {
                let index = evaluator.scalar(index)?.midpoint();
                if index.fract() != 0.0 || !(1.0..=d).contains(&index) {
                    return Err(EvaluationError::Undefined(format!(
                        "the target's axis is {index} of {d}"
                    )));
                }
                let mut seen = 0.0;
                let at = levels.iter().position(|level| {
                    seen += level.multiplicity;
                    index <= seen
                });
                if let Some(at) = at {
                    let mut axis = levels[at].clone();
                    levels[at].multiplicity -= 1.0;
                    axis.multiplicity = 1.0;
                    axis.mass = R::one();
                    levels.insert(at, axis);
                }
            }
            TargetKind::Explicit(coefficients) => {
                if coefficients.len() as f64 != d {
                    return Err(EvaluationError::Undefined(format!(
                        "d = {d}, but the target's file holds {} coefficients",
                        coefficients.len()
                    )));
                }
                let mut spread = Vec::with_capacity(coefficients.len());
                let mut rest = coefficients.iter();
                for level in levels {
                    for c in rest.by_ref().take(level.multiplicity as usize) {
                        let c = R::from_f64(*c);
                        spread.push(Level {
                            value: level.value.clone(),
                            multiplicity: 1.0,
                            mass: c.clone() * c,
                        });
                    }
                }
                levels = spread;
            }
        }
        Ok(levels)
    }
}

fn dimension_expr(scope: &Scope) -> Option<&Expr> {
    scope
        .symbols
        .iter()
        .find_map(|(name, symbol)| match symbol {
            Symbol::Defined(expr) if name == "d" => Some(expr),
            _ => None,
        })
        .or_else(|| {
            scope
                .definitions
                .iter()
                .find(|(name, _)| name == "d")
                .map(|(_, expr)| expr)
        })
}

fn huge_power_law<'a, R: LinearAlgebra>(
    evaluator: &Evaluator<'a, R>,
    beta: &'a Expr,
    dimension: Dimension,
    target: &'a TargetKind,
) -> Result<Covariance<R>, EvaluationError> {
    let exact = ExactLaw::of(evaluator, beta, target)?;
    let number = |expr: &'a Expr| Ok::<f64, EvaluationError>(evaluator.scalar(expr)?.midpoint());
    let law = PowerLaw::new(number(beta)?, dimension).map_err(EvaluationError::engine)?;
    let target = match target {
        TargetKind::Source { r } => Target::Source { r: number(r)? },
        TargetKind::Isotropic { norm2 } => Target::Isotropic {
            norm2: norm2.as_ref().map_or(Ok(1.0), number)?,
        },
        TargetKind::Axis { index } => Target::Axis {
            index: number(index)? as u64,
        },
        // `any` target: the leading eigenvector, until the claim says more.
        TargetKind::Any => Target::Axis { index: 1 },
        TargetKind::Explicit(_) => {
            return Err(EvaluationError::Unsupported(
                "a target from a file in this dimension".into(),
            ));
        }
    };
    Ok(Covariance::PowerLaw { law, target, exact })
}

/// Whole multiplicities nearest to `shares · d` that add up to `d`, by largest remainders.
fn apportioned(shares: &[f64], d: f64) -> Vec<f64> {
    let total: f64 = shares.iter().sum();
    let quotas: Vec<f64> = shares.iter().map(|s| s / total * d).collect();
    let mut counts: Vec<f64> = quotas.iter().map(|q| q.floor()).collect();
    let mut left = d - counts.iter().sum::<f64>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&i, &j| (quotas[j] - counts[j]).total_cmp(&(quotas[i] - counts[i])));
    for &i in order.iter().cycle() {
        if left < 1.0 {
            break;
        }
        counts[i] += 1.0;
        left -= 1.0;
    }
    counts
}

/// Whether a number is whole.
pub fn is_whole(value: &BigRational) -> bool {
    value.is_integer()
}

/// A short decimal near a positive `f64`, or the number itself where it is no such thing.
pub fn short_decimal(value: f64, digits: usize) -> BigRational {
    if value == 0.0 || !value.is_finite() {
        return BigRational::zero();
    }
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    crate::number::parse_decimal(&text).unwrap_or_else(BigRational::one)
}

/// How complicated a number is to read: digits of numerator and denominator.
pub fn complexity(value: &BigRational) -> usize {
    let digits = |n: &num_bigint::BigInt| {
        n.abs()
            .to_f64()
            .map_or(20, |x| if x < 1.0 { 0 } else { x.log10() as usize + 1 })
    };
    if value.is_integer() {
        digits(value.numer())
    } else {
        digits(value.numer()) + digits(value.denom())
    }
}
