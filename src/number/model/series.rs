//! Powers, logarithms and exponentials of a polynomial: the coefficients by the differential equation that they solve, and
//! by how much the truncated series misses it.
//!
//! With `P_0 = 1`, `W = P^e` solves `P W' = e P' W`. Cut after `N` coefficients, `R = P W' − e P' W` has powers from
//! `v^{N−1}` on only, and `(W/P^e)' = R/P^{e+1}`; what `W` is off by at `v` is `P^e ∫_0^v R/P^{e+1}`.

use super::size::{above, ball};
use crate::number::{Ball, Real};

/// The first coefficients of a series, and `Σ |R_{k−1}|/k` of what is left of its equation.
pub(super) struct Series {
    pub terms: Vec<Ball>,
    pub defect: f64,
}

/// `k W_k = Σ_{j ≥ 1} weight(k, j) P_j W_{k−j}` from `W_0 = 1`.
fn recurrence(p: &[Ball], order: usize, weight: impl Fn(f64, f64) -> Ball) -> Series {
    let mut terms = vec![Ball::one()];
    let mut defect: f64 = 0.0;
    for k in 1..order + p.len() - 1 {
        let mut next = Ball::zero();
        for j in k.saturating_sub(terms.len() - 1).max(1)..=k.min(p.len() - 1) {
            if !p[j].is_zero() {
                next = next + weight(k as f64, j as f64) * p[j] * terms[k - j];
            }
        }
        let next = next / ball(k as f64);
        if k < order {
            terms.push(next);
        } else {
            defect = (defect + above(next)).next_up();
        }
    }
    Series { terms, defect }
}

/// `P^e`, `P_0 = 1`: `k W_k = Σ ((e + 1) j − k) P_j W_{k−j}`.
pub(super) fn power(p: &[Ball], e: Ball, order: usize) -> Series {
    let up = e + Ball::one();
    recurrence(p, order, |k, j| up * ball(j) - ball(k))
}

/// `e^P`, `P_0 = 0`: `k W_k = Σ j P_j W_{k−j}`.
pub(super) fn exponential(p: &[Ball], order: usize) -> Series {
    recurrence(p, order, |_, j| ball(j))
}

/// `ln P`, `P_0 = 1`: `P L' = P'`, `k L_k = k P_k − Σ P_j (k−j) L_{k−j}`.
pub(super) fn logarithm(p: &[Ball], order: usize) -> Series {
    let mut terms = vec![Ball::zero()];
    let mut defect: f64 = 0.0;
    for k in 1..order + p.len() - 1 {
        let mut next = Ball::zero();
        for j in k.saturating_sub(terms.len() - 1).max(1)..k.min(p.len()) {
            next = next - ball((k - j) as f64) * p[j] * terms[k - j];
        }
        next = next / ball(k as f64) + p.get(k).copied().unwrap_or(Ball::zero());
        if k < order {
            terms.push(next);
        } else {
            defect = (defect + above(next)).next_up();
        }
    }
    Series { terms, defect }
}
