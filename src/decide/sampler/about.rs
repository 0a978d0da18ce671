//! What formulas speak of.

use std::collections::HashSet;

use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::Scope;

/// What a formula speaks of.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub names: HashSet<String>,
    pub spectrum: bool,
    pub target: bool,
}

impl About {
    pub fn of(scope: &Scope, formulas: &[&Expr]) -> Self {
        let mut about = Self::default();
        scope.walk_through(formulas.iter().copied(), &mut |node| match &*node.node {
            Node::Name(name) => {
                about.spectrum |= name == "Sigma";
                about.target |= name == "w0";
                about.names.insert(name.clone());
            }
            Node::Call(Function::Eigenvalue | Function::Kappa | Function::Df, _) => {
                about.spectrum = true;
            }
            Node::Call(Function::Coefficient, _) => about.target = true,
            _ => {}
        });
        about
    }

    /// Of every assumption, in order.
    pub fn all(scope: &Scope) -> Vec<Self> {
        let each = scope.assumptions.iter();
        each.map(|assumption| Self::of(scope, &[&assumption.lhs, &assumption.rhs]))
            .collect()
    }
}
