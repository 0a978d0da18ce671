//! The points of a domain through which curves go.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

use super::super::PlotError;
use super::background::Background;
use super::sides::Sides;
use crate::decide::assignment::{Assignment, SpectrumLevel, short_decimal};
use crate::decide::sampler::{Corner, Sampler};
use crate::decide::verdict::Witness;
use crate::formula::scope::{SpectrumKind, TargetKind};
use crate::number::{rational_from_f64, simplest_between_doubles};

/// Whole numbers beyond make slow pictures.
pub(super) const LARGEST: f64 = 400.0;
/// How near both sides of a witness must come out again.
const AGREEMENT: f64 = 1e-3;

/// Some points of the domain, the chosen one first.
pub(super) fn bases(sides: &Sides, chosen: Option<&Assignment>, others: usize) -> Vec<Assignment> {
    let sampler = sampler(sides);
    let mut bases: Vec<Assignment> = chosen.cloned().into_iter().collect();
    let most = bases.len() + others;
    for index in 0..40 {
        if bases.len() >= most {
            break;
        }
        let mut stream = sides.problem.stream(index);
        let new = |base: &Assignment| {
            bases
                .iter()
                .all(|known| known.symbols != base.symbols || known.spectrum != base.spectrum)
        };
        if let Some(base) = sampler.draw(&mut stream, Corner::Inside).filter(new) {
            bases.push(base);
        }
    }
    bases
}

fn sampler<'a>(sides: &Sides<'a>) -> Sampler<'a> {
    let limit = sides.statement.says.op.is_asymptotic();
    let cap = if limit { f64::INFINITY } else { LARGEST };
    Sampler::new(sides.scope(), &sides.formulas(), cap).with_digits(2)
}

/// The point that was asked for, else the one at which the claim fails.
pub(super) fn chosen(
    sides: &Sides,
    background: &Background,
) -> Result<Option<Assignment>, PlotError> {
    if background.at.is_empty() {
        return Ok(background.witness.and_then(|w| of_witness(sides, w)));
    }
    let sampler = Sampler::new(sides.scope(), &sides.formulas(), f64::INFINITY).with_digits(2);
    let free: Vec<&str> = sampler.all_symbols().map(|(name, ..)| name).collect();
    if let Some((name, _)) = (background.at.iter()).find(|(name, _)| !free.contains(&name.as_str()))
    {
        return Err(PlotError::Data {
            message: format!(
                "`{name}` is no free symbol of the claim; these are: {}",
                free.join(", ")
            ),
        });
    }
    // From a witness, or from anywhere.
    let from = background.witness.and_then(|w| of_witness(sides, w));
    let Some(mut base) = from.or_else(|| anywhere(sides, &sampler)) else {
        return Ok(None);
    };
    for (name, value) in background.at {
        base.symbols.insert(name.clone(), value.clone());
    }
    Ok(Some(base))
}

/// The same point as another claim sees it; none where it has a symbol of its own, or speaks of other inputs.
pub(super) fn carried(sides: &Sides, base: &Assignment) -> Option<Assignment> {
    let sampler = sampler(sides);
    let same = match sides.scope().setting.spectrum {
        SpectrumKind::Isotropic => base.spectrum.len() <= 1,
        SpectrumKind::TwoLevel => base.spectrum.len() <= 2,
        _ => true,
    };
    if !same {
        return None;
    }
    let symbols: Option<BTreeMap<String, BigRational>> = sampler
        .all_symbols()
        .map(|(name, ..)| Some((name.to_owned(), base.symbols.get(name)?.clone())))
        .collect();
    Some(Assignment {
        symbols: symbols?,
        ..base.clone()
    })
}

/// A witness as a point, where both sides come out there as they did when it was found.
fn of_witness(sides: &Sides, witness: &Witness) -> Option<Assignment> {
    let sampler = sampler(sides);
    // What the claim does not depend on is not part of a witness.
    let drawn = anywhere(sides, &sampler);
    let value = |name: &str| match witness.symbols.get(name) {
        Some(x) => simplest(*x),
        None => drawn.as_ref()?.symbols.get(name).cloned(),
    };
    let symbols: Option<BTreeMap<String, BigRational>> = sampler
        .all_symbols()
        .map(|(name, ..)| Some((name.to_owned(), value(name)?)))
        .collect();
    let point = Assignment {
        symbols: symbols?,
        spectrum: match witness.spectrum[..] {
            [] if witness.spectrum_levels.is_none() => drawn.as_ref()?.spectrum.clone(),
            _ => spectrum(sides, witness)?,
        },
        negative: witness.negative.iter().copied().collect(),
        approximate: false,
    };
    let limit = sides.statement.says.op.is_asymptotic();
    if !limit && !sides.problem.expectation {
        let station = sides.at(0.0, &point);
        let near = |found: f64, known: f64| {
            (found - known).abs() <= AGREEMENT * found.abs().max(known.abs()) + 1e-300
        };
        if !near(station.lhs, witness.lhs) || !near(station.rhs, witness.rhs) {
            return None;
        }
    }
    Some(point)
}

/// Some point inside of the domain.
fn anywhere(sides: &Sides, sampler: &Sampler) -> Option<Assignment> {
    (0..40).find_map(|index| sampler.draw(&mut sides.problem.stream(index), Corner::Inside))
}

/// Few digits, so that exact arithmetic stays small, and no special value by accident.
pub(super) fn decimal(x: f64) -> Option<BigRational> {
    if x.fract() == 0.0 {
        return rational_from_f64(x);
    }
    x.is_finite().then(|| short_decimal(x, 5))
}

/// The simplest number that a double may stand for.
fn simplest(x: f64) -> Option<BigRational> {
    if x.fract() == 0.0 {
        return rational_from_f64(x);
    }
    let width = 1e-12 * x.abs();
    simplest_between_doubles(x - width, x + width)
}

/// Levels of an open spectrum, equal eigenvalues together; nothing where the setting says what `Σ` and `w0` are.
fn spectrum(sides: &Sides, witness: &Witness) -> Option<Vec<SpectrumLevel>> {
    let setting = &sides.scope().setting;
    let open = matches!(
        setting.spectrum,
        SpectrumKind::Isotropic | SpectrumKind::TwoLevel | SpectrumKind::Any
    );
    if !open {
        // Where w0 sits on a given spectrum is no list of eigenvalues.
        return (!matches!(setting.target, TargetKind::Any)).then(Vec::new);
    }
    let levels: Vec<[f64; 3]> = match &witness.spectrum_levels {
        Some(levels) => levels.clone(),
        None => (witness.spectrum.iter().enumerate())
            .map(|(j, s)| [*s, 1.0, witness.target.get(j).copied().unwrap_or(0.0)])
            .collect(),
    };
    let mut merged: Vec<[f64; 3]> = Vec::new();
    for level in levels {
        match merged.last_mut() {
            Some(last) if last[0] == level[0] => {
                last[1] += level[1];
                last[2] += level[2];
            }
            _ => merged.push(level),
        }
    }
    let total: f64 = merged.iter().map(|level| level[1]).sum();
    let levels: Option<Vec<SpectrumLevel>> = merged
        .iter()
        .map(|[value, count, mass]| {
            Some(SpectrumLevel {
                value: simplest(*value)?,
                share: simplest(count / total)?,
                mass: if *mass == 0.0 {
                    BigRational::zero()
                } else {
                    simplest(*mass)?
                },
            })
        })
        .collect();
    levels.filter(|levels| !levels.is_empty())
}
