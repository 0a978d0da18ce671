//! What a page is made from: claims, their pictures, what their files are about.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::file::Claim;
use crate::decide::verdict::ClaimReport;

/// What every claim's part of the page is made from: its row as other formats write it, and the claim itself where its file
/// could be read.
pub(super) struct Entry<'a> {
    pub row: Value,
    pub report: &'a ClaimReport,
    pub claim: Option<&'a Claim>,
}

impl Entry<'_> {
    pub fn text(&self, key: &str) -> &str {
        self.row[key].as_str().unwrap_or("")
    }

    pub fn verdict(&self) -> &str {
        self.text("verdict")
    }

    pub fn as_expected(&self) -> bool {
        self.row["as_expected"].as_bool().unwrap_or(false)
    }

    /// Whether it is a step of a derivation.
    pub fn is_step(&self) -> bool {
        self.text("id").contains('/')
    }
}

/// All claims with their pictures, and what their files are about.
pub(super) struct Page<'a> {
    pub entries: Vec<Entry<'a>>,
    /// Of each entry.
    pub pictures: Vec<Option<String>>,
    /// Title and source of a file.
    pub headings: BTreeMap<&'a str, (Option<String>, Option<String>)>,
}
