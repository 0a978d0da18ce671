//! The terms of a scope's formulas, made once and kept with the scope.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::EvaluationError;
use crate::formula::ast::Expr;
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;
use crate::term::{Id, Resolved, Resolver, Store};

/// The identity of a node of the syntax tree, while its tree is alive.
pub type NodeKey = usize;

pub fn key(expr: &Expr) -> NodeKey {
    Arc::as_ptr(&expr.node) as usize
}

/// Trees remembered at a time: whoever makes new ones for every point shall not fill the memory.
const MAX_KEPT: usize = 10_000;

/// Terms by the syntax trees they were made from.
pub(super) struct Terms(Mutex<Result<Table, FormulaError>>);

struct Table {
    store: Arc<Store>,
    /// All that resolving needs but the store.
    built: Resolved,
    known: HashMap<Key, Id>,
    /// Trees stay alive, so that the place of a node in memory is a name for it.
    alive: Vec<Expr>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    node: NodeKey,
    given: Vec<String>,
}

impl Terms {
    pub(super) fn of(scope: &Scope) -> Result<&Terms, EvaluationError> {
        let kept = scope.kept.get_or_init(|| {
            Terms(Mutex::new(Resolver::new(scope).map(|resolver| {
                let mut built = resolver.into_built();
                Table {
                    store: Arc::new(std::mem::take(&mut built.store)),
                    built,
                    known: HashMap::new(),
                    alive: Vec::new(),
                }
            })))
        });
        kept.ok_or_else(|| EvaluationError::unsupported("a scope that keeps other things"))
    }

    fn table(&self) -> MutexGuard<'_, Result<Table, FormulaError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> Arc<Store> {
        match &*self.table() {
            Ok(table) => table.store.clone(),
            Err(_) => Arc::default(),
        }
    }

    /// The term of an expression where `given` names stand for numbers of their own.
    pub(super) fn resolved(
        &self,
        scope: &Scope,
        expr: &Expr,
        given: &[String],
    ) -> Result<(Arc<Store>, Id), EvaluationError> {
        let mut table = self.table();
        let table = match &mut *table {
            Ok(table) => table,
            Err(error) => return Err((&*error).into()),
        };
        let key = Key {
            node: key(expr),
            given: given.to_vec(),
        };
        if let Some(&id) = table.known.get(&key) {
            return Ok((table.store.clone(), id));
        }
        let mut built = std::mem::take(&mut table.built);
        // Copied only while somebody walks it.
        built.store = Arc::unwrap_or_clone(std::mem::take(&mut table.store));
        let mut resolver = Resolver::resume(scope, built);
        let id = resolver.root_with(expr, given);
        let mut built = resolver.into_built();
        table.store = Arc::new(std::mem::take(&mut built.store));
        table.built = built;
        let id = id.map_err(|error| EvaluationError::from(&error))?;
        if table.alive.len() >= MAX_KEPT {
            table.known.clear();
            table.alive.clear();
        }
        table.known.insert(key, id);
        table.alive.push(expr.clone());
        Ok((table.store.clone(), id))
    }
}
