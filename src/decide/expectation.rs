//! Relations between expectations at finite size, by sequential Monte Carlo.
//!
//! Every replicate draws all random objects once and evaluates every `E[…]` of the claim on that draw; the
//! discrepancy `lhs − rhs` is a function of the means, its standard error follows by linearisation. A first
//! simulation proposes a violation, a second and larger one, on fresh random numbers, must confirm it.

use super::accounting::{Accounting, power};
use super::assignment::Assignment;
use super::estimate::{Estimate, Estimator};
use super::gap::{Drawing, Gap, gap_at};
use super::judgement::Outcome;
use super::problem::{Effort, Problem};
use super::sampler::Sampler;
use super::verdict::Witness;
use super::{search, witness};
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::simulate::Stream;
use crate::term::evaluate::EvaluationError;

/// Standard errors that propose a violation, and that confirm it on fresh random numbers. Under a true claim
/// the two together happen with probability 10⁻⁹ a point.
const PROPOSE: f64 = 4.0;
const CONFIRM: f64 = 4.5;
/// A proposed violation is taken for chance where fresh and more random numbers show less than this.
const DISMISSED: f64 = 2.5;
const METHOD: &str = "Monte Carlo at finite size";

/// Sizes up to which whole numbers are drawn, in turn.
const CAPS: [f64; 4] = [6.0, 12.0, 30.0, 9.0];

/// Streams of the points at which a claim was refuted before.
const KNOWN: u64 = 1 << 20;

const ALIKE: &str = "the sides of a strict inequality are equal but for rounding";

/// Rough looks for each point, the replicates of one, and their streams.
const SCOUTED: u64 = 8;
const GLANCE: usize = 60;
const SCOUTS: u64 = 1 << 16;

/// What one claim may spend.
struct Plan {
    points: u64,
    replicates: usize,
    /// Units of work (roughly multiplications) a point.
    work: f64,
    moves: usize,
}

impl Plan {
    fn of(effort: Effort) -> Self {
        match effort {
            Effort::Quick => Plan {
                points: 6,
                replicates: 1000,
                work: 2e7,
                moves: 6,
            },
            Effort::Normal => Plan {
                points: 14,
                replicates: 3000,
                work: 6e7,
                moves: 24,
            },
            Effort::Thorough => Plan {
                points: 40,
                replicates: 40_000,
                work: 2e9,
                moves: 120,
            },
        }
    }
}

/// By how many standard errors, and by how much relatively, an estimate violates the relation.
pub fn violation(op: RelationOp, estimate: &Estimate) -> (f64, f64) {
    let (z, relative) = (estimate.z(), estimate.gap / estimate.scale);
    match op {
        RelationOp::Le | RelationOp::Lt => (z, relative),
        RelationOp::Ge | RelationOp::Gt => (-z, -relative),
        _ => (z.abs(), relative.abs()),
    }
}

/// The claim where it was refuted before.
fn revisited(problem: &Problem<'_>, plan: &Plan, accounting: &mut Accounting) -> Option<Outcome> {
    let sampler = sampler(problem, CAPS[2]);
    problem
        .known
        .iter()
        .enumerate()
        .find_map(|(number, point)| {
            let index = KNOWN + number as u64;
            let at = point.place(problem, &sampler)?;
            let estimate = simulate(problem, &at, plan.replicates, plan.work, index).ok()?;
            confirmed(problem, &sampler, &at, &estimate, plan, index, accounting)
        })
}

