//! The limit from exact values of the symbols on.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::AsymptoticError;
use super::evaluate::{Evaluator, Place, Result};
use super::point::{GermPoint, LevelShare, depends};
use super::quantity::Quantity;
use crate::formula::ast::Expr;
use crate::formula::free_names;
use crate::formula::scope::{Scope, SpectrumKind, TargetKind};
use crate::scaling::{Germ, GermDimension, GermSpectrum, GermTarget, Limit};

/// The limit that starts at the exact values `symbols` of the free symbols.
///
/// The limit variable becomes `T`; the entries of the path are evaluated in order. A defined symbol that a
/// path entry mentions and that depends on path symbols itself (`phi = d/T` in `d = phi*T`) stays at its base
/// value there. Rounding to whole numbers along the path is left out. `levels` are the eigenvalues of a spectrum
/// that the setting leaves open, as `(value, share of d, squared length of w0)`.
pub fn point(
    scope: &Scope,
    symbols: &BTreeMap<String, BigRational>,
    levels: &[LevelShare],
) -> Result<GermPoint> {
    let limit = scope
        .limit
        .as_ref()
        .ok_or_else(|| AsymptoticError::Unsupported("a limit that is not declared".into()))?;
    let base: BTreeMap<String, Quantity> = symbols
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let path_names: Vec<&str> = limit.path.iter().map(|(name, _)| name.as_str()).collect();
    let mut along = base.clone();
    for name in &path_names {
        along.remove(*name);
    }
    along.insert(limit.variable.clone(), Germ::variable().into());
    for (name, expr) in &limit.path {
        let mut local = along.clone();
        for frozen in defined_on_path(scope, expr, &path_names) {
            let value = Evaluator::new(scope, Place::Symbols(&base)).named(&frozen)?;
            if value.exact().is_none() {
                return Err(AsymptoticError::Unsupported(format!(
                    "{frozen} on the path, which is no rational number at the base point"
                )));
            }
            local.insert(frozen, value);
        }
        let value = Evaluator::new(scope, Place::Symbols(&local)).scalar(expr)?;
        along.insert(name.clone(), value);
    }
    let setting = Evaluator::new(scope, Place::Symbols(&along));
    let (spectrum, target) = setting_of(scope, &setting, levels)?;
    Ok(GermPoint {
        symbols: along,
        spectrum,
        target,
        variable: limit.variable.clone(),
    })
}

/// The defined symbols in `expr` that depend on path symbols.
fn defined_on_path(scope: &Scope, expr: &Expr, path: &[&str]) -> Vec<String> {
    free_names(expr)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !path.contains(&name.as_str()))
        .filter(|name| {
            scope
                .expansion(name)
                .is_some_and(|body| path.iter().any(|symbol| depends(scope, body, symbol)))
        })
        .collect()
}

fn setting_of<'a>(
    scope: &'a Scope,
    evaluator: &Evaluator<'a>,
    levels: &[LevelShare],
) -> Result<(GermSpectrum, Option<GermTarget>)> {
    let dimension = if scope.setting.infinite {
        None
    } else {
        Some(evaluator.named("d")?)
    };
    if let Some(d) = &dimension {
        check_dimension(d)?;
    }
    if let SpectrumKind::PowerLaw { beta } = &scope.setting.spectrum {
        return power_law(scope, evaluator, beta, dimension.as_ref());
    }
    let d = dimension.ok_or_else(|| {
        AsymptoticError::Unsupported("an infinite spectrum that is no power law".into())
    })?;
    let levels = match &scope.setting.spectrum {
        SpectrumKind::Atoms { values, weights } => {
            let mut atoms = Vec::new();
            for (i, (value, weight)) in values.iter().zip(weights).enumerate() {
                let mass = match levels.len() {
                    0 => BigRational::one(),
                    open => levels[i % open].2.clone(),
                };
                atoms.push((
                    constant(evaluator, value, "an eigenvalue")?,
                    constant(evaluator, weight, "a weight")?,
                    mass,
                ));
            }
            atoms
        }
        SpectrumKind::Isotropic if levels.is_empty() => {
            vec![(BigRational::one(), BigRational::one(), BigRational::one())]
        }
        SpectrumKind::Isotropic | SpectrumKind::TwoLevel | SpectrumKind::Any => levels.to_vec(),
        SpectrumKind::PowerLaw { .. } | SpectrumKind::Explicit(_) => {
            return Err(AsymptoticError::Unsupported(
                "a spectrum from a file along a limit".into(),
            ));
        }
    };
    atoms(scope, evaluator, levels, &d)
}

