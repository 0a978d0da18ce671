//! Shapes of sums, products, extremes and integrals over an index.

use super::check::{Checker, Typed};
use super::kind::Shape;
use crate::formula::ast::{Expr, Fold, Node};

impl Checker<'_> {
    /// Integrals are enclosed over bounded ranges.
    pub(super) fn finite_ends(&mut self, from: &Expr, to: &Expr) {
        let endless = |e: &Expr| match &*e.node {
            Node::Infinity => true,
            Node::Neg(inner) => matches!(&*inner.node, Node::Infinity),
            _ => false,
        };
        for end in [from, to] {
            if endless(end) {
                self.fault(
                    "S013",
                    end.span,
                    "an integral without an end".to_owned(),
                    "integrate up to a symbol or a number, and bound what is beyond it: int(x = 0..L, f(x))",
                );
            }
        }
    }

    pub(super) fn fold(&mut self, kind: Fold, index: &str, body: &Expr) -> Option<Typed> {
        let typed = self.bound(index, body)?;
        match kind {
            Fold::Sum => Some(typed),
            Fold::Max | Fold::Min | Fold::Int => {
                let what = format!("what `{}` runs over", kind.name());
                self.needs_scalar(&typed, body, &what).then_some(typed)
            }
            Fold::Prod => {
                let square = match &typed.shape {
                    Shape::Scalar | Shape::Identity => true,
                    Shape::Matrix { rows, columns, .. } => self.same(rows, columns),
                    _ => false,
                };
                if !square {
                    let message =
                        format!("`prod` multiplies {} with itself", typed.shape.described());
                    self.fault(
                        "S006",
                        body.span,
                        message,
                        "products are of scalars and of square matrices",
                    );
                    return None;
                }
                Some(typed)
            }
        }
    }
}
