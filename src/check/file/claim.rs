//! A derivation file, read: its statements, what is expected of them, what they rest on.

use std::path::PathBuf;
use std::sync::Arc;

use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::decide::known::Point;
use crate::derive::Source;
use crate::formula::ast::{Comparison, Span};
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;

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

impl Claim {
    /// Where its expectations stand.
    pub fn source(&self) -> Source {
        Source {
            says: self.says.clone(),
            scope: self.scope.clone(),
            id: self.id.clone(),
        }
    }
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
pub(super) struct Use {
    pub id: String,
    pub span: Span,
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
