//! Regressions drawn at random, dense and literal, against the equivalents and the exact formulas.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resolvent::equivalent::{Chain, Fit, TwoMatrix, exact};
use resolvent::spectrum::{Spectrum, Target};

struct Normal(ChaCha8Rng);

impl Normal {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Box and Muller's transform of one uniform on (0, 1] and one on [0, 1).
    fn draw(&mut self) -> f64 {
        let unit = |x: u64| (x >> 11) as f64 / (1u64 << 53) as f64;
        let radius = (-2.0 * (1.0 - unit(self.0.next_u64())).ln()).sqrt();
        radius * (std::f64::consts::TAU * unit(self.0.next_u64())).cos()
    }

    fn design(&mut self, rows: usize, eigenvalues: &[f64]) -> Mat<f64> {
        Mat::from_fn(rows, eigenvalues.len(), |_, j| {
            eigenvalues[j].sqrt() * self.draw()
        })
    }
}

/// `(X'X/T + λ)^{-1}X'y/T`, minimum norm at `λ = 0`.
fn fit(x: &Mat<f64>, y: &Mat<f64>, lambda: f64) -> Mat<f64> {
    let (t, d) = (x.nrows(), x.ncols());
    let ridge = lambda * t as f64;
    if t >= d || lambda > 0.0 {
        let gram = x.transpose() * x + ridge * Mat::<f64>::identity(d, d);
        gram.llt(Side::Lower).unwrap().solve(x.transpose() * y)
    } else {
        let gram = x * x.transpose();
        x.transpose() * gram.llt(Side::Lower).unwrap().solve(y)
    }
}

struct Experiment {
    eigenvalues: Vec<f64>,
    coefficients: Vec<f64>,
    chain: Chain,
    /// Generations refit on one design.
    shared: Option<usize>,
}

impl Experiment {
    fn run(&self, normal: &mut Normal) -> f64 {
        let d = self.eigenvalues.len();
        let truth = Mat::from_fn(d, 1, |i, _| self.coefficients[i]);
        let mut w = truth.clone();
        let refit = |w: &Mat<f64>, x: &Mat<f64>, fitted: &Fit, normal: &mut Normal| {
            let y = x * w + Mat::from_fn(x.nrows(), 1, |_, _| fitted.noise * normal.draw());
            fit(x, &y, fitted.ridge)
        };
        match self.shared {
            Some(n) => {
                let generation = &self.chain.generations[0];
                let x = normal.design(generation.samples as usize, &self.eigenvalues);
                // The chain holds the one fit that the n refits amount to.
                let each = Fit {
                    noise: generation.noise / (n as f64).sqrt(),
                    ..*generation
                };
                for _ in 0..n {
                    w = refit(&w, &x, &each, normal);
                }
            }
            None => {
                for generation in &self.chain.generations {
                    let x = normal.design(generation.samples as usize, &self.eigenvalues);
                    w = refit(&w, &x, generation, normal);
                }
            }
        }
        let x = normal.design(self.chain.downstream.samples as usize, &self.eigenvalues);
        w = refit(&w, &x, &self.chain.downstream, normal);
        (0..d)
            .map(|i| self.eigenvalues[i] * (w[(i, 0)] - truth[(i, 0)]).powi(2))
            .sum()
    }

    /// Mean and standard error of the mean.
    fn simulate(&self, replicates: u32, seed: u64) -> (f64, f64) {
        let mut normal = Normal::new(seed);
        let errors: Vec<f64> = (0..replicates).map(|_| self.run(&mut normal)).collect();
        mean(&errors)
    }

    fn predicted(&self) -> f64 {
        let spectrum = Spectrum::from_eigenvalues(self.eigenvalues.clone()).unwrap();
        let Spectrum::Atoms(atoms) = &spectrum else {
            unreachable!()
        };
        let mut masses = vec![0.0; atoms.values().len()];
        for (s, c) in self.eigenvalues.iter().zip(&self.coefficients) {
            masses[atoms.values().iter().position(|v| v == s).unwrap()] += c * c;
        }
        self.chain
            .predict(&spectrum, &Target::Masses(masses))
            .unwrap()
            .test_error
    }
}

