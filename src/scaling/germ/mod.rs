//! Quantities as `T → ∞`: truncated expansions in powers of `T`, `ln T` and `ln ln T`.
//!
//! A [`Germ`] is `Σ_i c_i T^{p_i} (ln T)^{q_i} + O(T^p (ln T)^q)` with exact rational `p_i`, `q_i` and
//! coefficients that are exact where they have a closed form and carry an error bound where not. What cancels
//! is never guessed: a question whose answer hides under the remainder, or under the error of a
//! coefficient, is answered [`GermError::Undecided`].
//!
//! ```
//! use resolvent::scaling::Germ;
//!
//! let t = Germ::variable();
//! let one = Germ::integer(1);
//! // 1 − 1/(1 + 1/T) = 1/T − 1/T² + …
//! let f = &one - &(&one + &t.recip()?).recip()?;
//! assert_eq!(f.exponent()?.unwrap(), num_rational::BigRational::from_integer((-1).into()));
//! # Ok::<(), resolvent::scaling::GermError>(())
//! ```

mod around;
pub(crate) mod closed;
mod coefficient;
mod compare;
pub(crate) mod detail;
mod elementary;
mod order;
mod rational;
#[cfg(test)]
mod tests;
pub(crate) mod values;

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_rational::BigRational;
use num_traits::{One, Zero};

use crate::budget;

pub use coefficient::Coefficient;
pub(crate) use compare::falling;
pub use compare::{Limit, Ratio};
pub(crate) use elementary::binomial;
pub use order::Order;
pub(crate) use rational::to_f64;

/// What a term of a sum or a product costs, in units of work.
const TERM: u64 = 100;

/// Why a question about a germ has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GermError {
    /// The expansion does not reach far enough, or a coefficient's error hides its sign.
    #[error("undecided: {reason}")]
    Undecided { reason: String },
    #[error("division by zero")]
    DivisionByZero,
    /// A logarithm or a fractional power of something that is not positive, a divergent sum, ….
    #[error("{function} is not defined here: {reason}")]
    Domain {
        function: &'static str,
        reason: String,
    },
    /// A numerical constant was not found to the accuracy asked for.
    #[error("{what} did not converge")]
    NotConverged { what: &'static str },
}

impl GermError {
    pub(crate) fn undecided(reason: impl Into<String>) -> Self {
        Self::Undecided {
            reason: reason.into(),
        }
    }

    pub(crate) fn domain(function: &'static str, reason: impl Into<String>) -> Self {
        Self::Domain {
            function,
            reason: reason.into(),
        }
    }
}

/// `coefficient · T^power (ln T)^log`.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub order: Order,
    pub coefficient: Coefficient,
}

/// A quantity as `T → ∞`: terms of descending order, and the order of what is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Germ {
    terms: Vec<Term>,
    remainder: Option<Order>,
}

impl Germ {
    pub fn zero() -> Self {
        Self {
            terms: Vec::new(),
            remainder: None,
        }
    }

    pub fn integer(value: i64) -> Self {
        Self::rational(BigRational::from_integer(value.into()))
    }

    /// A constant, exactly.
    pub fn rational(value: BigRational) -> Self {
        Self::term(Coefficient::rational(value), Order::constant())
    }

    /// A constant known to `|true − value| ≤ error`.
    pub fn approximate(value: f64, error: f64) -> Self {
        Self::term(Coefficient::approximate(value, error), Order::constant())
    }

    /// `T` itself.
    pub fn variable() -> Self {
        Self::power_of_variable(BigRational::one())
    }

    /// `T^power`.
    pub fn power_of_variable(power: BigRational) -> Self {
        Self::term(
            Coefficient::integer(1),
            Order::new(power, BigRational::zero()),
        )
    }

    /// `ln T`.
    pub fn log_of_variable() -> Self {
        Self::term(
            Coefficient::integer(1),
            Order::new(BigRational::zero(), BigRational::one()),
        )
    }

    /// `coefficient · T^power (ln T)^log`.
    pub fn term(coefficient: Coefficient, order: Order) -> Self {
        Self::assemble(vec![Term { order, coefficient }], None)
    }

