//! TOML to experiments, with every fault pointed at.

mod setting;
mod simulation;
mod written;

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::quantity::{Quantity, Value};
use super::{Chain, Downstream, Experiment, OneOrMany, Sweep};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file::place_string;
use crate::formula::ast::Span;
use crate::formula::parse::parse_expression_at;
use crate::formula::suggestion::nearest;
use crate::simulate::Designs;
pub(super) use written::{has_section, written};

/// Most values one swept setting may take.
const MAX_VALUES: usize = 100_000;

type Item<'i> = Spanned<DeValue<'i>>;

pub(super) fn read(source: Arc<SourceFile>) -> Result<Experiment, Vec<Diagnostic>> {
    let mut reader = Reader {
        source: source.clone(),
        faults: Vec::new(),
    };
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let span = Span {
            start: span.start,
            end: span.end,
        };
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or("not TOML")
            .to_owned();
        reader.faults.push(source.diagnostic("X001", span, message));
    }
    let experiment = if reader.faults.is_empty() {
        reader.experiment(document.get_ref())
    } else {
        None
    };
    match experiment {
        Some(experiment) if reader.faults.is_empty() => Ok(experiment),
        _ => {
            reader.faults.sort_by_key(|fault| fault.start);
            Err(reader.faults)
        }
    }
}

struct Reader {
    source: Arc<SourceFile>,
    faults: Vec<Diagnostic>,
}

/// A table with its name and place.
struct Section<'a, 'i> {
    name: String,
    span: Span,
    table: &'a DeTable<'i>,
}

fn span<T>(item: &Spanned<T>) -> Span {
    let range = item.span();
    Span {
        start: range.start,
        end: range.end,
    }
}

impl Reader {
    fn fault(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.source.diagnostic(code, span, message).with_help(help);
        self.faults.push(diagnostic);
    }

    fn section<'a, 'i>(
        &mut self,
        name: &str,
        item: &'a Item<'i>,
        keys: &[&str],
    ) -> Option<Section<'a, 'i>> {
        match item.get_ref() {
            DeValue::Table(table) => {
                self.known_keys(name, table, keys);
                Some(Section {
                    name: name.to_owned(),
                    span: span(item),
                    table,
                })
            }
            other => {
                let message = format!("`{name}` must be a table, not {}", kind(other));
                self.fault(
                    "X002",
                    span(item),
                    message,
                    format!("it may hold {}", keys.join(", ")),
                );
                None
            }
        }
    }

    /// A section without which there is no experiment.
    fn required_section<'a, 'i>(
        &mut self,
        document: &'a DeTable<'i>,
        name: &str,
        keys: &[&str; 3],
    ) -> Option<Section<'a, 'i>> {
        let Some(item) = document.get(name) else {
            let [first, second, third] = keys;
            self.fault(
                "X004",
                Span::default(),
                format!("the experiment has no [{name}]"),
                format!("add [{name}] with {first}, {second} and {third}"),
            );
            return None;
        };
        self.section(name, item, keys)
    }

