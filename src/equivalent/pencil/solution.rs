//! `G = (L_0 − S)^{-1}` of the whole network: component by component, then what couples them, and traces of it.

use super::blocks::Blocks;
use super::components::{System, Unknown};
use super::error::PencilError;
use super::grid::Grid;
use super::linearise::{Linearise, Operator, Signal};
use super::model::Model;
use super::node::{Expression, Space};
use super::nonlinear::Component;
use super::traces::{Pair, Traces};
use super::turned::{Block, DenseSolution};

/// The deterministic equivalents of square expressions, as functions on the levels of their spaces.
pub(super) struct Solution {
    pub system: System,
    pub traces: Traces,
    /// Of `G_{i,j}`, the values on all levels.
    blocks: Blocks,
}

/// The equivalent of one expression: a number on every level of the space that it acts on.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    pub space: Space,
    pub values: Vec<f64>,
    /// The size of what was added on each level: where it is much larger than the value, leading orders cancel.
    pub sizes: Vec<f64>,
    /// How far the equations are from singular, where variances diverge: of the order of `1 − df_2/T` for a ridge fit. An
    /// equivalent needs this times the least dimension to be large.
    pub margin: f64,
    /// Where bases do not commute, the equivalent itself, as a sum of matrices.
    dense: Vec<Block>,
}

impl Model {
    /// `E e ≃ f`, one for each of the expressions, which must be square.
    pub fn equivalents(&mut self, expressions: &[Expression]) -> Result<Vec<Mean>, PencilError> {
        let mut builder = Linearise::new(self);
        let mut outputs: Vec<(Space, Signal)> = Vec::with_capacity(expressions.len());
        for &e in expressions {
            let (rows, columns) = (builder.model.rows(e), builder.model.columns(e));
            if rows != columns {
                return Err(PencilError::Spaces {
                    left: builder.model.dimension(rows),
                    right: builder.model.dimension(columns),
                });
            }
            outputs.push((rows, builder.output(e)?));
        }
        let network = builder.network;
        let system = System::new(self, network);
        if !self.rotations.is_empty() {
            let solution = DenseSolution::of(self, system)?;
            let means = (outputs.into_iter())
                .map(|(space, signal)| Mean::of_summands(self, space, &signal, &solution));
            return means.collect();
        }
        let solution = Solution::of(self, system)?;
        outputs
            .into_iter()
            .map(|(space, signal)| solution.mean(self, space, &signal))
            .collect()
    }

    /// `E tr(W e)`, `W` the diagonal matrix of `weights` already multiplied by how much each level counts.
    pub fn closed(&self, mean: &Mean, weights: &[f64]) -> Result<f64, PencilError> {
        let mut sum = crate::spectrum::sum::Compensated::default();
        for (w, f) in weights.iter().zip(&mean.values) {
            match (*w, *f) {
                (0.0, _) | (_, 0.0) => {}
                (w, _) if w.is_infinite() => return Err(PencilError::Divergent),
                (w, f) => sum.add(w * f),
            }
        }
        Ok(sum.value())
    }

    /// `w0' e w0` and the size of what was added, by the squares of `w0`'s coefficients on each level.
    pub fn quadratic(&self, mean: &Mean, masses: &[f64]) -> Result<(f64, f64), PencilError> {
        if mean.dense.is_empty() {
            return Ok((self.closed(mean, masses)?, self.size(mean, masses)));
        }
        let coefficients: Vec<f64> = masses.iter().map(|m| m.sqrt()).collect();
        let summands = mean
            .dense
            .iter()
            .map(|block| block.quadratic(&coefficients));
        Ok(summands.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs())))
    }

    /// The same for the sizes of what was added.
    pub fn size(&self, mean: &Mean, weights: &[f64]) -> f64 {
        weights
            .iter()
            .zip(&mean.sizes)
            .filter(|(w, f)| **w != 0.0 && **f != 0.0)
            .map(|(w, f)| (w * f).abs())
            .sum()
    }

    /// `E tr e`
    pub fn trace(&mut self, e: Expression) -> Result<f64, PencilError> {
        let mean = self.equivalents(&[e])?.remove(0);
        let weights = self.spaces[mean.space.0].multiplicity.clone();
        self.closed(&mean, &weights)
    }

    /// How often each level of a space counts.
    pub fn multiplicities(&self, space: Space) -> &[f64] {
        &self.spaces[space.0].multiplicity
    }
}

