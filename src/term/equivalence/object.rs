//! Random objects as words: a labeller is a product of fits of designs and noises that only it knows.

use super::error::{undefined, unrecognised};
use super::word::{Index, Leaf, Letter, NoiseSource, Words};
use super::{EquivalenceError, Form, MAX_COUNT, Origin, Read, Reader, Walk};
use crate::formula::scope::Designs;
use crate::term::evaluate::{EvaluationError, LinearAlgebra};
use crate::term::{Id, LawTerms, RandomId, RandomTerms};

impl<R: LinearAlgebra> Reader<'_, R> {
    /// A random object: `X`, `E`, `W`, or a member of a family.
    pub(super) fn object(
        &mut self,
        walker: Walk<'_, '_, R>,
        id: RandomId,
        index: Option<Id>,
    ) -> Read<R> {
        let index = match index {
            Some(index) => Some(self.number(walker, index)?.midpoint()),
            None => None,
        };
        let object = walker.store().random(id);
        let member = self.member(walker, object, index)?;
        match &object.law {
            LawTerms::Design { rows } => {
                let x = self.design(walker, (id, member, 0), *rows)?;
                Ok(Form::Matrix(Words::single(vec![Letter::Design(x)], None)))
            }
            LawTerms::Gaussian { .. } => unrecognised("a Gaussian matrix of another covariance"),
            LawTerms::Noise { length, sd } => {
                let e = self.noise(walker, (id, member, 0), *length, *sd)?;
                Ok(Form::Column(Words::single(vec![], Some(Leaf::Noise(e)))))
            }
            LawTerms::Labeller {
                generations,
                samples,
                sd,
                ridge,
                designs,
            } => {
                let n = self.whole(walker, *generations, "the generations of a labeller")?;
                if n < 0.0 {
                    return undefined(format!("{n} generations of a labeller"));
                }
                let lambda = match ridge {
                    Some(ridge) => self.number(walker, *ridge)?,
                    None => R::zero(),
                };
                let mut w = Words::single(vec![], Some(Leaf::Target));
                if n == 0.0 {
                    return Ok(Form::Column(w));
                }
                if *designs == Designs::Shared {
                    if n > 1.0 && !lambda.is_zero() {
                        return unrecognised("repeated ridge fits to one design");
                    }
                    // X†(X ŵ + e_m) adds up: one fit, with noise of n times the variance.
                    let x = self.design(walker, (id, member, 0), *samples)?;
                    let e = self.noise(walker, (id, member, 0), *samples, *sd)?;
                    self.alphabet.noises[e].sd = self.number(walker, *sd)? * R::from_f64(n).sqrt();
                    return self.refit(w, x, e, lambda).map(Form::Column);
                }
                if n > MAX_COUNT {
                    return unrecognised(format!("more than {MAX_COUNT} generations"));
                }
                for generation in 0..n as u64 {
                    let x = self.design(walker, (id, member, generation), *samples)?;
                    let e = self.noise(walker, (id, member, generation), *samples, *sd)?;
                    w = self.refit(w, x, e, lambda.clone())?;
                }
                Ok(Form::Column(w))
            }
        }
    }

    /// `Fit(X, X ŵ + e)`
    fn refit(
        &mut self,
        w: Words<R>,
        x: Index,
        e: Index,
        lambda: R,
    ) -> Result<Words<R>, EquivalenceError> {
        let labels = Words::single(vec![Letter::Design(x)], None)
            .times(&w, &mut self.alphabet)?
            .plus(Words::single(vec![], Some(Leaf::Noise(e))))?;
        self.fit(x, lambda)?.times(&labels, &mut self.alphabet)
    }

    /// The number of a member; 0 for a single object.
    fn member(
        &mut self,
        walker: Walk<'_, '_, R>,
        object: &RandomTerms,
        index: Option<f64>,
    ) -> Result<u64, EquivalenceError> {
        let name = &object.name;
        match (index, object.count) {
            (None, None) => Ok(0),
            (Some(i), Some(count)) => {
                let count = self.whole(walker, count, "count")?;
                if i.fract() != 0.0 || !(0.0..count).contains(&i) {
                    return undefined(format!("{name}({i}) of {count}"));
                }
                Ok(i as u64)
            }
            (None, Some(_)) => Err(EvaluationError::Unsupported(format!(
                "{name} is a family: write {name}(0)"
            ))
            .into()),
            (Some(_), None) => {
                Err(EvaluationError::Unsupported(format!("{name} is a single object")).into())
            }
        }
    }

    fn design(
        &mut self,
        walker: Walk<'_, '_, R>,
        origin: Origin,
        rows: Id,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.designs.get(&origin) {
            return Ok(known);
        }
        let rows = self.number(walker, rows)?;
        let x = self.alphabet.design(rows)?;
        self.designs.insert(origin, x);
        Ok(x)
    }

    fn noise(
        &mut self,
        walker: Walk<'_, '_, R>,
        origin: Origin,
        length: Id,
        sd: Id,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.noises.get(&origin) {
            return Ok(known);
        }
        let (length, sd) = (self.number(walker, length)?, self.number(walker, sd)?);
        if sd.midpoint() < 0.0 {
            return undefined(format!("a standard deviation of {}", sd.midpoint()));
        }
        self.alphabet.noises.push(NoiseSource { length, sd });
        let e = self.alphabet.noises.len() - 1;
        self.noises.insert(origin, e);
        Ok(e)
    }
}
