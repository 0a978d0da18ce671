//! What can be wrong with an equivalent.

use crate::spectrum::SpectrumError;

/// Why an equivalent has no value, or none that could be reached.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EquivalentError {
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    #[error("the ridge λ = {lambda} must be finite and not negative")]
    Ridge { lambda: f64 },
    #[error("the sample size T = {samples} must be positive and finite")]
    Samples { samples: f64 },
    #[error("the noise level σ = {noise} (a standard deviation) must be finite and not negative")]
    Noise { noise: f64 },
    #[error("κ = {kappa} must be finite and not negative")]
    NegativeKappa { kappa: f64 },
    #[error("κ exceeds the range of double precision")]
    Overflow,
    #[error("κ is below the range of double precision")]
    Underflow,
    #[error("κ was not reached: after {passes} passes its relative residual is {residual:e}")]
    NotConverged { passes: u32, residual: f64 },
    #[error("interpolation threshold: infinite, since λ = 0 and T = d = {samples}")]
    InterpolationThreshold { samples: f64 },
    #[error("ridge generations that share one design have no equivalent here: λ = {lambda}")]
    SharedRidge { lambda: f64 },
    #[error("{fits} fits but {kappas} values of κ")]
    KappaCount { fits: usize, kappas: usize },
    #[error("modes must be equally many, finite and not negative: mode {position}")]
    Mode { position: usize },
    #[error("{what} must be a square, finite matrix of {dimension} rows")]
    Matrix {
        what: &'static str,
        dimension: usize,
    },
    #[error("the eigenvalues of Σ could not be computed")]
    Eigenvalues,
    #[error("the sum over the eigenvalues of X'X did not settle at this size")]
    FiniteSizeSum,
    #[error("this has no exact finite-size formula: {reason}")]
    NotExact { reason: &'static str },
    #[error("the expectation is infinite for T = {samples}, d = {dimension}")]
    InfiniteExpectation { samples: u64, dimension: u64 },
    #[error("the result exceeds the range of double precision")]
    ResultOverflow,
}
