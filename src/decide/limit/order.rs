//! Whether a claim speaks of more than deterministic equivalents say: they are known up to a share of order `1/T`, and
//! what is left of their differences may be all that.

use super::super::equivalents::to_infinity;
use super::super::path::Path;
use super::super::problem::Problem;
use super::known;
use super::points::{path_at_ends, path_inside, sampler};
use super::station::sizes;
use super::threshold::{ENDS, FAR, LOOKS, OPEN, POINTS, Turn, enough, turns_on_one_row};
use crate::formula::ast::RelationOp;
use crate::formula::scope::SpectrumKind;
use crate::number::{Ball, Real};
use crate::term::equivalence;

/// What an equivalent leaves out, as a multiple of one over the least size.
const LEFT_OUT: f64 = 10.0;

/// Why equivalents do not decide a claim about expectations; `None` where they may.
pub fn beyond_equivalents(problem: &Problem<'_>) -> Option<String> {
    if known::replaced(problem, false, &mut |_| None).is_some() {
        // factors 1 + o(1) change no order of growth
        return None;
    }
    let sampler = sampler(problem);
    let open = |index| {
        let path = path_inside(problem, &sampler, index)?;
        let near = (index < LOOKS).then(|| turns_on_one_row(problem, &path.at(FAR).ok()?));
        near.flatten().or_else(|| {
            open_at(problem, &path).map(|reason| Turn {
                reason,
                glaring: false,
            })
        })
    };
    let at_ends = |index| {
        let path = path_at_ends(problem, &sampler, index)?;
        turns_on_one_row(problem, &path.at(FAR).ok()?).filter(|turn| turn.glaring)
    };
    // Where one value is cheap: of one level.
    let one_level = matches!(problem.scope.setting.spectrum, SpectrumKind::Isotropic);
    let real = sampler.symbols().any(|(_, whole, _)| !whole);
    let ends = if one_level && real { ENDS } else { 0 };
    enough((0..ends).filter_map(at_ends)).or_else(|| enough((0..POINTS).filter_map(open)))
}

fn open_at(problem: &Problem<'_>, path: &Path<'_>) -> Option<String> {
    let at = path.at(FAR).ok()?;
    let sizes = sizes(problem, &at)?.into_iter().filter(|size| *size > 0.0);
    let least = sizes.fold(FAR, f64::min);
    let environment = at.environment::<Ball>(problem.scope).ok()?;
    let share = LEFT_OUT / least;
    if share > OPEN * OPEN {
        // not a proportional limit: equivalents are not asked
        return None;
    }
    let factor = Ball::one().widened(share);
    let statement = problem.statement().ok()?;
    let side = |id| equivalence::scalar_within(statement, id, &environment, Some(factor)).ok();
    let lhs = side(statement.claim.lhs)?;
    let open = if problem.says.op == RelationOp::TendsTo {
        !to_infinity(problem) && lhs.radius() > OPEN * lhs.midpoint().abs().max(1.0)
    } else {
        let rhs = side(statement.claim.rhs)?;
        [lhs, rhs]
            .iter()
            .any(|x| x.radius() > OPEN * x.midpoint().abs())
    };
    open.then(|| {
        "what the claim speaks of is of the order that deterministic equivalents leave out, a share of 1/T; \
         exact formulas would have to decide it"
            .to_owned()
    })
}
