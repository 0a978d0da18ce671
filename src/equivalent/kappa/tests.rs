use super::*;

/// The positive root of κ² − (λ + d/T − 1)κ − λ = 0, by whichever form does not cancel.
fn isotropic(lambda: f64, samples: f64, d: f64) -> f64 {
    let b = lambda + (d - samples) / samples;
    let root = (b * b + 4.0 * lambda).sqrt();
    if b >= 0.0 {
        (b + root) / 2.0
    } else {
        2.0 * lambda / (root - b)
    }
}

#[test]
fn isotropic_closed_form() {
    for d in [1u64, 7, 300, 1_000_000, 1 << 50] {
        for ratio in [1e-6, 0.1, 0.999, 1.0, 1.001, 3.0, 1e6] {
            for lambda in [0.0, 1e-200, 1e-12, 1e-3, 1.0, 1e9, 1e200] {
                let samples = d as f64 * ratio;
                let k = kappa(&Spectrum::isotropic(d).unwrap(), lambda, samples).unwrap();
                let expected = isotropic(lambda, samples, d as f64);
                assert!(
                    (k.value - expected).abs() <= 1e-14 * expected,
                    "d = {d}, T = {samples}, λ = {lambda}: {} against {expected}, {k:?}",
                    k.value
                );
            }
        }
    }
}

#[test]
fn long_steep_spectra_take_few_passes() {
    let d = 20_000;
    let values: Vec<f64> = (1..=d).map(|k| f64::from(k).powi(-4)).collect();
    let spectrum = Spectrum::from_eigenvalues(values).unwrap();
    for samples in [
        1000.0,
        2000.0,
        5000.0,
        19_000.0,
        19_999.0,
        20_000.0 * (1.0 - 1e-12),
    ] {
        for lambda in [0.0, 1e-30, 1e-10, 1.0, 1e10] {
            let k = kappa(&spectrum, lambda, samples).unwrap();
            assert!(k.passes <= 8, "{k:?}");
        }
    }
}
