//! What can be wrong with a spectrum, a target, or a sum over them.

use std::path::PathBuf;

/// Why a spectrum could not be made, or a sum over it not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpectrumError {
    #[error("a spectrum needs at least one eigenvalue")]
    Empty,
    #[error("eigenvalue {position} is {value}; eigenvalues are positive, between 1e-300 and 1e300")]
    Eigenvalue { position: usize, value: f64 },
    #[error("multiplicity {position} is {value}; multiplicities are whole numbers of at least 1")]
    Multiplicity { position: usize, value: f64 },
    #[error("{values} eigenvalues but {multiplicities} multiplicities")]
    Lengths {
        values: usize,
        multiplicities: usize,
    },
    #[error("dimension {dimension} is outside 1 ..= 2^53")]
    Dimension { dimension: f64 },
    #[error("the exponent β = {beta} of a power law must be positive and finite")]
    Exponent { beta: f64 },
    #[error("Σ k^-β diverges at β = {beta}: an infinite dimension needs β > 1")]
    InfiniteTrace { beta: f64 },
    #[error("this needs a finite dimension")]
    NeedsFiniteDimension,
    #[error("dimension {dimension} is too large to write out every eigenvalue (limit {limit})")]
    TooManyEigenvalues { dimension: u64, limit: u64 },
    #[error("the power {power} of Σ is not finite")]
    Power { power: f64 },
    #[error(
        "a pole at κ = {kappa} of order {order}: κ must be finite and not negative, the order finite"
    )]
    Pole { kappa: f64, order: f64 },
    #[error(
        "a sum over the power law β = {beta} would take more than {limit} terms to reach double precision"
    )]
    TooManyTerms { beta: f64, limit: usize },
    #[error("{0}")]
    Work(#[from] crate::budget::Refused),
    #[error("the sum over the spectrum diverges")]
    Divergent,
    #[error("the sum over the spectrum exceeds the range of double precision")]
    Overflow,
    #[error("the sum over the spectrum was reached only to a relative error of {relative_error:e}")]
    Precision { relative_error: f64 },
    #[error("‖w0‖² = {norm2} must be finite and not negative")]
    Norm { norm2: f64 },
    #[error("an isotropic target has no meaning in infinite dimension")]
    IsotropicInfinite,
    #[error("a source condition (r = {r}) is defined for power laws only")]
    SourceNeedsPowerLaw { r: f64 },
    #[error("the source exponent r = {r} must be positive and finite")]
    Source { r: f64 },
    #[error("eigenvector {index} does not exist in dimension {dimension}")]
    Axis { index: u64, dimension: f64 },
    #[error("{masses} masses for {atoms} distinct eigenvalues")]
    MassCount { masses: usize, atoms: usize },
    #[error("mass {position} is {value}; masses are finite and not negative")]
    Mass { position: usize, value: f64 },
    #[error("{}: {message}", path.display())]
    File { path: PathBuf, message: String },
    #[error("{}:{line}: {message}", path.display())]
    FileLine {
        path: PathBuf,
        line: usize,
        message: String,
    },
}
