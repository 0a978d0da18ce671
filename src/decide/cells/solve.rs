//! Points of a cell: a box cut by polynomial equations and inequalities, or the proof that it is empty.
//!
//! Equations are solved for a parameter in which they are linear. Of inequalities a combination with non-negative
//! multipliers, together with products of the box's bounds, may add up to a number that is not positive: then the
//! cell is empty. Such combinations are found in floating point and checked in exact arithmetic. Where there is
//! none, its dual is a point to try, and the box is halved.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::form::{MAX_PARAMETERS, Monomial, Polynomial};
use super::linear::minimise;
use crate::number::{rational_from_f64, simplest_between, simplest_between_doubles};

/// Boxes looked at before the question is left open.
const MAX_BOXES: usize = 16;
/// Equations solved one after the other.
const MAX_DEPTH: usize = 8;
/// Products of bounds beyond this degree are not formed.
const MAX_PRODUCT: u32 = 5;
/// Products of constraints with bounds are formed for at most so many constraints times parameters.
const MAX_MULTIPLIED: usize = 40;
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

/// Closed ranges of the parameters.
#[derive(Clone, Debug)]
pub struct Ranges {
    pub low: Vec<BigRational>,
    pub high: Vec<BigRational>,
}

#[derive(Clone, Debug, Default)]
struct System {
    equal: Vec<Polynomial>,
    positive: Vec<Polynomial>,
    /// not negative
    weak: Vec<Polynomial>,
}

/// A point in the ranges at which every polynomial has its sign.
pub fn find(ranges: &Ranges, signs: &[(Polynomial, Ordering)]) -> Search {
    let mut system = System::default();
    for (p, sign) in signs {
        match sign {
            Ordering::Equal => system.equal.push(p.clone()),
            Ordering::Greater => system.positive.push(p.clone()),
            Ordering::Less => system.positive.push(p.negated()),
        }
    }
    let free: Vec<usize> = (0..ranges.low.len()).collect();
    solve(ranges, system, free, MAX_DEPTH)
}

fn solve(ranges: &Ranges, mut system: System, free: Vec<usize>, depth: usize) -> Search {
    let mut open = false;
    let Some(at) = system.equal.iter().position(|p| !p.is_zero()) else {
        return inside(ranges, &system, &free);
    };
    if depth == 0 {
        return Search::Open;
    }
    let p = system.equal.swap_remove(at);
    if p.as_constant().is_some() {
        return Search::Empty;
    }
    // a parameter in which the equation is linear, with a constant factor if there is one
    let linear = free.iter().copied().filter(|i| p.degree_in(*i) == 1);
    let solved = linear.min_by_key(|i| p.coefficients_in(*i)[1].terms().count());
    let Some(x) = solved else {
        return Search::Open;
    };
    let parts = p.coefficients_in(x);
    let (b, a) = (parts[0].negated(), parts[1].clone());
    let rest: Vec<usize> = free.iter().copied().filter(|i| *i != x).collect();
    let signs: &[i32] = match a.as_constant() {
        Some(c) if c.is_positive() => &[1],
        Some(_) => &[-1],
        None => &[1, -1, 0],
    };
    for &sign in signs {
        let found = if sign == 0 {
            let mut degenerate = system.clone();
            degenerate.equal.extend([a.clone(), b.clone()]);
            solve(ranges, degenerate, free.clone(), depth - 1)
        } else {
            let (a, b) = if sign > 0 {
                (a.clone(), b.clone())
            } else {
                (a.negated(), b.negated())
            };
            let replaced = |q: &Polynomial| replace(q, x, &b, &a);
            let mut reduced = System {
                equal: system.equal.iter().map(replaced).collect(),
                positive: system.positive.iter().map(replaced).collect(),
                weak: system.weak.iter().map(replaced).collect(),
            };
            reduced.weak.push(b.minus(&a.scaled(&ranges.low[x])));
            reduced.weak.push(a.scaled(&ranges.high[x]).minus(&b));
            if a.as_constant().is_none() {
                reduced.positive.push(a.clone());
            }
            match solve(ranges, reduced, rest.clone(), depth - 1) {
                Search::Point(mut point) => {
                    point[x] = b.value(&point) / a.value(&point);
                    Search::Point(point)
                }
                other => other,
            }
        };
        match found {
            Search::Point(point) => return Search::Point(point),
            Search::Open => open = true,
            Search::Empty => {}
        }
    }
    if open { Search::Open } else { Search::Empty }
}

