//! Where a side of an equation is largest and smallest: what is cut off at the end of a range, or takes another branch, does so
//! there.

use super::assignment::Assignment;
use super::gap::Drawing;
use super::look::{Run, Seen};
use super::moves::{Movable, moved};
use crate::formula::ast::Expr;
use crate::term::evaluate::Evaluator;

/// Points from which each end of a side is sought, and moves from each.
const STARTS: usize = 6;
const MOVES: usize = 150;
/// Nodes visited for one value of a side, beyond which it is not looked for.
const MOST_STEPS: u64 = 20_000;

/// Looks at the points at which a side is outermost; whether the equation fails there.
pub fn outermost(run: &mut Run<'_, '_>, starts: &[Seen]) -> bool {
    if run.problem.random || run.problem.expectation {
        return false;
    }
    let sides = [&run.problem.says.lhs, &run.problem.says.rhs];
    for (number, (start, side)) in (starts.iter().take(STARTS))
        .flat_map(|start| sides.map(|side| (start, side)))
        .enumerate()
    {
        for direction in [1.0, -1.0] {
            if run.spent(0.6) {
                return false;
            }
            let number = 1 << 35 | (number as u64) << 1 | u64::from(direction > 0.0);
            let Some(at) = climbed(run, &start.at, side, direction, number) else {
                continue;
            };
            if (run.look(&at, Drawing::default(), "search")).is_some_and(|point| point.violated) {
                return true;
            }
        }
    }
    false
}

/// Where small moves of the symbols lead that enlarge `direction · side`; `None` where none does.
fn climbed(
    run: &mut Run<'_, '_>,
    start: &Assignment,
    side: &Expr,
    direction: f64,
    number: u64,
) -> Option<Assignment> {
    let value = |at: &Assignment| {
        let environment = at.environment::<f64>(run.problem.scope).ok()?;
        let evaluator = Evaluator::new(run.problem.scope, &environment);
        let value = evaluator.value(side).ok()?.scalar().ok()?;
        value
            .is_finite()
            .then(|| (direction * value, evaluator.steps()))
    };
    let (mut most, steps) = value(start)?;
    if steps > MOST_STEPS {
        return None;
    }
    run.steps += steps * MOVES as u64;
    let mut stream = run.problem.stream(number);
    let (mut best, mut step) = (None, 0.5);
    for _ in 0..MOVES {
        let from = best.as_ref().unwrap_or(start);
        let trial = moved(from, &run.sampler, &mut stream, step, Movable::Symbols);
        match trial.and_then(|trial| Some((value(&trial)?.0, trial))) {
            Some((higher, trial)) if higher > most => {
                (most, best) = (higher, Some(trial));
                step = f64::min(step * 1.5, 3.0);
            }
            _ => step = f64::max(step * 0.9, 1e-3),
        }
    }
    best
}
