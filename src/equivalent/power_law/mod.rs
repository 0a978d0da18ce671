//! κ, degrees of freedom and the chain on power laws, at a cost that does not depend on `d`.
//!
//! Everything runs on the nodes of a [`Lattice`], and beyond its last panel, where `s` is small against every κ, on power
//! series in `x = s/s_start`.

#[cfg(test)]
mod tests;

use super::degrees::Degrees;
use super::kappa::{Kappa, TOLERANCE};
use super::{Chain, EquivalentError, Prediction};
use crate::spectrum::power_law::{Density, Lattice, TERMS, Tail};
use crate::spectrum::sum::Compensated;
use crate::spectrum::{Dimension, PowerLaw, SpectrumError, Target};

const MAX_PASSES: u32 = 100;
/// Terms summed plainly before compensation.
const BLOCK: usize = 16;
/// Below this, the tail, where s < κ/72, leaves the range of normal numbers.
const LEAST: f64 = 1e-305;
const LARGEST: f64 = f64::MAX / 4.0;
/// Poles of `Σ p²`, `Σ pq` and `Σ q`, and their slopes in `ln s`.
const ORDER: f64 = 2.0;
const SLOPES: [f64; 2] = [-1.0, 2.0];

/// Sums of `p = s/(s+κ)`, `q = 1 − p` over the spectrum.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    p: f64,
    pp: f64,
    pq: f64,
    /// Infinite where `d` is.
    q: f64,
    /// Over the eigenvalues counted in `split` alone: `Σ q`.
    upper_q: f64,
    /// Over all others: `Σ p`.
    lower_p: f64,
    /// Eigenvalues above κ, as far as each is a node of its own; else 0.
    split: f64,
}

impl Sums {
    fn over(lattice: &Lattice, kappa: f64) -> Self {
        let plain = &lattice.s[..lattice.plain];
        let split = plain.partition_point(|s| *s > kappa);
        // A transition among the panels is wide; counting what lies above it gains nothing.
        let split = if split == plain.len() && lattice.plain < lattice.s.len() {
            0
        } else {
            split
        };
        let upper = Self::block(lattice, 0..split, kappa);
        let mut lower = Self::block(lattice, split..lattice.s.len(), kappa);
        if let Some(tail) = &lattice.tail {
            for (sum, term) in lower.iter_mut().zip(tail_sums(tail, lattice.beta, kappa)) {
                sum.add(term);
            }
        }
        let upper = upper.map(Compensated::value);
        let lower = lower.map(Compensated::value);
        Self {
            p: upper[0] + lower[0],
            pp: upper[1] + lower[1],
            pq: upper[2] + lower[2],
            q: upper[3] + lower[3],
            upper_q: upper[3],
            lower_p: lower[0],
            split: split as f64,
        }
    }

    fn block(lattice: &Lattice, range: std::ops::Range<usize>, kappa: f64) -> [Compensated; 4] {
        let mut sums = [Compensated::default(); 4];
        let (s, weight) = (&lattice.s[range.clone()], &lattice.weight[range]);
        for (s, weight) in s.chunks(BLOCK).zip(weight.chunks(BLOCK)) {
            let mut block = [0.0; 4];
            for (s, w) in s.iter().zip(weight) {
                let inverse = 1.0 / (s + kappa);
                let (p, q) = (s * inverse, kappa * inverse);
                let wp = w * p;
                block[0] += wp;
                block[1] += wp * p;
                block[2] += wp * q;
                block[3] += w * q;
            }
            for (sum, term) in sums.iter_mut().zip(block) {
                sum.add(term);
            }
        }
        sums
    }

    fn relative_error(lattice: &Lattice) -> f64 {
        0.5 * (BLOCK as f64 + 10.0) * f64::EPSILON + lattice.truncation
    }

    fn degrees(&self, lattice: &Lattice) -> Degrees {
        Degrees {
            df1: self.p,
            df2: self.pp,
            complement: self.q,
            difference: self.pq,
            relative_error: Self::relative_error(lattice),
        }
    }

