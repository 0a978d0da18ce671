//! Means of roots and of other powers of a sum of `n` squares of one variance: `E[(s χ²_n)^p] = (2s)^p Γ(n/2 + p)/Γ(n/2)`.

use super::word::{Letter, Vector};
use super::{Reader, unknown};
use crate::formula::ast::{BinaryOp, Function};
use crate::term::evaluate::{EvaluationError, LinearAlgebra};
use crate::term::{Id, Node};

impl<R: LinearAlgebra> Reader<'_, R> {
    /// The mean of such a power, times what is fixed; `None` of anything else.
    pub(super) fn power_of_squares(&self, body: Id) -> Result<Option<R>, EvaluationError> {
        match *self.store.node(body) {
            Node::Neg(a) => Ok(self.power_of_squares(a)?.map(|mean| -mean)),
            Node::Binary(BinaryOp::Mul, a, b) if self.is_fixed(a) => {
                self.scaled(b, || self.scalar(a))
            }
            Node::Binary(BinaryOp::Mul, a, b) if self.is_fixed(b) => {
                self.scaled(a, || self.scalar(b))
            }
            Node::Binary(BinaryOp::Div, a, b) if self.is_fixed(b) => {
                self.scaled(a, || Ok(R::one() / self.scalar(b)?))
            }
            Node::Binary(BinaryOp::Pow, base, exponent) if self.is_fixed(exponent) => {
                let power = self.scalar(exponent)?;
                self.power_of(base, &power)
            }
            Node::Call(Function::Sqrt, ref arguments) => {
                self.power_of(arguments[0], &R::from_f64(0.5))
            }
            _ => Ok(None),
        }
    }

    fn scaled(
        &self,
        body: Id,
        factor: impl FnOnce() -> Result<R, EvaluationError>,
    ) -> Result<Option<R>, EvaluationError> {
        match self.power_of_squares(body)? {
            Some(mean) => Ok(Some(mean * factor()?)),
            None => Ok(None),
        }
    }

    fn power_of(&self, base: Id, power: &R) -> Result<Option<R>, EvaluationError> {
        if power.to_whole().is_some() {
            return Ok(None);
        }
        let words = match self.words(base) {
            Ok(words) if words.is_scalar() => words,
            _ => return Ok(None),
        };
        let [term] = words.terms.as_slice() else {
            return Ok(None);
        };
        let ([word], true) = (term.closed.as_slice(), term.open.is_empty()) else {
            return Ok(None);
        };
        let Some(count) = self.squares(word) else {
            return Ok(None);
        };
        let mean = self.mean(&words, None)?;
        let half = count.clone() * R::from_f64(0.5);
        let end = half.clone() + power.clone();
        match end.sign() {
            Some(std::cmp::Ordering::Greater) => {}
            Some(_) => {
                return Err(EvaluationError::Undefined(
                    "the expectation of a power that does not exist".into(),
                ));
            }
            None => return Err(unknown("such a power")),
        }
        if mean.sign() != Some(std::cmp::Ordering::Greater) {
            return Ok(None);
        }
        let scale = R::from_f64(2.0) * mean / count;
        let ratio = (end.log_gamma() - half.log_gamma()).exp();
        Ok(Some(scale.powf(power) * ratio))
    }

    /// How many independent squares of one variance a word is the sum of.
    fn squares(&self, word: &[Letter]) -> Option<R> {
        let table = self.table.borrow();
        match *word {
            [
                Letter::Row(Vector::Noise(a)),
                Letter::Column(Vector::Noise(b)),
            ] if a == b => Some(table.noises[a].0.clone()),
            [
                Letter::Row(Vector::Target),
                Letter::DesignTransposed(x),
                Letter::Design(y),
                Letter::Column(Vector::Target),
            ] if x == y => Some(table.designs[x].clone()),
            _ => None,
        }
    }
}
