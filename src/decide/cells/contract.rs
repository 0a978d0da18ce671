//! Boxes around the points of a cell: interval arithmetic on its constraints, rounded outwards.
//!
//! A constraint bounds every parameter in which it is linear; where its slope has one sign over a box, its greatest
//! value is taken at an end. What is left is halved, until a box is empty, or its middle is a point.

use std::cmp::Ordering;
use std::collections::VecDeque;

use num_rational::BigRational;

use super::form::{MAX_PARAMETERS, Monomial, Polynomial};
use crate::number::{Interval, rational_from_f64, simplest_between_doubles};

/// Rounds of contraction in one box.
const ROUNDS: usize = 4;
/// A side that shrinks by less in a round is left alone.
const WORTHWHILE: f64 = 0.9;
/// Points tried in each box.
const DIVES: u32 = 8;
/// A point keeps so far from the ends of a side, as a share of it, and is so near to where it was wanted.
const EDGE: f64 = 0.08;
const NEAR: f64 = 0.07;
/// How far outside of a box its ends may lie, as a share of its width.
const LOOSE: f64 = 1e-2;
/// Multiples of it, without their whole parts, spread evenly.
const GOLDEN: f64 = 0.618_033_988_749_895;
/// Sides are not halved below this share of the whole.
const NARROW: f64 = 1e-6;

const ZERO: Interval = Interval {
    low: 0.0,
    high: 0.0,
};

fn quotient(a: f64, b: f64, up: bool) -> f64 {
    let q = a / b;
    if b.abs() == 1.0 || a == 0.0 {
        return q;
    }
    if up { q.next_up() } else { q.next_down() }
}

/// So far from the lower end, as a share of the width.
fn at_share(side: Interval, share: f64) -> f64 {
    (1.0 - share) * side.low + share * side.high
}

/// Closed ranges of the parameters.
#[derive(Clone, Debug)]
pub struct Ranges {
    pub low: Vec<BigRational>,
    pub high: Vec<BigRational>,
}

impl Ranges {
    /// The part within a box, with simple ends a little outside of it.
    pub fn within(&self, hull: &[Interval]) -> Self {
        let mut part = self.clone();
        for (i, side) in hull.iter().enumerate() {
            let slack = LOOSE * (side.high - side.low);
            let exactly = (rational_from_f64(side.low), rational_from_f64(side.high));
            let (Some(from), Some(to)) = exactly else {
                continue;
            };
            if let Some(low) = simplest_between_doubles(side.low - slack, side.low)
                && low > part.low[i]
                && low <= from
            {
                part.low[i] = low;
            }
            if let Some(high) = simplest_between_doubles(side.high, side.high + slack)
                && high < part.high[i]
                && high >= to
            {
                part.high[i] = high;
            }
        }
        part
    }

    pub fn intervals(&self) -> Vec<Interval> {
        let ends = self.low.iter().zip(&self.high);
        ends.map(|(low, high)| Interval::between(low, high))
            .collect()
    }
}

/// What a polynomial has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted {
    Zero,
    Positive,
    NotNegative,
}

/// A polynomial for intervals.
struct Terms {
    terms: Vec<(Monomial, Interval)>,
    /// The parameters that occur.
    parameters: Vec<usize>,
}

impl Terms {
    fn new(p: &Polynomial) -> Self {
        let terms: Vec<(Monomial, Interval)> = p
            .terms()
            .map(|(m, c)| {
                let c = c.to_rational();
                (*m, Interval::between(&c, &c))
            })
            .collect();
        let occurs = |i: &usize| terms.iter().any(|(m, _)| m[*i] > 0);
        let parameters = (0..MAX_PARAMETERS).filter(occurs).collect();
        Self { terms, parameters }
    }

    fn value(&self, sides: &[Interval]) -> Interval {
        let terms = self.terms.iter();
        terms.fold(ZERO, |total, (m, c)| total + term(sides, m, *c))
    }

    fn slope(&self, sides: &[Interval], x: usize) -> Interval {
        let rising = self.terms.iter().filter(|(m, _)| m[x] > 0);
        rising.fold(ZERO, |total, (m, c)| {
            let mut lowered = *m;
            lowered[x] -= 1;
            let factor = Interval::point(f64::from(m[x]));
            total + term(sides, &lowered, *c * factor)
        })
    }

