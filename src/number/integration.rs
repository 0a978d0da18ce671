//! Integrals over an interval with proved errors.
//!
//! A cell contributes the integral of its Taylor model. Where a model is not understood or has a large remainder (a kink,
//! a peak, an end with a root) the cell is halved: the worst first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::minimum::Objective;
use super::{Ball, Model, Real};

/// Cells looked at before an integral is left as it is.
const MOST_CELLS: usize = 600;
/// After so many halvings the error must have become smaller.
const PATIENCE: usize = 24;
/// An error this small, as a share of what the cells contribute, is enough.
const SHARP: f64 = 1e-22;

struct Cell {
    from: f64,
    to: f64,
    /// `None` where nothing is known.
    value: Option<Ball>,
}

impl Cell {
    fn error(&self) -> f64 {
        self.value.map_or(f64::INFINITY, |value| value.radius())
    }
}
impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Cell {}
impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Cell {
    /// The heap hands out the cell with the largest error.
    fn cmp(&self, other: &Self) -> Ordering {
        self.error().total_cmp(&other.error())
    }
}

/// `∫ f` from `low` to `high`, `low < high`. `None` where a part of the interval was never understood.
pub fn integral<F: Objective>(f: &mut F, low: f64, high: f64) -> Option<Ball> {
    let cell = |f: &mut F, from: f64, to: f64| {
        let half = (Ball::from_f64(to) - Ball::from_f64(from)) * Ball::from_f64(0.5);
        let model = f.over(Model::block(from, to)).ok();
        let value = model.map(|m| m.block_integral(half));
        Cell {
            from,
            to,
            value: value.filter(Ball::is_finite),
        }
    };
    let mut heap = BinaryHeap::from([cell(f, low, high)]);
    let size = |cell: &Cell| cell.value.map_or(0.0, |value| value.midpoint().abs());
    let mut scale = heap.iter().map(size).sum::<f64>();
    let mut before = f64::INFINITY;
    for halved in 0..MOST_CELLS {
        if halved % PATIENCE == PATIENCE - 1 {
            // What is uncertain in the integrand itself, no halving mends.
            let error: f64 = heap.iter().map(Cell::error).sum();
            if error > 0.9 * before {
                break;
            }
            before = error;
        }
        let enough = SHARP * scale / heap.len() as f64;
        if heap.peek().is_none_or(|worst| worst.error() <= enough) {
            break;
        }
        let Some(worst) = heap.pop() else { break };
        let middle = 0.5 * worst.from + 0.5 * worst.to;
        if !(worst.from < middle && middle < worst.to) {
            // As narrow as numbers are.
            heap.push(worst);
            break;
        }
        scale -= size(&worst);
        for (from, to) in [(worst.from, middle), (middle, worst.to)] {
            let part = cell(f, from, to);
            scale += size(&part);
            heap.push(part);
        }
    }
    heap.into_iter()
        .try_fold(Ball::zero(), |sum, cell| Some(sum + cell.value?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Body(fn(Model) -> Model);
    impl Objective for Body {
        type Error = ();
        fn at(&mut self, x: f64) -> Result<Ball, ()> {
            Ok((self.0)(Model::from_f64(x)).extent())
        }
        fn over(&mut self, range: Model) -> Result<Model, ()> {
            Some((self.0)(range)).filter(Real::is_finite).ok_or(())
        }
    }

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
        // Falls steeply, though everywhere defined.
        check(|x| x.sqrt(), 0.0, 1.0, 2.0 / 3.0, 1e-9);
        let diverges = integral(&mut Body(|x| Model::one() / x), 0.0, 1.0);
        assert!(diverges.is_none(), "{diverges:?}");
    }
}
