//! Scalars as the limit variable grows: exact constants, germs, and magnitudes known up to a constant.

use std::cmp::Ordering;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::AsymptoticError;
use crate::budget;
use crate::formula::constant;
use crate::scaling::{Coefficient, Germ, GermError, Order};
use crate::term::EvaluationError;

/// What a product costs besides its terms.
const STEP: u64 = 50;

/// Longer constants are rounded to germs.
const MAX_BITS: u64 = 4096;

/// What is positive and `≍ T^power (ln T)^log (ln ln T)^loglog`, its constant unknown; the logarithms too where
/// `log` is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Magnitude {
    pub power: BigRational,
    pub log: Option<BigRational>,
    pub loglog: BigRational,
}

/// A scalar along the limit.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// A constant, exactly.
    Exact(BigRational),
    /// Shared, so that a copy of a quantity can be told from another quantity with the same expansion.
    Germ(Arc<Germ>),
    Magnitude(Magnitude),
}

use Quantity::{Exact, Magnitude as Rough};

type Result<T> = std::result::Result<T, AsymptoticError>;

impl From<Germ> for Quantity {
    fn from(germ: Germ) -> Self {
        match germ.as_rational() {
            Some(value) => Exact(value),
            None => Self::Germ(Arc::new(germ)),
        }
    }
}

impl From<BigRational> for Quantity {
    fn from(value: BigRational) -> Self {
        Exact(value)
    }
}

impl Quantity {
    pub fn integer(value: i64) -> Self {
        Exact(BigRational::from_integer(value.into()))
    }

    /// A number.
    pub fn constant(value: Coefficient) -> Self {
        Germ::term(value, Order::constant()).into()
    }

    /// The same quantity as another that shares its expansion.
    pub fn shared(germ: &Arc<Germ>) -> Self {
        match germ.as_rational() {
            Some(value) => Exact(value),
            None => Self::Germ(germ.clone()),
        }
    }

    /// The expansion; a magnitude has none.
    pub fn germ(&self) -> Result<Arc<Germ>> {
        match self {
            Exact(value) => Ok(Arc::new(Germ::rational(value.clone()))),
            Self::Germ(germ) => Ok(germ.clone()),
            Rough(_) => Err(AsymptoticError::Undecided(
                "a least value is known up to a constant factor only".into(),
            )),
        }
    }

    pub fn exact(&self) -> Option<&BigRational> {
        match self {
            Exact(value) => Some(value),
            _ => None,
        }
    }

    /// Exactly zero.
    pub fn is_zero(&self) -> bool {
        self.exact().is_some_and(Zero::is_zero)
    }

    /// Whether nothing is known of it but a bound.
    pub fn is_only_bounded(&self) -> bool {
        matches!(self, Self::Germ(germ) if germ.terms().is_empty() && germ.remainder().is_some())
    }

    pub fn is_one(&self) -> bool {
        self.exact().is_some_and(One::is_one)
    }