    /// Bounds of the value, with every parameter of a certain slope at an end.
    fn range(&self, sides: &[Interval]) -> Interval {
        if self.terms.len() < 2 {
            return self.value(sides);
        }
        let (mut least, mut greatest) = (sides.to_vec(), sides.to_vec());
        for &x in &self.parameters {
            if sides[x].low == sides[x].high {
                continue;
            }
            let slope = self.slope(sides, x);
            let (low, high) = (
                Interval::point(sides[x].low),
                Interval::point(sides[x].high),
            );
            if slope.low >= 0.0 {
                (least[x], greatest[x]) = (low, high);
            } else if slope.high <= 0.0 {
                (least[x], greatest[x]) = (high, low);
            }
        }
        Interval {
            low: self.value(&least).low,
            high: self.value(&greatest).high,
        }
    }
}

struct Constraint {
    whole: Terms,
    wanted: Wanted,
    /// For each parameter in which the polynomial is linear: what stands beside it, and its factor.
    linear: Vec<(usize, Terms, Terms)>,
}

impl Constraint {
    fn new(p: &Polynomial, wanted: Wanted) -> Self {
        let whole = Terms::new(p);
        let parts = whole.parameters.iter().filter_map(|&x| {
            let parts = p.coefficients_in(x);
            let [rest, factor] = parts.as_slice() else {
                return None;
            };
            Some((x, Terms::new(rest), Terms::new(factor)))
        });
        Self {
            linear: parts.collect(),
            whole,
            wanted,
        }
    }

    fn range(&self, sides: &[Interval]) -> Interval {
        self.whole.range(sides)
    }

    fn impossible(&self, range: Interval) -> bool {
        match self.wanted {
            Wanted::Positive => range.high <= 0.0,
            Wanted::NotNegative => range.high < 0.0,
            Wanted::Zero => range.high < 0.0 || range.low > 0.0,
        }
    }

    fn certain(&self, range: Interval) -> bool {
        match self.wanted {
            Wanted::Positive => range.low > 0.0,
            Wanted::NotNegative => range.low >= 0.0,
            Wanted::Zero => false,
        }
    }

    /// Narrows the wanted parameters in which the polynomial is linear; `false` where none is left.
    fn narrow(&self, sides: &mut [Interval], wanted: impl Fn(usize) -> bool) -> bool {
        for (x, rest, factor) in self.linear.iter().filter(|(x, ..)| wanted(*x)) {
            let (rest, factor) = (rest.range(sides), factor.range(sides));
            let side = &mut sides[*x];
            // factor·x + rest ≥ 0, and the same turned round for an equation
            bound(side, factor, rest);
            if self.wanted == Wanted::Zero {
                bound(side, -factor, -rest);
            }
            if side.low > side.high {
                return false;
            }
        }
        true
    }
}

fn term(sides: &[Interval], m: &Monomial, c: Interval) -> Interval {
    let mut value = c;
    for (i, power) in m.iter().enumerate() {
        if *power > 0 {
            let power = sides[i].whole_power(i32::from(*power));
            value = value * power.unwrap_or(Interval::EVERYTHING);
        }
    }
    value
}

/// Keeps the `x` with `factor·x + rest ≥ 0` for some factor and rest of their intervals.
fn bound(x: &mut Interval, factor: Interval, rest: Interval) {
    let most = rest.high;
    if factor.low > 0.0 {
        let against = if most <= 0.0 { factor.high } else { factor.low };
        x.low = x.low.max(quotient(-most, against, false));
    } else if factor.high < 0.0 {
        let against = if most >= 0.0 { factor.high } else { factor.low };
        x.high = x.high.min(quotient(most, -against, true));
    }
}

/// What halving found out.
pub enum Halving {
    Empty,
    Point(Vec<BigRational>),
    /// A box around all points, and which of the constraints may fail in it.
    Open {
        hull: Vec<Interval>,
        kept: Vec<bool>,
    },
}

/// The sign of a polynomial over a box, where it has one.
pub fn sign(p: &Polynomial, sides: &[Interval]) -> Option<Ordering> {
    let range = Terms::new(p).range(sides);
    if range.low > 0.0 {
        Some(Ordering::Greater)
    } else if range.high < 0.0 {
        Some(Ordering::Less)
    } else {
        None
    }
}

/// Polynomials with what each of them has to be.
pub struct Constraints(Vec<Constraint>);

