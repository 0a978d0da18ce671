//! What is the same in every draw: numbers, functions of `Sigma`, the target.

use super::form::{Form, Leaf, Vector};
use super::{Read, Reader};
use crate::equivalent::pencil::Expression;
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::traverse::children;
use crate::term::equivalence::unrecognised;
use crate::term::evaluate::{Spectral, Value, key};

/// Numbers that differ by less are one, rounded in another order.
const SAME_NUMBER: f64 = 1e-13;

impl<'a> Reader<'a, '_> {
    /// Whether random objects or expectations occur in it.
    pub(super) fn is_random(&mut self, expr: &'a Expr) -> bool {
        if let Some(&known) = self.random.get(&key(expr)) {
            return known;
        }
        let random = match &*expr.node {
            Node::Expectation(_) | Node::Member(..) => true,
            // Not random, but to be read and not evaluated.
            Node::Call(Function::Weights, _) => true,
            Node::Name(name) => self.is_random_name(name),
            _ => children(expr).into_iter().any(|part| self.is_random(part)),
        };
        self.random.insert(key(expr), random);
        random
    }

    pub(super) fn is_random_name(&mut self, name: &'a str) -> bool {
        if let Some(&known) = self.random_names.get(name) {
            return known;
        }
        // Against circles, which the checks of names report.
        self.random_names.insert(name, false);
        let random = if self.environment.scalars.contains_key(name) {
            false
        } else if self.scope.random.iter().any(|(n, _)| n == name) {
            true
        } else {
            let body = self.scope.expansion(name);
            body.is_some_and(|body| self.is_random(body))
        };
        self.random_names.insert(name, random);
        random
    }

    /// Remembers how a deterministic part is written.
    pub(super) fn note(&mut self, expr: &Expr, value: &Value<f64>) {
        match value {
            Value::Scalar(x) => self.note_number(expr, *x),
            Value::Spectral(f) if f.constant().is_none() => {
                let values = self.on_levels(f);
                if !self.functions.iter().any(|(_, other)| *other == values) {
                    self.functions.push((expr.to_string(), values));
                }
            }
            _ => {}
        }
    }

    pub(super) fn note_number(&mut self, written: impl ToString, x: f64) {
        let same = |other: f64| (other - x).abs() <= SAME_NUMBER * x.abs();
        if !self.numbers.iter().any(|(_, other)| same(*other)) {
            self.numbers.push((written.to_string(), x));
        }
    }

    pub(super) fn formed(&mut self, value: Value<f64>) -> Read {
        Ok(match value {
            Value::Scalar(x) => Form::exact(x),
            Value::Spectral(f) => match f.constant() {
                Some(c) => Form::Identity(*c),
                None => Form::Matrix(self.function(&f)),
            },
            Value::Target { f, row } => {
                let vector = Vector(vec![(Leaf::Target, self.function(&f))]);
                if row {
                    Form::Row(vector)
                } else {
                    Form::Column(vector)
                }
            }
            Value::Matrix(_) => {
                return unrecognised("a matrix that is no function of Sigma is mixed in");
            }
        })
    }

    pub(super) fn on_levels(&self, f: &Spectral<f64>) -> Vec<f64> {
        let eigenvalues = self.model.values(self.features.sigma);
        let levels = eigenvalues.iter().zip(&self.atoms);
        levels.map(|(s, atom)| f.at(s, *atom)).collect()
    }

    /// `f(Σ)`
    pub(super) fn function(&mut self, f: &Spectral<f64>) -> Expression {
        let values = self.on_levels(f);
        let diagonal = self.model.diagonal(self.features.space, values);
        self.model.of_diagonal(diagonal)
    }
}
