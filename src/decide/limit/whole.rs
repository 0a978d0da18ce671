//! The whole domain at once: cells of exponents, with failures confirmed by the expansions at their points.

use super::super::assignment::Assignment;
use super::super::cells::{self, Cover, Extent, Failing};
use super::super::equivalents::to_infinity;
use super::super::path::Path;
use super::super::problem::{Effort, Problem};
use super::super::sampler::{Corner, Sampler};
use super::super::trend::{self, Station, Trend};
use super::found::{BY_CELLS, Failure, Found};
use super::station::{ladder, thinned};
use super::symbolic::{Symbolic, by_germs, symbolically_false};
use crate::formula::scope::Limit;

/// Failing cells that are visited before their failures count as unconfirmed.
const VISITED: usize = 12;

pub(super) enum Whole {
    /// Every cell is settled, and the relation holds in all of them.
    Covered(usize),
    Fails {
        failure: Box<Failure>,
        holds_where: Option<String>,
    },
    /// A part of the domain speaks against the claim, without a second witness.
    Vetoed(String),
    /// Points must do; why, where orders of growth got somewhere.
    Open(Option<String>),
}

pub(super) fn by_cells(problem: &Problem<'_>, sampler: &Sampler<'_>, limit: &Limit) -> Whole {
    if problem.random || problem.expectation {
        return Whole::Open(None);
    }
    let Ok(statement) = problem.statement() else {
        return Whole::Open(None);
    };
    // Where a failure is all that is wanted, what holds instead is not looked for.
    let extent = match problem.effort {
        Effort::Quick => Extent::FirstFailure,
        Effort::Normal | Effort::Thorough => Extent::Whole,
    };
    let cover = match cells::cover(statement, extent) {
        Ok(cover) => cover,
        Err(error) => return Whole::Open(Some(error.to_string())),
    };
    if cover.proves() {
        return Whole::Covered(cover.holds);
    }
    match confirmed(problem, sampler, limit, &cover) {
        Some(Ok(failure)) => Whole::Fails {
            failure,
            holds_where: cover.holds_where,
        },
        Some(Err(what)) => Whole::Vetoed(what),
        None => Whole::Open(left_open(&cover)),
    }
}

/// What keeps a cover from being a proof.
fn left_open(cover: &Cover) -> Option<String> {
    let undefined = || cover.undefined.first().map(|failing| &failing.what);
    let first = cover.open.first().or_else(undefined)?;
    let open = cover.open.len() + cover.undefined.len();
    Some(format!(
        "{} of {} cells are open: {first}",
        open,
        open + cover.holds
    ))
}

/// A failing cell whose point fails by other means too; `None` where no cell fails.
fn confirmed(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    limit: &Limit,
    cover: &Cover,
) -> Option<Result<Box<Failure>, String>> {
    let mut doubt = None;
    for (index, failing) in cover.fails.iter().take(VISITED).enumerate() {
        let Some(base) = inside(problem, sampler, failing, index) else {
            continue;
        };
        let Ok(path) = Path::new(problem.scope, limit, &base) else {
            continue;
        };
        match by_germs(problem, &path) {
            Symbolic::Fails(what) => {
                if let Some(failure) = by_expansions(problem, &path, what) {
                    return Some(Ok(failure));
                }
            }
            // the point may be excluded
            _ if failing.doubtful => {}
            // the two disagree: neither counts
            Symbolic::Holds(_) | Symbolic::Excluded | Symbolic::Undefined(_) => {
                doubt = Some(unconfirmed(&format!(
                    "orders of growth find a failure ({}), expansions none",
                    failing.what
                )));
            }
            Symbolic::Undecided(_) => {
                let (stations, seen) = numbers(problem, &path);
                if let Trend::Fails(excess, seen) = seen {
                    return Some(Ok(Box::new(Failure {
                        assignment: base,
                        excess,
                        points: thinned(&stations),
                        what: failing.what.clone(),
                        estimate: None,
                        confirmed_by: format!("numbers along the path: {seen}"),
                        how: BY_CELLS,
                    })));
                }
                doubt = Some(unconfirmed(&failing.what));
            }
        }
    }
    // of cells that orders leave open, as where two terms are of one, the expansions may know more
    for (index, open) in cover.unsettled.iter().take(VISITED).enumerate() {
        let base = inside(problem, sampler, open, VISITED + index);
        let path = base.and_then(|base| Path::new(problem.scope, limit, &base).ok());
        let Some(path) = path else { continue };
        match by_germs(problem, &path) {
            Symbolic::Fails(what) => {
                if let Some(failure) = by_expansions(problem, &path, what) {
                    return Some(Ok(failure));
                }
            }
            // Points drawn at random may all lie in other cells.
            Symbolic::Undecided(what) if !open.thin => {
                if !matches!(numbers(problem, &path).1, Trend::Holds(_)) {
                    let at = open.point.iter().map(|(name, x)| format!("{name} = {x}"));
                    let at = at.collect::<Vec<_>>().join(", ");
                    doubt = Some(format!("nothing decides it at {at}, and nearby: {what}"));
                }
            }
            _ => {}
        }
    }
    doubt.map(Err)
}

fn by_expansions(problem: &Problem<'_>, path: &Path<'_>, what: String) -> Option<Box<Failure>> {
    match symbolically_false(problem, path, what) {
        Found::Fails(mut failure) => {
            failure.how = BY_CELLS;
            Some(failure)
        }
        _ => None,
    }
}

/// Numbers along a path, and what they say of the relation.
fn numbers(problem: &Problem<'_>, path: &Path<'_>) -> (Vec<Station>, Trend) {
    let stations = ladder(problem, path).unwrap_or_default();
    let seen = trend::read(problem.says.op, &stations, to_infinity(problem));
    (stations, seen)
}

fn unconfirmed(what: &str) -> String {
    format!("a failure that is not confirmed: {what}")
}

/// A point of the domain with the parameters of a cell.
fn inside(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    cell: &Failing,
    index: usize,
) -> Option<Assignment> {
    let mut stream = problem.stream(1 << 32 | index as u64);
    let mut base = sampler.draw(&mut stream, Corner::Inside)?;
    for (name, value) in &cell.point {
        base.symbols.insert(name.clone(), value.clone());
    }
    Some(base)
}
