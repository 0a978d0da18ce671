//! Assumed equalities: one by one number, as exactly as it can be met, or several at once, moved together by Newton's method.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::Sampler;
use super::coordinate::Coordinate;
use super::repair::linear_root;
use crate::decide::assignment::{Assignment, short_decimal};
use crate::formula::ast::{Comparison, RelationOp};
use crate::number::{
    Ball, Precise, Real, rational_from_f64, rational_to_f64, simplest_between, with_precision,
};
use crate::term::evaluate::Evaluator;

/// More equalities, and more numbers to move, than this are left as they are.
const MOST_EQUATIONS: usize = 4;
const MOST_NUMBERS: usize = 12;
/// Steps in doubles, and steps in exact numbers that follow.
const STEPS: usize = 25;
const POLISHING: usize = 4;
/// Bits in which numbers of many digits are told from each other.
const EXACT_BITS: usize = 1024;
/// What doubles leave of a second difference of a linear function, as a share.
const LINEAR: f64 = 1e-10;
/// The step of a difference, as a share.
const WIDTH: f64 = 1e-6;
/// Simple numbers are looked for so near, as a share.
const SNAP: f64 = 1e-11;
/// What is left where doubles have done their part.
const NEARLY: f64 = 1e-13;

impl<'a> Sampler<'a> {
    /// The numbers of the assumptions that are equalities.
    pub fn equalities(&self) -> impl Iterator<Item = usize> {
        let all = self.scope.assumptions.iter().enumerate();
        all.filter(|(_, says)| says.op == RelationOp::Eq)
            .map(|(which, _)| which)
    }

    /// Those that speak of more than whole numbers.
    fn movable_equalities(&self) -> impl Iterator<Item = usize> {
        self.equalities().filter(|which| self.is_movable(*which))
    }

    /// Whether an assumption speaks of more than whole numbers.
    pub(super) fn is_movable(&self, which: usize) -> bool {
        let about = &self.about[which];
        let mut real = self.free.iter().filter(|free| !free.whole);
        about.spectrum || about.target || real.any(|free| about.names.contains(free.name))
    }

    /// A symbol, as a number that may be changed.
    pub fn symbol(&self, name: &str) -> Option<Coordinate<'_, 'a>> {
        self.free
            .iter()
            .find(|free| free.name == name)
            .map(Coordinate::Symbol)
    }

    /// The place where an assumed equality holds, by one number.
    pub fn solved(
        &self,
        which: usize,
        way: &Coordinate<'_, 'a>,
        at: &Assignment,
    ) -> Option<Assignment> {
        // Equal eigenvalues would part.
        let parts = matches!(way, Coordinate::Value(_)) && self.keeps_levels();
        if parts || !self.coordinates(which, at, None).contains(way) {
            return None;
        }
        let says = &self.scope.assumptions[which];
        (self.where_equal_exactly(at, way, says)).or_else(|| self.where_equal(at, way, says))
    }

    /// The assignment with one number changed so that both sides agree.
    pub(super) fn where_equal(
        &self,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        says: &Comparison,
    ) -> Option<Assignment> {
        let (low, high) = self.bounds(way, at)?;
        let root = self.root(at, way, &says.lhs, &says.rhs, &low, &high)?;
        let mut met = way.set(at, &root.at);
        met.approximate |= !root.exact;
        Some(met)
    }

