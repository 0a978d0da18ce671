//! A point far inside of the positive definite matrices of an affine family, in floating point: a start for exact
//! numbers, never an answer.

/// An entry of a symmetric block matrix, `i ≤ j`.
pub struct Entry {
    pub block: usize,
    pub i: usize,
    pub j: usize,
}

type Matrix = Vec<Vec<f64>>;

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
    fn matrices(&self, y: &[f64], t: f64) -> Vec<Matrix> {
        let mut list: Vec<Matrix> = (self.sizes.iter())
            .map(|&n| vec![vec![0.0; n]; n])
            .collect();
        for (at, entry) in self.places.iter().enumerate() {
            let moved: f64 = y.iter().zip(self.directions).map(|(y, d)| y * d[at]).sum();
            let value = self.start[at] + moved;
            list[entry.block][entry.i][entry.j] = value;
            list[entry.block][entry.j][entry.i] = value;
        }
        for matrix in &mut list {
            for (i, row) in matrix.iter_mut().enumerate() {
                row[i] -= t;
            }
        }
        list
    }

    /// `log det` of the blocks and their inverses; `None` where one is not positive definite.
    fn inverses(&self, y: &[f64], t: f64) -> Option<(f64, Vec<Matrix>)> {
        let mut total = 0.0;
        let mut list = Vec::new();
        for matrix in self.matrices(y, t) {
            let factor = cholesky(&matrix)?;
            total += 2.0
                * factor
                    .iter()
                    .enumerate()
                    .map(|(i, r)| r[i].ln())
                    .sum::<f64>();
            list.push(inverse(&factor));
        }
        Some((total, list))
    }

    /// What the barrier and the wish for a large `t` make of a point.
    fn value(&self, y: &[f64], t: f64, pull: f64) -> Option<f64> {
        let (log, _) = self.inverses(y, t).filter(|_| t < 1.0)?;
        Some(log + (1.0 - t).ln() + pull * t)
    }

    /// Newton's step for `y` and, at the end, `t`.
    fn step(&self, y: &[f64], t: f64, pull: f64) -> Option<Vec<f64>> {
        let (_, inverses) = self.inverses(y, t)?;
        let n = y.len() + 1;
        // Each direction between two inverses.
        let mut between: Vec<Vec<Matrix>> = Vec::new();
        let mut gradient = vec![0.0; n];
        for (k, direction) in self.directions.iter().enumerate() {
            let mut list: Vec<Matrix> = (self.sizes.iter())
                .map(|&n| vec![vec![0.0; n]; n])
                .collect();
            for (entry, d) in self
                .places
                .iter()
                .zip(direction)
                .filter(|(_, d)| **d != 0.0)
            {
                let inverse = &inverses[entry.block];
                let both = if entry.i == entry.j { 1.0 } else { 2.0 };
                gradient[k] += both * d * inverse[entry.i][entry.j];
                add(
                    &mut list[entry.block],
                    &inverse[entry.i],
                    &inverse[entry.j],
                    *d,
                );
                if entry.i != entry.j {
                    add(
                        &mut list[entry.block],
                        &inverse[entry.j],
                        &inverse[entry.i],
                        *d,
                    );
                }
            }
            between.push(list);
        }
        let mut hessian = vec![vec![0.0; n]; n];
        for (k, list) in between.iter().enumerate() {
            for (l, direction) in self.directions.iter().enumerate() {
                hessian[k][l] = (self.places.iter().zip(direction))
                    .filter(|(_, d)| **d != 0.0)
                    .map(|(entry, d)| {
                        let both = if entry.i == entry.j { 1.0 } else { 2.0 };
                        both * d * list[entry.block][entry.i][entry.j]
                    })
                    .sum();
            }
            let trace: f64 = list
                .iter()
                .flat_map(|m| (0..m.len()).map(|i| m[i][i]))
                .sum();
            hessian[k][n - 1] = -trace;
            hessian[n - 1][k] = -trace;
        }
        gradient[n - 1] = pull - 1.0 / (1.0 - t);
        hessian[n - 1][n - 1] = 1.0 / (1.0 - t).powi(2);
        for inverse in &inverses {
            for (i, row) in inverse.iter().enumerate() {
                gradient[n - 1] -= row[i];
                hessian[n - 1][n - 1] += row.iter().map(|x| x * x).sum::<f64>();
            }
        }
        let factor = cholesky(&hessian)?;
        let inverse = inverse(&factor);
        let product = |row: &Vec<f64>| row.iter().zip(&gradient).map(|(a, b)| a * b).sum();
        Some(inverse.iter().map(product).collect())
    }
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

fn add(to: &mut Matrix, a: &[f64], b: &[f64], scale: f64) {
    for (row, x) in to.iter_mut().zip(a) {
        for (entry, y) in row.iter_mut().zip(b) {
            *entry += scale * x * y;
        }
    }
}

/// The lower factor of a positive definite matrix.
fn cholesky(a: &Matrix) -> Option<Matrix> {
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let rest = a[i][j] - known;
            if i == j {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                l[i][i] = rest.sqrt();
            } else {
                l[i][j] = rest / l[j][j];
            }
        }
    }
    Some(l)
}

/// The inverse of `L L'`.
fn inverse(l: &Matrix) -> Matrix {
    let n = l.len();
    let mut inverse = vec![vec![0.0; n]; n];
    for column in 0..n {
        let mut x = vec![0.0; n];
        for i in column..n {
            let unit = if i == column { 1.0 } else { 0.0 };
            let known: f64 = (column..i).map(|k| l[i][k] * x[k]).sum();
            x[i] = (unit - known) / l[i][i];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| l[k][i] * x[k]).sum();
            x[i] = (x[i] - known) / l[i][i];
        }
        for i in 0..n {
            inverse[i][column] = x[i];
        }
    }
    inverse
}
