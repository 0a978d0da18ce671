//! The variables of a nest whose spaces rotations connect: their `G` is dense.

use faer::Mat;

use super::block::{Block, inverted};
use crate::equivalent::pencil::components::{Between, Local, System};
use crate::equivalent::pencil::grid::Grid;
use crate::equivalent::pencil::linearise::Operator;

/// How small a pivot may be beside its row and its column.
const PIVOT: f64 = 1e-2;

pub struct Family {
    pub variables: Vec<usize>,
    /// Row, column, coefficient, and what it multiplies.
    entries: Vec<(usize, usize, f64, Operator)>,
    local: Local,
}

impl Family {
    /// Those of `members` between whose spaces something rotates; `None` where nothing does.
    pub fn new(system: &System, members: &[usize], own: &Between) -> Option<Self> {
        let mut spaces = Vec::new();
        for &row in members {
            for t in &system.network.rows[row] {
                if matches!(t.operator, Operator::Rotation(..)) && members.contains(&t.variable) {
                    spaces.extend([system.space(row), system.space(t.variable)]);
                }
            }
        }
        if spaces.is_empty() {
            return None;
        }
        let connected = |v: &usize| spaces.contains(&system.space(*v));
        let variables: Vec<usize> = members.iter().copied().filter(connected).collect();
        let at = |v: usize| variables.iter().position(|w| *w == v);
        let mut entries = Vec::new();
        for (i, &row) in variables.iter().enumerate() {
            for t in &system.network.rows[row] {
                if let Some(j) = at(t.variable)
                    && !matches!(t.operator, Operator::Gaussian(..))
                {
                    entries.push((i, j, t.coefficient, t.operator));
                }
            }
        }
        Some(Self {
            local: Local::of(system, &variables, own),
            variables,
            entries,
        })
    }

    pub fn holds(&self, variable: usize) -> bool {
        self.variables.contains(&variable)
    }

    /// What makes two of them the same equations.
    pub fn signature(&self) -> String {
        let entries: Vec<_> = (self.entries.iter())
            .map(|(i, j, c, operator)| (i, j, c.to_bits(), operator))
            .collect();
        let couplings: Vec<_> = (self.local.couplings.iter())
            .map(|(i, j, c, d, k)| (i, j, c.to_bits(), d, k))
            .collect();
        let (floors, traces) = (&self.local.floors, &self.local.traces);
        format!("turned {entries:?}|{floors:?}|{traces:?}|{couplings:?};")
    }

    /// Adds the traces of `G`, their derivatives by the traces and by the floor.
    pub fn evaluate(
        &self,
        grid: &Grid,
        weights: &[Vec<f64>],
        (traces, floor): (&[f64], f64),
        (sums, jacobian, floor_slope): (&mut [f64], &mut [f64], &mut [f64]),
    ) -> Option<()> {
        let (n, m) = (self.variables.len(), traces.len());
        let g = self.inverse(grid, traces, floor)?;
        for &(i, j, k) in &self.local.traces {
            let w = &weights[k];
            if let Some(block) = &g[i * n + j] {
                sums[k] += block.trace(w).0;
            }
            for &f in &self.local.floors {
                if let (Some(left), Some(right)) = (&g[i * n + f], &g[f * n + j]) {
                    let ones = vec![1.0; left.levels()];
                    floor_slope[k] -= left.trace_of_product(w, &ones, right);
                }
            }
            for &(a, e, c, d, other) in &self.local.couplings {
                if let (Some(left), Some(right)) = (&g[i * n + a], &g[e * n + j]) {
                    let covariance = &grid.diagonals[d];
                    jacobian[k * m + other] += c * left.trace_of_product(w, covariance, right);
                }
            }
        }
        Some(())
    }

    /// `G = (L_0 + δ − S)^{-1}`
    pub fn inverse(&self, grid: &Grid, traces: &[f64], floor: f64) -> Option<Vec<Option<Block>>> {
        let n = self.variables.len();
        let mut g = self.mean(grid, traces, floor)?;
        let mut left: Vec<usize> = (0..n).collect();
        // Diagonal pivots first, which cost little; what they leave is dense.
        while let Some(at) = left.iter().position(|&k| good_pivot(&g, n, k)) {
            let k = left.swap_remove(at);
            let pivot = g[k * n + k].as_ref()?.inverse()?;
            eliminate(&mut g, n, &[k], &[Some(pivot)]);
        }
        left.sort_unstable();
        if !left.is_empty() {
            let pivots = together_inverted(&g, n, &left)?;
            eliminate(&mut g, n, &left, &pivots);
        }
        Some(g)
    }

