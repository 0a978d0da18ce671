//! Limits decided by the leading terms of both sides.

use super::super::path::Path;
use super::super::problem::Problem;
use super::super::trend::{self, Trend};
use super::{BY_GERMS, Failure, Found, has_extremum, ladder, thinned, to_infinity};
use crate::formula::asymptotic::{self, LevelShare};

pub(super) enum Symbolic {
    Holds,
    Fails(String),
    /// The assumptions fail from some station on.
    Excluded,
    Undecided,
}

/// The relation between the leading terms, where the calculus of germs reaches.
pub(super) fn by_germs(problem: &Problem<'_>, path: &Path<'_>) -> Symbolic {
    let base = path.base();
    let levels: Vec<LevelShare> = base
        .spectrum
        .iter()
        .map(|l| (l.value.clone(), l.share.clone(), l.mass.clone()))
        .collect();
    let Ok(point) = asymptotic::point(problem.scope, &base.symbols, &levels) else {
        return Symbolic::Undecided;
    };
    for assumption in &problem.scope.assumptions {
        match asymptotic::eventually(assumption, problem.scope, &point) {
            Ok(true) => {}
            Ok(false) => return Symbolic::Excluded,
            Err(_) => return Symbolic::Undecided,
        }
    }
    match asymptotic::decide(problem.says, problem.scope, &point) {
        Ok(decision) if decision.holds => Symbolic::Holds,
        Ok(decision) => Symbolic::Fails(format!(
            "{}: the left side is {}, the right side {}",
            decision.explanation, decision.lhs, decision.rhs
        )),
        Err(_) => Symbolic::Undecided,
    }
}

/// The first few points are evaluated along the ladder too: steady drift there would be a contradiction.
pub(super) fn symbolically_true(problem: &Problem<'_>, path: &Path<'_>, earlier: usize) -> Found {
    const LOOKED_AT: usize = 4;
    const STEEP: f64 = 0.1;
    let mut distance = 0.0;
    if earlier < LOOKED_AT
        && !has_extremum(problem)
        && let Ok(stations) = ladder(problem, path)
    {
        match trend::read(problem.says.op, &stations, to_infinity(problem)) {
            Trend::Fails(excess, what) if excess > STEEP => {
                return Found::Unclear(format!("leading terms agree, numbers do not: {what}"));
            }
            Trend::Holds(left) => distance = left,
            _ => {}
        }
    }
    Found::Holds {
        distance,
        detects: 0.0,
        how: BY_GERMS,
    }
}

/// A failure of leading terms, with numbers along the ladder as its witness.
pub(super) fn symbolically_false(problem: &Problem<'_>, path: &Path<'_>, what: String) -> Found {
    let stations = match ladder(problem, path) {
        Ok(stations) if !stations.is_empty() => stations,
        Ok(_) => return Found::Unclear("no station of the path has values".into()),
        Err(error) => return Found::Unclear(error.to_string()),
    };
    let trend = trend::read(problem.says.op, &stations, to_infinity(problem));
    let seen = match &trend {
        Trend::Fails(_, seen) => format!("numbers along the path: {seen}"),
        Trend::Unclear(_) => "numbers along the path, which do not contradict it".into(),
        Trend::Holds(left) if *left > 1e-7 => {
            "numbers along the path, which do not contradict it".into()
        }
        Trend::Holds(_) => {
            return Found::Unclear(format!("leading terms disagree, numbers do not: {what}"));
        }
    };
    let excess = match trend {
        Trend::Fails(excess, _) => excess,
        _ => 0.0,
    };
    Found::Fails(Box::new(Failure {
        assignment: path.base().clone(),
        excess,
        points: thinned(&stations),
        what,
        estimate: None,
        confirmed_by: format!("exact exponents of the leading terms, and {seen}"),
        how: BY_GERMS,
    }))
}