    /// The same where they differ by a linear function of it, exactly, however many digits the others have.
    fn where_equal_exactly(
        &self,
        at: &Assignment,
        way: &Coordinate<'_, 'a>,
        says: &Comparison,
    ) -> Option<Assignment> {
        let simplest_at = |x: &BigRational| {
            let value = with_precision(EXACT_BITS, || {
                self.difference::<Precise>(at, way, (&says.lhs, &says.rhs), x)
            })?;
            Some(simplest_between(
                &value.lower().rational_midpoint()?,
                &value.upper().rational_midpoint()?,
            ))
        };
        let now = way.current(at)?;
        if !now.is_positive() {
            return None;
        }
        // Whether they may differ by a linear function is seen with fewer digits.
        let plain = |x: &BigRational| {
            self.difference::<f64>(at, way, (&says.lhs, &says.rhs), x)
                .filter(|x| x.is_finite())
        };
        let twice = &now + &now;
        let (f, g, h) = (plain(&now)?, plain(&twice)?, plain(&(&twice + &now))?);
        if !((h - 2.0 * g + f).abs() <= LINEAR * (f.abs() + g.abs() + h.abs())) {
            return None;
        }
        let root = linear_root(&simplest_at, &now)?;
        let (low, high) = self.bounds(way, at)?;
        let met = (low <= root && root <= high).then(|| way.set(at, &root))?;
        simplest_at(&root)
            .is_some_and(|left| left.is_zero())
            .then_some(met)
    }

    /// Whether several equalities are assumed, so few that they can be met together.
    pub(super) fn meets_together(&self) -> bool {
        (2..=MOST_EQUATIONS).contains(&self.movable_equalities().count()) && !self.keeps_levels()
    }

    /// Whether two of them speak of eigenvalues, or of the target.
    pub(super) fn meet_in_levels(&self) -> bool {
        let levels = |which: &usize| self.about[*which].spectrum || self.about[*which].target;
        self.equalities().filter(levels).count() > 1
    }

    /// Moves numbers until every assumed equality holds, exactly where simple numbers do and else as nearly as numbers allow; `None`
    /// where there is no way.
    pub(super) fn meet_together(
        &self,
        assignment: &Assignment,
        fixed: Option<&str>,
    ) -> Option<Assignment> {
        let mut ways: Vec<Coordinate<'_, 'a>> = Vec::new();
        for which in self.movable_equalities() {
            for way in self.coordinates(which, assignment, fixed) {
                let moves = way.is_single_number() && !ways.contains(&way);
                if moves && way.current(assignment).is_some_and(|x| x.is_positive()) {
                    ways.push(way);
                }
            }
        }
        // Of many, some of every size.
        let step = ways.len().div_ceil(MOST_NUMBERS).max(1);
        let ways: Vec<_> = ways.into_iter().step_by(step).collect();
        self.meet_by(assignment, &ways)
    }

    /// The same by these numbers.
    pub fn meet_by(
        &self,
        assignment: &Assignment,
        ways: &[Coordinate<'_, 'a>],
    ) -> Option<Assignment> {
        let says: Vec<&Comparison> = (self.movable_equalities())
            .map(|which| &self.scope.assumptions[which])
            .collect();
        let positive =
            |way: &Coordinate<'_, 'a>| way.current(assignment).is_some_and(|x| x.is_positive());
        if ways.len() < says.len() || !ways.iter().all(positive) {
            return None;
        }
        let mut at = assignment.clone();
        let mut polished = 0;
        for _ in 0..STEPS {
            let left = self.residuals(&at, &says)?;
            let near = left.iter().all(|x| f64::abs(*x) < NEARLY);
            polished += usize::from(near);
            if polished > POLISHING {
                break;
            }
            let step = self.newton(&at, &says, ways, &left)?;
            for (way, step) in ways.iter().zip(step) {
                let value = way.current(&at)?;
                let value = if near {
                    value * (BigRational::one() - rational_from_f64(step)?)
                } else {
                    let moved = rational_to_f64(&value) * (-step.clamp(-1.0, 1.0)).exp();
                    short_decimal(moved, 16)
                };
                at = way.set(&at, &value);
            }
        }
        if let Some(exact) = self.snapped(&at, ways, &says) {
            return Some(exact);
        }
        at.approximate = true;
        let kept = says.iter().all(|says| self.satisfied(&at, says));
        kept.then_some(at)
    }

