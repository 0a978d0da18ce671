//! Whether a formula is manifestly positive, and its logarithm Lipschitz, in the exponent it is minimised over.
//!
//! Of such a formula pointwise exponents are uniform ones: the least exponent is the exponent of the least
//! value. κ and df qualify: `0 ≤ d ln κ/d ln λ ≤ 1` and `−m ≤ d ln df_m/d ln κ ≤ 0`.

use super::evaluate::{Evaluator, Result, Value};
use super::point::depends;
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Expr, Function, Node};

impl<'a> Evaluator<'a> {
    /// `false` where this is not manifest.
    pub(super) fn manifestly_positive(&self, expr: &'a Expr, variable: &'a str) -> Result<bool> {
        let positive = |e: &'a Expr| self.manifestly_positive(e, variable);
        let fixed = |e: &'a Expr| !depends(self.scope, e, variable);
        if fixed(expr)
            && let Value::Scalar(value) = self.value(expr)?
        {
            return Ok(value.sign()? >= 0);
        }
        Ok(match &*expr.node {
            Node::Name(name) => match self.scope.expansion(name) {
                _ if matches!(name.as_str(), "Sigma" | "I" | "w0") || name == variable => true,
                Some(body) => positive(body)?,
                None => false,
            },
            Node::Transpose(inner) => positive(inner)?,
            Node::Binary(BinaryOp::Add | BinaryOp::Mul | BinaryOp::Div, a, b) => {
                positive(a)? && positive(b)?
            }
            Node::Binary(BinaryOp::Pow, base, exponent) => {
                positive(base)? && (fixed(base) || fixed(exponent))
            }
            Node::Binary(BinaryOp::Sub, a, b) => fixed(a) && self.exceeds(a, b, variable)?,
            Node::Call(function, arguments) => match function {
                Function::Sqrt | Function::Tr | Function::Inv => positive(&arguments[0])?,
                Function::Min | Function::Max | Function::Norm2 => {
                    let mut all = true;
                    for argument in arguments {
                        all &= positive(argument)?;
                    }
                    all
                }
                Function::Kappa => fixed(&arguments[1]) && positive(&arguments[0])?,
                Function::Df => {
                    fixed(&arguments[0]) && positive(&arguments[0])? && positive(&arguments[1])?
                }
                _ => false,
            },
            Node::If(condition, then, otherwise) => {
                fixed(&condition.lhs)
                    && fixed(&condition.rhs)
                    && positive(if self.holds(condition)? {
                        then
                    } else {
                        otherwise
                    })?
            }
            _ => false,
        })
    }

    /// Whether `a − b` stays of the order of `a`, whatever the ridge: `b` a multiple of `df(m, kappa(λ, T))`,
    /// which is largest without ridge.
    fn exceeds(&self, a: &'a Expr, b: &'a Expr, variable: &'a str) -> Result<bool> {
        let Some(most) = self.without_ridge(b, variable)? else {
            return Ok(false);
        };
        let most_of_a = self.scalar(a)?;
        let least = most_of_a.minus(&most)?;
        Ok(most_of_a.sign()? > 0
            && least.sign()? > 0
            && least.magnitude()? == most_of_a.magnitude()?)
    }

    /// The largest value of a positive multiple of `df(m, kappa(λ, T))` over all λ; `None` for another formula.
    fn without_ridge(&self, expr: &'a Expr, variable: &'a str) -> Result<Option<Quantity>> {
        let fixed = |e: &'a Expr| !depends(self.scope, e, variable);
        let factor = |e: &'a Expr| -> Result<Option<Quantity>> {
            let value = self.scalar(e)?;
            Ok((value.sign()? >= 0).then_some(value))
        };
        match &*expr.node {
            _ if fixed(expr) => factor(expr),
            Node::Name(name) if name != variable => match self.scope.expansion(name) {
                Some(body) => self.without_ridge(body, variable),
                None => Ok(None),
            },
            Node::Binary(BinaryOp::Mul, a, b) if fixed(a) || fixed(b) => {
                match (
                    self.without_ridge(a, variable)?,
                    self.without_ridge(b, variable)?,
                ) {
                    (Some(a), Some(b)) => Ok(Some(a.times(&b)?)),
                    _ => Ok(None),
                }
            }
            Node::Binary(BinaryOp::Div, a, b) if fixed(b) => {
                match (self.without_ridge(a, variable)?, factor(b)?) {
                    (Some(a), Some(b)) => Ok(Some(a.over(&b)?)),
                    _ => Ok(None),
                }
            }
            Node::Call(Function::Df, arguments) if fixed(&arguments[0]) => {
                let mut kappa = &arguments[1];
                while let Node::Name(name) = &*kappa.node
                    && name != variable
                    && let Some(body) = self.scope.expansion(name)
                {
                    kappa = body;
                }
                let Node::Call(Function::Kappa, of) = &*kappa.node else {
                    return Ok(None);
                };
                if !fixed(&of[1]) || !self.manifestly_positive(&of[0], variable)? {
                    return Ok(None);
                }
                let m = self.scalar(&arguments[0])?;
                if m.sign()? <= 0 {
                    return Ok(None);
                }
                let least = self.kappa(&Quantity::integer(0), &self.scalar(&of[1])?)?;
                Ok(Some(self.degrees_of_freedom(&m, least)?))
            }
            _ => Ok(None),
        }
    }
}
