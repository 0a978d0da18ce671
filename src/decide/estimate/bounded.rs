//! How large a draw can be, whatever is drawn: of what is bounded, single draws tell what they can do to the mean.

use crate::formula::ast::{BinaryOp, Function};
use crate::term::evaluate::Evaluator;
use crate::term::{Id, Node, Shape, Store};

/// Standard errors at which [`standard_error`] is used, and what goes with them: `ln(2/δ)` at their probability.
const ERRORS: f64 = 4.5;
const LOGARITHM: f64 = 13.3;

/// A standard error that stays one, at [`ERRORS`] of them, where few draws dominate the variance, for draws within an
/// interval of that length: the empirical Bernstein inequality (Maurer and Pontil 2009, theorem 4).
pub(super) fn standard_error(of_sample: f64, length: f64, replicates: f64) -> f64 {
    let of_range = 7.0 * LOGARITHM / 3.0 * length / (replicates - 1.0);
    ((2.0 * LOGARITHM).sqrt() * of_sample + of_range) / ERRORS
}

/// The length of an interval that holds a scalar in every draw.
pub(super) fn length(store: &Store, id: Id, evaluator: &Evaluator<'_, f64>) -> Option<f64> {
    let never_negative = match store.node(id) {
        Node::Call(Function::Norm2, arguments) => match arguments[1..] {
            [] => true,
            [weight] => matches!(store.node(weight), Node::Sigma(_)),
            _ => false,
        },
        _ => false,
    };
    let most = largest(store, id, evaluator).filter(|x| x.is_finite())?;
    Some(if never_negative { most } else { 2.0 * most })
}

/// A number that the operator norm does not exceed in any draw; `None` where there is none, or none is known.
fn largest(store: &Store, id: Id, evaluator: &Evaluator<'_, f64>) -> Option<f64> {
    let of = |id: Id| largest(store, id, evaluator);
    if !store.is_random(id) {
        return evaluator.opnorm_of(id).ok();
    }
    match store.node(id) {
        Node::Neg(a) | Node::Transpose(a) => of(*a),
        Node::Binary(BinaryOp::Sub, a, b) => {
            let less_itself = |fit: Id, whole: Id| match store.node(fit) {
                Node::Binary(BinaryOp::Mul, projection, of) => {
                    *of == whole && is_projection(store, *projection)
                }
                _ => is_projection(store, fit) && matches!(store.node(whole), Node::Identity(_)),
            };
            match (less_itself(*a, *b), less_itself(*b, *a)) {
                (true, _) => of(*b),
                (_, true) => of(*a),
                _ => Some(of(*a)? + of(*b)?),
            }
        }
        Node::Binary(BinaryOp::Add, a, b) => Some(of(*a)? + of(*b)?),
        Node::Binary(BinaryOp::Mul, a, b) => Some(of(*a)? * of(*b)?),
        Node::Binary(BinaryOp::Div, a, b) if !store.is_random(*b) => {
            Some(of(*a)? / evaluator.scalar_of(*b).ok()?.abs())
        }
        Node::Binary(BinaryOp::Pow, a, b) => {
            let power = evaluator.scalar_of(*b).ok()?;
            let whole = power >= 1.0 && power.fract() == 0.0;
            whole.then_some(of(*a)?.powf(power))
        }
        Node::Call(Function::Proj, _) => Some(1.0),
        Node::Call(Function::Norm2, arguments) => {
            let length = of(arguments[0])?;
            let weight = arguments.get(1).map_or(Some(1.0), |weight| of(*weight))?;
            Some(length * length * weight)
        }
        Node::Call(Function::Opnorm | Function::Eigmax | Function::Eigmin, arguments) => {
            of(arguments[0])
        }
        Node::Call(Function::Tr, arguments) => match store.shape(arguments[0]) {
            Shape::Matrix { rows, .. } => Some(evaluator.scalar_of(rows).ok()? * of(arguments[0])?),
            _ => None,
        },
        // `X†Xv`, or less
        Node::Call(Function::Ridge, arguments) => match store.node(arguments[1]) {
            Node::Binary(BinaryOp::Mul, design, v) if *design == arguments[0] => of(*v),
            _ => None,
        },
        _ => None,
    }
}

fn is_projection(store: &Store, id: Id) -> bool {
    matches!(store.node(id), Node::Call(Function::Proj, _))
}
