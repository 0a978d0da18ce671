//! What to write instead.

use num_rational::BigRational;

use super::kind::Shape;
use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::constant::constant;

pub(super) fn is_one(expr: &Expr) -> bool {
    constant(expr) == Some(BigRational::from_integer(1.into()))
}

/// How a value of this shape might become a scalar.
pub(super) fn to_scalar(shape: &Shape, expr: &Expr) -> String {
    match shape {
        Shape::Scalar => "a scalar is needed".to_owned(),
        Shape::Vector(_) | Shape::Row(_) => {
            "scalars come from vectors as norm2(v), norm2(v, M) or v'*w".to_owned()
        }
        Shape::Matrix { .. } | Shape::Identity => {
            format!(
                "scalars come from matrices as tr(M), opnorm(M) or v'*M*v: perhaps tr({})",
                abbreviated(expr)
            )
        }
    }
}

pub(super) fn abbreviated(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.chars().count() <= 40 {
        text
    } else {
        "M".to_owned()
    }
}

pub(super) fn shown(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.chars().count() <= 40 {
        format!("`{text}`")
    } else {
        "this".to_owned()
    }
}

/// As an operand of a product, in brackets where needed.
pub(super) fn operand(expr: &Expr) -> String {
    let text = abbreviated(expr);
    match &*expr.node {
        Node::Binary(..) | Node::Neg(_) if text != "M" => format!("({text})"),
        _ => text,
    }
}

pub(super) fn transposed(expr: &Expr) -> String {
    match &*expr.node {
        Node::Transpose(inner) => operand(inner),
        _ => format!("{}'", operand(expr)),
    }
}

pub(super) fn times_identity(expr: &Expr) -> String {
    if is_one(expr) {
        return "I".to_owned();
    }
    match &*expr.node {
        Node::Binary(BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow, ..) => {
            format!("{}*I", abbreviated(expr))
        }
        _ => format!("{}*I", operand(expr)),
    }
}
