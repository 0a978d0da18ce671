//! Whether a formula rises or falls in one variable along its whole interval, so that its least value stands at an end.

use std::cmp::Ordering;

use super::evaluate::{Evaluator, Result};
use super::point::depends;
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Expr, Function, Node};

/// Of a function that is constant or strictly monotone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Constant,
    Rising,
    Falling,
}

use Direction::{Constant, Falling, Rising};

impl Direction {
    fn reversed(self) -> Self {
        match self {
            Constant => Constant,
            Rising => Falling,
            Falling => Rising,
        }
    }

    /// Of a sum of two.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Constant, direction) | (direction, Constant) => Some(direction),
            (a, b) => (a == b).then_some(a),
        }
    }

    fn by_sign(self, sign: i32) -> Self {
        match sign.cmp(&0) {
            Ordering::Greater => self,
            Ordering::Less => self.reversed(),
            Ordering::Equal => Constant,
        }
    }
}

impl<'a> Evaluator<'a> {
    /// The direction of `expr` in a `variable` that is nowhere negative, far enough along the path; `None` where
    /// it is not seen from the formula.
    pub(super) fn direction(&self, expr: &'a Expr, variable: &'a str) -> Result<Option<Direction>> {
        let fixed = |e: &'a Expr| !depends(self.scope, e, variable);
        let of = |e: &'a Expr| self.direction(e, variable);
        if fixed(expr) {
            return Ok(Some(Constant));
        }
        let sign = |e: &'a Expr| self.scalar(e)?.sign();
        Ok(match &*expr.node {
            Node::Name(name) if name == variable => Some(Rising),
            Node::Name(name) => match self.scope.expansion(name) {
                Some(body) => of(body)?,
                None => None,
            },
            Node::Neg(inner) => of(inner)?.map(Direction::reversed),
            Node::Binary(BinaryOp::Add, a, b) => both(of(a)?, of(b)?),
            Node::Binary(BinaryOp::Sub, a, b) => both(of(a)?, of(b)?.map(Direction::reversed)),
            Node::Binary(BinaryOp::Mul, a, b) if fixed(a) => signed(of(b)?, sign(a)?),
            Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) if fixed(b) => {
                signed(of(a)?, sign(b)?)
            }
            Node::Binary(BinaryOp::Div, a, b)
                if fixed(a) && self.manifestly_positive(b, variable)? =>
            {
                signed(of(b)?.map(Direction::reversed), sign(a)?)
            }
            Node::Binary(BinaryOp::Pow, base, exponent) if fixed(base) => {
                match self.scalar(base)?.compare(&Quantity::integer(1))? {
                    Ordering::Greater => of(exponent)?,
                    Ordering::Equal => Some(Constant),
                    Ordering::Less if sign(base)? > 0 => of(exponent)?.map(Direction::reversed),
                    Ordering::Less => None,
                }
            }
            Node::Binary(BinaryOp::Pow, base, exponent)
                if fixed(exponent) && self.manifestly_positive(base, variable)? =>
            {
                signed(of(base)?, sign(exponent)?)
            }
            Node::Call(function, arguments) => match function {
                Function::Sqrt | Function::Exp | Function::Log => of(&arguments[0])?,
                // beside a constant they are flat somewhere
                Function::Min | Function::Max => {
                    let mut all = of(&arguments[0])?;
                    for argument in &arguments[1..] {
                        let next = of(argument)?;
                        all = all.filter(|_| all == next);
                    }
                    all
                }
                Function::Kappa if fixed(&arguments[1]) => of(&arguments[0])?,
                Function::Df if fixed(&arguments[0]) && sign(&arguments[0])? > 0 => {
                    of(&arguments[1])?.map(Direction::reversed)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The part of a sum that its least place depends on.
    pub(super) fn moving_part(&self, expr: &'a Expr, variable: &'a str) -> &'a Expr {
        let fixed = |e: &'a Expr| !depends(self.scope, e, variable);
        match &*expr.node {
            Node::Binary(BinaryOp::Add, a, b) if fixed(a) => self.moving_part(b, variable),
            Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) if fixed(b) => {
                self.moving_part(a, variable)
            }
            Node::Name(name) if name != variable => match self.scope.expansion(name) {
                Some(body) => self.moving_part(body, variable),
                None => expr,
            },
            _ => expr,
        }
    }
}

fn both(a: Option<Direction>, b: Option<Direction>) -> Option<Direction> {
    a?.and(b?)
}

fn signed(direction: Option<Direction>, sign: i32) -> Option<Direction> {
    Some(direction?.by_sign(sign))
}
