//! Exponents, constants and regimes of power laws.

mod chain;
mod confirm;
mod germ;
mod kappa;
mod law;
mod piecewise;
mod regions;
mod special;
mod spectral;
#[cfg(test)]
mod spectral_tests;
mod transition;

pub use confirm::Measurement;
pub(crate) use germ::detail::{in_full, in_outline, outline_first};
pub use germ::{Coefficient, Germ, GermError, Limit, Order, Ratio, Term};
pub use law::{
    DimensionLaw, ErrorLaw, ErrorTerm, Labeller, LabellerDesigns, Ridge, ScalingModel,
    critical_ridge_exponent, slow_rate,
};
pub use piecewise::PiecewiseLinear;
pub use regions::{AffineLaw, Axis, BestRidge, Stretch};
pub use spectral::{GermDimension, GermSpectrum, GermTarget, Pole};
