//! The cells of a rate, for a reader.

use std::fmt::Write as _;

use super::{Claim, Extent, Leaf, covering};
use crate::term::Statement;

/// Cells that are written out; of more only the number is told.
const SHOWN: usize = 24;

/// The cells into which comparisons of exponents split the domain, what is found in each, and what stays open;
/// `None` where a claim is beyond orders of growth.
pub fn explain(statement: &Statement) -> Option<String> {
    let claim = Claim::new(statement).ok()?;
    let (cells, open) = covering(&claim, Extent::Whole).ok()?;
    let mut out = String::from(
        "\nBoth sides are orders of growth whose exponents are functions of the parameters. Every comparison of exponents\n\
         splits the domain; in each cell the exponents are explicit, boundaries are cells of their own.\n",
    );
    let inside: Vec<_> = cells.iter().filter(|c| c.leaf != Leaf::Excluded).collect();
    for (i, cell) in inside.iter().take(SHOWN).enumerate() {
        let conditions: Vec<String> = cell
            .signs
            .iter()
            .map(|(p, sign)| claim.literal(p, *sign, false))
            .collect();
        let point: Vec<String> = claim
            .names
            .iter()
            .zip(&cell.point)
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let found = match &cell.leaf {
            Leaf::Holds => "holds".to_owned(),
            Leaf::Fails(what) => format!("fails: {what}"),
            Leaf::Doubtful(what) => {
                format!("fails, unless an assumption of two sides of one order excludes it: {what}")
            }
            Leaf::Undefined(what) => format!("has no value: {what}"),
            Leaf::Open(why) => format!("is open: {why}"),
            Leaf::Excluded => continue,
        };
        let conditions = if conditions.is_empty() {
            "everywhere".to_owned()
        } else {
            conditions.join(", ")
        };
        let _ = writeln!(out, "  {:>3}. {found}\n       where {conditions}", i + 1);
        if !point.is_empty() {
            let _ = writeln!(out, "       as at {}", point.join(", "));
        }
    }
    if inside.len() > SHOWN {
        let _ = writeln!(out, "  and {} cells more", inside.len() - SHOWN);
    }
    let settled = inside.iter().filter(|c| c.leaf == Leaf::Holds).count();
    let excluded = cells.len() - inside.len();
    let _ = writeln!(
        out,
        "It holds in {settled} of {} cells; {excluded} more are excluded by the assumptions.",
        inside.len()
    );
    for what in open.iter().take(SHOWN) {
        let _ = writeln!(out, "Left open: {what}.");
    }
    Some(out)
}
