//! Experiments of formulas: what is swept and how they are simulated; the rest is read as a derivation file is.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{Reader, span};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file::quantities::{self, Quantities};
use crate::experiment::{Axis, Simulate};
use crate::formula::token::canonical_name;

const SECTIONS: [&str; 15] = [
    "title",
    "source",
    "note",
    "setting",
    "covariances",
    "symbols",
    "random",
    "define",
    "assume",
    "predict",
    "sweep",
    "simulate",
    "grid",
    "digits",
    "columns",
];
/// Of a random object, what is no size.
const NO_SIZES: [&str; 4] = ["sd", "covariance", "ridge", "designs"];

/// Whether the file has a table of this name; false of what is no TOML.
pub(in crate::experiment) fn has_section(source: &SourceFile, name: &str) -> bool {
    DeTable::parse(&source.text).is_ok_and(|document| document.get_ref().get(name).is_some())
}

pub(in crate::experiment) fn written(
    source: &Arc<SourceFile>,
) -> Result<(Vec<Axis>, Simulate, Quantities), Vec<Diagnostic>> {
    let mut reader = Reader {
        source: Arc::clone(source),
        faults: Vec::new(),
    };
    let document = match DeTable::parse(&source.text) {
        Ok(document) => document,
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            let at = crate::formula::ast::Span {
                start: range.start,
                end: range.end,
            };
            return Err(vec![source.diagnostic(
                "X001",
                at,
                error.message().to_owned(),
            )]);
        }
    };
    let document = document.get_ref();
    reader.known_keys("an experiment with [predict]", document, &SECTIONS);
    for other in ["chain", "downstream"] {
        if let Some(item) = document.get(other) {
            let message = format!("[{other}] beside [predict]");
            let help = "with [predict] the estimator is written under [define]; without it, [chain] and [downstream] describe it";
            reader.fault("X003", span(item), message, help);
        }
    }
    let axes = reader.axes(document);
    let simulate = reader.written_simulation(document);
    let given: Vec<_> = (axes.iter())
        .map(|axis| (axis.name.clone(), axis.span, axis.whole))
        .collect();
    match quantities::read(source, document, "predict", &given) {
        Ok(quantities) if reader.faults.is_empty() => Ok((axes, simulate, quantities)),
        found => {
            reader.faults.extend(found.err().into_iter().flatten());
            reader.faults.sort_by_key(|fault| fault.start);
            Err(reader.faults)
        }
    }
}

/// Whether a name occurs among the sizes of the random objects, or as the dimension.
fn is_size(document: &DeTable<'_>, name: &str) -> bool {
    fn mentions(value: &DeValue<'_>, name: &str) -> bool {
        match value {
            DeValue::String(text) => text
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word == name),
            DeValue::Array(list) => list.iter().any(|item| mentions(item.get_ref(), name)),
            _ => false,
        }
    }
    let in_setting = document
        .get("setting")
        .and_then(|item| item.get_ref().get("d"))
        .is_some_and(|d| mentions(d.get_ref(), name));
    let random = document
        .get("random")
        .and_then(|item| item.get_ref().as_table());
    let objects = random.into_iter().flat_map(|table| table.iter());
    let mut sizes = objects
        .filter_map(|(_, object)| object.get_ref().as_table())
        .flat_map(|table| table.iter())
        .filter(|(key, _)| !NO_SIZES.contains(&key.get_ref().as_ref()));
    name == "d" || in_setting || sizes.any(|(_, size)| mentions(size.get_ref(), name))
}

impl Reader {
    fn axes(&mut self, document: &DeTable<'_>) -> Vec<Axis> {
        // A table's grid is swept as an experiment's.
        let item = match (document.get("sweep"), document.get("grid")) {
            (None, None) => return Vec::new(),
            (Some(item), Some(grid)) => {
                let message = "[grid] beside [sweep]";
                self.fault("X003", span(grid), message, "they are one: write either");
                item
            }
            (Some(item), None) | (None, Some(item)) => item,
        };
        let DeValue::Table(table) = item.get_ref() else {
            let help = "write [sweep] with T = [100, 1000]";
            self.fault("X002", span(item), "`sweep` must be a table", help);
            return Vec::new();
        };
        let mut axes = Vec::new();
        for (key, item) in table.iter() {
            let Some(name) = canonical_name(key.get_ref()) else {
                let message = format!("`{}` is not a name", key.get_ref().escape_debug());
                let help = "names are made of a-z, A-Z, 0-9, _ and Greek letters";
                self.fault("X003", span(key), message, help);
                continue;
            };
            let whole = is_size(document, key.get_ref());
            let values = self.values(&format!("`sweep.{name}`"), item, whole);
            axes.push(Axis {
                name,
                span: span(key),
                whole,
                values,
            });
        }
        axes.sort_by_key(|axis| axis.span.start);
        axes
    }

    /// Rows are drawn as they are: there is nothing to choose but how many times.
    fn written_simulation(&mut self, document: &DeTable<'_>) -> Simulate {
        let Some(item) = document.get("simulate") else {
            return Simulate::default();
        };
        let keys = [
            "replicates",
            "seed",
            "relative_standard_error",
            "max_replicates",
        ];
        match self.section("simulate", item, &keys) {
            Some(section) => self.simulate(&section),
            None => Simulate::default(),
        }
    }
}
