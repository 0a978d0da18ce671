//! Small dense matrices: random designs and what is made of them, in the eigenbasis of `Σ`.

use faer::linalg::solvers::{DenseSolveCore, Solve};
use faer::{MatRef, Side};

use crate::number::{Ball, Real};

/// A matrix in column-major order. Vectors are single columns, their transposes single rows.
#[derive(Clone, Debug)]
pub struct Dense<R> {
    pub rows: usize,
    pub cols: usize,
    pub entries: Vec<R>,
}

impl<R: Real> Dense<R> {
    pub fn from_fn(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> R) -> Self {
        let mut entries = Vec::with_capacity(rows * cols);
        for j in 0..cols {
            for i in 0..rows {
                entries.push(entry(i, j));
            }
        }
        Self {
            rows,
            cols,
            entries,
        }
    }

    pub fn column(entries: Vec<R>) -> Self {
        Self {
            rows: entries.len(),
            cols: 1,
            entries,
        }
    }

    pub fn at(&self, i: usize, j: usize) -> &R {
        &self.entries[j * self.rows + i]
    }

    pub fn transposed(&self) -> Self {
        if self.rows == 1 || self.cols == 1 {
            return Self {
                rows: self.cols,
                cols: self.rows,
                entries: self.entries.clone(),
            };
        }
        Self::from_fn(self.cols, self.rows, |i, j| self.at(j, i).clone())
    }

    pub fn map(&self, f: impl Fn(&R) -> R) -> Self {
        Self {
            rows: self.rows,
            cols: self.cols,
            entries: self.entries.iter().map(f).collect(),
        }
    }

    pub fn zip(&self, other: &Self, f: impl Fn(&R, &R) -> R) -> Self {
        let entries = self
            .entries
            .iter()
            .zip(&other.entries)
            .map(|(a, b)| f(a, b))
            .collect();
        Self {
            rows: self.rows,
            cols: self.cols,
            entries,
        }
    }

    pub fn trace(&self) -> R {
        (0..self.rows.min(self.cols)).fold(R::zero(), |sum, i| sum + self.at(i, i).clone())
    }

    pub fn dot(&self, other: &Self) -> R {
        self.entries
            .iter()
            .zip(&other.entries)
            .fold(R::zero(), |sum, (a, b)| sum + a.clone() * b.clone())
    }

    pub fn is_finite(&self) -> bool {
        self.entries.iter().all(R::is_finite)
    }
}

/// Dense linear algebra over one number type. `None` means singular, or not finite.
pub trait LinearAlgebra: Real {
    fn multiply(a: &Dense<Self>, b: &Dense<Self>) -> Dense<Self>;
    /// `A^{-1} B` for square `A`.
    fn solve(a: &Dense<Self>, b: &Dense<Self>) -> Option<Dense<Self>>;
    /// `A^{-1} B` for symmetric positive definite `A`.
    fn solve_positive(a: &Dense<Self>, b: &Dense<Self>) -> Option<Dense<Self>> {
        Self::solve(a, b)
    }
    /// The Moore–Penrose inverse.
    fn pinv(a: &Dense<Self>) -> Option<Dense<Self>>;
    /// The largest singular value.
    fn opnorm(a: &Dense<Self>) -> Option<Self>;
}

/// `(X'X/T + λI)^{-1} X'y/T`, and `X†y` at `λ = 0`.
pub fn ridge<R: LinearAlgebra>(x: &Dense<R>, y: &Dense<R>, lambda: &R) -> Option<Dense<R>> {
    let t = x.transposed();
    let wide = x.rows < x.cols;
    let penalty = lambda.clone() * R::from_f64(x.rows as f64);
    let mut gram = if wide {
        R::multiply(x, &t)
    } else {
        R::multiply(&t, x)
    };
    for i in 0..gram.rows {
        let at = i * gram.rows + i;
        gram.entries[at] = gram.entries[at].clone() + penalty.clone();
    }
    let fit = if wide {
        R::multiply(&t, &R::solve_positive(&gram, y)?)
    } else {
        R::solve_positive(&gram, &R::multiply(&t, y))?
    };
    fit.is_finite().then_some(fit)
}

fn faer_view(a: &Dense<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(&a.entries, a.rows, a.cols)
}

fn from_faer(a: MatRef<'_, f64>) -> Option<Dense<f64>> {
    let dense = Dense::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)]);
    dense.is_finite().then_some(dense)
}

/// Below this many multiplications a plain loop beats the set-up of a blocked product.
const SMALL: usize = 4096;

