use proptest::prelude::*;

use crate::equivalent::{Chain, Fit, degrees, kappa};
use crate::spectrum::{Dimension, Spectrum, Target};

fn spectrum(beta: f64, d: Option<u64>) -> Spectrum {
    Spectrum::power_law(beta, d.map_or(Dimension::Infinite, Dimension::Finite)).unwrap()
}

fn written_out(spectrum: &Spectrum) -> Spectrum {
    Spectrum::from_eigenvalues(spectrum.eigenvalues(1 << 20).unwrap()).unwrap()
}

fn off(got: f64, want: f64) -> f64 {
    if got == want {
        0.0
    } else {
        (got / want - 1.0).abs()
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    let reader = csv::Reader::from_reader(table.as_bytes());
    reader.into_records().map(Result::unwrap)
}

fn law_of(row: &csv::StringRecord) -> Spectrum {
    let d = (&row[1] != "inf").then(|| row[1].parse().unwrap());
    spectrum(row[0].parse().unwrap(), d)
}

#[test]
fn kappa_agrees_with_thirty_digits() {
    let mut count = 0;
    let mut most_passes = 0;
    let mut worst = (0.0_f64, 0.0_f64);
    for row in rows(include_str!(
        "../../../fixtures/reference/power_law_kappa.csv"
    )) {
        let [samples, lambda, want, df1, df2, difference] =
            [2, 3, 4, 5, 6, 7].map(|i| row[i].parse::<f64>().unwrap());
        let sigma = law_of(&row);
        let got = kappa(&sigma, lambda, samples).unwrap_or_else(|e| panic!("{row:?}: {e}"));
        assert!(
            got.relative_error < 1e-13,
            "{row:?}: promises {:e}",
            got.relative_error
        );
        assert!(
            off(got.value, want) <= got.relative_error,
            "{row:?}: {}",
            got.value
        );
        worst.0 = worst.0.max(off(got.value, want));
        most_passes = most_passes.max(got.passes);
        // At the κ that is nearest the true one.
        let at = degrees(&sigma, want).unwrap();
        for (got, want) in [(at.df1, df1), (at.df2, df2), (at.difference, difference)] {
            assert!(
                off(got, want) <= at.relative_error,
                "{row:?}: {got} for {want}"
            );
            worst.1 = worst.1.max(off(got, want));
        }
        let ridge = samples * lambda / want;
        assert!(
            off(got.gap, difference + ridge) < 1e-13,
            "{row:?}: gap {}",
            got.gap
        );
        count += 1;
    }
    eprintln!(
        "κ {:e}, degrees {:e}, passes {most_passes}",
        worst.0, worst.1
    );
    assert!(count > 400, "only {count} rows");
    assert!(worst.0 < 5e-14 && worst.1 < 5e-15, "worst {worst:?}");
    assert!(most_passes <= 12, "{most_passes} passes");
}

#[test]
fn chains_agree_with_thirty_digits() {
    let mut count = 0;
    let (mut worst, mut most) = (0.0_f64, 0.0_f64);
    for row in rows(include_str!(
        "../../../fixtures/reference/power_law_chain.csv"
    )) {
        let mut fits: Vec<Fit> = row[3]
            .split_whitespace()
            .map(|fit| {
                let mut numbers = fit.split(':').map(|x| x.parse().unwrap());
                let mut next = || numbers.next().unwrap();
                Fit {
                    samples: next(),
                    noise: next(),
                    ridge: next(),
                }
            })
            .collect();
        let downstream = fits.pop().unwrap();
        let chain = Chain {
            generations: fits,
            downstream,
        };
        let target = match &row[2] {
            "" => Target::Isotropic { norm2: 2.0 },
            r => Target::Source {
                r: r.parse().unwrap(),
            },
        };
        let got = chain
            .predict(&law_of(&row), &target)
            .unwrap_or_else(|e| panic!("{row:?}: {e}"));
        let promised = got.relative_error;
        most = most.max(promised);
        for (got, i) in [(got.bias, 4), (got.variance, 5), (got.synthetic, 6)] {
            let want: f64 = row[i].parse().unwrap();
            worst = worst.max(off(got, want));
            assert!(off(got, want) <= promised, "{row:?}: {got} for {want}");
        }
        count += 1;
    }
    eprintln!("chain {worst:e}, promised {most:e}");
    assert!(count > 90, "only {count} rows");
    assert!(worst < 3e-14, "worst {worst:e}");
    assert!(most < 5e-12, "promises no better than {most:e}");
}

fn fits() -> impl Strategy<Value = Vec<Fit>> {
    let ridge = prop_oneof![Just(0.0), (-10.0..1.0f64).prop_map(|e| 10f64.powf(e))];
    let fit = (1.0..4000.0f64, 0.0..2.0f64, ridge);
    let fit = fit.prop_map(|(samples, noise, ridge)| Fit {
        samples,
        noise,
        ridge,
    });
    prop::collection::vec(fit, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Against every eigenvalue written out.
    #[test]
    fn kappa_is_that_of_the_same_spectrum_written_out(
        beta in prop_oneof![0.05..1.2f64, 1.0..3.0f64, 3.0..10.0f64],
        d in prop_oneof![1u64..300, 300u64..20_000],
        share in 0.001..1.5f64,
        whole in any::<bool>(),
        lambda in prop_oneof![Just(0.0), (-14.0..2.0f64).prop_map(|e| 10f64.powf(e))],
    ) {
        let mut samples = (d as f64 * share).max(0.1);
        if whole {
            samples = samples.ceil();
        }
        let sigma = spectrum(beta, Some(d));
        let got = kappa(&sigma, lambda, samples).unwrap();
        let want = kappa(&written_out(&sigma), lambda, samples).unwrap();
        prop_assert!(off(got.value, want.value) <= got.relative_error + want.relative_error);
        prop_assert!(got.relative_error < 1e-12, "{}", got.relative_error);
        prop_assert!(off(got.gap, want.gap) < 1e-12);
        if got.value > 0.0 {
            let (at, there) = (
                degrees(&sigma, got.value).unwrap(),
                degrees(&written_out(&sigma), got.value).unwrap(),
            );
            prop_assert!(off(at.complement, there.complement) < 3e-14);
            prop_assert!(off(at.df1, there.df1) < 3e-14);
        }
    }

    #[test]
    fn chains_are_those_of_the_same_spectrum_written_out(
        beta in prop_oneof![0.3..1.2f64, 1.0..3.0f64, 3.0..8.0f64],
        d in 1u64..6_000,
        fits in fits(),
        r in 0.02..2.0f64,
        kind in 0..3,
        index in 0.0..1.0f64,
    ) {
        let sigma = spectrum(beta, Some(d));
        let mut generations = fits;
        let downstream = generations.pop().unwrap();
        let chain = Chain { generations, downstream };
        let (target, masses) = match kind {
            0 => {
                let mass = |k: u64| (k as f64).powf(-(1.0 + beta * (2.0 * r - 1.0)));
                (Target::Source { r }, (1..=d).map(mass).collect())
            }
            1 => (Target::Isotropic { norm2: 3.0 }, vec![3.0 / d as f64; d as usize]),
            _ => {
                let index = 1 + (index * d as f64) as u64;
                let mut masses = vec![0.0; d as usize];
                masses[index as usize - 1] = 1.0;
                (Target::Axis { index }, masses)
            }
        };
        let got = chain.predict(&sigma, &target).unwrap();
        let masses = Target::Masses(masses);
        let want = chain.predict(&written_out(&sigma), &masses).unwrap();
        let bound = got.relative_error + want.relative_error + 1e-13;
        prop_assert!(off(got.bias, want.bias) < bound, "{} {}", got.bias, want.bias);
        prop_assert!(off(got.variance, want.variance) < bound);
        prop_assert!(off(got.synthetic, want.synthetic) < bound);
        let by_masses = chain.predict(&sigma, &masses).unwrap();
        prop_assert!(off(by_masses.bias, want.bias) < bound);
    }

    /// κ falls as samples grow, rises with the ridge and with the dimension, and solves its equation.
    #[test]
    fn kappa_is_monotone_and_solves_its_equation(
        beta in 1.02..9.0f64,
        d in prop_oneof![Just(None), (1000u64..(1 << 53)).prop_map(Some)],
        exponent in 0.0..15.0f64,
        lambda in prop_oneof![Just(0.0), (-30.0..3.0f64).prop_map(|e| 10f64.powf(e))],
    ) {
        let samples = 10f64.powf(exponent);
        let sigma = spectrum(beta, d);
        let at = |sigma: &Spectrum, lambda, samples| kappa(sigma, lambda, samples).unwrap().value;
        let here = at(&sigma, lambda, samples);
        prop_assert!(here >= lambda);
        prop_assume!(here > 0.0);
        prop_assert!(at(&sigma, lambda, samples * 1.01) <= here);
        prop_assert!(at(&sigma, lambda + 0.01 * here, samples) > here);
        prop_assert!(at(&spectrum(beta, None), lambda, samples) >= here * (1.0 - 1e-13));
        let df = degrees(&sigma, here).unwrap();
        let missing = samples * lambda / here;
        prop_assert!((df.df1 + missing - samples).abs() <= 1e-13 * samples);
    }
}

/// `df_1 = C κ^{-1/β} − 1/2 + Σ_j (−κ)^j ζ(−βj)` for β = 2, where every ζ(−2j), j ≥ 1, vanishes and what is left is exponentially
/// small: `κ = (π/2/(T + 1/2))²`.
#[test]
fn ridgeless_kappa_of_inverse_squares() {
    for samples in [20.0, 1e3, 1e8, 1e15] {
        let got = kappa(&spectrum(2.0, None), 0.0, samples).unwrap().value;
        let want = (std::f64::consts::FRAC_PI_2 / (samples + 0.5)).powi(2);
        assert!(off(got, want) < 5e-15, "T = {samples}: {got} {want}");
    }
}

/// A hundred poles of total order 202: longer head, shorter panels.
#[test]
fn long_chains_stay_accurate() {
    for (beta, d) in [(1.2, 60_000), (2.0, 60_000), (5.0, 20_000)] {
        let sigma = spectrum(beta, Some(d));
        let generations = (0..100)
            .map(|m| Fit {
                samples: 50.0 * f64::from(m + 2),
                noise: 0.1 * f64::from(m % 3),
                ridge: 1e-9 * f64::from(m % 2),
            })
            .collect();
        let downstream = Fit {
            samples: 1e4,
            noise: 0.3,
            ridge: 1e-4,
        };
        let chain = Chain {
            generations,
            downstream,
        };
        let r = 0.4;
        let mass = |k: u64| (k as f64).powf(-(1.0 + beta * (2.0 * r - 1.0)));
        let masses = Target::Masses((1..=d).map(mass).collect());
        let got = chain.predict(&sigma, &Target::Source { r }).unwrap();
        let want = chain.predict(&written_out(&sigma), &masses).unwrap();
        for (got, want) in [
            (got.bias, want.bias),
            (got.variance, want.variance),
            (got.synthetic, want.synthetic),
        ] {
            assert!(off(got, want) < 1e-12, "β {beta}: {got} {want}");
        }
    }
}
