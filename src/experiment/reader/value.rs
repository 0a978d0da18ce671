//! The values of an experiment file: numbers, formulas, lists and ranges.

use toml::de::DeValue;

use super::{Item, Reader, Section, span};
use crate::check::file::place_string;
use crate::check::file::reader::kind;
use crate::experiment::OneOrMany;
use crate::experiment::quantity::{Quantity, Value};
use crate::formula::parse::parse_expression_at;

/// Most values one swept setting may take.
const MAX_VALUES: usize = 100_000;

impl Reader {
    /// A number, `inf`, or a formula in a string.
    pub(super) fn quantity(&mut self, what: &str, item: &Item) -> Option<Quantity> {
        let place = span(item);
        match item.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => {
                let value = self.number(what, item)?;
                Some(Quantity {
                    value: Value::Number(value),
                    span: place,
                })
            }
            DeValue::String(text) => {
                let raw = self
                    .source
                    .text
                    .get(place.start..place.end)
                    .unwrap_or_default();
                let placement = place_string(raw, text, place.start);
                match parse_expression_at(text, &placement) {
                    Ok(expr) => {
                        let span = expr.span;
                        Some(Quantity {
                            value: Value::Formula(expr),
                            span,
                        })
                    }
                    Err(errors) => {
                        for error in errors {
                            let diagnostic = self.source.formula_diagnostic(&error);
                            self.faults.push(diagnostic);
                        }
                        None
                    }
                }
            }
            other => {
                let message = format!("{what} must be a number or a formula, not {}", kind(other));
                self.fault(
                    "X002",
                    place,
                    message,
                    "write a number, or a formula in quotes such as \"T^-0.8\"",
                );
                None
            }
        }
    }

    pub(super) fn number(&mut self, what: &str, item: &Item) -> Option<f64> {
        let value = match item.get_ref() {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|i| i as f64),
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            other => {
                let message = format!("{what} must be a number, not {}", kind(other));
                self.fault("X002", span(item), message, "write a number");
                return None;
            }
        };
        match value {
            Some(x) if !x.is_nan() => Some(x),
            _ => {
                self.fault(
                    "X005",
                    span(item),
                    format!("{what} is not a usable number"),
                    "write a finite number",
                );
                None
            }
        }
    }

    pub(super) fn whole(&mut self, what: &str, item: &Item) -> Option<u64> {
        let value = match item.get_ref() {
            DeValue::Integer(integer) => {
                u64::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            _ => None,
        };
        if value.is_none() {
            self.fault(
                "X002",
                span(item),
                format!("{what} must be a whole number, 0 or more"),
                "write an integer",
            );
        }
        value
    }

    pub(super) fn optional(&mut self, section: &Section, key: &str) -> Option<Quantity> {
        let item = section.table.get(key)?;
        self.quantity(&format!("`{}.{key}`", section.name), item)
    }

    pub(super) fn or_zero(&mut self, section: &Section, key: &str) -> Quantity {
        let zero = Quantity {
            value: Value::Number(0.0),
            span: section.span,
        };
        self.optional(section, key).unwrap_or(zero)
    }

    pub(super) fn one_or_many(&mut self, section: &Section, key: &str) -> Option<OneOrMany> {
        let item = section.table.get(key)?;
        let what = format!("`{}.{key}`", section.name);
        match item.get_ref() {
            DeValue::Array(items) => {
                let many = items
                    .iter()
                    .filter_map(|item| self.quantity(&what, item))
                    .collect();
                Some(OneOrMany::Many(many, span(item)))
            }
            _ => self.quantity(&what, item).map(OneOrMany::One),
        }
    }

    /// A list, or `{ log = [from, to, count] }`, or `{ linear = [from, to, count] }`; whole settings are rounded and repeats
    /// left out.
    pub(super) fn values(&mut self, what: &str, item: &Item, whole: bool) -> Vec<Quantity> {
        let place = span(item);
        match item.get_ref() {
            DeValue::Array(items) => {
                if items.is_empty() {
                    self.fault(
                        "X007",
                        place,
                        format!("{what} has no values"),
                        "leave it out, or give it one",
                    );
                }
                items
                    .iter()
                    .filter_map(|item| self.quantity(what, item))
                    .collect()
            }
            DeValue::Table(table) => {
                self.known_keys(what, table, &["log", "linear"]);
                let (log, grid) = match (table.get("log"), table.get("linear")) {
                    (Some(grid), None) => (true, grid),
                    (None, Some(grid)) => (false, grid),
                    _ => {
                        self.fault(
                            "X007",
                            place,
                            format!("{what} needs one of `log` and `linear`"),
                            "for example { log = [10, 1e6, 25] }",
                        );
                        return Vec::new();
                    }
                };
                self.grid(what, grid, log, whole)
            }
            _ => self.quantity(what, item).into_iter().collect(),
        }
    }

    pub(super) fn grid(
        &mut self,
        what: &str,
        item: &Item,
        log: bool,
        whole: bool,
    ) -> Vec<Quantity> {
        let place = span(item);
        let numbers: Vec<f64> = match item.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| self.number(what, item))
                .collect(),
            _ => Vec::new(),
        };
        let usable = match numbers[..] {
            [from, to, count] => {
                (from.is_finite() && to.is_finite())
                    && (!log || (from > 0.0 && to > 0.0))
                    && count.fract() == 0.0
                    && (1.0..=MAX_VALUES as f64).contains(&count)
                    && (count > 1.0 || from == to)
            }
            _ => false,
        };
        if !usable {
            let name = if log { "log" } else { "linear" };
            let help = format!(
                "write {name} = [from, to, count]{}",
                if log { ", from and to positive" } else { "" }
            );
            self.fault("X007", place, format!("{what} is not a usable grid"), help);
            return Vec::new();
        }
        let (from, to, count) = (numbers[0], numbers[1], numbers[2] as usize);
        let mut values: Vec<f64> = (0..count)
            .map(|i| {
                // The ends are exact.
                if i == 0 {
                    from
                } else if i + 1 == count {
                    to
                } else {
                    let weight = i as f64 / (count - 1) as f64;
                    if log {
                        from * libm::pow(to / from, weight)
                    } else {
                        from + (to - from) * weight
                    }
                }
            })
            .map(|x| if whole { x.round() } else { x })
            .collect();
        values.dedup();
        values
            .into_iter()
            .map(|x| Quantity {
                value: Value::Number(x),
                span: place,
            })
            .collect()
    }

    pub(super) fn required(&mut self, section: &Section, key: &str) -> Option<Quantity> {
        if section.table.get(key).is_none() {
            self.fault(
                "X004",
                section.span,
                format!("the {} needs `{key}`", section.name),
                format!("add {key} = …"),
            );
        }
        self.optional(section, key)
    }

    pub(super) fn list(&mut self, section: &Section, key: &str) -> Option<Vec<Quantity>> {
        match section.table.get(key).map(|item| item.get_ref()) {
            Some(DeValue::Array(items)) if !items.is_empty() => {
                let what = format!("`{}.{key}`", section.name);
                Some(
                    items
                        .iter()
                        .filter_map(|item| self.quantity(&what, item))
                        .collect(),
                )
            }
            _ => {
                self.fault(
                    "X004",
                    section.span,
                    format!("the {} needs a list `{key}`", section.name),
                    format!("add {key} = […]"),
                );
                None
            }
        }
    }
}
