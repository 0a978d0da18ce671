//! Functions that a file defines: `"Bias(x)" = "…"` under [define].
//!
//! A function's body means what it means where it was defined: names in it are those of the file, its parameters the
//! arguments of the call. Terms hold calls written out; syntax trees are written out here, for those who read trees.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Comparison, Expr, Node, Span};
use super::error::FormulaError;
use super::names::{children, free_names};
use super::scope::{DefinedFunction, Scope};
use super::substitute::{fresh, map_parts, rename, substituted, with_variable};
use super::traverse::walk;

/// Calls may be nested this deep.
const MAX_DEPTH: usize = 64;
/// Nodes of a formula with its calls written out.
const MAX_NODES: usize = 100_000;

/// The function that a node calls, with its arguments.
pub(crate) fn called<'a, 's>(
    node: &'a Node,
    scope: &'s Scope,
) -> Option<(&'a str, &'s DefinedFunction, &'a [Expr])> {
    let (name, arguments) = match node {
        Node::Member(name, argument) => (name, std::slice::from_ref(argument)),
        Node::Apply(name, arguments) => (name, arguments.as_slice()),
        _ => return None,
    };
    let function = scope.function(name)?;
    (function.parameters.len() == arguments.len()).then_some((name, function, arguments))
}

/// `expr` with the file's functions written out.
pub fn expand(expr: &Expr, scope: &Scope) -> Result<Expr, FormulaError> {
    if scope.functions.is_empty() {
        return Ok(expr.clone());
    }
    let expander = Expander {
        scope,
        inside: scope
            .functions
            .iter()
            .flat_map(|(_, f)| free_names(&f.body).into_iter().map(|(name, _)| name))
            .collect(),
    };
    let expanded = expander.expand(expr, 0)?;
    let mut nodes = 0;
    walk(&expanded, &mut |_| nodes += 1);
    if nodes > MAX_NODES {
        return Err(FormulaError::new(
            "F016",
            expr.span,
            format!("the formula has {nodes} operations with its functions written out"),
        )
        .with_help(format!("at most {MAX_NODES}: use fewer calls within calls")));
    }
    Ok(expanded)
}

/// As [`expand`], on both sides.
pub fn expand_comparison(says: &Comparison, scope: &Scope) -> Result<Comparison, FormulaError> {
    Ok(Comparison {
        lhs: expand(&says.lhs, scope)?,
        op: says.op,
        rhs: expand(&says.rhs, scope)?,
        span: says.span,
    })
}

struct Expander<'a> {
    scope: &'a Scope,
    /// Names that bodies of functions use: an index around a call must not be called so.
    inside: BTreeSet<String>,
}

impl Expander<'_> {
    fn expand(&self, expr: &Expr, depth: usize) -> Result<Expr, FormulaError> {
        if depth > MAX_DEPTH {
            return Err(FormulaError::new(
                "F015",
                expr.span,
                format!("functions that call one another more than {MAX_DEPTH} deep"),
            )
            .with_help("a function ends in symbols, numbers and functions of the language"));
        }
        if let Some((_, function, arguments)) = called(&expr.node, self.scope) {
            let mut values = BTreeMap::new();
            for (parameter, argument) in function.parameters.iter().zip(arguments) {
                values.insert(parameter.clone(), self.expand(argument, depth + 1)?);
            }
            let body = self.expand(&function.body, depth + 1)?;
            // A derivative by a parameter is taken before the argument is put in.
            let body = super::differentiate::expand_under(&body, self.scope, &function.parameters)?;
            return Ok(substituted(self.scope, &body, &values));
        }
        if let Node::Fold { index, body, .. } = &*expr.node
            && self.inside.contains(index)
        {
            let other = fresh(index, body, self.scope);
            let renamed = with_variable(expr, &other, rename(body, index, &other));
            return map_parts(&renamed, &mut |part, _| self.expand(part, depth + 1));
        }
        map_parts(expr, &mut |part, _| self.expand(part, depth + 1))
    }
}

/// Functions that call themselves, by way of definitions or not.
pub(super) fn circles(scope: &Scope) -> Vec<FormulaError> {
    let mut errors = Vec::new();
    for (name, function) in &scope.functions {
        if let Some(span) = reaches(&function.body, name, scope, &mut BTreeSet::new()) {
            errors.push(
                FormulaError::new("F015", span, format!("the function `{name}` calls itself"))
                    .with_help("a function ends in symbols, numbers and functions of the language"),
            );
        }
    }
    errors
}

/// Where `expr` leads to a call of `name`.
fn reaches(expr: &Expr, name: &str, scope: &Scope, seen: &mut BTreeSet<String>) -> Option<Span> {
    let next = match &*expr.node {
        node if called(node, scope).is_some() => {
            let (callee, function, _) = called(node, scope)?;
            if callee == name {
                return Some(expr.span);
            }
            seen.insert(format!("{callee}(")).then_some(&function.body)
        }
        Node::Name(used) if !seen.contains(used) => {
            seen.insert(used.clone());
            scope.expansion(used)
        }
        _ => None,
    };
    if let Some(next) = next
        && reaches(next, name, scope, seen).is_some()
    {
        return Some(expr.span);
    }
    children(expr)
        .into_iter()
        .find_map(|part| reaches(part, name, scope, seen))
}
