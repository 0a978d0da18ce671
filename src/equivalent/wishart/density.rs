//! The mean density of the eigenvalues of a real Wishart matrix.
//!
//! For `p` eigenvalues, `a = |T − d|`, with the normalised Laguerre functions
//! `φ_k = x^{a/2} e^{−x/2} L_k^{(a)}(x)/√h_k`, `h_k = Γ(k+a+1)/k!`, the density is the complex one of `p − 1`
//! eigenvalues and a correction of order 1 (Adler, Forrester, Nagao & van Moerbeke 2000):
//!
//! ```text
//! ρ(x) = Σ_{k<p−1} φ_k² − ½ √((p−1)(p−1+a)) x^{−1/2} φ_{p−1} J_{p−2} + [p odd] x^{−1/2} φ_{p−1}/∫ u^{−1/2} φ_{p−1} du
//! J_k(x) = ½ ∫ sgn(x − u) u^{−1/2} φ_k(u) du
//! ```
//!
//! `J` obeys a recurrence over two steps whose homogeneous part contracts, so it is as accurate as the `φ_k`.

use super::incomplete_gamma::{lower_minus_half, weight_logarithm};

#[derive(Clone, Debug)]
pub(super) struct Density {
    p: usize,
    a: f64,
    /// `∫ u^{−1/2} φ_0 du`
    integral0: f64,
    /// `∫ u^{−1/2} φ_{p−1} du`, for odd `p`.
    integral: f64,
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
}

/// Values are kept below this, and their logarithm counted apart.
const LARGE: f64 = 1e120;

impl Density {
    /// Of `p ≥ 1` eigenvalues, `excess = |T − d|`.
    pub fn new(p: u64, excess: u64) -> Self {
        let (n, a) = (p as usize, excess as f64);
        // Γ(a+1) by duplication: ∫ u^{−1/2} φ_0 = √(2√π Γ((a+1)/2)/Γ(a/2+1)).
        let integral0 = (2.0 * std::f64::consts::PI.sqrt() * gamma_ratio(excess)).sqrt();
        let mut integral = integral0;
        let mut k = 1;
        while k + 1 < n {
            let kf = k as f64;
            integral *= contraction(kf, a);
            k += 2;
        }
        Self {
            p: n,
            a,
            integral0,
            integral,
            diagonal: (0..n).map(|k| (2 * k + 1) as f64 + a).collect(),
            off_diagonal: (0..=n)
                .map(|k| (k as f64 * (k as f64 + a)).sqrt())
                .collect(),
        }
    }

    /// `ρ(x)`, `x > 0`; its integral is `p`.
    pub fn at(&self, x: f64) -> f64 {
        let (n, a) = (self.p, self.a);
        let root = x.sqrt();
        // φ_k is value·e^{scale}.
        let mut scale = 0.5 * weight_logarithm(a, x);
        let mut amplitude = scale.exp();
        let (mut before, mut now) = (0.0, 1.0);
        let even = n.is_multiple_of(2);
        // J_{k−1} of the parity of p; J_{−1} is not needed, since its factor vanishes.
        let mut j = if even {
            self.integral0 * lower_minus_half(0.5 * (a + 1.0), 0.5 * x)
        } else {
            0.0
        };
        let mut sum = 0.0;
        for k in 0..n - 1 {
            let kf = k as f64;
            let phi = now * amplitude;
            sum += phi * phi;
            // From J_{k−1} and φ_k to J_{k+1}, up to J_{p−2}.
            if (k % 2 == 1) == even && k + 1 < n - 1 {
                j = contraction(kf, a) * j + 2.0 * root * phi / self.off_diagonal[k + 1];
            }
            let next = ((self.diagonal[k] - x) * now - self.off_diagonal[k] * before)
                / self.off_diagonal[k + 1];
            (before, now) = (now, next);
            if now.abs() > LARGE {
                before /= LARGE;
                now /= LARGE;
                scale += LARGE.ln();
                amplitude = scale.exp();
            }
        }
        let phi = now * amplitude;
        let single = if even { 0.0 } else { 1.0 / self.integral };
        let density = sum + phi / root * (single - 0.5 * self.off_diagonal[n - 1] * j);
        // Rounding may leave a trace below zero where the density vanishes.
        density.max(0.0)
    }
}

/// `√(k(k+a)/((k+1)(k+1+a)))`: what a step from `k − 1` to `k + 1` leaves of `∫ u^{−1/2} φ`.
fn contraction(k: f64, a: f64) -> f64 {
    (k / (k + 1.0) * ((k + a) / (k + 1.0 + a))).sqrt()
}

/// `Γ((a+1)/2)/Γ(a/2+1)`.
fn gamma_ratio(a: u64) -> f64 {
    if a > 4000 {
        // Γ(s)/Γ(s + ½), its expansion at large s.
        let r = 2.0 / (a as f64 + 1.0);
        return r.sqrt()
            * (1.0
                + r * (1.0 / 8.0 + r * (1.0 / 128.0 - r * (5.0 / 1024.0 + r * 21.0 / 32768.0))));
    }
    let root = std::f64::consts::PI.sqrt();
    let mut ratio = if a.is_multiple_of(2) {
        root
    } else {
        2.0 / root
    };
    let mut k = a % 2;
    while k < a {
        ratio *= (k + 1) as f64 / (k + 2) as f64;
        k += 2;
    }
    ratio
}
