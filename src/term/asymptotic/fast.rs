//! Relations between what grows or falls faster than any power, by its logarithm: `a ~ b` where `ln a − ln b → 0`, `a asymp b` where
//! that stays bounded.

use super::AsymptoticError;
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::scaling::{Coefficient, Germ, Limit};
use crate::term::{FoldForm, Id, Node, Store};

/// What the logarithms of two sides tell.
pub(super) struct ByLogarithms {
    pub holds: bool,
    pub left: Quantity,
    /// None of a side that is zero.
    pub right: Option<Quantity>,
    pub difference: Germ,
}

impl Germs<'_> {
    /// A relation of positive sides, by the difference of their logarithms.
    pub(super) fn by_logarithms(
        &mut self,
        walker: &mut Along<'_>,
        lhs: Id,
        op: RelationOp,
        rhs: Id,
    ) -> Result<ByLogarithms> {
        let left = self.logarithm(walker, lhs)?;
        let tends = op == RelationOp::TendsTo;
        let zero = tends && self.scalar(walker, rhs).is_ok_and(|value| value.is_zero());
        let right = match zero {
            true => None,
            false => Some(self.logarithm(walker, rhs)?),
        };
        if tends
            && let Some(right) = &right
            && !matches!(right.germ()?.limit()?, Limit::Finite(_))
        {
            return unsupported("a right side that has no limit");
        }
        let difference = match &right {
            Some(right) => left.minus(right)?,
            None => left.clone(),
        };
        let difference = (*difference.germ()?).clone();
        let holds = match (op, difference.limit()?) {
            // what falls to zero has a logarithm that falls without end
            (RelationOp::TendsTo, limit) if zero => matches!(limit, Limit::MinusInfinity),
            (RelationOp::Equivalent | RelationOp::TendsTo, Limit::Finite(c)) => {
                let sign = c.same_number(&Coefficient::integer(0));
                sign.ok_or_else(|| AsymptoticError::Undecided("whether a ratio tends to 1".into()))?
            }
            (RelationOp::SameOrder, limit) => matches!(limit, Limit::Finite(_)),
            (RelationOp::OrderAtMost, limit) => !matches!(limit, Limit::PlusInfinity),
            (RelationOp::OrderAtLeast, limit) => !matches!(limit, Limit::MinusInfinity),
            _ => false,
        };
        Ok(ByLogarithms {
            holds,
            left,
            right,
            difference,
        })
    }

    /// A product with gamma functions of what grows, which may be of the order of a power though they are not.
    pub(super) fn with_factorials(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
    ) -> Option<Result<Quantity>> {
        let store = walker.store();
        if !matches!(store.node(id), Node::Binary(..) | Node::Call(..))
            || !has_factorials(store, id)
        {
            return None;
        }
        match self.logarithm(walker, id).and_then(|log| log.exp()) {
            Err(error) if !error.may_be_settled_in_full() => None,
            found => Some(found),
        }
    }

    /// `ln` of a positive scalar.
    pub(super) fn logarithm(&mut self, walker: &mut Along<'_>, id: Id) -> Result<Quantity> {
        match walker.store().node(id) {
            Node::Call(Function::Exp, arguments) => self.scalar(walker, arguments[0]),
            Node::Call(Function::Sqrt, arguments) => {
                let half = num_rational::BigRational::new(1.into(), 2.into());
                self.logarithm(walker, arguments[0])?.times(&half.into())
            }
            &Node::Binary(BinaryOp::Mul, a, b) => {
                let a = self.logarithm(walker, a)?;
                a.plus(&self.logarithm(walker, b)?)
            }
            &Node::Binary(BinaryOp::Div, a, b) => {
                let a = self.logarithm(walker, a)?;
                a.minus(&self.logarithm(walker, b)?)
            }
            &Node::Binary(BinaryOp::Pow, a, b) => {
                let exponent = self.scalar(walker, b)?;
                self.logarithm(walker, a)?.times(&exponent)
            }
            Node::Call(Function::Gamma, arguments) => {
                let x = self.scalar(walker, arguments[0])?;
                logarithm_of_gamma(&x)
            }
            Node::Call(Function::Factorial, arguments) => {
                let n = self.scalar(walker, arguments[0])?;
                logarithm_of_gamma(&n.plus(&Quantity::integer(1))?)
            }
            // Γ(n + 1)/(Γ(k + 1) Γ(n − k + 1))
            Node::Call(Function::Binom, arguments) => {
                let above = |x: &Quantity| x.plus(&Quantity::integer(1));
                let n = self.scalar(walker, arguments[0])?;
                let k = self.scalar(walker, arguments[1])?;
                let whole = logarithm_of_gamma(&above(&n)?)?;
                let part = logarithm_of_gamma(&above(&k)?)?;
                let rest = logarithm_of_gamma(&above(&n.minus(&k)?)?)?;
                whole.minus(&part)?.minus(&rest)
            }
            &Node::Fold {
                kind: kind @ Fold::Prod,
                index,
                from,
                to,
                body,
            } => {
                let form = FoldForm {
                    kind,
                    index,
                    from,
                    to,
                    body,
                };
                match self.logarithm_of_product(walker, form)? {
                    Some(log) => Ok(log),
                    None => self.scalar(walker, id)?.ln(),
                }
            }
            _ => self.scalar(walker, id)?.ln(),
        }
    }
}

/// `ln Γ(x)`
fn logarithm_of_gamma(x: &Quantity) -> Result<Quantity> {
    if let Some(x) = x.exact() {
        return match Coefficient::gamma(x) {
            Some(value) => Quantity::constant(value).ln(),
            None => Err(AsymptoticError::Undefined("a pole of gamma".into())),
        };
    }
    let x = x.germ()?;
    match x.limit()? {
        Limit::PlusInfinity => Ok(x.ln_gamma()?.into()),
        _ => Ok(x.gamma()?.ln()?.into()),
    }
}

/// Whether gamma functions are among the factors of a product.
fn has_factorials(store: &Store, id: Id) -> bool {
    match store.node(id) {
        Node::Call(Function::Gamma | Function::Factorial | Function::Binom, _) => true,
        Node::Call(Function::Sqrt, arguments) => has_factorials(store, arguments[0]),
        &Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => {
            has_factorials(store, a) || has_factorials(store, b)
        }
        &Node::Binary(BinaryOp::Pow, a, _) => has_factorials(store, a),
        _ => false,
    }
}
