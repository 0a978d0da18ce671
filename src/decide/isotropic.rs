//! Relations between expectations at finite size for isotropic inputs, any ridge and both sides of `T = d`, without noise:
//! means of resolvents come from the mean density of real Wishart matrices.
//!
//! Errors are estimated, not bounded: every sum is moved by a few times its own estimate in several patterns, and what the
//! sides move apart by is taken for the error of their difference. So nothing here proves, and a violation counts only
//! where a fresh simulation shows it too.

use super::accounting::Accounting;
use super::assignment::Assignment;
use super::gap::{Drawing, Gap, gap_with};
use super::judgement::Outcome;
use super::moments::Means;
use super::moves::{Movable, moved};
use super::problem::{Effort, Problem};
use super::sampler::Sampler;
use super::verdict::Witness;
use super::{expectation, witness};
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::formula::scope::{Scope, SpectrumKind};
use crate::term::evaluate::EvaluationError;

const METHOD: &str =
    "exact expectations at finite size (mean density of Wishart matrices, errors estimated)";

/// Sizes up to which whole numbers are drawn, in turn.
const CAPS: [f64; 4] = [6.0, 12.0, 30.0, 9.0];
/// Points that are looked at for one that this procedure knows.
const BARREN: usize = 3;
/// A discrepancy below this share of the terms, or below so many estimated errors, is none.
const SMALLEST: f64 = 1e-9;
const CLEAR: f64 = 100.0;
/// Where the error may be larger than this, nothing is said.
const RESOLVED: f64 = 1e-6;
/// Violations that simulations are asked to confirm.
const TRIED: usize = 3;

/// Both sides at a point, and the estimated error of their relative difference.
fn look(problem: &Problem<'_>, at: &Assignment) -> Result<(Gap, f64), EvaluationError> {
    let gap = |pattern| {
        let means = Some(Means { pattern });
        gap_with::<f64>(problem, at, &Drawing::default(), means)
    };
    let plain = gap(0)?;
    let mut error: f64 = 1e-13;
    for pattern in 1..=3 {
        error = error.max(2.0 * (gap(pattern)?.relative - plain.relative).abs());
    }
    Ok((plain, error))
}

/// Whether both sides differ against the claim by more than any error.
fn violates(op: RelationOp, gap: &Gap, error: f64) -> bool {
    error <= RESOLVED && gap.excess(op) > SMALLEST.max(CLEAR * error)
}

/// Decides an equality or inequality between expectations where inputs are isotropic; silence where no mean is known.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    match problem.scope.setting.spectrum {
        SpectrumKind::Isotropic => looked_at(problem, problem, accounting),
        _ => Outcome::Silence(None),
    }
}

/// Looks whether a claim about any covariance fails for isotropic inputs: simulations see no thousandths. Silence where it
/// does not.
pub fn attempt_special_case(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    let Some(scope) = special_case(problem.scope) else {
        return Outcome::Silence(None);
    };
    let special = Problem {
        scope: &scope,
        effort: Effort::Quick,
        known: Vec::new(),
        ..problem.clone()
    };
    match looked_at(problem, &special, accounting) {
        // What was seen there and not confirmed is a doubt that others may settle.
        Outcome::Evidence { .. } => Outcome::Silence(None),
        found => found,
    }
}

/// Any covariance may be the identity.
pub fn special_case(scope: &Scope) -> Option<Scope> {
    matches!(scope.setting.spectrum, SpectrumKind::Any).then(|| {
        let mut scope = scope.clone();
        scope.setting.spectrum = SpectrumKind::Isotropic;
        scope
    })
}

/// A witness of the special case as one of the claim.
pub fn of_any_covariance(problem: &Problem<'_>, found: &Witness) -> Option<Witness> {
    let at = found.exact.as_ref()?.place(problem, &sampler(problem, 2))?;
    let mut general = witness::describe(&at, problem.scope, found.lhs, found.rhs);
    witness::trim(&mut general, problem);
    Some(Witness {
        symbols: general.symbols,
        spectrum: general.spectrum,
        target: general.target,
        negative: general.negative,
        spectrum_levels: general.spectrum_levels,
        exact: general.exact,
        ..found.clone()
    })
}

/// A point, what lies between the sides there, and the error of that.
type Looked = (Assignment, Gap, f64);

/// Looks at a point and keeps it.
fn visit(
    problem: &Problem<'_>,
    at: Assignment,
    kind: &'static str,
    accounting: &mut Accounting,
    seen: &mut Vec<Looked>,
) {
    let op = problem.says.op;
    match look(problem, &at) {
        Ok((gap, error)) if error <= RESOLVED => {
            accounting.evaluated(&at, kind);
            let excess = gap.excess(op);
            let equality = op == RelationOp::Eq;
            accounting.saw(if equality { excess } else { -excess }, equality);
            let detects = accounting.detects.unwrap_or(0.0);
            accounting.detects = Some(detects.max(SMALLEST.max(CLEAR * error)));
            seen.push((at, gap, error));
        }
        Ok(_) => accounting.unresolved("the sides cancel".into(), false),
        Err(EvaluationError::Undefined(what)) => accounting.undefined(what),
        Err(EvaluationError::Unresolved(what)) => accounting.unresolved(what, false),
        Err(other) => accounting.unsupported(other.to_string()),
    }
}

