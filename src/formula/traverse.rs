//! Walking over syntax trees.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::ast::{Expr, Node, Span};

/// The direct parts of a node.
pub(crate) fn children(expr: &Expr) -> Vec<&Expr> {
    match &*expr.node {
        Node::Number(_) | Node::Infinity | Node::Pi | Node::Name(_) => Vec::new(),
        Node::Neg(a) | Node::Transpose(a) | Node::Expectation(a) => vec![a],
        Node::Member(_, a) | Node::Diff(a, _, None) => vec![a],
        Node::Diff(a, _, Some(at)) => vec![at, a],
        Node::Binary(_, a, b) => vec![a, b],
        Node::Call(_, arguments) | Node::Apply(_, arguments) => arguments.iter().collect(),
        Node::If(c, a, b) => vec![&c.lhs, &c.rhs, a, b],
        Node::Fold { from, to, body, .. } | Node::Extremum { from, to, body, .. } => {
            vec![from, to, body]
        }
    }
}

/// The parts of a formula, each with the name that is bound in it.
pub fn parts(expr: &Expr) -> impl Iterator<Item = (&Expr, Option<&str>)> {
    let parts = children(expr);
    let last = parts.len().saturating_sub(1);
    let name = bound(expr);
    (parts.into_iter().enumerate()).map(move |(i, part)| (part, name.filter(|_| i == last)))
}

/// The name a node binds in its last part.
pub(super) fn bound(expr: &Expr) -> Option<&str> {
    match &*expr.node {
        Node::Fold { index, .. } => Some(index),
        Node::Extremum { variable, .. } | Node::Diff(_, variable, Some(_)) => Some(variable),
        _ => None,
    }
}

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
            Node::Name(n) | Node::Member(n, _) | Node::Diff(_, n, None) => n == name,
            _ => false,
        };
    });
    found
}

/// Whether some node of `expr` fits.
pub(crate) fn contains(expr: &Expr, fits: &dyn Fn(&Node) -> bool) -> bool {
    fits(&expr.node) || children(expr).into_iter().any(|part| contains(part, fits))
}

/// Names that occur free in `expr`, each with a place, in order of first appearance.
pub fn free_names(expr: &Expr) -> Vec<(String, Span)> {
    fn walk(
        expr: &Expr,
        binders: &mut Vec<String>,
        seen: &mut BTreeSet<String>,
        found: &mut Vec<(String, Span)>,
    ) {
        match &*expr.node {
            Node::Name(name) | Node::Member(name, _) | Node::Diff(_, name, None)
                if !binders.contains(name) && seen.insert(name.clone()) =>
            {
                found.push((name.clone(), expr.span));
            }
            _ => {}
        }
        for (part, name) in parts(expr) {
            let depth = binders.len();
            binders.extend(name.map(str::to_owned));
            walk(part, binders, seen, found);
            binders.truncate(depth);
        }
    }
    let mut found = Vec::new();
    walk(expr, &mut Vec::new(), &mut BTreeSet::new(), &mut found);
    found
}

/// Height and number of nodes, as a tree: what is shared counts wherever it stands, and is measured once.
pub(crate) fn size(expr: &Expr) -> (usize, usize) {
    measured(expr, &mut HashMap::new())
}

fn measured(expr: &Expr, known: &mut HashMap<*const Node, (usize, usize)>) -> (usize, usize) {
    let key = Arc::as_ptr(&expr.node);
    if let Some(&size) = known.get(&key) {
        return size;
    }
    let mut total = (0, 1usize);
    for part in children(expr) {
        let (height, nodes) = measured(part, known);
        total = (total.0.max(height + 1), total.1.saturating_add(nodes));
    }
    known.insert(key, total);
    total
}
