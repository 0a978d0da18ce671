//! Arrays of real numbers in NumPy's format.

use std::path::Path;

use super::DataError;
use super::matrix::{MAX_NUMBERS, Matrix, file_error};
use crate::npy::{after, shape, split};

/// A one-dimensional array is a column; more than two dimensions are refused.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Matrix, DataError> {
    let wrong = |message: &str| {
        file_error(
            path,
            message,
            "save a one- or two-dimensional array of real numbers with numpy.save",
        )
    };
    let (header, data) = split(bytes).map_err(|_| wrong("not an .npy file"))?;
    let kind = quoted(header, "descr").ok_or_else(|| wrong("the header names no simple type"))?;
    let decode = decoder(kind).ok_or_else(|| wrong("the array holds no real numbers"))?;
    let fortran = header.contains("'fortran_order': True");
    let shape = shape(header).ok_or_else(|| wrong("the header has no shape"))?;
    let (rows, cols) = match shape.as_slice() {
        [rows] => (*rows, 1),
        [rows, cols] => (*rows, *cols),
        _ => return Err(wrong("the array has more than two dimensions")),
    };
    let count = rows.checked_mul(cols).filter(|&n| n <= MAX_NUMBERS);
    let count = count.ok_or_else(|| wrong("the array holds too many numbers"))?;
    if count == 0 {
        return Err(wrong("the array is empty"));
    }
    if data.len() != count * decode.size {
        return Err(wrong("the file is shorter or longer than its header says"));
    }
    let read: Vec<f64> = data.chunks_exact(decode.size).map(decode.number).collect();
    let at = |i: usize, j: usize| {
        if fortran {
            read[j * rows + i]
        } else {
            read[i * cols + j]
        }
    };
    let values: Vec<f64> = (0..rows)
        .flat_map(|i| (0..cols).map(move |j| (i, j)))
        .map(|(i, j)| at(i, j))
        .collect();
    if let Some(place) = values.iter().position(|x| !x.is_finite()) {
        return Err(DataError::Cell {
            path: path.display().to_string(),
            place: format!("row {}", place / cols + 1),
            column: place % cols + 1,
            found: values[place].to_string(),
        });
    }
    Ok(Matrix::new(rows, cols, values))
}

fn quoted<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    after(header, key)?.strip_prefix('\'')?.split('\'').next()
}

struct Decoder {
    size: usize,
    number: fn(&[u8]) -> f64,
}

/// Of little-endian types; a chunk has the size of its type.
fn decoder(kind: &str) -> Option<Decoder> {
    macro_rules! of {
        ($type:ty) => {
            Decoder {
                size: size_of::<$type>(),
                number: |bytes| {
                    (bytes.try_into()).map_or(f64::NAN, |raw| <$type>::from_le_bytes(raw) as f64)
                },
            }
        };
    }
    Some(match kind {
        "<f8" => of!(f64),
        "<f4" => of!(f32),
        "<i8" => of!(i64),
        "<i4" => of!(i32),
        "<i2" => of!(i16),
        "|i1" => of!(i8),
        "<u8" => of!(u64),
        "<u4" => of!(u32),
        "<u2" => of!(u16),
        "|u1" | "|b1" => of!(u8),
        _ => return None,
    })
}
