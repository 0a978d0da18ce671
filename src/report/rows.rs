//! Rows of named values, in every format they are written in.

use std::io;

use super::printable::{cell, printable};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Whole(u64),
    /// Not finite: `null` in JSON, `inf` elsewhere.
    Real(f64),
    Text(String),
    /// Empty; `null` in JSON.
    Missing,
}

impl Value {
    /// A number, written as a whole one if it is.
    pub fn number(x: f64) -> Self {
        if x.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&x) {
            Value::Whole(x as u64)
        } else {
            Value::Real(x)
        }
    }

    /// The number, if there is one.
    pub fn real(x: Option<f64>) -> Self {
        x.map_or(Value::Missing, Value::Real)
    }

    /// With the shortest digits that read back as the same number.
    fn exact(&self) -> String {
        match self {
            Value::Whole(n) => n.to_string(),
            Value::Real(x) if x.is_infinite() => if *x > 0.0 { "inf" } else { "-inf" }.to_owned(),
            // Plain decimals where they are short.
            Value::Real(x) if *x == 0.0 || (1e-4..1e15).contains(&x.abs()) => x.to_string(),
            Value::Real(x) => format!("{x:e}"),
            Value::Text(text) => text.clone(),
            Value::Missing => String::new(),
        }
    }

    /// With six significant digits.
    fn short(&self) -> String {
        match self {
            Value::Real(x) if x.is_finite() && *x != 0.0 => {
                let scientific = format!("{x:.5e}");
                let exponent: i32 = scientific
                    .split('e')
                    .nth(1)
                    .and_then(|e| e.parse().ok())
                    .unwrap_or(0);
                if (-5..6).contains(&exponent) {
                    let digits = usize::try_from(5 - exponent).unwrap_or(0);
                    let fixed = format!("{x:.digits$}");
                    if fixed.contains('.') {
                        fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
                    } else {
                        fixed
                    }
                } else {
                    scientific
                }
            }
            other => other.exact(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Whole(n) => serializer.serialize_u64(*n),
            Value::Real(x) if x.is_finite() => serializer.serialize_f64(*x),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Real(_) | Value::Missing => serializer.serialize_none(),
        }
    }
}

/// Values with their names, in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Row(pub Vec<(String, Value)>);

impl Row {
    pub fn push(&mut self, name: impl Into<String>, value: Value) {
        self.0.push((name.into(), value));
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Only these columns, in their order.
    fn select(&self, names: &[&str]) -> Row {
        Row(names
            .iter()
            .map(|name| {
                (
                    name.to_string(),
                    self.get(name).cloned().unwrap_or(Value::Missing),
                )
            })
            .collect())
    }

    fn csv_record<'a>(fields: impl IntoIterator<Item = &'a str>) -> io::Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(fields)?;
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    /// The line of names over a CSV file, with its line feed.
    pub fn csv_header(&self) -> io::Result<String> {
        Self::csv_record(self.0.iter().map(|(name, _)| name.as_str()))
    }

    /// A line of CSV, with its line feed.
    pub fn csv_line(&self) -> io::Result<String> {
        let fields: Vec<String> = (self.0.iter())
            .map(|(_, value)| match value {
                Value::Text(text) => cell(&printable(text)).into_owned(),
                value => value.exact(),
            })
            .collect();
        Self::csv_record(fields.iter().map(String::as_str))
    }

    /// A line of JSON, with its line feed.
    pub fn json_line(&self) -> io::Result<String> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        Ok(line)
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum RowFormat {
    /// Aligned columns, six digits
    Table,
    /// {"rows": [...]}
    Json,
    /// One JSON object a line
    Jsonl,
    Csv,
    Latex,
    Markdown,
}

/// All rows in one format; `shown` names the columns that a human reads, of which empty ones are left out.
pub fn render(rows: &[Row], shown: &[&str], format: RowFormat) -> io::Result<String> {
    match format {
        RowFormat::Json => {
            let mut text = String::from("{\"rows\": [");
            for (i, row) in rows.iter().enumerate() {
                text.push_str(if i == 0 { "\n" } else { ",\n" });
                text.push_str(&serde_json::to_string(row)?);
            }
            text.push_str("\n]}\n");
            Ok(text)
        }
        RowFormat::Jsonl => rows.iter().map(Row::json_line).collect(),
        RowFormat::Csv => {
            let mut text = rows
                .first()
                .map(Row::csv_header)
                .transpose()?
                .unwrap_or_default();
            for row in rows {
                text.push_str(&row.csv_line()?);
            }
            Ok(text)
        }
        RowFormat::Table | RowFormat::Latex | RowFormat::Markdown => {
            let used: Vec<&str> = shown
                .iter()
                .copied()
                .filter(|name| {
                    rows.iter()
                        .any(|row| row.get(name).is_some_and(|v| *v != Value::Missing))
                })
                .collect();
            let rows: Vec<Row> = rows.iter().map(|row| row.select(&used)).collect();
            Ok(match format {
                RowFormat::Latex => latex(&rows, &used),
                RowFormat::Markdown => markdown(&rows, &used),
                _ => table(&rows, &used),
            })
        }
    }
}

fn cells(row: &Row) -> impl Iterator<Item = String> + '_ {
    row.0
        .iter()
        .map(|(_, value)| printable(&value.short()).into_owned())
}

