//! Identities and inequalities that hold over the whole domain.

use proptest::prelude::*;
use resolvent::equivalent::{
    Chain, EquivalentError, Fit, Modes, bias, degrees, df, exact, kappa, rho, variance,
};
use resolvent::spectrum::{Monomial, Spectrum, SpectrumError, Target};

/// Up to eight levels over up to sixty orders of magnitude.
fn spectra() -> impl Strategy<Value = Spectrum> {
    (
        0.0..60.0f64,
        prop::collection::vec((0.0..1.0f64, 1u32..200), 1..8),
    )
        .prop_map(|(range, levels)| {
            let (values, multiplicities) = levels
                .iter()
                .map(|&(x, m)| (10f64.powf(-range * x), f64::from(m)))
                .unzip();
            Spectrum::atoms(values, multiplicities).unwrap()
        })
}

fn ridges() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 4 => (-70.0..10.0f64).prop_map(|x| 10f64.powf(x))]
}

/// Sample sizes around the dimension as well as far from it.
fn size(spectrum: &Spectrum, x: f64) -> f64 {
    let d = spectrum.dimension().as_f64();
    d * (x * x * x / 20.0).exp()
}

fn sizes() -> impl Strategy<Value = f64> {
    -4.0..4.0f64
}

fn close(a: f64, b: f64, tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert!(
        (a - b).abs() <= tolerance * a.abs().max(b.abs()),
        "{a:e} and {b:e}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn kappa_solves_its_equation(spectrum in spectra(), lambda in ridges(), x in sizes()) {
        let samples = size(&spectrum, x);
        let k = kappa(&spectrum, lambda, samples).unwrap();
        let total = spectrum.total().unwrap().value;
        prop_assert!(k.value >= lambda * (1.0 - 1e-13));
        prop_assert!(k.value <= (lambda + total / samples) * (1.0 + 1e-13));
        if k.value > 0.0 {
            // T = df_1(κ) + Tλ/κ, by a sum that shares nothing with the solver's.
            let df1 = df(&spectrum, 1.0, k.value).unwrap().value;
            close(samples, df1 + samples * (lambda / k.value), 1e-13)?;
        } else {
            prop_assert!(lambda == 0.0 && samples >= spectrum.dimension().as_f64());
        }
    }

    #[test]
    fn kappa_grows_with_the_ridge_and_shrinks_with_the_sample(
        spectrum in spectra(), lambda in ridges(), x in sizes(), factor in 1.01..10.0f64
    ) {
        let samples = size(&spectrum, x);
        let here = kappa(&spectrum, lambda, samples).unwrap().value;
        // A step in λ moves κ by at least as much.
        let step = 0.01 * (factor - 1.0) * (here + 1e-60);
        let more_ridge = kappa(&spectrum, lambda + step, samples).unwrap().value;
        let more_samples = kappa(&spectrum, lambda, samples * factor).unwrap().value;
        prop_assert!(more_ridge >= (here + step) * (1.0 - 1e-13));
        prop_assert!(more_samples <= here * (1.0 + 1e-13));
        prop_assert!(lambda > 0.0 || here == 0.0 || more_samples < here);
    }

    #[test]
    fn scaling_the_covariance_scales_kappa(
        spectrum in spectra(), lambda in ridges(), x in sizes(), scale in -200..200i32
    ) {
        let samples = size(&spectrum, x);
        let Spectrum::Atoms(atoms) = &spectrum else { unreachable!() };
        let scale = 2f64.powi(scale);
        let values = atoms.values().iter().map(|s| s * scale).collect();
        let scaled = Spectrum::atoms(values, atoms.multiplicities().to_vec()).unwrap();
        let here = kappa(&spectrum, lambda, samples).unwrap();
        let there = kappa(&scaled, lambda * scale, samples).unwrap();
        // A power of two changes no bit but the exponents.
        close(there.value, here.value * scale, 1e-14)?;
        close(there.gap, here.gap, 1e-13)?;
    }

    #[test]
    fn merged_atoms_and_written_out_eigenvalues_agree(spectrum in spectra(), lambda in ridges(), x in sizes()) {
        let samples = size(&spectrum, x);
        let apart: Vec<f64> = spectrum
            .eigenvalues(10_000)
            .unwrap()
            .iter()
            .enumerate()
            // Distinct, and no further apart than rounding is large.
            .map(|(i, s)| s * (1.0 + f64::EPSILON * (i % 2) as f64))
            .collect();
        let here = kappa(&spectrum, lambda, samples).unwrap();
        let there = kappa(&Spectrum::from_eigenvalues(apart).unwrap(), lambda, samples).unwrap();
        close(here.value, there.value, 2e-14)?;
    }

    #[test]
    fn derivatives_are_difference_quotients(spectrum in spectra(), lambda in -3.0..3.0f64, x in sizes()) {
        let (lambda, samples) = (10f64.powf(lambda), size(&spectrum, x));
        let k = kappa(&spectrum, lambda, samples).unwrap();
        let h = 1e-5;
        let at = |lambda, samples| kappa(&spectrum, lambda, samples).unwrap().value;
        let in_lambda = (at(lambda * (1.0 + h), samples) - at(lambda * (1.0 - h), samples)) / (2.0 * h * lambda);
        let in_samples = (at(lambda, samples * (1.0 + h)) - at(lambda, samples * (1.0 - h))) / (2.0 * h * samples);
        // κ bends near T = d over a relative width of √λ; its rounding is magnified by 1/h.
        let rounding = |derivative: f64, x: f64| 1e-6 + 2e-14 / h * (k.value / (derivative * x)).abs();
        let exact = k.derivative_in_lambda().unwrap();
        close(in_lambda, exact, rounding(exact, lambda))?;
        prop_assert!(exact >= 1.0 - 3e-14);
        let exact = k.derivative_in_samples().unwrap();
        prop_assert!((in_samples - exact).abs() <= rounding(exact, samples) * exact.abs());
    }

    #[test]
    fn degrees_agree_with_plain_sums(spectrum in spectra(), kappa in -60.0..5.0f64) {
        let kappa = 10f64.powf(kappa);
        let at = degrees(&spectrum, kappa).unwrap();
        close(at.df1, df(&spectrum, 1.0, kappa).unwrap().value, 1e-14)?;
        close(at.df2, df(&spectrum, 2.0, kappa).unwrap().value, 1e-14)?;
        let complement = spectrum.trace(&Monomial::power(0.0).over(kappa, 1.0)).unwrap().value * kappa;
        close(at.complement, complement, 1e-14)?;
        let difference = spectrum.trace(&Monomial::power(1.0).over(kappa, 2.0)).unwrap().value * kappa;
        close(at.difference, difference, 1e-14)?;
    }

    #[test]
    fn no_generations_is_the_clean_fit(
        spectrum in spectra(), lambda in ridges(), x in sizes(), noise in 0.0..2.0f64, norm2 in 0.1..10.0f64
    ) {
        let samples = size(&spectrum, x);
        prop_assume!(samples != spectrum.dimension().as_f64());
        let target = Target::Isotropic { norm2 };
        let prediction = Chain::clean(Fit { samples, noise, ridge: lambda }).predict(&spectrum, &target).unwrap();
        let k = kappa(&spectrum, lambda, samples).unwrap();
        prop_assert_eq!(prediction.synthetic, 0.0);
        // Proposition 4.2, term by term from sums that share nothing with the recursion.
        let signal = spectrum.quadratic(&Monomial::power(1.0).over(k.value, 2.0), &target).unwrap().value;
        let expected = if k.value == 0.0 { 0.0 } else { k.value * (k.value * signal) * (samples / k.gap) };
        close(prediction.bias, expected, 1e-13)?;
        close(prediction.bias, bias(&spectrum, &target, lambda, samples).unwrap(), 1e-14)?;
        close(prediction.variance, noise * noise * k.df2 / k.gap, 1e-13)?;
        close(prediction.variance, variance(&spectrum, noise, lambda, samples).unwrap(), 1e-13)?;
    }

    #[test]
    fn one_generation_is_the_printed_rho(spectrum in spectra(), lambda in ridges(), x in sizes(), y in sizes()) {
        let (samples, first) = (size(&spectrum, x), size(&spectrum, y));
        let d = spectrum.dimension().as_f64();
        prop_assume!(first > d && samples != d);
        let k = kappa(&spectrum, lambda, samples).unwrap();
        let fluctuation = if k.value == 0.0 {
            0.0
        } else {
            k.value * (k.value * spectrum.trace(&Monomial::power(0.0).over(k.value, 2.0)).unwrap().value)
                * (k.df2 / k.gap)
        };
        close(rho(&spectrum, lambda, samples, first).unwrap(), (k.df2 + fluctuation) / (first - d), 1e-13)?;
    }

    #[test]
    fn enough_data_without_ridge_changes_nothing_but_noise(
        spectrum in spectra(), lambda in ridges(), x in sizes(), more in 1.01..9.0f64
    ) {
        let d = spectrum.dimension().as_f64();
        let samples = size(&spectrum, x);
        prop_assume!(samples != d);
        let target = Target::Isotropic { norm2: 1.0 };
        let downstream = Fit { samples, noise: 0.5, ridge: lambda };
        let generation = Fit { samples: d * more, noise: 0.0, ridge: 0.0 };
        let clean = Chain::clean(downstream).predict(&spectrum, &target).unwrap();
        let chain = Chain::independent(3, generation, downstream).predict(&spectrum, &target).unwrap();
        prop_assert_eq!(clean.test_error, chain.test_error);
    }

    #[test]
    fn isotropic_minimum_norm_chains_are_near_their_exact_finite_size(
        ratios in prop::collection::vec(0.05..0.9f64, 1..6), n_over in 0..3u64, norm2 in 0.1..4.0f64
    ) {
        // Everything the equivalent misses is of order 1/d, so a huge dimension shows any wrong term.
        let d = 1_000_000_000u64;
        let spectrum = Spectrum::isotropic(d).unwrap();
        let mut sizes: Vec<u64> = ratios.iter().map(|r| (r * d as f64) as u64).collect();
        sizes.extend((0..n_over).map(|i| d * (i + 2)));
        let downstream = sizes.remove(0);
        let fits: Vec<_> = sizes.iter().map(|&samples| exact::Fit { samples, noise: 0.3 }).collect();
        let expected =
            exact::isotropic_chain(d, norm2, &fits, exact::Fit { samples: downstream, noise: 0.2 }).unwrap();
        let chain = Chain {
            generations: sizes.iter().map(|&t| Fit { samples: t as f64, noise: 0.3, ridge: 0.0 }).collect(),
            downstream: Fit { samples: downstream as f64, noise: 0.2, ridge: 0.0 },
        };
        let got = chain.predict(&spectrum, &Target::Isotropic { norm2 }).unwrap();
        close(got.bias, expected.bias, 1e-12)?;
        close(got.variance, expected.variance, 1e-7)?;
        close(got.synthetic, expected.synthetic, 1e-7)?;
    }

    #[test]
    fn modes_may_be_split(spectrum in spectra(), x in sizes(), lambda in ridges(), share in 0.1..0.9f64) {
        let samples = size(&spectrum, x);
        prop_assume!(samples != spectrum.dimension().as_f64());
        let Spectrum::Atoms(atoms) = &spectrum else { unreachable!() };
        let fit = Fit { samples, noise: 1.0, ridge: lambda };
        let chain = Chain::independent(2, fit, fit);
        let mass = Target::Isotropic { norm2: 3.0 }.masses(atoms).unwrap();
        let kappas = chain.kappas(|lambda, samples| kappa(&spectrum, lambda, samples)).unwrap();
        let whole = chain.predict_modes(&Modes::of_atoms(atoms, &mass).unwrap(), &kappas).unwrap();
        let split = |x: &[f64], y: f64| -> Vec<f64> {
            x.iter().map(|x| x * y).chain(x.iter().map(|x| x * (1.0 - y))).collect()
        };
        let values: Vec<f64> = atoms.values().iter().chain(atoms.values()).copied().collect();
        let (multiplicity, mass) = (split(atoms.multiplicities(), share), split(&mass, 1.0 - share));
        let modes = Modes::new(&values, &multiplicity, &mass, 1e-3).unwrap();
        let apart = chain.predict_modes(&modes, &kappas).unwrap();
        close(whole.bias, apart.bias, 1e-13)?;
        close(whole.variance, apart.variance, 1e-13)?;
        close(whole.synthetic, apart.synthetic, 1e-13)?;
        prop_assert!(apart.relative_error >= 1e-3);
    }
}

