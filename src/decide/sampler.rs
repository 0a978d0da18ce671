//! Points of a claim's domain: inside, at the ends of ranges, where assumptions are tight, where a formula
//! switches branch.

mod about;
mod coordinate;
mod corner;
mod every;
mod kinks;
mod places;
mod range;
mod repair;
mod shapes;
mod spectra;
mod together;
mod vertices;

pub use about::About;
pub use coordinate::Coordinate;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use num_rational::BigRational;

use super::assignment::{Assignment, short_decimal};
use crate::formula::ast::Expr;
use crate::formula::free_names;
use crate::formula::scope::{Scale, Scope, SpectrumKind, Symbol, TargetKind};
use crate::number::{Ball, rational_from_f64, rational_to_f64};
use crate::simulate::Stream;
use crate::term::evaluate::Environment;
use about::Spoken;
use kinks::reaches;

/// What kind of point is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corner {
    Inside,
    /// Symbols at the ends of their ranges, each with probability a half.
    Ends,
    /// One assumption holds with equality, or as nearly as its numbers allow.
    Tight(usize),
    /// The two sides of a `min`, `max`, `abs` or `if` agree.
    Kink(usize),
    /// One symbol has a value at which exponents are wont to switch: in turn 1, 1/2, 2, 0, and the ends of its range.
    Special(usize),
    /// The same where every other real symbol is a round number, too.
    Round(usize),
    /// One whole number is among the smallest or largest it may be.
    Small(usize),
    /// Two symbols of a kind agree, or two whole numbers nearly.
    Tied(usize),
}

impl Corner {
    pub fn name(self) -> &'static str {
        match self {
            Corner::Inside => "inside",
            Corner::Ends => "ends",
            Corner::Tight(_) => "tight",
            Corner::Kink(_) => "switch",
            Corner::Special(_) => "special",
            Corner::Round(_) => "round",
            Corner::Small(_) => "small",
            Corner::Tied(_) => "tied",
        }
    }
}

/// Draws assignments for one scope.
pub struct Sampler<'a> {
    scope: &'a Scope,
    free: Vec<Free<'a>>,
    kinks: Vec<(Expr, Expr)>,
    /// So many of them, the first, stand in the claim itself.
    own_kinks: usize,
    /// Largest value drawn for whole numbers, where their ranges allow.
    cap: f64,
    /// Significant digits of real numbers drawn.
    digits: usize,
    /// Whether the formulas are about `Σ`, and about `w0`.
    moves_spectrum: bool,
    moves_target: bool,
    /// Whether signs of its coefficients matter to the formulas, and whether they are drawn.
    speaks_of_signs: bool,
    turns_target: bool,
    /// What formulas speak of, so that assumptions on it may be met by changing it.
    about: Vec<About>,
    /// Eigenvalues and coefficients that assumptions name by their place.
    places: Vec<Spoken>,
    /// Nodes visited to meet assumptions.
    work: Cell<u64>,
}

pub struct Free<'a> {
    name: &'a str,
    whole: bool,
    log: bool,
    /// `None`: the default dimension.
    ends: Option<(&'a Expr, &'a Expr)>,
    /// Whether an end depends on other symbols.
    moves: bool,
    /// Whether the formulas are about it.
    matters: bool,
}

impl<'a> Free<'a> {
    fn new(name: &'a str, whole: bool, log: bool, (min, max): (&'a Expr, &'a Expr)) -> Self {
        Self {
            name,
            whole,
            log,
            ends: Some((min, max)),
            moves: [min, max].iter().any(|end| !free_names(end).is_empty()),
            matters: true,
        }
    }
}

