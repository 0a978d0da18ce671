//! `resolvent plot`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::experiment::Failure;
use super::output::write;
use crate::check::diagnostic::SourceFile;
use crate::check::file::Claim;
use crate::check::file::numbers::read_bounded;
use crate::experiment::Experiment;
use crate::plot::{self, Chart, Scene, Theme};
use crate::report::printable::printable;
use crate::report::write_whole_bytes;
use crate::table::{Definition, compute};

/// Larger files are refused.
const MAX_BYTES: u64 = 64 << 20;

/// Draw an experiment, simulated rows, a table or a claim, as SVG or PNG
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The theory of an experiment, and its simulation on top
      resolvent plot experiment.toml --output theory.svg
      resolvent plot experiment.toml --simulate --output both.png

  What `resolvent simulate` wrote; with the experiment, on finer curves
      resolvent plot results.csv --output results.svg
      resolvent plot experiment.toml --data results.csv --output results.svg

  A table, and a claim: the ratio of its sides along its limit or a symbol
      resolvent plot kappa.toml --column kappa --output kappa.svg
      resolvent plot my-theorem.toml --filter cor-4.4 --output cor-4.4.svg

Along the axis runs what the sweep has most values of; every other swept setting
makes a curve. Axes are logarithmic where the values span more than a factor
of 25. Dotted lines mark where T meets d and T0, rings where the synthetic
labels' noise becomes the larger part of the error (or the best ridge).")]
pub struct PlotArgs {
    /// Experiment, table or derivation file (TOML), or rows of `resolvent simulate` or `predict` (CSV, JSON Lines)
    pub file: PathBuf,
    /// The picture; its name ends in .svg or .png
    #[arg(long, short, value_name = "PICTURE")]
    pub output: PathBuf,
    /// Of a derivation file, the claim with this id
    #[arg(long, value_name = "ID")]
    pub filter: Option<String>,
    /// Of a table, this column; may be given several times
    #[arg(long, value_name = "NAME")]
    pub column: Vec<String>,
    /// Simulated rows of the same experiment
    #[arg(long, value_name = "ROWS", conflicts_with = "simulate")]
    pub data: Option<PathBuf>,
    /// Simulate the experiment as its file says, and draw that too
    #[arg(long)]
    pub simulate: bool,
    #[arg(long, value_enum, default_value = "light")]
    pub theme: Theme,
    /// Instead of the file's
    #[arg(long)]
    pub title: Option<String>,
    /// Pixels a unit of length, in a PNG; a picture is 430 units wide
    #[arg(long, default_value_t = 3.0, value_parser = scale)]
    pub scale: f64,
    /// Threads of the simulation
    #[arg(long)]
    pub threads: Option<NonZeroUsize>,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if (0.1..=20.0).contains(&x) => Ok(x),
        _ => Err("a number from 0.1 to 20".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: &PlotArgs) -> ExitCode {
    match draw(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn draw(args: &PlotArgs) -> Result<(), Failure> {
    let text = read(&args.file)?;
    let about =
        |error: plot::PlotError| Failure::Message(format!("{}: {error}", args.file.display()));
    let toml = args.file.extension().is_some_and(|e| e == "toml");
    let mut chart = match toml.then(|| text.parse::<toml::Table>().ok()).flatten() {
        Some(file) if file.contains_key("claim") || file.contains_key("derivation") => {
            plot::claim::chart(&claim(args, &text)?).map_err(about)?
        }
        Some(file) if file.contains_key("columns") => {
            let definition = Definition::read(&args.file, &text)?;
            let table = compute(&definition).map_err(Failure::new)?;
            plot::table::chart(&table, &args.column).map_err(about)?
        }
        _ if toml => experiment(args, text)?,
        _ if text.contains("\n#| [columns]") => {
            let published = crate::table::published::read(&text).map_err(Failure::new)?;
            let definition = published.definition.unwrap_or_default();
            let definition = Definition::read(&args.file, &definition)?;
            let table = compute(&definition).map_err(Failure::new)?;
            plot::table::chart(&table, &args.column).map_err(about)?
        }
        _ => {
            let rows = plot::simulated::read(&text).map_err(about)?;
            plot::simulated::chart(&rows, "Test error".to_owned()).map_err(about)?
        }
    };
    if let Some(title) = &args.title {
        chart.title.clone_from(title);
    }
    chart.title = printable(&chart.title).into_owned();
    save(&chart_scene(&chart, args.theme)?, &args.output, args.scale)
}

fn experiment(args: &PlotArgs, text: String) -> Result<Chart, Failure> {
    let experiment = Experiment::read(SourceFile::new(&args.file, text))?;
    let rows = match &args.data {
        Some(path) => plot::simulated::read(&read(path)?)
            .map_err(|error| Failure::Message(format!("{}: {error}", path.display())))?,
        None if args.simulate => {
            plot::experiment::simulate(&experiment, args.threads).map_err(failure)?
        }
        None => Vec::new(),
    };
    plot::experiment::chart(&experiment, &rows).map_err(failure)
}

/// The one claim that the filter names.
fn claim(args: &PlotArgs, text: &str) -> Result<Claim, Failure> {
    let file = crate::check::file::read_text(&args.file, text)?;
    let ids: Vec<String> = file.claims.iter().map(|claim| claim.id.clone()).collect();
    let fits = |claim: &Claim| args.filter.as_ref().is_none_or(|id| claim.id == *id);
    let mut found: Vec<Claim> = file.claims.into_iter().filter(fits).collect();
    match (found.len(), found.pop()) {
        (1, Some(claim)) => Ok(claim),
        _ => Err(Failure::Message(format!(
            "{}: name one claim with --filter: {}",
            args.file.display(),
            ids.join(", ")
        ))),
    }
}

fn chart_scene(chart: &Chart, theme: Theme) -> Result<Scene, Failure> {
    chart.draw(theme).map_err(Failure::new)
}

/// Writes a picture in the format of its name.
pub(super) fn save(scene: &Scene, path: &Path, scale: f64) -> Result<(), Failure> {
    let about = |error: std::io::Error| Failure::Message(format!("{}: {error}", path.display()));
    match path.extension().and_then(|e| e.to_str()) {
        Some("svg") => write(Some(path), &plot::svg::render(scene)).map_err(Failure::Message),
        Some("png") => {
            let bytes = plot::png::render(scene, scale).map_err(Failure::new)?;
            write_whole_bytes(path, &bytes).map_err(about)
        }
        _ => Err(Failure::Message(format!(
            "{}: end its name in .svg or .png",
            path.display()
        ))),
    }
}

fn failure(failure: plot::experiment::Failure) -> Failure {
    match failure {
        plot::experiment::Failure::Faults(faults) => Failure::Faults(faults),
        plot::experiment::Failure::Message(message) => Failure::Message(message),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    read_bounded(path, MAX_BYTES)
        .map_err(|(message, _)| Failure::Message(format!("{}: {message}", path.display())))
}
