//! Derivation files: TOML to claims, each with the scope its formulas are read in.
//!
//! Every fault of a file is reported, not only the first, with its place in the file: also a fault inside a
//! formula, wherever TOML's quotes and escapes have put it. All spans of the formulas in a [`DerivationFile`]
//! are in bytes of the file, so [`DerivationFile::diagnostic`] can point at any part of any of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, SourceFile};
use crate::decide::known::Point;
use crate::formula::ast::{Comparison, Span};
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;

mod claims;
mod layer;
mod lenient;
pub(crate) mod numbers;
pub(crate) mod quantities;
mod reader;

pub use lenient::{Reading, Unread};
pub(crate) use reader::place_string;

/// Larger files are refused.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// One derivation file, read and found consistent.
#[derive(Clone, Debug)]
pub struct DerivationFile {
    pub path: PathBuf,
    pub title: Option<String>,
    /// What the claims are quoted from.
    pub source: Option<String>,
    /// In the file's order; a derivation contributes one for each step.
    pub claims: Vec<Claim>,
    /// The text the spans refer to.
    pub text: Arc<SourceFile>,
}

/// One statement to check.
#[derive(Clone, Debug)]
pub struct Claim {
    /// `name`, or `name/1`, `name/2`, … for the steps of a derivation.
    pub id: String,
    pub file: PathBuf,
    /// Where the statement stands, from 1.
    pub line: usize,
    pub column: usize,
    /// Its place in bytes of the file; spans inside `says` are bytes of the file too.
    pub span: Span,
    pub says: Comparison,
    /// What follows in a chain, `a <= b <= c`: each relation between neighbours after the first.
    pub chain: Vec<Comparison>,
    /// The statement as written; for a step, both sides joined by the step's sign.
    pub says_text: String,
    pub expect: Expect,
    /// The true statement that stands in for this one, where this is known to be false.
    pub instead: Option<String>,
    /// Claims this one rests on, in this file or another.
    pub uses: Vec<String>,
    /// Where each of them is named, in bytes of the file.
    pub uses_at: Vec<Span>,
    /// What is wrong with a statement that is expected to be refuted, in words.
    pub why: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// Points at which it was refuted before, to be tried first.
    pub known: Vec<Point>,
    /// Slips that are known to be true as well, for `resolvent mutate`.
    pub survivors: Vec<KnownSurvivor>,
    pub scope: Arc<Scope>,
    /// The file's text, to point at places in it.
    pub text: Arc<SourceFile>,
}

/// A one-edit neighbour of a claim that is known not to be refuted, and why that is no hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSurvivor {
    /// The edit, as `resolvent mutate` prints it.
    pub edit: String,
    pub why: String,
    /// Where the edit stands in the file.
    pub span: Span,
}

/// A reference to a claim, a derivation or a step, and where it stands in the file.
#[derive(Clone, Debug)]
struct Use {
    id: String,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Expect {
    #[default]
    Holds,
    Refuted,
}

impl Expect {
    pub fn name(self) -> &'static str {
        match self {
            Expect::Holds => "holds",
            Expect::Refuted => "refuted",
        }
    }
}

impl DerivationFile {
    /// A diagnostic for a fault in any formula of this file.
    pub fn diagnostic(&self, error: &FormulaError) -> Diagnostic {
        self.text.formula_diagnostic(error)
    }
}

impl Claim {
    /// A diagnostic for a fault in any formula this claim refers to.
    pub fn diagnostic(&self, error: &FormulaError) -> Diagnostic {
        self.text.formula_diagnostic(error)
    }
}

/// Reads a derivation file as far as it can be read: a fault stays with the claims it concerns.
pub fn read_leniently(path: &Path) -> Reading {
    match numbers::read_bounded(path, MAX_FILE_BYTES) {
        Ok(text) => {
            let mut reading = claims::read(&Arc::new(SourceFile::new(path, text)));
            super::witnesses::attach(path, &mut reading.file.claims);
            reading
        }
        Err((message, help)) => Reading::broken(
            &Arc::new(SourceFile::new(path, "")),
            vec![Diagnostic::about_file("D001", path, message).with_help(help)],
        ),
    }
}

/// The same of a text; `path` names it in diagnostics, and files it refers to are looked for beside it.
pub fn read_text_leniently(path: &Path, text: &str) -> Reading {
    claims::read(&Arc::new(SourceFile::new(path, text)))
}

/// Reads a derivation file.
///
/// # Errors
/// Every fault found: an unreadable or oversized file, bad TOML, unknown or missing keys, formulas that do
/// not parse, names that are not known, empty domains, and so on.
pub fn read(path: &Path) -> Result<DerivationFile, Vec<Diagnostic>> {
    read_leniently(path).strictly()
}

/// Reads a derivation file from its text; `path` names it in diagnostics, and files it refers to are
/// looked for beside it.
///
/// ```
/// let text = r#"
/// [symbols]
/// d = { integer = [2, 400] }
/// T = { integer = [2, 4000] }
///
/// [[claim]]
/// id   = "degrees-of-freedom"
/// says = "df(2, 1) ≤ df(1, 1)"
/// "#;
/// let file = resolvent::check::file::read_text("example.toml".as_ref(), text).unwrap();
/// assert_eq!(file.claims[0].says.to_string(), "df(2, 1) <= df(1, 1)");
/// assert_eq!(file.claims[0].line, 8);
/// ```
pub fn read_text(path: &Path, text: &str) -> Result<DerivationFile, Vec<Diagnostic>> {
    read_text_leniently(path, text).strictly()
}

#[cfg(test)]
mod tests;
