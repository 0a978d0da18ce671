//! Equalities and inequalities decided point by point, in balls: a discrepancy counts only where it exceeds
//! every rounding error that went into it.

use num_rational::BigRational;
use num_traits::One;

use super::accounting::Accounting;
use super::ascent::ascents;
use super::assignment::Assignment;
use super::gap::{Drawing, EQUAL, Gap, PRECISIONS, gap_at, precise, settled};
use super::judgement::Outcome;
use super::look::{Run, Seen, touches};
use super::problem::{Effort, Problem};
use super::rough::rough_climbs;
use super::sampler::{Corner, Sampler};
use super::touch::{Meeting, meeting};
use super::verdict::Witness;
use super::{branches, expectation, search, witness};
use crate::budget;
use crate::formula::ast::{Function, RelationOp};
use crate::number::{MAX_BITS, rational_from_f64};
use crate::term::{Node, Shape};

/// Sizes (whole numbers) up to which random identities are drawn.
const RANDOM_CAP: f64 = 7.0;
/// The same for polynomials in random matrices.
const MOMENT_CAP: f64 = 12.0;
/// The same for matrices that are no functions of `Σ`.
const DENSE_CAP: f64 = 9.0;
/// Discrepancies below this share of the terms' size cannot be confirmed in double precision.
const CONFIRMABLE: f64 = 1e-9;
/// A discrepancy in double precision, on small random matrices, that no rounding explains; and how many draws
/// are looked at for one.
const CLEAR: f64 = 1e-6;
const DRAWS: u64 = 4;
/// What numbers move by where an assumed equality is met only nearly, as a share.
const TRIFLE: f64 = 1e-9;
/// Points looked at before any search.
fn wanted(effort: Effort, random: bool) -> usize {
    match (effort, random) {
        (Effort::Quick, false) => 60,
        (Effort::Normal, false) => 240,
        (Effort::Thorough, false) => 2400,
        (Effort::Quick, true) => 24,
        (Effort::Normal, true) => 60,
        (Effort::Thorough, true) => 360,
    }
}

/// So many points of a domain that has no more are all looked at.
fn most_everywhere(effort: Effort) -> usize {
    2 * wanted(effort, false)
}

/// Decides an equality or inequality without expectations.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    if problem.random {
        let method = "evaluation on random draws with error bounds, local search for violations";
        decide(problem, accounting, RANDOM_CAP, method)
    } else {
        let method = "evaluation with error bounds, local search for violations";
        decide(problem, accounting, f64::INFINITY, method)
    }
}

/// The same with expectations, where exact moments are known of all of them at every point; silence where not.
pub fn attempt_by_moments(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    let method = "exact moments of Gaussian matrices, evaluated with error bounds";
    let outcome = decide(problem, accounting, MOMENT_CAP, method);
    if matches!(outcome, Outcome::Evidence { .. })
        && (accounting.unsupported > 0 || accounting.evaluated == 0)
    {
        return Outcome::Silence(None);
    }
    outcome
}

/// Points of the claim's domain, whole numbers up to `cap`.
fn sampler<'p>(problem: &Problem<'p>, cap: f64) -> Sampler<'p> {
    Sampler::new(problem.scope, &[&problem.says.lhs, &problem.says.rhs], cap).with_signs()
}

/// A confirmed violation among a few points of every kind.
pub fn contradicted(problem: &Problem<'_>, accounting: &mut Accounting) -> Option<Box<Witness>> {
    const POINTS: usize = 24;
    let cap = if problem.random {
        RANDOM_CAP
    } else {
        f64::INFINITY
    };
    let sampler = sampler(problem, cap);
    let mut run = Run::new(problem, sampler, accounting).without_many_digits();
    run.sweep(POINTS);
    run.seen.sort_by(Seen::order);
    let point = run.seen.first().filter(|point| point.violated)?;
    match refute(problem, &run.sampler, point, "points") {
        Ok((Outcome::Witness { witness, .. }, _)) => Some(witness),
        _ => None,
    }
}

