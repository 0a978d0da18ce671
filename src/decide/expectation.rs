//! Relations between expectations at finite size, by sequential Monte Carlo.
//!
//! Every replicate draws all random objects once and evaluates every `E[…]` of the claim on that draw; the
//! discrepancy `lhs − rhs` is a function of the means, its standard error follows by linearisation. A first
//! simulation proposes a violation, a second and larger one, on fresh random numbers, must confirm it.

mod alike;
mod apart;
mod closer;
mod foreseen;
mod glance;
mod reading;
mod scout;
mod search;
mod simulated;

use super::accounting::{Accounting, power};
use super::assignment::Assignment;
use super::estimate::{Estimate, Estimator};
use super::gap::{Drawing, Gap, gap_at};
use super::judgement::Outcome;
use super::problem::{Effort, Problem};
use super::sampler::Sampler;
use super::verdict::Witness;
use super::witness;
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::number::Ball;
use crate::term::evaluate::EvaluationError;
use apart::Standing;
use reading::{CONFIRM, PROPOSE, convincing, resolution, violation};
use simulated::simulate;

/// A simpler place is first looked at with this share of the replicates; where they show less than so many standard errors,
/// all of them would hardly show a violation.
const GLANCE: f64 = 0.15;
const HOPELESS: f64 = 1.0;
/// A proposed violation is taken for chance where fresh and more random numbers show less than this.
const DISMISSED: f64 = 2.5;
const METHOD: &str = "Monte Carlo at finite size";

/// Sizes up to which whole numbers are drawn, in turn.
const CAPS: [f64; 4] = [6.0, 12.0, 30.0, 9.0];
const LARGE_CAP: f64 = 40.0;

/// Streams of the points at which a claim was refuted before.
const KNOWN: u64 = 1 << 20;

const FINE: &str = "a draw that takes more digits than double-double numbers have";
const LOST: &str = "draws that are below every double";
const ALIKE: &str = "the sides of a strict inequality are equal but for rounding";

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

/// A violation by this share of the larger side, in draws that tell of most of the law but not of its tail.
const GROSS: f64 = 0.5;
const DOMINATED: &str = "where it was searched the draws violate the claim by far, but rare ones that were not drawn may dominate the \
     mean";

/// Decides an equality or inequality that contains `E[…]`.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    accounting.simulated = Some(power(problem.says.op));
    let op = problem.says.op;
    let mut survey = Survey {
        problem,
        plan: Plan::of(problem.effort),
        tested: Vec::new(),
        vanishing: 0,
        accounting,
    };
    if let Some(found) = survey.run() {
        return found;
    }
    let Survey {
        tested, accounting, ..
    } = survey;
    if op.is_strict() {
        let favours: Vec<_> = tested
            .iter()
            .map(|(_, at, estimate)| (-violation(op, estimate).0, estimate.batch, at))
            .collect();
        let sampler = Sampler::new(
            problem.scope,
            &[&problem.says.lhs, &problem.says.rhs],
            CAPS[2],
        );
        let standing = |name: &str, at: &Assignment| {
            let (value, range) = (at.symbols.get(name), sampler.range_of(name, at));
            (value.zip(range)).map_or(Standing::Common, |(x, (low, high))| {
                Standing::of(x, &low, &high)
            })
        };
        if let Some(what) = apart::may_be_equal(&favours, &standing) {
            accounting.veto(what);
        }
    }
    let mut sizes: Vec<f64> = tested.iter().map(|(_, _, e)| resolution(e)).collect();
    sizes.sort_by(f64::total_cmp);
    accounting.detects = sizes.get(sizes.len() / 2).copied();
    // What is blunter than most shows chance.
    let blunt = 2.0 * accounting.detects.unwrap_or(f64::INFINITY);
    for (_, _, estimate) in tested.iter().filter(|(_, _, e)| resolution(e) <= blunt) {
        let relative = violation(op, estimate).1;
        let equality = op == RelationOp::Eq;
        accounting.saw(if equality { relative } else { -relative }, equality);
    }
    Outcome::Evidence {
        method: METHOD.into(),
    }
}