    /// `T − df_1` from whichever terms cancel least, and the size of the rounded sums among them.
    fn deficit(&self, samples: f64, dimension: f64) -> (f64, f64) {
        if self.split > 0.0 {
            (
                (samples - self.split) + (self.upper_q - self.lower_p),
                self.upper_q + self.lower_p,
            )
        } else if samples > 0.5 * dimension {
            ((samples - dimension) + self.q, self.q)
        } else {
            (samples - self.p, self.p)
        }
    }
}

/// The four sums over the tail, by their series in `z = s/κ`:
/// `p = z − z² + …`, `p² = z² − 2z³ + …`, `pq = z − 2z² + …`, `q = 1 − z + …`.
fn tail_sums(tail: &Tail, beta: f64, kappa: f64) -> [f64; 4] {
    let ratio = tail.s_start / kappa;
    let mut scale = tail.start / beta;
    let mut sums = [0.0; 4];
    for j in 0..TERMS {
        let n = j as f64;
        let exponent = Density::Counting.exponent(beta, n);
        let moment = if exponent < 0.0 && tail.depth.is_infinite() {
            f64::INFINITY
        } else {
            scale * tail.moment(exponent)
        };
        sums[3] += moment;
        if j > 0 {
            sums[0] -= moment;
            sums[1] += (n - 1.0) * moment;
            sums[2] -= n * moment;
        }
        scale *= -ratio;
    }
    sums
}

pub(super) fn degrees(law: &PowerLaw, kappa: f64) -> Result<Degrees, EquivalentError> {
    if kappa == 0.0 {
        let Dimension::Finite(d) = law.dimension() else {
            return Err(SpectrumError::Divergent.into());
        };
        return Ok(Degrees {
            df1: d as f64,
            df2: d as f64,
            complement: 0.0,
            difference: 0.0,
            relative_error: 0.0,
        });
    }
    if kappa < LEAST {
        return Err(EquivalentError::Underflow);
    }
    let lattice = Lattice::new(law, kappa, ORDER, SLOPES)?;
    Ok(Sums::over(&lattice, kappa).degrees(&lattice))
}

/// `low ≤ κ ≤ high`. With `N` eigenvalues at least `x`, `T ≥ N x/(x+κ)`; with all but `N` of them summing to `τ`,
/// `T ≤ N + τ/κ + Tλ/κ`.
fn bracket(law: &PowerLaw, lambda: f64, samples: f64) -> (f64, f64) {
    let (t, beta) = (samples, law.beta());
    let d = law.dimension().as_f64();
    let count = (2.0 * t).ceil().min(d);
    let low = if count > t {
        count.powf(-beta) * ((count - t) / t)
    } else {
        0.0
    };
    let n = (0.5 * t).floor().min(d);
    // Σ_{k>n} k^{-β} ≤ (n+1)^{-β} + ∫_{n+1}^d
    let first = (n + 1.0).powf(-beta);
    let log = (d / (n + 1.0)).ln().max(0.0);
    let x = 1.0 - beta;
    let span = if x * log == 0.0 {
        log
    } else {
        (x * log).exp_m1() / x
    };
    let rest = if n >= d {
        0.0
    } else {
        first + (n + 1.0) * first * span
    };
    (
        low.max(lambda) * (1.0 - 1e-9),
        (lambda * (t / (t - n)) + rest / (t - n)) * (1.0 + 1e-9),
    )
}

/// Where Newton starts: `df_1 ≃ C κ^{-1/β} − 1/2`, or, with nearly as many samples as dimensions,
/// `d − df_1 ≃ κ tr Σ^{-1}`.
fn guess(law: &PowerLaw, lambda: f64, samples: f64) -> f64 {
    let (t, beta) = (samples, law.beta());
    let d = law.dimension().as_f64();
    let bulk = if beta > 1.0 {
        (law.saturation_constant() / (t + 0.5)).powf(beta)
    } else {
        (t + 0.5).powf(-beta)
    };
    let edge = if t < d {
        (d - t) / d * (beta + 1.0) * d.powf(-beta)
    } else {
        f64::INFINITY
    };
    lambda + if t < d { bulk.min(edge) } else { 0.0 }
}