fn mean(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Four standard errors, and `finite_size` of the value for what an equivalent misses at this dimension.
fn assert_agree((mean, error): (f64, f64), expected: f64, finite_size: f64, what: &str) {
    println!(
        "{what}: simulated {mean:.6} ± {error:.6}, expected {expected:.6}, z = {:.2}",
        (mean - expected) / error
    );
    assert!(
        error < 0.03 * expected,
        "{what}: a standard error too large to see anything"
    );
    assert!(
        (mean - expected).abs() <= 4.0 * error + finite_size * expected,
        "{what}: simulated {mean} ± {error}, expected {expected}"
    );
}

fn fit_on(samples: f64, noise: f64, ridge: f64) -> Fit {
    Fit {
        samples,
        noise,
        ridge,
    }
}

/// A spectrum over two orders of magnitude, and coefficients that are not the same in every direction.
fn uneven(d: usize) -> (Vec<f64>, Vec<f64>) {
    (1..=d)
        .map(|k| {
            (
                (k as f64 / 4.0).powf(-1.2).min(1.0),
                1.0 / (k as f64).sqrt(),
            )
        })
        .unzip()
}

#[test]
fn equivalents_describe_chains_of_every_kind() {
    let d = 80;
    let (eigenvalues, coefficients) = uneven(d);
    let downstream = fit_on(120.0, 0.3, 0.01);
    for (what, chain, shared) in [
        ("clean ridge", Chain::clean(downstream), None),
        (
            "clean minimum norm",
            Chain::clean(fit_on(30.0, 0.3, 0.0)),
            None,
        ),
        (
            "enough data",
            Chain::independent(3, fit_on(200.0, 0.3, 0.0), downstream),
            None,
        ),
        (
            "too little data, noise",
            Chain::independent(3, fit_on(40.0, 0.3, 0.0), downstream),
            None,
        ),
        (
            "ridge in every generation",
            Chain::independent(4, fit_on(60.0, 0.4, 0.05), downstream),
            None,
        ),
        (
            "mixed schedule",
            Chain {
                generations: vec![
                    fit_on(160.0, 0.2, 0.0),
                    fit_on(50.0, 0.5, 0.0),
                    fit_on(70.0, 0.1, 0.02),
                ],
                downstream: fit_on(40.0, 0.3, 0.0),
            },
            None,
        ),
        (
            "shared design, too little data",
            Chain::shared(40.0, &[0.3; 4], 0.0, downstream).unwrap(),
            Some(4),
        ),
        (
            "shared design, enough data",
            Chain::shared(160.0, &[0.3; 4], 0.0, fit_on(40.0, 0.3, 0.0)).unwrap(),
            Some(4),
        ),
    ] {
        let experiment = Experiment {
            eigenvalues: eigenvalues.clone(),
            coefficients: coefficients.clone(),
            chain,
            shared,
        };
        assert_agree(
            experiment.simulate(400, 7),
            experiment.predicted(),
            2.0 / d as f64,
            what,
        );
    }
}

#[test]
fn exact_formulas_hold_at_tiny_sizes() {
    // At d = 8 the equivalents are off by tens of standard errors; the exact formulas are not.
    let d = 8;
    let (eigenvalues, coefficients) = uneven(d);
    let ols = |samples| exact::Fit {
        samples,
        noise: 0.5,
    };
    let under = Experiment {
        eigenvalues,
        coefficients,
        chain: Chain::independent(2, fit_on(16.0, 0.5, 0.0), fit_on(20.0, 0.5, 0.0)),
        shared: None,
    };
    let expected = exact::ols_chain(d as u64, &[ols(16), ols(16)], ols(20))
        .unwrap()
        .test_error;
    let simulated = under.simulate(20_000, 11);
    assert_agree(simulated, expected, 0.0, "least squares, d = 8");
    assert!((simulated.0 - under.predicted()).abs() > 10.0 * simulated.1);

    let d = 12;
    let isotropic = |chain, shared| Experiment {
        eigenvalues: vec![1.0; d],
        coefficients: vec![0.5; d],
        chain,
        shared,
    };
    let fit = |samples, noise| exact::Fit { samples, noise };
    let norm2 = 0.25 * d as f64;
    let chain = Chain {
        generations: vec![
            fit_on(5.0, 0.5, 0.0),
            fit_on(20.0, 0.5, 0.0),
            fit_on(7.0, 0.5, 0.0),
        ],
        downstream: fit_on(6.0, 0.3, 0.0),
    };
    let generations = [fit(5, 0.5), fit(20, 0.5), fit(7, 0.5)];
    let expected = exact::isotropic_chain(d as u64, norm2, &generations, fit(6, 0.3)).unwrap();
    assert_agree(
        isotropic(chain, None).simulate(20_000, 12),
        expected.test_error,
        0.0,
        "isotropic minimum norm, d = 12",
    );
    let shared = Chain::shared(5.0, &[0.5; 3], 0.0, fit_on(18.0, 0.3, 0.0)).unwrap();
    let expected =
        exact::isotropic_shared_chain(d as u64, norm2, 5, &[0.5; 3], fit(18, 0.3)).unwrap();
    assert_agree(
        isotropic(shared, Some(3)).simulate(20_000, 13),
        expected.test_error,
        0.0,
        "isotropic minimum norm, shared design, d = 12",
    );
}

#[test]
fn equivalents_with_two_matrices_that_do_not_commute() {
    let d = 60;
    let mut normal = Normal::new(3);
    let eigenvalues: Vec<f64> = (1..=d).map(|k| 10.0 / k as f64).collect();
    let root = {
        let g = Mat::from_fn(d, d, |_, _| normal.draw());
        let basis = g.qr().compute_Q();
        &basis
            * Mat::from_fn(
                d,
                d,
                |i, j| if i == j { eigenvalues[i].sqrt() } else { 0.0 },
            )
            * basis.transpose()
    };
    let sigma = &root * root.transpose();
    // Not symmetric, not commuting, with traces of either sign and a size of order d.
    let a = Mat::from_fn(
        d,
        d,
        |i, j| if i == j { 1.0 } else { 0.0 } + 0.1 * normal.draw(),
    );
    let b = Mat::from_fn(
        d,
        d,
        |i, j| if i == j { (i % 3) as f64 } else { 0.0 } + 0.1 * normal.draw(),
    );
    let trace = |m: Mat<f64>| (0..d).map(|i| m[(i, i)]).sum::<f64>();
    for (samples, lambda) in [(40, 0.3), (90, 0.1)] {
        let theory = TwoMatrix::new(sigma.as_ref(), lambda, samples as f64).unwrap();
        let mut simulated = [const { Vec::new() }; 4];
        for _ in 0..300 {
            let z = Mat::from_fn(samples, d, |_, _| normal.draw());
            let x = z * &root;
            let c = x.transpose() * &x * faer::Scale(1.0 / samples as f64);
            let shifted = &c + lambda * Mat::<f64>::identity(d, d);
            let inverse = shifted
                .llt(Side::Lower)
                .unwrap()
                .solve(Mat::<f64>::identity(d, d));
            let smoother = &c * &inverse;
            simulated[0].push(trace(&a * &smoother));
            simulated[1].push(lambda * trace(&a * &inverse));
            simulated[2].push(trace(&a * &smoother * &b * &smoother));
            simulated[3].push(lambda * lambda * trace(&a * &inverse * &b * &inverse));
        }
        let (a, b) = (a.as_ref(), b.as_ref());
        let expected = [
            theory.smoother(a).unwrap(),
            theory.residual(a).unwrap(),
            theory.smoother_twice(a, b).unwrap(),
            theory.residual_twice(a, b).unwrap(),
        ];
        for (i, (simulated, expected)) in simulated.iter().zip(expected).enumerate() {
            let what = format!("two matrices, T = {samples}, formula {}", i + 1);
            assert_agree(mean(simulated), expected, 0.5 / d as f64, &what);
        }
    }
}
