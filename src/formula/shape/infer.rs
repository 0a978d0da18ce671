//! The shape of an expression.

use super::check::Checker;
use super::kind::Shape;
use crate::formula::ast::Expr;
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;

/// The shape of an expression all of whose names are known.
///
/// ```
/// # use resolvent::formula::{parse::parse_expression, scope::*, shape::shape_of};
/// let mut scope = Scope::default();
/// for name in ["d", "k"] {
///     let one = parse_expression("1").unwrap();
///     scope.symbols.push((name.into(), Symbol::Integer { min: one.clone(), max: one }));
/// }
/// let shape = |text| shape_of(&parse_expression(text).unwrap(), &scope);
/// assert_eq!(shape("Sigma*w0").unwrap().to_string(), "vector[d]");
/// let errors = shape("Sigma + k").unwrap_err();
/// assert_eq!(errors[0].message, "this adds matrix[d, d] and a scalar");
/// assert_eq!(errors[0].help.as_deref(), Some("write Sigma + k*I"));
/// ```
pub fn shape_of(expr: &Expr, scope: &Scope) -> Result<Shape, Vec<FormulaError>> {
    shape_within(expr, scope, &[])
}

/// As [`shape_of`], inside forms that bind the names `binders`.
pub(crate) fn shape_within(
    expr: &Expr,
    scope: &Scope,
    binders: &[String],
) -> Result<Shape, Vec<FormulaError>> {
    let mut checker = Checker::new(scope);
    checker.binders = binders.to_vec();
    match checker.infer(expr) {
        Some(typed) if checker.errors.is_empty() => Ok(typed.shape),
        _ => Err(checker.errors),
    }
}
