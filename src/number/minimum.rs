//! Global minima over an interval, by branch and bound.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Ball, Interval, Model, Real};

/// Boxes looked at before a minimum is left as it is.
const MOST_BOXES: usize = 1_200;
/// Coefficients of the models: enough for valleys that are nearly parabolas.
const ORDER: usize = 4;
/// Bounds this close are as good as one.
const SHARP: f64 = 1e-22;

/// Or this close, as a share of the values at the ends.
const FAINT: f64 = 1e-28;

/// A function in the two ways it is asked for.
pub trait Objective {
    type Error;
    /// The value at a point; an error where there is none.
    fn at(&mut self, x: f64) -> Result<Ball, Self::Error>;
    fn over(&mut self, range: Model) -> Result<Model, Self::Error>;
    /// All values over a range where there is no model: an end may be infinite, as beside a pole.
    fn hull(&mut self, _range: &Model, _ends: Interval) -> Option<Interval> {
        None
    }
}

/// Where the function is least, and how small it is there. Both are balls that hold what they are of.
#[derive(Clone, Copy, Debug)]
pub struct Minimum {
    pub place: Ball,
    pub value: Ball,
}

struct Piece {
    from: f64,
    to: f64,
    /// Nothing in it is smaller; `None` where nothing is known.
    least: Option<Ball>,
}

impl Piece {
    fn of<F: Objective>(f: &mut F, from: f64, to: f64) -> Self {
        let range = Model::block_of_order(from, to, ORDER);
        let model = f.over(range.clone()).ok();
        let extent = model.map(|m| m.extent()).filter(Ball::is_finite);
        let least = extent.map(|e| e.lower_end()).or_else(|| {
            let low = f.hull(&range, Interval::new(from, to))?.low;
            low.is_finite().then(|| Ball::from_f64(low))
        });
        Self { from, to, least }
    }

    fn key(&self) -> f64 {
        self.least.map_or(f64::NEG_INFINITY, |x| x.midpoint())
    }
}
impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Piece {}
impl PartialOrd for Piece {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Piece {
    /// The heap hands out the piece that may be smallest; among equals to `f64` the finer bound decides.
    fn cmp(&self, other: &Self) -> Ordering {
        let coarse = other.key().total_cmp(&self.key());
        coarse.then_with(|| match (self.least, other.least) {
            (Some(a), Some(b)) => b.order(&a).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        })
    }
}

/// Half way from `a` to `b > a`: between numbers of one size their mean, between others their geometric mean.
pub fn half_way(a: f64, b: f64) -> f64 {
    if a > 0.0 && b / a > 4.0 {
        a.sqrt() * b.sqrt()
    } else {
        0.5 * a + 0.5 * b
    }
}

/// The least value over `[low, high]`, `low < high`: every valley, both ends. `None` where a part of the interval was
/// never understood, so that the minimum might be anything there.
pub fn minimum<F: Objective>(f: &mut F, low: f64, high: f64) -> Option<Minimum> {
    let mut best: Option<Ball> = None;
    let mut heap = BinaryHeap::new();
    let consider = |f: &mut F, x: f64, best: &mut Option<Ball>| {
        if let Ok(value) = f.at(x)
            && value.is_finite()
        {
            let top = value.upper_end();
            if best.is_none_or(|b| top.order(&b) == Some(Ordering::Less)) {
                *best = Some(top);
            }
        }
    };
    let mut span = 0.0f64;
    for end in [low, high] {
        consider(f, end, &mut best);
        if let Ok(value) = f.at(end) {
            span = span.max(value.midpoint().abs());
        }
    }
    heap.push(Piece::of(f, low, high));
    let mut left = MOST_BOXES;
    while let Some(next) = heap.peek() {
        if let (Some(least), Some(top)) = (next.least, best) {
            let gap = (top - least).midpoint();
            if gap <= (SHARP * top.midpoint().abs()).max(FAINT * span) {
                break;
            }
        }
        if left == 0 {
            break;
        }
        left -= 1;
        let Some(next) = heap.pop() else { break };
        let (a, b) = (next.from, next.to);
        let middle = half_way(a, b);
        if !(a < middle && middle < b) {
            // As narrow as numbers are.
            heap.push(next);
            break;
        }
        consider(f, middle, &mut best);
        heap.push(Piece::of(f, a, middle));
        heap.push(Piece::of(f, middle, b));
    }
    enclosed(heap, best?)
}

/// Where a value of at most `top` may lie among the pieces that are left.
fn enclosed(pieces: BinaryHeap<Piece>, top: Ball) -> Option<Minimum> {
    let mut place: Option<Ball> = None;
    let mut least: Option<Ball> = None;
    for piece in pieces {
        let bound = piece.least?;
        if bound.order(&top) == Some(Ordering::Greater) {
            continue;
        }
        let here = Ball::bounds(&Ball::from_f64(piece.from), &Ball::from_f64(piece.to));
        place = Some(place.map_or(here, |all| {
            let low = all.lower_end().lesser(&here.lower_end());
            let high = all.upper_end().greater(&here.upper_end());
            Ball::bounds(&low, &high)
        }));
        if least.is_none_or(|l| bound.order(&l) == Some(Ordering::Less)) {
            least = Some(bound);
        }
    }
    Some(Minimum {
        place: place?,
        value: Ball::bounds(&least?, &top),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub struct Body(pub fn(Model) -> Model);
    impl Objective for Body {
        type Error = ();
        fn at(&mut self, x: f64) -> Result<Ball, ()> {
            Ok((self.0)(Model::from_f64(x)).extent())
        }
        fn over(&mut self, range: Model) -> Result<Model, ()> {
            Some((self.0)(range)).filter(Real::is_finite).ok_or(())
        }
    }

    fn check(f: fn(Model) -> Model, low: f64, high: f64, place: f64, value: f64) {
        let found = minimum(&mut Body(f), low, high).unwrap();
        let near = |ball: Ball, x: f64, within: f64| {
            let gap = (ball - Ball::from_f64(x)).midpoint().abs();
            gap <= ball.radius() + 1e-15 && ball.radius() <= within
        };
        assert!(near(found.place, place, 1e-6), "{found:?}: {place}");
        assert!(near(found.value, value, 1e-15), "{found:?}: {value}");
    }

    #[test]
    fn every_valley_is_seen() {
        // A dip a thousandth wide.
        check(
            |x| {
                let y = (x - Model::from_f64(0.515625)) / Model::from_f64(0.0009765625);
                Model::one() - (-(y.clone() * y)).exp()
            },
            0.0,
            1.0,
            0.515625,
            0.0,
        );
        // Two valleys, the narrow one a little deeper.
        check(
            |x| {
                let wide = x.clone() - Model::from_f64(0.25);
                let narrow = (x - Model::from_f64(0.75)) / Model::from_f64(0.0078125);
                wide.clone() * wide - Model::from_f64(0.5) * (-(narrow.clone() * narrow)).exp()
            },
            0.0,
            0.5,
            0.25,
            0.0,
        );
        // Over six orders of magnitude: x + 1/x.
        check(|x| x.clone() + Model::one() / x, 0.001, 1000.0, 1.0, 2.0);
        // Where the base of a power changes its sign.
        check(
            |x| (x - Model::one()).powf(&Model::from_f64(2.0)),
            0.0,
            10.0,
            1.0,
            0.0,
        );
        // At an end.
        check(|x| x, 2.0, 3.0, 2.0, 2.0);
        let found = minimum(&mut Body(|x| Model::one() / x), -1.0, 1.0);
        assert!(found.is_none(), "{found:?}");
    }
}
