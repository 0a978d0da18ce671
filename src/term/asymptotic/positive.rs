//! Whether a formula is manifestly positive, and its logarithm Lipschitz, in the exponent it is minimised over.
//!
//! Of such a formula pointwise exponents are uniform ones: the least exponent is the exponent of the least
//! value. κ and df qualify: `0 ≤ d ln κ/d ln λ ≤ 1` and `−m ≤ d ln df_m/d ln κ ≤ 0`.

use super::evaluate::{Along, Germs, Result, Value};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Function};
use crate::term::{Binder, Condition, Id, Node};

impl Germs<'_> {
    /// `false` where this is not manifest.
    pub(super) fn manifestly_positive(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        variable: Binder,
    ) -> Result<bool> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&variable);
        if fixed(id)
            && let Value::Scalar(value) = walker.value(self, id)?
        {
            return Ok(value.sign()? >= 0);
        }
        Ok(match store.node(id) {
            Node::Bound(_) | Node::Sigma(_) | Node::Target(_) | Node::Identity(_) => true,
            &Node::Transpose(inner) => self.manifestly_positive(walker, inner, variable)?,
            &Node::Binary(BinaryOp::Add | BinaryOp::Mul | BinaryOp::Div, a, b) => {
                self.manifestly_positive(walker, a, variable)?
                    && self.manifestly_positive(walker, b, variable)?
            }
            &Node::Binary(BinaryOp::Pow, base, exponent) => {
                self.manifestly_positive(walker, base, variable)?
                    && (fixed(base) || fixed(exponent))
            }
            &Node::Binary(BinaryOp::Sub, a, b) => {
                fixed(a) && self.exceeds(walker, (a, b), variable)?
            }
            &Node::Kappa(_, lambda, samples) => {
                fixed(samples) && self.manifestly_positive(walker, lambda, variable)?
            }
            &Node::Df(_, m, kappa) => {
                fixed(m)
                    && self.manifestly_positive(walker, m, variable)?
                    && self.manifestly_positive(walker, kappa, variable)?
            }
            Node::Call(function, arguments) => match function {
                Function::Sqrt | Function::Tr | Function::Inv => {
                    self.manifestly_positive(walker, arguments[0], variable)?
                }
                Function::Min | Function::Max | Function::Norm2 => {
                    let mut all = true;
                    for argument in arguments.iter() {
                        all &= self.manifestly_positive(walker, *argument, variable)?;
                    }
                    all
                }
                _ => false,
            },
            Node::If(condition, then, otherwise) => {
                let Condition::Compare(a, _, b) = **condition else {
                    return Ok(false);
                };
                if !fixed(a) || !fixed(b) {
                    return Ok(false);
                }
                let chosen = match walker.holds(self, condition)? {
                    Some(true) => *then,
                    _ => *otherwise,
                };
                self.manifestly_positive(walker, chosen, variable)?
            }
            _ => false,
        })
    }

    /// Whether `a − b` stays of the order of `a`, whatever the ridge: `b` a multiple of `df(m, kappa(λ, T))`, or of
    /// `df(m, λ)`, which is largest without ridge.
    fn exceeds(
        &mut self,
        walker: &mut Along<'_>,
        (a, b): (Id, Id),
        variable: Binder,
    ) -> Result<bool> {
        let Some(most) = self.without_ridge(walker, b, variable)? else {
            return Ok(false);
        };
        let most_of_a = self.scalar(walker, a)?;
        let least = most_of_a.minus(&most)?;
        Ok(most_of_a.sign()? > 0
            && least.sign()? > 0
            && least.magnitude()? == most_of_a.magnitude()?)
    }

    /// The largest value over all λ of a positive multiple of `df(m, kappa(λ, T))` or `df(m, λ)`; `None` for another
    /// formula.
    fn without_ridge(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        variable: Binder,
    ) -> Result<Option<Quantity>> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&variable);
        match *store.node(id) {
            _ if fixed(id) => self.not_negative(walker, id),
            Node::Binary(BinaryOp::Mul, a, b) if fixed(a) || fixed(b) => {
                let a = self.without_ridge(walker, a, variable)?;
                match (a, self.without_ridge(walker, b, variable)?) {
                    (Some(a), Some(b)) => Ok(Some(a.times(&b)?)),
                    _ => Ok(None),
                }
            }
            Node::Binary(BinaryOp::Div, a, b) if fixed(b) => {
                let a = self.without_ridge(walker, a, variable)?;
                match (a, self.not_negative(walker, b)?) {
                    (Some(a), Some(b)) => Ok(Some(a.over(&b)?)),
                    _ => Ok(None),
                }
            }
            Node::Df(_, m, kappa) if fixed(m) => {
                let m = self.scalar(walker, m)?;
                if m.sign()? <= 0 {
                    return Ok(None);
                }
                let zero = Quantity::integer(0);
                match *store.node(kappa) {
                    Node::Kappa(_, lambda, samples) if fixed(samples) => {
                        if !self.manifestly_positive(walker, lambda, variable)? {
                            return Ok(None);
                        }
                        let samples = self.scalar(walker, samples)?;
                        let least = self.kappa(&zero, &samples)?;
                        Ok(Some(self.degrees_of_freedom(&m, least)?))
                    }
                    // in infinite dimension there is no largest
                    _ if self.manifestly_positive(walker, kappa, variable)? => {
                        Ok(self.degrees_of_freedom(&m, zero).ok())
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn not_negative(&mut self, walker: &mut Along<'_>, id: Id) -> Result<Option<Quantity>> {
        let value = self.scalar(walker, id)?;
        Ok((value.sign()? >= 0).then_some(value))
    }
}
