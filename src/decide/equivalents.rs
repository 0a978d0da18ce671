//! Both sides of a claim at one point, expectations by their deterministic equivalents.

use super::assignment::Assignment;
use super::problem::Problem;
use crate::formula::ast::Node;
use crate::number::{Ball, Estimate, Real};
use crate::term::equivalence::{self, EquivalenceError, general};
use crate::term::evaluate::{Environment, EvaluationError, Evaluator, LinearAlgebra};
use crate::term::{Id, Relation, Statement};

/// Relative error from which on a number shows nothing.
pub const BLURRED: f64 = 1e-3;

/// Whether the right side of a limit is infinite.
pub fn to_infinity(problem: &Problem<'_>) -> bool {
    matches!(&*problem.says.rhs.node, Node::Infinity)
}

/// Both sides at one point.
pub fn sides<R: LinearAlgebra>(
    problem: &Problem<'_>,
    at: &Assignment,
) -> Result<(R, R), EquivalenceError> {
    let environment = at.environment::<R>(problem.scope)?;
    let evaluator = Evaluator::new(problem.scope, &environment);
    let statement = problem
        .expectation
        .then(|| problem.statement())
        .transpose()?;
    let value = |expr, side: fn(&Relation) -> Id| match statement {
        Some(statement) => equivalence::scalar(statement, side(&statement.claim), &environment),
        None => Ok(evaluator.scalar(expr)?),
    };
    let rhs = if to_infinity(problem) {
        R::one()
    } else {
        value(&problem.says.rhs, |claim| claim.rhs)?
    };
    Ok((value(&problem.says.lhs, |claim| claim.lhs)?, rhs))
}

/// Both sides with a bound on the relative error of their evaluation, or, where only the general equivalents reach, what double
/// precision leaves of it.
pub fn sides_with_error(
    problem: &Problem<'_>,
    at: &Assignment,
) -> Result<(f64, f64, f64), EquivalenceError> {
    match sides::<Ball>(problem, at) {
        Ok((lhs, rhs)) => {
            let error = relative_radius(&lhs) + relative_radius(&rhs);
            Ok((lhs.midpoint(), rhs.midpoint(), error))
        }
        Err(EquivalenceError::NotRecognised { .. }) if problem.expectation => {
            general_sides(problem, at, general::scalar)
        }
        Err(other) => Err(other),
    }
}

type General = fn(&Statement, Id, &Environment<f64>) -> Result<Estimate, EquivalenceError>;

pub fn general_sides(
    problem: &Problem<'_>,
    at: &Assignment,
    general: General,
) -> Result<(f64, f64, f64), EquivalenceError> {
    let environment = at.environment::<f64>(problem.scope)?;
    let statement = problem.statement().map_err(EvaluationError::from)?;
    let value = |id| general(statement, id, &environment);
    let lhs = value(statement.claim.lhs)?;
    if to_infinity(problem) {
        return Ok((lhs.value, 1.0, lhs.relative_error));
    }
    let rhs = value(statement.claim.rhs)?;
    let error = lhs.relative_error + rhs.relative_error;
    Ok((lhs.value, rhs.value, error))
}

/// Both sides by general equivalents, without what rounding leaves of them.
pub fn sides_once(problem: &Problem<'_>, at: &Assignment) -> Option<(f64, f64)> {
    let environment = at.environment::<f64>(problem.scope).ok()?;
    let statement = problem.statement().ok()?;
    let value = |id| general::once(statement, id, &environment).ok();
    Some((value(statement.claim.lhs)?, value(statement.claim.rhs)?))
}

/// Both sides in double precision, by whichever equivalent is known, as simulations at this size see them.
pub fn either_sides(problem: &Problem<'_>, at: &Assignment) -> Option<(f64, f64)> {
    match sides::<f64>(problem, at) {
        Err(EquivalenceError::NotRecognised { .. }) => {
            let (lhs, rhs, error) = general_sides(problem, at, general::at_size).ok()?;
            (error < BLURRED).then_some((lhs, rhs))
        }
        found => found.ok(),
    }
}

pub fn relative_radius(value: &Ball) -> f64 {
    if value.is_zero() {
        0.0
    } else {
        value.relative_radius()
    }
}
