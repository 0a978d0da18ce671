//! The algebra of orders of growth: formulas that are manifestly of one sign, up to constants.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

mod algebra;
mod exponential;
mod extremum;
mod spectrum;

use super::form::Form;
use super::growth::{Course, Growth};
use super::profile::Profile;
use crate::term::{EvaluationError, ModelId, Outcome, Store};

/// Longest sum that is written out.
const MAX_FOLD: i64 = 64;

/// What a formula is, up to positive constants.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number: exactly this function of the parameters.
    Number(Form),
    Growth {
        positive: bool,
        growth: Growth,
    },
    /// A positive function of `Σ`, or of the index of a sum.
    Function(Profile),
    /// Minus such a function.
    Negative(Profile),
    /// `f(Σ) w0`, or its transpose.
    Vector {
        f: Profile,
        row: bool,
    },
}

use Value::{Function as Of, Growth as Grows, Negative, Number, Vector};

/// The values of symbols, and the comparisons made on the way.
pub struct Orders<'s> {
    pub course: Course,
    pub symbols: Vec<Option<Value>>,
    /// The least values of whole symbols, by symbol.
    pub smallest: &'s [Option<BigRational>],
    pub store: &'s Store,
    /// Of the setting.
    pub model: ModelId,
}

fn positive(growth: Growth) -> Value {
    Grows {
        positive: true,
        growth,
    }
}

fn unsupported<T>(what: &str) -> Outcome<T> {
    Err(EvaluationError::unsupported(what))
}

fn cancels<T>() -> Outcome<T> {
    Err(EvaluationError::Unresolved(
        "terms of one order that may cancel".into(),
    ))
}

impl<'s> Orders<'s> {
    /// The growth of something positive; `None` for zero.
    pub fn positive(&mut self, value: &Value) -> Outcome<Option<Growth>> {
        match self.signed(value)? {
            None => Ok(None),
            Some((true, growth)) => Ok(Some(growth)),
            Some((false, _)) => unsupported("something negative here"),
        }
    }

    /// Sign and growth; `None` for zero.
    pub fn signed(&mut self, value: &Value) -> Outcome<Option<(bool, Growth)>> {
        match value {
            Number(form) => Ok(match self.course.sign(form)? {
                Ordering::Equal => None,
                Ordering::Greater => Some((true, Growth::number(form.clone()))),
                Ordering::Less => Some((false, Growth::number(form.negated()))),
            }),
            Grows { positive, growth } => Ok(Some((*positive, growth.clone()))),
            Of(_) | Negative(_) | Vector { .. } => unsupported("a matrix where a number is needed"),
        }
    }

    fn nonzero(&mut self, value: &Value) -> Outcome<Growth> {
        match self.positive(value)? {
            Some(growth) => Ok(growth),
            None => Err(EvaluationError::undefined(
                "zero where a positive number is needed",
            )),
        }
    }

    pub fn form_of(&self, value: &Value) -> Outcome<Form> {
        match value {
            Number(form) => Ok(form.clone()),
            _ => unsupported("an exponent that is no number"),
        }
    }

    fn add(&mut self, a: Value, b: Value) -> Outcome<Value> {
        match (&a, &b) {
            (Number(x), Number(y)) => return Ok(Number(x.plus(y))),
            (Of(f), Of(g)) => return Ok(Of(f.plus(g, &mut self.course)?)),
            (Vector { f, row }, Vector { f: g, row: other }) if row == other => {
                let f = f.plus(g, &mut self.course)?;
                return Ok(Vector { f, row: *row });
            }
            (Of(f), scalar) | (scalar, Of(f)) => {
                // beside a function of an index a number is a constant function
                return Ok(match self.positive(scalar)? {
                    None => Of(f.clone()),
                    Some(c) => {
                        let constant = Profile::constant(c, f.end());
                        Of(f.plus(&constant, &mut self.course)?)
                    }
                });
            }
            _ => {}
        }
        let (x, y) = match (self.signed(&a)?, self.signed(&b)?) {
            (None, _) => return Ok(b),
            (_, None) => return Ok(a),
            (Some(x), Some(y)) => (x, y),
        };
        let order = x.1.compare(&y.1, &mut self.course)?;
        let (positive, growth) = match order {
            Ordering::Greater => x,
            Ordering::Less => y,
            Ordering::Equal => return self.of_one_order(x, y),
        };
        Ok(Grows {
            positive,
            growth: growth.inexact(),
        })
    }

