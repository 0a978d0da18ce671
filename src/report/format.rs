//! The formats of a check's report: one file each, behind one trait.

use super::github::Github;
#[cfg(feature = "cli")]
use super::junit::Junit;
use super::markdown::Markdown;
use super::printable::json;
pub use super::render::{Format, FormatError};
use super::sarif::Sarif;
use crate::check::diagnostic::Diagnostic;
use crate::decide::verdict::Report;

/// For people, with colours that are stripped where they are not wanted.
pub struct Text {
    /// Details of every claim, not only of those refuted or not as expected.
    pub verbose: bool,
}

impl Format for Text {
    fn render(&self, report: &Report, _: &[Diagnostic]) -> Result<String, FormatError> {
        Ok(super::text(report, self.verbose))
    }
}

/// As `schema/check.schema.json` describes it.
pub struct Json;

impl Format for Json {
    fn render(&self, report: &Report, _: &[Diagnostic]) -> Result<String, FormatError> {
        let text = serde_json::to_string_pretty(report).map_err(|e| FormatError(e.to_string()))?;
        Ok(json(&text) + "\n")
    }
}

/// The formats that machines read, by name.
pub fn by_name(name: &str) -> Option<Box<dyn Format>> {
    Some(match name {
        "json" => Box::new(Json),
        #[cfg(feature = "cli")]
        "junit" => Box::new(Junit),
        "sarif" => Box::new(Sarif),
        "markdown" => Box::new(Markdown),
        "github" => Box::new(Github),
        _ => return None,
    })
}
