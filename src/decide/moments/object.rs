//! Random objects as words: designs, noises, labels made by fits.

use std::cell::RefCell;
use std::collections::HashMap;

use super::polynomial::{Side, Words};
use super::word::{Letter, Vector};
use super::{MOST_GENERATIONS, Read, Reader, unknown};
use crate::formula::scope::Designs;
use crate::term::evaluate::{EvaluationError, LinearAlgebra};
use crate::term::{LawTerms, RandomId};

impl<R: LinearAlgebra> Reader<'_, R> {
    pub(super) fn new_design(&self, rows: R) -> usize {
        let mut table = self.table.borrow_mut();
        table.designs.push(rows);
        table.designs.len() - 1
    }

    pub(super) fn new_noise(&self, length: R, sd: R) -> usize {
        let mut table = self.table.borrow_mut();
        table.noises.push((length, sd));
        table.noises.len() - 1
    }

    /// The number of a thing that is made once.
    fn once(
        map: &RefCell<HashMap<String, usize>>,
        place: String,
        make: impl FnOnce() -> Result<usize, EvaluationError>,
    ) -> Result<usize, EvaluationError> {
        if let Some(id) = map.borrow().get(&place) {
            return Ok(*id);
        }
        let id = make()?;
        map.borrow_mut().insert(place, id);
        Ok(id)
    }

    /// A random object, or member `member` of a family.
    pub(super) fn object(&self, object: RandomId, member: Option<f64>) -> Read<R> {
        let place = format!("{} {member:?}", object.index());
        match &self.store.random(object).law {
            LawTerms::Design { rows } => {
                let id = Self::once(&self.designs, place, || {
                    Ok(self.new_design(self.scalar(*rows)?))
                })?;
                let letters = vec![Letter::Design(id)];
                Ok(Words::letters(
                    R::one(),
                    letters,
                    Side::Rows(id),
                    Side::Modes,
                ))
            }
            LawTerms::Gaussian { .. } => Err(unknown("a Gaussian matrix of any shape")),
            LawTerms::Noise { length, sd } => {
                let id = Self::once(&self.noises, place, || {
                    Ok(self.new_noise(self.scalar(*length)?, self.scalar(*sd)?))
                })?;
                let letters = vec![Letter::Column(Vector::Noise(id))];
                let rows = self.rows_like(id);
                Ok(Words::letters(R::one(), letters, rows, Side::One))
            }
            LawTerms::Labeller {
                generations,
                samples,
                sd,
                ridge,
                designs,
            } => {
                let ridge = match ridge {
                    Some(ridge) => self.scalar(*ridge)?,
                    None => R::zero(),
                };
                let n = self.scalar(*generations)?.midpoint();
                if n > MOST_GENERATIONS {
                    return Err(unknown("so many generations"));
                }
                let (rows, sd) = (self.scalar(*samples)?, self.scalar(*sd)?);
                let ridge = match ridge.is_zero() {
                    true => None,
                    false => Some(self.new_ridge(ridge * rows.clone())?),
                };
                self.labeller(&place, n as usize, (rows, sd, ridge), *designs)
            }
        }
    }

    /// `W ← P W + Q X' e`, from `w0`; with a ridge, `W ← (X'X + τ)^{-1} X'(X W + e)`.
    fn labeller(
        &self,
        place: &str,
        n: usize,
        (rows, sd, ridge): (R, R, Option<usize>),
        designs: Designs,
    ) -> Read<R> {
        let target = vec![Letter::Column(Vector::Target)];
        let mut words = Words::letters(R::one(), target, Side::Modes, Side::One);
        for generation in 0..n {
            let which = if designs == Designs::Shared {
                0
            } else {
                generation
            };
            let x = Self::once(&self.designs, format!("{place} design {which}"), || {
                Ok(self.new_design(rows.clone()))
            })?;
            let e = Self::once(&self.noises, format!("{place} noise {generation}"), || {
                Ok(self.new_noise(rows.clone(), sd.clone()))
            })?;
            let inverse = ridge.map_or(Letter::Inverse(x), |k| Letter::Resolvent(x, k));
            let kept = match ridge {
                None => vec![Letter::Projection(x)],
                Some(_) => vec![inverse, Letter::DesignTransposed(x), Letter::Design(x)],
            };
            for term in &mut words.terms {
                term.open.splice(0..0, kept.iter().copied());
            }
            let added = vec![
                inverse,
                Letter::DesignTransposed(x),
                Letter::Column(Vector::Noise(e)),
            ];
            words = words.plus(Words::letters(R::one(), added, Side::Modes, Side::One));
            words = self.bounded(words)?;
        }
        Ok(words)
    }

    /// A design that stands for the rows of a noise: one with as many rows, or a new one.
    pub(super) fn rows_like(&self, noise: usize) -> Side {
        let length = self.table.borrow().noises[noise].0.clone();
        let known = self
            .table
            .borrow()
            .designs
            .iter()
            .position(|rows| rows.midpoint() == length.midpoint());
        Side::Rows(known.unwrap_or_else(|| self.new_design(length)))
    }
}
