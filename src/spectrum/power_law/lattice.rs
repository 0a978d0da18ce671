//! `Σ_{k ≤ d} F(k)` as a short weighted sum, for `F` made of powers of `k` and of `k^{-β} + κ_i`.
//!
//! ```text
//!   k = 1 … N          every integer                                    weight 1
//!   N+½ … X            ∫ F dk in panels of ln s, s = k^{-β}             Gauss–Legendre, 20 points
//!   X … d+½            s ≪ every κ_i: F = k^{-γ}·(power series in s)    closed form, term by term
//!   at N+½ and d+½     Σ − ∫ = Σ_j c_j δ^{2j-1} F                       weights on the integers around
//! ```
//!
//! In `ln s` the singularities of `F` are at `ln κ_i ± iπ` whatever `β` is, so the length of a panel depends
//! only on the total order of the poles. `|s + κ| ≥ (|s| + κ) cos(arg s / 2)` bounds `F` off the real axis by
//! its values on it, which turns the error of both rules into constants: `N` and the panel length are chosen
//! so that each stays below 1e-16 of the sum.

use std::f64::consts::PI;

use super::legendre::{NODES, WEIGHTS};
use crate::budget;
use crate::spectrum::{Dimension, PowerLaw, SpectrumError};

/// The most terms of one sum, and what one costs in units of work.
const MOST_TERMS: usize = 2_000_000;
const COST: f64 = 40.0;

/// Nodes of a panel.
pub(super) const POINTS: usize = NODES.len();

/// Terms of the power series beyond the last panel.
pub(crate) const TERMS: usize = 16;

/// The truncation of either rule, as a fraction of the sum.
const RULE_ERROR: f64 = 3.2e-17;

/// `Σ_{k>N} F(k) − ∫_{N+½}^∞ F = Σ_i END[i]·(F(N+1+i) − F(N−i))`: the series of `1/D − 1/δ` in the central
/// difference `δ = 2 sinh(D/2)` up to `δ^15`, collected by node.
const END: [f64; 8] = [
    0.05984979299564494,
    -0.00855555593504448,
    0.00202784677685052,
    -0.00048559573118554924,
    9.934977992670562e-05,
    -1.546661444853505e-05,
    1.5892000897396522e-06,
    -7.981009139050703e-08,
];

/// Beyond this the end correction is below 1e-18 of the sum.
const LAST_CORRECTED: f64 = 1e9;

/// The longest panel (in `ln s`) on which 20 points integrate a product of poles of total order at most
/// the second entry to [`RULE_ERROR`]: `min_b 64/15·ρ^{-40}/(1-ρ^{-2})·cos(b/2)^{-order}`,
/// `ρ` the ellipse of imaginary half axis `b`.
const PANELS: [(f64, f64); 13] = [
    (4.5, 1.0),
    (4.0, 3.0),
    (3.5, 6.0),
    (3.0, 10.0),
    (2.5, 17.0),
    (2.0, 30.0),
    (1.5, 58.0),
    (1.25, 80.0),
    (1.0, 130.0),
    (0.75, 250.0),
    (0.5, 570.0),
    (0.35, 1180.0),
    (0.25, 2320.0),
];

/// A panel never spans more than this many powers of e of the integrand.
const STEEPEST: f64 = 64.0;

/// The same for growth towards the last eigenvalue, beyond which nothing outweighs the error.
const STEEPEST_END: f64 = 4.0;

/// The weighted sum: `Σ_k F(k) = Σ_i weight_i F(k_i) + tail`.
#[derive(Clone, Debug)]
pub(crate) struct Lattice {
    pub(crate) beta: f64,
    /// Positions; integers in the head, real numbers in the panels.
    pub(crate) k: Vec<f64>,
    /// `k^{-β}`.
    pub(crate) s: Vec<f64>,
    /// Positive but for the handful that corrects the ends.
    pub(crate) weight: Vec<f64>,
    pub(crate) tail: Option<Tail>,
    /// The error of the rules as a fraction of the sum.
    pub(crate) truncation: f64,
    /// How many of the first nodes are eigenvalues with weight exactly 1.
    pub(crate) plain: usize,
}

