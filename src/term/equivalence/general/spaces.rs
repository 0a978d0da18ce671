//! The space of the inputs: its levels, the bases in it, and how many rows there are.

use faer::Mat;

use crate::equivalent::pencil::{Rotation, Space};
use crate::formula::ast::Function;
use crate::term::evaluate::{AtPoint, Covariance, EvaluationError, MAX_ROTATED, mirrors};
use crate::term::{Id, LawTerms, Node, Statement};

/// The space that another basis spans, and the rotation from there to the eigenbasis of `Sigma`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    pub space: Space,
    pub rotation: Rotation,
}

type Levels = Vec<(f64, f64, f64)>;

/// Whether terms, or the covariances of random objects in them, hold a matrix in another basis.
pub fn turns(statement: &Statement, terms: impl IntoIterator<Item = Id>) -> bool {
    let mut found = false;
    for id in terms {
        let see = &mut |_, node: &Node| found |= matches!(node, Node::Call(Function::Rotated, _));
        statement.store.visit(id, see);
    }
    found
}

/// Every dimension as a level of its own, with the atom that it belongs to.
pub(super) fn written_out(
    covariance: &Covariance<f64>,
) -> Result<(Levels, Vec<usize>), EvaluationError> {
    let modes = covariance.written_out()?;
    if modes.len() > MAX_ROTATED {
        return Err(EvaluationError::TooLarge(format!(
            "a rotated matrix of dimension {} (at most {MAX_ROTATED})",
            modes.len()
        )));
    }
    let levels = modes
        .iter()
        .map(|m| (m.value, 1.0, m.coefficient * m.coefficient));
    Ok((levels.collect(), modes.iter().map(|m| m.atom).collect()))
}

/// `U` of `rotated(M, k) = U M U'`
pub(super) fn rotation(d: usize, number: u64) -> Mat<f64> {
    let mut matrix = Mat::<f64>::identity(d, d);
    for mirror in mirrors(d, number).iter().rev() {
        let v = Mat::from_fn(d, 1, |i, _| mirror[i]);
        let square: f64 = mirror.iter().map(|x| x * x).sum();
        let along = v.transpose() * &matrix;
        matrix -= (2.0 / square) * (&v * along);
    }
    matrix
}

/// Rows of all random matrices together, families and generations counted; at least one.
pub(super) fn all_rows(numbers: &mut AtPoint<'_, f64>, statement: &Statement) -> f64 {
    let mut number = |id: Id| numbers.scalar(id).ok().filter(|x| *x >= 1.0);
    let objects = statement.random.iter();
    let total: f64 = objects
        .filter_map(|object| {
            let members = object.count.map_or(Some(1.0), &mut number);
            let generations = match &object.law {
                LawTerms::Labeller { generations, .. } => number(*generations),
                _ => Some(1.0),
            };
            Some(number(rows_of(&object.law)?)? * members? * generations?)
        })
        .sum();
    total.max(1.0)
}

/// Rows of every random matrix of a law.
pub(super) fn rows_of(law: &LawTerms) -> Option<Id> {
    match law {
        LawTerms::Design { rows } | LawTerms::Gaussian { rows, .. } => Some(*rows),
        LawTerms::Labeller { samples, .. } => Some(*samples),
        LawTerms::Noise { .. } => None,
    }
}