/// `A'(AA')^{-1}` or `(A'A)^{-1}A'` where the Gram matrix is far from singular.
fn full_rank_pinv(a: &Dense<f64>) -> Option<Dense<f64>> {
    const FAR: f64 = 1e-4;
    let t = a.transposed();
    let wide = a.rows < a.cols;
    let gram = if wide {
        f64::multiply(a, &t)
    } else {
        f64::multiply(&t, a)
    };
    let factor = faer_view(&gram).llt(Side::Lower).ok()?;
    // Pivots relative to the diagonal: a scale of its own for each variable does no harm.
    let far = (0..gram.rows).all(|i| {
        let pivot = factor.L()[(i, i)];
        pivot * pivot > FAR * FAR * gram.at(i, i)
    });
    if !far {
        return None;
    }
    if wide {
        Some(from_faer(factor.solve(faer_view(a)).as_ref())?.transposed())
    } else {
        from_faer(factor.solve(faer_view(&t)).as_ref())
    }
}

impl LinearAlgebra for f64 {
    fn multiply(a: &Dense<f64>, b: &Dense<f64>) -> Dense<f64> {
        let mut product = Dense {
            rows: a.rows,
            cols: b.cols,
            entries: vec![0.0; a.rows * b.cols],
        };
        if a.rows * a.cols * b.cols <= SMALL {
            for j in 0..b.cols {
                let out = &mut product.entries[j * a.rows..(j + 1) * a.rows];
                for (k, column) in a.entries.chunks_exact(a.rows.max(1)).enumerate() {
                    let factor = b.entries[j * b.rows + k];
                    for (o, x) in out.iter_mut().zip(column) {
                        *o += factor * x;
                    }
                }
            }
        } else {
            faer::linalg::matmul::matmul(
                faer::MatMut::from_column_major_slice_mut(&mut product.entries, a.rows, b.cols),
                faer::Accum::Replace,
                faer_view(a),
                faer_view(b),
                1.0,
                faer::Par::Seq,
            );
        }
        product
    }

    fn solve(a: &Dense<f64>, b: &Dense<f64>) -> Option<Dense<f64>> {
        let lu = faer_view(a).partial_piv_lu();
        if b.rows == b.cols
            && b.entries
                .iter()
                .enumerate()
                .all(|(at, x)| *x == f64::from(at / b.rows == at % b.rows))
        {
            return from_faer(lu.inverse().as_ref());
        }
        from_faer(lu.solve(faer_view(b)).as_ref())
    }

    fn solve_positive(a: &Dense<f64>, b: &Dense<f64>) -> Option<Dense<f64>> {
        from_faer(
            faer_view(a)
                .llt(Side::Lower)
                .ok()?
                .solve(faer_view(b))
                .as_ref(),
        )
    }

    fn pinv(a: &Dense<f64>) -> Option<Dense<f64>> {
        if let Some(pinv) = full_rank_pinv(a) {
            return Some(pinv);
        }
        let svd = faer_view(a).thin_svd().ok()?;
        let (u, s, v) = (svd.U(), svd.S().column_vector(), svd.V());
        let largest = (0..s.nrows()).fold(0.0, |m: f64, i| m.max(s[i]));
        let cut = largest * f64::EPSILON * a.rows.max(a.cols) as f64;
        let mut pinv = Dense {
            rows: a.cols,
            cols: a.rows,
            entries: vec![0.0; a.cols * a.rows],
        };
        for k in (0..s.nrows()).filter(|&k| s[k] > cut) {
            for j in 0..a.rows {
                let factor = u[(j, k)] / s[k];
                for i in 0..a.cols {
                    pinv.entries[j * a.cols + i] += v[(i, k)] * factor;
                }
            }
        }
        pinv.is_finite().then_some(pinv)
    }

    fn opnorm(a: &Dense<f64>) -> Option<f64> {
        let values = faer_view(a).singular_values().ok()?;
        values
            .into_iter()
            .reduce(f64::max)
            .filter(|x| x.is_finite())
    }
}

impl LinearAlgebra for Ball {
    fn multiply(a: &Dense<Ball>, b: &Dense<Ball>) -> Dense<Ball> {
        Dense::from_fn(a.rows, b.cols, |i, j| {
            (0..a.cols).fold(Ball::zero(), |sum, k| sum + *a.at(i, k) * *b.at(k, j))
        })
    }

