//! `resolvent plot`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use num_rational::BigRational;
use num_traits::Zero;

use super::experiment::Failure;
use super::output::write;
use crate::check::cache::Cache;
use crate::check::diagnostic::SourceFile;
use crate::check::file::Claim;
use crate::check::file::numbers::read_bounded;
use crate::check::{Options, check_text};
use crate::experiment::{Experiment, Written};
use crate::number::{rational_from_f64, simplest_between_doubles};
use crate::plot::{self, Chart, Scene, Theme};
use crate::report::printable::printable;
use crate::report::write_whole_bytes;
use crate::table::{Definition, compute};

/// What the picture of a claim may cost, see [`crate::budget`].
const WORK: u64 = 20_000_000_000;
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

  A table
      resolvent plot kappa.toml --column kappa --output kappa.svg

  A claim: the ratio of its sides along its limit or a symbol. One that is refuted
  goes through its witness, beside what holds instead; or through a point of yours
      resolvent plot my-theorem.toml --filter cor-4.4 --output cor-4.4.svg
      resolvent plot my-theorem.toml --filter rate --at beta=2 --at b=1/4 -o rate.svg

  Where in its domain the claim holds and where it fails
      resolvent plot my-theorem.toml --filter rate --over b=0..2,ell -o where.svg

  An experiment with [predict]: two of its quantities
      resolvent plot mixture.toml --column random --column best --output two.svg

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
    /// Of a claim, the point that its curve goes through; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub at: Vec<(String, BigRational)>,
    /// Of a claim, a map of where it holds over two symbols, each with a range if need be
    #[arg(long, value_name = "X,Y", value_parser = over)]
    pub over: Option<Over>,
    /// Of a table, this column; of an experiment with [predict], this quantity; may be given several times
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

/// The two sides of a map.
#[derive(Clone, Debug)]
pub struct Over(plot::claim::Side, plot::claim::Side);

/// `NAME=VALUE`, exact.
fn setting(text: &str) -> Result<(String, BigRational), String> {
    let wrong = || format!("`{text}`: write NAME=VALUE, such as beta=2 or b=1/4");
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let value = rational(value.trim()).ok_or_else(wrong)?;
    Ok((name.trim().to_owned(), value))
}

/// A decimal number or a fraction.
fn rational(text: &str) -> Option<BigRational> {
    if let Some((above, below)) = text.split_once('/') {
        let below = rational(below)?;
        return (!below.is_zero()).then(|| Some(rational(above)? / below))?;
    }
    let x: f64 = text.parse().ok()?;
    if x.fract() == 0.0 {
        return rational_from_f64(x);
    }
    let width = 1e-14 * x.abs();
    simplest_between_doubles(x - width, x + width)
}

/// `X,Y` or `X=0..2,Y=1..5`.
fn over(text: &str) -> Result<Over, String> {
    let side = |part: &str| -> Result<plot::claim::Side, String> {
        let Some((name, range)) = part.split_once('=') else {
            return Ok(plot::claim::Side {
                name: part.trim().to_owned(),
                range: None,
            });
        };
        let ends = range.split_once("..");
        let ends = ends.and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        match ends {
            Some((a, b)) if a < b => Ok(plot::claim::Side {
                name: name.trim().to_owned(),
                range: Some((a, b)),
            }),
            _ => Err(format!("`{part}`: write a range as in b=0..2")),
        }
    };
    match text.split(',').collect::<Vec<_>>()[..] {
        [x, y] => {
            let (x, y) = (side(x)?, side(y)?);
            if x.name == y.name {
                return Err("a map has two different sides, such as b,ell".to_owned());
            }
            Ok(Over(x, y))
        }
        _ => Err("a map has two sides, such as b,ell".to_owned()),
    }
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
    let table = toml.then(|| text.parse::<toml::Table>().ok()).flatten();
    let derivation =
        |file: &toml::Table| file.contains_key("claim") || file.contains_key("derivation");
    if table.as_ref().is_some_and(derivation) {
        let scene = claim(args, &text)?;
        return save(&scene, &args.output, args.scale);
    }
    if !args.at.is_empty() || args.over.is_some() {
        return Err(Failure::new(
            "--at and --over are for claims of derivation files",
        ));
    }
    let mut chart = match table {
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
    let source = SourceFile::new(&args.file, text);
    if Written::is_written(&source) {
        return written(args, &Written::read(source)?);
    }
    let experiment = Experiment::read(source)?;
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

fn written(args: &PlotArgs, experiment: &Written) -> Result<Chart, Failure> {
    let means = match &args.data {
        Some(path) => plot::written::read(&read(path)?, experiment).map_err(failure)?,
        None if args.simulate => {
            plot::written::simulate(experiment, args.threads).map_err(failure)?
        }
        None => Vec::new(),
    };
    plot::written::chart(experiment, &means, &args.column).map_err(failure)
}

/// The one claim that the filter names, decided first where that tells a point at which it fails.
fn claim(args: &PlotArgs, text: &str) -> Result<Scene, Failure> {
    let claims = crate::check::file::read_text(&args.file, text)?.claims;
    let fits = |claim: &&Claim| args.filter.as_ref().is_none_or(|id| claim.id == *id);
    let found: Vec<&Claim> = claims.iter().filter(fits).collect();
    let [claim] = found[..] else {
        let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
        return Err(Failure::Message(format!(
            "{}: name one claim with --filter: {}",
            args.file.display(),
            ids.join(", ")
        )));
    };
    let decided = args.at.is_empty().then(|| {
        let options = Options {
            filter: Some(claim.id.clone()),
            cache: Cache::standard(),
            ..Options::default()
        };
        let rows = check_text(&args.file, text, &options).report.claims;
        rows.into_iter().find(|row| row.id == claim.id)
    });
    let row = decided.flatten();
    let row = row.as_ref();
    let witness = row.and_then(|row| row.witness.as_ref());
    let instead = claim.instead.as_ref();
    let background = plot::claim::Background {
        witness,
        reason: row.and_then(|row| row.reason.as_deref()),
        instead: instead.and_then(|id| claims.iter().find(|claim| claim.id == *id)),
        at: &args.at,
        others: match (witness, args.at.is_empty()) {
            (None, true) => 5,
            (Some(_), true) => 1,
            (_, false) => 0,
        },
        work: WORK,
    };
    let about =
        |error: plot::PlotError| Failure::Message(format!("{}: {error}", args.file.display()));
    let titled = |title: &str| printable(args.title.as_deref().unwrap_or(title)).into_owned();
    match &args.over {
        Some(Over(across, up)) => {
            let mut map = plot::claim::domain(claim, &background, across, up).map_err(about)?;
            map.title = titled(&map.title);
            Ok(map.draw(args.theme))
        }
        None => {
            let mut chart = plot::claim::chart(claim, &background).map_err(about)?;
            chart.title = titled(&chart.title);
            chart_scene(&chart, args.theme)
        }
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
