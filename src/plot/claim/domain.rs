//! Where in its domain a claim holds, over two of its symbols.

use std::sync::Arc;

use num_traits::ToPrimitive;
use rayon::prelude::*;

use super::super::PlotError;
use super::super::map::{Cell, Map};
use super::super::text::symbol;
use super::background::Background;
use super::caption::{describe, title};
use super::point::{self, decimal};
use super::sides::{Sides, Statement};
use crate::budget;
use crate::check::file::Claim;
use crate::check::{Effort, Options, decide};
use crate::decide::assignment::Assignment;
use crate::decide::sampler::Sampler;
use crate::decide::verdict::{Verdict, Witness};
use crate::formula::ast::{Expr, Node, RelationOp, Span};
use crate::formula::scope::{Limit, Symbol};

const COLUMNS: usize = 85;
const ROWS: usize = 60;
/// One side of the map: a symbol, and its range where that is not the claim's.
#[derive(Clone, Debug)]
pub struct Side {
    pub name: String,
    pub range: Option<(f64, f64)>,
}

struct Scale {
    from: f64,
    to: f64,
    log: bool,
    whole: bool,
}

impl Scale {
    /// The middle of cell `i` of `count`.
    fn at(&self, i: usize, count: usize) -> f64 {
        let share = (i as f64 + 0.5) / count as f64;
        let x = if self.log {
            self.from * (self.to / self.from).powf(share)
        } else {
            self.from + (self.to - self.from) * share
        };
        if self.whole { x.round() } else { x }
    }
}

const HOLDS: usize = 0;
const TOO_LARGE: usize = 1;
/// In the fourth colour, which is not taken for the first.
const TOO_SMALL: usize = 3;
const OPEN: usize = 6;

/// A map of where the claim holds over two symbols, the others as at its witness or at the point asked for.
pub fn domain(
    claim: &Claim,
    background: &Background,
    across: &Side,
    up: &Side,
) -> Result<Map, PlotError> {
    let statement = Statement::of(claim)?;
    let sides = Sides::new(&statement, &claim.id)?;
    let limit = statement.says.op.is_asymptotic();
    if sides.problem.expectation && !limit {
        return Err(PlotError::Empty {
            reason:
                "the claim is about expectations at finite size, which are not known in every cell"
                    .to_owned(),
        });
    }
    let base = match point::chosen(&sides, background)? {
        Some(base) => base,
        None => (point::bases(&sides, None, 1).pop()).ok_or_else(|| PlotError::Empty {
            reason: "no point of the domain was found".to_owned(),
        })?,
    };
    let sampler = Sampler::new(&statement.scope, &sides.formulas(), f64::INFINITY);
    let x = scale(&sampler, &base, across)?;
    let y = scale(&sampler, &base, up)?;
    let at = |column: usize, row: usize| {
        let mut at = base.clone();
        for (side, value) in [(across, x.at(column, COLUMNS)), (up, y.at(row, ROWS))] {
            if let Some(value) = decimal(value) {
                at.symbols.insert(side.name.clone(), value);
            }
        }
        at
    };
    let kinds = if limit {
        refined(&|column, row| decided(claim, &at(column, row), across, up))
    } else {
        let cell = |i: usize| here(&sides, &sampler, &at(i % COLUMNS, i / COLUMNS));
        let (kinds, _) =
            budget::within(background.work, || (0..COLUMNS * ROWS).map(cell).collect());
        kinds
    };
    if kinds.iter().all(Option::is_none) {
        return Err(PlotError::Empty {
            reason: "the claim is decided in no cell of the map".to_owned(),
        });
    }
    let path = statement.scope.limit.as_ref().filter(|_| limit);
    Ok(Map {
        title: title(claim),
        x_label: symbol(&across.name),
        y_label: symbol(&up.name),
        x: (x.from, x.to),
        y: (y.from, y.to),
        logarithmic: (x.log, y.log),
        columns: COLUMNS,
        cells: (kinds.into_iter())
            .map(|kind| Cell {
                kind,
                faint: kind == Some(OPEN),
            })
            .collect(),
        kinds: names(statement.says.op),
        curve: None,
        notes: notes(&base, across, up, path),
    })
}

/// The values of the other symbols, and how the cells were decided.
fn notes(base: &Assignment, across: &Side, up: &Side, path: Option<&Limit>) -> Vec<String> {
    let mut shown = vec![across.name.clone(), up.name.clone()];
    if let Some(limit) = path {
        shown.push(limit.variable.clone());
        shown.extend(limit.path.iter().map(|(name, _)| name.clone()));
    }
    let point = describe(base, &shown, 8);
    let mut notes = vec![format!(
        "{}Blank: outside of the assumptions, or without a value.",
        if point.is_empty() {
            String::new()
        } else {
            format!("At {point}. ")
        }
    )];
    if path.is_some() {
        notes.push(
            "Every cell along a border is decided as a claim of its own, others at every fourth."
                .to_owned(),
        );
    }
    notes
}

