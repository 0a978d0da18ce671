//! Combinations of constraints that show a cell to be empty: with non-negative multipliers they add up, together with
//! products of the box's bounds, to a number that is not positive. Found in floating point, checked in exact
//! arithmetic.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::contract::Ranges;
use crate::number::Coefficient;

use super::form::{MAX_PARAMETERS, Monomial, Polynomial};
use super::linear::{Solved, minimise};

/// Products of bounds beyond this degree are not formed.
const MAX_PRODUCT: u32 = 5;
/// Products of constraints with bounds are formed for at most so many constraints times parameters.
const MAX_MULTIPLIED: usize = 50;

/// What multipliers of constraints found.
pub enum Combination {
    Impossible,
    Suggests(Vec<f64>),
}

/// Which products are formed beside the constraints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Products {
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
            if let Some(inverse) = largest.and_then(|c| c.recip()) {
                *p = p.scaled(&inverse);
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
        number: impl Fn(&Coefficient) -> R,
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

pub fn degree(m: &Monomial) -> u32 {
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
pub fn combination(
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
        match combined(ranges, (positive, weak), free, products) {
            Combination::Impossible => return Combination::Impossible,
            suggests => suggestion = Some(suggests),
        }
    }
    suggestion.unwrap_or_else(|| Combination::Suggests(middle(ranges)))
}

/// The same with products of one kind.
pub fn combined(
    ranges: &Ranges,
    constraints: (&[Polynomial], &[Polynomial]),
    free: &[usize],
    products: Products,
) -> Combination {
    Columns::of(ranges, constraints, free, products).combined(ranges, free)
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
        let (table, right, cost) = self.programme(&every, Coefficient::to_f64);
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
            let (table, right, cost) = self.programme(&support, Coefficient::to_rational);
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