impl Constraints {
    pub fn new(equal: &[Polynomial], positive: &[Polynomial], weak: &[Polynomial]) -> Self {
        let of = |p: &[Polynomial], wanted: Wanted| -> Vec<Constraint> {
            p.iter().map(|p| Constraint::new(p, wanted)).collect()
        };
        let mut all = of(equal, Wanted::Zero);
        all.extend(of(positive, Wanted::Positive));
        all.extend(of(weak, Wanted::NotNegative));
        Self(all)
    }

    /// Halves a box until no part of it can hold a point, `is_point` says yes, or so many parts were looked at.
    pub fn halve<F>(&self, whole: &[Interval], most: usize, is_point: F) -> Halving
    where
        F: Fn(&[BigRational]) -> bool,
    {
        let equations = self.0.iter().any(|c| c.wanted == Wanted::Zero);
        let mut hull: Option<(Vec<Interval>, Vec<bool>)> = None;
        let mut boxes = VecDeque::from([whole.to_vec()]);
        let mut looked_at = 0;
        while let Some(mut sides) = boxes.pop_front() {
            looked_at += 1;
            let Some(open) = self.contracted(&mut sides) else {
                continue;
            };
            let (hull, kept) = hull.get_or_insert_with(|| (sides.clone(), open.clone()));
            for attempt in (0..DIVES).filter(|_| !equations) {
                if let Some(point) = self.dive(&sides, attempt)
                    && is_point(&point)
                {
                    return Halving::Point(point);
                }
            }
            let share = |i: usize| {
                let all = whole[i].width();
                if all > 0.0 {
                    sides[i].width() / all
                } else {
                    0.0
                }
            };
            let occurs = |i: &usize| {
                let mut open = self.0.iter().zip(&open).filter(|(_, open)| **open);
                open.any(|(c, _)| c.whole.parameters.contains(i))
            };
            let widest = (0..sides.len())
                .filter(occurs)
                .max_by(|a, b| share(*a).total_cmp(&share(*b)));
            let Some(x) = widest.filter(|i| share(*i) > NARROW && looked_at < most) else {
                return Halving::Open {
                    hull: hull.clone(),
                    kept: kept.clone(),
                };
            };
            let middle = sides[x].middle();
            let mut upper = sides.clone();
            sides[x].high = middle;
            upper[x].low = middle;
            boxes.extend([sides, upper]);
        }
        Halving::Empty
    }

    /// Which constraints a contracted box leaves open; `None` where it is empty.
    fn contracted(&self, sides: &mut [Interval]) -> Option<Vec<bool>> {
        for _ in 0..ROUNDS {
            let before = sides.to_vec();
            if !self.0.iter().all(|c| c.narrow(sides, |_| true)) {
                return None;
            }
            let shrunk = |(a, b): (&Interval, &Interval)| b.width() < WORTHWHILE * a.width();
            if !before.iter().zip(sides.iter()).any(shrunk) {
                break;
            }
        }
        let mut open = Vec::with_capacity(self.0.len());
        for constraint in &self.0 {
            let range = constraint.range(sides);
            if constraint.impossible(range) {
                return None;
            }
            open.push(!constraint.certain(range));
        }
        Some(open)
    }

    /// A simple point: one parameter after the other, within what those before it leave. The first attempt takes
    /// the middles, the others spread over the box; every other one begins with the last parameter.
    fn dive(&self, sides: &[Interval], attempt: u32) -> Option<Vec<BigRational>> {
        let backwards = attempt % 2 == 1;
        let mut sides = sides.to_vec();
        let count = sides.len();
        let mut point = vec![BigRational::default(); count];
        for step in 0..count {
            let x = if backwards { count - 1 - step } else { step };
            let side = sides[x];
            let turn = f64::from(attempt / 2) * GOLDEN * (x + 1) as f64;
            let share = EDGE + (1.0 - 2.0 * EDGE) * (0.5 + turn).fract();
            let (at, reach) = (at_share(side, share), NEAR * side.width());
            point[x] = if reach > 0.0 {
                simplest_between_doubles(at - reach, at + reach)?
            } else {
                rational_from_f64(at)?
            };
            sides[x] = Interval::between(&point[x], &point[x]);
            let open = |y: usize| if backwards { y < x } else { y > x };
            let mut touched = self.0.iter().filter(|c| c.whole.parameters.contains(&x));
            if !touched.all(|c| c.narrow(&mut sides, open)) {
                return None;
            }
        }
        Some(point)
    }
}
