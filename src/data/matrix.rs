//! Rows of numbers.

use std::path::Path;

use super::DataError;

/// More numbers are refused.
pub const MAX_NUMBERS: usize = 1 << 27;

/// `rows × cols` numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub rows: usize,
    pub cols: usize,
    pub values: Vec<f64>,
    /// Names of the columns, where the file has them.
    pub names: Option<Vec<String>>,
}

impl Matrix {
    /// Of values row by row.
    ///
    /// # Panics
    /// Where there are not `rows × cols` values.
    pub fn new(rows: usize, cols: usize, values: Vec<f64>) -> Self {
        assert_eq!(
            values.len(),
            rows * cols,
            "a matrix needs rows × cols values"
        );
        Self {
            rows,
            cols,
            values,
            names: None,
        }
    }

    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.cols..(i + 1) * self.cols]
    }

    /// Takes the column out: by its name, its number from 1, or `last`.
    pub fn take_column(&mut self, path: &Path, wanted: &str) -> Result<Vec<f64>, DataError> {
        let named = (self.names.as_ref()).and_then(|names| names.iter().position(|n| n == wanted));
        let numbered = wanted.parse::<usize>().ok().and_then(|k| k.checked_sub(1));
        let last = (wanted == "last").then(|| self.cols.saturating_sub(1));
        let column = named.or(last).or(numbered).filter(|&k| k < self.cols);
        let Some(column) = column else {
            let help = match &self.names {
                Some(names) if names.len() <= 20 => format!("its columns are {}", names.join(", ")),
                _ => format!("give a number from 1 to {}, or last", self.cols),
            };
            return Err(DataError::Column {
                path: path.display().to_string(),
                wanted: wanted.to_owned(),
                help,
            });
        };
        let taken = (0..self.rows).map(|i| self.row(i)[column]).collect();
        let cols = self.cols;
        let mut place = 0;
        self.values.retain(|_| {
            let keep = place % cols != column;
            place += 1;
            keep
        });
        self.cols -= 1;
        if let Some(names) = &mut self.names {
            names.remove(column);
        }
        Ok(taken)
    }

    /// Subtracts from every column its mean.
    pub fn centre(&mut self) {
        for j in 0..self.cols {
            let mean = (0..self.rows).map(|i| self.row(i)[j]).sum::<f64>() / self.rows as f64;
            for i in 0..self.rows {
                self.values[i * self.cols + j] -= mean;
            }
        }
    }
}

pub(super) fn file_error(
    path: &Path,
    message: impl Into<String>,
    help: impl Into<String>,
) -> DataError {
    DataError::File {
        path: path.display().to_string(),
        message: message.into(),
        help: help.into(),
    }
}