/// `q` at `x = b/a`, times the power of the positive `a` that clears the denominator.
fn replace(q: &Polynomial, x: usize, b: &Polynomial, a: &Polynomial) -> Polynomial {
    let parts = q.coefficients_in(x);
    let degree = parts.len() as u32 - 1;
    let mut sum = Polynomial::default();
    for (k, part) in parts.iter().enumerate() {
        let factor = b.power(k as u32).times(&a.power(degree - k as u32));
        sum = sum.plus(&part.times(&factor));
    }
    sum
}

/// Inequalities alone.
fn inside(ranges: &Ranges, system: &System, free: &[usize]) -> Search {
    let normal = |polynomials: &[Polynomial], strict: bool| {
        let mut kept: Vec<Polynomial> = Vec::new();
        for p in polynomials {
            match p.as_constant() {
                Some(c) if c.is_positive() || !strict && c.is_zero() => {}
                Some(_) => return None,
                None => {
                    let largest = p.terms().map(|(_, c)| c.abs()).max()?;
                    let p = p.scaled(&largest.recip());
                    if !kept.contains(&p) {
                        kept.push(p);
                    }
                }
            }
        }
        Some(kept)
    };
    let (Some(positive), Some(weak)) =
        (normal(&system.positive, true), normal(&system.weak, false))
    else {
        return Search::Empty;
    };
    if positive
        .iter()
        .any(|p| positive.contains(&p.negated()) || weak.contains(&p.negated()))
    {
        return Search::Empty;
    }
    if positive.iter().chain(&weak).any(|p| !p.is_small()) {
        return Search::Open;
    }
    let mut boxes = vec![ranges.clone()];
    let mut looked_at = 0;
    while let Some(current) = boxes.pop() {
        looked_at += 1;
        if looked_at > MAX_BOXES {
            return Search::Open;
        }
        let suggestion = match combination(&current, &positive, &weak, free) {
            Combination::Impossible => continue,
            Combination::Suggests(point) => point,
        };
        if let Some(point) = rounded(&current, &positive, &weak, &suggestion) {
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
        let occurs = |i: usize| positive.iter().chain(&weak).any(|p| p.degree_in(i) > 0);
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
            boxes.extend([lower, upper]);
        } else {
            boxes.extend([upper, lower]);
        }
    }
    Search::Empty
}

enum Combination {
    Impossible,
    Suggests(Vec<f64>),
}

/// The constraints and their products, none of them negative in the box, and the monomials that occur in them.
struct Columns {
    all: Vec<Polynomial>,
    /// So many of the first are positive.
    strict: usize,
    monomials: BTreeMap<Monomial, usize>,
}

impl Columns {
    fn of(ranges: &Ranges, positive: &[Polynomial], weak: &[Polynomial], free: &[usize]) -> Self {
        let mut all: Vec<Polynomial> = positive.to_vec();
        all.push(Polynomial::constant(BigRational::one()));
        let strict = all.len();
        all.extend(weak.iter().cloned());
        let mut wanted: Vec<Monomial> = Vec::new();
        for p in &all {
            wanted.extend(p.terms().map(|(m, _)| *m));
        }
        wanted.extend(free.iter().map(|i| single(*i)));
        let constraints: Vec<&Polynomial> = positive.iter().chain(weak).collect();
        if constraints.len() * free.len() <= MAX_MULTIPLIED {
            all.extend(multiplied(ranges, &constraints, free));
            for p in &all[strict..] {
                wanted.extend(p.terms().map(|(m, _)| *m));
            }
        }
        wanted.sort();
        wanted.dedup();
        for m in wanted.iter().filter(|m| degree(m) <= MAX_PRODUCT) {
            all.extend(bound_products(ranges, m));
        }
        let mut monomials: BTreeMap<Monomial, usize> = BTreeMap::new();
        for (m, _) in all.iter().flat_map(Polynomial::terms) {
            if m.iter().any(|p| *p > 0) {
                let next = monomials.len();
                monomials.entry(*m).or_insert(next);
            }
        }
        Self {
            all,
            strict,
            monomials,
        }
    }

