//! Infinite sums that are no spectral sums.

use super::EvaluationError;
use crate::number::Real;

/// Terms of one Levin transform.
const ORDER: usize = 26;
/// The transform is applied behind each of these numbers of leading terms; the results must agree.
const OFFSETS: [usize; 5] = [2, 8, 32, 128, 512];

/// `Σ_{i ≥ start} term(i)`, by direct summation where terms fall fast and Levin's u-transform where they fall
/// like a power of `i`. A sum whose convergence is not plain from its terms is an error.
pub fn sum<R: Real>(
    start: f64,
    mut term: impl FnMut(f64) -> Result<R, EvaluationError>,
) -> Result<R, EvaluationError> {
    let unclear = |what: &str| {
        Err(EvaluationError::Undefined(format!(
            "an infinite sum whose {what}"
        )))
    };
    let mut far = Vec::new();
    for exponent in 3..=7 {
        match term(start + 10f64.powi(exponent)) {
            Ok(value) => far.push(value.midpoint().abs()),
            Err(EvaluationError::Undefined(_)) => far.push(0.0),
            Err(other) => return Err(other),
        }
    }
    let first = term(start)?;
    let mut total = R::zero();
    if far[1..].iter().all(|x| *x == 0.0) || far[0] > 0.0 && far[1] / far[0] < 1e-30 {
        let mut scale = 0.0f64;
        for i in 0..20_000 {
            let value = if i == 0 {
                first.clone()
            } else {
                term(start + f64::from(i))?
            };
            total = total + value.clone();
            scale = scale.max(total.midpoint().abs());
            if i > 8 && value.midpoint().abs() <= 1e-36 * scale {
                return Ok(total.widened(1e-33 * scale));
            }
        }
        return unclear("terms fall too slowly");
    }
    // The local exponent of the terms must have settled above 1.
    let exponents: Vec<f64> = far.windows(2).map(|w| -(w[1] / w[0]).log10()).collect();
    let last = exponents[exponents.len() - 1];
    if exponents.iter().any(|p| !p.is_finite()) {
        return unclear("terms have no settled decay");
    }
    if last <= 1.0 + 1e-9 {
        return Err(EvaluationError::Undefined(
            "an infinite sum that diverges".into(),
        ));
    }
    if last < 1.02 || (last - exponents[exponents.len() - 2]).abs() > 0.01 * last {
        return unclear("terms have no settled decay");
    }
    let gap = |x: &R, y: &R| (x.clone() - y.clone()).midpoint().abs();
    let mut estimates: Vec<(R, f64)> = Vec::new();
    let mut next = 0;
    for offset in OFFSETS {
        while next < offset {
            total = total + term(start + next as f64)?;
            next += 1;
        }
        let mut partial = total.clone();
        let mut terms = Vec::with_capacity(ORDER + 1);
        for i in 0..=ORDER {
            let value = term(start + (offset + i) as f64)?;
            partial = partial + value.clone();
            terms.push((partial.clone(), value));
        }
        // Low orders have not converged, high ones cancel: the best is where neighbours agree most.
        let mut previous: Option<R> = None;
        let mut best: Option<(R, f64)> = None;
        for order in (4..=ORDER).step_by(2) {
            let estimate = levin(&terms[..=order], start + offset as f64);
            if let (Some(now), Some(before)) = (&estimate, &previous) {
                let error = gap(now, before) + now.radius();
                if best.as_ref().is_none_or(|(_, least)| error < *least) {
                    best = Some((now.center(), error));
                }
            }
            previous = estimate;
        }
        estimates.extend(best);
    }
    estimates.sort_by(|a, b| a.1.total_cmp(&b.1));
    let [(best, error), rest @ ..] = estimates.as_slice() else {
        return unclear("limit could not be found");
    };
    // One other start, at least, must lead to the same limit.
    let agrees = rest.iter().any(|(other, e)| {
        gap(best, other) <= 10.0 * (error + e) && *e <= 1e-6 * best.midpoint().abs()
    });
    if !agrees || !(*error <= 1e-9 * best.midpoint().abs()) {
        return unclear("limit could not be found");
    }
    Ok(best.clone().widened(10.0 * error))
}

/// Levin's u-transform of partial sums `(S_i, t_i)`, with remainder estimates `(n + i) t_i`.
fn levin<R: Real>(terms: &[(R, R)], n: f64) -> Option<R> {
    let order = terms.len() - 1;
    let (mut top, mut bottom) = (R::zero(), R::zero());
    let mut binomial = R::one();
    for (i, (partial, value)) in terms.iter().enumerate() {
        if value.is_zero() {
            return None;
        }
        let position = R::from_f64(n + i as f64);
        let ratio = position.clone() / R::from_f64(n + order as f64);
        let sign = R::from_f64(if i % 2 == 0 { 1.0 } else { -1.0 });
        let weight =
            sign * binomial.clone() * ratio.powi(order as i64 - 1) / (position * value.clone());
        top = top + weight.clone() * partial.clone();
        bottom = bottom + weight;
        binomial = binomial * R::from_f64((order - i) as f64) / R::from_f64((i + 1) as f64);
    }
    let value = top / bottom;
    value.is_finite().then_some(value)
}
