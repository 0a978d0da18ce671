//! `diag(M)` of a matrix over rows.

use super::{EDGE, Form, ORDER, Read, Reader, WORK};
use crate::budget;
use crate::formula::ast::{BinaryOp, Expr, Function, Node};
use crate::formula::parse::parse_expression;
use crate::term::equivalence::unrecognised;
use crate::term::evaluate::EvaluationError;
use crate::term::{Id, Shape};

/// Directions that a row must have for its own part in a matrix to be that of any other.
const FEWEST: f64 = 100.0;

impl Reader<'_> {
    /// Rows are alike, so that the entries of a diagonal concentrate at their mean.
    pub(super) fn diagonal_part(&mut self, form: Form, id: Id) -> Read {
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
        if let [value] = mean.values.as_slice()
            && self.noted.is_some()
            && let Some(text) = self.mean_of(id)
            && let Some(noted) = &mut self.noted
            && !noted.numbers.iter().any(|(known, _)| *known == text)
        {
            // Whoever looks for formulas knows it by what it is a mean of.
            noted.numbers.push((text, *value));
        }
        let diagonal = self.model.diagonal(space, mean.values);
        Ok(Form::Matrix(self.model.of_diagonal(diagonal)))
    }

    /// `E[tr(M)/T]`, what an entry of `diag(M)` is, as it is written.
    fn mean_of(&self, matrix: Id) -> Option<String> {
        let Shape::Matrix { rows, .. } = self.statement.store.shape(matrix) else {
            return None;
        };
        let written = |id| parse_expression(&self.statement.text_of(id)).ok();
        let (matrix, rows) = (written(matrix)?, written(rows)?);
        let of = |node| Expr::new(node, matrix.span);
        let trace = of(Node::Call(Function::Tr, vec![matrix.clone()]));
        let share = of(Node::Binary(BinaryOp::Div, trace, rows));
        Some(of(Node::Expectation(share)).to_string())
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
