//! Limits of expectations held against simulated regressions of growing size.

use super::super::assignment::Assignment;
use super::super::equivalents::{either_sides, sides, to_infinity};
use super::super::estimate::{Estimate, Estimator};
use super::super::expectation::is_resolved;
use super::super::path::Path;
use super::super::problem::{Effort, Problem};
use super::super::sampler::{Corner, Sampler};
use super::super::truncated::Truncated;
use super::super::verdict::PathPoint;
use super::found::{BY_SIMULATION, Failure, Found};
use super::remainder::{self, Extrapolated, Rung};
use super::station::admissible;
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::term::evaluate::EvaluationError;

/// Sizes at which expectations without a known equivalent are simulated.
const SIZES: [f64; 4] = [14.0, 28.0, 56.0, 112.0];
/// Sizes are that many times a dimension that stays fixed, at least: before, they show another regime.
const BEYOND: f64 = 2.0;
/// The largest size that is simulated.
const LARGEST: f64 = 400.0;
/// Size of the simulation that a deterministic equivalent is held against.
const SANITY: f64 = 64.0;
/// The part of what is left of the budget that it may cost with the first eigenvalues alone.
const SANE: f64 = 0.1;
/// Sizes at which a failure that equivalents predict is looked for, in turn.
const CONFIRMING: [f64; 2] = [SANITY, 2.0 * SANITY];
/// What one of them may cost, once a first look speaks for the failure.
const CONFIRMING_WORK: f64 = 1e9;
/// Standard errors that confirm a discrepancy.
const CONFIRM: f64 = 4.5;

/// Whether simulations at two moderate sizes see the failure that the equivalent predicts there; `None` where it
/// cannot be simulated or the failure is too small to be seen.
pub(super) fn simulated_failure(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    failure: &mut Failure,
) -> Option<bool> {
    // The larger size first: it is the one that is reported.
    let (size, (seen, last)) = CONFIRMING.into_iter().find_map(|size| {
        let found = seen_failure(problem, path, index | 1 << 40, size)?;
        Some((size, found))
    })?;
    let truncated = Truncated::of(problem, size).map(|truncated| truncated.to_string());
    failure.confirmed_by = format!(
        "a simulation of {} replicates{}: {:.4e} against {:.4e}, {:.1} standard errors apart",
        last.replicates,
        truncated.unwrap_or_default(),
        last.lhs,
        last.rhs,
        last.z().abs()
    );
    failure.estimate = Some(last);
    if !seen {
        return Some(false);
    }
    // What a finite size does alone would be twice as large at half the size.
    match seen_failure(problem, path, index | 1 << 44, 0.5 * size) {
        Some((false, _)) => Some(false),
        _ => Some(true),
    }
}

/// The gap of a simulation, and whether it is the one that the equivalents predict.
fn seen_failure(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    size: f64,
) -> Option<(bool, Estimate)> {
    let at = station_of_size(problem, path, size)?;
    let truncated = Truncated::of(problem, size);
    // Closed forms are confirmed in other arithmetic.
    if truncated.is_some() && sides::<f64>(problem, &at).is_ok() {
        return None;
    }
    let drawn = truncated.as_ref().map(|first| first.of_claim(problem, &at));
    let (problem, at) = drawn.as_ref().map_or((problem, &at), |(p, at)| (p, at));
    let (lhs, rhs) = either_sides(problem, at)?;
    let estimator = Estimator::new(problem, at).ok()?;
    let predicted = (lhs - rhs) / lhs.abs().max(rhs.abs());
    if predicted.abs() < 0.02 {
        return None;
    }
    let replicates = (4e7 / estimator.work_per_replicate()).clamp(40.0, 4000.0);
    let mut estimate = estimator.run(replicates as usize, index).ok()?;
    // What is small takes more to be seen.
    let wanted = estimate.standard_error / estimate.scale / (0.15 * predicted.abs());
    let more = replicates * wanted * wanted;
    let affordable = (CONFIRMING_WORK / estimator.work_per_replicate()).min(16_000.0);
    let hopeful = estimate.gap * predicted > 0.0;
    if wanted > 1.0 && hopeful && more <= affordable {
        estimate = estimator.run(more as usize, index | 1 << 45).ok()?;
    }
    let seen = estimate.gap / estimate.scale;
    if estimate.standard_error / estimate.scale > 0.2 * predicted.abs() {
        return None;
    }
    let same = seen * predicted > 0.0
        && (0.4..2.5).contains(&(seen / predicted))
        && estimate.z().abs() > CONFIRM;
    Some((same, estimate))
}

