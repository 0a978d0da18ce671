//! `exp(x)` and `1 − exp(x)` of what is negative, as orders of growth: what decays is there or it is not.

use std::cmp::Ordering;

use num_traits::One;

use super::super::form::Form;
use super::super::growth::Growth;
use super::super::profile::Profile;
use super::Value::{Function as Of, Growth as Grows, Negative, Number};
use super::{Orders, Value, positive, unsupported};
use crate::formula::ast::Function;
use crate::term::{Id, Node, Outcome};

impl Orders<'_> {
    pub(super) fn exponential(&mut self, x: &Value) -> Outcome<Value> {
        match x {
            Number(form) if form.is_zero() => Ok(Number(Form::integer(1))),
            Number(_) => Ok(positive(Growth::constant())),
            Negative(f) => Ok(Of(f.decayed(&mut self.course)?)),
            Grows { growth, .. } => match self.grows(growth)? {
                // 1 + x + …
                Ordering::Less => Ok(positive(Growth::number(Form::integer(1)).inexact())),
                Ordering::Equal => Ok(positive(Growth::constant())),
                Ordering::Greater => unsupported("exp of what grows"),
            },
            _ => unsupported("exp here"),
        }
    }

    /// `x` of `1 − exp(x)`, or of `I − exp(x)`.
    pub(super) fn exponential_beside_one(&self, a: Id, b: Id) -> Option<Id> {
        let is_one = matches!(self.store.node(a), Node::Identity(_))
            || self.store.literal(a).is_some_and(|one| one.is_one());
        match self.store.node(b) {
            Node::Call(Function::Exp, arguments) if is_one => Some(arguments[0]),
            _ => None,
        }
    }

    /// `1 − exp(x) ≍ min(1, −x)` for negative `x`.
    pub(super) fn one_minus_exponential(&mut self, x: Value) -> Outcome<Value> {
        match x {
            Negative(f) => {
                // 1/(1 + 1/f)
                let inverse = Form::integer(-1);
                let one = Profile::constant(Growth::constant(), f.end());
                let sum = f
                    .raised(&inverse, &mut self.course)?
                    .plus(&one, &mut self.course)?;
                Ok(Of(sum.raised(&inverse, &mut self.course)?))
            }
            Grows {
                positive: false,
                growth,
            } => match self.grows(&growth)? {
                Ordering::Less => Ok(positive(growth.inexact())),
                Ordering::Equal => Ok(positive(Growth::constant())),
                Ordering::Greater => Ok(positive(Growth::number(Form::integer(1)).inexact())),
            },
            _ => unsupported("1 - exp of what may be positive"),
        }
    }
}
