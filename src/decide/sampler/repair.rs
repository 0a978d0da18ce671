//! Points that violate an assumption are moved until they satisfy it, rather than thrown away: symbols, and where
//! the setting leaves them open the size and the levels of `Σ` and the length and the parts of `w0`.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::about::About;
use super::coordinate::Coordinate;
use super::{Sampler, clamp};
use crate::decide::assignment::{Assignment, is_whole};
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::number::minimum::half_way;
use crate::number::{Ball, Real, rational_from_f64, rational_to_f64, simplest_between};
use crate::simulate::Stream;
use crate::term::evaluate::{Evaluator, LinearAlgebra};

/// Attempts to mend a point that violates an assumption.
const REPAIRS: usize = 30;
/// After so many attempts equalities are tried all at once.
const TOGETHER: usize = 5;
const TOGETHER_IN_LEVELS: usize = 2;
/// Ways tried in one attempt.
const WAYS: usize = 5;
/// Nodes that a sampler may visit to meet assumptions, in its whole life.
const PATIENCE: u64 = 30_000_000;
/// Eigenvalues and masses are moved by at most this factor at a time.
const REACH: f64 = 1e8;

/// Relative width at which doubles have done their part.
const NEARLY: f64 = 1e-10;

/// A value at which two formulas agree, and whether they agree exactly there.
pub(super) struct Root {
    pub at: BigRational,
    pub exact: bool,
}

impl<'a> Sampler<'a> {
    /// The number of the first assumption that certainly fails, or cannot be evaluated: sizes before what is of that size.
    fn violated_at(&self, assignment: &Assignment) -> Option<usize> {
        let failing = self.violations(assignment);
        failing.min_by_key(|which| self.is_movable(*which))
    }

    /// The numbers of the assumptions that fail.
    fn violations(&self, assignment: &Assignment) -> impl Iterator<Item = usize> + use<> {
        let mut failing = Vec::new();
        if !self.scope.assumptions.is_empty() {
            match self.environment(assignment) {
                None => failing.push(0),
                Some(environment) => {
                    let evaluator = Evaluator::new(self.scope, &environment);
                    for (i, assumption) in self.scope.assumptions.iter().enumerate() {
                        if !evaluator.admits(assumption) {
                            failing.push(i);
                        }
                    }
                    self.work.set(self.work.get() + evaluator.steps());
                }
            }
        }
        failing.into_iter()
    }

    /// Whether fewer assumptions fail at a point than at another.
    fn breaks_less(&self, at: &Assignment, other: &Assignment) -> bool {
        self.violations(at).count() < self.violations(other).count()
    }

