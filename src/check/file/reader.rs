//! TOML values with their places, and formulas in TOML strings.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::formula::ast::{Comparison, Expr, Node, RelationOp, Span};
use crate::formula::error::FormulaError;
use crate::formula::parse::{
    parse_assumption_at, parse_chain_at, parse_expression_at, parse_step_at,
};
use crate::formula::place::Placement;
use crate::formula::suggestion::nearest;
use crate::formula::token::exact_number;

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Faults beyond this number are not listed.
const MAX_DIAGNOSTICS: usize = 100;

/// Collects the faults of one file.
pub(super) struct Reader {
    pub source: Arc<SourceFile>,
    pub diagnostics: Vec<Diagnostic>,
    /// Whether there were more faults than are listed.
    pub overflowed: bool,
    /// Entries and blocks known to be faulty, by where they start: they are read as if they were not there.
    pub skip: BTreeSet<usize>,
    /// Whether [setting] may give a number of dimensions.
    pub finite_dimension: bool,
}

/// A key and its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a, 'i> {
    pub key: &'a str,
    pub key_span: Span,
    pub value: &'a Value<'i>,
}

/// The entries of a table, in the file's order.
pub(super) fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut list: Vec<_> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().as_ref(),
            key_span: span_of(key),
            value,
        })
        .collect();
    list.sort_by_key(|entry| (entry.key_span.start, entry.key_span.end));
    list
}

pub(super) fn find<'a, 'i>(entries: &[Entry<'a, 'i>], key: &str) -> Option<Entry<'a, 'i>> {
    entries.iter().find(|entry| entry.key == key).copied()
}

pub(super) fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span {
        start: range.start,
        end: range.end,
    }
}

/// `an integer`, `a string`: for messages.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

impl Reader {
    pub fn new(source: Arc<SourceFile>) -> Self {
        Self {
            source,
            diagnostics: Vec::new(),
            overflowed: false,
            skip: BTreeSet::new(),
            finite_dimension: false,
        }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        // The same fault of a shared entry shows in every claim that uses it.
        if self.diagnostics.contains(&diagnostic) {
            return;
        }
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        } else {
            self.overflowed = true;
        }
    }

    pub fn fault(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.source.diagnostic(code, span, message).with_help(help);
        self.push(diagnostic);
    }

    pub fn formula_faults(&mut self, errors: impl IntoIterator<Item = FormulaError>) {
        for error in errors {
            let diagnostic = self.source.formula_diagnostic(&error);
            self.push(diagnostic);
        }
    }

    pub fn known_keys(&mut self, entries: &[Entry<'_, '_>], allowed: &[&str], place: &str) {
        for entry in entries {
            if allowed.contains(&entry.key) {
                continue;
            }
            let help = match nearest(entry.key, allowed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", allowed.join(", ")),
            };
            let message = format!("{place} has no key `{}`", entry.key);
            self.fault("D003", entry.key_span, message, help);
        }
    }

    fn wrong_type(&mut self, value: &Value<'_>, what: &str, needed: &str) {
        let message = format!("{what} is {needed}, not {}", kind(value.get_ref()));
        let diagnostic = self.source.diagnostic("D004", span_of(value), message);
        self.push(diagnostic);
    }

    pub fn table<'a, 'i>(
        &mut self,
        value: &'a Value<'i>,
        what: &str,
    ) -> Option<Vec<Entry<'a, 'i>>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(entries(table)),
            _ => {
                self.wrong_type(value, what, "a table");
                None
            }
        }
    }

    pub fn array<'a, 'i>(&mut self, value: &'a Value<'i>, what: &str) -> Option<&'a [Value<'i>]> {
        match value.get_ref() {
            DeValue::Array(array) => Some(array),
            _ => {
                self.wrong_type(value, what, "an array");
                None
            }
        }
    }

    pub fn string<'a>(&mut self, value: &'a Value<'_>, what: &str) -> Option<&'a str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            _ => {
                self.wrong_type(value, what, "a string");
                None
            }
        }
    }

    /// A string or an array of strings.
    pub fn strings<'a, 'i>(&mut self, value: &'a Value<'i>, what: &str) -> Vec<&'a Value<'i>> {
        let list: Vec<&Value<'i>> = match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(array) => array.iter().collect(),
            _ => {
                self.wrong_type(value, what, "a string or an array of strings");
                return Vec::new();
            }
        };
        list.into_iter()
            .filter(|item| {
                let fits = matches!(item.get_ref(), DeValue::String(_));
                if !fits {
                    self.wrong_type(item, &format!("each entry of {what}"), "a string");
                }
                fits
            })
            .collect()
    }

    /// A formula: a string, or a number, which is taken exactly as written.
    pub fn expression(&mut self, value: &Value<'_>, what: &str) -> Option<Expr> {
        match value.get_ref() {
            DeValue::String(text) => {
                let placement = self.placement(value, text);
                self.parsed(parse_expression_at(text, &placement))
            }
            DeValue::Integer(_) | DeValue::Float(_) => self.number(value, what),
            _ => {
                self.wrong_type(value, what, "a formula (a string) or a number");
                None
            }
        }
    }

    fn number(&mut self, value: &Value<'_>, what: &str) -> Option<Expr> {
        let span = span_of(value);
        let written = self.source.text.get(span.start..span.end).unwrap_or("");
        let (negative, magnitude) = match written.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, written.strip_prefix('+').unwrap_or(written)),
        };
        let node = match exact_number(magnitude) {
            Some(x) => Node::Number(x),
            None if magnitude == "inf" => Node::Infinity,
            None => {
                let message = format!("{what}: `{written}` is not a number that formulas know");
                self.fault(
                    "D004",
                    span,
                    message,
                    "write it in decimals, with an exponent between -1000 and 1000",
                );
                return None;
            }
        };
        let expr = Expr {
            node: Arc::new(node),
            span,
        };
        Some(if negative {
            Expr {
                node: Arc::new(Node::Neg(expr)),
                span,
            }
        } else {
            expr
        })
    }

    /// A relation, or a chain of them.
    pub fn relations(&mut self, value: &Value<'_>, what: &str) -> Option<Vec<Comparison>> {
        let text = self.string(value, what)?.to_owned();
        let placement = self.placement(value, &text);
        self.parsed(parse_chain_at(&text, &placement))
    }

    pub fn assumption(&mut self, value: &Value<'_>) -> Option<Vec<Comparison>> {
        let text = self.string(value, "an assumption")?.to_owned();
        let placement = self.placement(value, &text);
        self.parsed(parse_assumption_at(&text, &placement))
    }

    pub fn step(&mut self, value: &Value<'_>, what: &str) -> Option<(RelationOp, Expr)> {
        let text = self.string(value, what)?.to_owned();
        let placement = self.placement(value, &text);
        self.parsed(parse_step_at(&text, &placement))
    }

    fn parsed<T>(&mut self, result: Result<T, Vec<FormulaError>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(errors) => {
                self.formula_faults(errors);
                None
            }
        }
    }

    fn placement(&self, value: &Value<'_>, decoded: &str) -> Placement {
        let span = span_of(value);
        let raw = self.source.text.get(span.start..span.end).unwrap_or("");
        place_string(raw, decoded, span.start)
    }
}