    /// `x + y`, both with a sign.
    fn of_one_order(&mut self, x: (bool, Growth), y: (bool, Growth)) -> Outcome<Value> {
        let constants = x.1.constants(&y.1);
        let mut growth = x.1.clone();
        growth.exact &= y.1.exact;
        if x.0 == y.0 {
            growth.leading = constants.map(|(a, b)| a.plus(b)).filter(Form::is_small);
            return Ok(Grows {
                positive: x.0,
                growth,
            });
        }
        let Some((a, b)) = constants else {
            return cancels();
        };
        let rest = a.minus(b);
        let (positive, leading) = match self.course.sign(&rest)? {
            Ordering::Greater => (x.0, rest),
            Ordering::Less => (y.0, rest.negated()),
            Ordering::Equal if growth.exact => return Ok(Number(Form::integer(0))),
            Ordering::Equal => return cancels(),
        };
        growth.leading = Some(leading).filter(Form::is_small);
        Ok(Grows { positive, growth })
    }

    fn multiply(&mut self, a: Value, b: Value) -> Outcome<Value> {
        match (&a, &b) {
            (Number(x), _) if x.is_zero() => return Ok(a),
            (_, Number(y)) if y.is_zero() => return Ok(b),
            (Number(x), Number(y)) => return Ok(Number(x.times(y))),
            (Of(f), Of(g)) => return Ok(Of(f.times(g, &mut self.course)?)),
            (Of(f), Vector { f: g, row: false }) | (Vector { f: g, row: true }, Of(f)) => {
                let row = matches!(a, Vector { .. });
                let f = f.times(g, &mut self.course)?;
                return Ok(Vector { f, row });
            }
            (Vector { f, row: true }, Vector { f: g, row: false }) => {
                let f = f.times(g, &mut self.course)?;
                return Ok(Of(f)); // weighted where it is met: see `binary`
            }
            (Negative(f), Negative(g)) => return Ok(Of(f.times(g, &mut self.course)?)),
            (Of(f), Negative(g)) | (Negative(g), Of(f)) => {
                return Ok(Negative(f.times(g, &mut self.course)?));
            }
            (Of(f) | Negative(f), scalar) | (scalar, Of(f) | Negative(f)) => {
                let Some((positive, c)) = self.signed(scalar)? else {
                    return unsupported("a function times zero");
                };
                let scaled = f.clone().scaled(&c);
                let is_negative = matches!((&a, &b), (Negative(_), _) | (_, Negative(_)));
                return Ok(if positive == is_negative {
                    Negative(scaled)
                } else {
                    Of(scaled)
                });
            }
            (Vector { f, row }, scalar) | (scalar, Vector { f, row }) => {
                let c = self.nonzero(scalar)?;
                return Ok(Vector {
                    f: f.clone().scaled(&c),
                    row: *row,
                });
            }
            _ => {}
        }
        let (Some(x), Some(y)) = (self.signed(&a)?, self.signed(&b)?) else {
            return Ok(Number(Form::integer(0)));
        };
        Ok(Grows {
            positive: x.0 == y.0,
            growth: x.1.times(&y.1),
        })
    }

    fn power(&mut self, base: Value, exponent: &Value) -> Outcome<Value> {
        let e = self.form_of(exponent)?;
        if e.is_zero() {
            return Ok(match base {
                Of(f) => Of(f.raised(&e, &mut self.course)?),
                Negative(_) => return unsupported("a power of something negative"),
                _ => Number(Form::integer(1)),
            });
        }
        let whole = e
            .as_constant()
            .filter(BigRational::is_integer)
            .and_then(|e| e.numer().to_i32())
            .filter(|n| n.abs() <= 8);
        match base {
            Number(form) => {
                if let Some(n) = whole {
                    let base = if n < 0 {
                        self.course.reciprocal(&form)?
                    } else {
                        form
                    };
                    let one = Form::integer(1);
                    return Ok(Number(
                        (0..n.abs()).fold(one, |product, _| product.times(&base)),
                    ));
                }
                if form.as_constant().is_some_and(|c| c.is_one()) {
                    return Ok(Number(form));
                }
                match self.course.sign(&form)? {
                    Ordering::Greater => Ok(positive(Growth::constant())),
                    Ordering::Equal => match self.course.sign(&e)? {
                        Ordering::Greater => Ok(Number(form)),
                        _ => Err(EvaluationError::undefined("a negative power of zero")),
                    },
                    Ordering::Less => unsupported("a power of something negative"),
                }
            }
            Grows {
                positive: is_positive,
                growth,
            } => {
                let positive = match (is_positive, whole) {
                    (true, _) => true,
                    (false, Some(n)) => n % 2 == 0,
                    (false, None) => return unsupported("a power of something negative"),
                };
                Ok(Grows {
                    positive,
                    growth: growth.to_power(&e),
                })
            }
            Of(f) => Ok(Of(f.raised(&e, &mut self.course)?)),
            Negative(_) => unsupported("a power of something negative"),
            Vector { .. } => unsupported("a power of a vector"),
        }
    }

