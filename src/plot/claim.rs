//! A claim as a picture: its two sides against one another, along the path of its limit or along one of its symbols;
//! and where in its domain it holds.
//!
//! A claim that was refuted is drawn at its witness, beside the statement that holds instead.

mod along;
mod background;
mod caption;
mod domain;
mod point;
mod sides;

use super::PlotError;
use super::chart::{Chart, Mark, Point, Series};
use super::text::literal;
use crate::check::file::Claim;
use crate::decide::assignment::Assignment;
use crate::decide::verdict::Witness;
use crate::formula::ast::{Node, RelationOp};
use along::Along;
pub use background::Background;
use caption::{describe, title};
pub use domain::{Side, domain};
use sides::{Curve, Sides, Statement, Station};

/// Fewer stations along a limit are no curve.
const FEWEST: usize = 5;

/// The chart of a claim.
pub fn chart(claim: &Claim, background: &Background) -> Result<Chart, PlotError> {
    let statement = Statement::of(claim)?;
    let sides = Sides::new(&statement, &claim.id)?;
    let chosen = point::chosen(&sides, background)?;
    let bases = point::bases(&sides, chosen.as_ref(), background.others);
    if bases.is_empty() {
        return Err(PlotError::Empty {
            reason: "no point of the domain was found".to_owned(),
        });
    }
    // What holds instead is drawn beside.
    let share = background.work / (bases.len() as u64 + 1);
    let along = Along::choose(&sides, &bases, share)?;
    let mut bases = bases;
    let mut curves: Vec<Curve> = bases
        .iter()
        .map(|base| along.curve(&sides, base, share))
        .collect();
    // Equivalents are for large sizes; where they are not what the checker found, its own stations are drawn.
    let found = chosen.as_ref().and(background.witness).and_then(stations);
    let found = found.filter(|found| {
        sides.problem.expectation && background.at.is_empty() && !near(&curves[0], found)
    });
    let measured = found.is_some();
    if let Some(found) = found {
        bases.truncate(1);
        curves = vec![found];
    }
    let instead = match (&chosen, background.instead) {
        (Some(base), Some(other)) if !measured => Instead::draw(other, base, &along, share),
        _ => None,
    };
    drop_overshadowing(&mut bases, &mut curves, chosen.is_some());
    let picture = Picture {
        sides: &sides,
        along: &along,
        background,
        failing: background.witness.is_some() && background.at.is_empty() && chosen.is_some(),
        measured,
        chosen: chosen.as_ref(),
    };
    picture.chart(claim, &bases, &curves, instead)
}

/// A witness' own stations along the path of a limit.
fn stations(witness: &Witness) -> Option<Curve> {
    let path = witness.path.as_ref().filter(|path| path.len() > 1)?;
    let station = |at: &crate::decide::verdict::PathPoint| Station {
        x: at.at,
        lhs: at.lhs,
        rhs: at.rhs,
        holds: None,
    };
    Some(path.iter().map(station).collect())
}

/// Whether a curve goes where these stations go.
fn near(curve: &Curve, stations: &Curve) -> bool {
    let ratio = |s: &Station| s.lhs / s.rhs;
    let last = curve.iter().rev().find(|s| s.known());
    last.is_some_and(|last| {
        let beside = stations.iter().min_by(|a, b| {
            let apart = |s: &Station| (s.x / last.x).ln().abs();
            apart(a).total_cmp(&apart(b))
        });
        beside.is_some_and(|s| (ratio(last) / ratio(s) - 1.0).abs() < 0.03)
    })
}

