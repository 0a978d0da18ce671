//! Ascent towards a violation along slopes, in double precision, over all real numbers of a point at once.
//!
//! Bounds whose constant is a little too sharp fail at one shape of spectrum and target alone. Moves of one or two numbers at a
//! time do not come near enough to it where there are a dozen of them.

use std::ops::RangeInclusive;

use super::assignment::Assignment;
use super::gap::{Drawing, ROUGH, gap_at};
use super::look::{Run, Seen};
use super::problem::Effort;
use super::sampler::Sampler;
use super::variable::Variable;
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::number::{rational_from_f64, rational_to_f64};

/// More variables than this are not moved together.
const MOST_VARIABLES: usize = 40;
/// Steps of one ascent, and of one whose every step still gains a share of the margin that is left; halvings of one step.
const STEPS: usize = 30;
const MOST_STEPS: usize = 150;
const GAINING: f64 = 3e-3;
const HALVINGS: usize = 8;
/// Numbers of one size.
const ONE_SIZE: RangeInclusive<f64> = 0.02..=50.0;
/// Differences are taken at this relative distance.
const WIDTH: f64 = 1e-6;
/// Gains of less than this end an ascent.
const LEAST_GAIN: f64 = 1e-9;
/// The part of what is left of the budget that the ascents may take.
const SHARE: u64 = 10;

fn starts(effort: Effort) -> usize {
    match effort {
        Effort::Quick => 1,
        Effort::Normal => 2,
        Effort::Thorough => 8,
    }
}

/// Looks for a violation of an inequality of numbers.
pub fn ascents(run: &mut Run<'_, '_>) {
    let problem = run.problem;
    let equation = problem.says.op == RelationOp::Eq || problem.assumes_equalities();
    if problem.random || problem.expectation || equation {
        return;
    }
    let budget = budget::left();
    run.seen.sort_by(Seen::order);
    let count = starts(run.problem.effort);
    let mut seen: Vec<Assignment> = (run.seen.iter().step_by(3))
        .take(count)
        .map(|point| point.at.clone())
        .collect();
    // the least margins of all may lie far out, where everything falls to nothing
    let ordinary = (run.seen.iter()).filter(|point| point.at.is_within(&ONE_SIZE));
    seen.extend(
        ordinary
            .step_by(3)
            .take(count)
            .map(|point| point.at.clone()),
    );
    let mut all = Vec::new();
    for at in seen {
        all.extend(run.sampler.one_by_one(&at));
        all.push(at);
    }
    for start in all {
        if run.spent(1.0) || budget - budget::left() > budget / SHARE {
            return;
        }
        let Some(top) = Ascent::new(run, start).and_then(Ascent::climb) else {
            continue;
        };
        let seen = run.look(&top, Drawing::default(), "search");
        if seen.is_some_and(|point| point.violated) {
            return;
        }
    }
}

/// A climb by the method of Broyden, Fletcher, Goldfarb and Shanno.
struct Ascent<'r, 'a, 'p> {
    run: &'r mut Run<'a, 'p>,
    start: Assignment,
    variables: Vec<(Variable, f64)>,
    place: Vec<f64>,
    excess: f64,
}

impl<'r, 'a, 'p> Ascent<'r, 'a, 'p> {
    fn new(run: &'r mut Run<'a, 'p>, start: Assignment) -> Option<Self> {
        let variables: Vec<(Variable, f64)> = Variable::all(&run.sampler, &start)
            .into_iter()
            .filter_map(|variable| {
                let x = rational_to_f64(&variable.of(&start)?);
                Some((variable, x))
            })
            .collect();
        if variables.is_empty() || variables.len() > MOST_VARIABLES {
            return None;
        }
        let origin = vec![0.0; variables.len()];
        let mut ascent = Self {
            run,
            start,
            variables,
            place: origin.clone(),
            excess: f64::NEG_INFINITY,
        };
        ascent.excess = ascent.at(&origin)?;
        Some(ascent)
    }

    /// The start with every variable moved: positive ones by a factor `e^y`.
    fn moved(&self, place: &[f64]) -> Option<Assignment> {
        let sampler: &Sampler<'_> = &self.run.sampler;
        let mut moved = self.start.clone();
        for ((variable, x), y) in self.variables.iter().zip(place) {
            if *y == 0.0 {
                continue;
            }
            let next = if *x > 0.0 {
                x * y.exp()
            } else {
                x + y * x.abs().max(0.1)
            };
            let (low, high) = variable.range(sampler, &moved)?;
            let next = rational_from_f64(next)?.clamp(low, high);
            variable.set(sampler, &mut moved, next);
        }
        Some(moved)
    }

