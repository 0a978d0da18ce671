//! The whole chain of refits, by one backward recursion over the modes of Σ.
//!
//! With `M` the quadratic form that the later fits leave, a fit with `κ`, `p = s/(s+κ)`, `q = 1 − p` acts on each mode as
//! `M ← p²M + q² s t`, `t = tr(MΣ(Σ+κ)^{-2})/(T − df_2)`, and adds `σ² t` to the error. Here `M = s(a² + e)` and the
//! recursion runs on `a`, `b = 1 − a` and `e`, none of which is ever the difference of two others:
//! `a ← ap`, `b ← b + aq`, `e ← p²e + q²t`. The bias is `Σ c² s (b² + e)`.

use super::EquivalentError;
use super::kappa::Kappa;
use crate::spectrum::Atoms;
use crate::spectrum::sum::Compensated;

/// One fit: minimum-norm least squares at `ridge = 0`, else ridge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// `T`, a positive real.
    pub samples: f64,
    /// `σ`, the standard deviation of the label noise.
    pub noise: f64,
    /// `λ`, in `(X'X/T + λI)^{-1}`.
    pub ridge: f64,
}

/// Generations, first to last, each fitted to labels of the one before; then the downstream fit. All designs independent.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub generations: Vec<Fit>,
    pub downstream: Fit,
}

/// The deterministic equivalent of the test error `E‖ŵ − w0‖²_Σ` and its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// κ of the downstream fit, and its degrees of freedom.
    pub kappa: f64,
    pub df1: f64,
    pub df2: f64,
    /// What remains without any noise: of the downstream fit, and of the generations if they lose information.
    pub bias: f64,
    /// From the downstream fit's own label noise.
    pub variance: f64,
    /// From the generations' label noise.
    pub synthetic: f64,
    /// `bias + variance + synthetic`
    pub test_error: f64,
    /// Bound on the relative error of each of the four (of computing the equivalent, not of the equivalent itself).
    pub relative_error: f64,
}

/// The modes of Σ: distinct eigenvalues, how many there are of each, and how much `Σ c_j²` they carry.
///
/// Multiplicities and masses may be weights of a quadrature; `relative_error` then bounds its relative error for sums of
/// the recursion's kind, and is passed on to the prediction.
#[derive(Clone, Copy, Debug)]
pub struct Modes<'a> {
    pub eigenvalue: &'a [f64],
    pub multiplicity: &'a [f64],
    pub mass: &'a [f64],
    pub relative_error: f64,
}

impl<'a> Modes<'a> {
    pub fn new(
        eigenvalue: &'a [f64],
        multiplicity: &'a [f64],
        mass: &'a [f64],
        relative_error: f64,
    ) -> Result<Self, EquivalentError> {
        let n = eigenvalue.len();
        if multiplicity.len() != n || mass.len() != n {
            return Err(EquivalentError::Mode {
                position: n.min(multiplicity.len()).min(mass.len()) + 1,
            });
        }
        let valid = |x: f64| x.is_finite() && x >= 0.0;
        let wrong = (0..n).find(|&i| {
            !(valid(eigenvalue[i])
                && eigenvalue[i] > 0.0
                && valid(multiplicity[i])
                && valid(mass[i]))
        });
        match wrong {
            Some(i) => Err(EquivalentError::Mode { position: i + 1 }),
            None => Ok(Self {
                eigenvalue,
                multiplicity,
                mass,
                relative_error,
            }),
        }
    }

    /// The modes of an explicit spectrum; `mass` from [`Target::masses`].
    pub fn of_atoms(atoms: &'a Atoms, mass: &'a [f64]) -> Result<Self, EquivalentError> {
        Self::new(atoms.values(), atoms.multiplicities(), mass, 0.0)
    }
}

impl Chain {
    /// Training on real data.
    pub fn clean(downstream: Fit) -> Self {
        Self {
            generations: Vec::new(),
            downstream,
        }
    }

    /// `n` equal generations, each with a design of its own.
    pub fn independent(n: usize, generation: Fit, downstream: Fit) -> Self {
        Self {
            generations: vec![generation; n],
            downstream,
        }
    }

    /// Generations that refit by minimum norm on one design, with fresh noise of these standard deviations: a single fit
    /// whose noise variance is `Σ σ_m²`. The downstream design is independent.
    pub fn shared(
        samples: f64,
        noises: &[f64],
        ridge: f64,
        downstream: Fit,
    ) -> Result<Self, EquivalentError> {
        if ridge != 0.0 && noises.len() > 1 {
            return Err(EquivalentError::SharedRidge { lambda: ridge });
        }
        for &noise in noises {
            check_noise(noise)?;
        }
        let generations = if noises.is_empty() {
            Vec::new()
        } else {
            let noise = noises
                .iter()
                .fold(0.0, |total: f64, noise| total.hypot(*noise));
            vec![Fit {
                samples,
                noise,
                ridge,
            }]
        };
        Ok(Self {
            generations,
            downstream,
        })
    }

