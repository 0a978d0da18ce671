//! NumPy arrays of one field a name, as [`super::super::format`] writes them, read back.

use super::super::TableError;
use super::super::format::checksum_bytes;
use super::comments::Comments;
use super::content::{Published, PublishedRow};
use crate::npy::{Unread, after, shape, split};

fn wrong(message: &str) -> TableError {
    TableError::Format(message.to_owned())
}

/// What the array is stands behind its data, where NumPy does not look.
pub(super) fn read(bytes: &[u8]) -> Result<Published, TableError> {
    let cut = || wrong("the array is cut short");
    let (header, data) = split(bytes).map_err(|why| match why {
        Unread::Cut => cut(),
        Unread::NotText => wrong("the array's header is no text"),
    })?;
    let names = fields(header)
        .ok_or_else(|| wrong("the array is not one of named fields of doubles ('<f8')"))?;
    let stated = shape(header).and_then(|shape| shape.first().copied());
    let stated = stated.ok_or_else(|| wrong("the array has no length"))?;
    let (data, text) = stated
        .checked_mul(8 * names.len())
        .and_then(|size| data.split_at_checked(size))
        .ok_or_else(cut)?;
    let rows = data
        .chunks_exact(8 * names.len())
        .map(|row| PublishedRow {
            line: 0,
            cells: row
                .chunks_exact(8)
                .map(|cell| {
                    let x = f64::from_le_bytes(cell.try_into().unwrap_or([0; 8]));
                    if x.is_nan() {
                        "nan".to_owned()
                    } else {
                        format!("{x:e}")
                    }
                })
                .collect(),
        })
        .collect();
    let mut comments = Comments::default();
    if let Ok(text) = std::str::from_utf8(text) {
        text.lines().for_each(|line| comments.hashed(line));
    }
    let array = &bytes[..bytes.len() - text.len()];
    let whole = (comments.stated).map(|stated| stated == checksum_bytes(array));
    Ok(Published {
        names,
        rows,
        definition: comments.definition,
        whole,
        doubles: true,
    })
}

/// Names of `[('beta', '<f8'), ('T', '<f8')]`.
fn fields(header: &str) -> Option<Vec<String>> {
    let (_, list) = after(header, "descr")?.split_once('[')?;
    let (list, _) = list.split_once(']')?;
    let words: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    let pairs = words.chunks_exact(2);
    (!words.is_empty() && pairs.remainder().is_empty()).then(|| {
        pairs
            .map(|pair| (pair[1] == "<f8").then(|| pair[0].to_owned()))
            .collect()
    })?
}
