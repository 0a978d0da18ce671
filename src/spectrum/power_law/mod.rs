//! Sums over `s_k = k^{-β}`, `k = 1, …, d`, at a cost that does not depend on `d`.
//!
//! `d` may be 3, 10¹² or infinite; `κ` may be anything from 1e-300 up. Sums are exact but for rounding (a few units
//! in the last place), and carry a bound that says how much that is; the submodule `lattice` explains how.

mod lattice;
mod legendre;
mod precise;
mod quadrature;
#[cfg(test)]
mod tests;

use std::f64::consts::PI;

pub(crate) use self::lattice::{Lattice, TERMS, Tail};
pub use self::precise::{Summand, power_sum};
use super::sum::Compensated;
use super::{Dimension, Monomial, PowerLaw, SpectrumError, Target};
use crate::number::Bounded;

/// Eigenvalues small against every κ must still be normal numbers.
const SMALLEST_TAIL: f64 = 1e-307;

/// What multiplies `f(s_k)`: 1, or `c_k² = k^{-δ} = s_k^{2r−1}/k`.
#[derive(Clone, Copy)]
pub(crate) enum Density {
    Counting,
    Source { r: f64 },
}

impl Density {
    pub(crate) fn at(self, k: f64, s: f64) -> f64 {
        match self {
            Density::Counting => 1.0,
            // Not k^{-δ}: the rounding of δ would be magnified by ln k.
            Density::Source { r } => s.powf(2.0 * r - 1.0) / k,
        }
    }

    /// `e` in `∫ s^power·density dk = (1/β) ∫ s^e ds/s`.
    pub(crate) fn exponent(self, beta: f64, power: f64) -> f64 {
        match self {
            Density::Counting => power.mul_add(beta, -1.0) / beta,
            Density::Source { r } => (power - 1.0) + 2.0 * r,
        }
    }

    /// The logarithmic slope of the density in `ln s`.
    fn slope(self, beta: f64) -> f64 {
        match self {
            Density::Counting => 0.0,
            Density::Source { r } => 2.0 * r - 1.0 + 1.0 / beta,
        }
    }
}

impl PowerLaw {
    /// `tr f(Σ) = Σ_k f(k^{-β})`.
    ///
    /// With `d` infinite, `f ~ s^p` at zero needs `βp > 1`; otherwise [`SpectrumError::Divergent`].
    ///
    /// ```
    /// use resolvent::spectrum::{Dimension, Monomial, PowerLaw};
    ///
    /// let law = PowerLaw::new(2.0, Dimension::Infinite)?;
    /// let zeta2 = law.trace(&Monomial::power(1.0))?;
    /// assert!((zeta2.value - std::f64::consts::PI.powi(2) / 6.0).abs() <= zeta2.error);
    /// # Ok::<(), resolvent::spectrum::SpectrumError>(())
    /// ```
    pub fn trace(&self, f: &Monomial) -> Result<Bounded, SpectrumError> {
        self.sum(f, Density::Counting)
    }

    /// `w0'f(Σ)w0 = Σ_k c_k² f(k^{-β})`.
    ///
    /// For `Target::Source { r }`, `c_k² = k^{-δ}` with `δ = 1 + β(2r − 1)`; with `d` infinite, `f ~ s^p` at zero
    /// needs `2r − 1 + p > 0`: the coefficients themselves may grow.
    pub fn quadratic(&self, f: &Monomial, target: &Target) -> Result<Bounded, SpectrumError> {
        let d = self.dimension.as_f64();
        match target {
            &Target::Source { r } => self.sum(f, Density::Source { r }),
            &Target::Isotropic { norm2 } => {
                if d.is_infinite() {
                    return Err(SpectrumError::IsotropicInfinite);
                }
                let trace = self.sum(f, Density::Counting)?;
                let share = norm2 / d;
                finite(
                    trace.value * share,
                    share * trace.error + 2.0 * f64::EPSILON * (trace.value * share).abs(),
                )
            }
            &Target::Axis { index } => {
                if index == 0 || index as f64 > d {
                    return Err(SpectrumError::Axis {
                        index,
                        dimension: d,
                    });
                }
                let (value, error) = f.evaluate((index as f64).powf(-self.beta));
                positive(value, error * value)
            }
            Target::Masses(masses) => {
                if masses.len() as f64 != d {
                    return Err(SpectrumError::MassCount {
                        masses: masses.len(),
                        atoms: d as usize,
                    });
                }
                let mut total = Compensated::default();
                let mut relative = 0.0_f64;
                for (k, mass) in (1..).zip(masses) {
                    let (value, error) = f.evaluate(f64::from(k).powf(-self.beta));
                    relative = relative.max(error);
                    total.add(mass * value);
                }
                finite(
                    total.value(),
                    total.value() * (relative + 4.0 * f64::EPSILON),
                )
            }
        }
    }

    /// `C = (π/β)/sin(π/β)`, `β > 1`: in infinite dimension `df_1(κ) ≃ C κ^{-1/β} − 1/2`.
    pub(crate) fn saturation_constant(&self) -> f64 {
        let x = PI / self.beta;
        // sin(π/β) = sin(π − π/β), which keeps its digits at β near 1.
        x / (PI * ((self.beta - 1.0) / self.beta)).sin()
    }

