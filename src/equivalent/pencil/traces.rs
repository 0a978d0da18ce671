//! The traces that close the equations, as they become known: within nests, then between them.

use std::collections::HashMap;

use super::components::{Between, Coupling, System, Unknown};
use super::dense;
use super::error::PencilError;
use super::grid::Grid;
use super::model::Model;
use super::nonlinear::Component;

/// A linear system whose pivots shrink below this is singular.
const CRITICAL: f64 = 1e-13;
const RESIDUAL: f64 = 1e-8;
/// What rounding leaves of a trace that is zero, as a share of its summands.
const ROUNDING: f64 = 1e-12;

pub(super) struct Traces {
    /// By number of the unknown; not a number where it is not known yet.
    pub values: Vec<f64>,
    /// For traces between components, the size of what their equations add up: they may be zero but for rounding.
    sizes: Vec<f64>,
    /// The least pivot of all equations.
    pub margin: f64,
    /// The roots of nests, which may have the same equations.
    solved: HashMap<String, Vec<f64>>,
}

/// Two components, the upper of which is driven by the lower.
pub(super) struct Pair {
    /// The number of the upper one.
    pub number: usize,
    pub above: Vec<usize>,
    pub below: Vec<usize>,
    pub between: Between,
}

impl Pair {
    /// Those of which the upper depends on the lower, the nearest first.
    pub fn all(system: &System) -> Vec<Self> {
        let components = &system.components;
        let pairs = (1..components.len())
            .flat_map(|gap| (gap..components.len()).map(move |p| (p, p - gap)));
        pairs
            .filter(|&(p, q)| system.depends(components[p][0], components[q][0]))
            .map(|(p, q)| Self {
                number: p,
                above: components[p].clone(),
                below: components[q].clone(),
                between: system.between(p, q),
            })
            .collect()
    }
}

impl Traces {
    pub fn of(system: &System) -> Self {
        Self {
            values: vec![f64::NAN; system.unknowns.len()],
            sizes: vec![0.0; system.unknowns.len()],
            margin: 1.0,
            solved: HashMap::new(),
        }
    }

    /// The traces within a component.
    pub fn within(
        &mut self,
        component: &Component,
        model: &Model,
        system: &System,
    ) -> Result<Vec<f64>, PencilError> {
        if component.unknowns.is_empty() {
            return Ok(Vec::new());
        }
        let signature = component.signature(system);
        let roots = match self.solved.get(&signature) {
            Some(known) => known.clone(),
            None => {
                let (roots, margin) = component.solve(model, system)?;
                self.margin = self.margin.min(margin);
                self.solved.insert(signature, roots.clone());
                roots
            }
        };
        for (k, root) in component.unknowns.iter().zip(&roots) {
            self.values[*k] = *root;
        }
        Ok(roots)
    }

    /// The traces between two components, which the couplings make each other's: a linear system. `own` is what a trace is
    /// without them, with the size of its summands; `coupled` what a coupling adds to it for each unit of its own trace.
    pub fn between(
        &mut self,
        (model, grid): (&Model, &Grid),
        system: &System,
        between: &Between,
        own: impl Fn(&Unknown, &[f64]) -> Option<(f64, f64)>,
        coupled: impl Fn(&Unknown, &Coupling, &[f64], &[f64]) -> Option<f64>,
    ) -> Result<(), PencilError> {
        let unknowns = &between.unknowns;
        let m = unknowns.len();
        let mut b = vec![0.0; m];
        let mut a = vec![0.0; m * m];
        for (k, &number) in unknowns.iter().enumerate() {
            a[k * m + k] = 1.0;
            let u = &system.unknowns[number];
            let weights = grid.weights(model, u);
            if let Some((sum, size)) = own(u, &weights) {
                (b[k], self.sizes[number]) = (sum, size);
            }
            for &c in &between.couplings {
                let c = &system.couplings[c];
                let covariance = &grid.diagonals[c.covariance.0];
                let Some(sum) = coupled(u, c, &weights, covariance) else {
                    continue;
                };
                let other = unknowns
                    .iter()
                    .position(|n| *n == c.unknown)
                    .expect("one of them");
                a[k * m + other] -= c.coefficient * sum;
            }
        }
        let equations = a.clone();
        let pivot = dense::solve(&mut a, m, &mut b).ok_or(PencilError::Critical)?;
        if pivot < CRITICAL {
            return Err(PencilError::Critical);
        }
        self.margin = self.margin.min(pivot);
        for (row, &k) in equations.chunks_exact(m).zip(unknowns) {
            let added = row.iter().zip(&b).map(|(a, x)| (a * x).abs());
            self.sizes[k] = added.fold(self.sizes[k], f64::max);
        }
        for (&k, value) in unknowns.iter().zip(b) {
            self.values[k] = value;
        }
        Ok(())
    }

    /// Whether all of them are what `again` finds, with the sizes of its summands.
    pub fn verify(
        &self,
        (model, grid): (&Model, &Grid),
        system: &System,
        again: impl Fn(&Unknown, &[f64]) -> Option<(f64, f64)>,
    ) -> Result<(), PencilError> {
        let sizes = self.sizes.iter();
        for ((u, trace), known) in system.unknowns.iter().zip(&self.values).zip(sizes) {
            let weights = grid.weights(model, u);
            let (sum, size) = again(u, &weights).unwrap_or((0.0, 0.0));
            let residual = (sum - trace).abs();
            let allowed = (RESIDUAL * size.max(trace.abs())).max(ROUNDING * known);
            if !(residual <= allowed) {
                return Err(PencilError::Residual {
                    residual: residual / size,
                });
            }
        }
        Ok(())
    }
}
