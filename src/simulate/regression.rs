//! The chain of refits, one replicate of it.

use super::Stream;
use super::design::{self, Design, Law};
use super::error::SimulateError;

/// One fit: `samples` rows, labels with noise of standard deviation `noise`, and a `ridge`; ridge 0 is minimum norm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub samples: u64,
    /// Standard deviation `σ`, not variance.
    pub noise: f64,
    /// `λ` in `(X'X/T + λI)^{-1}X'y/T`.
    pub ridge: f64,
}

/// Whether the generations of synthetic data draw a design each or share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Designs {
    #[default]
    Independent,
    Shared,
}

/// How designs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Sampler {
    /// Gaussian designs through Bartlett's factor: exact in law, at a cost that does not depend on `T`.
    #[default]
    Bartlett,
    /// Every row, with entries of the given law.
    Rows(Law),
}

/// A chain of refits from the truth `w0`, in the eigenbasis of `Σ`, and the fit at its end.
///
/// Generation `m` is fitted to the labels of its predecessor, `ŵ_{m+1} = Fit(X_m, X_m ŵ_m + E_m)` with `ŵ_0 = w0`; the
/// downstream fit, on a design of its own, comes last. The test error is `‖ŵ − w0‖²_Σ`.
///
/// ```
/// use resolvent::simulate::{Designs, Fit, Regression, Sampler, Stream, Workspace};
///
/// let d = 20;
/// let fit = Fit { samples: 60, noise: 0.5, ridge: 0.0 };
/// let regression = Regression::new(
///     vec![1.0; d],
///     vec![1.0; d],
///     vec![],
///     Designs::Independent,
///     fit,
/// )?;
/// let mut workspace = Workspace::default();
/// let replicates = 2000;
/// let mut sum = 0.0;
/// for i in 0..replicates {
///     let mut stream = Stream::new(0, 0, i);
///     sum += regression.replicate(Sampler::Bartlett, &mut stream, &mut workspace)?.test_error;
/// }
/// // Ordinary least squares: σ²d/(T − d − 1), exactly.
/// let expected = 0.25 * 20.0 / 39.0;
/// assert!((sum / replicates as f64 / expected - 1.0).abs() < 0.05);
/// # Ok::<(), resolvent::simulate::SimulateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Regression {
    eigenvalues: Vec<f64>,
    /// Square roots of the eigenvalues.
    scale: Vec<f64>,
    coefficients: Vec<f64>,
    generations: Vec<Fit>,
    designs: Designs,
    downstream: Fit,
}

/// What one replicate gives. `ŵ − w0` is the sum of a part that is linear in `w0` and one that is linear in the noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicate {
    /// `‖ŵ − w0‖²_Σ`.
    pub test_error: f64,
    /// `‖·‖²_Σ` of the part that `w0` gives.
    pub bias: f64,
    /// `‖·‖²_Σ` of the part that the noise gives.
    pub noise: f64,
    /// Twice the inner product of the two; its expectation is 0, whatever the designs.
    pub cross: f64,
    /// For each fit, in order: the mean square of its standardised noise, minus 1. Its expectation is 0.
    pub noise_excess: Vec<f64>,
}

/// Memory that replicates reuse; one for each thread.
#[derive(Debug, Default)]
pub struct Workspace {
    design: Design,
    factor: Vec<f64>,
    /// `ŵ_m − w0`, the parts from `w0` and from the noise.
    bias: Vec<f64>,
    noise: Vec<f64>,
    rhs: Vec<f64>,
    residual: Vec<f64>,
}

impl Regression {
    /// Eigenvalues in descending order, and the coefficients of `w0` along their eigenvectors.
    pub fn new(
        eigenvalues: Vec<f64>,
        coefficients: Vec<f64>,
        generations: Vec<Fit>,
        designs: Designs,
        downstream: Fit,
    ) -> Result<Self, SimulateError> {
        if eigenvalues.is_empty() {
            return Err(SimulateError::Empty);
        }
        if eigenvalues.len() != coefficients.len() {
            return Err(SimulateError::Lengths {
                expected: eigenvalues.len(),
                found: coefficients.len(),
            });
        }
        let mut previous = f64::INFINITY;
        for (index, &value) in eigenvalues.iter().enumerate() {
            if !(value > 0.0 && value.is_finite() && value <= previous) {
                return Err(SimulateError::Eigenvalue { index, value });
            }
            previous = value;
        }
        if let Some((index, &value)) = coefficients
            .iter()
            .enumerate()
            .find(|(_, c)| !c.is_finite())
        {
            return Err(SimulateError::Coefficient { index, value });
        }
        for fit in generations.iter().chain([&downstream]) {
            fit.check()?;
        }
        if let (Designs::Shared, Some(first)) = (designs, generations.first())
            && let Some(other) = generations.iter().find(|g| g.samples != first.samples)
        {
            return Err(SimulateError::SharedSamples {
                first: first.samples,
                other: other.samples,
            });
        }
        let scale = eigenvalues.iter().map(|s| s.sqrt()).collect();
        Ok(Self {
            eigenvalues,
            scale,
            coefficients,
            generations,
            designs,
            downstream,
        })
    }

