//! Limits of what does not change along the path, as where everything grows in proportion and only ratios of sizes stand in the
//! formulas: then the values of the sides are their limits.

use super::super::equivalents::{relative_radius, sides, to_infinity};
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::verdict::PathPoint;
use super::found::{BY_STANDING, Failure, Found};
use super::station::admissible;
use crate::formula::ast::RelationOp;
use crate::number::{Ball, Real};

/// Powers of ten at which both sides are evaluated: so far out that rounding of whole numbers is allowed, and no farther than
/// they reach.
const STATIONS: [f64; 3] = [10.0, 14.0, 12.0];
/// What changes by no more than this share is taken to stand; a drift like `ln ln t` changes by more, and so does any power above
/// a billionth that stands beside it.
const STILL: f64 = 1e-9;
/// Sides apart by more than this share are different.
const APART: f64 = 1e-5;

/// What the values of the sides say, if they are the same all along.
pub(super) fn standing(problem: &Problem<'_>, path: &Path<'_>) -> Option<Found> {
    let values = matches!(
        problem.says.op,
        RelationOp::Equivalent | RelationOp::TendsTo
    );
    if !values || to_infinity(problem) {
        return None;
    }
    let mut points: Vec<PathPoint> = Vec::with_capacity(STATIONS.len());
    let mut error = 0.0f64;
    for exponent in STATIONS {
        let t = 10f64.powf(exponent);
        let at = path.at(t).ok().filter(|at| admissible(problem, at))?;
        let (lhs, rhs) = sides::<Ball>(problem, &at).ok()?;
        error = error.max(relative_radius(&lhs) + relative_radius(&rhs));
        let point = PathPoint {
            at: t,
            lhs: lhs.midpoint(),
            rhs: rhs.midpoint(),
        };
        let moves = |a: f64, b: f64| !((a - b).abs() <= STILL * b.abs());
        let first = points.first().copied().unwrap_or(point);
        if error > STILL || moves(point.lhs, first.lhs) || moves(point.rhs, first.rhs) {
            return None;
        }
        points.push(point);
    }
    points.sort_by(|a, b| a.at.total_cmp(&b.at));
    let last = *points.last()?;
    let distance = ((last.lhs - last.rhs) / last.rhs).abs();
    let detects = STILL.max(error);
    if distance <= detects {
        return Some(Found::Holds {
            distance,
            detects,
            how: BY_STANDING,
        });
    }
    (distance > APART && distance.is_finite()).then(|| {
        Found::Fails(Box::new(Failure {
            assignment: path.base().clone(),
            excess: distance,
            what: format!(
                "the sides do not change along the path: {:.10} against {:.10}",
                last.lhs, last.rhs
            ),
            points,
            estimate: None,
            confirmed_by: String::new(),
            how: BY_STANDING,
        }))
    })
}
