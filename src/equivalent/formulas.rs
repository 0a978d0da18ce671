//! The printed quantities one at a time: bias, variance, the label-noise inflation ρ.

use super::chain::{Chain, Fit};
use super::{EquivalentError, kappa};
use crate::spectrum::{Spectrum, Target};

/// `E‖Σ̂Rw0 − w0‖²_Σ ≃ κ² w0'Σ(Σ+κ)^{-2}w0 / (1 − df_2(κ)/T)`
/// (Dohmatob, Feng & Kempe 2024, Prop. 4.2).
pub fn bias(
    spectrum: &Spectrum,
    target: &Target,
    lambda: f64,
    samples: f64,
) -> Result<f64, EquivalentError> {
    let fit = Fit {
        samples,
        noise: 0.0,
        ridge: lambda,
    };
    Ok(Chain::clean(fit).predict(spectrum, target)?.bias)
}

/// `E‖RX'E/T‖²_Σ ≃ σ² df_2(κ)/(T − df_2(κ))`, `noise = σ` a standard deviation (Prop. 4.2).
pub fn variance(
    spectrum: &Spectrum,
    noise: f64,
    lambda: f64,
    samples: f64,
) -> Result<f64, EquivalentError> {
    if !(noise.is_finite() && noise >= 0.0) {
        return Err(EquivalentError::Noise { noise });
    }
    let k = kappa(spectrum, lambda, samples)?;
    if noise == 0.0 {
        return Ok(0.0);
    }
    Ok(noise * noise * (k.df2 / k.checked_gap()?))
}

/// `ρ = E tr (X_0†)(X_0†)' Σ̂RΣRΣ̂`, what one generation of noise of variance 1 on `generation_samples` labels, fitted by
/// minimum norm, adds to the test error downstream (Theorem 4.3, shared designs; Eq. 19 where `T_0 ≥ d`).
pub fn rho(
    spectrum: &Spectrum,
    lambda: f64,
    samples: f64,
    generation_samples: f64,
) -> Result<f64, EquivalentError> {
    let generation = Fit {
        samples: generation_samples,
        noise: 1.0,
        ridge: 0.0,
    };
    let downstream = Fit {
        samples,
        noise: 0.0,
        ridge: lambda,
    };
    // The target has no part in it; an axis exists in every dimension.
    let target = Target::Axis { index: 1 };
    Ok(Chain::independent(1, generation, downstream)
        .predict(spectrum, &target)?
        .synthetic)
}
