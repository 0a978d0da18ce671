//! `predict` and `simulate` for experiments whose estimators are written in formulas.

use std::io;
use std::path::Path;

use indicatif::ProgressBar;
use rayon::prelude::*;

use super::experiment::Failure;
use super::fingerprint::fnv1a;
use super::journalled::{Journalled, Planned, progress};
use super::output::write;
use super::simulate::args::SimulateArgs;
use crate::check::diagnostic::SourceFile;
use crate::check::file::MAX_FILE_BYTES;
use crate::check::file::numbers::read_bounded;
use crate::experiment::{DrawObserver, KnownDraws, Outcome, Written, WrittenPoint};
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

pub(super) fn predict(
    experiment: &Written,
    format: RowFormat,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let points = experiment.points()?;
    let rows: Vec<Row> = points
        .par_iter()
        .map(|point| written::row(experiment, point, &experiment.predicted(point), None, None))
        .collect();
    print(experiment, &rows, false, format, output)
}

pub(super) fn simulate(mut experiment: Written, args: &SimulateArgs) -> Result<(), Failure> {
    args.override_settings(&mut experiment.simulate)?;
    let points = experiment.points()?;
    let depends_on = experiment.drawn_from();
    let rows_depend_on = format!("{depends_on} {:?}", experiment.simulate.rule);
    let plan = Plan {
        experiment: &experiment,
        points: &points,
        journal_name: format!("{:016x}", fnv1a(depends_on.as_bytes())),
        row_name: format!("{:016x}", fnv1a(rows_depend_on.as_bytes())),
        progress: progress(args, points.len()),
    };
    match &args.output {
        None => to_standard_output(&plan, args),
        Some(path) => to_file(&plan, args, path),
    }
}

fn to_standard_output(plan: &Plan<'_>, args: &SimulateArgs) -> Result<(), Failure> {
    let mut collected = Rows {
        plan,
        rows: Vec::new(),
    };
    plan.run(args, &KnownDraws::new(), &mut collected)?;
    let format = args.format.unwrap_or(RowFormat::Table);
    print(plan.experiment, &collected.rows, true, format, None)
}

fn to_file(plan: &Plan<'_>, args: &SimulateArgs, path: &Path) -> Result<(), Failure> {
    let sweep = Planned {
        name: &plan.journal_name,
        most: plan.experiment.simulate.rule.most().max(1),
        cells: plan.points.len(),
        parts: plan.experiment.quantities.len(),
    };
    let (file, known) = Journalled::open(args, path, &sweep)?;
    let mut to_file = ToFile { plan, file };
    plan.run(args, &known, &mut to_file)?;
    to_file.file.finish()
}

/// An experiment, and what its rows say of where they are from.
struct Plan<'a> {
    experiment: &'a Written,
    points: &'a [WrittenPoint],
    /// Names what the replicates depend on.
    journal_name: String,
    /// Names what the rows depend on: that, and when to stop.
    row_name: String,
    progress: ProgressBar,
}

impl Plan<'_> {
    fn run(
        &self,
        args: &SimulateArgs,
        known: &KnownDraws,
        observer: &mut dyn DrawObserver,
    ) -> Result<(), Failure> {
        self.experiment
            .sweep(
                self.points,
                args.shard.shard(),
                args.threads,
                known,
                observer,
            )
            .map_err(|error| Failure::Message(format!("cannot write the results: {error}")))
    }

    fn row(&self, cell: usize, simulated: &Outcome) -> Row {
        self.progress.inc(1);
        let provenance = Provenance {
            cell,
            cells: self.points.len(),
            experiment: &self.row_name,
        };
        let point = &self.points[cell];
        written::row(
            self.experiment,
            point,
            &self.experiment.predicted(point),
            Some(simulated),
            Some(&provenance),
        )
    }
}

/// Rows for standard output.
struct Rows<'a> {
    plan: &'a Plan<'a>,
    rows: Vec<Row>,
}

impl DrawObserver for Rows<'_> {
    fn drawn(&mut self, _: usize, _: u64, _: &[f64]) -> io::Result<()> {
        self.plan.progress.tick();
        Ok(())
    }

    fn finished(&mut self, cell: usize, outcome: Outcome, _: &[u64]) -> io::Result<()> {
        self.rows.push(self.plan.row(cell, &outcome));
        Ok(())
    }
}

/// Rows for a file.
struct ToFile<'a> {
    plan: &'a Plan<'a>,
    file: Journalled<Vec<f64>>,
}

impl DrawObserver for ToFile<'_> {
    fn drawn(&mut self, unit: usize, replicate: u64, values: &[f64]) -> io::Result<()> {
        self.plan.progress.tick();
        self.file.append(unit, replicate, &values.to_vec())
    }

    fn finished(&mut self, cell: usize, outcome: Outcome, replicates: &[u64]) -> io::Result<()> {
        let row = self.plan.row(cell, &outcome);
        self.file.finished(cell, &row, replicates)
    }
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
