//! The true coefficients, as masses `c_j²` in the eigenbasis of `Σ`.

/// The target `w0`, by its coefficients `c_j = w0·v_j`.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// `c_j² = norm2/d` for every `j`.
    Isotropic { norm2: f64 },
    /// `c_k² = k^{-δ}` with `δ = 1 + β(2r − 1)`; only for power laws.
    Source { r: f64 },
    /// All mass, 1, on eigenvector `index` (from 1, eigenvalues in descending order).
    Axis { index: u64 },
    /// `Σ c_j²` over each atom of an explicit spectrum, in the order of its atoms.
    Masses(Vec<f64>),
}
