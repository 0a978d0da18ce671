//! Determinants of `X'X`: by Bartlett's factor the product of independent `s_i χ²_{T − i}`, `i = 0, …, d − 1`, so that means of
//! their powers and of their logarithm are known.

use std::cmp::Ordering;

use super::Reader;
use super::polynomial::Side;
use super::root::{log_of_squares, power_of_squares};
use super::word::Letter;
use crate::formula::ast::{BinaryOp, Function};
use crate::term::evaluate::{EvaluationError, LinearAlgebra, Mode};
use crate::term::{Id, Node};

/// `det` of a multiple of `X'X` to a power: its factors, each with its degrees of freedom and its scale.
struct Determinant<R> {
    factors: Vec<(R, R)>,
    /// 1, or −1 for the inverse.
    sign: f64,
}

impl<R: LinearAlgebra> Reader<'_, R> {
    /// The mean of a power of such a determinant, or of its logarithm; `None` of anything else.
    pub(super) fn mean_of_determinant(&self, body: Id) -> Result<Option<R>, EvaluationError> {
        match *self.store.node(body) {
            Node::Call(Function::Logdet, ref arguments) => self.mean_logarithm(arguments[0]),
            Node::Call(Function::Log, ref arguments) => match *self.store.node(arguments[0]) {
                Node::Call(Function::Det, ref inner) => self.mean_logarithm(inner[0]),
                _ => Ok(None),
            },
            Node::Call(Function::Det, ref arguments) => self.mean_power(arguments[0], &R::one()),
            Node::Call(Function::Sqrt, ref arguments) => match *self.store.node(arguments[0]) {
                Node::Call(Function::Det, ref inner) => {
                    self.mean_power(inner[0], &R::from_f64(0.5))
                }
                _ => Ok(None),
            },
            Node::Binary(BinaryOp::Pow, base, exponent) if self.is_fixed(exponent) => {
                match *self.store.node(base) {
                    Node::Call(Function::Det, ref inner) => {
                        self.mean_power(inner[0], &self.scalar(exponent)?)
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn mean_logarithm(&self, of: Id) -> Result<Option<R>, EvaluationError> {
        let Some(found) = self.determinant(of)? else {
            return Ok(None);
        };
        let mut sum = R::zero();
        for (count, scale) in &found.factors {
            sum = sum + log_of_squares(count, scale)?;
        }
        Ok(Some(sum * R::from_f64(found.sign)))
    }

    fn mean_power(&self, of: Id, power: &R) -> Result<Option<R>, EvaluationError> {
        let Some(found) = self.determinant(of)? else {
            return Ok(None);
        };
        let power = power.clone() * R::from_f64(found.sign);
        let empty = |(count, _): &(R, R)| count.midpoint() <= 0.0;
        if found.factors.iter().any(empty) && power.midpoint() > 0.0 {
            return Ok(Some(R::zero()));
        }
        let mut product = R::one();
        for (count, scale) in &found.factors {
            product = product * power_of_squares(count, scale, &power)?;
        }
        Ok(Some(product))
    }

    fn determinant(&self, of: Id) -> Result<Option<Determinant<R>>, EvaluationError> {
        let words = match self.words(of) {
            Ok(words) if words.rows == Side::Modes && words.cols == Side::Modes => words,
            _ => return Ok(None),
        };
        let [term] = words.terms.as_slice() else {
            return Ok(None);
        };
        let (x, sign) = match *term.open.as_slice() {
            [Letter::DesignTransposed(x), Letter::Design(y)] if x == y => (x, 1.0),
            [Letter::Inverse(x)] => (x, -1.0),
            _ => return Ok(None),
        };
        let positive = term.coefficient.sign() == Some(Ordering::Greater);
        if !term.closed.is_empty() || !positive {
            return Ok(None);
        }
        let table = self.table.borrow();
        // (c X'X)^{-1} has the factors of the inverse of X'X/c
        let by = match sign > 0.0 {
            true => term.coefficient.clone(),
            false => R::one() / term.coefficient.clone(),
        };
        let factor = |(i, mode): (usize, &Mode<R>)| {
            let count = table.designs[x].clone() - R::from_f64(i as f64);
            (count, by.clone() * mode.value.clone())
        };
        let factors = table.modes.iter().enumerate().map(factor).collect();
        Ok(Some(Determinant { factors, sign }))
    }
}
