//! Points of a cell: a box cut by polynomial equations and inequalities, or the proof that it is empty.
//!
//! Equations are solved for a parameter in which they are linear. Of inequalities a combination with non-negative
//! multipliers, together with products of the box's bounds, may add up to a number that is not positive: then the
//! cell is empty. Before, intervals settle what they can. Such combinations are found in floating point and checked in exact arithmetic. Where there is
//! none, its dual is a point to try, and the box is halved.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::contract::{Constraints, Halving, Interval, sign};
use super::form::{MAX_PARAMETERS, Monomial, Polynomial};
use super::linear::{Solved, minimise};
use crate::number::{rational_from_f64, simplest_between, simplest_between_doubles};

/// Boxes looked at before the question is left open.
const MAX_BOXES: usize = 8;
/// Equations solved one after the other.
const MAX_DEPTH: usize = 8;
/// Products of bounds beyond this degree are not formed.
const MAX_PRODUCT: u32 = 5;
/// Products of constraints with bounds are formed for at most so many constraints times parameters.
const MAX_MULTIPLIED: usize = 50;
/// Sums of two constraints that are looked at beside them.
const MAX_SUMS: usize = 24;
/// How far outside of a box its ends may lie, as a share of its width.
const LOOSE: f64 = 1e-2;
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

impl Ranges {
    /// The part within a box, with simple ends a little outside of it.
    fn within(&self, hull: &[Interval]) -> Self {
        let mut part = self.clone();
        for (i, side) in hull.iter().enumerate() {
            let slack = LOOSE * (side.high - side.low);
            if let Some(low) = simplest_between_doubles(side.low - slack, side.low)
                && low > part.low[i]
            {
                part.low[i] = low;
            }
            if let Some(high) = simplest_between_doubles(side.high, side.high + slack)
                && high < part.high[i]
            {
                part.high[i] = high;
            }
        }
        part
    }
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
    let Some(at) = system.equal.iter().position(|p| !p.is_zero()) else {
        return inside(ranges, &system, &free);
    };
    let constraints = Constraints::new(&system.equal, &system.positive, &system.weak);
    let hull = match constraints.halve(&intervals(ranges), |_| false) {
        Halving::Empty => return Search::Empty,
        Halving::Open { hull, .. } => hull,
        Halving::Point(_) => intervals(ranges),
    };
    if depth == 0 {
        return Search::Open;
    }
    if contradicts(ranges, &system, &free) {
        return Search::Empty;
    }
    let equation = system.equal.swap_remove(at);
    if equation.as_constant().is_some() {
        return Search::Empty;
    }
    // parameters in which the equation is linear: with a factor of one sign first, and a short one
    let linear = |i: &usize| equation.degree_in(*i) == 1;
    let mut candidates: Vec<usize> = free.iter().copied().filter(linear).collect();
    candidates.sort_by_key(|i| {
        let factor = &equation.coefficients_in(*i)[1];
        (
            sign(factor, &hull).is_none(),
            factor.as_constant().is_none(),
            factor.terms().count(),
        )
    });
    // what one substitution makes too long, another one may not
    let attempts = if depth == MAX_DEPTH { 2 } else { 1 };
    for x in candidates.into_iter().take(attempts) {
        let parts = equation.coefficients_in(x);
        let substitution = Substitution {
            x,
            numerator: parts[0].negated(),
            denominator: parts[1].clone(),
        };
        let found = substituted(ranges, &system, &free, &substitution, &hull, depth);
        if found != Search::Open {
            return found;
        }
    }
    Search::Open
}

/// Whether a combination shows the contradiction while equations still stand.
fn contradicts(ranges: &Ranges, system: &System, free: &[usize]) -> bool {
    let mut weak = system.weak.clone();
    for p in &system.equal {
        weak.extend([p.clone(), p.negated()]);
    }
    let all = (system.positive.as_slice(), weak.as_slice());
    if all.0.iter().chain(all.1).any(|p| !p.is_small()) {
        return false;
    }
    let columns = Columns::of(ranges, all, free, Products::Bounds);
    matches!(columns.combined(ranges, free), Combination::Impossible)
}

/// `x = numerator/denominator`.
struct Substitution {
    x: usize,
    numerator: Polynomial,
    denominator: Polynomial,
}

