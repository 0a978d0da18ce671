//! The traces as formulas: κ where a nest of inverses is a ridge fit's, a root where it is not, and linear equations between nests.

mod apart;
mod feedback;
mod kappa;

use std::collections::HashMap;

use super::DeriveError;
use super::closing::{End, Levels, Over, Traces, closed, closed_as_one};
use super::symbols::Meaning;
use super::system::{System, WHOLE};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{self, Polynomial, Variable};
use crate::number::Coefficient;
use crate::term::equivalence::general::Closing;

/// A number that the formulas use by name: `k1 = "kappa(lambda, T)"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub name: String,
    pub text: String,
}

/// Longer formulas within a formula have names.
const LONG: usize = 48;

/// What of a formula has names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// κ and other roots.
    Roots,
    /// And what divides weighted rows.
    Weights,
    /// And whatever is long.
    Long,
}

impl Naming {
    pub fn beyond_roots(weights: bool) -> &'static [Self] {
        match weights {
            true => &[Self::Weights, Self::Long],
            false => &[Self::Long],
        }
    }
}

pub(super) struct Solver<'s> {
    pub system: System,
    pub definitions: Vec<Definition>,
    /// Names in use, and κ that the file has a name for.
    pub taken: &'s dyn Fn(&str) -> bool,
    pub known: &'s dyn Fn(&[f64]) -> Option<String>,
    naming: Naming,
    traces: Traces,
    solved: HashMap<usize, Fraction>,
    /// `df(1, κ) = T (1 − λ/κ)` of every κ, and what a root's equation gives for it.
    first_degrees: Vec<(String, Fraction)>,
    /// A symbol whose square root is the variable, by the equation of a root that it occurs in once.
    by_root: Option<(Variable, Fraction)>,
}

impl<'s> Solver<'s> {
    pub fn new(
        system: System,
        (naming, traces): (Naming, Traces),
        taken: &'s dyn Fn(&str) -> bool,
        known: &'s dyn Fn(&[f64]) -> Option<String>,
    ) -> Self {
        Self {
            system,
            definitions: Vec::new(),
            taken,
            known,
            naming,
            traces,
            solved: HashMap::new(),
            first_degrees: Vec::new(),
            by_root: None,
        }
    }

    /// The sum of all outputs, as it is to be written.
    pub fn answer(&mut self) -> Result<Vec<Fraction>, DeriveError> {
        let constants: Vec<f64> = self
            .system
            .points
            .described
            .iter()
            .map(|d| d.constant)
            .collect();
        let mut parts = Vec::new();
        if constants.iter().any(|x| *x != 0.0) {
            parts.push(self.system.number(&constants)?);
        }
        for i in 0..self.system.first().equations.outputs.len() {
            let source = self.system.first().equations.outputs[i].1;
            let (f, over) = self.summed(source, |solver, group| solver.output(i, group))?;
            let end = match self.system.first().closings[i] {
                Closing::Target => End::Target,
                Closing::Trace(_) => End::Trace,
            };
            if self.naming == Naming::Long {
                parts.extend(self.closed_apart(f, over, end)?);
            } else {
                let f = self.resolved(f)?;
                parts.push(self.close(&f, over, end)?);
            }
        }
        if self.naming < Naming::Long {
            parts = vec![sum(&parts)];
        }
        (parts.into_iter())
            .map(|part| Ok(self.simplified(&self.by_degrees(part)?)))
            .collect()
    }

    /// Output `i` on a group of rows.
    fn output(&mut self, i: usize, group: usize) -> Result<Fraction, DeriveError> {
        let source = self.system.first().equations.outputs[i].1;
        let mut f = Fraction::zero();
        for j in 0..self.system.first().equations.outputs[i].0.len() {
            let piece = (self.system).piece(group, |d| d.equations.outputs[i].0[j])?;
            let variable = self.system.first().equations.outputs[i].0[j].variable;
            f = f.add(&piece.mul(&self.system.block((variable, source, group))?));
        }
        Ok(f)
    }

