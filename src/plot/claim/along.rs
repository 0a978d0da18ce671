//! What runs along the axis of a claim's picture: the variable of its limit, or the symbol that shows most.

use num_traits::ToPrimitive;

use super::super::PlotError;
use super::super::text::symbol;
use super::point::{LARGEST, decimal};
use super::sides::{Curve, Sides, Station};
use crate::budget;
use crate::decide::assignment::Assignment;
use crate::decide::path::Path;
use crate::decide::sampler::Sampler;
use crate::formula::scope::Limit;

/// Values along a curve.
const STATIONS: usize = 61;
/// A power of the limit variable from which on a ratio is said to move.
pub(super) const MOVING: f64 = 0.02;
/// Of a limit variable, the first value and the decades from there.
const FIRST: f64 = 10.0;
const DECADES: f64 = 6.0;
/// With less work than this left, a missing value says nothing.
const SCANT: u64 = 50_000_000;
/// Where assumptions are asked of a path.
const FAR: f64 = 1e4;

pub(super) struct Along {
    name: String,
    /// The names that move with it.
    pub moving: Vec<String>,
    kind: Kind,
}

enum Kind {
    Limit,
    Symbol { whole: bool, log: bool },
}

impl Along {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn label(&self) -> String {
        symbol(&self.name)
    }

    /// The limit's variable; or the symbol along which the claim fails on a part, or the sides' ratio varies.
    pub fn choose(sides: &Sides, bases: &[Assignment], work: u64) -> Result<Self, PlotError> {
        if sides.statement.says.op.is_asymptotic() {
            let limit = limit(sides)?;
            return Ok(Self {
                name: limit.variable.clone(),
                moving: limit.moving().map(ToOwned::to_owned).collect(),
                kind: Kind::Limit,
            });
        }
        let sampler = Sampler::new(sides.scope(), &sides.formulas(), LARGEST);
        let candidates: Vec<Self> = sampler
            .all_symbols()
            .map(|(name, whole, log)| Self {
                name: name.to_owned(),
                moving: vec![name.to_owned()],
                kind: Kind::Symbol { whole, log },
            })
            .collect();
        let each = work / (2 * candidates.len().max(1) as u64);
        let rated = candidates.into_iter().map(|along| {
            let total: f64 = (bases.iter().take(2))
                .map(|base| score(&along.stations(sides, base, 13, each)))
                .sum();
            (total, along)
        });
        match rated.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((_, along)) => Ok(along),
            None => Err(PlotError::Empty {
                reason: "the claim has no free symbol".to_owned(),
            }),
        }
    }

    /// As far as the work suffices, coarse stations first.
    pub fn curve(&self, sides: &Sides, base: &Assignment, work: u64) -> Curve {
        self.stations(sides, base, STATIONS, work)
    }

    fn stations(&self, sides: &Sides, base: &Assignment, count: usize, work: u64) -> Curve {
        let (mut curve, _) = budget::within(work, || match self.kind {
            Kind::Limit => limit_stations(sides, base, count),
            Kind::Symbol { whole, log } => self.symbol_stations(sides, base, count, whole, log),
        });
        curve.sort_by(|a, b| a.x.total_cmp(&b.x));
        curve
    }

    /// Whether the assumptions allow the point, far along a limit.
    pub fn admits(&self, sides: &Sides, base: &Assignment) -> bool {
        let sampler = Sampler::new(sides.scope(), &sides.formulas(), f64::INFINITY);
        match self.kind {
            Kind::Symbol { .. } => true,
            Kind::Limit => (limit(sides).ok())
                .and_then(|limit| Path::new(sides.scope(), limit, base).ok())
                .and_then(|path| path.at(FAR).ok())
                .is_some_and(|at| sampler.assumptions_hold(&at)),
        }
    }

    fn symbol_stations(
        &self,
        sides: &Sides,
        base: &Assignment,
        count: usize,
        whole: bool,
        log: bool,
    ) -> Curve {
        let sampler = Sampler::new(sides.scope(), &sides.formulas(), LARGEST);
        let mut curve = Curve::new();
        let Some((low, high)) = sampler.range_of(&self.name, base) else {
            return curve;
        };
        let (low, high) = (low.to_f64().unwrap_or(0.0), high.to_f64().unwrap_or(0.0));
        let high = if whole { high.min(LARGEST) } else { high };
        for i in coarse_first(count) {
            let share = i as f64 / (count - 1) as f64;
            let x = if log && low > 0.0 {
                low * (high / low).powf(share)
            } else {
                low + (high - low) * share
            };
            let x = if whole { x.round() } else { x };
            let Some(value) = decimal(x) else {
                continue;
            };
            if curve.iter().any(|s| s.x == x) {
                continue;
            }
            let mut at = base.clone();
            at.symbols.insert(self.name.clone(), value);
            if sampler.admits(&at) {
                curve.extend(afforded(sides.at(x, &at)));
            } else {
                curve.push(Station {
                    x,
                    lhs: f64::NAN,
                    rhs: f64::NAN,
                    holds: None,
                });
            }
        }
        curve
    }
}

