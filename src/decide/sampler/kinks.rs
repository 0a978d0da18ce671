//! Where formulas switch from one branch to another.

use std::collections::{BTreeMap, HashSet};

use num_rational::BigRational;
use num_traits::Zero;

use super::about::About;
use crate::formula::ast::{BinaryOp, Expr, Function, Node};
use crate::formula::parse::parse_expression;
use crate::formula::scope::{Limit, Scope, SpectrumKind, Symbol};
use crate::formula::substitute::substituted;
use crate::formula::traverse::{free_names, walk};

/// Names within names that orders are looked up through.
const DEEPEST: usize = 20;

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

/// Where two terms of a sum, or two sides of a `min`, are of one order along the limit: `a - 1 = -ell/2` for
/// `T^(a - 1) + T^(-ell/2)`; and where a ridge is of the order of the last eigenvalue of a power law.
pub(super) fn equal_orders(scope: &Scope, formulas: &[&Expr]) -> Vec<(Expr, Expr)> {
    const MOST_TERMS: usize = 4;
    let Some(limit) = &scope.limit else {
        return Vec::new();
    };
    let (mut kinks, mut known) = (Vec::new(), HashSet::new());
    scope.walk_through(formulas.iter().copied(), &mut |node| {
        let mut terms = Vec::new();
        match &*node.node {
            Node::Call(Function::Min | Function::Max, arguments) => terms.extend(arguments),
            _ => summands(node, &mut terms),
        }
        let mut orders = Vec::new();
        if (2..=MOST_TERMS).contains(&terms.len()) {
            orders.extend((terms.iter()).filter_map(|term| order(scope, limit, term, 0)));
        } else if let SpectrumKind::PowerLaw { beta } = &scope.setting.spectrum
            && let Some(beside) = beside_eigenvalues(scope, limit, &node.node)
        {
            let of_eigenvalue = |size: String| format!("-({beta})*({size})");
            // The last eigenvalue, and the one that as many samples resolve.
            let d = named("d");
            let last = (!scope.setting.infinite).then(|| order(scope, limit, &d, 0));
            let resolved = match &*node.node {
                Node::Call(Function::Kappa, arguments) => order(scope, limit, &arguments[1], 0),
                _ => None,
            };
            orders.push(beside);
            orders.extend(last.flatten().map(of_eigenvalue));
            orders.extend(resolved.map(of_eigenvalue));
        }
        for (i, a) in orders.iter().enumerate() {
            for b in &orders[i + 1..] {
                if a != b && known.insert(format!("{a} = {b}")) {
                    kinks.extend(parse_expression(a).ok().zip(parse_expression(b).ok()));
                }
            }
        }
    });
    kinks
}

/// The order of what eigenvalues stand beside: a ridge, or the inverse of the time of a flow or the steps of a descent.
fn beside_eigenvalues(scope: &Scope, limit: &Limit, node: &Node) -> Option<String> {
    let spectral = |expr: &Expr| About::of(scope, &[expr]).spectrum;
    match node {
        Node::Call(Function::Kappa, arguments) => order(scope, limit, &arguments[0], 0),
        Node::Call(Function::Df, arguments) => order(scope, limit, &arguments[1], 0),
        Node::Call(Function::Exp, arguments) if spectral(&arguments[0]) => {
            let time = time(scope, limit, &arguments[0], 0)?;
            Some(format!("-({time})"))
        }
        Node::Binary(BinaryOp::Pow, base, steps) if spectral(base) && !spectral(steps) => {
            let steps = order(scope, limit, steps, 0).filter(|order| order != "0")?;
            Some(format!("-({steps})"))
        }
        _ => None,
    }
}

/// The order of what stands before the eigenvalues in an exponent, `T` in `-2*T*Sigma`.
fn time(scope: &Scope, limit: &Limit, expr: &Expr, depth: usize) -> Option<String> {
    let spectral = |expr: &Expr| About::of(scope, &[expr]).spectrum;
    if depth > DEEPEST {
        return None;
    }
    match &*expr.node {
        Node::Neg(a) => time(scope, limit, a, depth + 1),
        Node::Binary(BinaryOp::Mul, a, b) => {
            let part = |x: &Expr| match spectral(x) {
                true => time(scope, limit, x, depth + 1),
                false => order(scope, limit, x, depth + 1),
            };
            Some(format!("({}) + ({})", part(a)?, part(b)?))
        }
        Node::Binary(BinaryOp::Div, a, b) if !spectral(b) => Some(format!(
            "({}) - ({})",
            time(scope, limit, a, depth + 1)?,
            order(scope, limit, b, depth + 1)?
        )),
        _ => Some("0".to_owned()),
    }
}

fn summands<'e>(expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
    match &*expr.node {
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => {
            summands(a, terms);
            summands(b, terms);
        }
        _ => terms.push(expr),
    }
}

/// The power of the limit variable that a formula is up to a constant, as a formula; `None` where it is not seen.
fn order(scope: &Scope, limit: &Limit, expr: &Expr, depth: usize) -> Option<String> {
    let of = |expr: &Expr| order(scope, limit, expr, depth + 1);
    let moves = |expr: &Expr| limit.moving().any(|name| reaches(scope, expr, name, 0));
    if depth > DEEPEST {
        return None;
    }
    if !moves(expr) {
        return Some("0".to_owned());
    }
    match &*expr.node {
        Node::Name(name) if *name == limit.variable => Some("1".to_owned()),
        Node::Name(name) => match limit.path.iter().find(|(moved, _)| moved == name) {
            Some((_, path)) => of(path),
            None => of(scope.expansion(name)?),
        },
        Node::Neg(a) => of(a),
        Node::Binary(BinaryOp::Mul, a, b) => Some(format!("({}) + ({})", of(a)?, of(b)?)),
        Node::Binary(BinaryOp::Div, a, b) => Some(format!("({}) - ({})", of(a)?, of(b)?)),
        Node::Binary(BinaryOp::Pow, a, e) if !moves(e) => Some(format!("({e})*({})", of(a)?)),
        Node::Call(Function::Sqrt, arguments) => Some(format!("({})/2", of(&arguments[0])?)),
        _ => None,
    }
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
    // a name that is bound is not the definition of its name: `k = "root(k in [0, 1], …)"`
    depth > 100
        || free_names(expr).iter().any(|(n, _)| {
            n == name
                || scope
                    .expansion(n)
                    .is_some_and(|e| reaches(scope, e, name, depth + 1))
        })
}