/// Other points of the domain are left out where the one of interest would be flat beside them.
fn drop_overshadowing(bases: &mut Vec<Assignment>, curves: &mut Vec<Curve>, chosen: bool) {
    const MOST: f64 = 30.0;
    let reach = |curve: &Curve| {
        let ratios = curve.iter().filter(|s| s.positive()).map(|s| s.lhs / s.rhs);
        ratios.fold((1.0f64, 1.0f64), |(low, high), r| (low.min(r), high.max(r)))
    };
    if !chosen || curves.is_empty() {
        return;
    }
    let (low, high) = reach(&curves[0]);
    let keep: Vec<bool> = (curves.iter().enumerate())
        .map(|(i, curve)| {
            let (least, most) = reach(curve);
            i == 0 || (least * MOST > low && most < high * MOST)
        })
        .collect();
    let mut kept = keep.iter();
    bases.retain(|_| kept.next() == Some(&true));
    let mut kept = keep.iter();
    curves.retain(|_| kept.next() == Some(&true));
}

/// The statement that holds instead, along the same path.
struct Instead {
    id: String,
    curve: Curve,
    /// Whether it speaks of this point at all.
    speaks: bool,
    ratio: bool,
}

impl Instead {
    fn draw(other: &Claim, base: &Assignment, along: &Along, work: u64) -> Option<Self> {
        let statement = Statement::of(other).ok()?;
        let sides = Sides::new(&statement, &other.id).ok()?;
        let base = point::carried(&sides, base)?;
        let speaks = along.admits(&sides, &base);
        let curve = if speaks {
            along.curve(&sides, &base, work)
        } else {
            Curve::new()
        };
        let known = curve.iter().filter(|s| s.known()).count();
        if speaks && known < 2 {
            return None;
        }
        Some(Self {
            id: other.id.clone(),
            ratio: known > 0 && curve.iter().filter(|s| s.known()).all(Station::positive),
            curve,
            speaks,
        })
    }
}

struct Picture<'a> {
    sides: &'a Sides<'a>,
    along: &'a Along,
    background: &'a Background<'a>,
    /// Whether the first curve goes through a point at which the claim was found to fail.
    failing: bool,
    /// Whether that curve is the checker's own.
    measured: bool,
    chosen: Option<&'a Assignment>,
}

/// How the two sides of a station are put against one another.
#[derive(Clone, Copy, PartialEq)]
enum Against {
    Ratio,
    Difference,
    /// The left side alone, where the right one is infinite.
    Left,
}

impl Against {
    fn of(self, station: &Station) -> f64 {
        match self {
            Against::Ratio => station.lhs / station.rhs,
            Against::Difference => station.lhs - station.rhs,
            Against::Left => station.lhs,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Against::Ratio => "left side / right side",
            Against::Difference => "left side − right side",
            Against::Left => "left side",
        }
    }
}

