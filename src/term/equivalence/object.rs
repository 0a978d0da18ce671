//! Random objects as words: a labeller is a product of fits of designs and noises that only it knows.

use super::word::{Index, Leaf, Letter, NoiseSource, Words};
use super::{EquivalenceError, Form, MAX_COUNT, Read, Reader, undefined, unrecognised};
use crate::formula::ast::Expr;
use crate::formula::scope::{Designs, Law, RandomObject};
use crate::term::evaluate::{EvaluationError, LinearAlgebra};

impl<'a, R: LinearAlgebra> Reader<'a, '_, R> {
    /// A random object: `X`, `E`, `W`, or member `index` of a family.
    pub(super) fn object(&mut self, name: &'a str, index: Option<f64>) -> Read<R> {
        let evaluator = self.evaluator;
        evaluator.without_locals(|| self.declared(name, index))
    }

    fn declared(&mut self, name: &'a str, index: Option<f64>) -> Read<R> {
        let Some((_, object)) = self.scope.random.iter().find(|(n, _)| n == name) else {
            return Err(EvaluationError::Unsupported(format!("unknown name {name}")).into());
        };
        let member = self.member(name, object, index)?;
        match &object.law {
            Law::Design { rows } => {
                let x = self.design(name, member, 0, rows)?;
                Ok(Form::Matrix(Words::single(vec![Letter::Design(x)], None)))
            }
            Law::Gaussian { .. } => unrecognised("a Gaussian matrix of another covariance"),
            Law::Noise { length, sd } => {
                let e = self.noise(name, member, 0, length, sd)?;
                Ok(Form::Column(Words::single(vec![], Some(Leaf::Noise(e)))))
            }
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                designs,
            } => {
                let n = self.whole(generations, "the generations of a labeller")?;
                if n < 0.0 {
                    return undefined(format!("{n} generations of a labeller"));
                }
                let lambda = match ridge {
                    Some(ridge) => self.number(ridge)?,
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
                    let x = self.design(name, member, 0, samples)?;
                    let e = self.noise(name, member, 0, samples, sd)?;
                    self.alphabet.noises[e].sd = self.number(sd)? * R::from_f64(n).sqrt();
                    return self.refit(w, x, e, lambda).map(Form::Column);
                }
                if n > MAX_COUNT {
                    return unrecognised(format!("more than {MAX_COUNT} generations"));
                }
                for generation in 0..n as u64 {
                    let x = self.design(name, member, generation, samples)?;
                    let e = self.noise(name, member, generation, samples, sd)?;
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
        name: &str,
        object: &'a RandomObject,
        index: Option<f64>,
    ) -> Result<u64, EquivalenceError> {
        match (index, &object.count) {
            (None, None) => Ok(0),
            (Some(i), Some(count)) => {
                let count = self.whole(count, "count")?;
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
        name: &'a str,
        member: u64,
        generation: u64,
        rows: &'a Expr,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.designs.get(&(name, member, generation)) {
            return Ok(known);
        }
        let rows = self.number(rows)?;
        let x = self.alphabet.design(rows)?;
        self.designs.insert((name, member, generation), x);
        Ok(x)
    }

    fn noise(
        &mut self,
        name: &'a str,
        member: u64,
        generation: u64,
        length: &'a Expr,
        sd: &'a Expr,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.noises.get(&(name, member, generation)) {
            return Ok(known);
        }
        let (length, sd) = (self.number(length)?, self.number(sd)?);
        if sd.midpoint() < 0.0 {
            return undefined(format!("a standard deviation of {}", sd.midpoint()));
        }
        self.alphabet.noises.push(NoiseSource { length, sd });
        let e = self.alphabet.noises.len() - 1;
        self.noises.insert((name, member, generation), e);
        Ok(e)
    }
}
