//! NumPy's format 1.0: a structured array, one field of doubles for each name. What the table is stands behind the data.

use super::super::{Cell, Table, TableError, grid};
use super::content::{checksum_bytes, definition, header as header_lines, names};
use crate::npy::MAGIC;

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
    let mut bytes = [MAGIC, &[1, 0]].concat();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.bytes());
    for (at, row) in grid::rows(&table.definition)?.iter().zip(&table.rows) {
        let at = at.doubles(&table.definition);
        for x in at.into_iter().chain(row.cells.iter().map(Cell::to_f64)) {
            bytes.extend(x.to_le_bytes());
        }
    }
    // NumPy reads as many bytes as the array has, and no more.
    let lines = header_lines(table, &checksum_bytes(&bytes));
    for line in lines {
        bytes.extend(format!("# {line}\n").bytes());
    }
    bytes.extend(format!("# definition:\n{}", definition(table, "#|")).bytes());
    Ok(bytes)
}
