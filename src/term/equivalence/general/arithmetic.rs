//! The arithmetic of forms.

use super::Reader;
use super::form::{Closure, Form, Leaf, Pending, Read, Vector};
use crate::equivalent::pencil::Expression;
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};

impl Reader<'_> {
    pub(super) fn scaled(&mut self, form: Form, factor: f64) -> Read {
        let model = &mut self.model;
        let mut vector = |v: Vector| {
            Vector(
                v.0.into_iter()
                    .map(|(l, e)| (l, model.scaled(factor, e)))
                    .collect(),
            )
        };
        Ok(match form {
            Form::Number { value, doubt } => Form::Number {
                value: value * factor,
                doubt: doubt * factor.abs(),
            },
            Form::Scalar(p) => Form::Scalar(Pending {
                constant: p.constant * factor,
                terms: p
                    .terms
                    .into_iter()
                    .map(|(c, e, closure)| (c * factor, e, closure))
                    .collect(),
                mixed: p.mixed,
            }),
            Form::Identity(c) => Form::Identity(c * factor),
            Form::Column(v) => Form::Column(vector(v)),
            Form::Row(v) => Form::Row(vector(v)),
            Form::Outer(u, v) => Form::Outer(vector(u), v),
            Form::Parts { parts, row } => Form::Parts {
                parts: parts.into_iter().map(vector).collect(),
                row,
            },
            Form::Matrix(m) => Form::Matrix(self.model.scaled(factor, m)),
            Form::Blocks(mut grid) => {
                for block in grid.iter_mut().flatten() {
                    *block = self.model.scaled(factor, *block);
                }
                Form::Blocks(grid)
            }
        })
    }

    pub(super) fn plus(&mut self, a: Form, b: Form) -> Read {
        Ok(match (a, b) {
            (Form::Number { value: a, doubt: x }, Form::Number { value: b, doubt: y }) => {
                Form::Number {
                    value: a + b,
                    doubt: x + y,
                }
            }
            (number @ Form::Number { .. }, scalar @ Form::Scalar(_))
            | (scalar @ Form::Scalar(_), number @ Form::Number { .. })
                if self.is_rough(&number) =>
            {
                let other = self.concentrated(scalar)?;
                return self.plus(number, other);
            }
            (Form::Number { value, .. }, Form::Scalar(mut p))
            | (Form::Scalar(mut p), Form::Number { value, .. }) => {
                p.constant += value;
                Form::Scalar(p)
            }
            (Form::Scalar(mut p), Form::Scalar(q)) => {
                p.constant += q.constant;
                p.terms.extend(q.terms);
                p.mixed |= q.mixed;
                Form::Scalar(p)
            }
            (Form::Identity(a), Form::Identity(b)) => Form::Identity(a + b),
            (Form::Identity(c), Form::Matrix(m)) | (Form::Matrix(m), Form::Identity(c)) => {
                let one = self.model.identity(self.model.rows(m));
                Form::Matrix(self.model.sum(&[(1.0, m), (c, one)])?)
            }
            (Form::Matrix(a), Form::Matrix(b)) => {
                Form::Matrix(self.model.sum(&[(1.0, a), (1.0, b)])?)
            }
            (Form::Column(a), Form::Column(b)) => Form::Column(self.added(a, b)?),
            (Form::Row(a), Form::Row(b)) => Form::Row(self.added(a, b)?),
            (a @ (Form::Blocks(_) | Form::Parts { .. }), b)
            | (a, b @ (Form::Blocks(_) | Form::Parts { .. })) => return self.plus_blocks(a, b),
            _ => return unrecognised("a sum of different shapes"),
        })
    }

    /// What is left open of a number that goes into matrices or fits is left open of what they become.
    pub(super) fn spreads(&mut self, form: &Form) {
        if self.is_rough(form) {
            self.spread = self.spread.max(self.rough);
        }
    }

    /// Whether a number may hold an extreme eigenvalue, of which more is left open than of traces beside it.
    pub(super) fn is_rough(&self, form: &Form) -> bool {
        self.inside
            && self.rough > 0.0
            && matches!(form, Form::Number { doubt, .. } if *doubt > 0.0)
    }

    pub(super) fn added(&mut self, mut a: Vector, b: Vector) -> Result<Vector, EquivalenceError> {
        for (leaf, e) in b.0 {
            match a.0.iter_mut().find(|(other, _)| *other == leaf) {
                Some((_, sum)) => *sum = self.model.sum(&[(1.0, *sum), (1.0, e)])?,
                None => a.0.push((leaf, e)),
            }
        }
        Ok(a)
    }

    pub(super) fn times(&mut self, a: Form, b: Form) -> Read {
        Ok(match (a, b) {
            (Form::Number { value: a, doubt: x }, Form::Number { value: b, doubt: y }) => {
                Form::Number {
                    value: a * b,
                    doubt: x * b.abs() + y * a.abs(),
                }
            }
            (number @ Form::Number { .. }, scalar @ Form::Scalar(_))
            | (scalar @ Form::Scalar(_), number @ Form::Number { .. })
                if self.is_rough(&number) =>
            {
                let other = self.concentrated(scalar)?;
                return self.times(number, other);
            }
            (number @ Form::Number { value, .. }, other)
            | (other, number @ Form::Number { value, .. }) => {
                self.spreads(&number);
                self.scaled(other, value)?
            }
            (scalar @ Form::Scalar(_), other) | (other, scalar @ Form::Scalar(_)) => {
                let number = self.concentrated(scalar)?;
                let other = self.concentrated(other)?;
                return self.times(number, other);
            }
            (Form::Identity(c), other) | (other, Form::Identity(c)) => self.scaled(other, c)?,
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(self.model.product(&[a, b])?),
            (Form::Matrix(a), Form::Column(v)) => Form::Column(self.applied(a, v)?),
            (Form::Row(v), Form::Matrix(a)) => {
                let a = self.model.transpose(a);
                Form::Row(self.applied(a, v)?)
            }
            (Form::Matrix(a), Form::Outer(u, v)) => Form::Outer(self.applied(a, u)?, v),
            (Form::Outer(u, v), Form::Matrix(a)) => {
                let a = self.model.transpose(a);
                Form::Outer(u, self.applied(a, v)?)
            }
            (Form::Column(u), Form::Row(v)) => Form::Outer(u, v),
            (Form::Row(u), Form::Column(v)) => self.inner(&u, &v)?,
            (a @ (Form::Blocks(_) | Form::Parts { .. }), b)
            | (a, b @ (Form::Blocks(_) | Form::Parts { .. })) => return self.times_blocks(a, b),
            _ => return unrecognised("a product of these shapes"),
        })
    }

    pub(super) fn applied(&mut self, a: Expression, v: Vector) -> Result<Vector, EquivalenceError> {
        let mut image = Vec::with_capacity(v.0.len());
        for (leaf, e) in v.0 {
            image.push((leaf, self.model.product(&[a, e])?));
        }
        Ok(Vector(image))
    }

    /// `u'v`: noise has mean zero and is independent of all else, so only equal leaves meet.
    pub(super) fn inner(&mut self, u: &Vector, v: &Vector) -> Read {
        let (mut terms, mut mixed) = (Vec::new(), false);
        for (leaf, a) in &u.0 {
            for (other, b) in &v.0 {
                if let (Leaf::Noise(i), Leaf::Noise(j)) = (leaf, other)
                    && self.one_within_the_other(*i, *j)
                {
                    return unrecognised("a noise that stands whole beside its own parts");
                }
                if leaf != other {
                    mixed = true;
                    continue;
                }
                let transposed = self.model.transpose(*a);
                let e = self.model.product(&[transposed, *b])?;
                terms.push(match leaf {
                    Leaf::Target => (1.0, e, Closure::Target),
                    Leaf::Noise(i) => {
                        let (sd, space) = self.noises[*i];
                        let e = self.model.cycled(e)?;
                        (sd * sd, e, Closure::Trace(space))
                    }
                });
            }
        }
        Ok(Form::Scalar(Pending {
            mixed,
            ..Pending::of(terms)
        }))
    }

    pub(super) fn inverse(&mut self, form: Form) -> Read {
        Ok(match form {
            Form::Number { value: 0.0, .. } => return undefined("a division by zero"),
            Form::Number { value, doubt } => Form::Number {
                value: 1.0 / value,
                doubt: doubt / (value * value),
            },
            Form::Identity(0.0) => return undefined("the inverse of zero"),
            Form::Identity(c) => Form::Identity(1.0 / c),
            Form::Matrix(m) => Form::Matrix(self.model.inverse(m)?),
            Form::Blocks(grid) => Form::Blocks(self.inverse_of_blocks(&grid)?),
            scalar @ Form::Scalar(_) => {
                let number = self.concentrated(scalar)?;
                return self.inverse(number);
            }
            _ => return unrecognised("a division by something random"),
        })
    }

    pub(super) fn power(&mut self, base: Form, e: f64) -> Read {
        let whole = e.fract() == 0.0 && e.abs() <= 16.0;
        match base {
            Form::Number { value, .. } if value == 0.0 && e < 0.0 => {
                undefined("a negative power of zero")
            }
            Form::Number { value, .. } if value < 0.0 && e.fract() != 0.0 => {
                undefined("a fractional power of a negative number")
            }
            Form::Number { value, doubt } => {
                let power = value.powf(e);
                Ok(Form::Number {
                    value: power,
                    doubt: if doubt == 0.0 {
                        0.0
                    } else {
                        (e * power / value).abs() * doubt
                    },
                })
            }
            Form::Identity(c) => Ok(Form::Identity(c.powf(e))),
            Form::Matrix(m) if whole => {
                let base = if e < 0.0 { self.model.inverse(m)? } else { m };
                if e == 0.0 {
                    return Ok(Form::Identity(1.0));
                }
                let factors = vec![base; e.abs() as usize];
                Ok(Form::Matrix(self.model.product(&factors)?))
            }
            Form::Blocks(grid) if whole && e != 0.0 => {
                let base = if e < 0.0 {
                    self.inverse_of_blocks(&grid)?
                } else {
                    grid
                };
                let mut power = Form::Blocks(base.clone());
                for _ in 1..e.abs() as usize {
                    power = self.times(power, Form::Blocks(base.clone()))?;
                }
                Ok(power)
            }
            other if e == 1.0 => Ok(other),
            // Of a power that is high even small fluctuations show.
            scalar @ Form::Scalar(_) if e.abs() <= 16.0 => {
                let number = self.concentrated(scalar)?;
                self.power(number, e)
            }
            _ => unrecognised("a power of a random quantity"),
        }
    }
}