    /// What is the same on all rows of a group, summed over them; functions of `Sigma` stay open.
    fn summed(
        &mut self,
        variable: usize,
        mut of: impl FnMut(&mut Self, usize) -> Result<Fraction, DeriveError>,
    ) -> Result<(Fraction, Over), DeriveError> {
        let space = self.system.first().equations.space[variable];
        if space == self.system.first().features {
            return Ok((of(self, WHOLE)?, Over::Levels));
        }
        let mut sum = Fraction::zero();
        for group in 0..self.system.groups(space) {
            let size = self.system.size(space, group)?;
            sum = sum.add(&of(self, group)?.mul(&size));
        }
        Ok((sum, Over::Nothing))
    }

    /// `f` with every trace replaced by its formula.
    fn resolved(&mut self, mut f: Fraction) -> Result<Fraction, DeriveError> {
        while let Some((v, k)) = self.first_unknown(&f) {
            let value = self.trace(k)?;
            f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
            if polynomial::is_spent() {
                return Err(DeriveError::TooLarge);
            }
        }
        Ok(f)
    }

    fn first_unknown(&self, f: &Fraction) -> Option<(Variable, usize)> {
        f.variables()
            .into_iter()
            .find_map(|v| Some((v, self.system.symbols.unknown(v)?)))
    }

    fn trace(&mut self, k: usize) -> Result<Fraction, DeriveError> {
        if let Some(known) = self.solved.get(&k) {
            return Ok(known.clone());
        }
        let pair = self.pair(k);
        if pair.0 == pair.1 {
            self.nest(pair.0, k)?;
            if self.naming >= Naming::Weights {
                self.name_beside_weights(pair.0);
            }
        } else if self.naming == Naming::Long {
            self.linear_apart(pair, k)?;
        } else {
            self.linear(pair, k)?;
        }
        self.solved.get(&k).cloned().ok_or(DeriveError::Coupled)
    }

    /// The components that a trace stands between.
    fn pair(&self, k: usize) -> (usize, usize) {
        let e = &self.system.first().equations;
        (
            e.component_of[e.traces[k].to],
            e.component_of[e.traces[k].from],
        )
    }

    /// The right side of the equation of a trace before it is closed.
    fn equation(&mut self, k: usize) -> Result<(Fraction, Over), DeriveError> {
        let trace = self.system.first().equations.traces[k];
        self.summed(trace.to, |solver, group| {
            let block = solver.system.block((trace.to, trace.from, group))?;
            Ok((solver.system.diagonal(trace.weight, group)?).mul(&block))
        })
    }

    fn close(&mut self, f: &Fraction, over: Over, end: End) -> Result<Fraction, DeriveError> {
        if f.is_zero() || over == Over::Nothing {
            return Ok(f.clone());
        }
        let space = self.system.first().features;
        let described = &self.system.points.described;
        let levels = Levels {
            sigma: described.iter().map(|d| d.sigma.clone()).collect(),
            weights: described
                .iter()
                .zip(&self.system.points.environments)
                .map(|(d, environment)| match end {
                    End::Trace => d.model.multiplicities(space).to_vec(),
                    End::Target => masses(environment),
                })
                .collect(),
            functions: described[0]
                .functions
                .iter()
                .enumerate()
                .map(|(i, (text, _))| {
                    let values = described.iter().map(|d| d.functions[i].1.clone());
                    (text.clone(), values.collect())
                })
                .collect(),
        };
        let mut sum = closed(&mut self.system.symbols, f, (end, self.traces), &levels);
        if self.naming == Naming::Long && self.system.symbols.text(&sum).len() > LONG {
            let one = closed_as_one(&mut self.system.symbols, f, end, &levels);
            let length = |f: &Fraction| self.system.symbols.text(f).len();
            if length(&one) < length(&sum) {
                sum = one;
            }
        }
        self.by_degrees(sum)
    }

