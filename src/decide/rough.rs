//! Climbs towards a violation in double precision, from many more points than error bounds could be afforded at. An equation has
//! no slope where it holds: there the moves are taken as they come.
//!
//! Where both sides agree on a part of the domain, as at flat spectra, the points with the least margin lie near it and small
//! moves from them end on it. A violation elsewhere has a slope of its own, which few of the points are on.

use super::assignment::Assignment;
use super::gap::{Drawing, ROUGH, gap_at};
use super::look::Run;
use super::moves::{Movable, moved, neighbour};
use super::problem::Effort;
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::simulate::Stream;

const MOVES: usize = 40;
/// Points looked at with error bounds, at most.
const LOOKS: usize = 12;
/// A margin that is nothing: the sides agree there.
const TIED: f64 = 1e-12;
/// The part of what is left of the budget that these climbs may take.
const SHARE: u64 = 10;
/// Nodes that may be visited to meet assumptions, and to meet equalities, which takes most of them.
const REPAIRS: u64 = 250_000;
const REPAIRS_OF_EQUALITIES: u64 = 80_000;
/// Streams of their points.
const ROUGHLY: u64 = 1 << 36;

fn starts(effort: Effort) -> u64 {
    match effort {
        Effort::Quick => 60,
        Effort::Normal => 300,
        Effort::Thorough => 3000,
    }
}

/// Looks for violations of a relation of numbers; whether one was found.
pub fn rough_climbs(run: &mut Run<'_, '_>) -> bool {
    if run.problem.random || run.problem.expectation {
        return false;
    }
    let (mut looks, budget, repairs) = (0, budget::left(), run.sampler.work());
    let most = if run.problem.assumes_equalities() {
        REPAIRS_OF_EQUALITIES
    } else {
        REPAIRS
    };
    for index in 0..starts(run.problem.effort) {
        let spent = budget - budget::left() > budget / SHARE || run.sampler.work() - repairs > most;
        if spent || run.spent(1.0) || looks >= LOOKS {
            return false;
        }
        if let Some(violated) = climb(run, index) {
            looks += 1;
            if violated {
                return true;
            }
        }
    }
    false
}

/// A neighbour that meets what is assumed: of inequalities many do as they are, and to mend the others is dear.
fn admitted(
    run: &Run<'_, '_>,
    at: &Assignment,
    stream: &mut Stream,
    step: f64,
) -> Option<Assignment> {
    if run.problem.assumes_equalities() {
        return moved(at, &run.sampler, stream, step, Movable::All);
    }
    let (trial, _) = neighbour(at, &run.sampler, stream, step, Movable::All)?;
    run.sampler.admits(&trial).then_some(trial)
}

/// Whether a point that looks like a violation is one; `None` where none is met.
fn climb(run: &mut Run<'_, '_>, index: u64) -> Option<bool> {
    let (problem, drawing) = (run.problem, Drawing::default());
    let mut stream = problem.stream(ROUGHLY | index);
    let (mut at, _) = run.sampler.point(&mut stream, index)?;
    if index.is_multiple_of(2)
        && let Some(outlying) = run.sampler.outlying(&mut stream, &at)
    {
        at = outlying;
    }
    let mut excess = f64::NEG_INFINITY;
    let equation = problem.says.op == RelationOp::Eq;
    let mut step = 0.5;
    for number in 0..MOVES {
        let trial = match number {
            0 => at.clone(),
            _ => match admitted(run, &at, &mut stream, step) {
                Some(trial) => trial,
                None => {
                    step = f64::max(step * 0.97, 1e-4);
                    continue;
                }
            },
        };
        let Ok(gap) = gap_at::<f64>(problem, &trial, &drawing) else {
            continue;
        };
        run.steps += gap.steps;
        let next = gap.excess(problem.says.op);
        if next > ROUGH {
            let seen = run.look(&trial, drawing, "search");
            return Some(seen.is_some_and(|point| point.violated));
        }
        if equation {
            at = trial;
            continue;
        }
        if next > excess {
            (at, excess) = (trial, next);
            step = f64::min(step * 1.5, 3.0);
        } else {
            step = f64::max(step * 0.9, 1e-4);
        }
        if excess > -TIED {
            return None;
        }
    }
    None
}
