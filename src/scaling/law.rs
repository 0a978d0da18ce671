//! Every term of the test error of ridge regression on synthetic labels, as a germ.
//!
//! Power-law spectrum `s_k = k^{-β}`, source exponent `r`, and everything else a power of `T`:
//! `λ = T^{-ℓ}`, `T_0 = T^b`, `n σ_0² = T^a`, `σ² = T^e`, `d = T^p`, `d = φ_0 T_0` or infinite.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::chain::{Chain, Downstream};
use super::germ::{Coefficient, Germ, GermError, Order};
use super::model::{DimensionLaw, Ridge, ScalingModel, whole};
use super::spectral::{GermDimension, GermSpectrum, GermTarget, Pole};

/// A term of the test error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorTerm {
    /// `κ² w0'Σ(Σ+κ)^{-2}w0 / (1 − df_2/T)`
    Bias,
    /// `σ² df_2/(T − df_2)`
    Variance,
    /// The generations' noise as it passes through the fit's mean: for `T_0 > d`, `n σ_0² df_2(κ)/(T_0−d)`.
    SyntheticSignal,
    /// The generations' noise as it passes through the fit's fluctuation: for `T_0 > d`,
    /// `n σ_0² κ² tr(Σ+κ)^{-2}/(T_0−d) · df_2/(T−df_2)`.
    SyntheticSpread,
    /// What generations with `T_0 < d` add to the bias.
    Misspecification,
}

impl ErrorTerm {
    pub const ALL: [Self; 5] = [
        Self::Bias,
        Self::Variance,
        Self::SyntheticSignal,
        Self::SyntheticSpread,
        Self::Misspecification,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Variance => "variance",
            Self::SyntheticSignal => "synthetic T/T0",
            Self::SyntheticSpread => "synthetic d/T0",
            Self::Misspecification => "misspecification",
        }
    }

    /// One letter, for maps.
    pub fn letter(self) -> char {
        match self {
            Self::Bias => 'B',
            Self::Variance => 'V',
            Self::SyntheticSignal => 'S',
            Self::SyntheticSpread => 'D',
            Self::Misspecification => 'M',
        }
    }
}

/// The terms of one test error, and what they were made of.
#[derive(Clone, Debug)]
pub struct ErrorLaw {
    pub kappa: Germ,
    /// `κ(0, T_0)`; zero where `T_0 ≥ d`
    pub labeller_kappa: Option<Germ>,
    pub terms: Vec<(ErrorTerm, Germ)>,
}

impl ErrorLaw {
    pub fn total(&self) -> Germ {
        self.terms
            .iter()
            .fold(Germ::zero(), |sum, (_, term)| &sum + term)
    }

    pub fn term(&self, wanted: ErrorTerm) -> Option<&Germ> {
        self.terms
            .iter()
            .find(|(term, _)| *term == wanted)
            .map(|(_, germ)| germ)
    }

    /// The order of the test error and the terms that reach it, `None` where all vanish.
    pub fn leading(&self) -> Result<Option<(Order, Vec<ErrorTerm>)>, GermError> {
        let mut best: Option<(Order, Vec<ErrorTerm>)> = None;
        let mut undecided = Vec::new();
        for (name, germ) in &self.terms {
            let term = match germ.leading() {
                Ok(Some(term)) => term,
                Ok(None) => continue,
                Err(error) => {
                    undecided.push((germ.order_bound(), error));
                    continue;
                }
            };
            match &mut best {
                Some((order, names)) => match term.order.cmp(order) {
                    Ordering::Greater => {
                        *order = term.order.clone();
                        *names = vec![*name];
                    }
                    Ordering::Equal => names.push(*name),
                    Ordering::Less => {}
                },
                None => best = Some((term.order.clone(), vec![*name])),
            }
        }
        // a term that is undecided but certainly smaller changes nothing
        for (bound, error) in undecided {
            let smaller = match (&best, bound) {
                (Some((order, _)), Some(bound)) => bound < order,
                _ => false,
            };
            if !smaller {
                return Err(error);
            }
        }
        Ok(best)
    }
}

impl ScalingModel {
    /// `T_0`, where there is a labeller.
    fn labeller_samples(&self) -> Option<Germ> {
        self.labeller
            .as_ref()
            .map(|l| Germ::power_of_variable(l.samples.clone()))
    }

    pub fn spectrum(&self) -> Result<GermSpectrum, GermError> {
        let dimension = match &self.dimension {
            DimensionLaw::Infinite => GermDimension::Infinite,
            DimensionLaw::Power(p) => GermDimension::Finite(Germ::power_of_variable(p.clone())),
            DimensionLaw::OfLabeller(phi) => {
                let samples = self.labeller_samples().ok_or_else(|| {
                    GermError::domain("d = phi0*T0", "there is no labeller, so no T0")
                })?;
                GermDimension::Finite(&Germ::rational(phi.clone()) * &samples)
            }
        };
        Ok(GermSpectrum::PowerLaw {
            beta: self.beta.clone(),
            dimension,
        })
    }

    /// The same regression on real labels.
    pub fn on_clean_data(&self) -> Self {
        let mut clean = self.clone();
        // T_0 may still set the dimension
        if let Some(labeller) = &mut clean.labeller {
            labeller.generations = 0;
        }
        clean
    }

