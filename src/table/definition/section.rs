//! Sections of a table file, with the places of what stands in them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::formula::ast::Span;

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

pub(super) fn span(range: std::ops::Range<usize>) -> Span {
    Span {
        start: range.start,
        end: range.end,
    }
}

pub(super) fn ordered<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a str, Span, &'a Value<'i>)> {
    let mut list: Vec<_> = table
        .iter()
        .map(|(key, value)| (key.get_ref().as_ref(), span(key.span()), value))
        .collect();
    list.sort_by_key(|entry| entry.1.start);
    list
}

pub(super) struct Sections<'a, 'i> {
    pub setting: Option<&'a Value<'i>>,
    pub define: Option<&'a Value<'i>>,
}
