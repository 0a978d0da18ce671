//! Shapes of sums, products, quotients and powers.

use super::check::Checker;
use super::kind::Shape;
use super::remedy::{is_one, operand, times_identity, transposed};
use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::constant::constant;
use crate::formula::scope::{Meaning, Scope, Symbol};

impl Checker<'_> {
    pub(super) fn sum(
        &mut self,
        op: BinaryOp,
        expr: &Expr,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        if self.fits(&x, &y) {
            return Some(Self::merged(x, y));
        }
        let (verb, joint, sign) = if op == BinaryOp::Add {
            ("adds", "and", "+")
        } else {
            ("subtracts", "and", "-")
        };
        let message = if op == BinaryOp::Add {
            format!("this {verb} {} {joint} {}", x.described(), y.described())
        } else {
            format!("this {verb} {} from {}", y.described(), x.described())
        };
        let matrix = |s: &Shape| matches!(s, Shape::Matrix { .. } | Shape::Identity);
        let help = match (&x, &y) {
            (m, Shape::Scalar) if matrix(m) => {
                format!("write {} {sign} {}", operand(a), times_identity(b))
            }
            (Shape::Scalar, m) if matrix(m) => {
                format!("write {} {sign} {}", times_identity(a), operand(b))
            }
            (Shape::Vector(_), Shape::Row(_)) | (Shape::Row(_), Shape::Vector(_)) => {
                "a row and a column do not add: transpose one of them with '".to_owned()
            }
            (Shape::Identity, Shape::Matrix { .. }) | (Shape::Matrix { .. }, Shape::Identity) => {
                "I is square; so is what it is added to".to_owned()
            }
            _ => "both sides of + and - have the same shape".to_owned(),
        };
        self.fault("S001", expr.span, message, help);
        None
    }

    pub(super) fn product(
        &mut self,
        expr: &Expr,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        use Shape::{Identity, Matrix, Row, Scalar, Vector};
        let shape = match (&x, &y) {
            (Scalar, other) | (other, Scalar) => Some(other.clone()),
            (Identity, other @ (Identity | Vector(_) | Matrix { .. }))
            | (other @ (Row(_) | Matrix { .. }), Identity) => Some(other.clone()),
            (Row(m), Vector(n)) => self.same(m, n).then_some(Scalar),
            (Vector(m), Row(n)) => Some(Matrix {
                rows: m.clone(),
                columns: n.clone(),
                spectral: false,
            }),
            (Matrix { rows, columns, .. }, Vector(n)) => {
                self.same(columns, n).then(|| Vector(rows.clone()))
            }
            (Row(n), Matrix { rows, columns, .. }) => {
                self.same(n, rows).then(|| Row(columns.clone()))
            }
            (
                Matrix {
                    rows,
                    columns,
                    spectral,
                },
                Matrix {
                    rows: r,
                    columns: c,
                    spectral: s,
                },
            ) => self.same(columns, r).then(|| Matrix {
                rows: rows.clone(),
                columns: c.clone(),
                spectral: *spectral && *s,
            }),
            _ => None,
        };
        if shape.is_some() {
            return shape;
        }
        let message = format!("this multiplies {} by {}", x.described(), y.described());
        let help = self.product_remedy((a, &x), (b, &y));
        self.fault("S002", expr.span, message, help);
        None
    }

    /// What may have been meant by a product of shapes that do not fit.
    fn product_remedy(&self, (a, x): (&Expr, &Shape), (b, y): (&Expr, &Shape)) -> String {
        use Shape::{Identity, Matrix, Row, Vector};
        let (left, right) = (operand(a), operand(b));
        match (x, y) {
            (Vector(m), Vector(n)) if self.same(m, n) => {
                format!(
                    "write {}*{right} for the scalar product, {left}*{} for the matrix",
                    transposed(a),
                    transposed(b)
                )
            }
            (Vector(n), Matrix { rows, .. }) if self.same(n, rows) => {
                format!(
                    "write {}*{right}: a vector stands on the right of a matrix, a row on its left",
                    transposed(a)
                )
            }
            (Vector(_), Identity) | (Identity, Row(_)) => {
                "a vector stands on the right of I, a row on its left".to_owned()
            }
            (Matrix { rows, .. }, Vector(n)) if self.same(rows, n) => {
                format!("write {}*{right}, if the transpose is meant", transposed(a))
            }
            (Matrix { rows, .. }, Matrix { rows: r, .. }) if self.same(rows, r) => {
                format!("write {}*{right}, if the transpose is meant", transposed(a))
            }
            (Matrix { columns, .. }, Matrix { columns: c, .. }) if self.same(columns, c) => {
                format!("write {left}*{}, if the transpose is meant", transposed(b))
            }
            _ => {
                let inner = match x {
                    Matrix { columns, .. } => columns.to_string(),
                    Row(n) => n.to_string(),
                    _ => "1".to_owned(),
                };
                format!("the left factor has {inner} columns; the right one needs as many rows")
            }
        }
    }

    pub(super) fn quotient(
        &mut self,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        if matches!(y, Shape::Scalar) {
            return Some(x);
        }
        let message = format!("this divides by {}", y.described());
        let help = match &y {
            Shape::Matrix { .. } | Shape::Identity if matches!(x, Shape::Scalar) && is_one(a) => {
                format!("write inv({b})")
            }
            Shape::Matrix { .. } | Shape::Identity => format!("write {}*inv({b})", operand(a)),
            _ => "only scalars divide".to_owned(),
        };
        self.fault("S003", b.span, message, help);
        None
    }

    pub(super) fn power(
        &mut self,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        if !matches!(y, Shape::Scalar) {
            let message = format!("an exponent is a scalar, but this is {}", y.described());
            self.fault(
                "S004",
                b.span,
                message,
                "' binds tighter than ^, and ^ tighter than *: write brackets",
            );
            return None;
        }
        match x {
            Shape::Scalar | Shape::Identity => Some(x),
            Shape::Matrix { spectral: true, .. } => Some(x),
            Shape::Matrix {
                ref rows,
                ref columns,
                ..
            } => {
                if !self.same(rows, columns) {
                    let message = format!("{} is not square and has no power", x.described());
                    self.fault(
                        "S004",
                        a.span,
                        message,
                        format!(
                            "write {}*{}, or norm2 of a vector",
                            transposed(a),
                            operand(a)
                        ),
                    );
                    None
                } else if integral(b, self.scope, &self.binders) {
                    Some(x)
                } else {
                    self.fault(
                        "S004",
                        b.span,
                        format!("the power {b} of a matrix that is not a function of Sigma"),
                        "only functions of Sigma have powers that are not whole numbers",
                    );
                    None
                }
            }
            Shape::Vector(_) | Shape::Row(_) => {
                let message = format!("{} has no power", x.described());
                self.fault(
                    "S004",
                    a.span,
                    message,
                    format!("write norm2({a}) for the square of its norm"),
                );
                None
            }
        }
    }
}

/// Whether an expression takes whole values only.
fn integral(expr: &Expr, scope: &Scope, binders: &[String]) -> bool {
    if let Some(value) = constant(expr) {
        return value.is_integer();
    }
    match &*expr.node {
        Node::Neg(x) => integral(x, scope, binders),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, a, b) => {
            integral(a, scope, binders) && integral(b, scope, binders)
        }
        Node::Name(name) if binders.contains(name) => true,
        Node::Name(name) => match scope.meaning(name) {
            Some(Meaning::Symbol(Symbol::Integer { .. })) => true,
            Some(Meaning::Symbol(Symbol::Defined(e)) | Meaning::Definition(e)) => {
                integral(e, scope, &[])
            }
            _ => false,
        },
        _ => false,
    }
}
