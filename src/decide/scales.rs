//! The sizes of what has no bounds: eigenvalues and the length of a target. A claim may fail at sizes where a search by small
//! moves never comes, since on the way there the margin does not change.

use num_rational::BigRational;

use super::assignment::{Assignment, short_decimal};
use super::gap::gap_at;
use super::look::{Run, Seen};
use crate::number::{Ball, rational_to_f64};

/// Decimal exponents of the factors, upwards and downwards.
const DECADES: [i32; 14] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 21, 25, 30];

/// What is made larger or smaller.
#[derive(Clone, Copy)]
enum Part {
    Covariance,
    LargestEigenvalue,
    LeastEigenvalue,
    Target,
}

/// Looks at every size of `Σ` and of `w0`, where the setting leaves them open; the points with less margin than the start,
/// from which a search may go on, and whether a violation was found.
pub fn along_scales(run: &mut Run<'_, '_>, start: &Seen) -> (Vec<Seen>, bool) {
    let mut parts = Vec::new();
    if run.sampler.open_spectrum() {
        parts.extend([(Part::Covariance, 1), (Part::Covariance, -1)]);
        if start.at.spectrum.len() > 1 {
            parts.extend([(Part::LargestEigenvalue, 1), (Part::LeastEigenvalue, -1)]);
        }
    }
    if run.sampler.open_target() {
        parts.extend([(Part::Target, 1), (Part::Target, -1)]);
    }
    let mut better: Vec<Seen> = Vec::new();
    for (part, direction) in parts {
        let mut best: Option<(f64, Assignment)> = None;
        for decades in DECADES {
            if run.spent(0.6) {
                return (better, false);
            }
            let Some(trial) = scaled(run, start, part, direction * decades) else {
                continue;
            };
            let Ok(gap) = gap_at::<Ball>(run.problem, &trial, &start.drawing) else {
                continue;
            };
            run.steps += gap.steps;
            let excess = gap.excess(run.problem.says.op);
            if gap.violates(run.problem.says.op) {
                let point = run.look(&trial, start.drawing.clone(), "search");
                if let Some(point) = point
                    && point.violated
                {
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

/// The start with one part of another size; `None` where the assumptions forbid it.
fn scaled(run: &Run<'_, '_>, start: &Seen, part: Part, decades: i32) -> Option<Assignment> {
    let factor = short_decimal(10f64.powi(decades), 1);
    let mut at = start.at.clone();
    let value = |at: &Assignment, i: usize| rational_to_f64(&at.spectrum[i].value);
    let places = 0..at.spectrum.len();
    match part {
        Part::Covariance => scale(at.spectrum.iter_mut().map(|level| &mut level.value), &factor),
        Part::Target => scale(at.spectrum.iter_mut().map(|level| &mut level.mass), &factor),
        Part::LargestEigenvalue => {
            let largest = places.max_by(|&i, &j| value(&at, i).total_cmp(&value(&at, j)))?;
            scale([&mut at.spectrum[largest].value], &factor);
        }
        Part::LeastEigenvalue => {
            let least = places.min_by(|&i, &j| value(&at, i).total_cmp(&value(&at, j)))?;
            scale([&mut at.spectrum[least].value], &factor);
        }
    }
    let mut stream = run.problem.stream(1 << 34 | u64::from(decades.unsigned_abs()));
    let settled = run.sampler.settle(&mut stream, &mut at, None);
    settled.then_some(at)
}

fn scale<'a>(numbers: impl IntoIterator<Item = &'a mut BigRational>, factor: &BigRational) {
    for number in numbers {
        *number *= factor;
    }
}
