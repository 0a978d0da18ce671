//! Where a body goes to infinity at an end of a range: intervals with infinite ends, around what models enclose.

use num_traits::ToPrimitive;

use super::lowered::Body;
use crate::formula::ast::{BinaryOp, Function};
use crate::number::{Interval, Model, Real};
use crate::term::{Id, Node};

/// Highest whole power that is multiplied out.
const MOST_FACTORS: i32 = 64;

impl Body<'_> {
    /// All values that the body has on a range, a model of its parts where one exists. `None` where nothing is known.
    pub(super) fn hull(&mut self, range: &Model, ends: Interval) -> Option<Interval> {
        let hull = self.hull_of(self.body, range, ends)?;
        Some(if self.negated { -hull } else { hull })
    }

    fn hull_of(&mut self, id: Id, range: &Model, ends: Interval) -> Option<Interval> {
        let model = self.model_of(id, range.clone()).ok().map(|m| m.extent());
        let model = model.filter(Real::is_finite).map(|extent| {
            let (low, high) = extent.enclosure();
            Interval::new(low, high)
        });
        // A zero at an end is one by its parts, and near it by a model.
        match (self.by_parts(id, range, ends), model) {
            (Some(parts), Some(model)) => Some(parts.common(model)),
            (parts, model) => parts.or(model),
        }
    }

    fn by_parts(&mut self, id: Id, range: &Model, ends: Interval) -> Option<Interval> {
        if let Node::Number(x) = self.store().node(id) {
            return Some(Interval::from_rational(x));
        }
        if !self.store().free(id).contains(&self.variable) {
            return None;
        }
        match self.store().node(id) {
            Node::Bound(binder) if *binder == self.variable => Some(ends),
            &Node::Neg(a) => Some(-self.hull_of(a, range, ends)?),
            &Node::Binary(BinaryOp::Pow, a, b) => self.power(a, b, range, ends),
            &Node::Binary(op, a, b) => {
                let x = self.hull_of(a, range, ends)?;
                let y = self.hull_of(b, range, ends)?;
                Some(match op {
                    BinaryOp::Add => x + y,
                    BinaryOp::Sub => x - y,
                    BinaryOp::Mul => x * y,
                    BinaryOp::Div | BinaryOp::Pow => x * y.reciprocal_with_pole()?,
                })
            }
            Node::Call(function, arguments) => {
                let (&[argument], function) = (&arguments[..], *function) else {
                    return None;
                };
                let x = self.hull_of(argument, range, ends)?;
                match function {
                    Function::Log => x.ln_with_pole(),
                    Function::Exp => Some(x.exp()),
                    Function::Sqrt => x.sqrt(),
                    Function::Abs => Some(x.abs()),
                    Function::Inv => x.reciprocal_with_pole(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn power(&mut self, a: Id, b: Id, range: &Model, ends: Interval) -> Option<Interval> {
        let x = self.hull_of(a, range, ends)?;
        if let Node::Number(n) = self.store().node(b)
            && n.is_integer()
            && let Some(n) = n.numer().to_i32().filter(|n| n.abs() <= MOST_FACTORS)
        {
            let power = x.whole_power(n.abs())?;
            return if n < 0 {
                power.reciprocal_with_pole()
            } else {
                Some(power)
            };
        }
        let y = self.hull_of(b, range, ends)?;
        Some((y * x.ln_with_pole()?).exp())
    }
}
