//! Means that are known exactly at every finite size: their limits are decided as limits of formulas, so that nothing is
//! lost where leading terms cancel, and so are those in infinite dimensions, where nothing can be drawn.

use super::atom::Atom;
use super::fraction::Fraction;
use super::ground::Ground;
use super::polynomial::{begin, is_spent};
use super::procedure::decide;
use super::proof::ground;
use super::show;
use crate::decide::cells;
use crate::decide::problem::{Effort, Problem};
use crate::decide::verdict::Verdict;
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, Scope};
use crate::term::resolve;

/// By how much a size exceeds another in the end, where their difference grows without end.
const APART: u32 = 12;

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
        (scope.assumptions).extend(in_the_end(problem));
    }
    let statement = resolve(&says, &scope).ok()?;
    let moving: Vec<&str> = limit.iter().flat_map(|limit| limit.moving()).collect();
    begin();
    let (mut exact, mut walker) = ground(&statement, &[], &moving).ok()?;
    let mut side = |expr: &Expr, id| {
        if !scope.averages(expr) {
            return Some(expr.clone());
        }
        let value: Fraction = exact.value(&mut walker, id).ok()?.scalar().ok()?;
        written(&exact.ground, &value)
    };
    let says = Comparison {
        lhs: side(&problem.says.lhs, statement.claim.lhs)?,
        rhs: side(&problem.says.rhs, statement.claim.rhs)?,
        ..problem.says.clone()
    };
    let given = exact.ground.given;
    Some(WithoutMeans { says, given })
}

/// A value as a formula of the language, where no mean is left in it.
fn written(ground: &Ground, value: &Fraction) -> Option<Expr> {
    let left = |v| !matches!(ground.atom(v), Some(Atom::Mean(_) | Atom::Form(_)));
    if is_spent() || !value.variables().into_iter().all(left) {
        return None;
    }
    parse_expression(&show::fraction(ground, value)).ok()
}

/// What holds from some size on: numbers of rows that leave the dimension behind, or are left behind by it.
fn in_the_end(problem: &Problem<'_>) -> Vec<Comparison> {
    let scope = problem.scope;
    let drawn = (scope.random.iter()).filter(|(name, _)| problem.objects.contains(name));
    let mut texts: Vec<String> = drawn
        .filter_map(|(_, object)| match &object.law {
            Law::Design { rows } | Law::Labeller { samples: rows, .. } => Some(rows.to_string()),
            Law::Noise { .. } | Law::Gaussian { .. } => None,
        })
        .collect();
    texts.sort();
    texts.dedup();
    texts
        .iter()
        .flat_map(|rows| [(rows.as_str(), "d"), ("d", rows.as_str()), (rows, "0")])
        .chain([("d", "0")])
        .filter_map(|(more, less)| {
            let grows = parse_relation(&format!("({more}) - ({less}) -> inf"));
            let apart = match grows.is_ok_and(|says| cells::proved(&says, scope)) {
                true => APART,
                false => constant_gap(scope, more, less)?,
            };
            parse_relation(&format!("({more}) >= ({less}) + {apart}")).ok()
        })
        .collect()
}

/// By how much a size exceeds another all along a path such as `d = "T - 3"`.
fn constant_gap(scope: &Scope, more: &str, less: &str) -> Option<u32> {
    let limit = scope.limit.as_ref()?;
    let path = |name: &str| limit.path.iter().find(|(n, _)| n == name);
    let texts = |name: &str| {
        let followed = path(name).map(|(_, expr)| expr.to_string());
        [Some(name.to_owned()), followed].into_iter().flatten()
    };
    let plain = Scope {
        limit: None,
        ..scope.clone()
    };
    let by = |more: &str, less: &str, gap: u32| {
        let says = parse_relation(&format!("({more}) - ({less}) = {gap}")).ok()?;
        let problem = Problem::new(&plain, &says, "gap", 0, Effort::Quick);
        let proved = decide(&problem).is_ok_and(|found| found.verdict == Verdict::Proved);
        proved.then_some(gap)
    };
    texts(more).find_map(|more| {
        texts(less).find_map(|less| (1..=APART).find_map(|gap| by(&more, &less, gap)))
    })
}
