//! Taking names back from a scope, with all that is made of them.

use super::ast::{Expr, Node};
use super::names::declaration;
use super::scope::Scope;
use super::traverse::{contains, free_names};

/// Takes a name back that a nearer section gives no value, and whatever of the scope is made of it: who never speaks of
/// those does not miss them.
pub(crate) fn withdraw(scope: &mut Scope, name: &str) {
    let mut open = vec![name.to_owned()];
    while let Some(gone) = open.pop() {
        scope.symbols.retain(|(n, _)| *n != gone);
        scope.random.retain(|(n, _)| *n != gone);
        scope.definitions.retain(|(n, _)| *n != gone);
        scope.functions.retain(|(n, _)| *n != gone);
        if let Some(limit) = &mut scope.limit {
            limit
                .path
                .retain(|(n, along)| *n != gone && !speaks_of(along, &gone));
        }
        open.extend(made_of(scope, &gone));
        scope.withdrawn.push(gone);
    }
}

/// The names whose declarations speak of `gone`.
fn made_of(scope: &Scope, gone: &str) -> Vec<String> {
    let names = scope.names().filter(|name| {
        let declared = scope.meaning(name).map(declaration).unwrap_or_default();
        declared.into_iter().any(|expr| speaks_of(expr, gone))
    });
    let functions = scope.functions.iter().filter(|(_, function)| {
        let own = function.parameters.iter().any(|p| p == gone);
        !own && function.bodies().any(|body| speaks_of(body, gone))
    });
    names
        .map(str::to_owned)
        .chain(functions.map(|(name, _)| name.clone()))
        .collect()
}

fn speaks_of(expr: &Expr, name: &str) -> bool {
    let calls = |node: &Node| matches!(node, Node::Apply(function, _) if function == name);
    contains(expr, &calls) || free_names(expr).iter().any(|(n, _)| n == name)
}