    fn sum(&self, f: &Monomial, density: Density) -> Result<Bounded, SpectrumError> {
        let f = &without_zero_poles(f);
        let kappa_min = f
            .poles
            .iter()
            .map(|pole| pole.0)
            .fold(f64::INFINITY, f64::min);
        let order: f64 = f.poles.iter().map(|pole| pole.1.abs()).sum();
        let exponent = density.exponent(self.beta, f.power);
        if self.dimension == Dimension::Infinite && exponent <= 0.0 {
            return Err(SpectrumError::Divergent);
        }
        // Each pole takes the slope from its power at s ≪ κ to that less its order at s ≫ κ.
        let falls =
            |sign: f64| -> f64 { f.poles.iter().map(|pole| (sign * pole.1).max(0.0)).sum() };
        let at_zero = f.power + density.slope(self.beta);
        let slopes = [at_zero - falls(1.0), at_zero + falls(-1.0)];
        let lattice = Lattice::new(self, kappa_min, order, slopes)?;
        let ulps = 8.0 + 2.0 * density.slope(self.beta).abs();
        let beyond_rounding = ulps * f64::EPSILON + lattice.truncation;
        let mut total = Compensated::default();
        let mut error = 0.0;
        let nodes = lattice.k.iter().zip(&lattice.s).zip(&lattice.weight);
        for ((&k, &s), &weight) in nodes {
            let (value, relative) = f.evaluate(s);
            let value = weight * value * density.at(k, s);
            total.add(value);
            error += value.abs() * (relative + beyond_rounding);
        }
        if let Some(tail) = lattice.tail {
            if kappa_min.is_finite() && tail.s_start < SMALLEST_TAIL {
                return Err(SpectrumError::Overflow);
            }
            let integrand = |k: f64, s: f64| {
                let (value, relative) = f.evaluate(s);
                (value * density.at(k, s) * k / self.beta, relative)
            };
            let (first, relative) = integrand(tail.start, tail.s_start);
            let (last, relative_last) = if tail.end.is_finite() {
                integrand(tail.end, tail.s_end)
            } else {
                (0.0, 0.0)
            };
            let (value, magnitude) = tail.monomial(f, exponent, first, last);
            total.add(value);
            error += magnitude * (relative.max(relative_last) + beyond_rounding);
        }
        positive(total.value(), error)
    }
}

fn finite(value: f64, error: f64) -> Result<Bounded, SpectrumError> {
    if value.is_finite() && error.is_finite() {
        Ok(Bounded::new(value, error))
    } else {
        Err(SpectrumError::Overflow)
    }
}

/// `f > 0`: what is zero or subnormal has left the range of `f64`, and its digits with it.
fn positive(value: f64, error: f64) -> Result<Bounded, SpectrumError> {
    if value.abs() < f64::MIN_POSITIVE {
        return Err(SpectrumError::Overflow);
    }
    finite(value, error)
}

/// `(s + 0)^{-q}` is a power.
fn without_zero_poles(f: &Monomial) -> Monomial {
    let mut plain = Monomial::power(f.power);
    for &(kappa, order) in &f.poles {
        if kappa == 0.0 {
            plain.power -= order;
        } else if order != 0.0 {
            plain = plain.over(kappa, order);
        }
    }
    plain
}

impl Tail {
    /// `∫ s^e Π(1 + s/κ_i)^{-q_i} ds/s` over the tail; `first` and `last` are the integrand at either end.
    /// Also the sum of the absolute values of what was added.
    fn monomial(&self, f: &Monomial, exponent: f64, first: f64, last: f64) -> (f64, f64) {
        let mut series = [0.0; TERMS];
        // n c_n = Σ_m b_m c_{n−m}, b_m = −Σ_i q_i (−1)^{m−1} (s_start/κ_i)^m
        let mut slope = [0.0; TERMS];
        for &(kappa, order) in &f.poles {
            let ratio = self.s_start / kappa;
            let mut power = -order;
            for b in &mut slope[1..] {
                power *= ratio;
                *b += power;
                power = -power;
            }
        }
        series[0] = 1.0;
        for n in 1..TERMS {
            let sum: f64 = (1..=n).map(|m| slope[m] * series[n - m]).sum();
            series[n] = sum / n as f64;
        }
        let at_zero = |s: f64| -> f64 {
            f.poles
                .iter()
                .map(|&(kappa, order)| (order * (s / kappa).ln_1p()).exp())
                .product()
        };
        let first = first * at_zero(self.s_start);
        let last = if self.end.is_finite() {
            last * at_zero(self.s_end)
        } else {
            0.0
        };
        let (mut value, mut magnitude) = (0.0, 0.0);
        for (j, &c) in series.iter().enumerate().rev() {
            if c == 0.0 {
                continue;
            }
            let e = exponent + j as f64;
            let term = if self.end.is_infinite() {
                first / e
            } else if (self.depth * e).abs() < 1.0 {
                first * self.moment(e)
            } else {
                // x^e from the integrand at the end itself: exp(−e·depth) would lose digits.
                (first - last * (-(j as f64) * self.depth).exp()) / e
            };
            value += c * term;
            magnitude += (c * term).abs();
        }
        (value, magnitude)
    }
}