    /// The excess there, where it is in the domain.
    fn at(&mut self, place: &[f64]) -> Option<f64> {
        let at = self.moved(place)?;
        if !self.run.sampler.admits(&at) {
            return None;
        }
        let gap = gap_at::<f64>(self.run.problem, &at, &Drawing::default()).ok()?;
        self.run.steps += gap.steps;
        Some(gap.excess(self.run.problem.says.op)).filter(|excess| excess.is_finite())
    }

    /// Out of the domain there is nothing to gain: a variable that would leave it stays.
    fn slope(&mut self) -> Vec<f64> {
        let mut place = self.place.clone();
        (0..place.len())
            .map(|i| {
                let here = place[i];
                place[i] = here + WIDTH;
                let above = self.at(&place);
                place[i] = here - WIDTH;
                let slope = match above {
                    Some(above) if above > self.excess => (above - self.excess) / WIDTH,
                    _ => match self.at(&place) {
                        Some(below) if below > self.excess => (self.excess - below) / WIDTH,
                        _ => 0.0,
                    },
                };
                place[i] = here;
                slope
            })
            .collect()
    }

    /// A place where the claim seems to fail, if the climb comes to one.
    fn climb(mut self) -> Option<Assignment> {
        let n = self.place.len();
        let mut inverse = identity(n);
        let mut slope = self.slope();
        let mut gaining = true;
        for number in 0..MOST_STEPS {
            if number >= STEPS && !gaining || self.excess > ROUGH || self.run.spent(1.0) {
                break;
            }
            let mut direction = times(&inverse, &slope);
            if dot(&direction, &slope) <= 0.0 {
                inverse = identity(n);
                direction.clone_from(&slope);
            }
            let longest = direction.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            if longest == 0.0 || !longest.is_finite() {
                break;
            }
            let before = (self.place.clone(), self.excess);
            if !self.step(&direction, (0.5 / longest).min(1.0))
                || self.excess - before.1 < LEAST_GAIN * before.1.abs()
            {
                break;
            }
            gaining = self.excess - before.1 > GAINING * before.1.abs();
            let next = self.slope();
            let moved: Vec<f64> = (0..n).map(|i| self.place[i] - before.0[i]).collect();
            // Of the function's negative, which falls.
            let turned: Vec<f64> = (0..n).map(|i| slope[i] - next[i]).collect();
            update(&mut inverse, &moved, &turned);
            slope = next;
        }
        (self.excess > ROUGH).then(|| self.moved(&self.place))?
    }

    /// Goes as far along a direction as it gains; whether it does.
    fn step(&mut self, direction: &[f64], mut length: f64) -> bool {
        for _ in 0..HALVINGS {
            let place: Vec<f64> = (self.place.iter().zip(direction))
                .map(|(y, p)| y + length * p)
                .collect();
            if let Some(excess) = self.at(&place)
                && excess > self.excess
            {
                self.place = place;
                self.excess = excess;
                return true;
            }
            length *= 0.35;
        }
        false
    }
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// `H ← (I − ρ s y') H (I − ρ y s') + ρ s s'`, `ρ = 1/(y's)`.
fn update(inverse: &mut [Vec<f64>], moved: &[f64], turned: &[f64]) {
    let curved = dot(moved, turned);
    if curved.partial_cmp(&1e-300) != Some(std::cmp::Ordering::Greater) {
        return;
    }
    let rho = 1.0 / curved;
    let image = times(inverse, turned);
    let whole = rho * rho * dot(turned, &image) + rho;
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            *entry +=
                whole * moved[i] * moved[j] - rho * (image[i] * moved[j] + moved[i] * image[j]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_update_learns_the_inverse_of_a_quadratic() {
        // −f = x² + 10 y²: its inverse curvature is (1/2, 1/20)
        let mut inverse = identity(2);
        for moved in [[1.0, 0.0], [0.0, 1.0]] {
            let turned = [2.0 * moved[0], 20.0 * moved[1]];
            update(&mut inverse, &moved, &turned);
        }
        assert!((inverse[0][0] - 0.5).abs() < 1e-12 && (inverse[1][1] - 0.05).abs() < 1e-12);
        assert!(inverse[0][1].abs() < 1e-12);
        // where the function curves the other way nothing is learnt
        let before = inverse.clone();
        update(&mut inverse, &[1.0, 0.0], &[-1.0, 0.0]);
        assert_eq!(inverse, before);
    }
}
