//! The procedures that decide claims, from strongest to weakest, in the one order in which they are asked.
//!
//! A procedure looks at a claim and returns a proof, a cover of the domain, a confirmed witness, evidence, or
//! silence. The first that does not keep silent decides; what it looked at stands in the accounting.

use super::accounting::{Accounting, Outcome, judge};
use super::problem::Problem;
use super::verdict::Finding;
use super::{expectation, limit, pointwise};

/// One way to decide claims.
struct Procedure {
    applies: fn(&Problem<'_>) -> bool,
    attempt: fn(&Problem<'_>, &mut Accounting) -> Outcome,
}

/// Exact, enclosure, points, Monte Carlo. A procedure that proves is added in front: it returns
/// [`Outcome::Proof`] where every side condition is discharged, and [`Outcome::Silence`] otherwise. It may also
/// return a witness.
const ORDER: [Procedure; 3] = [
    Procedure {
        applies: |problem| !problem.expectation,
        attempt: pointwise::attempt,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: pointwise::attempt_by_moments,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: expectation::attempt,
    },
];

/// Decides a claim.
pub fn decide(problem: &Problem<'_>) -> Finding {
    // Germs, then a ladder of stations: relations of limits have points of their own kind.
    if problem.says.op.is_asymptotic() {
        let mut finding = limit::decide(problem);
        if finding.accounting.offered == 0 {
            finding.accounting.offered = finding.points;
            finding.accounting.evaluated = finding.points - finding.discarded;
            finding.accounting.undefined = finding.discarded;
        }
        return finding;
    }
    let mut reason = None;
    for procedure in &ORDER {
        if !(procedure.applies)(problem) {
            continue;
        }
        let mut accounting = Accounting::default();
        match (procedure.attempt)(problem, &mut accounting) {
            Outcome::Silence(why) => reason = why.or(reason),
            outcome => return judge(outcome, accounting),
        }
    }
    judge(Outcome::Silence(reason), Accounting::default())
}
