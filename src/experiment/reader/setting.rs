//! The spectrum and the target.

use std::path::{Path, PathBuf};

use super::{Reader, Section, span};
use crate::experiment::{Quantity, SpectrumSetting, TargetSetting};
use crate::formula::ast::Span;
use crate::spectrum::Spectrum;

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
                let path = self.path(&section)?;
                let read = Spectrum::from_file(&path).and_then(|s| s.eigenvalues(10_000_000));
                match read {
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
                let path = self.path(&section)?;
                match coefficients(&path) {
                    Ok(coefficients) => TargetSetting::Explicit(coefficients),
                    Err(message) => {
                        self.fault(
                            "X009",
                            place,
                            message,
                            "one coefficient a line, in descending order of the eigenvalues",
                        );
                        return None;
                    }
                }
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

    /// A path, relative to the experiment file.
    fn path(&mut self, section: &Section) -> Option<PathBuf> {
        match section
            .table
            .get("path")
            .and_then(|item| item.get_ref().as_str())
        {
            Some(path) => {
                let directory = self.source.path.parent().unwrap_or(Path::new(""));
                Some(directory.join(path))
            }
            None => {
                self.fault(
                    "X004",
                    section.span,
                    format!("the {} needs a `path`", section.name),
                    "add path = \"…\"",
                );
                None
            }
        }
    }
}

fn coefficients(path: &Path) -> Result<Vec<f64>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut coefficients = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        for word in line
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|w| !w.is_empty())
        {
            match word.parse::<f64>() {
                Ok(c) if c.is_finite() => coefficients.push(c),
                _ => {
                    return Err(format!(
                        "{}, line {}: `{word}` is not a coefficient",
                        path.display(),
                        i + 1
                    ));
                }
            }
        }
    }
    Ok(coefficients)
}
