//! Means that are known exactly at every finite size: their limits are decided as limits of formulas, so that nothing is
//! lost where leading terms cancel, and so are those in infinite dimensions, where nothing can be drawn.

use std::collections::BTreeSet;

use num_traits::Signed;

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
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp};
use crate::formula::constant::constant;
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, Limit, Scope, Symbol};
use crate::term::resolve;

/// What means of powers of a length rest on.
const CHI_SQUARED: &str = "moments of a chi-squared variable";
/// By how much a size exceeds another in the end, where their difference grows without end.
const APART: u32 = 12;

/// A relation in which no mean is left, and the theorems behind the formulas that took their places.
pub struct WithoutMeans {
    pub says: Comparison,
    pub given: Vec<String>,
}

/// The claim with every mean replaced by what it is equal to; `None` where some mean is not known.
pub fn without_means(problem: &Problem<'_>) -> Option<WithoutMeans> {
    replaced(problem, &in_the_end(problem), None)
}

/// What stands for what an expansion leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    None,
    Positive,
    Negative,
}

/// A claim about a limit in which samples grow at a fixed dimension.
pub struct OfLargeSamples<'a> {
    problem: &'a Problem<'a>,
    /// What holds in the end.
    scope: Scope,
    growing: BTreeSet<String>,
    /// What moves along the path and is no size.
    moving: BTreeSet<String>,
}

impl<'a> OfLargeSamples<'a> {
    /// `None` where the limit is another one, or nothing that is drawn grows.
    pub fn new(problem: &'a Problem<'a>) -> Option<Self> {
        let scope = problem.scope;
        let limit = scope.limit.as_ref()?;
        let whole = |name: &str| {
            (scope.symbols.iter())
                .any(|(other, symbol)| other == name && matches!(symbol, Symbol::Integer { .. }))
        };
        let stays = whole("d") && limit.moving().all(|name| name != "d");
        if !stays || !scope.setting.has_free_levels() {
            return None;
        }
        let growing: BTreeSet<String> = rows_drawn(problem)
            .filter(|(_, rows)| grows(scope, &rows.to_string()))
            .map(|(name, _)| name.to_owned())
            .collect();
        let moving = limit.moving().filter(|name| !whole(name));
        (!growing.is_empty()).then(|| Self {
            problem,
            scope: in_the_end(problem),
            growing,
            moving: moving.map(str::to_owned).collect(),
        })
    }

    /// The claim with every mean expanded in powers of `1/T`: what is left out is smaller than what leads by
    /// `T^-(order + 1)`.
    pub fn expanded(&self, order: u32, remainder: Remainder) -> Option<WithoutMeans> {
        let settings = LargeSamples {
            growing: self.growing.clone(),
            moving: self.moving.clone(),
            order,
            remainder: match remainder {
                Remainder::None => 0,
                Remainder::Positive => 1,
                Remainder::Negative => -1,
            },
            met: 0,
        };
        replaced(self.problem, &self.scope, Some(settings))
    }
}

fn replaced(
    problem: &Problem<'_>,
    scope: &Scope,
    large_samples: Option<LargeSamples>,
) -> Option<WithoutMeans> {
    let mut reading = Reading {
        scope,
        moving: (limit_of(problem).into_iter())
            .flat_map(|limit| limit.moving())
            .collect(),
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

/// The limit that a claim speaks of.
fn limit_of<'a>(problem: &Problem<'a>) -> Option<&'a Limit> {
    (problem.scope.limit.as_ref()).filter(|_| problem.says.op.is_asymptotic())
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
            Node::Expectation(body) => return self.power_of_a_length(body),
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

    /// `E[norm2(e)^q] = (2 sd^2)^q gamma(T/2 + q)/gamma(T/2)` of a noise of length `T`, for `q > 0`.
    fn power_of_a_length(&mut self, body: &Expr) -> Option<Expr> {
        let (base, q) = match &*body.node {
            Node::Name(name) => return self.power_of_a_length(self.scope.expansion(name)?),
            Node::Call(Function::Sqrt, arguments) => (&arguments[0], "1/2".to_owned()),
            Node::Binary(BinaryOp::Pow, base, exponent) => {
                let q = constant(exponent).filter(Signed::is_positive)?;
                (base, q.to_string())
            }
            _ => return None,
        };
        let Node::Call(Function::Norm2, arguments) = &*base.node else {
            return None;
        };
        let [Node::Name(name)] = arguments.iter().map(|a| &*a.node).collect::<Vec<_>>()[..] else {
            return None;
        };
        let (_, object) = (self.scope.random.iter()).find(|(other, _)| other == name)?;
        let Law::Noise { length, sd } = &object.law else {
            return None;
        };
        let theorem = CHI_SQUARED.to_owned();
        if !self.given.contains(&theorem) {
            self.given.push(theorem);
        }
        let gammas = format!("gamma(({length})/2 + {q})/gamma(({length})/2)");
        parse_expression(&format!("(2*({sd})^2)^({q})*{gammas}")).ok()
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

/// The scope with what holds from some size on, where a limit is meant: numbers of rows that leave the dimension behind, or
/// are left behind by it.
fn in_the_end(problem: &Problem<'_>) -> Scope {
    let scope = problem.scope;
    let mut ended = scope.clone();
    if limit_of(problem).is_none() {
        return ended;
    }
    let mut texts: Vec<String> = rows_drawn(problem)
        .map(|(_, rows)| rows.to_string())
        .collect();
    texts.sort();
    texts.dedup();
    let facts = (texts.iter())
        .flat_map(|rows| [(rows.as_str(), "d"), ("d", rows.as_str()), (rows, "0")])
        .chain([("d", "0")])
        .filter_map(|(more, less)| {
            let apart = match grows(scope, &format!("({more}) - ({less})")) {
                true => APART,
                false => constant_gap(scope, more, less)?,
            };
            parse_relation(&format!("({more}) >= ({less}) + {apart}")).ok()
        });
    ended.assumptions.extend(facts);
    ended
}

/// The random objects of a claim that have rows of their own, and how many.
fn rows_drawn<'a>(problem: &'a Problem<'_>) -> impl Iterator<Item = (&'a str, &'a Expr)> {
    let drawn = (problem.scope.random.iter()).filter(|(name, _)| problem.objects.contains(name));
    drawn.filter_map(|(name, object)| match &object.law {
        Law::Design { rows } | Law::Labeller { samples: rows, .. } => Some((name.as_str(), rows)),
        Law::Noise { .. } | Law::Gaussian { .. } => None,
    })
}

fn grows(scope: &Scope, size: &str) -> bool {
    parse_relation(&format!("{size} -> inf")).is_ok_and(|says| cells::proved(&says, scope))
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