    pub fn with_ridge(&self, ridge: Ridge) -> Self {
        Self {
            ridge,
            ..self.clone()
        }
    }

    fn lambda(&self) -> Germ {
        match &self.ridge {
            Ridge::Exponent(ell) => Germ::power_of_variable(-ell),
            Ridge::Ridgeless => Germ::zero(),
        }
    }

    /// Every term of the test error.
    ///
    /// ```
    /// use num_rational::BigRational;
    /// use resolvent::scaling::{DimensionLaw, ErrorTerm, Ridge, ScalingModel};
    ///
    /// let rational = |n: i64, d: i64| BigRational::new(n.into(), d.into());
    /// let model = ScalingModel {
    ///     beta: rational(2, 1),
    ///     source: rational(3, 8),
    ///     ridge: Ridge::Exponent(rational(4, 5)), // ℓ_crit
    ///     noise: Some(rational(0, 1)),
    ///     labeller: None,
    ///     dimension: DimensionLaw::Infinite,
    /// };
    /// let (order, leads) = model.test_error()?.leading()?.unwrap();
    /// assert_eq!(order.power, rational(-3, 5)); // T^{-c}
    /// assert_eq!(leads, [ErrorTerm::Bias, ErrorTerm::Variance]);
    /// # Ok::<(), resolvent::scaling::GermError>(())
    /// ```
    pub fn test_error(&self) -> Result<ErrorLaw, GermError> {
        if !self.beta.is_positive() || !self.source.is_positive() {
            return Err(GermError::domain(
                "a power law",
                "beta and the source exponent must be positive",
            ));
        }
        let spectrum = self.spectrum()?;
        let target = GermTarget::Source {
            r: self.source.clone(),
        };
        let (fit, bias) = self.downstream(&spectrum, &target)?;
        let mut terms = vec![(ErrorTerm::Bias, bias)];
        if let Some(noise) = &self.noise {
            let variance = Germ::power_of_variable(noise.clone());
            terms.push((ErrorTerm::Variance, &variance * &fit.overfit));
        }
        let Some(labeller) = self.labeller.as_ref().filter(|l| l.generations > 0) else {
            return Ok(ErrorLaw {
                kappa: fit.kappa,
                labeller_kappa: None,
                terms,
            });
        };
        let chain = Chain::of(labeller, &spectrum)?;
        let carried = chain.carry_back(&fit)?;
        if let Some(a) = &labeller.noise {
            let noise = Germ::power_of_variable(a.clone()).scale(&Coefficient::rational(
                whole(i64::from(chain.fits.max(1))).recip(),
            ));
            terms.push((ErrorTerm::SyntheticSignal, &noise * &carried.through_signal));
            terms.push((ErrorTerm::SyntheticSpread, &noise * &carried.through_spread));
        }
        if !chain.under_parametrised() {
            let extra = chain.misspecification(&fit, &carried.grown_spread, &target)?;
            terms.push((ErrorTerm::Misspecification, extra));
        }
        Ok(ErrorLaw {
            kappa: fit.kappa,
            labeller_kappa: Some(chain.kappa),
            terms,
        })
    }

    /// The fit on the labels, and its bias were they clean.
    fn downstream(
        &self,
        spectrum: &GermSpectrum,
        target: &GermTarget,
    ) -> Result<(Downstream, Germ), GermError> {
        let samples = Germ::variable();
        let kappa = spectrum.kappa(&self.lambda(), &samples)?;
        let df2 = spectrum.degrees_of_freedom(2, &kappa)?;
        let unfilled = spectrum.unfilled(2, &kappa, &samples)?;
        if unfilled.is_zero() {
            return Err(GermError::domain(
                "minimum norm",
                "its variance is infinite at T = d",
            ));
        }
        let overfit = df2.div(&(&samples * &unfilled))?;
        let bias = if kappa.is_zero() {
            Germ::zero()
        } else {
            let poles = [Pole::new(kappa.clone(), 2)];
            let shrunk = spectrum.quadratic(target, &BigRational::one(), &poles)?;
            (&(&kappa * &kappa) * &shrunk).div(&unfilled)?
        };
        Ok((Downstream { kappa, overfit }, bias))
    }
}

/// `ℓ_crit = β/(2β r̲ + 1)`, `r̲ = min(r, 1)`.
pub fn critical_ridge_exponent(beta: &BigRational, source: &BigRational) -> BigRational {
    beta / (two_beta_r(beta, source) + BigRational::one())
}

/// `c = 2β r̲/(2β r̲ + 1)`.
pub fn slow_rate(beta: &BigRational, source: &BigRational) -> BigRational {
    let x = two_beta_r(beta, source);
    &x / (&x + BigRational::one())
}

fn two_beta_r(beta: &BigRational, source: &BigRational) -> BigRational {
    let r = source.min(&BigRational::one()).clone();
    whole(2) * beta * r
}

impl Ridge {
    /// `0 ≤ ℓ`, or minimum norm as the end of the scale.
    pub fn exponent(&self) -> Option<&BigRational> {
        match self {
            Self::Exponent(ell) => Some(ell),
            Self::Ridgeless => None,
        }
    }
}

impl Default for Ridge {
    fn default() -> Self {
        Self::Exponent(BigRational::zero())
    }
}
