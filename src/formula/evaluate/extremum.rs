//! `argmin` and `inf` over an interval.

use super::numbers::{Numbers, Walk};
use super::{EvaluationError, LinearAlgebra};
use crate::term::ExtremumForm;

/// Points of the first grid.
const GRID: usize = 49;
const GOLDEN: f64 = 0.381_966_011_250_105_1;

/// `x − y` in the precision of the two, which near a minimum is all there is between them. Both are finite, or
/// `x` is infinite.
fn rise<R: LinearAlgebra>(x: &R, y: &R) -> f64 {
    if x.is_finite() {
        (x.clone() - y.clone()).midpoint()
    } else {
        f64::INFINITY
    }
}

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// Where `body` is least on `[from, to]` and how small it is there: a grid (geometric where the interval
    /// spans more than a factor 50), then golden sections around its two best points. The radius of the
    /// position is the last bracket, that of the value what a convex function can fall below its least value seen:
    /// the line through two of the last three points, prolonged over the other part of the bracket.
    pub(super) fn minimum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: ExtremumForm,
    ) -> Result<(R, R), EvaluationError> {
        let low = self.scalar(walker, form.from)?.midpoint();
        let high = self.scalar(walker, form.to)?.midpoint();
        if !(low < high) {
            return Err(EvaluationError::Undefined(format!(
                "a minimum over [{low}, {high}]"
            )));
        }
        let geometric = low > 0.0 && high / low > 50.0;
        let place = |u: f64| {
            if u <= 0.0 {
                low
            } else if u >= 1.0 {
                high
            } else if geometric {
                low * (high / low).powf(u)
            } else {
                low + (high - low) * u
            }
        };
        let mut at = |u: f64| -> Result<R, EvaluationError> {
            let value = self.at(walker, form.variable, R::from_f64(place(u)), form.body);
            match value.map(|value| {
                if form.kind.is_greatest() {
                    -value
                } else {
                    value
                }
            }) {
                Err(EvaluationError::Undefined(_)) => Ok(R::from_f64(f64::INFINITY)),
                other => other,
            }
        };
        let mut grid = Vec::with_capacity(GRID);
        for i in 0..GRID {
            let u = i as f64 / (GRID - 1) as f64;
            grid.push((u, at(u)?));
        }
        let mut order: Vec<usize> = (0..GRID).filter(|&i| grid[i].1.is_finite()).collect();
        if order.is_empty() {
            return Err(EvaluationError::Undefined(
                "a minimum of a function that is nowhere finite".into(),
            ));
        }
        order.sort_by(|&i, &j| grid[i].1.midpoint().total_cmp(&grid[j].1.midpoint()));
        let mut best: Option<(f64, R, f64, f64)> = None;
        for &i in order.iter().take(2) {
            let (mut a, mut b) = (grid[i.saturating_sub(1)].0, grid[(i + 1).min(GRID - 1)].0);
            let (mut u, mut value) = grid[i].clone();
            let ends = (i.saturating_sub(1), (i + 1).min(GRID - 1));
            let (mut at_a, mut at_b) = (grid[ends.0].1.clone(), grid[ends.1].1.clone());
            let mut edge = f64::INFINITY;
            for _ in 0..90 {
                if b - a < 1e-15 {
                    break;
                }
                let next = if b - u > u - a {
                    u + GOLDEN * (b - u)
                } else {
                    u - GOLDEN * (u - a)
                };
                let there = at(next)?;
                if rise(&there, &value) < 0.0 {
                    if next > u {
                        (a, at_a) = (u, value);
                    } else {
                        (b, at_b) = (u, value);
                    }
                    (u, value) = (next, there);
                } else if next > u {
                    (b, at_b) = (next, there);
                } else {
                    (a, at_a) = (next, there);
                }
                edge = rise(&at_a, &value).max(rise(&at_b, &value));
                if edge <= (8.0 * value.radius()).max(1e-24 * value.midpoint().abs()) {
                    break;
                }
            }
            // An end of the interval is a candidate of its own.
            for end in [a, b] {
                if end == 0.0 || end == 1.0 {
                    let there = at(end)?;
                    if rise(&there, &value) <= 0.0 {
                        (u, value) = (end, there);
                        (a, b, edge) = (end, end, 0.0);
                    }
                }
            }
            let wins = best
                .as_ref()
                .is_none_or(|(_, least, _, _)| rise(&value, least) < 0.0);
            if wins {
                best = Some((u, value, (place(b) - place(a)).abs(), edge));
            }
        }
        let (u, value, width, edge) = best.ok_or(EvaluationError::Budget)?;
        let width = width + 2.0 * f64::EPSILON * place(u).abs();
        Ok((
            R::from_f64(place(u)).widened(width),
            value.widened(2.0 * edge),
        ))
    }
}
