//! κ, degrees of freedom, deterministic equivalents, the chain of refits.
//!
//! With `Σ̂ = X'X/T` and `R = (Σ̂ + λ)^{-1}`, every expectation below is a function of `κ(λ, T)`, the largest
//! root of `κ − λ = κ df_1(κ)/T`, where `df_m(κ) = tr Σ^m(Σ+κ)^{-m}`.
//!
//! ```
//! use resolvent::equivalent::{Chain, Fit};
//! use resolvent::spectrum::{Spectrum, Target};
//!
//! // Five generations of least squares on 600 labels each, then ridge on 1000.
//! let sigma = Spectrum::isotropic(300)?;
//! let generation = Fit { samples: 600.0, noise: 0.2, ridge: 0.0 };
//! let downstream = Fit { samples: 1000.0, noise: 0.2, ridge: 1e-3 };
//! let chain = Chain::independent(5, generation, downstream);
//! let prediction = chain.predict(&sigma, &Target::Isotropic { norm2: 1.0 })?;
//! assert!(prediction.synthetic > prediction.variance);
//! # Ok::<(), resolvent::equivalent::EquivalentError>(())
//! ```

mod any;
mod chain;
mod degrees;
pub mod edges;
mod error;
pub mod exact;
mod formulas;
pub mod isotropic;
mod kappa;
pub mod pencil;
mod power_law;
mod two_matrix;
pub mod wishart;

pub use any::{degrees, df, kappa};
pub use chain::{Chain, Fit, Modes, Prediction};
pub use degrees::Degrees;
pub use error::EquivalentError;
pub use formulas::{bias, rho, variance};
pub use kappa::{Kappa, kappas};
pub use two_matrix::TwoMatrix;
