//! Orders of matrices that are estimated, such as `E[A] <= B`.
//!
//! The least eigenvalue of `B` less an estimate lies below that of `B - E[A]`: among many directions some estimate errs. So a
//! direction is chosen by a part of the draws, and what the others say along it counts: `v'(B - E[A])v` is estimated without
//! bias, and no direction shows less than the least eigenvalue.

use faer::{MatRef, Side};

use crate::formula::ast::RelationOp;
use crate::formula::scope::Scope;
use crate::number::vectorised;
use crate::term::evaluate::{Dense, Environment, EvaluationError, Evaluator, Value};
use crate::term::order::least_eigenvalue;
use crate::term::{Id, Node, Store};

/// One in so many draws chooses the direction.
const CHOOSING: usize = 3;

/// The least eigenvalue that must not be negative, and its matrix.
#[derive(Clone, Copy)]
pub(super) struct Least {
    node: Id,
    matrix: Id,
}

impl Least {
    /// Of a relation that says the order of two matrices in numbers.
    pub fn of(store: &Store, sides: [Id; 2], op: RelationOp) -> Option<Self> {
        let node = least_eigenvalue(store, sides, op)?;
        let Node::Call(_, arguments) = store.node(node) else {
            return None;
        };
        Some(Self {
            node,
            matrix: arguments[0],
        })
    }

    /// How many of these draws choose the direction.
    pub fn choosing(replicates: usize) -> usize {
        replicates / CHOOSING
    }

    /// Puts what the matrix is along a direction into what is known, in the place of its least eigenvalue.
    pub fn settle(
        self,
        scope: &Scope,
        environment: &mut Environment<f64>,
        direction: &[f64],
    ) -> Result<(), EvaluationError> {
        let matrix = self.matrix(scope, environment)?;
        let row = |i: usize| -> f64 {
            (0..matrix.cols)
                .map(|j| *matrix.at(i, j) * direction[j])
                .sum()
        };
        let along = (0..matrix.rows).map(|i| direction[i] * row(i)).sum();
        environment.known.insert(self.node, Value::Scalar(along));
        Ok(())
    }

    /// The eigenvector of the least eigenvalue, where the means are known.
    pub fn direction(
        self,
        scope: &Scope,
        environment: &Environment<f64>,
    ) -> Result<Vec<f64>, EvaluationError> {
        let matrix = self.matrix(scope, environment)?;
        let n = matrix.rows;
        let failed = || EvaluationError::Undefined("eigenvalues that were not found".into());
        if matrix.entries.iter().any(|x| !x.is_finite()) {
            return Err(failed());
        }
        let view = MatRef::from_column_major_slice(&matrix.entries, n, n);
        let eigen = vectorised(|| view.self_adjoint_eigen(Side::Lower)).map_err(|_| failed())?;
        let values = eigen.S().column_vector();
        let least = (0..n).min_by(|&i, &j| values[i].total_cmp(&values[j]));
        let least = least.ok_or_else(failed)?;
        Ok((0..n).map(|i| eigen.U()[(i, least)]).collect())
    }

    fn matrix(
        self,
        scope: &Scope,
        environment: &Environment<f64>,
    ) -> Result<Dense<f64>, EvaluationError> {
        let evaluator = Evaluator::new(scope, environment);
        evaluator
            .value_of(self.matrix)?
            .dense(&environment.covariance, None)
    }
}
