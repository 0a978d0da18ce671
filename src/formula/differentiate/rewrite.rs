//! Trees with derivatives carried out, and bound names renamed.

use std::collections::BTreeSet;

use super::algebra::node;
use super::differentiate_within;
use crate::formula::ast::{Comparison, Expr, Node};
use crate::formula::define;
use crate::formula::error::FormulaError;
use crate::formula::names::children;
use crate::formula::order;
use crate::formula::scope::{Scope, Symbol};
use crate::formula::traverse::contains;

/// `expr` with the file's functions written out and every `diff(f, x)` in it replaced by the derivative.
/// Definitions are left as they are: [`expand_scope`] sees to theirs.
pub fn expand(expr: &Expr, scope: &Scope) -> Result<Expr, FormulaError> {
    expand_within(&define::expand(expr, scope)?, scope, &mut Vec::new())
}

/// As [`expand`], inside forms that bind the names `binders`, where the functions are written out already.
pub(in crate::formula) fn expand_under(
    expr: &Expr,
    scope: &Scope,
    binders: &[String],
) -> Result<Expr, FormulaError> {
    expand_within(expr, scope, &mut binders.to_vec())
}

/// As [`expand`], on both sides; an order of matrices becomes one of numbers.
pub fn expand_comparison(
    comparison: &Comparison,
    scope: &Scope,
) -> Result<Comparison, FormulaError> {
    let comparison = define::expand_comparison(comparison, scope)?;
    let comparison = order::of_numbers(&comparison, scope);
    Ok(Comparison {
        lhs: expand(&comparison.lhs, scope)?,
        op: comparison.op,
        rhs: expand(&comparison.rhs, scope)?,
        span: comparison.span,
    })
}

/// The scope with the derivatives in its definitions, defined symbols and assumptions carried out.
pub fn expand_scope(scope: &Scope) -> Result<Scope, FormulaError> {
    let mut expanded = scope.clone();
    expanded.functions.clear();
    let mut expressions: Vec<&mut Expr> = expanded.definitions.iter_mut().map(|(_, e)| e).collect();
    for (_, symbol) in &mut expanded.symbols {
        match symbol {
            Symbol::Defined(e) => expressions.push(e),
            Symbol::Integer { min, max } | Symbol::Real { min, max, .. } => {
                expressions.extend([min, max]);
            }
        }
    }
    for (_, object) in &mut expanded.random {
        expressions.extend(object.parameters_mut());
    }
    expressions.extend(
        expanded
            .limit
            .iter_mut()
            .flat_map(|l| l.path.iter_mut().map(|(_, e)| e)),
    );
    expressions.extend(expanded.setting.parameters_mut());
    for e in expressions {
        *e = expand(e, scope)?;
    }
    for assumption in &mut expanded.assumptions {
        *assumption = expand_comparison(assumption, scope)?;
    }
    Ok(expanded)
}

fn expand_within(
    expr: &Expr,
    scope: &Scope,
    binders: &mut Vec<String>,
) -> Result<Expr, FormulaError> {
    if !contains(expr, &|node| matches!(node, Node::Diff(..))) {
        return Ok(expr.clone());
    }
    if let Node::Diff(f, variable) = &*expr.node {
        let f = expand_within(f, scope, binders)?;
        return differentiate_within(&f, variable, scope, binders, expr.span);
    }
    // A derivative writes definitions out: an index of the name of something in the file would catch it there.
    let renamed = match &*expr.node {
        Node::Fold { index, body, .. } if scope.meaning(index).is_some() => {
            let other = fresh(index, body, scope);
            with_variable(expr, &other, rename(body, index, &other))
        }
        _ => expr.clone(),
    };
    map_parts(&renamed, &mut |part, bound| match bound {
        Some(name) => {
            binders.push(name.to_owned());
            let part = expand_within(part, scope, binders);
            binders.pop();
            part
        }
        None => expand_within(part, scope, binders),
    })
}