/// A point, how many standard errors it lies beyond the claim, and the estimate there.
type Tested = (f64, Assignment, Estimate);

/// The points of one claim, and what came of them.
struct Survey<'a, 'p> {
    problem: &'a Problem<'p>,
    plan: Plan,
    tested: Vec<Tested>,
    /// So many of them show sides that agree but for rounding: both vanish, or are the same.
    vanishing: usize,
    accounting: &'a mut Accounting,
}

impl<'a, 'p> Survey<'a, 'p> {
    /// Known points, fresh ones, what equivalents foresee, rough looks at many, and a search for worse ones: a confirmed
    /// violation, if there is one.
    fn run(&mut self) -> Option<Outcome> {
        self.revisited()
            .or_else(|| self.fresh_points())
            .or_else(|| self.foreseen())
            .or_else(|| self.scout())
            // A search ends where the budget does: what it saw counts.
            .or_else(|| budget::within(budget::left(), || self.searched()).0)
    }

    /// Edges, what lies beside the worst points, and more replicates where they were too few.
    fn searched(&mut self) -> Option<Outcome> {
        let nearby = match self.problem.says.op {
            RelationOp::Eq => self.look_again(),
            _ => self
                .at_edges()
                .or_else(|| self.search_nearby())
                .or_else(|| self.other_sizes()),
        };
        nearby
            .or_else(|| self.sharpen())
            .or_else(|| self.closer_look())
    }

