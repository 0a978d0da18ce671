//! Relations of limits: `~`, `asymp`, `<~`, `>~`, `->` along the declared path.
//!
//! Both sides are evaluated along a ladder of stations; expectations are replaced by their deterministic
//! equivalents where the formula's are known, and simulated at growing sizes where not.

mod along;
mod confirm;
mod exponents;
mod found;
mod growth;
mod known;
mod order;
mod phases;
mod points;
mod reach;
mod remainder;
mod simulation;
mod standing;
mod station;
mod symbolic;
mod tally;
mod threshold;
mod whole;

use super::equivalents::to_infinity;
use super::path::Path;
use super::problem::{Effort, Problem};
use super::sampler::Sampler;
use super::trend::{self, Trend};
use super::verdict::{Finding, Verdict};
use crate::formula::ast::{Expr, Extremum, Node, RelationOp};
use crate::formula::scope::{Limit, Symbol};
use along::{
    CROSS_CHECKS, SUGGESTIONS, along_paths, at_point, refuted, speaks_of_exponents, unless_read_off,
};
pub use exponents::of_exponents;
use found::{BY_CELLS, BY_GERMS, CHECKED, Found, UNCHECKED};
use known::{GIVEN, Replaced, WRITTEN, WRITTEN_SHARP, replaced, unseen};
pub use order::beyond_equivalents;
use points::{draw, sampler};
pub use station::takes_minimum;
use station::{ladder, proportional, speaks_of_orders};
use symbolic::{Symbolic, by_germs};
use whole::{Whole, by_cells};

/// Points at which a statement is tried before it is decided.
const TRIED: u64 = 4;
/// Streams of the points at which a claim was refuted before.
const KNOWN: u64 = 1 << 20;

const NO_EXPONENT: &str = "the order of an expectation is that of an equivalent written as a formula, which there is for squared norms, \
     quadratic forms and traces of what `resolvent derive` can write, and for sums, products and quotients of these";

const TURNS: &str = "it holds at all points that were looked at; but a root has another constant where three of its terms are of one \
     order, and at which exponents that is is not known";

/// Decides a relation of limits.
pub fn decide(problem: &Problem<'_>) -> Finding {
    let limit = match &problem.scope.limit {
        Some(limit) if !problem.random || problem.expectation => limit,
        Some(_) => {
            return Finding::new(Verdict::Error, "limit")
                .because("a limit of random objects outside E[…]");
        }
        None => {
            return Finding::new(Verdict::Error, "limit").because(
                "the relation needs a [limit] table that says which variable tends to infinity",
            );
        }
    };
    if problem.expectation
        && let Some(replaced) = replaced(problem, false, &mut |_| None)
    {
        return with_known_equivalents(problem, &replaced);
    }
    if problem.expectation && speaks_of_exponents(problem) {
        return Finding::new(Verdict::Inconclusive, "limit").because(NO_EXPONENT);
    }
    let sampler = sampler(problem);
    let whole = by_cells(problem, &sampler, limit);
    if let Whole::Fails {
        failure,
        holds_where,
    } = whole
    {
        let mut finding = refuted(problem, &sampler, *failure, 1, 0);
        finding.holds_where = holds_where;
        return finding;
    }
    if let Some(finding) = revisited(problem, &sampler, limit) {
        return finding;
    }
    let (wanted, suggestions) = match &whole {
        // a cross-check by the expansions, without numbers
        Whole::Covered(_) => (points_wanted(problem).min(CROSS_CHECKS), 0),
        _ => (points_wanted(problem), SUGGESTIONS),
    };
    let mut finding = match along_paths(problem, &sampler, limit, (wanted, suggestions)) {
        Ok(tally) => tally.finding(&whole),
        Err(finding) => *finding,
    };
    let by_germs = finding.method == BY_GERMS;
    if finding.verdict == Verdict::Supported && by_germs && roots_may_turn(problem) {
        finding.verdict = Verdict::Inconclusive;
        finding.reason = Some(TURNS.into());
    }
    // Nothing is said to be checked that was not.
    if finding.method.contains(CHECKED) && !simulation::covers(problem, &sampler) {
        finding.method = finding.method.replace(CHECKED, UNCHECKED);
    }
    finding
}

/// Whether a constant is claimed in which a root stands that depends on real symbols: where three of its terms are of one
/// order it has another, and cells do not cover roots.
fn roots_may_turn(problem: &Problem<'_>) -> bool {
    let scope = problem.scope;
    let mut roots = false;
    scope.walk_through([&problem.says.lhs, &problem.says.rhs], &mut |inner| {
        roots |= matches!(
            &*inner.node,
            Node::Extremum {
                kind: Extremum::Root,
                ..
            }
        );
    });
    if !roots || speaks_of_orders(problem.says.op) || speaks_of_exponents(problem) {
        return false;
    }
    let Ok(statement) = problem.statement() else {
        return true;
    };
    statement.symbols_that_matter().into_iter().any(|symbol| {
        let name = statement.store.symbol_name(symbol);
        let real = |(known, meaning): &(String, Symbol)| {
            known == name && matches!(meaning, Symbol::Real { .. })
        };
        scope.symbols.iter().any(real)
    })
}

