//! `resolvent predict`: deterministic equivalents for an experiment.

use std::path::PathBuf;
use std::process::ExitCode;

use rayon::prelude::*;

use super::experiment::{self, Failure};
use super::output::write;
use super::written;
use crate::report::prediction;
use crate::report::rows::{self, Row, RowFormat, Value};

/// Deterministic equivalents of the test error and its parts, for every point of an experiment
///
/// Where the exact expectation at this finite size is known (isotropic inputs with any ridge; least squares with
/// enough samples for any inputs), `exact` holds it, and `off` says by which part of it the equivalent is off.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  resolvent predict experiment.toml
  resolvent predict experiment.toml --format csv --output predicted.csv

An experiment file, where every combination of the sweep is a point:
  [setting]
  d        = 300                                     # or inf
  spectrum = { kind = \"power-law\", beta = 2 }
  target   = { kind = \"source\", r = 0.375 }          # or { kind = \"isotropic\", norm2 = 1 }

  [chain]                                            # left out: clean data
  samples = 600                                      # rows of each generation
  noise   = 0.2                                      # standard deviation

  [downstream]
  noise = 0.2
  ridge = \"T^-0.8\"                                   # a number, or a formula of T, d, T0, n

  [sweep]
  n = [0, 1, 5]
  T = { log = [10, 1e6, 25] }

Other estimators are written in formulas, as in a derivation file: mixtures of real and synthetic rows, accumulated data,
random features, covariate shift, the best ridge. [predict] names what is asked for, and any symbol may be swept:
  [setting]
  d        = 200
  spectrum = { kind = \"power-law\", beta = 1.5 }
  target   = { kind = \"isotropic\", norm2 = 1 }

  [symbols]
  sigma = 0.3

  [random]                                           # rows of two covariances, those of Z with labels of another model
  X     = { design = \"T\" }
  Z     = { design = \"S\", covariance = \"Sigma^2\" }
  E     = { noise = \"T + S\", sd = \"sigma\" }
  delta = { noise = \"d\", sd = 0.05 }

  [define]
  w = \"ridge([X; Z], [X*w0; Z*(w0 + delta)] + E, lambda)\"

  [predict]
  test_error = \"E[norm2(w - w0, Sigma)]\"

  [sweep]
  S      = [10, 100, 1000]
  T      = [100, 400]
  lambda = [0.01, 0.1]")]
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
    if let Some(experiment) = written::read(&args.file)? {
        return written::predict(&experiment, args.format, args.output.as_deref());
    }
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
            prediction::push_exact(&mut row, point, &prediction);
            row.push("note", note.map_or(Value::Missing, Value::Text));
            Ok(row)
        })
        .collect::<Result<_, _>>()?;
    let shown: Vec<&str> = prediction::SHOWN.into_iter().chain(["note"]).collect();
    let text = rows::render(&rows, &shown, args.format).map_err(Failure::new)?;
    write(args.output.as_deref(), &text).map_err(Failure::Message)
}
