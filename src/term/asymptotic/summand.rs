//! Summands over the whole spectrum: `Σ_j f(s(j))` is `tr f(Σ)`, `Σ_j c(j)² f(s(j))` is `w0' f(Σ) w0`.

use num_traits::ToPrimitive;

use crate::formula::ast::{BinaryOp, Expr, Function, Node};
use crate::formula::mentions;

/// A product of functions of `s(j)`.
pub(super) struct Summand<'a> {
    /// Each with whether it divides; `c(j)^2` is not among them.
    pub factors: Vec<(&'a Expr, bool)>,
    /// How often `c(j)^2` occurs: once or not at all.
    pub masses: usize,
}

/// The factors of `body`, if it depends on `index` through `s(index)` and one `c(index)^2` alone.
pub(super) fn summand<'a>(body: &'a Expr, index: &str) -> Option<Summand<'a>> {
    let mut factors = Vec::new();
    let mut masses = 0;
    factors_of(body, index, &mut factors, &mut masses)?;
    let foreign = factors
        .iter()
        .any(|(factor, _)| !only_through_eigenvalue(factor, index));
    (masses <= 1 && !foreign).then_some(Summand { factors, masses })
}

/// The factors of a product, each with whether it divides, without the factor `c(j)^2`, which is counted.
fn factors_of<'a>(
    body: &'a Expr,
    index: &str,
    factors: &mut Vec<(&'a Expr, bool)>,
    masses: &mut usize,
) -> Option<()> {
    match &*body.node {
        Node::Binary(BinaryOp::Mul, left, right) => {
            factors_of(left, index, factors, masses)?;
            factors_of(right, index, factors, masses)?;
        }
        Node::Binary(BinaryOp::Div, left, right) => {
            factors_of(left, index, factors, masses)?;
            factors.push((right, true));
        }
        Node::Binary(BinaryOp::Pow, base, exponent) if is_coefficient(base, index) => {
            let Node::Number(two) = &*exponent.node else {
                return None;
            };
            if two.to_f64() != Some(2.0) {
                return None;
            }
            *masses += 1;
        }
        _ => factors.push((body, false)),
    }
    Some(())
}

fn is_coefficient(expr: &Expr, index: &str) -> bool {
    matches!(&*expr.node, Node::Call(Function::Coefficient, arguments)
        if matches!(&*arguments[0].node, Node::Name(name) if name == index))
}

/// Whether `index` occurs in `expr` only as `s(index)`, in sums, products, quotients and constant powers.
fn only_through_eigenvalue(expr: &Expr, index: &str) -> bool {
    let both =
        |a: &Expr, b: &Expr| only_through_eigenvalue(a, index) && only_through_eigenvalue(b, index);
    match &*expr.node {
        Node::Call(Function::Eigenvalue, arguments) if matches!(&*arguments[0].node, Node::Name(name) if name == index) => {
            true
        }
        Node::Neg(inner) => only_through_eigenvalue(inner, index),
        Node::Binary(BinaryOp::Pow, base, exponent) => {
            only_through_eigenvalue(base, index) && !mentions(exponent, index)
        }
        Node::Binary(_, left, right) => both(left, right),
        _ => !mentions(expr, index),
    }
}
