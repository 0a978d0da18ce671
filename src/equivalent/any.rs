//! Equivalents for any spectrum: an explicit one by its sums, a power law on its lattice.

use super::chain::{Chain, Modes, Prediction};
use super::degrees::{Degrees, SplitSums};
use super::kappa::{Kappa, explicit};
use super::{EquivalentError, power_law};
use crate::number::Bounded;
use crate::spectrum::{Monomial, Spectrum, Target};

/// `df_m(κ) = tr Σ^m (Σ+κ)^{-m}` for any real `m`, with its error bound. `df_m(0) = d`.
///
/// ```
/// use resolvent::{equivalent::df, spectrum::Spectrum};
/// let df2 = df(&Spectrum::isotropic(30)?, 2.0, 0.5)?;
/// assert!((df2.value - 30.0 / 2.25).abs() <= df2.error);
/// # Ok::<(), resolvent::equivalent::EquivalentError>(())
/// ```
pub fn df(spectrum: &Spectrum, m: f64, kappa: f64) -> Result<Bounded, EquivalentError> {
    check_kappa(kappa)?;
    Ok(spectrum.trace(&Monomial::degrees_of_freedom(m, kappa))?)
}

/// `df_1` and `df_2` in one pass, with `d − df_1` and `df_1 − df_2` free of cancellation. `κ ≥ 0`.
pub fn degrees(spectrum: &Spectrum, kappa: f64) -> Result<Degrees, EquivalentError> {
    check_kappa(kappa)?;
    match spectrum {
        Spectrum::Atoms(atoms) => Ok(SplitSums::over_atoms(atoms, kappa).degrees()),
        Spectrum::PowerLaw(law) => power_law::degrees(law, kappa),
    }
}

fn check_kappa(kappa: f64) -> Result<(), EquivalentError> {
    if kappa.is_finite() && kappa >= 0.0 {
        Ok(())
    } else {
        Err(EquivalentError::NegativeKappa { kappa })
    }
}

/// The largest root κ of `κ − λ = κ df_1(κ)/T` (Dohmatob, Feng & Kempe 2024, §4).
///
/// `λ ≥ 0`; `T = samples > 0`, not necessarily whole. For `λ = 0` it is 0 where `T ≥ d`, else the root of `df_1(κ) = T`.
/// κ has the units of Σ. Relative error below 1e-13, verified by the residual.
///
/// # Errors
/// Invalid λ or T; κ outside the range of normal `f64`; a root that was not reached.
///
/// ```
/// use resolvent::{equivalent::kappa, spectrum::Spectrum};
/// // Isotropic: κ² + (1 − λ − d/T)κ = λ
/// let k = kappa(&Spectrum::isotropic(300)?, 0.0, 200.0)?;
/// assert!((k.value - 0.5).abs() < 1e-15);
/// # Ok::<(), resolvent::equivalent::EquivalentError>(())
/// ```
pub fn kappa(spectrum: &Spectrum, lambda: f64, samples: f64) -> Result<Kappa, EquivalentError> {
    if !(lambda.is_finite() && lambda >= 0.0) {
        return Err(EquivalentError::Ridge { lambda });
    }
    if !(samples.is_finite() && samples > 0.0) {
        return Err(EquivalentError::Samples { samples });
    }
    let dimension = spectrum.dimension().as_f64();
    if lambda == 0.0 && samples >= dimension {
        return Ok(Kappa::zero(samples, dimension));
    }
    match spectrum {
        Spectrum::Atoms(atoms) => explicit(atoms, lambda, samples),
        Spectrum::PowerLaw(law) => power_law::kappa(law, lambda, samples),
    }
}

impl Chain {
    /// The chain on a spectrum with a target.
    pub fn predict(
        &self,
        spectrum: &Spectrum,
        target: &Target,
    ) -> Result<Prediction, EquivalentError> {
        let kappas = || self.kappas(|lambda, samples| kappa(spectrum, lambda, samples));
        match spectrum {
            Spectrum::Atoms(atoms) => {
                let mass = target.masses(atoms)?;
                let kappas = kappas()?;
                self.predict_modes(&Modes::of_atoms(atoms, &mass)?, &kappas)
            }
            Spectrum::PowerLaw(law) => power_law::predict(self, law, target, &kappas()?),
        }
    }
}
