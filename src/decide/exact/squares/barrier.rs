//! A point far inside of the positive definite matrices of an affine family, in floating point: a start for exact
//! numbers, never an answer.

use faer::linalg::solvers::{DenseSolveCore, Llt, Solve};
use faer::{Mat, Side};

use crate::number::vectorised;

/// An entry of a symmetric block matrix, `i ≤ j`.
pub struct Entry {
    pub block: usize,
    pub i: usize,
    pub j: usize,
}

/// Steps of Newton's method altogether.
const STEPS: usize = 120;
/// How far inside is enough.
const DEEP: f64 = 1e-3;

/// The matrices `start + Σ y directions − t I` by blocks.
struct Family<'a> {
    sizes: &'a [usize],
    places: &'a [Entry],
    start: &'a [f64],
    directions: &'a [Vec<f64>],
}

impl Family<'_> {
    /// The factors of the blocks; `None` where one is not positive definite.
    fn factors(&self, y: &[f64], t: f64) -> Option<Vec<Llt<f64>>> {
        let mut list: Vec<Mat<f64>> = self.zeros();
        for (at, entry) in self.places.iter().enumerate() {
            let moved: f64 = y.iter().zip(self.directions).map(|(y, d)| y * d[at]).sum();
            let value = self.start[at] + moved;
            list[entry.block][(entry.i, entry.j)] = value;
            list[entry.block][(entry.j, entry.i)] = value;
        }
        let shifted = list.iter_mut().map(|matrix| {
            for i in 0..matrix.nrows() {
                matrix[(i, i)] -= t;
            }
            vectorised(|| matrix.llt(Side::Lower)).ok()
        });
        shifted.collect()
    }

    fn zeros(&self) -> Vec<Mat<f64>> {
        self.sizes.iter().map(|&n| Mat::zeros(n, n)).collect()
    }

    /// What the barrier, `log det` of the blocks, and the wish for a large `t` make of a point.
    fn value(&self, y: &[f64], t: f64, pull: f64) -> Option<f64> {
        let factors = self.factors(y, t).filter(|_| t < 1.0)?;
        let pivots = factors
            .iter()
            .flat_map(|f| f.L().diagonal().column_vector().iter());
        let log: f64 = pivots.map(|x| 2.0 * x.ln()).sum();
        Some(log + (1.0 - t).ln() + pull * t)
    }

    /// Newton's step for `y` and, at the end, `t`.
    fn step(&self, y: &[f64], t: f64, pull: f64) -> Option<Vec<f64>> {
        let inverses: Vec<Mat<f64>> = (self.factors(y, t)?.iter())
            .map(|factor| vectorised(|| factor.inverse()))
            .collect();
        let n = y.len() + 1;
        // Each direction between two inverses.
        let mut between: Vec<Vec<Mat<f64>>> = Vec::new();
        let mut gradient = vec![0.0; n];
        for (k, direction) in self.directions.iter().enumerate() {
            let mut list = self.zeros();
            for (entry, d) in self
                .places
                .iter()
                .zip(direction)
                .filter(|(_, d)| **d != 0.0)
            {
                let inverse = &inverses[entry.block];
                let both = if entry.i == entry.j { 1.0 } else { 2.0 };
                gradient[k] += both * d * inverse[(entry.i, entry.j)];
                let list = &mut list[entry.block];
                *list += *d * inverse.col(entry.i) * inverse.row(entry.j);
                if entry.i != entry.j {
                    *list += *d * inverse.col(entry.j) * inverse.row(entry.i);
                }
            }
            between.push(list);
        }
        let mut hessian = Mat::<f64>::zeros(n, n);
        for (k, list) in between.iter().enumerate() {
            for (l, direction) in self.directions.iter().enumerate() {
                hessian[(k, l)] = (self.places.iter().zip(direction))
                    .filter(|(_, d)| **d != 0.0)
                    .map(|(entry, d)| {
                        let both = if entry.i == entry.j { 1.0 } else { 2.0 };
                        both * d * list[entry.block][(entry.i, entry.j)]
                    })
                    .sum();
            }
            let trace: f64 = list.iter().map(trace).sum();
            hessian[(k, n - 1)] = -trace;
            hessian[(n - 1, k)] = -trace;
        }
        gradient[n - 1] = pull - 1.0 / (1.0 - t);
        hessian[(n - 1, n - 1)] = 1.0 / (1.0 - t).powi(2);
        for inverse in &inverses {
            gradient[n - 1] -= trace(inverse);
            hessian[(n - 1, n - 1)] += inverse.squared_norm_l2();
        }
        let gradient = Mat::from_fn(n, 1, |i, _| gradient[i]);
        let step = vectorised(|| Some(hessian.llt(Side::Lower).ok()?.solve(&gradient)))?;
        Some((0..n).map(|i| step[(i, 0)]).collect())
    }
}

fn trace(matrix: &Mat<f64>) -> f64 {
    (0..matrix.nrows()).map(|i| matrix[(i, i)]).sum()
}

/// The coordinates of a matrix of the family whose least eigenvalue is as large as was found, not much below 0.
pub fn inside(
    sizes: &[usize],
    places: &[Entry],
    start: &[f64],
    directions: &[Vec<f64>],
) -> Option<Vec<f64>> {
    let size = start.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    let scaled: Vec<f64> = start.iter().map(|x| x / size).collect();
    let family = Family {
        sizes,
        places,
        start: &scaled,
        directions,
    };
    let widest = sizes.iter().copied().max()? as f64;
    let (mut y, mut t) = (vec![0.0; directions.len()], -widest - 1.0);
    let mut pull = 1.0;
    for step in 0..STEPS {
        let Some(delta) = family.step(&y, t, pull) else {
            break;
        };
        let now = family.value(&y, t, pull)?;
        let moved = (0..40).find_map(|halvings| {
            let share = 0.5_f64.powi(halvings);
            let (along, last) = delta.split_at(y.len());
            let next: Vec<f64> = y.iter().zip(along).map(|(y, d)| y + share * d).collect();
            let level = t + share * last[0];
            let value = family.value(&next, level, pull)?;
            (value > now).then_some((next, level))
        });
        match moved {
            Some((next, level)) => (y, t) = (next, level),
            None if pull > 1e9 => break,
            None => pull *= 4.0,
        }
        if t > DEEP && step > 20 {
            break;
        }
        if step % 3 == 2 {
            pull *= 2.0;
        }
    }
    (t > -1e-4).then(|| y.iter().map(|x| x * size).collect())
}