/// A witness at a point that somebody else found, if it is one.
pub fn refuted_at(
    problem: &Problem<'_>,
    accounting: &mut Accounting,
    symbols: &[(String, BigRational)],
    method: &str,
) -> Option<Outcome> {
    let sampler = sampler(problem, f64::INFINITY);
    let mut at = sampler.draw(&mut problem.stream(0), Corner::Inside)?;
    for (name, value) in symbols {
        at.symbols.insert(name.clone(), value.clone());
    }
    if !sampler.admits(&at) {
        return None;
    }
    let mut run = Run::new(problem, sampler, accounting);
    let point = run.look(&at, Drawing::number(0), "enclosure")?;
    if !point.violated {
        return None;
    }
    let (outcome, worst) = refute(problem, &run.sampler, &point, method).ok()?;
    run.accounting.worst = Some(worst);
    Some(outcome)
}

/// Whether no symbol, no spectrum and no random object occurs: one point shows all.
fn is_closed(problem: &Problem<'_>) -> bool {
    problem.statement().is_ok_and(|statement| {
        let mut closed = true;
        for side in [statement.claim.lhs, statement.claim.rhs] {
            statement.store.visit(side, &mut |_, node| {
                closed &= matches!(
                    node,
                    Node::Number(_)
                        | Node::Infinity
                        | Node::Pi
                        | Node::Bound(_)
                        | Node::Neg(_)
                        | Node::Binary(..)
                        | Node::Call(..)
                        | Node::If(..)
                        | Node::Fold { .. }
                        | Node::Extremum { .. }
                );
            });
        }
        closed
    })
}

/// Whether matrices that are no functions of `Σ` are factored, as in `w0*w0' <= …`.
fn is_dense(problem: &Problem<'_>) -> bool {
    problem.statement().is_ok_and(|statement| {
        let store = &statement.store;
        let dense = |id| {
            matches!(
                store.shape(id),
                Shape::Matrix {
                    spectral: false,
                    ..
                }
            )
        };
        let sides = [statement.claim.lhs, statement.claim.rhs];
        let mut factored = sides.into_iter().any(dense);
        for side in sides {
            store.visit(side, &mut |_, node| {
                if let Node::Call(function, arguments) = node {
                    let of_eigenvalues = matches!(
                        function,
                        Function::Eigmin | Function::Eigmax | Function::Det | Function::Logdet
                    );
                    factored |= of_eigenvalues && dense(arguments[0]);
                }
            });
        }
        factored
    })
}

