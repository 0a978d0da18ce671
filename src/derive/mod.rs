//! The deterministic equivalent of an expectation as a formula.
//!
//! ```text
//!   points     the fixed-point system at several points of the domain
//!   identify   its coefficients as monomials in the symbols
//!   symbols    the variables of the formulas, and fractions of them as text
//!   system     G = (L_0 − S)^{-1} with formulas in place of numbers
//!   closing    functions of Sigma closed to traces
//!   solve      the traces: κ, roots, linear equations
//! ```
//!
//! What comes out is held against the system's own solution at every point before it is shown.

mod closing;
mod error;
mod identify;
mod points;
mod reduced;
mod solve;
mod symbols;
mod system;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use crate::decide::Effort;
use crate::decide::exact::polynomial;
use crate::decide::problem::Problem;
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp};
use crate::formula::define::{called, expand};
use crate::formula::error::FormulaError;
use crate::formula::expand::{expand_comparison, expand_scope};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Scope, Symbol};
use crate::formula::shape::{Shape, shape_of};
use crate::formula::substitute::substituted;
use crate::formula::{given, walk};
use crate::number::{Ball, Real};
use crate::term;
use crate::term::equivalence::general;
use crate::term::evaluate::{Covariance, Environment, Evaluator, Level};

use closing::Traces;
pub use error::DeriveError;
pub use solve::Definition;
use solve::Naming;

/// How nearly a formula must be the solution of the system.
const AGREES: f64 = 1e-7;
/// A formula of more characters is none that anyone reads.
const LONGEST: usize = 4_000;
/// With the definitions that it uses.
const LONGEST_IN_ALL: usize = 12_000;
/// One of more characters may be shorter by degrees of freedom.
const SHORT: usize = 160;
/// One of more characters may be shorter with names for its parts.
const READABLE: usize = 400;
/// Points at which it is held against it.
const COMPARED: usize = 6;
/// Work on one formula, in the allowance of a claim.
const ALLOWANCES: u64 = 2;
/// How deep diagonals may stand within diagonals.
const MAX_DIAGONALS: usize = 3;

/// Where an expectation stands: the relation of a claim, what its names mean, and its id.
#[derive(Clone, Debug)]
pub struct Source {
    pub says: Comparison,
    pub scope: Arc<Scope>,
    pub id: String,
}

/// An expectation and its equivalent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Derived {
    /// `E[…]` as the file has it.
    pub expectation: String,
    pub definitions: Vec<(String, String)>,
    pub equivalent: String,
    pub latex: String,
    pub mathml: String,
}

/// What is to be derived in a claim: its expectations, each once, in the order in which they are met.
pub fn expectations(claim: &Source) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::new();
    let mut texts: HashSet<String> = HashSet::new();
    let mut names: HashSet<String> = HashSet::new();
    let mut open: Vec<Expr> = vec![claim.says.rhs.clone(), claim.says.lhs.clone()];
    while let Some(expr) = open.pop() {
        walk(&expr, &mut |inner| match &*inner.node {
            Node::Expectation(_) => {
                if texts.insert(inner.to_string()) {
                    found.push(inner.clone());
                }
            }
            Node::Name(name) if names.insert(name.clone()) => {
                open.extend(claim.scope.expansion(name).cloned());
            }
            Node::Member(..) | Node::Apply(..) if called(&inner.node, &claim.scope).is_some() => {
                open.extend(expand(inner, &claim.scope).ok());
            }
            _ => {}
        });
    }
    found
}

/// The equivalent of `E[body]` in the scope of a claim.
///
/// # Errors
/// [`DeriveError`] where there is none, or none that can be written.
pub fn derive(claim: &Source, expectation: &Expr) -> Result<Derived, DeriveError> {
    derive_within(claim, expectation, MAX_DIAGONALS, Sizes::Any)
}

/// The same as one formula without definitions of its own, and only of what the equations tell the size of: where nothing
/// of a leading order cancels.
///
/// # Errors
/// As for [`derive`].
pub fn formula(claim: &Source, expectation: &Expr) -> Result<Expr, DeriveError> {
    let derived = derive_within(claim, expectation, MAX_DIAGONALS, Sizes::Told)?;
    let read =
        |text: &str| parse_expression(text).map_err(|e| DeriveError::Unreadable(first(text, &e)));
    let mut definitions: BTreeMap<String, Expr> = BTreeMap::new();
    for (name, text) in &derived.definitions {
        let body = substituted(&claim.scope, &read(text)?, &definitions);
        definitions.insert(name.clone(), body);
    }
    Ok(substituted(
        &claim.scope,
        &read(&derived.equivalent)?,
        &definitions,
    ))
}

