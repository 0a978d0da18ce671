//! Power laws are summed in double precision at the `f64` next to their exponent `β`, and to the `r` of their target: what a sum
//! moves by between there and the truth is a share `Δ E[ln k]` of it, and near `β = 1` the mean of `ln k` is large.

use std::f64::consts::E;

use super::long::ExactLaw;
use crate::number::Real;
use crate::spectrum::{Dimension, Monomial, PowerLaw, Target};

/// How far the exponents of a law may be from what it is summed at.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    beta: f64,
    /// Of `c_k² = k^{−1−β(2r−1)}`, in `−ln c_k²/ln k`.
    target: f64,
    /// Of the power of `s` in what is summed.
    power: f64,
}

/// A bound on `|x − y|` for a given `f64` next to `x`.
pub fn distance<R: Real>(x: &R, nearest: f64) -> f64 {
    if !R::TRACKS_ERROR {
        return 0.0;
    }
    let gap = (x.clone() - R::from_f64(nearest)).abs();
    if gap.is_zero() {
        return 0.0;
    }
    gap.upper_end().midpoint().next_up()
}

impl Distance {
    pub fn new<R: Real>(law: &PowerLaw, target: Option<&Target>, exact: &ExactLaw<R>) -> Self {
        let beta = distance(&exact.beta, law.beta());
        let target = match (target, &exact.target) {
            (Some(Target::Source { r }), Some(exact)) => {
                let moved = (2.0 * r - 1.0).abs() * beta;
                moved + 2.0 * law.beta() * distance(exact, *r)
            }
            _ => 0.0,
        };
        Self {
            beta,
            target,
            power: 0.0,
        }
    }

    /// The same where the power of `s` is not the one that is summed either.
    pub fn and_power(self, power: f64) -> Self {
        Self { power, ..self }
    }

    /// The share by which `Σ_k c_k² f(k^{−β})` may move, or the same with ones for `c_k²` where there is no target.
    pub fn share(self, law: &PowerLaw, target: Option<&Target>, f: &Monomial) -> f64 {
        let orders: f64 = f.poles.iter().map(|pole| pole.1.abs()).sum();
        let exponents = self.beta * (f.power.abs() + orders) + self.target;
        let speed = exponents + law.beta() * self.power;
        if speed == 0.0 {
            return 0.0;
        }
        let within = match law.dimension() {
            Dimension::Finite(d) => (d as f64).ln(),
            Dimension::Infinite => f64::INFINITY,
        };
        let mean = match target {
            Some(Target::Axis { index }) => (*index as f64).ln(),
            Some(Target::Source { r }) => beyond(law, f, f.power + 2.0 * r - 1.0, orders),
            Some(Target::Isotropic { .. }) | None => {
                beyond(law, f, f.power - 1.0 / law.beta(), orders)
            }
            Some(Target::Masses(_)) => within,
        };
        1.01 * speed * mean.min(within)
    }
}

/// A bound on the mean of `ln k` under the terms of a sum. Beyond `K`, where `s` is less than every pole by its order, they are
/// within a factor `e` of a multiple of `k^{−1−η}`, and under that law `E ln(k/K) ≤ 1 + 1/η`.
fn beyond(law: &PowerLaw, f: &Monomial, exponent: f64, orders: f64) -> f64 {
    let eta = law.beta() * exponent;
    if eta <= 0.0 {
        return f64::INFINITY;
    }
    let poles = f.poles.iter().map(|pole| pole.0);
    let least = poles.fold(f64::INFINITY, f64::min) / orders.max(1.0);
    let start = (-least.ln() / law.beta()).max(0.0) + std::f64::consts::LN_2;
    start + E * (1.0 + 1.0 / eta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Ball, Bounded};

    /// Sums at an exponent and beside it differ by no more than is said, and by more than a millionth of it.
    #[test]
    fn sums_move_by_less_than_their_share() {
        let step = 1e-9;
        for beta in [1.0005, 1.01, 1.5, 4.0] {
            for dimension in [Dimension::Infinite, Dimension::Finite(100_000)] {
                for pole in [1e-9, 1e-2, 3.0, 1e5] {
                    let law = |beta: f64| PowerLaw::new(beta, dimension).unwrap();
                    let f = Monomial {
                        power: 2.0,
                        poles: vec![(pole, 1.0)],
                    };
                    let at = |beta: f64| law(beta).trace(&f).unwrap();
                    let (Bounded { value: here, .. }, there) = (at(beta), at(beta + step));
                    let exact = ExactLaw {
                        beta: Ball::from_f64(beta) + Ball::from_f64(step),
                        target: None,
                    };
                    let law = law(beta);
                    let share = Distance::new(&law, None, &exact).share(&law, None, &f);
                    let moved = (there.value - here).abs() / here;
                    assert!(moved <= share, "{beta} {pole}: {moved:e} {share:e}");
                    assert!(moved >= 1e-6 * share, "{beta} {pole}: {moved:e} {share:e}");
                }
            }
        }
    }

    #[test]
    fn a_law_that_is_met_moves_nothing() {
        let law = PowerLaw::new(1.5, Dimension::Infinite).unwrap();
        let exact = ExactLaw {
            beta: Ball::from_f64(1.5),
            target: None,
        };
        let share = Distance::new(&law, None, &exact).share(&law, None, &Monomial::power(1.0));
        assert_eq!(share, 0.0);
    }
}
