//! Degrees of freedom, and the sums behind them, in one pass over an explicit spectrum.
//!
//! Where `s > κ` the sums hold `q = κ/(s+κ)`, elsewhere `p = s/(s+κ)`: each is at most one half, so that
//! `df_1 = N + B − A` (`N` eigenvalues above κ) and everything near it can be had without cancellation.

use rayon::prelude::*;

use super::EquivalentError;
use crate::number::Bounded;
use crate::spectrum::sum::Compensated;
use crate::spectrum::{Atoms, Monomial, Spectrum};

/// Terms summed plainly before compensation; eight lanes of them.
const CHUNK: usize = 128;
const LANES: usize = 8;
/// Terms handed to a thread; the blocks, and so the bits, do not depend on the number of threads.
const BLOCK: usize = 1 << 16;

/// `df_1`, `df_2` and their differences at one κ, each to full relative accuracy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degrees {
    /// `df_1(κ) = tr Σ(Σ+κ)^{-1}`
    pub df1: f64,
    /// `df_2(κ) = tr Σ²(Σ+κ)^{-2}`
    pub df2: f64,
    /// `d − df_1(κ) = κ tr (Σ+κ)^{-1}`; infinite where `d` is.
    pub complement: f64,
    /// `df_1(κ) − df_2(κ) = κ tr Σ(Σ+κ)^{-2}`
    pub difference: f64,
    /// Bound on the relative error of each.
    pub relative_error: f64,
}

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
        Spectrum::PowerLaw(law) => super::power_law::degrees(law, kappa),
    }
}

fn check_kappa(kappa: f64) -> Result<(), EquivalentError> {
    if kappa.is_finite() && kappa >= 0.0 {
        Ok(())
    } else {
        Err(EquivalentError::NegativeKappa { kappa })
    }
}

/// The sums of one pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitSums {
    /// `N`, how many eigenvalues exceed κ.
    pub above: f64,
    /// How many do not.
    pub below: f64,
    /// `A = Σ q` and `Σ q²` over those above.
    pub upper: f64,
    pub upper_squares: f64,
    /// `B = Σ p` and `Σ p²` over those below.
    pub lower: f64,
    pub lower_squares: f64,
}

impl SplitSums {
    pub(crate) fn over_atoms(atoms: &Atoms, kappa: f64) -> Self {
        let (above, split) = atoms.count_above(kappa);
        let multiplicities = (!atoms.is_simple()).then(|| atoms.multiplicities());
        let mut sums = Self::over(atoms.values(), multiplicities, kappa, split);
        sums.above = above;
        sums.below = atoms.dimension() - above;
        sums
    }

    /// `values` descending, `values[..split] > κ`; no multiplicities means ones. Leaves the counts at zero.
    pub(crate) fn over(
        values: &[f64],
        multiplicities: Option<&[f64]>,
        kappa: f64,
        split: usize,
    ) -> Self {
        let part = |range: std::ops::Range<usize>| {
            (&values[range.clone()], multiplicities.map(|m| &m[range]))
        };
        let (upper, upper_squares) = ratio_sums::<true>(part(0..split), kappa);
        let (lower, lower_squares) = ratio_sums::<false>(part(split..values.len()), kappa);
        Self {
            above: 0.0,
            below: 0.0,
            upper,
            upper_squares,
            lower,
            lower_squares,
        }
    }

    /// `df_1 − df_2 = Σ pq`; each `q²` above, each `p²` below, is at most half its `q`, `p`.
    pub(crate) fn difference(&self) -> f64 {
        (self.upper - self.upper_squares) + (self.lower - self.lower_squares)
    }

    /// `T − df_1`, to an accuracy relative to the three terms it is made of.
    pub(crate) fn deficit(&self, samples: f64) -> f64 {
        ((samples - self.above) + self.upper) - self.lower
    }

    pub(crate) fn degrees(&self) -> Degrees {
        Degrees {
            df1: (self.above - self.upper) + self.lower,
            df2: ((self.above - 2.0 * self.upper) + self.upper_squares) + self.lower_squares,
            complement: (self.below - self.lower) + self.upper,
            difference: self.difference(),
            relative_error: 4.0 * (CHUNK / LANES + 8) as f64 * f64::EPSILON,
        }
    }
}

type Part<'a> = (&'a [f64], Option<&'a [f64]>);

/// `Σ m f` and `Σ m f²` with `f = κ/(s+κ)` (`UPPER`) or `s/(s+κ)`.
fn ratio_sums<const UPPER: bool>((values, multiplicities): Part, kappa: f64) -> (f64, f64) {
    let block = |i: usize| {
        let range = i * BLOCK..values.len().min((i + 1) * BLOCK);
        block_sums::<UPPER>(
            (&values[range.clone()], multiplicities.map(|m| &m[range])),
            kappa,
        )
    };
    let blocks = values.len().div_ceil(BLOCK);
    let mut sums = (Compensated::default(), Compensated::default());
    if blocks <= 1 {
        sums = block(0);
    } else {
        let parts: Vec<_> = (0..blocks).into_par_iter().map(block).collect();
        for (first, second) in parts {
            sums.0.merge(first);
            sums.1.merge(second);
        }
    }
    (sums.0.value(), sums.1.value())
}

fn block_sums<const UPPER: bool>(
    (values, multiplicities): Part,
    kappa: f64,
) -> (Compensated, Compensated) {
    let mut sums = (Compensated::default(), Compensated::default());
    for start in (0..values.len()).step_by(CHUNK) {
        let end = values.len().min(start + CHUNK);
        let (first, second) = match multiplicities {
            None => chunk_sums::<UPPER>(&values[start..end], kappa),
            Some(m) => weighted_chunk_sums::<UPPER>(&values[start..end], &m[start..end], kappa),
        };
        sums.0.add(first);
        sums.1.add(second);
    }
    sums
}

#[inline]
fn ratio<const UPPER: bool>(s: f64, kappa: f64) -> f64 {
    (if UPPER { kappa } else { s }) / (s + kappa)
}

#[inline]
fn chunk_sums<const UPPER: bool>(values: &[f64], kappa: f64) -> (f64, f64) {
    let mut first = [0.0; LANES];
    let mut second = [0.0; LANES];
    let mut lanes = values.chunks_exact(LANES);
    for s in &mut lanes {
        for i in 0..LANES {
            let f = ratio::<UPPER>(s[i], kappa);
            first[i] += f;
            second[i] += f * f;
        }
    }
    for (i, &s) in lanes.remainder().iter().enumerate() {
        let f = ratio::<UPPER>(s, kappa);
        first[i] += f;
        second[i] += f * f;
    }
    (fold(first), fold(second))
}

#[inline]
fn weighted_chunk_sums<const UPPER: bool>(
    values: &[f64],
    weights: &[f64],
    kappa: f64,
) -> (f64, f64) {
    let mut first = [0.0; LANES];
    let mut second = [0.0; LANES];
    for (s, m) in values.chunks(LANES).zip(weights.chunks(LANES)) {
        for (i, (&s, &m)) in s.iter().zip(m).enumerate() {
            let f = ratio::<UPPER>(s, kappa);
            first[i] += m * f;
            second[i] += m * (f * f);
        }
    }
    (fold(first), fold(second))
}

#[inline]
fn fold(x: [f64; LANES]) -> f64 {
    ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]))
}
