//! Proofs as files for a proof checker, and the reasons of a verdict for a reader.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::file::Claim;
use super::run::Outcome;
use crate::decide::exact::{LIBRARY, certificate, explain, file_name, prove};
use crate::decide::verdict::{ClaimReport, Verdict};
use crate::formula::ast::{Expr, Node};
use crate::formula::scope::{DefinedFunction, Scope};
use crate::formula::traverse::contains;
use crate::formula::{free_names, walk};
use crate::term::resolve;

/// Writes the library and a certificate for each proved claim that has one into `folder`, and their names into the
/// report.
///
/// # Errors
/// What could not be written, with the system's reason.
pub fn write_certificates(outcome: &mut Outcome, folder: &Path) -> Result<usize, String> {
    let failed =
        |path: &Path, error: std::io::Error| format!("cannot write {}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    let library = folder.join("Resolvent.v");
    std::fs::write(&library, LIBRARY).map_err(|e| failed(&library, e))?;
    let mut taken = BTreeSet::from(["Resolvent".to_owned()]);
    let mut count = 0;
    for (row, claim) in outcome.report.claims.iter_mut().zip(&outcome.claims) {
        if row.verdict != Verdict::Proved {
            continue;
        }
        let Some(text) = claim.as_ref().and_then(text_of) else {
            continue;
        };
        let base = file_name(&row.id);
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        let path = folder.join(format!("{name}.v"));
        std::fs::write(&path, text).map_err(|e| failed(&path, e))?;
        row.certificate = Some(format!("{name}.v"));
        count += 1;
    }
    Ok(count)
}

fn text_of(claim: &Claim) -> Option<String> {
    // A derivative is carried out before anything is proved: the certificate would state something else.
    let within = |f: &DefinedFunction| contains(&f.body, &|node| matches!(node, Node::Diff(..)));
    let functions = claim.scope.functions.iter().any(|(_, f)| within(f));
    // A chain is more than its first link.
    if !claim.chain.is_empty()
        || functions
        || differentiates(&claim.says.lhs, &claim.scope)
        || differentiates(&claim.says.rhs, &claim.scope)
    {
        return None;
    }
    let statement = resolve(&claim.says, &claim.scope).ok()?;
    let proof = prove(&statement).ok()?;
    certificate(&statement, &proof, &claim.id)
}

/// Whether a derivative occurs in what an expression stands for.
fn differentiates(expr: &Expr, scope: &Scope) -> bool {
    let mut open = vec![expr.clone()];
    let mut seen = BTreeSet::new();
    while let Some(expr) = open.pop() {
        if contains(&expr, &|node| matches!(node, Node::Diff(..))) {
            return true;
        }
        for (name, _) in free_names(&expr) {
            if seen.insert(name.clone()) {
                open.extend(scope.expansion(&name).cloned());
            }
        }
        let mut bound = Vec::new();
        walk(&expr, &mut |node| {
            if let Node::Name(name) = &*node.node {
                bound.push(name.clone());
            }
        });
        for name in bound {
            if seen.insert(name.clone()) {
                open.extend(scope.expansion(&name).cloned());
            }
        }
    }
    false
}

/// How each claim of a report was decided, in words.
pub fn explain_outcome(outcome: &Outcome) -> String {
    let mut out = String::new();
    for (row, claim) in outcome.report.claims.iter().zip(&outcome.claims) {
        let _ = writeln!(
            out,
            "{}  {}\n\n  {}\n",
            row.id,
            row.verdict.name(),
            row.says
        );
        let statement = claim.as_ref().and_then(|c| resolve(&c.says, &c.scope).ok());
        if let Some(statement) = statement {
            out.push_str(&explain(&statement));
        }
        if row.verdict != Verdict::Proved {
            sampled(row, &mut out);
        }
        if !row.rests_on_failed.is_empty() {
            let _ = writeln!(
                out,
                "It rests on what does not hold: {}.",
                row.rests_on_failed.join(", ")
            );
        }
        out.push('\n');
    }
    out
}

/// What was looked at where nothing was proved.
fn sampled(row: &ClaimReport, out: &mut String) {
    let _ = writeln!(
        out,
        "\nDecided by: {}; {} points, of which {} without a value.",
        row.method, row.points, row.discarded
    );
    if let Some(worst) = row.worst {
        let _ = writeln!(
            out,
            "The discrepancy that speaks most against the claim: {worst:.3e}."
        );
    }
    if let Some(detects) = row.detects {
        let _ = writeln!(
            out,
            "The smallest that would have been seen: {detects:.3e}."
        );
    }
    if let Some(reason) = &row.reason {
        let _ = writeln!(out, "{reason}.");
    }
    if let Some(witness) = &row.witness {
        let list: Vec<String> = witness
            .symbols
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let _ = writeln!(
            out,
            "Witness: {}; left {}, right {}; confirmed by {}.",
            list.join(", "),
            witness.lhs,
            witness.rhs,
            witness.confirmed_by
        );
    }
}
