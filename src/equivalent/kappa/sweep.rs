//! κ of many ridges and sample sizes on one spectrum: one pass over it serves all the roots nearby.

use rayon::prelude::*;

use super::LARGEST;
use crate::equivalent::EquivalentError;
use crate::equivalent::any::kappa;
use crate::equivalent::degrees::{Expansion, SplitSums};
use crate::spectrum::{Atoms, Spectrum};

/// Neighbours that are solved one after the other; the bits do not depend on the number of threads.
const RUN: usize = 512;
/// Passes from one root to the next before it is sought afresh.
const PASSES: u32 = 4;
/// How far in `ln κ` an expansion is trusted to the last digit: `x⁵/120` is 1e-16.
const REACH: f64 = 1.64e-3;
/// How far it still shows the way.
const SIGHT: f64 = 0.5;

/// [`kappa`] for every `(λ, T)`, in the same order. Neighbours in λ at the same `T` help one another, so that the last bits
/// of a root may depend on which others are asked for; its error bound does not.
///
/// ```
/// use resolvent::{equivalent::{kappa, kappas}, spectrum::Spectrum};
/// let spectrum = Spectrum::from_eigenvalues((1..=50).map(|k| 1.0 / f64::from(k)).collect())?;
/// let roots = kappas(&spectrum, &[(1e-2, 20.0), (1e-3, 20.0), (-1.0, 20.0)]);
/// let alone = kappa(&spectrum, 1e-3, 20.0)?;
/// assert!((roots[1].clone()? / alone.value - 1.0).abs() < 1e-14);
/// assert!(roots[2].is_err());
/// # Ok::<(), resolvent::equivalent::EquivalentError>(())
/// ```
pub fn kappas(spectrum: &Spectrum, fits: &[(f64, f64)]) -> Vec<Result<f64, EquivalentError>> {
    let mut order: Vec<usize> = (0..fits.len()).collect();
    order.sort_by(|&i, &j| {
        let ((a, t), (b, u)) = (fits[i], fits[j]);
        t.total_cmp(&u).then(a.total_cmp(&b))
    });
    let run = |run: &[usize]| along(spectrum, run.iter().map(|&i| fits[i]));
    // A single run leaves the threads to the passes over a long spectrum.
    let runs: Vec<_> = if order.len() <= RUN {
        vec![run(&order)]
    } else {
        order.par_chunks(RUN).map(run).collect()
    };
    let mut values = vec![Ok(0.0); fits.len()];
    for (i, value) in order.into_iter().zip(runs.into_iter().flatten()) {
        values[i] = value;
    }
    values
}

fn along(
    spectrum: &Spectrum,
    fits: impl Iterator<Item = (f64, f64)>,
) -> Vec<Result<f64, EquivalentError>> {
    let mut near: Option<Near> = None;
    fits.map(|(lambda, samples)| {
        if let (Spectrum::Atoms(atoms), Some(near)) = (spectrum, &mut near)
            && near.samples == samples
            && lambda > 0.0
            && let Some(root) = near.root(atoms, lambda)
        {
            return Ok(root);
        }
        near = None;
        let found = kappa(spectrum, lambda, samples)?.value;
        near = (found > 0.0).then_some(Near {
            samples,
            kappa: found,
            expansion: None,
        });
        Ok(found)
    })
    .collect()
}

/// A place near the last root, and `T − df_1` about it once it is needed.
struct Near {
    samples: f64,
    kappa: f64,
    expansion: Option<Expansion>,
}

impl Near {
    /// The root for another λ, or nothing where it is not at hand.
    fn root(&mut self, atoms: &Atoms, lambda: f64) -> Option<f64> {
        for _ in 0..PASSES {
            let (kappa, t) = (self.kappa, self.samples);
            let expansion =
                *(self.expansion).get_or_insert_with(|| SplitSums::expansion_over(atoms, kappa, t));
            let x = step(&expansion, t * (lambda / kappa))?;
            let next = kappa + kappa * x.exp_m1();
            if !(f64::MIN_POSITIVE..=LARGEST).contains(&next) {
                return None;
            }
            if x.abs() <= REACH {
                return Some(next);
            }
            self.kappa = next;
            self.expansion = None;
        }
        None
    }
}

/// The root `x` of `h(x) = G(x) − r e^{−x}`, `x = ln κ` less that of the expansion, `G = T − df_1`, `r = Tλ/κ`.
///
/// With `p = s/(s+κ)`, `q = 1 − p`, `G' = Σ pq`, and every further derivative is a sum of `pq` times a polynomial in `p` that
/// stays within ±1; so is that of the exponential by `r`. What the expansion to fourth order leaves out of `h` is therefore at
/// most `e^|x| |x|⁵/120` of its slope, and moves the root by as much: no further pass has to confirm it.
fn step(g: &Expansion, r: f64) -> Option<f64> {
    let slope = g[1] + r;
    let residual = (g[0] - r) / slope;
    if !(slope >= 1e-280 && residual.abs() <= SIGHT) {
        return None;
    }
    let bend = (g[2] - r) / slope / 2.0;
    let (third, fourth) = ((g[3] + r) / slope / 6.0, (g[4] - r) / slope / 24.0);
    // Halley's step is within |x|³ of the root of the polynomial, and Newton's from there within |x|⁶.
    let x = -residual / (1.0 - residual * bend);
    let value = residual + x * (1.0 + x * (bend + x * (third + x * fourth)));
    let derivative = 1.0 + x * (2.0 * bend + x * (3.0 * third + x * 4.0 * fourth));
    Some(x - value / derivative)
}
