//! `argmin`, `inf`, `argmax` and `sup` over an interval.

use super::lowered::{self, Body};
use super::numbers::{Numbers, Walk};
use super::{EvaluationError, LinearAlgebra};
use crate::number::minimum::minimum;
use crate::term::ExtremumForm;

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// Where `body`, or its negative for a greatest value, is least on `[from, to]` and how small it is there, over all
    /// valleys and both ends.
    pub(super) fn minimum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: ExtremumForm,
    ) -> Result<(R, R), EvaluationError> {
        let low = lowered::bound(self, walker, form.from)?;
        let high = lowered::bound(self, walker, form.to)?;
        if !(low < high) {
            return Err(EvaluationError::Undefined(format!(
                "a minimum over [{low}, {high}]"
            )));
        }
        let store = walker.store();
        let mut body = Body::new(self, walker, store, form.variable, form.body)?;
        body.negated = form.kind.is_greatest();
        let open = "a minimum of a function that is not understood on a part of its range";
        let Some(found) = minimum(&mut body, low, high) else {
            return Err(EvaluationError::Unresolved(open.into()));
        };
        Ok((
            lowered::raised(found.place, open)?,
            lowered::raised(found.value, open)?,
        ))
    }
}
