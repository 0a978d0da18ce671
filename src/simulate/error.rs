//! What can be wrong with a simulation.

use thiserror::Error;

/// Why a simulation could not be set up, or a replicate not be drawn.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SimulateError {
    #[error("the dimension is infinite: only a prediction exists; give a finite `d` to simulate")]
    Infinite,
    #[error("d = {d} is too large to simulate")]
    TooLarge { d: f64 },
    #[error("a replicate would need {gibibytes:.1} GiB of memory")]
    Memory { gibibytes: f64 },
    #[error("no eigenvalues: d must be at least 1")]
    Empty,
    #[error(
        "eigenvalue {index} is {value}: eigenvalues must be positive, finite, and in descending order"
    )]
    Eigenvalue { index: usize, value: f64 },
    #[error("coefficient {index} is {value}: coefficients must be finite")]
    Coefficient { index: usize, value: f64 },
    #[error("{expected} eigenvalues but {found} coefficients")]
    Lengths { expected: usize, found: usize },
    #[error("a sample size of {samples} can be predicted, but to simulate it must be whole")]
    FractionalSamples { samples: f64 },
    #[error("a fit needs at least one sample")]
    NoSamples,
    #[error("the noise level is {sd}: a standard deviation must be finite and not negative")]
    Noise { sd: f64 },
    #[error("the ridge is {ridge}: it must be finite and not negative")]
    Ridge { ridge: f64 },
    #[error("shared designs need one sample size: generations have {first} and {other} samples")]
    SharedSamples { first: u64, other: u64 },
    #[error("Student's t needs more than 2 degrees of freedom to have a variance, not {degrees}")]
    Degrees { degrees: f64 },
    #[error(
        "X'X is singular (d = {d}, T = {samples}): minimum norm cannot be computed from it in double precision"
    )]
    Singular { d: usize, samples: u64 },
    #[error("the test error is not finite")]
    NotFinite,
}
