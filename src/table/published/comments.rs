//! What the comments of a table say of it: the table file it was made from, and its checksum.

use super::super::TableError;
use super::super::format::checksum;
use super::content::{Published, PublishedRow};

#[derive(Default)]
pub(super) struct Comments {
    pub definition: Option<String>,
    /// The checksum.
    pub stated: Option<String>,
}

impl Comments {
    /// One line, without what marks it as a comment.
    pub fn line(&mut self, line: &str) {
        let line = line.trim_end_matches(['\n', '\r']);
        if let Some(piece) = line.strip_prefix('|') {
            let piece = piece.strip_prefix(' ').unwrap_or(piece);
            let definition = self.definition.get_or_insert_with(String::new);
            definition.push_str(piece);
            definition.push('\n');
        } else if let Some(value) = line.trim_start().strip_prefix("checksum: ") {
            self.stated = Some(value.trim().to_owned());
        }
    }

    /// A line that begins with `#`.
    pub fn hashed(&mut self, line: &str) {
        match line.strip_prefix("# ") {
            Some(rest) if !rest.starts_with('|') => self.line(rest),
            None if line.starts_with("#|") => self.line(&line[1..]),
            _ => {}
        }
    }

    pub fn published(
        self,
        body: &str,
        names: Vec<String>,
        rows: Vec<PublishedRow>,
    ) -> Result<Published, TableError> {
        if let Some(row) = rows.iter().find(|row| row.cells.len() != names.len()) {
            return Err(TableError::Published {
                line: row.line,
                message: format!("{} cells under {} names", row.cells.len(), names.len()),
            });
        }
        Ok(Published {
            names,
            rows,
            definition: self.definition,
            whole: self.stated.map(|stated| stated == checksum(body)),
            doubles: false,
        })
    }
}
