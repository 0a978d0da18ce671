//! Where the bytes of a formula stand in the text it was read from.

use super::ast::Span;

/// Translates offsets in a formula's text to offsets in the file around it.
///
/// In a TOML string with escapes the two do not run in step, so the translation is a list of runs:
/// byte `formula + i` is byte `file + i`, or the run is one escaped character.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    formula: usize,
    file: usize,
    /// How long the escape is, where the run is one.
    escape: Option<usize>,
}

impl Placement {
    /// The formula is the whole text.
    pub fn identity() -> Self {
        Self::default()
    }

    /// From byte `formula` of the formula on, its bytes stand at `file` and after. Offsets ascend.
    pub fn push(&mut self, formula: usize, file: usize) {
        self.runs.push(Run {
            formula,
            file,
            escape: None,
        });
    }

    /// The character at byte `formula` is written as an escape of `length` bytes at `file`.
    pub fn push_escape(&mut self, formula: usize, file: usize, length: usize) {
        self.runs.push(Run {
            formula,
            file,
            escape: Some(length),
        });
    }

    /// The place in the file of byte `formula`.
    pub fn locate(&self, formula: usize) -> usize {
        let after = self.runs.partition_point(|run| run.formula <= formula);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) if run.escape.is_some() => run.file,
            Some(run) => run.file + (formula - run.formula),
            None => formula,
        }
    }

    /// The place of a span; it covers escapes whole.
    pub fn span(&self, span: Span) -> Span {
        let start = self.locate(span.start);
        let before = self.runs.partition_point(|run| run.formula < span.end);
        // The end of a span is the end of its last byte.
        let end = match before.checked_sub(1).and_then(|i| self.runs.get(i)) {
            _ if span.end <= span.start => start,
            Some(run) => run.file + run.escape.unwrap_or(span.end - run.formula),
            None => span.end,
        };
        Span {
            start,
            end: end.max(start),
        }
    }
}
