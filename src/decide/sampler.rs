//! Points of a claim's domain: inside, at the ends of ranges, where assumptions are tight, where a formula
//! switches branch.

mod repair;

use std::collections::{BTreeMap, HashSet};

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::assignment::{Assignment, SpectrumLevel, short_decimal};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::evaluate::{Environment, Evaluator};
use crate::formula::scope::{Scale, Scope, SpectrumKind, Symbol, TargetKind};
use crate::formula::walk;
use crate::number::{Ball, rational_from_f64, rational_to_f64, simplest_between};
use crate::simulate::Stream;

/// Domain of `d` where a file declares none.
const DEFAULT_DIMENSION: (f64, f64) = (2.0, 60.0);

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
    /// One symbol has a value at which exponents are wont to switch: 1, or else 1/2, 2, 0.
    Special(usize),
}

/// Draws assignments for one scope.
pub struct Sampler<'a> {
    scope: &'a Scope,
    free: Vec<Free<'a>>,
    kinks: Vec<(Expr, Expr)>,
    /// Largest value drawn for whole numbers, where their ranges allow.
    cap: f64,
    /// Significant digits of real numbers drawn.
    digits: usize,
}

struct Free<'a> {
    name: &'a str,
    whole: bool,
    log: bool,
    /// `None`: the default dimension.
    ends: Option<(&'a Expr, &'a Expr)>,
}

