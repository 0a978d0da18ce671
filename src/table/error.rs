//! Why there is no table.

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{what}: {message}")]
    Grid { what: String, message: String },
    #[error("{count} cells; a table has at most {most}")]
    Size { count: usize, most: usize },
    #[error("line {line}: {message}")]
    Published { line: usize, message: String },
    #[error("{0}")]
    Format(String),
}
