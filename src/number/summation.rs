//! Sums over an index with proved errors.
//!
//! The summand is asked for as a number at one index, and as a [`Model`] over a block of indices or over all from some
//! index on. Where a block is not understood (a jump, a kink, a peak, a pole) it is halved.

use std::collections::BinaryHeap;

use super::part::Part;
use super::{Ball, Model, Real};

/// Blocks up to this long are written out.
const WRITTEN_OUT: f64 = 12.0;
/// And whole sums up to this long.
const SHORT: f64 = 2_000.0;
/// Blocks looked at before a sum is left as it is.
const MOST_BLOCKS: usize = 4_000;
/// Errors below this share of the sum of sizes are rounding.
const SHARP: f64 = 1e-26;
/// Halves that have more than this of an error are not better known, where it is this share of their size.
const GAIN: f64 = 0.5;
const ROUNDING: f64 = 1e-18;
/// What underflow leaves open, no work mends.
const UNDERFLOW: f64 = 1e-290;
/// Relative errors that are small enough, of sums with a short head and with a long one.
const FINE: f64 = 1e-24;
const COARSE: f64 = 1e-20;
/// From here on a head is long.
const LONG: f64 = 1_000.0;
/// Terms written out before the rest is asked for as a whole.
const HEADS: [f64; 9] = [48.0, 200.0, 1_000.0, 10_000.0, 1e6, 1e8, 1e10, 1e12, 1e14];

/// A summand in the two ways it is asked for.
pub trait Summand {
    type Error;
    fn at(&mut self, index: f64) -> Result<Ball, Self::Error>;
    /// Over a range of indices; an error where it is not understood there.
    fn over(&mut self, range: Model) -> Result<Model, Self::Error>;
}

fn block<S: Summand>(
    summand: &mut S,
    from: f64,
    to: f64,
    written_out: f64,
) -> Result<Part, S::Error> {
    let count = to - from + 1.0;
    if count <= written_out {
        let mut value = Ball::zero();
        for i in 0..count as u32 {
            value = value + summand.at(from + f64::from(i))?;
        }
        // Written out, nothing is left to mend.
        return Ok(Part {
            from,
            to,
            value,
            error: 0.0,
        });
    }
    let value = match summand.over(Model::block(from, to)) {
        Ok(model) => model.block_sum(count),
        Err(_) => Ball::unknown(),
    };
    Ok(Part::of(from, to, value))
}

/// `Σ_{i=from}^{to} f(i)` for whole `from`, `to`. The ball holds the sum; how small it is depends on the work. Unknown
/// where a block was never understood.
pub fn finite<S: Summand>(summand: &mut S, from: f64, to: f64) -> Result<Ball, S::Error> {
    stretch(summand, from, to, 0.0)
}

/// The same as a part of a sum, of whose size errors are shares.
fn stretch<S: Summand>(summand: &mut S, from: f64, to: f64, whole: f64) -> Result<Ball, S::Error> {
    if to < from {
        return Ok(Ball::zero());
    }
    let mut heap = BinaryHeap::new();
    let mut settled = Ball::zero();
    let first = block(summand, from, to, SHORT)?;
    let mut scale = first.size();
    heap.push(first);
    for _ in 0..MOST_BLOCKS {
        let Some(worst) = heap.peek() else { break };
        let share = SHARP * f64::max(scale, whole) / (heap.len() as f64 + 1.0);
        if worst.error <= share.max(UNDERFLOW) {
            break;
        }
        let Some(worst) = heap.pop() else { break };
        let (a, b) = (worst.from, worst.to);
        let middle = if a >= 1.0 && b / a > 4.0 {
            (a.sqrt() * b.sqrt()).floor()
        } else {
            (0.5 * a + 0.5 * b).floor()
        };
        scale -= worst.size();
        let halves = [
            block(summand, a, middle, WRITTEN_OUT)?,
            block(summand, middle + 1.0, b, WRITTEN_OUT)?,
        ];
        let left: f64 = halves.iter().map(|part| part.error).sum();
        for part in halves {
            scale += part.size();
            // What halving does not lessen is rounding.
            let rounding = left > GAIN * worst.error && part.error <= ROUNDING * part.size();
            if part.error == 0.0 || rounding {
                settled = settled + part.value;
            } else {
                heap.push(part);
            }
        }
    }
    Ok(heap.into_iter().fold(settled, |sum, part| sum + part.value))
}

/// `Σ_{i ≥ from} f(i)`: a head, and a rest that is shown to converge. Unknown where no rest is.
pub fn infinite<S: Summand>(summand: &mut S, from: f64) -> Result<Ball, S::Error> {
    let mut best = Ball::unknown();
    let (mut head, mut next) = (Ball::zero(), from);
    for length in HEADS {
        let start = from.max(0.0) + length;
        let Some(rest) = rest(summand, start) else {
            continue;
        };
        head = head + stretch(summand, next, start - 1.0, head.midpoint().abs())?;
        next = start;
        let total = head + rest;
        if total.radius() < best.radius() {
            best = total;
        }
        // A longer head adds digits while the rest is what is uncertain, and no longer.
        let enough = if length < LONG { FINE } else { COARSE };
        if total.radius() <= (enough * total.midpoint().abs()).max(UNDERFLOW * 1e3)
            || rest.radius() < 0.1 * total.radius()
        {
            break;
        }
    }
    Ok(best)
}

