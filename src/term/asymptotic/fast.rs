//! Relations between what grows or falls faster than any power, by its logarithm: `a ~ b` where `ln a − ln b → 0`, `a asymp b` where
//! that stays bounded.

use super::AsymptoticError;
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::scaling::{Coefficient, Germ, Limit, log_factorial};
use crate::term::{FoldForm, Id, Node};

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

    /// A product of factors that may be of the order of a power, or near to a constant, though they are not by themselves:
    /// gamma functions of what grows, exponentials, powers with growing exponents.
    pub(super) fn by_its_logarithm(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
    ) -> Option<Result<Quantity>> {
        let factorials = self.has_growing_factorials(walker, id);
        if !factorials && self.exponential_factors(walker, id) < 2 {
            return None;
        }
        match self.logarithm(walker, id).and_then(|log| log.exp()) {
            Err(error) if !factorials || !error.may_be_settled_in_full() => None,
            found => Some(found),
        }
    }

    /// How many factors of a product are exponentials of what moves, or powers whose exponents grow.
    fn exponential_factors(&mut self, walker: &mut Along<'_>, id: Id) -> usize {
        match walker.store().node(id) {
            &Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => {
                self.exponential_factors(walker, a) + self.exponential_factors(walker, b)
            }
            Node::Call(Function::Exp, arguments) => {
                let of = self.scalar(walker, arguments[0]);
                usize::from(of.is_ok_and(|x| x.exact().is_none()))
            }
            &Node::Binary(BinaryOp::Pow, _, exponent) => {
                let exponent = self.scalar(walker, exponent);
                let limit = exponent.and_then(|x| Ok(x.germ()?.limit()?));
                usize::from(matches!(
                    limit,
                    Ok(Limit::PlusInfinity | Limit::MinusInfinity)
                ))
            }
            _ => 0,
        }
    }

    /// Whether gamma functions of what grows are among the factors of a product.
    fn has_growing_factorials(&mut self, walker: &mut Along<'_>, id: Id) -> bool {
        match walker.store().node(id) {
            Node::Call(Function::Gamma | Function::Factorial | Function::Binom, arguments) => {
                let of = self.scalar(walker, arguments[0]);
                let of = of.and_then(|x| Ok(x.germ()?.limit()?));
                matches!(of, Ok(Limit::PlusInfinity))
            }
            Node::Call(Function::Sqrt, arguments) => {
                self.has_growing_factorials(walker, arguments[0])
            }
            &Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => {
                self.has_growing_factorials(walker, a) || self.has_growing_factorials(walker, b)
            }
            &Node::Binary(BinaryOp::Pow, a, _) => self.has_growing_factorials(walker, a),
            _ => false,
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
                logarithm_of_factorial(&x.minus(&Quantity::integer(1))?)
            }
            Node::Call(Function::Factorial, arguments) => {
                logarithm_of_factorial(&self.scalar(walker, arguments[0])?)
            }
            Node::Call(Function::Binom, arguments) => {
                let n = self.scalar(walker, arguments[0])?;
                let k = self.scalar(walker, arguments[1])?;
                let parts =
                    logarithm_of_factorial(&k)?.plus(&logarithm_of_factorial(&n.minus(&k)?)?)?;
                logarithm_of_factorial(&n)?.minus(&parts)
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

/// `ln x!`, that is `ln Γ(x + 1)`.
fn logarithm_of_factorial(x: &Quantity) -> Result<Quantity> {
    let next = x.plus(&Quantity::integer(1))?;
    if let Some(next) = next.exact() {
        return match Coefficient::gamma(next) {
            Some(value) => Quantity::constant(value).ln(),
            None => Err(AsymptoticError::Undefined("a pole of gamma".into())),
        };
    }
    let x = x.germ()?;
    match x.limit()? {
        Limit::PlusInfinity => Ok(log_factorial(&x)?.into()),
        _ => Ok(next.germ()?.gamma()?.ln()?.into()),
    }
}
