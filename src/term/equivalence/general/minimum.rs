//! `inf(x in [a, b], f)` and its like where expectations stand in `f`.

use super::{Form, Read, Reader};
use crate::formula::ast::{Expr, Extremum};
use crate::term::equivalence::extremum::{least, may_vary};
use crate::term::equivalence::{undefined, unrecognised};
use crate::term::evaluate::Evaluator;

impl<'a> Reader<'a, '_> {
    /// A minimum of what is made of expectations.
    pub(super) fn extremum(
        &mut self,
        kind: Extremum,
        variable: &str,
        (from, to): (&'a Expr, &'a Expr),
        body: &Expr,
    ) -> Read {
        may_vary(self.scope, kind, variable)?;
        if self.evaluator.is_inside_a_sum() {
            return unrecognised("a minimum of expectations inside of a sum");
        }
        let (low, high) = (self.number(from)?, self.number(to)?);
        let sign = if kind.is_greatest() { -1.0 } else { 1.0 };
        let mut environment = self.environment.clone();
        environment.known.clear();
        let mut left_open: f64 = 0.0;
        let mut value = |x: f64| {
            environment.scalars.insert(variable.to_owned(), x);
            let evaluator = Evaluator::new(self.scope, &environment);
            let mut reader = Reader::new(&evaluator, self.scope, &environment, body)?;
            reader.inside = self.inside;
            reader.measured_in(self.unit);
            reader.guarded = self.guarded;
            match reader.value(body)? {
                Form::Number { value, doubt } if value.is_finite() => {
                    left_open = doubt;
                    Ok(sign * value)
                }
                Form::Number { .. } => undefined("a value that is not finite"),
                _ => unrecognised("a minimum of random quantities"),
            }
        };
        let found = least(&mut value, low, high, self.unit)?;
        let (value, doubt) = if kind.is_place() {
            let share = left_open / found.value.abs().max(f64::MIN_POSITIVE);
            (found.place, found.place.abs() * share.min(1.0))
        } else {
            (sign * found.value, left_open)
        };
        Ok(Form::Number { value, doubt })
    }
}
