//! `resolvent lsp`.

use std::process::ExitCode;

use clap::Args;

use super::exit;
use super::output::fail;
use crate::check::cache::Cache;
use crate::check::{Effort, Options};
use crate::lsp::serve;

/// Serve an editor over the Language Server Protocol, on standard input and output
///
/// Faults as one types, shapes and definitions on hover, completion of names and functions, and verdicts as lenses when a
/// derivation file is opened or saved.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// How many points and replicates to spend on each claim
    #[arg(long, value_enum, default_value = "normal")]
    effort: Effort,
    /// Worker threads; 0 for as many as there are cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Accepted for editors that pass it
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the command.
pub fn run(args: &LspArgs) -> ExitCode {
    let options = Options {
        effort: args.effort,
        threads: args.threads,
        cache: Cache::standard(),
        ..Options::default()
    };
    match serve(options) {
        Ok(()) => exit::code(exit::AS_EXPECTED),
        Err(error) => fail(&error.to_string()),
    }
}
