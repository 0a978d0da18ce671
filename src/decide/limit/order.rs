//! Whether a claim speaks of more than deterministic equivalents say: they are known up to a share of order `1/T`, and
//! what is left of their differences may be all that.

use num_rational::BigRational;
use num_traits::One;

use super::super::assignment::Assignment;
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::sampler::Corner;
use super::station::{sizes, to_infinity};
use super::{known, sampler};
use crate::formula::ast::RelationOp;
use crate::number::{Ball, Real, rational_to_f64};
use crate::term::equivalence::{self, EquivalenceError, general};

/// Where it is looked at.
const FAR: f64 = 1e12;
/// What an equivalent leaves out, as a multiple of one over the least size.
const LEFT_OUT: f64 = 10.0;
/// A side of which more than this share is open says nothing.
const OPEN: f64 = 1e-3;
const POINTS: u64 = 12;
/// How many of them must say so: a side may vanish at one by chance.
const ENOUGH: usize = 2;

/// Why equivalents do not decide a claim about expectations; `None` where they may.
pub fn beyond_equivalents(problem: &Problem<'_>) -> Option<String> {
    let limit = problem.scope.limit.as_ref()?;
    if known::replaced(problem.says, problem.scope, &mut |_| None).is_some() {
        // factors 1 + o(1) change no order of growth
        return None;
    }
    let sampler = sampler(problem);
    let open = |index| {
        let mut stream = problem.stream(1 << 33 | index);
        let base = sampler.draw(&mut stream, Corner::Inside)?;
        let path = Path::new(problem.scope, limit, &base).ok()?;
        open_at(problem, &path)
    };
    (0..POINTS).filter_map(open).nth(ENOUGH - 1)
}

/// Why equivalents say nothing where a row or a dimension more or less makes another number of them, as at a bounded
/// distance from the interpolation threshold: they are known up to as much.
fn turns_on_one_row(problem: &Problem<'_>, at: &Assignment) -> Option<String> {
    let statement = problem.statement().ok()?;
    let value = |at: &Assignment| {
        let environment = at.environment::<f64>(problem.scope).ok()?;
        let id = statement.claim.lhs;
        match equivalence::scalar(statement, id, &environment) {
            Err(EquivalenceError::NotRecognised { .. }) => {
                general::once(statement, id, &environment).ok()
            }
            found => found.ok(),
        }
    };
    let here = value(at)?;
    let size = match problem.says.op {
        RelationOp::TendsTo => here.abs().max(1.0),
        _ => here.abs(),
    };
    let turns = |name: &str| {
        let mut more = at.clone();
        let large = more.symbols.get_mut(name)?;
        if rational_to_f64(large) * OPEN < 1.0 {
            return None;
        }
        *large += BigRational::one();
        value(&more).filter(|there| (there - here).abs() > OPEN * size)
    };
    let sampler = sampler(problem);
    let mut whole = sampler.symbols().filter(|(_, whole, _)| *whole);
    whole.find_map(|(name, ..)| turns(name)).map(|_| {
        "one row more or less changes the deterministic equivalents of this claim, which are known up to as much: exact formulas \
         would have to decide it, as where an assumption such as T >= d + 2 says that means exist"
            .to_owned()
    })
}

fn open_at(problem: &Problem<'_>, path: &Path<'_>) -> Option<String> {
    let at = path.at(FAR).ok()?;
    let sizes = sizes(problem, &at)?.into_iter().filter(|size| *size > 0.0);
    let least = sizes.fold(FAR, f64::min);
    if let Some(why) = turns_on_one_row(problem, &at) {
        return Some(why);
    }
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
