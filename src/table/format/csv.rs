//! Comment lines that start with `#`, among them (`#|`) the definition itself; then header and rows.

use super::super::{Table, TableError};
use super::content::{checksum, definition, header, names, texts};

pub(super) fn render(table: &Table) -> Result<String, TableError> {
    let failed = |error: String| TableError::Format(error);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let write = |writer: &mut csv::Writer<Vec<u8>>, fields: &[&str]| {
        writer
            .write_record(fields)
            .map_err(|error| failed(error.to_string()))
    };
    let names = names(table);
    write(
        &mut writer,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )?;
    for row in &table.rows {
        write(&mut writer, &texts(row))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    let body = String::from_utf8(bytes).map_err(|error| failed(error.to_string()))?;
    let mut out = String::new();
    for line in header(table, &checksum(&body)) {
        out.push_str(&format!("# {line}\n"));
    }
    out.push_str("# definition:\n");
    out.push_str(&definition(table, "#|"));
    Ok(out + &body)
}
