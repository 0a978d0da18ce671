//! Whether a formula rises or falls in one variable along its whole interval, so that its least value stands at an end.

use std::cmp::Ordering;

use super::evaluate::{Along, Germs, Result, Value};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Function};
use crate::term::{Binder, Id, Node, Store};

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

impl Germs<'_> {
    /// The direction of a term in a `variable` that is nowhere negative, far enough along the path; `None` where
    /// it is not seen from the formula.
    pub(super) fn direction(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        variable: Binder,
    ) -> Result<Option<Direction>> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&variable);
        if fixed(id) {
            return Ok(Some(Constant));
        }
        Ok(match store.node(id) {
            Node::Bound(_) => Some(Rising),
            &Node::Neg(inner) => self
                .direction(walker, inner, variable)?
                .map(Direction::reversed),
            &Node::Binary(op, a, b) => self.direction_of_two(walker, (op, a, b), variable)?,
            Node::Call(function, arguments) => match function {
                Function::Sqrt | Function::Exp | Function::Log => {
                    self.direction(walker, arguments[0], variable)?
                }
                // beside a constant they are flat somewhere
                Function::Min | Function::Max => {
                    let mut all = self.direction(walker, arguments[0], variable)?;
                    for argument in &arguments[1..] {
                        let next = self.direction(walker, *argument, variable)?;
                        all = all.filter(|_| all == next);
                    }
                    all
                }
                _ => None,
            },
            &Node::Kappa(_, lambda, samples) if fixed(samples) => {
                self.direction(walker, lambda, variable)?
            }
            &Node::Df(_, m, kappa) if fixed(m) && self.sign(walker, m)? == Some(1) => self
                .direction(walker, kappa, variable)?
                .map(Direction::reversed),
            _ => None,
        })
    }

    fn direction_of_two(
        &mut self,
        walker: &mut Along<'_>,
        (op, a, b): (BinaryOp, Id, Id),
        variable: Binder,
    ) -> Result<Option<Direction>> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&variable);
        Ok(match op {
            BinaryOp::Add | BinaryOp::Sub => {
                let first = self.direction(walker, a, variable)?;
                let second = self.direction(walker, b, variable)?;
                let second = match op {
                    BinaryOp::Add => second,
                    _ => second.map(Direction::reversed),
                };
                both(first, second)
            }
            BinaryOp::Mul if fixed(a) => {
                signed(self.direction(walker, b, variable)?, self.sign(walker, a)?)
            }
            BinaryOp::Mul | BinaryOp::Div if fixed(b) => {
                signed(self.direction(walker, a, variable)?, self.sign(walker, b)?)
            }
            BinaryOp::Div if fixed(a) && self.manifestly_positive(walker, b, variable)? => {
                let direction = self.direction(walker, b, variable)?;
                signed(direction.map(Direction::reversed), self.sign(walker, a)?)
            }
            BinaryOp::Pow if fixed(a) => {
                let base = self.scalar(walker, a)?;
                match base.compare(&Quantity::integer(1))? {
                    Ordering::Greater => self.direction(walker, b, variable)?,
                    Ordering::Equal => Some(Constant),
                    Ordering::Less if base.sign()? > 0 => self
                        .direction(walker, b, variable)?
                        .map(Direction::reversed),
                    Ordering::Less => None,
                }
            }
            BinaryOp::Pow if fixed(b) && self.manifestly_positive(walker, a, variable)? => {
                signed(self.direction(walker, a, variable)?, self.sign(walker, b)?)
            }
            _ => None,
        })
    }

    /// `None` of what is no scalar, such as the vector in `x*w0'*w0`.
    fn sign(&mut self, walker: &mut Along<'_>, id: Id) -> Result<Option<i32>> {
        match walker.value(self, id)? {
            Value::Scalar(value) => value.sign().map(Some),
            _ => Ok(None),
        }
    }
}

/// The part of a sum that its least place depends on.
pub(super) fn moving_part(store: &Store, id: Id, variable: Binder) -> Id {
    let fixed = |id: Id| !store.free(id).contains(&variable);
    match *store.node(id) {
        Node::Binary(BinaryOp::Add, a, b) if fixed(a) => moving_part(store, b, variable),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) if fixed(b) => {
            moving_part(store, a, variable)
        }
        _ => id,
    }
}

fn both(a: Option<Direction>, b: Option<Direction>) -> Option<Direction> {
    a?.and(b?)
}

fn signed(direction: Option<Direction>, sign: Option<i32>) -> Option<Direction> {
    Some(direction?.by_sign(sign?))
}
