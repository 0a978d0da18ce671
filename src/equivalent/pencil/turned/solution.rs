//! `G = (L_0 − S)^{-1}` of the whole network where some of its blocks are dense: as `solution` has it for diagonal ones.

use super::block::Block;
use crate::equivalent::pencil::components::{System, Unknown};
use crate::equivalent::pencil::error::PencilError;
use crate::equivalent::pencil::grid::Grid;
use crate::equivalent::pencil::linearise::{Operator, Signal};
use crate::equivalent::pencil::model::Model;
use crate::equivalent::pencil::node::Space;
use crate::equivalent::pencil::nonlinear::Component;
use crate::equivalent::pencil::traces::{Pair, Traces};

/// Entries of all blocks together that are held in memory.
const MOST_ENTRIES: usize = 60_000_000;

pub struct DenseSolution<'m> {
    model: &'m Model,
    grid: Grid,
    system: System,
    traces: Traces,
    blocks: Vec<Option<Block>>,
    entries: usize,
}

impl<'m> DenseSolution<'m> {
    pub fn of(model: &'m Model, system: System) -> Result<Self, PencilError> {
        let n = system.network.rows.len();
        let mut solution = Self {
            model,
            grid: Grid::full(model),
            traces: Traces::of(&system),
            blocks: vec![None; n * n],
            entries: 0,
            system,
        };
        solution.within()?;
        solution.between()?;
        solution.verify()?;
        Ok(solution)
    }

    fn get(&self, i: usize, j: usize) -> Option<&Block> {
        self.blocks[i * self.system.network.rows.len() + j].as_ref()
    }

    fn set(&mut self, i: usize, j: usize, block: Block) -> Result<(), PencilError> {
        self.entries += block.entries();
        if self.entries > MOST_ENTRIES {
            return Err(PencilError::Dense {
                entries: self.entries,
            });
        }
        let n = self.system.network.rows.len();
        self.blocks[i * n + j] = Some(block);
        Ok(())
    }

    /// The least pivot of all its equations.
    pub fn margin(&self) -> f64 {
        self.traces.margin
    }

    fn within(&mut self) -> Result<(), PencilError> {
        for members in self.system.components.clone() {
            let component = Component::new(&self.system, &members);
            let roots = self.traces.within(&component, self.model, &self.system)?;
            self.keep_within(&component, &roots)?;
        }
        Ok(())
    }

    /// The blocks of `G` within a component.
    fn keep_within(&mut self, component: &Component, roots: &[f64]) -> Result<(), PencilError> {
        let singular = || PencilError::SingularMean;
        let spectral = component
            .inverse(&self.grid, roots, 0.0)
            .ok_or_else(singular)?;
        for (_, variables, g) in spectral {
            let n = variables.len();
            for (i, &v) in variables.iter().enumerate() {
                for (j, &w) in variables.iter().enumerate() {
                    let values = g.chunks_exact(n * n).map(|m| m[i * n + j]).collect();
                    self.set(v, w, Block::Diagonal(values))?;
                }
            }
        }
        let turned = component
            .turned_inverse(&self.grid, roots)
            .ok_or_else(singular)?;
        if let Some((variables, blocks)) = turned {
            let n = variables.len();
            for (at, block) in blocks.into_iter().enumerate() {
                if let Some(block) = block {
                    self.set(variables[at / n], variables[at % n], block)?;
                }
            }
        }
        Ok(())
    }

    fn between(&mut self) -> Result<(), PencilError> {
        for pair in Pair::all(&self.system) {
            self.known_blocks(&pair)?;
            if !pair.between.unknowns.is_empty() {
                let (blocks, n) = (&self.blocks, self.system.network.rows.len());
                let get = |i: usize, j: usize| blocks[i * n + j].as_ref();
                self.traces.between(
                    (self.model, &self.grid),
                    &self.system,
                    &pair.between,
                    |u, weights| Some(get(u.to, u.from)?.trace(weights)),
                    |u, c, weights, covariance| {
                        let (left, right) = (get(u.to, c.row)?, get(c.column, u.from)?);
                        Some(left.trace_of_product(weights, covariance, right))
                    },
                )?;
                self.couple(&pair)?;
            }
        }
        Ok(())
    }

