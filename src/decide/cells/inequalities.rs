//! Inequalities in a box: intervals settle what they can ([`super::contract`]); borders that touch are left to
//! combinations of them ([`super::combination`]), whose dual is a point to try where there is none, and the box is
//! halved.

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use super::combination::{Combination, combination, degree};
use super::contract::{Constraints, Halving, Ranges};
use super::form::{Monomial, Polynomial};
use crate::number::{rational_from_f64, simplest_between, simplest_between_doubles};

/// Boxes looked at before the question is left open.
const MAX_BOXES: usize = 8;
/// Boxes of intervals looked at before combinations are tried, and after that.
pub const FEW_BOXES: usize = 12;
const MANY_BOXES: usize = 250;
/// Sums of two constraints that are looked at beside them.
const MAX_SUMS: usize = 24;
/// Neighbourhoods in which the simplest number is tried, as shares of the box.
const ROUNDINGS: [f64; 6] = [0.15, 0.04, 1e-2, 1e-3, 1e-5, 1e-8];

/// What a search for a point found.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    Point(Vec<BigRational>),
    Empty,
    /// Neither a point nor a proof within the work allowed.
    Open,
}

/// Inequalities alone.
pub fn inside(
    ranges: &Ranges,
    positive: &[Polynomial],
    weak: &[Polynomial],
    free: &[usize],
) -> Search {
    let Some((positive, weak)) = simplified(ranges, positive, weak) else {
        return Search::Empty;
    };
    if positive.iter().chain(&weak).any(|p| !p.is_small()) {
        return Search::Open;
    }
    let fits = |point: &[BigRational]| {
        let ends = ranges.low.iter().zip(&ranges.high).zip(point);
        ends.into_iter()
            .all(|((low, high), x)| low <= x && x <= high)
            && positive.iter().all(|p| p.value(point).is_positive())
            && weak.iter().all(|p| !p.value(point).is_negative())
    };
    let constraints = Constraints::new(&[], &positive, &weak);
    let (hull, kept) = match constraints.halve(&ranges.intervals(), FEW_BOXES, fits) {
        Halving::Empty => return Search::Empty,
        Halving::Point(point) => return Search::Point(point),
        Halving::Open { hull, kept } => (hull, kept),
    };
    let (strict, weakly) = kept.split_at(positive.len());
    let those = |all: &[Polynomial], kept: &[bool]| -> Vec<Polynomial> {
        let kept = all.iter().zip(kept).filter(|(_, kept)| **kept);
        kept.map(|(p, _)| p.clone()).collect()
    };
    let (open, open_weak) = (those(&positive, strict), those(&weak, weakly));
    let occurs = |i: &usize| open.iter().chain(&open_weak).any(|p| p.degree_in(*i) > 0);
    let free: Vec<usize> = free.iter().copied().filter(occurs).collect();
    let part = ranges.within(&hull);
    // borders that touch would be halved in vain
    let suggestion = match combination(&part, &open, &open_weak, &free) {
        Combination::Impossible => return Search::Empty,
        Combination::Suggests(point) => point,
    };
    match constraints.halve(&hull, MANY_BOXES, fits) {
        Halving::Empty => Search::Empty,
        Halving::Point(point) => Search::Point(point),
        Halving::Open { .. } => by_combinations(&part, suggestion, (&open, &open_weak), &free),
    }
}

/// The constraints without what others say already; `None` where two of them exclude each other.
fn simplified(
    ranges: &Ranges,
    positive: &[Polynomial],
    weak: &[Polynomial],
) -> Option<(Vec<Polynomial>, Vec<Polynomial>)> {
    let normal = |polynomials: &[Polynomial], strict: bool| {
        let mut kept: Vec<Polynomial> = Vec::new();
        for p in polynomials {
            match p.as_constant() {
                Some(c) if c.is_positive() || !strict && c.is_zero() => {}
                Some(_) => return None,
                None => {
                    let p = without_positive(p, ranges);
                    let largest = p.terms().map(|(_, c)| c.abs()).max()?;
                    let p = p.scaled(&largest.recip()?);
                    if !kept.contains(&p) {
                        kept.push(p);
                    }
                }
            }
        }
        Some(kept)
    };
    let divided = |all: &[Polynomial]| -> Vec<Polynomial> {
        let without = |p: &Polynomial| without_factors(p, positive);
        all.iter().map(without).collect()
    };
    let (strict, weak) = (divided(positive), divided(weak));
    let mut positive = normal(&strict, true)?;
    let weak = normal(&weak, false)?;
    let sums: Vec<Polynomial> = shorter_sums(&positive)
        .iter()
        .map(|p| without_factors(&without_positive(p, ranges), &positive))
        .collect();
    positive.extend(normal(&sums, true)?);
    let opposite = |p: &Polynomial| {
        let p = p.negated();
        positive.contains(&p) || weak.contains(&p)
    };
    let excluded = positive.iter().any(opposite);
    (!excluded).then_some((positive, weak))
}

