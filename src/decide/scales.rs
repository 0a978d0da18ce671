//! The sizes of what has no bounds: eigenvalues and the length of a target. A claim may fail at sizes where a search by small
//! moves never comes, since on the way there the margin does not change.

use super::assignment::{Assignment, short_decimal};
use super::gap::gap_at;
use super::look::{Run, Seen};
use super::problem::Problem;
use super::sampler::Sampler;
use crate::number::{Ball, rational_to_f64};

/// Decimal exponents of the factors, upwards and downwards.
const DECADES: [i32; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 25, 30];

/// How far sizes go where they are simulated too: double precision has little to say beyond.
pub const FARTHEST: i32 = 8;

/// What is made larger or smaller.
#[derive(Clone, Copy)]
enum Part {
    Covariance,
    LargestEigenvalue,
    LeastEigenvalue,
    Target,
}

/// A point at every size of `Σ` and of `w0`, where the setting leaves them open: a list for each part and direction.
pub fn sizes(
    problem: &Problem<'_>,
    sampler: &Sampler<'_>,
    start: &Assignment,
    farthest: i32,
) -> Vec<Vec<Assignment>> {
    let mut parts = Vec::new();
    if sampler.moves_spectrum() {
        parts.extend([(Part::Covariance, 1), (Part::Covariance, -1)]);
        if start.spectrum.len() > 1 {
            parts.extend([(Part::LargestEigenvalue, 1), (Part::LeastEigenvalue, -1)]);
        }
    }
    if sampler.moves_target() {
        parts.extend([(Part::Target, 1), (Part::Target, -1)]);
    }
    let along = |(part, direction): (Part, i32)| {
        let decades = DECADES.iter().filter(|d| **d <= farthest);
        decades
            .filter_map(|decades| {
                let together = sampler.keeps_levels();
                let mut at = scaled(start, part, direction * decades, together)?;
                let mut stream = problem.stream(1 << 34 | u64::from(decades.unsigned_abs()));
                sampler.settle(&mut stream, &mut at, None).then_some(at)
            })
            .collect()
    };
    parts.into_iter().map(along).collect()
}

/// Looks at every size; the points with less margin than the start, from which a search may go on, and whether a violation
/// was found.
pub fn along_scales(run: &mut Run<'_, '_>, start: &Seen) -> (Vec<Seen>, bool) {
    let op = run.problem.says.op;
    let mut better: Vec<Seen> = Vec::new();
    let farthest = match run.problem.expectation {
        true => FARTHEST,
        false => i32::MAX,
    };
    for line in sizes(run.problem, &run.sampler, &start.at, farthest) {
        let mut best: Option<(f64, Assignment)> = None;
        for trial in line {
            if run.spent(0.6) {
                return (better, false);
            }
            let Ok(gap) = gap_at::<Ball>(run.problem, &trial, &start.drawing) else {
                continue;
            };
            run.steps += gap.steps;
            let excess = gap.excess(op);
            if gap.violates(op) {
                let point = run.look(&trial, start.drawing.clone(), "search");
                if point.is_some_and(|point| point.violated) {
                    return (better, true);
                }
            } else if best.as_ref().map_or(start.excess, |b| b.0) < excess {
                best = Some((excess, trial));
            }
        }
        if let Some((_, trial)) = best {
            better.extend(run.look(&trial, start.drawing.clone(), "line"));
        }
    }
    (better, false)
}

/// The start with one part of another size.
fn scaled(start: &Assignment, part: Part, decades: i32, together: bool) -> Option<Assignment> {
    let factor = short_decimal(10f64.powi(decades), 1);
    let mut at = start.clone();
    let value = |i: &usize| rational_to_f64(&start.spectrum[*i].value);
    let places = 0..start.spectrum.len();
    match part {
        Part::Covariance => at.spectrum.iter_mut().for_each(|l| l.value *= &factor),
        Part::Target => at.spectrum.iter_mut().for_each(|l| l.mass *= &factor),
        Part::LargestEigenvalue => {
            let largest = places.max_by(|i, j| value(i).total_cmp(&value(j)))?;
            let value = &at.spectrum[largest].value * &factor;
            at.move_level(largest, value, together);
        }
        Part::LeastEigenvalue => {
            let least = places.min_by(|i, j| value(i).total_cmp(&value(j)))?;
            let value = &at.spectrum[least].value * &factor;
            at.move_level(least, value, together);
        }
    }
    Some(at)
}
