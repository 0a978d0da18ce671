//! NumPy arrays of one field a name, as [`super::super::format`] writes them, read back.

use super::super::TableError;
use super::super::format::checksum_bytes;
use super::{Published, PublishedRow};

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

fn wrong(message: &str) -> TableError {
    TableError::Format(message.to_owned())
}

/// What the array is stands behind its data, where NumPy does not look.
pub(super) fn read(bytes: &[u8]) -> Result<Published, TableError> {
    let cut = || wrong("the array is cut short");
    let version = *bytes.get(6).ok_or_else(cut)?;
    let (length, start) = match version {
        1 => {
            let length: [u8; 2] = bytes
                .get(8..10)
                .and_then(|b| b.try_into().ok())
                .ok_or_else(cut)?;
            (usize::from(u16::from_le_bytes(length)), 10)
        }
        _ => {
            let length: [u8; 4] = bytes
                .get(8..12)
                .and_then(|b| b.try_into().ok())
                .ok_or_else(cut)?;
            (u32::from_le_bytes(length) as usize, 12)
        }
    };
    let header = bytes.get(start..start + length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| wrong("the array's header is no text"))?;
    let names = fields(header)
        .ok_or_else(|| wrong("the array is not one of named fields of doubles ('<f8')"))?;
    let data = start + length;
    let stated = rows_stated(header).ok_or_else(|| wrong("the array has no length"))?;
    let end = stated
        .checked_mul(8 * names.len())
        .and_then(|size| size.checked_add(data))
        .filter(|end| *end <= bytes.len())
        .ok_or_else(cut)?;
    let rows = bytes[data..end]
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
    let mut published = Published {
        names,
        rows,
        definition: None,
        whole: None,
        doubles: true,
    };
    if let Ok(text) = std::str::from_utf8(&bytes[end..]) {
        for line in text.lines() {
            if let Some(piece) = line.strip_prefix("#|") {
                let piece = piece.strip_prefix(' ').unwrap_or(piece);
                let definition = published.definition.get_or_insert_with(String::new);
                definition.push_str(piece);
                definition.push('\n');
            } else if let Some(value) = line.strip_prefix("# checksum: ") {
                published.whole = Some(value.trim() == checksum_bytes(&bytes[..end]));
            }
        }
    }
    Ok(published)
}

/// Names of `[('beta', '<f8'), ('T', '<f8')]`.
fn fields(header: &str) -> Option<Vec<String>> {
    let (_, list) = header.split_once("'descr':")?;
    let (_, list) = list.split_once('[')?;
    let (list, _) = list.split_once(']')?;
    let words: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
    let pairs = words.chunks_exact(2);
    (!words.is_empty() && pairs.remainder().is_empty()).then(|| {
        pairs
            .map(|pair| (pair[1] == "<f8").then(|| pair[0].to_owned()))
            .collect()
    })?
}

fn rows_stated(header: &str) -> Option<usize> {
    let (_, shape) = header.split_once("'shape':")?;
    let (_, shape) = shape.split_once('(')?;
    shape.split([',', ')']).next()?.trim().parse().ok()
}
