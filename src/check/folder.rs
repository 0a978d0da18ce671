//! Which files are derivation files: those named, and `*.toml` below the folders named.

use std::path::{Path, PathBuf};

/// Files one run may read.
const MAX_FILES: usize = 10_000;
/// Folders may be nested this deep.
const MAX_DEPTH: usize = 16;

/// Derivation files, and what was passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// As named or in order of name, each once.
    pub files: Vec<PathBuf>,
    /// Why an entry of a folder was not taken, for a reader.
    pub notes: Vec<String>,
}

/// The derivation files below `paths`: files as named, folders searched for `*.toml`, in order of name. Symbolic
/// links inside a folder are followed to files only, and only where they stay inside it.
///
/// # Errors
/// A path that does not exist or cannot be read, with the system's reason.
pub fn find(paths: &[PathBuf]) -> Result<Found, String> {
    let mut found = Found::default();
    for path in paths {
        if path.is_dir() {
            let root = path.canonicalize().map_err(|error| about(path, &error))?;
            visit(path, &root, 0, &mut found)?;
        } else {
            std::fs::metadata(path).map_err(|error| about(path, &error))?;
            take(path, &mut found)?;
        }
    }
    Ok(found)
}

/// [`find`], for those who do not care what was passed over.
///
/// # Errors
/// As [`find`].
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    Ok(find(paths)?.files)
}

fn about(path: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}

fn take(path: &Path, found: &mut Found) -> Result<(), String> {
    if !found.files.iter().any(|known| known == path) {
        found.files.push(path.to_path_buf());
    }
    if found.files.len() > MAX_FILES {
        return Err(format!("more than {MAX_FILES} files"));
    }
    Ok(())
}

fn visit(folder: &Path, root: &Path, depth: usize, found: &mut Found) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "{}: folders nested more than {MAX_DEPTH} deep",
            folder.display()
        ));
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| about(folder, &error))? {
        entries.push(entry.map_err(|error| about(folder, &error))?.path());
    }
    entries.sort();
    for entry in entries {
        let hidden = entry
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with('.'));
        let named = entry.extension().is_some_and(|e| e == "toml");
        if hidden {
            continue;
        }
        if entry.is_symlink() {
            if !named {
                continue;
            }
            // Judged by where the link leads, not by what it is called.
            match entry.canonicalize() {
                Ok(target) if !target.starts_with(root) => found.notes.push(format!(
                    "{}: passed over, a symbolic link that leaves the folder",
                    entry.display()
                )),
                Ok(target) if target.is_file() => take(&entry, found)?,
                Ok(_) => {}
                Err(_) => found.notes.push(format!(
                    "{}: passed over, a symbolic link that leads nowhere",
                    entry.display()
                )),
            }
        } else if entry.is_dir() {
            visit(&entry, root, depth + 1, found)?;
        } else if named && entry.is_file() {
            take(&entry, found)?;
        }
    }
    Ok(())
}
