//! A point of a claim's domain, exact; and the environment it stands for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::formula::ast::Expr;
use crate::formula::scope::{Scope, SpectrumKind, Symbol, TargetKind};
use crate::number::{Real, rational_to_f64};
use crate::simulate::Stream;
use crate::spectrum::{Dimension, PowerLaw, Target};
use crate::term::evaluate::{
    Covariance, Environment, EvaluationError, Evaluator, Level, LinearAlgebra, apportioned, fall,
};

/// Power laws up to this dimension are written out, eigenvalue by eigenvalue.
const WRITTEN_OUT: f64 = 600.0;
/// A dimension beyond this cannot be counted.
const MAX_DIMENSION: f64 = 1e15;

/// Values for the free symbols, and shapes of `Σ` and `w0` where the setting leaves them open.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub symbols: BTreeMap<String, BigRational>,
    /// Where the setting gives the spectrum and leaves the target open: its pattern, see [`Place`].
    pub spectrum: Vec<SpectrumLevel>,
    /// The `j` whose coefficient `c_j` is negative; in a setting that leaves the target open.
    pub negative: BTreeSet<u64>,
    /// Whether an assumed equality is met only as nearly as numbers allow.
    pub approximate: bool,
}

/// An eigenvalue, the share of the dimension it takes, and the squared length of `w0` on it.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectrumLevel {
    pub value: BigRational,
    pub share: BigRational,
    pub mass: BigRational,
}

/// Where a target sits on a spectrum that the setting gives: one entry a place, `value` 1 for a single eigenvector
/// at the part `share` of the spectrum, from its first (0) to its last (1), 2 for all of them, 3 for those from there on and
/// 4 for those up to there.
pub struct Place;

impl Place {
    /// First and last eigenvector, others, all of them, mixtures, and steps.
    pub fn pattern(stream: &mut Stream, d: f64) -> Vec<SpectrumLevel> {
        let entry = |kind: f64, share: f64, mass: f64| SpectrumLevel {
            value: short_decimal(kind, 1),
            share: short_decimal(share, 3),
            mass: short_decimal(mass, 2),
        };
        let size = 10f64.powf(stream.uniform() - 0.5);
        let place = |stream: &mut Stream| match (stream.uniform() * 5.0) as usize {
            0 => 0.0,
            1 => 1.0,
            2 => 1.0 / (d - 1.0).max(1.0),
            _ => stream.uniform(),
        };
        match (stream.uniform() * 8.0) as usize {
            0 => vec![entry(1.0, 0.0, size)],
            1 => vec![entry(1.0, 1.0, 1.0)],
            2 => vec![entry(1.0, place(stream), size)],
            3 => vec![entry(2.0, 0.0, size)],
            // As on levels, the same on many eigenvectors, and some other size on the rest.
            4 | 5 => {
                let from = if stream.uniform() < 0.5 { 3.0 } else { 4.0 };
                let more = size * 10f64.powf(2.0 * stream.uniform());
                vec![entry(2.0, 0.0, size), entry(from, stream.uniform(), more)]
            }
            _ => {
                let count = 2 + (stream.uniform() * 4.0) as usize;
                (0..count)
                    .map(|_| entry(1.0, place(stream), 1e-3 + size * stream.normal().powi(2)))
                    .collect()
            }
        }
    }

    /// The masses of `count` eigenvectors.
    fn spread<R: Real>(pattern: &[SpectrumLevel], count: usize) -> Vec<R> {
        let mut masses = vec![R::zero(); count];
        for entry in pattern {
            let mass = R::from_rational(&entry.mass);
            let at = rational_to_f64(&entry.share) * (count as f64 - 1.0);
            let at = (at.round() as usize).min(count - 1);
            let reach = match rational_to_f64(&entry.value).round() as usize {
                1 => at..at + 1,
                2 => 0..count,
                3 => at..count,
                _ => 0..at + 1,
            };
            for place in &mut masses[reach] {
                *place = place.clone() + mass.clone();
            }
        }
        masses
    }

    fn everywhere(entry: &SpectrumLevel) -> bool {
        rational_to_f64(&entry.value) > 1.5
    }
}

impl Assignment {
    /// How many different eigenvalues there are.
    pub fn distinct_levels(&self) -> usize {
        let values = self.spectrum.iter().map(|level| &level.value);
        values.collect::<BTreeSet<_>>().len()
    }

