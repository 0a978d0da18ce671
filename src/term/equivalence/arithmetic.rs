//! Sums, products, quotients and powers of what an expectation is made of.

use super::error::{undefined, unrecognised};
use super::moment::Total;
use super::word::Words;
use super::{Form, Read, Reader};
use crate::formula::ast::BinaryOp;
use crate::term::evaluate::LinearAlgebra;

impl<R: LinearAlgebra> Reader<'_, R> {
    pub(super) fn scaled(&self, form: Form<R>, factor: &R) -> Form<R> {
        match form {
            Form::Number(x) => Form::Number(x * factor.clone()),
            Form::Scalar(x) => Form::Scalar(x.scaled(factor)),
            Form::Matrix(m) => Form::Matrix(m.scaled(factor)),
            Form::Column(v) => Form::Column(v.scaled(factor)),
            Form::Row(v) => Form::Row(v.scaled(factor)),
        }
    }

    pub(super) fn combined(&mut self, op: BinaryOp, a: Form<R>, b: Form<R>) -> Read<R> {
        match op {
            BinaryOp::Add => self.sum(a, b),
            BinaryOp::Sub => {
                let b = self.scaled(b, &-R::one());
                self.sum(a, b)
            }
            BinaryOp::Mul => self.product(a, b),
            BinaryOp::Div => match b {
                Form::Number(x) if x.is_zero() => undefined("a division by zero"),
                Form::Number(x) => match a {
                    Form::Number(a) => Ok(Form::Number(a / x)),
                    a => Ok(self.scaled(a, &(R::one() / x))),
                },
                Form::Matrix(m) => {
                    let inverse = self.inverse(&m)?;
                    self.product(a, Form::Matrix(inverse))
                }
                _ => unrecognised("a division by something random"),
            },
            BinaryOp::Pow => {
                let Form::Number(exponent) = b else {
                    return unrecognised("a random exponent");
                };
                self.power(a, &exponent)
            }
        }
    }

    fn power(&mut self, base: Form<R>, exponent: &R) -> Read<R> {
        let e = exponent.midpoint();
        let whole = exponent.radius() == 0.0 && e.fract() == 0.0;
        match base {
            Form::Number(x) => {
                if x.is_zero() && e < 0.0 {
                    return undefined("a negative power of zero");
                }
                if x.is_zero() && e > 0.0 {
                    return Ok(Form::Number(R::zero()));
                }
                if x.midpoint() < 0.0 && !whole {
                    return undefined("a fractional power of a negative number");
                }
                Ok(Form::Number(x.powf(exponent)))
            }
            Form::Matrix(m) if whole && e.abs() <= 16.0 => {
                let m = if e < 0.0 { self.inverse(&m)? } else { m };
                let mut power = Words::single(vec![], None);
                for _ in 0..e.abs() as usize {
                    power = power.times(&m, &mut self.alphabet)?;
                }
                Ok(Form::Matrix(power))
            }
            _ if whole && e == 1.0 => Ok(base),
            _ => unrecognised("a power of a random quantity"),
        }
    }

    pub(super) fn sum(&mut self, a: Form<R>, b: Form<R>) -> Read<R> {
        Ok(match (a, b) {
            (Form::Number(a), Form::Number(b)) => Form::Number(a + b),
            (Form::Number(a), Form::Scalar(b)) | (Form::Scalar(b), Form::Number(a)) => {
                Form::Scalar(b.plus(Total::exact(a)))
            }
            (Form::Scalar(a), Form::Scalar(b)) => Form::Scalar(a.plus(b)),
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(a.plus(b)?),
            (Form::Column(a), Form::Column(b)) => Form::Column(a.plus(b)?),
            (Form::Row(a), Form::Row(b)) => Form::Row(a.plus(b)?),
            _ => return unrecognised("a sum of different shapes"),
        })
    }

    pub(super) fn product(&mut self, a: Form<R>, b: Form<R>) -> Read<R> {
        Ok(match (a, b) {
            (Form::Number(x), other) | (other, Form::Number(x)) => self.scaled(other, &x),
            (Form::Scalar(_), _) | (_, Form::Scalar(_)) => {
                return unrecognised("a product with a random scalar");
            }
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(a.times(&b, &mut self.alphabet)?),
            (Form::Matrix(a), Form::Column(v)) => Form::Column(a.times(&v, &mut self.alphabet)?),
            (Form::Row(v), Form::Matrix(a)) => {
                Form::Row(a.transposed().times(&v, &mut self.alphabet)?)
            }
            (Form::Row(u), Form::Column(v)) => Form::Scalar(self.inner(&u, &v)?),
            _ => return unrecognised("an outer product"),
        })
    }
}
