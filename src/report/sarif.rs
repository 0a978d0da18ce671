//! SARIF 2.1.0, as code-scanning services read it: what is not as expected, what rests on it, and faults of files.

use serde_json::{Value, json};

use super::printable::{self, printable};
use super::render::{Format, FormatError};
use crate::check::diagnostic::Diagnostic;
use crate::check::digest::sha256;
use crate::decide::verdict::{ClaimReport, Report, Verdict};

pub struct Sarif;

/// Rules of verdicts; faults of files bring their own codes.
const RULES: [(&str, &str); 6] = [
    (
        "refuted",
        "A claim that is expected to hold has a counterexample.",
    ),
    (
        "inconclusive",
        "A claim could not be decided: budget or precision ran out.",
    ),
    (
        "vacuous",
        "The assumptions of a claim leave too few points.",
    ),
    ("error", "A claim cannot be read or evaluated."),
    ("holds", "A claim that is expected to be refuted holds."),
    (
        "rests-on-failed",
        "A claim rests on another that does not hold.",
    ),
];

impl Format for Sarif {
    fn render(&self, report: &Report, diagnostics: &[Diagnostic]) -> Result<String, FormatError> {
        let mut rules: Vec<Value> = RULES
            .iter()
            .map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }))
            .collect();
        let mut codes: Vec<&str> = diagnostics.iter().map(|d| d.code).collect();
        codes.sort_unstable();
        codes.dedup();
        rules.extend(codes.iter().map(|code| {
            json!({ "id": code, "shortDescription": { "text": "A fault in a derivation file." } })
        }));
        let mut results: Vec<Value> = diagnostics.iter().map(fault).collect();
        for claim in &report.claims {
            // The fault itself has been told, with its own place.
            let told = claim.verdict == Verdict::Error && claim.method == "reading the file";
            if !claim.as_expected && !(told && !diagnostics.is_empty()) {
                results.push(unexpected(claim));
            }
            if !claim.rests_on_failed.is_empty() {
                results.push(rests(claim));
            }
        }
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "resolvent",
                    "version": report.version,
                    "rules": rules,
                } },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        let text =
            serde_json::to_string_pretty(&document).map_err(|e| FormatError(e.to_string()))?;
        Ok(printable::json(&text) + "\n")
    }
}

fn unexpected(claim: &ClaimReport) -> Value {
    let rule = match claim.verdict {
        verdict if verdict.holds() => "holds",
        verdict => verdict.name(),
    };
    let mut message = format!(
        "{}: {}, expected: {}",
        claim.id,
        claim.verdict.name(),
        claim.expect
    );
    if !claim.says.is_empty() {
        message.push_str(&format!("; says {}", claim.says));
    }
    if let Some(reason) = &claim.reason {
        message.push_str(&format!("; {reason}"));
    }
    result(
        (rule, "error"),
        &message,
        (&claim.file, claim.line, claim.column),
        &[rule, &claim.file, &claim.id],
    )
}

fn rests(claim: &ClaimReport) -> Value {
    let on = claim.rests_on_failed.join(", ");
    result(
        ("rests-on-failed", "warning"),
        &format!("{} rests on {on}, which does not hold", claim.id),
        (&claim.file, claim.line, claim.column),
        &["rests-on-failed", &claim.file, &claim.id, &on],
    )
}

fn fault(diagnostic: &Diagnostic) -> Value {
    let message = match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    result(
        (diagnostic.code, "error"),
        &message,
        (&diagnostic.file, diagnostic.line, diagnostic.column),
        &[
            diagnostic.code,
            &diagnostic.file,
            &diagnostic.message,
            diagnostic.source_line.trim(),
        ],
    )
}

/// `identity` makes the fingerprint: what stays the same when lines are added above.
fn result(
    (rule, level): (&str, &str),
    message: &str,
    (file, line, column): (&str, usize, usize),
    identity: &[&str],
) -> Value {
    let identity: String = identity
        .iter()
        .map(|part| format!("{} {part}\n", part.len()))
        .collect();
    let mut region = json!({ "startLine": line.max(1) });
    if column > 0 {
        region["startColumn"] = json!(column);
    }
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": printable(message) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": region,
        } }],
        "partialFingerprints": { "resolvent/v1": sha256(identity.as_bytes()) },
    })
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'\\' if cfg!(windows) => out.push('/'),
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            b if b.is_ascii_alphanumeric() => out.push(b as char),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
