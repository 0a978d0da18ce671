//! Relations of limits: `~`, `asymp`, `<~`, `>~`, `->` along the declared path.
//!
//! Both sides are evaluated along a ladder of stations; expectations are replaced by their deterministic
//! equivalents where the formula's are known, and simulated at growing sizes where not.

mod confirm;
mod exponents;
mod found;
mod growth;
mod known;
mod order;
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

use super::expectation::record;
use super::path::Path;
use super::problem::{Effort, Problem};
use super::sampler::{Corner, Sampler};
use super::trend::{self, Trend};
use super::verdict::{Finding, Verdict};
use super::witness;
use crate::budget;
use crate::formula::ast::{Expr, Extremum, Node};
use crate::formula::scope::{Limit, Symbol};
use crate::term::equivalence::EquivalenceError;
use crate::term::evaluate::EvaluationError;
use confirm::confirm;
pub use exponents::of_exponents;
use found::{
    BY_CELLS, BY_EQUIVALENT, BY_EVALUATION, BY_GERMS, BY_POWER, BY_RATIO, BY_REACH, BY_SIMULATION,
    BY_SIZES, CHECKED, Failure, Found, UNCHECKED,
};
use known::{GIVEN, Replaced, WRITTEN, replaced, unseen};
pub use order::beyond_equivalents;
use points::{draw, sampler, sampler_up_to};
use simulation::{Sanity, sanity, simulated};
use standing::standing;
pub(crate) use station::sides;
pub use station::takes_minimum;
use station::{
    at_a_glance, constant_ratio, has_extremum, ladder, proportional, pure_power, short_ladder,
    speaks_of_orders, thinned, to_infinity,
};
use symbolic::{Symbolic, by_germs, symbolically_false};
use tally::Tally;
use whole::{Whole, by_cells};

/// Points at which numbers along the path are looked at for what to say; they decide nothing.
const SUGGESTIONS: usize = 2;
/// Points that stay unclear before simulations no longer stand in for equivalents.
const SIMULATED: usize = 2;
/// Points at which the expansions check what cells of exponents cover.
const CROSS_CHECKS: usize = 4;
/// The part of what is left of a budget that the confirmation of a failure at one point may take.
const CONFIRMING: u64 = 3;
/// Points at which a statement is tried before it is decided.
const TRIED: u64 = 4;
/// Of expectations, every so many points has sizes near each other, at which a failure can be simulated.
const COMPACT: u64 = 3;
/// Points that had all their stations, before two are enough at others.
const WHOLE_LADDERS: usize = 10;
/// Whole ladders end this near to agreement where two stations are tried.
const SHARP: f64 = 1e-9;
/// Points at which two were not, before they are tried no more.
const GLANCES_MISSED: usize = 3;
/// Streams of the points at which a claim was refuted before.
const KNOWN: u64 = 1 << 20;
/// The largest of these sizes.
const COMPACT_SIZE: f64 = 40.0;

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
        && let Some(replaced) = replaced(problem, &mut |_| None)
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

fn speaks_of_exponents(problem: &Problem<'_>) -> bool {
    exponents::speaks_of_exponents(problem.scope, [&problem.says.lhs, &problem.says.rhs])
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
    if !asked || !(speaks_of_orders(problem.says.op) || speaks_of_exponents(problem)) {
        return None;
    }
    let replaced = replaced(problem, written)?;
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
    Some(given(WRITTEN, finding))
}

/// What is found rests on equivalents.
fn given(what: &str, mut finding: Finding) -> Finding {
    finding.reason = Some(match finding.reason {
        Some(reason) => format!("given {what}: {reason}"),
        None => format!("given {what}"),
    });
    finding
}

