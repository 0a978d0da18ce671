//! One object: what the table is, and its rows as objects. Up to 17 digits are numbers; more are strings, which no
//! reader rounds.

use std::fmt::Write;

use serde_json::Value;

use super::super::{Table, TableError};
use super::content::{checksum, meanings, names, texts};

pub(super) fn render(table: &Table) -> Result<String, TableError> {
    let definition = &table.definition;
    let quote = |text: &str| Value::String(text.to_owned()).to_string();
    let names: Vec<String> = names(table).iter().map(|name| quote(name)).collect();
    let mut rows = String::new();
    for (i, row) in table.rows.iter().enumerate() {
        let cells: Vec<String> = names
            .iter()
            .zip(texts(row))
            .map(|(name, text)| format!("{name}: {}", value(text)))
            .collect();
        let comma = if i + 1 < table.rows.len() { "," } else { "" };
        let _ = writeln!(rows, "    {{{}}}{comma}", cells.join(", "));
    }
    let columns: Vec<String> = definition
        .columns
        .iter()
        .zip(meanings(table))
        .map(|(c, meaning)| format!("    {}: {}", quote(&c.name), quote(&meaning)))
        .collect();
    Ok(format!(
        "{{\n  \"schema\": 1,\n  \"title\": {},\n  \"version\": {},\n  \"source\": {},\n  \"digits\": {},\n  \
         \"checksum\": {},\n  \"columns\": {{\n{}\n  }},\n  \"definition\": {},\n  \"rows\": [\n{rows}  ]\n}}\n",
        quote(&definition.title),
        quote(&format!("resolvent {}", env!("CARGO_PKG_VERSION"))),
        quote(&definition.source),
        definition.digits,
        quote(&checksum(&rows)),
        columns.join(",\n"),
        quote(&definition.text.text),
    ))
}

fn value(text: &str) -> String {
    match text {
        "nan" => "null".to_owned(),
        _ => match super::super::decimal::read(text) {
            Some(printed) if printed.significant <= 17 => text.to_owned(),
            _ => Value::String(text.to_owned()).to_string(),
        },
    }
}
