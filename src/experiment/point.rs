//! One combination of a sweep, resolved to numbers.

use std::sync::Arc;

use crate::equivalent::exact::{self, Expectation};
use crate::equivalent::isotropic::{self, Design};
use crate::equivalent::{Chain, EquivalentError, Fit, Prediction};
use crate::simulate::{Designs, Regression, SimulateError};
use crate::spectrum::{Dimension, Spectrum, Target};

/// Largest dimension that is simulated.
const MAX_DIMENSION: u64 = 10_000_000;

/// One combination of the sweep.
#[derive(Clone, Debug)]
pub struct Point {
    pub n: u64,
    /// `T`, of the downstream fit.
    pub samples: f64,
    /// `T_0`, where the generations share one sample size.
    pub samples0: Option<f64>,
    pub dimension: Dimension,
    pub lambda: f64,
    /// `σ`, a standard deviation.
    pub sigma: f64,
    /// `σ_0`, where the generations share one noise level.
    pub sigma0: Option<f64>,
    pub generations: Vec<Fit>,
    pub designs: Designs,
    pub downstream: Fit,
    pub(super) setting: Arc<Setting>,
}

/// What points of one dimension share.
#[derive(Debug)]
pub(super) struct Setting {
    pub spectrum: Spectrum,
    pub target: Target,
    /// `c_j` where it is not `√mass`.
    pub coefficients: Option<Vec<f64>>,
}

impl Point {
    /// The eigenvalues of `Σ`.
    pub fn spectrum(&self) -> &Spectrum {
        &self.setting.spectrum
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.setting.target
    }

    fn chain(&self) -> Result<Chain, EquivalentError> {
        match self.designs {
            Designs::Shared if self.generations.len() > 1 => {
                let noises: Vec<f64> = self.generations.iter().map(|fit| fit.noise).collect();
                let ridge = self
                    .generations
                    .iter()
                    .map(|fit| fit.ridge)
                    .fold(0.0, f64::max);
                Chain::shared(self.generations[0].samples, &noises, ridge, self.downstream)
            }
            _ => Ok(Chain {
                generations: self.generations.clone(),
                downstream: self.downstream,
            }),
        }
    }

    /// The deterministic equivalent of the test error and its parts.
    pub fn predict(&self) -> Result<Prediction, EquivalentError> {
        self.chain()?.predict(self.spectrum(), self.target())
    }

    /// The exact expectation at this size and the relative error of its value, where it is known: least squares with enough
    /// samples for any `Σ`, every fit for isotropic ones.
    pub fn exact(&self) -> Option<(Expectation, f64)> {
        let Dimension::Finite(d) = self.dimension else {
            return None;
        };
        match (self.spectrum(), self.target()) {
            (Spectrum::Atoms(atoms), target) if atoms.values().len() == 1 => {
                let norm2 = match target {
                    Target::Isotropic { norm2 } => *norm2,
                    Target::Axis { .. } => 1.0,
                    Target::Masses(masses) => masses.iter().sum(),
                    Target::Source { .. } => return None,
                };
                isotropic::chain(d, atoms.values()[0], norm2, &self.independent_designs()?).ok()
            }
            _ => Some((self.least_squares(d)?, 16.0 * f64::EPSILON)),
        }
    }

    /// The fits, those on one design together; `None` where a sample size is not whole.
    fn independent_designs(&self) -> Option<Vec<Design>> {
        let mut designs = match self.designs {
            Designs::Shared if !self.generations.is_empty() => {
                vec![Design::shared(&self.generations)?]
            }
            _ => self
                .generations
                .iter()
                .map(Design::single)
                .collect::<Option<Vec<_>>>()?,
        };
        designs.push(Design::single(&self.downstream)?);
        Some(designs)
    }

    /// Where every fit has `T ≥ d` and no ridge.
    fn least_squares(&self, d: u64) -> Option<Expectation> {
        let fit = |design: &Design| {
            let ridgeless = design.fits.iter().all(|fit| fit.1 == 0.0);
            ridgeless.then(|| exact::Fit {
                samples: design.samples,
                noise: design
                    .fits
                    .iter()
                    .fold(0.0, |sum: f64, fit| sum.hypot(fit.0)),
            })
        };
        let fits = self
            .independent_designs()?
            .iter()
            .map(fit)
            .collect::<Option<Vec<_>>>()?;
        let (downstream, generations) = fits.split_last()?;
        exact::ols_chain(d, generations, *downstream).ok()
    }

    /// What the noise of each fit is predicted to add, generations first.
    pub fn noise_weights(&self) -> Result<Vec<f64>, EquivalentError> {
        let count = self.generations.len() + 1;
        let mut weights = Vec::with_capacity(count);
        for kept in 0..count {
            let mut only = self.clone();
            for (m, fit) in only
                .generations
                .iter_mut()
                .chain([&mut only.downstream])
                .enumerate()
            {
                if m != kept {
                    fit.noise = 0.0;
                }
            }
            let prediction = only.predict()?;
            weights.push(prediction.variance + prediction.synthetic);
        }
        Ok(weights)
    }

    /// The degrees of freedom `T − d + 1` or `d − T + 1` of the smallest χ² that a noisy minimum-norm fit divides by: the
    /// test error has a variance only if it is more than 4.
    pub fn tail_degrees(&self) -> Option<f64> {
        let d = self.dimension.as_f64();
        self.generations
            .iter()
            .chain([&self.downstream])
            .filter(|fit| fit.ridge == 0.0 && fit.noise > 0.0)
            .map(|fit| (fit.samples - d).abs() + 1.0)
            .reduce(f64::min)
    }

    /// What a simulation of this point draws.
    pub fn regression(&self) -> Result<Regression, SimulateError> {
        let Dimension::Finite(d) = self.dimension else {
            return Err(SimulateError::Infinite);
        };
        let fit = |fit: &Fit| {
            if fit.samples.fract() != 0.0 {
                return Err(SimulateError::FractionalSamples {
                    samples: fit.samples,
                });
            }
            Ok(crate::simulate::Fit {
                samples: fit.samples as u64,
                noise: fit.noise,
                ridge: fit.ridge,
            })
        };
        let eigenvalues = self
            .spectrum()
            .eigenvalues(MAX_DIMENSION)
            .map_err(|_| SimulateError::TooLarge { d: d as f64 })?;
        let coefficients = match (&self.setting.coefficients, self.target(), self.spectrum()) {
            (Some(coefficients), _, _) => coefficients.clone(),
            (None, Target::Isotropic { norm2 }, _) => {
                vec![(norm2 / d as f64).sqrt(); eigenvalues.len()]
            }
            (None, Target::Axis { index }, _) => {
                (1..=d).map(|k| f64::from(u8::from(k == *index))).collect()
            }
            (None, Target::Source { r }, Spectrum::PowerLaw(law)) => {
                let delta = 1.0 + law.beta() * (2.0 * r - 1.0);
                (1..=d).map(|k| libm::pow(k as f64, -0.5 * delta)).collect()
            }
            (None, Target::Source { .. } | Target::Masses(_), _) => {
                return Err(SimulateError::Lengths {
                    expected: eigenvalues.len(),
                    found: 0,
                });
            }
        };
        Regression::new(
            eigenvalues,
            coefficients,
            self.generations.iter().map(fit).collect::<Result<_, _>>()?,
            self.designs,
            fit(&self.downstream)?,
        )
    }
}
