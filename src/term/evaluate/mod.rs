//! Evaluation of formulas at one point of their domain, generic over the number type.
//!
//! Formulas are resolved to terms once a scope; [`Numbers`](numbers) is the algebra that gives them values.

mod at_point;
mod combinatorial;
mod cost;
mod covariance;
mod definite;
mod draw;
mod environment;
mod extreme;
mod extremum;
mod fold;
mod integral;
mod long;
mod lowered;
mod nearest_law;
mod numbers;
mod placed;
mod plan;
mod pole;
mod singular;
mod spectral;
mod stack;
mod terms;
mod transcendental;
mod value;

use std::cell::RefCell;
use std::sync::Arc;

pub use crate::number::{Dense, LinearAlgebra, ridge};
pub use at_point::{AtPoint, constant_integral, constant_sum};
pub use covariance::{Covariance, Level, MAX_DENSE, Mode, fall};
pub use draw::{Normals, Plan};
pub use environment::{Draw, Environment};
pub use long::ExactLaw;
pub use placed::{MAX_ROTATED, apportioned, mirrors, row_counts};
pub use plan::{plan, rows};
pub use spectral::{Spectral, Term};
pub use terms::{NodeKey, key};
pub use value::Value;

use crate::formula::ast::{Comparison, Expr};
use crate::formula::scope::{Scope, Symbol, TargetKind};
pub use crate::term::{EvaluationError, MAX_STEPS};
use crate::term::{Id, Memory, Store, Walker};
use numbers::Numbers;
pub(in crate::term) use numbers::compared;
use terms::Terms;
use value::Evaluated;
pub(in crate::term) use value::finite;

/// Evaluates the formulas of one scope at one point.
pub struct Evaluator<'a, R> {
    scope: &'a Scope,
    environment: &'a Environment<R>,
    /// Names whose values the environment gives although the scope defines them.
    given: Vec<String>,
    memory: RefCell<Memory<Value<R>>>,
}

impl<'a, R: LinearAlgebra> Evaluator<'a, R> {
    pub fn new(scope: &'a Scope, environment: &'a Environment<R>) -> Self {
        let domain = |name: &str| {
            let symbol = scope.symbols.iter().find(|(n, _)| n == name);
            symbol.is_some_and(|(_, s)| !matches!(s, Symbol::Defined(_)))
        };
        let mut given: Vec<String> = environment
            .scalars
            .keys()
            .filter(|name| !domain(name))
            .cloned()
            .collect();
        given.sort_unstable();
        Self {
            scope,
            environment,
            given,
            memory: RefCell::default(),
        }
    }

    /// Nodes visited so far.
    pub fn steps(&self) -> u64 {
        self.memory.borrow().steps()
    }

    /// The value of a scalar expression; an error if it is not finite or its error is unbounded.
    pub fn scalar(&self, expr: &Expr) -> Result<R, EvaluationError> {
        finite(self.value(expr)?.scalar()?)
    }

    /// A power law as a setting gives it.
    pub fn exact_law(
        &self,
        beta: &Expr,
        target: &TargetKind,
    ) -> Result<ExactLaw<R>, EvaluationError> {
        let target = match target {
            TargetKind::Source { r } => Some(self.scalar(r)?),
            TargetKind::Isotropic { norm2: Some(norm2) } => Some(self.scalar(norm2)?),
            TargetKind::Isotropic { norm2: None } => Some(R::one()),
            _ => None,
        };
        Ok(ExactLaw {
            beta: self.scalar(beta)?,
            target,
        })
    }

    /// Whether a comparison holds; `None` where errors leave it open.
    pub fn holds(&self, comparison: &Comparison) -> Result<Option<bool>, EvaluationError> {
        let (lhs, rhs) = (self.scalar(&comparison.lhs)?, self.scalar(&comparison.rhs)?);
        compared(&lhs, comparison.op, &rhs)
    }

    /// Whether an assumption is met. What rounding alone leaves open is equality, which strict inequalities refuse.
    pub fn admits(&self, assumption: &Comparison) -> bool {
        match self.holds(assumption) {
            Ok(Some(holds)) => holds,
            Ok(None) => !assumption.op.is_strict(),
            Err(_) => false,
        }
    }

    /// The value of an expression of the scope.
    pub fn value(&self, expr: &Expr) -> Evaluated<R> {
        let terms = Terms::of(self.scope)?;
        let (store, id) = terms.resolved(self.scope, expr, &self.given)?;
        self.walked(&store, id)
    }

    /// The term of an expression of the scope.
    pub fn term(&self, expr: &Expr) -> Result<Id, EvaluationError> {
        let terms = Terms::of(self.scope)?;
        Ok(terms.resolved(self.scope, expr, &self.given)?.1)
    }

    /// The terms of the scope so far.
    pub fn store(&self) -> Result<Arc<Store>, EvaluationError> {
        Ok(Terms::of(self.scope)?.store())
    }

    /// The value of a scalar term of the scope.
    pub fn scalar_of(&self, id: Id) -> Result<R, EvaluationError> {
        finite(self.value_of(id)?.scalar()?)
    }

    /// A scalar term as it would be if nothing cancelled in its sums over an index.
    pub fn size_of_terms(&self, id: Id) -> Result<R, EvaluationError> {
        let store = self.store()?;
        let mut numbers = Numbers::of_sizes(self.environment);
        finite(Walker::new(&store).value(&mut numbers, id)?.scalar()?)
    }

    /// The largest singular value of a term of the scope.
    pub fn opnorm_of(&self, id: Id) -> Result<R, EvaluationError> {
        finite(self.value_of(id)?.opnorm(&self.environment.covariance)?)
    }

    /// The value of a term of the scope.
    pub fn value_of(&self, id: Id) -> Evaluated<R> {
        self.walked(&*self.store()?, id)
    }

    fn walked(&self, store: &Store, id: Id) -> Evaluated<R> {
        let mut walker = Walker::resume(store, self.memory.take());
        let value = walker.value(&mut Numbers::new(self.environment), id);
        self.memory.replace(walker.into_memory());
        value
    }
}

#[cfg(test)]
mod tests;
