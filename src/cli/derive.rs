//! `resolvent derive`: the equivalents of a file's expectations as formulas.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::exit;
use super::output::{fail, tell, write};
use crate::check::file::{Claim, read_leniently};
use crate::check::matches;
use crate::derive::{Derived, derive, expectations};
use crate::report::diagnostic::write_to_stderr;
use crate::report::printable::{json as harmless, printable};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Latex,
    Mathml,
    Json,
}

/// Derive the deterministic equivalent of every expectation in a file, as a formula
///
/// Of each E[…] in the claims, the estimator is written as one linear system in its Gaussian matrices, whose fixed-point
/// equations are solved for their traces: by kappa where a nest of inverses is a ridge fit, by a root where it is not. The
/// formula is held against the equations at several points before it is shown. The text is a piece of a derivation file.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 every expectation has its formula; 1 some has none; 2 a usage or file error.

Examples:
  resolvent derive my-theorem.toml
  resolvent derive my-theorem.toml --filter 'risk*' --format latex")]
pub struct DeriveArgs {
    /// A derivation file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only claims whose id matches; * and ? stand for any characters and for one
    #[arg(long, value_name = "ID-GLOB")]
    filter: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write the result here instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// One expectation, the claim it was met in first, and what was found.
struct Row<'a> {
    claim: &'a Claim,
    expectation: String,
    found: Result<Derived, String>,
}

/// Runs the command.
pub fn run(args: &DeriveArgs) -> ExitCode {
    match derive_and_write(args) {
        Ok(status) => exit::code(status),
        Err(message) => fail(&message),
    }
}

fn derive_and_write(args: &DeriveArgs) -> Result<u8, String> {
    let reading = read_leniently(&args.file);
    write_to_stderr(&reading.diagnostics)
        .map_err(|error| format!("cannot write diagnostics: {error}"))?;
    let mut claims = reading.file.claims;
    if let Some(pattern) = &args.filter {
        claims.retain(|claim| matches(pattern, &claim.id));
    }
    if claims.is_empty() {
        return if reading.diagnostics.is_empty() {
            Err(format!("{}: no claims to derive from", args.file.display()))
        } else {
            Ok(exit::FAULT)
        };
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    for claim in &claims {
        let source = claim.source();
        for expectation in expectations(&source) {
            let text = expectation.to_string();
            if rows.iter().any(|r| r.expectation == text) {
                continue;
            }
            let found = derive(&source, &expectation).map_err(|e| e.to_string());
            if let Err(why) = &found {
                tell(&format!("note: {} ({}): {why}", text, claim.id));
            }
            rows.push(Row {
                claim,
                expectation: text,
                found,
            });
        }
    }
    if rows.is_empty() {
        return Err(format!(
            "{}: no expectation stands in its claims; `E[…]` is what has an equivalent",
            args.file.display()
        ));
    }
    let text = match args.format {
        Format::Text => text(&rows),
        Format::Latex => lines(&rows, |d| d.latex.clone()),
        Format::Mathml => lines(&rows, |d| d.mathml.clone()),
        Format::Json => in_json(&rows)?,
    };
    write(args.output.as_deref(), &text)?;
    Ok(if !reading.diagnostics.is_empty() {
        exit::FAULT
    } else if rows.iter().all(|r| r.found.is_ok()) {
        exit::AS_EXPECTED
    } else {
        exit::NOT_AS_EXPECTED
    })
}

/// A piece of a derivation file.
fn text(rows: &[Row<'_>]) -> String {
    let mut out = String::new();
    let mut number = 0;
    for row in rows {
        let Ok(derived) = &row.found else { continue };
        number += 1;
        let _ = writeln!(out, "[[claim]]");
        let _ = writeln!(
            out,
            "id     = \"derived-{number}-{}\"",
            printable(&row.claim.id)
        );
        let _ = writeln!(
            out,
            "says   = {}",
            quoted(&format!("{} ~ {}", derived.expectation, derived.equivalent))
        );
        if !derived.definitions.is_empty() {
            let entries: Vec<String> = derived
                .definitions
                .iter()
                .map(|(name, text)| format!("{name} = {}", quoted(text)))
                .collect();
            let _ = writeln!(out, "define = {{ {} }}", entries.join(", "));
        }
        if !row.claim.scope.assumptions.is_empty() {
            let assumptions: Vec<String> = row
                .claim
                .scope
                .assumptions
                .iter()
                .map(|a| quoted(&a.to_string()))
                .collect();
            let _ = writeln!(out, "assume = [{}]", assumptions.join(", "));
        }
        out.push('\n');
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn lines(rows: &[Row<'_>], of: impl Fn(&Derived) -> String) -> String {
    rows.iter()
        .filter_map(|row| row.found.as_ref().ok())
        .map(|derived| of(derived) + "\n")
        .collect()
}

fn in_json(rows: &[Row<'_>]) -> Result<String, String> {
    let list: Vec<_> = rows
        .iter()
        .map(|row| match &row.found {
            Ok(derived) => json!({ "claim": row.claim.id, "derived": derived }),
            Err(why) => json!({
                "claim": row.claim.id,
                "expectation": row.expectation,
                "derived": null,
                "why": why,
            }),
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "schema": 1, "expectations": list }))
        .map_err(|error| error.to_string())?;
    Ok(harmless(&text) + "\n")
}
