//! Table files of experiments whose estimators are written in formulas, and such experiments as tables.

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{Axis, Column, ColumnKind, Definition, GridValue, Reader, Value, ordered, span};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::experiment::{Value as Setting, Written};
use crate::formula::constant::constant;
use crate::table::written::{Part, WrittenTable, decimal};

/// Digits that equivalents in double precision have.
const DIGITS: usize = 10;

impl Reader {
    /// The definition of a file with a section `[predict]`.
    pub(super) fn written(mut self, path: &Path) -> Result<Definition, Vec<Diagnostic>> {
        let text = self.source.text.clone();
        let experiment = Written::read(SourceFile::new(path, text.clone()))?;
        let points = experiment.points()?;
        let Ok(document) = DeTable::parse(&text) else {
            return Err(self.faults);
        };
        let entries = ordered(document.get_ref());
        let find = |key: &str| entries.iter().find(|e| e.0 == key).map(|e| e.2);
        let word = |key: &str| match find(key).map(|v| v.get_ref()) {
            Some(DeValue::String(text)) => text.to_string(),
            _ => String::new(),
        };
        let digits = match find("digits") {
            Some(given) => self.digits(Some(given)),
            None => DIGITS,
        };
        let columns = match find("columns") {
            Some(given) => self.written_columns(given, &experiment),
            None => default_columns(&experiment, find("simulate").is_some()),
        };
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let grid = experiment.axes.iter().map(|axis| Axis {
            name: axis.name.clone(),
            values: (axis.values.iter())
                .filter_map(|quantity| match &quantity.value {
                    Setting::Number(x) => decimal(*x).map(GridValue::Number),
                    Setting::Formula(expr) => Some(match constant(expr) {
                        Some(x) => GridValue::Number(x),
                        None => GridValue::Formula(expr.clone()),
                    }),
                })
                .collect(),
        });
        Ok(Definition {
            title: word("title"),
            source: word("source"),
            digits,
            grid: grid.collect(),
            columns,
            scope: Arc::new(experiment.scope()),
            text: self.source,
            written: Some(Arc::new(WrittenTable::new(experiment, points))),
        })
    }

    fn written_columns(&mut self, given: &Value<'_>, experiment: &Written) -> Vec<Column> {
        let DeValue::Table(table) = given.get_ref() else {
            self.fault(
                span(given.span()),
                "[columns] is a table",
                "write [columns]",
            );
            return Vec::new();
        };
        let mut columns = Vec::new();
        for (name, _, value) in ordered(table) {
            let found = match value.get_ref() {
                DeValue::Table(table) if table.len() == 1 => table.iter().next(),
                _ => None,
            };
            let part = found.and_then(|(key, _)| {
                let known = Part::KEYS
                    .iter()
                    .find(|(k, _)| *k == key.get_ref().as_ref());
                known.map(|(_, part)| *part)
            });
            let quantity = found.and_then(|(_, what)| match what.get_ref() {
                DeValue::String(what) => {
                    let mut all = experiment.quantities.iter();
                    all.position(|q| q.name == what.as_ref())
                }
                _ => None,
            });
            match (part, quantity) {
                (Some(part), Some(quantity)) => {
                    columns.push(column(name.to_owned(), experiment, quantity, part))
                }
                _ => {
                    let names: Vec<&str> = experiment
                        .quantities
                        .iter()
                        .map(|q| q.name.as_str())
                        .collect();
                    let help = format!(
                        "beside [predict]: {{ predict = \"…\" }}, {{ simulate = \"…\" }} or {{ standard_error = \"…\" }} of {}",
                        names.join(", ")
                    );
                    self.fault(span(value.span()), format!("`{name}` is no column"), &help);
                }
            }
        }
        if columns.is_empty() && self.faults.is_empty() {
            let help = "leave [columns] out: every quantity is a column";
            self.fault(span(given.span()), "the table has no columns", help);
        }
        columns
    }
}

fn column(name: String, experiment: &Written, quantity: usize, part: Part) -> Column {
    let of = &experiment.quantities[quantity];
    let rule = &experiment.simulate.rule;
    let says = match part {
        Part::Predicted => format!("deterministic equivalent: {of}"),
        Part::Mean => format!(
            "mean of {} over {} simulated draws, seed {}",
            of.name, rule.replicates, experiment.simulate.seed
        ),
        Part::StandardError => format!("standard error of the mean of {}", of.name),
    };
    let kind = ColumnKind::Written {
        quantity,
        part,
        says,
    };
    Column { name, kind }
}

/// Every quantity, and its simulation if the file says how to simulate; named as rows of a simulation are.
fn default_columns(experiment: &Written, simulated: bool) -> Vec<Column> {
    let count = experiment.quantities.len();
    let mut columns = Vec::new();
    for (i, quantity) in experiment.quantities.iter().enumerate() {
        let name = |suffix: &str| match count {
            1 => suffix.to_owned(),
            _ => format!("{}_{suffix}", quantity.name),
        };
        let predicted = column(quantity.name.clone(), experiment, i, Part::Predicted);
        columns.push(predicted);
        if simulated && quantity.is_random() {
            columns.push(column(name("mean"), experiment, i, Part::Mean));
            let error = name("standard_error");
            columns.push(column(error, experiment, i, Part::StandardError));
        }
    }
    columns
}