/// More distinct eigenvalues than are solved directly: clouds between gaps, powers, exponentials.
fn long_spectra() -> impl Strategy<Value = Vec<f64>> {
    let cloud = (-20.0..0.0f64, 1e-6..3.0f64, 1..3000usize);
    prop_oneof![
        prop::collection::vec(cloud, 1..6).prop_map(|clouds| {
            let cloud = |(place, width, n): (f64, f64, usize)| {
                (0..n).map(move |i| {
                    10f64.powf(place - width * (i as f64 * 0.618_033_988_749).fract())
                })
            };
            clouds
                .into_iter()
                .flat_map(cloud)
                .chain((0..1500).map(|i| 1e-3 + 1e-7 * f64::from(i)))
                .collect()
        }),
        (0.3..9.0f64).prop_map(|beta| (1..=4000).map(|k| f64::from(k).powf(-beta)).collect()),
        (1e-5..0.1f64).prop_map(|rate| (1..=4000).map(|k| (-rate * f64::from(k)).exp()).collect()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn long_spectra_take_few_passes(values in long_spectra(), lambda in ridges(), x in sizes()) {
        let spectrum = Spectrum::from_eigenvalues(values).unwrap();
        let samples = size(&spectrum, x);
        let k = kappa(&spectrum, lambda, samples).unwrap();
        prop_assert!(k.passes <= 8, "{:?}", k);
        if k.value > 0.0 {
            let df1 = df(&spectrum, 1.0, k.value).unwrap().value;
            close(samples, df1 + samples * (lambda / k.value), 1e-13)?;
        }
    }
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let values: Vec<f64> = (1..=300_000).map(|k| f64::from(k).powf(-1.3)).collect();
    let spectrum = Spectrum::from_eigenvalues(values).unwrap();
    let solve = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| kappa(&spectrum, 1e-7, 12_345.0).unwrap())
    };
    let one = solve(1);
    assert!(one.passes <= 4, "{one:?}");
    for threads in [2, 3, 8] {
        assert_eq!(solve(threads), one);
    }
}