/// Decides an equality or inequality that contains `E[…]`.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    accounting.simulated = Some(power(problem.says.op));
    let plan = Plan::of(problem.effort);
    let op = problem.says.op;
    let mut tested: Vec<Tested> = Vec::new();
    if let Some(outcome) = revisited(problem, &plan, accounting) {
        return outcome;
    }
    for index in 0..2 * plan.points {
        if tested.len() as u64 >= plan.points {
            break;
        }
        let sampler = sampler(problem, CAPS[index as usize % CAPS.len()]);
        let mut stream = problem.stream(index);
        let Some((assignment, corner)) = sampler.point(&mut stream, index) else {
            continue;
        };
        match simulate(problem, &assignment, plan.replicates, plan.work, index) {
            Ok(estimate) => {
                let (z, _) = violation(op, &estimate);
                if let Some(outcome) = confirmed(
                    problem,
                    &sampler,
                    &assignment,
                    &estimate,
                    &plan,
                    index,
                    accounting,
                ) {
                    return outcome;
                }
                if estimate.heavy {
                    accounting
                        .undefined("an expectation whose variance is infinite or nearly so".into());
                } else if !is_told_apart(problem, &assignment, &estimate) {
                    accounting.unresolved(ALIKE.into(), false);
                } else {
                    accounting.evaluated(&assignment, corner.name());
                    tested.push((z, assignment, estimate));
                }
            }
            Err(EvaluationError::Undefined(what)) => accounting.undefined(what),
            Err(other) => accounting.unsupported(other.to_string()),
        }
    }
    if let Some(outcome) = scout(problem, &plan, &mut tested, accounting) {
        return outcome;
    }
    if op != RelationOp::Eq {
        if let Some(outcome) = search_nearby(problem, &plan, &mut tested, accounting) {
            return outcome;
        }
    } else if let Some(outcome) = look_again(problem, &plan, &mut tested, accounting) {
        return outcome;
    }
    if let Some(outcome) = sharpen(problem, &plan, &mut tested, accounting) {
        return outcome;
    }
    let mut sizes: Vec<f64> = tested.iter().map(|(_, _, e)| resolution(e)).collect();
    sizes.sort_by(f64::total_cmp);
    accounting.detects = sizes.get(sizes.len() / 2).copied();
    for (_, _, estimate) in &tested {
        let relative = violation(op, estimate).1;
        let equality = op == RelationOp::Eq;
        accounting.saw(if equality { relative } else { -relative }, equality);
    }
    Outcome::Evidence {
        method: METHOD.into(),
    }
}

/// A strict inequality holds where its sides differ by more than rounding.
fn is_told_apart(problem: &Problem<'_>, at: &Assignment, estimate: &Estimate) -> bool {
    let strict = matches!(problem.says.op, RelationOp::Lt | RelationOp::Gt);
    let resolves = || Estimator::new(problem, at).and_then(|e| e.resolves(at, estimate.gap));
    !strict || resolves().unwrap_or(false)
}

