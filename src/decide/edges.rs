//! Along the edges of a domain: where an assumption holds with equality, one number follows what the others do.
//!
//! A claim that its assumption just makes true fails, if at all, on such an edge, and there perhaps for some sizes alone. Free
//! moves leave the edge, and find the margin wider on both sides of it.

use super::assignment::Assignment;
use super::gap::gap_at;
use super::look::{Run, Seen};
use super::moves::{Movable, neighbour};
use super::problem::Effort;
use crate::formula::ast::{Comparison, Expr, Function, Node, RelationOp};
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// Assumptions whose edges are followed, and points from which each is.
const MOST_EDGES: usize = 6;
const STARTS: usize = 2;
/// The share of moves that change all sizes together.
const RESIZED: f64 = 0.3;
/// Streams of the moves.
const ALONG: u64 = 1 << 37;

type Edge = (Expr, Expr);

fn moves(effort: Effort) -> usize {
    match effort {
        Effort::Quick => 10,
        Effort::Normal => 60,
        Effort::Thorough => 300,
    }
}

/// Follows every edge from points with little margin; whether the claim fails there, and else where its margin is least.
pub fn along_edges(run: &mut Run<'_, '_>) -> (Vec<Seen>, bool) {
    let mut least = Vec::new();
    let problem = run.problem;
    if problem.random && !problem.expectation {
        return (least, false);
    }
    let edges = (problem.scope.assumptions.iter()).flat_map(edges_of);
    for (which, edge) in edges.take(MOST_EDGES).enumerate() {
        run.seen.sort_by(Seen::order);
        let nearest: Vec<Seen> = run.seen.iter().step_by(2).take(STARTS).cloned().collect();
        for (turn, start) in nearest.into_iter().enumerate() {
            let number = ALONG | (which as u64) << 8 | turn as u64;
            let Some(at) = climbed(run, &start, &edge, number) else {
                continue;
            };
            let Some(point) = run.look(&at, start.drawing.clone(), "tight") else {
                continue;
            };
            let violated = point.violated;
            least.push(point);
            if violated {
                return (least, true);
            }
        }
    }
    (least, false)
}

/// Sides that agree where an assumption is tight; a magnitude has its size on two edges.
fn edges_of(says: &Comparison) -> Vec<Edge> {
    let (inside, size) = match (&*says.lhs.node, &*says.rhs.node) {
        _ if says.op == RelationOp::Eq => return Vec::new(),
        (Node::Call(Function::Abs, inside), _) => (&inside[0], &says.rhs),
        (_, Node::Call(Function::Abs, inside)) => (&inside[0], &says.lhs),
        _ => return vec![(says.lhs.clone(), says.rhs.clone())],
    };
    let below = Expr::new(Node::Neg(size.clone()), size.span);
    vec![(inside.clone(), size.clone()), (inside.clone(), below)]
}

/// The point with the least margin that moves along an edge come to.
fn climbed(run: &mut Run<'_, '_>, start: &Seen, (a, b): &Edge, number: u64) -> Option<Assignment> {
    let problem = run.problem;
    let mut stream = problem.stream(number);
    let margin = |run: &mut Run<'_, '_>, at: &Assignment| {
        let gap = gap_at::<f64>(problem, at, &start.drawing).ok()?;
        run.steps += gap.steps;
        Some(-gap.excess(problem.says.op)).filter(|margin| margin.is_finite())
    };
    let mut best = start.at.clone();
    run.sampler.tighten(&mut stream, &mut best, a, b, None)?;
    let mut least = margin(run, &best)?;
    let mut step = 0.5;
    for _ in 0..moves(problem.effort) {
        if run.spent(0.8) {
            break;
        }
        let next = match stream.uniform() < RESIZED {
            true => resized(run, &best, &mut stream),
            false => neighbour(&best, &run.sampler, &mut stream, step, Movable::Symbols),
        };
        let Some((mut trial, last)) = next else {
            continue;
        };
        let followed = run
            .sampler
            .tighten(&mut stream, &mut trial, a, b, last.as_deref());
        let better = followed
            .and_then(|_| margin(run, &trial))
            .filter(|m| *m < least);
        match better {
            Some(less) => {
                (best, least) = (trial, less);
                step = f64::min(step * 1.5, 2.0);
            }
            None => step = f64::max(step * 0.93, 1e-3),
        }
    }
    Some(best)
}

/// All whole numbers larger or smaller by one factor, rounded: where a ratio of sizes matters, some sizes meet it better than
/// others.
fn resized(
    run: &Run<'_, '_>,
    at: &Assignment,
    stream: &mut Stream,
) -> Option<(Assignment, Option<String>)> {
    let whole: Vec<&str> = (run.sampler.symbols())
        .filter_map(|(name, whole, _)| whole.then_some(name))
        .collect();
    let leading = *whole.get((stream.uniform() * whole.len() as f64) as usize)?;
    let (low, high) = run.sampler.range_of(leading, at)?;
    let (low, high) = (rational_to_f64(&low).max(1.0), rational_to_f64(&high));
    let size = rational_to_f64(at.symbols.get(leading)?);
    let factor = (low * (high / low).powf(stream.uniform())).round() / size;
    let mut trial = at.clone();
    for name in &whole {
        let value = rational_to_f64(at.symbols.get(*name)?) * factor;
        let (low, high) = run.sampler.range_of(name, &trial)?;
        let value = rational_from_f64(value.round())?.clamp(low, high);
        trial.symbols.insert((*name).to_owned(), value);
    }
    Some((trial, Some(leading.to_owned())))
}
