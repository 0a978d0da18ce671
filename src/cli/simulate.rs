//! `resolvent simulate`: an experiment by Monte Carlo, beside its prediction.

pub(super) mod args;

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use indicatif::ProgressBar;
use rayon::prelude::*;

use super::experiment::{self, Failure};
use super::fingerprint::fnv1a;
use super::journalled::{Journalled, Planned, progress};
use super::output::{tell, write};
use super::written;
use crate::equivalent::{EquivalentError, Prediction};
use crate::experiment::{Experiment, Point};
use crate::report::prediction;
use crate::report::rows::{self, Row, RowFormat, Value};
use crate::report::simulation::{self, Provenance};
use crate::simulate::{Cell, Known, Observer, Record, SimulateError, Summary, Sweep, SweepError};

pub use args::SimulateArgs;

const GIBIBYTE: f64 = (1u64 << 30) as f64;

/// Runs the command.
pub fn run(args: &SimulateArgs) -> ExitCode {
    match simulate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn simulate(args: &SimulateArgs) -> Result<(), Failure> {
    if let Some(experiment) = written::read(&args.file)? {
        return written::simulate(experiment, args);
    }
    let (mut experiment, points) = experiment::read(&args.file)?;
    args.override_settings(&mut experiment.simulate)?;
    let plan = Plan::new(&experiment, &points, args)?;
    let progress = progress(args, plan.cells.len());

    match &args.output {
        None => to_standard_output(args, &plan, progress),
        Some(path) => to_file(args, &plan, progress, path),
    }
}

fn to_standard_output(
    args: &SimulateArgs,
    plan: &Plan<'_>,
    progress: ProgressBar,
) -> Result<(), Failure> {
    let mut collected = Rows {
        plan,
        progress,
        rows: Vec::new(),
    };
    plan.sweep(args)
        .run(Known::new(), &mut collected)
        .map_err(|e| plan.explain(e))?;
    let rows = collected.rows;
    let mut shown: Vec<String> = simulation::SHOWN.iter().map(|s| s.to_string()).collect();
    shown.extend(
        plan.experiment
            .simulate
            .quantiles
            .iter()
            .map(|q| format!("q{q}")),
    );
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let format = args.format.unwrap_or(RowFormat::Table);
    if format == RowFormat::Table && !args.quiet {
        agreement(&rows);
    }
    let text = rows::render(&rows, &shown, format).map_err(Failure::new)?;
    write(None, &text).map_err(Failure::Message)
}

fn to_file(
    args: &SimulateArgs,
    plan: &Plan<'_>,
    progress: ProgressBar,
    path: &Path,
) -> Result<(), Failure> {
    let sweep = Planned {
        name: &plan.journal_name,
        most: plan.experiment.simulate.rule.most(),
        cells: plan.cells.len(),
        parts: 1,
    };
    let (file, known) = Journalled::open(args, path, &sweep)?;
    let mut to_file = ToFile {
        plan,
        progress,
        file,
    };
    plan.sweep(args)
        .run(known, &mut to_file)
        .map_err(|e| plan.explain(e))?;
    to_file.file.finish()
}

/// Everything that is known before the first replicate.
struct Plan<'a> {
    experiment: &'a Experiment,
    points: &'a [Point],
    predictions: Vec<Result<Prediction, EquivalentError>>,
    cells: Vec<Cell>,
    /// How many threads have room for their matrices.
    roomy: usize,
    /// Names what the replicates depend on.
    journal_name: String,
    /// Names what the rows depend on: that, and when to stop.
    row_name: String,
}

