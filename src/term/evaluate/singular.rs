//! Matrices that are singular by their sizes: products through fewer dimensions than they have themselves.

use super::LinearAlgebra;
use super::numbers::{Numbers, Walk};
use super::value::{Evaluated, Value};
use crate::formula::ast::{BinaryOp, Function};
use crate::term::{Id, Node, Outcome, Store};

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// A determinant, or the least eigenvalue of a Gram matrix, that is exactly zero; `None` where sizes do not tell.
    pub(super) fn vanishing(
        &mut self,
        walker: Walk<'_, '_, R>,
        function: Function,
        matrix: Id,
    ) -> Option<Evaluated<R>> {
        let semidefinite = match function {
            Function::Det => false,
            Function::Eigmin => true,
            _ => return None,
        };
        match self.is_deficient(walker, matrix, semidefinite) {
            Ok(true) => Some(Ok(Value::Scalar(R::zero()))),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether the rank is certainly less than the size; of Gram matrices alone where `semidefinite`.
    fn is_deficient(
        &mut self,
        walker: Walk<'_, '_, R>,
        id: Id,
        semidefinite: bool,
    ) -> Outcome<bool> {
        let store = walker.store();
        let (a, b) = match *store.node(id) {
            Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => (a, b),
            Node::Call(Function::Proj, ref arguments) => {
                let x = walker.value(self, arguments[0])?;
                return Ok(matches!(x, Value::Matrix(x) if x.rows < x.cols));
            }
            _ => return Ok(false),
        };
        let counts = |c: &R| !semidefinite || c.midpoint() > c.radius();
        match (walker.value(self, a)?, walker.value(self, b)?) {
            (Value::Scalar(c), _) => Ok(counts(&c) && self.is_deficient(walker, b, semidefinite)?),
            (_, Value::Scalar(c)) => Ok(counts(&c) && self.is_deficient(walker, a, semidefinite)?),
            (Value::Matrix(x), Value::Matrix(y)) => Ok(x.cols < x.rows
                && x.rows == y.cols
                && (!semidefinite || are_transposed(store, a, b))),
            _ => Ok(false),
        }
    }

    /// The pseudo-inverse, the projection or the fit without ridge of a product `AB` whose rank is its inner dimension:
    /// `(AB)† = B†A†`. Elimination cannot tell that the product has no larger one; where errors are not tracked, a
    /// decomposition does.
    pub(super) fn through_few(
        &mut self,
        walker: Walk<'_, '_, R>,
        function: Function,
        arguments: &[Id],
    ) -> Option<Evaluated<R>> {
        let asked = matches!(function, Function::Pinv | Function::Proj | Function::Ridge);
        let &Node::Binary(BinaryOp::Mul, a, b) = walker.store().node(*arguments.first()?) else {
            return None;
        };
        if !R::TRACKS_ERROR || !asked {
            return None;
        }
        let (Ok(Value::Matrix(a)), Ok(Value::Matrix(b))) =
            (walker.value(self, a), walker.value(self, b))
        else {
            return None;
        };
        let inner = a.cols;
        let few = inner == b.rows && inner < a.rows && inner < b.cols;
        if !few || R::rank(&a) != Some(inner) || R::rank(&b) != Some(inner) {
            return None;
        }
        let covariance = &self.environment.covariance;
        let inverse = Value::Matrix(R::pinv(&b)?);
        if function == Function::Proj {
            return Some(inverse.times(Value::Matrix(b), covariance));
        }
        let fit = inverse.times(Value::Matrix(R::pinv(&a)?), covariance);
        if function == Function::Pinv {
            return Some(fit);
        }
        let &[_, labels, ridge] = arguments else {
            return None;
        };
        let Ok(Value::Scalar(ridge)) = walker.value(self, ridge) else {
            return None;
        };
        let labels = match walker.value(self, labels) {
            Ok(labels) if ridge.is_zero() => labels,
            _ => return None,
        };
        Some(fit.and_then(|fit| fit.times(labels, covariance)))
    }
}

fn are_transposed(store: &Store, a: Id, b: Id) -> bool {
    *store.node(a) == Node::Transpose(b) || *store.node(b) == Node::Transpose(a)
}