impl Solution {
    pub fn of(model: &Model, system: System) -> Result<Self, PencilError> {
        let grid = Grid::full(model);
        let solution = Self::solved(model, system, &grid)?;
        solution.verify(model, &grid)?;
        Ok(solution)
    }

    /// Traces that are zero need not be so to the last digit.
    pub fn unverified(model: &Model, system: System) -> Result<Self, PencilError> {
        Self::solved(model, system, &Grid::full(model))
    }

    fn solved(model: &Model, system: System, grid: &Grid) -> Result<Self, PencilError> {
        let mut solution = Self {
            traces: Traces::of(&system),
            blocks: Blocks::new(system.network.rows.len()),
            system,
        };
        solution.within(model, grid)?;
        solution.between(model, grid)?;
        solution.converges(model, grid)?;
        Ok(solution)
    }

    fn converges(&self, model: &Model, grid: &Grid) -> Result<(), PencilError> {
        let mut unknowns = self.system.unknowns.iter();
        let converges = |u: &Unknown| {
            let block = self.blocks.get(u.to, u.from);
            block.is_none_or(|block| grid.converges(model, u, block))
        };
        match unknowns.all(converges) {
            true => Ok(()),
            false => Err(PencilError::Divergent),
        }
    }

    fn within(&mut self, model: &Model, grid: &Grid) -> Result<(), PencilError> {
        for members in &self.system.components {
            let component = Component::new(&self.system, members);
            let roots = self.traces.within(&component, model, &self.system)?;
            let inverse = component
                .inverse(grid, &roots, 0.0)
                .ok_or(PencilError::SingularMean)?;
            for (_, variables, g) in inverse {
                let n = variables.len();
                for (i, &v) in variables.iter().enumerate() {
                    for (j, &w) in variables.iter().enumerate() {
                        let values = g.chunks_exact(n * n).map(|m| m[i * n + j]);
                        self.blocks.insert(v, w, values);
                    }
                }
            }
        }
        Ok(())
    }

    fn between(&mut self, model: &Model, grid: &Grid) -> Result<(), PencilError> {
        for pair in Pair::all(&self.system) {
            self.known_blocks(grid, &pair);
            if !pair.between.unknowns.is_empty() {
                let blocks = &self.blocks;
                self.traces.between(
                    (model, grid),
                    &self.system,
                    &pair.between,
                    |u, weights| traced(blocks, u, weights),
                    |u, c, weights, covariance| {
                        let left = blocks.get(u.to, c.row)?;
                        let right = blocks.get(c.column, u.from)?;
                        let mut sum = 0.0;
                        for l in 0..weights.len() {
                            sum += weights[l] * left[l] * covariance[l] * right[l];
                        }
                        Some(sum)
                    },
                )?;
                self.couple(grid, &pair);
            }
        }
        Ok(())
    }

    /// The pair's blocks of `G` without the unknown part of `S`.
    fn known_blocks(&mut self, grid: &Grid, pair: &Pair) {
        for &j in &pair.below {
            // −(L_0 − S)·G
            let driven: Vec<Option<Vec<f64>>> = (pair.above.iter())
                .map(|&k| self.driven(grid, k, j, pair.number))
                .collect();
            for &i in &pair.above {
                let mut sum: Option<Vec<f64>> = None;
                for (&k, driven) in pair.above.iter().zip(&driven) {
                    if let (Some(g), Some(h)) = (self.blocks.get(i, k), driven) {
                        let sum = sum.get_or_insert_with(|| vec![0.0; h.len()]);
                        for ((s, g), h) in sum.iter_mut().zip(g).zip(h) {
                            *s += g * h;
                        }
                    }
                }
                if let Some(sum) = sum {
                    self.blocks.insert(i, j, sum);
                }
            }
        }
    }

    /// Adds what the couplings contribute, now that their traces are known.
    fn couple(&mut self, grid: &Grid, pair: &Pair) {
        for &c in &pair.between.couplings {
            let c = self.system.couplings[c];
            let factor = c.coefficient * self.traces.values[c.unknown];
            let covariance = &grid.diagonals[c.covariance.0];
            for &i in &pair.above {
                for &j in &pair.below {
                    let (left, right) = ((i, c.row), (c.column, j));
                    self.blocks
                        .add_product((i, j), factor, left, covariance, right);
                }
            }
        }
    }

