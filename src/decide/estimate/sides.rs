//! The two sides of a claim where what they average is known.

use num_traits::Zero;

use super::Estimator;
use super::curve::of_entries;
use super::direction::along;
use crate::formula::ast::BinaryOp;
use crate::term::evaluate::{Dense, Environment, EvaluationError, Evaluator};
use crate::term::{Id, Node};

impl Estimator<'_> {
    /// Both sides with the expectations replaced by `means`; matrices as their entries.
    pub(super) fn sides(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        means: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>), EvaluationError> {
        self.strained(environment, shapes, means, (0.0, None))
    }

    /// The same along a direction, where an order of matrices is estimated, and with curves off by so much of what they may miss
    /// between their places.
    pub(super) fn strained(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        means: &[f64],
        (strain, direction): (f64, Option<&[f64]>),
    ) -> Result<(Vec<f64>, Vec<f64>), EvaluationError> {
        let mut left = means;
        let mut matrices = shapes.iter().map(|&(rows, cols)| {
            let (entries, others) = left.split_at(rows * cols);
            left = others;
            Dense {
                rows,
                cols,
                entries: entries.to_vec(),
            }
        });
        for (expectation, _) in &self.expectations {
            if let Some(mean) = matrices.next() {
                let entries = mean.entries.clone();
                environment
                    .known
                    .insert(*expectation, of_entries(&mean, entries));
            }
        }
        for curve in &self.curves {
            let mut along = |_| matrices.by_ref().take(curve.places.len()).collect();
            let means: Vec<Vec<Dense<f64>>> = (0..curve.means.len()).map(&mut along).collect();
            curve.solve(&self.store, environment, &means, strain)?;
        }
        if let Some((least, direction)) = self.least.zip(direction) {
            least.settle(self.problem.scope, environment, direction)?;
        }
        let evaluator = Evaluator::new(self.problem.scope, environment);
        let lhs = evaluator.value(&self.problem.says.lhs)?;
        let rhs = evaluator.value(&self.problem.says.rhs)?;
        let left = lhs.dense_beside(&rhs, &environment.covariance)?.entries;
        let right = rhs.dense_beside(&lhs, &environment.covariance)?.entries;
        if left.len() != right.len() {
            return Err(EvaluationError::Unsupported(
                "the two sides differ in shape".into(),
            ));
        }
        if left.iter().chain(&right).any(|x| !x.is_finite()) {
            return Err(EvaluationError::Undefined(
                "a side that is not finite".into(),
            ));
        }
        Ok((left, right))
    }

    /// How far the difference may be off because curves are followed between their places.
    pub(super) fn missed(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        means: &[f64],
        (gap, entries): (f64, &[f64]),
        toward: Option<&[f64]>,
    ) -> Result<f64, EvaluationError> {
        // Some draws are followed worse than those that were asked.
        const STRAIN: f64 = 4.0;
        if self.curves.is_empty() {
            return Ok(0.0);
        }
        let (left, right) = self.strained(environment, shapes, means, (STRAIN, toward))?;
        let difference: Vec<f64> = left.iter().zip(&right).map(|(l, r)| l - r).collect();
        Ok((along(&difference, entries) - gap).abs())
    }

    /// The side that is claimed to be zero, or to have a sign.
    pub(super) fn compared_with_zero(&self) -> Option<Id> {
        let zero = |id| matches!(self.store.node(id), Node::Number(q) if q.is_zero());
        match (self.sides, self.sides.map(zero)) {
            ([side, _], [false, true]) | ([_, side], [true, false]) => Some(side),
            _ => None,
        }
    }

    /// The smallest term of a sum: what a sum that should vanish is measured against, as it would be with that
    /// term on the other side. `None` for anything but a sum of numbers; its draws are then the measure.
    pub(super) fn smallest_term(&self, side: Id, environment: &Environment<f64>) -> Option<f64> {
        let evaluator = Evaluator::new(self.problem.scope, environment);
        let (mut open, mut sizes) = (vec![side], Vec::new());
        while let Some(id) = open.pop() {
            match self.store.node(id) {
                Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => open.extend([a, b]),
                Node::Neg(a) => open.push(*a),
                _ => sizes.push(evaluator.scalar_of(id).ok()?.abs()),
            }
        }
        sizes.retain(|x| *x > 0.0);
        (sizes.len() > 1).then(|| sizes.into_iter().fold(f64::INFINITY, f64::min))
    }
}
