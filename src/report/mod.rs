//! Verdicts and predictions as text, JSON, CSV.

#[cfg(feature = "render")]
pub mod diagnostic;
pub mod explain;
pub mod format;
mod github;
pub mod html;
#[cfg(feature = "cli")]
mod junit;
mod markdown;
pub mod prediction;
pub mod printable;
mod render;
pub mod rows;
mod sarif;
pub mod scaling;
pub mod scaling_map;
pub mod simulation;
mod text;
pub mod written;

use std::io::Write;
use std::path::Path;

pub use html::html;
pub use text::text;

/// Writes a file as a whole or not at all: to a neighbour first, then renamed. What is no regular file, such as
/// `/dev/stdout`, is written to directly.
///
/// # Errors
/// What the file system says.
pub fn write_whole(path: &Path, contents: &str) -> std::io::Result<()> {
    write_whole_bytes(path, contents.as_bytes())
}

/// As [`write_whole`], of any bytes.
///
/// # Errors
/// What the file system says.
pub fn write_whole_bytes(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    if path
        .metadata()
        .is_ok_and(|there| !there.is_file() && !there.is_dir())
    {
        return std::fs::write(path, contents);
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = std::fs::File::create(&part).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    });
    if written.is_err() {
        // The complaint is about the file asked for.
        let _ = std::fs::remove_file(&part);
    }
    written
}
