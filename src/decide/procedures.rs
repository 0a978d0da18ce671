//! The procedures that decide claims, from strongest to weakest, in the one order in which they are asked.
//!
//! A procedure looks at a claim and returns a proof, a cover of the domain, a confirmed witness, evidence, or
//! silence. The first that does not keep silent decides; what it looked at stands in the accounting.

use super::accounting::Accounting;
use super::exact::{Remainder, WithoutMeans};
use super::judgement::{Outcome, judge};
use super::problem::Problem;
use super::verdict::{Finding, Verdict};
use super::{cover, exact, expectation, infinite, isotropic, limit, pointwise};
use crate::formula::ast::{Expr, RelationOp};
use crate::formula::parse::parse_relation;

/// One way to decide claims.
struct Procedure {
    applies: fn(&Problem<'_>) -> bool,
    attempt: fn(&Problem<'_>, &mut Accounting) -> Outcome,
}

/// Enclosures of the whole domain, points, infinite means, exact moments, means of isotropic inputs, then Monte Carlo:
/// what is asked where algebra has no proof.
const ORDER: [Procedure; 7] = [
    Procedure {
        applies: |problem| !problem.expectation && !problem.random,
        attempt: cover::attempt,
    },
    Procedure {
        applies: |problem| !problem.expectation,
        attempt: pointwise::attempt,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: infinite::attempt,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: pointwise::attempt_by_moments,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: isotropic::attempt,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: isotropic::attempt_special_case,
    },
    Procedure {
        applies: |problem| problem.expectation,
        attempt: expectation::attempt,
    },
];

/// Decides a claim.
pub fn decide(problem: &Problem<'_>) -> Finding {
    if !problem.fixed.is_empty() {
        return with_fixed(problem);
    }
    if let Some(says) = limit::of_exponents(problem) {
        return decide(&Problem {
            says: &says,
            ..problem.clone()
        });
    }
    let mean_in_limit = problem.says.op.is_asymptotic() && problem.expectation;
    let beyond = (mean_in_limit)
        .then(|| limit::beyond_equivalents(problem))
        .flatten();
    let proof = match &beyond {
        None => exact::decide(problem),
        Some(why) => Err(why.clone()),
    };
    match proof {
        Ok(proved) => looked_at(problem, proved),
        Err(why) => {
            let undrawn = problem.expectation && problem.scope.setting.infinite;
            if (mean_in_limit || undrawn)
                && let Some(finding) = by_exact_means(problem)
            {
                return finding;
            }
            if mean_in_limit && let Some(finding) = by_large_samples(problem) {
                return finding;
            }
            if let Some(why) = beyond {
                return Finding::new(Verdict::Inconclusive, "deterministic equivalents")
                    .because(why);
            }
            if let Some(refuted) = by_isotropic_means(problem) {
                return refuted;
            }
            let mut finding = without_algebra(problem);
            if finding.verdict == Verdict::Supported {
                finding.reason.get_or_insert(format!("not proved: {why}"));
            }
            finding
        }
    }
}

/// Means that are known exactly as their formulas; `None` where the claim stays open.
fn by_exact_means(problem: &Problem<'_>) -> Option<Finding> {
    let WithoutMeans { says, given } = exact::without_means(problem)?;
    let mut finding = decide(&problem.of_formulas(&says));
    let decided = [Verdict::Proved, Verdict::Supported, Verdict::Refuted];
    if !decided.contains(&finding.verdict) {
        return None;
    }
    finding.given.extend(given);
    Some(finding)
}

/// Means over samples that grow at a fixed dimension, expanded as far as it takes for what is left out to make no
/// difference, whatever it is.
fn by_large_samples(problem: &Problem<'_>) -> Option<Finding> {
    const MOST: u32 = 2;
    let means = exact::OfLargeSamples::new(problem)?;
    (0..=MOST).find_map(|order| {
        let expanded = |remainder| means.expanded(order, remainder);
        let WithoutMeans { says, given } = expanded(Remainder::None)?;
        let above = expanded(Remainder::Positive)?.says;
        let below = expanded(Remainder::Negative)?.says;
        let alike = |a: &Expr, b: &Expr| {
            let holds = |text: String| {
                let says = parse_relation(&text).ok()?;
                let finding = decide(&problem.of_formulas(&says));
                [Verdict::Proved, Verdict::Supported]
                    .contains(&finding.verdict)
                    .then_some(())
            };
            let tends = problem.says.op == RelationOp::TendsTo;
            a.to_string() == b.to_string()
                || tends && holds(format!("({a}) - ({b}) -> 0")).is_some()
                || holds(format!("({a}) ~ ({b})")).is_some()
        };
        if !alike(&above.lhs, &below.lhs) || !alike(&above.rhs, &below.rhs) {
            return None;
        }
        let mut finding = decide(&problem.of_formulas(&says));
        finding.given.extend(given);
        let decided = [Verdict::Proved, Verdict::Supported, Verdict::Refuted];
        decided.contains(&finding.verdict).then_some(finding)
    })
}

/// A claim about any covariance that fails for isotropic inputs, of which more means are known as formulas.
fn by_isotropic_means(problem: &Problem<'_>) -> Option<Finding> {
    if !problem.expectation || problem.says.op.is_asymptotic() {
        return None;
    }
    let scope = isotropic::special_case(problem.scope)?;
    let special = Problem {
        scope: &scope,
        known: Vec::new(),
        ..problem.clone()
    };
    let WithoutMeans { says, given } = exact::without_means(&special)?;
    let mut finding = decide(&special.of_formulas(&says));
    let found = (finding.witness.as_ref()).filter(|_| finding.verdict == Verdict::Refuted)?;
    finding.witness = Some(isotropic::of_any_covariance(problem, found)?);
    finding.given.extend(given);
    Some(finding)
}

/// What the other procedures find.
fn without_algebra(problem: &Problem<'_>) -> Finding {
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
    let mut doubt = None;
    for procedure in &ORDER {
        if !(procedure.applies)(problem) {
            continue;
        }
        let mut accounting = Accounting::with_doubt(doubt.take());
        match (procedure.attempt)(problem, &mut accounting) {
            Outcome::Silence(why) => {
                reason = why.or(reason);
                doubt = accounting.doubt();
            }
            outcome => return judge(outcome, accounting),
        }
    }
    judge(Outcome::Silence(reason), Accounting::default())
}

/// Draws alone tell of means with something given that stand outside of all others.
fn with_fixed(problem: &Problem<'_>) -> Finding {
    if problem.says.op.is_asymptotic() {
        return Finding::new(Verdict::Error, "limit").because(
            "E[… | …] outside of E[…] is random, and limits are of numbers: average it, E[E[… | …]]",
        );
    }
    let mut accounting = Accounting::default();
    let outcome = expectation::attempt(problem, &mut accounting);
    judge(outcome, accounting)
}

/// Whether the claim fails where one looks first; a quick look at a statement that is merely tried.
pub fn fails_at_once(problem: &Problem<'_>) -> bool {
    problem.says.op.is_asymptotic() && problem.fixed.is_empty() && limit::fails_at_once(problem)
}

/// A relation of orders, or of exponents, with equivalents of its expectations that somebody else writes.
pub fn of_written_equivalents(
    problem: &Problem<'_>,
    written: &mut dyn FnMut(&Expr) -> Option<Expr>,
) -> Option<Finding> {
    let says = limit::of_exponents(problem);
    let says = says.as_ref().unwrap_or(problem.says);
    limit::of_written_equivalents(
        &Problem {
            says,
            ..problem.clone()
        },
        written,
    )
}

/// What algebra proves must hold wherever one looks: a confirmed violation says that one of the two is wrong.
fn looked_at(problem: &Problem<'_>, proved: Finding) -> Finding {
    if problem.says.op.is_asymptotic() || problem.expectation || proved.verdict != Verdict::Proved {
        return proved;
    }
    let mut accounting = Accounting::default();
    let seen = pointwise::contradicted(problem, &mut accounting);
    Finding {
        accounting,
        ..match seen {
            None => proved,
            Some(witness) => {
                let what = format!(
                    "algebra proves the claim, but the sides are {} and {} at a point of its domain",
                    witness.lhs, witness.rhs
                );
                Finding::new(Verdict::Inconclusive, proved.method).because(what)
            }
        }
    }
}
