//! The space of the inputs, from a spectrum and a target.
//!
//! A power law too long to write out becomes the nodes of a lattice. In infinite dimension the rest, where every equivalent is
//! a power series in `s` with room to spare, is integrated by Gauss's rule for `∫_0^1 x^{e−1} (f(x) − f(0)) dx`, and `f(0)` counts as
//! often as there are eigenvalues left: infinitely often, unless it is weighed by a target.

use super::error::PencilError;
use super::model::Model;
use super::node::{Diagonal, Space};
use crate::equivalent;
use crate::spectrum::power_law::{Density, Lattice, Tail};
use crate::spectrum::{Atoms, Dimension, PowerLaw, Spectrum, SpectrumError, Target};

/// Poles of the equivalents together; a simple fit has four in second order.
const ORDER: f64 = 10.0;
const SLOPES: [f64; 2] = [-3.0, 6.0];
/// How far below the least κ of all rows together the tail starts.
const MARGIN: f64 = 0.25;
/// Up to this dimension every eigenvalue is a level.
const WRITTEN_OUT: u64 = 600;
const GAUSS: usize = 7;

/// The space of the inputs: `Σ` on its levels, and how much of `Σ c_j²` each carries.
#[derive(Clone, Debug)]
pub struct Features {
    pub space: Space,
    pub sigma: Diagonal,
    pub mass: Vec<f64>,
}

impl Model {
    /// `rows`: how many rows all Gaussian matrices have together; it tells how deep into a power law the equivalents see.
    pub fn features(
        &mut self,
        spectrum: &Spectrum,
        target: &Target,
        rows: f64,
    ) -> Result<Features, PencilError> {
        match spectrum {
            Spectrum::Atoms(atoms) => {
                let mass = target.masses(atoms)?;
                self.atoms(atoms, mass)
            }
            Spectrum::PowerLaw(law) => self.power_law(law, target, rows),
        }
    }

    /// From eigenvalues, how often each occurs and the target's mass on it.
    pub fn levels_of(&mut self, levels: &[(f64, f64, f64)]) -> Result<Features, PencilError> {
        let dimension = levels.iter().map(|l| l.1).sum();
        let values: Vec<f64> = levels.iter().map(|l| l.0).collect();
        let multiplicity = levels.iter().map(|l| l.1).collect();
        let space = self.space(multiplicity, values.clone(), dimension)?;
        let sigma = self.diagonal(space, values);
        Ok(Features {
            space,
            sigma,
            mass: levels.iter().map(|l| l.2).collect(),
        })
    }

    fn atoms(&mut self, atoms: &Atoms, mass: Vec<f64>) -> Result<Features, PencilError> {
        let values = atoms.values().to_vec();
        let space = self.space(
            atoms.multiplicities().to_vec(),
            values.clone(),
            atoms.dimension(),
        )?;
        let sigma = self.diagonal(space, values);
        Ok(Features { space, sigma, mass })
    }

    fn power_law(
        &mut self,
        law: &PowerLaw,
        target: &Target,
        rows: f64,
    ) -> Result<Features, PencilError> {
        let (dimension, lattice) = match law.dimension() {
            Dimension::Finite(d) if d <= WRITTEN_OUT => {
                (d as f64, Lattice::every_integer(law.beta(), d))
            }
            Dimension::Finite(d) => {
                // So small that no tail is left.
                let least = (d as f64 + 1.0).powf(-law.beta());
                (d as f64, Lattice::new(law, least, ORDER, SLOPES)?)
            }
            Dimension::Infinite => {
                let spectrum = Spectrum::PowerLaw(*law);
                let kappa =
                    equivalent::kappa(&spectrum, 0.0, rows).map_err(|_| SpectrumError::Overflow)?;
                (
                    f64::INFINITY,
                    Lattice::new(law, MARGIN * kappa.value, ORDER, SLOPES)?,
                )
            }
        };
        let density = match *target {
            Target::Source { r } => Some(Density::Source { r }),
            _ => None,
        };
        let mut levels: Vec<[f64; 3]> = lattice
            .k
            .iter()
            .zip(&lattice.s)
            .zip(&lattice.weight)
            .map(|((&k, &s), &w)| [s, w, density.map_or(0.0, |d| w * d.at(k, s))])
            .collect();
        if let Some(tail) = &lattice.tail {
            add_tail(&mut levels, tail, law.beta(), density);
        }
        match *target {
            Target::Source { .. } => {}
            Target::Isotropic { norm2 } if dimension.is_finite() => {
                for level in &mut levels {
                    level[2] = norm2 / dimension * level[1];
                }
            }
            Target::Isotropic { .. } => return Err(SpectrumError::IsotropicInfinite.into()),
            Target::Axis { index } => {
                if index == 0 || index as f64 > dimension {
                    return Err(SpectrumError::Axis { index, dimension }.into());
                }
                levels.push([(index as f64).powf(-law.beta()), 0.0, 1.0]);
            }
            Target::Masses(ref masses) => {
                if masses.len() as f64 != dimension {
                    return Err(SpectrumError::MassCount {
                        masses: masses.len(),
                        atoms: dimension as usize,
                    }
                    .into());
                }
                for (k, mass) in (1u32..).zip(masses) {
                    levels.push([f64::from(k).powf(-law.beta()), 0.0, *mass]);
                }
            }
        }
        levels.sort_by(|a, b| b[0].total_cmp(&a[0]));
        let column = |i: usize| levels.iter().map(|l| l[i]).collect::<Vec<f64>>();
        let space = self.space(column(1), column(0), dimension)?;
        let sigma = self.diagonal(space, column(0));
        Ok(Features {
            space,
            sigma,
            mass: column(2),
        })
    }
}

