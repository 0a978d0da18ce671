//! The points at which coefficients are compared: one from the domain, and others around it with the same equations.

use std::collections::HashMap;
use std::sync::Arc;

use super::DeriveError;
use super::identify::Atom;
use crate::decide::problem::Problem;
use crate::decide::sampler::{Corner, Sampler};
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::formula::scope::{Scope, Symbol, TargetKind};
use crate::number::rational_to_f64;
use crate::simulate::Stream;
use crate::term::equivalence::general::{self, Described, described};
use crate::term::evaluate::{Covariance, Environment, Evaluator, Level, rows};
use crate::term::{Id, Statement, resolve_as_written};

/// How many points, and how far they lie around the first.
const POINTS: usize = 28;
const AROUND: f64 = 0.2;
/// First points that are tried.
const TRIES: u64 = 60;
/// Points at which a formula is held against the equations, whatever these are there.
const ELSEWHERE: usize = 8;
/// How many of them are compared before the one with the most symbols is taken.
const STARTS: usize = 6;
/// Eigenvalues, their shares of the dimension and of the target.
const LEVELS: [(f64, f64, f64); 4] = [
    (2.3, 0.2, 1.0),
    (1.1, 0.3, 0.7),
    (0.37, 0.3, 1.9),
    (0.083, 0.2, 0.4),
];
/// Sizes along a path that are neither too small nor too large for a point.
const FEWEST: f64 = 40.0;
const MOST: f64 = 1e9;
/// What the limit's variable is multiplied by where they are too small, in turn.
const FARTHER: [f64; 4] = [1.0, 10.0, 100.0, 1000.0];
/// Relative error of the equations' own solution at a point that a formula is compared at.
pub(super) const SHARP: f64 = 1e-9;
/// Dimension of what is infinite, times the largest number of rows.
const LARGE: f64 = 7.3;

/// An expectation's equations at all points, and the values of the symbols there.
#[derive(Clone)]
pub(super) struct Points {
    pub described: Vec<Described>,
    pub environments: Vec<Environment<f64>>,
    /// The body as a term, on both sides of its claim.
    pub statement: Arc<Statement>,
    /// Free symbols, `d` among them.
    pub symbols: Vec<Atom>,
    /// Points anywhere in the domain, whatever equations they have.
    pub elsewhere: Vec<Environment<f64>>,
}

impl Points {
    /// The body of the expectation.
    pub fn body(&self) -> Id {
        self.statement.claim.lhs
    }

    /// Whether the equations have a solution at the first point in which hardly any digits cancel.
    pub fn are_sharp(&self) -> bool {
        general::unguarded(&self.statement, self.body(), &self.environments[0])
            .is_ok_and(|found| found.relative_error <= SHARP)
    }

    /// Whether rows of one space are weighted differently.
    pub fn has_weights(&self) -> bool {
        let first = &self.described[0];
        let spaces = first.equations.space.iter();
        (spaces.filter(|space| **space != first.features))
            .any(|space| first.model.multiplicities(*space).len() > 1)
    }
}

/// Equations of `E[body]` at points with one structure, the most general first: a formula from there may hold elsewhere
/// where one from others does not, as on one side of the interpolation threshold.
pub(super) fn points(problem: &Problem<'_>, body: &Expr) -> Result<Vec<Points>, DeriveError> {
    let scope = problem.scope;
    let both = Comparison {
        lhs: body.clone(),
        op: RelationOp::Eq,
        rhs: body.clone(),
        span: body.span,
    };
    let statement = resolve_as_written(&both, scope)
        .map_err(|error| DeriveError::NoEquivalent(error.message))?;
    let statement = Arc::new(statement);
    let sampler = Sampler::new(
        scope,
        &[&problem.says.lhs, &problem.says.rhs],
        f64::INFINITY,
    );
    let mut why = "the assumptions leave no point to start from".to_owned();
    let mut sharp: Vec<Points> = Vec::new();
    let mut blurred: Option<Points> = None;
    let mut elsewhere: Vec<Environment<f64>> = Vec::new();
    let mut settled = false;
    for index in 0..TRIES {
        if settled && elsewhere.len() >= ELSEWHERE {
            break;
        }
        let mut stream = problem.stream(index);
        let Some(base) = sampler.draw(&mut stream, Corner::Inside) else {
            continue;
        };
        let base: HashMap<String, f64> = base
            .symbols
            .iter()
            .map(|(name, x)| (name.clone(), rational_to_f64(x)))
            .collect();
        // Every other one as the domain has it: sizes along a path are far from each other, and digits are lost.
        let path = (index.is_multiple_of(2))
            .then(|| along_the_path(scope, &base))
            .flatten();
        let on_path = path.is_some();
        let base = path.unwrap_or(base);
        let (described, environment) = match at(scope, &statement, &base) {
            Ok(found) => found,
            Err(message) => {
                why = message;
                continue;
            }
        };
        if elsewhere.len() < ELSEWHERE && (on_path || index >= TRIES / 2) {
            elsewhere.push(environment);
        }
        if settled && sharp.iter().any(|p| alike(&p.described[0], &described)) {
            continue;
        }
        match around(scope, &statement, &base, &mut stream) {
            // A formula is held against numbers that have their digits.
            Ok(points) if !points.are_sharp() => blurred = blurred.or(Some(points)),
            Ok(points) => {
                settled |= all_real_are_free(scope, &points);
                sharp.push(points);
                settled |= sharp.len() >= STARTS;
            }
            Err(message) => why = message,
        }
    }
    sharp.sort_by_key(|points| std::cmp::Reverse(points.symbols.len()));
    let mut all = match sharp.is_empty() {
        true => Vec::from_iter(blurred),
        false => sharp,
    };
    all.iter_mut()
        .for_each(|points| points.elsewhere.clone_from(&elsewhere));
    match all.is_empty() {
        true => Err(DeriveError::NoEquivalent(why)),
        false => Ok(all),
    }
}

