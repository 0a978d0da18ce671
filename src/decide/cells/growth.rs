//! Orders of growth whose exponents depend on parameters, compared at a point that stands for its cell.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::form::{Form, MAX_PARAMETERS, Polynomial, Quadratic};
use crate::term::{EvaluationError, Outcome};

/// The comparisons that an evaluation made at one point: whoever makes the same ones gets the same answer.
#[derive(Clone, Debug, Default)]
pub struct Course {
    point: Vec<BigRational>,
    pub taken: Vec<(Polynomial, Ordering)>,
    /// How often logarithms alone told two growths apart.
    pub by_logs: usize,
    beyond: Option<Beyond>,
}

/// A parameter more, a little above a function of the others.
#[derive(Clone, Debug)]
struct Beyond {
    parameter: usize,
    from: Form,
    met: Vec<(Polynomial, Ordering)>,
}

impl Course {
    pub fn at(point: Vec<BigRational>) -> Self {
        Self {
            point,
            taken: Vec::new(),
            by_logs: 0,
            beyond: None,
        }
    }

    /// One parameter more, which stands a little above `from` until [`Course::leave`]; its index.
    pub fn enter(&mut self, from: Form) -> Outcome<usize> {
        let parameter = self.point.len();
        if self.beyond.is_some() || parameter >= MAX_PARAMETERS {
            return Err(EvaluationError::unsupported("so many parameters"));
        }
        self.beyond = Some(Beyond {
            parameter,
            from,
            met: Vec::new(),
        });
        Ok(parameter)
    }

    /// Without the parameter again; the polynomials in it that were met, with their signs.
    pub fn leave(&mut self) -> Vec<(Polynomial, Ordering)> {
        self.beyond.take().map(|b| b.met).unwrap_or_default()
    }

    /// Whether a factor speaks of the parameter that [`Course::enter`] brought.
    fn is_beyond(&self, factor: &Polynomial) -> bool {
        let beyond = self.beyond.as_ref();
        beyond.is_some_and(|b| factor.degree_in(b.parameter) > 0)
    }

    /// The sign of a factor a little above where the parameter of [`Course::enter`] starts.
    fn just_above(&mut self, factor: &Polynomial) -> Outcome<Ordering> {
        let Some(beyond) = &self.beyond else {
            return Ok(self.known(factor));
        };
        if let Some((_, sign)) = beyond.met.iter().find(|(p, _)| p == factor) {
            return Ok(*sign);
        }
        let parts = factor.coefficients_in(beyond.parameter);
        let [constant, slope] = parts.as_slice() else {
            return Err(EvaluationError::unsupported(
                "exponents that are not linear in what a minimum is taken over",
            ));
        };
        let slope = Form::polynomial(slope.clone());
        let there = Form::polynomial(constant.clone()).plus(&slope.times(&beyond.from));
        let sign = match self.sign(&there)? {
            Ordering::Equal => self.sign(&slope)?,
            sign => sign,
        };
        if let Some(beyond) = &mut self.beyond {
            beyond.met.push((factor.clone(), sign));
        }
        Ok(sign)
    }

    /// The sign of a factor.
    fn factor(&mut self, factor: &Polynomial) -> Outcome<Ordering> {
        if self.is_beyond(factor) {
            self.just_above(factor)
        } else {
            Ok(self.known(factor))
        }
    }

    /// The sign of a form in the cell.
    pub fn sign(&mut self, form: &Form) -> Outcome<Ordering> {
        let zero = BigRational::zero();
        if let Some(constant) = form.numerator.as_constant() {
            return Ok(constant.cmp(&zero));
        }
        if !form.is_small() {
            return Err(EvaluationError::unsupported("exponents of this size"));
        }
        let (mut rest, lead) = form.numerator.monic();
        let mut sign = lead.signum();
        // factors that are a parameter, or were met before, have their signs already
        for index in rest.common_parameters() {
            let factor = Polynomial::parameter(index);
            while let Some(quotient) = rest.divided(&factor) {
                sign = product(sign, self.factor(&factor)?);
                rest = quotient;
            }
        }
        let mut i = 0;
        while i < self.taken.len() && rest.as_constant().is_none() {
            let (factor, taken) = &self.taken[i];
            match rest.divided(factor) {
                Some(quotient) => {
                    sign = product(sign, *taken);
                    rest = quotient;
                }
                None => i += 1,
            }
        }
        if rest.as_constant().is_some() {
            return Ok(sign);
        }
        match rest.quadratic() {
            Quadratic::Factors(factors) => {
                for factor in &factors {
                    sign = product(sign, self.factor(factor)?);
                }
            }
            Quadratic::Positive => {}
            Quadratic::Other => sign = product(sign, self.factor(&rest)?),
        }
        Ok(sign)
    }

    /// The sign of a factor, which is written down.
    fn known(&mut self, factor: &Polynomial) -> Ordering {
        if let Some((_, sign)) = self.taken.iter().find(|(p, _)| p == factor) {
            return *sign;
        }
        let sign = factor.value(&self.point).cmp(&BigRational::zero());
        self.taken.push((factor.clone(), sign));
        sign
    }

    pub fn compare(&mut self, a: &Form, b: &Form) -> Outcome<Ordering> {
        self.sign(&a.minus(b))
    }

