//! Shapes: every expression is a scalar, a vector or a matrix, and says of what size.

mod call;
mod check;
mod fold;
mod function;
mod given;
pub(super) mod infer;
pub(super) mod kind;
mod operator;
mod placed;
mod remedy;
mod stack;

use check::Checker;

pub use infer::shape_of;
pub use kind::Shape;

use super::ast::{Comparison, Function, Node};
use super::error::FormulaError;
use super::scope::{Scope, SpectrumKind, Symbol, TargetKind};

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
    // A file without a dimension may have definitions for those of its claims that have one.
    checker.errors.retain(|error| error.code != "S010");
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
                Node::Call(Function::Rotated, arguments) => &arguments[0],
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
