//! Paths that stay near the interpolation threshold, where one row makes another number: equivalents are known up to as much.

use num_rational::BigRational;
use num_traits::One;

use super::super::assignment::Assignment;
use super::super::problem::Problem;
use super::points::{path_inside, sampler};
use crate::budget;
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::number::rational_to_f64;
use crate::term::equivalence::{self, EquivalenceError, general};

/// Where it is looked at.
pub(super) const FAR: f64 = 1e12;
/// A side of which more than this share is open says nothing.
pub(super) const OPEN: f64 = 1e-3;
/// Points at which it is looked at.
pub(super) const POINTS: u64 = 12;
/// Those of them at which a row more is tried: a path is near at all of its points, and each costs several values.
pub(super) const LOOKS: u64 = 4;
/// Points with symbols at the ends of their ranges, where a ridge is largest or smallest.
pub(super) const ENDS: u64 = 12;
/// How many of them must say so: a side may vanish at one by chance.
pub(super) const ENOUGH: usize = 2;
/// One row that makes a number so many times as large or as small says so alone.
const GLARING: f64 = 100.0;
/// What is this small may be the rounding of a difference that vanishes.
const NOTHING: f64 = 1e-12;

/// Whether the equivalent of one expectation says nothing along the path for want of rows, or of dimensions.
pub(super) fn is_near(problem: &Problem<'_>, expectation: &Expr) -> bool {
    if problem.scope.setting.infinite {
        return false;
    }
    let says = Comparison {
        lhs: expectation.clone(),
        op: RelationOp::Equivalent,
        rhs: expectation.clone(),
        span: expectation.span,
    };
    let alone = Problem {
        says: &says,
        ..problem.clone()
    };
    let sampler = sampler(&alone);
    let near = |index| {
        let path = path_inside(&alone, &sampler, index)?;
        turns_on_one_row(&alone, &path.at(FAR).ok()?)
    };
    enough((0..LOOKS).filter_map(near)).is_some()
}

/// Why nothing is said, where enough points tell that.
pub(super) fn enough(all: impl Iterator<Item = Turn>) -> Option<String> {
    let mut seen = 0;
    for turn in all {
        seen += 1;
        if seen >= ENOUGH || turn.glaring {
            return Some(turn.reason);
        }
    }
    None
}

/// Why a point tells that equivalents say nothing.
pub(super) struct Turn {
    pub reason: String,
    /// Whether no chance would make it so.
    pub glaring: bool,
}

/// Why equivalents say nothing where a row or a dimension more or less makes another number of them, as at a bounded
/// distance from the interpolation threshold: they are known up to as much.
pub(super) fn turns_on_one_row(problem: &Problem<'_>, at: &Assignment) -> Option<Turn> {
    // What is too large to be looked at here has not been left out.
    budget::within(budget::left(), || changes(problem, at)).0
}

fn changes(problem: &Problem<'_>, at: &Assignment) -> Option<Turn> {
    let statement = problem.statement().ok()?;
    let value = |at: &Assignment| {
        let environment = at.environment::<f64>(problem.scope).ok()?;
        let id = statement.claim.lhs;
        match equivalence::scalar(statement, id, &environment) {
            Err(EquivalenceError::NotRecognised { .. }) => {
                // Digits that are lost change with every row.
                let found = general::scalar(statement, id, &environment).ok()?;
                (found.relative_error < OPEN / 4.0).then_some(found.value)
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
        if rational_to_f64(large) * OPEN * OPEN < 1.0 {
            return None;
        }
        *large += BigRational::one();
        value(&more).filter(|there| (there - here).abs() > OPEN * size)
    };
    let sampler = sampler(problem);
    let mut whole = sampler.symbols().filter(|(_, whole, _)| *whole);
    let there = whole.find_map(|(name, ..)| turns(name))?;
    let ratio = (there / here).abs();
    Some(Turn {
        glaring: problem.says.op != RelationOp::TendsTo
            && here.abs().min(there.abs()) > NOTHING
            && (ratio > GLARING || ratio < GLARING.recip()),
        reason: "one row more or less changes the deterministic equivalents of this claim, which are known up to as much: exact \
                 formulas would have to decide it, as where an assumption such as T >= d + 2 says that means exist"
            .to_owned(),
    })
}