    /// The pair's blocks of `G` without the unknown part of `S`.
    fn known_blocks(&mut self, pair: &Pair) -> Result<(), PencilError> {
        for &j in &pair.below {
            // −(L_0 − S)·G
            let driven: Vec<Option<Block>> = (pair.above.iter())
                .map(|&k| self.driven(k, j, pair.number))
                .collect();
            for &i in &pair.above {
                let mut sum = None;
                for (&k, driven) in pair.above.iter().zip(&driven) {
                    if let (Some(g), Some(h)) = (self.get(i, k), driven) {
                        g.times(h).add_to(&mut sum, 1.0);
                    }
                }
                if let Some(sum) = sum {
                    self.set(i, j, sum)?;
                }
            }
        }
        Ok(())
    }

    /// Adds what the couplings contribute, now that their traces are known.
    fn couple(&mut self, pair: &Pair) -> Result<(), PencilError> {
        let mut added = Vec::new();
        for &i in &pair.above {
            for &j in &pair.below {
                let mut sum = None;
                for &c in &pair.between.couplings {
                    let c = self.system.couplings[c];
                    if let (Some(left), Some(right)) = (self.get(i, c.row), self.get(c.column, j)) {
                        let factor = c.coefficient * self.traces.values[c.unknown];
                        let right = right.weighted(factor, &self.grid.diagonals[c.covariance.0]);
                        left.times(&right).add_to(&mut sum, 1.0);
                    }
                }
                if let Some(sum) = sum {
                    added.push((i, j, sum));
                }
            }
        }
        for (i, j, sum) in added {
            let mut block = self.get(i, j).cloned();
            sum.add_to(&mut block, 1.0);
            if let Some(block) = block {
                self.set(i, j, block)?;
            }
        }
        Ok(())
    }

    /// `−Σ_r (L_0 − S)_{ir} G_{rj}` over all `r` below component `p`, as far as it is known.
    fn driven(&self, i: usize, j: usize, p: usize) -> Option<Block> {
        let system = &self.system;
        let mut sum: Option<Block> = None;
        for t in &system.network.rows[i] {
            if system.component_of[t.variable] == p {
                continue;
            }
            let Some(g) = self.get(t.variable, j) else {
                continue;
            };
            match t.operator {
                Operator::Identity => g.add_to(&mut sum, -t.coefficient),
                Operator::Diagonal(d) => g
                    .weighted(-t.coefficient, &self.grid.diagonals[d.0])
                    .add_to(&mut sum, 1.0),
                Operator::Rotation(r, transposed) => {
                    let matrix = self.grid.rotations[r.0][usize::from(transposed)].clone();
                    let turned = Block::Dense(matrix).times(g);
                    turned.add_to(&mut sum, -t.coefficient);
                }
                Operator::Gaussian(..) => {}
            }
        }
        for &c in &system.into[i] {
            let c = &system.couplings[c];
            // What is not known yet is what this pair is about.
            if system.component_of[c.column] != p
                && !self.traces.values[c.unknown].is_nan()
                && let Some(g) = self.get(c.column, j)
            {
                let factor = c.coefficient * self.traces.values[c.unknown];
                let covariance = &self.grid.diagonals[c.covariance.0];
                g.weighted(factor, covariance).add_to(&mut sum, 1.0);
            }
        }
        sum
    }

    /// The traces again, from `G`.
    fn verify(&self) -> Result<(), PencilError> {
        let again = |u: &Unknown, weights: &[f64]| Some(self.get(u.to, u.from)?.trace(weights));
        self.traces
            .verify((self.model, &self.grid), &self.system, again)
    }

    /// What a signal is of the source of its space, summand by summand.
    pub fn summands(&self, space: Space, signal: &Signal) -> Vec<Block> {
        let source = self.system.network.sources[&space];
        let mut summands = Vec::with_capacity(signal.len());
        for t in signal {
            if let Some(block) = self.get(t.variable, source) {
                summands.push(match t.operator {
                    Operator::Diagonal(d) => block.weighted(t.coefficient, self.model.values(d)),
                    _ => block.scaled(t.coefficient),
                });
            }
        }
        summands
    }
}