/// A rough look at many more points; those that look worst are simulated like the others.
fn scout(
    problem: &Problem<'_>,
    plan: &Plan,
    tested: &mut Vec<Tested>,
    accounting: &mut Accounting,
) -> Option<Outcome> {
    let op = problem.says.op;
    let mut seen: Vec<(f64, f64, Assignment, &'static str)> = Vec::new();
    let budget = budget::left();
    for number in 0..SCOUTED * plan.points {
        // The rest is for what looks worst, and for the search.
        if budget::left() < budget / 4 * 3 {
            break;
        }
        let index = SCOUTS + number;
        let sampler = sampler(problem, CAPS[number as usize % CAPS.len()]);
        let mut stream = problem.stream(index);
        let Some((at, corner)) = sampler.point(&mut stream, index) else {
            continue;
        };
        let look = Estimator::new(problem, &at).and_then(|estimator| {
            let affordable = 0.5 * plan.work / SCOUTED as f64 / estimator.work_per_replicate();
            estimator.run((affordable as usize).clamp(20, GLANCE), index)
        });
        if let Ok(estimate) = look
            && !estimate.heavy
        {
            let (z, relative) = violation(op, &estimate);
            seen.push((z, relative, at, corner.name()));
        }
    }
    // By how sure it looks and by how much it is: a point may be worst in either.
    let worst = |by: fn(&(f64, f64, Assignment, &'static str)) -> f64| {
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|&i, &j| by(&seen[j]).total_cmp(&by(&seen[i])));
        order.truncate(plan.points as usize / 4 + 1);
        order
    };
    let mut chosen = worst(|look| look.0);
    chosen.extend(worst(|look| look.1));
    chosen.sort_unstable();
    chosen.dedup();
    for i in chosen {
        let (_, _, at, corner) = &seen[i];
        let index = SCOUTS / 2 + i as u64;
        let Ok(estimate) = simulate(problem, at, plan.replicates, plan.work, index) else {
            continue;
        };
        let sampler = sampler(problem, CAPS[1]);
        let found = confirmed(problem, &sampler, at, &estimate, plan, index, accounting);
        if found.is_some() {
            return found;
        }
        if !estimate.heavy {
            accounting.evaluated(at, corner);
            tested.push((violation(op, &estimate).0, at.clone(), estimate));
        }
    }
    None
}

/// More work where the first look was least precise or least favourable.
fn look_again(
    problem: &Problem<'_>,
    plan: &Plan,
    tested: &mut [Tested],
    accounting: &mut Accounting,
) -> Option<Outcome> {
    tested.sort_by(|a, b| b.0.total_cmp(&a.0));
    let sampler = sampler(problem, CAPS[2]);
    tested
        .iter()
        .take(3)
        .enumerate()
        .find_map(|(rank, (_, at, _))| {
            let index = 1000 + rank as u64;
            let (replicates, work) = (3 * plan.replicates, 3.0 * plan.work);
            let estimate = simulate(problem, at, replicates, work, index).ok()?;
            confirmed(problem, &sampler, at, &estimate, plan, index, accounting)
        })
}

/// A point, how many standard errors it lies beyond the claim, and the estimate there.
type Tested = (f64, Assignment, Estimate);

/// Whether a simulation is compatible with the exact moments at a point; if not, one of the two is wrong.
pub fn agrees(problem: &Problem<'_>, at: &Assignment) -> Result<(), String> {
    match gap_at::<f64>(problem, at, &Drawing::default()) {
        Ok(exact) => agrees_with(problem, at, &exact),
        Err(_) => Ok(()),
    }
}

/// The same of both sides as they were computed without simulation.
pub fn agrees_with(problem: &Problem<'_>, at: &Assignment, exact: &Gap) -> Result<(), String> {
    const REPLICATES: usize = 1500;
    const APART: f64 = 6.0;
    let plan = Plan::of(Effort::Quick);
    let Ok(estimate) = simulate(problem, at, REPLICATES, plan.work, 1 << 30) else {
        return Ok(());
    };
    // Of matrices the estimate shows one direction alone.
    let apart = (estimate.gap - exact.difference).abs();
    if !exact.is_matrix
        && !estimate.heavy
        && apart > APART * estimate.standard_error.max(1e-9 * estimate.scale)
    {
        return Err(format!(
            "exact moments and a simulation differ by {:.1} standard errors",
            apart / estimate.standard_error
        ));
    }
    Ok(())
}

/// A violation that exact moments show, in a simulation: how it shows there, or nothing if it is too small to.
///
/// # Errors
/// If the simulation contradicts the moments.
pub fn shown(problem: &Problem<'_>, at: &Assignment) -> Result<Option<String>, String> {
    match simulated(problem, at) {
        Some(shown) => Ok(Some(shown)),
        None => agrees(problem, at).map(|()| None),
    }
}

/// The same of both sides as they were computed without simulation.
pub fn shown_with(
    problem: &Problem<'_>,
    at: &Assignment,
    exact: &Gap,
) -> Result<Option<String>, String> {
    let shown = simulated(problem, at);
    agrees_with(problem, at, exact).map(|()| shown)
}

/// How a violation shows in a simulation.
fn simulated(problem: &Problem<'_>, at: &Assignment) -> Option<String> {
    let plan = Plan::of(problem.effort);
    let op = problem.says.op;
    if let Ok(estimate) = simulate(problem, at, 4 * plan.replicates, 2.0 * plan.work, 1 << 31)
        && convincing(op, &estimate, CONFIRM)
    {
        let (z, _) = violation(op, &estimate);
        return Some(format!(
            "a simulation of {} replicates: the sides differ by {z:.1} standard errors",
            estimate.replicates
        ));
    }
    None
}

fn sampler<'a>(problem: &Problem<'a>, cap: f64) -> Sampler<'a> {
    Sampler::new(problem.scope, &[&problem.says.lhs, &problem.says.rhs], cap)
}

