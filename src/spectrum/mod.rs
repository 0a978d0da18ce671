//! The covariance `Σ` as a spectrum, the target `w0` in its eigenbasis, and sums over both.

mod monomial;
mod target;

pub use monomial::Monomial;
pub use target::Target;

/// The dimension `d` of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Finite(u64),
    Infinite,
}

/// The eigenvalues of `Σ`.
#[derive(Clone, Debug, PartialEq)]
pub enum Spectrum {
    Atoms(Atoms),
    PowerLaw(PowerLaw),
}

/// Finitely many distinct eigenvalues, in descending order, each with its multiplicity.
///
/// Multiplicities are whole numbers held as `f64`, so that `d = 10¹²` isotropic costs one atom.
#[derive(Clone, Debug, PartialEq)]
pub struct Atoms {
    values: Vec<f64>,
    multiplicities: Vec<f64>,
}

/// `s_k = k^{-β}`, `k = 1, …, d`; `d` may be infinite, then `β > 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    beta: f64,
    dimension: Dimension,
}
