//! A table in the formats it is published in, one file a format. Each carries the version, what the columns mean, a
//! checksum of its body, and the table file that it was made from.

mod content;
mod csv;
mod json;
mod latex;
mod markdown;
mod npy;

pub use content::{checksum, checksum_bytes, names};

use super::{Table, TableError};

/// How tables are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum TableFormat {
    /// Comment lines, then a header and rows
    #[default]
    Csv,
    Json,
    /// NumPy, a structured array of doubles
    Npy,
    Markdown,
    /// A booktabs tabular
    Latex,
}

/// The file's bytes.
pub fn render(table: &Table, format: TableFormat) -> Result<Vec<u8>, TableError> {
    match format {
        TableFormat::Csv => csv::render(table).map(String::into_bytes),
        TableFormat::Json => json::render(table).map(String::into_bytes),
        TableFormat::Npy => npy::render(table),
        TableFormat::Markdown => Ok(markdown::render(table).into_bytes()),
        TableFormat::Latex => Ok(latex::render(table).into_bytes()),
    }
}
