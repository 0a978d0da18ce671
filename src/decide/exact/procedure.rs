//! Algebra as the first of the procedures that decide claims.

use super::induction::prove_by_induction;
use super::proof::{Silence, prove, prove_equivalent, prove_limit};
use crate::decide::problem::Problem;
use crate::decide::verdict::{Finding, Verdict};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Node, RelationOp};
use crate::formula::scope::{Law, Limit, Symbol};
use crate::term::resolve;

/// A proof, or why there is none: algebra refutes nothing, since a witness is to be found and confirmed by other means.
pub fn decide(problem: &Problem<'_>) -> Result<Finding, String> {
    let ratio = problem.says.op == RelationOp::Equivalent;
    let limit =
        (problem.scope.limit.as_ref()).filter(|_| ratio || problem.says.op == RelationOp::TendsTo);
    // As an equality, so that ratios of sizes keep their meaning.
    let as_equality = || {
        let says = Comparison {
            op: RelationOp::Eq,
            ..problem.says.clone()
        };
        resolve(&says, problem.scope).map_err(|error| error.message)
    };
    let proof = if let Some(limit) = limit.filter(|_| moves_one_size(problem)) {
        prove_limit(&as_equality()?, limit, ratio)
    } else if ratio {
        let limit = limit
            .filter(|_| proportional(problem))
            .ok_or("algebra knows of proportional limits only")?;
        prove_equivalent(&as_equality()?, limit)
    } else {
        let statement = problem.statement().map_err(|error| error.message.clone())?;
        prove(statement).or_else(|why| prove_by_induction(statement).map_err(|_| why))
    };
    let proof = proof.map_err(|silence| match silence {
        Silence::Beyond(what) => format!("algebra does not cover {what}"),
        Silence::Open(what) => format!("it does not follow that {what}"),
        Silence::Different(what) => format!("in normal form the sides differ: {what}"),
    })?;
    let mut finding = Finding::new(Verdict::Proved, proof.method);
    finding.given = proof.given;
    Ok(finding)
}

/// Whether a claim without means speaks of a size that grows alone, in a finite dimension.
fn moves_one_size(problem: &Problem<'_>) -> bool {
    let scope = problem.scope;
    let Some(limit) = &scope.limit else {
        return false;
    };
    let whole = (scope.symbols.iter())
        .any(|(name, symbol)| *name == limit.variable && matches!(symbol, Symbol::Integer { .. }));
    whole
        && scope.setting.has_free_levels()
        && limit.path.is_empty()
        && limit.variable != "d"
        && !problem.expectation
        && !problem.random
}

/// Whether the limit is the proportional one, in which the equivalents hold: every size that moves is a multiple of
/// the variable, and the spectrum is one of finite dimension.
fn proportional(problem: &Problem<'_>) -> bool {
    let scope = problem.scope;
    let free = scope.setting.has_free_levels();
    let Some(limit) = scope.limit.as_ref().filter(|_| free) else {
        return false;
    };
    let rows = scope.random.iter().all(|(name, object)| match &object.law {
        Law::Design { rows } | Law::Labeller { samples: rows, .. } => multiple(rows, limit, 8),
        Law::Noise { .. } => true,
        Law::Gaussian { .. } => !problem.objects.contains(name),
    });
    limit.moving().any(|name| name == "d")
        && rows
        && limit.path.iter().all(|(_, path)| multiple(path, limit, 8))
}

/// Whether an entry of a path is a number times the variable.
fn multiple(path: &Expr, limit: &Limit, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match &*path.node {
        Node::Name(name) if *name == limit.variable => true,
        Node::Name(name) => (limit.path.iter())
            .any(|(other, path)| other == name && multiple(path, limit, depth - 1)),
        Node::Binary(BinaryOp::Mul, a, b) => {
            multiple(a, limit, depth) && fixed(b, limit)
                || fixed(a, limit) && multiple(b, limit, depth)
        }
        Node::Binary(BinaryOp::Div, a, b) => multiple(a, limit, depth) && fixed(b, limit),
        _ => false,
    }
}

/// A number, or a name that the limit does not move.
fn fixed(expr: &Expr, limit: &Limit) -> bool {
    match &*expr.node {
        Node::Number(_) => true,
        Node::Name(name) => limit.moving().all(|moving| moving != name),
        _ => false,
    }
}