    fn sampler(&self, cap: f64) -> Sampler<'p> {
        let says = self.problem.says;
        Sampler::new(self.problem.scope, &[&says.lhs, &says.rhs], cap).with_signs()
    }

    /// The point of a number, what its draw is called, and where it lies.
    fn point(&self, number: u64, index: u64) -> Option<(Assignment, &'static str)> {
        let cap = match index < 2 * self.plan.points {
            true => CAPS[number as usize % CAPS.len()],
            false => LARGE_CAP,
        };
        let sampler = self.sampler(cap);
        let (at, corner) = sampler.point(&mut self.problem.stream(index), index)?;
        Some((at, corner.name()))
    }

    /// The claim where it was refuted before.
    fn revisited(&mut self) -> Option<Outcome> {
        let sampler = self.sampler(CAPS[2]);
        let known = self.problem.known.iter().enumerate();
        known
            .filter_map(|(number, point)| {
                let at = point.place(self.problem, &sampler)?;
                Some((KNOWN + number as u64, at))
            })
            .find_map(|(index, at)| {
                let estimate = self.simulate(&at, 1.0, index).ok()?;
                self.confirmed(&at, &estimate, index)
            })
    }

    fn fresh_points(&mut self) -> Option<Outcome> {
        // Where most means have heavy tails, more points are needed, and larger sizes.
        for index in 0..5 * self.plan.points {
            let enough = (self.tested.len() - self.vanishing) as u64 >= self.plan.points;
            let heavy = self.accounting.undefined > self.tested.len();
            if enough || index >= 2 * self.plan.points && !heavy {
                break;
            }
            if let Some((at, corner)) = self.point(index, index)
                && let Some(found) = self.visit(at, corner, index)
            {
                return Some(found);
            }
        }
        None
    }

    /// The claim at a point, by as many replicates as the plan has for one: a confirmed violation, or a line of the
    /// account.
    fn visit(&mut self, at: Assignment, corner: &'static str, index: u64) -> Option<Outcome> {
        match self.simulate(&at, 1.0, index) {
            Ok(estimate) if is_lost(self.problem, &at, &estimate) => {
                self.accounting.undefined(LOST.into());
            }
            Ok(estimate) => {
                let proposed = convincing(self.problem.says.op, &estimate, PROPOSE);
                if proposed && is_out_of_reach(self.problem, &at, estimate.gap) {
                    self.accounting.undefined(FINE.into());
                    return None;
                }
                if let Some(found) = self.confirmed(&at, &estimate, index) {
                    return Some(found);
                }
                if estimate.heavy {
                    let what = "an expectation whose variance is infinite or nearly so";
                    self.accounting.undefined(what.into());
                    let (z, excess) = violation(self.problem.says.op, &estimate);
                    if corner == "search" && z > CONFIRM && excess > GROSS {
                        self.accounting.veto(DOMINATED.into());
                    }
                } else if !is_told_apart(self.problem, &at, &estimate) {
                    let found = self.vanishing(&at, &estimate).or_else(|| self.alike(&at));
                    if found.is_some() {
                        return found;
                    }
                    self.accounting.unresolved(ALIKE.into(), false);
                } else {
                    self.accounting.evaluated(&at, corner);
                    let op = self.problem.says.op;
                    let vanishing =
                        op != RelationOp::Eq && !is_steady(self.problem, &at, estimate.gap);
                    self.vanishing += usize::from(vanishing);
                    let (z, _) = violation(op, &estimate);
                    self.tested.push((z, at, estimate));
                }
            }
            Err(EvaluationError::Undefined(what)) => self.accounting.undefined(what),
            Err(other) => self.accounting.unsupported(other.to_string()),
        }
        None
    }

    /// A multiple of the replicates, and of the work, that the plan has for one point.
    fn simulate(
        &self,
        at: &Assignment,
        factor: f64,
        batch: u64,
    ) -> Result<Estimate, EvaluationError> {
        let replicates = (factor * self.plan.replicates as f64) as usize;
        simulate(self.problem, at, replicates, factor * self.plan.work, batch)
    }

    /// More work where the first look was least precise or least favourable.
    fn look_again(&mut self) -> Option<Outcome> {
        self.tested.sort_by(|a, b| b.0.total_cmp(&a.0));
        (0..self.tested.len().min(3)).find_map(|rank| {
            let at = self.tested[rank].1.clone();
            let index = 1000 + rank as u64;
            let estimate = self.simulate(&at, 3.0, index).ok()?;
            self.confirmed(&at, &estimate, index)
        })
    }

    /// A violation proposed by `estimate`, if a larger simulation on fresh numbers confirms it.
    fn confirmed(
        &mut self,
        assignment: &Assignment,
        estimate: &Estimate,
        batch: u64,
    ) -> Option<Outcome> {
        let problem = self.problem;
        let op = problem.says.op;
        if !convincing(op, estimate, PROPOSE) || is_lost(problem, assignment, estimate) {
            return None;
        }
        let fresh =
            |at: &Assignment, factor: f64, salt: u64| self.simulate(at, factor, batch + salt).ok();
        // A difference that double precision itself makes is none.
        if !is_resolved(problem, assignment, estimate.gap) {
            let dismissed = || {
                let again = fresh(assignment, 4.0, 1 << 24);
                again.is_some_and(|second| violation(op, &second).0 <= DISMISSED)
                    || apart_without_rounding(problem, assignment).is_some_and(|z| z <= DISMISSED)
            };
            if !is_rounding_alone(problem, assignment) && !dismissed() {
                self.accounting
                    .veto("a violation was seen that rounding may have made".into());
            }
            return None;
        }
        let second = self.second_look(assignment, estimate, batch + (1 << 20))?;
        let left_open =
            |e: &Estimate| !convincing(op, e, CONFIRM) && violation(op, e).0 > DISMISSED;
        // A second doubt is worth as many more draws as would settle it.
        let second = match left_open(&second) {
            true => self
                .settling(assignment, &second, batch + (1 << 19))
                .unwrap_or(second),
            false => second,
        };
        if !convincing(op, &second, CONFIRM) {
            // Chance, if it is gone; more than that if it is not.
            let (z, relative) = violation(op, &second);
            if z > DISMISSED && relative > 1e-9 {
                self.accounting.veto(format!(
                "a violation of {:.1} standard errors was seen, of {z:.1} on fresh random numbers",
                violation(op, estimate).0
            ));
            }
            return None;
        }
        let shows = |trial: &Assignment| {
            let clearly = |e: &Estimate| convincing(op, e, 1.5 * CONFIRM);
            let glance = fresh(trial, GLANCE, 1 << 23)?;
            let seen = if clearly(&glance) {
                glance
            } else if violation(op, &glance).0 < HOPELESS {
                return None;
            } else {
                fresh(trial, 1.0, 1 << 21).filter(clearly)?
            };
            let large = violation(op, &seen).1 >= 0.3 * violation(op, &second).1;
            let told = || is_resolved(problem, trial, seen.gap) && !is_lost(problem, trial, &seen);
            Some(large && told())
        };
        let mut attempts = 0;
        let reserve = budget::left() / 2;
        let simple = witness::shrink(assignment, &self.sampler(CAPS[2]), |trial| {
            attempts += 1;
            attempts <= 30 && budget::left() > reserve && shows(trial) == Some(true)
        });
        let last = fresh(&simple, 4.0, 1 << 22).filter(|e| convincing(op, e, CONFIRM));
        let (at, last) = match last {
            Some(last) => (&simple, last),
            None => (assignment, second),
        };
        let (z, relative) = violation(op, &last);
        let mut found = witness::describe(at, problem.scope, last.lhs, last.rhs);
        witness::trim(&mut found, problem);
        record(&mut found, &last);
        found.confirmed_by = format!(
            "a fresh simulation of {} replicates: the sides differ by {}",
            last.replicates,
            errors(z)
        );
        let equality = op == RelationOp::Eq;
        self.accounting.worst = Some(if equality { relative } else { -relative });
        self.accounting.detects = Some(resolution(&last));
        Some(Outcome::Witness {
            method: METHOD.into(),
            witness: Box::new(found),
        })
    }

    /// More draws than showed a violation, and no fewer than four times the usual.
    fn second_look(&self, at: &Assignment, shown: &Estimate, batch: u64) -> Option<Estimate> {
        const TIMES: f64 = 4.0;
        let estimator = Estimator::new(self.problem, at).ok()?;
        let affordable = TIMES * self.plan.work / estimator.work_per_replicate();
        let usual = affordable.min(TIMES * self.plan.replicates as f64) as usize;
        let replicates = usual.max(2 * shown.replicates);
        simulate(self.problem, at, replicates, f64::INFINITY, batch).ok()
    }

    /// As many fresh replicates as would confirm what an estimate shows, were it so; `None` where that is too dear.
    fn settling(&self, at: &Assignment, shown: &Estimate, batch: u64) -> Option<Estimate> {
        const SURE: f64 = 2.0;
        const PART: f64 = 0.4;
        let (z, _) = violation(self.problem.says.op, shown);
        let replicates = (SURE * CONFIRM / z).powi(2) * shown.replicates as f64;
        let estimator = Estimator::new(self.problem, at).ok()?;
        let affordable =
            replicates * estimator.work_per_replicate() <= PART * budget::left() as f64;
        affordable.then(|| estimator.run(replicates.ceil() as usize, batch).ok())?
    }

    /// Where most points could not have shown a discrepancy that matters: more replicates, where fewest more are
    /// needed, as far as some times as much work again allows.
    fn sharpen(&mut self) -> Option<Outcome> {
        const MOST: f64 = 30.0;
        const MOST_PLANS: f64 = 4.0;
        let power = power(self.problem.says.op);
        let sharp = |e: &Estimate| resolution(e) <= power;
        let mut missing = (self.tested.len() / 2 + 1)
            .saturating_sub(self.tested.iter().filter(|(_, _, e)| sharp(e)).count());
        let mut blunt: Vec<(f64, usize)> = Vec::new();
        for (i, (_, at, estimate)) in self.tested.iter().enumerate() {
            if sharp(estimate) {
                continue;
            }
            let factor = (1.1 * resolution(estimate) / power).powi(2);
            if factor <= MOST
                && let Ok(estimator) = Estimator::new(self.problem, at)
            {
                let work = factor * estimate.replicates as f64 * estimator.work_per_replicate();
                blunt.push((work, i));
            }
        }
        blunt.sort_by(|a, b| a.0.total_cmp(&b.0));
        // What the claim has left is better spent here than kept.
        let plan = self.plan.points as f64 * self.plan.work;
        let left = budget::left() as f64;
        let mut budget = plan
            .max((0.5 * left).min(MOST_PLANS * plan))
            .min(0.8 * left);
        for (work, i) in blunt {
            budget -= work;
            if missing == 0 || budget < 0.0 {
                break;
            }
            let (_, at, estimate) = &self.tested[i];
            let factor = (1.1 * resolution(estimate) / power).powi(2);
            let replicates = (factor * estimate.replicates as f64).ceil() as usize;
            let batch = 7000 + i as u64;
            let at = at.clone();
            let Ok(estimate) = simulate(self.problem, &at, replicates, 1.01 * work, batch) else {
                continue;
            };
            let found = self.confirmed(&at, &estimate, batch);
            if found.is_some() {
                return found;
            }
            missing -= usize::from(sharp(&estimate));
            self.tested[i].0 = violation(self.problem.says.op, &estimate).0;
            self.tested[i].2 = estimate;
        }
        None
    }
}

