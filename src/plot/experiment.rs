//! An experiment file as a picture: its theory on a fine grid, a simulation of its points on top.

use std::io;
use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::PlotError;
use super::chart::{Chart, Mark};
use super::simulated::{self, Record, SETTINGS};
use crate::check::diagnostic::Diagnostic;
use crate::equivalent::EquivalentError;
use crate::experiment::{Experiment, Point, Quantity, Value};
use crate::simulate::{Cell, Known, Observer, Shard, Summary, Sweep};

/// Points between neighbours of the sweep, of curves with few of them.
const FINE: usize = 180;

/// Why an experiment has no picture.
#[derive(Debug)]
pub enum Failure {
    Faults(Vec<Diagnostic>),
    Message(String),
}

impl From<PlotError> for Failure {
    fn from(error: PlotError) -> Self {
        Failure::Message(error.to_string())
    }
}

/// The chart of an experiment; `simulated` are rows of its simulation, from elsewhere.
pub fn chart(experiment: &Experiment, rows: &[Record]) -> Result<Chart, Failure> {
    let points = experiment.points().map_err(Failure::Faults)?;
    let coarse = predictions(&points)?;
    let axis = simulated::axis(&coarse);
    let title = title(experiment);
    let mut all = coarse.clone();
    all.extend(rows.iter().cloned());
    let mut chart = simulated::chart(&all, title)?;
    let fine = refined(experiment, axis, &coarse);
    if let Ok(points) = fine.points()
        && points.len() > coarse.len()
    {
        let fine = predictions(&points)?;
        for group in simulated::groups(&fine, axis)? {
            let curve = simulated::series(&group, axis, !rows.is_empty());
            if let Some(series) = chart.series.iter_mut().find(|s| s.label == curve.label) {
                series.curve = curve.curve;
                series.rings = curve.rings;
                series.dashed = curve.dashed;
            }
        }
    }
    if rows.is_empty() {
        for series in &mut chart.series {
            series.dashed = false;
        }
    }
    let peak = chart
        .series
        .iter()
        .any(|s| s.curve.iter().any(|p| p.1 == f64::INFINITY));
    if peak {
        chart
            .notes
            .push("At T = d without ridge the expectation is infinite.".to_owned());
    }
    Ok(chart)
}

/// `title` of the file.
fn title(experiment: &Experiment) -> String {
    let table: Option<toml::Table> = experiment.source.text.parse().ok();
    table
        .as_ref()
        .and_then(|table| table.get("title"))
        .and_then(toml::Value::as_str)
        .unwrap_or("Test error")
        .to_owned()
}

/// The settings of a point, in the order of [`SETTINGS`].
fn settings(point: &Point) -> [Option<f64>; 7] {
    [
        Some(point.samples),
        Some(point.lambda),
        point.samples0,
        Some(point.dimension.as_f64()),
        Some(point.sigma),
        point.sigma0,
        Some(point.n as f64),
    ]
}

fn predictions(points: &[Point]) -> Result<Vec<Record>, Failure> {
    points
        .par_iter()
        .map(|point| {
            let blank = Record {
                settings: settings(point),
                ..Record::default()
            };
            match point.predict() {
                Ok(p) => Ok(Record {
                    test_error: Some(p.test_error),
                    clean: Some(p.bias + p.variance),
                    synthetic: Some(p.synthetic),
                    ..blank
                }),
                Err(EquivalentError::InterpolationThreshold { .. }) => Ok(Record {
                    test_error: Some(f64::INFINITY),
                    ..blank
                }),
                Err(EquivalentError::SharedRidge { .. }) => Ok(blank),
                Err(error) => Err(Failure::Message(format!(
                    "T = {}, n = {}: {error}",
                    point.samples, point.n
                ))),
            }
        })
        .collect()
}

/// The experiment with more values along the axis, closer where the error may peak.
fn refined(experiment: &Experiment, axis: usize, records: &[Record]) -> Experiment {
    let mut fine = experiment.clone();
    let sweep = &mut fine.sweep;
    let values = match SETTINGS[axis] {
        "T" => &mut sweep.t,
        "lambda" => &mut sweep.lambda,
        "T0" => &mut sweep.t0,
        "sigma" => &mut sweep.sigma,
        "sigma0" => &mut sweep.sigma0,
        _ => return fine,
    };
    let mut given: Vec<f64> = values
        .iter()
        .filter_map(|quantity| match &quantity.value {
            Value::Number(x) => Some(*x),
            Value::Formula(_) => None,
        })
        .collect();
    if given.len() < 2 || given.len() != values.len() {
        return fine;
    }
    given.sort_by(f64::total_cmp);
    let each = FINE.div_ceil(given.len() - 1).max(1);
    let (low, high) = (given[0], given[given.len() - 1]);
    let logarithmic = low > 0.0 && high / low > 20.0;
    let mut all = given.clone();
    for pair in given.windows(2) {
        for i in 1..each {
            let share = i as f64 / each as f64;
            all.push(if logarithmic {
                pair[0] * (pair[1] / pair[0]).powf(share)
            } else {
                pair[0] + (pair[1] - pair[0]) * share
            });
        }
    }
    for Mark { at, .. } in simulated::marks(records, axis) {
        for distance in [0.0, 0.003, 0.01, 0.03, 0.06] {
            all.extend([at * (1.0 - distance), at * (1.0 + distance)]);
        }
    }
    all.retain(|x| (low..=high).contains(x));
    all.sort_by(f64::total_cmp);
    all.dedup();
    *values = all.into_iter().map(Quantity::number).collect();
    fine
}

/// Simulates every point of the experiment as its file says.
pub fn simulate(
    experiment: &Experiment,
    threads: Option<NonZeroUsize>,
) -> Result<Vec<Record>, Failure> {
    let points = experiment.points().map_err(Failure::Faults)?;
    let message = |error: &dyn std::fmt::Display| Failure::Message(error.to_string());
    let cells = points
        .iter()
        .map(|point| {
            Ok(Cell {
                regression: point.regression().map_err(|error| message(&error))?,
                noise_weights: None,
            })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let mut collected = Collected(Vec::new());
    Sweep {
        cells: &cells,
        sampler: experiment.simulate.sampler,
        seed: experiment.simulate.seed,
        rule: experiment.simulate.rule,
        shard: Shard::WHOLE,
        threads,
    }
    .run(Known::new(), &mut collected)
    .map_err(|error| message(&error))?;
    Ok(collected
        .0
        .into_iter()
        .map(|(cell, summary)| Record {
            settings: settings(&points[cell]),
            mean: Some(summary.mean),
            standard_error: summary.standard_error,
            ..Record::default()
        })
        .collect())
}

struct Collected(Vec<(usize, Summary)>);

impl Observer for Collected {
    fn record(&mut self, _: usize, _: u64, _: &crate::simulate::Record) -> io::Result<()> {
        Ok(())
    }

    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()> {
        self.0.push((cell, summary));
        Ok(())
    }
}
