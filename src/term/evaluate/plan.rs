//! The laws of random objects at one point: what is to be drawn there.

use super::draw::{MAX_ENTRIES, Plan, PlannedLaw};
use super::{Environment, EvaluationError, Evaluator, LinearAlgebra, Value};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::{Law, Scope};

/// Largest number of generations of a labeller, and of members of a family.
const MAX_COUNT: f64 = 200.0;

fn whole<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    expr: &Expr,
    least: f64,
    most: f64,
    what: &str,
) -> Result<usize, EvaluationError> {
    let x = evaluator.scalar(expr)?.midpoint();
    if x.fract() != 0.0 || x < least {
        return Err(EvaluationError::Undefined(format!(
            "{what} = {x}: a whole number from {least} is needed"
        )));
    }
    if x > most {
        return Err(EvaluationError::Unsupported(format!(
            "{what} = {x}: more than can be drawn"
        )));
    }
    Ok(x as usize)
}

/// The laws of those random objects of `scope` that are named in `objects`, at one point.
pub fn plan<R: LinearAlgebra>(
    scope: &Scope,
    environment: &Environment<R>,
    objects: &[String],
) -> Result<Vec<Plan<R>>, EvaluationError> {
    let evaluator = Evaluator::new(scope, environment);
    let mut plans = Vec::with_capacity(scope.random.len());
    for (name, object) in scope
        .random
        .iter()
        .filter(|(name, _)| objects.contains(name))
    {
        let count = match &object.count {
            Some(count) => whole(&evaluator, count, 0.0, MAX_COUNT, "count")?,
            None => 1,
        };
        plans.push(Plan {
            name: name.clone(),
            family: object.count.is_some(),
            count,
            law: planned(&evaluator, environment, &object.law)?,
        });
    }
    Ok(plans)
}

fn planned<'a, R: LinearAlgebra>(
    evaluator: &Evaluator<'a, R>,
    environment: &Environment<R>,
    law: &'a Law,
) -> Result<PlannedLaw<R>, EvaluationError> {
    Ok(match law {
        Law::Design { rows } => PlannedLaw::Design {
            rows: whole(evaluator, rows, 0.0, MAX_ENTRIES, "the rows of a design")?,
        },
        Law::Gaussian {
            rows,
            columns,
            covariance,
        } => {
            const WHAT: &str = "a side of a matrix";
            PlannedLaw::Gaussian {
                rows: whole(evaluator, rows, 0.0, MAX_ENTRIES, WHAT)?,
                columns: whole(evaluator, columns, 0.0, MAX_ENTRIES, WHAT)?,
                root: match covariance.as_ref().map(|e| unrotated(evaluator, e)) {
                    Some((within, _)) => Some(root(evaluator, environment, within)?),
                    None => None,
                },
                rotation: match covariance.as_ref().map(|e| unrotated(evaluator, e)) {
                    Some((_, Some(number))) => {
                        Some(whole(evaluator, number, 0.0, 1e6, "a rotation")? as u64)
                    }
                    _ => None,
                },
            }
        }
        Law::Noise { length, sd: scale } => PlannedLaw::Noise {
            length: whole(evaluator, length, 0.0, MAX_ENTRIES, "the length of a noise")?,
            sd: deviation(evaluator, scale)?,
        },
        Law::Labeller {
            generations,
            samples,
            sd: scale,
            ridge,
            designs,
        } => PlannedLaw::Labeller {
            generations: whole(
                evaluator,
                generations,
                0.0,
                MAX_COUNT,
                "the generations of a labeller",
            )?,
            samples: whole(
                evaluator,
                samples,
                1.0,
                MAX_ENTRIES,
                "the samples of a labeller",
            )?,
            sd: deviation(evaluator, scale)?,
            ridge: ridge
                .as_ref()
                .map_or(Ok(R::zero()), |r| evaluator.scalar(r))?,
            designs: *designs,
        },
    })
}

fn deviation<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    expr: &Expr,
) -> Result<R, EvaluationError> {
    let sd = evaluator.scalar(expr)?;
    if sd.midpoint() < 0.0 {
        return Err(EvaluationError::Undefined(format!(
            "a standard deviation of {}",
            sd.midpoint()
        )));
    }
    Ok(sd)
}

/// The rows of every design, labellers' included, however many; for scopes without a `Σ` in those formulas.
pub fn rows(scope: &Scope, environment: &Environment<f64>, objects: &[String]) -> Vec<f64> {
    let evaluator = Evaluator::new(scope, environment);
    scope
        .random
        .iter()
        .filter(|(name, _)| objects.contains(name))
        .flat_map(|(_, object)| match &object.law {
            Law::Design { rows } => vec![rows],
            Law::Gaussian { rows, columns, .. } => vec![rows, columns],
            Law::Labeller { samples, .. } => vec![samples],
            Law::Noise { .. } => vec![],
        })
        .map(|expr| match &*expr.node {
            Node::Infinity => f64::INFINITY,
            _ => evaluator.scalar(expr).unwrap_or(f64::NAN),
        })
        .collect()
}

/// `f(Σ)` and `k` of `rotated(f(Σ), k)`, however it is called.
fn unrotated<'a, R: LinearAlgebra>(
    evaluator: &Evaluator<'a, R>,
    covariance: &'a Expr,
) -> (&'a Expr, Option<&'a Expr>) {
    match evaluator.scope.written_out(covariance).node.as_ref() {
        Node::Call(Function::Rotated, arguments) => (&arguments[0], Some(&arguments[1])),
        _ => (covariance, None),
    }
}

/// The square root of a covariance, a function of `Σ`, on every eigenvector.
fn root<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    environment: &Environment<R>,
    covariance: &Expr,
) -> Result<Vec<R>, EvaluationError> {
    let Value::Spectral(f) = evaluator.value(covariance)? else {
        return Err(EvaluationError::Unsupported(
            "a covariance that is no function of Sigma".into(),
        ));
    };
    let modes = environment.covariance.written_out()?;
    modes
        .iter()
        .map(|mode| {
            let value = f.along(mode);
            if value.midpoint() < 0.0 {
                return Err(EvaluationError::Undefined(
                    "a covariance with a negative eigenvalue".into(),
                ));
            }
            Ok(value.sqrt())
        })
        .collect()
}
