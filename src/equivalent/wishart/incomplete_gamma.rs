//! The incomplete Gamma function, and its weight, without the cancellation of large logarithms.

use std::f64::consts::PI;

/// `ln(x^a e^{−x}/Γ(a+1))`.
pub(super) fn weight_logarithm(a: f64, x: f64) -> f64 {
    if a == 0.0 {
        return -x;
    }
    if a < 20.0 {
        return a * x.ln() - x - libm::lgamma(a + 1.0);
    }
    // Stirling's series for Γ(a+1); what is large cancels in ln(x/a) − (x/a − 1).
    let r = 1.0 / (a * a);
    let stirling = (1.0 / 12.0
        - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0)))))
        / a;
    a * ln_minus((x - a) / a, x / a) - 0.5 * (2.0 * PI * a).ln() - stirling
}

/// `ln(1 + u) − u`, `y = 1 + u`.
fn ln_minus(u: f64, y: f64) -> f64 {
    if u.abs() > 0.4 {
        return y.ln() - u;
    }
    // ln(1 + u) = 2 artanh t with t = u/(2 + u), and 2t − u = −ut.
    let t = u / (2.0 + u);
    let square = t * t;
    let mut power = t * square;
    let mut sum = 0.0;
    let mut k = 3.0;
    while power != 0.0 && power.abs() > 1e-18 * (u * t).abs() {
        sum += power / k;
        power *= square;
        k += 2.0;
    }
    2.0 * sum - u * t
}

/// `P(s, z) − ½`, with `P(s, z) = ∫_0^z u^{s−1} e^{−u} du/Γ(s)`.
pub(super) fn lower_minus_half(s: f64, z: f64) -> f64 {
    // z^s e^{−z}/Γ(s+1)
    let front = weight_logarithm(s, z).exp();
    if front == 0.0 {
        return if z < s { -0.5 } else { 0.5 };
    }
    // Both need about √s steps; the bound is far beyond.
    let most = 200 + 40 * s.sqrt() as u64;
    if z < s + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for n in 1..most {
            term *= z / (s + n as f64);
            sum += term;
            if term <= 1e-17 * sum {
                break;
            }
        }
        front * sum - 0.5
    } else {
        // Legendre's continued fraction for the upper function, by Lentz's method.
        let mut b = z + 1.0 - s;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for n in 1..most {
            let n = n as f64;
            let numerator = -n * (n - s);
            b += 2.0;
            d = 1.0 / (numerator * d + b);
            c = b + numerator / c;
            let factor = c * d;
            fraction *= factor;
            if (factor - 1.0).abs() <= 1e-16 {
                break;
            }
        }
        0.5 - front * s * fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for z in [1e-9f64, 0.3, 1.0, 5.0, 40.0] {
            // P(1, z) = 1 − e^{−z};  P(2, z) = 1 − (1 + z)e^{−z}
            let one = -(-z).exp_m1() - 0.5;
            assert!((lower_minus_half(1.0, z) - one).abs() < 1e-15);
            let two = 0.5 - (1.0 + z) * (-z).exp();
            assert!((lower_minus_half(2.0, z) - two).abs() < 1e-15);
            let half = libm::erf(z.sqrt()) - 0.5;
            assert!((lower_minus_half(0.5, z) - half).abs() < 1e-15);
        }
        // The median of a Gamma law: s − 1/3 + 8/(405 s) + 184/(25515 s²) + O(s^{-3}).
        for s in [1e3f64, 1e5, 1e7] {
            let median = s - 1.0 / 3.0 + 8.0 / (405.0 * s) + 184.0 / (25515.0 * s * s);
            assert!(lower_minus_half(s, median).abs() < 1e-11);
        }
    }

    #[test]
    fn both_ways_to_the_weight_agree() {
        for a in [20.0, 25.0, 60.0] {
            for x in [0.5, 10.0, 24.9, 80.0] {
                let plain = a * f64::ln(x) - x - libm::lgamma(a + 1.0);
                assert!((weight_logarithm(a, x) - plain).abs() < 1e-12 * (1.0 + plain.abs()));
            }
        }
    }
}
