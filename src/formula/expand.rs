//! What a file says without calls of its functions.

use super::ast::{Comparison, Expr};
use super::define::{self, expand};
use super::error::FormulaError;
use super::order;
use super::scope::{Scope, Symbol};

/// Both sides with the file's functions written out; an order of matrices becomes one of numbers.
pub fn expand_comparison(
    comparison: &Comparison,
    scope: &Scope,
) -> Result<Comparison, FormulaError> {
    let comparison = define::expand_comparison(comparison, scope)?;
    Ok(order::of_numbers(&comparison, scope))
}

/// The scope with the functions written out in its definitions, defined symbols and assumptions.
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
