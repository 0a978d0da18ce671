//! Terms of one store at one point, beside another algebra that walks the same store.

use super::numbers::Numbers;
use super::value::{Evaluated, finite};
use super::{Environment, LinearAlgebra, Value};
use crate::term::{Binder, Condition, Id, Memory, Outcome, Store, Walker};

/// Evaluates terms of one store at one point. What the environment knows must be known by that store's ids.
pub struct AtPoint<'a, R> {
    store: &'a Store,
    environment: &'a Environment<R>,
    memory: Memory<Value<R>>,
}

impl<'a, R: LinearAlgebra> AtPoint<'a, R> {
    pub fn new(store: &'a Store, environment: &'a Environment<R>) -> Self {
        Self {
            store,
            environment,
            memory: Memory::default(),
        }
    }

    /// The value of a term, within forms that bind these variables to numbers.
    pub fn value(&mut self, id: Id, bound: impl IntoIterator<Item = (Binder, R)>) -> Evaluated<R> {
        self.within(bound, |numbers, walker| walker.value(numbers, id))
    }

    /// A scalar that depends on no variable; an error if it is not finite.
    pub fn scalar(&mut self, id: Id) -> Outcome<R> {
        finite(self.value(id, [])?.scalar()?)
    }

    /// Whether a condition holds; `None` where errors leave it open.
    pub fn holds(
        &mut self,
        condition: &Condition,
        bound: impl IntoIterator<Item = (Binder, R)>,
    ) -> Outcome<Option<bool>> {
        self.within(bound, |numbers, walker| walker.holds(numbers, condition))
    }

    fn within<T>(
        &mut self,
        bound: impl IntoIterator<Item = (Binder, R)>,
        run: impl FnOnce(&mut Numbers<'a, R>, &mut Walker<'a, Value<R>>) -> T,
    ) -> T {
        let mut walker = Walker::resume(self.store, std::mem::take(&mut self.memory));
        for (binder, value) in bound {
            walker.bind(binder, Value::Scalar(value));
        }
        let answer = run(&mut Numbers::new(self.environment), &mut walker);
        self.memory = walker.into_memory();
        answer
    }
}
