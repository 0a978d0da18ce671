//! Minima, over a deterministic variable, of what is made of equivalents.
//!
//! Equivalents are smooth in a ridge or a share, with few valleys: a grid finds them, quartics through five points their
//! lowest points. Where values are missing beside the lowest, the minimum is not known. How far a quartic is off shows
//! with another step.

use super::{EquivalenceError, undefined, unrecognised};
use crate::formula::ast::Extremum;
use crate::term::{Binder, ExtremumForm, Id, LawTerms, Node, RandomId, Shape, Statement};

const GRID: usize = 24;
/// Of these at most so many may be without a value, next to a threshold.
const MISSING: usize = 4;
/// Valleys that are looked into.
const VALLEYS: usize = 3;
/// Where the quartic takes over, as a share of the range.
const NARROW: f64 = 2e-3;
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Where a function is least, and how small it is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Least {
    pub place: f64,
    pub value: f64,
}

/// How a range is walked through: by factors where its ends are far apart, densely towards zero where it begins there.
#[derive(Clone, Copy)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn at(self, t: f64) -> f64 {
        let Range { low, high } = self;
        if t <= 0.0 {
            low
        } else if t >= 1.0 {
            high
        } else if low > 0.0 && high > 4.0 * low {
            low * (high / low).powf(t)
        } else if low == 0.0 {
            high * t.powi(4)
        } else {
            low + (high - low) * t
        }
    }
}

/// The least value of `f` over `[low, high]`. `step` is that of the last quartic, in units of its own.
pub(super) fn least(
    f: &mut dyn FnMut(f64) -> Result<f64, EquivalenceError>,
    low: f64,
    high: f64,
    step: f64,
) -> Result<Least, EquivalenceError> {
    if !(low < high && low.is_finite() && high.is_finite()) {
        return undefined(format!("a minimum over [{low}, {high}]"));
    }
    let range = Range { low, high };
    let mut values: Vec<Option<f64>> = Vec::with_capacity(GRID + 1);
    let mut fault = None;
    for i in 0..=GRID {
        match f(range.at(i as f64 / GRID as f64)) {
            Ok(value) => values.push(Some(value)),
            Err(error) => {
                values.push(None);
                if values.iter().filter(|v| v.is_none()).count() > MISSING {
                    return Err(error);
                }
                fault = Some(error);
            }
        }
    }
    let at = |i: usize| values[i].unwrap_or(f64::INFINITY);
    let mut valleys: Vec<usize> = (0..=GRID)
        .filter(|&i| values[i].is_some())
        .filter(|&i| (i == 0 || at(i) <= at(i - 1)) && (i == GRID || at(i) <= at(i + 1)))
        .collect();
    valleys.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    valleys.truncate(VALLEYS);
    let mut best: Option<Least> = None;
    for i in valleys {
        let (from, to) = (i.saturating_sub(1), (i + 1).min(GRID));
        if values[from].is_none() || values[to].is_none() {
            // What is missing may be lower still.
            return Err(fault.unwrap_or_else(|| {
                EquivalenceError::unrecognised("a minimum beside which values are missing")
            }));
        }
        let ends = (from as f64 / GRID as f64, to as f64 / GRID as f64);
        let found = bottom(f, range, ends, step)?;
        if best.is_none_or(|b| found.value < b.value) {
            best = Some(found);
        }
    }
    match best {
        Some(best) => Ok(best),
        None => undefined("a minimum of what has no value"),
    }
}

/// The lowest point of one valley.
fn bottom(
    f: &mut dyn FnMut(f64) -> Result<f64, EquivalenceError>,
    range: Range,
    (mut a, mut b): (f64, f64),
    step: f64,
) -> Result<Least, EquivalenceError> {
    let (first, last) = (a, b);
    let (mut x, mut y) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut at_x, mut at_y) = (f(range.at(x))?, f(range.at(y))?);
    while b - a > NARROW {
        if at_x <= at_y {
            (b, y, at_y) = (y, x, at_x);
            x = b - GOLDEN * (b - a);
            at_x = f(range.at(x))?;
        } else {
            (a, x, at_x) = (x, y, at_y);
            y = a + GOLDEN * (b - a);
            at_y = f(range.at(y))?;
        }
    }
    let mut t = 0.5 * (a + b);
    // At an end of the range nothing is to be interpolated.
    for end in [0.0, 1.0] {
        let is_end = first == end || last == end;
        if is_end && (t - end).abs() <= NARROW && f(range.at(end))? <= at_x.min(at_y) {
            let place = range.at(end);
            return Ok(Least {
                place,
                value: f(place)?,
            });
        }
    }
    for h in [2.0 * NARROW, 0.25 * NARROW * step] {
        if t - 2.0 * h < 0.0 || t + 2.0 * h > 1.0 {
            break;
        }
        let mut around = [0.0; 5];
        for (k, value) in around.iter_mut().enumerate() {
            *value = f(range.at(t + (k as f64 - 2.0) * h))?;
        }
        t += h * stationary(&around);
    }
    let place = range.at(t);
    Ok(Least {
        place,
        value: f(place)?,
    })
}