/// A point with its sizes as the limit has them, on one side of a threshold that the path does not cross: at the variable's own
/// value or where it is larger; `None` where sizes are small or large at all of these.
fn along_the_path(scope: &Scope, base: &HashMap<String, f64>) -> Option<HashMap<String, f64>> {
    let Some(limit) = &scope.limit else {
        return Some(base.clone());
    };
    let farther = |factor: &f64| {
        let mut moved = base.clone();
        if let Some(x) = moved.get_mut(&limit.variable) {
            *x = (*x * factor).round();
        }
        let at = environment(scope, &moved).ok()?;
        for (name, size) in &limit.path {
            let x = Evaluator::new(scope, &at).scalar(size).ok()?;
            if base.contains_key(name) {
                (FEWEST..MOST)
                    .contains(&x)
                    .then(|| moved.insert(name.clone(), x.round()))?;
            }
        }
        Some(moved)
    };
    FARTHER.iter().find_map(farther)
}

/// Where two numbers are one by chance, as shares of 1/2 are, symbols cannot be told from numbers.
fn all_real_are_free(scope: &Scope, points: &Points) -> bool {
    scope.symbols.iter().all(|(name, symbol)| {
        !matches!(symbol, Symbol::Real { .. }) || points.symbols.iter().any(|a| a.text == *name)
    })
}

fn around(
    scope: &Scope,
    statement: &Arc<Statement>,
    base: &HashMap<String, f64>,
    stream: &mut Stream,
) -> Result<Points, String> {
    let first = at(scope, statement, base)?;
    let mut names: Vec<&String> = base.keys().collect();
    names.sort();
    // What changes the equations themselves, such as a number of generations, would give a formula for one of its values.
    let mut free = Vec::new();
    for name in names {
        let mut moved = base.clone();
        moved.insert(name.clone(), base[name] * (1.0 + 0.5 * AROUND));
        if at(scope, statement, &moved).is_ok_and(|other| alike(&first.0, &other.0)) {
            free.push(name.clone());
        } else if !has_one_value(scope, name, &first.1)
            || sizes(scope, &moved) != sizes(scope, base)
        {
            return Err(format!(
                "the equations are others where {name} moves: it must be given a value"
            ));
        }
    }
    let mut list = vec![(first, base.clone())];
    for _ in 0..8 * POINTS {
        if list.len() == POINTS {
            break;
        }
        let mut moved = base.clone();
        for name in &free {
            let factor = 1.0 + AROUND * (2.0 * stream.uniform() - 1.0);
            moved.insert(name.clone(), base[name] * factor);
        }
        if let Ok(found) = at(scope, statement, &moved)
            && alike(&list[0].0.0, &found.0)
        {
            list.push((found, moved));
        }
    }
    if list.len() < POINTS {
        return Err("no neighbourhood of a point has the same equations".into());
    }
    let mut symbols: Vec<Atom> = Vec::new();
    for name in &free {
        symbols.push(Atom {
            text: name.clone(),
            values: list.iter().map(|((_, at), _)| at.scalars[name]).collect(),
        });
    }
    let (mut equations, mut environments) = (Vec::new(), Vec::new());
    for ((described, environment), _) in list {
        equations.push(described);
        environments.push(environment);
    }
    Ok(Points {
        described: equations,
        environments,
        statement: statement.clone(),
        symbols,
        elsewhere: Vec::new(),
    })
}

