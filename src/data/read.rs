//! Rows of numbers from a CSV file or an array of NumPy's.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::matrix::{MAX_NUMBERS, Matrix, file_error};
use super::{DataError, npy};

/// Larger files are refused.
pub const MAX_BYTES: u64 = 1 << 30;

impl Matrix {
    /// From a CSV file, a `.tsv`, or NumPy's `.npy`.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let bytes = bounded(path)?;
        match path.extension().and_then(|e| e.to_str()) {
            Some("npy") => npy::parse(path, &bytes),
            Some("tsv") => csv(path, &bytes, b'\t'),
            _ if bytes.starts_with(crate::npy::MAGIC) => npy::parse(path, &bytes),
            _ => csv(path, &bytes, b','),
        }
    }
}

fn bounded(path: &Path) -> Result<Vec<u8>, DataError> {
    let cannot = |error: std::io::Error| {
        file_error(
            path,
            format!("cannot read this file: {error}"),
            "check the path and its permissions",
        )
    };
    let large = || {
        file_error(
            path,
            format!("the file is larger than {} MiB", MAX_BYTES >> 20),
            "take fewer rows",
        )
    };
    // Opening a pipe or a device could wait forever, so look before opening.
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() {
        let message = "this is not a regular file";
        return Err(file_error(path, message, "give a CSV or .npy file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(large());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(large());
    }
    Ok(bytes)
}

/// Where a table stops to be one.
fn uneven(path: &Path, error: &csv::Error) -> DataError {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            let message = format!(
                "line {line} has another number of cells, {len}, than the one before, {expected_len}"
            );
            file_error(path, message, "every line needs as many cells as the first")
        }
        _ => file_error(
            path,
            "this is not text",
            "give a CSV file in UTF-8, or a single array written by numpy.save",
        ),
    }
}

/// A first line that holds anything but numbers names the columns.
fn csv(path: &Path, bytes: &[u8], delimiter: u8) -> Result<Matrix, DataError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let (mut values, mut names, mut cols, mut rows) = (Vec::new(), None, 0, 0);
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|error| uneven(path, &error))?;
        cols = record.len();
        if i == 0 && record.iter().any(|cell| cell.parse::<f64>().is_err()) {
            names = Some(record.iter().map(str::to_owned).collect());
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        for (j, cell) in record.iter().enumerate() {
            let value = cell.parse::<f64>().ok().filter(|x| x.is_finite());
            values.push(value.ok_or_else(|| DataError::Cell {
                path: path.display().to_string(),
                place: format!("line {line}"),
                column: j + 1,
                found: cell.chars().take(40).collect(),
            })?);
        }
        if values.len() > MAX_NUMBERS {
            let message = format!("more than {MAX_NUMBERS} numbers");
            return Err(file_error(path, message, "take fewer rows"));
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(file_error(
            path,
            "no rows of numbers",
            "give one row for each sample",
        ));
    }
    Ok(Matrix {
        rows,
        cols,
        values,
        names,
    })
}