/// Inequalities: the corners beside the points nearest to violation, then random moves from these.
fn search(
    problem: &Problem<'_>,
    moves: usize,
    accounting: &mut Accounting,
    seen: &mut Vec<Looked>,
) {
    const STARTS: usize = 3;
    let op = problem.says.op;
    let sampler = sampler(problem, 2);
    let reserve = budget::left() / 2;
    let mut starts: Vec<(Assignment, f64)> = (seen.iter())
        .map(|(at, gap, _)| (at.clone(), gap.excess(op)))
        .collect();
    starts.sort_by(|a, b| b.1.total_cmp(&a.1));
    starts.truncate(STARTS);
    for at in starts.iter().flat_map(|(at, _)| sampler.vertices(at)) {
        if budget::left() > reserve {
            visit(problem, at, "tight", accounting, seen);
        }
    }
    for (which, (mut at, mut best)) in starts.into_iter().enumerate() {
        let mut stream = problem.stream(5000 + which as u64);
        let mut step = 0.7;
        for _ in 0..moves {
            if budget::left() < reserve {
                return;
            }
            let Some(trial) = moved(&at, &sampler, &mut stream, step, Movable::All) else {
                continue;
            };
            let before = seen.len();
            visit(problem, trial, "search", accounting, seen);
            match seen.get(before) {
                Some((trial, gap, error)) => {
                    let excess = gap.excess(op);
                    if violates(op, gap, *error) {
                        return;
                    }
                    if excess > best {
                        (at, best, step) = (trial.clone(), excess, f64::min(step * 1.3, 2.0));
                    } else {
                        step = f64::max(step * 0.9, 0.05);
                    }
                }
                None => step = f64::max(step * 0.9, 0.05),
            }
        }
    }
}

/// `problem` is the claim where its points are drawn; `claim` is as it stands in the file.
fn looked_at(claim: &Problem<'_>, problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    let op = problem.says.op;
    let wanted = match problem.effort {
        Effort::Quick => 12,
        Effort::Normal => 36,
        Effort::Thorough => 300,
    };
    let mut seen: Vec<Looked> = Vec::new();
    for index in 0..3 * wanted {
        if seen.len() >= wanted || seen.is_empty() && accounting.unsupported > BARREN {
            break;
        }
        let sampler = sampler(problem, index);
        let mut stream = problem.stream(index as u64);
        let Some((at, corner)) = sampler.point(&mut stream, index as u64) else {
            continue;
        };
        visit(problem, at, corner.name(), accounting, &mut seen);
    }
    if op != RelationOp::Eq && accounting.unsupported == 0 {
        search(problem, wanted, accounting, &mut seen);
    }
    // Where some of the domain is beyond this procedure, simulations see all of it.
    if seen.is_empty() || accounting.unsupported > 0 {
        return Outcome::Silence(None);
    }
    seen.sort_by(|a, b| b.1.excess(op).total_cmp(&a.1.excess(op)));
    let against: Vec<_> = (seen
        .iter()
        .filter(|(_, gap, error)| violates(op, gap, *error)))
    .take(TRIED)
    .cloned()
    .collect();
    for (at, gap, _) in &against {
        match refute(claim, problem, at, gap) {
            Ok(outcome) => {
                let excess = gap.excess(op);
                let equality = op == RelationOp::Eq;
                accounting.worst = Some(if equality { excess } else { -excess });
                return outcome;
            }
            Err(reason) => accounting.veto(reason),
        }
    }
    if against.is_empty() {
        for (at, gap, _) in seen.iter().step_by(7).take(2) {
            if let Err(reason) = expectation::agrees_with(problem, at, gap) {
                accounting.veto(reason);
            }
        }
    }
    Outcome::Evidence {
        method: METHOD.into(),
    }
}

fn sampler<'a>(problem: &Problem<'a>, index: usize) -> Sampler<'a> {
    let sides = [&problem.says.lhs, &problem.says.rhs];
    Sampler::new(problem.scope, &sides, CAPS[index % CAPS.len()])
}

/// The witness of a violation that a simulation shows as well.
fn refute(
    claim: &Problem<'_>,
    problem: &Problem<'_>,
    at: &Assignment,
    gap: &Gap,
) -> Result<Outcome, String> {
    let op = problem.says.op;
    let clear = 0.2 * gap.excess(op);
    let simple = witness::shrink(at, &sampler(problem, 2), |trial| {
        look(problem, trial)
            .is_ok_and(|(gap, error)| violates(op, &gap, error) && gap.excess(op) >= clear)
    });
    let mut last = String::new();
    for place in [&simple, at] {
        let (gap, _) = look(problem, place).map_err(|error| error.to_string())?;
        match expectation::shown_with(problem, place, &gap)? {
            Some(confirmed_by) => {
                let mut found = witness::describe(place, claim.scope, gap.lhs, gap.rhs);
                witness::trim(&mut found, claim);
                found.difference = Some(gap.difference);
                found.confirmed_by = confirmed_by;
                return Ok(Outcome::Witness {
                    method: METHOD.into(),
                    witness: Box::new(found),
                });
            }
            None => {
                last = format!(
                    "exact expectations differ by a share of {:.1e}, which no simulation was long enough to show",
                    gap.excess(op)
                );
            }
        }
    }
    Err(last)
}
