use super::*;
use crate::equivalent::kappa;
use crate::spectrum::Spectrum;

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

#[test]
fn sweeps_are_what_each_ridge_gives_alone() {
    let spectra = [
        (1..=300)
            .map(|k| f64::from(k).powi(-2) * (1.0 + f64::from(k).sin().powi(2) / 10.0))
            .collect::<Vec<_>>(),
        // A gap, and a plateau.
        vec![1.0, 1.0, 1.0, 1e-9, 1e-9, 3e-10],
        (1..=3000).map(|k| f64::from(k).powf(-1.5)).collect(),
    ];
    for values in spectra {
        let d = values.len() as f64;
        let spectrum = Spectrum::from_eigenvalues(values).unwrap();
        let mut fits = Vec::new();
        for samples in [0.3 * d, d / 2.0, d * (1.0 - 1e-9), d, 3.0 * d] {
            // Dense, then sparse, none at all, twice the same, and in no order.
            fits.extend((0..400).map(|i| (10f64.powf(f64::from(i) / 50.0 - 7.0), samples)));
            // Within reach of one another, as a fine grid is.
            fits.extend((0..2000).map(|i| (1e-4 * (f64::from(i) * 2e-4).exp(), samples)));
            fits.extend((0..30).rev().map(|i| (10f64.powi(2 * i - 40), samples)));
            fits.extend([(0.0, samples), (1e-3, samples), (1e-3, samples)]);
        }
        let roots = kappas(&spectrum, &fits);
        assert_eq!(roots.len(), fits.len());
        for (&(lambda, samples), root) in fits.iter().zip(roots) {
            let alone = kappa(&spectrum, lambda, samples).unwrap();
            let value = root.unwrap();
            assert!(
                (value - alone.value).abs() <= 4e-15 * alone.value,
                "d = {d}, T = {samples}, λ = {lambda}: {value:e} in a sweep, {:e} alone",
                alone.value
            );
        }
    }
}

#[test]
fn sweeps_fail_where_alone_it_fails() {
    let spectrum = Spectrum::isotropic(10).unwrap();
    let fits = [
        (1.0, 5.0),
        (f64::NAN, 5.0),
        (2.0, 5.0),
        (1.0, 0.0),
        (1e308, 5.0),
    ];
    for (root, (lambda, samples)) in kappas(&spectrum, &fits).into_iter().zip(fits) {
        let alone = kappa(&spectrum, lambda, samples).map(|kappa| kappa.value);
        assert_eq!(root.is_ok(), alone.is_ok(), "λ = {lambda}, T = {samples}");
    }
}
