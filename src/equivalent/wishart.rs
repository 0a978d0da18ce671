//! Mean spectral sums of a real Wishart matrix at finite size, `E tr f(X'X)` for `X` of independent standard normals.
//!
//! `X'X` has `p = min(T, d)` eigenvalues that are not zero; their mean density is known in closed form
//! ([`density`]), and an integral against it is a trapezoidal sum in `t`, `x = c exp(t − e^{−t})`: the integrand and all
//! its derivatives vanish at both ends, so the error falls exponentially with the step. The step is halved until the sums
//! agree, and what is reported as error is the last disagreement, together with how far the density misses
//! `E tr 1 = p` and `E tr X'X = Td`.

mod density;
mod incomplete_gamma;

use super::EquivalentError;
use crate::number::Estimate;
use crate::spectrum::sum::Compensated;
use density::Density;

/// Largest `min(T, d)`: a point of the density costs that many steps, and there are about as many points.
pub const MAX_RANK: u64 = 5000;
/// Largest `T` or `d`: beyond, the logarithm of the weight keeps too few digits.
const MAX_SIDE: u64 = 100_000_000;
/// Sums that agree this well are taken.
const AGREEMENT: f64 = 2e-13;
/// Most halvings of the step, and most steps of the density's recurrence in all.
const LEVELS: u32 = 10;
const MAX_WORK: f64 = 2e9;
/// What is left out at either end, relative to the largest part.
const NEGLIGIBLE: f64 = 1e-21;

/// `E Σ f(x)` over the nonzero eigenvalues `x` of `X'X`, for each of `functions`, all of one sign.
///
/// # Errors
/// Where the sizes are not for this method, or a sum was not reached (an `f` that is not integrable is such a case).
pub fn mean_sums(
    samples: u64,
    dimension: u64,
    functions: &[&dyn Fn(f64) -> f64],
) -> Result<Vec<Estimate>, EquivalentError> {
    let (p, q) = (samples.min(dimension), samples.max(dimension));
    if p == 0 {
        return Err(EquivalentError::Samples { samples: 0.0 });
    }
    if p > MAX_RANK || q > MAX_SIDE {
        return Err(EquivalentError::NotExact {
            reason: "too many samples and dimensions for the finite-size density",
        });
    }
    let grid = Grid::new(p, q);
    let (from, to) = grid.range(functions)?;
    let (pf, qf) = (p as f64, q as f64);
    // The density oscillates in t with a wave number of at most 2√(pq).
    let mut step = (0.7 * std::f64::consts::PI / (pf * qf).sqrt()).min((to - from) / 64.0);
    let mut sums = Sums::new(functions);
    let mut points = ((to - from) / step).ceil() as usize;
    step = (to - from) / points as f64;
    sums.add(&grid, (0..=points).map(|i| from + step * i as f64));
    let mut last = sums.values(step);
    for _ in 0..LEVELS {
        if 2.0 * points as f64 * pf > MAX_WORK {
            break;
        }
        sums.add(&grid, (0..points).map(|i| from + step * (i as f64 + 0.5)));
        points *= 2;
        step /= 2.0;
        let now = sums.values(step);
        // Number and sum of the eigenvalues, whose means are known.
        let known = ((now[0] / pf - 1.0).abs()).max((now[1] / (pf * qf) - 1.0).abs());
        let apart = |i: usize| {
            if now[i] == last[i] {
                0.0
            } else {
                ((now[i] - last[i]) / now[i]).abs()
            }
        };
        if now.iter().any(|x| !x.is_finite()) {
            return Err(EquivalentError::ResultOverflow);
        }
        if (0..now.len()).all(|i| apart(i) <= AGREEMENT) {
            return Ok((2..now.len())
                .map(|i| Estimate {
                    value: now[i],
                    relative_error: 8.0 * apart(i).max(known) + 16.0 * f64::EPSILON,
                })
                .collect());
        }
        last = now;
    }
    Err(EquivalentError::FiniteSizeSum)
}

/// The change of variable, and the density under it.
struct Grid {
    density: Density,
    /// Logarithm of the scale `c`.
    ln_scale: f64,
    /// The bulk of the Marchenko–Pastur law, in `t`.
    bulk: (f64, f64),
}