    /// Whether two quantities are the same number at every `T`. Equal expansions do not suffice: what
    /// they leave out may differ.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Exact(a), Exact(b)) => a == b,
            (Self::Germ(a), Self::Germ(b)) => same(a, b),
            _ => false,
        }
    }

    /// `1`, `−1`, or `0` for exactly zero, for all large `T`.
    pub fn sign(&self) -> Result<i32> {
        Ok(match self {
            Exact(value) if value.is_zero() => 0,
            Exact(value) => {
                if value.is_positive() {
                    1
                } else {
                    -1
                }
            }
            Self::Germ(germ) => germ.sign()?,
            Rough(_) => 1,
        })
    }

    pub fn negated(&self) -> Result<Self> {
        Ok(match self {
            Exact(value) => Exact(-value),
            _ => (-&*self.germ()?).into(),
        })
    }

    pub fn plus(&self, other: &Self) -> Result<Self> {
        Ok(match (self, other) {
            (Exact(a), _) if a.is_zero() => other.clone(),
            (_, Exact(b)) if b.is_zero() => self.clone(),
            (Exact(a), Exact(b)) => bounded(a + b),
            (Rough(a), b) | (b, Rough(a)) => {
                if b.sign()? < 0 {
                    return Err(AsymptoticError::Undecided(
                        "a difference of quantities known up to a constant".into(),
                    ));
                }
                Rough(a.greater(&b.magnitude()?))
            }
            _ => (&*self.germ()? + &*other.germ()?).into(),
        })
    }

    pub fn minus(&self, other: &Self) -> Result<Self> {
        if self.is(other) {
            return Ok(Self::integer(0));
        }
        self.plus(&other.negated()?)
    }

    pub fn times(&self, other: &Self) -> Result<Self> {
        budget::charge(STEP).map_err(EvaluationError::from)?;
        Ok(match (self, other) {
            (Exact(a), _) if a.is_zero() => Self::integer(0),
            (_, Exact(b)) if b.is_zero() => Self::integer(0),
            (Exact(a), _) if a.is_one() => other.clone(),
            (_, Exact(b)) if b.is_one() => self.clone(),
            (Exact(a), Exact(b)) => bounded(a * b),
            (Rough(a), b) | (b, Rough(a)) => {
                if b.sign()? < 0 {
                    return Err(AsymptoticError::Undecided(
                        "a negative multiple of a quantity known up to a constant".into(),
                    ));
                }
                Rough(a.times(&b.magnitude()?))
            }
            _ => (&*self.germ()? * &*other.germ()?).into(),
        })
    }

    pub fn over(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(AsymptoticError::Undefined("a division by zero".into()));
        }
        if other.is_one() {
            return Ok(self.clone());
        }
        if self.is(other) {
            return Ok(Self::integer(1));
        }
        match (self, other) {
            (Exact(a), Exact(b)) => Ok(bounded(a / b)),
            _ => self.times(&other.power(&Self::integer(-1))?),
        }
    }

    pub fn power(&self, exponent: &Self) -> Result<Self> {
        if exponent.is_zero() {
            return Ok(Self::integer(1));
        }
        if exponent.is_one() {
            return Ok(self.clone());
        }
        if self.is_one() {
            return Ok(Self::integer(1));
        }
        if self.is_zero() {
            return if exponent.sign()? > 0 {
                Ok(Self::integer(0))
            } else {
                Err(AsymptoticError::Undefined(
                    "a negative power of zero".into(),
                ))
            };
        }
        let Exact(power) = exponent else {
            return Ok(self.germ()?.pow(&*exponent.germ()?)?.into());
        };
        match self {
            Exact(base) => {
                if let Some(value) = constant::power(base, power) {
                    return Ok(bounded(value));
                }
            }
            Rough(magnitude) => return Ok(Rough(magnitude.power(power))),
            Self::Germ(_) => {}
        }
        Ok(self.germ()?.powr(power)?.into())
    }

    pub fn sqrt(&self) -> Result<Self> {
        self.power(&Exact(BigRational::new(1.into(), 2.into())))
    }

    pub fn exp(&self) -> Result<Self> {
        if self.is_zero() {
            return Ok(Self::integer(1));
        }
        Ok(self.germ()?.exp()?.into())
    }

    pub fn ln(&self) -> Result<Self> {
        Ok(self.germ()?.ln()?.into())
    }

    pub fn abs(&self) -> Result<Self> {
        if let Self::Germ(germ) = self {
            return Ok(germ.abs()?.into());
        }
        if self.sign()? < 0 {
            self.negated()
        } else {
            Ok(self.clone())
        }
    }

    /// The order of two numbers, for all large `T`. Equal only where they are the same number.
    pub fn compare(&self, other: &Self) -> Result<Ordering> {
        if self.is(other) {
            return Ok(Ordering::Equal);
        }
        match (self, other) {
            (Exact(a), Exact(b)) => Ok(a.cmp(b)),
            (Rough(_), _) | (_, Rough(_)) => {
                if self.sign()? != other.sign()? {
                    return Ok(self.sign()?.cmp(&other.sign()?));
                }
                self.magnitude()?
                    .compare(&other.magnitude()?)
                    .filter(|order| *order != Ordering::Equal)
                    .ok_or_else(|| {
                        AsymptoticError::Undecided(
                            "two quantities of one order, known up to a constant".into(),
                        )
                    })
            }
            _ => Ok((&*self.germ()? - &*other.germ()?).sign()?.cmp(&0)),
        }
    }

    pub fn lesser(&self, other: &Self) -> Result<Self> {
        self.pick(other, Ordering::Less)
    }

    pub fn greater(&self, other: &Self) -> Result<Self> {
        self.pick(other, Ordering::Greater)
    }

    fn pick(&self, other: &Self, wanted: Ordering) -> Result<Self> {
        match (self, other) {
            (Self::Germ(_), Self::Germ(_) | Exact(_)) | (Exact(_), Self::Germ(_)) => {
                let (a, b) = (self.germ()?, other.germ()?);
                Ok(match self.compare(other) {
                    Ok(order) if order == wanted => self.clone(),
                    Ok(_) => other.clone(),
                    Err(_) if wanted == Ordering::Less => a.min(&b)?.into(),
                    Err(_) => a.max(&b)?.into(),
                })
            }
            (Rough(a), Rough(b)) => {
                let order = a.compare(b).ok_or_else(unknown_logarithms)?;
                Ok(if order == wanted { self } else { other }.clone())
            }
            _ => Ok(if self.compare(other)? == wanted {
                self
            } else {
                other
            }
            .clone()),
        }
    }

    /// The order of growth of something positive.
    pub fn magnitude(&self) -> Result<Magnitude> {
        match self {
            Rough(magnitude) => Ok(magnitude.clone()),
            _ => {
                let germ = self.germ()?;
                Ok(Magnitude::of(&germ.leading_nonzero()?.order))
            }
        }
    }
}

