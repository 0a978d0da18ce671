//! Both sides of a limit relation at single stations of its path.

use super::super::assignment::Assignment;
use super::super::equivalents::{
    BLURRED, general_sides, sides, sides_once, sides_with_error, to_infinity,
};
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::trend::{self, Station};
use super::super::verdict::PathPoint;
use crate::budget;
use crate::formula::ast::{Comparison, Node, RelationOp};
use crate::formula::walk;
use crate::number::Ball;
use crate::term::equivalence::{EquivalenceError, general};
use crate::term::evaluate::{EvaluationError, Evaluator, rows};

/// Powers of ten at which both sides are evaluated.
const LADDER: [f64; 15] = [
    2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0,
];
/// The same for a side that is not cheap: a minimum takes hundreds of evaluations, an equivalent a system of equations.
const SPARSE: [f64; 10] = [2.0, 4.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 25.0, 40.0];
/// And where sizes along the path are soon beyond all numbers, so that far stations are out of reach.
const CLOSE: [f64; 14] = [
    1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0,
];
/// And for what is only shown.
const SHOWN: [f64; trend::FEWEST] = [2.0, 4.0, 7.0, 10.0, 15.0];
/// Stations from here on show one power of the variable where there is one; and a change of it that is none, where whole numbers
/// are so large that their rounding does not matter.
const FAR: f64 = 7.0;
const STRAIGHT: f64 = 1e-8;
const WHOLE: f64 = 9e9;
/// Two stations tell of agreement where it is to these shares: the nearer may still have a remainder.
const GLANCED: [f64; 2] = [7.0, 12.0];
const NEARLY: f64 = 1e-6;
const TOLD: f64 = 1e-10;
/// Stations without an equivalent before the ladder is given up.
const REFUSED: usize = 4;

/// Whether the dimension and the rows of every design grow along the path: only then do deterministic
/// equivalents speak of its limit.
pub(super) fn proportional(problem: &Problem<'_>, path: &Path<'_>) -> bool {
    let sizes_at = |t: f64| sizes(problem, &path.at(t).ok()?);
    let (Some(near), Some(far)) = (sizes_at(1e6), sizes_at(1e12)) else {
        return true;
    };
    near.iter()
        .zip(&far)
        // What has no rows leaves the formulas.
        .all(|(a, b)| b.is_infinite() || *b > 10.0 * a && *b > 100.0 || *a == 0.0 && *b == 0.0)
}

/// The dimension and the rows of every design.
pub(super) fn sizes(problem: &Problem<'_>, at: &Assignment) -> Option<Vec<f64>> {
    let mut sizes = vec![at.dimension(problem.scope).ok()?.unwrap_or(f64::INFINITY)];
    sizes.extend(rows(
        problem.scope,
        &at.blank_environment::<f64>().ok()?,
        &problem.objects,
    ));
    Some(sizes)
}

/// Orders of growth: no finite number of stations shows one.
pub(super) fn speaks_of_orders(op: RelationOp) -> bool {
    matches!(
        op,
        RelationOp::SameOrder | RelationOp::OrderAtMost | RelationOp::OrderAtLeast
    )
}

pub(super) fn has_extremum(problem: &Problem<'_>) -> bool {
    takes_minimum(problem.says)
}

/// Whether a relation contains an `argmin` or `inf`, which cost hundreds of evaluations each.
pub fn takes_minimum(says: &Comparison) -> bool {
    let mut found = false;
    for side in [&says.lhs, &says.rhs] {
        walk(side, &mut |node| {
            found |= matches!(&*node.node, Node::Extremum { .. });
        });
    }
    found
}

pub(super) fn admissible(problem: &Problem<'_>, at: &Assignment) -> bool {
    let Ok(environment) = at.environment::<Ball>(problem.scope) else {
        return false;
    };
    let evaluator = Evaluator::new(problem.scope, &environment);
    problem
        .scope
        .assumptions
        .iter()
        .all(|assumption| evaluator.admits(assumption))
}

/// As many stations as it takes to see a trend.
pub(super) fn short_ladder(
    problem: &Problem<'_>,
    path: &Path<'_>,
) -> Result<Vec<Station>, EquivalenceError> {
    if problem.expectation
        && !to_infinity(problem)
        && let Some(stations) = far_stations(problem, path)
    {
        return Ok(stations);
    }
    ladder(problem, path)
}

