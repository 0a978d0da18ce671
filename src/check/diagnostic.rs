//! A fault in a file, as data: what, where, and how to mend it.

use std::ops::Range;
use std::path::PathBuf;

use crate::formula::ast::Span;
use crate::formula::error::FormulaError;

/// The text of a file and where its lines begin.
#[derive(Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    pub text: String,
    line_starts: Vec<usize>,
}

/// A fault in a derivation file. It holds the line it points at, so that it can be shown without the file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Stable name of the kind of fault: `F…` formulas, `S…` shapes, `D…` derivation files.
    pub code: &'static str,
    pub message: String,
    pub file: String,
    /// From 1; 0 where the fault has no place in the text.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes of the file.
    pub start: usize,
    pub end: usize,
    /// The line pointed at; of a very long line, the part around the fault.
    pub source_line: String,
    /// Bytes of `source_line` to underline.
    pub underline: Range<usize>,
    /// What stands beside the underlining.
    pub label: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
}

/// Longer lines are shown in part.
const SHOWN_BYTES: usize = 400;

impl SourceFile {
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(i, _)| i + 1))
            .collect();
        Self {
            path: path.into(),
            text,
            line_starts,
        }
    }

    /// Line and column (in characters) of a byte, both from 1.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let byte = floor_boundary(&self.text, byte);
        let line = self.line_starts.partition_point(|&start| start <= byte);
        let start = self.line_starts[line - 1];
        (line, self.text[start..byte].chars().count() + 1)
    }

    /// A diagnostic that points at `span`, in bytes of this file.
    pub fn diagnostic(
        &self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Diagnostic {
        let start = floor_boundary(&self.text, span.start);
        let end = floor_boundary(&self.text, span.end).max(start);
        let (line, column) = self.position(start);
        let line_start = self.line_starts[line - 1];
        let rest = &self.text[line_start..];
        let line_end = line_start + rest.find('\n').unwrap_or(rest.len());
        let line_end = line_start + self.text[line_start..line_end].trim_end_matches('\r').len();
        let (mut from, mut to) = (line_start, line_end);
        if to - from > SHOWN_BYTES {
            from = floor_boundary(&self.text, start.saturating_sub(SHOWN_BYTES / 2)).max(from);
            to = floor_boundary(&self.text, start + SHOWN_BYTES / 2).min(to);
        }
        Diagnostic {
            code,
            message: message.into(),
            file: self.path.display().to_string(),
            line,
            column,
            start,
            end,
            source_line: self.text[from..to.max(from)].to_owned(),
            underline: start.min(to) - from..end.clamp(start.min(to), to.max(start.min(to))) - from,
            label: None,
            help: None,
        }
    }

    /// The diagnostic for a fault in a formula of this file, whose span is in bytes of the file.
    pub fn formula_diagnostic(&self, error: &FormulaError) -> Diagnostic {
        Diagnostic {
            help: error.help.clone(),
            ..self.diagnostic(error.code, error.span, error.message.clone())
        }
    }
}

impl Diagnostic {
    /// A diagnostic about a file as a whole.
    pub fn about_file(
        code: &'static str,
        path: &std::path::Path,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            file: path.display().to_string(),
            line: 0,
            column: 0,
            start: 0,
            end: 0,
            source_line: String::new(),
            underline: 0..0,
            label: None,
            help: None,
        }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// The last character boundary at or before `byte`.
fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
