//! Exponents, constants and regimes of power laws.

mod germ;
mod kappa;
mod special;
mod spectral;
#[cfg(test)]
mod spectral_tests;
mod transition;

pub use germ::{Coefficient, Germ, GermError, Limit, Order, Ratio, Term};
pub use spectral::{GermDimension, GermSpectrum, GermTarget, Pole};