/// What is found along the paths from many points of the domain; the finding where one refutes.
fn along_paths(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    limit: &Limit,
    (wanted, suggestions): (usize, usize),
) -> Result<Tally, Box<Finding>> {
    let costly = has_extremum(problem);
    let compact = problem
        .expectation
        .then(|| sampler_up_to(problem, COMPACT_SIZE));
    let mut tally = Tally::new();
    // Equivalents cost little, so that many more points can be looked at where they are known.
    let ample = match (problem.expectation, costly) {
        (true, true) => wanted,
        (true, false) => 20 * wanted,
        (false, _) => 2 * wanted,
    };
    let budget = budget::left();
    for index in 0..3 * ample as u64 {
        let enough = match tally.how {
            // Systems of equations cost more than closed forms; what is left of the budget is for the verdict.
            BY_EQUIVALENT | BY_RATIO | BY_POWER if budget::left() < budget / 4 => 2 * wanted,
            BY_EQUIVALENT | BY_RATIO | BY_POWER if budget::left() < budget / 2 => 6 * wanted,
            BY_EQUIVALENT | BY_RATIO | BY_POWER => ample,
            // Leading terms cost little, unless a minimum is taken.
            BY_GERMS if !costly || wanted > CROSS_CHECKS && budget::left() > budget / 2 => {
                2 * wanted
            }
            BY_SIMULATION | BY_REACH | BY_SIZES => wanted.div_ceil(2),
            _ => wanted,
        };
        let cheap = [BY_EQUIVALENT, BY_RATIO, BY_POWER, BY_GERMS].contains(&tally.how);
        if tally.decided() >= enough || !cheap && index >= 3 * wanted as u64 {
            break;
        }
        let mut stream = problem.stream(index);
        let assumptions = problem.scope.assumptions.len();
        let near = compact.as_ref().filter(|_| index.is_multiple_of(COMPACT));
        let drawn = match near {
            Some(sampler) => (sampler.draw(&mut stream, Corner::Inside)).map(|base| (base, true)),
            None => draw(sampler, &mut stream, index, assumptions),
        };
        let Some((base, inside)) = drawn else {
            continue;
        };
        let found = match Path::new(problem.scope, limit, &base) {
            Ok(path) => {
                let (held, unclear) = tally.earlier();
                let earlier = (held, unclear + SUGGESTIONS - suggestions);
                glanced(problem, &path, &mut tally)
                    .unwrap_or_else(|| at_point(problem, &path, index, earlier))
            }
            Err(error) => Found::Undefined(error.to_string()),
        };
        if let Some(failure) = tally.add(unless_read_off(problem, found), inside) {
            let (points, discarded) = (tally.points, tally.discarded());
            let finding = refuted(problem, sampler, *failure, points, discarded);
            return Err(Box::new(finding));
        }
        if tally.unsupported.len() >= 3 && tally.holds.is_empty() {
            break;
        }
    }
    Ok(tally)
}

