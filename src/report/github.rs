//! Annotations of GitHub Actions: workflow commands, one a line, then the summary.

use std::fmt::Write;

use super::printable::printable;
use super::render::{Format, FormatError};
use super::text::counts;
use crate::check::diagnostic::Diagnostic;
use crate::decide::verdict::{Report, Verdict};

pub struct Github;

impl Format for Github {
    fn render(&self, report: &Report, diagnostics: &[Diagnostic]) -> Result<String, FormatError> {
        let mut out = String::new();
        let mut command = |level: &str, place: (&str, usize, usize), title: &str, message: &str| {
            let (file, line, column) = place;
            let _ = writeln!(
                out,
                "::{level} file={},line={},col={},title={}::{}",
                property(file),
                line.max(1),
                column.max(1),
                property(title),
                data(message)
            );
        };
        for fault in diagnostics {
            let help = fault
                .help
                .as_ref()
                .map_or(String::new(), |help| format!("\n{help}"));
            command(
                "error",
                (&fault.file, fault.line, fault.column),
                fault.code,
                &format!("{}{help}", fault.message),
            );
        }
        for claim in &report.claims {
            let place = (claim.file.as_str(), claim.line, claim.column);
            let told = claim.method == "reading the file" && claim.verdict == Verdict::Error;
            if !claim.as_expected && !(told && !diagnostics.is_empty()) {
                let title = format!("{}: {}", claim.id, claim.verdict.name());
                let reason = claim
                    .reason
                    .as_ref()
                    .map_or(String::new(), |why| format!("\n{why}"));
                let message = format!("expected: {}\n{}{reason}", claim.expect, claim.says);
                command("error", place, &title, &message);
            }
            if !claim.rests_on_failed.is_empty() {
                let message = format!(
                    "rests on {}, which does not hold",
                    claim.rests_on_failed.join(", ")
                );
                command("warning", place, &claim.id, &message);
            }
        }
        let _ = writeln!(out, "{}", counts(&report.summary));
        Ok(out)
    }
}

fn data(text: &str) -> String {
    text.split('\n')
        .map(|line| printable(line).replace('%', "%25"))
        .collect::<Vec<_>>()
        .join("%0A")
}

fn property(text: &str) -> String {
    printable(text)
        .replace('%', "%25")
        .replace(':', "%3A")
        .replace(',', "%2C")
}
