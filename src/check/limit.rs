//! Relations of limits: `~`, `asymp`, `<~`, `>~`, `->` along the declared path.
//!
//! Both sides are evaluated along a ladder of stations; expectations are replaced by their deterministic
//! equivalents where the formula's are known, and simulated at growing sizes where not.

use super::assignment::Assignment;
use super::estimate::{Estimate, Estimator};
use super::expectation::record;
use super::path::Path;
use super::problem::{Effort, Problem};
use super::sampler::{Corner, Sampler};
use super::trend::{self, Station, Trend};
use super::verdict::{Finding, PathPoint, Verdict};
use super::witness;
use crate::formula::ast::{Node, RelationOp};
use crate::formula::asymptotic::{self, LevelShare};
use crate::formula::equivalence::{self, EquivalenceError};
use crate::formula::evaluate::{EvaluationError, Evaluator, LinearAlgebra, rows};
use crate::formula::walk;
use crate::number::{Ball, Real};
use crate::simulate::Stream;

/// Powers of ten at which both sides are evaluated.
const LADDER: [f64; 15] = [
    2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0,
];
/// Sizes at which expectations without a known equivalent are simulated.
const SIZES: [f64; 4] = [14.0, 28.0, 56.0, 112.0];
/// Size of the simulation that a deterministic equivalent is held against.
const SANITY: f64 = 64.0;
/// Fewest points that make a verdict.
const FEWEST: usize = 3;
/// Standard errors that propose a discrepancy, and confirm it.
const PROPOSE: f64 = 4.0;
const CONFIRM: f64 = 4.5;
/// A simulated limit must have been able to show a discrepancy of this size.
const POWER: f64 = 0.12;

/// What was found at one point of the domain.
enum Found {
    Holds {
        distance: f64,
        detects: f64,
        how: &'static str,
    },
    Fails(Box<Failure>),
    Unclear(String),
    Undefined(String),
    Unsupported(String),
}

struct Failure {
    assignment: Assignment,
    excess: f64,
    points: Vec<PathPoint>,
    what: String,
    estimate: Option<Estimate>,
    confirmed_by: String,
    how: &'static str,
}

const BY_EVALUATION: &str = "evaluation along the limit path";
const BY_EQUIVALENT: &str = "deterministic equivalents along the limit path, checked by simulation";
const BY_GERMS: &str = "leading terms of both sides along the limit, exponents exact";
const BY_SIMULATION: &str = "Monte Carlo at growing sizes, extrapolated";

