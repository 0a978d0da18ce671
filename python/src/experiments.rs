//! Experiments: predictions and simulations as records.

use std::io;
use std::num::NonZeroUsize;

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use rayon::prelude::*;
use resolvent::check::diagnostic::{Diagnostic, SourceFile};
use resolvent::equivalent::{EquivalentError, Prediction};
use resolvent::experiment::{
    DrawObserver, Experiment, KnownDraws, Outcome, Point, Written, WrittenPoint,
};
use resolvent::plot;
use resolvent::report::prediction;
use resolvent::report::rows::{Row, Value};
use resolvent::report::simulation::{self, Provenance};
use resolvent::report::written;
use resolvent::simulate::{
    Cell, Known, Observer, Record, Shard, StoppingRule, Summary, Sweep, SweepError,
};

use crate::chains::interrupt;
use crate::verdicts::{file_error, theme_of};

/// Most memory, in bytes, that the matrices of one replicate may take.
pub const MAX_MEMORY: f64 = 8.0 * (1u64 << 30) as f64;

fn points(name: &str, text: &str) -> Result<(Experiment, Vec<Point>), Vec<Diagnostic>> {
    let experiment = Experiment::read(SourceFile::new(name, text))?;
    let points = experiment.points()?;
    Ok((experiment, points))
}

/// The experiment and its points, if its estimator is written in formulas.
type Formulas = Option<(Written, Vec<WrittenPoint>)>;

fn formulas(name: &str, text: &str) -> Result<Formulas, Vec<Diagnostic>> {
    let source = SourceFile::new(name, text);
    if !Written::is_written(&source) {
        return Ok(None);
    }
    let experiment = Written::read(source)?;
    let points = experiment.points()?;
    Ok(Some((experiment, points)))
}

fn records<'py>(py: Python<'py>, rows: &[Row]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for row in rows {
        let record = PyDict::new(py);
        for (name, value) in &row.0 {
            match value {
                Value::Whole(n) => record.set_item(name, *n)?,
                Value::Real(x) => record.set_item(name, *x)?,
                // An infinite dimension is a number in Python.
                Value::Text(text) if text == "inf" => record.set_item(name, f64::INFINITY)?,
                Value::Text(text) => record.set_item(name, text)?,
                Value::Missing => record.set_item(name, py.None())?,
            }
        }
        list.append(record)?;
    }
    Ok(list)
}

fn place(point: &Point) -> String {
    format!(
        "n = {}, T = {}, lambda = {}",
        point.n, point.samples, point.lambda
    )
}

type Predicted = Result<Prediction, EquivalentError>;

/// The prediction, unless it fails for a reason that is no fact about the point.
fn predicted(point: &Point) -> Result<Predicted, String> {
    let prediction = point.predict();
    match (&prediction, prediction::note(&prediction)) {
        (Err(error), None) => Err(format!("{}: {error}", place(point))),
        _ => Ok(prediction),
    }
}

/// Deterministic equivalents for every point of an experiment.
#[pyfunction]
pub fn predict<'py>(py: Python<'py>, name: &str, text: &str) -> PyResult<Bound<'py, PyList>> {
    let rows = py
        .detach(|| -> Result<Result<Vec<Row>, String>, Vec<Diagnostic>> {
            if let Some((experiment, points)) = formulas(name, text)? {
                let row = |point| {
                    let predicted = experiment.predicted(point);
                    written::row(&experiment, point, &predicted, None, None)
                };
                return Ok(Ok(points.par_iter().map(row).collect()));
            }
            let (_, points) = points(name, text)?;
            Ok(points
                .par_iter()
                .map(|point| {
                    let prediction = predicted(point)?;
                    let mut row = prediction::row(point, &prediction);
                    prediction::push_exact(&mut row, point, &prediction);
                    let note = prediction::note(&prediction);
                    row.push("note", note.map_or(Value::Missing, Value::Text));
                    Ok(row)
                })
                .collect())
        })
        .map_err(|faults| file_error(&faults))?
        .map_err(PyValueError::new_err)?;
    records(py, &rows)
}

/// Keeps the rows, and hears of Ctrl-C.
struct Rows<'a> {
    points: &'a [Point],
    predictions: &'a [Predicted],
    quantiles: &'a [f64],
    rows: Vec<Row>,
}

impl Observer for Rows<'_> {
    fn record(&mut self, _: usize, _: u64, _: &Record) -> io::Result<()> {
        Python::attach(|py| py.check_signals()).map_err(io::Error::other)
    }

    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()> {
        let provenance = Provenance {
            cell,
            cells: self.points.len(),
            experiment: "",
        };
        self.rows.push(simulation::row(
            &self.points[cell],
            &self.predictions[cell],
            &summary,
            self.quantiles,
            &provenance,
        ));
        Ok(())
    }
}

/// Keeps the rows of formulas, and hears of Ctrl-C.
struct WrittenRows<'a> {
    experiment: &'a Written,
    points: &'a [WrittenPoint],
    rows: Vec<Row>,
}

impl DrawObserver for WrittenRows<'_> {
    fn drawn(&mut self, _: usize, _: u64, _: &[f64]) -> io::Result<()> {
        Python::attach(|py| py.check_signals()).map_err(io::Error::other)
    }

    fn finished(&mut self, cell: usize, outcome: Outcome, _: &[u64]) -> io::Result<()> {
        let provenance = Provenance {
            cell,
            cells: self.points.len(),
            experiment: "",
        };
        let point = &self.points[cell];
        self.rows.push(written::row(
            self.experiment,
            point,
            &self.experiment.predicted(point),
            Some(&outcome),
            Some(&provenance),
        ));
        Ok(())
    }
}

