//! The same regression at finite `T`, from the deterministic equivalents, beside its law.

use num_traits::{ToPrimitive, Zero};

use super::germ::to_f64;
use super::law::ErrorTerm;
use super::model::{DimensionLaw, LabellerDesigns, Ridge, ScalingModel};
use crate::equivalent::{Chain, EquivalentError, Fit, degrees};
use crate::spectrum::{Dimension, Monomial, Spectrum, Target};

/// The terms at one `T`, and the dimension they were computed at.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    pub samples: f64,
    pub terms: Vec<(ErrorTerm, f64)>,
    pub total: f64,
}

impl Measurement {
    pub fn term(&self, wanted: ErrorTerm) -> Option<f64> {
        let found = self.terms.iter().find(|(term, _)| *term == wanted);
        found.map(|(_, value)| *value)
    }
}

impl ScalingModel {
    /// Every term at one finite `T` from the deterministic equivalents; `T_0` and `d` are rounded to whole numbers.
    pub fn measure(&self, samples: f64) -> Result<Measurement, EquivalentError> {
        let power = |exponent: &num_rational::BigRational| samples.powf(to_f64(exponent));
        let whole = |x: f64| x.round().max(1.0);
        let labeller_samples = self.labeller.as_ref().map(|l| whole(power(&l.samples)));
        let dimension = match &self.dimension {
            DimensionLaw::Infinite => Dimension::Infinite,
            DimensionLaw::Power(p) => finite(whole(power(p))),
            DimensionLaw::OfLabeller(phi) => {
                finite(whole(to_f64(phi) * labeller_samples.unwrap_or(samples)))
            }
        };
        let spectrum = Spectrum::power_law(to_f64(&self.beta), dimension)?;
        let target = Target::Source {
            r: to_f64(&self.source),
        };
        let downstream = Fit {
            samples,
            noise: self.noise.as_ref().map_or(0.0, |e| power(e).sqrt()),
            ridge: match &self.ridge {
                Ridge::Exponent(ell) => samples.powf(-to_f64(ell)),
                Ridge::Ridgeless => 0.0,
            },
        };
        let clean = Chain::clean(downstream).predict(&spectrum, &target)?;
        let mut terms = vec![(ErrorTerm::Bias, clean.bias)];
        if self.noise.is_some() {
            terms.push((ErrorTerm::Variance, clean.variance));
        }
        let mut total = clean.test_error;
        let labeller = self.labeller.as_ref().filter(|l| l.generations > 0);
        if let (Some(labeller), Some(t0)) = (labeller, labeller_samples) {
            let noise = labeller.noise.as_ref().map_or(0.0, power);
            if t0 >= dimension.as_f64() {
                let (signal, spread) = noise_through(&spectrum, clean.kappa, samples, t0)?;
                if labeller.noise.is_some() {
                    terms.push((ErrorTerm::SyntheticSignal, noise * signal));
                    terms.push((ErrorTerm::SyntheticSpread, noise * spread));
                }
                total += noise * (signal + spread);
            } else {
                let n = labeller.generations;
                let fits = match labeller.designs {
                    LabellerDesigns::Shared => 1,
                    LabellerDesigns::Independent => n,
                };
                let generation = Fit {
                    samples: t0,
                    noise: (noise / f64::from(fits)).sqrt(),
                    ridge: 0.0,
                };
                let fits = fits.to_usize().unwrap_or(1);
                let chain = Chain::independent(fits, generation, downstream);
                let prediction = chain.predict(&spectrum, &target)?;
                if labeller.noise.is_some() {
                    // only the sum of the two parts is measured
                    terms.push((ErrorTerm::SyntheticSignal, prediction.synthetic));
                }
                terms.push((ErrorTerm::Misspecification, prediction.bias - clean.bias));
                total = prediction.test_error;
            }
        }
        Ok(Measurement {
            samples,
            terms,
            total,
        })
    }
}

/// The two parts of `ρ`, each by itself: a labeller's noise through the fit's mean and through its fluctuation, `T_0 ≥ d`.
fn noise_through(
    spectrum: &Spectrum,
    kappa: f64,
    samples: f64,
    t0: f64,
) -> Result<(f64, f64), EquivalentError> {
    let d = spectrum.dimension().as_f64();
    if kappa.is_zero() {
        return Ok((d / (t0 - d), 0.0));
    }
    let df2 = degrees(spectrum, kappa)?.df2;
    let square = Monomial::power(0.0).over(kappa, 2.0);
    let square = spectrum.trace(&square)?.value;
    Ok((
        df2 / (t0 - d),
        kappa * kappa * square / (t0 - d) * df2 / (samples - df2),
    ))
}

fn finite(d: f64) -> Dimension {
    // whole and within range by construction, up to 2^64
    Dimension::Finite(d.to_u64().unwrap_or(u64::MAX))
}