/// Where the characters of a TOML string stand, by walking its source and its value side by side.
pub(crate) fn place_string(raw: &str, decoded: &str, start: usize) -> Placement {
    let (quote, escapes) = if raw.starts_with("\"\"\"") {
        (3, true)
    } else if raw.starts_with("'''") {
        (3, false)
    } else {
        (1, raw.starts_with('"'))
    };
    let mut at = quote;
    if quote == 3 {
        // A line break right after the opening quotes is not part of the string.
        let rest = raw.get(at..).unwrap_or("");
        if rest.starts_with("\r\n") {
            at += 2;
        } else if rest.starts_with('\n') {
            at += 1;
        }
    }
    let mut placement = Placement::identity();
    placement.push(0, start + at);
    let mut in_step = true;
    for (offset, c) in decoded.char_indices() {
        let mut rest = raw.get(at..).unwrap_or("");
        if escapes {
            // A backslash at the end of a line swallows the white space after it.
            while let Some(tail) = rest.strip_prefix('\\') {
                let blank = tail.trim_start_matches([' ', '\t']);
                if !(blank.starts_with('\n') || blank.starts_with("\r\n")) {
                    break;
                }
                rest = blank.trim_start();
                at = raw.len() - rest.len();
                in_step = false;
            }
        }
        if rest.starts_with("\r\n") && c == '\n' {
            at += 1;
            rest = &rest[1..];
            in_step = false;
        }
        if !in_step {
            placement.push(offset, start + at);
            in_step = true;
        }
        if escapes && rest.starts_with('\\') {
            let length = match rest.as_bytes().get(1) {
                Some(b'x') => 4,
                Some(b'u') => 6,
                Some(b'U') => 10,
                _ => 2,
            };
            let length = length.min(rest.len());
            placement.push_escape(offset, start + at, length);
            at += length;
            in_step = false;
        } else {
            at += rest.chars().next().map_or(0, char::len_utf8);
        }
    }
    if !in_step {
        placement.push(decoded.len(), start + at.min(raw.len()));
    }
    placement
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character of the value that is not escaped is found at its place in the source.
    fn assert_places(raw: &str) {
        let text = format!("x = {raw}\n");
        let table = DeTable::parse(&text).expect("valid TOML");
        let value = table.get_ref().get("x").expect("x");
        let DeValue::String(decoded) = value.get_ref() else {
            panic!("a string")
        };
        let start = span_of(value).start;
        assert_eq!(start, 4);
        let placement = place_string(raw, decoded, start);
        for (offset, c) in decoded.char_indices() {
            let place = placement.locate(offset);
            let found = text[place..].chars().next();
            assert!(
                found == Some(c) || found == Some('\\') || (c == '\n' && found == Some('\r')),
                "{raw:?}: {c:?} at {offset} is placed at {place}, {found:?}"
            );
        }
        let end = placement.locate(decoded.len());
        assert!(
            text[end..].starts_with(['"', '\'']),
            "{raw:?}: end at {:?}",
            &text[end..]
        );
    }

    #[test]
    fn characters_are_found_in_every_kind_of_string() {
        assert_places(r#""a + b""#);
        assert_places(r#""""#);
        assert_places("'a + κ*b'");
        assert_places(r#""κ + λ""#);
        assert_places(r#""\u03ba + \"b\" * \x41 c""#);
        assert_places("'''\na +\n  b'''");
        assert_places("\"\"\"\na +\n  b\"\"\"");
        assert_places("\"\"\"a + \\\n     b + c\"\"\"");
        assert_places("\"\"\"\\\n     b + \\t c\\u03BA\"\"\"");
    }

    #[test]
    fn an_escape_is_covered_whole() {
        let raw = r#""a\u03bab""#;
        let placement = place_string(raw, "aκb", 10);
        let span = placement.span(Span { start: 1, end: 3 });
        assert_eq!((span.start, span.end), (12, 18));
        assert_eq!(&raw[span.start - 10..span.end - 10], r"\u03ba");
    }
}
