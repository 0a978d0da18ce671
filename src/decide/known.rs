//! Points at which a claim was refuted before: exact, and tried first. They decide nothing by themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::assignment::{Assignment, SpectrumLevel};

/// A point of a domain, its numbers as exact fractions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub symbols: BTreeMap<String, String>,
    /// Eigenvalue, share of the dimension and squared length of `w0` on it, where the setting leaves them open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spectrum: Vec<[String; 3]>,
    /// The `j` whose coefficient of `w0` is negative.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub negative: Vec<u64>,
}

impl Point {
    pub fn of(at: &Assignment) -> Self {
        let levels = |level: &SpectrumLevel| {
            [&level.value, &level.share, &level.mass].map(ToString::to_string)
        };
        Self {
            symbols: (at.symbols.iter())
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
            spectrum: at.spectrum.iter().map(levels).collect(),
            negative: at.negative.iter().copied().collect(),
        }
    }
}
