//! Integrals over an interval with proved errors.
//!
//! A cell contributes the integral of its Taylor model. Where a model is not understood or has a large remainder (a kink,
//! a peak, an end with a root) the cell is halved: the worst first.

use std::collections::BinaryHeap;

use super::minimum::Objective;
use super::part::Part;
use super::{Ball, Model, Real};

/// Cells looked at before an integral is left as it is.
const MOST_CELLS: usize = 600;
/// After so many halvings the error must have become smaller.
const PATIENCE: usize = 24;
/// A cell this narrow, as a share of the range, that is not understood will not be.
const NARROW: f64 = 1e-15;
/// An error this small, as a share of what the cells contribute, is enough.
const SHARP: f64 = 1e-22;

/// Where the size of all cells falls below this share in one step, it is added up anew.
const LOST: f64 = 1e-3;

/// `∫ f` from `low` to `high`, `low < high`. `None` where a part of the interval was never understood.
pub fn integral<F: Objective>(f: &mut F, low: f64, high: f64) -> Option<Ball> {
    let cell = |f: &mut F, from: f64, to: f64| {
        let half = (Ball::from_f64(to) - Ball::from_f64(from)) * Ball::from_f64(0.5);
        let model = f.over(Model::block(from, to)).ok();
        let value = model.map_or(Ball::unknown(), |m| m.block_integral(half));
        Part::of(from, to, value)
    };
    let mut heap = BinaryHeap::from([cell(f, low, high)]);
    let mut scale = heap.iter().map(Part::size).sum::<f64>();
    let mut before = f64::INFINITY;
    for halved in 0..MOST_CELLS {
        if halved % PATIENCE == PATIENCE - 1 {
            // What is uncertain in the integrand itself, no halving mends.
            let error: f64 = heap.iter().map(|part| part.error).sum();
            if error > 0.9 * before {
                break;
            }
            before = error;
        }
        let enough = SHARP * scale / heap.len() as f64;
        if heap.peek().is_none_or(|worst| worst.error <= enough) {
            break;
        }
        let Some(worst) = heap.pop() else { break };
        let middle = 0.5 * worst.from + 0.5 * worst.to;
        if worst.error.is_infinite() && worst.to - worst.from < NARROW * (high - low) {
            return None;
        }
        if !(worst.from < middle && middle < worst.to) {
            // As narrow as numbers are.
            heap.push(worst);
            break;
        }
        let before = scale;
        scale -= worst.size();
        for (from, to) in [(worst.from, middle), (middle, worst.to)] {
            let part = cell(f, from, to);
            scale += part.size();
            heap.push(part);
        }
        if !(scale > LOST * before) {
            // What is left of a difference is rounding of what was there before.
            scale = heap.iter().map(Part::size).sum();
        }
    }
    let total = heap
        .into_iter()
        .fold(Ball::zero(), |sum, part| sum + part.value);
    Some(total).filter(Ball::is_finite)
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;

    use super::super::minimum::tests::Body;
    use super::*;

    fn check(f: fn(Model) -> Model, low: f64, high: f64, value: f64, within: f64) {
        let found = integral(&mut Body(f), low, high).unwrap();
        let gap = (found - Ball::from_f64(value)).midpoint().abs();
        assert!(
            gap <= found.radius() + 4e-16 * value.abs(),
            "{found:?}: {value}"
        );
        assert!(found.radius() <= within, "{found:?}: {value}");
    }

    #[test]
    fn smooth_bent_and_peaked_functions_are_enclosed() {
        check(|x| x.exp(), 0.0, 1.0, std::f64::consts::E - 1.0, 1e-20);
        check(|x| Model::one() / x, 1.0, 8.0, 8f64.ln(), 1e-20);
        check(|x| (x - Model::one()).abs(), 0.0, 3.0, 2.5, 1e-20);
        // A peak a thousandth wide: π/1000 less what is cut off.
        let peak = |x: Model| {
            let y = (x - Model::from_f64(0.515625)) * Model::from_f64(1024.0);
            Model::one() / (Model::one() + y.clone() * y)
        };
        let exact = ((0.484375f64 * 1024.0).atan() + (0.515625f64 * 1024.0).atan()) / 1024.0;
        check(peak, 0.0, 1.0, exact, 1e-18);
        // A narrow peak off the middle of every cell, whose bounds on wide cells are beyond all numbers.
        let narrow = |x: Model| {
            let y = (x - Model::from_rational(&BigRational::new(3.into(), 10.into())))
                * Model::from_f64(1e4);
            (-(y.powi(2))).exp()
        };
        let root = std::f64::consts::PI.sqrt();
        check(narrow, 0.0, 1.0, 1e-4 * root, 1e-26);
        // Falls steeply, though everywhere defined.
        check(|x| x.sqrt(), 0.0, 1.0, 2.0 / 3.0, 1e-9);
        check(
            |x| x.powf(&Model::from_f64(0.3)),
            0.0,
            1.0,
            1.0 / 1.3,
            1e-12,
        );
        check(
            |x| x.powf(&Model::from_f64(0.001)),
            0.0,
            1.0,
            1.0 / 1.001,
            1e-9,
        );
        let diverges = integral(&mut Body(|x| Model::one() / x), 0.0, 1.0);
        assert!(diverges.is_none(), "{diverges:?}");
    }
}
