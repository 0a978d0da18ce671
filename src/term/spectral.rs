//! Sums over the spectrum: `Σ_j f(s_j)` is `tr f(Σ)`, `Σ_j c_j² f(s_j)` is `w0' f(Σ) w0`; over a part of it, or
//! with an `f` that is no matrix function, a sum that knows it is spectral.

use std::collections::HashMap;

use num_traits::{One, ToPrimitive};

use super::node::{Binder, Id, ModelId, Node};
use super::store::Store;
use crate::formula::ast::{BinaryOp, Fold, Function, Span};

/// Terms that one derivative of an integrand may add.
const MAX_NEW: usize = 2_000;

impl Store {
    /// `id` with its sums over eigenvalues turned into traces, quadratic forms and spectral sums.
    pub fn spectral_sums(&mut self, id: Id) -> Id {
        self.spectral(id, &mut HashMap::new())
    }

    fn spectral(&mut self, id: Id, done: &mut HashMap<Id, Id>) -> Id {
        if let Some(&known) = done.get(&id) {
            return known;
        }
        let (node, span) = (self.node(id).clone(), self.span(id));
        let node = node.with_children(&mut |child| self.spectral(child, done));
        let new = match node {
            Node::Fold {
                kind: Fold::Sum,
                index,
                from,
                to,
                body,
            } => match self.sum_over_spectrum(index, from, to, body, span) {
                Some(sum) => sum,
                None => self.make(node, span),
            },
            node => self.make(node, span),
        };
        if let Node::Fold {
            kind: Fold::Int,
            index,
            body,
            ..
        } = *self.node(new)
        {
            self.prepare_integrand(index, body);
        }
        done.insert(id, new);
        new
    }

    /// What encloses an integral wants to know: how far from a parabola its integrand is.
    fn prepare_integrand(&mut self, variable: Binder, body: Id) {
        let span = self.span(body);
        let name = self.binder_name(variable).to_owned();
        let mut derivatives = [body; 4];
        let mut last = body;
        for derivative in &mut derivatives {
            match self.differentiate_within(last, variable, &name, span, MAX_NEW) {
                Ok(next) => (*derivative, last) = (next, next),
                // Then the integral is enclosed more slowly.
                Err(_) => return,
            }
        }
        self.set_derivatives(body, derivatives);
    }

    /// The sum as functions of `Σ`; `None` if the index occurs otherwise than in `s(j)` and `c(j)^2`.
    fn sum_over_spectrum(
        &mut self,
        index: Binder,
        from: Id,
        to: Id,
        body: Id,
        span: Span,
    ) -> Option<Id> {
        let model = self.model_at(body, index)?;
        let eigenvalue = self.fresh("s");
        let lambda = self.make(Node::Bound(eigenvalue), span);
        let j = self.make(Node::Bound(index), span);
        let s = Node::Eigenvalue(model, j);
        let in_lambda = self.replace(body, &[lambda], &|node| (*node == s).then_some(lambda));
        let powers = self.powers_of_coefficient(in_lambda, model, index)?;
        let whole = self.is_whole_spectrum(model, from, to);
        let mut total = None;
        for (weighted, f) in powers {
            if self.free(f).contains(&index) {
                return None;
            }
            let matrix = if whole {
                self.function_of_sigma(f, eigenvalue, model)
            } else {
                None
            };
            let term = match matrix {
                Some(matrix) if weighted => {
                    let w0 = self.make(Node::Target(model), span);
                    let row = self.make(Node::Transpose(w0), span);
                    let left = self.mul(row, matrix);
                    self.mul(left, w0)
                }
                Some(matrix) => self.call(Function::Tr, &[matrix], span),
                None => self.make(
                    Node::SpectralSum {
                        model,
                        weighted,
                        from,
                        to,
                        eigenvalue,
                        body: f,
                    },
                    span,
                ),
            };
            total = self.plus(total, Some(term));
        }
        total
    }

    /// The model whose `s(index)` or `c(index)` occurs in `body`, if there is one.
    fn model_at(&self, body: Id, index: Binder) -> Option<ModelId> {
        let mut open = vec![body];
        let mut seen = std::collections::HashSet::new();
        let mut found = None;
        while let Some(id) = open.pop() {
            if !self.free(id).contains(&index) || !seen.insert(id) {
                continue;
            }
            match self.node(id) {
                Node::Eigenvalue(m, j) | Node::Coefficient(m, j)
                    if *self.node(*j) == Node::Bound(index) =>
                {
                    if found.is_some_and(|f| f != *m) {
                        return None;
                    }
                    found = Some(*m);
                }
                // The index by itself.
                Node::Bound(_) => return None,
                node => open.extend(node.children()),
            }
        }
        found
    }

    fn is_whole_spectrum(&self, model: ModelId, from: Id, to: Id) -> bool {
        self.literal(from).is_some_and(|x| x.is_one()) && self.model(model).dimension == Some(to)
    }

    /// `body` as `A + B c_j²`, each with whether it goes with `c_j²`.
    fn powers_of_coefficient(
        &mut self,
        body: Id,
        model: ModelId,
        index: Binder,
    ) -> Option<Vec<(bool, Id)>> {
        let parts = self.in_coefficient(body, model, index)?;
        if parts.iter().any(|(degree, _)| ![0, 2].contains(degree)) {
            return None;
        }
        Some(parts.into_iter().map(|(n, f)| (n == 2, f)).collect())
    }