/// The rest `Σ_{i ≥ start} f(i)` by itself, where it is shown to converge.
pub fn rest<S: Summand>(summand: &mut S, start: f64) -> Option<Ball> {
    let model = summand.over(Model::tail(start)).ok()?;
    model.tail_sum(start)
}

/// Whether `Σ_{i ≥ from} f(i)` is shown to grow beyond all bounds.
pub fn diverges<S: Summand>(summand: &mut S, from: f64) -> bool {
    HEADS.iter().any(|length| {
        let model = summand.over(Model::tail(from.max(0.0) + length));
        model.is_ok_and(|model| model.tail_diverges())
    })
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    struct Body<F, G>(F, G);
    impl<F: FnMut(f64) -> Ball, G: FnMut(Model) -> Option<Model>> Summand for Body<F, G> {
        type Error = ();
        fn at(&mut self, index: f64) -> Result<Ball, ()> {
            Ok((self.0)(index))
        }
        fn over(&mut self, range: Model) -> Result<Model, ()> {
            (self.1)(range).filter(Real::is_finite).ok_or(())
        }
    }

    fn generic(f: fn(Model) -> Option<Model>) -> impl Summand<Error = ()> {
        Body(
            move |i| f(Model::from_f64(i)).map_or(Ball::unknown(), |m| m.extent()),
            f,
        )
    }

    fn if_equal(x: &Model, to: f64) -> Option<Model> {
        let order = x.order(&Model::from_f64(to))?;
        Some(Model::from_f64(if order == Ordering::Equal {
            1.0
        } else {
            0.0
        }))
    }

    fn holds(sum: Ball, value: f64, within: f64) {
        let gap = sum - Ball::from_f64(value);
        assert!(
            gap.midpoint().abs() <= gap.radius() + 1e-15 * value.abs(),
            "{sum:?} {value}"
        );
        assert!(sum.radius() <= within, "{sum:?} {value}");
    }

    #[test]
    fn sums_that_grow_without_bound_are_told_from_those_that_converge() {
        let mut harmonic = generic(|x| Some(Model::one() / x));
        assert!(diverges(&mut harmonic, 1.0));
        assert!(!infinite(&mut harmonic, 1.0).unwrap().is_finite());
        let mut ones = generic(|_| Some(-Model::one()));
        assert!(diverges(&mut ones, 3.0));
        let mut roots =
            generic(|x| Some((Model::from_f64(2.0) - Model::one() / x.clone()) / x.sqrt()));
        assert!(diverges(&mut roots, 1.0));
        let mut squares = generic(|x| Some(Model::one() / (x.clone() * x)));
        assert!(!diverges(&mut squares, 1.0));
        let mut nothing = generic(|x| Some(Model::one() / x.clone() - Model::one() / x));
        assert!(!diverges(&mut nothing, 1.0));
        // 1/i − 1/(i+1) falls faster than either.
        let mut telescope =
            generic(|x| Some(Model::one() / x.clone() - Model::one() / (x + Model::one())));
        assert!(!diverges(&mut telescope, 1.0));
    }

    #[test]
    fn jumps_peaks_and_ramps_are_found() {
        let mut jump = generic(|x| if_equal(&x, 700_000.0));
        holds(finite(&mut jump, 1.0, 1e6).unwrap(), 1.0, 1e-25);
        let mut sparse = generic(|x| if_equal(&x, 50.0));
        holds(infinite(&mut sparse, 1.0).unwrap(), 1.0, 1e-25);
        let mut ramp = generic(|x| Some((x - Model::from_f64(900_000.0)).greater(&Model::zero())));
        holds(
            finite(&mut ramp, 1.0, 1e6).unwrap(),
            100_000.0 * 100_001.0 / 2.0,
            1e-10,
        );
        let mut peak = generic(|x| {
            let y = x - Model::from_f64(50_000.0);
            Some((-(y.clone() * y)).exp())
        });
        // ϑ_3(0, 1/e)
        holds(
            finite(&mut peak, 1.0, 1e5).unwrap(),
            1.772_637_204_826_652_2,
            1e-20,
        );
        let mut gauss = generic(|x| {
            let y = x - Model::from_f64(50.0);
            Some((-(y.clone() * y)).exp())
        });
        holds(
            infinite(&mut gauss, 1.0).unwrap(),
            1.772_637_204_826_652_2,
            1e-20,
        );
    }

    #[test]
    fn smooth_sums_are_sharp() {
        let mut harmonic = generic(|x| Some(Model::one() / x));
        // H_n = ψ(n + 1) + γ
        let exact = super::super::special::digamma(&super::super::Precise::from_f64(1e9 + 1.0))
            + super::super::special::euler();
        let found = finite(&mut harmonic, 1.0, 1e9).unwrap();
        let gap = found - Ball::from_precise(&exact);
        assert!(
            gap.midpoint().abs() <= gap.radius() && gap.radius() < 1e-20,
            "{found:?}"
        );
        assert!(!infinite(&mut harmonic, 1.0).unwrap().is_finite());
        let mut square = generic(|x| Some(x.powi(-2)));
        let exact = super::super::special::zeta(&super::super::Precise::integer(2));
        let gap = infinite(&mut square, 1.0).unwrap() - Ball::from_precise(&exact);
        assert!(
            gap.midpoint().abs() <= gap.radius() && gap.radius() < 1e-22,
            "{gap:?}"
        );
    }
}
