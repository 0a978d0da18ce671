//! Sums of squares: polynomials that are not negative, shown by exact rational squares.
//!
//! `p = Σ w q²` with weights `w` that are products of variables known not to be negative. The squares are sought as
//! Gram matrices, one for each weight, over monomials that can occur; where `p` vanishes the `q` must vanish too, and
//! with those zeros taken out the matrices are positive definite or there are none. Then floating-point numbers find
//! some, and a rational point near them is as good: what is returned has been multiplied out.

mod barrier;
mod gram;

use std::collections::{BTreeMap, BTreeSet};

use super::fraction::Fraction;
use super::ground::Ground;
use super::polynomial::{Monomial, Polynomial, Variable};
use crate::number::Coefficient;
use gram::Block;

const MAX_VARIABLES: usize = 5;
const MAX_DEGREE: u32 = 8;
const MAX_TERMS: usize = 60;
/// Monomials of all Gram matrices together.
const MAX_BASIS: usize = 40;
/// Entries of all Gram matrices together.
const MAX_UNKNOWNS: usize = 160;
/// Points at which zeros are looked for.
const MAX_GRID: usize = 3000;

/// `multiplier · p = Σ scale · weight · root²`.
pub struct Squares {
    pub terms: Vec<(Coefficient, Monomial, Polynomial)>,
    /// 1, or 1 and what is not negative, or what vanishes only where all variables do.
    pub multiplier: Polynomial,
    /// Whether that shows that `p` is positive.
    pub strict: bool,
}

/// Polynomials of which squares are sought for one claim.
const ATTEMPTS: usize = 6;
/// What is tried as the distance of a positive polynomial from 0: one over these.
const LEVELS: &[i64] = &[1, 16, 256, 65_536];

impl Ground {
    /// Whether `f ≥ 0`, or `f > 0`, is known; sums of squares are sought where nothing simpler shows it.
    pub fn has_sign(&mut self, f: &Fraction, strict: bool) -> bool {
        let ask = |ground: &mut Self| match strict {
            true => ground.is_positive(f),
            false => ground.is_nonnegative(f),
        };
        if ask(self) {
            return true;
        }
        self.squares = ATTEMPTS;
        self.bounds = None;
        let found = ask(self);
        self.squares = 0;
        self.bounds = None;
        found
    }
}

type Point = BTreeMap<Variable, Coefficient>;

/// `Some(true)` where squares show that a polynomial is positive, `Some(false)` where they show it not negative.
pub fn sign(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    if ground.squares == 0 {
        return None;
    }
    let zeros = zeros(ground, p)?;
    ground.squares -= 1;
    find_with(ground, p, &zeros).map(|found| found.strict)
}

/// Squares that show a polynomial not negative.
pub fn find(ground: &Ground, p: &Polynomial) -> Option<Squares> {
    let zeros = zeros(ground, p)?;
    find_with(ground, p, &zeros)
}

/// Squares that show that a polynomial is nowhere below a number, which is positive where that is asked for, over a
/// multiplier that does not vanish.
pub fn above(ground: &Ground, p: &Polynomial, strict: bool) -> Option<(Coefficient, Squares)> {
    let levels = if strict { LEVELS } else { &[0] };
    levels.iter().find_map(|level| {
        let least = match *level {
            0 => Coefficient::zero(),
            n => Coefficient::integer(n).recip()?,
        };
        let found = find(ground, &p.sub(&Polynomial::constant(least.clone())))?;
        let constant = found.multiplier.terms.contains_key(&Monomial::default());
        constant.then_some((least, found))
    })
}

fn find_with(ground: &Ground, p: &Polynomial, zeros: &[Point]) -> Option<Squares> {
    let one = Polynomial::one();
    if let Some((terms, strict)) = decomposed(ground, p, zeros) {
        return Some(Squares {
            terms,
            multiplier: one,
            strict,
        });
    }
    let degrees: BTreeSet<u32> = p.terms.keys().map(degree).collect();
    let homogeneous = degrees.len() == 1;
    let start = if homogeneous { Polynomial::zero() } else { one };
    let multiplier = p.variables().into_iter().fold(start, |sum, v| {
        let power = if ground.sign(v).is_some() { 1 } else { 2 };
        sum.add(&Polynomial::variable(v).pow(power))
    });
    let (terms, strict) = decomposed(ground, &p.mul(&multiplier), zeros)?;
    Some(Squares {
        terms,
        multiplier,
        strict: strict && !homogeneous,
    })
}

fn degree(m: &Monomial) -> u32 {
    m.0.iter().map(|f| f.1).sum()
}

/// Where a polynomial vanishes, among simple points; `None` where it is negative at one, or too large.
fn zeros(ground: &Ground, p: &Polynomial) -> Option<Vec<Point>> {
    let variables: Vec<Variable> = p.variables().into_iter().collect();
    let small = (1..=MAX_VARIABLES).contains(&variables.len())
        && p.terms.len() <= MAX_TERMS
        && p.terms.keys().all(|m| degree(m) <= MAX_DEGREE);
    if !small {
        return None;
    }
    let mut points = vec![Point::new()];
    for v in &variables {
        let all: &[(i64, i64)] = match ground.sign(*v) {
            Some(_) => &[(1, 1), (0, 1), (2, 1), (1, 2), (3, 1)],
            None => &[(1, 1), (-1, 1), (0, 1), (2, 1), (-2, 1), (1, 2), (-1, 2)],
        };
        let most = (1..=all.len())
            .rev()
            .find(|n| n.pow(variables.len() as u32) <= MAX_GRID)?;
        points = points
            .into_iter()
            .flat_map(|point| {
                all[..most].iter().filter_map(move |(n, m)| {
                    let mut longer = point.clone();
                    let value = Coefficient::integer(*n).mul(&Coefficient::integer(*m).recip()?);
                    longer.insert(*v, value);
                    Some(longer)
                })
            })
            .collect();
    }
    let mut zeros = Vec::new();
    for point in points {
        let value = p.evaluate(&|v| point.get(&v).cloned())?;
        if value.signum().is_lt() {
            return None;
        }
        if value.is_zero() {
            zeros.push(point);
        }
    }
    Some(zeros)
}