fn limit<'a>(sides: &Sides<'a>) -> Result<&'a Limit, PlotError> {
    sides
        .scope()
        .limit
        .as_ref()
        .ok_or_else(|| PlotError::Empty {
            reason: "the claim has no [limit]".to_owned(),
        })
}

fn limit_stations(sides: &Sides, base: &Assignment, count: usize) -> Curve {
    let Some(path) = (limit(sides).ok()).and_then(|l| Path::new(sides.scope(), l, base).ok())
    else {
        return Curve::new();
    };
    let place = |i: usize| FIRST * 10f64.powf(DECADES * i as f64 / (count - 1) as f64);
    coarse_first(count)
        .into_iter()
        .filter_map(|i| Some((place(i), path.at(place(i)).ok()?)))
        .filter_map(|(t, at)| afforded(sides.at(t, &at)))
        .collect()
}

/// Nothing where a value is only missing because the work ran out: the curve goes on.
fn afforded(station: Station) -> Option<Station> {
    (station.known() || budget::left() > SCANT).then_some(station)
}

/// 0, the last, the middle, the quarters, …
fn coarse_first(count: usize) -> Vec<usize> {
    let mut order = Vec::new();
    let mut step = count.next_power_of_two();
    while step >= 1 {
        for i in (0..count).step_by(step) {
            if !order.contains(&i) {
                order.push(i);
            }
        }
        if step == count.next_power_of_two() {
            order.push(count - 1);
        }
        step /= 2;
    }
    order
}

/// How much a curve shows.
fn score(curve: &Curve) -> f64 {
    let known: Vec<&Station> = curve.iter().filter(|s| s.known()).collect();
    let fails = known.iter().filter(|s| s.holds == Some(false)).count();
    let ratio = |s: &&Station| (s.lhs / s.rhs).ln().abs().min(50.0);
    let most = known.iter().map(ratio).fold(0.0, f64::max);
    let least = known.iter().map(ratio).fold(50.0, f64::min);
    let both = fails > 0 && fails < known.len();
    known.len() as f64 / 100.0 + (most - least).clamp(0.0, 1.0) + if both { 10.0 } else { 0.0 }
}

/// The power of the ratio of the sides over the last two decades of a curve, by least squares.
pub(super) fn drift(curve: &Curve) -> Option<f64> {
    let known = || curve.iter().filter(|s| s.lhs / s.rhs > 0.0);
    let last = known().next_back()?.x;
    let late: Vec<(f64, f64)> = known()
        .filter(|s| s.x * 101.0 >= last)
        .map(|s| (s.x.ln(), (s.lhs / s.rhs).ln()))
        .collect();
    let count = late.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| late.iter().map(f).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let over: f64 = late.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let under: f64 = late.iter().map(|p| (p.0 - x).powi(2)).sum();
    let power = over / under;
    (late.len() > 1 && power.is_finite()).then_some(power)
}

/// Whether a ratio that should tend to 1 keeps its distance over the last decade.
pub(super) fn stays_apart(curve: &Curve) -> bool {
    last_decade(curve).is_some_and(|(before, last)| {
        let apart = |s: Station| (s.lhs / s.rhs - 1.0).abs();
        apart(last) > MOVING && apart(last) > 0.7 * apart(before)
    })
}

fn last_decade(curve: &Curve) -> Option<(Station, Station)> {
    let mut known = curve.iter().rev().filter(|s| s.lhs / s.rhs > 0.0);
    let last = known.next()?;
    let before = known.find(|s| s.x * 9.99 <= last.x)?;
    Some((*before, *last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coarse_stations_come_first_and_all_come_once() {
        let order = coarse_first(61);
        assert_eq!(order[..4], [0, 60, 32, 16]);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..61).collect::<Vec<_>>());
    }
}
