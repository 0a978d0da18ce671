//! Diagnostics on a terminal.

use crate::check::diagnostic::Diagnostic;

/// Prints a diagnostic to standard error.
pub fn print(diagnostic: &Diagnostic) {
    anstream::eprintln!(
        "{}:{}:{}: {}",
        diagnostic.file,
        diagnostic.line,
        diagnostic.column,
        diagnostic.message
    );
}
