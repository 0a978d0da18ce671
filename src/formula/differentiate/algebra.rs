//! Building blocks that simplify as they go: `0·x`, `1·x`, exact constants.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::constant::power;

pub(super) fn node(node: Node, span: Span) -> Expr {
    Expr::new(node, span)
}

pub(super) fn number(value: i64, span: Span) -> Expr {
    exact(BigRational::from_integer(value.into()), span)
}

/// A number as the parser would write it: negative ones are negations.
pub(super) fn exact(value: BigRational, span: Span) -> Expr {
    if value.is_negative() {
        let magnitude = node(Node::Number(-value), span);
        node(Node::Neg(magnitude), span)
    } else {
        node(Node::Number(value), span)
    }
}

pub(super) fn call(function: Function, arguments: Vec<Expr>, span: Span) -> Expr {
    node(Node::Call(function, arguments), span)
}

pub(super) fn choose(a: Expr, op: RelationOp, b: Expr, yes: Expr, no: Expr) -> Expr {
    let span = a.span;
    let condition = Comparison {
        lhs: a,
        op,
        rhs: b,
        span,
    };
    node(Node::If(condition, yes, no), span)
}

pub(super) fn literal(expr: &Expr) -> Option<BigRational> {
    match &*expr.node {
        Node::Number(x) => Some(x.clone()),
        Node::Neg(x) => match &*x.node {
            Node::Number(x) => Some(-x.clone()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn is_one(expr: &Expr) -> bool {
    literal(expr).is_some_and(|x| x.is_one())
}

pub(super) fn neg(x: Expr) -> Expr {
    if let Node::Neg(inner) = &*x.node {
        return inner.clone();
    }
    let span = x.span;
    match literal(&x) {
        Some(value) => exact(-value, span),
        None => node(Node::Neg(x), span),
    }
}

pub(super) fn plus(a: Option<Expr>, b: Option<Expr>) -> Option<Expr> {
    match (a, b) {
        (Some(a), Some(b)) => Some(add(a, b)),
        (a, b) => a.or(b),
    }
}

pub(super) fn add(a: Expr, b: Expr) -> Expr {
    let span = a.span;
    if let (Some(x), Some(y)) = (literal(&a), literal(&b)) {
        return exact(x + y, span);
    }
    if let Node::Neg(inner) = &*b.node {
        return node(Node::Binary(BinaryOp::Sub, a, inner.clone()), span);
    }
    node(Node::Binary(BinaryOp::Add, a, b), span)
}

pub(super) fn sub(a: Expr, b: Expr) -> Expr {
    add(a, neg(b))
}

pub(super) fn mul(a: Expr, b: Expr) -> Expr {
    let span = a.span;
    if is_one(&a) {
        return b;
    }
    if is_one(&b) {
        return a;
    }
    if let (Some(x), Some(y)) = (literal(&a), literal(&b)) {
        return exact(x * y, span);
    }
    match (&*a.node, &*b.node) {
        (Node::Neg(x), _) => neg(mul(x.clone(), b)),
        (_, Node::Neg(y)) => neg(mul(a, y.clone())),
        _ => node(Node::Binary(BinaryOp::Mul, a, b), span),
    }
}

pub(super) fn div(a: Expr, b: Expr) -> Expr {
    let span = a.span;
    if is_one(&b) {
        return a;
    }
    if let Node::Neg(x) = &*a.node {
        return neg(div(x.clone(), b));
    }
    node(Node::Binary(BinaryOp::Div, a, b), span)
}

pub(super) fn pow(a: Expr, b: Expr) -> Expr {
    let span = a.span;
    if is_one(&b) {
        return a;
    }
    if let (Some(x), Some(y)) = (literal(&a), literal(&b))
        && let Some(value) = power(&x, &y)
    {
        return exact(value, span);
    }
    if literal(&b).is_some_and(|y| y.is_zero()) && literal(&a).is_some() {
        return number(1, span);
    }
    node(Node::Binary(BinaryOp::Pow, a, b), span)
}