    /// κ of every fit, generations first and the downstream last; equal fits are solved once.
    pub fn kappas(
        &self,
        solve: impl Fn(f64, f64) -> Result<Kappa, EquivalentError>,
    ) -> Result<Vec<Kappa>, EquivalentError> {
        let mut kappas: Vec<Kappa> = Vec::with_capacity(self.generations.len() + 1);
        for fit in self.fits() {
            check_noise(fit.noise)?;
            let known = kappas
                .iter()
                .find(|k| k.lambda == fit.ridge && k.samples == fit.samples);
            let found = match known {
                Some(&known) => known,
                None => solve(fit.ridge, fit.samples)?,
            };
            kappas.push(found);
        }
        Ok(kappas)
    }

    /// All fits, in order of time.
    pub fn fits(&self) -> impl Iterator<Item = &Fit> {
        self.generations
            .iter()
            .chain(std::iter::once(&self.downstream))
    }

    /// The recursion itself, on any modes; `kappas` as from [`Chain::kappas`].
    pub fn predict_modes(
        &self,
        modes: &Modes,
        kappas: &[Kappa],
    ) -> Result<Prediction, EquivalentError> {
        let fits: Vec<&Fit> = self.fits().collect();
        if kappas.len() != fits.len() {
            return Err(EquivalentError::KappaCount {
                fits: fits.len(),
                kappas: kappas.len(),
            });
        }
        let downstream = kappas[kappas.len() - 1];
        let mut state = State::new(modes);
        let mut variance = 0.0;
        let mut synthetic = Compensated::default();
        let mut relative_error = modes.relative_error + 16.0 * f64::EPSILON;
        for (i, (fit, kappa)) in fits.into_iter().zip(kappas).enumerate().rev() {
            check_noise(fit.noise)?;
            let noise = fit.noise * fit.noise * state.fit(kappa, fit.noise > 0.0)?;
            if i == self.generations.len() {
                variance = noise;
            } else {
                synthetic.add(noise);
            }
            // Every sum depends on ln κ with a slope of at most 6.
            relative_error += 6.0 * kappa.relative_error + 24.0 * f64::EPSILON;
        }
        let bias = state.bias();
        let synthetic = synthetic.value();
        let test_error = bias + variance + synthetic;
        if !test_error.is_finite() {
            return Err(EquivalentError::ResultOverflow);
        }
        Ok(Prediction {
            kappa: downstream.value,
            df1: downstream.df1,
            df2: downstream.df2,
            bias,
            variance,
            synthetic,
            test_error,
            relative_error,
        })
    }
}

fn check_noise(noise: f64) -> Result<(), EquivalentError> {
    if noise.is_finite() && noise >= 0.0 {
        Ok(())
    } else {
        Err(EquivalentError::Noise { noise })
    }
}

/// `M = s(a² + e)` on every mode, and `b = 1 − a`.
struct State<'a> {
    modes: &'a Modes<'a>,
    a: Vec<f64>,
    b: Vec<f64>,
    e: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(modes: &'a Modes<'a>) -> Self {
        let n = modes.eigenvalue.len();
        Self {
            modes,
            a: vec![1.0; n],
            b: vec![0.0; n],
            e: vec![0.0; n],
        }
    }

    /// Goes back through one fit and returns its `t`, the factor of its noise variance. Without noise the factor is not
    /// wanted, and its pole at the interpolation threshold, which `κ = 0` outweighs, is let pass.
    fn fit(&mut self, fit: &Kappa, noisy: bool) -> Result<f64, EquivalentError> {
        let kappa = fit.value;
        if kappa == 0.0 && !noisy {
            return Ok(0.0);
        }
        let gap = fit.checked_gap()?;
        let modes = self.modes;
        let sum = blocked_sum(modes.eigenvalue.len(), |i| {
            let p = ratio(modes.eigenvalue[i], kappa).0;
            let a = self.a[i];
            modes.multiplicity[i] * ((a * a + self.e[i]) * (p * p))
        });
        let t = sum / gap;
        if kappa > 0.0 {
            for (i, &s) in modes.eigenvalue.iter().enumerate() {
                let (p, q) = ratio(s, kappa);
                self.e[i] = p * p * self.e[i] + q * q * t;
                self.b[i] += self.a[i] * q;
                self.a[i] *= p;
            }
        }
        Ok(t)
    }

    fn bias(&self) -> f64 {
        let modes = self.modes;
        blocked_sum(modes.eigenvalue.len(), |i| {
            let b = self.b[i];
            modes.mass[i] * modes.eigenvalue[i] * (b * b + self.e[i])
        })
    }
}

/// `s/(s+κ)` and `κ/(s+κ)`.
#[inline]
fn ratio(s: f64, kappa: f64) -> (f64, f64) {
    let sum = s + kappa;
    (s / sum, kappa / sum)
}

/// Plain over 32 terms, compensated beyond.
fn blocked_sum(n: usize, term: impl Fn(usize) -> f64) -> f64 {
    (0..n)
        .step_by(32)
        .map(|start| (start..n.min(start + 32)).map(&term).sum())
        .collect::<Compensated>()
        .value()
}
