//! The points of a domain from which paths start.

use super::super::assignment::Assignment;
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::sampler::{Corner, Sampler};
use crate::formula::scope::Limit;
use crate::simulate::Stream;

/// Streams of the points at which it is looked at what equivalents can say.
const OF_EQUIVALENTS: u64 = 1 << 33;
const AT_ENDS: u64 = 1 << 32;

/// Points of any size, in few digits: only what they tend to matters.
pub(super) fn sampler<'a>(problem: &Problem<'a>) -> Sampler<'a> {
    sampler_up_to(problem, f64::INFINITY)
}

pub(super) fn sampler_up_to<'a>(problem: &Problem<'a>, size: f64) -> Sampler<'a> {
    let sides = [&problem.says.lhs, &problem.says.rhs];
    let sampler = Sampler::new(problem.scope, &sides, size).with_digits(2);
    match problem.expectation {
        true => sampler,
        false => sampler.with_equal_orders(&sides),
    }
}

/// First every symbol in turn at a special value, then corners of all kinds and the inside; `true` for the inside.
pub(super) fn draw(
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    index: u64,
    assumptions: usize,
) -> Option<(Assignment, bool)> {
    let reals = sampler
        .symbols()
        .filter(|(_, whole, _)| !whole)
        .count()
        .min(8);
    let turn = (index / 4) as usize;
    let kink = (index.saturating_sub(reals as u64) / 4) as usize;
    let corner = match index {
        _ if index < reals as u64 => Corner::Special(index as usize),
        _ if index.is_multiple_of(8) => Corner::Round(turn / 2),
        // Every symbol had its first special value.
        _ if index.is_multiple_of(4) => Corner::Special(reals + turn / 2),
        _ if index % 4 == 1 && sampler.kinks() > 0 => Corner::Kink(kink),
        _ if index % 8 == 2 && assumptions > 0 => Corner::Tight(turn / 2),
        _ if index % 8 == 6 => Corner::Ends,
        _ => Corner::Inside,
    };
    let special = corner != Corner::Inside;
    let drawn = special.then(|| sampler.draw(stream, corner)).flatten();
    match drawn {
        Some(base) => Some((base, false)),
        None => sampler
            .draw(stream, Corner::Inside)
            .map(|base| (base, true)),
    }
}

/// Corners of the domain in the symbols that stay as they are along the path: a law that fails in a wedge fails in one of them.
pub(super) fn corners(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    limit: &Limit,
) -> Vec<Assignment> {
    let moves = |name: &str| limit.moving().any(|moved| moved == name);
    let inside = sampler.draw(&mut problem.stream(OF_EQUIVALENTS - 1), Corner::Inside);
    inside.map_or_else(Vec::new, |at| {
        sampler.vertices_of(&at, &|name| !moves(name))
    })
}

/// The path through one of the points at which it is looked at what equivalents can say.
pub(super) fn path_inside<'a>(
    problem: &Problem<'a>,
    sampler: &Sampler<'_>,
    index: u64,
) -> Option<Path<'a>> {
    path_at(problem, sampler, Corner::Inside, OF_EQUIVALENTS | index)
}

/// Likewise, where symbols are at the ends of their ranges, each with probability a half.
pub(super) fn path_at_ends<'a>(
    problem: &Problem<'a>,
    sampler: &Sampler<'_>,
    index: u64,
) -> Option<Path<'a>> {
    path_at(
        problem,
        sampler,
        Corner::Ends,
        OF_EQUIVALENTS | AT_ENDS | index,
    )
}

fn path_at<'a>(
    problem: &Problem<'a>,
    sampler: &Sampler<'_>,
    corner: Corner,
    stream: u64,
) -> Option<Path<'a>> {
    let limit = problem.scope.limit.as_ref()?;
    let base = sampler.draw(&mut problem.stream(stream), corner)?;
    Path::new(problem.scope, limit, &base).ok()
}
