//! Sums and integrals in which nothing moves along a limit: numbers, enclosed, and the same number wherever the same is written.

use num_rational::BigRational;

use super::AsymptoticError;
use super::evaluate::Value::Scalar;
use super::evaluate::{Along, Germs, Result};
use super::quantity::Quantity;
use crate::number::{Ball, Real};
use crate::scaling::{Closed, Coefficient};
use crate::term::evaluate::constant_sum;
use crate::term::{Binder, EvaluationError, FoldForm, Id, Outcome, SymbolId};

/// The values of what a term depends on.
#[derive(Debug)]
pub(super) struct Fixed {
    pub symbols: Vec<(SymbolId, BigRational)>,
    pub around: Vec<(Binder, BigRational)>,
}

impl Germs<'_> {
    /// `None` where a term depends on what moves.
    pub(super) fn what_does_not_move(&self, walker: &Along<'_>, body: Id) -> Option<Fixed> {
        let store = walker.store();
        let mut around = Vec::new();
        for (binder, value) in walker.binders() {
            if store.free(body).contains(&binder) {
                match value {
                    Scalar(Quantity::Exact(x)) => around.push((binder, x.clone())),
                    _ => return None,
                }
            }
        }
        let mut symbols = Vec::new();
        for symbol in store.symbols_of(body) {
            let value = self.symbol_at(symbol.index()).and_then(Quantity::exact)?;
            symbols.push((symbol, value.clone()));
        }
        Some(Fixed { symbols, around })
    }

    /// `sum(i = from..inf, body)` of what does not move; `None` of anything else.
    pub(super) fn constant_sum(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        from: &Quantity,
    ) -> Result<Option<Quantity>> {
        let whole = from.exact().filter(|x| x.is_integer());
        let Some(first) = whole.and_then(|x| i64::try_from(x.to_integer()).ok()) else {
            return Ok(None);
        };
        let Some(fixed) = self.what_does_not_move(walker, form.body) else {
            return Ok(None);
        };
        let name = format!("sum from {first} of {form:?} at {fixed:?}");
        let (store, Fixed { symbols, around }) = (walker.store(), &fixed);
        named(constant_sum(store, form, first, symbols, around), name).map(Some)
    }
}

/// A number that is enclosed, and known by this name.
pub(super) fn named(value: Outcome<Ball>, name: String) -> Result<Quantity> {
    let value = match value {
        Ok(value) => value,
        Err(EvaluationError::Budget) => return Err(EvaluationError::Budget.into()),
        Err(error) => return Err(AsymptoticError::Undecided(error.to_string())),
    };
    let number = Coefficient::approximate(
        value.midpoint(),
        value.radius() + f64::EPSILON * value.midpoint().abs(),
    );
    Ok(Quantity::constant(
        number.known_as(|| Some(Closed::named(name))),
    ))
}