/// Two far stations, where both sides agree at both to all digits that matter: enough where other points had whole ladders.
/// How far the sides are apart, and the error of telling it.
pub(super) fn at_a_glance(problem: &Problem<'_>, path: &Path<'_>) -> Option<(f64, f64)> {
    let values = matches!(
        problem.says.op,
        RelationOp::Equivalent | RelationOp::TendsTo
    );
    if !values || to_infinity(problem) {
        return None;
    }
    let apart = |lhs: f64, rhs: f64| ((lhs - rhs) / rhs).abs();
    let at = |exponent: f64| {
        let at = path.at(10f64.powf(exponent)).ok()?;
        admissible(problem, &at).then_some(at)
    };
    let (lhs, rhs, error) = sides_with_error(problem, &at(GLANCED[1])?).ok()?;
    let far = apart(lhs, rhs);
    // also where a side is zero or not finite
    if !(error < TOLD && far <= TOLD) {
        return None;
    }
    let at = at(GLANCED[0])?;
    let (lhs, rhs) = match sides::<f64>(problem, &at) {
        Err(EquivalenceError::NotRecognised { .. }) => sides_once(problem, &at)?,
        found => found.ok()?,
    };
    (apart(lhs, rhs) < NEARLY).then_some((far, error))
}

/// The far stations alone, where only general equivalents reach and the ratio of the sides is one power of the variable all
/// along them: then nearer ones tell nothing more, and rounding would show as a ratio that moves.
fn far_stations(problem: &Problem<'_>, path: &Path<'_>) -> Option<Vec<Station>> {
    let mut stations: Vec<Station> = Vec::new();
    for exponent in SPARSE.iter().rev().take_while(|e| **e >= FAR) {
        let t = 10f64.powf(*exponent);
        let at = path.at(t).ok()?;
        if !admissible(problem, &at) {
            continue;
        }
        let (lhs, rhs, error) = match stations.first() {
            None => match sides::<Ball>(problem, &at) {
                Err(EquivalenceError::NotRecognised { .. }) => {
                    general_sides(problem, &at, general::scalar).ok()?
                }
                _ => return None,
            },
            Some(last) => {
                let (lhs, rhs) = sides_once(problem, &at)?;
                (lhs, rhs, last.error)
            }
        };
        let point = PathPoint { at: t, lhs, rhs };
        stations.push(Station { point, error });
        if let [a, b, .., c] = &stations[..]
            && t > WHOLE
            && (local_power(a, b) - local_power(b, c)).abs() > STRAIGHT
        {
            return None;
        }
    }
    stations.reverse();
    let straight = constant_ratio(&stations) || pure_power(&stations);
    (stations.len() >= trend::FEWEST && straight).then_some(stations)
}

/// The stations at which the assumptions hold and both sides have values.
pub(super) fn ladder(
    problem: &Problem<'_>,
    path: &Path<'_>,
) -> Result<Vec<Station>, EquivalenceError> {
    let exponents = if has_extremum(problem) || problem.expectation {
        &SPARSE[..]
    } else {
        &LADDER[..]
    };
    let found = stations_at(problem, path, exponents)?;
    match found.len() < trend::FEWEST {
        true => stations_at(problem, path, &CLOSE),
        false => Ok(found),
    }
}

/// Work on numbers that show a failure and do not decide it.
const BESIDE: u64 = 100_000_000;

/// Numbers beside a failure that is known without them: no more of those that are dear than it takes to see a trend.
pub(super) fn beside_failure(
    problem: &Problem<'_>,
    path: &Path<'_>,
) -> Result<Vec<Station>, EquivalenceError> {
    let seen = || match has_extremum(problem) {
        true => stations_at(problem, path, &SHOWN),
        false => ladder(problem, path),
    };
    budget::within(BESIDE, seen).0
}

