//! Terms of one store at one point, beside another algebra that walks the same store.

use std::collections::HashMap;

use num_rational::BigRational;

use super::numbers::Numbers;
use super::value::{Evaluated, finite};
use super::{Covariance, Environment, EvaluationError, Level, LinearAlgebra, Value};
use crate::term::{
    Binder, Condition, FoldForm, Id, Memory, Node, Outcome, Shape, Store, SymbolId, Walker,
};

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

/// `int(x = from..to, body)` of a body that speaks of numbers alone, with these values of symbols and of variables around it.
pub fn constant_integral<R: LinearAlgebra>(
    store: &Store,
    form: FoldForm,
    (from, to): (&BigRational, &BigRational),
    symbols: &[(SymbolId, BigRational)],
    around: &[(Binder, BigRational)],
) -> Outcome<R> {
    let environment = of_numbers(store, form.body, symbols)?;
    let bound = around.iter().map(|(b, x)| (*b, R::from_rational(x)));
    let (from, to) = (R::from_rational(from), R::from_rational(to));
    AtPoint::new(store, &environment).within(bound, |numbers, walker| {
        finite(numbers.integral_between(walker, form, from, to)?)
    })
}

/// `sum(i = from..inf, body)` of a body that speaks of numbers alone, from a whole number on; likewise.
pub fn constant_sum<R: LinearAlgebra>(
    store: &Store,
    form: FoldForm,
    from: i64,
    symbols: &[(SymbolId, BigRational)],
    around: &[(Binder, BigRational)],
) -> Outcome<R> {
    let environment = of_numbers(store, form.body, symbols)?;
    let bound = around.iter().map(|(b, x)| (*b, R::from_rational(x)));
    AtPoint::new(store, &environment).within(bound, |numbers, walker| {
        finite(
            numbers
                .long_sum(walker, &form, from as f64, None)?
                .scalar()?,
        )
    })
}

/// Where these symbols have values, and nothing else does; an error where a term speaks of more than numbers.
fn of_numbers<R: LinearAlgebra>(
    store: &Store,
    body: Id,
    symbols: &[(SymbolId, BigRational)],
) -> Outcome<Environment<R>> {
    let mut known = HashMap::new();
    let mut numbers_alone = true;
    store.visit(body, &mut |id, node| {
        let speaks_of_more = matches!(
            node,
            Node::Random(_)
                | Node::Member(..)
                | Node::Eigenvalue(..)
                | Node::Coefficient(..)
                | Node::Kappa(..)
                | Node::Df(..)
                | Node::Expectation(_)
                | Node::SpectralSum { .. }
        );
        numbers_alone &= matches!(store.shape(id), Shape::Scalar) && !speaks_of_more;
        if let Node::Symbol(symbol) = node
            && let Some((_, value)) = symbols.iter().find(|(s, _)| s == symbol)
        {
            known.insert(id, Value::Scalar(R::from_rational(value)));
        }
    });
    if !numbers_alone {
        return Err(EvaluationError::unsupported(
            "an integral or a sum of what depends on a spectrum",
        ));
    }
    let nothing = Level {
        value: R::one(),
        multiplicity: 1.0,
        mass: R::one(),
        atom: 0,
    };
    Ok(Environment {
        covariance: Covariance::explicit(vec![nothing])?,
        scalars: HashMap::new(),
        draw: None,
        known,
    })
}
