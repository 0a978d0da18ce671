//! Every crossover between rates, the engine against simulated regressions: before it, at the meeting point, after it.
//!
//! Each test also compares the simulation with the formula from which the term that takes over has been left out; that
//! comparison must fail where the term leads. What the simulation may differ by is its standard error, and a finite-size
//! bias of order `1/d`, which is stated separately.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;
use resolvent::equivalent::{self, Chain, Fit};
use resolvent::simulate::{self, Designs, Regression, Sampler, Stream, Workspace};
use resolvent::spectrum::{Dimension, Spectrum, Target};

const REPLICATES: u64 = 120;
/// Standard errors.
const NOISE: f64 = 4.5;
/// Finite-size bias, in units of the value over `d`.
const FINITE_SIZE: f64 = 6.0;

#[derive(Clone, Debug)]
struct Setting {
    d: u64,
    beta: f64,
    r: f64,
    generations: Vec<Fit>,
    downstream: Fit,
}

fn fit(samples: f64, noise: f64, ridge: f64) -> Fit {
    Fit {
        samples: samples.round(),
        noise,
        ridge,
    }
}

impl Setting {
    fn clean(d: u64, beta: f64, r: f64, downstream: Fit) -> Self {
        Self {
            d,
            beta,
            r,
            generations: Vec::new(),
            downstream,
        }
    }

    fn spectrum(&self, dimension: Dimension) -> Spectrum {
        Spectrum::power_law(self.beta, dimension).unwrap()
    }

    /// `s_k` and `c_k²`.
    fn modes(&self) -> Vec<(f64, f64)> {
        let delta = 1.0 + self.beta * (2.0 * self.r - 1.0);
        (1..=self.d)
            .map(|k| ((k as f64).powf(-self.beta), (k as f64).powf(-delta)))
            .collect()
    }

    fn predict(&self) -> equivalent::Prediction {
        let chain = Chain {
            generations: self.generations.clone(),
            downstream: self.downstream,
        };
        chain
            .predict(
                &self.spectrum(Dimension::Finite(self.d)),
                &Target::Source { r: self.r },
            )
            .unwrap()
    }

    /// Mean test error and its standard error.
    fn simulate(&self, seed: u64) -> (f64, f64) {
        let whole = |f: &Fit| simulate::Fit {
            samples: f.samples as u64,
            noise: f.noise,
            ridge: f.ridge,
        };
        let modes = self.modes();
        let regression = Regression::new(
            modes.iter().map(|m| m.0).collect(),
            modes.iter().map(|m| m.1.sqrt()).collect(),
            self.generations.iter().map(whole).collect(),
            Designs::Independent,
            whole(&self.downstream),
        )
        .unwrap();
        let errors: Vec<f64> = (0..REPLICATES)
            .into_par_iter()
            .map_init(Workspace::default, |workspace, i| {
                let mut stream = Stream::new(seed, 0, i);
                regression
                    .replicate(Sampler::Bartlett, &mut stream, workspace)
                    .unwrap()
                    .test_error
            })
            .collect();
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let variance = errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    }
}

/// Whether a value is within noise and finite-size bias of the simulation.
fn agrees(setting: &Setting, value: f64, (mean, error): (f64, f64)) -> bool {
    (mean - value).abs() <= NOISE * error + FINITE_SIZE / setting.d as f64 * mean
}

/// The engine must agree; the crippled formula must not, where `leads` says that what it lacks leads.
fn compare(setting: &Setting, crippled: f64, leads: bool, seed: u64) -> Result<(), TestCaseError> {
    let whole = setting.predict().test_error;
    let simulated = setting.simulate(seed);
    prop_assert!(
        agrees(setting, whole, simulated),
        "{setting:?}: the engine finds {whole:e}, the simulation {simulated:?}"
    );
    if leads {
        prop_assert!(
            !agrees(setting, crippled, simulated),
            "{setting:?}: without the leading term {crippled:e}, the simulation {simulated:?}"
        );
    }
    Ok(())
}

/// Five settings of `(β, r, seed)`, the same in every run.
fn for_settings(
    beta: std::ops::Range<f64>,
    r: std::ops::Range<f64>,
    test: impl Fn(f64, f64, u64) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases: 5,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(failure) = runner.run(&(beta, r, any::<u32>()), |(b, r, seed)| {
        test(b, r, u64::from(seed))
    }) {
        panic!("{failure}");
    }
}

#[test]
fn noiseless_to_noisy() {
    for_settings(1.2..2.5, 0.2..0.9, |beta, r, seed| {
        for scale in [0.03, 1.0, 30.0] {
            let mut setting = Setting::clean(120, beta, r, fit(400.0, 1.0, 400f64.powf(-0.6)));
            let clean = setting.predict();
            setting.downstream.noise = (scale * clean.bias / clean.variance).sqrt();
            compare(&setting, setting.predict().bias, scale >= 1.0, seed)?;
        }
        Ok(())
    });
}

