//! One open text: what is wrong with it, what its names mean, what its claims are worth.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{
    CodeLens, Command, CompletionItem, CompletionItemKind, Diagnostic, DiagnosticSeverity, Hover,
    HoverContents, MarkupContent, MarkupKind, NumberOrString, Position, Uri,
};

use super::place::{byte, range};
use crate::check::file::{Claim, Reading, read_text_leniently};
use crate::decide::verdict::{ClaimReport, Report};
use crate::formula::ast::Function;
use crate::formula::function::FORMS;
use crate::formula::parse::parse_expression;
use crate::formula::scope::{Law, RandomObject, Scope, Symbol};
use crate::formula::shape::shape_of;
use crate::formula::token::canonical_name;

/// Verdicts, and the text they were found for.
pub struct Verdicts {
    pub text: String,
    pub report: Report,
}

pub struct Document {
    pub path: PathBuf,
    reading: Reading,
    text: String,
    pub verdicts: Option<Verdicts>,
}

impl Document {
    pub fn new(uri: &Uri, text: String) -> Self {
        let path = path_of(uri);
        Self {
            reading: read_text_leniently(&path, &text),
            path,
            text,
            verdicts: None,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn change(&mut self, text: String) {
        self.reading = read_text_leniently(&self.path, &text);
        self.text = text;
    }

    /// Faults of the text, and, as long as the text is the one they were found for, verdicts that are not as expected.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut list: Vec<Diagnostic> = (self.reading.diagnostics.iter())
            .map(|fault| {
                let help = fault
                    .help
                    .as_ref()
                    .map_or(String::new(), |help| format!("\nhelp: {help}"));
                Diagnostic {
                    range: range(&self.text, fault.start, fault.end),
                    severity: Some(DiagnosticSeverity::ERROR),
                    code: Some(NumberOrString::String(fault.code.to_owned())),
                    source: Some("resolvent".to_owned()),
                    message: format!("{}{help}", fault.message),
                    ..Diagnostic::default()
                }
            })
            .collect();
        for claim in &self.reading.file.claims {
            let Some(row) = self.row(claim) else { continue };
            let mut told = Vec::new();
            if !row.as_expected {
                let reason = row
                    .reason
                    .as_ref()
                    .map_or(String::new(), |why| format!(": {why}"));
                told.push(format!(
                    "{}, expected: {}{reason}",
                    row.verdict.name(),
                    row.expect
                ));
            }
            if !row.rests_on_failed.is_empty() {
                told.push(format!(
                    "rests on {}, which does not hold",
                    row.rests_on_failed.join(", ")
                ));
            }
            if !told.is_empty() {
                list.push(Diagnostic {
                    range: range(&self.text, claim.span.start, claim.span.end),
                    severity: Some(DiagnosticSeverity::WARNING),
                    source: Some("resolvent".to_owned()),
                    message: told.join("\n"),
                    ..Diagnostic::default()
                });
            }
        }
        list
    }

    /// The verdict of a claim, where the text has not changed since.
    fn row(&self, claim: &Claim) -> Option<&ClaimReport> {
        let verdicts = self.verdicts.as_ref().filter(|v| v.text == self.text)?;
        verdicts.report.claims.iter().find(|row| row.id == claim.id)
    }

    pub fn lenses(&self) -> Vec<CodeLens> {
        (self.reading.file.claims.iter())
            .map(|claim| {
                let title = match self.row(claim) {
                    Some(row) => {
                        let tested = row.points.saturating_sub(row.discarded);
                        let points = if tested > 0 {
                            format!(", {tested} points")
                        } else {
                            String::new()
                        };
                        format!("{}{points}", row.verdict.name())
                    }
                    None if self.verdicts.is_some() => "changed; save to check".to_owned(),
                    None => "being checked".to_owned(),
                };
                CodeLens {
                    range: range(&self.text, claim.span.start, claim.span.start),
                    command: Some(Command {
                        title,
                        command: String::new(),
                        arguments: None,
                    }),
                    data: None,
                }
            })
            .collect()
    }

    /// The claim in whose formula a place lies, or any of the file, for its scope.
    fn claim_at(&self, at: usize) -> Option<(&Claim, bool)> {
        let claims = &self.reading.file.claims;
        let within = |claim: &&Claim| (claim.span.start..=claim.span.end).contains(&at);
        (claims.iter().find(within).map(|claim| (claim, true)))
            .or_else(|| claims.first().map(|claim| (claim, false)))
    }

    pub fn hover(&self, at: Position) -> Option<Hover> {
        let at = byte(&self.text, at);
        let (start, word) = word_around(&self.text, at)?;
        let (claim, within) = self.claim_at(at)?;
        let mut text = String::new();
        if let Some(told) = meaning(word, &claim.scope) {
            text.push_str(&told);
        }
        if within {
            if !text.is_empty() {
                text.push_str("\n\n---\n");
            }
            text.push_str(&format!("```\n{}\n```", claim.says));
            if let Some(formula) = rendered(claim) {
                text.push_str(&format!("\n$${formula}$$"));
            }
            if let Some(row) = self.row(claim) {
                text.push_str(&format!("\n\n**{}** ({})", row.verdict.name(), row.method));
            }
        }
        (!text.is_empty()).then(|| Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value: text,
            }),
            range: Some(range(&self.text, start, start + word.len())),
        })
    }

    pub fn completion(&self, at: Position) -> Vec<CompletionItem> {
        let at = byte(&self.text, at);
        let scope = self.claim_at(at).map(|(claim, _)| Arc::clone(&claim.scope));
        let item = |label: &str, kind: CompletionItemKind, detail: String| CompletionItem {
            label: label.to_owned(),
            kind: Some(kind),
            detail: Some(detail),
            ..CompletionItem::default()
        };
        let mut items = Vec::new();
        if let Some(scope) = scope {
            let names = (scope.symbols.iter().map(|(n, _)| n))
                .chain(scope.random.iter().map(|(n, _)| n))
                .chain(scope.definitions.iter().map(|(n, _)| n));
            for name in names {
                let detail = meaning(name, &scope).unwrap_or_default();
                items.push(item(
                    name,
                    CompletionItemKind::VARIABLE,
                    detail.replace('`', ""),
                ));
            }
        }
        for (name, detail) in [
            ("Sigma", "the covariance"),
            ("I", "the identity"),
            ("w0", "the target"),
            ("pi", "3.14159…"),
            ("inf", "infinity"),
        ] {
            items.push(item(name, CompletionItemKind::CONSTANT, detail.to_owned()));
        }
        for function in Function::named() {
            items.push(item(
                function.name(),
                CompletionItemKind::FUNCTION,
                function.signature().to_owned(),
            ));
        }
        for (name, form) in FORMS {
            items.push(item(name, CompletionItemKind::KEYWORD, form.to_owned()));
        }
        items
    }
}

