//! Functions over germs.

use num_rational::BigRational;

use super::AsymptoticError;
use super::evaluate::Value::{self, Scalar, Spectral as Operator, Target};
use super::evaluate::{Germs, Result};
use super::quantity::{Quantity, is_complete};
use super::spectral::Spectral;
use crate::formula::ast::Function;
use crate::scaling::{Coefficient, GermError, GermSpectrum, GermTarget, Limit, source_decay};

impl Germs<'_> {
    pub(super) fn applied(&self, function: Function, arguments: Vec<Value>) -> Result<Value> {
        let half = || Quantity::Exact(BigRational::new(1.into(), 2.into()));
        let minus_one = || Quantity::integer(-1);
        let mut arguments = arguments.into_iter();
        let Some(first) = arguments.next() else {
            return Err(unsupported(function));
        };
        Ok(Scalar(match function {
            Function::Sqrt => match first {
                Operator(f) => return Ok(Operator(f.power(&half())?)),
                Scalar(x) => x.sqrt()?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Exp => match first {
                Operator(f) => return Ok(Operator(f.exponential()?)),
                first => first.scalar()?.exp()?,
            },
            Function::Log => match first {
                Operator(f) => return Ok(Operator(f.logarithm()?)),
                first => first.scalar()?.ln()?,
            },
            Function::Logdet => match first {
                Operator(f) => f.logarithm()?.trace(self.spectrum()?)?,
                _ => return Err(unsupported(function)),
            },
            Function::Abs => first.scalar()?.abs()?,
            Function::Min => {
                arguments.try_fold(first.scalar()?, |least, next| least.lesser(&next.scalar()?))?
            }
            Function::Max => {
                arguments.try_fold(first.scalar()?, |most, next| most.greater(&next.scalar()?))?
            }
            Function::Tr => match first {
                Scalar(x) => x,
                Operator(f) => f.trace(self.spectrum()?)?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Inv | Function::Pinv => match first {
                Scalar(x) if function == Function::Inv => x.power(&minus_one())?,
                Operator(f) => return Ok(Operator(f.power(&minus_one())?)),
                _ => return Err(unsupported(function)),
            },
            Function::Norm2 => self.norm2(first, arguments.next())?,
            Function::Opnorm => match first {
                Scalar(x) => x.abs()?,
                Operator(f) => f.opnorm(self.spectrum()?)?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Exponent => first.scalar()?.magnitude()?.power.into(),
            Function::Gamma | Function::Zeta => special(function, &first.scalar()?)?,
            Function::Sin => sine(
                function,
                &first.scalar()?,
                &BigRational::from_integer(0.into()),
            )?,
            Function::Cos => {
                let quarter = BigRational::new(1.into(), 2.into());
                sine(function, &first.scalar()?, &quarter)?
            }
            Function::Kappa
            | Function::Df
            | Function::Eigenvalue
            | Function::Coefficient
            | Function::Proj
            | Function::Ridge
            | Function::Floor
            | Function::Factorial
            | Function::Binom
            | Function::Det
            | Function::Eigmin
            | Function::Eigmax
            | Function::Rows
            | Function::Columns
            | Function::Diag
            | Function::Levels
            | Function::Weights
            | Function::Rotated
            | Function::Given => return Err(unsupported(function)),
        }))
    }

    /// `‖f(Σ) w0‖²`, or weighted by an operator.
    fn norm2(&self, vector: Value, weight: Option<Value>) -> Result<Quantity> {
        let Target { f, .. } = vector else {
            return Err(unsupported(Function::Norm2));
        };
        let square = f.clone().product(f)?;
        let square = match weight {
            None => square,
            Some(Operator(weight)) => square.product(weight)?,
            Some(_) => return Err(unsupported(Function::Norm2)),
        };
        square.quadratic(self.point()?)
    }

    pub(super) fn kappa(&mut self, lambda: &Quantity, samples: &Quantity) -> Result<Quantity> {
        let (lambda, samples) = (lambda.germ()?, samples.germ()?);
        let found = self
            .kappas
            .iter()
            .find(|(l, t, _)| *l == *lambda && *t == *samples);
        if let Some((.., known)) = found {
            return Ok(known.clone());
        }
        let kappa: Quantity = self.spectrum()?.kappa(&lambda, &samples)?.into();
        if is_complete(&lambda) && is_complete(&samples) {
            let entry = ((*lambda).clone(), (*samples).clone(), kappa.clone());
            self.kappas.push(entry);
        }
        Ok(kappa)
    }

    /// `tr Σ^m (Σ+κ)^{-m}`.
    pub(super) fn degrees_of_freedom(&self, m: &Quantity, kappa: Quantity) -> Result<Quantity> {
        if kappa.sign()? < 0 {
            return Err(AsymptoticError::Undefined("df at a negative kappa".into()));
        }
        let sigma = Spectral::eigenvalue(self.spectrum()?);
        let resolvent = sigma
            .clone()
            .sum(Spectral::Constant(kappa))?
            .power(&m.negated()?)?;
        sigma.power(m)?.product(resolvent)?.trace(self.spectrum()?)
    }

    /// `s(j)`.
    pub(super) fn eigenvalue(&self, j: &Quantity) -> Result<Quantity> {
        match self.spectrum()? {
            GermSpectrum::PowerLaw { beta, .. } => j.power(&Quantity::Exact(-beta)),
            GermSpectrum::Atoms(atoms) => match atoms.as_slice() {
                [(value, _)] => Ok(value.clone().into()),
                _ => Err(AsymptoticError::Unsupported(
                    "one of several eigenvalues along a limit".into(),
                )),
            },
        }
    }

    /// `c(j)`.
    pub(super) fn coefficient(&self, j: &Quantity) -> Result<Quantity> {
        let point = self.point()?;
        match (&point.spectrum, &point.target) {
            (GermSpectrum::PowerLaw { beta, .. }, Some(GermTarget::Source { r })) => {
                let two = BigRational::from_integer(2.into());
                j.power(&Quantity::Exact(-source_decay(beta, r) / two))
            }
            _ => Err(AsymptoticError::Unsupported(
                "a coefficient of this target along a limit".into(),
            )),
        }
    }
}

fn unsupported(function: Function) -> AsymptoticError {
    AsymptoticError::Unsupported(format!("{}(…) along a limit", function.name()))
}

/// `sin(x + πs)` near a rational multiple of π.
fn sine(function: Function, x: &Quantity, shift: &BigRational) -> Result<Quantity> {
    let turns = x.over(&Quantity::constant(Coefficient::pi()))?;
    let turns = turns.plus(&shift.clone().into())?;
    match turns.exact() {
        Some(turns) => Ok(Quantity::constant(Coefficient::sin_pi(turns))),
        None => match turns.germ()?.sin_pi() {
            Ok(sine) => Ok(sine.into()),
            Err(GermError::Undecided { .. }) => Err(AsymptoticError::Undecided(format!(
                "{} of what tends to no multiple of pi",
                function.name()
            ))),
            Err(error) => Err(error.into()),
        },
    }
}

/// `Γ` and `ζ` of an exact number, or near one.
fn special(function: Function, x: &Quantity) -> Result<Quantity> {
    let Some(x) = x.exact() else {
        let x = x.germ()?;
        if !matches!(x.limit()?, Limit::Finite(_)) {
            return Err(unsupported(function));
        }
        return Ok(match function {
            Function::Gamma => x.gamma()?,
            _ => x.zeta()?,
        }
        .into());
    };
    let value = match function {
        Function::Gamma => Coefficient::gamma(x),
        _ => Coefficient::zeta(x),
    };
    value
        .map(Quantity::constant)
        .ok_or_else(|| AsymptoticError::Undefined(format!("a pole of {}", function.name())))
}
