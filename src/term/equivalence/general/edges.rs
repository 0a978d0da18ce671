//! Extreme eigenvalues and operator norms, at the edges of the limiting law of all eigenvalues.
//!
//! They fluctuate by a share of `size^{-2/3}` around a mean that is as far from the edge, by `size^{-1/2}` where the last level of
//! `Sigma` is a single one, and by `size^{-1/3}` where such a level is about to leave the others. The last is what is left open.

use super::form::{Form, Read};
use super::{Reader, WORK};
use crate::budget;
use crate::equivalent::pencil::{Extreme, Gram};
use crate::formula::ast::Function;
use crate::term::equivalence::unrecognised;
use crate::term::evaluate::EvaluationError;

const UNKNOWN: &str = "an extreme eigenvalue, or an operator norm, of anything but c*B'*B + lambda*I, or c*B, of one Gaussian matrix B, \
     correlated along its rows or along its columns";
const HIDDEN: &str = "a smallest eigenvalue where rows and dimensions are as many, or the spectrum is too long to be written out";

impl Reader<'_> {
    /// `opnorm(M)`, `eigmin(M)`, `eigmax(M)`, as numbers: they hardly vary.
    pub(super) fn extreme(&mut self, function: Function, form: Form) -> Read {
        if !self.inside {
            return unrecognised("a random scalar outside of E[…]");
        }
        if self.noted.is_some() {
            return unrecognised("a formula of an extreme eigenvalue");
        }
        let Form::Matrix(m) = form else {
            return unrecognised(UNKNOWN);
        };
        let work = WORK * (self.model.values(self.features.sigma).len() as f64 + 4.0);
        budget::charge_about(work).map_err(EvaluationError::from)?;
        let gram = self.model.gram(m);
        let found = match (function, gram) {
            (Function::Opnorm, Some(gram)) => self.largest_modulus(&gram)?,
            (Function::Opnorm, None) => match self.model.squared(m) {
                Some(gram) => {
                    let square = self.end(&gram, true)?;
                    self.power(square, 0.5)?
                }
                None => return unrecognised(UNKNOWN),
            },
            (_, Some(gram)) => self.end(&gram, function == Function::Eigmax)?,
            (_, None) => return unrecognised(UNKNOWN),
        };
        if let Form::Number { value, doubt } = found
            && doubt > 0.0
        {
            self.follows = true;
            self.rough = self.rough.max(doubt / value.abs());
        }
        Ok(found)
    }

    /// The largest or smallest eigenvalue of `c B'B + λ I`.
    fn end(&self, gram: &Gram, greatest: bool) -> Read {
        let found = match greatest == (gram.scale > 0.0) {
            true => gram.largest(self.at_size),
            false => gram.smallest(self.at_size),
        };
        let Some(Extreme { value, open }) = found else {
            return unrecognised(HIDDEN);
        };
        let value = gram.scale * value;
        Ok(Form::Number {
            value: value + gram.shift,
            doubt: value.abs() * open,
        })
    }

    fn largest_modulus(&self, gram: &Gram) -> Read {
        let outer = self.end(gram, gram.scale > 0.0)?;
        // Both are of one sign.
        if gram.shift * gram.scale >= 0.0 {
            return Ok(modulus(&outer));
        }
        let (outer, inner) = (modulus(&outer), modulus(&self.end(gram, gram.scale < 0.0)?));
        Ok(match (&outer, &inner) {
            (Form::Number { value: a, doubt: x }, Form::Number { value: b, doubt: y }) => {
                let value = a.max(*b);
                Form::Number {
                    value,
                    // as far as either may be beyond it
                    doubt: if a > b { *x } else { *y }.max((a + x).max(b + y) - value),
                }
            }
            _ => outer,
        })
    }
}

fn modulus(form: &Form) -> Form {
    match form {
        Form::Number { value, doubt } => Form::Number {
            value: value.abs(),
            doubt: *doubt,
        },
        other => other.clone(),
    }
}
