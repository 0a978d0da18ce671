//! `resolvent check`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{fail, tell, write};
use crate::check::{Effort, Options, check, find};
use crate::report;
use crate::report::printable::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    /// One page that needs nothing else
    Html,
}

/// Decide every claim of derivation files
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 every claim is as expected; 1 some claim is not; 2 a usage or file error.

Examples:
  resolvent check                                   everything below derivations/
  resolvent check my-theorem.toml --effort thorough
  resolvent check --format html --output report.html
  resolvent check --filter 'cor-4.4*' --format json | jq '.claims[].verdict'")]
pub struct CheckArgs {
    /// Derivation files, or folders searched for *.toml
    #[arg(default_value = "derivations", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the report here instead of to standard output (only once it is complete)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The same seed, inputs and version give the same report, whatever the number of threads
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many points and replicates to spend on each claim
    #[arg(long, value_enum, default_value = "normal")]
    effort: Effort,
    /// Budget of work for each claim, in units of about a second's plain arithmetic; by default as the effort allows
    /// (quick 3, normal 8, thorough 600). Counted, not timed: the same everywhere
    #[arg(long, value_name = "UNITS")]
    work: Option<f64>,
    /// Only claims whose id matches; * and ? stand for any characters and for one
    #[arg(long, value_name = "ID-GLOB")]
    filter: Option<String>,
    /// Worker threads; 0 for as many as there are cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Time each claim (otherwise `seconds` is 0, and reports are the same byte for byte)
    #[arg(long)]
    timings: bool,
    /// Show the details of every claim, not only of those that were refuted or are not as expected
    #[arg(long, short)]
    verbose: bool,
}

/// Runs the command.
pub fn run(args: &CheckArgs) -> ExitCode {
    let found = match find(&args.paths) {
        Ok(found) => found,
        Err(error) => return fail(&error),
    };
    for note in &found.notes {
        tell(&format!("note: {note}"));
    }
    let files = found.files;
    if files.is_empty() {
        return fail(&format!(
            "no derivation files (*.toml) below {}",
            list(&args.paths)
        ));
    }
    let options = Options {
        seed: args.seed,
        effort: args.effort,
        work: args.work.map(|seconds| (seconds.max(0.0) * 1e9) as u64),
        filter: args.filter.clone(),
        threads: args.threads,
        timings: args.timings,
    };
    let bar = if std::io::stderr().is_terminal() {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} claims  {elapsed}")
        {
            bar.set_style(style);
        }
        bar
    } else {
        ProgressBar::hidden()
    };
    let outcome = check(&files, &options, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    if let Err(error) = report::diagnostic::write_to_stderr(&outcome.diagnostics) {
        return fail(&format!("cannot write diagnostics: {error}"));
    }
    if outcome.report.claims.is_empty() {
        return fail(&match &args.filter {
            Some(filter) => format!("no claim's id matches {filter}"),
            None => format!("no claims in {}", list(&args.paths)),
        });
    }
    let text = match args.format {
        Format::Text => report::text(&outcome.report, args.verbose),
        Format::Json => match serde_json::to_string_pretty(&outcome.report) {
            Ok(text) => json(&text) + "\n",
            Err(error) => return fail(&error.to_string()),
        },
        Format::Html => {
            let read = files
                .iter()
                .filter_map(|path| crate::check::file::read(path).ok());
            let claims: Vec<_> = read.flat_map(|file| file.claims).collect();
            match report::html(&outcome.report, &claims) {
                Ok(text) => text,
                Err(error) => return fail(&error.to_string()),
            }
        }
    };
    if let Err(error) = write(args.output.as_deref(), &text) {
        return fail(&format!("cannot write the report: {error}"));
    }
    if !outcome.diagnostics.is_empty() {
        ExitCode::from(2)
    } else if outcome.report.summary.unexpected > 0 {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|p| p.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
