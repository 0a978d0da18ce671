//! Equalities and inequalities between exponents of growth: they are of limits, though their relations are not.

use crate::decide::problem::Problem;
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::scope::Scope;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// `exponent(f) = x` as `exponent(f) -> x`, and inequalities as limits of what they fail by; `None` where no exponent of a
/// limit occurs.
pub fn of_exponents(problem: &Problem<'_>) -> Option<Comparison> {
    let Comparison { lhs, op, rhs, span } = problem.says;
    if op.is_asymptotic() || problem.scope.limit.is_none() {
        return None;
    }
    let [left, right] = [lhs, rhs].map(|side| speaks_of_exponents(problem.scope, [side]));
    if !left && !right {
        return None;
    }
    let new = |node| Expr::new(node, *span);
    let fails_by = |larger: &Expr, smaller: &Expr| {
        let gap = new(Node::Binary(BinaryOp::Sub, larger.clone(), smaller.clone()));
        new(Node::Call(Function::Max, vec![gap, zero(*span)]))
    };
    let (lhs, rhs) = match op {
        RelationOp::Eq if !right => (lhs.clone(), rhs.clone()),
        RelationOp::Eq if !left => (rhs.clone(), lhs.clone()),
        RelationOp::Eq => {
            let gap = Node::Binary(BinaryOp::Sub, lhs.clone(), rhs.clone());
            (new(gap), zero(*span))
        }
        RelationOp::Le => (fails_by(lhs, rhs), zero(*span)),
        RelationOp::Ge => (fails_by(rhs, lhs), zero(*span)),
        _ => {
            let one = new(Node::Number(BigRational::one()));
            let holds = Node::If(problem.says.clone(), zero(*span), one);
            (new(holds), zero(*span))
        }
    };
    Some(Comparison {
        lhs,
        op: RelationOp::TendsTo,
        rhs,
        span: *span,
    })
}

/// Expansions know exponents, numbers along a path do not.
pub(super) fn speaks_of_exponents<'a>(
    scope: &'a Scope,
    formulas: impl IntoIterator<Item = &'a Expr>,
) -> bool {
    scope.speaks_of(formulas, |node| {
        matches!(node, Node::Call(Function::Exponent, _))
    })
}

fn zero(span: Span) -> Expr {
    Expr::new(Node::Number(BigRational::zero()), span)
}
