//! Functions over germs.

use num_rational::BigRational;
use num_traits::One;

use super::AsymptoticError;
use super::evaluate::Value::{self, Scalar, Spectral as Operator, Target};
use super::evaluate::{Evaluator, Result};
use super::quantity::{Quantity, is_complete};
use super::spectral::Spectral;
use crate::formula::ast::{Expr, Function, Node};
use crate::scaling::{Coefficient, GermSpectrum, GermTarget};

impl<'a> Evaluator<'a> {
    pub(super) fn call(&self, function: Function, arguments: &'a [Expr]) -> Result<Value> {
        let scalar = |i: usize| self.scalar(&arguments[i]);
        let half = || Quantity::Exact(BigRational::new(1.into(), 2.into()));
        let minus_one = || Quantity::integer(-1);
        Ok(Scalar(match function {
            Function::Sqrt => match self.value(&arguments[0])? {
                Operator(f) => return Ok(Operator(f.power(&half())?)),
                Scalar(x) => x.sqrt()?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Exp => scalar(0)?.exp()?,
            Function::Log => scalar(0)?.ln()?,
            Function::Abs => scalar(0)?.abs()?,
            Function::Min | Function::Max => self.extreme(function, arguments)?,
            Function::Tr => match self.value(&arguments[0])? {
                Scalar(x) => x,
                Operator(f) => f.trace(self.spectrum()?)?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Inv | Function::Pinv => match self.value(&arguments[0])? {
                Scalar(x) if function == Function::Inv => x.power(&minus_one())?,
                Operator(f) => return Ok(Operator(f.power(&minus_one())?)),
                _ => return Err(unsupported(function)),
            },
            Function::Norm2 => self.norm2(arguments)?,
            Function::Opnorm => match self.value(&arguments[0])? {
                Scalar(x) => x.abs()?,
                Operator(f) => f.opnorm()?,
                Target { .. } => return Err(unsupported(function)),
            },
            Function::Kappa => self.kappa(&scalar(0)?, &scalar(1)?)?,
            Function::Df => self.degrees_of_freedom(&scalar(0)?, scalar(1)?)?,
            Function::Eigenvalue => {
                let over_spectrum = *self.over_spectrum.borrow();
                if let (Some(index), Node::Name(name)) = (over_spectrum, &*arguments[0].node)
                    && index == name
                {
                    return Ok(Operator(Spectral::eigenvalue(self.spectrum()?)));
                }
                self.eigenvalue(&scalar(0)?)?
            }
            Function::Coefficient => self.coefficient(&scalar(0)?)?,
            Function::Exponent => scalar(0)?.magnitude()?.power.into(),
            Function::Gamma => special(function, &scalar(0)?)?,
            Function::Zeta => special(function, &scalar(0)?)?,
            Function::Sin => sine(function, &scalar(0)?, &BigRational::from_integer(0.into()))?,
            Function::Cos => {
                let quarter = BigRational::new(1.into(), 2.into());
                sine(function, &scalar(0)?, &quarter)?
            }
            Function::Proj
            | Function::Ridge
            | Function::Floor
            | Function::Factorial
            | Function::Binom
            | Function::Det
            | Function::Logdet
            | Function::Eigmin
            | Function::Eigmax
            | Function::Rows
            | Function::Columns
            | Function::Diag
            | Function::Levels
            | Function::Weights
            | Function::Rotated
            | Function::Given => {
                return Err(unsupported(function));
            }
        }))
    }

    /// The least or the greatest of some.
    fn extreme(&self, function: Function, arguments: &'a [Expr]) -> Result<Quantity> {
        let mut best = self.scalar(&arguments[0])?;
        for argument in &arguments[1..] {
            let next = self.scalar(argument)?;
            best = if function == Function::Min {
                best.lesser(&next)?
            } else {
                best.greater(&next)?
            };
        }
        Ok(best)
    }

    /// `‖f(Σ) w0‖²`, or weighted by an operator.
    fn norm2(&self, arguments: &'a [Expr]) -> Result<Quantity> {
        let Target { f, .. } = self.value(&arguments[0])? else {
            return Err(unsupported(Function::Norm2));
        };
        let mut square = f.clone().product(f)?;
        if let Some(weight) = arguments.get(1) {
            square = match self.value(weight)? {
                Operator(weight) => square.product(weight)?,
                _ => return Err(unsupported(Function::Norm2)),
            };
        }
        square.quadratic(self.point()?)
    }

    pub(super) fn kappa(&self, lambda: &Quantity, samples: &Quantity) -> Result<Quantity> {
        let (lambda, samples) = (lambda.germ()?, samples.germ()?);
        if let Some((.., known)) = self
            .kappas
            .borrow()
            .iter()
            .find(|(l, t, _)| *l == *lambda && *t == *samples)
        {
            return Ok(known.clone());
        }
        let kappa: Quantity = self.spectrum()?.kappa(&lambda, &samples)?.into();
        if is_complete(&lambda) && is_complete(&samples) {
            let entry = ((*lambda).clone(), (*samples).clone(), kappa.clone());
            self.kappas.borrow_mut().push(entry);
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
    fn eigenvalue(&self, j: &Quantity) -> Result<Quantity> {
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
    fn coefficient(&self, j: &Quantity) -> Result<Quantity> {
        let point = self.point()?;
        match (&point.spectrum, &point.target) {
            (GermSpectrum::PowerLaw { beta, .. }, Some(GermTarget::Source { r })) => {
                let two = BigRational::from_integer(2.into());
                let delta = BigRational::one() + beta * (&two * r - BigRational::one());
                j.power(&Quantity::Exact(-delta / two))
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

/// `sin(x + πs)` of a rational multiple of π.
fn sine(function: Function, x: &Quantity, shift: &BigRational) -> Result<Quantity> {
    let turns = x.over(&Quantity::constant(Coefficient::pi()))?;
    let turns = turns.exact().ok_or_else(|| {
        AsymptoticError::Undecided(format!("{} of no multiple of pi", function.name()))
    })?;
    Ok(Quantity::constant(Coefficient::sin_pi(&(turns + shift))))
}

/// `Γ` and `ζ` of an exact number.
fn special(function: Function, x: &Quantity) -> Result<Quantity> {
    let x = x.exact().ok_or_else(|| unsupported(function))?;
    let value = match function {
        Function::Gamma => Coefficient::gamma(x),
        _ => Coefficient::zeta(x),
    };
    value
        .map(Quantity::constant)
        .ok_or_else(|| AsymptoticError::Undefined(format!("a pole of {}", function.name())))
}
