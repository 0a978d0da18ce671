//! Sums over `s_k = k^{-β}`: term by term, for dimensions that allow it.

use super::sum::Compensated;
use super::{Dimension, Monomial, PowerLaw, SpectrumError, Target};
use crate::number::Bounded;

const LIMIT: u64 = 1_000_000;

impl PowerLaw {
    pub fn trace(&self, f: &Monomial) -> Result<Bounded, SpectrumError> {
        self.sum(f, |_| 1.0)
    }

    pub fn quadratic(&self, f: &Monomial, target: &Target) -> Result<Bounded, SpectrumError> {
        let mass = self.mass(target)?;
        self.sum(f, mass)
    }

    fn mass<'a>(&self, target: &'a Target) -> Result<Box<dyn Fn(u64) -> f64 + 'a>, SpectrumError> {
        let d = self.dimension.as_f64();
        Ok(match target {
            &Target::Isotropic { norm2 } if d.is_finite() => Box::new(move |_| norm2 / d),
            Target::Isotropic { .. } => return Err(SpectrumError::IsotropicInfinite),
            &Target::Source { r } => {
                let delta = 1.0 + self.beta * (2.0 * r - 1.0);
                Box::new(move |k| (k as f64).powf(-delta))
            }
            &Target::Axis { index } if index >= 1 && index as f64 <= d => {
                Box::new(move |k| f64::from(u8::from(k == index)))
            }
            &Target::Axis { index } => {
                return Err(SpectrumError::Axis {
                    index,
                    dimension: d,
                });
            }
            Target::Masses(masses) if masses.len() as f64 == d => {
                Box::new(move |k| masses[k as usize - 1])
            }
            Target::Masses(masses) => {
                return Err(SpectrumError::MassCount {
                    masses: masses.len(),
                    atoms: d as usize,
                });
            }
        })
    }

    fn sum(&self, f: &Monomial, mass: impl Fn(u64) -> f64) -> Result<Bounded, SpectrumError> {
        let d = match self.dimension {
            Dimension::Finite(d) if d <= LIMIT => d,
            Dimension::Finite(d) => {
                return Err(SpectrumError::TooManyEigenvalues {
                    dimension: d,
                    limit: LIMIT,
                });
            }
            Dimension::Infinite => return Err(SpectrumError::NeedsFiniteDimension),
        };
        let mut relative: f64 = 0.0;
        let sum: Compensated = (1..=d)
            .map(|k| {
                let (value, error) = f.evaluate((k as f64).powf(-self.beta));
                relative = relative.max(error);
                mass(k) * value
            })
            .collect();
        let value = sum.value();
        if !value.is_finite() {
            return Err(SpectrumError::Overflow);
        }
        Ok(Bounded::new(value, value * (relative + 8.0 * f64::EPSILON)))
    }
}
