//! `diag(M)` of a matrix over rows.

use super::{EDGE, Form, ORDER, Read, Reader, WORK};
use crate::budget;
use crate::formula::ast::{BinaryOp, Expr, Function, Node};
use crate::formula::scope::Scope;
use crate::formula::shape::{Shape, shape_of};
use crate::term::equivalence::unrecognised;
use crate::term::evaluate::EvaluationError;

/// Directions that a row must have for its own part in a matrix to be that of any other.
const FEWEST: f64 = 100.0;

/// `E[tr(M)/T]`, what an entry of `diag(M)` is.
pub fn mean_of(matrix: &Expr, scope: &Scope) -> Option<Expr> {
    let Ok(Shape::Matrix { rows, .. }) = shape_of(matrix, scope) else {
        return None;
    };
    let of = |node| Expr::new(node, matrix.span);
    let trace = of(Node::Call(Function::Tr, vec![matrix.clone()]));
    let share = of(Node::Binary(BinaryOp::Div, trace, rows));
    Some(of(Node::Expectation(share)))
}

impl Reader<'_, '_> {
    /// Rows are alike, so that the entries of a diagonal concentrate at their mean.
    pub(super) fn diagonal_part(&mut self, form: Form, written: &Expr) -> Read {
        let m = match form {
            Form::Matrix(m) => m,
            Form::Identity(_) | Form::Number { .. } => return Ok(form),
            _ => return unrecognised("the diagonal of stacks or of products of vectors"),
        };
        let space = self.model.rows(m);
        if !self.flat.values().any(|flat| *flat == space) {
            return unrecognised("the diagonal of a matrix that is not over rows");
        }
        if self.guarded && self.directions() < FEWEST {
            return unrecognised("a diagonal over rows whose norms do not concentrate");
        }
        budget::charge_about(WORK * 4.0).map_err(EvaluationError::from)?;
        let mean = self.model.equivalents(&[m])?.remove(0);
        let dimension = self.model.dimension(space);
        let mut levels = mean.values.iter().zip(&mean.sizes);
        let cancels =
            |(value, size): (&f64, &f64)| value.abs() < size * (ORDER / dimension).max(1e-9);
        if self.guarded && (levels.any(cancels) || mean.margin * dimension < EDGE) {
            return unrecognised("a diagonal whose leading terms cancel");
        }
        if let ([value], Some(known)) = (mean.values.as_slice(), mean_of(written, self.scope)) {
            // Whoever looks for formulas knows it by what it is a mean of.
            let text = known.to_string();
            if !self.numbers.iter().any(|(known, _)| *known == text) {
                self.numbers.push((text, *value));
            }
        }
        let diagonal = self.model.diagonal(space, mean.values);
        Ok(Form::Matrix(self.model.of_diagonal(diagonal)))
    }

    /// `(tr Σ)²/tr Σ²`: a row's norm fluctuates by the root of one over it.
    fn directions(&self) -> f64 {
        let eigenvalues = self.model.values(self.features.sigma);
        let multiplicities = self.model.multiplicities(self.features.space);
        let (mut first, mut second) = (0.0, 0.0);
        for (s, m) in eigenvalues.iter().zip(multiplicities) {
            if *s > 0.0 {
                first += m * s;
                second += m * s * s;
            }
        }
        first * first / second
    }
}