pub(super) fn kappa(law: &PowerLaw, lambda: f64, samples: f64) -> Result<Kappa, EquivalentError> {
    let (mut low, mut high) = bracket(law, lambda, samples);
    if low < LEAST {
        return Err(EquivalentError::Underflow);
    }
    if high > LARGEST {
        return Err(EquivalentError::Overflow);
    }
    let d = law.dimension().as_f64();
    let lattice = Lattice::new(law, low, ORDER, SLOPES)?;
    let rounding = Sums::relative_error(&lattice);
    let mut kappa = guess(law, lambda, samples);
    if !(low < kappa && kappa < high) {
        kappa = low.sqrt() * high.sqrt();
    }
    let mut residual = f64::INFINITY;
    let mut previous = f64::INFINITY;
    for passes in 1..=MAX_PASSES {
        let sums = Sums::over(&lattice, kappa);
        let ridge = samples * (lambda / kappa);
        let (deficit, size) = sums.deficit(samples, d);
        let h = deficit - ridge;
        // dh/d ln κ; at the root it is T − df_2.
        let slope = sums.pq + ridge;
        residual = (h / slope).abs();
        let unavoidable = (rounding * size + 2.0 * f64::EPSILON * (size + ridge)) / slope;
        if residual <= TOLERANCE || (residual <= unavoidable && residual >= 0.5 * previous) {
            return Ok(Kappa {
                lambda,
                samples,
                value: kappa * (1.0 - h / slope),
                df1: sums.p,
                df2: sums.pp,
                gap: slope,
                // Newton's last step leaves its square, which is nothing.
                relative_error: unavoidable + 2.0 * f64::EPSILON,
                passes,
            });
        }
        if h > 0.0 {
            high = high.min(kappa);
        } else {
            low = low.max(kappa);
        }
        // Newton in ln κ on whichever form of the equation is nearly straight there.
        let step = if samples <= 0.5 * d {
            // ln(df_1 + Tλ/κ) = ln T
            (-h / samples).ln_1p() * ((samples - h) / slope)
        } else if samples < d {
            // ln(d − df_1) = ln(d − T + Tλ/κ)
            let target = (d - samples) + ridge;
            -(h / target).ln_1p() / (sums.pq / sums.q + ridge / target)
        } else {
            // ln(T − d + (d − df_1)) = ln(Tλ/κ)
            -(h / ridge).ln_1p() / (sums.pq / (ridge + h) + 1.0)
        };
        let next = kappa * step.exp();
        let slow = passes > 20 && passes % 2 == 0;
        kappa = if low <= next && next <= high && !slow {
            next
        } else {
            low.sqrt() * high.sqrt()
        };
        previous = residual;
    }
    Err(EquivalentError::NotConverged {
        passes: MAX_PASSES,
        residual,
    })
}

/// The chain on a power law, with κ of every fit.
pub(super) fn predict(
    chain: &Chain,
    law: &PowerLaw,
    target: &Target,
    kappas: &[Kappa],
) -> Result<Prediction, EquivalentError> {
    let mut recursion = Recursion::new(law, target, kappas)?;
    let downstream = kappas[kappas.len() - 1];
    let mut variance = 0.0;
    let mut synthetic = Compensated::default();
    let mut relative_error = recursion.lattice.truncation + 32.0 * f64::EPSILON;
    let fits: Vec<_> = chain.fits().zip(kappas).collect();
    for (i, (fit, kappa)) in fits.into_iter().enumerate().rev() {
        let noise = fit.noise * fit.noise * recursion.fit(kappa, fit.noise > 0.0)?;
        if i == chain.generations.len() {
            variance = noise;
        } else {
            synthetic.add(noise);
        }
        // Logarithmic slopes in κ: 2 of p² and q², 1 of T − df_2, so 3 of t, 5 of q²t, and no sum has a greater one.
        relative_error += 5.0 * kappa.relative_error + 32.0 * f64::EPSILON;
    }
    let bias = recursion.bias();
    let synthetic = synthetic.value();
    let test_error = bias + variance + synthetic;
    if !test_error.is_finite() {
        return Err(EquivalentError::ResultOverflow);
    }
    Ok(Prediction {
        kappa: downstream.value,
        df1: downstream.df1,
        df2: downstream.df2,
        bias,
        variance,
        synthetic,
        test_error,
        relative_error,
    })
}

