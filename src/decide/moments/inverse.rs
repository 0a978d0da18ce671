//! Inverses, pseudo-inverses and ridge fits as letters of words.

use super::polynomial::{Side, Words};
use super::word::Letter;
use super::{Read, Reader, unknown};
use crate::term::evaluate::{EvaluationError, LinearAlgebra};

impl<R: LinearAlgebra> Reader<'_, R> {
    /// The coefficient and the letters of a single word.
    pub(super) fn single<'w>(
        &self,
        words: &'w Words<R>,
    ) -> Result<(R, &'w [Letter]), EvaluationError> {
        match words.terms.as_slice() {
            [term] if term.closed.is_empty() => Ok((term.coefficient.clone(), &term.open)),
            _ => Err(unknown("the inverse of a sum")),
        }
    }

    /// `(X'X/T + λ)^{-1} X'/T`
    pub(super) fn ridge_fit(&self, design: &Words<R>, ridge: R) -> Read<R> {
        let (coefficient, letters) = self.single(design)?;
        let [Letter::Design(x)] = letters else {
            return Err(unknown("a ridge fit to such a design"));
        };
        let rows = self.table.borrow().designs[*x].clone();
        let square = coefficient.clone() * coefficient.clone();
        let tau = self.new_ridge(ridge * rows / square)?;
        let letters = vec![Letter::Resolvent(*x, tau), Letter::DesignTransposed(*x)];
        Ok(Words::letters(
            R::one() / coefficient,
            letters,
            design.cols,
            design.rows,
        ))
    }

    pub(super) fn new_ridge(&self, tau: R) -> Result<usize, EvaluationError> {
        let mut table = self.table.borrow_mut();
        if table.means.is_none() {
            return Err(unknown("a ridge fit"));
        }
        if !(tau.midpoint() > 0.0 && tau.is_finite()) {
            return Err(unknown("a ridge that is not positive"));
        }
        table.ridges.push(tau);
        Ok(table.ridges.len() - 1)
    }

    /// The inverse of `a X'X + b`, or of `a XX' + b`.
    pub(super) fn resolvent(&self, words: &Words<R>) -> Option<Read<R>> {
        let (mut a, mut b) = (R::zero(), R::zero());
        let mut gram: Option<&[Letter]> = None;
        for term in &words.terms {
            let coefficient = term.coefficient.clone();
            match term.open.as_slice() {
                _ if !term.closed.is_empty() => return None,
                [] => b = b + coefficient,
                letters if gram.is_none_or(|known| known == letters) => {
                    gram = Some(letters);
                    a = a + coefficient;
                }
                _ => return None,
            }
        }
        if a.is_zero() || b.is_zero() {
            return None;
        }
        let tau = || self.new_ridge(b.clone() / a.clone());
        let letters =
            |factor: R, open: Vec<Letter>| Words::letters(factor, open, words.cols, words.rows);
        match *gram? {
            [Letter::DesignTransposed(x), Letter::Design(y)] if x == y => {
                Some(tau().map(|k| letters(R::one() / a.clone(), vec![Letter::Resolvent(x, k)])))
            }
            [Letter::Design(x), Letter::DesignTransposed(y)] if x == y => Some(tau().map(|k| {
                let inner = vec![
                    Letter::Design(x),
                    Letter::Resolvent(x, k),
                    Letter::DesignTransposed(x),
                ];
                let factor = R::one() / b.clone();
                letters(factor.clone(), Vec::new()).plus(letters(-factor, inner))
            })),
            _ => None,
        }
    }

    pub(super) fn inverse(&self, words: &Words<R>) -> Read<R> {
        let gathered = self.gathered(words);
        let words = gathered.as_ref().unwrap_or(words);
        if let Some(resolvent) = self.resolvent(words) {
            return resolvent;
        }
        let (_, letters) = self.single(words)?;
        let d = self.size(Side::Modes);
        let singular = match letters {
            [Letter::DesignTransposed(x), Letter::Design(y)] if x == y => {
                self.size(Side::Rows(*x)) < d
            }
            [Letter::Design(x), Letter::DesignTransposed(y)] if x == y => {
                self.size(Side::Rows(*x)) > d
            }
            _ => return Err(unknown("such an inverse")),
        };
        if singular {
            return Err(EvaluationError::Undefined(
                "the inverse of a singular matrix".into(),
            ));
        }
        self.pseudo_inverse(words)
    }

    pub(super) fn pseudo_inverse(&self, words: &Words<R>) -> Read<R> {
        let gathered = self.gathered(words);
        let words = gathered.as_ref().unwrap_or(words);
        let (coefficient, letters) = self.single(words)?;
        if coefficient.is_zero() {
            return Err(unknown("the pseudo-inverse of zero"));
        }
        let open = match letters {
            [Letter::Design(x)] => vec![Letter::Inverse(*x), Letter::DesignTransposed(*x)],
            [Letter::DesignTransposed(x)] => vec![Letter::Design(*x), Letter::Inverse(*x)],
            [Letter::DesignTransposed(x), Letter::Design(y)] if x == y => {
                vec![Letter::Inverse(*x)]
            }
            [Letter::Design(x), Letter::DesignTransposed(y)] if x == y => vec![
                Letter::Design(*x),
                Letter::Inverse(*x),
                Letter::Inverse(*x),
                Letter::DesignTransposed(*x),
            ],
            _ => return Err(unknown("such a pseudo-inverse")),
        };
        Ok(Words::letters(
            R::one() / coefficient,
            open,
            words.cols,
            words.rows,
        ))
    }
}
