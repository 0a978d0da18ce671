//! Small moves from a point of a domain to its neighbours.

use super::assignment::{Assignment, short_decimal};
use super::sampler::Sampler;
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// What may move.
#[derive(Clone, Copy, PartialEq)]
pub enum Movable {
    All,
    Symbols,
}

/// A neighbour of an assignment: one or two of the numbers that the setting leaves open changed by about `step`,
/// relatively.
pub fn moved(
    at: &Assignment,
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    step: f64,
    movable: Movable,
) -> Option<Assignment> {
    let (mut trial, last) = neighbour(at, sampler, stream, step, movable)?;
    sampler
        .settle(stream, &mut trial, last.as_deref())
        .then_some(trial)
}

/// The same, whatever is assumed, with the symbol that was changed last.
pub fn neighbour(
    at: &Assignment,
    sampler: &Sampler<'_>,
    stream: &mut Stream,
    step: f64,
    movable: Movable,
) -> Option<(Assignment, Option<String>)> {
    let all = movable == Movable::All;
    let names: Vec<(&str, bool, bool)> = sampler.symbols().collect();
    let levels = at.spectrum.len();
    let values = if all && sampler.moves_spectrum() {
        levels
    } else {
        0
    };
    let masses = if all && sampler.moves_target() {
        levels
    } else {
        0
    };
    let coordinates = names.len() + values + masses;
    if coordinates == 0 {
        return None;
    }
    let mut trial = at.clone();
    let mut last = None;
    for _ in 0..1 + (stream.uniform() * 2.0) as usize {
        let which = (stream.uniform() * coordinates as f64) as usize % coordinates;
        let push = step * stream.normal();
        if let Some((name, whole, log)) = names.get(which) {
            let (low, high) = sampler.range_of(name, &trial)?;
            let x = rational_to_f64(trial.symbols.get(*name)?);
            let (a, b) = (rational_to_f64(&low), rational_to_f64(&high));
            let next = match (whole, log) {
                (true, _) => (x + push.signum() * (push.abs() * x.max(1.0) * 0.5).ceil()).round(),
                (false, true) => x * push.exp(),
                (false, false) => x + push * (b - a) * 0.3,
            };
            let value = if next <= a {
                low
            } else if next >= b {
                high
            } else if *whole {
                short_decimal(next, 16)
            } else {
                short_decimal(next, if step < 1e-3 { 12 } else { 6 })
            };
            trial.symbols.insert((*name).to_owned(), value);
            last = Some((*name).to_owned());
        } else if which < names.len() + values {
            let which = which - names.len();
            if levels > 1 && stream.uniform() < 0.3 {
                transfer(&mut trial, stream, which);
            } else {
                let value = rational_to_f64(&trial.spectrum[which].value) * push.exp();
                trial.move_level(which, short_decimal(value, 6), sampler.keeps_levels());
            }
        } else {
            let level = &mut trial.spectrum[which - names.len() - values];
            level.mass = short_decimal(
                (rational_to_f64(&level.mass) + 1e-3) * (2.0 * push).exp(),
                6,
            );
        }
    }
    Some((trial, last))
}

/// Some members of one level go to another.
fn transfer(trial: &mut Assignment, stream: &mut Stream, from: usize) {
    let levels = trial.spectrum.len();
    let to = (from + 1 + (stream.uniform() * (levels - 1) as f64) as usize) % levels;
    let available = rational_to_f64(&trial.spectrum[from].share);
    let some = if stream.uniform() < 0.5 {
        1.0
    } else {
        (0.5 * available).floor()
    };
    if let Some(some) = rational_from_f64(some)
        && some < trial.spectrum[from].share
    {
        trial.spectrum[from].share -= &some;
        trial.spectrum[to].share += some;
    }
}
