//! What is known to fail already: a repository with old failures fails on new ones only, and on verdicts that grew weaker.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::file::numbers::read_bounded;
use crate::decide::verdict::{ClaimReport, Report, Verdict};

/// Verdicts at one time, by file and claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub schema: u32,
    /// `file#id` to verdict.
    pub claims: BTreeMap<String, Known>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub verdict: Verdict,
    pub as_expected: bool,
}

/// A claim that is worse off than the baseline says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regression {
    pub id: String,
    pub file: String,
    pub line: usize,
    /// `None` for a claim that is new.
    pub before: Option<Verdict>,
    pub now: Verdict,
}

impl std::fmt::Display for Regression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            id,
            file,
            line,
            now,
            ..
        } = self;
        match self.before {
            Some(before) => write!(
                f,
                "{file}:{line}: {id} is {}, it was {}",
                now.name(),
                before.name()
            ),
            None => write!(f, "{file}:{line}: {id} is new and {}", now.name()),
        }
    }
}

impl Baseline {
    pub fn of(report: &Report) -> Self {
        let claims = (report.claims.iter())
            .map(|row| {
                let known = Known {
                    verdict: row.verdict,
                    as_expected: row.as_expected,
                };
                (key(row), known)
            })
            .collect();
        Self { schema: 1, claims }
    }

    /// # Errors
    /// A file that cannot be read, or is no baseline.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = read_bounded(path, 64 << 20)
            .map_err(|(message, _)| format!("{}: {message}", path.display()))?;
        let baseline: Self = serde_json::from_str(&text).map_err(|error| {
            format!(
                "{}, line {}: not a baseline; write one with --write-baseline",
                path.display(),
                error.line()
            )
        })?;
        if baseline.schema == 1 {
            Ok(baseline)
        } else {
            Err(format!("{}: a baseline of another version", path.display()))
        }
    }

    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// New failures, and verdicts that grew weaker.
    pub fn regressions(&self, report: &Report) -> Vec<Regression> {
        (report.claims.iter())
            .filter_map(|row| {
                let before = self.claims.get(&key(row));
                let worse = match before {
                    None => !row.as_expected,
                    Some(known) => {
                        known.as_expected && !row.as_expected
                            || row.expect == "holds" && rank(row.verdict) > rank(known.verdict)
                    }
                };
                worse.then(|| Regression {
                    id: row.id.clone(),
                    file: row.file.clone(),
                    line: row.line,
                    before: before.map(|known| known.verdict),
                    now: row.verdict,
                })
            })
            .collect()
    }
}

/// Paths are written one way on every system.
fn key(row: &ClaimReport) -> String {
    let file = row.file.replace('\\', "/");
    format!("{}#{}", file.strip_prefix("./").unwrap_or(&file), row.id)
}

/// How far a verdict is from a proof.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Proved => 0,
        Verdict::Certified => 1,
        Verdict::Supported => 2,
        Verdict::Inconclusive => 3,
        Verdict::Vacuous => 4,
        Verdict::Refuted => 5,
        Verdict::Error => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::run::check_text;
    use super::*;

    fn report(claims: &[(&str, &str)]) -> Report {
        let mut text = String::from("[symbols]\nx = { real = [1, 2] }\n");
        for (id, says) in claims {
            text.push_str(&format!("[[claim]]\nid = \"{id}\"\nsays = \"{says}\"\n"));
        }
        check_text("a.toml".as_ref(), &text, &Options::default()).report
    }

    #[test]
    fn old_failures_pass_new_ones_and_weaker_verdicts_do_not() {
        let before = Baseline::of(&report(&[("good", "x = x"), ("bad", "x = 2*x")]));
        let told = |claims: &[(&str, &str)]| -> Vec<String> {
            let regressions = before.regressions(&report(claims));
            regressions.iter().map(ToString::to_string).collect()
        };
        assert!(told(&[("bad", "x = 2*x"), ("good", "x = x")]).is_empty());
        assert!(told(&[("bad", "x = x")]).is_empty());
        assert_eq!(
            told(&[("new", "x = 2*x"), ("fine", "x = x")]),
            ["a.toml:5: new is new and refuted"]
        );
        assert!(told(&[("good", "x = 2*x")])[0].contains("good is refuted, it was "));
        assert_eq!(
            told(&[("bad", "x = y")]),
            ["a.toml:3: bad is error, it was refuted"]
        );
    }

    #[test]
    fn a_baseline_reads_back() {
        let baseline = Baseline::of(&report(&[("good", "x = x")]));
        let back: Baseline = serde_json::from_str(&baseline.write()).unwrap();
        assert_eq!(back, baseline);
    }
}
