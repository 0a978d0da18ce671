//! From the points with the least margin towards a violation: lines through the domain, small random moves, and
//! for strict inequalities the places where both sides touch.

use num_rational::BigRational;

use super::assignment::{Assignment, short_decimal};
use super::edges::along_edges;
use super::gap::{Drawing, gap_at, is_moderate};
use super::look::{Run, Seen, touches};
use super::moves::{Movable, moved};
use super::outermost::outermost;
use super::problem::Effort;
use super::ratios;
use super::scales::along_scales;
use super::touch::{Meeting, at_an_open_end, meeting};
use super::valley;
use super::variable::{Frame, Variable};
use crate::formula::ast::RelationOp;
use crate::number::{Ball, rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// The finest relative step of the search for violations.
const FINEST: f64 = 1e-7;
/// A margin that is less than this part of what it is of the sides.
const CANCELS: f64 = 0.1;
/// Places along a line through the domain.
const PLACES: usize = 9;
/// How near to touching two sides must come to be looked at closely, as a share of their size: a climb may end that far from the
/// floor of a valley in several variables.
const NEAR: f64 = 0.3;
/// What is farther than this from the end of a strict assumption, as a share of its sides, is inside.
const INNER: f64 = 1e-2;
/// Places of random numbers that the search pushes.
const PUSHED: f64 = 64.0;

/// Starts and moves of the search.
fn extent(effort: Effort, random: bool) -> (usize, usize) {
    match (effort, random) {
        (Effort::Quick, _) => (2, 30),
        (Effort::Normal, false) => (6, 160),
        (Effort::Normal, true) => (3, 60),
        (Effort::Thorough, _) => (16, 400),
    }
}

pub fn search(run: &mut Run<'_, '_>, first: u64) {
    run.seen.sort_by(Seen::order);
    if run.seen[0].violated {
        return;
    }
    let (starts, moves) = extent(run.problem.effort, run.problem.random);
    let lines = starts.min(3);
    // Different regions: every second of the best.
    let mut chosen: Vec<Seen> = run.seen.iter().step_by(2).take(starts).cloned().collect();
    let equation = run.problem.says.op == RelationOp::Eq;
    if equation && outermost(run, &chosen) {
        return;
    }
    for start in chosen.iter().take(lines) {
        if along_lines(run, start) {
            return;
        }
    }
    let mut sized = Vec::new();
    for start in chosen.iter().take(lines) {
        let (better, found) = along_scales(run, start);
        if found {
            return;
        }
        sized.extend(better);
    }
    // Those from which size alone already helped go first.
    sized.sort_by(Seen::order);
    sized.truncate(starts / 3);
    chosen.splice(0..0, sized);
    chosen.truncate(starts);
    if equation {
        return;
    }
    // Where terms cancel, both sides fall to nothing beside them, and the margin with them: there its share of the sides
    // shows the way.
    let mut cancelling = run.seen.clone();
    cancelling.retain(|point| {
        point.of_sides.is_finite() && point.excess.abs() < CANCELS * point.of_sides.abs()
    });
    cancelling.sort_by(|a, b| b.of_sides.total_cmp(&a.of_sides));
    cancelling.truncate(starts / 2);
    let mut nearest = Vec::new();
    let climbs = (chosen.into_iter().map(|start| (start, Margin::OfTerms)))
        .chain(cancelling.into_iter().map(|start| (start, Margin::OfSides)));
    for (which, (start, margin)) in climbs.enumerate() {
        // Each start has the same part of what is left.
        let share = ((which + 1) as f64 / starts as f64).clamp(0.6, 1.0);
        let number = first + 1 + which as u64;
        let best = climb(run, start, number, (moves, share), margin);
        if best.violated {
            return;
        }
        nearest.push(best);
    }
    nearest.sort_by(Seen::order);
    // Where all terms cancel every margin is small beside them: others are near by what the sides are.
    let mut by_sides = nearest.split_off(nearest.len().min(3));
    by_sides.retain(|point| point.of_sides.is_finite());
    by_sides.sort_by(|a, b| b.of_sides.total_cmp(&a.of_sides));
    by_sides.truncate(2);
    let (edges, found) = along_edges(run);
    if found {
        return;
    }
    let inner = away_from_open_ends(run);
    let ratios = ratios::valleys(run);
    let starts = (nearest.into_iter().chain(by_sides).chain(edges))
        .chain(inner)
        .chain(ratios)
        .chain(of_ordinary_size(run));
    for point in starts.collect::<Vec<_>>() {
        if touched(run, &point) {
            return;
        }
    }
}

/// Points with the least margin among those of ordinary size: climbs may end far out, where both sides fall to nothing.
fn of_ordinary_size(run: &Run<'_, '_>) -> Vec<Seen> {
    if !run.problem.says.op.is_strict() || run.problem.random {
        return Vec::new();
    }
    let mut ordinary: Vec<&Seen> = (run.seen.iter())
        .filter(|point| !point.faint && is_moderate(&point.at))
        .collect();
    ordinary.sort_by(|a, b| a.order(b));
    ordinary.into_iter().take(3).cloned().collect()
}

/// Points with the least margin among those where no strict assumption is near its end: there all margins are small, and
/// climbs end there.
fn away_from_open_ends(run: &Run<'_, '_>) -> Vec<Seen> {
    let mut assumed = run.problem.scope.assumptions.iter();
    if !run.problem.says.op.is_strict() || !assumed.any(|says| says.op.is_strict()) {
        return Vec::new();
    }
    let mut inner: Vec<&Seen> = run.seen.iter().filter(|point| !point.faint).collect();
    inner.sort_by(|a, b| a.order(b));
    inner
        .into_iter()
        .filter(|point| !at_an_open_end(run.problem, &point.at, &point.drawing, INNER))
        .take(3)
        .cloned()
        .collect()
}

/// Looks along every symbol, over its whole range.
fn along_lines(run: &mut Run<'_, '_>, start: &Seen) -> bool {
    let names: Vec<(String, bool)> = run
        .sampler
        .symbols()
        .map(|(name, whole, _)| (name.to_owned(), whole))
        .collect();
    for (name, whole) in names {
        let Some((low, high)) = run.sampler.range_of(&name, &start.at) else {
            continue;
        };
        let (a, b) = (rational_to_f64(&low), rational_to_f64(&high));
        let b = if whole {
            b.min(run.sampler.cap().max(a + 6.0))
        } else {
            b
        };
        for place in 0..PLACES {
            if run.spent(0.6) {
                return false;
            }
            let u = (place as f64 + 0.5) / PLACES as f64;
            let x = if a > 0.0 && b > 20.0 * a {
                a * (b / a).powf(u)
            } else {
                a + (b - a) * u
            };
            let x = if whole { x.round() } else { x };
            let mut trial = start.at.clone();
            trial.symbols.insert(name.clone(), short_decimal(x, 4));
            let mut stream = run.problem.stream(1 << 32 | place as u64);
            if !run.sampler.settle(&mut stream, &mut trial, Some(&name)) {
                continue;
            }
            if let Some(point) = run.look(&trial, start.drawing.clone(), "line")
                && point.violated
            {
                return true;
            }
        }
    }
    false
}

/// What a margin is measured by.
#[derive(Clone, Copy)]
enum Margin {
    OfTerms,
    OfSides,
}

impl Margin {
    fn is_less(self, point: &Seen, than: &Seen) -> bool {
        match self {
            Margin::OfTerms => point.is_worse_than(than),
            Margin::OfSides if point.violated == than.violated => point.of_sides > than.of_sides,
            Margin::OfSides => point.violated,
        }
    }
}

/// Small random moves that are kept where they lessen the margin: so many, as long as no more than a share of the work is
/// done.
fn climb(
    run: &mut Run<'_, '_>,
    start: Seen,
    number: u64,
    (moves, share): (usize, f64),
    margin: Margin,
) -> Seen {
    let mut best = start;
    let mut stream = run.problem.stream(number);
    let mut step = 0.5;
    for _ in 0..moves {
        if run.spent(share) {
            break;
        }
        let mut drawing = best.drawing.clone();
        let pushed = run.problem.random && stream.uniform() < 0.4;
        let trial = if pushed {
            push(&mut drawing, &mut stream, step);
            Some(best.at.clone())
        } else {
            moved(&best.at, &run.sampler, &mut stream, step, Movable::All)
        };
        let Some(trial) = trial else {
            continue;
        };
        let before = run.seen.len();
        let Some(point) = run.look(&trial, drawing, "search") else {
            step = f64::max(step * 0.9, FINEST);
            continue;
        };
        if margin.is_less(&point, &best) {
            best = point;
            step = f64::min(step * 1.5, 3.0);
            if best.violated {
                break;
            }
        } else {
            run.seen.truncate(before);
            step = f64::max(step * 0.93, FINEST);
        }
    }
    best
}

/// Moves random numbers: all of them by a factor, or one.
fn push(drawing: &mut Drawing, stream: &mut Stream, step: f64) {
    if stream.uniform() < 0.3 {
        drawing.size = (drawing.size + step * stream.normal()).clamp(-6.0, 6.0);
        return;
    }
    let place = (stream.uniform() * stream.uniform() * PUSHED) as usize;
    let by = step * stream.normal();
    match drawing.pushes.iter_mut().find(|(known, _)| *known == place) {
        Some((_, push)) => *push += by,
        None => drawing.pushes.push((place, by)),
    }
}

/// From a point with a small margin to where it is least: by Newton's method, or else along each variable in turn, the
/// vertex of a parabola through three margins, again and again at a smaller width. A margin that has a positive minimum stays; one that
/// touches zero falls as the square of the distance, and then a strict inequality fails.
fn touched(run: &mut Run<'_, '_>, start: &Seen) -> bool {
    let op = run.problem.says.op;
    let strict = op.is_strict();
    if -start.excess > NEAR || start.faint {
        return false;
    }
    let frame = Frame::at(&run.sampler, &start.at);
    let meets = |run: &Run<'_, '_>, at: &Assignment| {
        strict && gap_at::<Ball>(run.problem, at, &start.drawing).is_ok_and(|gap| touches(&gap, op))
    };
    let mut at = start.at.clone();
    // Where sides meet in a kink, its own place is known best.
    let widths: &[f64] = if meets(run, &at) {
        &[]
    } else if strict {
        &[
            1e-2, 1e-2, 1e-2, 1e-3, 1e-3, 1e-5, 1e-5, 1e-8, 1e-8, 1e-11, 1e-11, 1e-13, 1e-13,
        ]
    } else {
        &[1e-2, 1e-2, 1e-2, 1e-3, 1e-3, 1e-5]
    };
    for width in widths {
        if run.spent(1.0) {
            return false;
        }
        if let Some(lower) = valley::lower(run, start, &at, &frame, *width) {
            at = lower;
            continue;
        }
        for variable in &frame.free {
            if run.spent(1.0) {
                return false;
            }
            at = at_vertex(run, start, at, (&frame, variable), *width);
        }
    }
    if !run.sampler.admits(&at) {
        return false;
    }
    if let Some(point) = run.look(&at, start.drawing.clone(), "search")
        && point.violated
    {
        return true;
    }
    let met = meets(run, &at)
        && meeting(run.problem, &run.sampler, &at, &start.drawing) == Meeting::Equal;
    if met {
        run.seen.push(Seen {
            violated: true,
            met: Some(Meeting::Equal),
            excess: 0.0,
            at,
            ..start.clone()
        });
    }
    met
}

/// One variable moved to the vertex of the parabola through the margins there and `width` to both sides.
fn at_vertex(
    run: &mut Run<'_, '_>,
    start: &Seen,
    at: Assignment,
    (frame, variable): (&Frame, &Variable),
    width: f64,
) -> Assignment {
    let op = run.problem.says.op;
    let (Some(x), Some((low, high))) = (variable.of(&at), variable.range(&run.sampler, &at)) else {
        return at;
    };
    let Some(h) = rational_from_f64(width * rational_to_f64(&x).abs().max(1e-3)) else {
        return at;
    };
    let margin = |value: &BigRational| {
        let trial = frame.moved(&run.sampler, &at, variable, value.clone())?;
        let gap = gap_at::<Ball>(run.problem, &trial, &start.drawing).ok()?;
        Some((-gap.excess(op), gap.steps))
    };
    let (Some((m, steps)), Some((l, _)), Some((r, _))) =
        (margin(&x), margin(&(&x - &h)), margin(&(&x + &h)))
    else {
        return at;
    };
    run.steps += 3 * steps;
    let curvature = l - 2.0 * m + r;
    let shift = rational_from_f64((0.5 * (l - r) / curvature).clamp(-3.0, 3.0));
    match shift {
        Some(shift) if curvature > 0.0 => {
            let value = (x + shift * h).clamp(low, high);
            (frame.moved(&run.sampler, &at, variable, value)).unwrap_or(at)
        }
        _ => at,
    }
}
