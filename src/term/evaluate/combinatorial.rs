//! Whole parts, factorials and binomial coefficients.

use super::EvaluationError;
use crate::number::Real;
use crate::term::Outcome;

/// Products of more factors are refused.
const MAX_FACTORS: f64 = 20_000.0;

/// The greatest whole number not above `x`, where its error leaves no doubt.
pub(super) fn floor<R: Real>(x: &R) -> Outcome<R> {
    x.rounded_down().ok_or_else(|| {
        EvaluationError::Unresolved(format!(
            "the whole part of a number too close to call: {}",
            x.midpoint()
        ))
    })
}

/// `n!` for whole `n ≥ 0`.
pub(super) fn factorial<R: Real>(n: &R) -> Outcome<R> {
    let Some(count) = n.to_whole().filter(|n| *n >= 0) else {
        return Err(EvaluationError::undefined(format!(
            "factorial({}): a whole number from 0 is needed",
            n.midpoint()
        )));
    };
    if count as f64 > MAX_FACTORS {
        return Err(EvaluationError::too_long());
    }
    Ok((2..=count).fold(R::one(), |product, i| product * R::from_f64(i as f64)))
}

/// `n (n − 1) … (n − k + 1)/k!` for whole `k ≥ 0` and any `n`.
pub(super) fn binomial<R: Real>(n: &R, k: &R) -> Outcome<R> {
    let Some(count) = k.to_whole() else {
        return Err(EvaluationError::undefined(format!(
            "binom(n, {}): the second number is whole",
            k.midpoint()
        )));
    };
    if count < 0 {
        return Ok(R::zero());
    }
    // By symmetry the shorter product.
    let count = match n.to_whole() {
        Some(top) if top >= count => count.min(top - count),
        _ => count,
    };
    if count as f64 > MAX_FACTORS {
        return Err(EvaluationError::too_long());
    }
    Ok((1..=count).fold(R::one(), |product, i| {
        let top = n.clone() - R::from_f64((count - i) as f64);
        product * top / R::from_f64(i as f64)
    }))
}
