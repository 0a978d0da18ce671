//! Degrees of freedom, and the sums behind them, in one pass over an explicit spectrum.
//!
//! Where `s > κ` the sums hold `q = κ/(s+κ)`, elsewhere `p = s/(s+κ)`: each is at most one half, so that
//! `df_1 = N + B − A` (`N` eigenvalues above κ) and everything near it can be had without cancellation.

use faer::traits::pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::number::vectorised;
use crate::spectrum::Atoms;
use crate::spectrum::sum::Compensated;

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

/// The sums of one pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitSums {
    /// `N`, how many eigenvalues exceed κ.
    pub above: f64,
    /// How many do not.
    pub below: f64,
    /// `A = Σ q`, `Σ q²` and `Σ q³` over those above.
    pub upper: f64,
    pub upper_squares: f64,
    pub upper_cubes: f64,
    /// `B = Σ p`, `Σ p²` and `Σ p³` over those below.
    pub lower: f64,
    pub lower_squares: f64,
    pub lower_cubes: f64,
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
        let ([upper, upper_squares, upper_cubes], [lower, lower_squares, lower_cubes]) =
            powers(values, multiplicities, kappa, split);
        Self {
            above: 0.0,
            below: 0.0,
            upper,
            upper_squares,
            upper_cubes,
            lower,
            lower_squares,
            lower_cubes,
        }
    }

    /// `T − df_1` and its first four derivatives in `ln κ`.
    pub(crate) fn expansion_over(atoms: &Atoms, kappa: f64, samples: f64) -> Expansion {
        let (above, split) = atoms.count_above(kappa);
        let multiplicities = (!atoms.is_simple()).then(|| atoms.multiplicities());
        let (upper, lower): ([f64; 5], [f64; 5]) =
            powers(atoms.values(), multiplicities, kappa, split);
        // q' = q − q², and so on; p is to −ln κ what q is to ln κ.
        let derivatives = |[a, b, c, d, e]: [f64; 5]| {
            [
                a - b,
                a - 3.0 * b + 2.0 * c,
                a - 7.0 * b + 12.0 * c - 6.0 * d,
                a - 15.0 * b + 50.0 * c - 60.0 * d + 24.0 * e,
            ]
        };
        let deficit = ((samples - above) + upper[0]) - lower[0];
        let (upper, lower) = (derivatives(upper), derivatives(lower));
        [
            deficit,
            upper[0] + lower[0],
            upper[1] - lower[1],
            upper[2] + lower[2],
            upper[3] - lower[3],
        ]
    }

    /// `df_1 − df_2 = Σ pq`; each `q²` above, each `p²` below, is at most half its `q`, `p`.
    pub(crate) fn difference(&self) -> f64 {
        (self.upper - self.upper_squares) + (self.lower - self.lower_squares)
    }

    /// `Σ pq(p − q)`, the derivative of the difference in `ln κ`.
    pub(crate) fn curvature(&self) -> f64 {
        (self.upper - 3.0 * self.upper_squares + 2.0 * self.upper_cubes)
            - (self.lower - 3.0 * self.lower_squares + 2.0 * self.lower_cubes)
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

/// A function and its first four derivatives.
pub(crate) type Expansion = [f64; 5];

type Part<'a> = (&'a [f64], Option<&'a [f64]>);

/// The sums of the first `N` powers, 3 or 5, of `q` over `values[..split]` and of `p` over the rest.
fn powers<const N: usize>(
    values: &[f64],
    multiplicities: Option<&[f64]>,
    kappa: f64,
    split: usize,
) -> ([f64; N], [f64; N]) {
    let part =
        |range: std::ops::Range<usize>| (&values[range.clone()], multiplicities.map(|m| &m[range]));
    (
        ratio_sums::<true, N>(part(0..split), kappa),
        ratio_sums::<false, N>(part(split..values.len()), kappa),
    )
}

/// `Σ m f`, `Σ m f²`, … with `f = κ/(s+κ)` (`UPPER`) or `s/(s+κ)`.
fn ratio_sums<const UPPER: bool, const N: usize>(
    (values, multiplicities): Part,
    kappa: f64,
) -> [f64; N] {
    let block = |i: usize| {
        let range = i * BLOCK..values.len().min((i + 1) * BLOCK);
        let part = (&values[range.clone()], multiplicities.map(|m| &m[range]));
        // Wider registers where the processor has them; the lanes, and so the bits, are the same.
        vectorised(|| Arch::new().dispatch(BlockSums::<UPPER, N> { part, kappa }))
    };
    let blocks = values.len().div_ceil(BLOCK);
    let sums = if blocks <= 1 {
        block(0)
    } else {
        let parts: Vec<_> = (0..blocks).into_par_iter().map(block).collect();
        let mut sums = [Compensated::default(); N];
        for part in parts {
            for (sum, part) in sums.iter_mut().zip(part) {
                sum.merge(part);
            }
        }
        sums
    };
    sums.map(Compensated::value)
}

struct BlockSums<'a, const UPPER: bool, const N: usize> {
    part: Part<'a>,
    kappa: f64,
}

impl<const UPPER: bool, const N: usize> WithSimd for BlockSums<'_, UPPER, N> {
    type Output = [Compensated; N];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let (values, multiplicities) = self.part;
        let mut sums = [Compensated::default(); N];
        for start in (0..values.len()).step_by(CHUNK) {
            let end = values.len().min(start + CHUNK);
            let chunk = match multiplicities {
                None => chunk_sums::<UPPER, true, N>(&values[start..end], &[], self.kappa),
                Some(m) => {
                    chunk_sums::<UPPER, false, N>(&values[start..end], &m[start..end], self.kappa)
                }
            };
            for (sum, part) in sums.iter_mut().zip(chunk) {
                sum.add(part);
            }
        }
        sums
    }
}

/// `SIMPLE` where every multiplicity is one, and none are given. One short loop for each sum: that is what compilers
/// know how to vectorise.
#[inline(always)]
fn chunk_sums<const UPPER: bool, const SIMPLE: bool, const N: usize>(
    values: &[f64],
    multiplicities: &[f64],
    kappa: f64,
) -> [f64; N] {
    let mut ratios = [0.0; CHUNK];
    for (f, &s) in ratios.iter_mut().zip(values) {
        *f = (if UPPER { kappa } else { s }) / (s + kappa);
    }
    let mut weighted = ratios;
    if !SIMPLE {
        for (f, &m) in weighted.iter_mut().zip(multiplicities) {
            *f *= m;
        }
    }
    let mut squares = [0.0; CHUNK];
    let mut cubes = [0.0; CHUNK];
    for i in 0..CHUNK {
        squares[i] = weighted[i] * ratios[i];
        cubes[i] = squares[i] * ratios[i];
    }
    let mut sums = [0.0; N];
    sums[..3].copy_from_slice(&[total(&weighted), total(&squares), total(&cubes)]);
    if N == 5 {
        let mut fourths = [0.0; CHUNK];
        let mut fifths = [0.0; CHUNK];
        for i in 0..CHUNK {
            fourths[i] = cubes[i] * ratios[i];
            fifths[i] = fourths[i] * ratios[i];
        }
        sums[3..].copy_from_slice(&[total(&fourths), total(&fifths)]);
    }
    sums
}

#[inline(always)]
fn total(terms: &[f64; CHUNK]) -> f64 {
    let mut x = [0.0; LANES];
    for terms in terms.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            x[i] += terms[i];
        }
    }
    ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]))
}
