//! Designs, drawn whole or only as far as a fit can tell.
//!
//! A fit depends on its data through `X'X` and `X'E`. So any pair `(B, z)` with `X'X = BB'` and `X'E = σBz` will do, where
//! `B` is `d×p` and `p = min(T, d)`. For Gaussian designs `Σ^{-1/2}B` is Bartlett's factor, lower trapezoidal, with chi
//! variables on the diagonal and normals below it, and `z` is standard normal: neither costs more as `T` grows.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve;
use faer::{Accum, MatMut, MatRef, Par};

use super::Stream;
use super::error::SimulateError;
use crate::number::vectorised;

/// The law of the entries of `XΣ^{-1/2}` in the eigenbasis of `Σ`: independent, mean 0, variance 1.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Law {
    #[default]
    Gaussian,
    /// ±1.
    Rademacher,
    /// Uniform on `[-√3, √3]`.
    Uniform,
    /// Student's t with `degrees > 2` degrees of freedom, scaled to variance 1.
    StudentT { degrees: f64 },
}

impl Law {
    /// One entry.
    #[inline]
    pub fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Law::Gaussian => stream.normal(),
            Law::Rademacher => {
                if stream.bits() >> 63 == 0 {
                    1.0
                } else {
                    -1.0
                }
            }
            Law::Uniform => 12f64.sqrt() * (stream.uniform() - 0.5),
            Law::StudentT { degrees } => {
                let z = stream.normal();
                z * ((degrees - 2.0) / stream.chi_square(degrees)).sqrt()
            }
        }
    }

    /// Whether variance 1 makes sense: Student's t needs more than two degrees of freedom.
    pub fn check(self) -> Result<(), SimulateError> {
        match self {
            Law::StudentT { degrees } if !(degrees > 2.0 && degrees.is_finite()) => {
                Err(SimulateError::Degrees { degrees })
            }
            _ => Ok(()),
        }
    }
}

/// Rows drawn at a time where the design is drawn whole and only `X'X` is kept.
const BLOCK: usize = 256;

/// `B` (`d×p`, column by column) with `X'X = BB'`, and one `z` per vector of labels with `X'E = σBz`.
#[derive(Clone, Debug, Default)]
pub(super) struct Design {
    pub d: usize,
    pub p: usize,
    /// Whether `B` is zero above its diagonal; then nothing reads what lies there.
    trapezoidal: bool,
    b: Vec<f64>,
    /// `p×labels`.
    z: Vec<f64>,
    /// Rows and labels of the block in hand.
    rows: Vec<f64>,
    labels: Vec<f64>,
}

impl Design {
    /// Bartlett's factor of a Gaussian design with `samples` rows; `scale` holds the roots of the eigenvalues.
    ///
    /// With the eigenvalues in descending order the columns of `B` decrease in size, so `B'B` is a well-conditioned
    /// matrix between two diagonal ones however steep the spectrum is, and its Cholesky factor is accurate.
    pub fn draw_bartlett(
        &mut self,
        stream: &mut Stream,
        scale: &[f64],
        samples: u64,
        labels: usize,
    ) {
        let d = scale.len();
        self.shape(d, samples, labels);
        self.trapezoidal = true;
        for j in 0..self.p {
            let column = &mut self.b[j * d..(j + 1) * d];
            column[j] = scale[j] * stream.chi((samples - j as u64) as f64);
            stream.fill_normal(&mut column[j + 1..]);
            for (b, s) in column[j + 1..].iter_mut().zip(&scale[j + 1..]) {
                *b *= s;
            }
        }
        stream.fill_normal(&mut self.z);
    }

    /// The same from all `samples` rows, drawn one after another, with entries of any law; the labels' noise is Gaussian.
    pub fn draw_rows(
        &mut self,
        stream: &mut Stream,
        law: Law,
        scale: &[f64],
        samples: u64,
        labels: usize,
    ) -> Result<(), SimulateError> {
        let d = scale.len();
        self.shape(d, samples, labels);
        if self.p < d {
            self.trapezoidal = false;
            for row in self.b.chunks_exact_mut(d) {
                for (x, s) in row.iter_mut().zip(scale) {
                    *x = s * law.draw(stream);
                }
            }
            stream.fill_normal(&mut self.z);
            return Ok(());
        }
        // X'X and X'E block by block, then X'X = BB' by Cholesky and z = B^{-1}X'E.
        self.trapezoidal = true;
        self.b.fill(0.0);
        self.z.fill(0.0);
        let mut left = samples;
        while left > 0 {
            let rows = left.min(BLOCK as u64) as usize;
            left -= rows as u64;
            self.rows.resize(rows * d, 0.0);
            self.labels.resize(rows * labels, 0.0);
            for row in self.rows.chunks_exact_mut(d) {
                for (x, s) in row.iter_mut().zip(scale) {
                    *x = s * law.draw(stream);
                }
            }
            stream.fill_normal(&mut self.labels);
            let xt = MatRef::from_column_major_slice(&self.rows, d, rows);
            vectorised(|| {
                triangular::matmul(
                    MatMut::from_column_major_slice_mut(&mut self.b, d, d),
                    BlockStructure::TriangularLower,
                    Accum::Add,
                    xt,
                    BlockStructure::Rectangular,
                    xt.transpose(),
                    BlockStructure::Rectangular,
                    1.0,
                    Par::Seq,
                );
                faer::linalg::matmul::matmul(
                    MatMut::from_column_major_slice_mut(&mut self.z, d, labels),
                    Accum::Add,
                    xt,
                    MatRef::from_column_major_slice(&self.labels, rows, labels),
                    1.0,
                    Par::Seq,
                );
            });
        }
        cholesky(&mut self.b, d).map_err(|()| SimulateError::Singular { d, samples })?;
        vectorised(|| {
            triangular_solve::solve_lower_triangular_in_place(
                MatRef::from_column_major_slice(&self.b, d, d),
                MatMut::from_column_major_slice_mut(&mut self.z, d, labels),
                Par::Seq,
            );
        });
        Ok(())
    }

