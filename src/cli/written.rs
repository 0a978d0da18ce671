//! `predict` and `simulate` for experiments whose estimators are written in formulas.

use std::path::Path;

use rayon::prelude::*;

use super::experiment::Failure;
use super::fingerprint::fnv1a;
use super::output::write;
use super::simulate::args::SimulateArgs;
use crate::check::diagnostic::SourceFile;
use crate::check::file::MAX_FILE_BYTES;
use crate::check::file::numbers::read_bounded;
use crate::experiment::{Simulated, Written, WrittenPoint};
use crate::report::rows::{self, Row, RowFormat};
use crate::report::simulation::Provenance;
use crate::report::written;

/// The experiment of a file, if its estimator is written in formulas.
pub(super) fn read(path: &Path) -> Result<Option<Written>, Failure> {
    let text = read_bounded(path, MAX_FILE_BYTES)
        .map_err(|(message, _)| Failure::Message(format!("{}: {message}", path.display())))?;
    let source = SourceFile::new(path, text);
    if !Written::is_written(&source) {
        return Ok(None);
    }
    Ok(Some(Written::read(source)?))
}

fn predicted(experiment: &Written, point: &WrittenPoint) -> Vec<Result<f64, String>> {
    let quantities = experiment.quantities.iter();
    quantities
        .map(|q| q.predict(point).map_err(|error| error.to_string()))
        .collect()
}

pub(super) fn predict(
    experiment: &Written,
    format: RowFormat,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let points = experiment.points()?;
    let rows: Vec<Row> = points
        .par_iter()
        .map(|point| {
            let values = predicted(experiment, point);
            written::row(experiment, point, &values, None, None)
        })
        .collect();
    print(experiment, &rows, false, format, output)
}

pub(super) fn simulate(mut experiment: Written, args: &SimulateArgs) -> Result<(), Failure> {
    args.override_settings(&mut experiment.simulate)?;
    let experiment = &experiment;
    let settings = &experiment.simulate;
    let points = experiment.points()?;
    let named = format!(
        "{} {} {:?} {}",
        env!("CARGO_PKG_VERSION"),
        settings.seed,
        settings.rule,
        experiment.source.text
    );
    let name = format!("{:016x}", fnv1a(named.as_bytes()));
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) => match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => RowFormat::Csv,
            Some("jsonl" | "ndjson") => RowFormat::Jsonl,
            _ => {
                return Err(Failure::Message(format!(
                    "{}: end its name in .csv or .jsonl, or give --format",
                    path.display()
                )));
            }
        },
        (None, None) => RowFormat::Table,
    };
    let run = || -> Vec<Row> {
        points
            .par_iter()
            .enumerate()
            .filter(|(cell, _)| args.shard.contains(*cell))
            .map(|(cell, point)| {
                let simulated: Vec<Result<Option<Simulated>, String>> = (experiment.quantities)
                    .iter()
                    .map(|q| {
                        let found = q.simulate(point, settings, cell);
                        found.map_err(|error| error.to_string())
                    })
                    .collect();
                let provenance = Provenance {
                    cell,
                    cells: points.len(),
                    experiment: &name,
                };
                let values = predicted(experiment, point);
                written::row(
                    experiment,
                    point,
                    &values,
                    Some(&simulated),
                    Some(&provenance),
                )
            })
            .collect()
    };
    let rows = match args.threads {
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build()
            .map_err(Failure::new)?
            .install(run),
        None => run(),
    };
    print(experiment, &rows, true, format, args.output.as_deref())
}

fn print(
    experiment: &Written,
    rows: &[Row],
    simulated: bool,
    format: RowFormat,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let shown = written::shown(experiment, simulated);
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let text = rows::render(rows, &shown, format).map_err(Failure::new)?;
    write(output, &text).map_err(Failure::Message)
}