/// Whether an equivalent is wanted as the equations have it, or only where its size is one.
#[derive(Clone, Copy, PartialEq)]
enum Sizes {
    Any,
    Told,
}

/// With the means of diagonals derived before, which stand in it as numbers.
fn derive_within(
    claim: &Source,
    expectation: &Expr,
    depth: usize,
    sizes: Sizes,
) -> Result<Derived, DeriveError> {
    let mut claim = claim.clone();
    let mut inner: Vec<Derived> = Vec::new();
    for mean in diagonals(&claim, expectation) {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(DeriveError::TooLarge);
        };
        let derived = derive_within(&claim, &mean, depth, sizes)?;
        let scope = extended(&claim.scope, &derived.definitions)?;
        claim.scope = Arc::new(scope);
        inner.push(derived);
    }
    derive_after(&claim, expectation, inner, sizes)
}

/// `E[tr(M)/T]` for every `diag(M)` in an expectation.
fn diagonals(claim: &Source, expectation: &Expr) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::new();
    claim.scope.walk_through([expectation], &mut |inner| {
        if let Node::Call(Function::Diag, arguments) = &*inner.node {
            let mean = mean_of(&arguments[0], &claim.scope);
            let new = |mean: &Expr| {
                let text = mean.to_string();
                !found.iter().any(|known| known.to_string() == text)
            };
            found.extend(mean.filter(new));
        }
    });
    found
}

/// `E[tr(M)/T]`, what an entry of `diag(M)` is.
fn mean_of(matrix: &Expr, scope: &Scope) -> Option<Expr> {
    let Ok(Shape::Matrix { rows, .. }) = shape_of(matrix, scope) else {
        return None;
    };
    let of = |node| Expr::new(node, matrix.span);
    let trace = of(Node::Call(Function::Tr, vec![matrix.clone()]));
    let share = of(Node::Binary(BinaryOp::Div, trace, rows));
    Some(of(Node::Expectation(share)))
}

