//! Branches of formulas that hold on a small part of the domain only: what they ask for is assumed, and points are made
//! that meet it.

use std::collections::HashSet;

use super::gap::Drawing;
use super::look::Run;
use super::sampler::{Corner, Sampler};
use crate::formula::ast::{Comparison, Expr, Node, RelationOp};
use crate::formula::scope::{Kept, Scope};
use crate::formula::traverse::{free_names, parts};

/// Branches that are visited, and points on each.
const MOST_BRANCHES: usize = 24;
const POINTS: u64 = 4;
/// Streams of these points.
const BRANCHED: u64 = 1 << 36;

/// Looks at points on every branch that the sides of a claim have.
pub(super) fn visit(run: &mut Run<'_, '_>) {
    let problem = run.problem;
    let sides = [&problem.says.lhs, &problem.says.rhs];
    for (number, conditions) in branches(problem.scope, sides).into_iter().enumerate() {
        let mut scope = problem.scope.clone();
        scope.kept = Kept::default();
        scope.assumptions.extend(conditions);
        let sampler = Sampler::new(&scope, &sides, run.sampler.cap());
        for point in 0..POINTS {
            if run.spent(0.5) {
                return;
            }
            let index = BRANCHED | (number as u64) << 8 | point;
            let mut stream = problem.stream(index);
            let Some(at) = sampler.draw(&mut stream, Corner::Inside) else {
                continue;
            };
            if run.sampler.admits(&at) {
                run.look(&at, Drawing::number(index), "switch");
            }
        }
    }
}

/// What has to hold for each of the ways through the `if` of formulas, behind names too.
fn branches(scope: &Scope, formulas: [&Expr; 2]) -> Vec<Vec<Comparison>> {
    let mut walk = Walk {
        scope,
        path: Vec::new(),
        binders: Vec::new(),
        seen: HashSet::new(),
        found: Vec::new(),
    };
    for formula in formulas {
        walk.through(formula);
    }
    walk.found.truncate(MOST_BRANCHES);
    walk.found
}

struct Walk<'s> {
    scope: &'s Scope,
    path: Vec<Comparison>,
    binders: Vec<&'s str>,
    seen: HashSet<&'s str>,
    found: Vec<Vec<Comparison>>,
}

impl<'s> Walk<'s> {
    fn through<'e: 's>(&mut self, formula: &'e Expr) {
        if self.found.len() >= MOST_BRANCHES {
            return;
        }
        match &*formula.node {
            Node::If(condition, then, otherwise) if !self.is_bound(condition) => {
                let (holds, fails) = (Some(condition.clone()), negated(condition));
                for (says, branch) in [(holds, then), (fails, otherwise)] {
                    let Some(says) = says else { continue };
                    self.path.push(says);
                    let known = self.found.len();
                    self.through(branch);
                    if self.found.len() == known {
                        self.found.push(self.path.clone());
                    }
                    self.path.pop();
                }
            }
            Node::Name(name) | Node::Member(name, _) if self.seen.insert(name) => {
                if let Some(body) = self.scope.expansion(name) {
                    self.through(body);
                }
            }
            _ => {
                for (part, binder) in parts(formula) {
                    let depth = self.binders.len();
                    self.binders.extend(binder);
                    self.through(part);
                    self.binders.truncate(depth);
                }
            }
        }
    }

    /// Whether a condition speaks of an index, or of a variable that an operator binds.
    fn is_bound(&self, condition: &Comparison) -> bool {
        [&condition.lhs, &condition.rhs].into_iter().any(|side| {
            (free_names(side).iter()).any(|(name, _)| self.binders.contains(&name.as_str()))
        })
    }
}

/// What holds where a condition does not; of an equality, that is nearly everywhere.
fn negated(condition: &Comparison) -> Option<Comparison> {
    let op = match condition.op {
        RelationOp::Lt => RelationOp::Ge,
        RelationOp::Le => RelationOp::Gt,
        RelationOp::Gt => RelationOp::Le,
        RelationOp::Ge => RelationOp::Lt,
        _ => return None,
    };
    Some(Comparison {
        op,
        ..condition.clone()
    })
}
