//! Inverses and fits as letters.

use super::error::{undefined, unrecognised};
use super::moment::tail;
use super::word::{Index, Letter, Words, is_positive};
use super::{EquivalenceError, Reader};
use crate::term::evaluate::LinearAlgebra;

impl<R: LinearAlgebra> Reader<'_, R> {
    /// The inverse of `c_1 X'X + c_2 I`, of `c_1 XX' + c_2 I`, or of a function of `Σ`.
    pub(super) fn inverse(&mut self, m: &Words<R>) -> Result<Words<R>, EquivalenceError> {
        if m.terms
            .iter()
            .all(|t| t.letters.iter().all(|l| l.design().is_none()))
        {
            let f = self.alphabet.mean(&tail(&m.terms))?;
            return Ok(self.function(f.power(-R::one()), None));
        }
        const WHY: &str = "an inverse of anything but c*X'*X + c*I";
        let (mut sample, mut shift, mut rest) = (None, R::zero(), false);
        for term in &m.terms {
            match term.letters.as_slice() {
                [] => shift = term.coefficient.clone(),
                [Letter::Sample(x)] if sample.is_none() => {
                    sample = Some((*x, term.coefficient.clone(), false));
                }
                [Letter::Design(x), Letter::DesignTransposed(y)] if x == y && sample.is_none() => {
                    let scale = term.coefficient.clone() * self.alphabet.designs[*x].clone();
                    sample = Some((*x, scale, true));
                }
                _ => rest = true,
            }
        }
        let Some((x, scale, by_rows)) = sample.filter(|_| !rest) else {
            return unrecognised(WHY);
        };
        let lambda = shift / scale.clone();
        if lambda.midpoint() < 0.0 {
            return unrecognised("an inverse that may not be positive");
        }
        if lambda.is_zero() {
            let surplus = self.alphabet.surplus(x).midpoint();
            if by_rows {
                return unrecognised("an inverse of X*X' without a ridge");
            }
            if surplus < 0.0 {
                return undefined("the inverse of a singular matrix");
            }
        } else if !is_positive(&lambda) {
            return undefined("an inverse that is not known well enough");
        }
        let l = self.alphabet.ridge(lambda);
        let letter = if by_rows {
            Letter::Companion(x, l)
        } else {
            Letter::Resolvent(x, l)
        };
        Ok(Words::single(vec![letter], None).scaled(&(R::one() / scale)))
    }

    /// The design of a multiple of `X`, or of `X'` if the flag is set, and the factor.
    pub(super) fn design_of(m: &Words<R>) -> Result<(Index, bool, R), EquivalenceError> {
        match m.terms.as_slice() {
            [term] => match term.letters.as_slice() {
                [Letter::Design(x)] => Ok((*x, false, term.coefficient.clone())),
                [Letter::DesignTransposed(x)] => Ok((*x, true, term.coefficient.clone())),
                _ => unrecognised("a fit to anything but a design"),
            },
            _ => unrecognised("a fit to anything but a design"),
        }
    }

    /// `X†`, which is `N` without a ridge; and that of `X'`.
    pub(super) fn pinv(&mut self, m: &Words<R>) -> Result<Words<R>, EquivalenceError> {
        let (x, transposed, factor) = Self::design_of(m)?;
        let l = self.alphabet.ridge(R::zero());
        let letter = if transposed {
            Letter::NoiseTransposed(x, l)
        } else {
            Letter::Noise(x, l)
        };
        Ok(Words::single(vec![letter], None).scaled(&(R::one() / factor)))
    }

    /// `N(X, λ)`
    pub(super) fn fit(&mut self, x: Index, lambda: R) -> Result<Words<R>, EquivalenceError> {
        if lambda.midpoint() < 0.0 {
            return undefined(format!("a ridge of {}", lambda.midpoint()));
        }
        if !lambda.is_zero() && !is_positive(&lambda) {
            return undefined("a ridge that is not known well enough");
        }
        let l = self.alphabet.ridge(lambda);
        Ok(Words::single(vec![Letter::Noise(x, l)], None))
    }
}