    /// The linear programme in multipliers of some columns: every monomial cancels, the strict ones count for one in
    /// sum, and the constant left is least.
    fn programme<R: Clone + Zero + One>(
        &self,
        chosen: &[usize],
        number: impl Fn(&BigRational) -> R,
    ) -> (Vec<Vec<R>>, Vec<R>, Vec<R>) {
        let rows = self.monomials.len();
        let mut table = vec![vec![R::zero(); chosen.len()]; rows + 1];
        let mut cost = vec![R::zero(); chosen.len()];
        for (j, &column) in chosen.iter().enumerate() {
            for (m, c) in self.all[column].terms() {
                match self.monomials.get(m) {
                    Some(i) => table[*i][j] = number(c),
                    None => cost[j] = number(c),
                }
            }
            if column < self.strict {
                table[rows][j] = R::one();
            }
        }
        let mut right = vec![R::zero(); rows + 1];
        right[rows] = R::one();
        (table, right, cost)
    }
}

fn single(parameter: usize) -> Monomial {
    let mut single = [0; MAX_PARAMETERS];
    single[parameter] = 1;
    single
}

fn degree(m: &Monomial) -> u32 {
    m.iter().copied().map(u32::from).sum()
}

/// Constraints times the distance to a bound: none is negative.
fn multiplied(ranges: &Ranges, constraints: &[&Polynomial], free: &[usize]) -> Vec<Polynomial> {
    let occurs = |i: &usize| constraints.iter().any(|q| q.degree_in(*i) > 0);
    let mut products = Vec::new();
    for p in constraints {
        if p.terms().any(|(m, _)| degree(m) >= MAX_PRODUCT - 1) {
            continue;
        }
        for i in free.iter().copied().filter(occurs) {
            let bounds = bound_products(ranges, &single(i));
            products.extend(bounds.iter().map(|bound| p.times(bound)));
        }
    }
    products
}

/// Multipliers that add all constraints up to a number that is not positive, or where they point instead.
fn combination(
    ranges: &Ranges,
    positive: &[Polynomial],
    weak: &[Polynomial],
    free: &[usize],
) -> Combination {
    let columns = Columns::of(ranges, positive, weak, free);
    let float = |x: &BigRational| x.to_f64().unwrap_or(f64::NAN);
    let every: Vec<usize> = (0..columns.all.len()).collect();
    let (table, right, cost) = columns.programme(&every, float);
    let mut point: Vec<f64> = (0..ranges.low.len())
        .map(|i| 0.5 * (float(&ranges.low[i]) + float(&ranges.high[i])))
        .collect();
    let Some(optimum) = minimise(&table, &right, &cost) else {
        return Combination::Suggests(point);
    };
    if optimum.value < 1e-7 {
        let support = every.iter().copied();
        let support: Vec<usize> = support.filter(|j| optimum.solution[*j] > 1e-12).collect();
        let (table, right, cost) = columns.programme(&support, BigRational::clone);
        if let Some(exact) = minimise(&table, &right, &cost)
            && !exact.value.is_positive()
        {
            return Combination::Impossible;
        }
    }
    for &i in free {
        if let Some(row) = columns.monomials.get(&single(i)) {
            let x = -optimum.dual[*row];
            if x.is_finite() {
                point[i] = x.clamp(float(&ranges.low[i]), float(&ranges.high[i]));
            }
        }
    }
    Combination::Suggests(point)
}

