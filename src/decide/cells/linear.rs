//! Linear programs in standard form, small and dense: `min c·x`, `A x = b`, `x ≥ 0`.

use num_traits::{Num, Signed};

const MAX_PIVOTS: usize = 400;

/// A number that a simplex table can hold: exact, or in floating point with a tolerance.
pub trait Scalar: Num + Signed + Clone + PartialOrd {
    fn is_tiny(&self) -> bool;
}

impl Scalar for f64 {
    fn is_tiny(&self) -> bool {
        self.abs() < 1e-11
    }
}

impl Scalar for num_rational::BigRational {
    fn is_tiny(&self) -> bool {
        num_traits::Zero::is_zero(self)
    }
}

pub struct Optimum<S> {
    pub value: S,
    pub solution: Vec<S>,
    /// One multiplier a row.
    pub dual: Vec<S>,
}

/// `None` where there is no solution, no optimum, or too many pivots.
pub fn minimise<S: Scalar>(rows: &[Vec<S>], right: &[S], cost: &[S]) -> Option<Optimum<S>> {
    let (m, n) = (rows.len(), cost.len());
    // columns: the variables, one artificial variable a row, the right side
    let width = n + m + 1;
    let mut table: Vec<Vec<S>> = Vec::with_capacity(m);
    let mut flipped = vec![false; m];
    for (i, row) in rows.iter().enumerate() {
        let negative = right[i] < S::zero();
        flipped[i] = negative;
        let sign = |x: &S| if negative { -x.clone() } else { x.clone() };
        let mut line: Vec<S> = row.iter().map(sign).collect();
        line.resize(width, S::zero());
        line[n + i] = S::one();
        line[width - 1] = sign(&right[i]);
        table.push(line);
    }
    let mut basis: Vec<usize> = (n..n + m).collect();
    let mut pivots = 0;
    // phase one: the artificial variables to zero
    let mut phase = vec![S::zero(); width];
    for line in &table {
        for (p, x) in phase.iter_mut().zip(line) {
            *p = p.clone() - x.clone();
        }
    }
    for p in phase.iter_mut().skip(n).take(m) {
        *p = S::zero();
    }
    descend(&mut table, &mut basis, &mut phase, n, &mut pivots)?;
    if !phase[width - 1].is_tiny() && phase[width - 1].clone().abs() > S::zero() {
        let left: S = phase[width - 1].clone().abs();
        if !left.is_tiny() {
            return None;
        }
    }
    // artificial variables that stayed at zero leave where they can
    for i in 0..m {
        if basis[i] >= n
            && let Some(j) = (0..n).find(|j| !table[i][*j].is_tiny())
        {
            pivot(&mut table, &mut basis, &mut phase, i, j);
        }
    }
    let mut objective: Vec<S> = cost.to_vec();
    objective.resize(width, S::zero());
    for (i, b) in basis.iter().enumerate() {
        if *b < n && !cost[*b].is_tiny() {
            let factor = cost[*b].clone();
            for (o, x) in objective.iter_mut().zip(&table[i]) {
                *o = o.clone() - factor.clone() * x.clone();
            }
        }
    }
    descend(&mut table, &mut basis, &mut objective, n, &mut pivots)?;
    let mut solution = vec![S::zero(); n];
    for (i, b) in basis.iter().enumerate() {
        if *b < n {
            solution[*b] = table[i][width - 1].clone();
        }
    }
    // reduced costs of the artificial columns are the multipliers, up to sign
    let dual = (0..m)
        .map(|i| {
            let y = -objective[n + i].clone();
            if flipped[i] { -y } else { y }
        })
        .collect();
    Some(Optimum {
        value: -objective[width - 1].clone(),
        solution,
        dual,
    })
}

/// Pivots by Bland's rule until no cost is negative.
fn descend<S: Scalar>(
    table: &mut [Vec<S>],
    basis: &mut [usize],
    objective: &mut [S],
    n: usize,
    pivots: &mut usize,
) -> Option<()> {
    let last = objective.len() - 1;
    loop {
        let Some(column) = (0..n).find(|j| objective[*j] < S::zero() && !objective[*j].is_tiny())
        else {
            return Some(());
        };
        let mut leaving: Option<(usize, S)> = None;
        for (i, line) in table.iter().enumerate() {
            if line[column] > S::zero() && !line[column].is_tiny() {
                let ratio = line[last].clone() / line[column].clone();
                let better = match &leaving {
                    None => true,
                    Some((k, least)) => ratio < *least || ratio == *least && basis[i] < basis[*k],
                };
                if better {
                    leaving = Some((i, ratio));
                }
            }
        }
        let (row, _) = leaving?;
        pivot(table, basis, objective, row, column);
        *pivots += 1;
        if *pivots > MAX_PIVOTS {
            return None;
        }
    }
}

fn pivot<S: Scalar>(
    table: &mut [Vec<S>],
    basis: &mut [usize],
    objective: &mut [S],
    row: usize,
    column: usize,
) {
    let scale = table[row][column].clone();
    for x in &mut table[row] {
        *x = x.clone() / scale.clone();
    }
    let line = table[row].clone();
    let eliminate = |other: &mut [S]| {
        let factor = other[column].clone();
        if factor.is_zero() {
            return;
        }
        for (x, y) in other.iter_mut().zip(&line) {
            if !y.is_zero() {
                *x = x.clone() - factor.clone() * y.clone();
            }
        }
    };
    for (i, other) in table.iter_mut().enumerate() {
        if i != row {
            eliminate(other);
        }
    }
    eliminate(objective);
    basis[row] = column;
}
