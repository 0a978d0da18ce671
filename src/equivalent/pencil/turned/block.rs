//! A block of a matrix that is diagonal on the levels of its spaces, or dense.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, inverse};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use crate::number::vectorised;

#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Diagonal(Vec<f64>),
    Dense(Mat<f64>),
}

impl Block {
    pub fn levels(&self) -> usize {
        match self {
            Block::Diagonal(x) => x.len(),
            Block::Dense(m) => m.nrows(),
        }
    }

    /// Entries that are stored.
    pub fn entries(&self) -> usize {
        match self {
            Block::Diagonal(x) => x.len(),
            Block::Dense(m) => m.nrows() * m.ncols(),
        }
    }

    pub fn at(&self, i: usize, j: usize) -> f64 {
        match self {
            Block::Diagonal(x) if i == j => x[i],
            Block::Diagonal(_) => 0.0,
            Block::Dense(m) => m[(i, j)],
        }
    }

    /// The least and the largest modulus; the least of a dense one is zero.
    pub fn range(&self) -> (f64, f64) {
        let moduli = |least: f64, all: &mut dyn Iterator<Item = f64>| {
            all.fold((least, 0.0f64), |(low, high), x| {
                (low.min(x.abs()), high.max(x.abs()))
            })
        };
        match self {
            Block::Diagonal(x) => moduli(f64::INFINITY, &mut x.iter().copied()),
            Block::Dense(m) => moduli(0.0, &mut m.col_iter().flat_map(|c| c.iter().copied())),
        }
    }

    pub fn times(&self, other: &Block) -> Block {
        match (self, other) {
            (Block::Diagonal(x), Block::Diagonal(y)) => {
                Block::Diagonal(x.iter().zip(y).map(|(x, y)| x * y).collect())
            }
            (Block::Diagonal(x), Block::Dense(_)) => other.weighted(1.0, x),
            (Block::Dense(m), Block::Diagonal(y)) => {
                Block::Dense(Mat::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)] * y[j]))
            }
            (Block::Dense(a), Block::Dense(b)) => {
                let mut product = Mat::zeros(a.nrows(), b.ncols());
                vectorised(|| {
                    matmul(
                        product.as_mut(),
                        Accum::Replace,
                        a.as_ref(),
                        b.as_ref(),
                        1.0,
                        Par::Seq,
                    );
                });
                Block::Dense(product)
            }
        }
    }

    /// `factor · D · self` for the diagonal matrix `D` of `weights`.
    pub fn weighted(&self, factor: f64, weights: &[f64]) -> Block {
        match self {
            Block::Diagonal(x) => {
                Block::Diagonal(x.iter().zip(weights).map(|(x, w)| factor * w * x).collect())
            }
            Block::Dense(m) => Block::Dense(Mat::from_fn(m.nrows(), m.ncols(), |i, j| {
                factor * weights[i] * m[(i, j)]
            })),
        }
    }

    pub fn scaled(&self, factor: f64) -> Block {
        match self {
            Block::Diagonal(x) => Block::Diagonal(x.iter().map(|x| factor * x).collect()),
            Block::Dense(m) => Block::Dense(factor * m),
        }
    }

    /// `sum += factor · self`; nothing stands for zero.
    pub fn add_to(&self, sum: &mut Option<Block>, factor: f64) {
        *sum = Some(match (sum.take(), self) {
            (None, _) => self.scaled(factor),
            (Some(Block::Diagonal(mut x)), Block::Diagonal(y)) => {
                for (x, y) in x.iter_mut().zip(y) {
                    *x += factor * y;
                }
                Block::Diagonal(x)
            }
            (Some(Block::Dense(mut m)), Block::Diagonal(y)) => {
                for (i, y) in y.iter().enumerate() {
                    m[(i, i)] += factor * y;
                }
                Block::Dense(m)
            }
            (Some(Block::Diagonal(x)), Block::Dense(m)) => {
                let mut sum = factor * m;
                for (i, x) in x.iter().enumerate() {
                    sum[(i, i)] += x;
                }
                Block::Dense(sum)
            }
            (Some(Block::Dense(mut a)), Block::Dense(b)) => {
                for (a, b) in a.col_iter_mut().zip(b.col_iter()) {
                    for (a, b) in a.iter_mut().zip(b.iter()) {
                        *a += factor * b;
                    }
                }
                Block::Dense(a)
            }
        });
    }

    /// `None` where it is singular, or not finite.
    pub fn inverse(&self) -> Option<Block> {
        match self {
            Block::Diagonal(x) => {
                let inverse: Vec<f64> = x.iter().map(|x| 1.0 / x).collect();
                let finite = inverse.iter().all(|x| x.is_finite());
                finite.then_some(Block::Diagonal(inverse))
            }
            Block::Dense(m) => Some(Block::Dense(vectorised(|| inverted(m.clone()))?)),
        }
    }

    /// `tr(D · self)`, and the sum of the moduli of what is added.
    pub fn trace(&self, weights: &[f64]) -> (f64, f64) {
        let terms = weights.iter().enumerate().map(|(l, w)| w * self.at(l, l));
        terms.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs()))
    }

    /// `tr(D · self · M · other)` for diagonal `D` and `M`.
    pub fn trace_of_product(&self, weights: &[f64], middle: &[f64], other: &Block) -> f64 {
        let mut sum = 0.0;
        match (self, other) {
            (Block::Dense(a), Block::Dense(b)) => {
                for m in 0..middle.len() {
                    let mut along = 0.0;
                    for l in 0..weights.len() {
                        along += weights[l] * a[(l, m)] * b[(m, l)];
                    }
                    sum += middle[m] * along;
                }
            }
            _ => {
                for l in 0..weights.len() {
                    sum += weights[l] * self.at(l, l) * middle[l] * other.at(l, l);
                }
            }
        }
        sum
    }

    /// `u' · self · u`
    pub fn quadratic(&self, u: &[f64]) -> f64 {
        match self {
            Block::Diagonal(x) => x.iter().zip(u).map(|(x, u)| x * u * u).sum(),
            Block::Dense(m) => (0..u.len())
                .map(|j| {
                    let along: f64 = (0..u.len()).map(|i| u[i] * m[(i, j)]).sum();
                    along * u[j]
                })
                .sum(),
        }
    }
}

