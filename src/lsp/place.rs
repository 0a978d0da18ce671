//! Places as the protocol counts them, in UTF-16 from 0, and as files do, in bytes.

use lsp_types::{Position, Range};

/// Where a byte stands.
pub fn position(text: &str, byte: usize) -> Position {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    Position {
        line: line as u32,
        character: before[start..].encode_utf16().count() as u32,
    }
}

pub fn range(text: &str, start: usize, end: usize) -> Range {
    Range {
        start: position(text, start),
        end: position(text, end.max(start)),
    }
}

/// The byte at a place; the end of the line where it is beyond that.
pub fn byte(text: &str, at: Position) -> usize {
    let mut start = 0;
    for _ in 0..at.line {
        match text[start..].find('\n') {
            Some(i) => start += i + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or("");
    let mut units = 0;
    for (i, c) in line.char_indices() {
        if units >= at.character {
            return start + i;
        }
        units += c.len_utf16() as u32;
    }
    start + line.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_there_and_back(text in "[a-zκ𝜅\n]{0,40}", at in 0usize..80) {
            let place = position(&text, at);
            let there = byte(&text, place);
            prop_assert_eq!(position(&text, there), place);
        }
    }
}