    /// `L_0 + δ − S`
    fn mean(&self, grid: &Grid, traces: &[f64], floor: f64) -> Option<Vec<Option<Block>>> {
        let n = self.variables.len();
        let rotated = self
            .entries
            .iter()
            .find_map(|(.., operator)| match operator {
                Operator::Rotation(r, _) => Some(&grid.rotations[r.0][0]),
                _ => None,
            });
        let ones = Block::Diagonal(vec![1.0; rotated?.nrows()]);
        let mut mean: Vec<Option<Block>> = vec![None; n * n];
        for &(i, j, c, operator) in &self.entries {
            let into = &mut mean[i * n + j];
            match operator {
                Operator::Identity => ones.add_to(into, c),
                Operator::Diagonal(d) => ones.weighted(c, &grid.diagonals[d.0]).add_to(into, 1.0),
                Operator::Rotation(r, transposed) => {
                    let matrix = grid.rotations[r.0][usize::from(transposed)].clone();
                    Block::Dense(matrix).add_to(into, c);
                }
                Operator::Gaussian(..) => {}
            }
        }
        for &i in &self.local.floors {
            ones.add_to(&mut mean[i * n + i], floor);
        }
        for &(i, j, c, d, k) in &self.local.couplings {
            let coupled = ones.weighted(c * traces[k], &grid.diagonals[d]);
            coupled.add_to(&mut mean[i * n + j], -1.0);
        }
        Some(mean)
    }
}

/// Whether block `(k, k)` is diagonal, and not small beside what stands in its row and column.
fn good_pivot(g: &[Option<Block>], n: usize, k: usize) -> bool {
    let Some(pivot @ Block::Diagonal(_)) = &g[k * n + k] else {
        return false;
    };
    let beside = (0..n)
        .flat_map(|l| [&g[k * n + l], &g[l * n + k]])
        .flatten()
        .map(|block| block.range().1)
        .fold(0.0, f64::max);
    pivot.range().0 >= PIVOT * beside
}

/// The inverse of the blocks at `at`, taken together.
fn together_inverted(g: &[Option<Block>], n: usize, at: &[usize]) -> Option<Vec<Option<Block>>> {
    let d = at
        .iter()
        .find_map(|&k| g[k * n..k * n + n].iter().flatten().next())?
        .levels();
    let size = at.len();
    if let [k] = at {
        return Some(vec![Some(g[k * n + k].as_ref()?.inverse()?)]);
    }
    let whole = Mat::from_fn(size * d, size * d, |i, j| {
        let block = &g[at[i / d] * n + at[j / d]];
        block.as_ref().map_or(0.0, |block| block.at(i % d, j % d))
    });
    let inverse = inverted(whole)?;
    let blocks = (0..size * size).map(|b| {
        let (i, j) = (b / size * d, b % size * d);
        Some(Block::Dense(inverse.submatrix(i, j, d, d).to_owned()))
    });
    Some(blocks.collect())
}

/// A step of Gauss and Jordan in place, by the blocks at `at`, of which `inverse` is the inverse.
fn eliminate(g: &mut [Option<Block>], n: usize, at: &[usize], inverse: &[Option<Block>]) {
    let size = at.len();
    // What becomes of the rows: P A_kj
    let mut rows: Vec<Vec<Option<Block>>> = vec![vec![None; n]; size];
    for j in (0..n).filter(|j| !at.contains(j)) {
        for (i, row) in rows.iter_mut().enumerate() {
            for (l, &k) in at.iter().enumerate() {
                if let (Some(p), Some(a)) = (&inverse[i * size + l], &g[k * n + j]) {
                    p.times(a).add_to(&mut row[j], 1.0);
                }
            }
        }
    }
    for i in (0..n).filter(|i| !at.contains(i)) {
        let column: Vec<Option<Block>> = at.iter().map(|&k| g[i * n + k].take()).collect();
        for (l, a) in column.iter().enumerate() {
            let Some(a) = a else { continue };
            for j in (0..n).filter(|j| !at.contains(j)) {
                if let Some(row) = &rows[l][j] {
                    a.times(row).add_to(&mut g[i * n + j], -1.0);
                }
            }
            for (m, &k) in at.iter().enumerate() {
                if let Some(p) = &inverse[l * size + m] {
                    a.times(p).add_to(&mut g[i * n + k], -1.0);
                }
            }
        }
    }
    for (i, (row, &k)) in rows.into_iter().zip(at).enumerate() {
        for (j, block) in row.into_iter().enumerate() {
            if !at.contains(&j) {
                g[k * n + j] = block;
            }
        }
        for (m, &other) in at.iter().enumerate() {
            g[k * n + other].clone_from(&inverse[i * size + m]);
        }
    }
}
