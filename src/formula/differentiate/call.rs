//! The derivatives of functions.

use num_traits::Zero;

use super::algebra::{add, call, choose, div, mul, neg, node, number, plus, pow, sub};
use super::{Derivative, Differentiator};
use crate::formula::ast::{Expr, Function, Node, RelationOp, Span};
use crate::formula::constant::constant;
use crate::formula::shape::Shape;

impl Differentiator<'_> {
    pub(super) fn derive_call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        whole: &Expr,
    ) -> Derivative {
        let span = whole.span;
        if !self.depends(whole) {
            return Ok(None);
        }
        if self.spectrum_depends()
            && matches!(
                function,
                Function::Kappa | Function::Df | Function::Eigenvalue | Function::Coefficient
            )
        {
            return Err(self.refuse(span, "the spectrum"));
        }
        let a = &arguments[0];
        if matches!(function, Function::Sqrt | Function::Exp | Function::Log)
            && !matches!(self.shape(a)?, Shape::Scalar)
        {
            return self.derive_spectral(function, a, whole);
        }
        match function {
            Function::Sqrt => Ok(self
                .derive(a)?
                .map(|da| div(da, mul(number(2, span), whole.clone())))),
            Function::Exp => Ok(self.derive(a)?.map(|da| mul(da, whole.clone()))),
            Function::Log => Ok(self.derive(a)?.map(|da| div(da, a.clone()))),
            Function::Sin => Ok(self
                .derive(a)?
                .map(|da| mul(da, call(Function::Cos, vec![a.clone()], span)))),
            Function::Cos => Ok(self
                .derive(a)?
                .map(|da| neg(mul(da, call(Function::Sin, vec![a.clone()], span))))),
            Function::Abs => Ok(self.derive(a)?.map(|da| {
                let negative = neg(da.clone());
                choose(a.clone(), RelationOp::Ge, number(0, span), da, negative)
            })),
            Function::Min | Function::Max => self.derive_extreme(function, arguments, span),
            Function::Tr | Function::Diag => {
                Ok(self.derive(a)?.map(|da| call(function, vec![da], span)))
            }
            // (log det A)' = tr A^{-1} A'
            Function::Logdet => Ok(self.derive(a)?.map(|da| {
                let inverse = call(Function::Inv, vec![a.clone()], span);
                call(Function::Tr, vec![mul(inverse, da)], span)
            })),
            Function::Inv => Ok(self
                .derive(a)?
                .map(|da| neg(mul(mul(whole.clone(), da), whole.clone())))),
            Function::Norm2 => self.derive_norm(arguments, span),
            Function::Ridge => self.derive_ridge(arguments, whole),
            Function::Rows | Function::Columns => self.derive_stack(function, arguments, span),
            Function::Kappa => self.derive_kappa(arguments, whole),
            Function::Df => self.derive_df(arguments, span),
            Function::Pinv
            | Function::Proj
            | Function::Opnorm
            | Function::Floor
            | Function::Factorial
            | Function::Binom
            | Function::Det
            | Function::Eigmin
            | Function::Eigmax
            | Function::Gamma
            | Function::Zeta
            | Function::Eigenvalue
            | Function::Coefficient
            | Function::Exponent
            | Function::Levels
            | Function::Weights
            | Function::Rotated
            | Function::Given => Err(self.refuse(span, &format!("`{}`", function.name()))),
        }
    }

    /// Part by part.
    fn derive_stack(&mut self, function: Function, parts: &[Expr], span: Span) -> Derivative {
        let mut changes = Vec::with_capacity(parts.len());
        for part in parts {
            changes.push(self.derive(part)?);
        }
        if changes.iter().all(Option::is_none) {
            return Ok(None);
        }
        let still = |part: &Expr| mul(number(0, span), part.clone());
        let changes = parts
            .iter()
            .zip(changes)
            .map(|(part, change)| change.unwrap_or_else(|| still(part)));
        Ok(Some(call(function, changes.collect(), span)))
    }

    /// Functions of `Σ` commute with their derivatives by a scalar.
    fn derive_spectral(&mut self, function: Function, a: &Expr, whole: &Expr) -> Derivative {
        let span = whole.span;
        Ok(self.derive(a)?.map(|da| match function {
            Function::Sqrt => {
                let twice = mul(number(2, span), whole.clone());
                mul(da, call(Function::Inv, vec![twice], span))
            }
            Function::Log => mul(da, call(Function::Inv, vec![a.clone()], span)),
            _ => mul(da, whole.clone()),
        }))
    }

    /// `κ = λ + κ df_1/T`, so `κ' = (λ' − κ df_1 T'/T²)/(1 − df_2/T)`.
    fn derive_kappa(&mut self, arguments: &[Expr], whole: &Expr) -> Derivative {
        let span = whole.span;
        let (dlambda, dt) = (self.derive(&arguments[0])?, self.derive(&arguments[1])?);
        let t = &arguments[1];
        let df = |m: i64| call(Function::Df, vec![number(m, span), whole.clone()], span);
        let slack = sub(number(1, span), div(df(2), t.clone()));
        let by_lambda = dlambda.map(|d| div(d, slack.clone()));
        let by_t = dt.map(|d| {
            let top = mul(mul(whole.clone(), df(1)), d);
            neg(div(
                div(top, pow(t.clone(), number(2, span))),
                slack.clone(),
            ))
        });
        Ok(plus(by_lambda, by_t))
    }

    /// `df_m(κ) = tr Σ^m (Σ+κ)^{-m}`, so `df_m' = −m tr Σ^m (Σ+κ)^{-m-1} κ'`.
    fn derive_df(&mut self, arguments: &[Expr], span: Span) -> Derivative {
        let (m, k) = (&arguments[0], &arguments[1]);
        self.constant_here(m, "the order of `df`")?;
        Ok(self.derive(k)?.map(|dk| {
            let sigma = node(Node::Name("Sigma".to_owned()), span);
            let identity = node(Node::Name("I".to_owned()), span);
            let shifted = add(sigma.clone(), mul(k.clone(), identity));
            let order = add(m.clone(), number(1, span));
            let product = mul(pow(sigma, m.clone()), pow(shifted, neg(order)));
            neg(mul(
                mul(m.clone(), call(Function::Tr, vec![product], span)),
                dk,
            ))
        }))
    }

    /// `min(a, b, …)` is `a` where `a <= min(b, …)`.
    fn derive_extreme(&mut self, function: Function, arguments: &[Expr], span: Span) -> Derivative {
        let (first, rest) = (&arguments[0], &arguments[1..]);
        let Some(dfirst) = self.derive_or_zero(first)? else {
            return Ok(None);
        };
        let (other, dother) = match rest {
            [] => return Ok(Some(dfirst)),
            [only] => (only.clone(), self.derive_or_zero(only)?),
            _ => (
                call(function, rest.to_vec(), span),
                self.derive_extreme(function, rest, span)?,
            ),
        };
        let dother = dother.unwrap_or_else(|| number(0, span));
        let op = if function == Function::Min {
            RelationOp::Le
        } else {
            RelationOp::Ge
        };
        Ok(Some(choose(first.clone(), op, other, dfirst, dother)))
    }

    fn derive_norm(&mut self, arguments: &[Expr], span: Span) -> Derivative {
        let v = &arguments[0];
        let dv = self.derive(v)?;
        let row = |v: &Expr| node(Node::Transpose(v.clone()), span);
        let Some(m) = arguments.get(1) else {
            return Ok(dv.map(|dv| mul(number(2, span), mul(row(v), dv))));
        };
        let dm = self.derive(m)?;
        let by_v = dv.map(|dv| {
            add(
                mul(mul(row(&dv), m.clone()), v.clone()),
                mul(mul(row(v), m.clone()), dv),
            )
        });
        let by_m = dm.map(|dm| mul(mul(row(v), dm), v.clone()));
        Ok(plus(by_v, by_m))
    }

    /// `w = R X'y/T` with `R = (X'X/T + λI)^{-1}`, so `w' = R (X'y'/T − λ' w)`.
    fn derive_ridge(&mut self, arguments: &[Expr], whole: &Expr) -> Derivative {
        let span = whole.span;
        let [x, y, lambda] = arguments else {
            return Err(self.refuse(span, "`ridge`"));
        };
        self.constant_here(x, "the design of `ridge`")?;
        let (dy, dlambda) = (self.derive(y)?, self.derive(lambda)?);
        if constant(lambda).is_some_and(|x| x.is_zero()) {
            // The minimum norm solution X†y is linear in y.
            return Ok(dy.map(|dy| mul(call(Function::Pinv, vec![x.clone()], span), dy)));
        }
        let shape = self.shape(x)?;
        let Shape::Matrix { rows, .. } = shape else {
            return Err(self.refuse(span, "`ridge`"));
        };
        let transposed = node(Node::Transpose(x.clone()), span);
        let gram = div(mul(transposed.clone(), x.clone()), rows.clone());
        let identity = node(Node::Name("I".to_owned()), span);
        let resolvent = call(
            Function::Inv,
            vec![add(gram, mul(lambda.clone(), identity))],
            span,
        );
        let by_y = dy.map(|dy| div(mul(transposed, dy), rows));
        let by_lambda = dlambda.map(|d| neg(mul(d, whole.clone())));
        Ok(plus(by_y, by_lambda).map(|inner| mul(resolvent, inner)))
    }
}
