//! Means that are known exactly at every finite size: their limits are decided as limits of formulas, so that nothing is
//! lost where leading terms cancel, and so are those in infinite dimensions, where nothing can be drawn.

use super::atom::Atom;
use super::fraction::Fraction;
use super::polynomial::{begin, is_spent};
use super::proof::ground;
use super::show;
use crate::decide::cells::{self, Extent};
use crate::decide::problem::Problem;
use crate::formula::ast::{Comparison, Expr, Node, RelationOp};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, Limit, Scope};
use crate::term::{Id, Statement, resolve};

/// By how much a size exceeds another in the end, where their difference grows without end.
const APART: &str = "12";

/// A relation in which no mean is left, and the theorems behind the formulas that took their places.
pub struct WithoutMeans {
    pub says: Comparison,
    pub given: Vec<String>,
}

/// The claim with every mean replaced by what it is equal to; `None` where some mean is not known.
pub fn without_means(problem: &Problem<'_>) -> Option<WithoutMeans> {
    let limit = (problem.scope.limit.as_ref()).filter(|_| problem.says.op.is_asymptotic());
    // As an equality, so that sizes are not followed along the path yet.
    let says = Comparison {
        op: RelationOp::Eq,
        ..problem.says.clone()
    };
    let mut scope = problem.scope.clone();
    if limit.is_some() {
        (scope.assumptions).extend(in_the_end(&says, problem.scope));
    }
    let statement = resolve(&says, &scope).ok()?;
    let mut given = Vec::new();
    let mut side = |expr: &Expr, id| {
        if !averages(expr, &scope) {
            return Some(expr.clone());
        }
        exactly(&statement, limit, id, &mut given)
    };
    let says = Comparison {
        lhs: side(&problem.says.lhs, statement.claim.lhs)?,
        rhs: side(&problem.says.rhs, statement.claim.rhs)?,
        ..problem.says.clone()
    };
    Some(WithoutMeans { says, given })
}

fn averages(expr: &Expr, scope: &Scope) -> bool {
    let mut found = false;
    scope.walk_through([expr], &mut |node| {
        found |= matches!(&*node.node, Node::Expectation(_));
    });
    found
}

/// A side as a formula of the language that is equal to it.
fn exactly(
    statement: &Statement,
    limit: Option<&Limit>,
    id: Id,
    given: &mut Vec<String>,
) -> Option<Expr> {
    begin();
    let moving: Vec<&str> = (limit.iter())
        .flat_map(|limit| {
            let path = limit.path.iter().map(|(name, _)| name.as_str());
            path.chain([limit.variable.as_str()])
        })
        .collect();
    let (mut exact, mut walker) = ground(statement, &[], &moving).ok()?;
    let value: Fraction = exact.value(&mut walker, id).ok()?.scalar().ok()?;
    let left = |v| {
        let atom = exact.ground.atom(v);
        !matches!(atom, Some(Atom::Mean(_) | Atom::Form(_)))
    };
    if is_spent() || !value.variables().into_iter().all(left) {
        return None;
    }
    for theorem in &exact.ground.given {
        if !given.contains(theorem) {
            given.push(theorem.clone());
        }
    }
    parse_expression(&show::fraction(&exact.ground, &value)).ok()
}

/// What holds from some size on: numbers of rows that leave the dimension behind, or are left behind by it.
fn in_the_end(says: &Comparison, scope: &Scope) -> Vec<Comparison> {
    let mut rows: Vec<&Expr> = Vec::new();
    scope.walk_through([&says.lhs, &says.rhs], &mut |node| {
        let (Node::Name(name) | Node::Member(name, _)) = &*node.node else {
            return;
        };
        let object = scope.random.iter().find(|(n, _)| n == name);
        if let Some((_, object)) = object
            && let Law::Design { rows: own } | Law::Labeller { samples: own, .. } = &object.law
        {
            rows.push(own);
        }
    });
    let mut texts: Vec<String> = rows.into_iter().map(ToString::to_string).collect();
    texts.sort();
    texts.dedup();
    texts
        .iter()
        .flat_map(|rows| [(rows.as_str(), "d"), ("d", rows.as_str()), (rows, "0")])
        .chain([("d", "0")])
        .filter_map(|(more, less)| {
            let grows = parse_relation(&format!("({more}) - ({less}) -> inf")).ok()?;
            let statement = resolve(&grows, scope).ok()?;
            let cover = cells::cover(&statement, Extent::FirstFailure).ok()?;
            let apart = || parse_relation(&format!("({more}) >= ({less}) + {APART}")).ok();
            cover.proves().then(apart)?
        })
        .collect()
}
