//! Weights on rows: a space of rows has one level for each group of them that all weights treat alike.

use std::collections::HashSet;

use super::form::Form;
use super::{Read, Reader, Walk};
use crate::formula::ast::Function;
use crate::term::equivalence::{EquivalenceError, unrecognised};
use crate::term::evaluate::{EvaluationError, row_counts};
use crate::term::{Id, Node, Store};

/// Groups that end less than this share of all rows apart are one: shares need not be doubles.
const SAME_CUT: f64 = 1e-9;

/// Where groups of rows end.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The share of the rows up to here, as it is written.
    share: String,
    end: f64,
}

impl Reader<'_> {
    /// Cuts the rows wherever weights in a term change.
    pub(super) fn cut_rows(&mut self, id: Id) -> Result<(), EquivalenceError> {
        let (mut calls, mut seen) = (Vec::new(), HashSet::new());
        weights_in(id, &self.statement.store, &mut seen, &mut calls);
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
                    self.note_number(count / rows, |_| text);
                    groups.push(count);
                    last = Some(cut);
                }
            }
            self.row_cuts.insert(rows.to_bits(), groups);
        }
        Ok(())
    }

    /// The number of rows, and where each share of them ends.
    fn cuts_of(&mut self, arguments: &[Id]) -> Option<(f64, Vec<Cut>)> {
        let rows = self.numbers.scalar(arguments[0]).ok()?;
        let groups: Vec<Id> = arguments[1..].iter().skip(1).step_by(2).copied().collect();
        let shares = groups.iter().map(|id| self.numbers.scalar(*id).ok());
        let shares: Option<Vec<f64>> = shares.collect();
        let counts = self.counts(&shares?, rows).ok()?;
        let mut cuts: Vec<Cut> = Vec::with_capacity(counts.len());
        for (group, count) in groups.into_iter().zip(&counts) {
            let share = match self.noted {
                Some(_) => self.statement.text_of(group),
                None => String::new(),
            };
            let (share, before) = match cuts.last() {
                Some(cut) => (format!("{} + {share}", cut.share), cut.end),
                None => (share, 0.0),
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
    pub(super) fn row_weights(&mut self, walker: Walk<'_, '_>, arguments: &[Id]) -> Read {
        let rows = self.number(walker, arguments[0])?;
        let mut weights = Vec::new();
        let mut shares = Vec::new();
        for pair in arguments[1..].chunks(2) {
            weights.push(self.number(walker, pair[0])?);
            shares.push(self.number(walker, pair[1])?);
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

/// The arguments of all weights in a term, in the order in which they are written.
fn weights_in<'s>(id: Id, store: &'s Store, seen: &mut HashSet<Id>, found: &mut Vec<&'s [Id]>) {
    if !seen.insert(id) {
        return;
    }
    let node = store.node(id);
    if let Node::Call(Function::Weights, arguments) = node {
        found.push(arguments);
    }
    for part in node.children() {
        weights_in(part, store, seen, found);
    }
}
