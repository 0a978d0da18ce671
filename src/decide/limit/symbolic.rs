//! Limits decided by the leading terms of both sides.

use super::super::equivalents::{BLURRED, to_infinity};
use super::super::path::Path;
use super::super::problem::Problem;
use super::super::trend::{self, Trend};
use super::found::{BY_GERMS, Failure, Found};
use super::station::{beside_failure, thinned};
use crate::term::asymptotic::{self, AsymptoticError, LevelShare};

pub(super) enum Symbolic {
    /// With the smallest discrepancy that would have been seen.
    Holds(f64),
    Fails(String),
    /// The assumptions fail from some station on.
    Excluded,
    Undecided(String),
    /// A side has no value along the limit.
    Undefined(String),
}

/// The relation between the leading terms, where the calculus of germs reaches.
pub(super) fn by_germs(problem: &Problem<'_>, path: &Path<'_>) -> Symbolic {
    let base = path.base();
    let levels: Vec<LevelShare> = base
        .spectrum
        .iter()
        .map(|l| (l.value.clone(), l.share.clone(), l.mass.clone()))
        .collect();
    let open = |error: AsymptoticError| match error {
        AsymptoticError::Undefined(what) => Symbolic::Undefined(what),
        other => Symbolic::Undecided(other.to_string()),
    };
    let statement = match problem.statement() {
        Ok(statement) => statement,
        Err(error) => return Symbolic::Undecided(error.message.clone()),
    };
    let point = match asymptotic::point(statement, &base.symbols, &levels) {
        Ok(point) => point,
        Err(error) => return open(error),
    };
    for assumption in &statement.assumptions {
        match asymptotic::eventually(statement, assumption, &point) {
            Ok(true) => {}
            Ok(false) => return Symbolic::Excluded,
            Err(error) => return open(error),
        }
    }
    match asymptotic::decide(statement, &point) {
        Ok(decision) if decision.holds => Symbolic::Holds(decision.detects),
        Ok(decision) => Symbolic::Fails(format!(
            "{}: the left side is {}, the right side {}",
            decision.explanation, decision.lhs, decision.rhs
        )),
        Err(error) => open(error),
    }
}

/// A failure of leading terms, with numbers along the ladder beside it, where they can be had.
pub(super) fn symbolically_false(problem: &Problem<'_>, path: &Path<'_>, what: String) -> Found {
    let mut stations = beside_failure(problem, path).unwrap_or_default();
    // What is lost in rounding shows nothing.
    stations.retain(|station| station.error < BLURRED);
    let (excess, seen) = match trend::read(problem.says.op, &stations, to_infinity(problem)) {
        Trend::Fails(excess, seen) => (excess, format!(", and numbers along the path: {seen}")),
        _ => (0.0, String::new()),
    };
    Found::Fails(Box::new(Failure {
        assignment: path.base().clone(),
        excess,
        points: thinned(&stations),
        what,
        estimate: None,
        confirmed_by: format!("exact orders and constants of the leading terms{seen}"),
        how: BY_GERMS,
    }))
}
