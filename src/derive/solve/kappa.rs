//! κ of a nest: a ridge fit's, or the root of an equation of its own.

use std::collections::BTreeSet;

use super::{Definition, Solver, without_content};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{Polynomial, Variable};
use crate::derive::DeriveError;
use crate::derive::closing::Over;
use crate::derive::reduced::reduced;
use crate::derive::symbols::{EIGENVALUE, Meaning};
use crate::equivalent;
use crate::equivalent::pencil::Space;
use crate::spectrum::Spectrum;
use crate::term::evaluate::{Covariance, Environment};

/// How nearly a number must be the κ that it is taken for.
const SAME: f64 = 1e-8;

/// A κ that is a ridge fit's.
pub(super) struct Ridge {
    pub text: String,
    pub lambda: Fraction,
    pub rows: Fraction,
}

impl Solver<'_> {
    /// A root that was defined before and has these values: a nest and its transpose have one.
    pub(super) fn again(&self, values: &[f64]) -> Option<String> {
        let symbols = &self.system.symbols;
        let found = self.definitions.iter().find(|definition| {
            let meaning = Meaning::Named(definition.name.clone());
            symbols
                .meanings
                .iter()
                .position(|m| *m == meaning)
                .is_some_and(|v| {
                    let close = |(x, y): (&f64, &f64)| (x - y).abs() <= SAME * y.abs();
                    symbols.values[v].len() == values.len()
                        && symbols.values[v].iter().zip(values).all(close)
                })
        });
        found.map(|definition| definition.name.clone())
    }

    /// The symbol that a root's equation determines, if it is no size of a space: the ridge.
    pub(super) fn without_ridge(&mut self, equation: &Polynomial) -> Option<(Variable, Fraction)> {
        let spaces: BTreeSet<Space> = self
            .system
            .first()
            .equations
            .space
            .iter()
            .copied()
            .collect();
        let mut sizes = Vec::new();
        for space in spaces {
            if let Ok(size) = self.system.dimension(space) {
                sizes.extend(size.variables());
            }
        }
        equation.variables().into_iter().find_map(|v| {
            let is_root = matches!(self.system.symbols.meanings[v as usize], Meaning::RootOf(_));
            let coefficients = equation.coefficients_in(v);
            let [constant, linear, square] = coefficients.as_slice() else {
                return None;
            };
            if !is_root || sizes.contains(&v) || !linear.is_zero() {
                return None;
            }
            let inverse = Fraction::from(square.clone()).recip()?;
            Some((v, Fraction::from(constant.neg()).mul(&inverse)))
        })
    }

    /// The final formula in lowest terms, without the symbol that a root stands for where that is shorter.
    pub(super) fn simplified(&self, f: &Fraction) -> Fraction {
        let plain = reduced(f);
        let Some((v, square)) = &self.by_root else {
            return plain;
        };
        let replaced = |p: &Polynomial| -> Option<Fraction> {
            let mut sum = Fraction::zero();
            for (power, coefficient) in p.coefficients_in(*v).into_iter().enumerate().rev() {
                if power % 2 == 0 {
                    sum = sum.mul(square).add(&coefficient.into());
                } else if !coefficient.is_zero() {
                    return None;
                }
            }
            Some(sum)
        };
        let shorter = || -> Option<Fraction> {
            let mut result = replaced(&f.numerator)?;
            for (factor, power) in &f.denominator {
                let inverse = replaced(factor)?.recip()?.pow(i64::from(*power))?;
                result = result.mul(&inverse);
            }
            Some(reduced(&result))
        };
        let length = |f: &Fraction| self.system.symbols.text(f).len();
        (shorter().filter(|other| length(other) <= length(&plain))).unwrap_or(plain)
    }

    /// The one factor `offset + slope·s` of the denominators.
    pub(super) fn shift(
        &self,
        equations: &[(Fraction, Over)],
    ) -> Result<Option<(Fraction, Fraction)>, DeriveError> {
        let mut found: Option<Polynomial> = None;
        for (f, _) in equations {
            for factor in f.denominator.keys() {
                let functions = factor
                    .variables()
                    .into_iter()
                    .filter(|v| self.system.symbols.is_function(*v))
                    .collect::<Vec<_>>();
                match functions.as_slice() {
                    [] => continue,
                    [EIGENVALUE] if factor.degree_in(EIGENVALUE) == 1 => {}
                    _ => return Err(DeriveError::Coupled),
                }
                if factor.as_variable() == Some(EIGENVALUE) {
                    continue;
                }
                match &found {
                    None => found = Some(factor.clone()),
                    Some(other) if other == factor => {}
                    Some(_) => return Err(DeriveError::Coupled),
                }
            }
        }
        Ok(found.map(|factor| {
            let mut coefficients = factor.coefficients_in(EIGENVALUE).into_iter();
            let offset = coefficients.next().unwrap_or_default();
            let slope = coefficients.next().unwrap_or_default();
            (offset.into(), slope.into())
        }))
    }

    pub(super) fn values(
        &self,
        offset: &Fraction,
        slope: &Fraction,
    ) -> Result<Vec<f64>, DeriveError> {
        (0..self.system.points.described.len())
            .map(|point| {
                let a = self.system.symbols.value(offset, point);
                let b = self.system.symbols.value(slope, point);
                match (a, b) {
                    (Some(a), Some(b)) if (a / b).is_finite() => Ok(a / b),
                    _ => Err(DeriveError::Coupled),
                }
            })
            .collect()
    }

    /// `kappa(…)` of a ridge fit with these values.
    pub(super) fn ridge(&mut self, values: &[f64]) -> Result<Option<Ridge>, DeriveError> {
        let described = &self.system.points.described;
        let mut candidates: Vec<(Option<usize>, Vec<Space>)> = Vec::new();
        for (i, (_, spaces)) in described[0].equations.ridges.iter().enumerate() {
            candidates.push((Some(i), spaces.clone()));
        }
        // What has no ridge, but fewer dimensions in between.
        for space in &described[0].equations.space {
            if *space != described[0].features && !candidates.contains(&(None, vec![*space])) {
                candidates.push((None, vec![*space]));
            }
        }
        for (ridge, spaces) in candidates {
            let described = &self.system.points.described;
            let rows: Vec<f64> = (described.iter())
                .map(|d| spaces.iter().map(|s| d.model.dimension(*s)).sum())
                .collect();
            let ridges: Vec<f64> = (described.iter().zip(&rows))
                .map(|(d, rows)| ridge.map_or(0.0, |i| d.equations.ridges[i].0 / rows))
                .collect();
            let same = (0..values.len()).all(|point| {
                let environment = &self.system.points.environments[point];
                spectrum(environment)
                    .and_then(|s| equivalent::kappa(s, ridges[point], rows[point]).ok())
                    .is_some_and(|k| (k.value - values[point]).abs() <= SAME * values[point])
            });
            if !same {
                continue;
            }
            let mut sum = Fraction::zero();
            for space in spaces {
                sum = sum.add(&self.system.dimension(space)?);
            }
            let lambda = if ridges.iter().all(|x| *x == 0.0) {
                Fraction::zero()
            } else {
                self.system.number(&ridges)?
            };
            let symbols = &self.system.symbols;
            return Ok(Some(Ridge {
                text: format!("kappa({}, {})", symbols.text(&lambda), symbols.text(&sum)),
                lambda,
                rows: sum,
            }));
        }
        Ok(None)
    }

    pub(super) fn name(&self, text: &str, values: &[f64]) -> String {
        if let Some(known) = (self.known)(values) {
            return known;
        }
        match self.definitions.iter().find(|d| d.text == text) {
            Some(definition) => definition.name.clone(),
            None => self.fresh("k"),
        }
    }

    pub(super) fn fresh(&self, letter: &str) -> String {
        (1..)
            .map(|i| format!("{letter}{i}"))
            .find(|name| !(self.taken)(name) && !self.definitions.iter().any(|d| d.name == *name))
            .unwrap_or_default()
    }

    pub(super) fn define(&mut self, name: &str, text: String) {
        let known = (self.taken)(name) || self.definitions.iter().any(|d| d.name == name);
        if !known {
            self.definitions.push(Definition {
                name: name.to_owned(),
                text,
            });
        }
    }

    /// The root lies where the rows of every fit are more than the degrees of freedom.
    pub(super) fn define_root(
        &mut self,
        name: &str,
        equation: &Fraction,
    ) -> Result<(), DeriveError> {
        let degrees = self.degrees(name, equation);
        if let Some((lambda, rows)) = degrees.as_ref().and_then(|d| self.ridge_of(name, &d.1)) {
            let symbols = &self.system.symbols;
            let text = format!("kappa({}, {})", symbols.text(&lambda), symbols.text(&rows));
            self.define(name, text);
            self.first_degrees.extend(degrees);
            return Ok(());
        }
        let mut below = Vec::new();
        let spaces: BTreeSet<Space> = (self.system.first().equations.space.iter())
            .copied()
            .filter(|s| *s != self.system.first().features)
            .collect();
        for space in spaces {
            let size = self.system.dimension(space)?;
            below.push(self.system.symbols.text(&size));
        }
        let least = match below.as_slice() {
            [one] => one.clone(),
            many => format!("min({})", many.join(", ")),
        };
        let body = without_content(&equation.numerator);
        let body = self.system.symbols.polynomial(&body);
        let text = format!("root({name} in [kappa(0, {least}), 10^12], {body})");
        self.define(name, text);
        match degrees {
            Some(degrees) => self.first_degrees.push(degrees),
            None => self.by_root = self.without_ridge(&without_content(&equation.numerator)),
        }
        Ok(())
    }

    /// `λ` and `T` of `df(1, κ) = T (1 − λ/κ)`: a ridge fit's, on as many rows as count.
    fn ridge_of(&self, name: &str, degrees: &Fraction) -> Option<(Fraction, Fraction)> {
        let meaning = Meaning::Named(name.to_owned());
        let v = self
            .system
            .symbols
            .meanings
            .iter()
            .position(|m| *m == meaning)? as Variable;
        let product = degrees.mul(&Fraction::variable(v));
        let coefficients = product.numerator.coefficients_in(v);
        let free = !product.denominator.keys().any(|factor| factor.mentions(v));
        let [constant, linear] = coefficients.as_slice() else {
            return None;
        };
        let lambda = Fraction::from(constant.neg()).mul(&Fraction::from(linear.clone()).recip()?);
        let rows = Fraction {
            numerator: linear.clone(),
            ..product
        };
        free.then(|| (reduced(&lambda), reduced(&rows)))
    }

    /// `df(1, κ)` by an equation that is linear in it.
    fn degrees(&self, name: &str, equation: &Fraction) -> Option<(String, Fraction)> {
        let degrees = format!("df(1, {name})");
        let meaning = Meaning::Named(degrees.clone());
        let meanings = &self.system.symbols.meanings;
        let v = meanings.iter().position(|m| *m == meaning)?;
        let value = super::solved_for(equation, v as Variable)?;
        let short = value.denominator.keys().all(|f| f.as_variable().is_some());
        short.then_some((degrees, value))
    }
}

fn spectrum(environment: &Environment<f64>) -> Option<&Spectrum> {
    match &environment.covariance {
        Covariance::Explicit { spectrum, .. } => Some(spectrum),
        Covariance::PowerLaw { .. } => None,
    }
}
