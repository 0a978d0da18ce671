//! Positive functions of an index, piecewise powers up to constants: `f(k) ≍ c k^p` between kinks, or smaller than any
//! power of the limit's variable.

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
    /// `None` where it is smaller than any power.
    coefficient: Option<Growth>,
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
                coefficient: Some(coefficient.up_to_constants()),
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
            piece.coefficient = piece.coefficient.as_ref().map(|c| c.times(factor));
        }
        self
    }

    pub fn raised(mut self, exponent: &Form, course: &mut Course) -> Outcome<Self> {
        let vanishes = self.pieces.iter().any(|piece| piece.coefficient.is_none());
        if vanishes && course.sign(exponent)? != Ordering::Greater {
            return Err(EvaluationError::unsupported(
                "a negative power of what falls faster than any",
            ));
        }
        for piece in &mut self.pieces {
            piece.coefficient = piece.coefficient.as_ref().map(|c| c.to_power(exponent));
            piece.power = piece.power.times(exponent);
        }
        Ok(self)
    }

    /// `exp(−f)`: of order 1 where `f` is at most that, and nothing where `f` grows with a power.
    pub fn decayed(&self, course: &mut Course) -> Outcome<Self> {
        let one = Self::constant(Growth::constant(), self.end.clone());
        self.combined(&one, course, &mut |course, start, end, f, _| {
            kept(course, start, end, f)
        })
    }

    pub fn times(&self, other: &Self, course: &mut Course) -> Outcome<Self> {
        self.combined(other, course, &mut |_, start, _, a, b| {
            Ok(vec![Piece {
                start: start.clone(),
                coefficient: (a.coefficient.as_ref())
                    .zip(b.coefficient.as_ref())
                    .map(|(a, b)| a.times(b)),
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
        match &found.coefficient {
            Some(c) => Ok(c.times(&index.to_power(&found.power))),
            None => Err(vanishing()),
        }
    }

    /// `Σ f(k)` from `from` on.
    pub fn sum(&self, from: &Growth, course: &mut Course) -> Outcome<Growth> {
        let mut total: Option<Growth> = None;
        for (i, piece) in self.pieces.iter().enumerate() {
            let next = match self.pieces.get(i + 1) {
                Some(piece) => Some(piece.start.clone()),
                None => self.end.clone(),
            };
            let Some(coefficient) = &piece.coefficient else {
                continue;
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
            let part = coefficient.times(&part);
            total = Some(match total {
                None => part,
                Some(sum) => sum.greater(part, course)?,
            });
        }
        total.ok_or_else(vanishing)
    }
}

type Join<'a> =
    dyn FnMut(&mut Course, &Growth, Option<&Growth>, &Piece, &Piece) -> Outcome<Vec<Piece>> + 'a;

fn vanishing() -> EvaluationError {
    EvaluationError::unsupported("what falls faster than any power")
}

/// `exp(−f)` on a stretch of one power, split where `f` is of order 1.
fn kept(
    course: &mut Course,
    start: &Growth,
    end: Option<&Growth>,
    f: &Piece,
) -> Outcome<Vec<Piece>> {
    let piece = |start: &Growth, kept: bool| Piece {
        start: start.clone(),
        coefficient: kept.then(Growth::constant),
        power: Form::integer(0),
    };
    let Some(coefficient) = &f.coefficient else {
        return Ok(vec![piece(start, true)]);
    };
    let slope = course.sign(&f.power)?;
    if slope == Ordering::Equal {
        return match course.sign(&coefficient.power)? {
            Ordering::Greater => Ok(vec![piece(start, false)]),
            Ordering::Less => Ok(vec![piece(start, true)]),
            // exp(−log T) is a power
            Ordering::Equal => match course.sign(coefficient.known_log()?)? {
                Ordering::Greater => Err(EvaluationError::unsupported("exp of a logarithm")),
                _ => Ok(vec![piece(start, true)]),
            },
        };
    }
    let inverse = course.reciprocal(&f.power.negated())?;
    let crossing = coefficient.to_power(&inverse);
    let falls = slope == Ordering::Less;
    if crossing.compare(start, course)? == Ordering::Less {
        return Ok(vec![piece(start, falls)]);
    }
    if let Some(end) = end
        && crossing.compare(end, course)? == Ordering::Greater
    {
        return Ok(vec![piece(start, !falls)]);
    }
    Ok(vec![piece(start, !falls), piece(&crossing, falls)])
}

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
    let (Some(a_front), Some(b_front)) = (&a.coefficient, &b.coefficient) else {
        let larger = if a.coefficient.is_none() { b } else { a };
        return Ok(vec![from(start, larger)]);
    };
    let steepness = b.power.minus(&a.power);
    let ratio = a_front.over(b_front);
    let (early, late, steepness, ratio) = match course.sign(&steepness)? {
        Ordering::Equal => {
            let order = a_front.compare(b_front, course)?;
            let larger = if order == Ordering::Less { b } else { a };
            return Ok(vec![from(start, larger)]);
        }
        Ordering::Greater => (a, b, steepness, ratio),
        Ordering::Less => {
            let inverse = ratio.to_power(&Form::integer(-1));
            (b, a, steepness.negated(), inverse)
        }
    };
    // early · k^p = late · k^{p + steepness}
    let inverse = course.reciprocal(&steepness)?;
    let crossing = ratio.to_power(&inverse);
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