/// `replicates` of them, fewer where one is expensive.
fn simulate(
    problem: &Problem<'_>,
    assignment: &Assignment,
    replicates: usize,
    work: f64,
    batch: u64,
) -> Result<Estimate, EvaluationError> {
    let estimator = Estimator::new(problem, assignment)?;
    let affordable = (work / estimator.work_per_replicate()) as usize;
    estimator.run(replicates.min(affordable).max(200), batch)
}

/// A violation proposed by `estimate`, if a larger simulation on fresh numbers confirms it.
fn confirmed(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    assignment: &Assignment,
    estimate: &Estimate,
    plan: &Plan,
    batch: u64,
    accounting: &mut Accounting,
) -> Option<Outcome> {
    let op = problem.says.op;
    if !convincing(op, estimate, PROPOSE) {
        return None;
    }
    let fresh = |assignment: &Assignment, factor: usize, salt: u64| {
        let work = factor as f64 * plan.work;
        simulate(
            problem,
            assignment,
            factor * plan.replicates,
            work,
            batch + salt,
        )
        .ok()
    };
    // A difference that double precision itself makes is none.
    let sound = |at: &Assignment, gap: f64| {
        Estimator::new(problem, at)
            .and_then(|e| e.resolves(at, gap))
            .unwrap_or(false)
    };
    if !sound(assignment, estimate.gap) {
        accounting.veto("a violation was seen that rounding may have made".into());
        return None;
    }
    let second = fresh(assignment, 4, 1 << 20)?;
    if !convincing(op, &second, CONFIRM) {
        // Chance, if it is gone; more than that if it is not.
        let (z, relative) = violation(op, &second);
        if z > DISMISSED && relative > 1e-9 {
            accounting.veto(format!(
                "a violation of {:.1} standard errors was seen, of {z:.1} on fresh random numbers",
                violation(op, estimate).0
            ));
        }
        return None;
    }
    let mut attempts = 0;
    let simple = witness::shrink(assignment, sampler, |trial| {
        attempts += 1;
        attempts <= 30
            && fresh(trial, 1, 1 << 21).is_some_and(|e| {
                convincing(op, &e, 1.5 * CONFIRM)
                    && sound(trial, e.gap)
                    && violation(op, &e).1 >= 0.3 * violation(op, &second).1
            })
    });
    let last = fresh(&simple, 4, 1 << 22).filter(|e| convincing(op, e, CONFIRM));
    let (at, last) = match last {
        Some(last) => (&simple, last),
        None => (assignment, second),
    };
    let (z, relative) = violation(op, &last);
    let mut found = witness::describe(at, problem.scope, last.lhs, last.rhs);
    witness::trim(&mut found, problem);
    record(&mut found, &last);
    found.confirmed_by = format!(
        "a fresh simulation of {} replicates: the sides differ by {z:.1} standard errors",
        last.replicates
    );
    let equality = op == RelationOp::Eq;
    accounting.worst = Some(if equality { relative } else { -relative });
    accounting.detects = Some(resolution(&last));
    Some(Outcome::Witness {
        method: METHOD.into(),
        witness: Box::new(found),
    })
}

pub fn record(witness: &mut Witness, estimate: &Estimate) {
    witness.standard_error = Some(estimate.standard_error);
    witness.replicates = Some(estimate.replicates as u64);
}

/// A violation that its own tails do not cast doubt on: the sample must be far from infinite variance, unless
/// every draw lies on the violating side's safe end (an expectation of non-negative terms is underestimated,
/// never overestimated, by what is missing of its upper tail).
fn convincing(op: RelationOp, estimate: &Estimate, threshold: f64) -> bool {
    let (z, relative) = violation(op, estimate);
    if !(z > threshold && relative > 1e-9) {
        return false;
    }
    !estimate.heavy || estimate.lower_bound_excess(op) > threshold
}

