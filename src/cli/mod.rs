//! The commands.

mod check;
mod experiment;
mod merge;
mod predict;
mod scaling;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use check::CheckArgs;
pub use merge::MergeArgs;
pub use predict::PredictArgs;
pub use scaling::ScalingArgs;
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
    Scaling(ScalingArgs),
}

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Scaling(args) => match scaling::run(&args) {
            Ok(text) => {
                anstream::print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                anstream::eprintln!("error: {error}");
                ExitCode::from(2)
            }
        },
    }
}