fn table(rows: &[Row], columns: &[&str]) -> String {
    use comfy_table::{CellAlignment, Table, presets};
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().copied());
    for row in rows {
        table.add_row(cells(row));
    }
    for (column, name) in table.column_iter_mut().zip(columns) {
        let alignment = if *name == "note" {
            CellAlignment::Left
        } else {
            CellAlignment::Right
        };
        column.set_cell_alignment(alignment);
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn markdown(rows: &[Row], columns: &[&str]) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        columns.join(" | "),
        "---:|".repeat(columns.len())
    );
    for row in rows {
        let cells: Vec<String> = cells(row).map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn latex(rows: &[Row], columns: &[&str]) -> String {
    let name = |column: &str| match column {
        "n" | "T" | "d" | "z" => format!("${column}$"),
        "T0" => "$T_0$".to_owned(),
        "lambda" | "kappa" | "sigma" => format!("$\\{column}$"),
        "sigma0" => "$\\sigma_0$".to_owned(),
        "df1" => "$\\mathrm{df}_1$".to_owned(),
        "df2" => "$\\mathrm{df}_2$".to_owned(),
        other => other.replace('_', " "),
    };
    let cell = |text: String| match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.parse::<f64>().is_ok() => {
            format!("${mantissa} \\times 10^{{{exponent}}}$")
        }
        _ if text == "inf" => "$\\infty$".to_owned(),
        _ => text.replace('_', "\\_"),
    };
    let mut text = format!("\\begin{{tabular}}{{{}}}\n", "r".repeat(columns.len()));
    let names: Vec<String> = columns.iter().map(|column| name(column)).collect();
    text.push_str(&format!("{} \\\\\n\\hline\n", names.join(" & ")));
    for row in rows {
        let cells: Vec<String> = cells(row).map(cell).collect();
        text.push_str(&format!("{} \\\\\n", cells.join(" & ")));
    }
    text.push_str("\\end{tabular}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row() -> Row {
        let mut row = Row::default();
        row.push("n", Value::Whole(5));
        row.push("T0", Value::Missing);
        row.push("lambda", Value::Real(1.5e-7));
        row.push("test_error", Value::Real(f64::INFINITY));
        row.push("note", Value::Text("a, \"b\"".to_owned()));
        row
    }

    #[test]
    fn formats() {
        assert_eq!(
            row().json_line().unwrap(),
            "{\"n\":5,\"T0\":null,\"lambda\":1.5e-7,\"test_error\":null,\"note\":\"a, \\\"b\\\"\"}\n"
        );
        assert_eq!(row().csv_header().unwrap(), "n,T0,lambda,test_error,note\n");
        assert_eq!(
            row().csv_line().unwrap(),
            "5,,1.5e-7,inf,\"a, \"\"b\"\"\"\n"
        );
        let shown = ["n", "T0", "lambda", "test_error"];
        let latex = render(&[row()], &shown, RowFormat::Latex).unwrap();
        assert!(latex.contains("$n$ & $\\lambda$ & test error \\\\"));
        assert!(latex.contains("5 & $1.50000 \\times 10^{-7}$ & $\\infty$ \\\\"));
        let table = render(&[row()], &shown, RowFormat::Table).unwrap();
        assert_eq!(
            table,
            " n      lambda  test_error\n 5  1.50000e-7         inf\n"
        );
        assert_eq!(
            render(&[row()], &shown, RowFormat::Markdown).unwrap(),
            "| n | lambda | test_error |\n|---:|---:|---:|\n| 5 | 1.50000e-7 | inf |\n"
        );
    }

    #[test]
    fn short_numbers() {
        for (x, text) in [
            (0.2, "0.2"),
            (123456.7, "123457"),
            (1234567.0, "1.23457e6"),
            (1.0 / 3.0, "0.333333"),
            (0.0, "0"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(Value::Real(x).short(), text);
        }
    }

    proptest! {
        #[test]
        fn exact_numbers_read_back(x in prop::num::f64::ANY) {
            prop_assume!(x.is_finite());
            prop_assert_eq!(Value::Real(x).exact().parse::<f64>().unwrap(), x);
        }
    }
}