    /// `1/form`; undefined where it vanishes.
    pub fn reciprocal(&mut self, form: &Form) -> Outcome<Form> {
        match self.sign(form)? {
            Ordering::Equal => Err(EvaluationError::undefined("a division by zero")),
            sign => Ok(form.reciprocal(sign == Ordering::Greater)),
        }
    }
}

/// The sign of a product.
fn product(a: Ordering, b: Ordering) -> Ordering {
    match a {
        Ordering::Equal => a,
        Ordering::Greater => b,
        Ordering::Less => b.reverse(),
    }
}

/// Growths of one power, of which one has a logarithm that is not known.
pub fn unknown_log() -> EvaluationError {
    EvaluationError::Unresolved("the logarithm of a least value".into())
}

/// What is positive and `≍ T^power (ln T)^log`; `~ leading · T^power (ln T)^log` where the constant is known.
#[derive(Clone, Debug)]
pub struct Growth {
    pub power: Form,
    /// `None` where it is not known.
    pub log: Option<Form>,
    /// A positive function of the parameters.
    pub leading: Option<Form>,
    /// Whether the leading term is all there is.
    pub exact: bool,
}

impl Growth {
    /// Of order 1, with a constant that is not known.
    pub fn constant() -> Self {
        Self {
            power: Form::integer(0),
            log: Some(Form::integer(0)),
            leading: None,
            exact: false,
        }
    }

    /// Exactly this positive number.
    pub fn number(value: Form) -> Self {
        Self {
            leading: Some(value),
            exact: true,
            ..Self::constant()
        }
    }

    /// The power of the logarithm, where growths of one power are to be told apart.
    pub fn known_log(&self) -> Outcome<&Form> {
        self.log.as_ref().ok_or_else(unknown_log)
    }

    pub fn has_no_log(&self) -> bool {
        self.log.as_ref().is_some_and(Form::is_zero)
    }

    /// The variable of the limit itself.
    pub fn variable() -> Self {
        Self {
            power: Form::integer(1),
            ..Self::number(Form::integer(1))
        }
    }

    pub fn logarithm() -> Self {
        Self {
            log: Some(Form::integer(1)),
            ..Self::constant()
        }
    }

    /// The order alone.
    pub fn up_to_constants(mut self) -> Self {
        self.leading = None;
        self.exact = false;
        self
    }

    /// With smaller terms beside it.
    pub fn inexact(mut self) -> Self {
        self.exact = false;
        self
    }

    pub fn times(&self, other: &Self) -> Self {
        let leading = self.leading.as_ref().zip(other.leading.as_ref());
        let logs = self.log.as_ref().zip(other.log.as_ref());
        Self {
            power: self.power.plus(&other.power),
            log: logs.map(|(a, b)| a.plus(b)),
            leading: leading.map(|(a, b)| a.times(b)).filter(Form::is_small),
            exact: self.exact && other.exact,
        }
    }

    pub fn over(&self, other: &Self) -> Self {
        self.times(&other.to_power(&Form::integer(-1)))
    }

    pub fn to_power(&self, exponent: &Form) -> Self {
        let whole = exponent
            .as_constant()
            .filter(BigRational::is_integer)
            .and_then(|e| e.numer().to_i32())
            .filter(|n| n.abs() <= 8);
        let leading = self.leading.as_ref().and_then(|c| match whole {
            _ if c.as_constant().is_some_and(|c| c.is_one()) => Some(c.clone()),
            Some(n) => {
                let base = if n < 0 { c.reciprocal(true) } else { c.clone() };
                let one = Form::integer(1);
                Some((0..n.abs()).fold(one, |product, _| product.times(&base)))
            }
            None => None,
        });
        Self {
            power: self.power.times(exponent),
            log: self.log.as_ref().map(|log| log.times(exponent)),
            leading: leading.filter(Form::is_small),
            exact: self.exact,
        }
    }

    /// Both constants, of two of one order.
    pub fn constants<'a>(&'a self, other: &'a Self) -> Option<(&'a Form, &'a Form)> {
        self.leading.as_ref().zip(other.leading.as_ref())
    }

    /// Which grows faster.
    pub fn compare(&self, other: &Self, course: &mut Course) -> Outcome<Ordering> {
        Ok(match course.compare(&self.power, &other.power)? {
            Ordering::Equal => {
                let order = course.compare(self.known_log()?, other.known_log()?)?;
                course.by_logs += usize::from(order != Ordering::Equal);
                order
            }
            order => order,
        })
    }

    /// The greater one, or the sum: they are of one order.
    pub fn greater(self, other: Self, course: &mut Course) -> Outcome<Self> {
        Ok(match self.compare(&other, course)? {
            Ordering::Less => other,
            Ordering::Equal => self.up_to_constants(),
            Ordering::Greater => self,
        })
    }

    pub fn text(&self, names: &[String]) -> String {
        if self.power.is_zero() && self.has_no_log() {
            return "1".into();
        }
        let mut parts = Vec::new();
        if !self.power.is_zero() {
            parts.push(format!("T^({})", self.power.text(names)));
        }
        match &self.log {
            Some(log) if log.is_zero() => {}
            Some(log) => parts.push(format!("log(T)^({})", log.text(names))),
            None => parts.push("a power of log(T)".into()),
        }
        parts.join(" ")
    }
}