    /// The first assumption that certainly fails, or cannot be evaluated.
    pub(super) fn violated(&self, assignment: &Assignment) -> Option<&'a Comparison> {
        self.violated_at(assignment)
            .map(|i| &self.scope.assumptions[i])
    }

    /// Brings back what is outside of its range since its range moved, to an end or anywhere; `None` where that is the symbol `fixed`, or a
    /// range is empty.
    pub(super) fn follow(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        fixed: Option<&str>,
    ) -> Option<()> {
        for free in self.free.iter().filter(|free| free.moves) {
            let (low, high) = self.range(free, assignment)?;
            let value = assignment.symbols.get(free.name)?;
            if low <= *value && *value <= high {
                continue;
            }
            if fixed == Some(free.name) {
                return None;
            }
            let value = match stream.uniform() < 0.5 {
                true => clamp(Some(value.clone()), low, high),
                false => self.value(stream, free, low, high, false),
            };
            assignment.symbols.insert(free.name.to_owned(), value);
        }
        Some(())
    }

    /// Changes what may be changed, except the symbol `fixed`, until every symbol is in its range and every assumption
    /// holds.
    pub(super) fn repair(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        fixed: Option<&str>,
    ) -> Option<()> {
        let together = self.meets_together();
        // Of symbols alone, one after the other may hold exactly; of eigenvalues, one hardly ever does.
        let (first, period) = match self.meet_in_levels() {
            true => (0, TOGETHER_IN_LEVELS),
            false => (1, TOGETHER),
        };
        for attempt in 0..REPAIRS {
            self.follow(stream, assignment, fixed)?;
            let Some(which) = self.violated_at(assignment) else {
                return Some(());
            };
            // One after the other may not do.
            if attempt % period == first && together {
                match self.meet_together(assignment, fixed) {
                    Some(met) if self.admits(&met) => {
                        *assignment = met;
                        return Some(());
                    }
                    // What moves them one by one has moved them apart again.
                    _ if attempt >= 2 * period => return None,
                    Some(met) if self.breaks_less(&met, assignment) => {
                        *assignment = met;
                        continue;
                    }
                    _ => {}
                }
            }
            if self.work.get() > PATIENCE {
                return None;
            }
            let assumption = &self.scope.assumptions[which];
            let mut ways = self.coordinates(which, assignment, fixed);
            if ways.is_empty() {
                return None;
            }
            let turn = (stream.uniform() * ways.len() as f64) as usize % ways.len();
            ways.rotate_left(turn);
            let mut best: Option<(usize, Assignment)> = None;
            for way in ways.iter().take(WAYS) {
                let Some(trial) = self.met(stream, assignment, way, assumption) else {
                    continue;
                };
                let broken = self.violations(&trial).count();
                if best.as_ref().is_none_or(|(fewest, _)| broken < *fewest) {
                    best = Some((broken, trial));
                }
                if broken == 0 {
                    break;
                }
            }
            match best {
                Some((_, trial)) => *assignment = trial,
                None => self.stir(stream, assignment, &ways),
            }
        }
        self.follow(stream, assignment, fixed)?;
        self.violated_at(assignment).is_none().then_some(())
    }

    /// Something else, where no single change meets an assumption.
    fn stir(&self, stream: &mut Stream, assignment: &mut Assignment, ways: &[Coordinate<'_, 'a>]) {
        match ways.first() {
            Some(Coordinate::Symbol(free)) => {
                if let Some((low, high)) = self.range(free, assignment) {
                    let value = self.value(stream, free, low, high, false);
                    assignment.symbols.insert(free.name.to_owned(), value);
                }
            }
            _ => {
                let index = (stream.uniform() * 1024.0) as u64;
                assignment.spectrum = self.levels(stream, assignment, index, false);
                assignment.approximate = false;
            }
        }
    }

    /// What an assumption depends on and may be changed.
    pub(super) fn coordinates(
        &self,
        which: usize,
        at: &Assignment,
        fixed: Option<&str>,
    ) -> Vec<Coordinate<'_, 'a>> {
        let about = &self.about[which];
        self.coordinates_of(about, at, fixed)
    }

    fn coordinates_of(
        &self,
        about: &About,
        at: &Assignment,
        fixed: Option<&str>,
    ) -> Vec<Coordinate<'_, 'a>> {
        let mut list: Vec<Coordinate<'_, 'a>> = self
            .free
            .iter()
            .filter(|free| about.names.contains(free.name) && fixed != Some(free.name))
            // The dimension of an unnamed `d` matters wherever Σ does.
            .map(Coordinate::Symbol)
            .collect();
        if about.spectrum && self.open_spectrum() && !at.spectrum.is_empty() {
            list.push(Coordinate::Size);
            list.extend((0..at.spectrum.len()).map(Coordinate::Value));
        }
        if about.target && self.open_target() && !at.spectrum.is_empty() {
            list.push(Coordinate::Length);
            if at.spectrum.iter().filter(|l| !l.mass.is_zero()).count() > 1 {
                let massive = (0..at.spectrum.len()).filter(|&i| !at.spectrum[i].mass.is_zero());
                list.extend(massive.map(Coordinate::Mass));
            }
        }
        list
    }

    pub(super) fn bounds(
        &self,
        way: &Coordinate<'_, 'a>,
        at: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        match way {
            Coordinate::Symbol(free) => self.range(free, at),
            _ => {
                let reach = rational_from_f64(REACH)?;
                let now = way.current(at)?;
                now.is_positive().then(|| (&now / &reach, &now * &reach))
            }
        }
    }

    /// The assignment with one number changed so that the assumption holds.
    fn met(
        &self,
        stream: &mut Stream,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        assumption: &Comparison,
    ) -> Option<Assignment> {
        if assumption.op == RelationOp::Eq {
            let trial = self.where_equal(at, way, assumption)?;
            return self.satisfied(&trial, assumption).then_some(trial);
        }
        let (low, high) = self.bounds(way, at)?;
        let root = self.root(at, way, &assumption.lhs, &assumption.rhs, &low, &high)?;
        for (from, to) in [(root.at.clone(), high), (low, root.at)] {
            if from > to {
                continue;
            }
            let value = match way {
                Coordinate::Symbol(free) => self.value(stream, free, from, to, false),
                // Not far beyond the boundary: what is assumed should bind now and then.
                _ => {
                    let (a, b) = (rational_to_f64(&from), rational_to_f64(&to));
                    let now = rational_to_f64(&way.current(at)?);
                    let factor = 10f64.powf(stream.uniform() * stream.uniform() * 2.0);
                    let near = if now < a { a * factor } else { b / factor };
                    clamp(
                        Some(crate::decide::assignment::short_decimal(near, 4)),
                        from,
                        to,
                    )
                }
            };
            let trial = way.set(at, &value);
            if self.satisfied(&trial, assumption) {
                return Some(trial);
            }
        }
        None
    }

    pub(super) fn satisfied(&self, assignment: &Assignment, assumption: &Comparison) -> bool {
        let Some(environment) = self.environment(assignment) else {
            return false;
        };
        let evaluator = Evaluator::new(self.scope, &environment);
        let admitted = evaluator.admits(assumption);
        self.work.set(self.work.get() + evaluator.steps());
        admitted
    }

    /// Changes one number so that `a = b`, as nearly as it can, with every assumption kept; the symbol, if it is one.
    pub(in crate::decide) fn tighten(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        a: &Expr,
        b: &Expr,
        fixed: Option<&str>,
    ) -> Option<Option<&'a str>> {
        let about = About::of(self.scope, &[a, b]);
        let mut ways = self.coordinates_of(&about, assignment, fixed);
        let turn = (stream.uniform() * ways.len().max(1) as f64) as usize;
        let length = ways.len().max(1);
        ways.rotate_left(turn % length);
        for way in &ways {
            if self.work.get() > PATIENCE {
                return None;
            }
            let Some((low, high)) = self.bounds(way, assignment) else {
                continue;
            };
            let Some(root) = self.root(assignment, way, a, b, &low, &high) else {
                continue;
            };
            let steps: &[f64] = if way.is_whole() {
                &[0.0, 1.0, -1.0]
            } else {
                &[0.0]
            };
            let name = match way {
                Coordinate::Symbol(free) => Some(free.name),
                _ => None,
            };
            for step in steps {
                let mut trial = way.set(assignment, &(&root.at + rational_from_f64(*step)?));
                if !self.admits(&trial) {
                    if self.repair(stream, &mut trial, name).is_none() {
                        continue;
                    }
                }
                if self.admits(&trial) {
                    *assignment = trial;
                    return Some(name);
                }
            }
        }
        None
    }

    pub(super) fn difference<R: LinearAlgebra>(
        &self,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        (a, b): (&Expr, &Expr),
        x: &BigRational,
    ) -> Option<R> {
        let trial = way.set(at, x);
        let environment = match trial.environment::<R>(self.scope) {
            Ok(environment) => environment,
            Err(_) => trial.blank_environment().ok()?,
        };
        let evaluator = Evaluator::new(self.scope, &environment);
        let gap = evaluator.scalar(a).ok()? - evaluator.scalar(b).ok()?;
        self.work.set(self.work.get() + evaluator.steps());
        gap.is_finite().then_some(gap)
    }

    /// Where along a coordinate the two sides agree (the nearest whole number for whole symbols): exactly, where they
    /// differ by a linear function of it, by bisection elsewhere.
    pub(super) fn root(
        &self,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        a: &Expr,
        b: &Expr,
        low: &BigRational,
        high: &BigRational,
    ) -> Option<Root> {
        let difference_at = |x: &BigRational| self.difference::<Ball>(at, way, (a, b), x);
        let simplest_at = |x: &BigRational| {
            let value = difference_at(x)?;
            if value.is_zero() {
                return Some(BigRational::zero());
            }
            let (low, high) = value.enclosure();
            Some(simplest_between(
                &rational_from_f64(low)?,
                &rational_from_f64(high)?,
            ))
        };
        if let Some(exact) = linear_root(&simplest_at, &way.current(at)?)
            && difference_at(&exact).is_some_and(|gap| gap.midpoint().abs() <= gap.radius())
            && exact >= *low
            && exact <= *high
            && (!way.is_whole() || is_whole(&exact))
        {
            return Some(Root {
                at: exact,
                exact: true,
            });
        }
        let difference = |x: f64| Some(difference_at(&rational_from_f64(x)?)?.midpoint());
        let (mut x, mut y) = (rational_to_f64(low), rational_to_f64(high));
        let (f, g) = (difference(x)?, difference(y)?);
        let sure = |x: &BigRational| Root {
            at: x.clone(),
            exact: true,
        };
        if f == 0.0 {
            return Some(sure(low));
        }
        if g == 0.0 {
            return Some(sure(high));
        }
        if (f > 0.0) == (g > 0.0) {
            return None;
        }
        (x, y) = self.crossing(at, way, (a, b), f > 0.0, (x, y))?;
        if way.is_whole() {
            let nearer = if difference(x)?.abs() <= difference(y)?.abs() {
                x
            } else {
                y
            };
            return Some(sure(&rational_from_f64(nearer)?));
        }
        // A simple number where there is one within rounding.
        let slack = 4.0 * f64::EPSILON * x.abs().max(y.abs());
        let simple = simplest_between(
            &rational_from_f64(x - slack)?,
            &rational_from_f64(y + slack)?,
        );
        let is_root = difference_at(&simple).is_some_and(|g| g.midpoint().abs() <= g.radius());
        let root = if is_root {
            sure(&simple)
        } else {
            Root {
                at: refined(&difference_at, simple, x - slack, y + slack),
                exact: false,
            }
        };
        Some(Root {
            at: clamp(Some(root.at), low.clone(), high.clone()),
            ..root
        })
    }

    /// A narrow interval in which the sides cross, of one in which they do; `positive`: the difference at its start.
    fn crossing(
        &self,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        sides: (&Expr, &Expr),
        positive: bool,
        (mut x, mut y): (f64, f64),
    ) -> Option<(f64, f64)> {
        let difference = |x: f64| {
            let value = self.difference::<Ball>(at, way, sides, &rational_from_f64(x)?)?;
            Some(value.midpoint())
        };
        let in_doubles = |x: f64| self.difference::<f64>(at, way, sides, &rational_from_f64(x)?);
        // Most of the way in doubles, if balls agree that the sides cross there.
        let near = bracket(&in_doubles, way.is_whole(), positive, (x, y));
        let agree = |x: f64, is_before: bool| {
            difference(x)
                .is_some_and(|value| value != 0.0 && ((value > 0.0) == positive) == is_before)
        };
        if let Some((near, far)) = near
            && agree(near, true)
            && agree(far, false)
        {
            (x, y) = (near, far);
        }
        for _ in 0..120 {
            let middle = middle(x, y, way.is_whole());
            if middle <= x || middle >= y || self.work.get() > PATIENCE {
                break;
            }
            let value = difference(middle)?;
            if value == 0.0 {
                (x, y) = (middle, middle);
                break;
            }
            if (value > 0.0) == positive {
                x = middle
            } else {
                y = middle
            }
        }
        Some((x, y))
    }
}

