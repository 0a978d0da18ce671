//! Sides of a strict inequality that agree to many digits: equal there, or at a place nearby, or merely close.

use std::cmp::Ordering;

use num_rational::BigRational;

use super::assignment::Assignment;
use super::gap::{Drawing, gap_at, settled};
use super::problem::Problem;
use super::sampler::Sampler;
use super::variable::{Frame, Variable};
use crate::formula::ast::{Comparison, RelationOp};
use crate::number::{Ball, rational_from_f64, rational_to_f64};

/// Sides that agree are looked at in so many bits, and are equal where all of them agree.
const FINEST: usize = 6000;
/// Fewer digits than these tell nothing where more are too dear: ridges of `1e-300` are within anybody's domain.
const LEAST_BITS: usize = 1300;
/// Errors beyond this share come from elsewhere than from rounding: what they leave open stays so.
const ROUNDING: f64 = 1e-60;
/// Neighbours stand so far off, as a share of a variable, and have margins so many times larger.
const STEP: f64 = 1e-6;
const RISE: f64 = 1e3;
/// The least margin that is compared with theirs.
const LEAST: f64 = 1e-26;

/// What becomes of a strict inequality where its sides agree to twenty digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// They are equal there, or at a place nearby.
    Equal,
    /// It holds, and nothing says that they meet: the point is near an end of the domain that is no part of it, or one
    /// side is small beside the other.
    Apart,
    /// More digits are not to be had.
    Open,
    /// More digits are too dear, and those that were had tell nothing.
    Coarse,
}

pub fn meeting(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    at: &Assignment,
    drawing: &Drawing,
) -> Meeting {
    let holding = match problem.says.op {
        RelationOp::Lt => Ordering::Less,
        RelationOp::Gt => Ordering::Greater,
        _ => return Meeting::Equal,
    };
    let lowest = || is_lowest(problem, sampler, at, drawing);
    let Ok(gap) = settled(problem, at, drawing, (0, FINEST)) else {
        return Meeting::Open;
    };
    match gap.sign {
        Some(sign) if sign == holding => {
            match at_an_open_end(problem, at, drawing, STEP) || !lowest() {
                true => Meeting::Apart,
                false => Meeting::Equal,
            }
        }
        None if gap.radius > ROUNDING && !lowest() => Meeting::Open,
        None if gap.bits < LEAST_BITS && !lowest() => Meeting::Coarse,
        _ => Meeting::Equal,
    }
}

/// Whether a strict assumption holds by no more than a share of its sides.
pub fn at_an_open_end(
    problem: &Problem<'_>,
    at: &Assignment,
    drawing: &Drawing,
    share: f64,
) -> bool {
    let near = |says: &Comparison| {
        let assumption = Problem {
            says,
            ..problem.clone()
        };
        gap_at::<Ball>(&assumption, at, drawing).is_ok_and(|gap| gap.relative.abs() < share)
    };
    let strict = |says: &&Comparison| says.op.is_strict();
    problem.scope.assumptions.iter().filter(strict).any(near)
}

/// Whether the margin is least here: it rises on both sides along every variable that it depends on.
fn is_lowest(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    at: &Assignment,
    drawing: &Drawing,
) -> bool {
    let op = problem.says.op;
    let margin = |at: &Assignment| {
        let gap = gap_at::<Ball>(problem, at, drawing).ok()?;
        Some(-gap.excess(op))
    };
    let Some(here) = margin(at) else { return false };
    let frame = Frame::at(sampler, at);
    let risen = RISE * here.max(LEAST);
    let beside = |variable: &Variable, x: &BigRational, step: f64| {
        let step = rational_from_f64(step * rational_to_f64(x).abs().max(1e-3))?;
        let trial = frame.moved(sampler, at, variable, x + step)?;
        sampler.admits(&trial).then(|| margin(&trial)).flatten()
    };
    let mut rises = false;
    for variable in &frame.free {
        let Some(x) = variable.of(at) else {
            continue;
        };
        let sides = [STEP, -STEP].map(|step| beside(variable, &x, step));
        match sides.map(|margin| margin.map(|margin| margin > risen)) {
            [Some(true), Some(true)] => rises = true,
            [Some(true), _] | [_, Some(true)] => return false,
            _ => {}
        }
    }
    rises
}
