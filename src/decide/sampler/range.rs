//! Ranges of symbols: as declared, and as narrow as assumptions on a symbol alone make them.

use num_rational::BigRational;

use super::{Assignment, Free, Sampler};
use crate::formula::ast::{Expr, Node, RelationOp};
use crate::formula::constant::constant;
use crate::formula::substitute::substituted;
use crate::number::{rational_from_f64, simplest_between};
use crate::term::evaluate::Evaluator;

/// Domain of `d` where a file declares none.
const DEFAULT_DIMENSION: (f64, f64) = (2.0, 60.0);

impl<'a> Sampler<'a> {
    /// The range of a free symbol at an assignment.
    pub fn range_of(
        &self,
        name: &str,
        assignment: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        self.range(self.free.iter().find(|free| free.name == name)?, assignment)
    }

    pub(super) fn range(
        &self,
        free: &Free<'a>,
        assignment: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        let Some((low, high)) = free.ends else {
            return Some((
                rational_from_f64(DEFAULT_DIMENSION.0)?,
                rational_from_f64(DEFAULT_DIMENSION.1)?,
            ));
        };
        let end = |expr: &Expr| match self.exactly(assignment, expr) {
            Some(exact) => Some(exact),
            None => self.number(assignment, expr),
        };
        let (low, high) = (end(low)?, end(high)?);
        if low > high {
            return None;
        }
        let (narrow_low, narrow_high) = self.assumed(free.name);
        let clipped = (
            narrow_low.map_or(low.clone(), |x| x.max(low.clone())),
            narrow_high.map_or(high.clone(), |x| x.min(high.clone())),
        );
        // assumptions that leave nothing are met nowhere, which others say
        Some(if clipped.0 <= clipped.1 {
            clipped
        } else {
            (low, high)
        })
    }

    /// What assumptions alone say of a symbol: `r < 1.01`.
    fn assumed(&self, name: &str) -> (Option<BigRational>, Option<BigRational>) {
        let (mut low, mut high): (Option<BigRational>, Option<BigRational>) = (None, None);
        for assumption in &self.scope.assumptions {
            let (below, above) = match assumption.op {
                RelationOp::Lt | RelationOp::Le => (&assumption.lhs, &assumption.rhs),
                RelationOp::Gt | RelationOp::Ge => (&assumption.rhs, &assumption.lhs),
                _ => continue,
            };
            if let (Node::Name(symbol), Node::Number(q)) = (&*below.node, &*above.node)
                && symbol == name
            {
                high = Some(high.map_or(q.clone(), |h| h.min(q.clone())));
            } else if let (Node::Number(q), Node::Name(symbol)) = (&*below.node, &*above.node)
                && symbol == name
            {
                low = Some(low.map_or(q.clone(), |l| l.max(q.clone())));
            }
        }
        (low, high)
    }

    /// The value of a formula of symbols that is rational: an end that rounding moves would let in what is outside.
    fn exactly(&self, assignment: &Assignment, expr: &Expr) -> Option<BigRational> {
        if let Node::Number(q) = &*expr.node {
            return Some(q.clone());
        }
        let number = |(name, value): (&String, &BigRational)| {
            let node = Node::Number(value.clone());
            (name.clone(), Expr::new(node, expr.span))
        };
        let values = assignment.symbols.iter().map(number).collect();
        constant(&substituted(self.scope, expr, &values))
    }

    /// The value of a scalar formula at an assignment as an exact number: the simplest one within rounding.
    fn number(&self, assignment: &Assignment, expr: &Expr) -> Option<BigRational> {
        let environment = self.environment(assignment)?;
        let value = Evaluator::new(self.scope, &environment).scalar(expr).ok()?;
        let (low, high) = value.enclosure();
        Some(simplest_between(
            &rational_from_f64(low)?,
            &rational_from_f64(high)?,
        ))
    }
}