/// Whether a gap is more than what double precision makes.
pub(super) fn is_resolved(problem: &Problem<'_>, at: &Assignment, gap: f64) -> bool {
    resolution_of(problem, at, gap).unwrap_or(false)
}

/// Whether it seems to be, at little cost.
fn is_steady(problem: &Problem<'_>, at: &Assignment, gap: f64) -> bool {
    Estimator::new(problem, at).is_ok_and(|estimator| estimator.is_steady(gap))
}

fn resolution_of(
    problem: &Problem<'_>,
    at: &Assignment,
    gap: f64,
) -> Result<bool, EvaluationError> {
    Estimator::new(problem, at)?.resolves(at, gap)
}

/// A strict inequality holds where its sides differ by more than rounding.
fn is_told_apart(problem: &Problem<'_>, at: &Assignment, estimate: &Estimate) -> bool {
    let strict = problem.says.op.is_strict();
    !strict || estimate.gap != 0.0 && is_resolved(problem, at, estimate.gap)
}

/// Whether a simulation is compatible with the exact moments at a point; if not, one of the two is wrong.
pub fn agrees(problem: &Problem<'_>, at: &Assignment) -> Result<(), String> {
    match gap_at::<Ball>(problem, at, &Drawing::default()) {
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
    // What rounding may do to draws in double precision.
    let rounding = exact.error / f64::EPSILON;
    let least = estimate.standard_error.max(1e-9 * estimate.scale);
    if !exact.is_matrix && !estimate.heavy && apart > APART * least + rounding {
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

/// A distance in standard errors; where draws hardly differ it is absurd.
fn errors(z: f64) -> String {
    const ABSURD: f64 = 1e6;
    match z < ABSURD {
        true => format!("{z:.1} standard errors"),
        false => "more than a million standard errors".into(),
    }
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
            "a simulation of {} replicates: the sides differ by {}",
            estimate.replicates,
            errors(z)
        ));
    }
    None
}

