//! What files say, made harmless for the reader's terminal and spreadsheet.

use std::borrow::Cow;

/// Characters that steer a terminal, or that make text look like another: controls (C0, DEL, C1), line and paragraph
/// separators, marks of direction and invisible characters.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text that stands on one line: white space becomes a blank, what steers is spelled out as in `\u{1b}`.
///
/// ```
/// use resolvent::report::printable::printable;
/// assert_eq!(printable("a\u{1b}[2J\nb"), "a\\u{1b}[2J b");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if steers(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The same of several lines.
pub fn printable_lines(text: &str) -> String {
    text.split('\n')
        .map(printable)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A line of a file with every character that steers replaced by one as long, so that places in it stay where they are.
pub fn in_place(line: &str) -> Cow<'_, str> {
    if !line.chars().any(|c| steers(c) && c != '\t') {
        return Cow::Borrowed(line);
    }
    let harmless = |c: char| match c {
        '\t' => '\t',
        c if !steers(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '\u{bf}',
            3 => '\u{fffd}',
            _ => '\u{1f6c7}',
        },
    };
    Cow::Owned(line.chars().map(harmless).collect())
}

/// JSON text in which what steers is escaped; in valid JSON such characters stand inside strings only.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// A cell of text in a file that a spreadsheet may open: one that it would take for a formula is quoted.
pub fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_of_spreadsheets_are_quoted() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(cell("-1+1"), "'-1+1");
        assert_eq!(cell("inf"), "inf");
    }

    proptest! {
        #[test]
        fn nothing_that_steers_is_left(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(steers));
            let kept = in_place(&text);
            prop_assert!(!kept.chars().any(|c| steers(c) && c != '\t'));
            prop_assert_eq!(kept.len(), text.len());
        }

        #[test]
        fn json_reads_back(text in any::<String>()) {
            let written = json(&serde_json::to_string(&text).unwrap());
            prop_assert!(!written.chars().any(steers));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
