//! `[limit]`: which symbol tends to infinity, and what moves with it.

use super::declaration::declared_name;
use crate::check::file::reader::{Entry, Reader, find, span_of};
use crate::formula::ast::{Expr, Node, Span};
use crate::formula::scope::{Limit, Scope, Symbol};
use crate::formula::token::canonical_name;

#[derive(Default)]
pub(super) struct LimitLayer {
    pub span: Span,
    variable: Option<(String, Span)>,
    pub path: Vec<(String, Span, Expr)>,
    /// `path = {}`: nothing else moves, whatever the file says.
    alone: bool,
}

pub(super) fn read_limit(reader: &mut Reader, entry: Entry<'_, '_>) -> Option<LimitLayer> {
    let list = reader.table(entry.value, "[limit]")?;
    reader.known_keys(&list, &["variable", "path"], "[limit]");
    let mut limit = LimitLayer {
        span: entry.key_span,
        ..LimitLayer::default()
    };
    if let Some(variable) = find(&list, "variable")
        && let Some(text) = reader.string(variable.value, "`variable`")
    {
        match canonical_name(text.trim()) {
            Some(name) => limit.variable = Some((name, span_of(variable.value))),
            None => {
                let message = format!("`{text}` is not the name of a symbol");
                reader.fault(
                    "D009",
                    span_of(variable.value),
                    message,
                    "name the symbol that tends to infinity",
                );
            }
        }
    }
    if let Some(path) = find(&list, "path")
        && let Some(list) = reader.table(path.value, "`path`")
    {
        limit.alone = list.is_empty();
        for entry in list {
            let Some(name) = declared_name(reader, &entry) else {
                continue;
            };
            if let Some(expr) = reader.expression(entry.value, "a path") {
                limit.path.push((name, entry.key_span, expr));
            }
        }
    }
    Some(limit)
}

/// A claim that names another variable starts a new path; otherwise its path is laid over the file's,
/// or replaces it where it is empty.
pub(super) fn lay_limit(scope: &mut Scope, layer: &LimitLayer) {
    let old = scope.limit.take();
    let (variable, mut path) = match (&layer.variable, old) {
        (Some((variable, _)), Some(old)) if *variable == old.variable => (old.variable, old.path),
        (Some((variable, _)), _) => (variable.clone(), Vec::new()),
        (None, Some(old)) => (old.variable, old.path),
        (None, None) => (String::new(), Vec::new()),
    };
    if layer.alone {
        path.clear();
    }
    for (name, _, expr) in &layer.path {
        path.retain(|(n, _)| n != name);
        // `d = "d"` says that it stays
        if !matches!(&*expr.node, Node::Name(stays) if stays == name) {
            path.push((name.clone(), expr.clone()));
        }
    }
    scope.limit = Some(Limit { variable, path });
}

pub(super) fn check_limit(reader: &mut Reader, scope: &Scope, layers: &[&LimitLayer]) {
    let Some(limit) = &scope.limit else { return };
    let free = |name: &str| {
        scope
            .symbols
            .iter()
            .any(|(n, symbol)| n == name && !matches!(symbol, Symbol::Defined(_)))
    };
    let given = layers.iter().rev();
    if limit.variable.is_empty() {
        for layer in given {
            reader.fault(
                "D005",
                layer.span,
                "the limit has no variable",
                "name the symbol that tends to infinity: variable = \"T\"",
            );
        }
        return;
    }
    let mut places = Vec::new();
    for layer in given {
        if let Some((name, span)) = &layer.variable
            && *name == limit.variable
        {
            places.push((name.as_str(), *span));
        }
        for (name, span, _) in &layer.path {
            if limit.path.iter().any(|(n, _)| n == name) {
                places.push((name, *span));
            }
        }
    }
    for (name, span) in places {
        if !free(name) {
            let message = format!("`{name}` is not a symbol with a domain");
            reader.fault(
                "D010",
                span,
                message,
                "a limit moves symbols that have a domain under [symbols]; defined ones follow",
            );
        }
    }
    for layer in layers {
        for (name, span, _) in &layer.path {
            if *name == limit.variable {
                reader.fault(
                    "D011",
                    *span,
                    format!("`{name}` is the limit's variable; it follows no path"),
                    "remove it from the path",
                );
            }
        }
    }
}