#[test]
fn long_spectra_with_gaps_and_plateaus() {
    // Two clouds twelve orders apart, more than 4096 distinct values: T at, in and around the gap.
    let cloud = |scale: f64| (0..10_000).map(move |i| scale * (1.0 + f64::from(i) * 1e-5));
    let spectrum = Spectrum::from_eigenvalues(cloud(1.0).chain(cloud(1e-12)).collect()).unwrap();
    for samples in [
        0.5,
        5e3,
        9_999.999,
        1e4,
        1e4 + 1e-3,
        1.5e4,
        2e4 - 1e-6,
        2e4,
        3e4,
    ] {
        for lambda in [0.0, 1e-20, 1e-6] {
            let k = kappa(&spectrum, lambda, samples).unwrap();
            assert!(k.passes <= 8, "{k:?}");
            if k.value > 0.0 {
                let df1 = df(&spectrum, 1.0, k.value).unwrap().value;
                let back = df1 + samples * (lambda / k.value);
                assert!((back / samples - 1.0).abs() < 1e-13, "{k:?}");
            }
        }
    }
}

#[test]
fn the_interpolation_threshold_is_an_error_only_for_noise() {
    let spectrum = Spectrum::two_level(1.0, 3, 0.1, 4).unwrap();
    let target = Target::Isotropic { norm2: 1.0 };
    let at = |noise| Fit {
        samples: 7.0,
        noise,
        ridge: 0.0,
    };
    let threshold = EquivalentError::InterpolationThreshold { samples: 7.0 };
    assert_eq!(
        Chain::clean(at(0.1)).predict(&spectrum, &target),
        Err(threshold.clone())
    );
    assert_eq!(variance(&spectrum, 0.1, 0.0, 7.0), Err(threshold.clone()));
    assert_eq!(
        kappa(&spectrum, 0.0, 7.0).unwrap().derivative_in_lambda(),
        Err(threshold)
    );
    assert_eq!(
        Chain::clean(at(0.0))
            .predict(&spectrum, &target)
            .unwrap()
            .test_error,
        0.0
    );
    assert_eq!(variance(&spectrum, 0.0, 0.0, 7.0), Ok(0.0));
}

