//! Exponents, constants and regimes of power laws.

mod chain;
mod confirm;
mod decay;
mod germ;
mod kappa;
mod law;
mod logarithm;
mod logarithmic_powers;
mod model;
mod piecewise;
mod regions;
mod special;
mod spectral;
#[cfg(test)]
mod spectral_tests;
mod transition;

pub use confirm::Measurement;
pub(crate) use decay::{decayed_sum, decayed_sum_up_to};
pub(crate) use germ::closed::Closed;
pub(crate) use germ::detail::{in_fine_detail, in_full, in_outline, outline_first};
pub use germ::{Coefficient, Germ, GermError, Limit, Order, Ratio, Term};
pub(crate) use germ::{binomial, falling};
pub use law::{ErrorLaw, ErrorTerm, critical_ridge_exponent, slow_rate};
pub(crate) use logarithm::{
    log_factorial, logarithmic_integral, logarithmic_sum, logarithms_up_to, power_end,
};
pub(crate) use logarithmic_powers::{logarithmic_constant, logarithmic_end, whole_power};
pub use model::{DimensionLaw, Labeller, LabellerDesigns, Ridge, ScalingModel};
pub use piecewise::PiecewiseLinear;
pub use regions::{AffineLaw, Axis, BestRidge, Stretch};
pub(crate) use special::hurwitz_constant;
pub use spectral::{GermDimension, GermSpectrum, GermTarget, Pole};
pub(crate) use spectral::{power_integral, source_decay};
