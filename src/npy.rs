//! NumPy's array format: a line of Python that says type, order and shape, then the bytes.

pub const MAGIC: &[u8] = b"\x93NUMPY";

/// Why a header cannot be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unread {
    /// No such file, or not all of it.
    Cut,
    NotText,
}

/// The header's text and what follows it.
pub fn split(bytes: &[u8]) -> Result<(&str, &[u8]), Unread> {
    let (header, rest) = parts(bytes).ok_or(Unread::Cut)?;
    let header = std::str::from_utf8(header).map_err(|_| Unread::NotText)?;
    Ok((header, rest))
}

fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (&major, rest) = (rest.first()?, rest.get(2..)?);
    let (length, rest) = if major == 1 {
        let length = u16::from_le_bytes(rest.get(..2)?.try_into().ok()?);
        (usize::from(length), &rest[2..])
    } else {
        let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?);
        (usize::try_from(length).ok()?, &rest[4..])
    };
    rest.split_at_checked(length)
}

/// What a header says under a key.
pub fn after<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let start = header.find(&format!("'{key}':"))? + key.len() + 3;
    Some(header[start..].trim_start())
}

pub fn shape(header: &str) -> Option<Vec<usize>> {
    let inside = after(header, "shape")?
        .strip_prefix('(')?
        .split(')')
        .next()?;
    inside
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect()
}
