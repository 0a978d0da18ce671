//! Points that violate an assumption are moved until they satisfy it, rather than thrown away.

use num_rational::BigRational;
use num_traits::Zero;

use super::{Free, Sampler, clamp};
use crate::decide::assignment::Assignment;
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::formula::evaluate::Evaluator;
use crate::number::{Ball, Real, rational_from_f64, rational_to_f64, simplest_between};
use crate::simulate::Stream;

/// Attempts to mend a point that violates an assumption.
const REPAIRS: usize = 40;

impl<'a> Sampler<'a> {
    /// The first assumption that certainly fails, or cannot be evaluated.
    pub(super) fn violated(&self, assignment: &Assignment) -> Option<&'a Comparison> {
        if self.scope.assumptions.is_empty() {
            return None;
        }
        let Some(environment) = self.environment(assignment) else {
            return self.scope.assumptions.first();
        };
        let evaluator = Evaluator::new(self.scope, &environment);
        self.scope
            .assumptions
            .iter()
            .find(|assumption| !evaluator.admits(assumption))
    }

    pub(super) fn repair(&self, stream: &mut Stream, assignment: &mut Assignment) -> Option<()> {
        for _ in 0..REPAIRS {
            let Some(assumption) = self.violated(assignment) else {
                return Some(());
            };
            let names = self.mentioned(&[&assumption.lhs, &assumption.rhs]);
            let candidates: Vec<&Free<'_>> = self
                .free
                .iter()
                .filter(|f| names.contains(f.name))
                .collect();
            if candidates.is_empty() {
                // The assumption speaks of Σ or w0 alone, or of constants.
                assignment.spectrum = self.levels(stream, false);
                continue;
            }
            let free = candidates
                [(stream.uniform() * candidates.len() as f64) as usize % candidates.len()];
            let (low, high) = self.range(free, assignment)?;
            let boundary = self.boundary(
                assignment,
                free,
                &assumption.lhs,
                &assumption.rhs,
                &low,
                &high,
            );
            let mut trial = assignment.clone();
            if let Some(boundary) = boundary {
                for (from, to) in [
                    (boundary.clone(), high.clone()),
                    (low.clone(), boundary.clone()),
                ] {
                    if from > to {
                        continue;
                    }
                    let value = if assumption.op == RelationOp::Eq {
                        boundary.clone()
                    } else {
                        self.value(stream, free, from, to, false)
                    };
                    trial.symbols.insert(free.name.to_owned(), value);
                    if self.satisfied(&trial, assumption) {
                        *assignment = trial.clone();
                        break;
                    }
                }
            } else {
                let value = self.value(stream, free, low, high, false);
                assignment.symbols.insert(free.name.to_owned(), value);
            }
        }
        self.violated(assignment).is_none().then_some(())
    }

    fn satisfied(&self, assignment: &Assignment, assumption: &Comparison) -> bool {
        let Some(environment) = self.environment(assignment) else {
            return false;
        };
        Evaluator::new(self.scope, &environment).admits(assumption)
    }

    /// Moves one symbol so that `a = b`, as nearly as it can, with every assumption kept.
    pub(super) fn tighten(
        &self,
        stream: &mut Stream,
        assignment: &mut Assignment,
        a: &Expr,
        b: &Expr,
    ) -> Option<()> {
        let names = self.mentioned(&[a, b]);
        let mut candidates: Vec<&Free<'_>> = self
            .free
            .iter()
            .filter(|f| names.contains(f.name))
            .collect();
        let turn = (stream.uniform() * candidates.len().max(1) as f64) as usize;
        let length = candidates.len().max(1);
        candidates.rotate_left(turn % length);
        for free in candidates {
            let (low, high) = self.range(free, assignment)?;
            let Some(root) = self.boundary(assignment, free, a, b, &low, &high) else {
                continue;
            };
            let steps: &[f64] = if free.whole {
                &[0.0, 1.0, -1.0]
            } else {
                &[0.0]
            };
            for step in steps {
                let mut trial = assignment.clone();
                let value = root.clone() + rational_from_f64(*step)?;
                trial.symbols.insert(free.name.to_owned(), value);
                if self.admits(&trial) {
                    *assignment = trial;
                    return Some(());
                }
            }
        }
        None
    }

    /// Where along `free` the two sides agree (the nearest whole number for whole symbols), by bisection.
    fn boundary(
        &self,
        assignment: &Assignment,
        free: &Free<'_>,
        a: &Expr,
        b: &Expr,
        low: &BigRational,
        high: &BigRational,
    ) -> Option<BigRational> {
        let difference_at = |x: &BigRational| -> Option<Ball> {
            let mut trial = assignment.clone();
            trial.symbols.insert(free.name.to_owned(), x.clone());
            let environment = self.environment(&trial)?;
            let evaluator = Evaluator::new(self.scope, &environment);
            let gap = evaluator.scalar(a).ok()? - evaluator.scalar(b).ok()?;
            gap.is_finite().then_some(gap)
        };
        let difference = |x: f64| Some(difference_at(&rational_from_f64(x)?)?.midpoint());
        let (mut x, mut y) = (rational_to_f64(low), rational_to_f64(high));
        let (f, g) = (difference(x)?, difference(y)?);
        if f == 0.0 {
            return Some(low.clone());
        }
        if g == 0.0 {
            return Some(high.clone());
        }
        if (f > 0.0) == (g > 0.0) {
            return None;
        }
        for _ in 0..200 {
            let middle = if x > 0.0 && y / x > 4.0 {
                (x * y).sqrt()
            } else {
                0.5 * (x + y)
            };
            let middle = if free.whole { middle.floor() } else { middle };
            if middle <= x || middle >= y {
                break;
            }
            let value = difference(middle)?;
            if value == 0.0 {
                (x, y) = (middle, middle);
                break;
            }
            if (value > 0.0) == (f > 0.0) {
                x = middle
            } else {
                y = middle
            }
        }
        if free.whole {
            let nearer = if difference(x)?.abs() <= difference(y)?.abs() {
                x
            } else {
                y
            };
            return rational_from_f64(nearer);
        }
        // A simple number where there is one within rounding.
        let slack = 4.0 * f64::EPSILON * x.abs().max(y.abs());
        let root = simplest_between(
            &rational_from_f64(x - slack)?,
            &rational_from_f64(y + slack)?,
        );
        let root = self
            .refined(&difference_at, root, x - slack, y + slack)
            .unwrap_or_else(|root| root);
        Some(clamp(Some(root), low.clone(), high.clone()))
    }

    /// `root`, or where the difference is certainly not zero there, a secant step in exact numbers: an equality
    /// that no short number satisfies holds to the precision of balls.
    fn refined(
        &self,
        difference_at: &dyn Fn(&BigRational) -> Option<Ball>,
        root: BigRational,
        x: f64,
        y: f64,
    ) -> Result<BigRational, BigRational> {
        let is_root = |q: &BigRational| {
            difference_at(q).is_some_and(|gap| gap.midpoint().abs() <= gap.radius())
        };
        let (Some(mut a), Some(mut b)) = (rational_from_f64(x), rational_from_f64(y)) else {
            return Err(root);
        };
        if is_root(&root) {
            return Ok(root);
        }
        for _ in 0..4 {
            let (Some(f), Some(g)) = (difference_at(&a), difference_at(&b)) else {
                return Err(root);
            };
            let share = f.midpoint() / (f - g).midpoint();
            let Some(share) = rational_from_f64(share).filter(|s| !s.is_zero()) else {
                return Err(root);
            };
            let next = &a + (&b - &a) * share;
            if is_root(&next) {
                return Ok(next);
            }
            (a, b) = (b, next);
        }
        Err(root)
    }
}
