//! Bounds over a range where a body has no model, as beside a pole at an end: intervals, by the parts of the body.

use std::collections::HashMap;

use num_traits::ToPrimitive;

use super::lowered::Body;
use crate::formula::ast::{BinaryOp, Function};
use crate::number::{Ball, Interval, Model, Real};
use crate::term::{Id, Node};

/// Highest whole power that is multiplied out.
const MOST_FACTORS: i32 = 64;

fn ball(x: f64) -> Ball {
    Ball::from_f64(x)
}

/// A range, and what is known of parts of the body over it.
pub(super) struct Over<'a> {
    range: &'a Model,
    ends: Interval,
    known: HashMap<Id, Option<Interval>>,
}

impl Body<'_> {
    /// All values that the body has on a range, a model of its parts where one exists. `None` where nothing is known.
    pub(super) fn hull(&mut self, range: &Model, ends: Interval) -> Option<Interval> {
        let mut over = Over {
            range,
            ends,
            known: HashMap::new(),
        };
        let hull = self.hull_of(self.body, &mut over)?;
        Some(if self.negated { -hull } else { hull })
    }

    fn hull_of(&mut self, id: Id, over: &mut Over<'_>) -> Option<Interval> {
        if let Some(known) = over.known.get(&id) {
            return *known;
        }
        // A zero at an end is one by its parts, and near it by a model.
        let parts = self.by_parts(id, over);
        let interval = |extent: Ball| {
            let (low, high) = extent.enclosure();
            Interval::new(low, high)
        };
        let model = self.model_of(id, over.range.clone()).ok();
        let model = model.map(|m| m.extent()).filter(Real::is_finite);
        let whole = model.or_else(|| {
            // What is monotone, as kappa, has bounds where no polynomial follows it. Roots and logarithms have none where
            // a part of the range is outside their domain.
            let partial = matches!(
                self.store().node(id),
                Node::Binary(BinaryOp::Pow, ..) | Node::Call(Function::Sqrt | Function::Log, _)
            );
            if parts.is_some() || partial {
                return None;
            }
            let place = Ball::bounds(&ball(over.ends.low), &ball(over.ends.high));
            self.ball_of(id, place).ok().filter(Real::is_finite)
        });
        let hull = match (parts, whole.map(interval)) {
            (Some(parts), Some(whole)) => Some(parts.common(whole)),
            (parts, whole) => parts.or(whole),
        };
        over.known.insert(id, hull);
        hull
    }

    fn by_parts(&mut self, id: Id, over: &mut Over<'_>) -> Option<Interval> {
        if let Node::Number(x) = self.store().node(id) {
            return Some(Interval::from_rational(x));
        }
        if !self.store().free(id).contains(&self.variable) {
            return None;
        }
        match self.store().node(id) {
            Node::Bound(binder) if *binder == self.variable => Some(over.ends),
            &Node::Neg(a) => Some(-self.hull_of(a, over)?),
            &Node::Binary(BinaryOp::Pow, a, b) => self.power(a, b, over),
            &Node::Binary(op, a, b) => {
                let x = self.hull_of(a, over)?;
                let y = self.hull_of(b, over)?;
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
                let x = self.hull_of(argument, over)?;
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

    fn power(&mut self, a: Id, b: Id, over: &mut Over<'_>) -> Option<Interval> {
        let x = self.hull_of(a, over)?;
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
        let y = self.hull_of(b, over)?;
        Some((y * x.ln_with_pole()?).exp())
    }
}