    fn logarithm(&mut self, x: &Value) -> Outcome<Value> {
        if let Number(form) = x {
            return self.logarithm_of_number(form);
        }
        let growth = self.nonzero(x)?;
        match self.course.sign(&growth.power)? {
            Ordering::Equal if growth.has_no_log() => match &growth.leading {
                Some(constant) if growth.exact => self.logarithm_of_number(constant),
                _ => unsupported("the logarithm of something without a power of T"),
            },
            Ordering::Equal => unsupported("the logarithm of something without a power of T"),
            sign => Ok(Grows {
                positive: sign == Ordering::Greater,
                growth: Growth::logarithm(),
            }),
        }
    }

    fn logarithm_of_number(&mut self, form: &Form) -> Outcome<Value> {
        if form.as_constant().is_some_and(|c| c.is_one()) {
            return Ok(Number(Form::integer(0)));
        }
        let excess = form.minus(&Form::integer(1));
        match (self.course.sign(form)?, self.course.sign(&excess)?) {
            (Ordering::Greater, Ordering::Equal) => Ok(Number(Form::integer(0))),
            (Ordering::Greater, sign) => Ok(Grows {
                positive: sign == Ordering::Greater,
                growth: Growth::constant(),
            }),
            _ => Err(EvaluationError::undefined(
                "the logarithm of a number that is not positive",
            )),
        }
    }

    /// The least or the greatest of two. Of two of one order only the order is known: no exponent turns on which of
    /// them it is.
    fn choice(&mut self, least: bool, a: Value, b: Value) -> Outcome<Value> {
        let both_numbers = matches!((&a, &b), (Number(_), Number(_)));
        let order = if both_numbers {
            self.order(&b, &a)?
        } else {
            let (x, y) = (self.up_to_constants(&a)?, self.up_to_constants(&b)?);
            match self.order(&y, &x)? {
                Ordering::Equal => return self.choice_of_equals(least, (&a, &b), x),
                order => order,
            }
        };
        let takes_b = match order {
            Ordering::Less => least,
            Ordering::Equal => false,
            Ordering::Greater => !least,
        };
        Ok(if takes_b { b } else { a })
    }

    /// Of two of one order: the constant stays where it is plain which of them it is.
    fn choice_of_equals(
        &mut self,
        least: bool,
        (a, b): (&Value, &Value),
        order: Value,
    ) -> Outcome<Value> {
        let (Some((true, x)), Some((true, y))) = (self.signed(a)?, self.signed(b)?) else {
            return Ok(order);
        };
        let gap = x.constants(&y).and_then(|(p, q)| p.minus(q).as_constant());
        Ok(match gap {
            Some(gap) if gap.is_negative() == least => positive(x.inexact()),
            Some(gap) if gap.is_zero() => positive(x.inexact()),
            Some(_) => positive(y.inexact()),
            None => order,
        })
    }

    /// The order alone; zero stays zero.
    fn up_to_constants(&mut self, value: &Value) -> Outcome<Value> {
        Ok(match self.signed(value)? {
            None => value.clone(),
            Some((positive, growth)) => Grows {
                positive,
                growth: growth.up_to_constants(),
            },
        })
    }

    fn order(&mut self, a: &Value, b: &Value) -> Outcome<Ordering> {
        if let (Number(x), Number(y)) = (a, b) {
            return self.course.compare(x, y);
        }
        Ok(match (self.signed(a)?, self.signed(b)?) {
            (None, None) => Ordering::Equal,
            (None, Some((positive, _))) => {
                if positive {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Some((positive, _)), None) => {
                if positive {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Some(x), Some(y)) if x.0 != y.0 => x.0.cmp(&y.0),
            (Some(x), Some(y)) => {
                let mut order = x.1.compare(&y.1, &mut self.course)?;
                if order == Ordering::Equal
                    && let Some((a, b)) = x.1.constants(&y.1)
                {
                    order = self.course.compare(a, b)?;
                }
                if x.0 { order } else { order.reverse() }
            }
        })
    }
}