/// Half way, at a whole number where one is wanted.
fn middle(x: f64, y: f64, whole: bool) -> f64 {
    let middle = half_way(x, y);
    if whole { middle.floor() } else { middle }
}

/// Where a difference in doubles changes its sign, to within rounding of them.
fn bracket(
    difference: &dyn Fn(f64) -> Option<f64>,
    whole: bool,
    positive: bool,
    (mut x, mut y): (f64, f64),
) -> Option<(f64, f64)> {
    while y - x > NEARLY * x.abs().max(y.abs()) {
        let middle = middle(x, y, whole);
        if middle <= x || middle >= y {
            break;
        }
        if (difference(middle)? > 0.0) == positive {
            x = middle
        } else {
            y = middle
        }
    }
    Some((x, y))
}

/// The root of a linear difference, exactly: from three values, each the simplest number within its rounding.
pub(super) fn linear_root(
    exact: &dyn Fn(&BigRational) -> Option<BigRational>,
    now: &BigRational,
) -> Option<BigRational> {
    if !now.is_positive() {
        return None;
    }
    let (twice, thrice) = (now + now, now + now + now);
    let (f, g, h) = (exact(now)?, exact(&twice)?, exact(&thrice)?);
    let slope = &g - &f;
    if slope.is_zero() || &h - &g != slope {
        return None;
    }
    Some(now - &f * now / slope)
}

/// Where the difference is certainly not zero at `root`, secant steps in exact numbers: an equality that no short
/// number satisfies holds to the precision of balls.
fn refined(
    difference_at: &dyn Fn(&BigRational) -> Option<Ball>,
    root: BigRational,
    x: f64,
    y: f64,
) -> BigRational {
    let is_root =
        |q: &BigRational| difference_at(q).is_some_and(|gap| gap.midpoint().abs() <= gap.radius());
    let (Some(mut a), Some(mut b)) = (rational_from_f64(x), rational_from_f64(y)) else {
        return root;
    };
    for _ in 0..4 {
        let (Some(f), Some(g)) = (difference_at(&a), difference_at(&b)) else {
            return root;
        };
        let share = f.midpoint() / (f - g).midpoint();
        let Some(share) = rational_from_f64(share).filter(|s| !s.is_zero()) else {
            return root;
        };
        let next = &a + (&b - &a) * share;
        if is_root(&next) {
            return next;
        }
        (a, b) = (b, next);
    }
    root
}
