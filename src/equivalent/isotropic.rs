//! Exact expectations at every finite size for `Σ = I` (or a multiple), any ridge, any `T` and `d`.
//!
//! The law of `X'X` does not change under rotations, so `E f(X'X) = I·E tr f(X'X)/d`: a fit acts on everything that comes
//! before it by three numbers, and generations compose. With `P` the map from labels to fit of one design (a product
//! where several generations refit on it), `τ = λT`, `x` an eigenvalue of `X'X`:
//!
//! ```text
//! kept      β = E tr P²/d          P = Π x/(x+τ)
//! forgotten γ = E tr (1−P)²/d
//! mixed     δ = E tr P(1−P)/d
//! noise     σ² E tr (Π_later x/(x+τ))² x/(x+τ)²
//! ```
//!
//! None is a difference of two others, and all spectral sums are over positive terms.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::chain::Fit;
use super::exact::Expectation;
use super::wishart::mean_sums;
use super::{EquivalentError, exact};
use crate::number::Estimate;

/// Fits on one design, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    pub samples: u64,
    /// `(σ, λ)` of each fit.
    pub fits: Vec<(f64, f64)>,
}

impl Design {
    /// A design with one fit; `None` where `T` is not a whole number.
    pub fn single(fit: &Fit) -> Option<Self> {
        Self::shared(std::slice::from_ref(fit))
    }

    /// One design for all these fits, whose sample sizes agree.
    pub fn shared(fits: &[Fit]) -> Option<Self> {
        let samples = fits.first()?.samples;
        let whole = samples >= 1.0 && samples.fract() == 0.0 && samples < 9e15;
        (whole && fits.iter().all(|fit| fit.samples == samples)).then(|| Self {
            samples: samples as u64,
            fits: fits.iter().map(|fit| (fit.noise, fit.ridge)).collect(),
        })
    }
}

/// What a design does to what comes before it, and what its noise adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Action {
    /// `E tr P²/d`
    pub kept: f64,
    /// `E tr (1 − P)²/d`
    pub forgotten: f64,
    /// `E tr P(1 − P)/d`
    pub mixed: f64,
    /// `E‖noise‖²`
    pub noise: f64,
    pub relative_error: f64,
}

/// `E tr f(X'X/T)` for `T×d` standard normal `X`, `f` of one sign; `zero` is `f(0)`, counted where `T < d`.
///
/// ```
/// use resolvent::equivalent::isotropic::mean_trace;
/// // λ tr(X'X/T + λ)^{-1} of one sample in one dimension, x = χ²: E λ/(x+λ) = √(πλ/2) e^{λ/2} erfc(√(λ/2)).
/// let mean = mean_trace(1, 1, &|x| 2.0 / (x + 2.0), 1.0)?;
/// assert!((mean.value - 0.757_872_156_141_312_1).abs() < 1e-13);
/// # Ok::<(), resolvent::equivalent::EquivalentError>(())
/// ```
pub fn mean_trace(
    samples: u64,
    dimension: u64,
    f: &dyn Fn(f64) -> f64,
    zero: f64,
) -> Result<Estimate, EquivalentError> {
    let t = samples as f64;
    let mut sum = mean_sums(samples, dimension, &[&|x| f(x / t)])?[0];
    if samples < dimension {
        sum.value += (dimension - samples) as f64 * zero;
    }
    Ok(sum)
}

/// The action of a design on `Σ = scale·I`.
pub fn action(dimension: u64, scale: f64, design: &Design) -> Result<Action, EquivalentError> {
    check(dimension, scale, design)?;
    if design.fits.iter().all(|&(_, ridge)| ridge == 0.0) {
        return ridgeless(dimension, design);
    }
    // The rows of a sweep meet the same designs again and again.
    static KNOWN: Mutex<BTreeMap<Key, Action>> = Mutex::new(BTreeMap::new());
    let key = key(dimension, scale, design);
    if let Some(&known) = KNOWN.lock().ok().as_ref().and_then(|known| known.get(&key)) {
        return Ok(known);
    }
    let found = regularised(dimension, scale, design)?;
    if let Ok(mut known) = KNOWN.lock() {
        if known.len() >= 4096 {
            known.clear();
        }
        known.insert(key, found);
    }
    Ok(found)
}

/// A design with its dimension and scale, doubles by their bits.
type Key = (u64, u64, u64, Vec<(u64, u64)>);

fn key(dimension: u64, scale: f64, design: &Design) -> Key {
    let fits = design.fits.iter();
    (
        dimension,
        scale.to_bits(),
        design.samples,
        fits.map(|fit| (fit.0.to_bits(), fit.1.to_bits())).collect(),
    )
}