/// The implicit ridge: κ in place of λ once `λ < T^{-β}`.
#[test]
fn ridge_to_ridgeless() {
    for_settings(1.2..2.0, 0.3..0.8, |beta, r, seed| {
        let t = 50.0f64;
        for ell in [0.2 * beta, beta, 2.0 * beta] {
            let setting = Setting::clean(250, beta, r, fit(t, 0.0, t.powf(-ell)));
            let lambda = setting.downstream.ridge;
            let sum: f64 = setting
                .modes()
                .iter()
                .map(|(s, c)| c * s * (lambda / (s + lambda)).powi(2))
                .sum();
            compare(&setting, sum, ell >= beta, seed)?;
        }
        Ok(())
    });
}

/// The double-descent peak: `1/(1 − df_2/T)`.
#[test]
fn samples_through_the_dimension() {
    for_settings(1.1..1.6, 0.4..0.8, |beta, r, seed| {
        let d = 120u64;
        for ratio in [0.5, 1.0, 2.0] {
            let smallest = (d as f64).powf(-beta);
            let setting = Setting::clean(d, beta, r, fit(ratio * d as f64, 1.0, 0.05 * smallest));
            let p = setting.predict();
            let crippled = p.bias + p.df2 / setting.downstream.samples;
            compare(&setting, crippled, true, seed)?;
        }
        Ok(())
    });
}

/// A generation with `T_0 < d` loses part of the truth.
#[test]
fn generation_samples_through_the_dimension() {
    for_settings(1.1..1.6, 0.2..0.5, |beta, r, seed| {
        let d = 120u64;
        for ratio in [0.4, 1.0, 2.5] {
            let mut setting = Setting::clean(d, beta, r, fit(1000.0, 0.02, 1e-4));
            let clean = setting.predict().test_error;
            setting.generations = vec![fit(ratio * d as f64, 0.0, 0.0); 2];
            compare(&setting, clean, ratio < 1.0, seed)?;
        }
        Ok(())
    });
}

/// From the fast rate of clean data to the slow one of synthetic labels.
#[test]
fn synthetic_noise_overtakes() {
    for_settings(1.2..2.5, 0.2..0.9, |beta, r, seed| {
        for scale in [0.03, 1.0, 30.0] {
            let mut setting = Setting::clean(100, beta, r, fit(500.0, 0.05, 500f64.powf(-0.5)));
            setting.generations = vec![fit(300.0, 1.0, 0.0); 3];
            let unit = setting.predict();
            let noise = (scale * (unit.bias + unit.variance) / unit.synthetic).sqrt();
            setting.generations = vec![fit(300.0, noise, 0.0); 3];
            let p = setting.predict();
            compare(&setting, p.test_error - p.synthetic, scale >= 1.0, seed)?;
        }
        Ok(())
    });
}

/// `T/T_0` against `d/T_0` inside the synthetic term: its second part leads while `T < d`.
#[test]
fn the_two_parts_of_the_synthetic_term() {
    for_settings(1.05..1.4, 0.4..0.8, |beta, r, seed| {
        let d = 160.0f64;
        for ratio in [0.25, 1.0, 4.0] {
            let smallest = d.powf(-beta);
            let mut setting = Setting::clean(d as u64, beta, r, fit(ratio * d, 0.1, smallest));
            setting.generations = vec![fit(5.0 * d, 20.0, 0.0)];
            let p = setting.predict();
            let first = 400.0 * p.df2 / (setting.generations[0].samples - d);
            compare(&setting, p.bias + p.variance + first, ratio < 1.0, seed)?;
        }
        Ok(())
    });
}

/// The effective dimension `κ^{-1/β}` stops growing at `d`.
#[test]
fn effective_dimension_saturates() {
    for_settings(1.3..2.2, 0.4..0.9, |beta, r, seed| {
        let d = 100.0f64;
        for reach in [0.15, 1.0, 8.0] {
            let ridge = (reach * d).powf(-beta);
            let setting = Setting::clean(d as u64, beta, r, fit(3000.0, 1.0, ridge));
            let endless = setting.spectrum(Dimension::Infinite);
            let variance = equivalent::variance(&endless, 1.0, ridge, 3000.0).unwrap();
            compare(
                &setting,
                setting.predict().bias + variance,
                reach >= 1.0,
                seed,
            )?;
        }
        Ok(())
    });
}

/// The bias sums over a transition at `k = κ^{-1/β}` for `r < 1` (through 1/2, where its constant is special) and over
/// the leading eigenvectors for `r > 1`; at `r = 1` over all decades between: a logarithm.
#[test]
fn source_exponent_through_a_half_and_one() {
    for r in [0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5] {
        for_settings(1.3..2.2, 0.0..1.0, |beta, _, seed| {
            let setting = Setting::clean(250, beta, r, fit(2000.0, 0.0, 25f64.powf(-beta)));
            let p = setting.predict();
            let part = |head: bool| -> f64 {
                let amplified = 1.0 / (1.0 - p.df2 / setting.downstream.samples);
                setting
                    .modes()
                    .iter()
                    .filter(|(s, _)| (*s > 8.0 * p.kappa) == head)
                    .map(|(s, c)| c * s * (p.kappa / (s + p.kappa)).powi(2) * amplified)
                    .sum()
            };
            compare(&setting, part(true), r <= 1.0, seed)?;
            compare(&setting, part(false), r >= 1.0, seed)
        });
    }
}
