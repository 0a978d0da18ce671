//! What can be wrong with a model, an expression, or its equivalent.

use crate::spectrum::SpectrumError;

/// Why a rational expression of Gaussian matrices has no equivalent, or none that could be reached.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PencilError {
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    #[error("spaces do not fit: {left} columns meet {right} rows")]
    Spaces { left: f64, right: f64 },
    #[error("{what} must be finite and not negative, not {value}")]
    Parameter { what: &'static str, value: f64 },
    #[error("the inverse of a matrix of rank {rank} in dimension {dimension}")]
    Singular { rank: f64, dimension: f64 },
    #[error("a pseudo-inverse of rank {rank} of {rows} rows and {columns} columns")]
    Rank { rank: f64, rows: f64, columns: f64 },
    #[error("the trace is infinite")]
    Divergent,
    #[error("a pseudo-inverse at the interpolation threshold")]
    Threshold,
    #[error(
        "the fixed-point equations were not solved: at a floor of {floor:e} under the inverses, Newton's steps stop at {step:e}"
    )]
    NotConverged { floor: f64, step: f64 },
    #[error("the root leaves a residual of {residual:e}")]
    Residual { residual: f64 },
    #[error("the linear equations between components are singular: variances are infinite here")]
    Critical,
    #[error("written out, the expression has more than {most} blocks")]
    TooLarge { most: usize },
    #[error(
        "matrices that do not commute take {entries} numbers here: a smaller dimension is needed"
    )]
    Dense { entries: usize },
    #[error("equations between matrices that do not commute are solved, and not written down")]
    Turned,
    #[error("a matrix that is singular at its mean has no equivalent here")]
    SingularMean,
}
