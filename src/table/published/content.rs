//! What a published table holds.

/// A published table.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    pub names: Vec<String>,
    pub rows: Vec<PublishedRow>,
    /// The table file it was made from, if it carries one.
    pub definition: Option<String>,
    /// Whether its checksum fits; none where it has none.
    pub whole: Option<bool>,
    /// Whether cells are doubles, which state no digits: each must be the one that the value is rounded to.
    pub doubles: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PublishedRow {
    /// In the file, from 1; 0 where lines mean nothing.
    pub line: usize,
    pub cells: Vec<String>,
}
