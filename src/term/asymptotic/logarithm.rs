//! Logarithms of `I + τ Σ^p` along a power law.

use std::sync::Arc;

use num_rational::BigRational;
use num_traits::Zero;

use super::AsymptoticError;
use super::error::unsupported;
use super::quantity::Quantity;
use crate::scaling::{
    Germ, GermDimension, GermSpectrum, logarithmic_integral, logarithmic_sum, logarithms_up_to,
};

type Result<T> = std::result::Result<T, AsymptoticError>;

/// `Σ_i c_i ln(1 + τ_i s^{p_i})`.
#[derive(Clone, Debug)]
pub struct Logarithms {
    parts: Vec<(Quantity, Arc<Germ>, BigRational)>,
}

impl Logarithms {
    /// `ln(1 + rate · s^power)`.
    pub fn of(rate: &Quantity, power: &BigRational) -> Result<Self> {
        if power.is_zero() || rate.sign()? <= 0 {
            return unsupported("a logarithm of such a function of Sigma");
        }
        Ok(Self {
            parts: vec![(Quantity::integer(1), rate.germ()?, power.clone())],
        })
    }

    pub fn sum(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    pub fn scaled(mut self, factor: &Quantity) -> Result<Self> {
        for (coefficient, ..) in &mut self.parts {
            *coefficient = coefficient.times(factor)?;
        }
        Ok(self)
    }

    /// `∫ f(1/x) dx` over `0 ≤ x ≤ to`.
    pub fn integral(&self, to: &Germ) -> Result<Quantity> {
        let mut sum = Quantity::integer(0);
        for (coefficient, rate, power) in &self.parts {
            let total = logarithmic_integral(&-power, rate, to)?;
            sum = sum.plus(&coefficient.times(&total.into())?)?;
        }
        Ok(sum)
    }

    /// Its trace.
    pub fn total(&self, spectrum: &GermSpectrum) -> Result<Quantity> {
        let GermSpectrum::PowerLaw { beta, dimension } = spectrum else {
            return unsupported("a logarithm of a function of such a covariance");
        };
        let mut sum = Quantity::integer(0);
        for (coefficient, rate, power) in &self.parts {
            let steepness = beta * power;
            let total = match dimension {
                GermDimension::Infinite => logarithmic_sum(&steepness, rate)?,
                GermDimension::Finite(d) => logarithms_up_to(&-steepness, rate, 1, d)?,
            };
            sum = sum.plus(&coefficient.times(&total.into())?)?;
        }
        Ok(sum)
    }
}