impl<'a> Sampler<'a> {
    /// `formulas` are searched for branches; `cap` bounds whole numbers (sizes), where their ranges allow.
    pub fn new(scope: &'a Scope, formulas: &[&Expr], cap: f64) -> Self {
        let mut free: Vec<Free<'a>> = scope
            .symbols
            .iter()
            .filter_map(|(name, symbol)| match symbol {
                Symbol::Integer { min, max } => Some(Free {
                    name,
                    whole: true,
                    log: true,
                    ends: Some((min, max)),
                }),
                Symbol::Real { min, max, scale } => Some(Free {
                    name,
                    whole: false,
                    log: *scale == Scale::Log,
                    ends: Some((min, max)),
                }),
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
                },
            );
        }
        let mut kinks = Vec::new();
        let definitions = scope.definitions.iter().map(|(_, e)| e);
        let defined = scope.symbols.iter().filter_map(|(_, s)| match s {
            Symbol::Defined(e) => Some(e),
            _ => None,
        });
        for formula in formulas.iter().copied().chain(definitions).chain(defined) {
            walk(formula, &mut |node| match &*node.node {
                Node::Call(Function::Min | Function::Max, arguments) => {
                    for pair in arguments.windows(2) {
                        kinks.push((pair[0].clone(), pair[1].clone()));
                    }
                }
                Node::Call(Function::Abs, arguments) => kinks.push((arguments[0].clone(), zero())),
                Node::If(condition, ..) => {
                    kinks.push((condition.lhs.clone(), condition.rhs.clone()))
                }
                _ => {}
            });
        }
        // Where a free symbol meets a defined one: `ell = ellcrit`.
        for free in free.iter().filter(|free| !free.whole) {
            for (name, symbol) in &scope.symbols {
                if let Symbol::Defined(body) = symbol
                    && !reaches(scope, body, free.name, 0)
                {
                    kinks.push((named(free.name), named(name)));
                }
            }
        }
        Self {
            scope,
            free,
            kinks,
            cap,
            digits: 3,
        }
    }

    /// With shorter real numbers: exact arithmetic on them is quicker.
    pub fn with_digits(mut self, digits: usize) -> Self {
        self.digits = digits;
        self
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
        let mut assignment = Assignment {
            symbols: BTreeMap::new(),
            spectrum: Vec::new(),
        };
        for free in &self.free {
            let (low, high) = self.range(free, &assignment)?;
            let ends = corner == Corner::Ends;
            let value = match self.tied(stream, free, &assignment, ends) {
                Some(tied) if tied >= low && tied <= high => tied,
                _ => self.value(stream, free, low, high, ends),
            };
            assignment.symbols.insert(free.name.to_owned(), value);
        }
        assignment.spectrum = self.levels(stream, corner == Corner::Ends);
        match corner {
            Corner::Special(which) => self.specialise(&mut assignment, which),
            // Kinks meet, too.
            Corner::Kink(which) if stream.uniform() < 0.3 => {
                self.specialise(&mut assignment, which);
            }
            _ => {}
        }
        self.repair(stream, &mut assignment)?;
        match corner {
            Corner::Inside | Corner::Ends | Corner::Special(_) => {}
            Corner::Tight(which) => {
                let assumption = self
                    .scope
                    .assumptions
                    .get(which % self.scope.assumptions.len().max(1))?;
                self.tighten(stream, &mut assignment, &assumption.lhs, &assumption.rhs)?;
            }
            Corner::Kink(which) => {
                let (a, b) = self.kinks.get(which % self.kinks.len().max(1))?;
                self.tighten(stream, &mut assignment, a, b)?;
            }
        }
        Some(assignment)
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

    /// Each real symbol in turn at 1, in the next round at 1/2, then at 2; whichever of them its range holds.
    fn specialise(&self, assignment: &mut Assignment, which: usize) {
        let reals: Vec<&Free<'_>> = self.free.iter().filter(|free| !free.whole).collect();
        let Some(free) = reals.get(which % reals.len().max(1)) else {
            return;
        };
        let Some((low, high)) = self.range(free, assignment) else {
            return;
        };
        let mut values = [1.0, 0.5, 2.0];
        values.rotate_left(which / reals.len() % 3);
        let special = values
            .iter()
            .chain(&[0.0])
            .filter_map(|x| rational_from_f64(*x))
            .find(|x| *x >= low && *x <= high);
        if let Some(value) = special {
            assignment.symbols.insert(free.name.to_owned(), value);
        }
    }

    /// Whether every symbol is in its range and every assumption holds (equality that rounding leaves open
    /// counts as equality).
    pub fn admits(&self, assignment: &Assignment) -> bool {
        self.free.iter().all(|free| {
            let (Some((low, high)), Some(value)) = (
                self.range(free, assignment),
                assignment.symbols.get(free.name),
            ) else {
                return false;
            };
            *value >= low && *value <= high && (!free.whole || value.is_integer())
        }) && self.violated(assignment).is_none()
    }

    /// The names of the free symbols, whole numbers first marked.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        self.free
            .iter()
            .map(|free| (free.name, free.whole, free.log))
    }

    /// The range of a free symbol at an assignment.
    pub fn range_of(
        &self,
        name: &str,
        assignment: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        self.range(self.free.iter().find(|free| free.name == name)?, assignment)
    }

    fn range(
        &self,
        free: &Free<'a>,
        assignment: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        let Some((low, high)) = free.ends else {
            return Some((
                rational_from_f64(DEFAULT_DIMENSION.0)?,
                rational_from_f64(DEFAULT_DIMENSION.1)?,
            ));
        };
        let end = |expr: &Expr| -> Option<BigRational> {
            if let Node::Number(q) = &*expr.node {
                return Some(q.clone());
            }
            self.number(assignment, expr)
        };
        let (low, high) = (end(low)?, end(high)?);
        (low <= high).then_some((low, high))
    }

    /// The value of a scalar formula at an assignment as an exact number: the simplest one within rounding.
    fn number(&self, assignment: &Assignment, expr: &Expr) -> Option<BigRational> {
        let environment = self.environment(assignment)?;
        let value = Evaluator::new(self.scope, &environment).scalar(expr).ok()?;
        let (low, high) = value.enclosure();
        Some(simplest_between(
            &rational_from_f64(low)?,
            &rational_from_f64(high)?,
        ))
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
        clamp(Some(short_decimal(x, self.digits)), low, high)
    }

    /// Eigenvalues, their shares and masses, for the kinds of spectrum and target that leave them open.
    fn levels(&self, stream: &mut Stream, extreme: bool) -> Vec<SpectrumLevel> {
        let mut levels = match self.scope.setting.spectrum {
            SpectrumKind::TwoLevel => two_levels(stream, extreme),
            SpectrumKind::Any => match (stream.uniform() * 6.0) as usize {
                0 => vec![level(
                    short_decimal(10f64.powf(2.0 * stream.uniform() - 1.0), 2),
                    1.0,
                )],
                1 | 2 => two_levels(stream, extreme),
                3 => {
                    let beta = 0.5 + 2.5 * stream.uniform();
                    (1..=8)
                        .map(|k| level(short_decimal(f64::from(k).powf(-beta), 3), 1.0))
                        .collect()
                }
                4 => {
                    let count = 3 + (stream.uniform() * 6.0) as usize;
                    let decades = if extreme { 8.0 } else { 3.0 };
                    (0..count)
                        .map(|_| {
                            let value = 10f64.powf(decades * (0.3 - stream.uniform()));
                            level(short_decimal(value, 3), 0.2 + stream.uniform())
                        })
                        .collect()
                }
                _ => {
                    // Nearly singular: one small eigenvalue.
                    let least =
                        10f64.powf(-2.0 - if extreme { 6.0 } else { 2.0 } * stream.uniform());
                    vec![
                        level(BigRational::one(), 1.0),
                        level(short_decimal(least, 1), 0.1),
                    ]
                }
            },
            _ => vec![level(BigRational::one(), 1.0)],
        };
        if !matches!(self.scope.setting.target, TargetKind::Any) {
            return levels;
        }
        if matches!(
            self.scope.setting.spectrum,
            SpectrumKind::PowerLaw { .. } | SpectrumKind::Atoms { .. } | SpectrumKind::Explicit(_)
        ) {
            levels = (0..6).map(|_| level(BigRational::one(), 1.0)).collect();
        }
        let count = levels.len();
        let scale = if stream.uniform() < 0.5 {
            1.0
        } else {
            10f64.powf(2.0 * stream.uniform() - 1.0)
        };
        match (stream.uniform() * 4.0) as usize {
            0 => {
                levels[(stream.uniform() * count as f64) as usize % count].mass =
                    short_decimal(scale, 2)
            }
            1 => levels[count - 1].mass = short_decimal(scale, 2),
            2 => {
                for level in &mut levels {
                    level.mass = short_decimal(scale, 2);
                }
            }
            _ => {
                for level in &mut levels {
                    level.mass = short_decimal(scale * stream.normal().powi(2), 2);
                }
            }
        }
        if levels.iter().all(|l| l.mass.is_zero()) {
            levels[0].mass = BigRational::one();
        }
        levels
    }

    /// The free symbols that formulas depend on, through definitions too.
    fn mentioned(&self, formulas: &[&Expr]) -> HashSet<String> {
        let mut names = HashSet::new();
        let mut open: Vec<Expr> = formulas.iter().map(|e| (*e).clone()).collect();
        while let Some(formula) = open.pop() {
            walk(&formula, &mut |node| {
                if let Node::Name(name) = &*node.node
                    && names.insert(name.clone())
                {
                    open.extend(self.scope.expansion(name).cloned());
                }
            });
        }
        names
    }
}

