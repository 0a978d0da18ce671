//! Expectations known exactly at every finite size, for Gaussian designs.
//!
//! A design of `T` samples in `d` dimensions: `T ≥ d + 2` (under-parametrised least squares, any Σ), or `T ≤ d − 2`
//! with `Σ = I` (minimum norm). Between them the noise has infinite expectation.

use super::EquivalentError;

/// One minimum-norm least-squares fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub samples: u64,
    /// `σ`, a standard deviation.
    pub noise: f64,
}

/// The exact expected test error, in the parts of [`Prediction`](super::Prediction).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    pub bias: f64,
    pub variance: f64,
    pub synthetic: f64,
    pub test_error: f64,
}

/// `E‖X†E‖²_Σ = σ² d/(T − d − 1)` of least squares, any Σ, `T ≥ d + 2`; `noise = σ` a standard deviation
/// (Dohmatob, Feng & Kempe 2024, App. F.2).
pub fn ols_variance(dimension: u64, fit: Fit) -> Result<f64, EquivalentError> {
    let (t, d) = check(dimension, fit)?;
    if t >= d + 2.0 {
        Ok(fit.noise * fit.noise * (d / (t - d - 1.0)))
    } else if t >= d && fit.noise == 0.0 {
        Ok(0.0)
    } else if t >= d {
        Err(infinite(dimension, fit))
    } else {
        Err(EquivalentError::NotExact {
            reason: "least squares needs T ≥ d",
        })
    }
}

/// A chain in which every fit, the downstream one included, has `T ≥ d`: any Σ, any target. Each adds its own
/// variance, `Σ_m σ_m² d/(T_m − d − 1)`. Shared designs add `Σ_m σ_m²` of the one design: pass them as a single fit.
pub fn ols_chain(
    dimension: u64,
    generations: &[Fit],
    downstream: Fit,
) -> Result<Expectation, EquivalentError> {
    let synthetic = generations
        .iter()
        .map(|&fit| ols_variance(dimension, fit))
        .sum::<Result<f64, _>>()?;
    let variance = ols_variance(dimension, downstream)?;
    expectation(0.0, variance, synthetic)
}

/// `E‖X†E‖² = σ² T/(d − T − 1)` for `Σ = I`, `T ≤ d − 2`, and as [`ols_variance`] for `T ≥ d + 2`.
pub fn isotropic_variance(dimension: u64, fit: Fit) -> Result<f64, EquivalentError> {
    let (t, d) = check(dimension, fit)?;
    if t >= d {
        ols_variance(dimension, fit)
    } else if fit.noise == 0.0 {
        Ok(0.0)
    } else if t <= d - 2.0 {
        Ok(fit.noise * fit.noise * (t / (d - t - 1.0)))
    } else {
        Err(infinite(dimension, fit))
    }
}

/// A chain of minimum-norm fits on independent isotropic designs of any size, `norm2 = ‖w0‖²`.
///
/// `E P = min(T/d, 1) I`, so each fit keeps that share of what comes before it, signal and noise alike:
/// with `η` the product over all fits, `bias = ‖w0‖²(1 − η)`.
pub fn isotropic_chain(
    dimension: u64,
    norm2: f64,
    generations: &[Fit],
    downstream: Fit,
) -> Result<Expectation, EquivalentError> {
    if !(norm2.is_finite() && norm2 >= 0.0) {
        return Err(crate::spectrum::SpectrumError::Norm { norm2 }.into());
    }
    let variance = isotropic_variance(dimension, downstream)?;
    let lost = |fit: Fit| dimension.saturating_sub(fit.samples) as f64 / dimension as f64;
    // kept = η and forgotten = 1 − η, side by side: neither is one minus the other.
    let (mut kept, mut forgotten) = (1.0 - lost(downstream), lost(downstream));
    let mut synthetic = 0.0;
    for &fit in generations.iter().rev() {
        synthetic += kept * isotropic_variance(dimension, fit)?;
        forgotten += kept * lost(fit);
        kept *= fit.samples.min(dimension) as f64 / dimension as f64;
    }
    expectation(norm2 * forgotten, variance, synthetic)
}

/// As [`isotropic_chain`], for generations that all refit on one design, with fresh noise of these standard deviations:
/// a single fit of noise variance `Σ σ_m²`.
pub fn isotropic_shared_chain(
    dimension: u64,
    norm2: f64,
    samples: u64,
    noises: &[f64],
    downstream: Fit,
) -> Result<Expectation, EquivalentError> {
    for &noise in noises {
        check(dimension, Fit { samples, noise })?;
    }
    let noise = noises
        .iter()
        .fold(0.0, |total: f64, noise| total.hypot(*noise));
    let single = [Fit { samples, noise }];
    let generations = if noises.is_empty() { &[] } else { &single[..] };
    isotropic_chain(dimension, norm2, generations, downstream)
}

fn check(dimension: u64, fit: Fit) -> Result<(f64, f64), EquivalentError> {
    if dimension == 0 || dimension > crate::spectrum::MAX_DIMENSION {
        return Err(crate::spectrum::SpectrumError::Dimension {
            dimension: dimension as f64,
        }
        .into());
    }
    if fit.samples == 0 || fit.samples > crate::spectrum::MAX_DIMENSION {
        return Err(EquivalentError::Samples {
            samples: fit.samples as f64,
        });
    }
    if !(fit.noise.is_finite() && fit.noise >= 0.0) {
        return Err(EquivalentError::Noise { noise: fit.noise });
    }
    Ok((fit.samples as f64, dimension as f64))
}

fn infinite(dimension: u64, fit: Fit) -> EquivalentError {
    EquivalentError::InfiniteExpectation {
        samples: fit.samples,
        dimension,
    }
}

fn expectation(bias: f64, variance: f64, synthetic: f64) -> Result<Expectation, EquivalentError> {
    let test_error = bias + variance + synthetic;
    if test_error.is_finite() {
        Ok(Expectation {
            bias,
            variance,
            synthetic,
            test_error,
        })
    } else {
        Err(EquivalentError::ResultOverflow)
    }
}