impl<'a> Plan<'a> {
    fn new(
        experiment: &'a Experiment,
        points: &'a [Point],
        args: &SimulateArgs,
    ) -> Result<Self, Failure> {
        let shard = args.shard.shard();
        let settings = &experiment.simulate;
        let prepared = points
            .par_iter()
            .enumerate()
            .map(|(i, point)| {
                let fail = |error: &dyn std::fmt::Display| {
                    Failure::Message(format!("{}: {error}", experiment::describe(point)))
                };
                let regression = point.regression().map_err(|error| fail(&error))?;
                let memory = regression.memory(settings.sampler);
                if !(memory <= args.memory * GIBIBYTE) {
                    let gibibytes = memory / GIBIBYTE;
                    let error = SimulateError::Memory { gibibytes };
                    return Err(fail(&format!(
                        "{error}, and --memory allows {}",
                        args.memory
                    )));
                }
                let prediction = point.predict();
                if let (Err(error), None) = (&prediction, prediction::note(&prediction)) {
                    return Err(fail(error));
                }
                let noise_weights = if settings.control_variates && shard.contains(i) {
                    Some(
                        point
                            .noise_weights()
                            .unwrap_or_else(|_| vec![0.0; point.generations.len() + 1]),
                    )
                } else {
                    None
                };
                Ok((
                    memory,
                    prediction,
                    Cell {
                        regression,
                        noise_weights,
                    },
                ))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let most_memory = (prepared.iter().enumerate())
            .filter(|(i, _)| shard.contains(*i))
            .fold(1.0, |most: f64, (_, (memory, ..))| most.max(*memory));
        let (predictions, cells) = (prepared.into_iter())
            .map(|(_, prediction, cell)| (prediction, cell))
            .unzip();
        let replicates_depend_on = format!(
            "{} {} {:?} {} {:?}",
            env!("CARGO_PKG_VERSION"),
            settings.seed,
            settings.sampler,
            settings.control_variates,
            points
        );
        let rows_depend_on = format!(
            "{replicates_depend_on} {:?} {:?}",
            settings.rule, settings.quantiles
        );
        Ok(Self {
            experiment,
            points,
            predictions,
            cells,
            roomy: (args.memory * GIBIBYTE / most_memory) as usize,
            journal_name: format!("{:016x}", fnv1a(replicates_depend_on.as_bytes())),
            row_name: format!("{:016x}", fnv1a(rows_depend_on.as_bytes())),
        })
    }

    fn sweep(&self, args: &SimulateArgs) -> Sweep<'_> {
        let settings = &self.experiment.simulate;
        Sweep {
            cells: &self.cells,
            sampler: settings.sampler,
            seed: settings.seed,
            rule: settings.rule,
            shard: args.shard.shard(),
            threads: (args.threads)
                .or_else(|| std::thread::available_parallelism().ok())
                .and_then(|threads| NonZeroUsize::new(threads.get().min(self.roomy))),
        }
    }

    fn row(&self, cell: usize, summary: &Summary) -> Row {
        let provenance = Provenance {
            cell,
            cells: self.points.len(),
            experiment: &self.row_name,
        };
        simulation::row(
            &self.points[cell],
            &self.predictions[cell],
            summary,
            &self.experiment.simulate.quantiles,
            &provenance,
        )
    }

    fn explain(&self, error: SweepError) -> Failure {
        match error {
            SweepError::Replicate {
                cell,
                replicate,
                source,
            } => Failure::Message(format!(
                "{}, replicate {replicate}: {source}",
                experiment::describe(&self.points[cell])
            )),
            other => Failure::new(other),
        }
    }
}

/// Rows for standard output.
struct Rows<'a> {
    plan: &'a Plan<'a>,
    progress: ProgressBar,
    rows: Vec<Row>,
}

impl Observer for Rows<'_> {
    fn record(&mut self, _: usize, _: u64, _: &Record) -> io::Result<()> {
        self.progress.tick();
        Ok(())
    }

    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()> {
        self.rows.push(self.plan.row(cell, &summary));
        self.progress.inc(1);
        Ok(())
    }
}

/// Rows for a file.
struct ToFile<'a> {
    plan: &'a Plan<'a>,
    progress: ProgressBar,
    file: Journalled<Record>,
}

impl Observer for ToFile<'_> {
    fn record(&mut self, cell: usize, replicate: u64, record: &Record) -> io::Result<()> {
        self.progress.tick();
        self.file.append(cell, replicate, record)
    }

    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()> {
        let row = self.plan.row(cell, &summary);
        self.progress.inc(1);
        self.file.finished(cell, &row, &[summary.replicates])
    }
}

/// Says on standard error how the z-scores are spread: about 1 where prediction and simulation agree.
fn agreement(rows: &[Row]) {
    let real = |row: &Row, name: &str| match row.get(name) {
        Some(Value::Real(x)) => Some(*x),
        _ => None,
    };
    let squares: Vec<f64> = rows
        .iter()
        .filter_map(|row| real(row, "z"))
        .map(|z| z * z)
        .collect();
    if let Some(worst) = squares.iter().copied().reduce(f64::max) {
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        tell(&format!(
            "z: root mean square {:.2} over {} points, largest {:.2}",
            mean.sqrt(),
            squares.len(),
            worst.sqrt()
        ));
    }
}
