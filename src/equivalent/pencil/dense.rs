//! Small dense matrices, row by row.

/// The inverse in place, with partial pivoting; `None` where a pivot vanishes or is not finite.
pub(super) fn invert(a: &mut [f64], n: usize, pivots: &mut Vec<usize>) -> Option<()> {
    match n {
        1 => {
            a[0] = 1.0 / a[0];
            return a[0].is_finite().then_some(());
        }
        2 => {
            let det = a[0] * a[3] - a[1] * a[2];
            let r = 1.0 / det;
            let (p, q, s, t) = (a[0], a[1], a[2], a[3]);
            a[0] = t * r;
            a[1] = -q * r;
            a[2] = -s * r;
            a[3] = p * r;
            return r.is_finite().then_some(());
        }
        _ => {}
    }
    pivots.clear();
    for k in 0..n {
        let (mut best, mut size) = (k, a[k * n + k].abs());
        for i in k + 1..n {
            let x = a[i * n + k].abs();
            if x > size {
                (best, size) = (i, x);
            }
        }
        if !(size > 0.0 && size.is_finite()) {
            return None;
        }
        pivots.push(best);
        if best != k {
            for j in 0..n {
                a.swap(k * n + j, best * n + j);
            }
        }
        let r = 1.0 / a[k * n + k];
        a[k * n + k] = 1.0;
        for j in 0..n {
            a[k * n + j] *= r;
        }
        for i in 0..n {
            if i == k {
                continue;
            }
            let f = a[i * n + k];
            if f == 0.0 {
                continue;
            }
            a[i * n + k] = 0.0;
            for j in 0..n {
                a[i * n + j] -= f * a[k * n + j];
            }
        }
    }
    for k in (0..n).rev() {
        let p = pivots[k];
        if p != k {
            for i in 0..n {
                a.swap(i * n + k, i * n + p);
            }
        }
    }
    Some(())
}

/// Solves `A x = b` for one right side, `A` of the form `1 − K`; the least pivot of the equilibrated matrix, or `None` where
/// it is singular.
pub(super) fn solve(a: &mut [f64], n: usize, b: &mut [f64]) -> Option<f64> {
    let (mut rows, mut columns) = (vec![1.0; n], vec![1.0; n]);
    // Balanced, a single equation would always look regular.
    let mut least = if n == 1 { a[0].abs().min(1.0) } else { 1.0 };
    for _ in 0..4 {
        let size = |i: usize, j: usize, rows: &[f64], columns: &[f64]| {
            (a[i * n + j] * rows[i] * columns[j]).abs()
        };
        let by_row: Vec<f64> = (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| size(i, j, &rows, &columns))
                    .fold(0.0, f64::max)
            })
            .collect();
        let by_column: Vec<f64> = (0..n)
            .map(|j| {
                (0..n)
                    .map(|i| size(i, j, &rows, &columns))
                    .fold(0.0, f64::max)
            })
            .collect();
        for i in 0..n {
            if !(by_row[i] > 0.0 && by_column[i] > 0.0) {
                return None;
            }
            rows[i] /= by_row[i].sqrt();
            columns[i] /= by_column[i].sqrt();
        }
    }
    for i in 0..n {
        for j in 0..n {
            a[i * n + j] *= rows[i] * columns[j];
        }
        b[i] *= rows[i];
    }
    for k in 0..n {
        let mut best = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[best * n + k].abs() {
                best = i;
            }
        }
        let pivot = a[best * n + k].abs();
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        least = least.min(pivot);
        if best != k {
            for j in 0..n {
                a.swap(k * n + j, best * n + j);
            }
            b.swap(k, best);
        }
        for i in k + 1..n {
            let f = a[i * n + k] / a[k * n + k];
            if f == 0.0 {
                continue;
            }
            for j in k..n {
                a[i * n + j] -= f * a[k * n + j];
            }
            b[i] -= f * b[k];
        }
    }
    for k in (0..n).rev() {
        let mut x = b[k];
        for j in k + 1..n {
            x -= a[k * n + j] * b[j];
        }
        b[k] = x / a[k * n + k];
    }
    for (x, scale) in b.iter_mut().zip(&columns) {
        *x *= scale;
    }
    b.iter().all(|x| x.is_finite()).then_some(least)
}
