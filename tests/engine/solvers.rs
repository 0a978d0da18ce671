//! κ by another root finder: Brent's method, which needs no derivative, no convexity and no good start.

use proptest::prelude::*;
use resolvent::equivalent::kappa;
use resolvent::spectrum::Spectrum;
use roots::{Convergency, find_root_brent};

/// Close in `ln κ`, whatever the residual.
struct Close;

impl Convergency<f64> for Close {
    fn is_root_found(&mut self, y: f64) -> bool {
        y == 0.0
    }

    fn is_converged(&mut self, a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-14 * a.abs().max(1.0)
    }

    fn is_iteration_limit_reached(&mut self, iterations: usize) -> bool {
        iterations > 300
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn brent_finds_the_same_kappa(
        range in 0.0..40.0f64,
        levels in prop::collection::vec((0.0..1.0f64, 1u32..200), 1..8),
        lambda in prop_oneof![1 => Just(0.0), 3 => (-40.0..5.0f64).prop_map(|x| 10f64.powf(x))],
        size in -4.0..4.0f64,
    ) {
        let values: Vec<f64> = levels.iter().map(|(x, _)| 10f64.powf(-range * x)).collect();
        let multiplicities: Vec<f64> = levels.iter().map(|&(_, m)| f64::from(m)).collect();
        let (d, trace) = values
            .iter()
            .zip(&multiplicities)
            .fold((0.0, 0.0), |(d, trace), (s, m)| (d + m, trace + s * m));
        let samples = d * (size * size * size / 20.0).exp();
        prop_assume!(lambda > 0.0 || samples < d * (1.0 - 1e-9));

        let sum = |k: f64, power: i32| -> f64 {
            values.iter().zip(&multiplicities).map(|(s, m)| m * (s / (s + k)).powi(power)).sum()
        };
        let residual = |u: f64| 1.0 - lambda * (-u).exp() - sum(u.exp(), 1) / samples;
        let mut high = (lambda + trace / samples).ln();
        while residual(high) <= 0.0 {
            high += 1e-6;
        }
        let mut step = 1.0;
        let mut low = high - step;
        while residual(low) >= 0.0 {
            step *= 2.0;
            low -= step;
        }
        let root = find_root_brent(low, high, residual, &mut Close).expect("a bracketed root");

        let spectrum = Spectrum::atoms(values.clone(), multiplicities.clone()).unwrap();
        let ours = kappa(&spectrum, lambda, samples).unwrap().value;
        // Rounding moves the residual's zero by this much: little, unless df_1 is flat there.
        let slope = lambda / ours + (sum(ours, 1) - sum(ours, 2)) / samples;
        let tolerance = 1e-12 + 2e-15 / slope;
        prop_assume!(tolerance < 1e-3);
        prop_assert!((ours.ln() - root).abs() <= tolerance, "{} and {root}, slope {slope:e}", ours.ln());
    }
}
