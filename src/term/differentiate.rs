//! Derivatives, as terms of the same language.
//!
//! `κ` is differentiated through its equation `κ − λ = κ df_1(κ)/T`:
//! `∂κ/∂λ = 1/(1 − df_2(κ)/T)` and `∂κ/∂T = −κ df_1(κ)/T² / (1 − df_2(κ)/T)`, and the degrees of freedom by
//! `∂df_m(κ)/∂κ = −m tr Σ^m (Σ+κ)^{-(m+1)}` (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, Lemma I.2).

mod call;
mod spectrum;

use std::collections::HashMap;

use num_traits::{ToPrimitive, Zero};

use super::node::{Binder, Id, ModelId, Node};
use super::shape::Shape;
use super::store::Store;
use crate::formula::ast::{BinaryOp, Extremum, Fold, Function, RelationOp, Span};
use crate::formula::error::FormulaError;
use crate::formula::scope::{MAX_EXPANDED_DEPTH, MAX_EXPANDED_NODES};

/// Whole powers of matrices beyond this are not differentiated.
const MAX_MATRIX_POWER: i64 = 16;
/// Terms that one derivative may add, and how deep they may be.
const MAX_NEW: usize = 200_000;
const MAX_DEPTH: u32 = 2 * MAX_EXPANDED_DEPTH as u32;

pub(super) const TOO_LARGE: &str = "F016";
pub(super) const NO_DERIVATIVE: &str = "F018";

impl Store {
    /// The derivative of `id` by `variable`, which is called `name` in messages. `min`, `max`, `abs` and `if` are
    /// differentiated branch by branch.
    ///
    /// # Errors
    /// What has no derivative in the language: sizes of random objects, the dimension, orders of `df`, `gamma`,
    /// `zeta`, `pinv`, `proj`, `opnorm`, ranges of sums (those of integrals have one) and of roots, extrema other than
    /// roots, where they depend on the variable.
    pub fn differentiate(
        &mut self,
        id: Id,
        variable: Binder,
        name: &str,
        span: Span,
    ) -> Result<Id, FormulaError> {
        let derivative = self.differentiate_within(id, variable, name, span, MAX_NEW)?;
        let size = self.size(derivative);
        if size as usize > MAX_EXPANDED_NODES {
            return Err(too_large(name, span, &format!(" ({size} operations)")));
        }
        Ok(derivative)
    }

    /// As [`differentiate`](Self::differentiate), adding at most so many terms.
    pub(super) fn differentiate_within(
        &mut self,
        id: Id,
        variable: Binder,
        name: &str,
        span: Span,
        most: usize,
    ) -> Result<Id, FormulaError> {
        let limit = self.len() + most;
        let mut d = Differentiator {
            store: self,
            variable,
            name,
            limit,
            whole: span,
            known: HashMap::new(),
        };
        match d.derive(id)? {
            Some(derivative) => Ok(derivative),
            None => Ok(d.zero(id)),
        }
    }
}

fn too_large(name: &str, span: Span, how: &str) -> FormulaError {
    let message = format!("the derivative by `{name}` is too large{how}");
    FormulaError::new(TOO_LARGE, span, message)
        .with_help("differentiate parts of it under [define]")
}

struct Differentiator<'a> {
    store: &'a mut Store,
    variable: Binder,
    name: &'a str,
    limit: usize,
    whole: Span,
    known: HashMap<Id, Option<Id>>,
}

/// `None` is zero.
type Derivative = Result<Option<Id>, FormulaError>;