/// `s_k = k^{-β}`, endless where there is no dimension, and the target along it.
fn power_law<'a>(
    scope: &'a Scope,
    evaluator: &Evaluator<'a>,
    beta: &'a Expr,
    dimension: Option<&Quantity>,
) -> Result<(GermSpectrum, Option<GermTarget>)> {
    let beta = constant(evaluator, beta, "beta")?;
    if beta <= BigRational::one() && dimension.is_none() || !beta.is_positive() {
        return Err(AsymptoticError::Undefined(format!(
            "a power law of exponent {beta}"
        )));
    }
    let dimension = match dimension {
        None => GermDimension::Infinite,
        Some(d) => GermDimension::Finite((*d.germ()?).clone()),
    };
    let target = match &scope.setting.target {
        TargetKind::Source { r } => Some(GermTarget::Source {
            r: constant(evaluator, r, "r")?,
        }),
        TargetKind::Isotropic { norm2 } => Some(GermTarget::Isotropic {
            norm2: norm(evaluator, norm2.as_ref())?,
        }),
        TargetKind::Axis { index } => Some(GermTarget::Axis {
            index: (*evaluator.scalar(index)?.germ()?).clone(),
        }),
        TargetKind::Any | TargetKind::Explicit(_) => None,
    };
    Ok((GermSpectrum::PowerLaw { beta, dimension }, target))
}

fn constant<'a>(evaluator: &Evaluator<'a>, expr: &'a Expr, what: &str) -> Result<BigRational> {
    let value = evaluator.scalar(expr)?;
    value
        .exact()
        .cloned()
        .ok_or_else(|| AsymptoticError::Unsupported(format!("{what} that is no rational constant")))
}

/// A fixed dimension is a whole number, any other grows.
fn check_dimension(d: &Quantity) -> Result<()> {
    let fits = match d.germ()?.limit()? {
        Limit::PlusInfinity => true,
        Limit::MinusInfinity => false,
        Limit::Finite(_) => d.exact().is_some_and(|d| d.is_integer() && d.is_positive()),
    };
    if fits {
        Ok(())
    } else {
        Err(AsymptoticError::Unsupported(
            "a dimension that neither grows nor is a whole number".into(),
        ))
    }
}

fn norm<'a>(evaluator: &Evaluator<'a>, norm2: Option<&'a Expr>) -> Result<Germ> {
    match norm2 {
        None => Ok(Germ::integer(1)),
        Some(expr) => Ok((*evaluator.scalar(expr)?.germ()?).clone()),
    }
}

fn atoms<'a>(
    scope: &'a Scope,
    evaluator: &Evaluator<'a>,
    mut levels: Vec<LevelShare>,
    d: &Quantity,
) -> Result<(GermSpectrum, Option<GermTarget>)> {
    if levels.is_empty()
        || levels
            .iter()
            .any(|(s, share, _)| !s.is_positive() || share.is_negative())
    {
        return Err(AsymptoticError::Undefined(
            "a spectrum without positive eigenvalues".into(),
        ));
    }
    let total: BigRational = levels.iter().map(|(_, share, _)| share).sum();
    if total.is_zero() {
        return Err(AsymptoticError::Undefined(
            "shares that add up to zero".into(),
        ));
    }
    for level in &mut levels {
        level.1 = &level.1 / &total;
    }
    if let Some(d) = d.exact() {
        apportion(&mut levels, d);
    }
    levels.retain(|(_, share, _)| !share.is_zero());
    levels.sort_by(|a, b| b.0.cmp(&a.0));
    let d = d.germ()?;
    let mut multiplicities = Vec::new();
    for (value, share, _) in &levels {
        multiplicities.push((
            Germ::rational(value.clone()),
            &*d * &Germ::rational(share.clone()),
        ));
    }
    let rational = |x: &BigRational| Germ::rational(x.clone());
    let target = match &scope.setting.target {
        TargetKind::Any => {
            let mut masses: Vec<Germ> = levels.iter().map(|(.., mass)| rational(mass)).collect();
            if masses.iter().all(Germ::is_zero) {
                masses[0] = Germ::integer(1);
            }
            Some(masses)
        }
        TargetKind::Isotropic { norm2 } => {
            let norm2 = norm(evaluator, norm2.as_ref())?;
            Some(
                levels
                    .iter()
                    .map(|(_, share, _)| &norm2 * &rational(share))
                    .collect(),
            )
        }
        TargetKind::Axis { index } => {
            let index = evaluator.scalar(index)?;
            let at = if levels.len() == 1 || index.is_one() {
                Some(0)
            } else if index.is(&Quantity::from((*d).clone())) {
                Some(levels.len() - 1)
            } else {
                None
            };
            at.map(|at| {
                (0..levels.len())
                    .map(|i| Germ::integer(i64::from(i == at)))
                    .collect()
            })
        }
        TargetKind::Source { .. } | TargetKind::Explicit(_) => None,
    };
    Ok((
        GermSpectrum::Atoms(multiplicities),
        target.map(GermTarget::Masses),
    ))
}

/// Whole multiplicities of a fixed dimension, by largest remainders; as shares.
fn apportion(levels: &mut [LevelShare], d: &BigRational) {
    let quotas: Vec<BigRational> = levels.iter().map(|(_, share, _)| share * d).collect();
    let mut counts: Vec<BigRational> = quotas.iter().map(BigRational::floor).collect();
    let mut left = d - counts.iter().sum::<BigRational>();
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|&i, &j| (&quotas[j] - &counts[j]).cmp(&(&quotas[i] - &counts[i])));
    for &i in &order {
        if left >= BigRational::one() {
            counts[i] += BigRational::one();
            left -= BigRational::one();
        }
    }
    for (level, count) in levels.iter_mut().zip(counts) {
        level.1 = count / d;
    }
}
