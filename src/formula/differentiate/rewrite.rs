//! Derivatives of what a file says: its functions written out first.

use super::differentiate_within;
use super::within::expand_under;
use crate::formula::ast::{Comparison, Expr};
use crate::formula::define;
use crate::formula::error::FormulaError;
use crate::formula::order;
use crate::formula::scope::{Scope, Symbol};
use crate::formula::shape::infer::shape_within;

/// The derivative of `expr` by `variable`, a symbol, a scalar definition or a bound name.
///
/// Definitions are written out where they depend on the variable. A defined variable, such as
/// `k = "kappa(lambda, T)"`, is taken as independent: only what is written in terms of `k` changes with it.
/// Names must be known and shapes right. `min`, `max`, `abs` and `if` are differentiated branch by branch.
///
/// # Errors
/// What has no derivative in the language: sizes of random objects, the dimension, orders of `df`, `gamma`,
/// `zeta`, `pinv`, `proj`, `opnorm`, ranges of sums (those of integrals have one) and of roots, extrema other than roots, where they depend on the variable.
///
/// ```
/// # use resolvent::formula::{differentiate::differentiate, parse::parse_expression, scope::*};
/// let mut scope = Scope::default();
/// for name in ["d", "T", "lambda"] {
///     let one = parse_expression("1").unwrap();
///     scope.symbols.push((name.into(), Symbol::Real { min: one.clone(), max: one, scale: Scale::Log }));
/// }
/// let kappa = parse_expression("kappa(lambda, T)").unwrap();
/// let derivative = differentiate(&kappa, "lambda", &scope).unwrap();
/// assert_eq!(derivative.to_string(), "1/(1 - df(2, kappa(lambda, T))/T)");
/// ```
pub fn differentiate(expr: &Expr, variable: &str, scope: &Scope) -> Result<Expr, FormulaError> {
    differentiate_within(expr, variable, scope, &[], (expr.span, shape_within))
}

/// `expr` with the file's functions written out and every `diff(f, x)` in it replaced by the derivative.
/// Definitions are left as they are: [`expand_scope`] sees to theirs.
pub fn expand(expr: &Expr, scope: &Scope) -> Result<Expr, FormulaError> {
    expand_under(
        &define::expand(expr, scope, shape_within)?,
        scope,
        &[],
        shape_within,
    )
}

/// As [`expand`], on both sides; an order of matrices becomes one of numbers.
pub fn expand_comparison(
    comparison: &Comparison,
    scope: &Scope,
) -> Result<Comparison, FormulaError> {
    let comparison = define::expand_comparison(comparison, scope, shape_within)?;
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