fn decide(problem: &Problem<'_>, accounting: &mut Accounting, cap: f64, method: &str) -> Outcome {
    let dense = !problem.random && is_dense(problem);
    let cap = if dense { cap.min(DENSE_CAP) } else { cap };
    let sampler = sampler(problem, cap);
    accounting.constant = sampler.is_constant() || is_closed(problem);
    let wanted = if accounting.constant && !problem.random {
        1
    } else {
        wanted(problem.effort, problem.random)
    };
    let mut run = Run::new(problem, sampler, accounting);
    if dense {
        run = run.of_matrices();
    }
    let again = run.revisit();
    let all = match again || problem.random || problem.expectation {
        true => None,
        false => run.everywhere(most_everywhere(problem.effort)),
    };
    if all == Some(true) {
        return Outcome::Cover {
            method: format!("{method}; every point of the domain"),
        };
    }
    // What was looked at everywhere needs no search.
    let again = again || all.is_some();
    run.accounting.constant |= all.is_some();
    if !again {
        run.sweep(wanted);
        if !problem.random && !problem.expectation {
            run.shapes();
        }
        if !run.seen.is_empty() && wanted > 1 {
            branches::visit(&mut run);
        }
        let refuted = run.seen.iter().any(|point| point.violated);
        if problem.random && !refuted && !run.seen.is_empty() {
            run.glance(wanted);
        }
    }
    let few_means = problem.expectation && run.accounting.unsupported > 0;
    if !again && !run.seen.is_empty() && wanted > 1 && !few_means {
        if run.seen.iter().any(|point| point.violated) {
            // What was seen has to be confirmed too.
            let _ = budget::within(budget::left() / 2, || {
                search::search(&mut run, wanted as u64);
            });
        } else {
            search::search(&mut run, wanted as u64);
        }
        if !run.seen.iter().any(|point| point.violated) {
            // Climbs end where the budget does: what they saw counts.
            let _ = budget::within(budget::left(), || {
                if !rough_climbs(&mut run) {
                    ascents(&mut run);
                }
            });
        }
    }
    if problem.expectation && !few_means && !run.seen.iter().any(|point| point.violated) {
        let beyond = violations_beyond(problem, &run.seen);
        run.seen.extend(beyond);
    }
    run.seen.sort_by(Seen::order);
    let parts = run.parts();
    let mut open = false;
    let violations: Vec<Seen> = run
        .seen
        .iter()
        .filter(|point| point.violated)
        .filter(|point| {
            let asked = || meeting(problem, &run.sampler, &point.at, &point.drawing);
            let met = (point.excess <= EQUAL).then(|| point.met.unwrap_or_else(asked));
            let left_open = match met {
                Some(Meeting::Coarse) => true,
                Some(Meeting::Open) => parts,
                _ => false,
            };
            open |= left_open;
            let none = left_open || met == Some(Meeting::Apart);
            !(none || point.at.approximate && wavers(problem, point))
        })
        .take(3)
        .cloned()
        .collect();
    if open {
        let what = "the sides of a strict inequality agree to all digits that are to be had";
        run.accounting.veto(what.into());
    }
    for point in &violations {
        match refute(problem, &run.sampler, point, method) {
            Ok((outcome, worst)) => {
                run.accounting.worst = Some(worst);
                return outcome;
            }
            Err(reason) => run.accounting.veto(reason),
        }
    }
    if problem.expectation && violations.is_empty() {
        for point in run.seen.iter().step_by(7).take(2) {
            if let Err(reason) = expectation::agrees(problem, &point.at) {
                run.accounting.veto(reason);
            }
        }
    }
    Outcome::Evidence {
        method: method.into(),
    }
}

/// Violations at sizes beyond those that are drawn: at corners of the domain, and at a few points of all of it. Where a mean is
/// too dear there, nothing is said.
fn violations_beyond(problem: &Problem<'_>, seen: &[Seen]) -> Vec<Seen> {
    const POINTS: usize = 60;
    let mut aside = Accounting::default();
    let sampler = sampler(problem, f64::INFINITY);
    let mut run = Run::new(problem, sampler, &mut aside).without_many_digits();
    run.seen = seen.to_vec();
    let _ = budget::within(budget::left() / 8, || {
        run.shapes();
        run.sweep(POINTS);
    });
    run.seen.into_iter().filter(|p| p.violated).collect()
}

/// Whether a violation where an assumed equality is met only nearly comes and goes with it: numbers that move by a trifle do away
/// with it.
fn wavers(problem: &Problem<'_>, point: &Seen) -> bool {
    let op = problem.says.op;
    let trifle = |up: bool| match rational_from_f64(TRIFLE) {
        Some(by) if up => BigRational::one() + by,
        Some(by) => BigRational::one() - by,
        None => BigRational::one(),
    };
    let holds = |trial: &Assignment| {
        let gap = settled(problem, trial, &point.drawing, (0, point.bits));
        !gap.is_ok_and(|gap| gap.violates(op) && gap.excess(op) > 0.5 * point.excess)
    };
    let levels = point.at.spectrum.len();
    [true, false].into_iter().any(|up| {
        (0..levels).any(|which| {
            let mut trial = point.at.clone();
            trial.spectrum[which].value *= trifle(up);
            holds(&trial)
        })
    })
}

