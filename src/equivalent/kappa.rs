//! κ, the ridge that the sample size adds to.
//!
//! The root is sought in `ln κ`, of `h = (T − df_1(κ)) − Tλ/κ`. The deficit `T − df_1` is assembled from
//! terms that do not cancel ([`SplitSums::deficit`]), and `dh/d ln κ = (df_1 − df_2) + Tλ/κ` is at least a quarter of
//! their sizes together, so that κ has full relative accuracy wherever it is representable: in a gap of
//! the spectrum, at `T` just under `d`, at any λ.
//!
//! A long spectrum is first solved on a sample of itself; two or three passes over the data then suffice.

mod sweep;

pub use sweep::kappas;

use super::EquivalentError;
use super::degrees::SplitSums;
use crate::spectrum::Atoms;

/// Largest residual, as a relative error of κ, that is accepted: rounding stays below it.
pub(crate) const TOLERANCE: f64 = 2e-14;
/// Passes over the data before giving up; a long spectrum needs three or four.
const MAX_PASSES: u32 = 200;
/// Up to this many distinct eigenvalues are solved directly.
const DIRECT: usize = 1024;
/// Blocks of the sample of a longer spectrum while the distance from its end grows e-fold.
const BLOCKS_PER_E: usize = 16;
/// Blocks up to this long enter the sample whole.
const WRITTEN_OUT: usize = 8;
/// So that no sum of an eigenvalue and κ overflows.
const LARGEST: f64 = f64::MAX / 4.0;

/// `κ(λ, T)` with the degrees of freedom there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kappa {
    pub lambda: f64,
    pub samples: f64,
    /// κ itself; zero where `λ = 0` and `T ≥ d`.
    pub value: f64,
    pub df1: f64,
    pub df2: f64,
    /// `T − df_2(κ)`, without cancellation: zero only at `λ = 0`, `T = d`.
    pub gap: f64,
    /// Bound on the relative error of κ.
    pub relative_error: f64,
    /// Loops over the whole spectrum that were needed.
    pub passes: u32,
}

impl Kappa {
    /// `∂κ/∂λ = 1/(1 − df_2(κ)/T)`.
    pub fn derivative_in_lambda(&self) -> Result<f64, EquivalentError> {
        self.checked_gap().map(|gap| self.samples / gap)
    }

    /// `∂κ/∂T = −(κ − λ)/(T − df_2(κ)) = −κ df_1(κ)/(T (T − df_2(κ)))`.
    pub fn derivative_in_samples(&self) -> Result<f64, EquivalentError> {
        self.checked_gap()
            .map(|gap| -self.value * (self.df1 / self.samples) / gap)
    }

    /// `T − df_2(κ)`; an error at the interpolation threshold, where it is zero.
    pub(crate) fn checked_gap(&self) -> Result<f64, EquivalentError> {
        if self.gap > 0.0 {
            Ok(self.gap)
        } else {
            Err(EquivalentError::InterpolationThreshold {
                samples: self.samples,
            })
        }
    }

    /// The unregularised fit on at least `d` samples: κ = 0.
    pub(crate) fn zero(samples: f64, dimension: f64) -> Self {
        Self {
            lambda: 0.0,
            samples,
            value: 0.0,
            df1: dimension,
            df2: dimension,
            gap: samples - dimension,
            relative_error: 0.0,
            passes: 0,
        }
    }
}

