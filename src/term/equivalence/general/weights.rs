//! Weights on rows: a space of rows has one level for each group of them that all weights treat alike.

use std::collections::HashSet;

use super::form::Form;
use super::{Read, Reader};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::Scope;
use crate::formula::traverse::children;
use crate::term::equivalence::{EquivalenceError, unrecognised};
use crate::term::evaluate::row_counts;

impl<'a> Reader<'a, '_> {
    /// Cuts the rows wherever weights in `expr`, or in what it names, change.
    pub(super) fn cut_rows(&mut self, expr: &'a Expr) -> Result<(), EquivalenceError> {
        let (mut calls, mut seen) = (Vec::new(), HashSet::new());
        weights_in(expr, self.scope, &mut seen, &mut calls);
        for arguments in calls {
            // What changes with an index is refused where it stands.
            let Some((rows, counts)) = self.groups(arguments) else {
                continue;
            };
            let old = self.row_cuts.remove(&rows.to_bits());
            let merged = refined(&old.unwrap_or_else(|| vec![rows]), &counts);
            self.row_cuts.insert(rows.to_bits(), merged);
        }
        Ok(())
    }

    /// The number of rows, and of those of each share.
    fn groups(&self, arguments: &'a [Expr]) -> Option<(f64, Vec<f64>)> {
        let number = |e: &'a Expr| self.evaluator.scalar(e).ok();
        let rows = number(&arguments[0])?;
        let shares: Option<Vec<f64>> = arguments[1..]
            .iter()
            .skip(1)
            .step_by(2)
            .map(number)
            .collect();
        Some((rows, row_counts(&shares?, rows).ok()?))
    }

    /// `weights(T, x, p, …)`
    pub(super) fn row_weights(&mut self, arguments: &'a [Expr]) -> Read {
        let rows = self.number(&arguments[0])?;
        let mut weights = Vec::new();
        let mut shares = Vec::new();
        for pair in arguments[1..].chunks(2) {
            weights.push(self.number(&pair[0])?);
            shares.push(self.number(&pair[1])?);
        }
        let counts = row_counts(&shares, rows)?;
        let space = self.flat(rows)?;
        let mut values = Vec::with_capacity(self.model.multiplicities(space).len());
        let mut end = 0.0;
        let mut bounds = counts.iter().map(|count| {
            end += count;
            end
        });
        let (mut group, mut until) = (0, bounds.next().unwrap_or(0.0));
        let mut seen = 0.0;
        for size in self.model.multiplicities(space).to_vec() {
            while seen >= until {
                let Some(next) = bounds.next() else { break };
                (group, until) = (group + 1, next);
            }
            seen += size;
            if seen > until {
                return unrecognised("weights that change with an index");
            }
            values.push(weights[group]);
        }
        let diagonal = self.model.diagonal(space, values);
        Ok(Form::Matrix(self.model.of_diagonal(diagonal)))
    }
}

fn weights_in<'a>(
    expr: &'a Expr,
    scope: &'a Scope,
    seen: &mut HashSet<&'a str>,
    found: &mut Vec<&'a [Expr]>,
) {
    match &*expr.node {
        Node::Call(Function::Weights, arguments) => found.push(arguments),
        Node::Name(name) if seen.insert(name) => {
            if let Some(body) = scope.expansion(name) {
                weights_in(body, scope, seen, found);
            }
        }
        Node::Member(name, _) | Node::Apply(name, _) if seen.insert(name) => {
            for body in scope.function(name).into_iter().flat_map(|f| f.bodies()) {
                weights_in(body, scope, seen, found);
            }
        }
        _ => {}
    }
    for part in children(expr) {
        weights_in(part, scope, seen, found);
    }
}

/// Groups of both cuts together; both have one sum.
fn refined(a: &[f64], b: &[f64]) -> Vec<f64> {
    let ends = |groups: &[f64]| -> Vec<f64> {
        let mut end = 0.0;
        groups
            .iter()
            .map(|size| {
                end += size;
                end
            })
            .collect()
    };
    let mut cuts = ends(a);
    cuts.extend(ends(b));
    cuts.sort_by(f64::total_cmp);
    let mut groups = Vec::new();
    let mut last = 0.0;
    for cut in cuts {
        if cut > last {
            groups.push(cut - last);
            last = cut;
        }
    }
    groups
}
