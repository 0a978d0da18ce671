//! Linear algebra with small dense matrices over any kind of number.

use std::cmp::Ordering;

use faer::linalg::solvers::{DenseSolveCore, Solve};
use faer::{MatRef, Side};

use super::vectorised::vectorised;
use super::{Ball, Dense, Precise, Real, elimination};

/// Dense linear algebra over one number type; without its own methods, by elimination in balls. `None` means
/// singular, not finite, or (for balls) not decided by what is known of the entries.
pub trait LinearAlgebra: Real {
    fn multiply(a: &Dense<Self>, b: &Dense<Self>) -> Dense<Self> {
        elimination::multiply(a, b)
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
    let factor = vectorised(|| faer_view(&gram).llt(Side::Lower)).ok()?;
    // Pivots relative to the diagonal: a scale of its own for each variable does no harm.
    let far = (0..gram.rows).all(|i| {
        let pivot = factor.L()[(i, i)];
        pivot * pivot > FAR * FAR * gram.at(i, i)
    });
    if !far {
        return None;
    }
    if wide {
        let solution = vectorised(|| factor.solve(faer_view(a)));
        Some(from_faer(solution.as_ref())?.transposed())
    } else {
        from_faer(vectorised(|| factor.solve(faer_view(&t))).as_ref())
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
            vectorised(|| {
                faer::linalg::matmul::matmul(
                    faer::MatMut::from_column_major_slice_mut(&mut product.entries, a.rows, b.cols),
                    faer::Accum::Replace,
                    faer_view(a),
                    faer_view(b),
                    1.0,
                    faer::Par::Seq,
                );
            });
        }
        product
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
        let values = vectorised(|| faer_view(a).singular_values()).ok()?;
        values
            .into_iter()
            .reduce(f64::max)
            .filter(|x| x.is_finite())
    }
}
