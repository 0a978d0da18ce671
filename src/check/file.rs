//! Derivation files: TOML to claims, each with the scope its formulas are read in.
//!
//! Every fault of a file is reported, not only the first, with its place in the file: also a fault inside a
//! formula, wherever TOML's quotes and escapes have put it. All spans of the formulas in a [`DerivationFile`]
//! are in bytes of the file, so [`DerivationFile::diagnostic`] can point at any part of any of them.

use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, SourceFile};

mod claim;
mod claims;
mod layer;
mod lenient;
pub(crate) mod numbers;
pub(crate) mod quantities;
pub(crate) mod reader;

pub use claim::{Claim, DerivationFile, Expect, KnownSurvivor};
pub use lenient::{Reading, Unread};
pub(crate) use reader::place_string;

/// Larger files are refused.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Reads a derivation file as far as it can be read: a fault stays with the claims it concerns.
pub fn read_leniently(path: &Path) -> Reading {
    match numbers::read_bounded(path, MAX_FILE_BYTES) {
        Ok(text) => {
            let mut reading = claims::read(&Arc::new(SourceFile::new(path, text)));
            super::witnesses::attach(path, &mut reading.file.claims);
            reading
        }
        Err((message, help)) => Reading::broken(
            &Arc::new(SourceFile::new(path, "")),
            vec![Diagnostic::about_file("D001", path, message).with_help(help)],
        ),
    }
}

/// The same of a text; `path` names it in diagnostics, and files it refers to are looked for beside it.
pub fn read_text_leniently(path: &Path, text: &str) -> Reading {
    claims::read(&Arc::new(SourceFile::new(path, text)))
}

/// Reads a derivation file.
///
/// # Errors
/// Every fault found: an unreadable or oversized file, bad TOML, unknown or missing keys, formulas that do
/// not parse, names that are not known, empty domains, and so on.
pub fn read(path: &Path) -> Result<DerivationFile, Vec<Diagnostic>> {
    read_leniently(path).strictly()
}

/// Reads a derivation file from its text; `path` names it in diagnostics, and files it refers to are
/// looked for beside it.
///
/// ```
/// let text = r#"
/// [symbols]
/// d = { integer = [2, 400] }
/// T = { integer = [2, 4000] }
///
/// [[claim]]
/// id   = "degrees-of-freedom"
/// says = "df(2, 1) ≤ df(1, 1)"
/// "#;
/// let file = resolvent::check::file::read_text("example.toml".as_ref(), text).unwrap();
/// assert_eq!(file.claims[0].says.to_string(), "df(2, 1) <= df(1, 1)");
/// assert_eq!(file.claims[0].line, 8);
/// ```
pub fn read_text(path: &Path, text: &str) -> Result<DerivationFile, Vec<Diagnostic>> {
    read_text_leniently(path, text).strictly()
}

#[cfg(test)]
mod tests;
