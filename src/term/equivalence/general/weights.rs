//! Weights on rows: a space of rows has one level for each group of them that all weights treat alike.

use std::collections::HashSet;

use super::form::Form;
use super::{Read, Reader};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::Scope;
use crate::formula::traverse::children;
use crate::term::equivalence::{EquivalenceError, unrecognised};
use crate::term::evaluate::{EvaluationError, row_counts};

/// Groups that end less than this share of all rows apart are one: shares need not be doubles.
const SAME_CUT: f64 = 1e-9;

/// Where groups of rows end.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The share of the rows up to here, as it is written.
    share: String,
    end: f64,
}

impl<'a> Reader<'a, '_> {
    /// Cuts the rows wherever weights in `expr`, or in what it names, change.
    pub(super) fn cut_rows(&mut self, expr: &'a Expr) -> Result<(), EquivalenceError> {
        let (mut calls, mut seen) = (Vec::new(), HashSet::new());
        weights_in(expr, self.scope, &mut seen, &mut calls);
        let mut all: Vec<(f64, Vec<Cut>)> = Vec::new();
        for arguments in calls {
            // What changes with an index is refused where it stands.
            let Some((rows, cuts)) = self.cuts_of(arguments) else {
                continue;
            };
            match all.iter_mut().find(|(known, _)| *known == rows) {
                Some((_, known)) => known.extend(cuts),
                None => all.push((rows, cuts)),
            }
        }
        for (rows, mut cuts) in all {
            cuts.sort_by(|a, b| a.end.total_cmp(&b.end));
            let mut groups = Vec::new();
            let mut last: Option<Cut> = None;
            for cut in cuts {
                let (before, text) = match &last {
                    Some(last) => (last.end, format!("{} - ({})", cut.share, last.share)),
                    None => (0.0, cut.share.clone()),
                };
                let count = cut.end - before;
                if count > SAME_CUT * rows {
                    self.note_number(text, count / rows);
                    groups.push(count);
                    last = Some(cut);
                }
            }
            self.row_cuts.insert(rows.to_bits(), groups);
        }
        Ok(())
    }

    /// The number of rows, and where each share of them ends.
    fn cuts_of(&self, arguments: &'a [Expr]) -> Option<(f64, Vec<Cut>)> {
        let number = |e: &'a Expr| self.evaluator.scalar(e).ok();
        let rows = number(&arguments[0])?;
        let written: Vec<&Expr> = arguments[1..].iter().skip(1).step_by(2).collect();
        let shares: Option<Vec<f64>> = written.iter().map(|e| number(e)).collect();
        let counts = self.counts(&shares?, rows).ok()?;
        let mut cuts: Vec<Cut> = Vec::with_capacity(counts.len());
        for (share, count) in written.iter().zip(&counts) {
            let (share, before) = match cuts.last() {
                Some(cut) => (format!("{} + {share}", cut.share), cut.end),
                None => (share.to_string(), 0.0),
            };
            cuts.push(Cut {
                share,
                end: before + count,
            });
        }
        if let Some(whole) = cuts.last_mut() {
            (whole.share, whole.end) = ("1".into(), rows);
        }
        Some((rows, cuts))
    }

    /// How many rows each share has: whole numbers of them, but for those who look for formulas.
    fn counts(&self, shares: &[f64], rows: f64) -> Result<Vec<f64>, EvaluationError> {
        if self.guarded {
            return row_counts(shares, rows);
        }
        // That they are shares.
        row_counts(shares, rows.ceil())?;
        Ok(shares.iter().map(|share| share * rows).collect())
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
        let counts = self.counts(&shares, rows)?;
        let space = self.flat(rows)?;
        let mut values = Vec::with_capacity(self.model.multiplicities(space).len());
        let mut end = 0.0;
        let mut bounds = counts.iter().map(|count| {
            end += count;
            end
        });
        let (mut group, mut until) = (0, bounds.next().unwrap_or(0.0));
        let mut seen = 0.0;
        let slack = SAME_CUT * rows;
        for size in self.model.multiplicities(space).to_vec() {
            while seen >= until - slack {
                let Some(next) = bounds.next() else { break };
                (group, until) = (group + 1, next);
            }
            seen += size;
            if seen > until + slack {
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
