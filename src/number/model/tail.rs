//! `a^s ζ(s, a) = Σ_{i ≥ 0} (1 + i/a)^{-s}`, by which tails are summed.

use std::cmp::Ordering;

use super::size::{above, ball};
use crate::number::{Ball, Real, bernoulli};

/// Terms of Euler and Maclaurin's series, at most.
const TERMS: usize = 40;
/// As many digits as balls have.
const SHARP: f64 = 1e-31;

/// `a/(s−1) + 1/2 + Σ_k B_2k/(2k)! s(s+1)⋯(s+2k−2) a^{1−2k}`, up to the least term or as many digits as balls have: the derivatives of
/// `(1 + x/a)^{-s}` alternate in sign, so that what is left out is at most its first term. `None` where the sum is not shown to
/// converge.
pub(super) fn scaled_zeta(power: Ball, start: f64) -> Option<Ball> {
    if (power - Ball::one()).sign() != Some(Ordering::Greater) {
        return None;
    }
    let numbers = bernoulli(2 * TERMS + 2);
    let a = ball(start);
    let mut sum = a / (power - Ball::one()) + ball(0.5);
    let scale = sum.midpoint();
    // s(s+1)⋯(s+2k−2) a^{1−2k}/(2k)!
    let mut factor = power / (ball(2.0) * a);
    let mut least = f64::INFINITY;
    for k in 1..=TERMS {
        let term = Ball::from_rational(&numbers[2 * k]) * factor;
        let size = above(term);
        if size >= least || size <= SHARP * scale || k == TERMS {
            sum = sum.widened(size);
            break;
        }
        least = size;
        sum = sum + term;
        let n = 2.0 * k as f64;
        let next = (power + ball(n - 1.0)) * (power + ball(n));
        factor = factor * next / (a * a * ball((n + 1.0) * (n + 2.0)));
    }
    Some(sum).filter(Ball::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Precise, special, with_precision};

    #[test]
    fn it_holds_what_many_more_digits_give() {
        for start in [12.0, 48.0, 200.0, 1e6, 1e12] {
            for power in [1.01, 1.5, 2.0, 3.25, 12.0, 41.0, 80.0, 300.0] {
                let exact = with_precision(300, || {
                    let (s, a) = (Precise::from_f64(power), Precise::from_f64(start));
                    Ball::from_precise(&(special::hurwitz(&s, &a) * a.powf(&s)))
                });
                let found = scaled_zeta(ball(power), start).unwrap();
                let gap = found - exact;
                assert!(gap.midpoint().abs() <= gap.radius(), "{start} {power}");
                let sharp = power < 50.0 && start > 40.0;
                let within = if sharp { 1e-27 } else { 30.0 };
                assert!(
                    found.radius() < within * found.midpoint(),
                    "{start} {power} {found:?}"
                );
            }
        }
    }

    #[test]
    fn the_harmonic_series_has_no_sum() {
        assert!(scaled_zeta(Ball::one(), 100.0).is_none());
        assert!(scaled_zeta(ball(0.5), 100.0).is_none());
    }
}
