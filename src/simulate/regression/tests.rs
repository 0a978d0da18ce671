use super::*;
use faer::Mat;
use proptest::prelude::*;

/// Minimum norm or ridge by the singular value decomposition: nothing in common with the algebra above.
fn naive_fit(x: &Mat<f64>, y: &Mat<f64>, shift: f64) -> Mat<f64> {
    let svd = x.thin_svd().unwrap();
    let (u, v) = (svd.U(), svd.V());
    let mut coordinates = u.transpose() * y;
    for i in 0..coordinates.nrows() {
        let s = svd.S()[i];
        coordinates[(i, 0)] *= s / (s * s + shift);
    }
    v * coordinates
}

fn spectrum(d: usize, beta: f64) -> (Vec<f64>, Vec<f64>) {
    let eigenvalues: Vec<f64> = (1..=d).map(|k| libm::pow(k as f64, -beta)).collect();
    let coefficients = (1..=d).map(|k| 1.0 / k as f64).collect();
    (eigenvalues, coefficients)
}

proptest! {
    /// On the same data, both parts of the deviation are those of the fit done naively.
    #[test]
    fn refit_is_ridge(
        d in 1usize..14,
        samples in 1u64..25,
        beta in 0.0..2.0f64,
        ridge in prop_oneof![Just(0.0), 1e-6..10.0f64],
        sigma in 0.0..2.0f64,
        whole in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let (eigenvalues, w0) = spectrum(d, beta);
        let scale: Vec<f64> = eigenvalues.iter().map(|s| s.sqrt()).collect();
        let mut stream = Stream::new(seed, 0, 0);
        let mut workspace = Workspace::default();
        if whole {
            workspace.design.draw_rows(&mut stream, Law::Uniform, &scale, samples, 1).unwrap();
        } else {
            workspace.design.draw_bartlett(&mut stream, &scale, samples, 1);
        }
        workspace.bias = (0..d).map(|_| stream.normal()).collect();
        workspace.noise = (0..d).map(|_| stream.normal()).collect();
        let fit = Fit { samples, noise: sigma, ridge };

        let design = &workspace.design;
        let p = design.p;
        let x = Mat::from_fn(p, d, |i, j| if j < design.first(i) { 0.0 } else { design.column(i)[j - design.first(i)] });
        let label = |w: &dyn Fn(usize) -> f64, e: f64| {
            let w = Mat::from_fn(d, 1, |j, _| w(j));
            let clean = &x * &w;
            Mat::from_fn(p, 1, |i, _| clean[(i, 0)] + e * design.z(0)[i])
        };
        let condition = x.singular_values().unwrap();
        let condition = condition[0] / condition[p.min(d) - 1];
        prop_assume!(condition < 1e5);
        let shift = fit.shift();
        let (b, e) = (workspace.bias.clone(), workspace.noise.clone());
        let expected_bias = naive_fit(&x, &label(&|j| w0[j] + b[j], 0.0), shift);
        let expected_noise = naive_fit(&x, &label(&|j| e[j], sigma), shift);

        workspace.factorise(&fit).unwrap();
        workspace.refit(&fit, 0, &w0);
        for j in 0..d {
            prop_assert!((workspace.bias[j] + w0[j] - expected_bias[(j, 0)]).abs() < 1e-14 * condition.max(10.0).powi(2));
            let tolerance = 1e-14 * condition.max(10.0).powi(2) * (1.0 + expected_noise[(j, 0)].abs());
            prop_assert!((workspace.noise[j] - expected_noise[(j, 0)]).abs() < tolerance);
        }
    }
}

/// The statistic of Kolmogorov and Smirnov for two samples of equal size, times √(N/2).
fn two_sample(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let n = a.len() as f64;
    let mut worst: f64 = 0.0;
    for &x in a.iter().chain(&b) {
        let below = |sample: &[f64]| sample.partition_point(|&y| y <= x) as f64;
        worst = worst.max((below(&a) - below(&b)).abs() / n);
    }
    worst * (0.5 * n).sqrt()
}

/// What the factor gives has the law of what the rows give: minimum norm and ridge, both sides of `T = d`, shared and
/// independent designs, one to three generations. √(N/2)D exceeds 2.4 with probability 2e-5.
#[test]
fn factor_and_rows_agree_in_law() {
    let d = 9;
    let (eigenvalues, coefficients) = spectrum(d, 1.2);
    let mut workspace = Workspace::default();
    let mut key = 0;
    for designs in [Designs::Independent, Designs::Shared] {
        for generations in [0usize, 1, 3] {
            for (samples0, ridge0) in [(5, 0.0), (14, 0.0), (5, 0.2), (14, 0.2), (9, 0.05)] {
                for (samples, ridge) in [(6, 0.0), (9, 0.0), (20, 0.0), (6, 0.1), (20, 0.1)] {
                    if generations == 0 && (samples0 != 5 || designs == Designs::Shared) {
                        continue;
                    }
                    key += 1;
                    let regression = Regression::new(
                        eigenvalues.clone(),
                        coefficients.clone(),
                        vec![
                            Fit {
                                samples: samples0,
                                noise: 0.3,
                                ridge: ridge0
                            };
                            generations
                        ],
                        designs,
                        Fit {
                            samples,
                            noise: 0.4,
                            ridge,
                        },
                    )
                    .unwrap();
                    let mut draw = |sampler, side| {
                        (0..3000)
                            .map(|i| {
                                let mut stream = Stream::new(side, key, i);
                                regression
                                    .replicate(sampler, &mut stream, &mut workspace)
                                    .unwrap()
                            })
                            .collect::<Vec<_>>()
                    };
                    let factor = draw(Sampler::Bartlett, 1);
                    let rows = draw(Sampler::Rows(Law::Gaussian), 2);
                    let parts: [fn(&Replicate) -> f64; 4] =
                        [|r| r.test_error, |r| r.bias, |r| r.noise, |r| r.cross];
                    for part in parts {
                        let statistic = two_sample(
                            factor.iter().map(part).collect(),
                            rows.iter().map(part).collect(),
                        );
                        assert!(
                            statistic < 2.4,
                            "{designs:?} n={generations} T0={samples0} λ0={ridge0} T={samples} λ={ridge}: {statistic}"
                        );
                    }
                }
            }
        }
    }
}

/// The laws of the rows have mean 0, variance 1 and their own fourth moment.
#[test]
fn laws_are_standardised() {
    let n = 400_000;
    // Fourth moments: 3, 1, 9/5, 3(ν−2)/(ν−4).
    for (law, fourth, eighth) in [
        (Law::Gaussian, 3.0, 105.0),
        (Law::Rademacher, 1.0, 1.0),
        (Law::Uniform, 1.8, 9.0),
        (Law::StudentT { degrees: 20.0 }, 3.375, 400.0),
    ] {
        let mut stream = Stream::new(8, 0, 0);
        let mut moments = [0.0; 3];
        for _ in 0..n {
            let x = law.draw(&mut stream);
            moments[0] += x / n as f64;
            moments[1] += x * x / n as f64;
            moments[2] += x * x * x * x / n as f64;
        }
        let se = |variance: f64| 4.0 * (variance / n as f64).sqrt() + 1e-9;
        assert!(moments[0].abs() < se(1.0), "{law:?}");
        assert!((moments[1] - 1.0).abs() < se(fourth - 1.0), "{law:?}");
        assert!(
            (moments[2] - fourth).abs() < se(eighth - fourth * fourth),
            "{law:?}"
        );
    }
    assert!(Law::StudentT { degrees: 2.0 }.check().is_err());
}
