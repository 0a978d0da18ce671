//! Equivalents with two deterministic matrices that need not commute with Σ.

use faer::{Mat, MatRef, Side};

use super::{EquivalentError, Kappa, kappa};
use crate::number::vectorised;
use crate::spectrum::Spectrum;

/// A dense Σ in its eigenbasis, with κ, `C = X'X/T` and `G = (Σ+κ)^{-1}` understood.
///
/// ```
/// use faer::Mat;
/// use resolvent::equivalent::TwoMatrix;
///
/// let sigma = Mat::from_fn(4, 4, |i, j| if i == j { 1.0 } else { 0.5 });
/// let equivalents = TwoMatrix::new(sigma.as_ref(), 0.1, 10.0)?;
/// let identity = Mat::identity(4, 4);
/// // tr C(C+λ)^{-1} ≃ df_1(κ)
/// let trace = equivalents.smoother(identity.as_ref())?;
/// assert!((trace - equivalents.kappa().df1).abs() < 1e-13);
/// # Ok::<(), resolvent::equivalent::EquivalentError>(())
/// ```
pub struct TwoMatrix {
    basis: Mat<f64>,
    eigenvalues: Vec<f64>,
    kappa: Kappa,
}

impl TwoMatrix {
    /// Σ symmetric and positive definite, `λ ≥ 0`, `T > 0`.
    pub fn new(sigma: MatRef<f64>, lambda: f64, samples: f64) -> Result<Self, EquivalentError> {
        let d = sigma.nrows();
        check_square("Σ", sigma, d)?;
        for i in 0..d {
            for j in 0..i {
                let scale = (sigma[(i, i)] * sigma[(j, j)]).abs().sqrt();
                if (sigma[(i, j)] - sigma[(j, i)]).abs() > 1e-12 * scale {
                    return Err(EquivalentError::Matrix {
                        what: "a symmetric Σ",
                        dimension: d,
                    });
                }
            }
        }
        let decomposition = vectorised(|| sigma.self_adjoint_eigen(Side::Lower))
            .map_err(|_| EquivalentError::Eigenvalues)?;
        let eigenvalues: Vec<f64> = decomposition.S().column_vector().iter().copied().collect();
        let kappa = kappa(
            &Spectrum::from_eigenvalues(eigenvalues.clone())?,
            lambda,
            samples,
        )?;
        Ok(Self {
            basis: decomposition.U().to_owned(),
            eigenvalues,
            kappa,
        })
    }

    pub fn kappa(&self) -> &Kappa {
        &self.kappa
    }

    /// `tr A C(C+λ)^{-1} ≃ tr AΣG`
    pub fn smoother(&self, a: MatRef<f64>) -> Result<f64, EquivalentError> {
        let a = self.rotate("A", a)?;
        Ok(self.diagonal_sum(&a, |s| self.p(s)))
    }

    /// `λ tr A(C+λ)^{-1} ≃ κ tr AG`
    pub fn residual(&self, a: MatRef<f64>) -> Result<f64, EquivalentError> {
        let a = self.rotate("A", a)?;
        Ok(self.diagonal_sum(&a, |s| self.q(s)))
    }

    /// `tr A C(C+λ)^{-1} B C(C+λ)^{-1} ≃ tr AΣGBΣG + κ² tr(AΣG²) tr(BΣG²)/(T − df_2)`
    pub fn smoother_twice(&self, a: MatRef<f64>, b: MatRef<f64>) -> Result<f64, EquivalentError> {
        self.twice(a, b, |s| self.p(s))
    }

    /// `λ² tr A(C+λ)^{-1} B(C+λ)^{-1} ≃ κ² tr AGBG + κ² tr(AΣG²) tr(BΣG²)/(T − df_2)`
    pub fn residual_twice(&self, a: MatRef<f64>, b: MatRef<f64>) -> Result<f64, EquivalentError> {
        self.twice(a, b, |s| self.q(s))
    }

    /// `tr A f(Σ) B f(Σ)` and the term that both quadratic equivalents share.
    fn twice(
        &self,
        a: MatRef<f64>,
        b: MatRef<f64>,
        f: impl Fn(f64) -> f64,
    ) -> Result<f64, EquivalentError> {
        let a = self.rotate("A", a)?;
        let b = self.rotate("B", b)?;
        let weights: Vec<f64> = self.eigenvalues.iter().map(|&s| f(s)).collect();
        let mut direct = 0.0;
        for (j, wj) in weights.iter().enumerate() {
            for (i, wi) in weights.iter().enumerate() {
                direct += a[(i, j)] * wj * b[(j, i)] * wi;
            }
        }
        if self.kappa.value == 0.0 {
            return Ok(direct);
        }
        // κΣG² = Σ(Σ+κ)^{-1} · κ(Σ+κ)^{-1}
        let pq = |s: f64| self.p(s) * self.q(s);
        let fluctuation = self.diagonal_sum(&a, pq) * self.diagonal_sum(&b, pq);
        Ok(direct + fluctuation / self.kappa.checked_gap()?)
    }

    fn p(&self, s: f64) -> f64 {
        s / (s + self.kappa.value)
    }

    fn q(&self, s: f64) -> f64 {
        self.kappa.value / (s + self.kappa.value)
    }

    fn diagonal_sum(&self, a: &Mat<f64>, f: impl Fn(f64) -> f64) -> f64 {
        self.eigenvalues
            .iter()
            .enumerate()
            .map(|(i, &s)| a[(i, i)] * f(s))
            .sum()
    }

    fn rotate(&self, what: &'static str, a: MatRef<f64>) -> Result<Mat<f64>, EquivalentError> {
        check_square(what, a, self.eigenvalues.len())?;
        Ok(vectorised(|| self.basis.transpose() * a * &self.basis))
    }
}

fn check_square(
    what: &'static str,
    a: MatRef<f64>,
    dimension: usize,
) -> Result<(), EquivalentError> {
    let square = a.nrows() == dimension && a.ncols() == dimension && dimension > 0;
    let finite = || (0..dimension).all(|j| (0..dimension).all(|i| a[(i, j)].is_finite()));
    if square && finite() {
        Ok(())
    } else {
        Err(EquivalentError::Matrix { what, dimension })
    }
}
