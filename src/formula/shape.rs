//! Shapes: every expression is a scalar, a vector or a matrix, and says of what size.

mod call;
mod check;
mod fold;
mod given;
mod operator;
mod placed;
mod remedy;
mod stack;

use std::fmt::{self, Display, Formatter};

use check::Checker;

use super::ast::{Comparison, Expr};
use super::error::FormulaError;
use super::scope::{Scope, SpectrumKind, Symbol, TargetKind};

/// The shape of an expression; sizes are scalar expressions.
#[derive(Clone, Debug)]
pub enum Shape {
    Scalar,
    Vector(Expr),
    /// The transpose of a vector.
    Row(Expr),
    Matrix {
        rows: Expr,
        columns: Expr,
        /// Whether it is a function of `Sigma`, so that it commutes with its kind and has any power.
        spectral: bool,
    },
    /// A multiple of `I`, which takes the size of its neighbour, and is `d×d` where it has none.
    Identity,
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Scalar => f.write_str("scalar"),
            Shape::Vector(n) => write!(f, "vector[{n}]"),
            Shape::Row(n) => write!(f, "row vector[{n}]"),
            Shape::Matrix { rows, columns, .. } => write!(f, "matrix[{rows}, {columns}]"),
            Shape::Identity => f.write_str("multiple of I"),
        }
    }
}

impl Shape {
    fn is_function_of_sigma(&self) -> bool {
        matches!(self, Shape::Identity | Shape::Matrix { spectral: true, .. })
    }

    /// With an article: `a scalar`, `vector[d]`.
    fn described(&self) -> String {
        match self {
            Shape::Scalar | Shape::Identity => format!("a {self}"),
            _ => self.to_string(),
        }
    }
}

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

/// Faults in the shapes of a relation.
pub fn check_relation(relation: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    checker.relation(relation);
    if checker.errors.is_empty() {
        return super::given::faults(relation, scope);
    }
    checker.errors
}

/// Faults in the shapes of a scope's own entries.
pub fn check_entries(scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    for (name, _) in &scope.definitions {
        checker.definition(name);
    }
    for (name, symbol) in &scope.symbols {
        match symbol {
            Symbol::Defined(e) => checker.scalar(e, &format!("the symbol `{name}`")),
            Symbol::Integer { min, max } | Symbol::Real { min, max, .. } => {
                checker.scalar(min, "the end of a domain");
                checker.scalar(max, "the end of a domain");
            }
        }
    }
    match &scope.setting.spectrum {
        SpectrumKind::PowerLaw { beta } => checker.scalar(beta, "beta"),
        SpectrumKind::Atoms { values, weights } => {
            for e in values.iter().chain(weights) {
                checker.scalar(e, "an atom");
            }
        }
        SpectrumKind::Isotropic
        | SpectrumKind::TwoLevel
        | SpectrumKind::Any
        | SpectrumKind::Explicit(_) => {}
    }
    match &scope.setting.target {
        TargetKind::Isotropic { norm2: Some(e) } => checker.scalar(e, "norm2"),
        TargetKind::Source { r } => checker.scalar(r, "r"),
        TargetKind::Axis { index } => checker.scalar(index, "the index"),
        TargetKind::Isotropic { norm2: None } | TargetKind::Any | TargetKind::Explicit(_) => {}
    }
    for (name, object) in &scope.random {
        for size in object.parameters() {
            checker.scalar(size, &format!("each number of the random object `{name}`"));
        }
        if let Some(covariance) = object.covariance() {
            let covariance = match &*scope.written_out(covariance).node {
                super::ast::Node::Call(super::ast::Function::Rotated, arguments) => &arguments[0],
                _ => covariance,
            };
            checker.function_of_sigma(covariance, &format!("the covariance of `{name}`"));
        }
    }
    for (name, path) in scope.limit.iter().flat_map(|l| &l.path) {
        checker.scalar(path, &format!("the path of `{name}`"));
    }
    for assumption in &scope.assumptions {
        checker.assumption(assumption);
    }
    checker.errors
}

/// Faults in the shapes of an assumption, which compares scalars.
pub fn check_assumption(assumption: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    checker.assumption(assumption);
    checker.errors
}

#[cfg(test)]
mod tests;