    /// `−Σ_r (L_0 − S)_{ir} G_{rj}` over all `r` below component `p`, as far as it is known.
    fn driven(&self, grid: &Grid, i: usize, j: usize, p: usize) -> Option<Vec<f64>> {
        let system = &self.system;
        let mut sum: Option<Vec<f64>> = None;
        let mut add = |r: usize, coefficient: f64, diagonal: Option<usize>| {
            let Some(g) = self.blocks.get(r, j) else {
                return;
            };
            let sum = sum.get_or_insert_with(|| vec![0.0; g.len()]);
            match diagonal {
                None => {
                    for (s, g) in sum.iter_mut().zip(g) {
                        *s += coefficient * g;
                    }
                }
                Some(d) => {
                    for ((s, g), d) in sum.iter_mut().zip(g).zip(&grid.diagonals[d]) {
                        *s += coefficient * d * g;
                    }
                }
            }
        };
        for t in &system.network.rows[i] {
            if system.component_of[t.variable] == p {
                continue;
            }
            match t.operator {
                Operator::Identity => add(t.variable, -t.coefficient, None),
                Operator::Diagonal(d) => add(t.variable, -t.coefficient, Some(d.0)),
                Operator::Gaussian(..) | Operator::Rotation(..) => {}
            }
        }
        for &c in &system.into[i] {
            let c = &system.couplings[c];
            // What is not known yet is what this pair is about.
            if system.component_of[c.column] != p && !self.traces.values[c.unknown].is_nan() {
                let factor = c.coefficient * self.traces.values[c.unknown];
                add(c.column, factor, Some(c.covariance.0));
            }
        }
        sum
    }

    /// The traces again, from `G`.
    fn verify(&self, model: &Model, grid: &Grid) -> Result<(), PencilError> {
        let again = |u: &Unknown, weights: &[f64]| traced(&self.blocks, u, weights);
        self.traces.verify((model, grid), &self.system, again)
    }

    fn mean(&self, model: &Model, space: Space, signal: &Signal) -> Result<Mean, PencilError> {
        let source = self.system.network.sources[&space];
        let mut values = vec![0.0; model.levels(space)];
        let mut sizes = values.clone();
        for t in signal {
            let Some(block) = self.blocks.get(t.variable, source) else {
                continue;
            };
            for (l, (value, g)) in values.iter_mut().zip(block).enumerate() {
                let d = match t.operator {
                    Operator::Diagonal(d) => model.values(d)[l],
                    _ => 1.0,
                };
                if d != 0.0 {
                    *value += t.coefficient * d * g;
                    sizes[l] += (t.coefficient * d * g).abs();
                }
            }
        }
        if values.iter().any(|x| !x.is_finite()) {
            return Err(PencilError::SingularMean);
        }
        Ok(Mean {
            space,
            values,
            sizes,
            margin: self.traces.margin,
            dense: Vec::new(),
        })
    }
}

/// A trace of `G`, and the size of its summands.
fn traced(blocks: &Blocks, u: &Unknown, weights: &[f64]) -> Option<(f64, f64)> {
    let block = blocks.get(u.to, u.from)?;
    let summands = || weights.iter().zip(block).map(|(w, g)| w * g);
    Some((summands().sum(), summands().map(f64::abs).sum()))
}

impl Mean {
    fn of_summands(
        model: &Model,
        space: Space,
        signal: &Signal,
        solution: &DenseSolution<'_>,
    ) -> Result<Self, PencilError> {
        let dense = solution.summands(space, signal);
        let mut values = vec![0.0; model.levels(space)];
        let mut sizes = values.clone();
        for block in &dense {
            for (l, (value, size)) in values.iter_mut().zip(&mut sizes).enumerate() {
                *value += block.at(l, l);
                *size += block.at(l, l).abs();
            }
        }
        if values.iter().any(|x| !x.is_finite()) {
            return Err(PencilError::SingularMean);
        }
        Ok(Self {
            space,
            values,
            sizes,
            margin: solution.margin(),
            dense,
        })
    }
}
