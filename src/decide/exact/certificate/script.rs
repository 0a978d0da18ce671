//! Proof scripts, line by line.

use std::fmt::{Arguments, Write as _};

/// The lines of a proof.
#[derive(Clone, Debug, Default)]
pub struct Script {
    text: String,
    pub indent: usize,
}

impl Script {
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
