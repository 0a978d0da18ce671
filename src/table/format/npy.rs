//! NumPy's format 1.0: a structured array, one field of doubles for each name.

use super::super::{Table, TableError};
use super::names;

pub(super) fn render(table: &Table) -> Result<Vec<u8>, TableError> {
    let fields: Vec<String> = names(table)
        .iter()
        .map(|name| format!("('{}', '<f8')", name.replace(['\\', '\''], "_")))
        .collect();
    let mut header = format!(
        "{{'descr': [{}], 'fortran_order': False, 'shape': ({},), }}",
        fields.join(", "),
        table.rows.len()
    );
    // Magic, version and length take ten bytes; the data starts at a multiple of 64.
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let length = u16::try_from(header.len())
        .map_err(|_| TableError::Format("too many columns for NumPy's format 1.0".to_owned()))?;
    if !header.is_ascii() {
        return Err(TableError::Format(
            "NumPy's format 1.0 takes names of ASCII letters only".to_owned(),
        ));
    }
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.bytes());
    for row in &table.rows {
        for cell in row.at.iter().chain(&row.cells) {
            bytes.extend(cell.to_f64().to_le_bytes());
        }
    }
    Ok(bytes)
}
