//! The commands.

mod check;
mod derive;
pub mod exit;
mod experiment;
mod explain;
mod fingerprint;
mod journalled;
mod lsp;
mod man;
mod merge;
mod mutate;
mod new;
mod output;
mod plot;
mod predict;
mod scaling;
mod simulate;
mod spectrum;
mod table;
mod written;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::check::{keep_panics_quiet, told};

pub use check::CheckArgs;
pub use derive::DeriveArgs;
pub use explain::ExplainArgs;
pub use lsp::LspArgs;
pub use man::{CompletionsArgs, ManArgs};
pub use merge::MergeArgs;
pub use mutate::MutateArgs;
pub use new::{Kind, NewArgs};
pub use plot::PlotArgs;
pub use predict::PredictArgs;
pub use scaling::ScalingArgs;
pub use simulate::SimulateArgs;
pub use spectrum::SpectrumArgs;
pub use table::TableArgs;

/// A theory checker for high-dimensional regression
///
/// Formulas about ridge and minimum-norm regression are decided from the model they speak of:
/// identities point by point, expectations by simulation with controlled error, limits along their
/// paths and by deterministic equivalents, powers of T exactly.
#[derive(Debug, Parser)]
#[command(name = "resolvent", bin_name = "resolvent", version, after_long_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  Decide everything below derivations/
      resolvent check

  One theorem of it, in detail
      resolvent check --filter 'thm-4.1*' --verbose

  The deterministic equivalent of every expectation in it, as a formula
      resolvent derive my-theorem.toml

  Theory for the points of a figure, and the same beside simulations
      resolvent predict fixtures/figures/1b-right.toml
      resolvent simulate fixtures/figures/1b-right.toml

  The same as a picture
      resolvent plot fixtures/figures/1b-right.toml --simulate --output 1b.svg

  A reference table with every digit certain, and the check of a published one
      resolvent new --kind table kappa.toml
      resolvent table kappa.toml --output kappa.csv
      resolvent table --verify kappa.csv

  Rates and the best ridge of a power law
      resolvent scaling --beta 2 --source 3/8

Exit status: 0 done, and every claim is as expected; 1 some claim is not; 2 a usage or file error.
`resolvent COMMAND --help` says more; `resolvent explain` teaches verdicts and
codes; `resolvent new` writes a file to start from.";

#[derive(Debug, Subcommand)]
enum Command {
    Check(CheckArgs),
    Derive(DeriveArgs),
    Mutate(MutateArgs),
    Lsp(LspArgs),
    Predict(PredictArgs),
    Simulate(SimulateArgs),
    Merge(MergeArgs),
    Plot(PlotArgs),
    Table(TableArgs),
    Scaling(Box<ScalingArgs>),
    Spectrum(SpectrumArgs),
    New(NewArgs),
    Explain(ExplainArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    // What panics is told once, in words, and ends like any other failure.
    keep_panics_quiet();
    std::panic::catch_unwind(|| dispatch(command)).unwrap_or_else(|panic| {
        let what = told(panic.as_ref());
        output::fail(&format!(
            "resolvent itself failed ({what}); that is a bug, please report it with the files"
        ))
    })
}

fn dispatch(command: Command) -> ExitCode {
    match command {
        Command::Check(args) => check::run(&args),
        Command::Derive(args) => derive::run(&args),
        Command::Lsp(args) => lsp::run(&args),
        Command::Mutate(args) => mutate::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Plot(args) => plot::run(&args),
        Command::Table(args) => table::run(&args),
        Command::Scaling(args) => scaling::run(&args),
        Command::Spectrum(args) => spectrum::run(&args),
        Command::New(args) => new::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => man::completions(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
    }
}