/// Whether the sides agree at a point but for rounding, so that the relation holds there.
fn is_rounding_alone(problem: &Problem<'_>, at: &Assignment) -> bool {
    let strict = problem.says.op.is_strict();
    let rounding = || Estimator::new(problem, at).and_then(|e| e.is_rounding(at));
    !strict && rounding().unwrap_or(false)
}

/// Whether something that is averaged was zero in all draws for want of smaller doubles.
fn is_lost(problem: &Problem<'_>, at: &Assignment, estimate: &Estimate) -> bool {
    let exact = || Estimator::new(problem, at).and_then(|e| e.zeros_are_exact(at));
    estimate.zero && !exact().unwrap_or(false)
}

/// Whether not even balls tell what draws are at a point: a simulation in double precision says nothing there.
fn is_out_of_reach(problem: &Problem<'_>, at: &Assignment, gap: f64) -> bool {
    matches!(
        resolution_of(problem, at, gap),
        Err(EvaluationError::Undefined(_) | EvaluationError::Unresolved(_))
    )
}

/// By how many standard errors the sides differ where nothing is lost in rounding.
fn apart_without_rounding(problem: &Problem<'_>, at: &Assignment) -> Option<f64> {
    (Estimator::new(problem, at).ok()?).apart_without_rounding(at)
}

pub fn record(witness: &mut Witness, estimate: &Estimate) {
    witness.standard_error = Some(estimate.standard_error);
    witness.replicates = Some(estimate.replicates as u64);
}
