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
}

fn are_transposed(store: &Store, a: Id, b: Id) -> bool {
    *store.node(a) == Node::Transpose(b) || *store.node(b) == Node::Transpose(a)
}
