//! Random scalars that hardly vary, as the numbers they are near: `E[f(a)] = f(E[a])` up to a share of `1/size` for a smooth
//! `f`, where `a` is a sum over many rows or dimensions whose fluctuations vanish beside it.

use super::form::{Closure, Form, Pending, Read};
use super::{Reader, sums_by_closure};
use crate::term::equivalence::{EquivalenceError, unrecognised};

const VARIES: &str = "a function of a random scalar that may vary as much as it is large";

impl Reader<'_> {
    /// The number that a random scalar concentrates at; other forms as they are.
    pub(super) fn concentrated(&mut self, form: Form) -> Read {
        match form {
            Form::Scalar(_) if !self.inside => unrecognised("a random scalar outside of E[…]"),
            Form::Scalar(_) if self.noted.is_some() => {
                unrecognised("a product with a random scalar, or a function of one")
            }
            Form::Scalar(pending) => {
                self.follows = true;
                self.near(pending)
            }
            other => Ok(other),
        }
    }

    /// The mean of what hardly varies. Once a random scalar was taken for the number it is near, nothing else will do: what it
    /// stands beside may vary with it, `E[norm2(X*w0 + E)*(w0'*X'*E)]` is not zero.
    pub(super) fn near(&mut self, pending: Pending) -> Read {
        if pending.mixed {
            return unrecognised(VARIES);
        }
        let number = self.averaged(pending.clone())?;
        match number {
            Form::Number { value, .. } if self.hardly_varies(&pending, value)? => Ok(number),
            _ => unrecognised(VARIES),
        }
    }

    /// A noise's `e'Ae` fluctuates by `√2‖A‖_F`, and `tr A` by no more; `w0'Aw0` by some `‖Aw0‖‖w0‖/√size`, since what `A`
    /// draws is spread over that many directions. What does concentrate is far below this bound at large sizes, and what
    /// does not is above.
    fn hardly_varies(&mut self, pending: &Pending, value: f64) -> Result<bool, EquivalenceError> {
        let smallest = self.smallest_size();
        let length2: f64 = self.features.mass.iter().sum();
        let mut variance = 0.0;
        for (closure, terms) in sums_by_closure(pending.terms.clone()) {
            let a = self.model.sum(&terms)?;
            let transposed = self.model.transpose(a);
            variance += match closure {
                Closure::Target => {
                    let square = self.model.product(&[transposed, a])?;
                    let mean = self.model.equivalents(&[square])?.remove(0);
                    let (image2, _) = self.model.quadratic(&mean, &self.features.mass)?;
                    image2 * length2 / smallest
                }
                Closure::Trace(space) => {
                    let square = self.model.product(&[a, transposed])?;
                    let mean = self.model.equivalents(&[square])?.remove(0);
                    let counts = self.model.multiplicities(space);
                    self.model.closed(&mean, counts)?
                }
            };
        }
        Ok(value != 0.0 && variance.sqrt() <= value.abs() * smallest.powf(-0.25))
    }
}
