//! Witnesses kept beside their derivation file: `theorem.toml` has its own in `theorem.witnesses.json`.
//!
//! They are points, not verdicts: each is looked at first, and refutes only what it refutes again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::file::Claim;
use super::file::numbers::read_bounded;
use super::options::Outcome;
use crate::decide::known::Point;
use crate::decide::verdict::Verdict;

const MAX_BYTES: u64 = 1 << 20;
/// Points that are kept of one claim, the last ones found.
const MOST: usize = 4;

/// What is kept of one file, by claim.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    schema: u32,
    claims: BTreeMap<String, Vec<Point>>,
}

fn place(file: &Path) -> PathBuf {
    file.with_extension("witnesses.json")
}

fn read(path: &Path) -> Result<Option<Kept>, String> {
    // A link could lead anywhere.
    match path.symlink_metadata() {
        Ok(data) if data.is_file() => {}
        Ok(_) => return Err(format!("{} is no plain file", path.display())),
        Err(_) => return Ok(None),
    }
    let text = read_bounded(path, MAX_BYTES).map_err(|(message, _)| message)?;
    let kept: Kept =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if kept.schema != 1 {
        return Err(format!(
            "{}: schema {} is unknown",
            path.display(),
            kept.schema
        ));
    }
    Ok(Some(kept))
}

/// Hands claims of a file the points at which they were refuted before. A file of points that cannot be read gives none.
pub fn attach(file: &Path, claims: &mut [Claim]) {
    let Ok(Some(mut kept)) = read(&place(file)) else {
        return;
    };
    for claim in claims {
        if let Some(mut points) = kept.claims.remove(&claim.id) {
            points.truncate(MOST);
            claim.known = points;
        }
    }
}

/// The witnesses of a run added to those that are kept beside the files: what to write, and where, of those that change.
///
/// # Errors
/// A file of points that is there and cannot be read.
pub fn kept_with(outcome: &Outcome) -> Result<Vec<(PathBuf, String)>, String> {
    let mut files: BTreeMap<&Path, BTreeMap<&str, &Point>> = BTreeMap::new();
    for (row, claim) in outcome.report.claims.iter().zip(&outcome.claims) {
        if let Some(claim) = claim
            && row.verdict == Verdict::Refuted
            && let Some(point) = row.witness.as_ref().and_then(|w| w.exact.as_ref())
        {
            (files.entry(&claim.file).or_default()).insert(&claim.id, point);
        }
    }
    let mut written = Vec::new();
    for (file, found) in files {
        let path = place(file);
        let mut kept = read(&path)?.unwrap_or(Kept {
            schema: 1,
            claims: BTreeMap::new(),
        });
        let mut changed = false;
        for (id, point) in found {
            let points = kept.claims.entry(id.to_owned()).or_default();
            if !points.contains(point) {
                points.insert(0, point.clone());
                points.truncate(MOST);
                changed = true;
            }
        }
        if changed {
            let text = serde_json::to_string_pretty(&kept).map_err(|error| error.to_string())?;
            written.push((path, text + "\n"));
        }
    }
    Ok(written)
}
