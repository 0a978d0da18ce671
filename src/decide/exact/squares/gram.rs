//! Gram matrices by linear equations: rational solutions, and among them one that is positive semidefinite, near one
//! that floating-point numbers find farthest inside.

use std::collections::BTreeMap;

use super::barrier::{Entry, inside};
use crate::decide::exact::polynomial::{Monomial, Polynomial};
use crate::number::Coefficient;

/// Binary digits to which the point inside is rounded, the simplest first.
const DIGITS: [u32; 6] = [0, 2, 5, 10, 18, 30];

/// A Gram matrix to be found: its weight and what it is over.
pub struct Block {
    pub weight: Monomial,
    pub basis: Vec<Polynomial>,
    /// Whether 1 is among the basis, and no zero was taken out.
    pub whole: bool,
}

/// All solutions of linear equations: `start + Σ y directions`.
pub struct Solution {
    pub start: Vec<Coefficient>,
    pub directions: Vec<Vec<Coefficient>>,
}

impl Solution {
    /// Of homogeneous equations.
    pub fn of(rows: Vec<Vec<Coefficient>>, columns: usize) -> Self {
        let with_zero = |mut row: Vec<Coefficient>| {
            row.push(Coefficient::zero());
            row
        };
        let rows = rows.into_iter().map(with_zero).collect();
        Self::solved(rows, columns).unwrap_or(Self {
            start: vec![Coefficient::zero(); columns],
            directions: Vec::new(),
        })
    }

    /// Of equations with their right sides in the last column; `None` where they contradict one another.
    fn solved(mut rows: Vec<Vec<Coefficient>>, columns: usize) -> Option<Self> {
        let mut pivots: Vec<usize> = Vec::new();
        for column in 0..columns {
            let from = pivots.len();
            let Some(at) = (from..rows.len()).find(|&i| !rows[i][column].is_zero()) else {
                continue;
            };
            rows.swap(from, at);
            let inverse = rows[from][column].recip()?;
            let lead: Vec<Coefficient> = rows[from].iter().map(|c| c.mul(&inverse)).collect();
            rows[from].clone_from(&lead);
            for (i, row) in rows.iter_mut().enumerate() {
                if i == from || row[column].is_zero() {
                    continue;
                }
                let factor = row[column].clone();
                for (entry, top) in row.iter_mut().zip(&lead) {
                    if !top.is_zero() {
                        *entry = entry.sub(&factor.mul(top));
                    }
                }
            }
            pivots.push(column);
        }
        if rows[pivots.len()..]
            .iter()
            .any(|row| !row[columns].is_zero())
        {
            return None;
        }
        let mut start = vec![Coefficient::zero(); columns];
        for (row, &column) in rows.iter().zip(&pivots) {
            start[column] = row[columns].clone();
        }
        let free = (0..columns).filter(|column| !pivots.contains(column));
        let directions = free
            .map(|column| {
                let mut direction = vec![Coefficient::zero(); columns];
                direction[column] = Coefficient::one();
                for (row, &pivot) in rows.iter().zip(&pivots) {
                    direction[pivot] = row[column].neg();
                }
                direction
            })
            .collect();
        Some(Self { start, directions })
    }

    fn at(&self, y: &[Coefficient]) -> Vec<Coefficient> {
        let mut point = self.start.clone();
        for (y, direction) in y.iter().zip(&self.directions) {
            for (x, d) in point.iter_mut().zip(direction) {
                if !d.is_zero() {
                    *x = x.add(&y.mul(d));
                }
            }
        }
        point
    }
}

/// For each block pivots and rows of `Σ pivot · row row'`.
pub type Factored = Vec<(Vec<Coefficient>, Vec<Vec<Coefficient>>)>;