pub(crate) fn explicit(atoms: &Atoms, lambda: f64, samples: f64) -> Result<Kappa, EquivalentError> {
    let equation = Equation { lambda, samples };
    let data = |kappa| SplitSums::over_atoms(atoms, kappa);
    let (bracket, start) = if atoms.values().len() <= DIRECT {
        let bracket = equation.bracket(atoms.values().iter().zip(atoms.multiplicities()).map(
            |(&s, &m)| Bin {
                least: s,
                total: s * m,
                count: m,
            },
        ))?;
        (bracket, bracket.middle())
    } else {
        let sample = Sample::of(atoms);
        let bracket = equation.bracket(sample.bins.iter().copied())?;
        // The sample only has to suggest where to start.
        let suggestion = equation.solve(
            |kappa| sample.sums(kappa),
            bracket,
            bracket.middle(),
            1e-9,
            40,
        );
        (
            bracket,
            suggestion.map_or(bracket.middle(), |root| root.kappa),
        )
    };
    let root = equation.solve(data, bracket, start, TOLERANCE, MAX_PASSES)?;
    if root.kappa < f64::MIN_POSITIVE {
        return Err(EquivalentError::Underflow);
    }
    if root.kappa > LARGEST {
        return Err(EquivalentError::Overflow);
    }
    let degrees = root.sums.degrees();
    Ok(Kappa {
        lambda,
        samples,
        value: root.kappa,
        df1: degrees.df1,
        df2: degrees.df2,
        gap: root.slope,
        relative_error: TOLERANCE + 4.0 * degrees.relative_error,
        passes: root.passes,
    })
}

#[derive(Clone, Copy, Debug)]
struct Bracket {
    low: f64,
    high: f64,
}

impl Bracket {
    fn middle(self) -> f64 {
        self.low.sqrt() * self.high.sqrt()
    }
}

/// Eigenvalues next to one another: the least, their sum, their number.
#[derive(Clone, Copy, Debug)]
struct Bin {
    least: f64,
    total: f64,
    count: f64,
}

struct Equation {
    lambda: f64,
    samples: f64,
}

struct Root {
    kappa: f64,
    sums: SplitSums,
    /// `dh/d ln κ`, which at the root is `T − df_2`.
    slope: f64,
    passes: u32,
}

impl Equation {
    /// Bounds on κ from any grouping of the eigenvalues in descending order. With `N` of them at least `x`,
    /// `T ≥ df_1(κ) ≥ N x/(x+κ)`, so `κ ≥ x(N/T − 1)`; with all but the largest `N` summing to `τ`,
    /// `T ≤ N + τ/κ + Tλ/κ`, so `κ ≤ (Tλ + τ)/(T − N)`.
    fn bracket(
        &self,
        bins: impl DoubleEndedIterator<Item = Bin> + Clone,
    ) -> Result<Bracket, EquivalentError> {
        let t = self.samples;
        let mut low = self.lambda;
        let mut count = 0.0;
        for bin in bins.clone() {
            count += bin.count;
            if count > t {
                low = low.max(bin.least * ((count - t) / t));
            }
        }
        let upper = |tail: f64, n: f64| self.lambda * (t / (t - n)) + tail / (t - n);
        let mut tail = 0.0;
        let mut high = if count < t {
            upper(0.0, count)
        } else {
            f64::INFINITY
        };
        for bin in bins.rev() {
            count -= bin.count;
            tail += bin.total;
            if count < t {
                high = high.min(upper(tail, count));
            }
        }
        if low > LARGEST {
            return Err(EquivalentError::Overflow);
        }
        // A little wider, for the rounding of these sums.
        let bracket = Bracket {
            low: low * (1.0 - 1e-9),
            high: high.min(LARGEST) * (1.0 + 1e-9),
        };
        if bracket.low > 0.0 && bracket.high >= f64::MIN_POSITIVE {
            Ok(bracket)
        } else {
            Err(EquivalentError::Underflow)
        }
    }