/// Marks what the formulas are about; other symbols have values, and no point is chosen for these.
fn mark(scope: &Scope, formulas: &[&Expr], free: &mut [Free<'_>]) -> About {
    let mut about = About::of_formulas(scope, formulas);
    loop {
        let mut ends = Vec::new();
        for free in free.iter_mut() {
            free.matters = about.names.contains(free.name);
            let (min, max) = match free.ends {
                Some((min, max)) if free.matters && free.moves => (min, max),
                _ => continue,
            };
            ends.extend([min, max]);
        }
        let known = about.names.len();
        about.names.extend(About::of(scope, &ends).names);
        if about.names.len() == known {
            return about;
        }
    }
}

impl<'a> Sampler<'a> {
    /// `formulas` are searched for branches; `cap` bounds whole numbers (sizes), where their ranges allow.
    pub fn new(scope: &'a Scope, formulas: &[&Expr], cap: f64) -> Self {
        let mut free: Vec<Free<'a>> = scope
            .symbols
            .iter()
            .filter_map(|(name, symbol)| match symbol {
                Symbol::Integer { min, max } => Some(Free::new(name, true, true, (min, max))),
                Symbol::Real { min, max, scale } => {
                    Some(Free::new(name, false, *scale == Scale::Log, (min, max)))
                }
                Symbol::Defined(_) => None,
            })
            .collect();
        let declared = |name: &str| {
            scope.symbols.iter().any(|(n, _)| n == name)
                || scope.definitions.iter().any(|(n, _)| n == name)
        };
        let sized = !matches!(scope.setting.spectrum, SpectrumKind::Explicit(_));
        if !scope.setting.infinite && !declared("d") && sized {
            free.insert(
                0,
                Free {
                    name: "d",
                    whole: true,
                    log: true,
                    ends: None,
                    moves: false,
                    matters: true,
                },
            );
        }
        let mut kinks = kinks::switches(scope, formulas);
        let reals = free.iter().filter(|free| !free.whole);
        kinks.extend(kinks::meetings(scope, reals.map(|free| free.name)));
        let mut free = in_order(scope, free);
        let sides = mark(scope, formulas, &mut free);
        kinks.retain(|(a, b)| !About::of(scope, &[a, b]).names.is_disjoint(&sides.names));
        let own = kinks::first_of_claim(scope, formulas, &mut kinks);
        Self {
            scope,
            free,
            moves_spectrum: sides.spectrum,
            moves_target: sides.target,
            speaks_of_signs: sides.signs,
            turns_target: false,
            kinks,
            own_kinks: own,
            cap,
            digits: 3,
            about: About::all(scope),
            places: Spoken::all(scope),
            work: Cell::new(0),
        }
    }

    /// What kind of point number `index` is: the inside, and every kind of edge in turn.
    pub fn corner(&self, index: u64) -> Corner {
        let turn = (index / 12) as usize;
        match index % 12 {
            2 => Corner::Tied(turn),
            3 | 10 => Corner::Ends,
            4 if !self.scope.assumptions.is_empty() => Corner::Tight(turn),
            5 if self.kinks() > 0 => Corner::Kink(2 * turn),
            11 if self.kinks() > 0 => Corner::Kink(2 * turn + 1),
            6 => Corner::Special(turn),
            7 => Corner::Small(turn),
            _ => Corner::Inside,
        }
    }

    /// Point number `index`, with its kind.
    pub fn point(&self, stream: &mut Stream, index: u64) -> Option<(Assignment, Corner)> {
        let corner = self.corner(index);
        if let Some(point) = self.draw_numbered(stream, corner, index) {
            return Some((point, corner));
        }
        let inside = self.draw_numbered(stream, Corner::Inside, index)?;
        Some((inside, Corner::Inside))
    }

    /// With shorter real numbers: exact arithmetic on them is quicker.
    pub fn with_digits(mut self, digits: usize) -> Self {
        self.digits = digits;
        self
    }

    /// With points at which two terms of a sum in these formulas are of one order along the limit.
    pub fn with_equal_orders(mut self, formulas: &[&Expr]) -> Self {
        let orders = kinks::equal_orders(self.scope, formulas);
        self.own_kinks += orders.len();
        self.kinks.splice(0..0, orders);
        self
    }

    /// With signs of the coefficients of `w0`, where the formulas, or what is assumed, depend on them.
    pub fn with_signs(mut self) -> Self {
        let open = matches!(self.scope.setting.target, TargetKind::Any);
        self.turns_target = open && !self.scope.setting.infinite && self.speaks_of_signs;
        self
    }

    /// The coefficients that are negative: none, all, the first, the last, those of every second eigenvalue, or any.
    fn signs(&self, stream: &mut Stream, assignment: &Assignment, index: u64) -> BTreeSet<u64> {
        let environment = assignment.environment::<f64>(self.scope);
        let modes = environment.as_ref().map(|e| e.covariance.written_out());
        let Ok(Ok(modes)) = modes else {
            return BTreeSet::new();
        };
        let d = modes.len() as u64;
        let levels = modes.chunk_by(|a, b| a.value == b.value);
        let by_level = |negative: &mut dyn FnMut(usize) -> bool| {
            let signs = levels
                .clone()
                .enumerate()
                .flat_map(|(i, level)| std::iter::repeat_n(negative(i), level.len()));
            let signs: Vec<bool> = signs.collect();
            (1..=d).filter(|j| signs[*j as usize - 1]).collect()
        };
        match index % 8 {
            0 => BTreeSet::new(),
            1 => (1..=d).collect(),
            2 => BTreeSet::from([1]),
            3 => BTreeSet::from([d]),
            4 | 5 => by_level(&mut |level| level % 2 == 1),
            6 => by_level(&mut |_| stream.uniform() < 0.5),
            _ => (1..=d).filter(|_| stream.uniform() < 0.5).collect(),
        }
    }

    pub fn kinks(&self) -> usize {
        self.kinks.len()
    }

    /// Whether there is anything to draw at all.
    pub fn is_constant(&self) -> bool {
        let open = matches!(
            self.scope.setting.spectrum,
            SpectrumKind::Any | SpectrumKind::TwoLevel
        ) || matches!(self.scope.setting.target, TargetKind::Any);
        self.free.is_empty() && !open
    }

    /// A point that satisfies every assumption, or `None` where none was found.
    pub fn draw(&self, stream: &mut Stream, corner: Corner) -> Option<Assignment> {
        let index = (stream.uniform() * 4096.0) as u64;
        self.draw_numbered(stream, corner, 2 * index + 1)
    }

    /// Every second point inside is one of a sequence that leaves no large hole along any symbol.
    fn draw_numbered(&self, stream: &mut Stream, corner: Corner, index: u64) -> Option<Assignment> {
        let mut assignment = Assignment {
            symbols: BTreeMap::new(),
            spectrum: Vec::new(),
            negative: BTreeSet::new(),
            approximate: false,
        };
        for (number, free) in self.free.iter().enumerate() {
            let (low, high) = self.range(free, &assignment)?;
            let ends = corner == Corner::Ends;
            let value = match self.tied(stream, free, &assignment, ends) {
                Some(tied) if tied >= low && tied <= high => tied,
                _ if corner == Corner::Inside && index.is_multiple_of(2) => {
                    self.spread(free, low, high, number, index / 2)
                }
                _ => self.value(stream, free, low, high, ends),
            };
            assignment.symbols.insert(free.name.to_owned(), value);
        }
        match corner {
            Corner::Special(which) => self.specialise(&mut assignment, which),
            Corner::Round(which) => {
                self.round_off(&mut assignment);
                self.specialise(&mut assignment, which);
            }
            Corner::Small(which) => self.belittle(&mut assignment, which),
            Corner::Tied(which) => self.tie(stream, &mut assignment, which),
            // Kinks meet, too.
            Corner::Kink(which) if stream.uniform() < 0.3 => {
                self.specialise(&mut assignment, which);
            }
            _ => {}
        }
        // Where a corner moved `d`, what ends at `d` follows before Σ is made.
        self.follow(stream, &mut assignment, None)?;
        assignment.spectrum = self.levels(stream, &assignment, index, corner == Corner::Ends);
        self.set_apart(stream, &mut assignment);
        if self.turns_target {
            assignment.negative = self.signs(stream, &assignment, index);
        }
        self.repair(stream, &mut assignment, None)?;
        match corner {
            Corner::Tight(which) => {
                let assumption = self
                    .scope
                    .assumptions
                    .get(which % self.scope.assumptions.len().max(1))?;
                self.tighten(
                    stream,
                    &mut assignment,
                    &assumption.lhs,
                    &assumption.rhs,
                    None,
                )?;
            }
            Corner::Kink(which) => {
                self.meet_kinks(stream, &mut assignment, which)?;
            }
            _ => {}
        }
        Some(assignment)
    }

    /// A value of a sequence that visits every part of the range evenly, a different one for every symbol.
    fn spread(
        &self,
        free: &Free<'_>,
        low: BigRational,
        high: BigRational,
        number: usize,
        index: u64,
    ) -> BigRational {
        // Fractional parts of multiples of roots of x^(n+1) = x + 1 (Roberts).
        let symbols = self.free.len() as f64;
        let mut root = 2.0f64;
        for _ in 0..30 {
            root = (1.0 + root).powf(1.0 / (symbols + 1.0));
        }
        let u = (0.5 + root.powi(-(number as i32) - 1) * index as f64).fract();
        let (a, mut b) = (rational_to_f64(&low), rational_to_f64(&high));
        if free.whole {
            b = b.min(self.cap.max(2.0 * a + 6.0));
        }
        let wide = a > 0.0 && b > 10.0 * a;
        let x = if wide && (free.log || (index / 3).is_multiple_of(2)) {
            a * (b / a).powf(u)
        } else {
            a + (b - a) * u
        };
        if free.whole {
            return clamp(rational_from_f64(x.round()), low, high);
        }
        let digits = enough_digits(self.digits.max(4), x, b - a);
        clamp(Some(short_decimal(x, digits)), low, high)
    }

    /// Now and then the value of another symbol of the same kind: where two sizes, or two rates, agree.
    fn tied(
        &self,
        stream: &mut Stream,
        free: &Free<'_>,
        assignment: &Assignment,
        ends: bool,
    ) -> Option<BigRational> {
        if !ends || stream.uniform() > 0.2 {
            return None;
        }
        let like: Vec<&BigRational> = self
            .free
            .iter()
            .filter(|other| other.whole == free.whole)
            .filter_map(|other| assignment.symbols.get(other.name))
            .collect();
        let which = (stream.uniform() * like.len() as f64) as usize;
        like.get(which).map(|value| (*value).clone())
    }

    /// Whether every symbol is in its range and every assumption holds (equality that rounding leaves open
    /// counts as equality).
    pub fn admits(&self, assignment: &Assignment) -> bool {
        let levels = !self.keeps_levels() || assignment.distinct_levels() <= 2;
        levels
            && self.free.iter().all(|free| {
                let (Some((low, high)), Some(value)) = (
                    self.range(free, assignment),
                    assignment.symbols.get(free.name),
                ) else {
                    return false;
                };
                *value >= low && *value <= high && (!free.whole || value.is_integer())
            })
            && self.violated(assignment).is_none()
    }

    /// Whether every assumption holds, whatever the ranges of the symbols: along a limit these are left.
    pub fn assumptions_hold(&self, assignment: &Assignment) -> bool {
        self.violated(assignment).is_none()
    }

    /// Meets the assumptions again after a change, leaving the symbol `fixed` alone; whether it could.
    pub fn settle(&self, stream: &mut Stream, at: &mut Assignment, fixed: Option<&str>) -> bool {
        self.admits(at) || self.repair(stream, at, fixed).is_some() && self.admits(at)
    }

    pub fn cap(&self) -> f64 {
        self.cap
    }

    /// Nodes visited so far to meet assumptions.
    pub fn work(&self) -> u64 {
        self.work.get()
    }

    /// Whether equal eigenvalues stay equal whatever else changes.
    pub fn keeps_levels(&self) -> bool {
        matches!(self.scope.setting.spectrum, SpectrumKind::TwoLevel)
    }

    /// The names of the free symbols that matter, whether they are whole numbers and whether their scale is logarithmic.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        self.relevant()
            .map(|free| (free.name, free.whole, free.log))
    }

    /// The same of all free symbols.
    pub fn all_symbols(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        self.free
            .iter()
            .map(|free| (free.name, free.whole, free.log))
    }

    fn relevant(&self) -> impl Iterator<Item = &Free<'a>> {
        self.free.iter().filter(|free| free.matters)
    }

    /// Whether the spectrum is open and matters, and whether the target is.
    pub fn moves_spectrum(&self) -> bool {
        self.moves_spectrum && self.open_spectrum()
    }

    pub fn moves_target(&self) -> bool {
        self.moves_target && self.open_target()
    }

    /// The environment, or symbols alone where `Σ` cannot be made yet.
    fn environment(&self, assignment: &Assignment) -> Option<Environment<Ball>> {
        if let Ok(environment) = assignment.environment(self.scope) {
            return Some(environment);
        }
        assignment.blank_environment().ok()
    }

    fn value(
        &self,
        stream: &mut Stream,
        free: &Free<'_>,
        low: BigRational,
        high: BigRational,
        ends: bool,
    ) -> BigRational {
        let (a, mut b) = (rational_to_f64(&low), rational_to_f64(&high));
        if ends && stream.uniform() < 0.5 || stream.uniform() < 0.08 {
            let at_low = stream.uniform() < 0.5;
            let capped = free.whole && b > self.cap && !at_low;
            if !capped {
                return if at_low { low } else { high };
            }
        }
        if free.whole {
            b = b.min(self.cap.max(2.0 * a + 6.0));
            let (from, to) = (a.max(1.0), b.max(1.0));
            let x = if free.log && from < to {
                from * ((to + 1.0) / from).powf(stream.uniform())
            } else {
                a + (b - a + 1.0) * stream.uniform()
            };
            let x = if a < 1.0 && stream.uniform() < 0.2 {
                a
            } else {
                x
            };
            return clamp(rational_from_f64(x.floor()), low, high);
        }
        for special in [1.0, 0.5, 2.0] {
            if stream.uniform() < 0.02 && special > a && special < b {
                return clamp(rational_from_f64(special), low, high);
            }
        }
        let u = stream.uniform();
        // Small values matter too where a linear range spans them.
        let log = free.log || a > 0.0 && b > 10.0 * a && stream.uniform() < 0.35;
        let x = if log && a > 0.0 {
            a * (b / a).powf(u)
        } else {
            a + (b - a) * u
        };
        let digits = enough_digits(self.digits, x, b - a);
        clamp(Some(short_decimal(x, digits)), low, high)
    }

    /// The free symbols that formulas depend on, through definitions too.
    fn mentioned(&self, formulas: &[&Expr]) -> HashSet<String> {
        About::of(self.scope, formulas).names
    }
}