fn derive_after(
    claim: &Source,
    expectation: &Expr,
    inner: Vec<Derived>,
    sizes: Sizes,
) -> Result<Derived, DeriveError> {
    let Node::Expectation(body) = &*expectation.node else {
        return Err(DeriveError::NoEquivalent("not an expectation".into()));
    };
    let written_out = || -> Result<_, FormulaError> {
        let scope = expand_scope(&claim.scope)?;
        let says = expand_comparison(&claim.says, &claim.scope)?;
        without_given(expand(body, &claim.scope)?, says, scope)
    };
    let (body, says, scope) =
        written_out().map_err(|e| DeriveError::NoEquivalent(e.message.clone()))?;
    let problem = Problem::new(&scope, &says, &claim.id, 0, Effort::Normal);
    let mut first = None;
    for points in points::points(&problem, &body)? {
        match derive_from(claim, expectation, (&scope, points), &inner, sizes) {
            Ok(derived) => return Ok(derived),
            // What is too large about one point is so about all; digits that one lacks another may have.
            Err(why @ DeriveError::TooLarge) => return Err(first.unwrap_or(why)),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or(DeriveError::Elsewhere))
}

fn derive_from(
    claim: &Source,
    expectation: &Expr,
    (scope, points): (&Scope, points::Points),
    inner: &[Derived],
    sizes: Sizes,
) -> Result<Derived, DeriveError> {
    let environments = points.environments.clone();
    let taken = |name: &str| is_taken(&claim.scope, name);
    let known = |values: &[f64]| {
        defined(scope).find_map(|(name, expr)| {
            let same = environments.iter().zip(values).all(|(environment, value)| {
                Evaluator::new(scope, environment)
                    .scalar(expr)
                    .is_ok_and(|x| (x - value).abs() <= 1e-9 * value.abs())
            });
            same.then(|| name.to_owned())
        })
    };
    let written = |naming: Naming, traces: Traces| -> Result<_, DeriveError> {
        polynomial::begin_with(ALLOWANCES);
        let system = system::System::new(points.clone(), scope)?;
        let mut solver = solve::Solver::new(system, (naming, traces), &taken, &known);
        let answer = solver.answer()?;
        let equivalent = with_means(solver.system.symbols.text_of_sum(&answer), inner);
        keep_used(&mut solver.definitions, &equivalent);
        let own = (solver.definitions.iter()).filter(|_| naming > Naming::Roots);
        let length = equivalent.len() + own.map(|d| d.text.len()).sum::<usize>();
        match equivalent.len() > LONGEST || length > LONGEST_IN_ALL {
            true => Err(DeriveError::TooLarge),
            false => Ok((length, solver, equivalent)),
        }
    };
    let mut best = written(Naming::Roots, Traces::Plain);
    let others = Naming::beyond_roots(points.has_weights()).iter();
    let others = others.map(|naming| (*naming, Traces::Plain));
    for (naming, traces) in std::iter::once((Naming::Roots, Traces::ByDegrees)).chain(others) {
        match &best {
            Ok(best) if best.0 <= SHORT => break,
            Ok(best) if best.0 <= READABLE && traces == Traces::Plain => break,
            Err(why) if *why != DeriveError::TooLarge => break,
            _ => {}
        }
        if let Ok(other) = written(naming, traces)
            && best.as_ref().map_or(true, |best| other.0 < best.0)
        {
            best = Ok(other);
        }
    }
    let (_, solver, equivalent) = best?;
    let own = solver.definitions.into_iter();
    let own: Vec<(String, String)> = own.map(|d| (d.name, with_means(d.text, inner))).collect();
    let scope = extended(scope, &own)?;
    let formula = parse_expression(&equivalent)
        .map_err(|e| DeriveError::Unreadable(first(&equivalent, &e)))?;
    compare(&formula, &scope, &points)?;
    compare_elsewhere(&formula, &scope, &points)?;
    if sizes == Sizes::Told {
        sized(&points)?;
    }
    let named = extended(&claim.scope, &own)?;
    let definitions = in_order(inner.to_vec(), own);
    let (latex, mathml) = typeset(&named, expectation, &equivalent)?;
    Ok(Derived {
        expectation: expectation.to_string(),
        definitions,
        equivalent,
        latex,
        mathml,
    })
}

/// Holds a formula against the equations' own solution, where that has its digits.
fn compare(formula: &Expr, scope: &Scope, points: &points::Points) -> Result<(), DeriveError> {
    let blurred = !points.are_sharp();
    let mut unclear = None;
    let mut agreed = false;
    for environment in points.environments.iter().take(COMPARED) {
        let wanted = general::unguarded(&points.statement, points.body(), environment)
            .map_err(|e| DeriveError::NoEquivalent(e.to_string()))?;
        if !blurred && wanted.relative_error > points::SHARP {
            continue;
        }
        match agrees(formula, scope, environment, wanted.value) {
            Ok(()) => agreed = true,
            Err(error) if may_be(formula, scope, environment, wanted.value) => {
                unclear = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    match unclear {
        Some(error) if !agreed => Err(error),
        _ => Ok(()),
    }
}

/// Likewise at points where the equations may be others.
fn compare_elsewhere(
    formula: &Expr,
    scope: &Scope,
    points: &points::Points,
) -> Result<(), DeriveError> {
    for environment in &points.elsewhere {
        let Ok(wanted) = general::unguarded(&points.statement, points.body(), environment) else {
            continue;
        };
        if wanted.relative_error <= points::SHARP
            && matches!(
                agrees(formula, scope, environment, wanted.value),
                Err(DeriveError::Disagrees { .. })
            )
            && !may_be(formula, scope, environment, wanted.value)
        {
            return Err(DeriveError::Elsewhere);
        }
    }
    Ok(())
}

/// Whether a formula that cancels at a point, and so differs there, has the value within its error.
fn may_be(formula: &Expr, scope: &Scope, at: &Environment<f64>, wanted: f64) -> bool {
    let Covariance::Explicit { levels, .. } = &at.covariance else {
        return false;
    };
    let levels = levels.iter().map(|level| Level {
        value: Ball::from_f64(level.value),
        multiplicity: level.multiplicity,
        mass: Ball::from_f64(level.mass),
        atom: level.atom,
    });
    let Ok(covariance) = Covariance::explicit(levels.collect()) else {
        return false;
    };
    let scalars = at.scalars.iter();
    let environment = Environment {
        covariance,
        scalars: scalars
            .map(|(name, x)| (name.clone(), Ball::from_f64(*x)))
            .collect(),
        draw: None,
        known: Default::default(),
    };
    let found = Evaluator::new(scope, &environment).scalar(formula);
    found.is_ok_and(|x| (x.midpoint() - wanted).abs() <= x.radius() + AGREES * wanted.abs())
}

/// Refuses what has no size of its own at any of the points.
fn sized(points: &points::Points) -> Result<(), DeriveError> {
    let mut why = None;
    for environment in points.environments.iter().take(COMPARED) {
        match general::told(&points.statement, points.body(), environment) {
            Ok(_) => return Ok(()),
            Err(error) => why = Some(error.to_string()),
        }
    }
    Err(DeriveError::NoEquivalent(why.unwrap_or_default()))
}

/// Whether a formula is at a point what the equations give there.
fn agrees(
    formula: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
    wanted: f64,
) -> Result<(), DeriveError> {
    let found = Evaluator::new(scope, environment)
        .scalar(formula)
        .map_err(|e| DeriveError::Unreadable(format!("{formula}: {e}")))?;
    match (found - wanted).abs() <= AGREES * wanted.abs() {
        true => Ok(()),
        false => Err(DeriveError::Disagrees { found, wanted }),
    }
}

/// Means of diagonals before it, and its own definitions, in the order in which they use one another.
fn in_order(inner: Vec<Derived>, own: Vec<(String, String)>) -> Vec<(String, String)> {
    let before = inner.into_iter().flat_map(|derived| derived.definitions);
    let mut definitions: Vec<(String, String)> = Vec::new();
    for (name, text) in before.chain(own) {
        if !definitions.iter().any(|(known, _)| *known == name) {
            definitions.push((name, text));
        }
    }
    definitions
}

/// Leaves out what neither the formula nor a definition that it uses speaks of.
fn keep_used(definitions: &mut Vec<Definition>, formula: &str) {
    let names = |text: &str, name: &str| {
        text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .any(|word| word == name)
    };
    let mut texts = vec![formula.to_owned()];
    let mut kept = Vec::new();
    // Each uses those before it alone.
    for definition in definitions.drain(..).rev() {
        if texts.iter().any(|text| names(text, &definition.name)) {
            texts.push(definition.text.clone());
            kept.push(definition);
        }
    }
    kept.reverse();
    *definitions = kept;
}

/// Means in which something is given as means over copies.
fn without_given(
    body: Expr,
    says: Comparison,
    scope: Scope,
) -> Result<(Expr, Comparison, Scope), FormulaError> {
    let mean = Comparison {
        lhs: Expr::new(Node::Expectation(body.clone()), body.span),
        op: RelationOp::Eq,
        rhs: Expr::new(Node::Infinity, body.span),
        span: body.span,
    };
    let Some(plain) = given::written_out(&mean, &scope)? else {
        return Ok((body, says, scope));
    };
    match &*plain.says.lhs.node {
        Node::Expectation(inner) => Ok((inner.clone(), plain.says.clone(), plain.scope)),
        _ => Ok((body, says, scope)),
    }
}

/// Means that stand in a formula as numbers, by their equivalents.
fn with_means(mut text: String, inner: &[Derived]) -> String {
    for derived in inner {
        let formula = format!("({})", derived.equivalent);
        let alone = format!("({})", derived.expectation);
        text = text.replace(&alone, &formula);
        text = text.replace(&derived.expectation, &formula);
    }
    text
}

fn is_taken(scope: &Scope, name: &str) -> bool {
    scope.symbols.iter().any(|(n, _)| n == name)
        || scope.definitions.iter().any(|(n, _)| n == name)
        || scope.random.iter().any(|(n, _)| n == name)
}

/// Names of the file with a formula that might be κ.
fn defined(scope: &Scope) -> impl Iterator<Item = (&str, &Expr)> {
    let symbols = scope.symbols.iter().filter_map(|(name, s)| match s {
        Symbol::Defined(expr) => Some((name.as_str(), expr)),
        _ => None,
    });
    let definitions = scope.definitions.iter().map(|(n, e)| (n.as_str(), e));
    symbols.chain(definitions)
}

fn extended(scope: &Scope, definitions: &[(String, String)]) -> Result<Scope, DeriveError> {
    let mut extended = scope.clone();
    for (name, text) in definitions {
        let expr = parse_expression(text).map_err(|e| DeriveError::Unreadable(first(text, &e)))?;
        extended.definitions.push((name.clone(), expr));
    }
    Ok(extended)
}

/// The first fault of a formula that was to be read back.
fn first(text: &str, errors: &[FormulaError]) -> String {
    let what = errors.first().map_or("", |e| e.message.as_str());
    format!("{text}: {what}")
}

fn typeset(
    scope: &Scope,
    expectation: &Expr,
    equivalent: &str,
) -> Result<(String, String), DeriveError> {
    let unreadable = |what: String| DeriveError::Unreadable(format!("{equivalent}: {what}"));
    let mut says = parse_relation(&format!("{expectation} ~ {equivalent}"))
        .map_err(|e| DeriveError::Unreadable(first(equivalent, &e)))?;
    says.op = RelationOp::Equivalent;
    let statement = term::resolve(&says, scope).map_err(|e| unreadable(e.message.clone()))?;
    let (lhs, rhs) = (statement.claim.lhs, statement.claim.rhs);
    let store = &statement.store;
    let latex = |id| term::latex(store, id).map_err(|e| unreadable(e.to_string()));
    let mathml = |id| term::mathml(store, id).map_err(|e| unreadable(e.to_string()));
    Ok((
        format!("{} \\simeq {}", latex(lhs)?, latex(rhs)?),
        format!(
            "<math display=\"block\"><mrow>{}<mo>\u{2243}</mo>{}</mrow></math>",
            mathml(lhs)?,
            mathml(rhs)?
        ),
    ))
}
