//! `resolvent explain`.

use std::process::ExitCode;

use super::output::{fail, write};
use crate::formula::suggestion::nearest;
use crate::report::explain::{CODES, VERDICTS, find, list, text};

/// Explain a verdict or the code of a diagnostic
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  resolvent explain                 everything there is, a line each
  resolvent explain inconclusive    a verdict, and what to do about it
  resolvent explain S002            the code in error[S002]")]
pub struct ExplainArgs {
    /// `proved`, `supported`, …, or a code such as F013
    #[arg(value_name = "VERDICT|CODE")]
    pub name: Option<String>,
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> ExitCode {
    let shown = match &args.name {
        None => list(),
        Some(name) => match find(name) {
            Some(entry) => text(entry),
            None => {
                let names = VERDICTS.iter().chain(CODES).map(|entry| entry.name);
                let hint = match nearest(name, names) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "`resolvent explain` lists them".to_owned(),
                };
                return fail(&format!("there is no verdict or code `{name}`; {hint}"));
            }
        },
    };
    match write(None, &shown) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
