//! Spectra from data: eigenvalues and target coefficients of a feature or kernel matrix, and the power laws they follow.
//!
//! | module | what |
//! |---|---|
//! | [`matrix`] | rows of numbers, from CSV or `.npy` |
//! | [`kernel`] | what is decomposed: features as they are, or a kernel of them |
//! | [`decomposition`] | eigenvalues, and the labels along the eigenvectors |
//! | [`correction`] | what a finite sample does to eigenvalues, undone |
//! | [`exponent`] | straight lines in logarithms, with intervals |
//! | [`estimate`] | all of it together |
//! | [`spectrum_file`] | what `predict` and `check` read |
//! | [`picture`] | the fit to be looked at |
//!
//! With `N` rows, the eigenvalues `l_j` of `X'X/N` (or of the kernel matrix over `N`) are those of `Σ` spread out: large ones
//! are too large, small ones too small, and their sum is right. [`correction`] undoes this for Gaussian features. With unit
//! vectors `u_j`, the squares of `u_j'y/√N` estimate `c_j² s_j` and are too large by `(σ² + what is not resolved)/N`, which is
//! estimated and taken off sums over neighbours. The mixing of neighbouring eigenvectors is not undone: it blurs coefficients
//! over neighbours.

pub mod correction;
pub mod decomposition;
mod error;
pub mod estimate;
pub mod exponent;
pub mod kernel;
pub mod matrix;
mod npy;
pub mod picture;
mod read;
pub mod spectrum_file;
mod symmetric;

pub use error::DataError;
pub use estimate::{Estimate, Settings, estimate};
pub use kernel::Kernel;
pub use matrix::Matrix;