    /// Whether eigenvalues and symbols that are no whole numbers are all within a range of sizes.
    pub fn is_within(&self, sizes: &RangeInclusive<f64>) -> bool {
        let levels = self.spectrum.iter().map(|level| &level.value);
        let symbols = self.symbols.values().filter(|x| !x.is_integer());
        levels
            .chain(symbols)
            .all(|x| sizes.contains(&rational_to_f64(x).abs()))
    }

    /// Moves an eigenvalue, and with it those that are equal to it where they stay `together`.
    pub fn move_level(&mut self, which: usize, value: BigRational, together: bool) {
        let Some(before) = self.spectrum.get(which).map(|level| level.value.clone()) else {
            return;
        };
        for (i, level) in self.spectrum.iter_mut().enumerate() {
            if i == which || together && level.value == before {
                level.value = value.clone();
            }
        }
    }

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
            atom: 0,
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
        let target = &scope.setting.target;
        let covariance = match (&scope.setting.spectrum, dimension) {
            (SpectrumKind::PowerLaw { beta }, None) => {
                self.huge_power_law(&evaluator, beta, Dimension::Infinite, target)?
            }
            (SpectrumKind::PowerLaw { beta }, Some(d)) if d > WRITTEN_OUT => {
                self.huge_power_law(&evaluator, beta, Dimension::Finite(d as u64), target)?
            }
            (_, None) => {
                return Err(EvaluationError::Unsupported(
                    "an infinite dimension needs a power-law spectrum".into(),
                ));
            }
            (spectrum, Some(d)) => {
                let beta = match spectrum {
                    SpectrumKind::PowerLaw { beta } => Some(evaluator.scalar(beta)?),
                    _ => None,
                };
                let levels = self.levels(spectrum, &evaluator, beta.as_ref(), d)?;
                let levels = self.with_masses(levels, target, &evaluator, beta.as_ref(), d)?;
                Covariance::explicit(levels)?.with_negative(&self.negative)
            }
        };
        Ok(Environment {
            covariance,
            ..blank
        })
    }

    /// The eigenvalues in dimension `d`, with masses only where they are drawn together.
    fn levels<'a, R: LinearAlgebra>(
        &self,
        spectrum: &'a SpectrumKind,
        evaluator: &Evaluator<'a, R>,
        beta: Option<&R>,
        d: f64,
    ) -> Result<Vec<Level<R>>, EvaluationError> {
        let bare = |value, multiplicity| Level {
            value,
            multiplicity,
            mass: R::zero(),
            atom: 0,
        };
        match spectrum {
            SpectrumKind::PowerLaw { .. } => {
                let fall = -beta.cloned().unwrap_or(R::one());
                let eigenvalue = |k: u64| R::from_f64(k as f64).powf(&fall);
                Ok((1..=d as u64).map(|k| bare(eigenvalue(k), 1.0)).collect())
            }
            SpectrumKind::Explicit(values) => {
                if values.len() as f64 != d {
                    return Err(EvaluationError::Undefined(format!(
                        "d = {d}, but the spectrum's file holds {} eigenvalues",
                        values.len()
                    )));
                }
                let mut sorted = values.clone();
                sorted.sort_by(|a, b| b.total_cmp(a));
                Ok(sorted.iter().map(|&s| bare(R::from_f64(s), 1.0)).collect())
            }
            SpectrumKind::Atoms { values, weights } => {
                let mut atoms = Vec::new();
                for (value, weight) in values.iter().zip(weights) {
                    let weight = evaluator.scalar(weight)?.midpoint();
                    atoms.push((evaluator.scalar(value)?, weight));
                }
                let total: f64 = atoms.iter().map(|(_, w)| w).sum();
                let shares: Vec<f64> = atoms.iter().map(|(_, w)| w / total).collect();
                let counts = apportioned(&shares, d);
                let atoms = atoms.into_iter().zip(counts);
                Ok(atoms
                    .enumerate()
                    .map(|(atom, ((value, _), count))| Level {
                        atom,
                        ..bare(value, count)
                    })
                    .collect())
            }
            SpectrumKind::Isotropic | SpectrumKind::TwoLevel | SpectrumKind::Any => {
                let shares = self.spectrum.iter().map(|l| rational_to_f64(&l.share));
                let counts = apportioned(&shares.collect::<Vec<_>>(), d);
                let mut drawn: Vec<_> = self.spectrum.iter().zip(counts).collect();
                // However many digits they share.
                drawn.sort_by(|(a, _), (b, _)| b.value.cmp(&a.value));
                Ok(drawn
                    .into_iter()
                    .map(|(level, multiplicity)| Level {
                        value: R::from_rational(&level.value),
                        multiplicity,
                        mass: R::from_rational(&level.mass),
                        atom: 0,
                    })
                    .collect())
            }
        }
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
        let open = beta.is_none() && levels.iter().any(|l| !l.mass.is_zero());
        levels.retain(|level| level.multiplicity > 0.0);
        fall(&mut levels);
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
                if !open {
                    levels = split(levels)?;
                    let masses = Place::spread(&self.spectrum, levels.len());
                    for (level, mass) in levels.iter_mut().zip(masses) {
                        level.mass = mass;
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
                on_axis(&mut levels, index);
            }
            TargetKind::Explicit(coefficients) => {
                if coefficients.len() as f64 != d {
                    return Err(EvaluationError::Undefined(format!(
                        "d = {d}, but the target's file holds {} coefficients",
                        coefficients.len()
                    )));
                }
                levels = with_coefficients(levels, coefficients);
            }
        }
        Ok(levels)
    }
}

