//! Limits of what can be evaluated at small sizes only, since it holds a matrix in another basis or one that is written out:
//! both sides at every size within reach, and what is left of their discrepancy beyond.

use super::super::assignment::Assignment;
use super::super::equivalents::to_infinity;
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::verdict::PathPoint;
use super::confirm::confirm;
use super::found::{BY_RATIO, BY_REACH, BY_SIZES, Failure, Found};
use super::remainder::{self, Rung};
use super::simulation::{Sanity, sanity, simulated};
use super::station::{admissible, speaks_of_orders, spread};
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::term::equivalence::{EquivalenceError, general};
use crate::term::evaluate::{EvaluationError, Evaluator};

/// Dimensions at which both sides are looked at first, and those that tell what fluctuates with the basis from what stays.
const FIRST: [f64; 4] = [20.0, 40.0, 80.0, 160.0];
const FURTHER: [f64; 6] = [100.0, 112.0, 128.0, 144.0, 176.0, 192.0];
/// What takes longer than those allow, or loses its digits there, is looked at here too.
const SMALL: [f64; 3] = [10.0, 14.0, 28.0];
/// Fewest sizes that show anything.
const FEWEST: usize = 3;
/// A discrepancy below this is rounding.
const NOTHING: f64 = 1e-8;
/// What may be left of a discrepancy that vanishes, with all that is not known of it; and the least that is believed to stay.
const LITTLE: f64 = 0.015;
const LEAST: f64 = 0.02;
/// Per unit of `ln d`, as of other ladders: a discrepancy that falls faster may vanish in the end.
const STAYS: f64 = 0.004;
/// One size takes no more than this share of what is left of the budget.
const SHARE: f64 = 12.0;
/// Points at which the largest size is looked at although smaller ones agree.
const LARGE: usize = 2;
/// Points that may stay unclear before failures are no longer simulated.
const CONFIRMED: usize = 3;

/// Whether a relation holds a matrix in another basis.
pub(super) fn turns(problem: &Problem<'_>) -> bool {
    problem.statement().is_ok_and(|statement| {
        general::turns(statement, [statement.claim.lhs, statement.claim.rhs])
    })
}

/// What both sides are at the sizes within reach.
pub(super) fn within_reach(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    earlier: (usize, usize),
) -> Found {
    let (rungs, equal) = match seen_at(problem, path, earlier) {
        Ok(found) => found,
        Err(found) => return found,
    };
    let how = match problem.expectation {
        true => BY_REACH,
        false => BY_SIZES,
    };
    if equal {
        let how = match problem.expectation && speaks_of_orders(problem.says.op) {
            true => BY_RATIO,
            false => how,
        };
        return held(problem, path, index, earlier, (NOTHING, NOTHING, how));
    }
    if speaks_of_orders(problem.says.op) {
        return Found::Unclear("an order of growth is not read off the sizes within reach".into());
    }
    if rungs.len() < FEWEST {
        return match problem.expectation && rungs.is_empty() {
            true => simulated(problem, path, index),
            false => Found::TooLarge("too few sizes along the path are within reach".into()),
        };
    }
    let (seen, points): (Vec<Rung>, Vec<PathPoint>) = rungs.into_iter().unzip();
    match read(&seen) {
        Seen::Vanishes { distance, detects } => {
            held(problem, path, index, earlier, (distance, detects, how))
        }
        Seen::Open(what) => Found::Unclear(what),
        Seen::Stays(limit) => {
            let mut failure = Failure {
                assignment: path.base().clone(),
                excess: limit.abs(),
                points: spread(&points),
                what: format!(
                    "the sides differ by {:.1} % at all sizes within reach",
                    100.0 * limit
                ),
                confirmed_by: String::new(),
                estimate: None,
                how,
            };
            if earlier.1 >= CONFIRMED {
                return Found::Unclear(failure.what);
            }
            match confirm(problem, path, index, &mut failure) {
                Ok(()) => Found::Fails(Box::new(failure)),
                Err(what) => Found::Unclear(what),
            }
        }
    }
}

/// The discrepancies at as many sizes as it takes, in their order, and whether there is none at all.
fn seen_at(
    problem: &Problem<'_>,
    path: &Path<'_>,
    earlier: (usize, usize),
) -> Result<(Vec<(Rung, PathPoint)>, bool), Found> {
    let first = if earlier.0 < LARGE { 4 } else { 3 };
    let equal = |rungs: &[(Rung, PathPoint)]| {
        rungs.len() >= FEWEST && rungs.iter().all(|(rung, _)| rung.gap.abs() <= NOTHING)
    };
    let mut seen = rungs(problem, path, &FIRST[..first])?;
    if seen.len() < FEWEST {
        seen.extend(rungs(problem, path, &SMALL)?);
    } else if !equal(&seen) && !speaks_of_orders(problem.says.op) {
        let mut more = FURTHER.to_vec();
        more.extend(&FIRST[first..]);
        seen.extend(rungs(problem, path, &more)?);
    }
    seen.sort_by(|a, b| a.0.size.total_cmp(&b.0.size));
    let equal = equal(&seen);
    Ok((seen, equal))
}