/// By elimination on one thread: on several, the last bits would depend on how many.
pub(super) fn inverted(mut matrix: Mat<f64>) -> Option<Mat<f64>> {
    let n = matrix.nrows();
    let (mut order, mut back) = (vec![0usize; n], vec![0usize; n]);
    let need = factor::lu_in_place_scratch::<usize, f64>(n, n, Par::Seq, Default::default());
    let (_, order) = factor::lu_in_place(
        matrix.as_mut(),
        &mut order,
        &mut back,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(need)),
        Default::default(),
    );
    let need = inverse::inverse_scratch::<usize, f64>(n, Par::Seq);
    let mut found = Mat::zeros(n, n);
    inverse::inverse(
        found.as_mut(),
        matrix.as_ref(),
        matrix.as_ref(),
        order,
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(need)),
    );
    let finite = found.col_iter().all(|c| c.iter().all(|x| x.is_finite()));
    finite.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inverted_has_the_identity_as_its_product() {
        let n = 7;
        // The pivots are not in their places.
        let m = Mat::from_fn(n, n, |i, j| {
            f64::from(u8::from((i + 3) % n == j)) + 0.1 / (1.0 + i as f64 + 2.0 * j as f64)
        });
        let inverse = Block::Dense(m.clone()).inverse().unwrap();
        let product = Block::Dense(m).times(&inverse);
        for i in 0..n {
            for j in 0..n {
                let expected = f64::from(u8::from(i == j));
                assert!((product.at(i, j) - expected).abs() < 1e-12);
            }
        }
        assert!(Block::Dense(Mat::zeros(3, 3)).inverse().is_none());
    }
}