    /// Without the degrees of freedom that an equation gives.
    fn by_degrees(&self, mut f: Fraction) -> Result<Fraction, DeriveError> {
        for (name, value) in &self.first_degrees {
            let meaning = Meaning::Named(name.clone());
            let meanings = &self.system.symbols.meanings;
            if let Some(v) = meanings.iter().position(|m| *m == meaning) {
                f = (f.substitute(v as Variable, value)).ok_or(DeriveError::TooLarge)?;
            }
        }
        Ok(f)
    }

    /// Between two components: `x = b + K x`.
    fn linear(&mut self, pair: (usize, usize), asked: usize) -> Result<(), DeriveError> {
        let mut members = vec![asked];
        let mut rows: Vec<(Fraction, Vec<(usize, Fraction)>)> = Vec::new();
        let mut at = 0;
        while at < members.len() {
            let (f, over) = self.equation(members[at])?;
            let f = self.resolved_except(f, pair)?;
            let unknowns: Vec<(Variable, usize)> = f
                .variables()
                .into_iter()
                .filter_map(|v| Some((v, self.system.symbols.unknown(v)?)))
                .collect();
            let mut constant = f.clone();
            let mut row = Vec::new();
            for (v, k) in unknowns {
                let mut coefficient = slope(&f, v).ok_or(DeriveError::Coupled)?;
                for (w, _) in self.unknowns_of(&coefficient) {
                    coefficient = coefficient
                        .substitute(w, &Fraction::zero())
                        .ok_or(DeriveError::Coupled)?;
                }
                constant = constant
                    .substitute(v, &Fraction::zero())
                    .ok_or(DeriveError::Coupled)?;
                let k_th = match members.iter().position(|m| *m == k) {
                    Some(known) => known,
                    None => {
                        members.push(k);
                        members.len() - 1
                    }
                };
                row.push((k_th, self.close(&coefficient, over, End::Trace)?));
            }
            let constant = self.close(&constant, over, End::Trace)?;
            rows.push((constant, row));
            at += 1;
            if members.len() > 12 {
                return Err(DeriveError::TooLarge);
            }
        }
        let solution = eliminated(rows).ok_or(DeriveError::TooLarge)?;
        for (k, parts) in members.into_iter().zip(solution) {
            self.solved.insert(k, sum(&parts));
        }
        Ok(())
    }

    fn unknowns_of(&self, f: &Fraction) -> Vec<(Variable, usize)> {
        f.variables()
            .into_iter()
            .filter_map(|v| Some((v, self.system.symbols.unknown(v)?)))
            .collect()
    }

    fn resolved_except(
        &mut self,
        mut f: Fraction,
        pair: (usize, usize),
    ) -> Result<Fraction, DeriveError> {
        loop {
            let other = self
                .unknowns_of(&f)
                .into_iter()
                .find(|(_, k)| self.pair(*k) != pair);
            let Some((v, k)) = other else {
                return Ok(f);
            };
            let value = self.trace(k)?;
            f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
        }
    }

    /// The unknowns that an unknown's equation leads to, each with its own.
    fn joint(&mut self, asked: usize) -> Result<(Vec<usize>, Vec<(Fraction, Over)>), DeriveError> {
        let mut members = vec![asked];
        let mut equations: Vec<(Fraction, Over)> = Vec::new();
        let mut at = 0;
        while at < members.len() {
            let equation = self.equation(members[at])?;
            for (_, k) in self.unknowns_of(&equation.0) {
                if !members.contains(&k) {
                    members.push(k);
                }
            }
            equations.push(equation);
            at += 1;
        }
        Ok((members, equations))
    }

