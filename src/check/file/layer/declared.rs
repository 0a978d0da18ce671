//! What a name of a file is declared to be.

use num_rational::BigRational;
use num_traits::Zero;

use crate::formula::ast::{Expr, Node, Span};
use crate::formula::scope::{RandomObject, Scope, Symbol};

/// Names of one section beyond this number are refused.
pub(super) const MAX_NAMES: usize = 500;

pub(super) enum Declared {
    Symbol(Symbol),
    Random(RandomObject),
    Definition(Expr),
    /// A vector of independent entries, and the covariance that it is given.
    Correlated(RandomObject, Expr),
    /// Reported already. The name is known, but not what it stands for.
    Faulty,
}

pub(super) fn declare(scope: &mut Scope, name: &str, declared: &Declared) {
    fn put<T: Clone>(list: &mut Vec<(String, T)>, name: &str, value: &T) {
        match list.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value.clone(),
            None => list.push((name.to_owned(), value.clone())),
        }
    }
    // A name that changes its kind leaves its old list.
    let (symbol, random, definition) = (
        matches!(declared, Declared::Symbol(_) | Declared::Faulty),
        matches!(declared, Declared::Random(_)),
        matches!(declared, Declared::Definition(_)),
    );
    scope.symbols.retain(|(n, _)| symbol || n != name);
    scope.random.retain(|(n, _)| random || n != name);
    scope.definitions.retain(|(n, _)| definition || n != name);
    match declared {
        Declared::Faulty => {
            let nothing = Expr {
                node: std::sync::Arc::new(Node::Number(BigRational::zero())),
                span: Span::default(),
            };
            put(
                &mut scope.symbols,
                name,
                &Symbol::Integer {
                    min: nothing.clone(),
                    max: nothing,
                },
            );
        }
        Declared::Symbol(x) => put(&mut scope.symbols, name, x),
        Declared::Random(x) => put(&mut scope.random, name, x),
        Declared::Definition(x) => put(&mut scope.definitions, name, x),
        Declared::Correlated(..) => {}
    }
}
