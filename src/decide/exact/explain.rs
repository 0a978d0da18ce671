//! How algebra decided a claim, for a reader.

use std::fmt::Write as _;

use super::proof::{Proof, Silence, prove};
use crate::term::{Statement, text};

/// The proof of a claim in words and formulas, or what keeps algebra from one.
pub fn explain(statement: &Statement) -> String {
    let side = |id| text(&statement.store, id).unwrap_or_else(|_| "…".into());
    let mut out = String::new();
    let _ = writeln!(
        out,
        "With abbreviations written out:\n    {}\n  {} {}",
        side(statement.claim.lhs),
        statement.claim.op.symbol(),
        side(statement.claim.rhs)
    );
    match prove(statement) {
        Ok(proof) => proved(&proof, &mut out),
        Err(Silence::Beyond(what)) => {
            let _ = writeln!(out, "\nAlgebra does not cover {what}.");
        }
        Err(Silence::Open(what)) => {
            let _ = writeln!(
                out,
                "\nAlgebra proves nothing here: from domains and assumptions it does not follow that {what}."
            );
        }
        Err(Silence::Different(what)) => {
            let _ = writeln!(
                out,
                "\nIn normal form the two sides are not equal, or not ordered as claimed: {what}."
            );
        }
    }
    out
}

fn proved(proof: &Proof, out: &mut String) {
    let _ = writeln!(
        out,
        "\nBoth sides are put into normal form: quotients of polynomials in the symbols and in sums over the \
         spectrum.\nPartial fractions in the eigenvalue leave only sums that are independent of one another; kappa \
         obeys its\nequation k - lambda = k*df(1, k)/T. What holds for these forms holds for every spectrum and target."
    );
    for (i, case) in proof.cases.iter().enumerate() {
        if proof.cases.len() > 1 {
            let _ = writeln!(
                out,
                "\nCase {} of {}: {}",
                i + 1,
                proof.cases.len(),
                case.conditions.join(", ")
            );
        } else {
            out.push('\n');
        }
        let _ = writeln!(out, "  left   {}", case.lhs);
        let _ = writeln!(out, "  right  {}", case.rhs);
        if !case.met.is_empty() {
            let _ = writeln!(
                out,
                "  from domains and assumptions: {}",
                case.met.join("; ")
            );
        }
    }
    let _ = writeln!(out, "\n{}.", proof.method);
    if !proof.given.is_empty() {
        let _ = writeln!(out, "Taken for granted: {}.", proof.given.join("; "));
    }
}
