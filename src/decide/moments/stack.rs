//! Rows of independent designs under one another are rows of one design, and so are noises of one size.

use super::polynomial::{Side, Term, Words};
use super::rows::{Rows, Stack, same};
use super::word::{Id, Letter, Vector};
use super::{Read, Reader, unknown};
use crate::term::evaluate::{EvaluationError, LinearAlgebra};

/// The first letter of a term that is like another but for the rows that it brings.
fn alike<R: LinearAlgebra>(model: &Term<R>, term: &Term<R>) -> Option<Letter> {
    let (_, tail) = model.open.split_first()?;
    let (first, rest) = term.open.split_first()?;
    let alike =
        same(&model.coefficient, &term.coefficient) && model.closed == term.closed && tail == rest;
    alike.then_some(*first)
}

impl<R: LinearAlgebra> Reader<'_, R> {
    /// `[A; B; …]` where the parts differ in nothing but the rows that they bring.
    pub(super) fn stacked(&self, parts: &[Words<R>]) -> Read<R> {
        let refused = || unknown("such a stack");
        let first = parts.first().ok_or_else(refused)?;
        let fits = |part: &Words<R>| {
            part.terms.len() == first.terms.len() && part.cols == first.cols && !part.is_scalar()
        };
        if !parts.iter().all(fits) {
            return Err(refused());
        }
        let mut rows = None;
        let mut terms = Vec::with_capacity(first.terms.len());
        for (n, model) in first.terms.iter().enumerate() {
            let letters: Option<Vec<Letter>> = (parts.iter())
                .map(|part| alike(model, &part.terms[n]))
                .collect();
            let whole = self.whole(&letters.ok_or_else(refused)?)?;
            rows = rows.or(match whole {
                Letter::Design(x) => Some(Side::Rows(x)),
                Letter::Column(Vector::Noise(e)) => Some(self.rows_like(e)),
                _ => None,
            });
            let mut term = model.clone();
            term.open[0] = whole;
            terms.push(term);
        }
        Ok(Words {
            terms,
            rows: rows.ok_or_else(refused)?,
            cols: first.cols,
        })
    }

    /// What holds the rows of several designs, or of several noises.
    fn whole(&self, letters: &[Letter]) -> Result<Letter, EvaluationError> {
        let designs = letters.iter().all(|l| matches!(l, Letter::Design(_)));
        let noises = letters
            .iter()
            .all(|l| matches!(l, Letter::Column(Vector::Noise(_))));
        let given: Vec<Rows> = letters.iter().filter_map(|l| Rows::of(*l)).collect();
        let parts = self.table.borrow().parts_of(&given);
        // Rows that stand in it twice are not independent.
        let twice = (parts.iter().enumerate()).any(|(n, part)| parts[..n].contains(part));
        if !(designs || noises) || twice {
            return Err(unknown("such a stack"));
        }
        let letter = |whole| match whole {
            Rows::Design(x) => Letter::Design(x),
            Rows::Noise(e) => Letter::Column(Vector::Noise(e)),
        };
        let known = (self.table.borrow().stacks.iter())
            .find(|stack| stack.parts == parts)
            .map(|stack| stack.whole);
        if let Some(whole) = known {
            return Ok(letter(whole));
        }
        let (mut length, mut sd) = (R::zero(), None);
        for part in &given {
            let table = self.table.borrow();
            length = length
                + match part {
                    Rows::Design(x) => table.designs[*x].clone(),
                    Rows::Noise(e) => {
                        let (length, own) = table.noises[*e].clone();
                        if sd.as_ref().is_some_and(|sd| !same(sd, &own)) {
                            return Err(unknown("a stack of noises of several sizes"));
                        }
                        sd = Some(own);
                        length
                    }
                };
        }
        let whole = match sd {
            None => Rows::Design(self.new_design(length)),
            Some(sd) => Rows::Noise(self.new_noise(length, sd)),
        };
        let stack = Stack { whole, parts };
        self.table.borrow_mut().stacks.push(stack);
        Ok(letter(whole))
    }

    /// `X'X + Y'Y + …` of several designs as `Z'Z` of the one that holds all their rows.
    pub(super) fn gathered(&self, words: &Words<R>) -> Option<Words<R>> {
        let gram = |term: &Term<R>| match *term.open.as_slice() {
            [Letter::DesignTransposed(x), Letter::Design(y)] if x == y => Some(x),
            _ => None,
        };
        let (grams, mut terms): (Vec<_>, Vec<_>) =
            (words.terms.iter().cloned()).partition(|term| gram(term).is_some());
        let mut designs: Vec<Id> = grams.iter().filter_map(gram).collect();
        designs.sort_unstable();
        designs.dedup();
        let model = grams.first()?;
        let equal =
            |term: &Term<R>| term.closed.is_empty() && same(&term.coefficient, &model.coefficient);
        if grams.len() < 2 || designs.len() < grams.len() || !grams.iter().all(equal) {
            return None;
        }
        let letters: Vec<Letter> = designs.into_iter().map(Letter::Design).collect();
        let whole = self.whole(&letters).ok()?;
        terms.push(Term {
            open: vec![whole.transposed(), whole],
            ..model.clone()
        });
        Some(Words {
            terms,
            ..words.clone()
        })
    }
}
