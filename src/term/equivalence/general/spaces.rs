//! The space of the inputs: its levels, the bases in it, and how many rows there are.

use faer::Mat;

use crate::equivalent::pencil::{Rotation, Space};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::{Law, Scope};
use crate::term::evaluate::{Covariance, EvaluationError, Evaluator, MAX_ROTATED, mirrors};

/// The space that another basis spans, and the rotation from there to the eigenbasis of `Sigma`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    pub space: Space,
    pub rotation: Rotation,
}

type Levels = Vec<(f64, f64, f64)>;

/// Whether formulas, or the covariances of random objects in them, hold a matrix in another basis.
pub fn turns<'a>(formulas: impl IntoIterator<Item = &'a Expr>, scope: &'a Scope) -> bool {
    let rotated = |node: &Node| matches!(node, Node::Call(Function::Rotated, _));
    let mut found = false;
    let mut covariances = Vec::new();
    scope.walk_through(formulas, &mut |part| match &*part.node {
        node if rotated(node) => found = true,
        Node::Name(name) | Node::Member(name, _) => {
            let object = scope.random.iter().find(|(n, _)| n == name);
            covariances.extend(object.and_then(|(_, object)| object.covariance()));
        }
        _ => {}
    });
    found || scope.speaks_of(covariances, rotated)
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
pub(super) fn all_rows<'a>(evaluator: &Evaluator<'a, f64>, scope: &'a Scope) -> f64 {
    let number = |e: &'a Expr| evaluator.scalar(e).ok().filter(|x| *x >= 1.0);
    let total: f64 = scope
        .random
        .iter()
        .filter_map(|(_, object)| {
            let members = object.count.as_ref().map_or(Some(1.0), number);
            let generations = match &object.law {
                Law::Labeller { generations, .. } => number(generations),
                _ => Some(1.0),
            };
            Some(number(rows_of(&object.law)?)? * members? * generations?)
        })
        .sum();
    total.max(1.0)
}

/// Rows of every random matrix of a law.
fn rows_of(law: &Law) -> Option<&Expr> {
    match law {
        Law::Design { rows } | Law::Gaussian { rows, .. } => Some(rows),
        Law::Labeller { samples, .. } => Some(samples),
        Law::Noise { .. } => None,
    }
}
