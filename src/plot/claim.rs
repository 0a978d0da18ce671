//! A claim as a picture: its two sides against one another, along the path of its limit or along one of its symbols.

use std::time::{Duration, Instant};

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::PlotError;
use super::chart::{Chart, Mark, Point, Series};
use super::text::{literal, rounded, symbol};
use crate::check::file::Claim;
use crate::decide::assignment::Assignment;
use crate::decide::path::Path;
use crate::decide::problem::{Effort, Problem};
use crate::decide::sampler::{Corner, Sampler};
use crate::formula::ast::{Comparison, Node, RelationOp};
use crate::formula::differentiate::{expand_comparison, expand_scope};
use crate::formula::equivalence;
use crate::formula::evaluate::Evaluator;
use crate::formula::scope::Scope;
use crate::number::{Ball, Real, rational_from_f64};

/// Points of the domain through which curves are drawn.
const CURVES: usize = 5;
/// Values along a curve.
const STATIONS: usize = 61;
/// A claim that takes longer is drawn as far as it has come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Whole numbers beyond make slow pictures.
const LARGEST: f64 = 400.0;
/// Differences that are rounding.
const ROUNDING: f64 = 1e-11;

/// The chart of a claim.
pub fn chart(claim: &Claim) -> Result<Chart, PlotError> {
    let says = expand_comparison(&claim.says, &claim.scope);
    let expanded = says.and_then(|says| expand_scope(&claim.scope).map(|scope| (says, scope)));
    let (says, scope) = expanded.map_err(|error| PlotError::Data {
        message: error.message,
    })?;
    let problem = Problem::new(&scope, &says, &claim.id, 0, Effort::Quick);
    if problem.random && !problem.expectation {
        return Err(PlotError::Empty {
            reason: "the claim is about random objects, not about numbers".to_owned(),
        });
    }
    let picture = Picture {
        problem: &problem,
        scope: &scope,
        says: &says,
        start: Instant::now(),
    };
    let bases = picture.bases();
    if bases.is_empty() {
        return Err(PlotError::Empty {
            reason: "no point of the domain was found".to_owned(),
        });
    }
    let (along, curves) = if says.op.is_asymptotic() {
        picture.along_the_limit(&bases)?
    } else {
        picture.along_a_symbol(&bases)?
    };
    picture.chart(claim, along, &bases, curves)
}

/// One curve: the place, both sides, whether the relation holds there.
type Curve = Vec<(f64, f64, f64, Option<bool>)>;

/// What runs along the axis.
struct Along {
    label: String,
    /// The names that move with it.
    moving: Vec<String>,
}

struct Picture<'a> {
    problem: &'a Problem<'a>,
    scope: &'a Scope,
    says: &'a Comparison,
    start: Instant,
}

