//! What a table says in every format: names, values, what they mean, the table file itself.

use super::super::{Cell, ComputedRow, Table};

/// FNV-1a, 64 bits: tells a damaged file from a whole one.
pub fn checksum(body: &str) -> String {
    checksum_bytes(body.as_bytes())
}

/// The same of any bytes.
pub fn checksum_bytes(body: &[u8]) -> String {
    let hash = body.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("fnv1a64:{hash:016x}")
}

/// The names of grid and columns, in order.
pub fn names(table: &Table) -> Vec<String> {
    let definition = &table.definition;
    let grid = definition.grid.iter().map(|axis| axis.name.clone());
    grid.chain(definition.columns.iter().map(|c| c.name.clone()))
        .collect()
}

/// What each column is, in a line.
pub(super) fn meanings(table: &Table) -> impl Iterator<Item = String> {
    let columns = table.definition.columns.iter().enumerate();
    columns.map(|(i, column)| match is_estimated(table, i) {
        true => format!("{}; its error is estimated", column.says()),
        false => column.says(),
    })
}

/// Whether digits of a column rest on an estimate of an error, not on a bound.
fn is_estimated(table: &Table, column: usize) -> bool {
    let mut cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    cells.any(|cell| matches!(cell, Cell::Estimated { .. }))
}

/// All values of a row, in the order of [`names`].
pub(super) fn texts(row: &ComputedRow) -> Vec<&str> {
    row.at
        .iter()
        .chain(&row.cells)
        .map(|cell| cell.text())
        .collect()
}

/// Lines that say what a table is.
pub(super) fn header(table: &Table, checksum: &str) -> Vec<String> {
    let definition = &table.definition;
    let mut lines = Vec::new();
    if !definition.title.is_empty() {
        lines.push(format!("title: {}", definition.title));
    }
    lines.push(format!("version: resolvent {}", env!("CARGO_PKG_VERSION")));
    if !definition.source.is_empty() {
        lines.push(format!("source: {}", definition.source));
    }
    let estimated = (0..definition.columns.len()).any(|i| is_estimated(table, i));
    lines.push(format!(
        "digits: {}, each correctly rounded; fewer where more are not certain{}",
        definition.digits,
        if estimated {
            ", or lie within 64 times an estimated error"
        } else {
            ""
        }
    ));
    let columns = definition.columns.iter().zip(meanings(table));
    lines.extend(columns.map(|(column, meaning)| format!("{} = {meaning}", column.name)));
    lines.push(format!("checksum: {checksum}"));
    lines
}

/// The table file itself, each line behind a mark, so that a published table can be recomputed.
pub(super) fn definition(table: &Table, mark: &str) -> String {
    let mut out = String::new();
    for line in table.definition.text.text.lines() {
        out.push_str(format!("{mark} {line}").trim_end());
        out.push('\n');
    }
    out
}
