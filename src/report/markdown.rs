//! Markdown for the summary of a pull request: what is not as expected first, the rest counted.

use std::fmt::Write;

use super::printable::printable;
use super::render::{Format, FormatError};
use super::text::counts;
use crate::check::diagnostic::Diagnostic;
use crate::decide::verdict::{ClaimReport, Report};

pub struct Markdown;

impl Format for Markdown {
    fn render(&self, report: &Report, diagnostics: &[Diagnostic]) -> Result<String, FormatError> {
        let mut out = String::new();
        let unexpected: Vec<&ClaimReport> =
            report.claims.iter().filter(|c| !c.as_expected).collect();
        let _ = match unexpected.len() {
            0 => writeln!(out, "### All {} claims as expected\n", report.claims.len()),
            n => writeln!(
                out,
                "### {n} of {} claims not as expected\n",
                report.claims.len()
            ),
        };
        let _ = writeln!(out, "{}\n", counts(&report.summary));
        if !unexpected.is_empty() {
            out.push_str("| claim | verdict | expected | says | place |\n|---|---|---|---|---|\n");
            for claim in &unexpected {
                let _ = writeln!(
                    out,
                    "| {} | **{}** | {} | {} | {} |",
                    code(&claim.id),
                    claim.verdict.name(),
                    claim.expect,
                    code(&claim.says),
                    code(&format!("{}:{}", claim.file, claim.line)),
                );
            }
            out.push('\n');
            for claim in &unexpected {
                explain(&mut out, claim);
            }
        }
        let resting: Vec<&ClaimReport> = (report.claims.iter())
            .filter(|c| !c.rests_on_failed.is_empty())
            .collect();
        if !resting.is_empty() {
            out.push_str("Claims that rest on others that do not hold:\n\n");
            for claim in resting {
                let on: Vec<String> = claim.rests_on_failed.iter().map(|id| code(id)).collect();
                let _ = writeln!(out, "- {} rests on {}", code(&claim.id), on.join(", "));
            }
            out.push('\n');
        }
        if !diagnostics.is_empty() {
            out.push_str("Faults in files:\n\n");
            for fault in diagnostics {
                let place = format!("{}:{}:{}", fault.file, fault.line, fault.column);
                let _ = writeln!(
                    out,
                    "- {} {}: {}",
                    fault.code,
                    code(&place),
                    text(&fault.message)
                );
            }
            out.push('\n');
        }
        Ok(out)
    }
}

fn explain(out: &mut String, claim: &ClaimReport) {
    let mut lines = Vec::new();
    if let Some(reason) = &claim.reason {
        lines.push(format!("because {}", text(reason)));
    }
    if let Some(witness) = &claim.witness {
        let symbols: Vec<String> = (witness.symbols.iter())
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        lines.push(format!("at {}", code(&symbols.join(", "))));
        lines.push(format!(
            "{} against {}",
            code(&witness.lhs.to_string()),
            code(&witness.rhs.to_string())
        ));
    }
    if let Some(correction) = &claim.correction {
        lines.push(format!(
            "holds: {} ({})",
            code(&correction.says),
            text(&correction.edit)
        ));
    }
    if let Some(condition) = &claim.holds_where {
        lines.push(format!("holds where {}", code(condition)));
    }
    if let Some(suggestion) = &claim.suggestion {
        lines.push(format!("instead {}", code(suggestion)));
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "- {}: {}", code(&claim.id), lines.join("; "));
    }
}

/// As code, whatever it holds; bars would end a table's cell even there.
fn code(content: &str) -> String {
    let content = printable(content).replace('|', "\\|");
    let longest = content.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    match content.as_str() {
        "" => String::new(),
        content if longest > 0 => format!("{fence} {content} {fence}"),
        content => format!("{fence}{content}{fence}"),
    }
}

/// As words, without markup, links or mentions.
fn text(content: &str) -> String {
    let mut out = String::new();
    for c in printable(content).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