#[test]
fn wrong_input_is_a_typed_error() {
    let spectrum = Spectrum::isotropic(5).unwrap();
    let target = Target::Isotropic { norm2: 1.0 };
    for lambda in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            kappa(&spectrum, lambda, 3.0),
            Err(EquivalentError::Ridge { .. })
        ));
    }
    for samples in [0.0, -2.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            kappa(&spectrum, 1.0, samples),
            Err(EquivalentError::Samples { .. })
        ));
    }
    for noise in [-1.0, f64::NAN, f64::INFINITY] {
        let chain = Chain::clean(Fit {
            samples: 9.0,
            noise,
            ridge: 0.0,
        });
        assert!(matches!(
            chain.predict(&spectrum, &target),
            Err(EquivalentError::Noise { .. })
        ));
        assert!(matches!(
            variance(&spectrum, noise, 0.0, 9.0),
            Err(EquivalentError::Noise { .. })
        ));
        assert!(matches!(
            Chain::shared(9.0, &[1.0, noise], 0.0, chain.downstream),
            Err(EquivalentError::Noise { .. })
        ));
    }
    assert!(matches!(
        df(&spectrum, 1.0, -1.0),
        Err(EquivalentError::NegativeKappa { .. })
    ));
    assert!(matches!(
        df(&spectrum, f64::NAN, 1.0),
        Err(EquivalentError::Spectrum(_))
    ));
    assert_eq!(kappa(&spectrum, 1e308, 3.0), Err(EquivalentError::Overflow));
    // κ = λT/(T − d) would be subnormal.
    assert_eq!(
        kappa(&spectrum, 1e-310, 1e3),
        Err(EquivalentError::Underflow)
    );
    let huge = Chain::clean(Fit {
        samples: 9.0,
        noise: 1e200,
        ridge: 0.0,
    });
    assert_eq!(
        huge.predict(&spectrum, &target),
        Err(EquivalentError::ResultOverflow)
    );
    let downstream = Fit {
        samples: 9.0,
        noise: 1.0,
        ridge: 0.0,
    };
    assert_eq!(
        Chain::shared(9.0, &[1.0, 1.0], 0.1, downstream),
        Err(EquivalentError::SharedRidge { lambda: 0.1 })
    );
    let mass = Target::Masses(vec![1.0, 2.0]);
    assert_eq!(
        Chain::clean(downstream).predict(&spectrum, &mass),
        Err(EquivalentError::Spectrum(SpectrumError::MassCount {
            masses: 2,
            atoms: 1
        }))
    );
}

#[test]
fn shared_designs_are_one_fit_with_the_variances_added() {
    let spectrum = Spectrum::two_level(1.0, 30, 0.01, 50).unwrap();
    let target = Target::Isotropic { norm2: 1.0 };
    let downstream = Fit {
        samples: 200.0,
        noise: 0.1,
        ridge: 1e-3,
    };
    let shared = Chain::shared(40.0, &[0.3, 0.4], 0.0, downstream).unwrap();
    let single = Chain::independent(
        1,
        Fit {
            samples: 40.0,
            noise: 0.5,
            ridge: 0.0,
        },
        downstream,
    );
    let (shared, single) = (
        shared.predict(&spectrum, &target).unwrap(),
        single.predict(&spectrum, &target).unwrap(),
    );
    assert!((shared.test_error / single.test_error - 1.0).abs() < 1e-14);
    let none = Chain::shared(40.0, &[], 0.0, downstream).unwrap();
    assert_eq!(none, Chain::clean(downstream));
}