/// A function of `s` on the nodes of a lattice, and its power series in `x = s/s_start` beyond them.
struct Field {
    nodes: Vec<f64>,
    series: [f64; TERMS],
}

impl Field {
    fn constant(value: f64, nodes: usize) -> Self {
        let mut series = [0.0; TERMS];
        series[0] = value;
        Self {
            nodes: vec![value; nodes],
            series,
        }
    }
}

/// The recursion of [`Chain::predict_modes`] on `a`, `b = 1 − a` and `e`, `M = s(a² + e)`.
struct Recursion {
    lattice: Lattice,
    /// `s c² dk` on the nodes.
    mass: Vec<f64>,
    /// The same in the tail: its factor, and its exponent in `x`.
    tail_mass: (f64, f64),
    a: Field,
    b: Field,
    e: Field,
}

impl Recursion {
    fn new(law: &PowerLaw, target: &Target, kappas: &[Kappa]) -> Result<Self, EquivalentError> {
        target.validate()?;
        let beta = law.beta();
        let dimension = law.dimension().as_f64();
        let poles = kappas.iter().map(|k| k.value).filter(|k| *k > 0.0);
        let least = poles.clone().fold(f64::INFINITY, f64::min);
        let order = ORDER * poles.count() as f64;
        let mut lattice = match target {
            Target::Masses(masses) if masses.len() as f64 == dimension => {
                Lattice::every_integer(beta, masses.len() as u64)
            }
            Target::Masses(masses) => {
                let error = SpectrumError::MassCount {
                    masses: masses.len(),
                    atoms: dimension as usize,
                };
                return Err(error.into());
            }
            Target::Source { .. } | Target::Isotropic { .. } | Target::Axis { .. } => {
                // s c² (b² + e) falls to s^{-1}, p²(a² + e) rises as every κ is passed.
                Lattice::new(law, least, order, [-1.0, order.max(1.0)])?
            }
        };
        let nodes = lattice.k.iter().zip(&lattice.s).zip(&lattice.weight);
        let mut tail_mass = (0.0, 1.0);
        let tail = lattice.tail.as_ref();
        let mass: Vec<f64> = match target {
            &Target::Source { r } => {
                let exponent = Density::Source { r }.exponent(beta, 1.0);
                if let Some(tail) = tail {
                    tail_mass = (tail.s_start.powf(exponent) / beta, exponent);
                }
                nodes.map(|((k, s), w)| w * s.powf(exponent) / k).collect()
            }
            &Target::Isotropic { norm2 } => {
                if dimension.is_infinite() {
                    return Err(SpectrumError::IsotropicInfinite.into());
                }
                let share = norm2 / dimension;
                if let Some(tail) = tail {
                    let factor = share * (tail.s_start * tail.start / beta);
                    tail_mass = (factor, Density::Counting.exponent(beta, 1.0));
                }
                nodes.map(|((_, s), w)| w * s * share).collect()
            }
            &Target::Axis { index } => {
                if index == 0 || index as f64 > dimension {
                    return Err(SpectrumError::Axis { index, dimension }.into());
                }
                // A node that no trace counts.
                let mut mass = vec![0.0; lattice.s.len()];
                let s = lattice.add_uncounted(index as f64);
                mass.push(s);
                mass
            }
            Target::Masses(masses) => masses.iter().zip(&lattice.s).map(|(m, s)| m * s).collect(),
        };
        let n = lattice.s.len();
        Ok(Self {
            lattice,
            mass,
            tail_mass,
            a: Field::constant(1.0, n),
            b: Field::constant(0.0, n),
            e: Field::constant(0.0, n),
        })
    }

