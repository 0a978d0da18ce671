//! Integrals along a limit: of powers and resolvents of the variable between ends that may move, and of what does not move.

use super::constant::{Fixed, named};
use super::evaluate::Value::{self, Scalar, Spectral as Operator};
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::Quantity;
use super::sums;
use crate::term::FoldForm;
use crate::term::evaluate::constant_integral;

impl Germs<'_> {
    /// `int(x = from..to, body)`.
    pub(super) fn integral(&mut self, walker: &mut Along<'_>, form: FoldForm) -> Result<Value> {
        let from = self.scalar(walker, form.from)?;
        let to = self.end(walker, form.to)?;
        if let Some(to) = &to
            && !walker.store().free(form.body).contains(&form.index)
        {
            let height = self.scalar(walker, form.body)?;
            return Ok(Scalar(height.times(&to.minus(&from)?)?));
        }
        let moving = match self.between(walker, form, &from, to.as_ref()) {
            Ok(value) => return Ok(Scalar(value)),
            Err(error) => error,
        };
        match self.settled(walker, form, &from, to.as_ref())? {
            Some(value) => Ok(Scalar(value)),
            None => Err(moving),
        }
    }

    /// Of powers of the variable and of what is added to it.
    fn between(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        from: &Quantity,
        to: Option<&Quantity>,
    ) -> Result<Quantity> {
        sums::alone(walker, form.body)?;
        if !sums::is_of_numbers(walker.store(), form.body, form.index) {
            return unsupported("an integral over matrices along a limit");
        }
        if from.sign()? < 0 || to.is_some_and(|to| to.sign().is_ok_and(|sign| sign < 0)) {
            return unsupported("an integral along a limit that begins below zero");
        }
        match self.in_powers(walker, form) {
            Ok(Operator(f)) => f.integral(from, to),
            Ok(_) => unsupported("an integral of what does not move with its variable"),
            Err(error) => Err(error.into()),
        }
    }

    /// Of what is a number at every place; `None` where something moves.
    fn settled(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        from: &Quantity,
        to: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        let (Some(from), Some(to)) = (from.exact(), to.and_then(Quantity::exact)) else {
            return Ok(None);
        };
        let Some(fixed) = self.what_does_not_move(walker, form.body) else {
            return Ok(None);
        };
        let name = format!("integral from {from} to {to} of {form:?} at {fixed:?}");
        let (store, Fixed { symbols, around }) = (walker.store(), &fixed);
        named(
            constant_integral(store, form, (from, to), symbols, around),
            name,
        )
        .map(Some)
    }
}
