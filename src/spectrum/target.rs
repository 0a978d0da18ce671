//! The true coefficients, as masses `c_j²` in the eigenbasis of `Σ`.

use super::SpectrumError;

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

impl Target {
    pub(crate) fn validate(&self) -> Result<(), SpectrumError> {
        match self {
            &Target::Isotropic { norm2 } if !(norm2.is_finite() && norm2 >= 0.0) => {
                Err(SpectrumError::Norm { norm2 })
            }
            &Target::Source { r } if !(r.is_finite() && r > 0.0) => {
                Err(SpectrumError::Source { r })
            }
            Target::Masses(masses) => {
                match masses.iter().position(|m| !(m.is_finite() && *m >= 0.0)) {
                    Some(position) => Err(SpectrumError::Mass {
                        position: position + 1,
                        value: masses[position],
                    }),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}
