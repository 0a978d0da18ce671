//! `resolvent mutate`: would the checks notice a slip?

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::check::{progress, units};
use super::exit;
use super::output::{fail, tell, write};
use crate::check::cache::Cache;
use crate::check::file::{Claim, read_leniently};
use crate::check::{Effort, Options, find, matches};
use crate::mutate::{Outcome, mutate};
use crate::report::diagnostic::write_to_stderr;
use crate::report::printable::{json, printable};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Check the one-edit neighbours of every claim: those that are not refuted are holes
///
/// Of each claim that holds, and each step of a derivation, the statements that a slip of the pen would have made are
/// checked as the claim is: a sign, a factor, an exponent, an index, a missing term, d for T, kappa for lambda, df(1) for
/// df(2), a strict relation, swapped arguments, a missing assumption. What is not refuted either follows from the claim,
/// or is a hole. A hole that is none is explained beside its claim, with the edit as it is printed here:
///
///   survivors = [{ edit = "`<` for `<=`", why = "the bound is strict, and nobody needs it" }]
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 done, the score is at least --min-score, and with --explained every survivor explained;
1 if not; 2 a usage or file error.
A run that was interrupted goes on where it was: verdicts are kept in the cache.

Examples:
  resolvent mutate                                  everything below derivations/
  resolvent mutate my-theorem.toml --min-score 0.99
  resolvent mutate --filter 'cor-4.4*' --format json | jq '.survivors[].mutant'")]
pub struct MutateArgs {
    /// Derivation files, or folders searched for *.toml
    #[arg(default_value = "derivations", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the result here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fail where a smaller share of the mutants is refuted, of those that do not follow from their claim
    #[arg(long, value_name = "SHARE")]
    min_score: Option<f64>,
    /// Fail where a survivor is not explained by its file, or an explanation explains none
    #[arg(long)]
    explained: bool,
    /// Only claims whose id matches; * and ? stand for any characters and for one
    #[arg(long, value_name = "ID-GLOB")]
    filter: Option<String>,
    /// As in `check`
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// For mutants that a quick look does not refute
    #[arg(long, value_enum, default_value = "normal")]
    effort: Effort,
    /// Budget of work for each mutant, as in `check`
    #[arg(long, value_name = "UNITS")]
    work: Option<f64>,
    /// Worker threads; 0 for as many as there are cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Decide every mutant anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
}

/// Runs the command.
pub fn run(args: &MutateArgs) -> ExitCode {
    match mutate_and_report(args) {
        Ok(status) => exit::code(status),
        Err(message) => fail(&message),
    }
}

fn mutate_and_report(args: &MutateArgs) -> Result<u8, String> {
    let found = find(&args.paths)?;
    for note in &found.notes {
        tell(&format!("note: {note}"));
    }
    let mut claims: Vec<Claim> = Vec::new();
    let mut faults = Vec::new();
    for path in &found.files {
        let reading = read_leniently(path);
        faults.extend(reading.diagnostics);
        claims.extend(reading.file.claims);
    }
    write_to_stderr(&faults).map_err(|error| format!("cannot write diagnostics: {error}"))?;
    if let Some(pattern) = &args.filter {
        claims.retain(|claim| matches(pattern, &claim.id));
    }
    if claims.is_empty() {
        return Err("no claims to mutate".to_owned());
    }
    let options = Options {
        seed: args.seed,
        effort: args.effort,
        work: args.work.map(units),
        threads: args.threads,
        cache: if args.no_cache {
            None
        } else {
            Cache::standard()
        },
        ..Options::default()
    };
    let bar = progress("mutants");
    let outcome = mutate(&claims, &options, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let text = match args.format {
        Format::Text => text(&outcome),
        Format::Json => {
            let text = serde_json::to_string_pretty(&outcome).map_err(|error| error.to_string())?;
            json(&text) + "\n"
        }
    };
    write(args.output.as_deref(), &text)?;
    if !faults.is_empty() {
        return Ok(exit::FAULT);
    }
    // No mutants are no reason to be content.
    let enough = args
        .min_score
        .is_none_or(|least| outcome.mutants > 0 && outcome.score >= least);
    let explained = outcome.unexplained() == 0 && outcome.unfounded.is_empty();
    Ok(if enough && (explained || !args.explained) {
        exit::AS_EXPECTED
    } else {
        exit::NOT_AS_EXPECTED
    })
}

fn text(outcome: &Outcome) -> String {
    let mut out = String::new();
    for claim in &outcome.claims {
        let _ = writeln!(
            out,
            "{:>6.1} %  {:<28} {} mutants, {} refuted, {} follow from it",
            100.0 * claim.score,
            printable(&claim.id),
            claim.mutants,
            claim.refuted,
            claim.equivalent
        );
        for hole in
            (outcome.survivors.iter()).filter(|s| (&s.id, &s.file) == (&claim.id, &claim.file))
        {
            let _ = writeln!(
                out,
                "{:>10} {}:{}:{}",
                "",
                printable(&hole.file),
                hole.line,
                hole.column
            );
            let _ = writeln!(out, "{:>12} {}", "", printable(&hole.mutant));
            let _ = writeln!(
                out,
                "{:>12} {}: {}",
                "",
                printable(&hole.edit),
                printable(&hole.why)
            );
            if let Some(explained) = &hole.explained {
                let _ = writeln!(out, "{:>12} explained: {}", "", printable(explained));
            }
        }
    }
    for unfounded in &outcome.unfounded {
        let _ = writeln!(
            out,
            "{}:{}:{}: explained, but no survivor of {}: {}",
            printable(&unfounded.file),
            unfounded.line,
            unfounded.column,
            printable(&unfounded.id),
            printable(&unfounded.edit)
        );
    }
    let _ = writeln!(
        out,
        "\n{} mutants: {} refuted, {} follow from their claim ({} of them decided exactly), {} are holes, {} of them not explained; score {:.2} %",
        outcome.mutants,
        outcome.refuted,
        outcome.equivalent,
        outcome.equivalent_proved,
        outcome.survivors.len(),
        outcome.unexplained(),
        100.0 * outcome.score
    );
    if outcome.left_out > 0 {
        let _ = writeln!(
            out,
            "{} claims left out, which are not expected to hold or do not",
            outcome.left_out
        );
    }
    out
}