fn has_one_value(scope: &Scope, name: &str, at: &Environment<f64>) -> bool {
    let symbol = scope.symbols.iter().find(|(n, _)| n == name);
    match symbol.map(|(_, symbol)| symbol) {
        Some(Symbol::Integer { min, max }) => {
            let evaluator = Evaluator::new(scope, at);
            let (min, max) = (evaluator.scalar(min), evaluator.scalar(max));
            min.is_ok_and(|min| max.is_ok_and(|max| min == max))
        }
        _ => false,
    }
}

/// The rows of all random objects.
fn sizes(scope: &Scope, symbols: &HashMap<String, f64>) -> Option<Vec<f64>> {
    let objects: Vec<String> = scope.random.iter().map(|(name, _)| name.clone()).collect();
    Some(rows(scope, &environment(scope, symbols).ok()?, &objects))
}

fn at(
    scope: &Scope,
    statement: &Statement,
    symbols: &HashMap<String, f64>,
) -> Result<(Described, Environment<f64>), String> {
    let environment = environment(scope, symbols)?;
    let found =
        described(statement, statement.claim.lhs, &environment).map_err(|e| e.to_string())?;
    Ok((found, environment))
}

/// `Σ` of four levels, `w0` with mass on each: formulas for every spectrum hold for an isotropic one.
pub(super) fn environment(
    scope: &Scope,
    symbols: &HashMap<String, f64>,
) -> Result<Environment<f64>, String> {
    let level = |value, multiplicity, mass| Level {
        value,
        multiplicity,
        mass,
        atom: 0,
    };
    let blank = Environment {
        covariance: Covariance::explicit(vec![level(1.0, 1.0, 1.0)]).map_err(|e| e.to_string())?,
        scalars: symbols.clone(),
        draw: None,
        known: HashMap::new(),
    };
    let d = match symbols.get("d") {
        Some(d) => *d,
        None => match scope.symbols.iter().find(|(name, _)| name == "d") {
            Some((_, Symbol::Defined(body))) => Evaluator::new(scope, &blank)
                .scalar(body)
                .map_err(|e| e.to_string())?,
            _ => LARGE * symbols.values().copied().fold(1.0, f64::max),
        },
    };
    let norm2 = match &scope.setting.target {
        TargetKind::Isotropic { norm2: Some(norm2) } => Some(
            Evaluator::new(scope, &blank)
                .scalar(norm2)
                .map_err(|e| e.to_string())?,
        ),
        TargetKind::Isotropic { norm2: None } => Some(1.0),
        _ => None,
    };
    let levels = LEVELS.iter().map(|&(value, share, mass)| {
        let multiplicity = (share * d).round().max(1.0);
        level(value, multiplicity, norm2.map_or(mass, |n| n * share))
    });
    let levels: Vec<Level<f64>> = levels.collect();
    let mut scalars = symbols.clone();
    if let Some(d) = scalars.get_mut("d") {
        // What whole multiplicities make of it.
        *d = levels.iter().map(|l| l.multiplicity).sum();
    }
    let covariance = Covariance::explicit(levels).map_err(|e| e.to_string())?;
    Ok(Environment {
        covariance,
        scalars,
        ..blank
    })
}

/// Whether two systems differ in their coefficients alone.
fn alike(a: &Described, b: &Described) -> bool {
    let (x, y) = (&a.equations, &b.equations);
    // A fit that is written by rows at one point and by columns at another has its ridge in another place.
    let is_one = |coefficient: f64| coefficient.abs() == 1.0;
    let same = |p: &[crate::equivalent::pencil::Piece], q: &[crate::equivalent::pencil::Piece]| {
        p.len() == q.len()
            && p.iter().zip(q).all(|(p, q)| {
                p.variable == q.variable
                    && p.diagonal == q.diagonal
                    && is_one(p.coefficient) == is_one(q.coefficient)
            })
    };
    x.space == y.space
        && x.rows.len() == y.rows.len()
        && x.rows.iter().zip(&y.rows).all(|(p, q)| same(p, q))
        && x.outputs.len() == y.outputs.len()
        && x.outputs
            .iter()
            .zip(&y.outputs)
            .all(|(p, q)| p.1 == q.1 && same(&p.0, &q.0))
        && x.couplings.len() == y.couplings.len()
        && x.traces.len() == y.traces.len()
        && x.ridges.len() == y.ridges.len()
        && a.closings == b.closings
        && a.functions.len() == b.functions.len()
        && a.numbers.len() == b.numbers.len()
}
