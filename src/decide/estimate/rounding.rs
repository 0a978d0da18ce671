//! What double precision makes of draws, by the same draws in balls.

use super::{Estimator, is_lost};
use crate::decide::assignment::Assignment;
use crate::formula::ast::{BinaryOp, Function};
use crate::number::{Ball, Real};
use crate::term::evaluate::{Draw, Environment, EvaluationError, Evaluator, plan};
use crate::term::{Id, Node, Store};

/// Draws on which rounding is looked for.
const LOOKS: u64 = 64;

/// What is averaged, on one draw without rounding.
#[derive(Default)]
struct Fine {
    shapes: Vec<(usize, usize)>,
    entries: Vec<f64>,
    /// The most that an entry could be that is not told from zero.
    untold: f64,
}

impl Estimator<'_> {
    /// Whether double precision is enough at this point: on a few draws, what it changes in `lhs − rhs` counts for little
    /// beside the gap that was seen.
    pub fn resolves(&self, assignment: &Assignment, gap: f64) -> Result<bool, EvaluationError> {
        const LITTLE: f64 = 0.02;
        // Where so little was seen, most draws may have lost nothing.
        let looks = if gap.abs() < 1e-10 { LOOKS } else { 2 };
        for look in 0..looks {
            if self.lost(assignment, look)?.0 > LITTLE * gap.abs() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what was seen between the sides comes from rounding alone: without it, they agree on a few draws.
    pub fn is_rounding(&self, assignment: &Assignment) -> Result<bool, EvaluationError> {
        const NOTHING: f64 = 1e-9;
        let (mut lost, mut left): (f64, f64) = (0.0, 0.0);
        for look in 0..LOOKS {
            let (rounding, gap) = self.lost(assignment, look)?;
            (lost, left) = (lost.max(rounding), left.max(gap));
        }
        Ok(left <= NOTHING * lost)
    }

    /// Whether both sides are zero because everything averaged is: exactly, in each of several draws.
    pub fn vanishes(&self, assignment: &Assignment) -> Result<bool, EvaluationError> {
        let mut shapes = Vec::new();
        for look in 0..LOOKS {
            shapes.clear();
            let exact = self.drawn_in_balls(assignment, look)?;
            let d = exact.covariance.written_out()?.len();
            for value in self.averaged(&exact)? {
                let value = value.dense(&exact.covariance, Some(d))?;
                if !value.entries.iter().all(Ball::is_zero) {
                    return Ok(false);
                }
                shapes.push((value.rows, value.cols));
            }
        }
        let zeros = vec![0.0; shapes.iter().map(|(rows, columns)| rows * columns).sum()];
        let mut plain = self.environment.clone();
        let (left, right) = self.sides(&mut plain, &shapes, &zeros)?;
        Ok(left.iter().chain(&right).all(|x| *x == 0.0))
    }

    /// Whether what is zero in a draw of doubles is so exactly, and not merely below every double: on a few draws.
    pub fn zeros_are_exact(&self, assignment: &Assignment) -> Result<bool, EvaluationError> {
        const DRAWS: u64 = 4;
        for look in 0..DRAWS {
            let plain = self.drawn_in_doubles(look)?;
            let exact = self.drawn_in_balls(assignment, look)?;
            for (coarse, fine) in self.averaged(&plain)?.iter().zip(self.averaged(&exact)?) {
                let coarse = coarse.dense(&plain.covariance, None)?;
                let fine = fine.dense(&exact.covariance, None)?;
                let mut entries = coarse.entries.iter().zip(&fine.entries);
                if entries.any(|(x, ball)| is_lost(*x) && !ball.is_zero()) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether both sides are the same in each of several draws, to all digits of balls, and so on average: sums of means, and
    /// multiples of them, are what they are of draws.
    pub fn agrees_in_every_draw(&self, assignment: &Assignment) -> Result<bool, EvaluationError> {
        const AGREES: f64 = 1e-20;
        const DRAWS: u64 = 8;
        let affine = self.sides.iter().all(|side| is_affine(&self.store, *side));
        if !affine || !self.curves.is_empty() {
            return Ok(false);
        }
        for look in 0..DRAWS {
            let mut exact = self.drawn_in_balls(assignment, look | 1 << 59)?;
            let values = self.averaged(&exact)?;
            let ids = self.expectations.iter().map(|(id, _)| *id);
            exact.known.extend(ids.zip(values));
            let evaluator = Evaluator::new(self.problem.scope, &exact);
            let left = evaluator.value(&self.problem.says.lhs)?;
            let right = evaluator.value(&self.problem.says.rhs)?;
            let (left, right) = (
                left.dense_beside(&right, &exact.covariance)?,
                right.dense_beside(&left, &exact.covariance)?,
            );
            if left.entries.len() != right.entries.len() {
                return Ok(false);
            }
            let most = |x: &Ball| x.midpoint().abs() + x.radius();
            let scale = left.entries.iter().map(most).fold(0.0, f64::max);
            let apart = left.entries.iter().zip(&right.entries);
            let apart = apart.map(|(l, r)| most(&(*l - *r))).fold(0.0, f64::max);
            if !(apart <= AGREES * scale) || scale == 0.0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// By how many standard errors the sides, two scalars, differ on a few draws without rounding; `None` where that is not
    /// to be had.
    pub fn apart_without_rounding(&self, assignment: &Assignment) -> Option<f64> {
        const BATCHES: u64 = 16;
        const DRAWS: u64 = 16;
        let mut gaps = Vec::new();
        for batch in 0..BATCHES {
            let (mut shapes, mut sums) = (Vec::new(), Vec::new());
            for draw in 0..DRAWS {
                let drawn = self
                    .fine(assignment, (1 << 60) | (batch * DRAWS + draw))
                    .ok()?;
                sums.resize(drawn.entries.len(), 0.0);
                (sums.iter_mut().zip(&drawn.entries)).for_each(|(sum, x)| *sum += x);
                shapes = drawn.shapes;
            }
            let means: Vec<f64> = sums.iter().map(|sum| sum / DRAWS as f64).collect();
            let mut plain = self.environment.clone();
            match &self.sides(&mut plain, &shapes, &means).ok()? {
                (left, right) if left.len() == 1 => gaps.push(left[0] - right[0]),
                _ => return None,
            }
        }
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Some(mean.abs() / (variance / n).sqrt()).filter(|z| z.is_finite())
    }

    /// What is averaged, on one draw in balls, as numbers: what is not told from zero is zero.
    fn fine(&self, assignment: &Assignment, look: u64) -> Result<Fine, EvaluationError> {
        let exact = self.drawn_in_balls(assignment, look)?;
        let d = exact.covariance.written_out()?.len();
        let mut fine = Fine::default();
        for value in self.averaged(&exact)? {
            let value = value.dense(&exact.covariance, Some(d))?;
            fine.shapes.push((value.rows, value.cols));
            for x in &value.entries {
                if x.midpoint().abs() > x.radius() {
                    fine.entries.push(x.midpoint());
                } else if x.radius().is_finite() {
                    fine.entries.push(0.0);
                    fine.untold = fine.untold.max(x.midpoint().abs() + x.radius());
                } else {
                    let what = "draws that no digits at hand resolve";
                    return Err(EvaluationError::Unresolved(what.into()));
                }
            }
        }
        Ok(fine)
    }

    /// The draw that [`drawn_in_balls`](Self::drawn_in_balls) makes of the same random numbers.
    fn drawn_in_doubles(&self, look: u64) -> Result<Environment<f64>, EvaluationError> {
        let mut plain = self.environment.clone();
        let plans = plan(self.problem.scope, &plain, &self.problem.objects)?;
        let mut draws = self.problem.draws(look | 1 << 61);
        plain.draw = Some(Draw::new(&plans, &plain, &mut draws)?);
        Ok(plain)
    }

    fn drawn_in_balls(
        &self,
        assignment: &Assignment,
        look: u64,
    ) -> Result<Environment<Ball>, EvaluationError> {
        let mut exact = assignment.environment::<Ball>(self.problem.scope)?;
        let plans = plan(self.problem.scope, &exact, &self.problem.objects)?;
        let mut draws = self.problem.draws(look | 1 << 61);
        exact.draw = Some(Draw::new(&plans, &exact, &mut draws)?);
        Ok(exact)
    }

    /// On one draw, what double precision changes in `lhs − rhs`, and how far apart the sides are without it.
    fn lost(&self, assignment: &Assignment, look: u64) -> Result<(f64, f64), EvaluationError> {
        let mut plain = self.drawn_in_doubles(look)?;
        let fine = self.fine(assignment, look)?;
        let mut coarse = Vec::new();
        let d = plain.covariance.written_out()?.len();
        for value in self.averaged(&plain)? {
            coarse.extend(value.dense(&plain.covariance, Some(d))?.entries);
        }
        if self.fixed.is_none() {
            plain.draw = None;
        }
        let (left, right) = self.sides(&mut plain, &fine.shapes, &coarse)?;
        let (fine_left, fine_right) = self.sides(&mut plain, &fine.shapes, &fine.entries)?;
        let apart = |a: &[f64], b: &[f64]| -> f64 {
            let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
            differences.fold(0.0, f64::max)
        };
        let changed = apart(&left, &fine_left) + apart(&right, &fine_right) + fine.untold;
        Ok((changed, apart(&fine_left, &fine_right)))
    }
}

/// Whether means enter a term by sums and by multiples that are fixed alone.
fn is_affine(store: &Store, id: Id) -> bool {
    let fixed = |id: Id| !store.averages(id) && !store.is_random(id);
    match store.node(id) {
        Node::Expectation(_) => true,
        Node::Neg(a) | Node::Transpose(a) => is_affine(store, *a),
        Node::Call(Function::Tr, arguments) => is_affine(store, arguments[0]),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => {
            is_affine(store, *a) && is_affine(store, *b)
        }
        Node::Binary(BinaryOp::Mul, a, b) => {
            fixed(*a) && is_affine(store, *b) || fixed(*b) && is_affine(store, *a)
        }
        Node::Binary(BinaryOp::Div, a, b) => fixed(*b) && is_affine(store, *a),
        _ => fixed(id),
    }
}