/// Inequalities: from the points nearest to violation, random moves judged on common random numbers.
fn search_nearby(
    problem: &Problem<'_>,
    plan: &Plan,
    tested: &mut Vec<Tested>,
    accounting: &mut Accounting,
) -> Option<Outcome> {
    let op = problem.says.op;
    let sampler = sampler(problem, CAPS[1]);
    tested.sort_by(|a, b| violation(op, &b.2).1.total_cmp(&violation(op, &a.2).1));
    let starts: Vec<(Assignment, f64)> = tested
        .iter()
        .take(2)
        .map(|(_, a, e)| (a.clone(), violation(op, e).1))
        .collect();
    for (which, (mut at, mut best)) in starts.into_iter().enumerate() {
        let mut stream: Stream = problem.stream(5000 + which as u64);
        let mut step = 0.7;
        for attempt in 0..plan.moves {
            let Some(trial) = search::moved(&at, &sampler, &mut stream, step) else {
                continue;
            };
            let batch = 2000 + which as u64;
            let Ok(estimate) =
                simulate(problem, &trial, plan.replicates / 3, plan.work / 3.0, batch)
            else {
                continue;
            };
            accounting.evaluated(&trial, "search");
            let salt = 3000 + (which * plan.moves + attempt) as u64;
            let found = confirmed(problem, &sampler, &trial, &estimate, plan, salt, accounting);
            if found.is_some() {
                return found;
            }
            let (z, excess) = violation(op, &estimate);
            if !estimate.heavy && excess > best {
                (best, at, step) = (excess, trial.clone(), f64::min(step * 1.3, 2.0));
            } else {
                step = f64::max(step * 0.9, 0.05);
            }
            if !estimate.heavy {
                tested.push((z, trial, estimate));
            }
        }
    }
    None
}

/// The relative discrepancy that an estimate would have shown.
fn resolution(estimate: &Estimate) -> f64 {
    PROPOSE * estimate.standard_error / estimate.scale
}

/// Where most points could not have shown a discrepancy that matters: more replicates, where fewest more are
/// needed, as far as as much work again allows.
fn sharpen(
    problem: &Problem<'_>,
    plan: &Plan,
    tested: &mut [Tested],
    accounting: &mut Accounting,
) -> Option<Outcome> {
    const MOST: f64 = 30.0;
    let power = power(problem.says.op);
    let sharp = |e: &Estimate| resolution(e) <= power;
    let mut missing =
        (tested.len() / 2 + 1).saturating_sub(tested.iter().filter(|(_, _, e)| sharp(e)).count());
    let mut blunt: Vec<(f64, usize)> = Vec::new();
    for (i, (_, at, estimate)) in tested.iter().enumerate() {
        if sharp(estimate) {
            continue;
        }
        let factor = (1.1 * resolution(estimate) / power).powi(2);
        if factor <= MOST
            && let Ok(estimator) = Estimator::new(problem, at)
        {
            let work = factor * estimate.replicates as f64 * estimator.work_per_replicate();
            blunt.push((work, i));
        }
    }
    blunt.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut budget = plan.points as f64 * plan.work;
    let sampler = sampler(problem, CAPS[2]);
    for (work, i) in blunt {
        budget -= work;
        if missing == 0 || budget < 0.0 {
            break;
        }
        let (_, at, estimate) = &tested[i];
        let factor = (1.1 * resolution(estimate) / power).powi(2);
        let replicates = (factor * estimate.replicates as f64).ceil() as usize;
        let batch = 7000 + i as u64;
        let Ok(estimate) = simulate(problem, at, replicates, 1.01 * work, batch) else {
            continue;
        };
        let found = confirmed(problem, &sampler, at, &estimate, plan, batch, accounting);
        if found.is_some() {
            return found;
        }
        missing -= usize::from(sharp(&estimate));
        tested[i].0 = violation(problem.says.op, &estimate).0;
        tested[i].2 = estimate;
    }
    None
}
