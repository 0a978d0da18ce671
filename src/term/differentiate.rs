//! Derivatives, as terms of the same language.
//!
//! `κ` is differentiated through its equation `κ − λ = κ df_1(κ)/T`:
//! `∂κ/∂λ = 1/(1 − df_2(κ)/T)` and `∂κ/∂T = −κ df_1(κ)/T² / (1 − df_2(κ)/T)`, and the degrees of freedom by
//! `∂df_m(κ)/∂κ = −m tr Σ^m (Σ+κ)^{-(m+1)}` (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, Lemma I.2).

use std::collections::HashMap;

use num_traits::{ToPrimitive, Zero};

use super::node::{Binder, Id, ModelId, Node};
use super::shape::Shape;
use super::store::Store;
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp, Span};
use crate::formula::error::FormulaError;

/// Whole powers of matrices beyond this are not differentiated.
const MAX_MATRIX_POWER: i64 = 16;
/// Terms that one derivative may add.
const MAX_NEW: usize = 200_000;

impl Store {
    /// The derivative of `id` by `variable`, which is called `name` in messages. `min`, `max`, `abs` and `if` are
    /// differentiated branch by branch.
    ///
    /// # Errors
    /// What has no derivative in the language: sizes of random objects, the dimension, orders of `df`, `gamma`,
    /// `zeta`, `pinv`, `proj`, `opnorm`, ranges of sums, extrema, where they depend on the variable.
    pub fn differentiate(
        &mut self,
        id: Id,
        variable: Binder,
        name: &str,
        span: Span,
    ) -> Result<Id, FormulaError> {
        self.differentiate_within(id, variable, name, span, MAX_NEW)
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
            "F018",
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
        if self.store.len() > self.limit {
            return Err(FormulaError::new(
                "F016",
                self.whole,
                format!(
                    "the derivative by `{}` is too large to be written down",
                    self.name
                ),
            )
            .with_help("differentiate parts of it under [define]"));
        }
        let derivative = self.node(id)?;
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
            Node::Fold { from, to, body, .. } => {
                self.constant_here(from, "the start of a range")?;
                self.constant_here(to, "the end of a range")?;
                let Some(db) = self.derive(body)? else {
                    return Ok(None);
                };
                self.fold(&node, db, span)
            }
            Node::SpectralSum { from, to, body, .. } => {
                self.constant_here(from, "the start of a range")?;
                self.constant_here(to, "the end of a range")?;
                let binder = node.binder();
                Ok(self.derive(body)?.map(|db| {
                    let sum = match binder {
                        Some(b) => node.rebound(b, db),
                        None => node,
                    };
                    self.store.make(sum, span)
                }))
            }
            Node::Extremum { .. } => Err(self.refuse(span, "an extremum")),
        }
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
        if !matches!(kind, Fold::Sum | Fold::Int | Fold::Prod) {
            return Err(self.refuse(span, &format!("`{}`", kind.name())));
        }
        if kind != Fold::Prod {
            let sum = fold.rebound(index, derivative);
            return Ok(Some(self.store.make(sum, span)));
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

    /// `1 − df_2(κ)/T`
    fn slack(&mut self, model: ModelId, kappa: Id, t: Id) -> Id {
        let (one, two) = (self.number(1), self.number(2));
        let store = &mut *self.store;
        let df2 = store.make(Node::Df(model, two, kappa), self.whole);
        let share = store.div(df2, t);
        store.sub(one, share)
    }

    fn kappa(&mut self, model: ModelId, lambda: Id, t: Id, whole: Id) -> Derivative {
        let (dlambda, dt) = (self.derive(lambda)?, self.derive(t)?);
        let slack = self.slack(model, whole, t);
        let (one, two) = (self.number(1), self.number(2));
        let store = &mut *self.store;
        let by_lambda = dlambda.map(|d| store.div(d, slack));
        let by_t = dt.map(|d| {
            let df1 = store.make(Node::Df(model, one, whole), self.whole);
            let product = store.mul(whole, df1);
            let top = store.mul(product, d);
            let square = store.pow(t, two);
            let quotient = store.div(top, square);
            let quotient = store.div(quotient, slack);
            store.neg(quotient)
        });
        Ok(store.plus(by_lambda, by_t))
    }

    fn degrees(&mut self, model: ModelId, m: Id, k: Id, span: Span) -> Derivative {
        self.constant_here(m, "the order of `df`")?;
        let Some(dk) = self.derive(k)? else {
            return Ok(None);
        };
        let one = self.number(1);
        let store = &mut *self.store;
        let sigma = store.make(Node::Sigma(model), span);
        let dimension = store.model(model).dimension;
        let identity = store.make(Node::Identity(dimension), span);
        let shift = store.mul(k, identity);
        let shifted = store.add(sigma, shift);
        let order = store.add(m, one);
        let order = store.neg(order);
        let (top, bottom) = (store.pow(sigma, m), store.pow(shifted, order));
        let product = store.mul(top, bottom);
        let trace = store.call(Function::Tr, &[product], span);
        let slope = store.mul(m, trace);
        let product = store.mul(slope, dk);
        Ok(Some(store.neg(product)))
    }

    fn call(&mut self, function: Function, arguments: &[Id], whole: Id) -> Derivative {
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
