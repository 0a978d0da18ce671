//! Tables read back: names, and cells as they are printed.

mod comments;
mod content;
mod markup;
mod npy;

use super::TableError;
use super::format::checksum;
use comments::Comments;

pub use content::{Published, PublishedRow};

/// Most rows that are read.
const MOST_ROWS: usize = 1_000_000;

/// Reads a table in any of the formats they are written in.
pub fn read_bytes(bytes: &[u8]) -> Result<Published, TableError> {
    if bytes.starts_with(crate::npy::MAGIC) {
        return npy::read(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => read(text),
        Err(error) => Err(TableError::Published {
            line: 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count(),
            message: "it is neither text nor a NumPy array".to_owned(),
        }),
    }
}

/// Reads CSV, with or without our comments, or our JSON, Markdown or LaTeX.
pub fn read(text: &str) -> Result<Published, TableError> {
    let start = text.trim_start();
    if start.starts_with('{') {
        json(text)
    } else if start.starts_with("<!--") || start.starts_with('|') {
        markup::markdown(text)
    } else if start.starts_with('%') || start.starts_with("\\begin") {
        markup::latex(text)
    } else {
        comma_separated(text)
    }
}

fn comma_separated(text: &str) -> Result<Published, TableError> {
    let mut said = Comments::default();
    let mut start = 0;
    let mut comments = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with('#') {
            break;
        }
        said.hashed(line);
        start += line.len();
        comments += 1;
    }
    let body = &text[start..];
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(body.as_bytes());
    let wrong = |line: usize, message: String| TableError::Published { line, message };
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| wrong(comments + 1, error.to_string()))?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    if names.iter().all(String::is_empty) {
        return Err(wrong(
            comments + 1,
            "there is no header of names".to_owned(),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(comments, error.to_string()))?;
        let line = record.position().map_or(0, |p| p.line() as usize) + comments;
        if record.len() != names.len() {
            let message = format!("{} cells under {} names", record.len(), names.len());
            return Err(wrong(line, message));
        }
        if rows.len() >= MOST_ROWS {
            return Err(wrong(line, format!("more than {MOST_ROWS} rows")));
        }
        rows.push(PublishedRow {
            line,
            cells: record.iter().map(|cell| cell.trim().to_owned()).collect(),
        });
    }
    said.published(body, names, rows)
}

fn json(text: &str) -> Result<Published, TableError> {
    let wrong = |line: usize, message: &str| TableError::Published {
        line,
        message: message.to_owned(),
    };
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| wrong(error.line(), &error.to_string()))?;
    let rows = value["rows"]
        .as_array()
        .ok_or_else(|| wrong(0, "it has no rows"))?;
    let definition = value["definition"].as_str().map(str::to_owned);
    // Numbers lose the zeros behind them, so rows are taken from the text, where each has a line.
    let body: String = text
        .split_inclusive('\n')
        .filter(|line| line.starts_with("    {"))
        .collect();
    let whole = value["checksum"]
        .as_str()
        .map(|stated| stated == checksum(&body));
    let names: Vec<String> = match rows.first() {
        Some(serde_json::Value::Object(row)) => row.keys().cloned().collect(),
        _ => return Err(wrong(0, "its rows are no objects")),
    };
    let rows = rows
        .iter()
        .map(|row| PublishedRow {
            line: 0,
            cells: names
                .iter()
                .map(|name| match &row[name] {
                    serde_json::Value::String(text) => text.clone(),
                    serde_json::Value::Null => "nan".to_owned(),
                    other => other.to_string(),
                })
                .collect(),
        })
        .collect();
    Ok(Published {
        names,
        rows,
        definition,
        whole,
        doubles: false,
    })
}