/// The integral over `k` from `start` to `d + ½`, where `s = s_start·x`, `0 < x ≤ 1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    pub(crate) start: f64,
    pub(crate) s_start: f64,
    /// `d + ½`, or infinity.
    pub(crate) end: f64,
    pub(crate) s_end: f64,
    /// `ln(s_start/s_end)`.
    pub(crate) depth: f64,
}

impl Tail {
    /// `∫ x^{e−1} dx` from `s_end/s_start` to 1.
    pub(crate) fn moment(&self, e: f64) -> f64 {
        if self.depth.is_infinite() {
            1.0 / e
        } else if e == 0.0 {
            self.depth
        } else {
            -(-e * self.depth).exp_m1() / e
        }
    }

    /// `Σ_j series_j ∫ x^{e+j−1} dx`.
    pub(crate) fn integrate(&self, series: &[f64; TERMS], e: f64) -> f64 {
        // The coefficients decay; the smallest first. A vanishing one may stand before a divergent moment.
        let terms = series.iter().enumerate().rev();
        terms
            .filter(|(_, c)| **c != 0.0)
            .map(|(j, c)| c * self.moment(e + j as f64))
            .sum()
    }
}

impl Lattice {
    /// For functions whose poles have total order at most `order`, none closer to zero than `kappa_min > 0`
    /// (infinite where there is no pole), and whose logarithmic slope in `ln s` lies between the `slopes`.
    ///
    /// # Errors
    /// More terms than a sum may have, or than the budget of work pays for: the head grows with `β` and the order, the
    /// panels with the slopes.
    pub(crate) fn new(
        law: &PowerLaw,
        kappa_min: f64,
        order: f64,
        slopes: [f64; 2],
    ) -> Result<Self, SpectrumError> {
        let beta = law.beta();
        let (head, radius) = head_length(beta, order);
        let pay = |terms: f64| {
            if terms <= MOST_TERMS as f64 {
                Ok(budget::charge_about(COST * terms)?)
            } else {
                Err(SpectrumError::TooManyTerms {
                    beta,
                    limit: MOST_TERMS,
                })
            }
        };
        let end = match law.dimension() {
            Dimension::Finite(d) if d as f64 <= head + 128.0 => {
                pay(d as f64)?;
                return Ok(Self::every_integer(beta, d));
            }
            Dimension::Finite(d) => d as f64 + 0.5,
            Dimension::Infinite => f64::INFINITY,
        };
        let start = head + 0.5;
        let s_start = start.powf(-beta);
        let s_end = end.powf(-beta);
        // The series of Π(1 + s/κ_i)^{-q_i} is as good as exact after TERMS terms below this s.
        let s_tail = kappa_min / (64.0 + 4.0 * order);
        let tail_start = if s_tail >= s_start {
            start
        } else if s_tail > s_end {
            s_tail.powf(-1.0 / beta).min(end)
        } else {
            end
        };
        pay(head)?;
        let mut lattice = Self::every_integer(beta, head as u64);
        lattice.open_head();
        lattice.plain = head as usize - END.len();
        // Of the integrand in ln s, F dk = F k d(ln s)/β: towards the end of a finite spectrum, and in all.
        let growth = (1.0 / beta - slopes[0]).max(1.0 / beta);
        let slope = growth.max(slopes[1]);
        let mut panel = panel_length(order).min(STEEPEST / slope);
        if end.is_finite() {
            panel = panel.min(STEEPEST_END / growth);
        }
        if tail_start > start {
            let panels = (beta * (tail_start / start).ln() / panel).ceil();
            pay(panels * POINTS as f64)?;
            lattice.add_panels(start, tail_start, panel);
        }
        if tail_start < end {
            let s_start = tail_start.powf(-beta);
            lattice.tail = Some(Tail {
                start: tail_start,
                s_start,
                end,
                s_end,
                depth: beta * (end / tail_start).ln(),
            });
        }
        if end < LAST_CORRECTED {
            lattice.close_at(end - 0.5);
        }
        // The sum of a panel's errors is that of the largest values on ellipses that reach into its neighbours.
        lattice.truncation = RULE_ERROR * (4.0 + slope * panel);
        if end.is_finite() {
            // Beyond the end are no neighbours, only the growth: e^{0.6·4} along an ellipse, and as far as the discs
            // of the end correction reach.
            let reach = growth * beta * (radius + 9.0) / end;
            lattice.truncation +=
                RULE_ERROR * (11.0 * growth * panel + growth * beta / end * reach.exp());
        }
        Ok(lattice)
    }

