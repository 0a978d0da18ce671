//! A nest in which `Sigma` is shifted by more than a number: one of its traces is the root of an equation of its own, and gives the
//! others.
//!
//! Followed from zero variance, traces of a nest shrink from what they are without it: the root lies between zero and that.

use super::{Solver, without_content};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{Polynomial, Variable};
use crate::derive::DeriveError;
use crate::derive::closing::{End, Over};
use crate::derive::symbols::Meaning;

impl Solver<'_> {
    /// The traces of a nest by the first of them that gives all others.
    pub(super) fn by_feedback(
        &mut self,
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Result<(), DeriveError> {
        // Those of rows lie between zero and the number of rows, whatever the ridge.
        let rows_first = (0..members.len()).filter(|&i| equations[i].1 == Over::Nothing);
        let then = (0..members.len()).filter(|&i| equations[i].1 == Over::Levels);
        for i in rows_first.chain(then).collect::<Vec<_>>() {
            if let Some(order) = self.order_after(i, members, equations) {
                return self.solve_after(i, &order, members, equations);
            }
        }
        Err(DeriveError::Coupled)
    }

    /// The others in an order in which each is given by trace `first` and those before it.
    fn order_after(
        &self,
        first: usize,
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Option<Vec<usize>> {
        let mut known = vec![members[first]];
        let mut order = Vec::new();
        while known.len() < members.len() {
            let next = (0..members.len()).find(|&i| {
                !known.contains(&members[i])
                    && (self.unknowns_of(&equations[i].0).iter()).all(|(_, k)| known.contains(k))
            })?;
            known.push(members[next]);
            order.push(next);
        }
        Some(order)
    }

    fn solve_after(
        &mut self,
        first: usize,
        order: &[usize],
        members: &[usize],
        equations: &[(Fraction, Over)],
    ) -> Result<(), DeriveError> {
        let (asked, (own, over)) = (members[first], &equations[first]);
        // Without a ridge it may be infinite.
        let end = self.without_variance(own, *over).ok();
        let values: Vec<f64> = (self.system.points.described.iter())
            .map(|d| d.equations.traces[asked].value)
            .collect();
        let again = self.again(&values);
        let name = again.clone().unwrap_or_else(|| self.fresh("k"));
        let root = Fraction::variable(
            (self.system.symbols).variable(Meaning::Named(name.clone()), values.clone()),
        );
        let mut found: Vec<(Variable, Fraction)> = Vec::new();
        if let Some(v) = self.variable_of(asked) {
            found.push((v, root.clone()));
        }
        let settled = |mut f: Fraction, found: &[(Variable, Fraction)]| {
            for (v, value) in found {
                f = f.substitute(*v, value).ok_or(DeriveError::TooLarge)?;
            }
            Ok(f)
        };
        for &i in order {
            let (f, over) = &equations[i];
            let f = settled(f.clone(), &found)?;
            let value = self.close(&f, *over, End::Trace)?;
            if let Some(v) = self.variable_of(members[i]) {
                found.push((v, value.clone()));
            }
            self.solved.insert(members[i], value);
        }
        let own = settled(own.clone(), &found)?;
        let right = self.close(&own, *over, End::Trace)?;
        let equation = root.sub(&right);
        if let Some(value) = self.linear_root(&name, &equation, &values) {
            for &i in order {
                let Some(f) = self.solved.get(&members[i]).cloned() else {
                    continue;
                };
                let v = self.root_variable(&name, &values);
                let f = f.substitute(v, &value).ok_or(DeriveError::TooLarge)?;
                self.solved.insert(members[i], f);
            }
            self.solved.insert(asked, value);
            return Ok(());
        }
        if again.is_none() {
            let symbols = &self.system.symbols;
            let body = symbols.polynomial(&without_content(&equation.numerator));
            let end = match &end {
                Some(end) => symbols.text(end),
                None if values[0] < 0.0 => "-10^12".to_owned(),
                None => "10^12".to_owned(),
            };
            let range = if values[0] < 0.0 {
                format!("[{end}, 0]")
            } else {
                format!("[0, {end}]")
            };
            self.define(&name, format!("root({name} in {range}, {body})"));
        }
        self.solved.insert(asked, root);
        Ok(())
    }

    fn root_variable(&mut self, name: &str, values: &[f64]) -> Variable {
        let meaning = Meaning::Named(name.to_owned());
        self.system.symbols.variable(meaning, values.to_vec())
    }

    /// The root where its equation is linear and no other number is made of it.
    fn linear_root(&mut self, name: &str, equation: &Fraction, values: &[f64]) -> Option<Fraction> {
        let v = self.root_variable(name, values);
        let within = |text: &str| {
            text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word == name)
        };
        let used = self.system.symbols.meanings.iter().any(|m| match m {
            Meaning::Named(text) => text != name && within(text),
            _ => false,
        });
        if used {
            return None;
        }
        super::solved_for(equation, v)
    }

    /// What a trace is where all traces of its nest are zero.
    fn without_variance(&mut self, f: &Fraction, over: Over) -> Result<Fraction, DeriveError> {
        let mut plain = f.clone();
        for (v, _) in self.unknowns_of(f) {
            plain = plain
                .substitute(v, &Fraction::from(Polynomial::zero()))
                .ok_or(DeriveError::Coupled)?;
        }
        self.close(&plain, over, End::Trace)
    }
}
