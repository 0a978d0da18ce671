//! What is written beside a picture of a claim.

use crate::check::file::Claim;
use crate::decide::assignment::Assignment;
use crate::plot::text::{literal, rounded, symbol};

pub(super) fn title(claim: &Claim) -> String {
    let says: String = claim.says_text.chars().take(220).collect();
    literal(&format!("{}: {says}", claim.id))
}

/// The first few symbols of a point that stay as they are along its curve, as a label.
pub(super) fn describe(base: &Assignment, moving: &[String], most: usize) -> String {
    let parts: Vec<String> = base
        .symbols
        .iter()
        .filter(|(name, _)| !moving.contains(name))
        .take(most)
        .map(|(name, value)| {
            let value = rounded(crate::number::rational_to_f64(value));
            format!("{} = {value}", symbol(name))
        })
        .collect();
    parts.join(", ")
}
