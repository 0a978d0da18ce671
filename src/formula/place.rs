//! Where the bytes of a formula stand in the text it was read from.

use super::ast::Span;

/// Translates offsets in a formula's text to offsets in the file around it.
///
/// In a TOML string with escapes the two do not run in step, so the translation is a list of places
/// where they do: from `formula` on, byte `formula + i` is byte `file + i`.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    runs: Vec<Run>,
    end: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    formula: usize,
    file: usize,
}

impl Placement {
    /// The formula is the whole text.
    pub fn identity() -> Self {
        Self::default()
    }

    /// The formula starts at byte `file` and runs in step with it.
    pub fn starting_at(file: usize) -> Self {
        let mut placement = Self::default();
        placement.push(0, file);
        placement
    }

    /// From byte `formula` of the formula on, its bytes stand at `file` and after. Offsets ascend.
    pub fn push(&mut self, formula: usize, file: usize) {
        self.runs.push(Run { formula, file });
    }

    /// The formula's text ends at byte `file`.
    pub fn set_end(&mut self, file: usize) {
        self.end = Some(file);
    }

    /// The place in the file of byte `formula`.
    pub fn locate(&self, formula: usize) -> usize {
        let after = self.runs.partition_point(|run| run.formula <= formula);
        match after.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) => {
                let place = run.file + (formula - run.formula);
                // An escape is longer in the file than in the formula; never reach past the next run.
                let limit = self.runs.get(after).map(|next| next.file).or(self.end);
                limit.map_or(place, |limit| place.min(limit))
            }
            None => formula,
        }
    }

    pub fn span(&self, span: Span) -> Span {
        let start = self.locate(span.start);
        // The end of a span is the end of its last byte, which an escape may have moved.
        let end = if span.end > span.start {
            self.locate_end(span.end)
        } else {
            start
        };
        Span {
            start,
            end: end.max(start),
        }
    }

    fn locate_end(&self, formula: usize) -> usize {
        let before = self.runs.partition_point(|run| run.formula < formula);
        match before.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(run) => {
                let place = run.file + (formula - run.formula);
                let limit = self.runs.get(before).map(|next| next.file).or(self.end);
                limit.map_or(place, |limit| place.min(limit))
            }
            None => formula,
        }
    }
}