    /// Something of which only a bound on its growth is known.
    pub fn bounded_by(order: Order) -> Self {
        Self {
            terms: Vec::new(),
            remainder: Some(order),
        }
    }

    /// Adds what is unknown beyond `order`.
    pub fn with_remainder(&self, order: Order) -> Self {
        Self::assemble(self.terms.clone(), self.remainder.clone().max(Some(order)))
    }

    /// Sorts, collects equal orders, drops zeros and whatever the remainder covers.
    fn assemble(mut terms: Vec<Term>, mut remainder: Option<Order>) -> Self {
        budget::drain(TERM * terms.len() as u64);
        terms.sort_by(|a, b| b.order.cmp(&a.order));
        let mut collected: Vec<Term> = Vec::with_capacity(terms.len());
        for term in terms {
            match collected.last_mut() {
                Some(last) if last.order == term.order => {
                    last.coefficient = last.coefficient.add(&term.coefficient);
                }
                _ => collected.push(term),
            }
        }
        collected.retain(|term| {
            !term.coefficient.is_zero() && remainder.as_ref().is_none_or(|r| term.order > *r)
        });
        let kept = detail::max_terms();
        if collected.len() > kept {
            remainder = remainder.max(Some(collected[kept].order.clone()));
            collected.truncate(kept);
        }
        Self {
            terms: collected,
            remainder,
        }
    }

    /// The known terms, largest first. A coefficient may be smaller than its own error bound.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The order of what is left out; `None` for an exact expansion.
    pub fn remainder(&self) -> Option<&Order> {
        self.remainder.as_ref()
    }

    pub fn is_zero(&self) -> bool {
        self.terms.is_empty() && self.remainder.is_none()
    }

    /// The leading term; `None` for exactly zero.
    pub fn leading(&self) -> Result<Option<&Term>, GermError> {
        match (self.terms.first(), &self.remainder) {
            (None, None) => Ok(None),
            (None, Some(order)) => Err(GermError::undecided(format!(
                "the terms cancel as far as they are known, to O({order})"
            ))),
            (Some(term), _) => match term.coefficient.sign() {
                Some(_) => Ok(Some(term)),
                None => Err(GermError::undecided(format!(
                    "the coefficient of {} is zero to within its error ({:.1e} ± {:.1e})",
                    term.order,
                    term.coefficient.value(),
                    term.coefficient.error()
                ))),
            },
        }
    }

    /// The leading term of something that must not vanish.
    pub fn leading_nonzero(&self) -> Result<&Term, GermError> {
        self.leading()?.ok_or(GermError::DivisionByZero)
    }

    /// The power of `T` in the leading term; `None` for exactly zero.
    pub fn exponent(&self) -> Result<Option<BigRational>, GermError> {
        Ok(self.leading()?.map(|term| term.order.power.clone()))
    }

    /// An upper bound on the order, decided or not; `None` for exactly zero.
    pub fn order_bound(&self) -> Option<&Order> {
        match (self.terms.first(), &self.remainder) {
            (Some(term), _) => Some(&term.order),
            (None, remainder) => remainder.as_ref(),
        }
    }

    /// The constant, if this is one and exactly known.
    pub fn as_rational(&self) -> Option<BigRational> {
        if self.remainder.is_some() {
            return None;
        }
        match self.terms.as_slice() {
            [] => Some(BigRational::zero()),
            [term] if term.order.is_constant() => term.coefficient.exact().cloned(),
            _ => None,
        }
    }

    /// Only the leading term, exact in order; what follows is forgotten, not bounded.
    pub fn leading_part(&self) -> Result<Self, GermError> {
        Ok(match self.leading()? {
            Some(term) => Self {
                terms: vec![term.clone()],
                remainder: None,
            },
            None => Self::zero(),
        })
    }

    /// Everything after the leading term.
    pub fn tail(&self) -> Self {
        Self {
            terms: self.terms.iter().skip(1).cloned().collect(),
            remainder: self.remainder.clone(),
        }
    }

    /// The first `count` terms; the rest becomes the remainder.
    pub fn truncated(&self, count: usize) -> Self {
        let mut short = self.clone();
        if short.terms.len() > count {
            short.remainder = short.remainder.max(Some(short.terms[count].order.clone()));
            short.terms.truncate(count);
        }
        short
    }

