//! Matrices that do not commute with `Sigma`: functions of it in another basis.

use super::form::Form;
use super::spaces::{Basis, rotation};
use super::{Read, Reader, Walk, numbers_bound};
use crate::equivalent::pencil::{Diagonal, Expression, Space};
use crate::formula::ast::Function;
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};
use crate::term::evaluate::Value;
use crate::term::{Id, Node};

impl<'a> Reader<'a> {
    /// Whether a part that is not random is read all the same, since it holds a matrix in another basis.
    pub(super) fn is_read(&mut self, id: Id) -> bool {
        let number = match self.statement.store.node(id) {
            Node::Call(Function::Rotated | Function::Inv | Function::Pinv | Function::Proj, _) => {
                false
            }
            Node::Call(Function::Rows | Function::Columns | Function::Ridge, _) => false,
            Node::Call(..) => true,
            _ => false,
        };
        self.inside && !number && self.is_turned(id)
    }

    fn is_turned(&mut self, id: Id) -> bool {
        if let Some(&known) = self.turned.get(&id) {
            return known;
        }
        let turned = match self.statement.store.node(id) {
            Node::Call(Function::Rotated, _) => true,
            node => (node.children().into_iter()).any(|part| self.is_turned(part)),
        };
        self.turned.insert(id, turned);
        turned
    }

    /// `rotated(M, k)`
    pub(super) fn rotated(&mut self, walker: Walk<'_, '_>, arguments: &[Id]) -> Read {
        let (values, basis) = self.in_its_basis(walker, arguments)?;
        let u = self.model.of_rotation(basis.rotation);
        let back = self.model.transpose(u);
        let values = self.model.of_diagonal(values);
        Ok(Form::Matrix(self.model.product(&[u, values, back])?))
    }

    /// The arguments of `rotated(M, k)`, where a covariance is that.
    pub(super) fn turning(&self, covariance: Id) -> Option<&'a [Id]> {
        match self.statement.store.node(covariance) {
            Node::Call(Function::Rotated, arguments) => Some(arguments),
            _ => None,
        }
    }

    /// Rows of covariance `rotated(M, k)`.
    pub(super) fn turned_design(
        &mut self,
        walker: Walk<'_, '_>,
        (rows, columns): (Space, Space),
        covariance: &[Id],
    ) -> Result<Expression, EquivalenceError> {
        if columns != self.features.space {
            return unrecognised("a covariance in Sigma of columns that are not its own");
        }
        if self.is_empty(rows) {
            return Ok(self.model.zero(rows, columns));
        }
        let (values, basis) = self.in_its_basis(walker, covariance)?;
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
        walker: Walk<'_, '_>,
        arguments: &[Id],
    ) -> Result<(Diagonal, Basis), EquivalenceError> {
        let bound = numbers_bound(walker);
        let Value::Spectral(f) = self.numbers.value(arguments[0], bound)? else {
            return unrecognised("a rotation of what is no function of Sigma");
        };
        let number = self.whole(walker, arguments[1], "a rotation")?;
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