    fn known_keys(&mut self, place: &str, table: &DeTable, keys: &[&str]) {
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                let help = match nearest(name, keys.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", keys.join(", ")),
                };
                let message = format!("{place} has no `{name}`");
                self.fault("X003", span(key), message, help);
            }
        }
    }

    /// Other commands know what such an experiment is by its rows alone.
    fn without_formulas(&mut self, document: &DeTable) -> Option<()> {
        let Some(item) = document.get("predict") else {
            return Some(());
        };
        self.fault(
            "X003",
            span(item),
            "this experiment writes its estimator in formulas",
            "`resolvent predict`, `simulate`, `plot` and `table` read it; `Written::read` does in Rust",
        );
        None
    }

    fn experiment(&mut self, document: &DeTable) -> Option<Experiment> {
        self.without_formulas(document)?;
        self.known_keys(
            "an experiment",
            document,
            &[
                "title",
                "setting",
                "chain",
                "downstream",
                "sweep",
                "simulate",
            ],
        );
        let setting = self.required_section(document, "setting", &["d", "spectrum", "target"]);
        let downstream =
            self.required_section(document, "downstream", &["samples", "noise", "ridge"]);
        let chain = document.get("chain").and_then(|item| {
            self.section(
                "chain",
                item,
                &["generations", "samples", "noise", "ridge", "designs"],
            )
        });
        let sweep = document.get("sweep").and_then(|item| {
            self.section(
                "sweep",
                item,
                &["n", "T", "T0", "d", "lambda", "sigma", "sigma0"],
            )
        });
        let simulate = document.get("simulate").and_then(|item| {
            let keys = [
                "replicates",
                "seed",
                "relative_standard_error",
                "max_replicates",
                "quantiles",
                "path",
                "law",
                "control_variates",
            ];
            self.section("simulate", item, &keys)
        });

        let sweep = sweep
            .map(|section| self.sweep(&section))
            .unwrap_or_default();
        let chain = chain.map(|section| self.chain(&section));
        let simulate = simulate
            .map(|section| self.simulate(&section))
            .unwrap_or_default();
        let downstream = downstream.map(|section| Downstream {
            samples: self.optional(&section, "samples"),
            noise: self.or_zero(&section, "noise"),
            ridge: self.or_zero(&section, "ridge"),
            span: section.span,
        });
        let setting = setting?;
        let dimension = self.optional(&setting, "d");
        let (spectrum, spectrum_span) = self.spectrum(&setting)?;
        let (target, target_span) = self.target(&setting)?;
        Some(Experiment {
            source: self.source.clone(),
            dimension,
            spectrum,
            spectrum_span,
            target,
            target_span,
            chain,
            downstream: downstream?,
            sweep,
            simulate,
        })
    }

    /// A number, `inf`, or a formula in a string.
    fn quantity(&mut self, what: &str, item: &Item) -> Option<Quantity> {
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

    fn number(&mut self, what: &str, item: &Item) -> Option<f64> {
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

    fn whole(&mut self, what: &str, item: &Item) -> Option<u64> {
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

    fn optional(&mut self, section: &Section, key: &str) -> Option<Quantity> {
        let item = section.table.get(key)?;
        self.quantity(&format!("`{}.{key}`", section.name), item)
    }

    fn or_zero(&mut self, section: &Section, key: &str) -> Quantity {
        let zero = Quantity {
            value: Value::Number(0.0),
            span: section.span,
        };
        self.optional(section, key).unwrap_or(zero)
    }

    fn one_or_many(&mut self, section: &Section, key: &str) -> Option<OneOrMany> {
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

    fn chain(&mut self, section: &Section) -> Chain {
        let zero = || OneOrMany::One(Quantity::number(0.0));
        let designs = match section.table.get("designs") {
            None => Designs::Independent,
            Some(item) => match item.get_ref().as_str() {
                Some("independent") => Designs::Independent,
                Some("shared") => Designs::Shared,
                _ => {
                    self.fault(
                        "X006",
                        span(item),
                        "`chain.designs` is neither of its two values",
                        "write \"independent\" or \"shared\"",
                    );
                    Designs::Independent
                }
            },
        };
        Chain {
            generations: self.optional(section, "generations"),
            samples: self.one_or_many(section, "samples"),
            noise: self.one_or_many(section, "noise").unwrap_or_else(zero),
            ridge: self.one_or_many(section, "ridge").unwrap_or_else(zero),
            designs,
            span: section.span,
        }
    }

    fn sweep(&mut self, section: &Section) -> Sweep {
        let mut values = |key: &str, whole: bool| match section.table.get(key) {
            Some(item) => self.values(&format!("`sweep.{key}`"), item, whole),
            None => Vec::new(),
        };
        Sweep {
            d: values("d", true),
            n: values("n", true),
            t0: values("T0", true),
            sigma0: values("sigma0", false),
            sigma: values("sigma", false),
            lambda: values("lambda", false),
            t: values("T", true),
        }
    }

    /// A list, or `{ log = [from, to, count] }`, or `{ linear = [from, to, count] }`; whole settings are rounded and repeats
    /// left out.
    fn values(&mut self, what: &str, item: &Item, whole: bool) -> Vec<Quantity> {
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

    fn grid(&mut self, what: &str, item: &Item, log: bool, whole: bool) -> Vec<Quantity> {
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

    /// `"kind"`, or `{ kind = "kind", … }`.
    fn kind<'a, 'i>(
        &mut self,
        what: &str,
        item: &'a Item<'i>,
        help: &str,
    ) -> Option<(String, Option<Section<'a, 'i>>)> {
        match item.get_ref() {
            DeValue::String(name) => Some((name.to_string(), None)),
            DeValue::Table(table) => match table.get("kind").map(|kind| kind.get_ref().as_str()) {
                Some(Some(kind)) => {
                    let section = Section {
                        name: what.to_owned(),
                        span: span(item),
                        table,
                    };
                    Some((kind.to_owned(), Some(section)))
                }
                _ => {
                    self.fault(
                        "X006",
                        span(item),
                        format!("the {what} needs a `kind`"),
                        help,
                    );
                    None
                }
            },
            other => {
                let message = format!(
                    "the {what} must be a string or a table, not {}",
                    kind(other)
                );
                self.fault("X002", span(item), message, help);
                None
            }
        }
    }

    fn only<'a, 'i: 'a>(
        &mut self,
        what: &str,
        section: &Option<impl std::borrow::Borrow<Section<'a, 'i>>>,
        keys: &[&str],
    ) {
        if let Some(section) = section {
            self.known_keys(what, section.borrow().table, keys);
        }
    }

    fn required(&mut self, section: &Section, key: &str) -> Option<Quantity> {
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

    fn list(&mut self, section: &Section, key: &str) -> Option<Vec<Quantity>> {
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

/// What a value is, for messages.
fn kind(value: &DeValue) -> &'static str {
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
