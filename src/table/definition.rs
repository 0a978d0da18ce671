//! Table files.
//!
//! ```toml
//! title  = "kappa and degrees of freedom, infinite power laws"
//! source = "where the formulas are from"
//! digits = 15
//!
//! [setting]                    # as in a derivation file; d may be a number, "inf", or stand in the grid
//! d        = "inf"
//! spectrum = { kind = "power-law", beta = "beta" }
//!
//! [grid]                       # every combination, the last name running fastest
//! beta   = [1.5, 2, 4]
//! T      = [10, 1000, 1e6]
//! lambda = [0, "1/T"]          # a formula of the names before it
//!
//! [define]                     # abbreviations
//! k = "kappa(lambda, T)"
//!
//! [columns]
//! kappa = "k"
//! df2   = "df(2, k)"
//! test  = { predict = "test_error" }   # a column of `resolvent predict`, for the experiment that stands in this file
//! exact = { exact = "test_error" }     # the expectation at this finite size
//! ```
//!
//! `[setting]` and `[define]` are read as those of a derivation file are.
//!
//! A file with a section `[predict]`, see [`Written`](crate::experiment::Written), is a table, too: each quantity is a column, and
//! with `[simulate]` its mean over draws and the standard error. Under `[columns]` such columns are
//! `{ predict = "test_error" }`, `{ simulate = "test_error" }` and `{ standard_error = "test_error" }`; `[grid]` and `[sweep]` are one.

mod axis;
mod derivation;
mod section;
mod written;

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::decimal;
use super::written::{Part, WrittenTable};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file;
use crate::experiment::Written;
use crate::formula::ast::{Expr, Span};
use crate::formula::parse::parse_expression;
use crate::formula::scope::{Scope, SpectrumKind, TargetKind};
use derivation::Derivation;
use section::{Sections, Value, ordered, span};

pub use axis::{Axis, GridValue};

/// More digits are refused.
pub const MOST_DIGITS: usize = 500;
/// Larger files are refused.
const MAX_BYTES: usize = 1 << 20;
const MOST_COLUMNS: usize = 200;

/// A table, before it is computed.
#[derive(Clone, Debug)]
pub struct Definition {
    pub title: String,
    pub source: String,
    pub digits: usize,
    pub grid: Vec<Axis>,
    pub columns: Vec<Column>,
    /// What formulas mean.
    pub scope: Arc<Scope>,
    pub text: Arc<SourceFile>,
    /// The experiment, where its estimator is written in formulas.
    pub written: Option<Arc<WrittenTable>>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

#[derive(Clone, Debug)]
pub enum ColumnKind {
    Formula {
        text: String,
        expr: Expr,
    },
    /// Part of a prediction.
    Predict(String),
    /// Part of the exact expectation at finite size.
    Exact(String),
    /// A quantity of `[predict]`.
    Written {
        quantity: usize,
        part: Part,
        says: String,
    },
}

impl Column {
    /// What the column is, in a line.
    pub fn says(&self) -> String {
        match &self.kind {
            ColumnKind::Formula { text: says, .. } | ColumnKind::Written { says, .. } => {
                says.clone()
            }
            ColumnKind::Predict(what) => format!("deterministic equivalent: {what}"),
            ColumnKind::Exact(what) => {
                format!("expectation at this finite size: {what}")
            }
        }
    }
}

/// The parts that `predict` and `exact` columns may name.
pub const PREDICTED: [&str; 7] = [
    "kappa",
    "df1",
    "df2",
    "bias",
    "variance",
    "synthetic",
    "test_error",
];
pub const EXACT: [&str; 4] = ["bias", "variance", "synthetic", "test_error"];

const KEYS: [&str; 9] = [
    "title",
    "source",
    "digits",
    "setting",
    "grid",
    "define",
    "columns",
    "chain",
    "downstream",
];

impl Definition {
    /// Reads a table file; every fault is reported.
    pub fn read(path: &Path, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let source = Arc::new(SourceFile::new(path, text));
        let reader = Reader {
            source: source.clone(),
            faults: Vec::new(),
        };
        match Written::is_written(&source) {
            true => reader.written(path),
            false => reader.read(&source),
        }
    }
}

struct Reader {
    source: Arc<SourceFile>,
    faults: Vec<Diagnostic>,
}

impl Reader {
    fn fault(&mut self, at: Span, message: impl Into<String>, help: &str) {
        self.faults
            .push(self.source.diagnostic("T001", at, message).with_help(help));
    }