/// With a ridge somewhere.
fn regularised(dimension: u64, scale: f64, design: &Design) -> Result<Action, EquivalentError> {
    let d = dimension as f64;
    let t = design.samples as f64;
    let fits: Vec<(f64, f64)> = design
        .fits
        .iter()
        .map(|&(noise, ridge)| (noise, ridge * t / scale))
        .collect();
    let map = |x: f64| {
        fits.iter().fold((1.0, 0.0), |(p, q), &(_, tau)| {
            (p * (x / (x + tau)), q + p * (tau / (x + tau)))
        })
    };
    let kept = |x: f64| map(x).0.powi(2);
    let forgotten = |x: f64| map(x).1.powi(2);
    let mixed = |x: f64| {
        let (p, q) = map(x);
        p * q
    };
    let noise = |x: f64| {
        let mut later = 1.0;
        let mut sum = 0.0;
        for &(sigma, tau) in fits.iter().rev() {
            let share = later / (x + tau);
            sum += sigma * sigma * (share * share) * x;
            later *= x / (x + tau);
        }
        sum
    };
    let noisy_end = fits.iter().rev().take_while(|fit| fit.1 == 0.0);
    let excess = design.samples.abs_diff(dimension);
    if noisy_end.clone().any(|fit| fit.0 > 0.0) && excess < 2 {
        return Err(EquivalentError::InfiniteExpectation {
            samples: design.samples,
            dimension,
        });
    }
    let silent = fits.iter().all(|fit| fit.0 == 0.0);
    let mut functions: Vec<&dyn Fn(f64) -> f64> = vec![&kept, &forgotten, &mixed];
    if !silent {
        functions.push(&noise);
    }
    let sums = mean_sums(design.samples, dimension, &functions)?;
    let empty = dimension.saturating_sub(design.samples) as f64;
    Ok(Action {
        kept: sums[0].value / d,
        forgotten: (sums[1].value + empty) / d,
        mixed: sums[2].value / d,
        noise: sums.get(3).map_or(0.0, |sum| sum.value),
        relative_error: sums
            .iter()
            .map(|sum| sum.relative_error)
            .fold(0.0, f64::max),
    })
}

/// Minimum norm: `E tr P = min(T, d)`, `E tr (X'X)^† = min(T, d)/(|T − d| − 1)`.
fn ridgeless(dimension: u64, design: &Design) -> Result<Action, EquivalentError> {
    let noise = design
        .fits
        .iter()
        .fold(0.0, |total: f64, fit| total.hypot(fit.0));
    let fit = exact::Fit {
        samples: design.samples,
        noise,
    };
    let d = dimension as f64;
    Ok(Action {
        kept: design.samples.min(dimension) as f64 / d,
        forgotten: dimension.saturating_sub(design.samples) as f64 / d,
        mixed: 0.0,
        noise: exact::isotropic_variance(dimension, fit)?,
        relative_error: 4.0 * f64::EPSILON,
    })
}

/// The expected test error `E‖ŵ − w0‖²_Σ` of fits on independent designs, the downstream one last, for `Σ = scale·I`;
/// with it an estimate of its relative error.
///
/// ```
/// use resolvent::equivalent::{Fit, isotropic};
/// let ridge = Fit { samples: 5.0, noise: 0.5, ridge: 0.1 };
/// let designs = [isotropic::Design::single(&ridge).ok_or("whole T")?];
/// let (clean, error) = isotropic::chain(7, 1.0, 1.0, &designs)?;
/// assert!(error < 1e-12);
/// assert!(clean.bias > 2.0 / 7.0); // what five samples cannot see of seven dimensions
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn chain(
    dimension: u64,
    scale: f64,
    norm2: f64,
    designs: &[Design],
) -> Result<(Expectation, f64), EquivalentError> {
    if !(norm2.is_finite() && norm2 >= 0.0) {
        return Err(crate::spectrum::SpectrumError::Norm { norm2 }.into());
    }
    let mut known: Vec<(&Design, Action)> = Vec::new();
    // ‖w − w0‖²/‖w0‖², 1 − ⟨w, w0⟩/‖w0‖² and ⟨w, w0⟩/‖w0‖² of the mean fit without noise; the noise so far.
    let (mut bias, mut lost, mut left) = (0.0, 0.0, 1.0);
    let (mut variance, mut synthetic) = (0.0, 0.0);
    let mut relative_error = 8.0 * f64::EPSILON;
    for design in designs {
        let same = known.iter().find(|(other, _)| *other == design);
        let now = match same {
            Some(&(_, now)) => now,
            None => action(dimension, scale, design)?,
        };
        known.push((design, now));
        bias = now.kept * bias + now.forgotten + 2.0 * now.mixed * lost;
        lost += left * (now.forgotten + now.mixed);
        left *= now.kept + now.mixed;
        synthetic = now.kept * (synthetic + variance);
        variance = now.noise;
        // A sum of products, each with one factor from this design.
        relative_error += now.relative_error + 4.0 * f64::EPSILON;
    }
    let bias = scale * norm2 * bias;
    let test_error = bias + variance + synthetic;
    if !test_error.is_finite() {
        return Err(EquivalentError::ResultOverflow);
    }
    let expectation = Expectation {
        bias,
        variance,
        synthetic,
        test_error,
    };
    Ok((expectation, relative_error))
}

fn check(dimension: u64, scale: f64, design: &Design) -> Result<(), EquivalentError> {
    if dimension == 0 || dimension > crate::spectrum::MAX_DIMENSION {
        return Err(crate::spectrum::SpectrumError::Dimension {
            dimension: dimension as f64,
        }
        .into());
    }
    if !(scale.is_finite() && scale > 0.0) {
        return Err(crate::spectrum::SpectrumError::Eigenvalue {
            position: 1,
            value: scale,
        }
        .into());
    }
    for &(noise, ridge) in &design.fits {
        if !(noise.is_finite() && noise >= 0.0) {
            return Err(EquivalentError::Noise { noise });
        }
        if !(ridge.is_finite() && ridge >= 0.0) {
            return Err(EquivalentError::Ridge { lambda: ridge });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
