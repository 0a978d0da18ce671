//! Where formulas switch from one branch to another.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

use super::about::About;
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::{Scope, Symbol};
use crate::formula::substitute::substituted;
use crate::formula::traverse::walk;

/// Pairs that are equal on switches of branches in formulas and in what names stand for. Inside a sum over an index a switch
/// is met at its first term and at its last.
pub(super) fn switches(scope: &Scope, formulas: &[&Expr]) -> Vec<(Expr, Expr)> {
    let definitions = scope.definitions.iter().map(|(_, e)| e);
    let defined = scope.symbols.iter().filter_map(|(_, s)| match s {
        Symbol::Defined(e) => Some(e),
        _ => None,
    });
    let (mut kinks, mut ranges) = (Vec::new(), Vec::new());
    for formula in formulas.iter().copied().chain(definitions).chain(defined) {
        walk(formula, &mut |node| match &*node.node {
            Node::Call(Function::Min | Function::Max, arguments) => {
                for pair in arguments.windows(2) {
                    kinks.push((pair[0].clone(), pair[1].clone()));
                }
            }
            Node::Call(Function::Abs, arguments) => kinks.push((arguments[0].clone(), zero())),
            Node::If(condition, ..) => kinks.push((condition.lhs.clone(), condition.rhs.clone())),
            Node::Fold {
                index, from, to, ..
            } => ranges.push((index.clone(), [from.clone(), to.clone()])),
            _ => {}
        });
    }
    let at_ends = |(a, b): (Expr, Expr)| {
        let names = About::of(scope, &[&a, &b]).names;
        let Some((index, ends)) = ranges.iter().find(|(index, _)| names.contains(index)) else {
            return vec![(a, b)];
        };
        let ends = ends
            .iter()
            .filter(|end| !matches!(*end.node, Node::Infinity));
        let at = |end: &Expr| {
            let value = BTreeMap::from([(index.clone(), end.clone())]);
            (
                substituted(scope, &a, &value),
                substituted(scope, &b, &value),
            )
        };
        ends.map(at).collect()
    };
    kinks.into_iter().flat_map(at_ends).collect()
}

/// Brings the switches that the formulas themselves hold, behind the names of definitions too, to the front; how many.
pub(super) fn first_of_claim(
    scope: &Scope,
    formulas: &[&Expr],
    kinks: &mut Vec<(Expr, Expr)>,
) -> usize {
    let mut sides = Vec::new();
    scope.walk_through(formulas.iter().copied(), &mut |node| match &*node.node {
        Node::Call(Function::Min | Function::Max | Function::Abs, arguments) => {
            sides.extend(arguments.iter().map(ToString::to_string));
        }
        Node::If(condition, ..) => sides.push(condition.lhs.to_string()),
        _ => {}
    });
    let (mut own, others): (Vec<_>, Vec<_>) = std::mem::take(kinks)
        .into_iter()
        .partition(|(a, _)| sides.contains(&a.to_string()));
    let count = own.len();
    own.extend(others);
    *kinks = own;
    count
}

/// Where a free symbol meets a defined one: `ell = ellcrit`.
pub(super) fn meetings<'n>(
    scope: &Scope,
    reals: impl Iterator<Item = &'n str>,
) -> Vec<(Expr, Expr)> {
    let mut kinks = Vec::new();
    for free in reals {
        for (name, symbol) in &scope.symbols {
            if let Symbol::Defined(body) = symbol
                && !reaches(scope, body, free, 0)
            {
                kinks.push((named(free), named(name)));
            }
        }
    }
    kinks
}

fn zero() -> Expr {
    Expr {
        node: std::sync::Arc::new(Node::Number(BigRational::zero())),
        span: Default::default(),
    }
}

fn named(name: &str) -> Expr {
    Expr {
        node: std::sync::Arc::new(Node::Name(name.to_owned())),
        span: Default::default(),
    }
}

/// Whether `expr` depends on `name`, through definitions too.
pub(super) fn reaches(scope: &Scope, expr: &Expr, name: &str, depth: usize) -> bool {
    let mut found = depth > 100;
    walk(expr, &mut |node| {
        if let Node::Name(n) = &*node.node {
            found |= n == name
                || scope
                    .expansion(n)
                    .is_some_and(|e| reaches(scope, e, name, depth + 1));
        }
    });
    found
}