    /// Within one nest of inverses: everything by κ, the shift of `Sigma` in its resolvent.
    fn nest(&mut self, p: usize, asked: usize) -> Result<(), DeriveError> {
        let (members, equations) = self.joint(asked)?;
        debug_assert!(members.iter().all(|k| self.pair(*k) == (p, p)));
        let (offset, slope) = match self.shift(&equations) {
            Ok(Some(shift)) => shift,
            Ok(None) => match self.close_and_eliminate(&members, &equations) {
                Err(DeriveError::Coupled) => return self.by_feedback(&members, &equations),
                found => return found,
            },
            // Several shifts of Sigma, or of functions of it.
            Err(DeriveError::Coupled) => return self.by_feedback(&members, &equations),
            Err(other) => return Err(other),
        };
        let values = self.values(&offset, &slope)?;
        let ridge = self.ridge(&values)?;
        let again = self.again(&values);
        let name = match (&ridge, &again) {
            (Some(ridge), _) => self.name(&ridge.text, &values),
            (None, Some(name)) => name.clone(),
            (None, None) => self.fresh("k"),
        };
        let kappa = Fraction::variable(
            self.system
                .symbols
                .variable(Meaning::Named(name.clone()), values),
        );
        if let Some(ridge) = &ridge {
            let share = kappa
                .recip()
                .map(|inverse| ridge.lambda.mul(&inverse))
                .ok_or(DeriveError::TooLarge)?;
            let degrees = ridge.rows.mul(&Fraction::one().sub(&share));
            self.first_degrees.push((format!("df(1, {name})"), degrees));
            self.define(&name, ridge.text.clone());
        }
        let (by_rule, by_shift, by_equation) =
            self.shifted(&offset.sub(&kappa.mul(&slope)), &members, &equations)?;
        if ridge.is_none() && again.is_none() {
            self.define_root(&name, &by_shift.sub(&by_equation))?;
        }
        self.solved.insert(by_rule, by_shift);
        Ok(())
    }

