//! Exact values of formulas without names.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::ast::{BinaryOp, Expr, Node};

/// Larger results are not computed.
const MAX_BITS: u64 = 20_000;

/// The exact value of a formula made of numbers and `+ - * / ^` with whole powers; `None` for any other.
pub fn constant(expr: &Expr) -> Option<BigRational> {
    match &*expr.node {
        Node::Number(x) => Some(x.clone()),
        Node::Neg(x) => Some(-constant(x)?),
        Node::Binary(op, a, b) => {
            let (a, b) = (constant(a)?, constant(b)?);
            if bits(&a) + bits(&b) > MAX_BITS {
                return None;
            }
            match op {
                BinaryOp::Add => Some(a + b),
                BinaryOp::Sub => Some(a - b),
                BinaryOp::Mul => Some(a * b),
                BinaryOp::Div => (!b.is_zero()).then(|| a / b),
                BinaryOp::Pow => power(&a, &b),
            }
        }
        _ => None,
    }
}

fn bits(x: &BigRational) -> u64 {
    x.numer().bits() + x.denom().bits()
}

/// `a^b` for whole `b`, where it is defined and not too large.
pub fn power(a: &BigRational, b: &BigRational) -> Option<BigRational> {
    if !b.is_integer() {
        return None;
    }
    if a.is_one() || b.is_zero() {
        return Some(BigRational::one());
    }
    let n = b.numer().abs().to_u64()?;
    if n.checked_mul(bits(a))? > MAX_BITS || (a.is_zero() && b.is_negative()) {
        return None;
    }
    let value = num_traits::pow(a.clone(), n.to_usize()?);
    Some(if b.is_negative() {
        value.recip()
    } else {
        value
    })
}