pub(super) enum Sanity {
    Agrees,
    Unknown,
    Disagrees(String),
}

/// Holds the deterministic equivalent of the left side against a simulation of moderate size.
pub(super) fn sanity(problem: &Problem<'_>, path: &Path<'_>, index: u64) -> Sanity {
    let Some(at) = station_of_size(problem, path, SANITY) else {
        return Sanity::Unknown;
    };
    let truncated = Truncated::of(problem, SANITY);
    let drawn = truncated.as_ref().map(|first| first.of_claim(problem, &at));
    let (problem, at) = drawn.as_ref().map_or((problem, &at), |(p, at)| (p, at));
    let Some((lhs, rhs)) = either_sides(problem, at) else {
        return Sanity::Unknown;
    };
    let Ok(estimator) = Estimator::new(problem, at) else {
        return Sanity::Unknown;
    };
    let replicates = (2e7 / estimator.work_per_replicate()).clamp(30.0, 1000.0);
    // What inverts matrices of all dimensions that are left is dear.
    let dear = replicates * estimator.work_per_replicate() > SANE * budget::left() as f64;
    if truncated.is_some() && dear {
        return Sanity::Unknown;
    }
    let replicates = replicates as usize;
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

/// Whether the claim can be simulated at finite sizes at all; a mean inside of a minimum or an integral cannot.
pub(super) fn covers(problem: &Problem<'_>, sampler: &Sampler<'_>) -> bool {
    let at = sampler.draw(&mut problem.stream(0), Corner::Inside);
    !at.is_some_and(|at| {
        matches!(
            Estimator::new(problem, &at),
            Err(EvaluationError::Unsupported(_))
        )
    })
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
pub(super) fn simulated(problem: &Problem<'_>, path: &Path<'_>, index: u64) -> Found {
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
        Effort::Normal => 8e7,
        Effort::Thorough => 3e9,
    };
    // A dimension that stays fixed takes larger sizes.
    let budget = if path.fixed_dimension().is_some() {
        3.0 * budget
    } else {
        budget
    };
    let rungs = match rungs(problem, path, index, budget) {
        Ok(rungs) => rungs,
        Err(error) => return Found::Unsupported(error.to_string()),
    };
    let limit = match remaining(problem, path, &rungs) {
        Ok(limit) => limit,
        Err(found) => return found,
    };
    let last_size = &rungs[rungs.len() - 1].0;
    let measure = (problem.says.op == RelationOp::TendsTo).then(|| fixed_scale(&rungs));
    let second = match once_more(
        problem,
        path,
        index,
        (*last_size, limit, measure),
        4.0 * budget,
    ) {
        Ok(second) => second,
        Err(what) => return Found::Unclear(what.into()),
    };
    if !is_told_from_rounding(problem, path, &rungs[0]) {
        return Found::Unclear("what simulations show may come from their rounding".into());
    }
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

/// Whether draws in double precision are enough for what they show, at the least size: there a few are drawn without rounding.
fn is_told_from_rounding(
    problem: &Problem<'_>,
    path: &Path<'_>,
    (size, estimate): &(f64, Estimate),
) -> bool {
    station_of_size(problem, path, *size).is_some_and(|at| is_resolved(problem, &at, estimate.gap))
}

/// What a distance from a limit is measured against. What tends to zero is not measured against itself; nor is what is
/// left of sides that grow, such as `T*(a - b)`, measured against sides that grow: their growth is taken out.
fn fixed_scale(rungs: &[(f64, Estimate)]) -> f64 {
    const GROWS: f64 = 0.25;
    let (Some((small, first)), Some((large, last))) = (rungs.first(), rungs.last()) else {
        return 1.0;
    };
    let power = (last.scale / first.scale).ln() / (large / small).ln();
    if power.is_finite() && power > GROWS {
        last.rhs.abs().max(last.scale / large.powf(power))
    } else {
        last.scale
    }
}

/// The relative discrepancy that remains at infinite size; what is found where none surely does.
fn remaining(
    problem: &Problem<'_>,
    path: &Path<'_>,
    rungs: &[(f64, Estimate)],
) -> Result<f64, Found> {
    let fixed = fixed_scale(rungs);
    let scale = |e: &Estimate| match problem.says.op {
        RelationOp::TendsTo => fixed,
        _ => e.scale,
    };
    let seen: Vec<Rung> = rungs
        .iter()
        .map(|(size, e)| Rung {
            size: *size,
            gap: e.gap / scale(e),
            error: e.standard_error / scale(e),
        })
        .collect();
    let sides = [&problem.says.lhs, &problem.says.rhs];
    let dimension_grows = path.fixed_dimension().is_none();
    let mut powers = remainder::powers(sides, problem.scope, dimension_grows);
    powers.extend(path.slower_powers());
    match remainder::read(&seen, &powers) {
        Extrapolated::Unknown => Err(Found::TooLarge(
            "too few sizes along the path can be simulated".into(),
        )),
        Extrapolated::Zero { distance, detects } => Err(Found::Holds {
            distance,
            detects,
            how: BY_SIMULATION,
        }),
        Extrapolated::Blurred(detects) => Err(Found::Unclear(format!(
            "the simulation could not have seen a discrepancy below {:.0} %",
            100.0 * detects
        ))),
        Extrapolated::Fading if path.fixed_dimension().is_some() => Err(Found::TooLarge(
            "sizes that can be simulated are small beside others".into(),
        )),
        Extrapolated::Fading | Extrapolated::Unclear => Err(Found::Unclear(format!(
            "a discrepancy of {:.1} % at the largest size",
            100.0 * seen.last().map_or(f64::NAN, |rung| rung.gap)
        ))),
        Extrapolated::Remains(limit) => Ok(limit),
    }
}

/// Simulations at growing sizes. Sizes at which a side has no value, or tails are too heavy for a mean, are passed over.
fn rungs(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    budget: f64,
) -> Result<Vec<(f64, Estimate)>, EvaluationError> {
    let mut rungs = Vec::new();
    let fixed = path.fixed_dimension().unwrap_or(0.0);
    let factor = (BEYOND * fixed / SIZES[0]).max(1.0);
    for (rung, size) in SIZES.map(|size| size * factor).into_iter().enumerate() {
        if size > LARGEST {
            break;
        }
        let Some(at) = station_of_size(problem, path, size) else {
            continue;
        };
        let estimator = match Estimator::new(problem, &at) {
            Ok(estimator) => estimator,
            Err(EvaluationError::Undefined(_)) => continue,
            Err(other) => return Err(other),
        };
        let replicates = (budget / estimator.work_per_replicate()).clamp(24.0, 16_000.0) as usize;
        match estimator.run(replicates, (index * 16 + rung as u64) | (1 << 42)) {
            Ok(estimate) if estimate.heavy && replicates > 200 => {}
            Ok(estimate) => rungs.push((size, estimate)),
            Err(EvaluationError::Undefined(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(rungs)
}

/// A discrepancy with fresh numbers at the largest size and at half as much again; why not, where it is not confirmed.
fn once_more(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    (largest, limit, measure): (f64, f64, Option<f64>),
    budget: f64,
) -> Result<Estimate, &'static str> {
    let mut second = None;
    for size in [largest, 1.5 * largest] {
        let Some(at) = station_of_size(problem, path, size) else {
            continue;
        };
        let Ok(estimator) = Estimator::new(problem, &at) else {
            continue;
        };
        let replicates = (budget / estimator.work_per_replicate()).clamp(40.0, 6000.0) as usize;
        let Ok(estimate) = estimator.run(replicates, index | 1 << 43) else {
            continue;
        };
        let again = estimate.gap / measure.unwrap_or(estimate.scale);
        if estimate.z().abs() < CONFIRM || again * limit <= 0.0 || again.abs() < 0.5 * limit.abs() {
            return Err("a larger simulation did not confirm a discrepancy");
        }
        second = Some(estimate);
    }
    second.ok_or("no larger simulation was possible")
}
