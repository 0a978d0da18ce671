//! Proof scripts, line by line.

use std::fmt::{Arguments, Write as _};

/// The lines of a proof.
#[derive(Clone, Debug, Default)]
pub struct Script {
    text: String,
    pub indent: usize,
}

impl Script {
    pub fn indented(indent: usize) -> Self {
        Self {
            text: String::new(),
            indent,
        }
    }

    pub fn line(&mut self, words: Arguments<'_>) {
        for line in words.to_string().lines() {
            let _ = writeln!(self.text, "{}{line}", " ".repeat(2 + self.indent));
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn push(&mut self, other: &str) {
        self.text.push_str(other);
    }
}

/// One line of a script, as `format!` would write it.
macro_rules! say {
    ($script:expr, $($words:tt)*) => {
        $script.line(format_args!($($words)*))
    };
}
pub(super) use say;

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether a name stands in a text, as a word.
pub fn has_word(text: &str, name: &str) -> bool {
    text.split(|c| !is_word(c)).any(|word| word == name)
}

/// A text with other words in the place of some.
pub fn reworded(text: &str, instead: &dyn Fn(&str) -> Option<String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        match instead(word) {
            Some(other) => result.push_str(&other),
            None => result.push_str(word),
        }
        rest = after;
    }
    result
}