fn stations_at(
    problem: &Problem<'_>,
    path: &Path<'_>,
    exponents: &[f64],
) -> Result<Vec<Station>, EquivalenceError> {
    let mut stations: Vec<Station> = Vec::new();
    let mut last_error = None;
    let (mut excluded, mut refused) = (0, 0);
    for &exponent in exponents {
        let at = match path.at(10f64.powf(exponent)) {
            Ok(at) => at,
            Err(error) => {
                last_error = Some(EquivalenceError::Evaluation(error));
                continue;
            }
        };
        if !admissible(problem, &at) {
            excluded += 1;
            continue;
        }
        match sides_with_error(problem, &at) {
            Ok((lhs, rhs, error)) => {
                // Past the reach of the engine, stations only blur; what vanishes has no relative error.
                if error > BLURRED && (rhs != 0.0 || stations.len() >= trend::FEWEST) {
                    break;
                }
                let point = PathPoint {
                    at: 10f64.powf(exponent),
                    lhs,
                    rhs,
                };
                stations.push(Station { point, error });
            }
            Err(EquivalenceError::Evaluation(EvaluationError::Undefined(what))) => {
                last_error = Some(EquivalenceError::Evaluation(EvaluationError::Undefined(
                    what,
                )));
            }
            // Small sizes may be too near a threshold for an equivalent.
            Err(other @ EquivalenceError::NotRecognised { .. }) => {
                refused += 1;
                if refused > REFUSED && stations.is_empty() {
                    return Err(other);
                }
                last_error = Some(other);
            }
            // What was seen before shows the trend.
            Err(EquivalenceError::Evaluation(EvaluationError::Budget))
                if stations.len() >= trend::FEWEST =>
            {
                break;
            }
            Err(other) => return Err(other),
        }
    }
    if stations.len() < trend::FEWEST {
        if excluded + trend::FEWEST > exponents.len() {
            return Ok(Vec::new());
        }
        if let Some(error) = last_error {
            return Err(error);
        }
    }
    Ok(stations)
}

pub(super) fn thinned(stations: &[Station]) -> Vec<PathPoint> {
    let points: Vec<PathPoint> = stations.iter().map(|station| station.point).collect();
    spread(&points)
}

/// Four of all, from end to end.
pub(super) fn spread(points: &[PathPoint]) -> Vec<PathPoint> {
    let n = points.len();
    if n == 0 {
        return Vec::new();
    }
    let mut chosen = vec![0, n / 3, 2 * n / 3, n - 1];
    chosen.dedup();
    chosen.into_iter().map(|i| points[i]).collect()
}

/// Whether the sides keep one ratio from end to end, as where everything grows in proportion: then they are of one order.
pub(super) fn constant_ratio(stations: &[Station]) -> bool {
    (stations.last()).is_some_and(|s| s.point.lhs / s.point.rhs > 0.0) && in_step(stations, 0.0)
}

/// Whether the ratio of the sides is one power of the variable from end to end, of either sign.
pub(super) fn pure_power(stations: &[Station]) -> bool {
    let [.., before, last] = stations else {
        return false;
    };
    let power = local_power(before, last);
    power.is_finite() && in_step(stations, power)
}

/// The power of the variable that takes the ratio of the sides from one station to another.
fn local_power(a: &Station, b: &Station) -> f64 {
    let ratio = |s: &Station| s.point.lhs / s.point.rhs;
    (ratio(b) / ratio(a)).ln() / (b.point.at / a.point.at).ln()
}

/// Whether the ratio of the sides is a constant times `t^power`.
fn in_step(stations: &[Station], power: f64) -> bool {
    // Whole numbers along the path are rounded, which matters less and less.
    const ROUNDED: [(f64, usize, f64); 2] = [(9e6, 4, 1e-4), (WHOLE, 3, 1e-8)];
    let Some(last) = stations.last() else {
        return false;
    };
    let end = last.point.lhs / last.point.rhs;
    let steady = |from: f64, fewest: usize, within: f64| {
        let late = stations.iter().filter(|s| s.point.at > from);
        late.clone().count() >= fewest
            && late.into_iter().all(|s| {
                let since = (s.point.at / last.point.at).powf(power);
                let ratio = s.point.lhs / s.point.rhs / since;
                s.error < within && (ratio / end - 1.0).abs() < within
            })
    };
    end != 0.0
        && end.is_finite()
        && ROUNDED
            .iter()
            .all(|(from, fewest, within)| steady(*from, *fewest, *within))
}
