//! Matrices that do not commute with `Sigma`: functions of it in another basis.

use super::form::Form;
use super::spaces::{Basis, rotation};
use super::{Read, Reader};
use crate::equivalent::pencil::{Diagonal, Expression, Space};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::traverse::children;
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};
use crate::term::evaluate::{Value, key};

impl<'a> Reader<'a, '_> {
    /// Whether a part that is not random is read all the same, since it holds a matrix in another basis.
    pub(super) fn is_read(&mut self, expr: &'a Expr) -> bool {
        let number = match &*expr.node {
            Node::Call(Function::Rotated | Function::Inv | Function::Pinv | Function::Proj, _) => {
                false
            }
            Node::Call(Function::Rows | Function::Columns | Function::Ridge, _) => false,
            Node::Call(..) => true,
            _ => false,
        };
        self.inside && !number && self.is_turned(expr)
    }

    fn is_turned(&mut self, expr: &'a Expr) -> bool {
        if let Some(&known) = self.turned.get(&key(expr)) {
            return known;
        }
        // Against circles, which the checks of names report.
        self.turned.insert(key(expr), false);
        let turned = match &*expr.node {
            Node::Call(Function::Rotated, _) => true,
            Node::Name(name) => {
                let body = self.scope.expansion(name);
                body.is_some_and(|body| self.is_turned(body))
            }
            _ => children(expr).into_iter().any(|part| self.is_turned(part)),
        };
        self.turned.insert(key(expr), turned);
        turned
    }

    /// `rotated(M, k)`
    pub(super) fn rotated(&mut self, arguments: &'a [Expr]) -> Read {
        let (values, basis) = self.in_its_basis(arguments)?;
        let u = self.model.of_rotation(basis.rotation);
        let back = self.model.transpose(u);
        let values = self.model.of_diagonal(values);
        Ok(Form::Matrix(self.model.product(&[u, values, back])?))
    }

    /// The arguments of `rotated(M, k)`, where a covariance is that.
    pub(super) fn turning(&self, covariance: &'a Expr) -> Option<&'a [Expr]> {
        match &*self.scope.written_out(covariance).node {
            Node::Call(Function::Rotated, arguments) => Some(arguments),
            _ => None,
        }
    }

    /// Rows of covariance `rotated(M, k)`.
    pub(super) fn turned_design(
        &mut self,
        rows: Space,
        columns: Space,
        covariance: &'a [Expr],
    ) -> Result<Expression, EquivalenceError> {
        if columns != self.features.space {
            return unrecognised("a covariance in Sigma of columns that are not its own");
        }
        if self.is_empty(rows) {
            return Ok(self.model.zero(rows, columns));
        }
        let (values, basis) = self.in_its_basis(covariance)?;
        if self
            .model
            .values(values)
            .iter()
            .any(|x| !(*x >= 0.0 && x.is_finite()))
        {
            return undefined("a covariance that is not positive and finite");
        }
        let along_rows = self.model.constant(rows, 1.0);
        let g = self.model.gaussian(along_rows, values);
        let g = self.model.of_gaussian(g);
        let u = self.model.of_rotation(basis.rotation);
        let back = self.model.transpose(u);
        Ok(self.model.product(&[g, back])?)
    }

    fn in_its_basis(
        &mut self,
        arguments: &'a [Expr],
    ) -> Result<(Diagonal, Basis), EquivalenceError> {
        let Value::Spectral(f) = self.evaluator.value(&arguments[0])? else {
            return unrecognised("a rotation of what is no function of Sigma");
        };
        let number = self.whole(&arguments[1], "a rotation")?;
        if !(0.0..=1e6).contains(&number) {
            return undefined(format!("rotation {number}: rotations are numbered from 0"));
        }
        let basis = self.basis(number as u64)?;
        let values = self.on_levels(&f);
        Ok((self.model.diagonal(basis.space, values), basis))
    }

    fn basis(&mut self, number: u64) -> Result<Basis, EquivalenceError> {
        if let Some(&known) = self.rotations.get(&number) {
            return Ok(known);
        }
        let features = self.features.space;
        let d = self.model.multiplicities(features).len();
        let (space, rotation) = self.model.rotation(features, rotation(d, number))?;
        let basis = Basis { space, rotation };
        self.rotations.insert(number, basis);
        Ok(basis)
    }
}
