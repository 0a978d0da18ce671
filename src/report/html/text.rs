//! Text and places of a page, whatever a stranger has written there.

/// Text of files, for elements and attributes: neither markup nor characters that steer what is shown.
pub(super) fn escape(text: &str) -> String {
    crate::plot::svg::escape(&crate::report::printable::printable_lines(text))
}

/// A fragment of the page's address, for any id.
pub(super) fn anchor(file: &str, id: &str) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
                    c
                } else {
                    '_'
                }
            })
            .collect()
    };
    format!("{}--{}", safe(file), safe(id))
}
