//! The operator norm of a function of `Σ` along a limit.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::AsymptoticError;
use super::error::unsupported;
use super::quantity::Quantity;
use super::spectral::Spectral::{self, Constant, Levels, Terms};
use super::spectral::Term;
use crate::scaling::{GermDimension, GermSpectrum};

type Result<T> = std::result::Result<T, AsymptoticError>;

impl Spectral {
    /// The largest `|f(s)|`; on a power law that of a monotone function.
    pub fn opnorm(&self, spectrum: &GermSpectrum) -> Result<Quantity> {
        match self {
            Constant(c) => c.abs(),
            Levels(values) => values.iter().try_fold(Quantity::integer(0), |most, value| {
                most.greater(&value.abs()?)
            }),
            Terms(terms) => {
                let moving =
                    (terms.iter()).filter(|term| !(term.power.is_zero() && term.poles.is_empty()));
                let rising: Vec<bool> = moving.map(Term::rises).collect::<Result<_>>()?;
                if rising.windows(2).any(|two| two[0] != two[1]) {
                    return unsupported("the operator norm of a function that is not monotone");
                }
                let last = match spectrum {
                    GermSpectrum::PowerLaw {
                        beta,
                        dimension: GermDimension::Finite(d),
                    } => Some(d.powr(&-beta)?.into()),
                    _ => None,
                };
                let (mut first, mut end) = (Quantity::integer(0), Quantity::integer(0));
                for term in terms {
                    first = first.plus(&term.at(&Quantity::integer(1))?)?;
                    end = end.plus(&match &last {
                        Some(last) => term.at(last)?,
                        None => term.at_zero()?,
                    })?;
                }
                first.abs()?.greater(&end.abs()?)
            }
            Spectral::Decays(_) | Spectral::Logarithms(..) => {
                unsupported("the operator norm of such a function of a power-law covariance")
            }
        }
    }
}

impl Term {
    /// Whether it rises on `0 < s ≤ 1`, by `d ln|f|/d ln s = p − Σ q s^b/(s^b + κ)`; where it is seen to rise or to fall.
    fn rises(&self) -> Result<bool> {
        let (mut least, mut most) = (self.power.clone(), self.power.clone());
        for (kappa, order) in &self.poles {
            if Quantity::shared(kappa).sign()? < 0 {
                return unsupported("a pole inside a spectrum");
            }
            let share = order * &self.base;
            if share.is_positive() {
                least -= share;
            } else {
                most -= share;
            }
        }
        let positive = self.coefficient.sign()? >= 0;
        match (least.is_negative(), most.is_positive()) {
            (false, _) => Ok(positive),
            (true, false) => Ok(!positive),
            (true, true) => unsupported("the operator norm of a function that is not monotone"),
        }
    }

    fn at(&self, s: &Quantity) -> Result<Quantity> {
        let mut value = self
            .coefficient
            .times(&s.power(&self.power.clone().into())?)?;
        let base = s.power(&self.base.clone().into())?;
        for (kappa, order) in &self.poles {
            let shifted = base.plus(&Quantity::shared(kappa))?;
            value = value.times(&shifted.power(&(-order).into())?)?;
        }
        Ok(value)
    }

    fn at_zero(&self) -> Result<Quantity> {
        match self.power.cmp(&BigRational::zero()) {
            Ordering::Greater => Ok(Quantity::integer(0)),
            Ordering::Equal => {
                (self.poles.iter()).try_fold(self.coefficient.clone(), |value, (kappa, order)| {
                    value.times(&Quantity::shared(kappa).power(&(-order).into())?)
                })
            }
            Ordering::Less => Err(AsymptoticError::Undefined(
                "the operator norm of an unbounded function of Sigma".into(),
            )),
        }
    }
}
