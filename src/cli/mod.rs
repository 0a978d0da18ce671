//! The commands.

mod check;
mod experiment;
mod merge;
mod predict;
mod simulate;
pub mod scaling;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use check::CheckArgs;
pub use merge::MergeArgs;
pub use predict::PredictArgs;
pub use simulate::SimulateArgs;

/// A theory checker for high-dimensional regression
#[derive(Debug, Parser)]
#[command(name = "resolvent", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(CheckArgs),
    Predict(PredictArgs),
    Simulate(SimulateArgs),
    Merge(MergeArgs),
}

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Merge(args) => merge::run(&args),
    }
}
