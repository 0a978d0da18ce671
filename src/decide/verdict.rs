//! What the checker says of a claim, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::accounting::Accounting;
use super::known::Point;

/// The verdicts, from strongest to weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Decided exactly, every side condition discharged.
    Proved,
    /// Enclosed by rigorous intervals over the whole domain.
    Certified,
    /// No violation found, with stated power.
    Supported,
    /// A witness, confirmed a second time by other means.
    Refuted,
    /// Budget or precision ran out.
    Inconclusive,
    /// The assumptions leave too few points.
    Vacuous,
    /// The file or formula is wrong.
    Error,
}

impl Verdict {
    /// Whether a claim with this verdict counts as holding.
    pub fn holds(self) -> bool {
        matches!(
            self,
            Verdict::Proved | Verdict::Certified | Verdict::Supported
        )
    }

    pub fn name(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Certified => "certified",
            Verdict::Supported => "supported",
            Verdict::Refuted => "refuted",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Vacuous => "vacuous",
            Verdict::Error => "error",
        }
    }
}

/// What was found out about one claim, before it is compared with what the file expects.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    /// How the verdict was reached, in a phrase.
    pub method: String,
    /// Points of the domain (or of limit paths) that were tested.
    pub points: usize,
    /// Points at which the formula has no value, or none known well enough.
    pub discarded: usize,
    /// The largest relative discrepancy (equalities), the smallest relative margin (inequalities), the distance
    /// from the limit at the end of the path, in each case the one that speaks most against the claim.
    pub worst: Option<f64>,
    /// The smallest relative discrepancy that would have been seen.
    pub detects: Option<f64>,
    pub witness: Option<Witness>,
    /// Why a verdict is not `supported`, or what a reader must know of it.
    pub reason: Option<String>,
    pub accounting: Accounting,
    /// A condition under which a refuted claim holds, in the language.
    pub holds_where: Option<String>,
    pub correction: Option<Correction>,
    /// The file that a proof checker accepts.
    pub certificate: Option<String>,
    /// Names of theorems that a proof takes for granted.
    pub given: Vec<String>,
}

impl Finding {
    pub fn new(verdict: Verdict, method: impl Into<String>) -> Self {
        Self {
            verdict,
            method: method.into(),
            points: 0,
            discarded: 0,
            worst: None,
            detects: None,
            witness: None,
            reason: None,
            accounting: Accounting::default(),
            holds_where: None,
            correction: None,
            certificate: None,
            given: Vec::new(),
        }
    }

    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// A side without a number is written as null.
fn null_is_nan<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or(f64::NAN))
}

/// A point at which a claim fails; enough to compute both sides again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Witness {
    /// Every symbol, the free ones and the defined ones.
    pub symbols: BTreeMap<String, f64>,
    /// The eigenvalues of `Σ`, in descending order. Long spectra are cut, see `spectrum_levels`.
    pub spectrum: Vec<f64>,
    /// `c_j²` for each eigenvalue listed.
    pub target: Vec<f64>,
    /// The `j` whose `c_j` is negative.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negative: Vec<u64>,
    /// `[eigenvalue, multiplicity, Σ c_j² over it]` where the spectrum is too long to list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spectrum_levels: Option<Vec<[f64; 3]>>,
    #[serde(deserialize_with = "null_is_nan")]
    pub lhs: f64,
    #[serde(deserialize_with = "null_is_nan")]
    pub rhs: f64,
    /// `lhs − rhs`, where both are known to more digits than they are written with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<f64>,
    /// Standard error of `lhs − rhs` where a side is a simulated expectation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
    /// Number of simulated regressions behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicates: Option<u64>,
    /// For limits: the limit variable and both sides along the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<PathPoint>>,
    /// The point in exact numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Point>,
    pub confirmed_by: String,
}

/// One station of a limit path.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PathPoint {
    pub at: f64,
    #[serde(deserialize_with = "null_is_nan")]
    pub lhs: f64,
    #[serde(deserialize_with = "null_is_nan")]
    pub rhs: f64,
}

/// A statement that holds in place of a refuted one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub says: String,
    /// What was changed, in words.
    pub edit: String,
}

/// One row of a report.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimReport {
    pub id: String,
    pub file: String,
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub says: String,
    pub verdict: Verdict,
    pub expect: &'static str,
    pub as_expected: bool,
    pub rests_on_failed: Vec<String>,
    pub method: String,
    pub points: usize,
    pub discarded: usize,
    pub worst: Option<f64>,
    pub detects: Option<f64>,
    pub witness: Option<Witness>,
    pub suggestion: Option<String>,
    /// The nearest statement that holds, where this one was refuted and one was looked for and found.
    pub correction: Option<Correction>,
    /// A condition under which a refuted claim holds, in the language of formulas.
    pub holds_where: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the file says is wrong with a refuted claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub accounting: Accounting,
    pub certificate: Option<String>,
    /// Why what is proved or certified has none, where certificates were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_certificate: Option<String>,
    pub given: Vec<String>,
    pub seconds: f64,
}

/// How many claims got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub proved: usize,
    pub certified: usize,
    pub supported: usize,
    pub refuted: usize,
    pub inconclusive: usize,
    pub vacuous: usize,
    pub error: usize,
    pub unexpected: usize,
}

/// Everything `check` found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub schema: u32,
    pub version: &'static str,
    pub seed: u64,
    pub claims: Vec<ClaimReport>,
    pub summary: Summary,
}

impl Report {
    pub fn new(seed: u64, claims: Vec<ClaimReport>) -> Self {
        let mut summary = Summary::default();
        for claim in &claims {
            *match claim.verdict {
                Verdict::Proved => &mut summary.proved,
                Verdict::Certified => &mut summary.certified,
                Verdict::Supported => &mut summary.supported,
                Verdict::Refuted => &mut summary.refuted,
                Verdict::Inconclusive => &mut summary.inconclusive,
                Verdict::Vacuous => &mut summary.vacuous,
                Verdict::Error => &mut summary.error,
            } += 1;
            summary.unexpected += usize::from(!claim.as_expected);
        }
        Self {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            seed,
            claims,
            summary,
        }
    }
}
