//! What a replicate costs, and what need not be computed anew in each.

use std::collections::{HashMap, HashSet};

use crate::formula::ast::Function;
use crate::term::evaluate::{Evaluator, Value};
use crate::term::{Id, Node, Store};

/// How many factorisations and dense products a replicate needs, roughly; those that depend on a variable at so many places.
pub(super) fn fits(store: &Store, expectations: &[(Id, Id)], places: f64) -> f64 {
    let mut count = 0.0;
    for &(_, body) in expectations {
        store.visit(body, &mut |id, node| {
            let each = if store.free(id).is_empty() {
                1.0
            } else {
                places
            };
            match node {
                Node::Call(
                    Function::Pinv
                    | Function::Proj
                    | Function::Ridge
                    | Function::Inv
                    | Function::Opnorm,
                    _,
                ) => count += each,
                // The body of a product or sum is evaluated several times.
                Node::Fold { .. } => count += 3.0 * each,
                _ => {}
            }
        });
    }
    count
}

/// Values of the largest terms without randomness below the expectations: they are the same in every replicate.
pub(super) fn frozen(
    store: &Store,
    expectations: &[(Id, Id)],
    evaluator: &Evaluator<'_, f64>,
) -> HashMap<Id, Value<f64>> {
    let mut known = HashMap::new();
    let mut open: Vec<Id> = expectations.iter().map(|(_, body)| *body).collect();
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = store.node(id);
        let leaf = node.children().is_empty();
        if store.is_random(id) || store.averages(id) || !store.free(id).is_empty() {
            open.extend(node.children());
        } else if !leaf && let Ok(value) = evaluator.value_of(id) {
            known.insert(id, value);
        }
    }
    known
}