    fn read(mut self, source: &Arc<SourceFile>) -> Result<Definition, Vec<Diagnostic>> {
        let text = &source.text;
        if text.len() > MAX_BYTES {
            self.fault(
                Span::default(),
                "the file is too long for a table",
                "1 MiB at most",
            );
            return Err(self.faults);
        }
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(Span::default(), span);
                self.fault(at, error.message().to_owned(), "the file is no valid TOML");
                return Err(self.faults);
            }
        };
        let entries = ordered(table.get_ref());
        for (key, at, _) in &entries {
            if !KEYS.contains(key) {
                let near = crate::formula::suggestion::nearest(key, KEYS.iter().copied());
                let help = near.map_or_else(
                    || format!("known here: {}", KEYS.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.fault(*at, format!("a table file has no key `{key}`"), &help);
            }
        }
        let find = |key: &str| entries.iter().find(|e| e.0 == key).map(|e| e.2);
        let word = |key: &str| match find(key).map(|v| v.get_ref()) {
            Some(DeValue::String(text)) => text.to_string(),
            _ => String::new(),
        };
        let digits = self.digits(find("digits"));
        let grid = self.grid(find("grid"));
        let columns = self.columns(find("columns"));
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let sections = Sections {
            setting: find("setting"),
            define: find("define"),
        };
        let scope = self.scope(&sections, &grid, &columns);
        let Some((scope, exprs)) = scope else {
            return Err(self.faults);
        };
        self.definite(&scope, &sections, &columns);
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let mut exprs = exprs.into_iter();
        let columns = columns
            .into_iter()
            .filter_map(|(name, kind, _)| {
                let kind = match kind {
                    ColumnSource::Formula(text) => ColumnKind::Formula {
                        text,
                        expr: exprs.next()?,
                    },
                    ColumnSource::Predict(what) => ColumnKind::Predict(what),
                    ColumnSource::Exact(what) => ColumnKind::Exact(what),
                };
                Some(Column { name, kind })
            })
            .collect();
        Ok(Definition {
            title: word("title"),
            source: word("source"),
            digits,
            grid: grid.into_iter().map(|(axis, _)| axis).collect(),
            columns,
            scope,
            text: source.clone(),
            written: None,
        })
    }

    fn digits(&mut self, value: Option<&Value<'_>>) -> usize {
        let Some(value) = value else { return 15 };
        let digits = match value.get_ref() {
            DeValue::Integer(x) => usize::from_str_radix(x.as_str(), x.radix()).ok(),
            _ => None,
        };
        match digits {
            Some(digits) if (1..=MOST_DIGITS).contains(&digits) => digits,
            _ => {
                let message = format!("digits is a whole number from 1 to {MOST_DIGITS}");
                self.fault(span(value.span()), message, "digits = 15");
                15
            }
        }
    }

    fn grid(&mut self, value: Option<&Value<'_>>) -> Vec<(Axis, Span)> {
        let Some(value) = value else {
            self.fault(
                Span::default(),
                "the table has no [grid]",
                "add [grid] with T = [10, 100]",
            );
            return Vec::new();
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(
                span(value.span()),
                "[grid] is a table",
                "write [grid], then T = [10, 100]",
            );
            return Vec::new();
        };
        let mut axes = Vec::new();
        for (name, at, value) in ordered(table) {
            let list: Vec<&Value<'_>> = match value.get_ref() {
                DeValue::Array(array) => array.iter().collect(),
                _ => vec![value],
            };
            let values: Vec<GridValue> = list
                .into_iter()
                .filter_map(|value| self.grid_value(value))
                .collect();
            if values.is_empty() {
                self.fault(at, format!("`{name}` has no values"), "give at least one");
            }
            let axis = Axis {
                name: name.to_owned(),
                values,
            };
            axes.push((axis, at));
        }
        axes
    }

    fn grid_value(&mut self, value: &Value<'_>) -> Option<GridValue> {
        let at = span(value.span());
        let number = |text: &str| decimal::read(&text.replace('_', "")).map(|x| x.value);
        let found = match value.get_ref() {
            DeValue::Integer(x) => number(x.as_str()).map(GridValue::Number),
            DeValue::Float(x) if x.as_str().trim_start_matches('+') == "inf" => {
                Some(GridValue::Infinite)
            }
            DeValue::Float(x) => number(x.as_str()).map(GridValue::Number),
            DeValue::String(text) if matches!(text.trim(), "inf" | "∞") => {
                Some(GridValue::Infinite)
            }
            DeValue::String(text) => match parse_expression(text) {
                Ok(expr) => Some(match crate::formula::constant::constant(&expr) {
                    Some(number) => GridValue::Number(number),
                    None => GridValue::Formula(expr),
                }),
                Err(errors) => {
                    let message = errors
                        .first()
                        .map_or_else(|| "not a formula".to_owned(), |e| e.message.clone());
                    self.fault(at, message, "a number, or a formula of the names before");
                    return None;
                }
            },
            _ => None,
        };
        if found.is_none() {
            self.fault(
                at,
                "not a value of a grid",
                "a number, or a formula in quotes",
            );
        }
        found
    }

