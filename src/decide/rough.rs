//! Climbs towards a violation in double precision, from many more points than error bounds could be afforded at. An equation has
//! no slope where it holds: there the moves are taken as they come.
//!
//! Where both sides agree on a part of the domain, as at flat spectra, the points with the least margin lie near it and small
//! moves from them end on it. A violation elsewhere has a slope of its own, which few of the points are on.

use super::gap::{Drawing, gap_at};
use super::look::Run;
use super::moves::{Movable, moved};
use super::problem::Effort;
use crate::budget;
use crate::formula::ast::RelationOp;

const MOVES: usize = 40;
/// Points looked at with error bounds, at most.
const LOOKS: usize = 12;
/// What double precision shows beyond rounding.
const ROUGH: f64 = 1e-9;
/// A margin that is nothing: the sides agree there.
const TIED: f64 = 1e-12;
/// The part of what is left of the budget that these climbs may take.
const SHARE: u64 = 10;
/// Nodes that may be visited to meet assumptions after moves.
const REPAIRS: u64 = 250_000;
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
    for index in 0..starts(run.problem.effort) {
        let spent =
            budget - budget::left() > budget / SHARE || run.sampler.work() - repairs > REPAIRS;
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

/// Whether a point that looks like a violation is one; `None` where none is met.
fn climb(run: &mut Run<'_, '_>, index: u64) -> Option<bool> {
    let (problem, drawing) = (run.problem, Drawing::default());
    let mut stream = problem.stream(ROUGHLY | index);
    let (mut at, _) = run.sampler.point(&mut stream, index)?;
    let mut excess = f64::NEG_INFINITY;
    let equation = problem.says.op == RelationOp::Eq;
    let mut step = 0.5;
    for number in 0..MOVES {
        let trial = match number {
            0 => at.clone(),
            _ => match moved(&at, &run.sampler, &mut stream, step, Movable::All) {
                Some(trial) => trial,
                None => continue,
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
