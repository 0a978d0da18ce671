//! Orders of growth whose exponents depend on parameters, compared at a point that stands for its cell.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::Zero;

use super::form::{Form, Polynomial};
use crate::term::{EvaluationError, Outcome};

/// The comparisons that an evaluation made at one point: whoever makes the same ones gets the same answer.
#[derive(Clone, Debug, Default)]
pub struct Course {
    point: Vec<BigRational>,
    pub taken: Vec<(Polynomial, Ordering)>,
}

impl Course {
    pub fn at(point: Vec<BigRational>) -> Self {
        Self {
            point,
            taken: Vec::new(),
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
        let mut sign = lead.cmp(&zero);
        // factors that are a parameter, or were met before, have their signs already
        for index in rest.common_parameters() {
            let factor = Polynomial::parameter(index);
            while let Some(quotient) = rest.divided(&factor) {
                sign = product(sign, self.known(&factor));
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
        Ok(product(sign, self.known(&rest)))
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

/// What is positive and `≍ T^power (ln T)^log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    pub power: Form,
    pub log: Form,
}

impl Growth {
    pub fn constant() -> Self {
        Self::power_of_variable(Form::integer(0))
    }

    pub fn power_of_variable(power: Form) -> Self {
        Self {
            power,
            log: Form::integer(0),
        }
    }

    pub fn logarithm() -> Self {
        Self {
            power: Form::integer(0),
            log: Form::integer(1),
        }
    }

    pub fn times(&self, other: &Self) -> Self {
        Self {
            power: self.power.plus(&other.power),
            log: self.log.plus(&other.log),
        }
    }

    pub fn over(&self, other: &Self) -> Self {
        self.times(&other.to_power(&Form::integer(-1)))
    }

    pub fn to_power(&self, exponent: &Form) -> Self {
        Self {
            power: self.power.times(exponent),
            log: self.log.times(exponent),
        }
    }

    /// Which grows faster.
    pub fn compare(&self, other: &Self, course: &mut Course) -> Outcome<Ordering> {
        Ok(match course.compare(&self.power, &other.power)? {
            Ordering::Equal => course.compare(&self.log, &other.log)?,
            order => order,
        })
    }

    pub fn greater(self, other: Self, course: &mut Course) -> Outcome<Self> {
        Ok(match self.compare(&other, course)? {
            Ordering::Less => other,
            _ => self,
        })
    }

    pub fn text(&self, names: &[String]) -> String {
        if self.power.is_zero() && self.log.is_zero() {
            return "1".into();
        }
        let mut parts = Vec::new();
        if !self.power.is_zero() {
            parts.push(format!("T^({})", self.power.text(names)));
        }
        if !self.log.is_zero() {
            parts.push(format!("log(T)^({})", self.log.text(names)));
        }
        parts.join(" ")
    }
}