    /// Goes back through one fit and returns the factor of its noise variance. Without noise the factor's pole at the
    /// interpolation threshold, which `κ = 0` outweighs, is let pass.
    fn fit(&mut self, fit: &Kappa, noisy: bool) -> Result<f64, EquivalentError> {
        let kappa = fit.value;
        if kappa == 0.0 && !noisy {
            return Ok(0.0);
        }
        let gap = fit.checked_gap()?;
        let lattice = &self.lattice;
        let mut sum = sum_over(&lattice.weight, |i| {
            let p = lattice.s[i] / (lattice.s[i] + kappa);
            let a = self.a.nodes[i];
            (a * a + self.e.nodes[i]) * (p * p)
        });
        if let Some(tail) = &lattice.tail {
            let mut series = square_plus(&self.a.series, &self.e.series);
            if kappa > 0.0 {
                let ratio = tail.s_start / kappa;
                for _ in 0..2 {
                    shift(&mut series, ratio);
                    divide(&mut series, ratio);
                }
            }
            let exponent = Density::Counting.exponent(lattice.beta, 0.0);
            sum += tail.start / lattice.beta * tail.integrate(&series, exponent);
        }
        let t = sum / gap;
        if kappa > 0.0 {
            self.go_back(kappa, t);
        }
        Ok(t)
    }

    /// `b ← b + aq`, `a ← ap`, `e ← p²e + q²t`.
    fn go_back(&mut self, kappa: f64, t: f64) {
        let (a, b, e) = (&mut self.a.nodes, &mut self.b.nodes, &mut self.e.nodes);
        for (i, &s) in self.lattice.s.iter().enumerate() {
            let inverse = 1.0 / (s + kappa);
            let (p, q) = (s * inverse, kappa * inverse);
            e[i] = p * p * e[i] + q * q * t;
            b[i] += a[i] * q;
            a[i] *= p;
        }
        let Some(tail) = &self.lattice.tail else {
            return;
        };
        // p = zq, q = 1/(1+z), z = x·ratio
        let ratio = tail.s_start / kappa;
        let (a, b, e) = (&mut self.a.series, &mut self.b.series, &mut self.e.series);
        divide(a, ratio);
        for (b, a) in b.iter_mut().zip(&*a) {
            *b += a;
        }
        shift(a, ratio);
        shift(e, ratio);
        shift(e, ratio);
        e[0] += t;
        divide(e, ratio);
        divide(e, ratio);
    }

    fn bias(&self) -> f64 {
        let sum = sum_over(&self.mass, |i| {
            let b = self.b.nodes[i];
            b * b + self.e.nodes[i]
        });
        let (factor, exponent) = self.tail_mass;
        let tail = self
            .lattice
            .tail
            .as_ref()
            .filter(|_| factor != 0.0)
            .map_or(0.0, |tail| {
                factor * tail.integrate(&square_plus(&self.b.series, &self.e.series), exponent)
            });
        sum + tail
    }
}

fn sum_over(weights: &[f64], f: impl Fn(usize) -> f64) -> f64 {
    let mut sum = Compensated::default();
    for (start, block) in (0..).step_by(BLOCK).zip(weights.chunks(BLOCK)) {
        sum.add(
            block
                .iter()
                .enumerate()
                .map(|(i, w)| w * f(start + i))
                .sum(),
        );
    }
    sum.value()
}

/// `series/(1 + ratio·x)`
fn divide(series: &mut [f64; TERMS], ratio: f64) {
    for j in 1..TERMS {
        series[j] -= ratio * series[j - 1];
    }
}

/// `series·ratio·x`
fn shift(series: &mut [f64; TERMS], ratio: f64) {
    for j in (1..TERMS).rev() {
        series[j] = ratio * series[j - 1];
    }
    series[0] = 0.0;
}

/// `a² + e`
fn square_plus(a: &[f64; TERMS], e: &[f64; TERMS]) -> [f64; TERMS] {
    std::array::from_fn(|n| e[n] + (0..=n).map(|i| a[i] * a[n - i]).sum::<f64>())
}