/// Whether two expansions are of one and the same quantity.
pub fn same(a: &Arc<Germ>, b: &Arc<Germ>) -> bool {
    Arc::ptr_eq(a, b) || is_complete(a) && is_complete(b) && identical(a, b)
}

/// Whether all that two germs say is the same: orders and closed forms.
pub fn identical(a: &Germ, b: &Germ) -> bool {
    a.remainder() == b.remainder()
        && a.terms().len() == b.terms().len()
        && a.terms().iter().zip(b.terms()).all(|(x, y)| {
            x.order == y.order && x.coefficient.same_number(&y.coefficient) == Some(true)
        })
}

/// Whether a germ says everything about its quantity.
pub fn is_complete(germ: &Germ) -> bool {
    germ.remainder().is_none() && germ.terms().iter().all(|term| term.coefficient.is_closed())
}

fn bounded(value: BigRational) -> Quantity {
    if value.numer().bits() + value.denom().bits() > MAX_BITS {
        Germ::rational(value).into()
    } else {
        Exact(value)
    }
}

fn unknown_logarithms() -> AsymptoticError {
    AsymptoticError::Undecided("the power of the logarithm in a least value".into())
}

impl Magnitude {
    pub fn of(order: &Order) -> Self {
        Self {
            power: order.power.clone(),
            log: Some(order.log.clone()),
            loglog: order.loglog.clone(),
        }
    }

    fn times(&self, other: &Self) -> Self {
        Self {
            power: &self.power + &other.power,
            log: self
                .log
                .as_ref()
                .zip(other.log.as_ref())
                .map(|(a, b)| a + b),
            loglog: &self.loglog + &other.loglog,
        }
    }

    fn power(&self, exponent: &BigRational) -> Self {
        Self {
            power: &self.power * exponent,
            log: self.log.as_ref().map(|log| log * exponent),
            loglog: &self.loglog * exponent,
        }
    }

    /// The larger of two, where an unknown logarithm stays unknown.
    fn greater(&self, other: &Self) -> Self {
        match self.compare(other) {
            Some(Ordering::Less) => other.clone(),
            Some(_) => self.clone(),
            None => Self {
                power: self.power.clone(),
                log: None,
                loglog: BigRational::zero(),
            },
        }
    }

    /// `None` where unknown logarithms decide.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match self.power.cmp(&other.power) {
            Ordering::Equal => Some(
                self.log
                    .as_ref()?
                    .cmp(other.log.as_ref()?)
                    .then_with(|| self.loglog.cmp(&other.loglog)),
            ),
            order => Some(order),
        }
    }
}

impl From<GermError> for AsymptoticError {
    fn from(error: GermError) -> Self {
        match error {
            // faster or slower than every power: it has a value, but no germ
            GermError::Domain {
                function: "exp",
                reason,
            } => Self::Unsupported(format!("exp: {reason}")),
            GermError::DivisionByZero | GermError::Domain { .. } => {
                Self::Undefined(error.to_string())
            }
            GermError::Undecided { reason } => Self::Undecided(reason),
            GermError::NotConverged { .. } => Self::Undecided(error.to_string()),
        }
    }
}
