//! `resolvent predict`: deterministic equivalents for an experiment.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use rayon::prelude::*;

use super::experiment::{self, Failure};
use crate::report::prediction;
use crate::report::rows::{self, Row, RowFormat, Value};

/// Deterministic equivalents of the test error and its parts, for every point of an experiment
#[derive(Debug, clap::Args)]
pub struct PredictArgs {
    /// Experiment file (TOML)
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "table")]
    pub format: RowFormat,
    /// Write there instead of standard output
    #[arg(long, short)]
    pub output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &PredictArgs) -> ExitCode {
    match predict(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn predict(args: &PredictArgs) -> Result<(), Failure> {
    let (_, points) = experiment::read(&args.file)?;
    let rows: Vec<Row> = points
        .par_iter()
        .map(|point| {
            let prediction = point.predict();
            let note = prediction::note(&prediction);
            if let (Err(error), None) = (&prediction, &note) {
                return Err(Failure::Message(format!(
                    "{}: {error}",
                    experiment::describe(point)
                )));
            }
            let mut row = prediction::row(point, &prediction);
            row.push("note", note.map_or(Value::Missing, Value::Text));
            Ok(row)
        })
        .collect::<Result<_, _>>()?;
    let shown: Vec<&str> = prediction::SHOWN.into_iter().chain(["note"]).collect();
    let text = rows::render(&rows, &shown, args.format).map_err(Failure::new)?;
    write(args.output.as_deref(), &text)
}

/// To a file or to standard output, whose reader may have left.
pub(super) fn write(output: Option<&std::path::Path>, text: &str) -> Result<(), Failure> {
    match output {
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure::Message(format!("{}: {error}", path.display()))),
        None => std::io::stdout()
            .lock()
            .write_all(text.as_bytes())
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::BrokenPipe => Ok(()),
                _ => Err(Failure::Message(format!("standard output: {error}"))),
            }),
    }
}