/// The free symbols in such an order that the ends of a range refer to earlier ones.
fn in_order<'a>(scope: &Scope, mut free: Vec<Free<'a>>) -> Vec<Free<'a>> {
    let mut ordered: Vec<Free<'a>> = Vec::with_capacity(free.len());
    while !free.is_empty() {
        let ready = free.iter().position(|candidate| {
            candidate.ends.is_none_or(|(min, max)| {
                free.iter().all(|other| {
                    other.name == candidate.name
                        || !reaches(scope, min, other.name, 0)
                            && !reaches(scope, max, other.name, 0)
                })
            })
        });
        ordered.push(free.remove(ready.unwrap_or(0)));
    }
    ordered
}

/// So many digits that a narrow range holds more than its ends.
fn enough_digits(digits: usize, x: f64, width: f64) -> usize {
    let more = (x.abs() / width).log10().ceil();
    // Whole ranges of one point have no width; past a double's digits there is nothing to say.
    if (0.0..16.0).contains(&more) {
        digits + more as usize
    } else {
        digits
    }
}

fn clamp(value: Option<BigRational>, low: BigRational, high: BigRational) -> BigRational {
    match value {
        Some(value) if value >= low && value <= high => value,
        Some(value) if value > high => high,
        _ => low,
    }
}
