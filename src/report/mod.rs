//! Verdicts and predictions as text, JSON, CSV.

pub mod diagnostic;
mod text;

use std::io::Write;
use std::path::Path;

pub use text::text;

/// Writes a file as a whole or not at all: to a neighbour first, then renamed.
///
/// # Errors
/// What the file system says.
pub fn write_whole(path: &Path, contents: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = std::fs::File::create(&part)?;
    file.write_all(contents.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)
}
pub mod prediction;
pub mod rows;
pub mod scaling;
pub mod scaling_map;
pub mod simulation;
