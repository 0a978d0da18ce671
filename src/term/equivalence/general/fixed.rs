//! What is the same in every draw: numbers, functions of `Sigma`, the target.

use super::form::{Form, Leaf, Vector};
use super::{Read, Reader};
use crate::equivalent::pencil::Expression;
use crate::formula::ast::{BinaryOp, Function};
use crate::term::equivalence::unrecognised;
use crate::term::evaluate::{Spectral, Value};
use crate::term::{Id, Node, Statement};

/// Numbers that differ by less are one, rounded in another order.
const SAME_NUMBER: f64 = 1e-13;

impl Reader<'_> {
    /// Whether random objects or expectations occur in it.
    pub(super) fn is_random(&mut self, id: Id) -> bool {
        if let Some(&known) = self.random.get(&id) {
            return known;
        }
        let random = match self.statement.store.node(id) {
            Node::Expectation(_) | Node::Random(_) | Node::Member(..) => true,
            // Not random, but to be read and not evaluated.
            Node::Call(Function::Weights, _) => true,
            node => (node.children().into_iter()).any(|part| self.is_random(part)),
        };
        self.random.insert(id, random);
        random
    }

    /// Remembers how a deterministic part is written, for those who look for formulas.
    pub(super) fn note(&mut self, id: Id, value: &Value<f64>) {
        if self.noted.is_none() {
            return;
        }
        match value {
            Value::Scalar(x) => self.note_number(*x, |statement| statement.text_of(id)),
            Value::Spectral(f) if f.constant().is_none() => {
                let values = self.on_levels(f);
                let Some(noted) = &mut self.noted else { return };
                if !noted.functions.iter().any(|(_, other)| *other == values) {
                    let text = self.statement.text_of(id);
                    noted.functions.push((text, values));
                }
            }
            Value::Spectral(f) => {
                // a multiple of the identity, as ridges are written
                if let (Some(&c), Some(factor)) = (f.constant(), self.factor_of_identity(id)) {
                    self.note_number(c, |statement| statement.text_of(factor));
                }
            }
            _ => {}
        }
    }

    fn factor_of_identity(&self, id: Id) -> Option<Id> {
        let store = &self.statement.store;
        let identity = |id| matches!(store.node(id), Node::Identity(_));
        match *store.node(id) {
            Node::Binary(BinaryOp::Mul, a, b) if identity(b) => Some(a),
            Node::Binary(BinaryOp::Mul, a, b) if identity(a) => Some(b),
            _ => None,
        }
    }

    pub(super) fn note_number(&mut self, x: f64, written: impl FnOnce(&Statement) -> String) {
        let same = |other: f64| (other - x).abs() <= SAME_NUMBER * x.abs();
        if let Some(noted) = &mut self.noted
            && !noted.numbers.iter().any(|(_, other)| same(*other))
        {
            noted.numbers.push((written(self.statement), x));
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
