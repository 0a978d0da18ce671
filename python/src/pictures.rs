//! Curves and points as SVG.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use resolvent::plot::chart::{Point, Series};
use resolvent::plot::{Chart, svg};

use crate::verdicts::theme_of;

/// A name, a curve, points with error bars, whether the curve is dashed.
type Given = (String, Vec<(f64, f64)>, Vec<(f64, f64, f64)>, bool);

/// Draws them.
#[pyfunction]
pub fn chart(
    title: String,
    x_label: String,
    y_label: String,
    series: Vec<Given>,
    notes: Vec<String>,
    theme: &str,
) -> PyResult<String> {
    let theme = theme_of(theme)?;
    let series = series
        .into_iter()
        .enumerate()
        .map(|(i, (label, curve, points, dashed))| Series {
            label,
            curve,
            dashed,
            colour: Some(i),
            points: points
                .into_iter()
                .map(|(x, y, error)| Point {
                    x,
                    y,
                    error,
                    hollow: false,
                })
                .collect(),
            ..Series::default()
        })
        .collect();
    let chart = Chart {
        title,
        x_label,
        y_label,
        series,
        notes,
        ..Chart::default()
    };
    let scene = chart
        .draw(theme)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(svg::render(&scene))
}
