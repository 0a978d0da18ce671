//! A table file as a derivation file in which each column is a claim: one reader serves both.

use toml::de::DeValue;

use super::axis::{Axis, GridValue};
use super::section::{Sections, ordered, span};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::formula::ast::Span;

/// Text of a derivation file, and which parts of it stand where in the table file.
#[derive(Default)]
pub(super) struct Derivation {
    pub text: String,
    /// Start and length here, start there.
    pieces: Vec<(usize, usize, usize)>,
}

impl Derivation {
    /// Copies a part of the table file.
    fn copy(&mut self, source: &str, at: Span) {
        let piece = source.get(at.start..at.end).unwrap_or("");
        self.pieces.push((self.text.len(), piece.len(), at.start));
        self.text.push_str(piece);
    }

    pub fn settings(&mut self, sections: &Sections<'_, '_>, grid: &[(Axis, Span)], source: &str) {
        let mut dimension = None;
        self.text.push_str("[setting]\n");
        if let Some(value) = sections.setting
            && let DeValue::Table(table) = value.get_ref()
        {
            for (key, _, value) in ordered(table) {
                let infinite = match value.get_ref() {
                    DeValue::String(text) => matches!(text.trim(), "inf" | "∞"),
                    DeValue::Float(x) => x.as_str().trim_start_matches('+') == "inf",
                    _ => false,
                };
                // A finite dimension is a symbol.
                if key == "d" && !infinite {
                    dimension = Some(span(value.span()));
                    continue;
                }
                self.text.push_str(&format!("{key} = "));
                self.copy(source, span(value.span()));
                self.text.push('\n');
            }
        }
        // Formulas of the grid's names alone need no Sigma, but a scope has one.
        let gridded = grid.iter().any(|(axis, _)| axis.name == "d");
        if sections.setting.is_none() {
            self.text.push_str("spectrum = \"isotropic\"\n");
        }
        // One value that is infinite: a grid of dimensions cannot mix them.
        if let Some((axis, _)) = grid.iter().find(|(axis, _)| axis.name == "d")
            && axis.values.iter().all(|v| matches!(v, GridValue::Infinite))
        {
            self.text.push_str("d = \"inf\"\n");
        }
        self.text.push_str("[symbols]\n");
        if sections.setting.is_none() && !gridded {
            self.text.push_str("d = \"1\"\n");
        }
        if let Some(at) = dimension {
            self.text.push_str("d = ");
            let piece = source.get(at.start..at.end).unwrap_or("");
            if piece.starts_with(['"', '\'']) {
                self.copy(source, at);
            } else {
                self.text.push('"');
                self.copy(source, at);
                self.text.push('"');
            }
            self.text.push('\n');
        }
        for (axis, _) in grid {
            if axis.name == "d" && axis.values.iter().all(|v| matches!(v, GridValue::Infinite)) {
                continue;
            }
            let whole = axis
                .values
                .iter()
                .all(|v| matches!(v, GridValue::Number(x) if x.is_integer()));
            let domain = if axis.name == "d" {
                "{ integer = [1, 9007199254740992] }"
            } else if whole {
                "{ integer = [0, 9007199254740992] }"
            } else {
                "{ real = [-1e15, 1e15] }"
            };
            self.text.push_str(&format!("{} = {domain}\n", axis.name));
        }
        if let Some(value) = sections.define
            && let DeValue::Table(table) = value.get_ref()
        {
            self.text.push_str("[define]\n");
            for (key, _, value) in ordered(table) {
                self.text.push_str(&format!("{key} = "));
                self.copy(source, span(value.span()));
                self.text.push('\n');
            }
        }
    }

    pub fn claim(&mut self, name: &str, formula: &str, at: Span) {
        let id: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let position = self.pieces.len();
        self.text.push_str(&format!(
            "[[claim]]\nid = \"column-{position}-{id}\"\nsays = "
        ));
        // As TOML's own quoting writes it; the opening quote stands where it stood.
        let quoted = toml::Value::String(format!("{formula} = 0")).to_string();
        self.pieces.push((self.text.len(), quoted.len(), at.start));
        self.text.push_str(&quoted);
        self.text.push('\n');
    }

    /// A fault of this text as one of the table file.
    pub fn translate(&self, fault: Diagnostic, source: &SourceFile) -> Diagnostic {
        let piece = self
            .pieces
            .iter()
            .find(|(start, length, _)| (*start..=start + length).contains(&fault.start));
        let at = piece.map_or(Span::default(), |(start, length, there)| Span {
            start: there + fault.start - start,
            end: there + fault.end.min(start + length) - start,
        });
        let mut moved = source.diagnostic(fault.code, at, fault.message);
        moved.help = fault.help;
        moved.label = fault.label;
        moved
    }
}
