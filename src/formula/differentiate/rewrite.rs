//! Trees with derivatives carried out, and bound names renamed.

use super::differentiate_within;
use crate::formula::ast::{Comparison, Expr, Node};
use crate::formula::define;
use crate::formula::error::FormulaError;
use crate::formula::order;
use crate::formula::scope::{Scope, Symbol};
use crate::formula::substitute::{fresh, map_parts, rename, with_variable};
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
