//! `Γ` and `ζ` at real arguments, with bounds on errors and slopes.

use std::f64::consts::{LN_2, PI};

/// `B_2, B_4, …, B_16`.
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// A bound on `|ψ(x)|`: logarithmic growth, and the nearest pole.
pub(super) fn gamma_slope(x: f64) -> f64 {
    let growth = (x.abs() + 2.0).ln();
    if x > 0.5 {
        return growth + 2.0;
    }
    // ψ(x) = ψ(1 − x) − π cot πx
    let distance = (x - x.round()).abs();
    growth + 2.0 + 1.0 / distance
}

/// `ζ(s)` for any real `s ≠ 1`, and a bound on its error. Not a number at the pole, infinite where it overflows.
pub(super) fn zeta(s: f64) -> (f64, f64) {
    const ACCURACY: f64 = 1e-14;
    if s == 1.0 || s.is_nan() {
        return (f64::NAN, 0.0);
    }
    if s > 1.0 {
        use spec_math::Zeta;
        let value = s.zeta();
        return (value, ACCURACY * value);
    }
    // By reflection, ζ would be asked for beside its pole where s is small.
    if s >= -1.0 {
        let value = euler_maclaurin(s);
        // The pole's term is the only large one.
        return (value, ACCURACY * (10.0 + value.abs()));
    }
    reflected(s, ACCURACY)
}

/// `ζ(s) = 2^s π^{s−1} sin(πs/2) Γ(1 − s) ζ(1 − s)`
fn reflected(s: f64, accuracy: f64) -> (f64, f64) {
    let (value, _) = zeta(1.0 - s);
    let (log_gamma, _) = libm::lgamma_r(1.0 - s);
    let log = s * LN_2 + (s - 1.0) * PI.ln() + log_gamma;
    let amplitude = log.exp() * value;
    let error = amplitude * (accuracy + 8.0 * f64::EPSILON * (s.abs() + log_gamma.abs()));
    (amplitude * sine(s), error)
}

/// `sin(πs/2)`, zero at even `s`.
fn sine(s: f64) -> f64 {
    let even = 2.0 * (s / 2.0).round();
    let sign = if (even / 2.0) % 2.0 == 0.0 { 1.0 } else { -1.0 };
    sign * (0.5 * PI * (s - even)).sin()
}

fn euler_maclaurin(s: f64) -> f64 {
    const N: f64 = 10.0;
    let head: f64 = (1..10).map(|k| f64::from(k).powf(-s)).sum();
    let mut tail = N.powf(-s) * (0.5 + N / (s - 1.0));
    // s (s+1) … (s+2j−2) N^{−s−2j+1}/(2j)!
    let mut term = s * N.powf(-s - 1.0) / 2.0;
    for (j, b) in BERNOULLI.iter().enumerate() {
        let j = j as f64 + 1.0;
        tail += b * term;
        term *= (s + 2.0 * j - 1.0) * (s + 2.0 * j) / (N * N * (2.0 * j + 1.0) * (2.0 * j + 2.0));
    }
    head + tail
}

/// A bound on `|ζ'(s)|`: the pole, and the growth to the left of it.
pub(super) fn zeta_slope(s: f64) -> f64 {
    if s > 0.0 {
        return 1.0 + (s - 1.0).powi(-2);
    }
    // By the functional equation the derivative is at most the amplitude times logarithms.
    let (log_gamma, _) = libm::lgamma_r(1.0 - s);
    let amplitude = (s * LN_2 + (s - 1.0) * PI.ln() + log_gamma).exp() * 2.0;
    2.0 + amplitude * (6.0 + (2.0 - s).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeta_has_its_known_values_and_obeys_its_error() {
        // ζ(0) = −1/2, ζ(−1) = −1/12, ζ(−3) = 1/120, ζ(2) = π²/6, ζ(−2) = 0; ζ(1/2): OEIS A059750.
        for (s, exact) in [
            (0.0, -0.5),
            (-1.0, -1.0 / 12.0),
            (-3.0, 1.0 / 120.0),
            (2.0, PI * PI / 6.0),
            (-2.0, 0.0),
            (0.5, -1.460_354_508_809_586_8),
        ] {
            let (value, error) = zeta(s);
            assert!(
                (value - exact).abs() <= error,
                "zeta({s}) = {value}, not {exact}"
            );
            assert!(error <= 2e-13, "zeta({s}) is known to {error} only");
        }
        assert!(zeta(1.0).0.is_nan());
    }

    #[test]
    fn the_two_formulas_for_zeta_agree() {
        for i in 10..60 {
            let s = -f64::from(i) / 20.0;
            let (by_reflection, error) = reflected(s, 1e-14);
            let difference = (euler_maclaurin(s) - by_reflection).abs();
            assert!(difference <= error + 2e-12, "zeta({s}): {difference}");
        }
    }

    #[test]
    fn slopes_bound_what_a_difference_shows() {
        for i in -180..400 {
            let s = f64::from(i) / 20.0 + 0.013;
            let h = 1e-5;
            let seen = ((zeta(s + h).0 - zeta(s - h).0) / (2.0 * h)).abs();
            assert!(seen <= 1.01 * zeta_slope(s) + 1e-6, "zeta at {s}: {seen}");
            let seen = ((libm::tgamma(s + h) - libm::tgamma(s - h)) / (2.0 * h)).abs();
            let bound = libm::tgamma(s).abs() * gamma_slope(s);
            assert!(seen <= 1.01 * bound + 1e-6, "gamma at {s}: {seen} {bound}");
        }
    }
}