    /// Newton and Halley in `ln κ` on `ln(df_1 + Tλ/κ) = ln T`, nearly straight for steep spectra, kept inside a bracket.
    fn solve(
        &self,
        sums_at: impl Fn(f64) -> SplitSums,
        mut bracket: Bracket,
        start: f64,
        tolerance: f64,
        max_passes: u32,
    ) -> Result<Root, EquivalentError> {
        let t = self.samples;
        let mut kappa = start;
        let mut residual = f64::INFINITY;
        let mut previous = f64::INFINITY;
        for passes in 1..=max_passes {
            let sums = sums_at(kappa);
            let ridge = t * (self.lambda / kappa);
            let h = sums.deficit(t) - ridge;
            let slope = sums.difference() + ridge;
            if slope.is_nan() || slope < 1e-280 {
                return Err(EquivalentError::Underflow);
            }
            residual = h / slope;
            // Best is a residual at the level of rounding; once it shrinks no further, the tolerance will do.
            let converged = residual.abs() <= 0.1 * tolerance
                || (residual.abs() <= tolerance && residual.abs() > 0.1 * previous);
            if converged {
                // The residual is also the last, tiny step.
                let kappa = kappa * (1.0 - residual);
                return Ok(Root {
                    kappa,
                    sums,
                    slope,
                    passes,
                });
            }
            if h > 0.0 {
                bracket.high = kappa;
            } else {
                bracket.low = kappa;
            }
            // The function ln(df_1 + Tλ/κ) − ln T and its two derivatives in ln κ, with df_1 + Tλ/κ = T − h.
            let (r, value) = (t - h, (-h / t).ln_1p());
            let first = -slope / r;
            let second = -(sums.curvature() - ridge) / r - first * first;
            let newton = -value / first;
            // Halley's correction near the root, where it triples the digits.
            let halley = 1.0 + 0.5 * newton * (second / first);
            let step = if newton.abs() < 1.0 && (0.5..2.0).contains(&halley) {
                newton / halley
            } else {
                newton
            };
            let next = kappa * step.exp();
            let stalls = passes > 8 && residual.abs() > 0.5 * previous;
            previous = residual.abs();
            kappa = if bracket.low < next && next < bracket.high && !stalls {
                next
            } else {
                bracket.middle()
            };
        }
        Err(EquivalentError::NotConverged {
            passes: max_passes,
            residual: residual.abs(),
        })
    }
}

/// A long spectrum by a few hundred of its own eigenvalues: all of those at either end, and two from each of
/// the blocks between, which grow with their distance from the ends.
struct Sample {
    bins: Vec<Bin>,
    nodes: Vec<f64>,
    weights: Vec<f64>,
    dimension: f64,
}

impl Sample {
    fn of(atoms: &Atoms) -> Self {
        let n = atoms.values().len();
        let mut sample = Self {
            bins: Vec::new(),
            nodes: Vec::new(),
            weights: Vec::new(),
            dimension: atoms.dimension(),
        };
        let mut start = 0;
        while start < n {
            let distance = start.min(n - start);
            let end = n.min(start + (distance / BLOCKS_PER_E).max(1));
            sample.push(atoms, start, end);
            start = end;
        }
        sample
    }

    fn push(&mut self, atoms: &Atoms, start: usize, end: usize) {
        let values = &atoms.values()[start..end];
        // A gap inside a block is narrowed down; the range of f64 leaves room for few blocks as wide as this.
        if values.len() > WRITTEN_OUT && values[0] > 2.0 * values[values.len() - 1] {
            let middle = start + values.len() / 2;
            self.push(atoms, start, middle);
            self.push(atoms, middle, end);
            return;
        }
        let (count_before, len) = (atoms.count_through(start), values.len());
        let count = atoms.count_through(end) - count_before;
        if len <= WRITTEN_OUT {
            self.nodes.extend_from_slice(values);
            self.weights
                .extend_from_slice(&atoms.multiplicities()[start..end]);
        } else {
            // Gauss's two points, symmetric so that rounding their places does no harm in first order.
            let offset = (len as f64 * (0.5 - 0.5 / 3f64.sqrt())) as usize;
            self.nodes
                .extend([values[offset], values[len - 1 - offset]]);
            self.weights.extend([0.5 * count; 2]);
        }
        // At least their sum, which is what a bound from above needs.
        self.bins.push(Bin {
            least: values[len - 1],
            total: count * values[0],
            count,
        });
    }

    fn sums(&self, kappa: f64) -> SplitSums {
        let split = self.nodes.partition_point(|&s| s > kappa);
        let mut sums = SplitSums::over(&self.nodes, Some(&self.weights), kappa, split);
        sums.above = self.weights[..split].iter().sum();
        sums.below = self.dimension - sums.above;
        sums
    }
}

#[cfg(test)]
mod tests;