/// Every fourth cell, then those between unlike ones.
fn refined(decide: &(dyn Fn(usize, usize) -> Option<usize> + Sync)) -> Vec<Option<usize>> {
    const STEP: usize = 4;
    let nodes = |most: usize| -> Vec<usize> {
        let mut nodes: Vec<usize> = (0..most).step_by(STEP).collect();
        if nodes.last() != Some(&(most - 1)) {
            nodes.push(most - 1);
        }
        nodes
    };
    let (columns, rows) = (nodes(COLUMNS), nodes(ROWS));
    let coarse: Vec<Option<usize>> = (0..columns.len() * rows.len())
        .into_par_iter()
        .map(|i| decide(columns[i % columns.len()], rows[i / columns.len()]))
        .collect();
    let around = |nodes: &[usize], place: usize| -> Vec<usize> {
        let after = nodes.partition_point(|&n| n < place);
        if nodes[after] == place {
            // Its neighbours too: a border may run along the line of nodes.
            (after.saturating_sub(1)..=(after + 1).min(nodes.len() - 1)).collect()
        } else {
            vec![after - 1, after]
        }
    };
    (0..COLUMNS * ROWS)
        .into_par_iter()
        .map(|i| {
            let (column, row) = (i % COLUMNS, i / COLUMNS);
            let (xs, ys) = (around(&columns, column), around(&rows, row));
            let corner = |x: usize, y: usize| coarse[y * columns.len() + x];
            let first = corner(xs[0], ys[0]);
            let alike = (ys.iter()).all(|&y| xs.iter().all(|&x| corner(x, y) == first));
            match (columns.binary_search(&column), rows.binary_search(&row)) {
                (Ok(x), Ok(y)) => corner(x, y),
                _ if alike => first,
                _ => decide(column, row),
            }
        })
        .collect()
}

/// The verdict on the claim where its symbols have these values, but for those that move along the limit.
fn decided(claim: &Claim, at: &Assignment, across: &Side, up: &Side) -> Option<usize> {
    let limit = claim.scope.limit.as_ref()?;
    let moves =
        |name: &str| name == limit.variable || limit.path.iter().any(|(moving, _)| moving == name);
    let mut scope = (*claim.scope).clone();
    for (name, symbol) in &mut scope.symbols {
        let asked = *name == across.name || *name == up.name;
        if let Some(value) = at.symbols.get(name).filter(|_| asked || !moves(name))
            && !matches!(symbol, Symbol::Defined(_))
        {
            *symbol = Symbol::Defined(Expr {
                node: Arc::new(Node::Number(value.clone())),
                span: Span::default(),
            });
        }
    }
    let there = Claim {
        scope: Arc::new(scope),
        ..claim.clone()
    };
    let options = Options {
        effort: Effort::Quick,
        ..Options::default()
    };
    let finding = decide(&there, &options);
    match finding.verdict {
        verdict if verdict.holds() => Some(HOLDS),
        Verdict::Refuted => Some(side_of(finding.witness.as_ref())),
        Verdict::Inconclusive => Some(OPEN),
        _ => None,
    }
}

/// On which side the claim fails: how the ratio moves along the witness' path, or on which side of 1 it is.
fn side_of(witness: Option<&Witness>) -> usize {
    let ratios: Vec<f64> = witness
        .and_then(|w| w.path.as_ref())
        .map(|path| {
            path.iter()
                .map(|s| s.lhs / s.rhs)
                .filter(|r| r.is_finite())
                .collect()
        })
        .unwrap_or_default();
    let larger = match &ratios[..] {
        [.., before, last] if (last / before - 1.0).abs() > 1e-3 => last > before,
        [.., last] => *last > 1.0,
        [] => witness.is_some_and(|w| w.lhs > w.rhs),
    };
    if larger { TOO_LARGE } else { TOO_SMALL }
}

fn names(op: RelationOp) -> Vec<String> {
    let names = match op {
        RelationOp::SameOrder | RelationOp::OrderAtMost | RelationOp::OrderAtLeast => [
            "holds",
            "fails: the left side is of larger order",
            "",
            "fails: of smaller order",
        ],
        _ => [
            "holds",
            "fails: the left side is too large",
            "",
            "fails: too small",
        ],
    };
    let mut names = names.map(str::to_owned).to_vec();
    names.resize(OPEN, String::new());
    names.push("not decided".to_owned());
    names
}

fn scale(sampler: &Sampler, base: &Assignment, side: &Side) -> Result<Scale, PlotError> {
    let known = sampler.all_symbols().find(|(name, ..)| *name == side.name);
    let Some((_, whole, log)) = known else {
        let names: Vec<&str> = sampler.all_symbols().map(|(name, ..)| name).collect();
        return Err(PlotError::Data {
            message: format!(
                "`{}` is no free symbol of the claim; these are: {}",
                side.name,
                names.join(", ")
            ),
        });
    };
    let range = side.range.or_else(|| {
        let (low, high) = sampler.range_of(&side.name, base)?;
        Some((low.to_f64()?, high.to_f64()?))
    });
    match range {
        Some((from, to)) if from < to && to.is_finite() => Ok(Scale {
            from,
            to,
            log: from > 0.0 && (log || to / from > 100.0),
            whole,
        }),
        _ => Err(PlotError::Data {
            message: format!("`{0}` has no range; give one, as in {0}=1..2", side.name),
        }),
    }
}

fn here(sides: &Sides, sampler: &Sampler, at: &Assignment) -> Option<usize> {
    if !sampler.admits(at) {
        return None;
    }
    let station = sides.at(0.0, at);
    Some(match station.holds? {
        true => HOLDS,
        false if station.lhs > station.rhs => TOO_LARGE,
        false => TOO_SMALL,
    })
}