/// Where the quartic through values at −2, −1, 0, 1, 2 is stationary, near 0.
fn stationary(v: &[f64; 5]) -> f64 {
    let first = (v[0] - 8.0 * v[1] + 8.0 * v[3] - v[4]) / 12.0;
    let second = (-v[0] + 16.0 * v[1] - 30.0 * v[2] + 16.0 * v[3] - v[4]) / 12.0;
    let third = (-v[0] + 2.0 * v[1] - 2.0 * v[3] + v[4]) / 2.0;
    let fourth = v[0] - 4.0 * v[1] + 6.0 * v[2] - 4.0 * v[3] + v[4];
    let mut s = 0.0f64;
    for _ in 0..8 {
        let slope = first + s * (second + s * (third / 2.0 + s * fourth / 6.0));
        let bend = second + s * (third + s * fourth / 2.0);
        if !(bend > 0.0) {
            return 0.0;
        }
        s = (s - slope / bend).clamp(-2.0, 2.0);
    }
    s
}

/// A minimum is over what the path, the dimension and the spectrum do not depend on.
pub(super) fn may_vary(statement: &Statement, form: &ExtremumForm) -> Result<(), EquivalenceError> {
    if form.kind == Extremum::Root {
        return unrecognised("a root of expectations");
    }
    stays(statement, form.variable, form.body)
}

/// What the path, the dimension and the spectrum do not depend on may be moved while they stay.
pub(super) fn stays(
    statement: &Statement,
    variable: Binder,
    body: Id,
) -> Result<(), EquivalenceError> {
    let store = &statement.store;
    let name = store.binder_name(variable);
    let variable = store.symbol_named(name);
    let follows = statement.limit.as_ref().is_some_and(|limit| {
        let entries = || limit.path.iter().chain(&limit.frozen);
        variable == Some(limit.variable)
            || limit
                .path
                .iter()
                .any(|(symbol, _)| variable == Some(*symbol))
            || variable.is_some_and(|v| entries().any(|(_, id)| store.mentions(*id, v)))
    });
    let mut moves = follows;
    store.visit(body, &mut |_, node| {
        moves |= match node {
            Node::Random(object) | Node::Member(object, _) => !has_dimension(statement, *object),
            node => node.model().is_some_and(|model| model != statement.model),
        };
    });
    if moves {
        return unrecognised(format!(
            "a minimum or an integral over {name}, on which sizes or the spectrum depend"
        ));
    }
    Ok(())
}

/// Whether the rows of a design are inputs of the statement's dimension.
fn has_dimension(statement: &Statement, object: RandomId) -> bool {
    let object = statement.store.random(object);
    let dimension = match (&object.law, object.shape) {
        (LawTerms::Design { .. }, Shape::Matrix { columns, .. }) => columns,
        (LawTerms::Labeller { .. }, Shape::Vector(n)) => n,
        _ => return true,
    };
    statement.store.model(statement.model).dimension == Some(dimension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowest_points_are_found() {
        let cases: [(fn(f64) -> f64, f64, f64, f64); 5] = [
            (|x| x + 1.0 / x, 1e-3, 1e3, 1.0),
            (|x| (x - 0.3).powi(2), 0.0, 2.0, 0.3),
            (|x| (x + 1.0).ln(), 0.0, 2.0, 0.0),
            (|x| -x, 1e-3, 10.0, 10.0),
            // The narrower of two valleys, a little deeper.
            (
                |x| (x - 0.2).powi(2) - 0.2 * (-60.0 * (x - 0.8).powi(2)).exp(),
                -1.0,
                1.0,
                0.2,
            ),
        ];
        for (f, low, high, place) in cases {
            let found = least(&mut |x| Ok(f(x)), low, high, 1.0).unwrap();
            assert!(
                (found.place - place).abs() < 1e-6 * place.max(0.1),
                "{found:?} {place}"
            );
            assert!(found.value <= f(place) + 1e-14);
        }
        let broken = least(
            &mut |x| {
                if x < 0.5 {
                    undefined("no value")
                } else {
                    Ok(x)
                }
            },
            0.0,
            1.0,
            1.0,
        );
        assert!(broken.is_err());
    }
}
