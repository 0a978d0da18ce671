//! Simulations as rows, beside what was predicted.

use super::prediction;
use super::rows::{Row, Value};
use crate::equivalent::{EquivalentError, Prediction};
use crate::experiment::Point;
use crate::simulate::{Summary, quantile};

/// The columns that a human reads.
pub const SHOWN: [&str; 13] = [
    "n",
    "T",
    "T0",
    "d",
    "sigma",
    "sigma0",
    "lambda",
    "test_error",
    "exact",
    "mean",
    "standard_error",
    "z",
    "note",
];

/// Which part of which sweep a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance<'a> {
    pub cell: usize,
    pub cells: usize,
    /// Names the experiment; rows of different experiments are not merged.
    pub experiment: &'a str,
}

/// Simulation and prediction side by side.
///
/// `z` is `(mean − test_error)/standard_error`; `exact` is the exact expectation at this size where it is known, and
/// `z_exact` measures from that: where only `z` is large, the deterministic equivalent is off by its finite-size bias.
pub fn row(
    point: &Point,
    prediction: &Result<Prediction, EquivalentError>,
    summary: &Summary,
    quantiles: &[f64],
    provenance: &Provenance,
) -> Row {
    let mut row = prediction::row(point, prediction);
    row.push("mean", Value::Real(summary.mean));
    row.push("standard_error", Value::real(summary.standard_error));
    row.push("replicates", Value::Whole(summary.replicates));
    let exact = point.exact().map(|(exact, _)| exact.test_error);
    row.push(
        "z",
        Value::real(z_score(summary, prediction::predicted(prediction))),
    );
    row.push("exact", Value::real(exact));
    row.push("z_exact", Value::real(z_score(summary, exact)));
    row.push(
        "variance_reduction",
        Value::real(summary.variance_reduction),
    );
    for &q in quantiles {
        row.push(format!("q{q}"), Value::real(quantile(&summary.sorted, q)));
    }
    row.push(
        "note",
        note(point, prediction).map_or(Value::Missing, Value::Text),
    );
    row.push("cell", Value::Whole(provenance.cell as u64));
    row.push("cells", Value::Whole(provenance.cells as u64));
    row.push("experiment", Value::Text(provenance.experiment.to_owned()));
    row
}

/// How many standard errors the mean lies above `expected`; `None` where that has no meaning.
pub fn z_score(summary: &Summary, expected: Option<f64>) -> Option<f64> {
    let (se, expected) = (summary.standard_error?, expected?);
    (se > 0.0 && expected.is_finite()).then(|| (summary.mean - expected) / se)
}

fn note(point: &Point, prediction: &Result<Prediction, EquivalentError>) -> Option<String> {
    let known = prediction::note(prediction);
    // E χ_ν^{-2} is finite for ν > 2, and its square for ν > 4.
    let heavy = match point.tail_degrees() {
        Some(degrees) if degrees <= 2.0 => Some("the expected test error is infinite"),
        Some(degrees) if degrees <= 4.0 => {
            Some("the test error's variance is infinite, so the standard error means little")
        }
        _ => None,
    };
    match (known, heavy) {
        (Some(known), _) => Some(known),
        (None, Some(heavy)) => Some(heavy.to_owned()),
        (None, None) => None,
    }
}
