use super::*;
use crate::equivalent::{Chain, Fit};
use crate::spectrum::{Spectrum, Target};
use proptest::prelude::*;

fn fit(samples: u64, noise: f64, ridge: f64) -> Fit {
    Fit {
        samples: samples as f64,
        noise,
        ridge,
    }
}

fn designs(fits: &[Fit]) -> Vec<Design> {
    fits.iter().map(|f| Design::single(f).unwrap()).collect()
}

/// A ridge that hardly acts leaves what the ridgeless formulas say.
#[test]
fn the_ridgeless_limit() {
    for (t, d) in [(9, 5), (5, 9), (60, 40), (40, 60)] {
        let exact = action(d, 1.0, &designs(&[fit(t, 0.7, 0.0)])[0]).unwrap();
        let near = action(d, 1.0, &designs(&[fit(t, 0.7, 1e-13)])[0]).unwrap();
        assert!((exact.kept / near.kept - 1.0).abs() < 1e-9);
        assert!((exact.noise / near.noise - 1.0).abs() < 1e-9);
        assert!((exact.forgotten - near.forgotten).abs() < 1e-9);
    }
}

/// Large sizes meet the deterministic equivalent, at a distance of order 1/T.
#[test]
fn the_equivalent_is_the_limit() {
    let distance = |scale: u64| {
        let fits = [
            fit(2 * scale, 0.5, 0.3),
            fit(scale / 2, 0.2, 0.01),
            fit(3 * scale, 0.4, 0.1),
        ];
        let chain_ = Chain {
            generations: fits[..2].to_vec(),
            downstream: fits[2],
        };
        let equivalent = chain_
            .predict(
                &Spectrum::isotropic(scale).unwrap(),
                &Target::Isotropic { norm2: 1.0 },
            )
            .unwrap();
        let (exact, _) = chain(scale, 1.0, 1.0, &designs(&fits)).unwrap();
        [
            equivalent.bias / exact.bias - 1.0,
            equivalent.variance / exact.variance - 1.0,
            equivalent.synthetic / exact.synthetic - 1.0,
        ]
    };
    let (small, large) = (distance(50), distance(400));
    for (s, l) in small.iter().zip(large) {
        assert!(l.abs() < 2e-3, "{small:?} {large:?}");
        // At least as fast as 1/T, but for the constant.
        assert!(l.abs() < 0.2 * s.abs(), "{small:?} {large:?}");
    }
}

/// One fit on `sI` is the fit on `I` with its ridge divided by `s`.
#[test]
fn the_scale_of_the_inputs() {
    let (a, _) = chain(6, 4.0, 1.0, &designs(&[fit(9, 0.5, 0.8)])).unwrap();
    let (b, _) = chain(6, 1.0, 4.0, &designs(&[fit(9, 0.5, 0.2)])).unwrap();
    assert!((a.test_error / b.test_error - 1.0).abs() < 1e-13);
}

proptest! {
    /// `β + 2δ + γ = 1`, computed as three sums.
    #[test]
    fn the_parts_make_a_whole(t in 1u64..40, d in 1u64..40, exponent in -6.0f64..3.0) {
        let design = &designs(&[fit(t, 1.0, 10f64.powf(exponent))])[0];
        let a = action(d, 1.0, design).unwrap();
        prop_assert!((a.kept + 2.0 * a.mixed + a.forgotten - 1.0).abs() < 1e-12);
        prop_assert!(a.relative_error < 1e-11);
    }
}