    /// The same with simple numbers, where the equalities hold exactly for them.
    fn snapped(
        &self,
        at: &Assignment,
        ways: &[Coordinate<'_, 'a>],
        says: &[&Comparison],
    ) -> Option<Assignment> {
        let slack = rational_from_f64(SNAP)?;
        let mut snapped = at.clone();
        for way in ways {
            let value = way.current(at)?;
            let by = &value * &slack;
            snapped = way.set(&snapped, &simplest_between(&(&value - &by), &(value + by)));
        }
        snapped.approximate = false;
        let environment = snapped.environment::<Ball>(self.scope).ok()?;
        let evaluator = Evaluator::new(self.scope, &environment);
        let agree = says.iter().all(|says| {
            let sides = [&says.lhs, &says.rhs].map(|side| evaluator.scalar(side).ok());
            matches!(sides, [Some(a), Some(b)] if {
                let gap = a - b;
                gap.midpoint().abs() <= gap.radius()
            })
        });
        self.work.set(self.work.get() + evaluator.steps());
        agree.then_some(snapped)
    }

    /// What the sides of every equality differ by, as shares of their size.
    fn residuals(&self, at: &Assignment, says: &[&Comparison]) -> Option<Vec<f64>> {
        let environment = at.environment::<Ball>(self.scope).ok()?;
        let evaluator = Evaluator::new(self.scope, &environment);
        let residual = |says: &&Comparison| {
            let (a, b) = (
                evaluator.scalar(&says.lhs).ok()?,
                evaluator.scalar(&says.rhs).ok()?,
            );
            let size = f64::abs(a.midpoint()) + f64::abs(b.midpoint());
            Some((a - b).midpoint() / size.max(f64::MIN_POSITIVE)).filter(|x| x.is_finite())
        };
        let residuals = says.iter().map(residual).collect();
        self.work.set(self.work.get() + evaluator.steps());
        residuals
    }

    /// The shortest step, in logarithms of the numbers, that does away with what is left: `Jᵀ (J Jᵀ)^{-1} left`.
    fn newton(
        &self,
        at: &Assignment,
        says: &[&Comparison],
        ways: &[Coordinate<'_, 'a>],
        left: &[f64],
    ) -> Option<Vec<f64>> {
        let factor = BigRational::one() + rational_from_f64(WIDTH)?;
        let mut slopes = Vec::new();
        for way in ways {
            let moved = way.set(at, &(way.current(at)? * &factor));
            let there = self.residuals(&moved, says)?;
            let slope = there
                .iter()
                .zip(left)
                .map(|(there, here)| (there - here) / WIDTH);
            slopes.push(slope.collect::<Vec<f64>>());
        }
        let m = left.len();
        let product = |i: usize, j: usize| slopes.iter().map(|s| s[i] * s[j]).sum::<f64>();
        let mut rows: Vec<Vec<f64>> = (0..m)
            .map(|i| (0..m).map(|j| product(i, j)).chain([left[i]]).collect())
            .collect();
        eliminate(&mut rows)?;
        let weights: Vec<f64> = rows.iter().map(|row| row[m]).collect();
        let step = |slope: &Vec<f64>| slope.iter().zip(&weights).map(|(s, w)| s * w).sum();
        Some(slopes.iter().map(step).collect())
    }
}

/// Solves a small system whose right side is the last column; `None` where it is singular.
fn eliminate(rows: &mut [Vec<f64>]) -> Option<()> {
    let m = rows.len();
    for k in 0..m {
        let pivot =
            (k..m).max_by(|i, j| f64::abs(rows[*i][k]).total_cmp(&f64::abs(rows[*j][k])))?;
        rows.swap(k, pivot);
        let lead = rows[k][k];
        if f64::abs(lead) <= f64::MIN_POSITIVE {
            return None;
        }
        rows[k].iter_mut().for_each(|x| *x /= lead);
        let row = rows[k].clone();
        for (i, other) in rows.iter_mut().enumerate() {
            if i != k {
                let factor = other[k];
                other
                    .iter_mut()
                    .zip(&row)
                    .for_each(|(x, y)| *x -= factor * y);
            }
        }
    }
    Some(())
}