/// The formula in LaTeX.
fn rendered(claim: &Claim) -> Option<String> {
    let statement = crate::term::resolve(&claim.says, &claim.scope).ok()?;
    let side = |id| crate::term::latex(&statement.store, id).ok();
    let relation = match claim.says.op.symbol() {
        "<=" => "\\le",
        ">=" => "\\ge",
        "~" => "\\sim",
        "asymp" => "\\asymp",
        "<~" => "\\lesssim",
        ">~" => "\\gtrsim",
        "->" => "\\to",
        other => other,
    };
    Some(format!(
        "{} {relation} {}",
        side(statement.claim.lhs)?,
        side(statement.claim.rhs)?
    ))
}

/// What a word of a formula means, with its shape.
fn meaning(word: &str, scope: &Scope) -> Option<String> {
    let name = canonical_name(word).unwrap_or_else(|| word.to_owned());
    let shape = parse_expression(&name)
        .ok()
        .and_then(|expr| shape_of(&expr, scope).ok())
        .map_or(String::new(), |shape| format!(": {shape}"));
    let find = |list: &[(String, Symbol)]| {
        list.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, s)| s.clone())
    };
    if let Some(symbol) = find(&scope.symbols) {
        return Some(match symbol {
            Symbol::Integer { min, max } => {
                format!("`{name}`{shape}, a whole number from {min} to {max}")
            }
            Symbol::Real { min, max, .. } => {
                format!("`{name}`{shape}, a real number from {min} to {max}")
            }
            Symbol::Defined(body) => format!("`{name} = {body}`{shape}"),
        });
    }
    if let Some((_, object)) = scope.random.iter().find(|(n, _)| *n == name) {
        return Some(format!("`{name}`{shape}, {}", law(object)));
    }
    if let Some((_, body)) = scope.definitions.iter().find(|(n, _)| *n == name) {
        return Some(format!("`{name} = {body}`{shape}"));
    }
    if let Some(function) = Function::from_name(&name) {
        return Some(format!("`{}`", function.signature()));
    }
    if let Some((_, form)) = FORMS.iter().find(|(form, _)| *form == name) {
        return Some(format!("`{form}`"));
    }
    let constant = match name.as_str() {
        "Sigma" => "the covariance",
        "I" => "the identity",
        "w0" => "the target",
        _ => return None,
    };
    Some(format!("`{name}`{shape}, {constant}"))
}

fn law(object: &RandomObject) -> String {
    match &object.law {
        Law::Design { rows } => format!("a design of {rows} rows, N(0, Sigma)"),
        Law::Gaussian {
            rows,
            columns,
            covariance: Some(covariance),
        } => format!("{rows} rows of {columns} columns, N(0, {covariance})"),
        Law::Gaussian { rows, columns, .. } => {
            format!("a matrix of {rows} rows and {columns} columns, standard normal")
        }
        Law::Noise { length, sd } => {
            format!("noise of length {length} and standard deviation {sd}")
        }
        Law::Labeller {
            generations,
            samples,
            ..
        } => format!("a labeller after {generations} refits to {samples} samples"),
    }
}

/// The name around a place, and where it starts.
fn word_around(text: &str, at: usize) -> Option<(usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let start = text[..at]
        .char_indices()
        .rev()
        .take_while(|(_, c)| part(*c))
        .last()
        .map_or(at, |(i, _)| i);
    let end = text[at..].find(|c| !part(c)).map_or(text.len(), |i| at + i);
    (start < end).then(|| (start, &text[start..end]))
}

/// `file:///a/b%20c` as a path; anything else as it is.
fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(path) = text.strip_prefix("file://") else {
        return PathBuf::from(text);
    };
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = |d: &[u8]| u8::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok();
        match (byte, tail.get(..2).and_then(hex)) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    let decoded = String::from_utf8_lossy(&bytes).into_owned();
    let drive = decoded.as_bytes();
    // `/C:/x` on Windows.
    if drive.len() > 2 && drive[0] == b'/' && drive[2] == b':' {
        return Path::new(&decoded[1..]).to_path_buf();
    }
    PathBuf::from(decoded)
}
