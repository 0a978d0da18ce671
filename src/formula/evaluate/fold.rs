//! Sums and products: written out, over the spectrum, or far beyond what can be written out.

use num_traits::ToPrimitive;

use super::{
    Evaluated, EvaluationError, Evaluator, LinearAlgebra, MAX_FOLD, Spectral, Value, series,
};
use crate::formula::ast::{BinaryOp, Expr, Fold, Function, Node};
use crate::formula::summand::{Summand, summand};
use crate::spectrum::Dimension;

impl<'a, R: LinearAlgebra> Evaluator<'a, R> {
    pub(super) fn fold(
        &self,
        kind: Fold,
        index: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Evaluated<R> {
        let start = self.scalar(from)?.midpoint();
        if start.fract() != 0.0 {
            return Err(EvaluationError::Undefined(format!(
                "a sum that starts at {start}"
            )));
        }
        if kind == Fold::Sum
            && start == 1.0
            && let Some(trace) = self.spectral_sum(index, to, body)
        {
            return trace;
        }
        if matches!(&*to.node, Node::Infinity) {
            if kind == Fold::Prod {
                return Err(EvaluationError::Unsupported("an infinite product".into()));
            }
            return series::sum(start, |i| {
                self.with_local(index, R::from_f64(i), |e| e.scalar(body))
            })
            .map(Value::Scalar);
        }
        let end = self.scalar(to)?.midpoint();
        if end - start > MAX_FOLD {
            if kind == Fold::Prod {
                return Err(EvaluationError::too_long());
            }
            return series::long_sum(start, end, |i| {
                self.with_local(index, R::from_f64(i), |e| e.scalar(body))
            })
            .map(Value::Scalar);
        }
        let mut total: Option<Value<R>> = None;
        let mut i = start;
        while i <= end {
            let value = self.with_local(index, R::from_f64(i), |e| e.value(body))?;
            total = Some(match (total, kind) {
                (None, _) => value,
                (Some(sum), Fold::Sum) => sum.plus(value, self.covariance())?,
                (Some(product), Fold::Prod) => product.times(value, self.covariance())?,
            });
            i += 1.0;
        }
        Ok(total.unwrap_or_else(|| match kind {
            Fold::Sum => Value::Scalar(R::zero()),
            // The empty product: also the identity of any size.
            Fold::Prod if self.is_matrix(body) => Value::Spectral(Spectral::Constant(R::one())),
            Fold::Prod => Value::Scalar(R::one()),
        }))
    }

    fn is_matrix(&self, body: &'a Expr) -> bool {
        looks_like_matrix(body)
    }

    /// `Σ_j f(s(j))` and `Σ_j c(j)² f(s(j))` over the whole spectrum are `tr f(Σ)` and `w0' f(Σ) w0`.
    fn spectral_sum(&self, index: &'a str, to: &'a Expr, body: &'a Expr) -> Option<Evaluated<R>> {
        match (self.covariance().dimension(), &*to.node) {
            (Dimension::Infinite, Node::Infinity) => {}
            (Dimension::Finite(d), _) if !matches!(&*to.node, Node::Infinity) => {
                let end = self.scalar(to).ok()?;
                if end.midpoint() != d.to_f64()? {
                    return None;
                }
            }
            _ => return None,
        }
        let Summand { factors, masses } = summand(body, index)?;
        let outer = self.over_spectrum.replace(Some(index));
        let product = factors.iter().try_fold(
            Spectral::Constant(R::one()),
            |product, (factor, divides)| {
                let value = match self.value(factor)? {
                    Value::Scalar(x) => Spectral::Constant(x),
                    Value::Spectral(f) => f,
                    _ => {
                        return Err(EvaluationError::Unsupported(
                            "a sum of matrices over the spectrum".into(),
                        ));
                    }
                };
                Ok(product.product(if *divides {
                    value.power(-R::one())
                } else {
                    value
                }))
            },
        );
        self.over_spectrum.replace(outer);
        let covariance = self.covariance();
        Some(product.and_then(|f| {
            let total = if masses == 1 {
                covariance.quadratic(&f)
            } else {
                covariance.trace(&f)
            };
            total.map(Value::Scalar)
        }))
    }
}

fn looks_like_matrix(expr: &Expr) -> bool {
    match &*expr.node {
        Node::Name(name) => name == "Sigma" || name == "I",
        Node::Call(function, _) => {
            matches!(
                function,
                Function::Inv | Function::Pinv | Function::Proj | Function::Ridge
            )
        }
        Node::Member(..) => true,
        Node::Neg(a) | Node::Transpose(a) => looks_like_matrix(a),
        Node::Binary(BinaryOp::Pow | BinaryOp::Div, a, _) => looks_like_matrix(a),
        Node::Binary(_, a, b) => looks_like_matrix(a) || looks_like_matrix(b),
        _ => false,
    }
}