    /// As a polynomial in `c(index)`: degrees up to 2 with their factors.
    fn in_coefficient(&mut self, id: Id, model: ModelId, index: Binder) -> Option<Vec<(u32, Id)>> {
        if !self.free(id).contains(&index) {
            return Some(vec![(0, id)]);
        }
        let span = self.span(id);
        match self.node(id).clone() {
            Node::Coefficient(m, _) if m == model => Some(vec![(1, self.whole(1, span))]),
            Node::Neg(a) => {
                let parts = self.in_coefficient(a, model, index)?;
                Some(parts.into_iter().map(|(n, f)| (n, self.neg(f))).collect())
            }
            Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                let mut parts = self.in_coefficient(a, model, index)?;
                for (n, g) in self.in_coefficient(b, model, index)? {
                    let at = parts.iter().position(|(m, _)| *m == n);
                    match (at, op) {
                        (Some(i), BinaryOp::Add) => parts[i].1 = self.add(parts[i].1, g),
                        (Some(i), _) => parts[i].1 = self.sub(parts[i].1, g),
                        (None, BinaryOp::Add) => parts.push((n, g)),
                        (None, _) => parts.push((n, self.neg(g))),
                    }
                }
                Some(parts)
            }
            Node::Binary(BinaryOp::Mul, a, b) => {
                let left = self.in_coefficient(a, model, index)?;
                let right = self.in_coefficient(b, model, index)?;
                self.multiplied(&left, &right)
            }
            Node::Binary(BinaryOp::Div, a, b) if !self.free(b).contains(&index) => {
                let parts = self.in_coefficient(a, model, index)?;
                Some(
                    parts
                        .into_iter()
                        .map(|(n, f)| (n, self.div(f, b)))
                        .collect(),
                )
            }
            Node::Binary(BinaryOp::Pow, a, b) => {
                let exponent = self
                    .literal(b)
                    .and_then(|x| x.is_integer().then(|| x.to_f64()))?;
                if exponent != Some(2.0) {
                    return None;
                }
                let parts = self.in_coefficient(a, model, index)?;
                self.multiplied(&parts, &parts)
            }
            _ => None,
        }
    }

    fn multiplied(&mut self, left: &[(u32, Id)], right: &[(u32, Id)]) -> Option<Vec<(u32, Id)>> {
        let mut product: Vec<(u32, Id)> = Vec::new();
        for (m, f) in left {
            for (n, g) in right {
                let term = self.mul(*f, *g);
                match product.iter().position(|(degree, _)| *degree == m + n) {
                    Some(i) => product[i].1 = self.add(product[i].1, term),
                    None => product.push((m + n, term)),
                }
            }
        }
        (product.iter().all(|(degree, _)| *degree <= 2)).then_some(product)
    }

    /// The matrix `f(Σ)` for `f` a sum, product, quotient or constant power in the variable.
    fn function_of_sigma(&mut self, f: Id, variable: Binder, model: ModelId) -> Option<Id> {
        let span = self.span(f);
        if !self.free(f).contains(&variable) {
            let identity = self.make(Node::Identity(self.model(model).dimension), span);
            return Some(self.mul(f, identity));
        }
        let constant = |store: &Store, id: Id| !store.free(id).contains(&variable);
        match self.node(f).clone() {
            Node::Bound(_) => Some(self.make(Node::Sigma(model), span)),
            Node::Neg(a) => {
                let a = self.function_of_sigma(a, variable, model)?;
                Some(self.neg(a))
            }
            Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                let a = self.function_of_sigma(a, variable, model)?;
                let b = self.function_of_sigma(b, variable, model)?;
                Some(self.make(Node::Binary(op, a, b), span))
            }
            Node::Binary(BinaryOp::Mul, a, b) => {
                // A number beside a matrix is one as it stands.
                let a = self.factor(a, variable, model)?;
                let b = self.factor(b, variable, model)?;
                Some(self.mul(a, b))
            }
            Node::Binary(BinaryOp::Div, a, b) if constant(self, b) => {
                let a = self.function_of_sigma(a, variable, model)?;
                Some(self.div(a, b))
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                let a = self.factor(a, variable, model)?;
                let b = self.function_of_sigma(b, variable, model)?;
                let minus_one = self.exact(-num_rational::BigRational::one(), span);
                let inverse = self.pow(b, minus_one);
                Some(self.mul(a, inverse))
            }
            Node::Binary(BinaryOp::Pow, a, b) if constant(self, b) => {
                let a = self.function_of_sigma(a, variable, model)?;
                Some(self.pow(a, b))
            }
            Node::Call(Function::Sqrt, arguments) => {
                let a = self.function_of_sigma(arguments[0], variable, model)?;
                let half = self.number(num_rational::BigRational::new(1.into(), 2.into()), span);
                Some(self.pow(a, half))
            }
            _ => None,
        }
    }

    fn factor(&mut self, f: Id, variable: Binder, model: ModelId) -> Option<Id> {
        if self.free(f).contains(&variable) {
            self.function_of_sigma(f, variable, model)
        } else {
            Some(f)
        }
    }
}
