//! Forms that bind a variable: sums and products term by term, minima over a variable.

use super::error::{undefined, unrecognised};
use super::extremum::{least, may_vary};
use super::word::Words;
use super::{EquivalenceError, Form, MAX_COUNT, Read, Reader, Walk};
use crate::formula::ast::Fold;
use crate::term::evaluate::LinearAlgebra;
use crate::term::{ExtremumForm, FoldForm, Id, Node, SpectralForm, Walker};

impl<R: LinearAlgebra> Reader<'_, R> {
    pub(super) fn folded(&mut self, walker: Walk<'_, '_, R>, form: FoldForm) -> Read<R> {
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            return unrecognised(format!("{} of random quantities", form.kind.name()));
        }
        let (start, end) = self.ends(walker, form.from, form.to)?;
        let mut total: Option<Form<R>> = None;
        let mut i = start;
        while i <= end {
            let index = Form::Number(R::from_f64(i));
            let next = walker.bound_to(self, form.index, index, form.body)?;
            total = Some(match (total, form.kind) {
                (None, _) => next,
                (Some(sum), Fold::Sum) => self.sum(sum, next)?,
                (Some(product), _) => self.product(product, next)?,
            });
            i += 1.0;
        }
        Ok(match (total, form.kind) {
            (Some(total), _) => total,
            (None, Fold::Sum) => Form::Number(R::zero()),
            (None, _) if walker.store().shape(form.body).is_matrix() => {
                Form::Matrix(Words::single(vec![], None))
            }
            (None, _) => Form::Number(R::one()),
        })
    }

    /// From where to where an index runs.
    fn ends(
        &mut self,
        walker: Walk<'_, '_, R>,
        from: Id,
        to: Id,
    ) -> Result<(f64, f64), EquivalenceError> {
        if *walker.store().node(to) == Node::Infinity {
            return unrecognised("an infinite sum or product of random quantities");
        }
        let start = self.whole(walker, from, "the start of a sum")?;
        let end = self.number(walker, to)?.midpoint();
        if end - start > MAX_COUNT {
            return unrecognised(format!("a sum or product of more than {MAX_COUNT} terms"));
        }
        Ok((start, end))
    }

    /// A sum over eigenvalues with expectations in it, term by term as any other.
    pub(super) fn summed_over_spectrum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: SpectralForm,
    ) -> Read<R> {
        let (start, end) = self.ends(walker, form.from, form.to)?;
        let covariance = &self.environment.covariance;
        let mut total = Form::Number(R::zero());
        let mut i = start;
        while i <= end {
            let j = R::from_f64(i);
            let s = Form::Number(covariance.eigenvalue(&j)?);
            let mut next = walker.bound_to(self, form.eigenvalue, s, form.body)?;
            if form.weighted {
                let c = covariance.coefficient(&j)?;
                next = self.scaled(next, &(c.clone() * c));
            }
            total = self.sum(total, next)?;
            i += 1.0;
        }
        Ok(total)
    }

    /// A minimum of what is made of expectations, in plain numbers: how far it is off is not bounded.
    pub(super) fn extreme(&mut self, walker: Walk<'_, '_, R>, form: ExtremumForm) -> Read<R> {
        may_vary(self.statement, &form)?;
        if R::TRACKS_ERROR {
            return unrecognised("a minimum of expectations with a bound on its error");
        }
        let low = self.number(walker, form.from)?.midpoint();
        let high = self.number(walker, form.to)?.midpoint();
        let sign = if form.kind.is_greatest() { -1.0 } else { 1.0 };
        let mut value = |x: f64| {
            // Sizes may move with the variable: another point has other letters.
            let mut reader = Reader::new(self.statement, self.environment);
            reader.factor.clone_from(&self.factor);
            reader.random = std::mem::take(&mut self.random);
            let mut within = Walker::new(walker.store());
            for (binder, bound) in walker.binders() {
                within.bind(binder, bound.clone());
            }
            within.bind(form.variable, Form::Number(R::from_f64(x)));
            let read = reader.read(&mut within, form.body);
            self.random = reader.random;
            match read? {
                Form::Number(x) if x.is_finite() => Ok(sign * x.midpoint()),
                Form::Number(_) => undefined("a value that is not finite"),
                _ => unrecognised("a minimum of random quantities"),
            }
        };
        let found = least(&mut value, low, high, 1.0)?;
        let found = if form.kind.is_place() {
            found.place
        } else {
            sign * found.value
        };
        Ok(Form::Number(R::from_f64(found)))
    }
}