    /// The dimension `d`.
    pub fn dimension(&self) -> usize {
        self.eigenvalues.len()
    }

    /// Bytes that the matrices of one replicate take.
    pub fn memory(&self, sampler: Sampler) -> f64 {
        let d = self.dimension() as f64;
        self.generations
            .iter()
            .chain([&self.downstream])
            .filter(|fit| {
                sampler != Sampler::Bartlett || fit.ridge > 0.0 || (fit.samples as f64) < d
            })
            .map(|fit| {
                let p = d.min(fit.samples as f64);
                8.0 * p * (p + d)
            })
            .fold(16.0 * d, f64::max)
    }

    /// Draws one replicate. What it gives depends on the stream alone, not on the workspace's past.
    pub fn replicate(
        &self,
        sampler: Sampler,
        stream: &mut Stream,
        workspace: &mut Workspace,
    ) -> Result<Replicate, SimulateError> {
        let d = self.dimension();
        workspace.bias.clear();
        workspace.bias.resize(d, 0.0);
        workspace.noise.clear();
        workspace.noise.resize(d, 0.0);
        let mut noise_excess = Vec::with_capacity(self.generations.len() + 1);

        match self.designs {
            Designs::Independent => {
                for fit in &self.generations {
                    self.fits(&[*fit], sampler, stream, workspace, &mut noise_excess)?;
                }
            }
            Designs::Shared if !self.generations.is_empty() => {
                self.fits(
                    &self.generations,
                    sampler,
                    stream,
                    workspace,
                    &mut noise_excess,
                )?;
            }
            Designs::Shared => {}
        }
        self.fits(
            &[self.downstream],
            sampler,
            stream,
            workspace,
            &mut noise_excess,
        )?;

        let (mut test_error, mut bias, mut noise, mut cross) = (0.0, 0.0, 0.0, 0.0);
        for ((s, b), e) in self
            .eigenvalues
            .iter()
            .zip(&workspace.bias)
            .zip(&workspace.noise)
        {
            test_error += s * (b + e) * (b + e);
            bias += s * b * b;
            noise += s * e * e;
            cross += 2.0 * s * b * e;
        }
        let replicate = Replicate {
            test_error,
            bias,
            noise,
            cross,
            noise_excess,
        };
        if replicate.test_error.is_finite() {
            Ok(replicate)
        } else {
            Err(SimulateError::NotFinite)
        }
    }

    /// Refits on one design, one after another.
    fn fits(
        &self,
        fits: &[Fit],
        sampler: Sampler,
        stream: &mut Stream,
        workspace: &mut Workspace,
        noise_excess: &mut Vec<f64>,
    ) -> Result<(), SimulateError> {
        let d = self.dimension();
        let samples = fits[0].samples;
        let ridgeless = fits.iter().all(|fit| fit.ridge == 0.0);

        if ridgeless && samples >= d as u64 && sampler == Sampler::Bartlett {
            // Least squares recovers what labelled the data, up to (X'X)^{-1}X'E. For a Wishart matrix W with T degrees of
            // freedom W^{-1/2}g is g/χ_{T−d+1} in law (a multivariate t), so no matrix is needed at all.
            let chi = stream.chi((samples - d as u64 + 1) as f64);
            let sd = total_noise(fits) / chi;
            let mut energy = 0.0;
            for (noise, scale) in workspace.noise.iter_mut().zip(&self.scale) {
                let z = stream.normal();
                energy += z * z;
                *noise += sd * z / scale;
            }
            let excess = energy / d as f64 - 1.0;
            noise_excess.extend(fits.iter().map(|_| excess));
            return Ok(());
        }

        match sampler {
            Sampler::Bartlett => {
                workspace
                    .design
                    .draw_bartlett(stream, &self.scale, samples, fits.len());
            }
            Sampler::Rows(law) => {
                law.check()?;
                workspace
                    .design
                    .draw_rows(stream, law, &self.scale, samples, fits.len())?;
            }
        }
        let mut factored_for = None;
        for (m, fit) in fits.iter().enumerate() {
            let z = workspace.design.z(m);
            noise_excess.push(design::dot(z, z) / z.len() as f64 - 1.0);
            if factored_for != Some(fit.ridge) && !(fit.ridge == 0.0 && workspace.design.p == d) {
                workspace.factorise(fit)?;
                factored_for = Some(fit.ridge);
            }
            workspace.refit(fit, m, &self.coefficients);
        }
        Ok(())
    }
}

/// Standard deviation of the sum of the fits' noises.
fn total_noise(fits: &[Fit]) -> f64 {
    fits.iter()
        .fold(0.0, |total: f64, fit| total.hypot(fit.noise))
}