    fn solve(a: &Dense<Ball>, b: &Dense<Ball>) -> Option<Dense<Ball>> {
        let n = a.rows;
        let mut left: Vec<Vec<Ball>> = (0..n)
            .map(|i| (0..n).map(|j| *a.at(i, j)).collect())
            .collect();
        let mut right: Vec<Vec<Ball>> = (0..n)
            .map(|i| (0..b.cols).map(|j| *b.at(i, j)).collect())
            .collect();
        for k in 0..n {
            let size = |row: &Vec<Ball>| row[k].midpoint().abs();
            let pivot = (k..n).max_by(|&i, &j| size(&left[i]).total_cmp(&size(&left[j])))?;
            left.swap(k, pivot);
            right.swap(k, pivot);
            if left[k][k].midpoint().abs() <= left[k][k].radius() {
                return None;
            }
            for i in 0..n {
                if i != k && !left[i][k].is_zero() {
                    let factor = left[i][k] / left[k][k];
                    for j in k..n {
                        left[i][j] = left[i][j] - factor * left[k][j];
                    }
                    for j in 0..b.cols {
                        right[i][j] = right[i][j] - factor * right[k][j];
                    }
                }
            }
        }
        let solution = Dense::from_fn(n, b.cols, |i, j| right[i][j] / left[i][i]);
        solution.is_finite().then_some(solution)
    }

    /// Through a rank factorisation `A = C F` by elimination: `A† = F'(FF')^{-1}(C'C)^{-1}C'`. A pivot that
    /// cannot be told from zero counts as zero.
    fn pinv(a: &Dense<Ball>) -> Option<Dense<Ball>> {
        let (m, n) = (a.rows, a.cols);
        let mut rows: Vec<Vec<Ball>> = (0..m)
            .map(|i| (0..n).map(|j| *a.at(i, j)).collect())
            .collect();
        let scale = a
            .entries
            .iter()
            .fold(0.0, |s: f64, x| s.max(x.midpoint().abs()));
        let mut pivots: Vec<usize> = Vec::new();
        while pivots.len() < m.min(n) {
            let top = pivots.len();
            let candidates = (top..m).flat_map(|i| (0..n).map(move |j| (i, j)));
            let (i, j) =
                candidates
                    .filter(|(_, j)| !pivots.contains(j))
                    .max_by(|&(i, j), &(k, l)| {
                        rows[i][j]
                            .midpoint()
                            .abs()
                            .total_cmp(&rows[k][l].midpoint().abs())
                    })?;
            if rows[i][j].midpoint().abs() <= rows[i][j].radius().max(1e-20 * scale) {
                break;
            }
            rows.swap(top, i);
            let lead = rows[top][j];
            let leading: Vec<Ball> = rows[top].iter().map(|x| *x / lead).collect();
            rows[top] = leading.clone();
            for (k, row) in rows.iter_mut().enumerate() {
                if k != top && !row[j].is_zero() {
                    let factor = row[j];
                    for (x, l) in row.iter_mut().zip(&leading) {
                        *x = *x - factor * *l;
                    }
                    row[j] = Ball::zero();
                }
            }
            pivots.push(j);
        }
        if pivots.is_empty() {
            return Some(Dense::from_fn(n, m, |_, _| Ball::zero()));
        }
        let c = Dense::from_fn(m, pivots.len(), |i, k| *a.at(i, pivots[k]));
        let f = Dense::from_fn(pivots.len(), n, |k, j| rows[k][j]);
        let (ct, ft) = (c.transposed(), f.transposed());
        let left = Ball::solve(&Ball::multiply(&ct, &c), &ct)?;
        let middle = Ball::solve(&Ball::multiply(&f, &ft), &left)?;
        Some(Ball::multiply(&ft, &middle))
    }

    /// The Rayleigh quotient of the leading singular vector found in `f64`; its residual bounds the error.
    fn opnorm(a: &Dense<Ball>) -> Option<Ball> {
        let plain = Dense {
            rows: a.rows,
            cols: a.cols,
            entries: a.entries.iter().map(Ball::midpoint).collect(),
        };
        let svd = faer_view(&plain).thin_svd().ok()?;
        let leading = (0..svd.S().column_vector().nrows())
            .max_by(|&i, &j| svd.S().column_vector()[i].total_cmp(&svd.S().column_vector()[j]))?;
        let v = Dense::column(
            (0..a.cols)
                .map(|i| Ball::from_f64(svd.V()[(i, leading)]))
                .collect(),
        );
        let gram_v = Ball::multiply(&a.transposed(), &Ball::multiply(a, &v));
        let norm2 = v.dot(&v);
        let quotient = v.dot(&gram_v) / norm2;
        let residual = gram_v.zip(&v, |g, x| *g - quotient * *x);
        let error = (residual.dot(&residual) / norm2).abs().sqrt();
        let value = quotient.widened(error.midpoint() + error.radius()).sqrt();
        value.is_finite().then_some(value)
    }
}