/// Decides a relation of limits.
pub fn decide(problem: &Problem<'_>) -> Finding {
    let Some(limit) = &problem.scope.limit else {
        return Finding::new(Verdict::Error, "limit").because(
            "the relation needs a [limit] table that says which variable tends to infinity",
        );
    };
    if problem.random && !problem.expectation {
        return Finding::new(Verdict::Error, "limit")
            .because("a limit of random objects outside E[…]");
    }
    let costly = has_extremum(problem);
    let wanted = match (problem.effort, problem.expectation) {
        (Effort::Quick, _) => 6,
        (Effort::Normal, _) if costly => 12,
        (Effort::Normal, false) => 24,
        (Effort::Normal, true) => 10,
        (Effort::Thorough, _) => 80,
    };
    let sampler = Sampler::new(
        problem.scope,
        &[&problem.says.lhs, &problem.says.rhs],
        f64::INFINITY,
    );
    let (mut points, mut holds) = (0, Vec::new());
    let (mut unclear, mut undefined, mut unsupported) = (Vec::new(), Vec::new(), Vec::new());
    let mut how = BY_EVALUATION;
    // Equivalents cost little, so that many more points can be looked at where they are known.
    let ample = if problem.expectation {
        20 * wanted
    } else {
        wanted
    };
    for index in 0..3 * ample as u64 {
        let enough = if how == BY_EQUIVALENT { ample } else { wanted };
        if holds.len() + unclear.len() >= enough
            || how != BY_EQUIVALENT && index >= 3 * wanted as u64
        {
            break;
        }
        let mut stream = problem.stream(index);
        let Some(base) = draw(
            &sampler,
            &mut stream,
            index,
            problem.scope.assumptions.len(),
        ) else {
            continue;
        };
        points += 1;
        let found = match Path::new(problem.scope, limit, &base) {
            Ok(path) => at_point(problem, &path, index, holds.len()),
            Err(error) => Found::Undefined(error.to_string()),
        };
        match found {
            Found::Holds {
                distance,
                detects,
                how: by,
            } => {
                how = by;
                holds.push((distance, detects));
            }
            Found::Fails(failure) => {
                return refuted(
                    problem,
                    &sampler,
                    *failure,
                    points,
                    undefined.len() + unclear.len(),
                );
            }
            Found::Unclear(what) => unclear.push(what),
            Found::Undefined(what) => undefined.push(what),
            Found::Unsupported(what) => unsupported.push(what),
        }
        if unsupported.len() >= 3 && holds.is_empty() {
            break;
        }
    }
    let discarded = undefined.len() + unclear.len() + unsupported.len();
    let mut finding = if let (Some(what), true) = (unsupported.first(), holds.is_empty()) {
        Finding::new(Verdict::Error, how).because(what.clone())
    } else if points < FEWEST {
        Finding::new(Verdict::Vacuous, how).because(format!(
            "the assumptions left {points} of the points that were tried"
        ))
    } else if holds.len() < FEWEST || holds.len() < 4 * unclear.len() {
        let what = unclear
            .first()
            .or(undefined.first())
            .cloned()
            .unwrap_or_default();
        Finding::new(Verdict::Inconclusive, how).because(format!(
            "{} of {points} points could be decided: {what}",
            holds.len()
        ))
    } else {
        Finding::new(Verdict::Supported, how)
    };
    finding.points = points;
    finding.discarded = discarded;
    finding.worst = holds.iter().map(|h| h.0).reduce(f64::max);
    finding.detects = holds.iter().map(|h| h.1).reduce(f64::max);
    finding
}

/// First every symbol in turn at a special value, then corners of all kinds and the inside.
fn draw(
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    index: u64,
    assumptions: usize,
) -> Option<Assignment> {
    let reals = sampler
        .symbols()
        .filter(|(_, whole, _)| !whole)
        .count()
        .min(8) as u64;
    let turn = (index / 4) as usize;
    let corner = match index {
        _ if index < reals => Corner::Special(index as usize),
        _ if index.is_multiple_of(4) => Corner::Special(turn),
        _ if index % 4 == 1 && sampler.kinks() > 0 => Corner::Kink(turn),
        _ if index % 8 == 2 && assumptions > 0 => Corner::Tight(turn / 2),
        _ if index % 8 == 6 => Corner::Ends,
        _ => Corner::Inside,
    };
    sampler
        .draw(stream, corner)
        .or_else(|| sampler.draw(stream, Corner::Inside))
}

