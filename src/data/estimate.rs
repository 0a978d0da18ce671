//! From rows of numbers to a spectrum, a target, and the powers they follow.

use super::correction::correct;
use super::decomposition::{Decomposition, decompose};
use super::exponent::{Bin, Exponent, bins, capacity, decay};
use super::{DataError, Kernel, Matrix};

/// How to estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub kernel: Kernel,
    /// The rows are all there is, not a sample: nothing is corrected.
    pub population: bool,
    /// Indices between which power laws are fitted, from 1; by default from 2 to a quarter of the smaller of `N` and `d`, and
    /// for the target from 1 to where the noise begins.
    pub window: Option<(usize, usize)>,
    /// Samples drawn for the correction and the intervals.
    pub draws: usize,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kernel: Kernel::Linear,
            population: false,
            window: None,
            draws: 20,
            seed: 0,
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Estimate {
    pub rows: usize,
    pub features: usize,
    pub kernel: Kernel,
    pub population: bool,
    /// As the sample shows them.
    pub sample: Vec<f64>,
    /// Corrected.
    pub eigenvalues: Vec<f64>,
    /// Eigenvalues that were rounding and are left out.
    pub dropped: usize,
    pub window: (usize, usize),
    pub beta: Exponent,
    pub target: Option<TargetEstimate>,
}

/// The labels in the eigenbasis.
#[derive(Clone, Debug)]
pub struct TargetEstimate {
    /// `c_j`, in the order of the eigenvalues; 0 where nothing rises above the noise.
    pub coefficients: Vec<f64>,
    /// Standard deviation of the label noise together with what is not resolved.
    pub noise: f64,
    /// Which part of `‖y‖²/N` the coefficients account for.
    pub explained: f64,
    /// `c_j² s_j` over neighbouring indices.
    pub signal: Vec<Bin>,
    /// The source exponent `r` of `c_j² s_j ~ j^{-(1 + 2βr)}`, where a fit was possible, with `ln` of the line at `j = 1` and
    /// its slope.
    pub source: Option<(Exponent, f64)>,
}

/// Fewer rows say nothing.
const LEAST_ROWS: usize = 8;
/// Fewer draws give no interval.
const LEAST_DRAWS: usize = 10;

/// Estimates spectrum and target.
pub fn estimate(
    data: &Matrix,
    labels: Option<&[f64]>,
    settings: &Settings,
) -> Result<Estimate, DataError> {
    if data.rows < LEAST_ROWS {
        return Err(DataError::Few {
            rows: data.rows,
            least: LEAST_ROWS,
        });
    }
    if let Some(labels) = labels.filter(|labels| labels.len() != data.rows) {
        return Err(DataError::Labels {
            labels: labels.len(),
            rows: data.rows,
        });
    }
    if settings.draws < LEAST_DRAWS && !settings.population {
        return Err(DataError::Setting {
            what: "the number of draws",
            value: settings.draws as f64,
            help: "10 or more",
        });
    }
    let kernel = settings.kernel.suited(data)?;
    let found = decompose(data, labels, kernel)?;
    let (eigenvalues, draws) = if settings.population {
        (found.eigenvalues.clone(), Vec::new())
    } else {
        let corrected = correct(&found.eigenvalues, data.rows, settings.draws, settings.seed)?;
        (corrected.eigenvalues, corrected.draws)
    };
    let (first, last) = settings
        .window
        .unwrap_or((2, (eigenvalues.len() / 4).max(5)));
    let last = last.min(eigenvalues.len());
    let beta = capacity(&eigenvalues, &draws, first, last)?;
    let target = (found.projections.as_ref())
        .map(|projections| target(&found, projections, &eigenvalues, data, &beta, settings));
    Ok(Estimate {
        rows: data.rows,
        features: data.cols,
        kernel,
        population: settings.population,
        sample: found.eigenvalues,
        eigenvalues,
        dropped: found.dropped,
        window: (first, last),
        beta,
        target,
    })
}

/// `θ_j²` with the noise taken off, none of them negative. Taken off one by one and cut at 0, noise would leave half of itself
/// behind wherever there is no signal; so it is taken off sums over neighbours, and what a sum lacks off the next.
fn shrunk(squares: &[f64], floor: f64) -> Vec<f64> {
    let mut kept = Vec::with_capacity(squares.len());
    let mut owed = 0.0;
    for bin in bins(squares, floor, 1, squares.len()) {
        let here = &squares[kept.len()..kept.len() + bin.count];
        let sum = bin.count as f64 * bin.mean - owed;
        owed = (-sum).max(0.0);
        let whole: f64 = here.iter().sum();
        let part = if whole > 0.0 {
            sum.max(0.0) / whole
        } else {
            0.0
        };
        kept.extend(here.iter().map(|square| square * part));
    }
    kept
}

/// `θ_j = u_j'y/√N` has the square `c_j² s_j`, and on top of it `σ²/N`, with `σ²` the noise and what is not resolved.
fn target(
    found: &Decomposition,
    projections: &[f64],
    eigenvalues: &[f64],
    data: &Matrix,
    beta: &Exponent,
    settings: &Settings,
) -> TargetEstimate {
    let (n, power) = (data.rows as f64, found.power.unwrap_or(0.0));
    let squares: Vec<f64> = projections.iter().map(|t| t * t).collect();
    let fitted: f64 = squares.iter().sum();
    let variance = if settings.population {
        (power - fitted).max(0.0)
    } else if squares.len() + LEAST_ROWS <= data.rows {
        // What no combination of the features explains.
        n * (power - fitted).max(0.0) / (n - squares.len() as f64)
    } else {
        // As many features as rows: the last quarter of the projections is taken for noise.
        let from = squares.len() - squares.len().div_ceil(4);
        let last = &squares[from..];
        n * last.iter().sum::<f64>() / last.len() as f64
    };
    let floor = if settings.population {
        0.0
    } else {
        variance / n
    };
    let kept = shrunk(&squares, floor);
    let coefficients: Vec<f64> = (projections.iter().zip(&kept).zip(eigenvalues))
        .map(|((t, square), s)| t.signum() * (square / s).sqrt())
        .collect();
    let signal = bins(&squares, floor, 1, squares.len());
    // Left to itself, the fit ends where the noise begins.
    let (first, last) = settings.window.unwrap_or((1, squares.len()));
    let inside: Vec<Bin> = (signal.iter())
        .filter(|bin| bin.index >= first as f64 && bin.index <= last as f64)
        .copied()
        .collect();
    let source = decay(&inside).map(|(q, reach, at_one)| {
        let r = (q - 1.0) / (2.0 * beta.value);
        // Of both slopes, as if they were independent.
        let of_beta = r * (beta.high - beta.value) / beta.value;
        let reach = (reach / (2.0 * beta.value)).hypot(of_beta);
        let exponent = Exponent {
            value: r,
            low: r - reach,
            high: r + reach,
            intercept: at_one,
            local: (r, r),
        };
        (exponent, -q)
    });
    let kept: f64 = kept.iter().sum();
    TargetEstimate {
        coefficients,
        noise: variance.sqrt(),
        explained: if power > 0.0 {
            (kept / power).min(1.0)
        } else {
            0.0
        },
        signal,
        source,
    }
}
