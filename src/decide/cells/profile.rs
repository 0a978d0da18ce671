//! Positive functions of an index, piecewise powers up to constants: `f(k) ≍ c k^p` between kinks.

use std::cmp::Ordering;

use super::form::Form;
use super::growth::{Course, Growth};
use crate::term::{EvaluationError, Outcome};

/// More pieces come from no formula that a person wrote.
const MAX_PIECES: usize = 32;

/// From `start` to where the next piece starts.
#[derive(Clone, Debug)]
struct Piece {
    start: Growth,
    coefficient: Growth,
    power: Form,
}

/// A positive function of an index `k` from `start` of the first piece to `end`, without end where there is none.
#[derive(Clone, Debug)]
pub struct Profile {
    pieces: Vec<Piece>,
    end: Option<Growth>,
}

impl Profile {
    /// `coefficient · k^power` for `1 ≤ k ≤ end`.
    pub fn monomial(coefficient: Growth, power: Form, end: Option<Growth>) -> Self {
        Self {
            pieces: vec![Piece {
                start: Growth::constant(),
                coefficient: coefficient.up_to_constants(),
                power,
            }],
            end,
        }
    }

    pub fn constant(value: Growth, end: Option<Growth>) -> Self {
        Self::monomial(value, Form::integer(0), end)
    }

    pub fn end(&self) -> Option<Growth> {
        self.end.clone()
    }

    /// The function up to another end.
    pub fn until(mut self, end: Option<Growth>) -> Self {
        self.end = end;
        self
    }

    pub fn scaled(mut self, factor: &Growth) -> Self {
        for piece in &mut self.pieces {
            piece.coefficient = piece.coefficient.times(factor);
        }
        self
    }

    pub fn raised(mut self, exponent: &Form) -> Self {
        for piece in &mut self.pieces {
            piece.coefficient = piece.coefficient.to_power(exponent);
            piece.power = piece.power.times(exponent);
        }
        self
    }

    pub fn times(&self, other: &Self, course: &mut Course) -> Outcome<Self> {
        self.combined(other, course, &mut |_, start, _, a, b| {
            Ok(vec![Piece {
                start: start.clone(),
                coefficient: a.coefficient.times(&b.coefficient),
                power: a.power.plus(&b.power),
            }])
        })
    }

    pub fn plus(&self, other: &Self, course: &mut Course) -> Outcome<Self> {
        self.combined(other, course, &mut larger)
    }

    /// Both functions on common pieces.
    fn combined(&self, other: &Self, course: &mut Course, join: &mut Join<'_>) -> Outcome<Self> {
        let (mut i, mut j) = (0, 0);
        let mut start = self.pieces[0].start.clone();
        let mut pieces = Vec::new();
        loop {
            let (a, b) = (self.pieces.get(i + 1), other.pieces.get(j + 1));
            let order = match (a, b) {
                (None, None) => None,
                (Some(_), None) => Some(Ordering::Less),
                (None, Some(_)) => Some(Ordering::Greater),
                (Some(a), Some(b)) => Some(a.start.compare(&b.start, course)?),
            };
            let next = match order {
                None => self.end.clone(),
                Some(Ordering::Greater) => b.map(|p| p.start.clone()),
                Some(_) => a.map(|p| p.start.clone()),
            };
            let joined = join(
                course,
                &start,
                next.as_ref(),
                &self.pieces[i],
                &other.pieces[j],
            )?;
            pieces.extend(joined);
            if pieces.len() > MAX_PIECES {
                return Err(EvaluationError::unsupported(
                    "a function with so many kinks",
                ));
            }
            let (Some(order), Some(next)) = (order, next) else {
                break;
            };
            i += usize::from(order != Ordering::Greater);
            j += usize::from(order != Ordering::Less);
            start = next;
        }
        Ok(Self {
            pieces,
            end: self.end.clone(),
        })
    }

    /// The value at an index.
    pub fn at(&self, index: &Growth, course: &mut Course) -> Outcome<Growth> {
        let mut found = &self.pieces[0];
        for piece in &self.pieces[1..] {
            if piece.start.compare(index, course)? == Ordering::Greater {
                break;
            }
            found = piece;
        }
        Ok(found.coefficient.times(&index.to_power(&found.power)))
    }

    /// `Σ f(k)` from `from` on.
    pub fn sum(&self, from: &Growth, course: &mut Course) -> Outcome<Growth> {
        let mut total: Option<Growth> = None;
        for (i, piece) in self.pieces.iter().enumerate() {
            let next = match self.pieces.get(i + 1) {
                Some(piece) => Some(piece.start.clone()),
                None => self.end.clone(),
            };
            let mut start = piece.start.clone();
            if let Some(next) = &next
                && i + 1 < self.pieces.len()
                && from.compare(next, course)? != Ordering::Less
            {
                continue;
            }
            if from.compare(&start, course)? == Ordering::Greater {
                start = from.clone();
            }
            let slope = piece.power.plus(&Form::integer(1));
            let diverges = || EvaluationError::undefined("a sum that diverges");
            let part = match course.sign(&slope)? {
                Ordering::Less => start.to_power(&slope),
                Ordering::Greater => next.as_ref().ok_or_else(diverges)?.to_power(&slope),
                Ordering::Equal => {
                    let ratio = next.as_ref().ok_or_else(diverges)?.over(&start);
                    match course.sign(&ratio.power)? {
                        Ordering::Greater => Growth::logarithm(),
                        _ if ratio.has_no_log() => Growth::constant(),
                        _ => {
                            return Err(EvaluationError::Unresolved(
                                "the logarithm of a logarithm".into(),
                            ));
                        }
                    }
                }
            };
            let part = piece.coefficient.times(&part);
            total = Some(match total {
                None => part,
                Some(sum) => sum.greater(part, course)?,
            });
        }
        total.ok_or_else(|| EvaluationError::undefined("an empty sum"))
    }
}

type Join<'a> =
    dyn FnMut(&mut Course, &Growth, Option<&Growth>, &Piece, &Piece) -> Outcome<Vec<Piece>> + 'a;

/// The larger of two powers on a stretch, split where they cross.
fn larger(
    course: &mut Course,
    start: &Growth,
    end: Option<&Growth>,
    a: &Piece,
    b: &Piece,
) -> Outcome<Vec<Piece>> {
    let from = |start: &Growth, piece: &Piece| Piece {
        start: start.clone(),
        coefficient: piece.coefficient.clone(),
        power: piece.power.clone(),
    };
    let steepness = b.power.minus(&a.power);
    let (early, late, steepness) = match course.sign(&steepness)? {
        Ordering::Equal => {
            let order = a.coefficient.compare(&b.coefficient, course)?;
            let larger = if order == Ordering::Less { b } else { a };
            return Ok(vec![from(start, larger)]);
        }
        Ordering::Greater => (a, b, steepness),
        Ordering::Less => (b, a, steepness.negated()),
    };
    // early · k^p = late · k^{p + steepness}
    let inverse = course.reciprocal(&steepness)?;
    let crossing = early.coefficient.over(&late.coefficient).to_power(&inverse);
    if crossing.compare(start, course)? != Ordering::Greater {
        return Ok(vec![from(start, late)]);
    }
    if let Some(end) = end
        && crossing.compare(end, course)? != Ordering::Less
    {
        return Ok(vec![from(start, early)]);
    }
    Ok(vec![from(start, early), from(&crossing, late)])
}
