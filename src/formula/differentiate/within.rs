//! Derivatives carried out in trees without calls of the file's functions.

use super::differentiate_within;
use crate::formula::ast::{Expr, Node};
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;
use crate::formula::shape::kind::ShapeOf;
use crate::formula::substitute::{fresh, map_parts, rename, with_variable};
use crate::formula::traverse::contains;

/// `expr` with every `diff(f, x)` in it replaced by the derivative, inside forms that bind the names `binders`, where the functions are written out already.
pub(in crate::formula) fn expand_under(
    expr: &Expr,
    scope: &Scope,
    binders: &[String],
    shape_of: ShapeOf,
) -> Result<Expr, FormulaError> {
    expand_within(expr, scope, &mut binders.to_vec(), shape_of)
}

fn expand_within(
    expr: &Expr,
    scope: &Scope,
    binders: &mut Vec<String>,
    shape_of: ShapeOf,
) -> Result<Expr, FormulaError> {
    if !contains(expr, &|node| matches!(node, Node::Diff(..))) {
        return Ok(expr.clone());
    }
    if let Node::Diff(f, variable) = &*expr.node {
        let f = expand_within(f, scope, binders, shape_of)?;
        return differentiate_within(&f, variable, scope, binders, (expr.span, shape_of));
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
            let part = expand_within(part, scope, binders, shape_of);
            binders.pop();
            part
        }
        None => expand_within(part, scope, binders, shape_of),
    })
}