impl Picture<'_> {
    fn op(&self) -> RelationOp {
        self.sides.statement.says.op
    }

    /// Whether the claim compares orders of growth, so that a ratio may be any constant.
    fn is_of_orders(&self) -> bool {
        matches!(
            self.op(),
            RelationOp::SameOrder | RelationOp::OrderAtMost | RelationOp::OrderAtLeast
        )
    }

    fn chart(
        &self,
        claim: &Claim,
        bases: &[Assignment],
        curves: &[Curve],
        instead: Option<Instead>,
    ) -> Result<Chart, PlotError> {
        let known = || curves.iter().flatten().filter(|s| s.known());
        // Two stations of a curve that costs too much would show a straight line.
        let first = curves[0].iter().filter(|s| s.known()).count();
        if !self.measured && self.op().is_asymptotic() && (1..FEWEST).contains(&first) {
            return Err(PlotError::Empty {
                reason: "the work suffices for a few points only".to_owned(),
            });
        }
        if known().count() < 2 {
            return Err(PlotError::Empty {
                reason: "neither side could be evaluated along a path".to_owned(),
            });
        }
        let to_infinity = matches!(&*self.sides.statement.says.rhs.node, Node::Infinity);
        let against = if to_infinity {
            Against::Left
        } else if known().all(Station::positive) {
            Against::Ratio
        } else {
            Against::Difference
        };
        let mut series: Vec<Series> = bases
            .iter()
            .zip(curves)
            .enumerate()
            .map(|(i, (base, curve))| self.series(i, base, curve, against))
            .collect();
        let mut notes = self.notes(&series, against);
        if let Some(instead) = instead {
            // A path along which it does not look true is one that it does not speak of.
            let apart = self.op().is_asymptotic() && !self.is_of_orders();
            if !instead.speaks || apart && along::stays_apart(&instead.curve) {
                notes.push(format!(
                    "What holds instead ({}) leaves this point out.",
                    literal(&instead.id)
                ));
            } else if instead.ratio == (against == Against::Ratio) {
                series.insert(1, self.instead(&instead, against));
            }
        }
        series.extend(self.point(against));
        // Sides that agree everywhere would show rounding.
        let flat = against == Against::Ratio && known().all(|s| (s.lhs / s.rhs - 1.0).abs() < 1e-6);
        Ok(Chart {
            title: title(claim),
            x_label: self.along.label(),
            y_label: against.label().to_owned(),
            shaded: self.forbidden(against),
            levels: self.levels(against),
            series,
            notes,
            y_range: flat.then_some((0.9, 1.1)),
            ..Chart::default()
        })
    }

    fn series(&self, i: usize, base: &Assignment, curve: &Curve, against: Against) -> Series {
        let first = i == 0 && self.chosen.is_some();
        let fails = (i == 0 && self.failing) || self.fails_at_the_end(curve);
        Series {
            label: self.label(first, base, curve, against),
            curve: curve.iter().map(|s| (s.x, against.of(s))).collect(),
            points: self.markers(curve, fails, against),
            colour: match (self.chosen.is_some(), i) {
                (false, _) => None,
                (true, 0) => Some(1),
                (true, 1) => Some(0),
                (true, i) => Some(i + 1),
            },
            ..Series::default()
        }
    }

    /// The witness itself, where curves go by equivalents: exact, or simulated with its error.
    fn point(&self, against: Against) -> Option<Series> {
        let witness = self.background.witness.filter(|_| self.failing)?;
        if !self.sides.problem.expectation || self.op().is_asymptotic() || against != Against::Ratio
        {
            return None;
        }
        let x = *witness.symbols.get(self.along.name())?;
        let y = witness.lhs / witness.rhs;
        let error = witness.standard_error.unwrap_or(0.0) / witness.rhs.abs();
        (y > 0.0 && y.is_finite()).then(|| Series {
            label: if error > 0.0 {
                "witness, simulated (2 standard errors)"
            } else {
                "witness, exact"
            }
            .to_owned(),
            points: vec![Point {
                x,
                y,
                error: 2.0 * error,
                hollow: false,
            }],
            colour: Some(6),
            ..Series::default()
        })
    }

    /// Along a symbol, where the claim fails; along a limit, the end of a path on which it does.
    fn markers(&self, curve: &Curve, fails: bool, against: Against) -> Vec<Point> {
        let place = |s: &Station| Point {
            x: s.x,
            y: against.of(s),
            error: 0.0,
            hollow: true,
        };
        if !self.op().is_asymptotic() {
            let failing = curve.iter().filter(|s| s.holds == Some(false) && s.known());
            return failing.step_by(3).map(place).collect();
        }
        if !fails {
            return Vec::new();
        }
        let known: Vec<&Station> = curve.iter().filter(|s| s.known()).collect();
        let every = known.len().div_ceil(14).max(1);
        known[known.len() / 2..]
            .iter()
            .rev()
            .step_by(every)
            .map(|s| place(s))
            .collect()
    }

    /// Whether the ratio of the sides still goes where the claim forbids when the curve ends.
    fn fails_at_the_end(&self, curve: &Curve) -> bool {
        let drift = along::drift(curve);
        match self.op() {
            RelationOp::SameOrder => drift.is_some_and(|power| power.abs() >= along::MOVING),
            RelationOp::OrderAtMost => drift.is_some_and(|power| power >= along::MOVING),
            RelationOp::OrderAtLeast => drift.is_some_and(|power| power <= -along::MOVING),
            RelationOp::Equivalent | RelationOp::TendsTo => along::stays_apart(curve),
            _ => false,
        }
    }

    /// The point of a curve, and along a limit how the ratio of the sides goes on at its end.
    fn label(&self, chosen: bool, base: &Assignment, curve: &Curve, against: Against) -> String {
        let point = if chosen {
            "as stated".to_owned()
        } else {
            describe(base, &self.along.moving, 4)
        };
        let drifting = self.is_of_orders() && against == Against::Ratio;
        match along::drift(curve).filter(|power| drifting && power.abs() >= 0.01) {
            Some(power) => {
                let at = self.along.label();
                let power = format!("{power:.2}").replace('-', "\u{2212}");
                format!("{point}: like {at}^{{{power}}}")
            }
            None => point,
        }
    }

    fn instead(&self, instead: &Instead, against: Against) -> Series {
        let values = || {
            let known = instead.curve.iter().filter(|s| s.known());
            known.map(|s| (s.x, against.of(s)))
        };
        // A claim of orders asks for two constants: here is what they may be.
        let band = if self.is_of_orders() && against == Against::Ratio {
            let half = values().count() / 2;
            let late = || values().skip(half).map(|v| v.1);
            let (low, high) = (
                late().fold(f64::INFINITY, f64::min),
                late().fold(0.0, f64::max),
            );
            values().map(|(x, _)| (x, low, high)).collect()
        } else {
            Vec::new()
        };
        Series {
            label: format!("instead: {}", literal(&instead.id)),
            curve: values().collect(),
            dashed: true,
            band,
            colour: Some(2),
            ..Series::default()
        }
    }

    /// Where the relation asks the ratio or difference not to be.
    fn forbidden(&self, against: Against) -> Option<(f64, f64)> {
        let equal = match against {
            Against::Ratio => 1.0,
            Against::Difference => 0.0,
            Against::Left => return None,
        };
        match self.op() {
            RelationOp::Le | RelationOp::Lt => Some((equal, f64::INFINITY)),
            RelationOp::Ge | RelationOp::Gt => Some((f64::NEG_INFINITY, equal)),
            _ => None,
        }
    }

    fn levels(&self, against: Against) -> Vec<Mark> {
        let at = match against {
            // A constant factor is no matter there.
            _ if self.is_of_orders() => return Vec::new(),
            Against::Left => return Vec::new(),
            Against::Ratio => 1.0,
            Against::Difference => 0.0,
        };
        vec![Mark {
            at,
            label: "equal".to_owned(),
        }]
    }

    fn notes(&self, series: &[Series], against: Against) -> Vec<String> {
        let mut notes = Vec::new();
        let limit = self.op().is_asymptotic();
        if let Some(base) = self.chosen {
            let point = describe(base, &self.along.moving, 9);
            if !point.is_empty() {
                notes.push(format!("At {point}."));
            }
            if let Some(reason) = self.background.reason.filter(|_| self.failing) {
                notes.push(literal(&format!("Found: {reason}.")));
            }
        }
        if self.forbidden(against).is_some() {
            notes.push("Shaded: what the claim excludes.".to_owned());
        }
        if series.iter().any(|s| !s.points.is_empty()) {
            notes.push(
                if limit {
                    "Markers: along this path the claim fails."
                } else {
                    "Markers: the claim fails there."
                }
                .to_owned(),
            );
        }
        if self.measured {
            notes.push("Values as the checker computed or simulated them.".to_owned());
        } else if self.sides.problem.expectation {
            notes.push("Expectations by their deterministic equivalents.".to_owned());
        }
        if limit && against == Against::Ratio {
            notes.push(
                if self.is_of_orders() {
                    "The claim asks that the ratio stays between positive constants, or on one side of one; a power in \
                     the legend says how it moves over the last two decades. A band: the least and the largest value of \
                     what holds instead."
                } else {
                    "The claim asks that the ratio tends to 1."
                }
                .to_owned(),
            );
        }
        notes
    }
}