/// What two stations tell of one more point, where many had all of theirs and two were mostly enough so far.
fn glanced(problem: &Problem<'_>, path: &Path<'_>, tally: &mut Tally) -> Option<Found> {
    let known = problem.expectation
        && tally.holds.len() >= WHOLE_LADDERS
        && (tally.holds.iter()).all(|(distance, detects)| distance.max(*detects) < SHARP)
        && tally.glances_missed < GLANCES_MISSED
        && [BY_EQUIVALENT, BY_RATIO].contains(&tally.how);
    if !known || !proportional(problem, path) || reach::turns(problem) {
        return None;
    }
    let Some((distance, error)) = at_a_glance(problem, path) else {
        tally.glances_missed += 1;
        return None;
    };
    Some(Found::Holds {
        distance,
        detects: error.max(distance),
        how: tally.how,
    })
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

/// Of expectations no order of growth is read off a ladder of numbers, unless the ratio of the sides is constant, or one
/// power from end to end.
fn unless_read_off(problem: &Problem<'_>, found: Found) -> Found {
    match found {
        Found::Holds { how, .. } if [BY_RATIO, BY_POWER].contains(&how) => found,
        Found::Fails(failure) if failure.how == BY_POWER => Found::Fails(failure),
        Found::Holds { .. } | Found::Fails(_)
            if problem.expectation && speaks_of_orders(problem.says.op) =>
        {
            Found::Unclear("an order of growth is not read off a ladder of numbers".into())
        }
        found => found,
    }
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

/// What the expansions of both sides say.
fn from_germs(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    earlier: (usize, usize),
) -> Found {
    match by_germs(problem, path) {
        Symbolic::Excluded => Found::Excluded,
        Symbolic::Holds(detects) => Found::Holds {
            distance: 0.0,
            detects,
            how: BY_GERMS,
        },
        Symbolic::Fails(what) => symbolically_false(problem, path, what),
        Symbolic::Undefined(what) => Found::Undefined(what),
        // numbers along a ladder settle no limit: they only tell what to say
        Symbolic::Undecided(why) if speaks_of_exponents(problem) => {
            Found::Unclear(format!("the expansions leave it open ({why})"))
        }
        Symbolic::Undecided(why) if earlier.1 < SUGGESTIONS => match standing(problem, path) {
            Some(Found::Fails(failure)) => confirmed(problem, path, index, *failure, earlier.1),
            Some(found) => found,
            None if is_large(problem, path) => reach::within_reach(problem, path, index, earlier),
            None => open(problem, path, &why),
        },
        Symbolic::Undecided(_) if is_large(problem, path) => {
            reach::within_reach(problem, path, index, earlier)
        }
        Symbolic::Undecided(why) => Found::Unclear(format!("the expansions leave it open ({why})")),
    }
}

/// `earlier`: points that held and that stayed unclear so far.
fn at_point(problem: &Problem<'_>, path: &Path<'_>, index: u64, earlier: (usize, usize)) -> Found {
    if problem.expectation && !proportional(problem, path) {
        return simulated(problem, path, index);
    }
    if path.fixed_dimension().is_none() && reach::turns(problem) {
        return reach::within_reach(problem, path, index, earlier);
    }
    if !problem.expectation {
        return from_germs(problem, path, index, earlier);
    }
    match short_ladder(problem, path) {
        Ok(stations) => {
            let trend = trend::read(problem.says.op, &stations, to_infinity(problem));
            let how = if problem.expectation && constant_ratio(&stations) {
                BY_RATIO
            } else if problem.expectation
                && speaks_of_orders(problem.says.op)
                && pure_power(&stations)
            {
                BY_POWER
            } else if problem.expectation {
                BY_EQUIVALENT
            } else {
                BY_EVALUATION
            };
            match trend {
                Trend::Holds(distance) => {
                    if problem.expectation && earlier.0 < 2 {
                        match sanity(problem, path, index) {
                            Sanity::Agrees | Sanity::Unknown => {}
                            Sanity::Disagrees(what) => return Found::Unclear(what),
                        }
                    }
                    let detects = stations.last().map_or(0.0, |s| s.error.max(distance));
                    Found::Holds {
                        distance,
                        detects,
                        how,
                    }
                }
                Trend::Fails(excess, what) => {
                    let failure = Failure {
                        assignment: path.base().clone(),
                        excess,
                        // near stations are those that a reader recomputes
                        points: thinned(&ladder(problem, path).unwrap_or(stations)),
                        what,
                        estimate: None,
                        confirmed_by: String::new(),
                        how,
                    };
                    confirmed(problem, path, index, failure, earlier.1)
                }
                Trend::Unclear(what) => Found::Unclear(what),
                Trend::Undefined(what) => Found::Undefined(what),
            }
        }
        Err(EquivalenceError::NotRecognised { .. }) => simulated(problem, path, index),
        Err(EquivalenceError::Evaluation(EvaluationError::TooLarge(_))) => {
            reach::within_reach(problem, path, index, earlier)
        }
        Err(EquivalenceError::Evaluation(EvaluationError::Undefined(what))) => {
            Found::Undefined(what)
        }
        Err(EquivalenceError::Evaluation(other)) => Found::Unsupported(other.to_string()),
    }
}

/// Whether a side is too large to be evaluated where the path is long.
fn is_large(problem: &Problem<'_>, path: &Path<'_>) -> bool {
    const FAR: f64 = 1e9;
    let side = || sides::<f64>(problem, &path.at(FAR)?);
    matches!(
        side(),
        Err(EquivalenceError::Evaluation(EvaluationError::TooLarge(_)))
    )
}

/// A failure, if other means see it too; `unclear` points stayed so before.
fn confirmed(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    mut failure: Failure,
    unclear: usize,
) -> Found {
    let attempt = || match confirm(problem, path, index, &mut failure) {
        Ok(()) => Found::Fails(Box::new(failure)),
        Err(what) if !problem.expectation || unclear >= SIMULATED => Found::Unclear(what),
        // Where small sizes have no equivalent, simulations alone may see the limit.
        Err(what) => match simulated(problem, path, index) {
            Found::Fails(found) => Found::Fails(found),
            _ => Found::Unclear(what),
        },
    };
    // One point at which sizes are large may not use up what the others need.
    budget::within(budget::left() / CONFIRMING, attempt).0
}

/// What a ladder of numbers suggests where the expansions leave a limit open.
fn open(problem: &Problem<'_>, path: &Path<'_>, why: &str) -> Found {
    let suggests = match ladder(problem, path) {
        Ok(stations) => match trend::read(problem.says.op, &stations, to_infinity(problem)) {
            Trend::Holds(_) => "numbers along the path suggest that it holds".into(),
            Trend::Fails(_, what) => format!("numbers along the path speak against it ({what})"),
            Trend::Unclear(what) => what,
            Trend::Undefined(what) => return Found::Undefined(what),
        },
        Err(EquivalenceError::Evaluation(EvaluationError::Undefined(what))) => {
            return Found::Undefined(what);
        }
        // Numbers that are not resolved suggest nothing.
        Err(EquivalenceError::Evaluation(EvaluationError::Unresolved(what))) => what,
        Err(EquivalenceError::Evaluation(other)) => {
            return Found::Unsupported(other.to_string());
        }
        Err(error) => error.to_string(),
    };
    Found::Unclear(format!("the expansions leave it open ({why}); {suggests}"))
}

fn refuted(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    failure: Failure,
    points: usize,
    discarded: usize,
) -> Finding {
    let mut failure = failure;
    let small = [BY_SIMULATION, BY_REACH, BY_SIZES].contains(&failure.how);
    if let (false, Some(limit)) = (small, &problem.scope.limit) {
        let mut attempts = 0;
        let costly = has_extremum(problem);
        let symbolic = failure.how == BY_GERMS || failure.how == BY_CELLS;
        let simple = if failure.how == BY_CELLS {
            // the point of a cell is simple already
            failure.assignment.clone()
        } else {
            witness::shrink(&failure.assignment, sampler, |trial| {
                attempts += 1;
                attempts <= if costly { 4 } else { 60 }
                    && Path::new(problem.scope, limit, trial).is_ok_and(|path| {
                        if symbolic {
                            return matches!(by_germs(problem, &path), Symbolic::Fails(_));
                        }
                        ladder(problem, &path).is_ok_and(|stations| {
                            matches!(trend::read(problem.says.op, &stations, to_infinity(problem)),
                            Trend::Fails(excess, _) if excess >= 0.3 * failure.excess)
                        })
                    })
            })
        };
        // The simple point must pass the same double check.
        if let Ok(path) = Path::new(problem.scope, limit, &simple)
            && failure.how != BY_CELLS
            && let Found::Fails(simpler) = at_point(problem, &path, 7777, (0, 0))
        {
            failure = *simpler;
        }
    }
    let last = failure.points.last().copied();
    let (lhs, rhs) = last.map_or((f64::NAN, f64::NAN), |p| (p.lhs, p.rhs));
    let mut found = witness::describe(&failure.assignment, problem.scope, lhs, rhs);
    if let Some(estimate) = &failure.estimate {
        record(&mut found, estimate);
    }
    witness::trim(&mut found, problem);
    found.path = Some(failure.points);
    found.confirmed_by = failure.confirmed_by;
    let mut finding = Finding::new(Verdict::Refuted, failure.how).because(failure.what);
    finding.worst = Some(failure.excess).filter(|x| x.is_finite());
    finding.points = points;
    finding.discarded = discarded;
    finding.witness = Some(found);
    finding
}