/// Nodes for traces, nodes for the target, and the point zero.
fn add_tail(levels: &mut Vec<[f64; 3]>, tail: &Tail, beta: f64, density: Option<Density>) {
    let mut at_zero = [0.0, f64::INFINITY, 0.0];
    let counted = [(1, Some(Density::Counting)), (2, density)];
    for (column, density) in counted {
        let Some(density) = density else { continue };
        let e = density.exponent(beta, 0.0);
        let scale = tail.s_start.powf(e) / beta;
        let mut at_nodes = 0.0;
        for (x, w) in gauss(e) {
            let mut level = [tail.s_start * x, 0.0, 0.0];
            level[column] = scale * w / x;
            at_nodes += level[column];
            levels.push(level);
        }
        at_zero[column] = if e > 0.0 {
            scale / e - at_nodes
        } else {
            f64::INFINITY
        };
    }
    levels.push(at_zero);
}

/// Gauss's rule for `∫_0^1 x^b g(x) dx`, `b > −1`: roots of the Jacobi polynomial by counting changes of sign.
fn gauss(b: f64) -> [(f64, f64); GAUSS] {
    let shift = |k: f64| {
        let centre = if k == 0.0 {
            b / (b + 2.0)
        } else {
            b * b / ((2.0 * k + b) * (2.0 * k + b + 2.0))
        };
        0.5 * (1.0 + centre)
    };
    let coupling = |k: f64| {
        let n = 2.0 * k + b;
        // On [0, 1] the squares of the couplings are a quarter of those on [−1, 1].
        (k * (k + b)).powi(2) / (n * n * (n + 1.0) * (n - 1.0))
    };
    let below = |x: f64| {
        let (mut count, mut ratio) = (0, 1.0);
        for k in 0..GAUSS {
            let k = k as f64;
            let previous = if k == 0.0 { 0.0 } else { coupling(k) / ratio };
            ratio = shift(k) - x - previous;
            if ratio == 0.0 {
                ratio = -f64::MIN_POSITIVE;
            }
            count += usize::from(ratio < 0.0);
        }
        count
    };
    std::array::from_fn(|i| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if below(middle) > i {
                high = middle;
            } else {
                low = middle;
            }
        }
        let x: f64 = 0.5 * (low + high);
        // 1/w = Σ p_k(x)², p orthonormal.
        let (mut before, mut now, mut sum) = (0.0, (b + 1.0).sqrt(), b + 1.0);
        for k in 0..GAUSS - 1 {
            let k = k as f64;
            let back = if k == 0.0 { 0.0 } else { coupling(k).sqrt() };
            let next = ((x - shift(k)) * now - back * before) / coupling(k + 1.0).sqrt();
            (before, now) = (now, next);
            sum += now * now;
        }
        (x, 1.0 / sum)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauss_integrates_powers() {
        for b in [-0.9, -0.3, 0.0, 0.7, 3.0] {
            for n in 0..2 * GAUSS {
                let sum: f64 = gauss(b).iter().map(|(x, w)| w * x.powi(n as i32)).sum();
                let exact = 1.0 / (b + n as f64 + 1.0);
                assert!((sum - exact).abs() < 1e-12 * exact, "{b} {n}");
            }
        }
    }
}
