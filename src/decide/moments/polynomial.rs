//! Sums of words, with the shape of the matrix that they are.

use super::word::Letter;
use crate::term::evaluate::LinearAlgebra;

/// What one side of a matrix counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    One,
    /// A multiple of the identity fits everywhere.
    Any,
    Modes,
    /// Rows of a design, or entries of a noise.
    Rows(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Term<R> {
    pub(super) coefficient: R,
    /// Scalar factors: words from a row to a column, or traces.
    pub(super) closed: Vec<Vec<Letter>>,
    pub(super) open: Vec<Letter>,
}

#[derive(Clone, Debug)]
pub(super) struct Words<R> {
    pub(super) terms: Vec<Term<R>>,
    pub(super) rows: Side,
    pub(super) cols: Side,
}

impl<R: LinearAlgebra> Words<R> {
    pub(super) fn scalar(value: R) -> Self {
        Self::letters(value, Vec::new(), Side::One, Side::One)
    }

    pub(super) fn letters(coefficient: R, open: Vec<Letter>, rows: Side, cols: Side) -> Self {
        Self {
            terms: vec![Term {
                coefficient,
                closed: Vec::new(),
                open,
            }],
            rows,
            cols,
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        self.rows == Side::One && self.cols == Side::One
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        if self.rows == Side::Any {
            (self.rows, self.cols) = (other.rows, other.cols);
        }
        self.terms.extend(other.terms);
        self
    }

    /// Equal words once: what cancels does so without an error.
    pub(super) fn collected(mut self) -> Self {
        let mut terms: Vec<Term<R>> = Vec::with_capacity(self.terms.len());
        for term in self.terms {
            let alike =
                |known: &&mut Term<R>| known.open == term.open && known.closed == term.closed;
            match terms.iter_mut().find(alike) {
                Some(known) => {
                    known.coefficient = known.coefficient.clone() + term.coefficient;
                }
                None => terms.push(term),
            }
        }
        terms.retain(|term| !term.coefficient.is_zero());
        self.terms = terms;
        self
    }

    pub(super) fn scaled(mut self, factor: &R) -> Self {
        for term in &mut self.terms {
            term.coefficient = term.coefficient.clone() * factor.clone();
        }
        self
    }

    pub(super) fn transposed(mut self) -> Self {
        std::mem::swap(&mut self.rows, &mut self.cols);
        for term in &mut self.terms {
            term.open.reverse();
            for letter in &mut term.open {
                *letter = letter.transposed();
            }
        }
        self
    }
}
