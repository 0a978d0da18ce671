//! How algebra decided a claim, for a reader.

use std::fmt::Write as _;

use super::induction::prove_by_induction;
use super::large_samples::EXPANDED;
use super::proof::{ONE_SIZE, Proof, Silence, prove, prove_equivalent};
use crate::formula::scope::Limit;
use crate::term::{Statement, text};

/// The proof of a claim in words and formulas, or what keeps algebra from one.
///
/// With `limit` the claim is an equivalence that is read as an equality of deterministic equivalents.
pub fn explain(statement: &Statement, limit: Option<&Limit>) -> String {
    let mut out = written_out(statement, limit.is_some());
    let found = match limit {
        Some(limit) => prove_equivalent(statement, limit),
        None => prove(statement).or_else(|why| prove_by_induction(statement).map_err(|_| why)),
    };
    match found {
        Ok(proof) => proved(statement, &proof, &mut out),
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

/// How a limit in one size that grows alone was proved; `None` where it was by other means.
pub fn of_one_size(method: &str, given: &[String]) -> Option<String> {
    if !ONE_SIZE.contains(&method) {
        return None;
    }
    let mut out = format!("\n{ONE}\n");
    if given.iter().any(|theorem| theorem == EXPANDED) {
        let _ = writeln!(out, "{POWERS}");
    }
    let _ = writeln!(out, "\n{method}.");
    if !given.is_empty() {
        let _ = writeln!(out, "Taken for granted: {}.", given.join("; "));
    }
    Some(out)
}

/// A claim with its abbreviations written out.
pub fn written_out(statement: &Statement, limit: bool) -> String {
    let side = |id| text(&statement.store, id).unwrap_or_else(|_| "…".into());
    format!(
        "With abbreviations written out:\n    {}\n  {} {}\n",
        side(statement.claim.lhs),
        if limit {
            "~"
        } else {
            statement.claim.op.symbol()
        },
        side(statement.claim.rhs)
    )
}

/// What becomes of limits in one size, and of means in them.
const ONE: &str = "Both sides are put into normal form, quotients of polynomials in the symbols and in sums over the spectrum.\n\
     One size grows while all else stays, and their degree in it tells what they tend to.";
const POWERS: &str = "A mean over T rows, the dimension being fixed: X'X = T*C + D, and (X'X + m)^-1 = Q - Q*D*Q + ... with \
     Q = (T*C + m)^-1.\nA product of degree k in D has a mean smaller by T^-(k/2), which Wick's rule knows. What is left out \
     stands there\nas a bounded multiple of the next power of 1/T, and makes no difference.";
/// What the normal form is, for numbers and for draws.
const NUMBERS: &str = "Both sides are put into normal form: quotients of polynomials in the symbols and in sums over the \
     spectrum.\nPartial fractions in the eigenvalue leave only sums that are independent of one another; kappa obeys its\n\
     equation k - lambda = k*df(1, k)/T. What holds for these forms holds for every spectrum and target.";
const DRAWS: &str = "Draws are letters of a free algebra, with functions of Sigma between them, and their relations:\n\
     (X'X + m)R = I for a resolvent R, Penrose's four for a pseudo-inverse, and what follows for projections.\n\
     Both sides are put into normal form; means follow from linearity, independence and Wick's rule.";

fn proved(statement: &Statement, proof: &Proof, out: &mut String) {
    let draws = [statement.claim.lhs, statement.claim.rhs]
        .into_iter()
        .any(|side| !statement.store.random_objects(side).is_empty());
    let _ = writeln!(out, "\n{}", if draws { DRAWS } else { NUMBERS });
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