/// The claim with known equivalents in place of its expectations.
fn with_known_equivalents(problem: &Problem<'_>, replaced: &Replaced) -> Finding {
    let mut finding = decide(&problem.of_formulas(&replaced.says));
    let gaps = finding.accounting.undefined;
    if finding.verdict == Verdict::Supported && gaps > 0 {
        // The risk is infinite where as many rows as dimensions leave the theorem's formula without a value.
        finding.verdict = Verdict::Inconclusive;
        finding.reason = Some(format!(
            "at {gaps} of {} points a side has no value",
            finding.points
        ));
    }
    if finding.verdict != Verdict::Proved {
        return given(GIVEN, finding);
    }
    match unseen(&replaced.fits, problem.scope) {
        None => finding.given.push(GIVEN.into()),
        Some(hypothesis) => {
            finding.verdict = Verdict::Supported;
            finding.reason = Some(format!("given {GIVEN}; it is not seen that {hypothesis}"));
        }
    }
    finding
}

/// A relation of orders, or of exponents, with the equivalents of all its expectations written as formulas, those that no
/// theorem here speaks of by `written`; where exact orders of growth settle it.
pub fn of_written_equivalents(
    problem: &Problem<'_>,
    written: &mut dyn FnMut(&Expr) -> Option<Expr>,
) -> Option<Finding> {
    let asked = problem.expectation && problem.scope.limit.is_some();
    let orders = speaks_of_orders(problem.says.op) || speaks_of_exponents(problem);
    // In finite dimension numbers along the path tell constants, and simulations check them.
    let sharp = !orders && problem.scope.setting.infinite && tells_leading_terms(problem.says.op);
    if !asked || !(orders || sharp) {
        return None;
    }
    let replaced = replaced(problem, sharp, written)?;
    if !replaced.others {
        return None;
    }
    let mut finding = decide(&problem.of_formulas(&replaced.says));
    let exact = [BY_CELLS, BY_GERMS].contains(&finding.method.as_str());
    match finding.verdict {
        Verdict::Proved => finding.verdict = Verdict::Supported,
        Verdict::Supported | Verdict::Refuted if exact => {}
        _ => return None,
    }
    finding.certificate = None;
    Some(given(if sharp { WRITTEN_SHARP } else { WRITTEN }, finding))
}

fn tells_leading_terms(op: RelationOp) -> bool {
    matches!(op, RelationOp::Equivalent | RelationOp::TendsTo)
}

/// What is found rests on equivalents.
fn given(what: &str, mut finding: Finding) -> Finding {
    finding.reason = Some(match finding.reason {
        Some(reason) => format!("given {what}: {reason}"),
        None => format!("given {what}"),
    });
    finding
}

/// Points at which a claim is looked at.
fn points_wanted(problem: &Problem<'_>) -> usize {
    match (problem.effort, problem.expectation) {
        (Effort::Quick, _) => 6,
        (Effort::Normal, false) => 24,
        (Effort::Normal, true) => 10,
        (Effort::Thorough, _) => 80,
    }
}

/// The claim where it was refuted before.
fn revisited(problem: &Problem<'_>, sampler: &Sampler<'_>, limit: &Limit) -> Option<Finding> {
    problem
        .known
        .iter()
        .enumerate()
        .find_map(|(number, point)| {
            let base = point.place(problem, sampler)?;
            let path = Path::new(problem.scope, limit, &base).ok()?;
            let found = at_point(problem, &path, KNOWN + number as u64, (0, 0));
            match unless_read_off(problem, found) {
                Found::Fails(failure) => Some(refuted(problem, sampler, *failure, 1, 0)),
                _ => None,
            }
        })
}

/// Whether the claim fails at the first points that come: enough to pass over a statement that is merely tried, too
/// little for a verdict, which takes a witness.
pub fn fails_at_once(problem: &Problem<'_>) -> bool {
    let Some(limit) = &problem.scope.limit else {
        return false;
    };
    let sampler = sampler(problem);
    (0..TRIED).any(|index| {
        let mut stream = problem.stream(index);
        let drawn = draw(
            &sampler,
            &mut stream,
            index,
            problem.scope.assumptions.len(),
        );
        let Some((base, _)) = drawn else {
            return false;
        };
        let Ok(path) = Path::new(problem.scope, limit, &base) else {
            return false;
        };
        if !problem.expectation {
            return matches!(by_germs(problem, &path), Symbolic::Fails(_));
        }
        let stations = proportional(problem, &path)
            .then(|| ladder(problem, &path).ok())
            .flatten()
            .unwrap_or_default();
        let seen = trend::read(problem.says.op, &stations, to_infinity(problem));
        matches!(seen, Trend::Fails(..))
    })
}