/// The target is eigenvector number `index`, which leaves its level, and nothing else.
fn on_axis<R: Real>(levels: &mut Vec<Level<R>>, index: f64) {
    // what was drawn beside the levels is for settings that leave the target open
    for level in &mut *levels {
        level.mass = R::zero();
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

/// Every eigenvector on its own, with its coefficient.
fn with_coefficients<R: Real>(levels: Vec<Level<R>>, coefficients: &[f64]) -> Vec<Level<R>> {
    let mut spread = Vec::with_capacity(coefficients.len());
    let mut rest = coefficients.iter();
    for level in levels {
        for c in rest.by_ref().take(level.multiplicity as usize) {
            let c = R::from_f64(*c);
            spread.push(Level {
                value: level.value.clone(),
                multiplicity: 1.0,
                mass: c.clone() * c,
                atom: level.atom,
            });
        }
    }
    spread
}

/// Every eigenvector on its own.
fn split<R: Real>(levels: Vec<Level<R>>) -> Result<Vec<Level<R>>, EvaluationError> {
    let d: f64 = levels.iter().map(|l| l.multiplicity).sum();
    // Beyond writing out, a level is a place of its own.
    if d > WRITTEN_OUT {
        return Ok(levels);
    }
    Ok(levels
        .into_iter()
        .flat_map(|level| {
            let single = Level {
                multiplicity: 1.0,
                ..level.clone()
            };
            std::iter::repeat_n(single, level.multiplicity as usize)
        })
        .collect())
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

impl Assignment {
    fn huge_power_law<'a, R: LinearAlgebra>(
        &self,
        evaluator: &Evaluator<'a, R>,
        beta: &'a Expr,
        dimension: Dimension,
        target: &'a TargetKind,
    ) -> Result<Covariance<R>, EvaluationError> {
        let exact = evaluator.exact_law(beta, target)?;
        let number =
            |expr: &'a Expr| Ok::<f64, EvaluationError>(evaluator.scalar(expr)?.midpoint());
        let law = PowerLaw::new(number(beta)?, dimension).map_err(EvaluationError::engine)?;
        let target = match target {
            TargetKind::Source { r } => Target::Source { r: number(r)? },
            TargetKind::Isotropic { norm2 } => Target::Isotropic {
                norm2: norm2.as_ref().map_or(Ok(1.0), number)?,
            },
            TargetKind::Axis { index } => Target::Axis {
                index: number(index)? as u64,
            },
            TargetKind::Any => self.place_of_target(dimension),
            TargetKind::Explicit(_) => {
                return Err(EvaluationError::Unsupported(
                    "a target from a file in this dimension".into(),
                ));
            }
        };
        Ok(Covariance::PowerLaw { law, target, exact })
    }

    /// A single eigenvector, far out now and then, or every one of them with masses that fall.
    fn place_of_target(&self, dimension: Dimension) -> Target {
        let Some(entry) = self.spectrum.iter().max_by(|a, b| a.mass.cmp(&b.mass)) else {
            return Target::Axis { index: 1 };
        };
        if Place::everywhere(entry) {
            // Between nearly flat and steep: `c_j² = j^{-1 - β(2r - 1)}`.
            return Target::Source {
                r: 0.75 + 0.25 * rational_to_f64(&entry.mass).min(5.0),
            };
        }
        let reach = match dimension {
            Dimension::Finite(d) => (d as f64).ln(),
            Dimension::Infinite => 1e4f64.ln(),
        };
        Target::Axis {
            index: (reach * rational_to_f64(&entry.share)).exp().round() as u64,
        }
    }
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
