//! Walking over syntax trees.

use super::ast::{Expr, Node};
use super::names::children;

/// Calls `visit` for the node and everything below it, the node first.
pub fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    for child in children(expr) {
        walk(child, visit);
    }
}

/// Whether `name` occurs in `expr`, bound or free.
pub fn mentions(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    walk(expr, &mut |node| {
        found |= match &*node.node {
            Node::Name(n) | Node::Member(n, _) | Node::Diff(_, n) => n == name,
            _ => false,
        };
    });
    found
}

/// Whether some node of `expr` fits.
pub(crate) fn contains(expr: &Expr, fits: &dyn Fn(&Node) -> bool) -> bool {
    fits(&expr.node) || children(expr).into_iter().any(|part| contains(part, fits))
}