/// The same experiment by Monte Carlo, beside the prediction; `part` of `parts`, from 0.
#[pyfunction]
#[pyo3(signature = (name, text, replicates, seed, threads, part, parts))]
#[expect(
    clippy::too_many_arguments,
    reason = "called by one Python function that names them"
)]
pub fn simulate<'py>(
    py: Python<'py>,
    name: &str,
    text: &str,
    replicates: Option<u64>,
    seed: Option<u64>,
    threads: Option<usize>,
    part: usize,
    parts: usize,
) -> PyResult<Bound<'py, PyList>> {
    let shard = Shard::new(part, parts)
        .ok_or_else(|| PyValueError::new_err(format!("there is no part {part} of {parts}")))?;
    if replicates == Some(0) {
        return Err(PyValueError::new_err(
            "no replicates would simulate nothing",
        ));
    }
    let written = py.detach(|| formulas(name, text));
    if let Some((mut experiment, points)) = written.map_err(|faults| file_error(&faults))? {
        let settings = &mut experiment.simulate;
        settings.seed = seed.unwrap_or(settings.seed);
        settings.rule = replicates.map_or(settings.rule, StoppingRule::fixed);
        let mut rows = WrittenRows {
            experiment: &experiment,
            points: &points,
            rows: Vec::new(),
        };
        let threads = threads.and_then(NonZeroUsize::new);
        py.detach(|| experiment.sweep(&points, shard, threads, &KnownDraws::new(), &mut rows))
            .map_err(|error| Failure::Sweep(SweepError::Output(error)).raise())?;
        return records(py, &rows.rows);
    }
    let (mut experiment, points) = py
        .detach(|| points(name, text))
        .map_err(|faults| file_error(&faults))?;
    if let Some(replicates) = replicates {
        experiment.simulate.rule = StoppingRule::fixed(replicates);
    }
    let rows = py.detach(|| run(&experiment, &points, seed, threads, shard));
    records(py, &rows.map_err(Failure::raise)?)
}

/// Why a simulation ended early.
enum Failure {
    Setting(String),
    Sweep(SweepError),
}

impl Failure {
    fn raise(self) -> PyErr {
        match self {
            Failure::Setting(message) => PyValueError::new_err(message),
            // An interrupt is itself, not a failure of the sweep.
            Failure::Sweep(error) => {
                interrupt(&error).unwrap_or_else(|| PyRuntimeError::new_err(error.to_string()))
            }
        }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Setting(message)
    }
}

/// The picture of an experiment as SVG, with a simulation of its points if one is asked for.
#[pyfunction]
pub fn experiment_picture(
    py: Python<'_>,
    name: &str,
    text: &str,
    simulated: bool,
    theme: &str,
) -> PyResult<String> {
    let theme = theme_of(theme)?;
    let drawn = py.detach(|| {
        let faulty = plot::experiment::Failure::Faults;
        if let Some((experiment, _)) = formulas(name, text).map_err(faulty)? {
            let means = match simulated {
                true => plot::written::simulate(&experiment, None)?,
                false => Vec::new(),
            };
            let scene = plot::written::chart(&experiment, &means, &[])?.draw(theme)?;
            return Ok(plot::svg::render(&scene));
        }
        let (experiment, _) = points(name, text).map_err(faulty)?;
        let rows = if simulated {
            plot::experiment::simulate(&experiment, None)?
        } else {
            Vec::new()
        };
        let scene = plot::experiment::chart(&experiment, &rows)?.draw(theme)?;
        Ok(plot::svg::render(&scene))
    });
    drawn.map_err(|failure| match failure {
        plot::experiment::Failure::Faults(faults) => file_error(&faults),
        plot::experiment::Failure::Message(message) => PyValueError::new_err(message),
    })
}

fn run(
    experiment: &Experiment,
    points: &[Point],
    seed: Option<u64>,
    threads: Option<usize>,
    shard: Shard,
) -> Result<Vec<Row>, Failure> {
    let settings = &experiment.simulate;
    let (mut cells, mut predictions) = (Vec::new(), Vec::new());
    for (i, point) in points.iter().enumerate() {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", place(point));
        let regression = point.regression().map_err(|error| failed(&error))?;
        let memory = regression.memory(settings.sampler);
        if memory > MAX_MEMORY {
            return Err(Failure::Setting(failed(&format!(
                "a replicate would take {:.1} GiB",
                memory / (1u64 << 30) as f64
            ))));
        }
        let controlled = settings.control_variates && shard.contains(i);
        cells.push(Cell {
            regression,
            noise_weights: controlled.then(|| {
                point
                    .noise_weights()
                    .unwrap_or_else(|_| vec![0.0; point.generations.len() + 1])
            }),
        });
        predictions.push(predicted(point)?);
    }
    let sweep = Sweep {
        cells: &cells,
        sampler: settings.sampler,
        seed: seed.unwrap_or(settings.seed),
        rule: settings.rule,
        shard,
        threads: threads.and_then(NonZeroUsize::new),
    };
    let mut rows = Rows {
        points,
        predictions: &predictions,
        quantiles: &settings.quantiles,
        rows: Vec::new(),
    };
    sweep.run(Known::new(), &mut rows).map_err(Failure::Sweep)?;
    Ok(rows.rows)
}
