//! Whole parts, factorials and binomial coefficients.

use std::cmp::Ordering::Less;

use super::EvaluationError;
use crate::number::Real;
use crate::term::Outcome;

/// Products of more factors are refused.
const MAX_FACTORS: f64 = 20_000.0;

/// The greatest whole number not above `x`, where its error leaves no doubt.
pub(super) fn floor<R: Real>(x: &R) -> Outcome<R> {
    let below = x.midpoint().floor();
    for candidate in [below, below - 1.0, below + 1.0] {
        let at_least = |bound: f64| x.order(&R::from_f64(bound)).map(|order| order != Less);
        match (at_least(candidate), at_least(candidate + 1.0)) {
            (Some(true), Some(false)) => return Ok(R::from_f64(candidate)),
            (Some(_), Some(_)) => {}
            _ => break,
        }
    }
    Err(EvaluationError::Unresolved(format!(
        "the whole part of a number too near {}",
        x.midpoint().round()
    )))
}

/// `n!` for whole `n ≥ 0`.
pub(super) fn factorial<R: Real>(n: &R) -> Outcome<R> {
    let count = n.midpoint();
    if count < 0.0 || count.fract() != 0.0 || n.radius() > 0.0 {
        return Err(EvaluationError::undefined(format!(
            "factorial({count}): a whole number from 0 is needed"
        )));
    }
    if count > MAX_FACTORS {
        return Err(EvaluationError::too_long());
    }
    Ok((2..=count as u64).fold(R::one(), |product, i| product * R::from_f64(i as f64)))
}

/// `n (n − 1) … (n − k + 1)/k!` for whole `k ≥ 0` and any `n`.
pub(super) fn binomial<R: Real>(n: &R, k: &R) -> Outcome<R> {
    let count = k.midpoint();
    if count.fract() != 0.0 || k.radius() > 0.0 {
        return Err(EvaluationError::undefined(format!(
            "binom(n, {count}): the second number is whole"
        )));
    }
    if count < 0.0 {
        return Ok(R::zero());
    }
    let top = n.midpoint();
    let whole = n.radius() == 0.0 && top.fract() == 0.0;
    // By symmetry the shorter product.
    let count = if whole && top >= count {
        count.min(top - count)
    } else {
        count
    };
    if count > MAX_FACTORS {
        return Err(EvaluationError::too_long());
    }
    Ok((1..=count as u64).fold(R::one(), |product, i| {
        let i = i as f64;
        product * (n.clone() - R::from_f64(count - i)) / R::from_f64(i)
    }))
}
