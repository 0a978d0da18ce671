//! `inf(x in [a, b], f)` and its like, and `int(x = a..b, f)`, where expectations stand in `f`.

use std::cell::{Cell, RefCell};

use super::form::{Form, Read};
use super::{Reader, Walk};
use crate::term::equivalence::extremum::{least, may_vary, stays};
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};
use crate::term::{Binder, ExtremumForm, FoldForm, Id, Walker};

/// A relative error of quadrature beyond which an integral is none.
const ROUGH: f64 = 1e-8;

impl Reader<'_> {
    /// A minimum of what is made of expectations. At each place all is read anew: sizes may be others there.
    pub(super) fn least_or_greatest(&mut self, walker: Walk<'_, '_>, form: ExtremumForm) -> Read {
        may_vary(self.statement, &form)?;
        self.stands_in_no_sum([form.from, form.to, form.body])?;
        let (low, high) = (
            self.number(walker, form.from)?,
            self.number(walker, form.to)?,
        );
        let sign = if form.kind.is_greatest() { -1.0 } else { 1.0 };
        let mut left_open: f64 = 0.0;
        let mut value = |x: f64| {
            let value;
            (value, left_open) = self.value_where(walker, form.variable, x, form.body)?;
            Ok(sign * value)
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

    /// An integral of what is made of expectations, by double exponential quadrature.
    pub(super) fn integral(&mut self, walker: Walk<'_, '_>, form: FoldForm) -> Read {
        const ACCURACY: f64 = 1e-11;
        stays(self.statement, form.index, form.body)?;
        self.stands_in_no_sum([form.from, form.to, form.body])?;
        let (low, high) = (
            self.number(walker, form.from)?,
            self.number(walker, form.to)?,
        );
        let middle = 0.5 * (low + high);
        let (scale, _) = self.value_where(walker, form.index, middle, form.body)?;
        let scale = (scale * (high - low)).abs().max(f64::MIN_POSITIVE);
        let (failed, left_open) = (RefCell::new(None), Cell::new(0.0f64));
        let integrand = |x: f64| match self.value_where(walker, form.index, x, form.body) {
            Ok((value, doubt)) => {
                left_open.set(left_open.get().max(doubt));
                value
            }
            Err(error) => {
                failed.borrow_mut().get_or_insert(error);
                f64::NAN
            }
        };
        let found = quadrature::integrate(integrand, low, high, ACCURACY * scale);
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        let size = found.integral.abs().max(scale);
        if !(found.error_estimate <= ROUGH * size) {
            return unrecognised("an integral of expectations that quadrature does not reach");
        }
        Ok(Form::Number {
            value: found.integral,
            doubt: left_open.get() * (high - low).abs(),
        })
    }

    fn stands_in_no_sum(&self, parts: [Id; 3]) -> Result<(), EquivalenceError> {
        let store = &self.statement.store;
        let around = |id: Id| self.sums.iter().any(|i| store.free(id).contains(i));
        match parts.into_iter().any(around) {
            true => unrecognised("a minimum or an integral of expectations inside of a sum"),
            false => Ok(()),
        }
    }

    /// A value and what is left open of it, where a variable has a value: all is read anew, since sizes may be others there.
    fn value_where(
        &self,
        walker: &Walker<'_, Form>,
        variable: Binder,
        x: f64,
        body: Id,
    ) -> Result<(f64, f64), EquivalenceError> {
        let mut reader = Reader::new(self.statement, self.environment, body)?;
        reader.inside = self.inside;
        reader.measured_in(self.unit);
        reader.guarded = self.guarded;
        reader.at_size = self.at_size;
        let mut inner = Walker::new(&self.statement.store);
        for (binder, bound) in walker.binders() {
            if let Form::Number { .. } = bound {
                inner.bind(binder, bound.clone());
            }
        }
        inner.bind(variable, Form::exact(x));
        match reader.form(&mut inner, body)? {
            Form::Number { value, doubt } if value.is_finite() => Ok((value, doubt)),
            Form::Number { .. } => undefined("a value that is not finite"),
            _ => unrecognised("a minimum or an integral of random quantities"),
        }
    }
}
