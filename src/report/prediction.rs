//! Predictions as rows.

use super::rows::{Row, Value};
use crate::equivalent::{EquivalentError, Prediction};
use crate::experiment::Point;
use crate::spectrum::Dimension;

/// The columns that a human reads.
pub const SHOWN: [&str; 16] = [
    "n",
    "T",
    "T0",
    "d",
    "sigma",
    "sigma0",
    "lambda",
    "kappa",
    "df1",
    "df2",
    "bias",
    "variance",
    "synthetic",
    "test_error",
    "exact",
    "off",
];

/// The prediction of a point, or why there is none. Where the expectation is infinite the test error is, and the note says so.
pub fn row(point: &Point, prediction: &Result<Prediction, EquivalentError>) -> Row {
    let mut row = Row::default();
    row.push("n", Value::Whole(point.n));
    row.push("T", Value::number(point.samples));
    row.push("T0", point.samples0.map_or(Value::Missing, Value::number));
    row.push(
        "d",
        match point.dimension {
            Dimension::Finite(d) => Value::Whole(d),
            Dimension::Infinite => Value::Text("inf".to_owned()),
        },
    );
    row.push("lambda", Value::Real(point.lambda));
    let part = |part: fn(&Prediction) -> f64| Value::real(prediction.as_ref().ok().map(part));
    row.push("kappa", part(|p| p.kappa));
    row.push("df1", part(|p| p.df1));
    row.push("df2", part(|p| p.df2));
    row.push("bias", part(|p| p.bias));
    row.push("variance", part(|p| p.variance));
    row.push("synthetic", part(|p| p.synthetic));
    row.push(
        "test_error",
        predicted(prediction).map_or(Value::Missing, Value::Real),
    );
    row.push("sigma", Value::Real(point.sigma));
    row.push("sigma0", Value::real(point.sigma0));
    row
}

/// Beside a prediction: the exact expectation at this size where it is known, and by which part of it the equivalent is off.
/// Differences below what either was computed to are no differences.
pub fn push_exact(row: &mut Row, point: &Point, prediction: &Result<Prediction, EquivalentError>) {
    let exact = point.exact();
    row.push(
        "exact",
        Value::real(exact.map(|(exact, _)| exact.test_error)),
    );
    let off = match (prediction, exact) {
        (Ok(prediction), Some((exact, error))) if exact.test_error > 0.0 => {
            let off = prediction.test_error / exact.test_error - 1.0;
            let visible = error + prediction.relative_error;
            Some(if off.abs() <= visible { 0.0 } else { off })
        }
        _ => None,
    };
    row.push("off", Value::real(off));
}

/// The predicted test error: infinite at the interpolation threshold, `None` where there is no prediction.
pub fn predicted(prediction: &Result<Prediction, EquivalentError>) -> Option<f64> {
    match prediction {
        Ok(prediction) => Some(prediction.test_error),
        Err(EquivalentError::InterpolationThreshold { .. }) => Some(f64::INFINITY),
        Err(_) => None,
    }
}

/// Why a prediction is infinite or absent, where that is a fact about the point and not an error.
pub fn note(prediction: &Result<Prediction, EquivalentError>) -> Option<String> {
    match prediction {
        Err(
            error @ (EquivalentError::InterpolationThreshold { .. }
            | EquivalentError::SharedRidge { .. }),
        ) => Some(error.to_string()),
        _ => None,
    }
}