    /// `offset = κ slope` gives one of the traces; the others, which are kept, follow from their own equations. That one,
    /// by the shift and by its own equation.
    fn shifted(
        &mut self,
        difference: &Fraction,
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Result<(usize, Fraction, Fraction), DeriveError> {
        let rules: Vec<(usize, Variable, Fraction)> = (members.iter())
            .filter_map(|&k| {
                let v = self.variable_of(k)?;
                Some((k, v, solved_for(difference, v)?))
            })
            .collect();
        // Without a ridge a trace may leave the others open, where another does not.
        for rule in rules {
            match self.shifted_by(rule, members, equations) {
                Err(DeriveError::Coupled) => {}
                found => return found,
            }
        }
        Err(DeriveError::Coupled)
    }

    fn shifted_by(
        &mut self,
        (by_rule, v, value): (usize, Variable, Fraction),
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Result<(usize, Fraction, Fraction), DeriveError> {
        let mut others = Vec::new();
        let mut own = Fraction::zero();
        for (&k, (f, over)) in members.iter().zip(equations) {
            let f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
            let right = self.close(&f, *over, End::Trace)?;
            if k == by_rule {
                own = right;
            } else {
                others.push((k, right));
            }
        }
        let found = self.eliminated(others)?;
        let settle = |solver: &Self, mut f: Fraction| {
            for (k, value) in &found {
                if let Some(v) = solver.variable_of(*k) {
                    f = f.substitute(v, value).ok_or(DeriveError::TooLarge)?;
                }
            }
            Ok(f)
        };
        let by_shift = settle(self, value)?;
        let by_equation = settle(self, own)?;
        self.solved.extend(found);
        Ok((by_rule, by_shift, by_equation))
    }

    fn variable_of(&self, k: usize) -> Option<Variable> {
        let meanings = &self.system.symbols.meanings;
        let at = meanings.iter().position(|m| *m == Meaning::Unknown(k))?;
        Some(at as Variable)
    }

    /// Equations `τ_k = right` solved one after the other, each linear when its turn comes.
    fn eliminated(
        &self,
        mut open: Vec<(usize, Fraction)>,
    ) -> Result<HashMap<usize, Fraction>, DeriveError> {
        let mut done: Vec<(usize, Fraction)> = Vec::new();
        while !open.is_empty() {
            let next = (0..open.len()).find_map(|i| {
                let (k, right) = &open[i];
                let Some(v) = self.variable_of(*k) else {
                    return Some((i, right.clone()));
                };
                if !right.mentions(v) {
                    return Some((i, right.clone()));
                }
                Some((i, solved_for(&Fraction::variable(v).sub(right), v)?))
            });
            let (i, value) = next.ok_or(DeriveError::Coupled)?;
            let (k, _) = open.remove(i);
            if let Some(v) = self.variable_of(k) {
                for (_, f) in open.iter_mut().chain(&mut done) {
                    *f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
                }
            }
            if polynomial::is_spent() {
                return Err(DeriveError::TooLarge);
            }
            done.push((k, value));
        }
        Ok(done.into_iter().collect())
    }

    /// A nest whose inverses `Sigma` alone does not shift.
    fn close_and_eliminate(
        &mut self,
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Result<(), DeriveError> {
        let mut closed = Vec::new();
        for (k, (f, over)) in members.iter().zip(equations) {
            closed.push((*k, self.close(f, *over, End::Trace)?));
        }
        let found = self.eliminated(closed)?;
        self.solved.extend(found);
        Ok(())
    }
}

fn masses(environment: &crate::term::evaluate::Environment<f64>) -> Vec<f64> {
    use crate::term::evaluate::Covariance;
    match &environment.covariance {
        Covariance::Explicit { levels, .. } => levels.iter().map(|l| l.mass).collect(),
        Covariance::PowerLaw { .. } => Vec::new(),
    }
}

/// `∂f/∂v` of what is linear in `v`.
fn slope(f: &Fraction, v: Variable) -> Option<Fraction> {
    if f.denominator.keys().any(|factor| factor.mentions(v)) || f.numerator.degree_in(v) != 1 {
        return None;
    }
    let linear = f.numerator.coefficients_in(v).swap_remove(1);
    Some(Fraction {
        numerator: linear,
        denominator: f.denominator.clone(),
    })
    .map(|f| f.mul(&Fraction::one()))
}

/// `v` from `f = 0`, where that is linear once factors `v` are divided out.
fn solved_for(f: &Fraction, v: Variable) -> Option<Fraction> {
    let numerator = without_content(&f.numerator);
    let coefficients = numerator.coefficients_in(v);
    let [constant, linear] = coefficients.as_slice() else {
        return None;
    };
    let linear = Fraction::from(linear.clone()).recip()?;
    let minus = Coefficient::integer(-1);
    Some(Fraction::from(constant.scale(&minus)).mul(&linear))
}

/// `x_i = b_i + Σ_j K_ij x_j`, by what each `b_j` adds to it.
fn eliminated(rows: Vec<(Fraction, Vec<(usize, Fraction)>)>) -> Option<Vec<Vec<Fraction>>> {
    let n = rows.len();
    let mut a = vec![vec![Fraction::zero(); n]; n];
    let mut b = Vec::with_capacity(n);
    for (i, (constant, row)) in rows.into_iter().enumerate() {
        a[i][i] = Fraction::one();
        for (j, coefficient) in row {
            a[i][j] = a[i][j].sub(&coefficient);
        }
        b.push(constant);
    }
    let inverse = super::system::inverted(a)?;
    let added = |row: &Vec<Fraction>| row.iter().zip(&b).map(|(m, b)| m.mul(b)).collect();
    Some(inverse.iter().map(added).collect())
}

fn sum(parts: &[Fraction]) -> Fraction {
    parts.iter().fold(Fraction::zero(), |sum, f| sum.add(f))
}

/// An equation for roots that are not zero, without what all its terms share: without a ridge, zero is a root too.
fn without_content(equation: &Polynomial) -> Polynomial {
    let (monomial, _) = equation.content();
    (equation.div_exact(&Polynomial::term(monomial, Coefficient::one())))
        .unwrap_or_else(|| equation.clone())
}
