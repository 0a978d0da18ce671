//! The Loewner order: `A <= B` between symmetric matrices, said in numbers.

use super::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp, Span};
use super::scope::Scope;
use super::shape::infer::shape_of;
use super::shape::kind::Shape;

/// `A <= B` as `size + eigmin(B - A) >= size`: the least eigenvalue on the scale of the sides, which are nothing apart where
/// they agree, `size = opnorm(A) + opnorm(B)`. Any other relation is left alone.
pub(super) fn of_numbers(says: &Comparison, scope: &Scope) -> Comparison {
    let matrix = |side: &Expr| {
        matches!(
            shape_of(side, scope),
            Ok(Shape::Matrix { .. } | Shape::Identity)
        )
    };
    if !says.op.is_order() || !matrix(&says.lhs) || !matrix(&says.rhs) {
        return says.clone();
    }
    let (small, large, op) = match says.op {
        RelationOp::Le => (&says.lhs, &says.rhs, RelationOp::Ge),
        RelationOp::Lt => (&says.lhs, &says.rhs, RelationOp::Gt),
        op => (&says.rhs, &says.lhs, op),
    };
    let span = says.span;
    let difference = node(
        Node::Binary(BinaryOp::Sub, large.clone(), small.clone()),
        span,
    );
    let norm = |side: &Expr| node(Node::Call(Function::Opnorm, vec![side.clone()]), span);
    let size = node(Node::Binary(BinaryOp::Add, norm(small), norm(large)), span);
    let least = node(Node::Call(Function::Eigmin, vec![difference]), span);
    Comparison {
        lhs: node(Node::Binary(BinaryOp::Add, size.clone(), least), span),
        op,
        rhs: size,
        span,
    }
}

fn node(node: Node, span: Span) -> Expr {
    Expr {
        node: node.into(),
        span,
    }
}
