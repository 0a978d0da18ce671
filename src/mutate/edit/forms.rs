//! Edits of what binds a name, and of two places at once.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::editor::{Edit, Editor, Hole, Kind, binary, expr, whole};
use crate::formula::ast::{BinaryOp, Expr, Node};

impl Editor<'_> {
    /// Two denominators that were taken for one another.
    pub(super) fn exchange(&mut self, side: &Expr) {
        let mut below: Vec<Expr> = Vec::new();
        crate::formula::walk(side, &mut |node| {
            if let Node::Binary(BinaryOp::Div, _, b) = &*node.node {
                below.push(b.clone());
            }
        });
        below.truncate(8);
        for i in 0..below.len() {
            for j in i + 1..below.len() {
                let (a, b) = (&below[i], &below[j]);
                let inside = |outer: &Expr, inner: &Expr| {
                    let mut found = false;
                    crate::formula::walk(outer, &mut |node| {
                        found |= Arc::ptr_eq(&node.node, &inner.node)
                    });
                    found
                };
                if a.to_string() == b.to_string() || inside(a, b) || inside(b, a) {
                    continue;
                }
                let exchanged = rebuilt(side, &|node| {
                    if Arc::ptr_eq(&node.node, &a.node) {
                        Some(b.clone())
                    } else if Arc::ptr_eq(&node.node, &b.node) {
                        Some(a.clone())
                    } else {
                        None
                    }
                });
                self.found.push(Edit {
                    kind: Kind::Swapped,
                    side: exchanged,
                    edit: format!("`{a}` and `{b}` exchanged"),
                    place: a.span,
                });
            }
        }
    }

    pub(super) fn fold(&mut self, at: &Expr, hole: Hole<'_>) {
        let Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } = &*at.node
        else {
            return;
        };
        let made = |from: &Expr, to: &Expr, body: &Expr| {
            let (from, to, body) = (from.clone(), to.clone(), body.clone());
            expr(
                Node::Fold {
                    kind: *kind,
                    index: index.clone(),
                    from,
                    to,
                    body,
                },
                at.span,
            )
        };
        let next = |e: &Expr, by: i64| match &*e.node {
            Node::Number(n) => expr(
                Node::Number(n + BigRational::from_integer(BigInt::from(by))),
                e.span,
            ),
            _ if by > 0 => binary(BinaryOp::Add, e.clone(), whole(by), e.span),
            _ => binary(BinaryOp::Sub, e.clone(), whole(-by), e.span),
        };
        for by in [1, -1] {
            self.push(Kind::Index, at, made(&next(from, by), to, body), hole);
            if !matches!(&*to.node, Node::Infinity) {
                self.push(Kind::Index, at, made(from, &next(to, by), body), hole);
            }
        }
        self.visit(body, &|new| hole(made(from, to, &new)));
    }

    pub(super) fn extremum(&mut self, at: &Expr, hole: Hole<'_>) {
        let Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } = &*at.node
        else {
            return;
        };
        let made = |from: &Expr, to: &Expr, body: &Expr| {
            let (from, to, body) = (from.clone(), to.clone(), body.clone());
            expr(
                Node::Extremum {
                    kind: *kind,
                    variable: variable.clone(),
                    from,
                    to,
                    body,
                },
                at.span,
            )
        };
        self.visit(body, &|new| hole(made(from, to, &new)));
    }
}

/// The expression with the nodes replaced for which there is a replacement.
fn rebuilt(e: &Expr, new: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
    if let Some(new) = new(e) {
        return new;
    }
    let again = |part: &Expr| rebuilt(part, new);
    let node = match &*e.node {
        Node::Neg(a) => Node::Neg(again(a)),
        Node::Binary(op, a, b) => Node::Binary(*op, again(a), again(b)),
        Node::Transpose(a) => Node::Transpose(again(a)),
        Node::Call(function, arguments) => {
            Node::Call(*function, arguments.iter().map(again).collect())
        }
        Node::Expectation(a) => Node::Expectation(again(a)),
        // What binds a name is left as it is.
        _ => return e.clone(),
    };
    expr(node, e.span)
}