impl Picture<'_> {
    fn bases(&self) -> Vec<Assignment> {
        let cap = if self.says.op.is_asymptotic() {
            f64::INFINITY
        } else {
            LARGEST
        };
        let sampler =
            Sampler::new(self.scope, &[&self.says.lhs, &self.says.rhs], cap).with_digits(2);
        let mut bases: Vec<Assignment> = Vec::new();
        for index in 0..40 {
            let mut stream = self.problem.stream(index);
            if let Some(base) = sampler.draw(&mut stream, Corner::Inside)
                && bases
                    .iter()
                    .all(|known| known.symbols != base.symbols || known.spectrum != base.spectrum)
            {
                bases.push(base);
            }
            if bases.len() == CURVES {
                break;
            }
        }
        bases
    }

    fn late(&self) -> bool {
        self.start.elapsed() > PATIENCE
    }

    /// Both sides, expectations by their deterministic equivalents.
    fn sides(&self, at: &Assignment) -> Option<(Ball, Ball)> {
        let environment = at.environment::<Ball>(self.scope).ok()?;
        let evaluator = Evaluator::new(self.scope, &environment);
        let value = |expr| {
            if self.problem.expectation {
                equivalence::scalar(expr, self.scope, &environment).ok()
            } else {
                evaluator.scalar(expr).ok()
            }
        };
        let rhs = match &*self.says.rhs.node {
            Node::Infinity => Ball::from_f64(1.0),
            _ => value(&self.says.rhs)?,
        };
        Some((value(&self.says.lhs)?, rhs))
    }

    /// Whether the relation holds between numbers; open within rounding, and for expectations, whose equivalents are near.
    fn holds(&self, lhs: f64, rhs: f64) -> Option<bool> {
        if self.problem.expectation {
            return None;
        }
        let size = lhs.abs().max(rhs.abs());
        let equal = (lhs - rhs).abs() <= ROUNDING * size;
        match self.says.op {
            RelationOp::Eq => Some(equal),
            RelationOp::Le | RelationOp::Lt => Some(equal || lhs < rhs),
            RelationOp::Ge | RelationOp::Gt => Some(equal || lhs > rhs),
            _ => None,
        }
    }

    fn station(&self, x: f64, at: &Assignment, curve: &mut Curve) {
        if let Some((lhs, rhs)) = self.sides(at) {
            let (lhs, rhs) = (lhs.midpoint(), rhs.midpoint());
            curve.push((x, lhs, rhs, self.holds(lhs, rhs)));
        } else {
            curve.push((x, f64::NAN, f64::NAN, None));
        }
    }

    fn along_the_limit(&self, bases: &[Assignment]) -> Result<(Along, Vec<Curve>), PlotError> {
        let limit = self.scope.limit.as_ref().ok_or_else(|| PlotError::Empty {
            reason: "the claim has no [limit]".to_owned(),
        })?;
        let mut curves = Vec::new();
        for base in bases {
            let mut curve = Curve::new();
            if let Ok(path) = Path::new(self.scope, limit, base) {
                for i in 0..STATIONS {
                    let t = 10f64.powf(1.0 + 6.0 * i as f64 / (STATIONS - 1) as f64);
                    if self.late() {
                        break;
                    }
                    if let Ok(at) = path.at(t) {
                        self.station(t, &at, &mut curve);
                    }
                }
            }
            curves.push(curve);
        }
        let path = limit.path.iter().map(|(name, _)| name.clone());
        Ok((
            Along {
                label: symbol(&limit.variable),
                moving: path.chain([limit.variable.clone()]).collect(),
            },
            curves,
        ))
    }

    /// Along the symbol that shows most: where the claim fails on a part, or where the sides' ratio varies.
    fn along_a_symbol(&self, bases: &[Assignment]) -> Result<(Along, Vec<Curve>), PlotError> {
        let sampler = Sampler::new(self.scope, &[&self.says.lhs, &self.says.rhs], LARGEST);
        let names: Vec<(String, bool, bool)> = sampler
            .symbols()
            .map(|(name, whole, log)| (name.to_owned(), whole, log))
            .collect();
        let along = |name: &str, whole: bool, log: bool, base: &Assignment, count: usize| {
            let mut curve = Curve::new();
            let Some((low, high)) = sampler.range_of(name, base) else {
                return curve;
            };
            let (low, high) = (low.to_f64().unwrap_or(0.0), high.to_f64().unwrap_or(0.0));
            let high = if whole { high.min(LARGEST) } else { high };
            let mut last = None;
            for i in 0..count {
                if self.late() {
                    break;
                }
                let share = i as f64 / (count - 1) as f64;
                let x = if log && low > 0.0 {
                    low * (high / low).powf(share)
                } else {
                    low + (high - low) * share
                };
                let x = if whole { x.round() } else { x };
                let Some(value) = rational_from_f64(x).map(short).filter(|_| last != Some(x))
                else {
                    continue;
                };
                last = Some(x);
                let mut at = base.clone();
                at.symbols.insert(name.to_owned(), value);
                if sampler.admits(&at) {
                    self.station(x, &at, &mut curve);
                } else {
                    curve.push((x, f64::NAN, f64::NAN, None));
                }
            }
            curve
        };
        let score = |curve: &Curve| {
            let known: Vec<_> = curve.iter().filter(|c| c.1.is_finite()).collect();
            let fails = known.iter().filter(|c| c.3 == Some(false)).count();
            let ratios: Vec<f64> = known
                .iter()
                .map(|c| (c.1 / c.2).ln().abs().min(50.0))
                .collect();
            let spread = ratios.iter().fold(0.0f64, |m, r| m.max(*r))
                - ratios.iter().fold(50.0f64, |m, r| m.min(*r));
            let both = fails > 0 && fails < known.len();
            known.len() as f64 / 100.0 + spread.clamp(0.0, 1.0) + if both { 10.0 } else { 0.0 }
        };
        let best = names
            .iter()
            .map(|(name, whole, log)| {
                let total: f64 = bases
                    .iter()
                    .take(2)
                    .map(|base| score(&along(name, *whole, *log, base, 13)))
                    .sum();
                (total, name, *whole, *log)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, name, whole, log)) = best else {
            return Err(PlotError::Empty {
                reason: "the claim has no free symbol".to_owned(),
            });
        };
        let curves = bases
            .iter()
            .map(|base| along(name, whole, log, base, STATIONS))
            .collect();
        let along = Along {
            label: symbol(name),
            moving: vec![name.clone()],
        };
        Ok((along, curves))
    }

    /// Whether the claim compares orders of growth, so that a ratio may be any constant.
    fn is_of_orders(&self) -> bool {
        matches!(
            self.says.op,
            RelationOp::SameOrder | RelationOp::OrderAtMost | RelationOp::OrderAtLeast
        )
    }

    /// The point of a curve, and along a limit how the ratio of the sides goes on at its end.
    fn label(&self, base: &Assignment, along: &Along, curve: &Curve, ratio: bool) -> String {
        let point = describe(base, &along.moving);
        let drifting = self.says.op.is_asymptotic() && ratio;
        match drift(curve).filter(|power| drifting && power.abs() >= 0.02) {
            Some(power) => {
                let at = &along.label;
                let power = format!("{power:.2}").replace('-', "\u{2212}");
                format!("{point}: like {at}^{{{power}}}")
            }
            None => point,
        }
    }

    fn chart(
        &self,
        claim: &Claim,
        along: Along,
        bases: &[Assignment],
        curves: Vec<Curve>,
    ) -> Result<Chart, PlotError> {
        let known = || {
            curves
                .iter()
                .flatten()
                .filter(|c| c.1.is_finite() && c.2.is_finite())
        };
        if known().count() < 2 {
            return Err(PlotError::Empty {
                reason: "neither side could be evaluated along a path".to_owned(),
            });
        }
        let to_infinity = matches!(&*self.says.rhs.node, Node::Infinity);
        let ratio = known().all(|c| c.1 * c.2 > 0.0) && !to_infinity;
        let y = |c: &(f64, f64, f64, Option<bool>)| match (ratio, to_infinity) {
            (true, _) => c.1 / c.2,
            (false, true) => c.1,
            (false, false) => c.1 - c.2,
        };
        let series: Vec<Series> = bases
            .iter()
            .zip(&curves)
            .map(|(base, curve)| Series {
                label: self.label(base, &along, curve, ratio),
                curve: curve.iter().map(|c| (c.0, y(c))).collect(),
                points: curve
                    .iter()
                    .filter(|c| c.3 == Some(false) && c.1.is_finite())
                    .step_by(3)
                    .map(|c| Point {
                        x: c.0,
                        y: y(c),
                        error: 0.0,
                        hollow: true,
                    })
                    .collect(),
                ..Series::default()
            })
            .collect();
        let mut notes = Vec::new();
        if series.iter().any(|s| !s.points.is_empty()) {
            notes.push("Markers: the claim fails there.".to_owned());
        }
        if self.problem.expectation {
            notes.push("Expectations by their deterministic equivalents.".to_owned());
        }
        if self.says.op.is_asymptotic() && ratio {
            notes.push(
                if self.is_of_orders() {
                    "The claim asks that the ratio stays between positive constants, or on one side of one; \
                     a power in the legend says that it still moves over the last decade."
                } else {
                    "The claim asks that the ratio tends to 1; a power in the legend says that it still moves over \
                     the last decade."
                }
                .to_owned(),
            );
        }
        if self.late() {
            notes.push("Drawn as far as it could be computed in time.".to_owned());
        }
        let levels = match (ratio, to_infinity) {
            (_, true) => Vec::new(),
            // A constant factor is no matter there.
            _ if self.is_of_orders() => Vec::new(),
            (true, _) => vec![Mark {
                at: 1.0,
                label: "equal".to_owned(),
            }],
            (false, _) => vec![Mark {
                at: 0.0,
                label: "equal".to_owned(),
            }],
        };
        // Sides that agree everywhere would show rounding.
        let flat = ratio && known().all(|c| (c.1 / c.2 - 1.0).abs() < 1e-6);
        let says: String = claim.says_text.chars().take(220).collect();
        Ok(Chart {
            title: literal(&format!("{}: {says}", claim.id)),
            x_label: along.label,
            y_label: match (ratio, to_infinity) {
                (true, _) => "left side / right side",
                (false, true) => "left side",
                (false, false) => "left side − right side",
            }
            .to_owned(),
            series,
            notes,
            levels,
            y_range: flat.then_some((0.9, 1.1)),
            ..Chart::default()
        })
    }
}

/// The power of the ratio of the sides over the last decade of a curve.
fn drift(curve: &Curve) -> Option<f64> {
    let mut known = curve.iter().rev().filter(|c| c.1 / c.2 > 0.0);
    let last = known.next()?;
    let before = known.find(|c| c.0 * 10.0 <= last.0)?;
    let power = (last.1 / last.2 / (before.1 / before.2)).ln() / (last.0 / before.0).ln();
    power.is_finite().then_some(power)
}

/// Few digits, so that exact arithmetic stays small.
fn short(x: BigRational) -> BigRational {
    match x.to_f64() {
        Some(f) if !x.is_integer() => format!("{f:.4e}")
            .parse::<f64>()
            .ok()
            .and_then(BigRational::from_float)
            .unwrap_or(x),
        _ => x,
    }
}

/// The first few symbols of a point that stay as they are along its curve, as a label.
fn describe(base: &Assignment, moving: &[String]) -> String {
    let parts: Vec<String> = base
        .symbols
        .iter()
        .filter(|(name, _)| !moving.contains(name))
        .take(4)
        .filter_map(|(name, value)| {
            Some(format!("{} = {}", symbol(name), rounded(value.to_f64()?)))
        })
        .collect();
    parts.join(", ")
}