    /// Every integer.
    pub(crate) fn every_integer(beta: f64, d: u64) -> Self {
        let k: Vec<f64> = (1..=d).map(|k| k as f64).collect();
        Self {
            beta,
            s: k.iter().map(|k| k.powf(-beta)).collect(),
            weight: vec![1.0; k.len()],
            plain: k.len(),
            k,
            tail: None,
            truncation: 0.0,
        }
    }

    /// `Σ_{k>N} F − ∫_{N+½}^∞ F`, the head `1 … N` being all there is so far.
    fn open_head(&mut self) {
        let head = self.k.len();
        for (i, g) in END.iter().enumerate() {
            self.weight[head - 1 - i] -= g;
            self.push((head + 1 + i) as f64, *g);
        }
    }

    /// The same at the last eigenvalue, where the sum stops.
    fn close_at(&mut self, d: f64) {
        for (i, g) in END.iter().enumerate() {
            self.push(d + 1.0 + i as f64, -g);
            self.push(d - i as f64, *g);
        }
    }

    fn push(&mut self, k: f64, weight: f64) {
        self.k.push(k);
        self.s.push(k.powf(-self.beta));
        self.weight.push(weight);
    }

    /// A node of weight 0, for what sits on one eigenvector alone; its `s`.
    pub(crate) fn add_uncounted(&mut self, k: f64) -> f64 {
        self.push(k, 0.0);
        k.powf(-self.beta)
    }

    fn add_panels(&mut self, start: f64, end: f64, longest: f64) {
        let ratio = end / start;
        let length = self.beta * ratio.ln();
        let count = (length / longest).ceil().max(1.0);
        let mean = length / count;
        let shape_s = NODES.map(|t| (-mean * t).exp());
        let shape_k = NODES.map(|t| (mean * t / self.beta).exp());
        let mut left = start;
        for j in 1..=count as usize {
            let right = if j as f64 == count {
                end
            } else {
                start * ratio.powf(j as f64 / count)
            };
            let s_left = left.powf(-self.beta);
            // The rounded ends of the panel decide its length; nodes follow to first order in the difference.
            let length = self.beta * ((right - left) / left).ln_1p();
            let excess = length - mean;
            for i in 0..POINTS {
                let shift = excess * NODES[i];
                let k = left * shape_k[i] * (1.0 + shift / self.beta);
                self.k.push(k);
                self.s.push(s_left * shape_s[i] * (1.0 - shift));
                self.weight.push(length / self.beta * WEIGHTS[i] * k);
            }
            left = right;
        }
    }
}

/// `N`, and the radius of the discs on which Cauchy's estimate of `F^{(17)}` makes `2 c_9 δ^17 F` less than
/// 1e-17 of the sum: `(N − 8) sin φ`, where the angle `φ` they subtend makes `N` least.
fn head_length(beta: f64, order: f64) -> (f64, f64) {
    // ln(2 c_9 · 17! / 1e-17)
    const BUDGET: f64 = 55.44;
    let widest = (PI / beta).min(0.9);
    let (distance, radius) = (1..=12)
        .map(|i| {
            let phi = widest * f64::from(i) / 13.0;
            let growth = -order * (0.5 * beta * phi).cos().ln();
            let radius = ((BUDGET + growth) / 17.0).exp();
            (radius / phi.sin(), radius)
        })
        .fold((f64::INFINITY, 0.0), |least, other| {
            if other.0 < least.0 { other } else { least }
        });
    ((8.0 + distance).ceil(), radius)
}

fn panel_length(order: f64) -> f64 {
    PANELS
        .iter()
        .find(|(_, most)| order <= *most)
        .map_or(0.25 * 2320.0 / order.max(2320.0), |(length, _)| *length)
}