fn at_point(problem: &Problem<'_>, path: &Path<'_>, index: u64, earlier: usize) -> Found {
    if problem.expectation && !proportional(problem, path) {
        return simulated(problem, path, index);
    }
    if !problem.expectation {
        match by_germs(problem, path) {
            Symbolic::Excluded => {
                return Found::Undefined("the assumptions do not last along the limit path".into());
            }
            Symbolic::Holds => return symbolically_true(problem, path, earlier),
            Symbolic::Fails(what) => return symbolically_false(problem, path, what),
            Symbolic::Undecided => {}
        }
    }
    match ladder(problem, path) {
        Ok(stations) => {
            let trend = trend::read(problem.says.op, &stations, to_infinity(problem));
            let how = if problem.expectation {
                BY_EQUIVALENT
            } else {
                BY_EVALUATION
            };
            match trend {
                Trend::Holds(distance) => {
                    if problem.expectation && earlier < 2 {
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
                    let mut failure = Failure {
                        assignment: path.base().clone(),
                        excess,
                        points: thinned(&stations),
                        what,
                        estimate: None,
                        confirmed_by: String::new(),
                        how,
                    };
                    match confirm(problem, path, index, &mut failure) {
                        Ok(()) => Found::Fails(Box::new(failure)),
                        Err(what) => Found::Unclear(what),
                    }
                }
                Trend::Unclear(what) => Found::Unclear(what),
            }
        }
        Err(EquivalenceError::NotRecognised { .. }) => simulated(problem, path, index),
        Err(EquivalenceError::Evaluation(EvaluationError::Undefined(what))) => {
            Found::Undefined(what)
        }
        Err(EquivalenceError::Evaluation(other)) => Found::Unsupported(other.to_string()),
    }
}

enum Symbolic {
    Holds,
    Fails(String),
    /// The assumptions fail from some station on.
    Excluded,
    Undecided,
}

/// The relation between the leading terms, where the calculus of germs reaches.
fn by_germs(problem: &Problem<'_>, path: &Path<'_>) -> Symbolic {
    let base = path.base();
    let levels: Vec<LevelShare> = base
        .spectrum
        .iter()
        .map(|l| (l.value.clone(), l.share.clone(), l.mass.clone()))
        .collect();
    let Ok(point) = asymptotic::point(problem.scope, &base.symbols, &levels) else {
        return Symbolic::Undecided;
    };
    for assumption in &problem.scope.assumptions {
        match asymptotic::eventually(assumption, problem.scope, &point) {
            Ok(true) => {}
            Ok(false) => return Symbolic::Excluded,
            Err(_) => return Symbolic::Undecided,
        }
    }
    match asymptotic::decide(problem.says, problem.scope, &point) {
        Ok(decision) if decision.holds => Symbolic::Holds,
        Ok(decision) => Symbolic::Fails(format!(
            "{}: the left side is {}, the right side {}",
            decision.explanation, decision.lhs, decision.rhs
        )),
        Err(_) => Symbolic::Undecided,
    }
}

/// The first few points are evaluated along the ladder too: steady drift there would be a contradiction.
fn symbolically_true(problem: &Problem<'_>, path: &Path<'_>, earlier: usize) -> Found {
    const LOOKED_AT: usize = 4;
    const STEEP: f64 = 0.1;
    let mut distance = 0.0;
    if earlier < LOOKED_AT
        && !has_extremum(problem)
        && let Ok(stations) = ladder(problem, path)
    {
        match trend::read(problem.says.op, &stations, to_infinity(problem)) {
            Trend::Fails(excess, what) if excess > STEEP => {
                return Found::Unclear(format!("leading terms agree, numbers do not: {what}"));
            }
            Trend::Holds(left) => distance = left,
            _ => {}
        }
    }
    Found::Holds {
        distance,
        detects: 0.0,
        how: BY_GERMS,
    }
}

/// A failure of leading terms, with numbers along the ladder as its witness.
fn symbolically_false(problem: &Problem<'_>, path: &Path<'_>, what: String) -> Found {
    let stations = match ladder(problem, path) {
        Ok(stations) if !stations.is_empty() => stations,
        Ok(_) => return Found::Unclear("no station of the path has values".into()),
        Err(error) => return Found::Unclear(error.to_string()),
    };
    let trend = trend::read(problem.says.op, &stations, to_infinity(problem));
    let seen = match &trend {
        Trend::Fails(_, seen) => format!("numbers along the path: {seen}"),
        Trend::Unclear(_) => "numbers along the path, which do not contradict it".into(),
        Trend::Holds(left) if *left > 1e-7 => {
            "numbers along the path, which do not contradict it".into()
        }
        Trend::Holds(_) => {
            return Found::Unclear(format!("leading terms disagree, numbers do not: {what}"));
        }
    };
    let excess = match trend {
        Trend::Fails(excess, _) => excess,
        _ => 0.0,
    };
    Found::Fails(Box::new(Failure {
        assignment: path.base().clone(),
        excess,
        points: thinned(&stations),
        what,
        estimate: None,
        confirmed_by: format!("exact exponents of the leading terms, and {seen}"),
        how: BY_GERMS,
    }))
}

fn has_extremum(problem: &Problem<'_>) -> bool {
    let mut found = false;
    for side in [&problem.says.lhs, &problem.says.rhs] {
        walk(side, &mut |node| {
            found |= matches!(&*node.node, Node::Extremum { .. })
        });
    }
    found
}

/// Whether the dimension and the rows of every design grow along the path: only then do deterministic
/// equivalents speak of its limit.
fn proportional(problem: &Problem<'_>, path: &Path<'_>) -> bool {
    let sizes = |t: f64| -> Option<Vec<f64>> {
        let at = path.at(t).ok()?;
        let mut sizes = vec![at.dimension(problem.scope).ok()?.unwrap_or(f64::INFINITY)];
        sizes.extend(rows(
            problem.scope,
            &at.blank_environment::<f64>().ok()?,
            &problem.objects,
        ));
        Some(sizes)
    };
    let (Some(near), Some(far)) = (sizes(1e6), sizes(1e12)) else {
        return true;
    };
    near.iter()
        .zip(&far)
        .all(|(a, b)| b.is_infinite() || *b > 10.0 * a && *b > 100.0)
}

fn to_infinity(problem: &Problem<'_>) -> bool {
    matches!(&*problem.says.rhs.node, Node::Infinity)
}

/// Both sides at one point, expectations by their deterministic equivalents.
fn sides<R: LinearAlgebra>(
    problem: &Problem<'_>,
    at: &Assignment,
) -> Result<(R, R), EquivalenceError> {
    let environment = at.environment::<R>(problem.scope)?;
    let evaluator = Evaluator::new(problem.scope, &environment);
    let value = |expr| {
        if problem.expectation {
            equivalence::scalar(expr, problem.scope, &environment)
        } else {
            Ok(evaluator.scalar(expr)?)
        }
    };
    let rhs = if to_infinity(problem) {
        R::one()
    } else {
        value(&problem.says.rhs)?
    };
    Ok((value(&problem.says.lhs)?, rhs))
}

fn admissible(problem: &Problem<'_>, at: &Assignment) -> bool {
    let Ok(environment) = at.environment::<Ball>(problem.scope) else {
        return false;
    };
    let evaluator = Evaluator::new(problem.scope, &environment);
    problem
        .scope
        .assumptions
        .iter()
        .all(|a| match evaluator.holds(a) {
            Ok(Some(holds)) => holds,
            Ok(None) => !matches!(a.op, RelationOp::Lt | RelationOp::Gt),
            Err(_) => false,
        })
}

/// The stations at which the assumptions hold and both sides have values.
fn ladder(problem: &Problem<'_>, path: &Path<'_>) -> Result<Vec<Station>, EquivalenceError> {
    let mut stations: Vec<Station> = Vec::new();
    let mut last_error = None;
    let mut excluded = 0;
    // A minimum costs hundreds of evaluations a station.
    let step = if has_extremum(problem) { 2 } else { 1 };
    for exponent in LADDER.into_iter().step_by(step) {
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
        match sides::<Ball>(problem, &at) {
            Ok((lhs, rhs)) => {
                let error = relative_radius(&lhs) + relative_radius(&rhs);
                // Past the reach of the engine, stations only blur.
                if error > 1e-3 && stations.len() >= trend::FEWEST {
                    break;
                }
                let point = PathPoint {
                    at: 10f64.powf(exponent),
                    lhs: lhs.midpoint(),
                    rhs: rhs.midpoint(),
                };
                stations.push(Station { point, error });
            }
            Err(EquivalenceError::Evaluation(EvaluationError::Undefined(what))) => {
                last_error = Some(EquivalenceError::Evaluation(EvaluationError::Undefined(
                    what,
                )));
            }
            Err(other) => return Err(other),
        }
    }
    if stations.len() < trend::FEWEST {
        if excluded > LADDER.len() - trend::FEWEST {
            let what = "the assumptions do not last along the limit path".into();
            return Err(EvaluationError::Undefined(what).into());
        }
        if let Some(error) = last_error {
            return Err(error);
        }
    }
    Ok(stations)
}

fn relative_radius(value: &Ball) -> f64 {
    if value.is_zero() {
        0.0
    } else {
        value.relative_radius()
    }
}

fn thinned(stations: &[Station]) -> Vec<PathPoint> {
    let n = stations.len();
    let mut chosen = vec![0, n / 3, 2 * n / 3, n - 1];
    chosen.dedup();
    chosen.into_iter().map(|i| stations[i].point).collect()
}

/// The failure again by other means: simulation where expectations occur, double precision where not.
fn confirm(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    failure: &mut Failure,
) -> Result<(), String> {
    if problem.expectation {
        match simulated_failure(problem, path, index, failure) {
            Some(true) => return Ok(()),
            Some(false) => {
                return Err("the deterministic equivalent and the simulation disagree".into());
            }
            None => {}
        }
    }
    let mut stations = Vec::new();
    for point in &failure.points {
        let at = path.at(point.at).map_err(|e| e.to_string())?;
        let (lhs, rhs) = sides::<f64>(problem, &at).map_err(|e| e.to_string())?;
        let agrees = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
        if !agrees(lhs, point.lhs) || !agrees(rhs, point.rhs) {
            return Err(format!(
                "double precision finds {lhs:e} against {rhs:e} at {:e} where balls find {:e} against {:e}",
                point.at, point.lhs, point.rhs
            ));
        }
        stations.push((lhs, rhs));
    }
    failure.confirmed_by = format!(
        "{} stations of the path again in double precision",
        stations.len()
    );
    Ok(())
}

/// Whether a simulation at moderate size sees the failure that the equivalent predicts there; `None` where it
/// cannot be simulated or the failure is too small to be seen.
fn simulated_failure(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    failure: &mut Failure,
) -> Option<bool> {
    let at = station_of_size(problem, path, SANITY)?;
    let (lhs, rhs) = sides::<f64>(problem, &at).ok()?;
    let estimator = Estimator::new(problem, &at).ok()?;
    let predicted = (lhs - rhs) / lhs.abs().max(rhs.abs());
    if predicted.abs() < 0.02 {
        return None;
    }
    let replicates = (2e8 / estimator.work_per_replicate()).clamp(40.0, 4000.0) as usize;
    let estimate = estimator.run(replicates, index | 1 << 40).ok()?;
    let seen = estimate.gap / estimate.scale;
    if estimate.standard_error / estimate.scale > 0.2 * predicted.abs() {
        return None;
    }
    let same = seen * predicted > 0.0
        && (0.4..2.5).contains(&(seen / predicted))
        && estimate.z().abs() > CONFIRM;
    failure.confirmed_by = format!(
        "a simulation of {} replicates: {:.4e} against {:.4e}, {:.1} standard errors apart",
        estimate.replicates,
        estimate.lhs,
        estimate.rhs,
        estimate.z().abs()
    );
    failure.estimate = Some(estimate);
    Some(same)
}

enum Sanity {
    Agrees,
    Unknown,
    Disagrees(String),
}

/// Holds the deterministic equivalent of the left side against a simulation of moderate size.
fn sanity(problem: &Problem<'_>, path: &Path<'_>, index: u64) -> Sanity {
    let Some(at) = station_of_size(problem, path, SANITY) else {
        return Sanity::Unknown;
    };
    let Ok((lhs, rhs)) = sides::<f64>(problem, &at) else {
        return Sanity::Unknown;
    };
    let Ok(estimator) = Estimator::new(problem, &at) else {
        return Sanity::Unknown;
    };
    let replicates = (6e7 / estimator.work_per_replicate()).clamp(30.0, 1000.0) as usize;
    let Ok(estimate) = estimator.run(replicates, index | 1 << 41) else {
        return Sanity::Unknown;
    };
    let scale = lhs.abs().max(rhs.abs()).max(f64::MIN_POSITIVE);
    let off = ((estimate.gap - (lhs - rhs)) / scale).abs();
    if off <= 6.0 * estimate.standard_error / scale + 0.35 || estimate.heavy {
        Sanity::Agrees
    } else {
        Sanity::Disagrees(format!(
            "the deterministic equivalent {lhs:.4e} and a simulation at moderate size, {:.4e}, disagree",
            estimate.lhs
        ))
    }
}

/// The admissible point of the path whose largest size is about `size`, where the smallest is not tiny.
fn station_of_size(problem: &Problem<'_>, path: &Path<'_>, size: f64) -> Option<Assignment> {
    let (mut low, mut high) = (0.0f64, 15.0f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let at = path.at(10f64.powf(middle)).ok()?;
        if path.size(&at).1 > size {
            high = middle
        } else {
            low = middle
        }
    }
    let at = path.at(10f64.powf(low)).ok()?;
    let (least, most) = path.size(&at);
    // Sizes that stay fixed along the path count for the work, not for the limit.
    (least >= 2.0 && most >= 0.5 * size && most <= 1.05 * size && admissible(problem, &at))
        .then_some(at)
}

/// `~` and `->` by simulation at growing sizes, the remainder fitted by a power of the size.
fn simulated(problem: &Problem<'_>, path: &Path<'_>, index: u64) -> Found {
    if !matches!(
        problem.says.op,
        RelationOp::Equivalent | RelationOp::TendsTo
    ) || to_infinity(problem)
    {
        return Found::Unclear(
            "no deterministic equivalent is known of an expectation in it".into(),
        );
    }
    let budget = match problem.effort {
        Effort::Quick => 3e7,
        Effort::Normal => 1.2e8,
        Effort::Thorough => 3e9,
    };
    let mut rungs: Vec<(f64, Estimate)> = Vec::new();
    for (rung, size) in SIZES.into_iter().enumerate() {
        let Some(at) = station_of_size(problem, path, size) else {
            continue;
        };
        let estimator = match Estimator::new(problem, &at) {
            Ok(estimator) => estimator,
            Err(EvaluationError::Undefined(_)) => continue,
            Err(other) => return Found::Unsupported(other.to_string()),
        };
        let replicates = (budget / estimator.work_per_replicate()).clamp(24.0, 6000.0) as usize;
        match estimator.run(replicates, (index * 16 + rung as u64) | (1 << 42)) {
            Ok(estimate) if estimate.heavy && replicates > 200 => {}
            Ok(estimate) => rungs.push((size, estimate)),
            Err(EvaluationError::Undefined(_)) => {}
            Err(other) => return Found::Unsupported(other.to_string()),
        }
    }
    let Some((limit, error, bend)) = extrapolated(&rungs) else {
        return Found::Undefined("too few sizes along the path can be simulated".into());
    };
    let (last_size, last) = &rungs[rungs.len() - 1];
    let tolerance = PROPOSE * error + bend;
    if limit.abs() <= tolerance {
        return if tolerance <= POWER {
            Found::Holds {
                distance: limit.abs(),
                detects: tolerance,
                how: BY_SIMULATION,
            }
        } else {
            Found::Unclear(format!(
                "the simulation could not have seen a discrepancy below {:.0} %",
                100.0 * tolerance
            ))
        };
    }
    // A discrepancy that shrinks like 1/size is a finite-size effect, whatever the fit says.
    let seen = last.gap / last.scale;
    let first = rungs[0].1.gap / rungs[0].1.scale;
    if limit.abs() < 0.05 || seen.abs() < 0.5 * limit.abs() || seen.abs() < 0.35 * first.abs() {
        return Found::Unclear(format!(
            "a discrepancy of {:.1} % at the largest size",
            100.0 * seen
        ));
    }
    // Fresh numbers at the largest size and at half as much again.
    let mut second = None;
    for size in [*last_size, 1.5 * last_size] {
        let Some(at) = station_of_size(problem, path, size) else {
            continue;
        };
        let Ok(estimator) = Estimator::new(problem, &at) else {
            continue;
        };
        let replicates =
            (4.0 * budget / estimator.work_per_replicate()).clamp(40.0, 6000.0) as usize;
        let Ok(estimate) = estimator.run(replicates, index | 1 << 43) else {
            continue;
        };
        let again = estimate.gap / estimate.scale;
        if estimate.z().abs() < CONFIRM || again * limit <= 0.0 || again.abs() < 0.5 * limit.abs() {
            return Found::Unclear("a larger simulation did not confirm a discrepancy".into());
        }
        second = Some(estimate);
    }
    let Some(second) = second else {
        return Found::Unclear("no larger simulation was possible".into());
    };
    let points = rungs
        .iter()
        .map(|(size, e)| PathPoint {
            at: *size,
            lhs: e.lhs,
            rhs: e.rhs,
        })
        .collect();
    Found::Fails(Box::new(Failure {
        assignment: path.base().clone(),
        excess: limit.abs(),
        points,
        what: format!("the sides differ by {:.1} % in the limit", 100.0 * limit),
        confirmed_by: format!(
            "a fresh and larger simulation of {} replicates, {:.1} standard errors apart",
            second.replicates,
            second.z().abs()
        ),
        estimate: Some(second),
        how: BY_SIMULATION,
    }))
}

/// The relative discrepancy at infinite size from a line in 1/size, its standard error, and how much a fit
/// without the smallest size moves it.
fn extrapolated(rungs: &[(f64, Estimate)]) -> Option<(f64, f64, f64)> {
    if rungs.len() < 3 {
        return None;
    }
    let fit = |rungs: &[(f64, Estimate)]| {
        let (mut s, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (size, e) in rungs {
            let (x, y) = (1.0 / size, e.gap / e.scale);
            let error = (e.standard_error / e.scale).max(1e-9);
            let w = 1.0 / (error * error);
            (s, sx, sy, sxx, sxy) = (
                s + w,
                sx + w * x,
                sy + w * y,
                sxx + w * x * x,
                sxy + w * x * y,
            );
        }
        let determinant = s * sxx - sx * sx;
        (
            (sxx * sy - sx * sxy) / determinant,
            (sxx / determinant).sqrt(),
        )
    };
    let (limit, error) = fit(rungs);
    let (without, wider) = fit(&rungs[1..]);
    let bend = ((without - limit).abs() - 2.0 * wider).max(0.0);
    (limit.is_finite() && error.is_finite()).then_some((limit, error, bend))
}

fn refuted(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    failure: Failure,
    points: usize,
    discarded: usize,
) -> Finding {
    let mut failure = failure;
    if let (true, Some(limit)) = (failure.how != BY_SIMULATION, &problem.scope.limit) {
        let mut attempts = 0;
        let symbolic = failure.how == BY_GERMS;
        let simple = witness::shrink(&failure.assignment, sampler, |trial| {
            attempts += 1;
            attempts <= 60
                && Path::new(problem.scope, limit, trial).is_ok_and(|path| {
                    if symbolic {
                        return matches!(by_germs(problem, &path), Symbolic::Fails(_));
                    }
                    ladder(problem, &path).is_ok_and(|stations| {
                        matches!(trend::read(problem.says.op, &stations, to_infinity(problem)),
                            Trend::Fails(excess, _) if excess >= 0.3 * failure.excess)
                    })
                })
        });
        // The simple point must pass the same double check.
        if let Ok(path) = Path::new(problem.scope, limit, &simple)
            && let Found::Fails(simpler) = at_point(problem, &path, 7777, 0)
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
    found.path = Some(failure.points);
    found.confirmed_by = failure.confirmed_by;
    let mut finding = Finding::new(Verdict::Refuted, failure.how).because(failure.what);
    finding.worst = Some(failure.excess);
    finding.points = points;
    finding.discarded = discarded;
    finding.witness = Some(found);
    finding
}