impl Grid {
    fn new(p: u64, q: u64) -> Self {
        let (root_p, root_q) = ((p as f64).sqrt(), (q as f64).sqrt());
        let upper = (root_p + root_q).powi(2);
        // At a hard edge the smallest eigenvalue is about 1/p.
        let lower = (root_q - root_p).powi(2).max(0.5 / p as f64);
        // The upper edge lies at t = 3, where t − e^{−t} is nearly t.
        let ln_scale = upper.ln() - 3.0;
        let mut grid = Self {
            density: Density::new(p, q - p),
            ln_scale,
            bulk: (0.0, 3.0),
        };
        grid.bulk = (grid.parameter(lower.ln()), grid.parameter(upper.ln()));
        grid
    }

    /// `t` at `ln x`.
    fn parameter(&self, ln_x: f64) -> f64 {
        let goal = ln_x - self.ln_scale;
        // t − e^{−t} is increasing and concave: Newton from the left stays there.
        let mut t = if goal < 0.0 { -(1.0 - goal).ln() } else { goal };
        for _ in 0..50 {
            let e = (-t).exp();
            let next = t - (t - e - goal) / (1.0 + e);
            if (next - t).abs() <= 1e-12 * (1.0 + t.abs()) {
                return next;
            }
            t = next;
        }
        t
    }

    /// `x`, and the mean number of eigenvalues by length in `t`.
    fn at(&self, t: f64) -> (f64, f64) {
        let e = (-t).exp();
        let x = (self.ln_scale + t - e).exp();
        if x < f64::MIN_POSITIVE {
            return (0.0, 0.0);
        }
        (x, self.density.at(x) * x * (1.0 + e))
    }

    /// Where the integrands are not negligible.
    fn range(&self, functions: &[&dyn Fn(f64) -> f64]) -> Result<(f64, f64), EquivalentError> {
        let (low, high) = self.bulk;
        let width = (high - low).max(1e-9);
        let mut largest = vec![0.0f64; functions.len() + 1];
        let mut negligible = |t: f64| {
            let (x, weight) = self.at(t);
            let mut all = true;
            for (i, most) in largest.iter_mut().enumerate() {
                let f = match i {
                    0 => 1.0,
                    i if x > 0.0 => functions[i - 1](x).abs(),
                    _ => 0.0,
                };
                let part = f * weight;
                *most = most.max(part);
                all &= part <= NEGLIGIBLE * *most;
            }
            all
        };
        for i in 0..=32 {
            negligible(low + width * f64::from(i) / 32.0);
        }
        let mut ends = [low, high];
        for (end, sign) in ends.iter_mut().zip([-1.0, 1.0]) {
            let mut step = (width / 16.0).min(0.1);
            let mut quiet = 0;
            while quiet < 2 {
                *end += sign * step;
                step = (step * 1.1).min(0.25);
                quiet = if negligible(*end) { quiet + 1 } else { 0 };
                if !(-7.0..=20.0).contains(end) {
                    return Err(EquivalentError::FiniteSizeSum);
                }
            }
        }
        Ok((ends[0], ends[1]))
    }
}

/// Running sums of 1, `x` and the functions.
struct Sums<'a> {
    functions: &'a [&'a dyn Fn(f64) -> f64],
    totals: Vec<Compensated>,
}

impl<'a> Sums<'a> {
    fn new(functions: &'a [&'a dyn Fn(f64) -> f64]) -> Self {
        Self {
            functions,
            totals: vec![Compensated::default(); functions.len() + 2],
        }
    }

    fn add(&mut self, grid: &Grid, points: impl Iterator<Item = f64>) {
        for t in points {
            let (x, weight) = grid.at(t);
            if weight == 0.0 {
                continue;
            }
            self.totals[0].add(weight);
            self.totals[1].add(weight * x);
            for (f, total) in self.functions.iter().zip(&mut self.totals[2..]) {
                total.add(weight * f(x));
            }
        }
    }

    fn values(&self, step: f64) -> Vec<f64> {
        self.totals
            .iter()
            .map(|total| total.value() * step)
            .collect()
    }
}

#[cfg(test)]
mod tests;
