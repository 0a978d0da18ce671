//! The covariance `Σ` as a spectrum, the target `w0` in its eigenbasis, and sums over both.
//!
//! ```
//! use resolvent::spectrum::{Monomial, Spectrum, Target};
//!
//! let sigma = Spectrum::atoms(vec![1.0, 0.25], vec![2.0, 4.0])?;
//! // tr Σ(Σ+κ)^{-1} at κ = 1/4
//! let df1 = sigma.trace(&Monomial::degrees_of_freedom(1.0, 0.25))?;
//! assert!((df1.value - (2.0 / 1.25 + 4.0 * 0.5)).abs() <= df1.error);
//! // w0'Σw0 for w0 of squared length 6, spread evenly
//! let energy = sigma.quadratic(&Monomial::power(1.0), &Target::Isotropic { norm2: 6.0 })?;
//! assert!((energy.value - 3.0).abs() <= energy.error);
//! # Ok::<(), resolvent::spectrum::SpectrumError>(())
//! ```

mod atoms;
mod error;
mod monomial;
pub(crate) mod power_law;
pub(crate) mod sum;
mod target;

use std::path::Path;

pub use atoms::{Atoms, MAX_DIMENSION};
pub use error::SpectrumError;
pub use monomial::Monomial;
pub use power_law::{Summand, power_sum};
pub use target::Target;

use crate::number::Bounded;

/// The dimension `d` of the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    Finite(u64),
    Infinite,
}

impl Dimension {
    /// `d`, infinite where it is.
    pub fn as_f64(self) -> f64 {
        match self {
            Dimension::Finite(d) => d as f64,
            Dimension::Infinite => f64::INFINITY,
        }
    }
}

/// The eigenvalues of `Σ`.
#[derive(Clone, Debug, PartialEq)]
pub enum Spectrum {
    Atoms(Atoms),
    PowerLaw(PowerLaw),
}

/// `s_k = k^{-β}`, `k = 1, …, d`; `d` may be infinite, then `β > 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    beta: f64,
    dimension: Dimension,
}

impl PowerLaw {
    /// `β > 0` finite; `β > 1` where `d` is infinite; `1 ≤ d ≤ 2^53`.
    pub fn new(beta: f64, dimension: Dimension) -> Result<Self, SpectrumError> {
        if !(beta.is_finite() && beta > 0.0) {
            return Err(SpectrumError::Exponent { beta });
        }
        match dimension {
            Dimension::Infinite if beta <= 1.0 => Err(SpectrumError::InfiniteTrace { beta }),
            Dimension::Finite(d) if d == 0 || d > MAX_DIMENSION => Err(SpectrumError::Dimension {
                dimension: d as f64,
            }),
            _ => Ok(Self { beta, dimension }),
        }
    }

    /// The exponent `β`.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    pub fn dimension(&self) -> Dimension {
        self.dimension
    }
}

impl Spectrum {
    /// `Σ = I` in `d` dimensions.
    pub fn isotropic(d: u64) -> Result<Self, SpectrumError> {
        Self::atoms(vec![1.0], vec![d as f64])
    }

    /// `high` with multiplicity `high_count`, `low` with multiplicity `low_count`.
    pub fn two_level(
        high: f64,
        high_count: u64,
        low: f64,
        low_count: u64,
    ) -> Result<Self, SpectrumError> {
        Self::atoms(vec![high, low], vec![high_count as f64, low_count as f64])
    }

    /// Distinct or repeated values in any order, each with a whole multiplicity of at least 1.
    pub fn atoms(values: Vec<f64>, multiplicities: Vec<f64>) -> Result<Self, SpectrumError> {
        Atoms::new(values, multiplicities).map(Spectrum::Atoms)
    }

    /// Every eigenvalue written out, in any order.
    pub fn from_eigenvalues(eigenvalues: Vec<f64>) -> Result<Self, SpectrumError> {
        Atoms::from_eigenvalues(eigenvalues).map(Spectrum::Atoms)
    }

    /// `s_k = k^{-β}`.
    pub fn power_law(beta: f64, dimension: Dimension) -> Result<Self, SpectrumError> {
        PowerLaw::new(beta, dimension).map(Spectrum::PowerLaw)
    }

    /// Eigenvalues from a text file, separated by white space or commas; `#` starts a comment.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SpectrumError> {
        Atoms::from_file(path.as_ref()).map(Spectrum::Atoms)
    }

    pub fn dimension(&self) -> Dimension {
        match self {
            // Atoms::new has checked that d ≤ 2^53.
            Spectrum::Atoms(atoms) => Dimension::Finite(atoms.dimension() as u64),
            Spectrum::PowerLaw(law) => law.dimension,
        }
    }

    /// `s_j`, `j` counted from 1, descending; `None` outside `1..=d`.
    pub fn eigenvalue(&self, j: u64) -> Option<f64> {
        match self {
            Spectrum::Atoms(atoms) => atoms.eigenvalue(j),
            Spectrum::PowerLaw(law) => match law.dimension {
                Dimension::Finite(d) if j > d => None,
                _ if j == 0 => None,
                _ => Some((j as f64).powf(-law.beta)),
            },
        }
    }

    /// All eigenvalues, descending; an error where there are more than `limit`.
    pub fn eigenvalues(&self, limit: u64) -> Result<Vec<f64>, SpectrumError> {
        let Dimension::Finite(d) = self.dimension() else {
            return Err(SpectrumError::NeedsFiniteDimension);
        };
        if d > limit {
            return Err(SpectrumError::TooManyEigenvalues {
                dimension: d,
                limit,
            });
        }
        Ok(match self {
            Spectrum::Atoms(atoms) => atoms.eigenvalues().collect(),
            Spectrum::PowerLaw(law) => (1..=d).map(|k| (k as f64).powf(-law.beta)).collect(),
        })
    }

    /// `tr Σ`.
    pub fn total(&self) -> Result<Bounded, SpectrumError> {
        self.trace(&Monomial::power(1.0))
    }

    /// `tr f(Σ)`.
    pub fn trace(&self, f: &Monomial) -> Result<Bounded, SpectrumError> {
        f.validate()?;
        match self {
            Spectrum::Atoms(atoms) => atoms.trace(f),
            Spectrum::PowerLaw(law) => law.trace(f),
        }
    }

    /// `w0'f(Σ)w0 = Σ_j c_j² f(s_j)`.
    pub fn quadratic(&self, f: &Monomial, target: &Target) -> Result<Bounded, SpectrumError> {
        f.validate()?;
        target.validate()?;
        match self {
            Spectrum::Atoms(atoms) => atoms.quadratic(f, target),
            Spectrum::PowerLaw(law) => law.quadratic(f, target),
        }
    }
}