/// Gram matrices of a polynomial, factored.
pub fn matrices(p: &Polynomial, blocks: &[Block]) -> Option<Factored> {
    let places: Vec<Entry> = (blocks.iter().enumerate())
        .flat_map(|(block, b)| {
            let n = b.basis.len();
            (0..n).flat_map(move |i| (i..n).map(move |j| Entry { block, i, j }))
        })
        .collect();
    let solution = Solution::solved(equations(p, blocks, &places), places.len())?;
    let sizes: Vec<usize> = blocks.iter().map(|b| b.basis.len()).collect();
    let float = |list: &Vec<Coefficient>| list.iter().map(Coefficient::to_f64).collect();
    let start: Vec<f64> = float(&solution.start);
    let directions: Vec<Vec<f64>> = solution.directions.iter().map(float).collect();
    let y = inside(&sizes, &places, &start, &directions)?;
    DIGITS.iter().find_map(|digits| {
        let rounded: Option<Vec<Coefficient>> = y.iter().map(|y| near(*y, *digits)).collect();
        factored(&sizes, &places, &solution.at(&rounded?))
    })
}

/// One for each monomial: what the entries of the matrices contribute to it, and its coefficient.
fn equations(p: &Polynomial, blocks: &[Block], places: &[Entry]) -> Vec<Vec<Coefficient>> {
    let columns = places.len();
    let empty = || vec![Coefficient::zero(); columns + 1];
    let mut rows: BTreeMap<Monomial, Vec<Coefficient>> = BTreeMap::new();
    for (at, entry) in places.iter().enumerate() {
        let block = &blocks[entry.block];
        let factor = if entry.i == entry.j { 1 } else { 2 };
        let weight = Polynomial::term(block.weight.clone(), Coefficient::integer(factor));
        let product = block.basis[entry.i].mul(&block.basis[entry.j]).mul(&weight);
        for (m, c) in &product.terms {
            rows.entry(m.clone()).or_insert_with(empty)[at] = c.clone();
        }
    }
    for (m, c) in &p.terms {
        rows.entry(m.clone()).or_insert_with(empty)[columns] = c.clone();
    }
    rows.into_values().collect()
}

fn near(y: f64, digits: u32) -> Option<Coefficient> {
    let scale = 1i64 << digits;
    let scaled = (y * scale as f64).round();
    if scaled.is_nan() || scaled.abs() > 1e15 {
        return None;
    }
    Some(Coefficient::integer(scaled as i64).mul(&Coefficient::integer(scale).recip()?))
}

/// `None` where a matrix is not positive semidefinite.
fn factored(sizes: &[usize], places: &[Entry], values: &[Coefficient]) -> Option<Factored> {
    let mut matrices: Vec<Vec<Vec<Coefficient>>> = (sizes.iter())
        .map(|&n| vec![vec![Coefficient::zero(); n]; n])
        .collect();
    for (entry, value) in places.iter().zip(values) {
        matrices[entry.block][entry.i][entry.j] = value.clone();
        matrices[entry.block][entry.j][entry.i] = value.clone();
    }
    matrices.into_iter().map(of_matrix).collect()
}

/// Symmetric elimination in exact numbers.
fn of_matrix(mut a: Vec<Vec<Coefficient>>) -> Option<(Vec<Coefficient>, Vec<Vec<Coefficient>>)> {
    let n = a.len();
    let mut pivots = Vec::new();
    let mut rows = Vec::new();
    for k in 0..n {
        let pivot = a[k][k].clone();
        if pivot.is_zero() {
            if a[k][k..].iter().any(|c| !c.is_zero()) {
                return None;
            }
            pivots.push(pivot);
            rows.push(vec![Coefficient::zero(); n]);
            continue;
        }
        if pivot.signum().is_lt() {
            return None;
        }
        let inverse = pivot.recip()?;
        let row: Vec<Coefficient> = a[k].iter().map(|c| c.mul(&inverse)).collect();
        for i in k..n {
            for j in k..n {
                a[i][j] = a[i][j].sub(&pivot.mul(&row[i].mul(&row[j])));
            }
        }
        pivots.push(pivot);
        rows.push(row);
    }
    Some((pivots, rows))
}
