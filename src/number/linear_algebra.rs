//! Linear algebra with small dense matrices over any kind of number.

use std::cmp::Ordering;

use faer::linalg::solvers::{DenseSolveCore, Solve};
use faer::{Accum, MatMut, MatRef, Par, Side};

use super::vectorised::vectorised;
use super::{Ball, Dense, Precise, Real, elimination};

/// Dense linear algebra over one number type; without its own methods, by elimination in balls. `None` means
/// singular, not finite, or (for balls) not decided by what is known of the entries.
pub trait LinearAlgebra: Real {
    fn multiply(a: &Dense<Self>, b: &Dense<Self>) -> Dense<Self> {
        elimination::multiply(a, b)
    }

    /// `A'B`
    fn transposed_times(a: &Dense<Self>, b: &Dense<Self>) -> Dense<Self> {
        Self::multiply(&a.transposed(), b)
    }

    /// `AA'` or `A'A`, whichever is smaller.
    fn gram(a: &Dense<Self>) -> Dense<Self> {
        let t = a.transposed();
        if a.rows < a.cols {
            Self::multiply(a, &t)
        } else {
            Self::multiply(&t, a)
        }
    }

    /// `A^{-1} B` for square `A`.
    fn solve(a: &Dense<Self>, b: &Dense<Self>) -> Option<Dense<Self>> {
        elimination::solve(a, b)
    }

    /// `A^{-1} B` for symmetric positive definite `A`.
    fn solve_positive(a: &Dense<Self>, b: &Dense<Self>) -> Option<Dense<Self>> {
        Self::solve(a, b)
    }

    /// The Moore–Penrose inverse, where the rank is certain.
    fn pinv(a: &Dense<Self>) -> Option<Dense<Self>> {
        elimination::pinv(a)
    }

    /// The largest singular value.
    fn opnorm(a: &Dense<Self>) -> Option<Self> {
        elimination::opnorm(a)
    }

    /// The rank, where it is certain.
    fn rank(a: &Dense<Self>) -> Option<usize> {
        elimination::rank(a)
    }

    /// `det A` of a square matrix.
    fn determinant(a: &Dense<Self>) -> Option<Self> {
        elimination::determinant(a)
    }

    /// Whether a symmetric matrix is positive definite (`Greater`), positive semi-definite and singular (`Equal`),
    /// or neither (`Less`).
    fn definiteness(a: &Dense<Self>) -> Option<Ordering> {
        elimination::definiteness(a)
    }
}

impl LinearAlgebra for Ball {}
impl LinearAlgebra for Precise {}