/// The witness of a violation, shrunk and confirmed by another route; or why it cannot be confirmed.
fn refute(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    point: &Seen,
    kind: &str,
) -> Result<(Outcome, f64), String> {
    let op = problem.says.op;
    let strict = op.is_strict();
    let strict_equal = strict && point.excess <= EQUAL && !point.told;
    // A simpler witness must stay a clear one.
    let clear = (0.05 * point.excess).max(1e-6f64.min(point.excess));
    // What so many digits told apart agrees in fewer.
    let least = match point.told {
        true => point.bits,
        false => point.bits.min(PRECISIONS[0]),
    };
    let digits = (least, point.bits);
    let look = |trial: &Assignment| settled(problem, trial, &point.drawing, digits);
    let violates = |trial: &Assignment| {
        look(trial).is_ok_and(|gap| {
            if strict_equal {
                gap.violates(op)
                    || touches(&gap, op)
                        && meeting(problem, sampler, trial, &point.drawing) == Meeting::Equal
            } else {
                gap.violates(op) && gap.excess(op) >= clear.max(10.0 * gap.radius)
            }
        })
    };
    // What is left must pay for the confirmation.
    let (simple, _) = budget::within(budget::left() / 2, || {
        witness::shrink(&point.at, sampler, violates)
    });
    let gap = look(&simple)
        .map_err(|error| format!("the violation could not be evaluated again: {error}"))?;
    let strict_equal = strict_equal && gap.excess(op) <= EQUAL;
    let confirmed_by = if strict_equal {
        let digits = -gap.radius.max(1e-300).log10();
        format!("both sides agree to {digits:.0} digits where a strict inequality is claimed")
    } else {
        confirmed(problem, &simple, &point.drawing, &gap)?
    };
    let mut found = witness::describe(&simple, problem.scope, gap.lhs, gap.rhs);
    witness::trim(&mut found, problem);
    found.difference = Some(gap.difference);
    found.confirmed_by = confirmed_by;
    let excess = gap.excess(op);
    let worst = if op == RelationOp::Eq {
        excess
    } else {
        -excess
    };
    let outcome = Outcome::Witness {
        method: kind.into(),
        witness: Box::new(found),
    };
    Ok((outcome, worst))
}

/// The violation again by another route: fresh draws, then double precision with the engine's own κ.
fn confirmed(
    problem: &Problem<'_>,
    at: &Assignment,
    drawing: &Drawing,
    gap: &Gap,
) -> Result<String, String> {
    let op = problem.says.op;
    if problem.expectation {
        if let Some(simulated) = expectation::shown(problem, at)? {
            return Ok(simulated);
        }
    } else if problem.random {
        // Other draws, in double precision, whatever the size of the discrepancy there.
        let again = (0..DRAWS).any(|i| {
            let fresh = Drawing::number(drawing.index.wrapping_add((1 + i) << 40));
            gap_at::<f64>(problem, at, &fresh).is_ok_and(|plain| plain.excess(op) > CLEAR)
        });
        if again {
            return Ok("a second, independent draw in double precision".into());
        }
    }
    let plain = match gap_at::<f64>(problem, at, drawing) {
        Ok(plain)
            if gap.excess(op) > CONFIRMABLE
                && plain.excess(op) > 0.25 * gap.excess(op).min(1.0) =>
        {
            return Ok(if problem.expectation {
                "exact moments in 32 digits and in double precision; a simulation agrees with them"
            } else if problem.random {
                "32 digits with error bounds, and again in double precision, on the same draw"
            } else {
                "32 digits with error bounds, and again in double precision with the engine's own kappa"
            }
            .into());
        }
        Ok(plain) => format!("double precision shows {:.1e}", plain.excess(op)),
        Err(error) => format!("double precision shows nothing: {error}"),
    };
    // Too small, or too extreme, for double precision: balls of several times as many digits.
    let finer = PRECISIONS.into_iter().chain([MAX_BITS]);
    if let Some(bits) = finer.into_iter().find(|bits| *bits > gap.bits)
        && let Ok(again) = precise(problem, at, drawing, bits)
        && again.sign == gap.sign
        && again.violates(op)
    {
        return Ok(format!(
            "again with {} digits and error bounds, in other arithmetic",
            (bits as f64 * std::f64::consts::LOG10_2) as usize
        ));
    }
    Err(format!(
        "a relative discrepancy of {:.1e} exceeds its error bound {:.1e}, but {plain}",
        gap.excess(op),
        gap.radius,
    ))
}