/// The system with one parameter gone, for each sign of the denominator.
fn substituted(
    ranges: &Ranges,
    system: &System,
    free: &[usize],
    by: &Substitution,
    hull: &[Interval],
    depth: usize,
) -> Search {
    let x = by.x;
    let rest: Vec<usize> = free.iter().copied().filter(|i| *i != x).collect();
    let signs = match sign(&by.denominator, hull) {
        Some(sign) => vec![sign],
        None => vec![Ordering::Greater, Ordering::Less, Ordering::Equal],
    };
    let mut open = false;
    for sign in signs {
        let (a, b) = match sign {
            Ordering::Less => (by.denominator.negated(), by.numerator.negated()),
            _ => (by.denominator.clone(), by.numerator.clone()),
        };
        let found = if sign == Ordering::Equal {
            let mut degenerate = system.clone();
            degenerate.equal.extend([a, b]);
            solve(ranges, degenerate, free.to_vec(), depth - 1)
        } else {
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

/// `q` at `x = b/a`, times the least power of the positive `a` that clears the denominator.
fn replace(q: &Polynomial, x: usize, b: &Polynomial, a: &Polynomial) -> Polynomial {
    let parts = q.coefficients_in(x);
    let degree = parts.len() as u32 - 1;
    let mut sum = Polynomial::default();
    for (k, part) in parts.iter().enumerate() {
        let factor = b.power(k as u32).times(&a.power(degree - k as u32));
        sum = sum.plus(&part.times(&factor));
    }
    if a.as_constant().is_none() && !sum.is_zero() {
        while let Some(quotient) = sum.divided(a) {
            sum = quotient;
        }
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
                    let p = without_positive(p, ranges);
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
    let divided = |all: &[Polynomial]| -> Vec<Polynomial> {
        let without = |p: &Polynomial| without_factors(p, &system.positive);
        all.iter().map(without).collect()
    };
    let (strict, not_negative) = (divided(&system.positive), divided(&system.weak));
    let (Some(mut positive), Some(weak)) = (normal(&strict, true), normal(&not_negative, false))
    else {
        return Search::Empty;
    };
    let sums: Vec<Polynomial> = shorter_sums(&positive)
        .iter()
        .map(|p| without_factors(&without_positive(p, ranges), &positive))
        .collect();
    let Some(sums) = normal(&sums, true) else {
        return Search::Empty;
    };
    positive.extend(sums);
    if positive
        .iter()
        .any(|p| positive.contains(&p.negated()) || weak.contains(&p.negated()))
    {
        return Search::Empty;
    }
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
    match Constraints::new(&[], &positive, &weak).halve(&intervals(ranges), fits) {
        Halving::Empty => Search::Empty,
        Halving::Point(point) => Search::Point(point),
        Halving::Open { hull, kept } => {
            let (strict, weakly) = kept.split_at(positive.len());
            let those = |all: &[Polynomial], kept: &[bool]| -> Vec<Polynomial> {
                let kept = all.iter().zip(kept).filter(|(_, kept)| **kept);
                kept.map(|(p, _)| p.clone()).collect()
            };
            let (positive, weak) = (those(&positive, strict), those(&weak, weakly));
            let occurs = |i: &usize| positive.iter().chain(&weak).any(|p| p.degree_in(*i) > 0);
            let free: Vec<usize> = free.iter().copied().filter(occurs).collect();
            by_combinations(&ranges.within(&hull), &positive, &weak, &free)
        }
    }
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
        while !rest.is_zero()
            && rest.as_constant().is_none()
            && let Some(quotient) = rest.divided(factor)
        {
            rest = quotient;
        }
    }
    rest
}

/// Without the parameters that divide it and are positive.
fn without_positive(p: &Polynomial, ranges: &Ranges) -> Polynomial {
    let mut rest = p.clone();
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

fn intervals(ranges: &Ranges) -> Vec<Interval> {
    let ends = ranges.low.iter().zip(&ranges.high);
    ends.map(|(low, high)| Interval::around(low, high))
        .collect()
}

/// Where halving leaves the question open: borders that touch, and corners.
fn by_combinations(
    ranges: &Ranges,
    positive: &[Polynomial],
    weak: &[Polynomial],
    free: &[usize],
) -> Search {
    let mut boxes = vec![ranges.clone()];
    let mut looked_at = 0;
    while let Some(current) = boxes.pop() {
        looked_at += 1;
        if looked_at > MAX_BOXES {
            return Search::Open;
        }
        let suggestion = match combination(&current, positive, weak, free) {
            Combination::Impossible => continue,
            Combination::Suggests(point) => point,
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

/// Which products are formed beside the constraints.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Products {
    None,
    /// Of bounds, for the monomials that occur.
    Bounds,
    /// Of constraints with bounds, too.
    All,
}

/// The constraints and their products, none of them negative in the box, and the monomials that occur in them.
struct Columns {
    all: Vec<Polynomial>,
    /// So many of the first are positive.
    strict: usize,
    monomials: BTreeMap<Monomial, usize>,
}

impl Columns {
    fn of(
        ranges: &Ranges,
        (positive, weak): (&[Polynomial], &[Polynomial]),
        free: &[usize],
        products: Products,
    ) -> Self {
        let mut all: Vec<Polynomial> = positive.to_vec();
        all.push(Polynomial::constant(BigRational::one()));
        let strict = all.len();
        all.extend(weak.iter().cloned());
        let mut wanted: Vec<Monomial> = free.iter().map(|i| single(*i)).collect();
        if products != Products::None {
            for p in &all {
                wanted.extend(p.terms().map(|(m, _)| *m));
            }
        }
        if products == Products::All {
            let constraints: Vec<&Polynomial> = positive.iter().chain(weak).collect();
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
        for p in &mut all {
            let largest = p.terms().map(|(_, c)| c.abs()).max();
            if let Some(largest) = largest.filter(|c| !c.is_zero()) {
                *p = p.scaled(&largest.recip());
            }
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
    let few = (positive.len() + weak.len()) * free.len() <= MAX_MULTIPLIED;
    let mut suggestion = None;
    for products in [Products::None, Products::Bounds, Products::All] {
        if products == Products::All && !few {
            break;
        }
        let columns = Columns::of(ranges, (positive, weak), free, products);
        match columns.combined(ranges, free) {
            Combination::Impossible => return Combination::Impossible,
            suggests => suggestion = Some(suggests),
        }
    }
    suggestion.unwrap_or_else(|| Combination::Suggests(middle(ranges)))
}

fn middle(ranges: &Ranges) -> Vec<f64> {
    let float = |x: &BigRational| x.to_f64().unwrap_or(f64::NAN);
    let ends = ranges.low.iter().zip(&ranges.high);
    ends.map(|(low, high)| 0.5 * (float(low) + float(high)))
        .collect()
}

impl Columns {
    fn combined(&self, ranges: &Ranges, free: &[usize]) -> Combination {
        let float = |x: &BigRational| x.to_f64().unwrap_or(f64::NAN);
        let every: Vec<usize> = (0..self.all.len()).collect();
        let (table, right, cost) = self.programme(&every, float);
        let mut point = middle(ranges);
        let solved = minimise(&table, &right, &cost);
        let (multipliers, dual) = match &solved {
            Solved::Unsolved => return Combination::Suggests(point),
            Solved::Unbounded(solution) => (solution, None),
            Solved::Optimum {
                value,
                solution,
                dual,
            } => (solution, Some(dual).filter(|_| *value >= 1e-7)),
        };
        let Some(dual) = dual else {
            // so it seems in floating point
            let support = every.iter().copied();
            let support: Vec<usize> = support.filter(|j| multipliers[*j] > 1e-12).collect();
            let (table, right, cost) = self.programme(&support, BigRational::clone);
            return match minimise(&table, &right, &cost) {
                Solved::Unbounded(_) => Combination::Impossible,
                Solved::Optimum { value, .. } if !value.is_positive() => Combination::Impossible,
                _ => Combination::Suggests(point),
            };
        };
        for &i in free {
            if let Some(row) = self.monomials.get(&single(i)) {
                let x = -dual[*row];
                if x.is_finite() {
                    point[i] = x.clamp(float(&ranges.low[i]), float(&ranges.high[i]));
                }
            }
        }
        Combination::Suggests(point)
    }
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