/// `(X'X/T + λI)^{-1} X'y/T`, and `X†y` at `λ = 0`; without rows, zero where there is a ridge.
pub fn ridge<R: LinearAlgebra>(x: &Dense<R>, y: &Dense<R>, lambda: &R) -> Option<Dense<R>> {
    if x.rows == 0 {
        let zero = Dense::from_fn(x.cols, y.cols, |_, _| R::zero());
        return (lambda.midpoint() > 0.0).then_some(zero);
    }
    let wide = x.rows < x.cols;
    let penalty = lambda.clone() * R::from_f64(x.rows as f64);
    let mut gram = R::gram(x);
    for i in 0..gram.rows {
        let at = i * gram.rows + i;
        gram.entries[at] = gram.entries[at].clone() + penalty.clone();
    }
    let fit = if wide {
        R::transposed_times(x, &R::solve_positive(&gram, y)?)
    } else {
        R::solve_positive(&gram, &R::transposed_times(x, y))?
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
    let gram = f64::gram(a);
    let factor = vectorised(|| faer_view(&gram).llt(Side::Lower)).ok()?;
    // Pivots relative to the diagonal: a scale of its own for each variable does no harm.
    let far = (0..gram.rows).all(|i| {
        let pivot = factor.L()[(i, i)];
        pivot * pivot > FAR * FAR * gram.at(i, i)
    });
    if !far {
        return None;
    }
    if a.rows < a.cols {
        let solution = vectorised(|| factor.solve(faer_view(a)));
        from_faer(solution.transpose())
    } else {
        from_faer(vectorised(|| factor.solve(faer_view(a).transpose())).as_ref())
    }
}

/// A product of any number of rows and columns.
fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Dense<f64> {
    let (rows, cols) = (a.nrows(), b.ncols());
    let mut entries = vec![0.0; rows * cols];
    let into = MatMut::from_column_major_slice_mut(&mut entries, rows, cols);
    vectorised(|| faer::linalg::matmul::matmul(into, Accum::Replace, a, b, 1.0, Par::Seq));
    Dense {
        rows,
        cols,
        entries,
    }
}

impl LinearAlgebra for f64 {
    fn multiply(a: &Dense<f64>, b: &Dense<f64>) -> Dense<f64> {
        if a.rows * a.cols * b.cols > SMALL {
            return product(faer_view(a), faer_view(b));
        }
        let mut entries = vec![0.0; a.rows * b.cols];
        for j in 0..b.cols {
            let out = &mut entries[j * a.rows..(j + 1) * a.rows];
            for (k, column) in a.entries.chunks_exact(a.rows.max(1)).enumerate() {
                let factor = b.entries[j * b.rows + k];
                for (o, x) in out.iter_mut().zip(column) {
                    *o += factor * x;
                }
            }
        }
        Dense {
            rows: a.rows,
            cols: b.cols,
            entries,
        }
    }

    fn transposed_times(a: &Dense<f64>, b: &Dense<f64>) -> Dense<f64> {
        if a.rows * a.cols * b.cols > SMALL {
            return product(faer_view(a).transpose(), faer_view(b));
        }
        let rows = a.rows.max(1);
        Dense::from_fn(a.cols, b.cols, |i, j| {
            let column = a.entries[i * rows..].iter().take(a.rows);
            let other = &b.entries[j * b.rows..(j + 1) * b.rows];
            column.zip(other).map(|(x, y)| x * y).sum()
        })
    }

    fn gram(a: &Dense<f64>) -> Dense<f64> {
        let view = faer_view(a);
        let wide = a.rows < a.cols;
        if a.rows * a.cols * a.rows.min(a.cols) > SMALL {
            return match wide {
                true => product(view, view.transpose()),
                false => product(view.transpose(), view),
            };
        }
        match wide {
            true => Self::multiply(a, &a.transposed()),
            false => Self::transposed_times(a, a),
        }
    }

    fn solve(a: &Dense<f64>, b: &Dense<f64>) -> Option<Dense<f64>> {
        if a.entries.is_empty() {
            return Some(b.clone());
        }
        let lu = vectorised(|| faer_view(a).partial_piv_lu());
        if b.rows == b.cols
            && b.entries
                .iter()
                .enumerate()
                .all(|(at, x)| *x == f64::from(at / b.rows == at % b.rows))
        {
            return from_faer(vectorised(|| lu.inverse()).as_ref());
        }
        from_faer(vectorised(|| lu.solve(faer_view(b))).as_ref())
    }

    fn solve_positive(a: &Dense<f64>, b: &Dense<f64>) -> Option<Dense<f64>> {
        if a.entries.is_empty() {
            return Some(b.clone());
        }
        let solution = vectorised(|| {
            let factor = faer_view(a).llt(Side::Lower).ok()?;
            Some(factor.solve(faer_view(b)))
        })?;
        from_faer(solution.as_ref())
    }

    fn pinv(a: &Dense<f64>) -> Option<Dense<f64>> {
        if let Some(pinv) = full_rank_pinv(a) {
            return Some(pinv);
        }
        let svd = vectorised(|| faer_view(a).thin_svd()).ok()?;
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
        if a.entries.is_empty() {
            return Some(0.0);
        }
        // The largest singular value has all its digits in the Gram matrix, scaled so that no square leaves the range of doubles.
        let scale = a.entries.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        if scale == 0.0 || !a.is_finite() {
            return a.is_finite().then_some(0.0);
        }
        let gram = f64::gram(&a.map(|x| x / scale));
        let eigenvalues =
            vectorised(|| faer_view(&gram).self_adjoint_eigenvalues(Side::Lower)).ok()?;
        let largest = eigenvalues.into_iter().reduce(f64::max)?;
        Some(scale * largest.max(0.0).sqrt()).filter(|x| x.is_finite())
    }
}