    fn shape(&mut self, d: usize, samples: u64, labels: usize) {
        self.d = d;
        self.p = samples.min(d as u64) as usize;
        self.b.resize(self.d * self.p, 0.0);
        self.z.resize(self.p * labels, 0.0);
    }

    /// The `z` of label vector `m`.
    pub fn z(&self, m: usize) -> &[f64] {
        &self.z[m * self.p..(m + 1) * self.p]
    }

    /// First row of column `j` that need not be zero.
    pub fn first(&self, j: usize) -> usize {
        if self.trapezoidal { j } else { 0 }
    }

    pub fn column(&self, j: usize) -> &[f64] {
        &self.b[j * self.d + self.first(j)..(j + 1) * self.d]
    }

    /// `out = B'v`.
    pub fn transpose_times(&self, v: &[f64], out: &mut [f64]) {
        for (j, out) in out.iter_mut().enumerate() {
            *out = dot(self.column(j), &v[self.first(j)..]);
        }
    }

    /// `out += a·Bu`.
    pub fn add_times(&self, a: f64, u: &[f64], out: &mut [f64]) {
        for (j, &u) in u.iter().enumerate() {
            let au = a * u;
            let first = self.first(j);
            for (o, b) in out[first..].iter_mut().zip(self.column(j)) {
                *o += au * b;
            }
        }
    }

    /// `v ← B'^{-1}v`; only for `p = d`.
    pub fn solve_transpose(&self, v: &mut [f64]) {
        vectorised(|| {
            triangular_solve::solve_upper_triangular_in_place(
                MatRef::from_column_major_slice(&self.b, self.d, self.d).transpose(),
                MatMut::from_column_major_slice_mut(v, self.d, 1),
                Par::Seq,
            );
        });
    }

    /// The Cholesky factor of `B'B + shift·I` (`p < d`) or `BB' + shift·I` (`p = d`), in the lower half of `out`.
    pub fn factorise(&self, shift: f64, out: &mut Vec<f64>) -> Result<(), ()> {
        let (d, p) = (self.d, self.p);
        out.resize(p * p, 0.0);
        let b = MatRef::from_column_major_slice(&self.b, d, p);
        let mut gram = MatMut::from_column_major_slice_mut(out, p, p);
        use BlockStructure::{Rectangular, TriangularLower, TriangularUpper};
        vectorised(|| {
            if p == d {
                let (lower, upper) = if self.trapezoidal {
                    (TriangularLower, TriangularUpper)
                } else {
                    (Rectangular, Rectangular)
                };
                triangular::matmul(
                    gram.as_mut(),
                    TriangularLower,
                    Accum::Replace,
                    b,
                    lower,
                    b.transpose(),
                    upper,
                    1.0,
                    Par::Seq,
                );
            } else {
                let mut accumulate = Accum::Replace;
                let mut rest = b;
                if self.trapezoidal {
                    let (top, bottom) = b.split_at_row(p);
                    triangular::matmul(
                        gram.as_mut(),
                        TriangularLower,
                        Accum::Replace,
                        top.transpose(),
                        TriangularUpper,
                        top,
                        TriangularLower,
                        1.0,
                        Par::Seq,
                    );
                    accumulate = Accum::Add;
                    rest = bottom;
                }
                triangular::matmul(
                    gram.as_mut(),
                    TriangularLower,
                    accumulate,
                    rest.transpose(),
                    Rectangular,
                    rest,
                    Rectangular,
                    1.0,
                    Par::Seq,
                );
            }
        });
        for j in 0..p {
            gram[(j, j)] += shift;
        }
        cholesky(out, p)
    }
}

/// Cholesky in place, in the lower half; `Err` where the matrix is not positive definite or not finite.
fn cholesky(a: &mut [f64], n: usize) -> Result<(), ()> {
    let need = llt::factor::cholesky_in_place_scratch::<f64>(n, Par::Seq, Default::default());
    vectorised(|| {
        llt::factor::cholesky_in_place(
            MatMut::from_column_major_slice_mut(a, n, n),
            Default::default(),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(need)),
            Default::default(),
        )
    })
    .map(|_| ())
    .map_err(|_| ())
}

/// Solves with a factor made by [`Design::factorise`]; `rhs` holds whole columns.
pub(super) fn solve(factor: &[f64], p: usize, rhs: &mut [f64]) {
    let columns = rhs.len() / p;
    vectorised(|| {
        llt::solve::solve_in_place(
            MatRef::from_column_major_slice(factor, p, p),
            MatMut::from_column_major_slice_mut(rhs, p, columns),
            Par::Seq,
            MemStack::new(&mut []),
        );
    });
}

/// Sum of products, in eight lanes: the compiler may not reorder one.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut sums = [0.0; LANES];
    let (ac, bc) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = ac
        .remainder()
        .iter()
        .zip(bc.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in ac.zip(bc) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