impl Differentiator<'_> {
    fn depends(&self, id: Id) -> bool {
        self.store.free(id).contains(&self.variable)
    }

    fn model_depends(&self, model: ModelId) -> bool {
        let parameters = self.store.model(model).parameters();
        parameters.into_iter().any(|p| self.depends(p))
    }

    fn zero(&mut self, id: Id) -> Id {
        let span = self.store.span(id);
        let zero = self.store.whole(0, span);
        match self.store.shape(id) {
            Shape::Scalar => zero,
            _ => self.store.make(Node::Binary(BinaryOp::Mul, zero, id), span),
        }
    }

    fn refuse(&self, span: Span, what: &str) -> FormulaError {
        FormulaError::new(
            NO_DERIVATIVE,
            span,
            format!(
                "{what} has no derivative by `{}` in this language",
                self.name
            ),
        )
        .with_help("keep the variable out of it, or state the derivative in another way")
    }

    /// Refuses a term that depends on the variable.
    fn constant_here(&self, id: Id, what: &str) -> Result<(), FormulaError> {
        if self.depends(id) {
            Err(self.refuse(self.store.span(id), what))
        } else {
            Ok(())
        }
    }

    fn number(&mut self, value: i64) -> Id {
        self.store.whole(value, self.whole)
    }

    fn derive(&mut self, id: Id) -> Derivative {
        if !self.depends(id) {
            return Ok(None);
        }
        if let Some(&known) = self.known.get(&id) {
            return Ok(known);
        }
        let derivative = self.node(id)?;
        if self.store.len() > self.limit
            || derivative.is_some_and(|id| self.store.height(id) > MAX_DEPTH)
        {
            return Err(too_large(self.name, self.whole, " to be written down"));
        }
        self.known.insert(id, derivative);
        Ok(derivative)
    }

    fn node(&mut self, id: Id) -> Derivative {
        let span = self.store.span(id);
        let node = self.store.node(id).clone();
        if let Some(model) = node.model()
            && self.model_depends(model)
        {
            let what = match node {
                Node::Sigma(_) => "`Sigma`",
                Node::Target(_) => "`w0`",
                _ => "the spectrum",
            };
            return Err(self.refuse(span, what));
        }
        match node {
            Node::Number(_)
            | Node::Infinity
            | Node::Pi
            | Node::Symbol(_)
            | Node::Sigma(_)
            | Node::Target(_) => Ok(None),
            Node::Identity(_) => Err(self.refuse(span, "`I`")),
            Node::Bound(_) => Ok(Some(self.number(1))),
            Node::Random(r) | Node::Member(r, _) => {
                if let Node::Member(_, index) = node {
                    self.constant_here(index, "the index of a family")?;
                }
                let name = self.store.random(r).name.clone();
                Err(self.refuse(span, &format!("the random object `{name}`")))
            }
            Node::Neg(x) => Ok(self.derive(x)?.map(|dx| self.store.neg(dx))),
            Node::Binary(op, a, b) => self.binary(op, a, b, id),
            Node::Transpose(x) => Ok(self
                .derive(x)?
                .map(|dx| self.store.make(Node::Transpose(dx), span))),
            Node::Eigenvalue(..) => Err(self.refuse(span, "`s`")),
            Node::Coefficient(..) => Err(self.refuse(span, "`c`")),
            Node::Kappa(model, lambda, t) => self.kappa(model, lambda, t, id),
            Node::Df(model, m, k) => self.degrees(model, m, k, span),
            Node::Call(function, arguments) => self.call(function, &arguments, id),
            Node::Expectation(x) => Ok(self.derive(x)?.map(|dx| {
                if self.store.is_random(dx) {
                    self.store.make(Node::Expectation(dx), span)
                } else {
                    dx
                }
            })),
            Node::If(condition, a, b) => {
                let (da, db) = (self.derive(a)?, self.derive(b)?);
                if da.is_none() && db.is_none() {
                    return Ok(None);
                }
                let da = da.unwrap_or_else(|| self.zero(a));
                let db = db.unwrap_or_else(|| self.zero(b));
                Ok(Some(self.store.make(Node::If(condition, da, db), span)))
            }
            Node::Fold { .. } | Node::SpectralSum { .. } | Node::Extremum { .. } => {
                self.binding_form(id, node)
            }
        }
    }

    /// Sums, products, integrals and roots; only the ends of integrals may move.
    fn binding_form(&mut self, id: Id, node: Node) -> Derivative {
        let span = self.store.span(id);
        let (from, to) = match node {
            Node::Fold { from, to, .. } | Node::SpectralSum { from, to, .. } => (from, to),
            Node::Extremum {
                kind: Extremum::Root,
                from,
                to,
                ..
            } => (from, to),
            _ => return Err(self.refuse(span, "an extremum")),
        };
        if let Node::Fold {
            kind: Fold::Int,
            index,
            body,
            ..
        } = node
        {
            let ends = self.by_ends(index, (from, to), body)?;
            let inside = self.derive(body)?.map(|db| {
                let integral = node.rebound(index, db);
                self.store.make(integral, span)
            });
            return Ok(self.store.plus(inside, ends));
        }
        self.constant_here(from, "the start of a range")?;
        self.constant_here(to, "the end of a range")?;
        match node {
            Node::Fold { body, .. } => match self.derive(body)? {
                Some(db) => self.fold(&node, db, span),
                None => Ok(None),
            },
            Node::Extremum { variable, body, .. } => self.root(id, variable, body),
            Node::SpectralSum { body, .. } => {
                let binder = node.binder();
                Ok(self.derive(body)?.map(|db| {
                    let sum = match binder {
                        Some(b) => node.rebound(b, db),
                        None => node,
                    };
                    self.store.make(sum, span)
                }))
            }
            _ => Err(self.refuse(span, "this form")),
        }
    }

    /// What an integral gains as its ends move: `f(to) to' − f(from) from'`.
    fn by_ends(&mut self, index: Binder, (from, to): (Id, Id), body: Id) -> Derivative {
        let mut gains = [None, None];
        for (gain, end) in gains.iter_mut().zip([to, from]) {
            if let Some(moves) = self.derive(end)? {
                let there = self.store.replace_bound(body, index, end);
                *gain = Some(self.store.mul(there, moves));
            }
        }
        let [to, from] = gains;
        let from = from.map(|from| self.store.neg(from));
        Ok(self.store.plus(to, from))
    }

    /// Where `f(u, x) = 0` makes `u` a function of `x`, `du/dx = −(∂f/∂x)/(∂f/∂u)`.
    fn root(&mut self, id: Id, unknown: Binder, body: Id) -> Derivative {
        let Some(by_variable) = self.derive(body)? else {
            return Ok(None);
        };
        let most = self.limit.saturating_sub(self.store.len());
        let store = &mut *self.store;
        let name = store.binder_name(unknown).to_owned();
        if !store.free(body).contains(&unknown) {
            return Err(self.refuse(
                self.store.span(id),
                "a root of what its unknown does not move",
            ));
        }
        let slope = store.differentiate_within(body, unknown, &name, self.whole, most)?;
        let quotient = store.div(by_variable, slope);
        let at_root = store.replace_bound(quotient, unknown, id);
        Ok(Some(store.neg(at_root)))
    }

    fn binary(&mut self, op: BinaryOp, a: Id, b: Id, whole: Id) -> Derivative {
        if op == BinaryOp::Pow {
            return self.power(a, b, whole);
        }
        let (da, db) = (self.derive(a)?, self.derive(b)?);
        let store = &mut *self.store;
        Ok(match op {
            BinaryOp::Add => store.plus(da, db),
            BinaryOp::Sub => {
                let db = db.map(|db| store.neg(db));
                store.plus(da, db)
            }
            BinaryOp::Mul => {
                let first = da.map(|da| store.mul(da, b));
                let second = db.map(|db| store.mul(a, db));
                store.plus(first, second)
            }
            BinaryOp::Div | BinaryOp::Pow => {
                let first = da.map(|da| store.div(da, b));
                // (a/b)' = a'/b − a b'/b²
                let second = db.map(|db| {
                    let two = store.whole(2, store.span(b));
                    let (top, square) = (store.mul(a, db), store.pow(b, two));
                    let quotient = store.div(top, square);
                    store.neg(quotient)
                });
                store.plus(first, second)
            }
        })
    }

    fn power(&mut self, a: Id, b: Id, whole: Id) -> Derivative {
        let (da, db) = (self.derive(a)?, self.derive(b)?);
        if da.is_none() && db.is_none() {
            return Ok(None);
        }
        let one = self.number(1);
        let shape = self.store.shape(a);
        let span = self.store.span(b);
        if shape.is_scalar() {
            let store = &mut *self.store;
            return Ok(match (da, db) {
                // b a^{b−1} a'
                (Some(da), None) => {
                    let less = store.sub(b, one);
                    let lower = store.pow(a, less);
                    let factor = store.mul(b, lower);
                    Some(store.mul(factor, da))
                }
                // a^b (b' log a + b a'/a)
                (da, Some(db)) => {
                    let log = store.call(Function::Log, &[a], store.span(a));
                    let second = da.map(|da| {
                        let top = store.mul(b, da);
                        store.div(top, a)
                    });
                    let first = store.mul(db, log);
                    let sum = store.plus(Some(first), second);
                    sum.map(|sum| store.mul(whole, sum))
                }
                (None, None) => None,
            });
        }
        // Functions of Σ commute with one another.
        if shape.is_spectral() {
            if db.is_some() {
                return Err(self.refuse(span, "the exponent of a matrix"));
            }
            let store = &mut *self.store;
            return Ok(da.map(|da| {
                let lower = store.sub(b, one);
                let factor = if store.constant(lower).is_some_and(|x| x.is_zero()) {
                    b
                } else {
                    let power = store.pow(a, lower);
                    store.mul(b, power)
                };
                store.mul(factor, da)
            }));
        }
        let exponent = self.store.constant(b).filter(|n| n.is_integer());
        match (da, exponent.and_then(|n| n.numer().to_i64())) {
            (Some(da), Some(n)) if n.abs() <= MAX_MATRIX_POWER => {
                let positive = self.matrix_power(a, da, n.abs());
                if n >= 0 {
                    return Ok(positive);
                }
                // (A^{-n})' = −A^{-n} (A^n)' A^{-n}
                let store = &mut *self.store;
                Ok(positive.map(|d| {
                    let left = store.mul(whole, d);
                    let both = store.mul(left, whole);
                    store.neg(both)
                }))
            }
            _ => Err(self.refuse(span, "this power of a matrix")),
        }
    }

    /// `(A^n)' = Σ_i A^i A' A^{n−1−i}` for `n ≥ 0`.
    fn matrix_power(&mut self, a: Id, da: Id, n: i64) -> Option<Id> {
        let store = &mut *self.store;
        let mut sum = None;
        for i in 0..n {
            let mut factor = |i: i64| {
                (i > 0).then(|| {
                    let exponent = store.whole(i, store.span(a));
                    store.pow(a, exponent)
                })
            };
            let (left, right) = (factor(i), factor(n - 1 - i));
            let mut term = da;
            if let Some(left) = left {
                term = store.mul(left, term);
            }
            if let Some(right) = right {
                term = store.mul(term, right);
            }
            sum = store.plus(sum, Some(term));
        }
        sum
    }

    fn fold(&mut self, fold: &Node, derivative: Id, span: Span) -> Derivative {
        let Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } = *fold
        else {
            return Ok(None);
        };
        if kind == Fold::Sum {
            let sum = fold.rebound(index, derivative);
            return Ok(Some(self.store.make(sum, span)));
        }
        if kind != Fold::Prod {
            return Err(self.refuse(span, &format!("`{}`", kind.name())));
        }
        if !self.store.shape(body).is_scalar() {
            return Err(self.refuse(span, "a product of matrices"));
        }
        // Σ_i f_i' Π_{j≠i} f_j, which needs no division by f_i.
        let store = &mut *self.store;
        let name = store.binder_name(index).to_owned();
        let (outer, other) = (store.fresh(&name), store.fresh(&name));
        let i = store.make(Node::Bound(outer), span);
        let j = store.make(Node::Bound(other), span);
        let factor = store.replace_bound(body, index, j);
        let one = store.whole(1, span);
        let factor = store.choose(j, RelationOp::Eq, i, one, factor);
        let rest = store.make(
            Node::Fold {
                kind: Fold::Prod,
                index: other,
                from,
                to,
                body: factor,
            },
            span,
        );
        let derivative = store.replace_bound(derivative, index, i);
        let body = store.mul(derivative, rest);
        Ok(Some(store.make(
            Node::Fold {
                kind: Fold::Sum,
                index: outer,
                from,
                to,
                body,
            },
            span,
        )))
    }
}

#[cfg(test)]
mod tests;
