//! The fit to be looked at.

use super::Estimate;
use crate::plot::Chart;
use crate::plot::chart::{Mark, Point, Series};

/// Points of a series; more would only blacken the picture.
const SHOWN: usize = 70;

/// Eigenvalues as seen and corrected, the fitted power, and the target's share of the labels' power.
pub fn chart(estimate: &Estimate, title: &str) -> Chart {
    let (first, last) = estimate.window;
    let series = series(estimate);
    let lowest = (series.iter())
        .flat_map(|s| s.points.iter().map(|p| p.y))
        .fold(f64::INFINITY, f64::min);
    let highest = estimate.eigenvalues[0].max(estimate.sample[0]);
    Chart {
        title: title.to_owned(),
        x_label: "j".to_owned(),
        y_label: "eigenvalue s_j".to_owned(),
        series,
        marks: vec![
            Mark {
                at: first as f64,
                label: "fitted from".to_owned(),
            },
            Mark {
                at: last as f64,
                label: "to".to_owned(),
            },
        ],
        y_range: Some((lowest.max(1e-12 * highest), 2.0 * highest)),
        ..Chart::default()
    }
}

fn series(estimate: &Estimate) -> Vec<Series> {
    let beta = &estimate.beta;
    let (first, last) = estimate.window;
    let line = |slope: f64, intercept: f64| {
        [first as f64, last as f64]
            .map(|j| (j, (intercept + slope * j.ln()).exp()))
            .to_vec()
    };
    let mut series = Vec::new();
    if !estimate.population {
        series.push(Series {
            label: "sample".to_owned(),
            points: thinned(&estimate.sample, true),
            ..Series::default()
        });
    }
    series.push(Series {
        label: if estimate.population {
            "eigenvalues"
        } else {
            "corrected"
        }
        .to_owned(),
        points: thinned(&estimate.eigenvalues, false),
        ..Series::default()
    });
    series.push(Series {
        label: format!("β = {}", interval(beta.value, beta.low, beta.high)),
        curve: line(-beta.value, beta.intercept),
        ..Series::default()
    });
    if let Some(target) = &estimate.target {
        series.push(Series {
            label: "target, c²s".to_owned(),
            points: (target.signal.iter())
                .filter(|bin| bin.mean > 0.0)
                .map(|bin| Point {
                    x: bin.index,
                    y: bin.mean,
                    error: if estimate.population { 0.0 } else { bin.error },
                    hollow: bin.mean < 2.0 * bin.error && !estimate.population,
                })
                .collect(),
            ..Series::default()
        });
        if let Some((r, slope)) = &target.source {
            series.push(Series {
                label: format!("r = {}", interval(r.value, r.low, r.high)),
                curve: line(*slope, r.intercept),
                dashed: true,
                ..Series::default()
            });
        }
    }
    series
}

fn interval(x: f64, low: f64, high: f64) -> String {
    if high > low {
        format!("{x:.3} ± {:.3}", (high - low) / 2.0)
    } else {
        format!("{x:.3}")
    }
}

/// Evenly in `ln j`.
fn thinned(values: &[f64], hollow: bool) -> Vec<Point> {
    let n = values.len();
    let mut chosen: Vec<usize> = (0..SHOWN)
        .map(|k| ((n as f64).powf(k as f64 / (SHOWN - 1) as f64).round() as usize).clamp(1, n))
        .collect();
    chosen.dedup();
    chosen
        .into_iter()
        .map(|j| Point {
            x: j as f64,
            y: values[j - 1],
            error: 0.0,
            hollow,
        })
        .collect()
}