impl Fit {
    fn check(&self) -> Result<(), SimulateError> {
        if self.samples == 0 {
            Err(SimulateError::NoSamples)
        } else if !(self.noise >= 0.0 && self.noise.is_finite()) {
            Err(SimulateError::Noise { sd: self.noise })
        } else if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            Err(SimulateError::Ridge { ridge: self.ridge })
        } else {
            Ok(())
        }
    }

    /// `λT`.
    fn shift(&self) -> f64 {
        self.ridge * self.samples as f64
    }
}

impl Workspace {
    fn factorise(&mut self, fit: &Fit) -> Result<(), SimulateError> {
        self.design
            .factorise(fit.shift(), &mut self.factor)
            .map_err(|()| SimulateError::Singular {
                d: self.design.d,
                samples: fit.samples,
            })
    }

    /// One refit: with `A = (BB' + λT)^{-1}BB'` the new deviation is `Aδ − (I − A)w0 + (BB' + λT)^{-1}Bσz`, where `δ` is
    /// the old one. The last two terms are never found as differences of large numbers.
    fn refit(&mut self, fit: &Fit, m: usize, w0: &[f64]) {
        let Design { d, p, .. } = self.design;
        if p == d && fit.ridge == 0.0 {
            self.add_least_squares(fit, m);
            return;
        }
        let moved = self.bias.iter().any(|&b| b != 0.0);
        self.back_project(fit, m, moved);
        if p == d {
            self.solve_in_features(fit.shift(), w0, moved);
        } else {
            self.solve_in_samples(moved);
            self.subtract_unfitted(fit.shift(), w0);
        }
    }

    /// Full rank and no ridge: `A = I`, and the noise adds `B'^{-1}σz`.
    fn add_least_squares(&mut self, fit: &Fit, m: usize) {
        let Self {
            design,
            noise,
            residual,
            ..
        } = self;
        residual.clear();
        residual.extend(design.z(m).iter().map(|z| fit.noise * z));
        design.solve_transpose(residual);
        for (e, r) in noise.iter_mut().zip(residual.iter()) {
            *e += r;
        }
    }

    /// Right-hand sides: `B'δ`, and `B'δ + σz` for the noise.
    fn back_project(&mut self, fit: &Fit, m: usize, moved: bool) {
        let Self {
            design,
            bias,
            noise,
            rhs,
            ..
        } = self;
        let p = design.p;
        rhs.clear();
        rhs.resize(2 * p, 0.0);
        let (rhs_bias, rhs_noise) = rhs.split_at_mut(p);
        if moved {
            design.transpose_times(bias, rhs_bias);
        }
        if noise.iter().any(|&e| e != 0.0) {
            design.transpose_times(noise, rhs_noise);
        }
        for (r, z) in rhs_noise.iter_mut().zip(design.z(m)) {
            *r += fit.noise * z;
        }
    }

    /// `(BB' + λT)^{-1} (B·rhs − λT w0)`
    fn solve_in_features(&mut self, shift: f64, w0: &[f64], moved: bool) {
        self.expand(moved);
        let Self {
            design,
            factor,
            bias,
            noise,
            rhs,
            ..
        } = self;
        let d = design.d;
        for (b, w) in bias.iter_mut().zip(w0) {
            *b -= shift * w;
        }
        rhs[..d].copy_from_slice(bias);
        rhs[d..].copy_from_slice(noise);
        design::solve(factor, d, rhs);
        bias.copy_from_slice(&rhs[..d]);
        noise.copy_from_slice(&rhs[d..]);
    }

    /// `B(B'B + λT)^{-1} rhs`
    fn solve_in_samples(&mut self, moved: bool) {
        design::solve(&self.factor, self.design.p, &mut self.rhs);
        self.expand(moved);
    }

    /// The deviations become `B·rhs`.
    fn expand(&mut self, moved: bool) {
        let (rhs_bias, rhs_noise) = self.rhs.split_at(self.design.p);
        self.bias.fill(0.0);
        self.noise.fill(0.0);
        if moved {
            self.design.add_times(1.0, rhs_bias, &mut self.bias);
        }
        self.design.add_times(1.0, rhs_noise, &mut self.noise);
    }

    /// `(I − A)w0 = w0 − Bα` with `(B'B + λT)α = B'w0`, and one step of refinement, `B'(w0 − Bα) = λTα`.
    fn subtract_unfitted(&mut self, shift: f64, w0: &[f64]) {
        let Self {
            design,
            factor,
            bias,
            rhs,
            residual,
            ..
        } = self;
        let p = design.p;
        residual.clear();
        residual.extend_from_slice(w0);
        rhs.truncate(p);
        rhs.fill(0.0);
        let mut alpha = vec![0.0; p];
        for _ in 0..2 {
            design.transpose_times(residual, rhs);
            for (r, a) in rhs.iter_mut().zip(&alpha) {
                *r -= shift * a;
            }
            design::solve(factor, p, rhs);
            for (a, r) in alpha.iter_mut().zip(rhs.iter()) {
                *a += r;
            }
            design.add_times(-1.0, rhs, residual);
        }
        for (b, r) in bias.iter_mut().zip(residual.iter()) {
            *b -= r;
        }
    }
}

#[cfg(test)]
mod tests;
