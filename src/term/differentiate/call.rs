//! Derivatives of the language's functions.

use num_traits::Zero;

use super::{Derivative, Differentiator};
use crate::formula::ast::{Function, RelationOp, Span};
use crate::term::node::{Id, Node};
use crate::term::shape::Shape;

impl Differentiator<'_> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Id], whole: Id) -> Derivative {
        let span = self.store.span(whole);
        let a = arguments[0];
        let spectral = !self.store.shape(a).is_scalar();
        match function {
            Function::Sqrt | Function::Exp | Function::Log if spectral => {
                self.function_of_sigma(function, a, whole)
            }
            Function::Sqrt => {
                let two = self.number(2);
                Ok(self.derive(a)?.map(|da| {
                    let bottom = self.store.mul(two, whole);
                    self.store.div(da, bottom)
                }))
            }
            Function::Exp => Ok(self.derive(a)?.map(|da| self.store.mul(da, whole))),
            Function::Log => Ok(self.derive(a)?.map(|da| self.store.div(da, a))),
            Function::Sin => Ok(self.derive(a)?.map(|da| {
                let cos = self.store.call(Function::Cos, &[a], span);
                self.store.mul(da, cos)
            })),
            Function::Cos => Ok(self.derive(a)?.map(|da| {
                let sin = self.store.call(Function::Sin, &[a], span);
                let product = self.store.mul(da, sin);
                self.store.neg(product)
            })),
            Function::Abs => {
                let zero = self.number(0);
                Ok(self.derive(a)?.map(|da| {
                    let negative = self.store.neg(da);
                    self.store.choose(a, RelationOp::Ge, zero, da, negative)
                }))
            }
            Function::Min | Function::Max => self.extreme(function, arguments, span),
            Function::Tr | Function::Diag => Ok(self
                .derive(a)?
                .map(|da| self.store.call(function, &[da], span))),
            // (log det A)' = tr A^{-1} A'
            Function::Logdet => Ok(self.derive(a)?.map(|da| {
                let inverse = self.store.call(Function::Inv, &[a], span);
                let product = self.store.mul(inverse, da);
                self.store.call(Function::Tr, &[product], span)
            })),
            Function::Inv => Ok(self.derive(a)?.map(|da| {
                let left = self.store.mul(whole, da);
                let both = self.store.mul(left, whole);
                self.store.neg(both)
            })),
            Function::Norm2 => self.norm(arguments, span),
            Function::Ridge => self.ridge(arguments, whole),
            Function::Rows | Function::Columns => self.stack(function, arguments, span),
            _ => Err(self.refuse(span, &format!("`{}`", function.name()))),
        }
    }

    /// Part by part.
    fn stack(&mut self, function: Function, parts: &[Id], span: Span) -> Derivative {
        let mut changes = Vec::with_capacity(parts.len());
        for part in parts {
            changes.push(self.derive(*part)?);
        }
        if changes.iter().all(Option::is_none) {
            return Ok(None);
        }
        let changes: Vec<Id> = parts
            .iter()
            .zip(changes)
            .map(|(part, change)| change.unwrap_or_else(|| self.zero(*part)))
            .collect();
        Ok(Some(self.store.call(function, &changes, span)))
    }

    /// Functions of Σ commute with their derivatives by a scalar.
    fn function_of_sigma(&mut self, function: Function, a: Id, whole: Id) -> Derivative {
        let two = self.number(2);
        let span = self.store.span(whole);
        Ok(self.derive(a)?.map(|da| match function {
            Function::Sqrt => {
                let twice = self.store.mul(two, whole);
                let inverse = self.store.call(Function::Inv, &[twice], span);
                self.store.mul(da, inverse)
            }
            Function::Log => {
                let inverse = self.store.call(Function::Inv, &[a], span);
                self.store.mul(da, inverse)
            }
            _ => self.store.mul(da, whole),
        }))
    }

    /// `min(a, b, …)` is `a` where `a <= min(b, …)`.
    fn extreme(&mut self, function: Function, arguments: &[Id], span: Span) -> Derivative {
        let (first, rest) = (arguments[0], &arguments[1..]);
        let dfirst = match self.derive(first)? {
            Some(d) => d,
            None => self.zero(first),
        };
        let (other, dother) = match *rest {
            [] => return Ok(Some(dfirst)),
            [only] => (only, self.derive(only)?),
            _ => (
                self.store.call(function, rest, span),
                self.extreme(function, rest, span)?,
            ),
        };
        let dother = dother.unwrap_or_else(|| self.number(0));
        let op = if function == Function::Min {
            RelationOp::Le
        } else {
            RelationOp::Ge
        };
        Ok(Some(self.store.choose(first, op, other, dfirst, dother)))
    }

    fn norm(&mut self, arguments: &[Id], span: Span) -> Derivative {
        let v = arguments[0];
        let dv = self.derive(v)?;
        let two = self.number(2);
        let row = self.store.make(Node::Transpose(v), span);
        let Some(&m) = arguments.get(1) else {
            return Ok(dv.map(|dv| {
                let product = self.store.mul(row, dv);
                self.store.mul(two, product)
            }));
        };
        let dm = self.derive(m)?;
        let store = &mut *self.store;
        let by_v = dv.map(|dv| {
            let drow = store.make(Node::Transpose(dv), span);
            let left = store.mul(drow, m);
            let left = store.mul(left, v);
            let right = store.mul(row, m);
            let right = store.mul(right, dv);
            store.add(left, right)
        });
        let by_m = dm.map(|dm| {
            let left = store.mul(row, dm);
            store.mul(left, v)
        });
        Ok(store.plus(by_v, by_m))
    }

    /// `w = R X'y/T` with `R = (X'X/T + λI)^{-1}`, so `w' = R (X'y'/T − λ' w)`.
    fn ridge(&mut self, arguments: &[Id], whole: Id) -> Derivative {
        let span = self.store.span(whole);
        let &[x, y, lambda] = arguments else {
            return Err(self.refuse(span, "`ridge`"));
        };
        self.constant_here(x, "the design of `ridge`")?;
        let (dy, dlambda) = (self.derive(y)?, self.derive(lambda)?);
        if self.store.constant(lambda).is_some_and(|x| x.is_zero()) {
            // The minimum norm solution X†y is linear in y.
            return Ok(dy.map(|dy| {
                let pinv = self.store.call(Function::Pinv, &[x], span);
                self.store.mul(pinv, dy)
            }));
        }
        let Shape::Matrix { rows, columns, .. } = self.store.shape(x) else {
            return Err(self.refuse(span, "`ridge`"));
        };
        let store = &mut *self.store;
        let transposed = store.make(Node::Transpose(x), span);
        let gram = store.mul(transposed, x);
        let gram = store.div(gram, rows);
        let identity = store.make(Node::Identity(Some(columns)), span);
        let penalty = store.mul(lambda, identity);
        let shifted = store.add(gram, penalty);
        let resolvent = store.call(Function::Inv, &[shifted], span);
        let by_y = dy.map(|dy| {
            let product = store.mul(transposed, dy);
            store.div(product, rows)
        });
        let by_lambda = dlambda.map(|d| {
            let product = store.mul(d, whole);
            store.neg(product)
        });
        let sum = store.plus(by_y, by_lambda);
        Ok(sum.map(|inner| store.mul(resolvent, inner)))
    }
}