    fn columns(&mut self, value: Option<&Value<'_>>) -> Vec<(String, ColumnSource, Span)> {
        let Some(value) = value else {
            let help = "add [columns] with kappa = \"kappa(lambda, T)\"";
            self.fault(Span::default(), "the table has no [columns]", help);
            return Vec::new();
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(
                span(value.span()),
                "[columns] is a table",
                "write [columns]",
            );
            return Vec::new();
        };
        if table.len() > MOST_COLUMNS {
            let message = format!("a table has at most {MOST_COLUMNS} columns");
            self.fault(span(value.span()), message, "make two tables");
            return Vec::new();
        }
        let mut columns = Vec::new();
        for (name, _, value) in ordered(table) {
            let at = span(value.span());
            let kind = match value.get_ref() {
                DeValue::String(text) => Some(ColumnSource::Formula(text.to_string())),
                DeValue::Table(table) => {
                    let mut entries = table.iter();
                    match (entries.next(), entries.next()) {
                        (Some((key, what)), None) => match (key.get_ref().as_ref(), what.get_ref())
                        {
                            ("predict", DeValue::String(what))
                                if PREDICTED.contains(&what.as_ref()) =>
                            {
                                Some(ColumnSource::Predict(what.to_string()))
                            }
                            ("exact", DeValue::String(what)) if EXACT.contains(&what.as_ref()) => {
                                Some(ColumnSource::Exact(what.to_string()))
                            }
                            _ => None,
                        },
                        _ => None,
                    }
                }
                _ => None,
            };
            match kind {
                Some(kind) => columns.push((name.to_owned(), kind, at)),
                None => {
                    let help = format!(
                        "a formula in quotes, {{ predict = \"…\" }} of {}, or {{ exact = \"…\" }} of {}",
                        PREDICTED.join(", "),
                        EXACT.join(", ")
                    );
                    self.fault(at, format!("`{name}` is no column"), &help);
                }
            }
        }
        if columns.is_empty() && self.faults.is_empty() {
            self.fault(
                span(value.span()),
                "the table has no columns",
                "add a formula",
            );
        }
        columns
    }

    /// A table has one spectrum, and one target where it speaks of one.
    fn definite(
        &mut self,
        scope: &Scope,
        sections: &Sections<'_, '_>,
        columns: &[(String, ColumnSource, Span)],
    ) {
        let at = sections
            .setting
            .map_or(Span::default(), |value| span(value.span()));
        if matches!(
            scope.setting.spectrum,
            SpectrumKind::Any | SpectrumKind::TwoLevel
        ) {
            let help = "\"isotropic\", { kind = \"power-law\", … }, { kind = \"atoms\", … } or { kind = \"file\", … }";
            self.fault(at, "a table needs one spectrum, not any", help);
        }
        let defined = sections
            .define
            .and_then(|value| self.source.text.get(value.span()))
            .unwrap_or("");
        let speaks = mentions_target(defined)
            || columns.iter().any(
                |(_, kind, _)| matches!(kind, ColumnSource::Formula(text) if mentions_target(text)),
            );
        if speaks && matches!(scope.setting.target, TargetKind::Any) {
            let help = "add target = { kind = \"isotropic\", norm2 = 1 } or { kind = \"source\", r = … } to [setting]";
            self.fault(
                at,
                "formulas speak of w0, but the target is not given",
                help,
            );
        }
    }

    /// The formulas' scope, by way of a derivation file in which each column is a claim.
    fn scope(
        &mut self,
        sections: &Sections<'_, '_>,
        grid: &[(Axis, Span)],
        columns: &[(String, ColumnSource, Span)],
    ) -> Option<(Arc<Scope>, Vec<Expr>)> {
        let mut derivation = Derivation::default();
        derivation.settings(sections, grid, &self.source.text);
        let mut any = false;
        for (name, kind, at) in columns {
            if let ColumnSource::Formula(text) = kind {
                derivation.claim(name, text, *at);
                any = true;
            }
        }
        if !any {
            // A scope needs a claim.
            derivation.claim("nothing", "0", Span::default());
        }
        match file::read_text(&self.source.path, &derivation.text) {
            Ok(file) => {
                let scope = file.claims.first()?.scope.clone();
                let exprs = file.claims.into_iter().map(|c| c.says.lhs).collect();
                Some((scope, exprs))
            }
            Err(faults) => {
                for fault in faults {
                    self.faults.push(derivation.translate(fault, &self.source));
                }
                None
            }
        }
    }
}

/// Whether `w0` or `c(j)` stands in a formula.
fn mentions_target(text: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '('))
        .flat_map(|word| word.split_inclusive('('))
        .any(|word| matches!(word.trim_end_matches('('), "w0") || word == "c(")
}

enum ColumnSource {
    Formula(String),
    Predict(String),
    Exact(String),
}
