//! Linear programs in standard form, small and dense: `min c·x`, `A x = b`, `x ≥ 0`.

use num_traits::{Num, Signed};

const MAX_PIVOTS: usize = 2_000;
/// So many pivots without a gain, and the rule that cannot cycle takes over.
const STALLED: usize = 60;

/// A number that a simplex table can hold: exact, or in floating point with a tolerance.
pub trait Scalar: Num + Signed + Clone + PartialOrd {
    fn is_tiny(&self) -> bool;
}

impl Scalar for f64 {
    fn is_tiny(&self) -> bool {
        self.abs() < 1e-10
    }
}

impl Scalar for num_rational::BigRational {
    fn is_tiny(&self) -> bool {
        num_traits::Zero::is_zero(self)
    }
}

pub enum Solved<S> {
    Optimum {
        value: S,
        solution: Vec<S>,
        /// One multiplier a row.
        dual: Vec<S>,
    },
    /// A solution far along a direction in which the cost falls without end.
    Unbounded(Vec<S>),
    /// There is no solution, or it takes too many pivots.
    Unsolved,
}

pub fn minimise<S: Scalar>(rows: &[Vec<S>], right: &[S], cost: &[S]) -> Solved<S> {
    let (m, n) = (rows.len(), cost.len());
    let width = n + m + 1;
    let Some(Feasible {
        mut table,
        mut basis,
        flipped,
        mut pivots,
    }) = feasible(rows, right, n)
    else {
        return Solved::Unsolved;
    };
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
    match descend(&mut table, &mut basis, &mut objective, n, &mut pivots) {
        Descent::Done => {}
        Descent::Endless(column) => {
            let mut ray = vec![S::zero(); n];
            ray[column] = S::one();
            for (line, b) in table.iter().zip(&basis) {
                if *b < n {
                    ray[*b] = line[width - 1].clone() - line[column].clone();
                }
            }
            return Solved::Unbounded(ray);
        }
        Descent::GivenUp => return Solved::Unsolved,
    }
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
    Solved::Optimum {
        value: -objective[width - 1].clone(),
        solution,
        dual,
    }
}

/// A table at a solution, from which costs can fall.
struct Feasible<S> {
    /// Columns: the variables, one artificial variable a row, the right side.
    table: Vec<Vec<S>>,
    basis: Vec<usize>,
    /// Rows whose sign was changed.
    flipped: Vec<bool>,
    pivots: usize,
}

/// Phase one: the artificial variables to zero.
fn feasible<S: Scalar>(rows: &[Vec<S>], right: &[S], n: usize) -> Option<Feasible<S>> {
    let m = rows.len();
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
    let mut phase = vec![S::zero(); width];
    for line in &table {
        for (p, x) in phase.iter_mut().zip(line) {
            *p = p.clone() - x.clone();
        }
    }
    for p in phase.iter_mut().skip(n).take(m) {
        *p = S::zero();
    }
    match descend(&mut table, &mut basis, &mut phase, n, &mut pivots) {
        Descent::Done if phase[width - 1].is_tiny() => {}
        _ => return None,
    }
    // artificial variables that stayed at zero leave where they can
    for i in 0..m {
        if basis[i] >= n
            && let Some(j) = (0..n).find(|j| !table[i][*j].is_tiny())
        {
            pivot(&mut table, &mut basis, &mut phase, i, j);
        }
    }
    Some(Feasible {
        table,
        basis,
        flipped,
        pivots,
    })
}

enum Descent {
    Done,
    /// Along this column nothing stops the fall.
    Endless(usize),
    GivenUp,
}

/// Pivots until no cost is negative: along the steepest column, by Bland's rule where that stalls.
fn descend<S: Scalar>(
    table: &mut [Vec<S>],
    basis: &mut [usize],
    objective: &mut [S],
    n: usize,
    pivots: &mut usize,
) -> Descent {
    let last = objective.len() - 1;
    let mut stalled = 0;
    loop {
        let falls = |j: &usize| objective[*j] < S::zero() && !objective[*j].is_tiny();
        let candidate = if stalled < STALLED {
            (0..n)
                .filter(falls)
                .reduce(|a, b| match objective[b] < objective[a] {
                    true => b,
                    false => a,
                })
        } else {
            (0..n).find(falls)
        };
        let Some(column) = candidate else {
            return Descent::Done;
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
        let Some((row, ratio)) = leaving else {
            return Descent::Endless(column);
        };
        stalled = if ratio.is_tiny() { stalled + 1 } else { 0 };
        pivot(table, basis, objective, row, column);
        *pivots += 1;
        if *pivots > MAX_PIVOTS {
            return Descent::GivenUp;
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
