//! Reference tables: formulas over a grid, every printed digit certain.
//!
//! | module | what |
//! |---|---|
//! | [`definition`] | a table file: setting, grid, columns |
//! | [`grid`] | the rows: exact values of what the grid names |
//! | [`cell`] | one value: enclosed, at ever higher precision, until its rounding is certain |
//! | [`format`] | CSV, JSON, NumPy, Markdown, LaTeX |
//! | [`published`] | tables read back |
//! | [`written`] | quantities of an experiment of formulas, predicted and simulated |
//! | [`verify`] | a published table, recomputed and compared |
//!
//! ```
//! use resolvent::table::{Definition, compute};
//! let definition = Definition::read("degrees.toml".as_ref(), r#"
//! title  = "Degrees of freedom of one eigenvalue"
//! digits = 20
//! [setting]
//! spectrum = "isotropic"
//! d        = 1
//! [grid]
//! k = [0.5, 2]
//! [columns]
//! df = "df(1, k)"
//! "#).map_err(|faults| faults[0].message.clone())?;
//! let table = compute(&definition)?;
//! assert_eq!(table.rows[0].cells[0].text(), "0.66666666666666666667");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cell;
pub mod decimal;
pub mod definition;
mod error;
pub mod experiment;
pub mod format;
pub mod grid;
pub mod published;
mod value;
pub mod verify;
pub mod written;

use rayon::prelude::*;

pub use definition::{Column, Definition};
pub use error::TableError;
pub use grid::{MOST_CELLS, Row};
pub use value::Cell;

/// A computed table.
#[derive(Clone, Debug)]
pub struct Table {
    pub definition: Definition,
    pub rows: Vec<ComputedRow>,
}

#[derive(Clone, Debug)]
pub struct ComputedRow {
    /// What the grid's names are here, as they are printed.
    pub at: Vec<Cell>,
    pub cells: Vec<Cell>,
}

/// Every cell of a table, to the digits its definition asks for.
pub fn compute(definition: &Definition) -> Result<Table, TableError> {
    let rows = grid::rows(definition)?;
    let count = rows.len().saturating_mul(definition.columns.len());
    if count > MOST_CELLS {
        return Err(TableError::Size {
            count,
            most: MOST_CELLS,
        });
    }
    let digits = definition.digits;
    let rows = rows
        .par_iter()
        .map(|row| ComputedRow {
            at: row.printed(),
            cells: definition
                .columns
                .iter()
                .map(|column| cell::compute(definition, column, row, digits))
                .collect(),
        })
        .collect();
    Ok(Table {
        definition: definition.clone(),
        rows,
    })
}

#[cfg(test)]
mod tests;