/// A point that holds, if a simulation of moderate size does not object.
fn held(
    problem: &Problem<'_>,
    path: &Path<'_>,
    index: u64,
    earlier: (usize, usize),
    (distance, detects, how): (f64, f64, &'static str),
) -> Found {
    if problem.expectation
        && earlier.0 < LARGE
        && let Sanity::Disagrees(what) = sanity(problem, path, index)
    {
        return Found::Unclear(what);
    }
    Found::Holds {
        distance,
        detects,
        how,
    }
}

/// The discrepancy at the dimensions of `sizes`; those without values are passed over.
fn rungs(
    problem: &Problem<'_>,
    path: &Path<'_>,
    sizes: &[f64],
) -> Result<Vec<(Rung, PathPoint)>, Found> {
    let mut rungs = Vec::new();
    let (mut last, mut seen) = (None, 0.0);
    let mut spent = 0.0;
    for &size in sizes {
        let Some((t, at, d)) = station_of_dimension(problem, path, size) else {
            continue;
        };
        // What is left of the budget is for other points too.
        let grows = if seen > 0.0 { (d / seen).powi(3) } else { 1.0 };
        if d == seen
            || spent * grows > budget::left() as f64 / SHARE
            || !admissible_there(problem, &at)
        {
            continue;
        }
        seen = d;
        let before = budget::left();
        match sides_there(problem, &at) {
            Ok((lhs, rhs))
                if rhs == 0.0 && problem.says.op == RelationOp::TendsTo && lhs != 0.0 =>
            {
                return Err(Found::Unclear(
                    "what tends to zero is not told from what is small at sizes within reach"
                        .into(),
                ));
            }
            Ok((lhs, rhs)) => {
                let scale = lhs.abs().max(rhs.abs()).max(f64::MIN_POSITIVE);
                let rung = Rung {
                    size: d,
                    gap: (lhs - rhs) / scale,
                    // What depends on the basis fluctuates like this.
                    error: 1.0 / d,
                };
                rungs.push((rung, PathPoint { at: t, lhs, rhs }));
            }
            Err(EquivalenceError::Evaluation(EvaluationError::Unsupported(what))) => {
                return Err(Found::Unsupported(what));
            }
            Err(other) => last = Some(other),
        }
        spent = before.saturating_sub(budget::left()) as f64;
    }
    match last {
        Some(EquivalenceError::Evaluation(error)) if rungs.is_empty() => {
            Err(Found::Undefined(error.to_string()))
        }
        _ => Ok(rungs),
    }
}

/// Assumptions in double precision: in balls, matrices that are written out take minutes.
fn admissible_there(problem: &Problem<'_>, at: &Assignment) -> bool {
    if !turns(problem) {
        return admissible(problem, at);
    }
    let Ok(environment) = at.environment::<f64>(problem.scope) else {
        return false;
    };
    let evaluator = Evaluator::new(problem.scope, &environment);
    let mut assumptions = problem.scope.assumptions.iter();
    assumptions.all(|assumption| evaluator.admits(assumption))
}

fn sides_there(problem: &Problem<'_>, at: &Assignment) -> Result<(f64, f64), EquivalenceError> {
    let environment = at.environment::<f64>(problem.scope)?;
    let evaluator = Evaluator::new(problem.scope, &environment);
    let statement = problem.statement().map_err(EvaluationError::from)?;
    let value = |expr, id| match problem.expectation {
        true => general::once(statement, id, &environment),
        false => Ok(evaluator.scalar(expr)?),
    };
    if to_infinity(problem) {
        return Err(EvaluationError::Undefined("infinity at sizes within reach".into()).into());
    }
    let claim = statement.claim;
    let lhs = value(&problem.says.lhs, claim.lhs)?;
    Ok((lhs, value(&problem.says.rhs, claim.rhs)?))
}

/// The point of the path whose dimension is about `size`.
fn station_of_dimension(
    problem: &Problem<'_>,
    path: &Path<'_>,
    size: f64,
) -> Option<(f64, Assignment, f64)> {
    let dimension = |t: f64| {
        let at = path.at(t).ok()?;
        let d = at.dimension(problem.scope).ok()??;
        Some((at, d))
    };
    let (mut low, mut high) = (0.0f64, 15.0f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if dimension(10f64.powf(middle))?.1 > size {
            high = middle;
        } else {
            low = middle;
        }
    }
    let t = 10f64.powf(low).round();
    let (at, d) = dimension(t)?;
    (d >= 0.5 * size && d <= 1.1 * size).then_some((t, at, d))
}

enum Seen {
    Vanishes { distance: f64, detects: f64 },
    Stays(f64),
    Open(String),
}

/// Discrepancies in order of their sizes.
fn read(rungs: &[Rung]) -> Seen {
    let end = rungs[rungs.len() - 1].gap.abs();
    let limits = remainder::lines(rungs);
    // What comes from the basis, and from the size alone, vanishes like 1/size.
    if let Some((limit, error)) = limits.first() {
        let detects = limit.abs() + 2.0 * error;
        if detects <= LITTLE && end <= 2.0 * LITTLE {
            return Seen::Vanishes {
                distance: end,
                detects: detects.max(end),
            };
        }
    }
    let stays = |(limit, error): &(f64, f64)| {
        limit.abs() - 3.0 * error >= LEAST && limit * limits[0].0 > 0.0
    };
    if !limits.is_empty() && limits.iter().all(stays) && steady(rungs) {
        let by_size = limits
            .iter()
            .map(|(limit, _)| limit.abs())
            .fold(f64::INFINITY, f64::min);
        return Seen::Stays(by_size.copysign(limits[0].0));
    }
    Seen::Open(format!(
        "a discrepancy of {:.1} % at the largest size within reach, and no telling what is left of it beyond",
        100.0 * end
    ))
}

/// Whether a discrepancy of one sign does not fall with the size, by its slope in logarithms.
fn steady(rungs: &[Rung]) -> bool {
    let end = rungs[rungs.len() - 1].gap;
    if rungs.iter().any(|rung| rung.gap * end <= 0.0) {
        return false;
    }
    let (mut s, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for rung in rungs {
        let (x, y, w) = (rung.size.ln(), rung.gap.abs().ln(), rung.error.powi(-2));
        (s, sx, sy) = (s + w, sx + w * x, sy + w * y);
        (sxx, sxy) = (sxx + w * x * x, sxy + w * x * y);
    }
    (s * sxy - sx * sy) / (s * sxx - sx * sx) > -STAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(gap: impl Fn(f64) -> f64) -> Seen {
        let mut sizes: Vec<f64> = FIRST.iter().chain(&FURTHER).copied().collect();
        sizes.sort_by(f64::total_cmp);
        let rungs: Vec<Rung> = (sizes.into_iter())
            .map(|size| Rung {
                size,
                gap: gap(size),
                error: 1.0 / size,
            })
            .collect();
        read(&rungs)
    }

    /// What a basis that is drawn anew for each dimension leaves.
    fn noise(size: f64) -> f64 {
        ((size * 12.9898).sin() * 43_758.547).fract() * 2.0 / size
    }

    #[test]
    fn what_fluctuates_vanishes_and_what_differs_stays() {
        assert!(matches!(seen(|_| 0.0), Seen::Vanishes { .. }));
        assert!(matches!(seen(|s| 1.0 / s), Seen::Vanishes { .. }));
        assert!(matches!(seen(|s| 0.5 * noise(s)), Seen::Vanishes { .. }));
        for limit in [0.1, -0.1, 0.5] {
            let found = seen(|s| limit * (1.0 - 1.0 / s));
            assert!(
                matches!(found, Seen::Stays(x) if x * limit > 0.0 && x.abs() > 0.5 * limit.abs())
            );
        }
    }

    #[test]
    fn a_few_percent_are_not_nothing() {
        for limit in [0.02, -0.02, 0.03, -0.05] {
            for scale in [0.0, 0.3, 1.0, 3.0] {
                let with_noise = seen(|s| limit + scale * noise(s));
                assert!(
                    !matches!(with_noise, Seen::Vanishes { .. }),
                    "{limit} {scale}"
                );
                let fading = seen(|s| limit - scale * limit.signum() / s);
                assert!(!matches!(fading, Seen::Vanishes { .. }), "{limit} {scale}");
            }
        }
    }

    #[test]
    fn what_fades_slowly_is_not_said_to_stay() {
        for power in [0.02, 0.05, 0.1, 0.2, 0.3, 0.5] {
            for scale in [0.1, 0.4, 0.9] {
                let found = seen(|s: f64| scale * s.powf(-power));
                assert!(!matches!(found, Seen::Stays(_)), "{scale} {power}");
            }
        }
        assert!(!matches!(seen(|s: f64| 1.0 / s.ln()), Seen::Stays(_)));
    }
}