/// A form with another variable, and the body that goes with it.
pub(in crate::formula) fn with_variable(form: &Expr, name: &str, inner: Expr) -> Expr {
    let mut new = Node::clone(&form.node);
    match &mut new {
        Node::Fold { index, body, .. }
        | Node::Extremum {
            variable: index,
            body,
            ..
        } => {
            *index = name.to_owned();
            *body = inner;
        }
        _ => {}
    }
    node(new, form.span)
}

/// What becomes of a part, and of the name bound in it.
pub(in crate::formula) type MapPart<'a> =
    dyn FnMut(&Expr, Option<&str>) -> Result<Expr, FormulaError> + 'a;

/// Rebuilds a node from its parts; `map` is told which name is bound in a part.
pub(in crate::formula) fn map_parts(
    expr: &Expr,
    map: &mut MapPart<'_>,
) -> Result<Expr, FormulaError> {
    let new = match &*expr.node {
        Node::Number(_) | Node::Infinity | Node::Pi | Node::Name(_) => return Ok(expr.clone()),
        Node::Neg(x) => Node::Neg(map(x, None)?),
        Node::Binary(op, a, b) => Node::Binary(*op, map(a, None)?, map(b, None)?),
        Node::Transpose(x) => Node::Transpose(map(x, None)?),
        Node::Call(f, arguments) => {
            let mut mapped = Vec::with_capacity(arguments.len());
            for argument in arguments {
                mapped.push(map(argument, None)?);
            }
            Node::Call(*f, mapped)
        }
        Node::Member(n, index) => Node::Member(n.clone(), map(index, None)?),
        Node::Apply(n, arguments) => {
            let mut mapped = Vec::with_capacity(arguments.len());
            for argument in arguments {
                mapped.push(map(argument, None)?);
            }
            Node::Apply(n.clone(), mapped)
        }
        Node::Expectation(x) => Node::Expectation(map(x, None)?),
        Node::If(c, a, b) => {
            let c = Comparison {
                lhs: map(&c.lhs, None)?,
                op: c.op,
                rhs: map(&c.rhs, None)?,
                span: c.span,
            };
            Node::If(c, map(a, None)?, map(b, None)?)
        }
        Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } => Node::Fold {
            kind: *kind,
            index: index.clone(),
            from: map(from, None)?,
            to: map(to, None)?,
            body: map(body, Some(index))?,
        },
        Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } => Node::Extremum {
            kind: *kind,
            variable: variable.clone(),
            from: map(from, None)?,
            to: map(to, None)?,
            body: map(body, Some(variable))?,
        },
        Node::Diff(f, by) => Node::Diff(map(f, None)?, by.clone()),
    };
    Ok(node(new, expr.span))
}

/// A name that occurs neither in `body` nor in the scope.
pub(in crate::formula) fn fresh(index: &str, body: &Expr, scope: &Scope) -> String {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![body];
    while let Some(expr) = open.pop() {
        match &*expr.node {
            Node::Name(n) | Node::Member(n, _) | Node::Diff(_, n) => {
                taken.insert(n.clone());
            }
            Node::Fold { index: n, .. } | Node::Extremum { variable: n, .. } => {
                taken.insert(n.clone());
            }
            _ => {}
        }
        open.extend(children(expr));
    }
    let mut name = format!("{index}_");
    while taken.contains(&name) || scope.meaning(&name).is_some() {
        name.push('_');
    }
    name
}

/// Replaces the free name `from` by `to`, which occurs nowhere in `expr`.
pub(in crate::formula) fn rename(expr: &Expr, from: &str, to: &str) -> Expr {
    match &*expr.node {
        Node::Name(n) if n == from => return node(Node::Name(to.to_owned()), expr.span),
        Node::Diff(f, by) if by == from => {
            return node(Node::Diff(rename(f, from, to), to.to_owned()), expr.span);
        }
        _ => {}
    }
    let renamed = map_parts(expr, &mut |part, bound| {
        // An inner name of the same spelling is another one.
        Ok(if bound == Some(from) {
            part.clone()
        } else {
            rename(part, from, to)
        })
    });
    renamed.unwrap_or_else(|_| expr.clone())
}
