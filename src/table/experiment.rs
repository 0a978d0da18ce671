//! Columns of `resolvent predict`: the table file's experiment, with a row's values in place of the grid's names.

use num_traits::ToPrimitive;

use super::definition::Definition;
use super::grid::{At, Row};
use super::value::Found;
use crate::check::diagnostic::SourceFile;
use crate::experiment::{Experiment, Point};
use crate::number::{Estimate, Precise, Real, with_precision};

/// Settings that an experiment sweeps.
const SWEPT: [&str; 7] = ["n", "T", "T0", "d", "lambda", "sigma", "sigma0"];

pub(super) fn predicted(definition: &Definition, row: &Row, what: &str) -> Result<Found, String> {
    let prediction = point(definition, row)?
        .predict()
        .map_err(|error| error.to_string())?;
    let value = match what {
        "kappa" => prediction.kappa,
        "df1" => prediction.df1,
        "df2" => prediction.df2,
        "bias" => prediction.bias,
        "variance" => prediction.variance,
        "synthetic" => prediction.synthetic,
        _ => prediction.test_error,
    };
    Found::within(value, prediction.relative_error)
}

pub(super) fn exact(definition: &Definition, row: &Row, what: &str) -> Result<Found, String> {
    let (expectation, error) = point(definition, row)?
        .exact()
        .ok_or("no exact expectation is known here, or it is infinite")?;
    let value = match what {
        "bias" => expectation.bias,
        "variance" => expectation.variance,
        "synthetic" => expectation.synthetic,
        _ => expectation.test_error,
    };
    Found::estimated(Estimate {
        value,
        relative_error: error,
    })
}

/// The experiment of a row.
fn point(definition: &Definition, row: &Row) -> Result<Point, String> {
    let mut table: toml::Table = definition
        .text
        .text
        .parse()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    for key in ["title", "source", "digits", "columns", "define", "grid"] {
        table.remove(key);
    }
    let values = row
        .at
        .iter()
        .map(|(name, at)| Ok((name.as_str(), number(definition, row, name, at)?)))
        .collect::<Result<Vec<_>, String>>()?;
    for section in ["setting", "chain", "downstream"] {
        if let Some(value) = table.get_mut(section) {
            replace(value, &values);
        }
    }
    if !table.contains_key("downstream") {
        table.insert("downstream".to_owned(), toml::Table::new().into());
    }
    let generations = values.iter().any(|(name, n)| *name == "n" && *n > 0.0);
    let mut sweep = toml::Table::new();
    for (name, value) in &values {
        let unused = !generations && matches!(*name, "T0" | "sigma0");
        if SWEPT.contains(name) && !unused {
            let value = if *name == "d" && value.is_infinite() {
                toml::Value::Float(f64::INFINITY)
            } else if value.fract() == 0.0 && (-9e15..9e15).contains(value) {
                toml::Value::Integer(*value as i64)
            } else {
                toml::Value::Float(*value)
            };
            sweep.insert((*name).to_owned(), toml::Value::Array(vec![value]));
        }
    }
    table.insert("sweep".to_owned(), sweep.into());
    let first = |faults: Vec<crate::check::diagnostic::Diagnostic>| {
        faults
            .first()
            .map_or_else(|| "no experiment".to_owned(), |fault| fault.message.clone())
    };
    let source = SourceFile::new(&definition.text.path, table.to_string());
    let mut points = Experiment::read(source)
        .map_err(first)?
        .points()
        .map_err(first)?;
    points.pop().ok_or_else(|| "no experiment".to_owned())
}

fn number(definition: &Definition, row: &Row, name: &str, at: &At) -> Result<f64, String> {
    match at {
        At::Number(x) => x.to_f64().ok_or_else(|| format!("{name} has no double")),
        At::Infinite => Ok(f64::INFINITY),
        At::Formula(_) => with_precision(128, || row.formulas(definition))
            .map_err(|error| error.to_string())?
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value): &(String, Precise)| value.midpoint())
            .ok_or_else(|| format!("{name} has no value")),
    }
}

/// A string that is a name of the grid becomes its value.
fn replace(value: &mut toml::Value, values: &[(&str, f64)]) {
    match value {
        toml::Value::String(text) => {
            if let Some((_, number)) = values.iter().find(|(name, _)| *name == text.trim()) {
                *value = toml::Value::Float(*number);
            }
        }
        toml::Value::Array(list) => {
            for item in list {
                replace(item, values);
            }
        }
        toml::Value::Table(table) => {
            for (_, item) in table.iter_mut() {
                replace(item, values);
            }
        }
        _ => {}
    }
}
