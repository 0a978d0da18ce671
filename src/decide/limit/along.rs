//! What is found along the paths through many points of a domain.

use super::super::assignment::Assignment;
use super::super::equivalents::{sides, to_infinity};
use super::super::expectation::record;
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::sampler::{Corner, Sampler};
use super::super::trend::{self, Trend};
use super::super::verdict::{Finding, Verdict};
use super::super::witness;
use super::confirm::confirm;
use super::exponents;
use super::found::{
    BY_CELLS, BY_EQUIVALENT, BY_EVALUATION, BY_GERMS, BY_POWER, BY_RATIO, BY_REACH, BY_SIMULATION,
    BY_SIZES, Failure, Found,
};
use super::phases::Phases;
use super::points::{corners, draw, sampler_up_to};
use super::reach;
use super::simulation::{Sanity, sanity, simulated};
use super::standing::standing;
use super::station::{
    at_a_glance, constant_ratio, has_extremum, ladder, proportional, pure_power, short_ladder,
    speaks_of_orders, thinned,
};
use super::symbolic::{Symbolic, by_germs, symbolically_false};
use super::tally::Tally;
use crate::budget;
use crate::formula::scope::Limit;
use crate::term::equivalence::EquivalenceError;
use crate::term::evaluate::EvaluationError;

/// Points at which numbers along the path are looked at for what to say; they decide nothing.
pub(super) const SUGGESTIONS: usize = 2;
/// Points that stay unclear before simulations no longer stand in for equivalents.
const SIMULATED: usize = 2;
/// Points at which the expansions check what cells of exponents cover.
pub(super) const CROSS_CHECKS: usize = 4;
/// The part of what is left of a budget that the confirmation of a failure at one point may take.
const CONFIRMING: u64 = 3;
/// Of expectations, every so many points has sizes near each other, at which a failure can be simulated.
const COMPACT: u64 = 3;
/// The largest of these sizes.
const COMPACT_SIZE: f64 = 40.0;
/// Points that had all their stations, before two are enough at others.
const WHOLE_LADDERS: usize = 10;
/// Whole ladders end this near to agreement where two stations are tried.
const SHARP: f64 = 1e-9;
/// Points at which two were not, before they are tried no more.
const GLANCES_MISSED: usize = 3;
/// Streams of the points at corners of the domain.
const AT_CORNERS: u64 = 1 << 21;

/// What is found along the paths from many points of the domain; the finding where one refutes.
pub(super) fn along_paths(
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
    let assumptions = problem.scope.assumptions.len();
    let mut phases = Phases::new(problem, limit);
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
        let near = compact.as_ref().filter(|_| index.is_multiple_of(COMPACT));
        let drawn = phases.rarest(index, |number| {
            let mut stream = problem.stream(number);
            match near {
                Some(sampler) => {
                    let base = sampler.draw(&mut stream, Corner::Inside)?;
                    Some((base, true))
                }
                None => draw(sampler, &mut stream, index, assumptions),
            }
        });
        let Some(drawn) = drawn else {
            continue;
        };
        visit(
            problem,
            (sampler, limit),
            drawn,
            index,
            suggestions,
            &mut tally,
        )?;
        if tally.unsupported.len() >= 3 && tally.holds.is_empty() {
            break;
        }
    }
    // What cells of exponents cover has its corners covered.
    if tally.how == BY_GERMS && wanted > CROSS_CHECKS {
        for (which, base) in corners(problem, sampler, limit).into_iter().enumerate() {
            if costly && budget::left() < budget / 2 {
                break;
            }
            let index = AT_CORNERS | which as u64;
            visit(
                problem,
                (sampler, limit),
                (base, false),
                index,
                suggestions,
                &mut tally,
            )?;
        }
    }
    Ok(tally)
}

/// What is found along the path from one point, added to the rest; the finding where it refutes.
fn visit(
    problem: &Problem<'_>,
    (sampler, limit): (&Sampler<'_>, &Limit),
    (base, inside): (Assignment, bool),
    index: u64,
    suggestions: usize,
    tally: &mut Tally,
) -> Result<(), Box<Finding>> {
    let found = match Path::new(problem.scope, limit, &base) {
        Ok(path) => {
            let (held, unclear) = tally.earlier();
            let earlier = (held, unclear + SUGGESTIONS - suggestions);
            glanced(problem, &path, tally)
                .unwrap_or_else(|| at_point(problem, &path, index, earlier))
        }
        Err(error) => Found::Undefined(error.to_string()),
    };
    match tally.add(unless_read_off(problem, found), inside) {
        Some(failure) => {
            let (points, discarded) = (tally.points, tally.discarded());
            Err(Box::new(refuted(
                problem, sampler, *failure, points, discarded,
            )))
        }
        None => Ok(()),
    }
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

/// Of expectations no order of growth is read off a ladder of numbers, unless the ratio of the sides is constant, or one
/// power from end to end.
pub(super) fn unless_read_off(problem: &Problem<'_>, found: Found) -> Found {
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

/// `earlier`: points that held and that stayed unclear so far.
pub(super) fn at_point(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    earlier: (usize, usize),
) -> Found {
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
pub(super) fn is_large(problem: &Problem<'_>, path: &Path<'_>) -> bool {
    const FAR: f64 = 1e9;
    let side = || sides::<f64>(problem, &path.at(FAR)?);
    matches!(
        side(),
        Err(EquivalenceError::Evaluation(EvaluationError::TooLarge(_)))
    )
}

/// A failure, if other means see it too; `unclear` points stayed so before.
pub(super) fn confirmed(
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
pub(super) fn open(problem: &Problem<'_>, path: &Path<'_>, why: &str) -> Found {
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

pub(super) fn refuted(
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

pub(super) fn speaks_of_exponents(problem: &Problem<'_>) -> bool {
    exponents::speaks_of_exponents(problem.scope, [&problem.says.lhs, &problem.says.rhs])
}
