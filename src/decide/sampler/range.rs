//! Ranges of symbols: as declared, and as narrow as assumptions on a symbol alone make them.

use num_rational::BigRational;

use super::{Assignment, Free, Sampler};
use crate::formula::ast::{Expr, Node, RelationOp};
use crate::formula::constant::constant;
use crate::formula::substitute::substituted;
use crate::number::{
    rational_from_f64, rational_to_f64, simplest_between, simplest_between_doubles,
};
use crate::term::evaluate::Evaluator;

/// Domain of `d` where a file declares none.
const DEFAULT_DIMENSION: (f64, f64) = (2.0, 60.0);

/// An end that an assumption sets.
struct End {
    at: BigRational,
    /// Whether the end itself does not meet the assumption.
    excluded: bool,
}

/// A short number next to the end of a range.
fn beside(end: &BigRational, towards: &BigRational) -> BigRational {
    const SHARE: f64 = 1e-3;
    let width = rational_to_f64(&(towards - end));
    let size = 10f64.powf((SHARE * width.abs()).log10().floor());
    // A power of ten has few digits as a fraction, and many as a double.
    let step = simplest_between_doubles(0.9 * size, 1.1 * size);
    step.map_or(end.clone(), |step| match width < 0.0 {
        true => end - step,
        false => end + step,
    })
}

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
            narrow_low.map_or(low.clone(), |end| end.at.max(low.clone())),
            narrow_high.map_or(high.clone(), |end| end.at.min(high.clone())),
        );
        // assumptions that leave nothing are met nowhere, which others say
        Some(if clipped.0 <= clipped.1 {
            clipped
        } else {
            (low, high)
        })
    }

    /// The ends of a range, or what is next to them where a strict assumption excludes them.
    pub(super) fn ends_within(
        &self,
        free: &Free<'a>,
        (low, high): (&BigRational, &BigRational),
    ) -> [BigRational; 2] {
        let (least, most) = self.assumed(free.name);
        let within = |end: Option<End>, at: &BigRational, towards: &BigRational| match end {
            Some(end) if end.excluded && end.at == *at => beside(at, towards),
            _ => at.clone(),
        };
        [within(least, low, high), within(most, high, low)]
    }

    /// What assumptions alone say of a symbol: `r < 1.01`.
    fn assumed(&self, name: &str) -> (Option<End>, Option<End>) {
        let (mut low, mut high): (Option<End>, Option<End>) = (None, None);
        for assumption in &self.scope.assumptions {
            let (below, above) = match assumption.op {
                RelationOp::Lt | RelationOp::Le => (&assumption.lhs, &assumption.rhs),
                RelationOp::Gt | RelationOp::Ge => (&assumption.rhs, &assumption.lhs),
                _ => continue,
            };
            let end = |at: &BigRational| End {
                at: at.clone(),
                excluded: assumption.op.is_strict(),
            };
            if let (Node::Name(symbol), Node::Number(q)) = (&*below.node, &*above.node)
                && symbol == name
                && high.as_ref().is_none_or(|known| *q <= known.at)
            {
                high = Some(end(q));
            } else if let (Node::Number(q), Node::Name(symbol)) = (&*below.node, &*above.node)
                && symbol == name
                && low.as_ref().is_none_or(|known| *q >= known.at)
            {
                low = Some(end(q));
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