/// The products of `x − low` and `high − x` of the degrees of a monomial: none is negative in the box.
fn bound_products(ranges: &Ranges, monomial: &Monomial) -> Vec<Polynomial> {
    let mut products = vec![Polynomial::constant(BigRational::one())];
    for (i, degree) in monomial.iter().enumerate() {
        if *degree == 0 {
            continue;
        }
        let x = Polynomial::parameter(i);
        let below = x.minus(&Polynomial::constant(ranges.low[i].clone()));
        let above = Polynomial::constant(ranges.high[i].clone()).minus(&x);
        let degree = u32::from(*degree);
        let factors: Vec<Polynomial> = (0..=degree)
            .map(|k| below.power(k).times(&above.power(degree - k)))
            .collect();
        let mut next = Vec::new();
        for product in &products {
            next.extend(factors.iter().map(|factor| product.times(factor)));
        }
        products = next;
    }
    products.retain(|p| p.as_constant().is_none());
    products
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

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    fn x(i: usize) -> Polynomial {
        Polynomial::parameter(i)
    }

    fn c(n: i64, d: i64) -> Polynomial {
        Polynomial::constant(q(n, d))
    }

    fn ranges(bounds: &[(BigRational, BigRational)]) -> Ranges {
        Ranges {
            low: bounds.iter().map(|b| b.0.clone()).collect(),
            high: bounds.iter().map(|b| b.1.clone()).collect(),
        }
    }

    #[test]
    fn a_thin_wedge_is_found_and_a_closed_one_is_empty() {
        let square = ranges(&[(q(0, 1), q(1, 1)), (q(0, 1), q(1, 1))]);
        // 0.49 < x < 0.5, and y between x and x + 1/1000
        let wedge = [
            (x(0).minus(&c(49, 100)), Ordering::Greater),
            (x(0).minus(&c(1, 2)), Ordering::Less),
            (x(1).minus(&x(0)), Ordering::Greater),
            (x(1).minus(&x(0)).minus(&c(1, 1000)), Ordering::Less),
        ];
        assert!(matches!(find(&square, &wedge), Search::Point(_)));
        let circle = [
            (x(0).minus(&x(1)), Ordering::Greater),
            (x(1).minus(&x(0).times(&x(1))), Ordering::Less),
        ];
        assert_eq!(find(&square, &circle), Search::Empty);
    }

    #[test]
    fn products_are_no_obstacle() {
        // beta in [1.1, 4], r in [0.1, 2], ell in [0.05, 5]
        let domain = ranges(&[
            (q(11, 10), q(4, 1)),
            (q(1, 10), q(2, 1)),
            (q(1, 20), q(5, 1)),
        ]);
        // beta*r > ell*r and ell > beta
        let none = [
            (
                x(0).times(&x(1)).minus(&x(2).times(&x(1))),
                Ordering::Greater,
            ),
            (x(2).minus(&x(0)), Ordering::Greater),
        ];
        assert_eq!(find(&domain, &none), Search::Empty);
        // 2 beta r + 1 = 2 ell r beta within r < 1
        let surface = x(0)
            .times(&x(1))
            .times(&c(2, 1))
            .plus(&c(1, 1))
            .minus(&x(2).times(&x(1)).times(&x(0)).times(&c(2, 1)));
        let some = [
            (surface.clone(), Ordering::Equal),
            (x(1).minus(&c(1, 1)), Ordering::Less),
        ];
        let Search::Point(point) = find(&domain, &some) else {
            panic!("no point on the surface");
        };
        assert!(surface.value(&point).is_zero());
        let wedge = [
            (x(2).times(&x(1)).minus(&c(1, 1)), Ordering::Greater),
            (x(2).times(&x(1)).minus(&c(1001, 1000)), Ordering::Less),
            (x(0).times(&x(1)).minus(&c(2, 1)), Ordering::Greater),
            (x(0).times(&x(1)).minus(&c(2001, 1000)), Ordering::Less),
        ];
        assert!(matches!(find(&domain, &wedge), Search::Point(_)));
    }
}
