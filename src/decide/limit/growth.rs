//! Powers of the variable that a claim multiplies its means by: what is left of a remainder may vanish slower than any.

use num_traits::ToPrimitive;

use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::constant::constant;
use crate::formula::function::Function;
use crate::formula::scope::{Limit, Scope};
use crate::formula::traverse::children;

/// The powers that means in these formulas are multiplied by, where they are positive.
pub(super) fn factors_of_means(sides: [&Expr; 2], scope: &Scope) -> Vec<f64> {
    let mut found = Vec::new();
    if let Some(limit) = &scope.limit {
        let mut reading = Reading {
            scope,
            limit,
            found: &mut found,
        };
        sides.into_iter().for_each(|side| reading.below(side, 0.0));
    }
    found.retain(|power| *power > 0.0);
    found
}

struct Reading<'a> {
    scope: &'a Scope,
    limit: &'a Limit,
    found: &'a mut Vec<f64>,
}

impl<'a> Reading<'a> {
    /// Reads a part that is multiplied by the variable to this power.
    fn below(&mut self, expr: &'a Expr, power: f64) {
        let (mut power, mut rest) = (power, Vec::new());
        self.split(expr, 1.0, &mut power, &mut rest);
        for part in rest {
            if let Node::Expectation(_) = &*part.node {
                self.found.push(power);
            }
            for inner in children(part) {
                self.below(inner, power);
            }
        }
    }

    /// The factors of a product that are no powers of the variable, and what the others come to.
    fn split(&self, expr: &'a Expr, sign: f64, power: &mut f64, rest: &mut Vec<&'a Expr>) {
        let expr = self.scope.written_out(expr);
        if let Some(found) = self.power(expr) {
            *power += sign * found;
            return;
        }
        match &*expr.node {
            Node::Neg(a) => self.split(a, sign, power, rest),
            Node::Binary(BinaryOp::Mul, a, b) => {
                self.split(a, sign, power, rest);
                self.split(b, sign, power, rest);
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                self.split(a, sign, power, rest);
                self.split(b, -sign, power, rest);
            }
            _ => rest.push(expr),
        }
    }

    /// The power of the variable that a formula is, up to a constant.
    fn power(&self, expr: &Expr) -> Option<f64> {
        match &*expr.node {
            Node::Name(name) if *name == self.limit.variable => Some(1.0),
            Node::Name(name) => {
                let (_, path) = self.limit.path.iter().find(|(n, _)| n == name)?;
                self.power_on_path(path)
            }
            Node::Binary(BinaryOp::Pow, base, e) => {
                Some(self.power(base)? * constant(e)?.to_f64()?)
            }
            Node::Call(Function::Sqrt, arguments) => Some(0.5 * self.power(&arguments[0])?),
            _ => None,
        }
    }

    /// The same of a path, in which other names stay what they are.
    fn power_on_path(&self, path: &Expr) -> Option<f64> {
        match &*path.node {
            Node::Name(name) => Some(f64::from(*name == self.limit.variable)),
            Node::Number(_) => Some(0.0),
            Node::Binary(BinaryOp::Mul, a, b) => {
                Some(self.power_on_path(a)? + self.power_on_path(b)?)
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                Some(self.power_on_path(a)? - self.power_on_path(b)?)
            }
            Node::Binary(BinaryOp::Pow, base, e) => {
                Some(self.power_on_path(base)? * constant(e)?.to_f64()?)
            }
            _ => None,
        }
    }
}
