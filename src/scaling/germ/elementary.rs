//! Powers, logarithms and exponentials of germs.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::detail::max_terms;
use super::{Coefficient, Germ, GermError, Order, rational};

impl Germ {
    /// `self = c T^p (ln T)^q (1 + ε)` with `ε → 0`.
    fn factored(&self) -> Result<(Coefficient, Order, Self), GermError> {
        let leading = self.leading_nonzero()?;
        let reciprocal = leading
            .coefficient
            .recip()
            .ok_or(GermError::DivisionByZero)?;
        let inverse = Self::term(reciprocal, leading.order.recip());
        Ok((
            leading.coefficient.clone(),
            leading.order.clone(),
            &self.tail() * &inverse,
        ))
    }

    /// `Σ_{j ≥ 0} weight(j) ε^j`, for `ε → 0`.
    pub(super) fn series(epsilon: &Self, mut weight: impl FnMut(usize) -> Coefficient) -> Self {
        let mut sum = Self::term(weight(0), Order::constant());
        if epsilon.is_zero() {
            return sum;
        }
        let mut power = Self::integer(1);
        for j in 1..=max_terms() {
            power = &power * epsilon;
            if power.is_zero() {
                return sum;
            }
            sum = &sum + &power.scale(&weight(j));
        }
        let next = &power * epsilon;
        match next.order_bound() {
            Some(order) => sum.with_remainder(order.clone()),
            None => sum,
        }
    }

    /// `(1 + ε)^power` for `ε → 0`.
    pub(crate) fn one_plus_pow(epsilon: &Self, power: &BigRational) -> Self {
        Self::series(epsilon, |j| Coefficient::rational(binomial(power, j)))
    }

    /// `self^power` for an exact power.
    pub fn powr(&self, power: &BigRational) -> Result<Self, GermError> {
        if power.is_zero() {
            return Ok(Self::integer(1));
        }
        if power.is_one() {
            return Ok(self.clone());
        }
        if self.is_zero() {
            return if power.is_positive() {
                Ok(Self::zero())
            } else {
                Err(GermError::DivisionByZero)
            };
        }
        if power == &BigRational::from_integer(BigInt::from(2)) {
            return Ok(self * self);
        }
        let (coefficient, order, epsilon) = self.factored()?;
        let raised = coefficient.pow(power).ok_or_else(|| {
            GermError::domain("a fractional power", "the base is eventually negative")
        })?;
        let head = Self::term(raised, order.pow(power));
        Ok(&head * &Self::one_plus_pow(&epsilon, power))
    }

    pub fn sqrt(&self) -> Result<Self, GermError> {
        self.powr(&BigRational::new(1.into(), 2.into()))
    }

    /// `ln self`, down to `ln ln T`.
    pub fn ln(&self) -> Result<Self, GermError> {
        if self.is_zero() {
            return Err(GermError::domain("log", "the argument is zero"));
        }
        let (coefficient, order, epsilon) = self.factored()?;
        let constant = coefficient
            .ln()
            .ok_or_else(|| GermError::domain("log", "the argument is eventually negative"))?;
        let logs = Self::log_of_variable().scale(&Coefficient::rational(order.power.clone()));
        let slower = Coefficient::rational(order.log.clone());
        let mut sum = &logs + &Self::term(slower, Order::loglog());
        sum = &sum + &Self::term(constant, Order::constant());
        sum = &sum
            + &Self::series(&epsilon, |j| match j {
                0 => Coefficient::integer(0),
                j => {
                    let sign = if j % 2 == 1 { 1 } else { -1 };
                    Coefficient::rational(BigRational::new(sign.into(), BigInt::from(j)))
                }
            });
        if order.loglog.is_zero() {
            return Ok(sum);
        }
        // ln ln ln T grows more slowly than any power of ln ln T
        let slow = Order::loglog().pow(&BigRational::new(1.into(), 1024.into()));
        Ok(sum.with_remainder(slow))
    }

    /// `exp(self)` where that is of the order of a power of `T`, or falls faster than all of them.
    pub fn exp(&self) -> Result<Self, GermError> {
        let log = Order::new(BigRational::zero(), BigRational::one());
        let loglog = Order::loglog();
        let constant = Order::constant();
        let too_fast =
            || GermError::domain("exp", "the result is not of the order of a power of T");
        if let Some(largest) = self.terms.first()
            && largest.order > log
            && largest.coefficient.sign() == Some(-1)
        {
            return Ok(Self::bounded_by(Order::beyond_powers()));
        }
        if self.remainder.as_ref().is_some_and(|r| *r >= constant) {
            return Err(GermError::undecided(
                "the argument of exp is known only to O(1)",
            ));
        }
        let mut leading = Order::constant();
        let mut factor = Coefficient::integer(1);
        let mut rest = Vec::new();
        for term in &self.terms {
            if term.order == log || term.order == loglog {
                let count = term
                    .coefficient
                    .exact()
                    .ok_or_else(|| GermError::undecided("exp of an inexact multiple of log(T)"))?;
                let base = if term.order == log {
                    Order::new(BigRational::one(), BigRational::zero())
                } else {
                    log.clone()
                };
                leading = leading.times(&base.pow(count));
            } else if term.order == constant {
                factor = term.coefficient.exp();
            } else if term.order > constant {
                return Err(too_fast());
            } else {
                rest.push(term.clone());
            }
        }
        let epsilon = Self {
            terms: rest,
            remainder: self.remainder.clone(),
        };
        let head = Self::term(factor, leading);
        let tail = Self::series(&epsilon, |j| {
            let factorial: BigInt = (1..=j).map(BigInt::from).product();
            Coefficient::rational(BigRational::new(1.into(), factorial))
        });
        Ok(&head * &tail)
    }

    /// `self^exponent` for any exponent: exact where it is a rational, through `exp` and `ln` elsewhere.
    pub fn pow(&self, exponent: &Self) -> Result<Self, GermError> {
        match exponent.as_rational() {
            Some(power) => self.powr(&power),
            None => (exponent * &self.ln()?).exp(),
        }
    }
}

/// The binomial coefficient `power` over `j`.
pub(crate) fn binomial(power: &BigRational, j: usize) -> BigRational {
    let mut product = BigRational::one();
    for i in 0..j {
        let factor = rational::add(power, &BigRational::from_integer((-(i as i64)).into()));
        let divisor = BigRational::new_raw(1.into(), BigInt::from(i + 1));
        product = rational::mul(&rational::mul(&product, &factor), &divisor);
    }
    product
}