/// Sums of two positive polynomials in which a product of parameters cancels, where they are shorter than the longer one.
fn shorter_sums(positive: &[Polynomial]) -> Vec<Polynomial> {
    let mut sums: Vec<Polynomial> = Vec::new();
    for (i, p) in positive.iter().enumerate() {
        for q in &positive[..i] {
            let coefficient = |m: &Monomial| q.terms().find(|(n, _)| *n == m).map(|(_, c)| c);
            for (m, c) in p.terms().filter(|(m, _)| degree(m) > 1) {
                let Some(other) = coefficient(m).filter(|d| d.is_negative() != c.is_negative())
                else {
                    continue;
                };
                let sum = p.scaled(&other.abs()).plus(&q.scaled(&c.abs()));
                let longest = p.terms().count().max(q.terms().count());
                if sum.terms().count() < longest && !sums.contains(&sum) {
                    sums.push(sum);
                }
                if sums.len() == MAX_SUMS {
                    return sums;
                }
            }
        }
    }
    sums
}

/// Without the factors that are positive as other constraints say.
fn without_factors(p: &Polynomial, positive: &[Polynomial]) -> Polynomial {
    let mut rest = p.clone();
    let factors = positive.iter().filter(|q| *q != p);
    for factor in factors.filter(|q| q.as_constant().is_none()) {
        // a multiple of another constraint stays: both must not go
        while let Some(quotient) = rest.divided(factor)
            && quotient.as_constant().is_none()
        {
            rest = quotient;
        }
    }
    rest
}

/// Without the parameters that divide it and are positive.
fn without_positive(p: &Polynomial, ranges: &Ranges) -> Polynomial {
    let mut rest = p.clone();
    if p.is_zero() {
        return rest;
    }
    for i in p.common_parameters() {
        let factor = Polynomial::parameter(i);
        while ranges.low[i].is_positive()
            && let Some(quotient) = rest.divided(&factor)
        {
            rest = quotient;
        }
    }
    rest
}

/// Where halving leaves the question open: borders that touch, and corners.
fn by_combinations(
    ranges: &Ranges,
    suggestion: Vec<f64>,
    (positive, weak): (&[Polynomial], &[Polynomial]),
    free: &[usize],
) -> Search {
    let mut boxes = vec![(ranges.clone(), Some(suggestion))];
    let mut looked_at = 0;
    while let Some((current, known)) = boxes.pop() {
        looked_at += 1;
        if looked_at > MAX_BOXES {
            return Search::Open;
        }
        let suggestion = match known {
            Some(point) => point,
            None => match combination(&current, positive, weak, free) {
                Combination::Impossible => continue,
                Combination::Suggests(point) => point,
            },
        };
        if let Some(point) = rounded(&current, positive, weak, &suggestion) {
            return Search::Point(point);
        }
        // halve the widest side that matters
        let width = |i: usize| {
            let (l, h) = (&current.low[i], &current.high[i]);
            let whole = &ranges.high[i] - &ranges.low[i];
            if whole.is_zero() {
                return 0.0;
            }
            ((h - l) / whole).to_f64().unwrap_or(0.0)
        };
        let occurs = |i: usize| positive.iter().chain(weak).any(|p| p.degree_in(i) > 0);
        let widest = free
            .iter()
            .copied()
            .filter(|i| occurs(*i))
            .max_by(|a, b| width(*a).total_cmp(&width(*b)));
        let Some(x) = widest.filter(|i| width(*i) > 1e-9) else {
            return Search::Open;
        };
        let middle = (&current.low[x] + &current.high[x]) / BigRational::from_integer(2.into());
        let (mut lower, mut upper) = (current.clone(), current);
        lower.high[x] = middle.clone();
        upper.low[x] = middle;
        // the half with the suggestion first
        let goes_up = suggestion[x] > lower.high[x].to_f64().unwrap_or(0.0);
        if goes_up {
            boxes.extend([(lower, None), (upper, None)]);
        } else {
            boxes.extend([(upper, None), (lower, None)]);
        }
    }
    Search::Empty
}

/// A simple point near the suggestion, or near the middle of the box, with every sign right.
fn rounded(
    ranges: &Ranges,
    positive: &[Polynomial],
    weak: &[Polynomial],
    suggestion: &[f64],
) -> Option<Vec<BigRational>> {
    let float = |x: &BigRational| x.to_f64().unwrap_or(f64::NAN);
    for share in ROUNDINGS {
        let point: Option<Vec<BigRational>> = suggestion
            .iter()
            .enumerate()
            .map(|(i, x)| {
                let (low, high) = (&ranges.low[i], &ranges.high[i]);
                if low == high {
                    return Some(low.clone());
                }
                let reach = share * (float(high) - float(low));
                if let Some(simple) = simplest_between_doubles(x - reach, x + reach)
                    && simple >= *low
                    && simple <= *high
                {
                    return Some(simple);
                }
                let from = rational_from_f64(x - reach)?.max(low.clone());
                let to = rational_from_f64(x + reach)?.min(high.clone());
                if from >= to {
                    return Some(low.clone());
                }
                Some(simplest_between(&from, &to))
            })
            .collect();
        let point = point?;
        let fits = positive.iter().all(|p| p.value(&point).is_positive())
            && weak.iter().all(|p| !p.value(&point).is_negative());
        if fits {
            return Some(point);
        }
    }
    None
}