fn zero() -> Expr {
    Expr {
        node: std::sync::Arc::new(Node::Number(BigRational::zero())),
        span: Default::default(),
    }
}

fn named(name: &str) -> Expr {
    Expr {
        node: std::sync::Arc::new(Node::Name(name.to_owned())),
        span: Default::default(),
    }
}

/// Whether `expr` depends on `name`, through definitions too.
fn reaches(scope: &Scope, expr: &Expr, name: &str, depth: usize) -> bool {
    let mut found = depth > 100;
    walk(expr, &mut |node| {
        if let Node::Name(n) = &*node.node {
            found |= n == name
                || scope
                    .expansion(n)
                    .is_some_and(|e| reaches(scope, e, name, depth + 1));
        }
    });
    found
}

fn level(value: BigRational, share: f64) -> SpectrumLevel {
    SpectrumLevel {
        value,
        share: short_decimal(share, 2),
        mass: BigRational::zero(),
    }
}

fn two_levels(stream: &mut Stream, extreme: bool) -> Vec<SpectrumLevel> {
    let decades = if extreme { 6.0 } else { 2.5 };
    let low = short_decimal(10f64.powf(-decades * stream.uniform() - 0.05), 2);
    let scale = if stream.uniform() < 0.7 {
        1.0
    } else {
        10f64.powf(2.0 * stream.uniform() - 1.0)
    };
    let scale = short_decimal(scale, 1);
    let share = short_decimal(0.1 + 0.8 * stream.uniform(), 1);
    vec![
        SpectrumLevel {
            value: scale.clone(),
            share: share.clone(),
            mass: BigRational::zero(),
        },
        SpectrumLevel {
            value: low * scale,
            share: BigRational::one() - share,
            mass: BigRational::zero(),
        },
    ]
}

fn clamp(value: Option<BigRational>, low: BigRational, high: BigRational) -> BigRational {
    match value {
        Some(value) if value >= low && value <= high => value,
        Some(value) if value > high => high,
        _ => low,
    }
}