    /// Without the terms that are zero to within their error, of orders at which they are known to be zero.
    pub fn without_rounding(&self, is_zero_at: impl Fn(&Order) -> bool) -> Self {
        let mut exact = self.clone();
        exact
            .terms
            .retain(|term| term.coefficient.sign().is_some() || !is_zero_at(&term.order));
        exact
    }

    pub fn scale(&self, factor: &Coefficient) -> Self {
        if factor.is_zero() {
            return Self::zero();
        }
        Self {
            terms: self
                .terms
                .iter()
                .map(|term| Term {
                    order: term.order.clone(),
                    coefficient: term.coefficient.mul(factor),
                })
                .collect(),
            remainder: self.remainder.clone(),
        }
    }

    /// The terms' value at a finite `T`, the remainder left out.
    pub fn evaluate(&self, t: f64) -> f64 {
        let log = t.ln();
        let terms = self.terms.iter().rev().map(|term| {
            let power = rational::to_f64(&term.order.power);
            let logs = rational::to_f64(&term.order.log);
            let loglogs = rational::to_f64(&term.order.loglog);
            term.coefficient.value() * t.powf(power) * log.powf(logs) * log.ln().powf(loglogs)
        });
        terms.sum()
    }

    /// `1/self`.
    pub fn recip(&self) -> Result<Self, GermError> {
        self.powr(&-BigRational::one())
    }

    /// `self / divisor`.
    pub fn div(&self, divisor: &Self) -> Result<Self, GermError> {
        Ok(self * &divisor.recip()?)
    }
}

impl Add for &Germ {
    type Output = Germ;
    fn add(self, other: &Germ) -> Germ {
        let terms = self.terms.iter().chain(&other.terms).cloned().collect();
        Germ::assemble(terms, self.remainder.clone().max(other.remainder.clone()))
    }
}

impl Neg for &Germ {
    type Output = Germ;
    fn neg(self) -> Germ {
        self.scale(&Coefficient::integer(-1))
    }
}

impl Sub for &Germ {
    type Output = Germ;
    fn sub(self, other: &Germ) -> Germ {
        self + &-other
    }
}

impl Mul for &Germ {
    type Output = Germ;
    fn mul(self, other: &Germ) -> Germ {
        if self.is_zero() || other.is_zero() {
            return Germ::zero();
        }
        let mut remainder = None;
        let mut omit = |left: Option<&Order>, right: Option<&Order>| {
            if let (Some(left), Some(right)) = (left, right) {
                remainder = remainder.take().max(Some(left.times(right)));
            }
        };
        omit(self.remainder.as_ref(), other.order_bound());
        omit(other.remainder.as_ref(), self.order_bound());
        let mut terms = Vec::with_capacity(self.terms.len() * other.terms.len());
        for a in &self.terms {
            for b in &other.terms {
                let order = a.order.times(&b.order);
                if remainder.as_ref().is_some_and(|r| order <= *r) {
                    break;
                }
                terms.push(Term {
                    coefficient: a.coefficient.mul(&b.coefficient),
                    order,
                });
            }
        }
        Germ::assemble(terms, remainder)
    }
}

impl fmt::Display for Germ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        for (index, term) in self.terms.iter().enumerate() {
            let coefficient = &term.coefficient;
            if index > 0 {
                f.write_str(" + ")?;
            }
            match coefficient.exact() {
                Some(exact) if exact.is_integer() => write!(f, "{exact}")?,
                Some(exact) => write!(f, "({exact})")?,
                None => write!(f, "{:.6}", coefficient.value())?,
            }
            if !term.order.is_constant() {
                write!(f, " {}", term.order)?;
            }
        }
        if let Some(remainder) = &self.remainder {
            if !self.terms.is_empty() {
                f.write_str(" + ")?;
            }
            write!(f, "O({remainder})")?;
        }
        Ok(())
    }
}

/// The order of two leading terms, used to pick scales; `Equal` means the same order of growth.
pub(crate) fn compare_orders(a: &Germ, b: &Germ) -> Result<Ordering, GermError> {
    Ok(match (a.leading()?, b.leading()?) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => a.order.cmp(&b.order),
    })
}
