//! `inf(x in [a, b], f)` and its like where expectations stand in `f`.

use super::form::{Form, Read};
use super::{Reader, Walk};
use crate::term::equivalence::extremum::{least, may_vary};
use crate::term::equivalence::{undefined, unrecognised};
use crate::term::{ExtremumForm, Walker};

impl Reader<'_> {
    /// A minimum of what is made of expectations. At each place all is read anew: sizes may be others there.
    pub(super) fn least_or_greatest(&mut self, walker: Walk<'_, '_>, form: ExtremumForm) -> Read {
        let (statement, environment) = (self.statement, self.environment);
        let store = &statement.store;
        may_vary(statement, &form)?;
        let mut free = [form.from, form.to, form.body]
            .map(|id| store.free(id))
            .into_iter();
        if free.any(|free| self.sums.iter().any(|index| free.contains(index))) {
            return unrecognised("a minimum of expectations inside of a sum");
        }
        let (low, high) = (
            self.number(walker, form.from)?,
            self.number(walker, form.to)?,
        );
        let sign = if form.kind.is_greatest() { -1.0 } else { 1.0 };
        let mut left_open: f64 = 0.0;
        let mut value = |x: f64| {
            let mut reader = Reader::new(statement, environment, form.body)?;
            reader.inside = self.inside;
            reader.measured_in(self.unit);
            reader.guarded = self.guarded;
            let mut inner = Walker::new(store);
            for (binder, bound) in walker.binders() {
                if let Form::Number { .. } = bound {
                    inner.bind(binder, bound.clone());
                }
            }
            inner.bind(form.variable, Form::exact(x));
            match reader.form(&mut inner, form.body)? {
                Form::Number { value, doubt } if value.is_finite() => {
                    left_open = doubt;
                    Ok(sign * value)
                }
                Form::Number { .. } => undefined("a value that is not finite"),
                _ => unrecognised("a minimum of random quantities"),
            }
        };
        let found = least(&mut value, low, high, self.unit)?;
        let (value, doubt) = if form.kind.is_place() {
            let share = left_open / found.value.abs().max(f64::MIN_POSITIVE);
            (found.place, found.place.abs() * share.min(1.0))
        } else {
            (sign * found.value, left_open)
        };
        Ok(Form::Number { value, doubt })
    }
}
