//! Derivatives of κ, by its own equation, and of degrees of freedom.

use super::{Derivative, Differentiator};
use crate::formula::ast::{Function, Span};
use crate::term::node::{Id, ModelId, Node};

impl Differentiator<'_> {
    /// `1 − df_2(κ)/T`
    fn slack(&mut self, model: ModelId, kappa: Id, t: Id) -> Id {
        let (one, two) = (self.number(1), self.number(2));
        let store = &mut *self.store;
        let df2 = store.make(Node::Df(model, two, kappa), self.whole);
        let share = store.div(df2, t);
        store.sub(one, share)
    }

    pub(super) fn kappa(&mut self, model: ModelId, lambda: Id, t: Id, whole: Id) -> Derivative {
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

    pub(super) fn degrees(&mut self, model: ModelId, m: Id, k: Id, span: Span) -> Derivative {
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
}
