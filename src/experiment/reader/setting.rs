//! The spectrum and the target.

use std::path::Path;

use super::{Reader, Section, span};
use crate::check::file::numbers::{BESIDE_EXPERIMENT, Wanted, read_numbers};
use crate::experiment::{Quantity, SpectrumSetting, TargetSetting};
use crate::formula::ast::Span;
use crate::spectrum::Spectrum;

/// Most eigenvalues written out.
const MOST: u64 = 10_000_000;

impl Reader {
    pub(super) fn spectrum(&mut self, setting: &Section) -> Option<(SpectrumSetting, Span)> {
        const HELP: &str = "write \"isotropic\", { kind = \"power-law\", beta = 2 }, \
             { kind = \"atoms\", values = [1, 0.1], weights = [0.5, 0.5] } or { kind = \"file\", path = \"…\" }";
        let Some(item) = setting.table.get("spectrum") else {
            self.fault("X004", setting.span, "the setting has no spectrum", HELP);
            return None;
        };
        let place = span(item);
        let (kind, section) = self.kind("spectrum", item, HELP)?;
        let spectrum = match (kind.as_str(), section) {
            ("isotropic", section) => {
                self.only("spectrum", &section, &["kind"]);
                SpectrumSetting::Isotropic
            }
            ("power-law", Some(section)) => {
                self.only("spectrum", &Some(&section), &["kind", "beta"]);
                SpectrumSetting::PowerLaw {
                    beta: self.required(&section, "beta")?,
                }
            }
            ("atoms", Some(section)) => {
                self.only("spectrum", &Some(&section), &["kind", "values", "weights"]);
                let values = self.list(&section, "values")?;
                let weights = self.list(&section, "weights")?;
                if values.len() != weights.len() {
                    let message = format!("{} values but {} weights", values.len(), weights.len());
                    self.fault(
                        "X008",
                        place,
                        message,
                        "give each value its share of the dimension",
                    );
                    return None;
                }
                SpectrumSetting::Atoms { values, weights }
            }
            ("file", Some(section)) => {
                self.only("spectrum", &Some(&section), &["kind", "path"]);
                let eigenvalues = self.numbers(&section, Wanted::Eigenvalues, place)?;
                // Judged here, where the place is known.
                match Spectrum::from_eigenvalues(eigenvalues).and_then(|s| s.eigenvalues(MOST)) {
                    Ok(eigenvalues) => SpectrumSetting::Explicit(eigenvalues),
                    Err(error) => {
                        self.fault("X009", place, error.to_string(), "one eigenvalue a line");
                        return None;
                    }
                }
            }
            (other, _) => {
                self.fault(
                    "X006",
                    place,
                    format!("a spectrum of kind `{other}` cannot be simulated or predicted"),
                    HELP,
                );
                return None;
            }
        };
        Some((spectrum, place))
    }

    pub(super) fn target(&mut self, setting: &Section) -> Option<(TargetSetting, Span)> {
        const HELP: &str = "write { kind = \"isotropic\", norm2 = 1 }, { kind = \"source\", r = 0.5 }, \
             { kind = \"axis\", index = 1 } or { kind = \"file\", path = \"…\" }";
        let Some(item) = setting.table.get("target") else {
            self.fault("X004", setting.span, "the setting has no target", HELP);
            return None;
        };
        let place = span(item);
        let (kind, section) = self.kind("target", item, HELP)?;
        let target = match (kind.as_str(), section) {
            ("isotropic", None) => TargetSetting::Isotropic {
                norm2: Quantity::number(1.0),
            },
            ("isotropic", Some(section)) => {
                self.only("target", &Some(&section), &["kind", "norm2"]);
                let norm2 = self
                    .optional(&section, "norm2")
                    .unwrap_or_else(|| Quantity::number(1.0));
                TargetSetting::Isotropic { norm2 }
            }
            ("source", Some(section)) => {
                self.only("target", &Some(&section), &["kind", "r"]);
                TargetSetting::Source {
                    r: self.required(&section, "r")?,
                }
            }
            ("axis", Some(section)) => {
                self.only("target", &Some(&section), &["kind", "index"]);
                TargetSetting::Axis {
                    index: self.required(&section, "index")?,
                }
            }
            ("file", Some(section)) => {
                self.only("target", &Some(&section), &["kind", "path"]);
                TargetSetting::Explicit(self.numbers(&section, Wanted::Coefficients, place)?)
            }
            (other, _) => {
                self.fault(
                    "X006",
                    place,
                    format!("a target of kind `{other}` cannot be simulated or predicted"),
                    HELP,
                );
                return None;
            }
        };
        Some((target, place))
    }

    /// The numbers in the file that `path` names, which may not leave the experiment's folder.
    fn numbers(&mut self, section: &Section, wanted: Wanted, place: Span) -> Option<Vec<f64>> {
        let Some(name) = section
            .table
            .get("path")
            .and_then(|item| item.get_ref().as_str())
        else {
            self.fault(
                "X004",
                section.span,
                format!("the {} needs a `path`", section.name),
                "add path = \"…\"",
            );
            return None;
        };
        let directory = self.source.path.parent().unwrap_or(Path::new(""));
        match read_numbers(directory, name, wanted, BESIDE_EXPERIMENT) {
            Ok(numbers) => Some(numbers),
            Err((message, help)) => {
                self.fault("X009", place, message, help);
                None
            }
        }
    }
}
