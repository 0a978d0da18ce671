//! Means that are known exactly at every finite size: their limits are decided as limits of formulas, so that nothing is
//! lost where leading terms cancel, and so are those in infinite dimensions, where nothing can be drawn.

use std::collections::BTreeSet;

use super::atom::Atom;
use super::fraction::Fraction;
use super::ground::{Ground, LargeSamples};
use super::polynomial::{begin, is_spent};
use super::procedure::decide;
use super::proof::ground;
use super::show;
use crate::decide::cells;
use crate::decide::problem::{Effort, Problem};
use crate::decide::verdict::Verdict;
use crate::formula::ast::{Comparison, Expr, Node, RelationOp};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, Limit, Scope, SpectrumKind, Symbol};
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
    replaced(problem, None)
}

/// What stands for what an expansion leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    None,
    Positive,
    Negative,
}

/// The claim about a limit in which samples grow at a fixed dimension, with every mean expanded in powers of `1/T`: what
/// is left out is smaller than what leads by `T^-(order + 1)`.
pub fn of_large_samples(
    problem: &Problem<'_>,
    order: u32,
    remainder: Remainder,
) -> Option<WithoutMeans> {
    let scope = problem.scope;
    let limit = scope.limit.as_ref()?;
    if !keeps_its_spectrum(scope, limit) {
        return None;
    }
    let rows = |object: &Law| match object {
        Law::Design { rows } | Law::Labeller { samples: rows, .. } => Some(rows.clone()),
        Law::Noise { .. } | Law::Gaussian { .. } => None,
    };
    let grows = |rows: &Expr| {
        parse_relation(&format!("({rows}) -> inf")).is_ok_and(|says| cells::proved(&says, scope))
    };
    let growing: BTreeSet<String> = (scope.random.iter())
        .filter(|(name, _)| problem.objects.contains(name))
        .filter(|(_, object)| rows(&object.law).is_some_and(|rows| grows(&rows)))
        .map(|(name, _)| name.clone())
        .collect();
    if growing.is_empty() {
        return None;
    }
    let whole = |name: &str| {
        (scope.symbols.iter())
            .any(|(other, symbol)| other == name && matches!(symbol, Symbol::Integer { .. }))
    };
    let settings = LargeSamples {
        growing,
        moving: (limit.moving())
            .filter(|name| !whole(name))
            .map(str::to_owned)
            .collect(),
        order,
        remainder: match remainder {
            Remainder::None => 0,
            Remainder::Positive => 1,
            Remainder::Negative => -1,
        },
        met: 0,
    };
    replaced(problem, Some(settings))
}

/// Whether the dimension is finite and stays, and the spectrum with it.
fn keeps_its_spectrum(scope: &Scope, limit: &Limit) -> bool {
    let stays = (scope.symbols.iter()).any(|(name, symbol)| {
        let moves = limit.moving().any(|moving| moving == name);
        name == "d" && matches!(symbol, Symbol::Integer { .. }) && !moves
    });
    let fixed = matches!(
        scope.setting.spectrum,
        SpectrumKind::Any | SpectrumKind::Isotropic | SpectrumKind::TwoLevel
    );
    stays && fixed && !scope.setting.infinite
}

fn replaced(problem: &Problem<'_>, large_samples: Option<LargeSamples>) -> Option<WithoutMeans> {
    let limit = (problem.scope.limit.as_ref()).filter(|_| problem.says.op.is_asymptotic());
    let mut scope = problem.scope.clone();
    if limit.is_some() {
        (scope.assumptions).extend(in_the_end(problem));
    }
    let mut reading = Reading {
        scope: &scope,
        moving: limit.iter().flat_map(|limit| limit.moving()).collect(),
        large_samples,
        given: Vec::new(),
    };
    let says = Comparison {
        lhs: reading.side(&problem.says.lhs)?,
        rhs: reading.side(&problem.says.rhs)?,
        ..problem.says.clone()
    };
    Some(WithoutMeans {
        says,
        given: reading.given,
    })
}

/// Formulas that are read as algebra to be written without means.
struct Reading<'a> {
    scope: &'a Scope,
    moving: Vec<&'a str>,
    large_samples: Option<LargeSamples>,
    given: Vec<String>,
}

impl Reading<'_> {
    /// A side without means: as a whole, so that what cancels does so exactly, or else part by part.
    fn side(&mut self, expr: &Expr) -> Option<Expr> {
        if !self.scope.averages(expr) {
            return Some(expr.clone());
        }
        if let Some(whole) = self.whole(expr) {
            return Some(whole);
        }
        let node = match &*expr.node {
            Node::Name(name) => return self.side(self.scope.expansion(name)?),
            Node::Neg(a) => Node::Neg(self.side(a)?),
            Node::Binary(op, a, b) => Node::Binary(*op, self.side(a)?, self.side(b)?),
            Node::Call(function, arguments) => {
                let sides: Option<Vec<Expr>> = arguments.iter().map(|a| self.side(a)).collect();
                Node::Call(*function, sides?)
            }
            _ => return None,
        };
        Some(Expr::new(node, expr.span))
    }

    fn whole(&mut self, expr: &Expr) -> Option<Expr> {
        // As an equality, so that sizes are not followed along the path yet.
        let says = Comparison {
            lhs: expr.clone(),
            op: RelationOp::Eq,
            rhs: expr.clone(),
            span: expr.span,
        };
        let statement = resolve(&says, self.scope).ok()?;
        begin();
        let (mut exact, mut walker) = ground(&statement, &[], &self.moving).ok()?;
        exact.ground.large_samples = self.large_samples.clone();
        let value: Fraction = exact
            .value(&mut walker, statement.claim.lhs)
            .ok()?
            .scalar()
            .ok()?;
        let formula = written(&exact.ground, &value)?;
        self.large_samples = exact.ground.large_samples;
        for theorem in exact.ground.given {
            if !self.given.contains(&theorem) {
                self.given.push(theorem);
            }
        }
        Some(formula)
    }
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