type Terms = Vec<(Coefficient, Monomial, Polynomial)>;

/// The squares of a polynomial, and whether they show it to be positive.
fn decomposed(ground: &Ground, p: &Polynomial, zeros: &[Point]) -> Option<(Terms, bool)> {
    let blocks = blocks(ground, p, zeros)?;
    let matrices = gram::matrices(p, &blocks)?;
    let mut terms = Terms::new();
    let mut strict = false;
    for (block, (pivots, rows)) in blocks.iter().zip(matrices) {
        strict |= block.whole && pivots.iter().all(|d| d.signum().is_gt());
        for (d, row) in pivots.into_iter().zip(rows) {
            if d.is_zero() {
                continue;
            }
            let root = (row.iter().zip(&block.basis))
                .fold(Polynomial::zero(), |sum, (c, b)| sum.add(&b.scale(c)));
            terms.push((d, block.weight.clone(), root));
        }
    }
    let sum = terms.iter().fold(Polynomial::zero(), |sum, (d, w, root)| {
        let weight = Polynomial::term(w.clone(), d.clone());
        sum.add(&weight.mul(&root.mul(root)))
    });
    sum.sub(p).is_zero().then_some((terms, strict))
}

/// Weights and monomials that can occur.
fn blocks(ground: &Ground, p: &Polynomial, zeros: &[Point]) -> Option<Vec<Block>> {
    let mut bases = monomials(ground, p)?;
    // The square of a monomial stands in the polynomial, or is met by a product of two others.
    loop {
        let mut met: BTreeSet<Monomial> = p.terms.keys().cloned().collect();
        for (weight, basis) in &bases {
            for (i, a) in basis.iter().enumerate() {
                for b in &basis[i + 1..] {
                    met.insert(weight.mul(&a.mul(b)));
                }
            }
        }
        let before: usize = bases.iter().map(|b| b.1.len()).sum();
        for (weight, basis) in &mut bases {
            basis.retain(|m| met.contains(&weight.mul(&m.mul(m))));
        }
        let after: usize = bases.iter().map(|b| b.1.len()).sum();
        if after == before {
            break;
        }
    }
    bases.retain(|b| !b.1.is_empty());
    if bases.iter().map(|b| b.1.len()).sum::<usize>() > MAX_BASIS {
        return None;
    }
    let blocks: Vec<Block> = (bases.into_iter())
        .map(|(weight, basis)| without_zeros(weight, &basis, zeros))
        .filter(|block| !block.basis.is_empty())
        .collect();
    let unknowns: usize = (blocks.iter())
        .map(|b| b.basis.len() * (b.basis.len() + 1) / 2)
        .sum();
    (unknowns <= MAX_UNKNOWNS).then_some(blocks)
}

/// For each product of distinct variables that are not negative, the monomials whose squares it may be a weight of.
fn monomials(ground: &Ground, p: &Polynomial) -> Option<Vec<(Monomial, Vec<Monomial>)>> {
    let variables: Vec<(Variable, u32, bool)> = (p.variables().into_iter())
        .map(|v| (v, p.degree_in(v), ground.sign(v).is_some()))
        .collect();
    let total = p.terms.keys().map(degree).max()?;
    let least = p.terms.keys().map(degree).min()?;
    let mut bases = vec![(Monomial::default(), vec![Monomial::default()])];
    for &(v, most, signed) in &variables {
        let mut next = Vec::new();
        for (weight, basis) in bases {
            for odd in 0..=u32::from(signed && most > 0) {
                let half = (most - odd) / 2;
                let longer = (basis.iter())
                    .flat_map(|m| (0..=half).map(move |n| m.mul(&Monomial::of(v, n))))
                    .filter(|m| 2 * degree(m) <= total)
                    .collect();
                next.push((weight.mul(&Monomial::of(v, odd)), longer));
            }
        }
        bases = next;
    }
    for (weight, basis) in &mut bases {
        let own = degree(weight);
        basis.retain(|m| (least..=total).contains(&(own + 2 * degree(m))));
    }
    Some(bases)
}

/// Combinations of the monomials that vanish where they must.
fn without_zeros(weight: Monomial, basis: &[Monomial], zeros: &[Point]) -> Block {
    let at = |m: &Monomial, point: &Point| {
        let term = Polynomial::term(m.clone(), Coefficient::one());
        let value = term.evaluate(&|v| point.get(&v).cloned());
        value.unwrap_or_else(Coefficient::zero)
    };
    let rows: Vec<Vec<Coefficient>> = (zeros.iter())
        .filter(|point| !at(&weight, point).is_zero())
        .map(|point| basis.iter().map(|m| at(m, point)).collect())
        .collect();
    let whole = weight.is_one() && rows.is_empty() && basis.iter().any(Monomial::is_one);
    let solution = gram::Solution::of(rows, basis.len());
    let basis = (solution.directions.iter())
        .map(|direction| {
            (direction.iter().zip(basis)).fold(Polynomial::zero(), |sum, (c, m)| {
                sum.add(&Polynomial::term(m.clone(), c.clone()))
            })
        })
        .collect();
    Block {
        weight,
        basis,
        whole,
    }
}

#[cfg(test)]
mod tests;
