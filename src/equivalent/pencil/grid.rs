//! The levels that traces run over: all of a model's, or few that stand for them.

use std::sync::Arc;

use faer::Mat;

use super::components::Unknown;
use super::model::Model;
use super::node::Space;

/// Levels whose positions differ by less than this factor are one in the coarse grid.
const COARSE: f64 = 1.35;
/// Spaces of no more levels than this stay as they are.
const FEW: usize = 48;
/// What rounding leaves of a block's zero, as a share of its largest level.
const VANISHING: f64 = 1e-14;

/// Levels that stand for those of spaces between which something rotates.
const TURNED: usize = 24;

#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// By space.
    pub multiplicity: Vec<Vec<f64>>,
    /// By diagonal matrix.
    pub diagonals: Vec<Vec<f64>>,
    /// By rotation, and transposed.
    pub rotations: Vec<Arc<[Mat<f64>; 2]>>,
}

impl Grid {
    pub fn full(model: &Model) -> Self {
        Self {
            multiplicity: model
                .spaces
                .iter()
                .map(|s| s.multiplicity.clone())
                .collect(),
            diagonals: model.diagonals.iter().map(|(_, v)| v.clone()).collect(),
            rotations: model.rotations.iter().map(|r| r.both.clone()).collect(),
        }
    }

    /// Neighbouring levels put together: good enough to start from.
    pub fn coarse(model: &Model) -> Option<Self> {
        if !model.rotations.is_empty() {
            return Self::few_turned(model);
        }
        if model.spaces.iter().all(|s| s.multiplicity.len() <= FEW) {
            return None;
        }
        let groups: Vec<Vec<std::ops::Range<usize>>> = model
            .spaces
            .iter()
            .map(|s| {
                let n = s.position.len();
                let mut groups = Vec::new();
                let mut start = 0;
                for i in 1..=n {
                    let apart = i == n
                        || n <= FEW
                        || !s.multiplicity[i].is_finite()
                        || !(s.position[start] <= COARSE * s.position[i]
                            && s.position[i] <= COARSE * s.position[start]);
                    if apart {
                        groups.push(start..i);
                        start = i;
                    }
                }
                groups
            })
            .collect();
        let sum = |m: &[f64]| m.iter().sum::<f64>();
        let multiplicity = model
            .spaces
            .iter()
            .zip(&groups)
            .map(|(s, groups)| {
                groups
                    .iter()
                    .map(|g| sum(&s.multiplicity[g.clone()]))
                    .collect()
            })
            .collect();
        let diagonals = model
            .diagonals
            .iter()
            .map(|(space, values)| {
                let m = &model.spaces[space.0].multiplicity;
                groups[space.0]
                    .iter()
                    .map(|g| {
                        if g.len() == 1 {
                            return values[g.start];
                        }
                        let total: f64 = sum(&m[g.clone()]);
                        let weighted: f64 = g.clone().map(|i| m[i] * values[i]).sum();
                        weighted / total
                    })
                    .collect()
            })
            .collect();
        Some(Self {
            multiplicity,
            diagonals,
            rotations: Vec::new(),
        })
    }

    /// The same where bases do not commute: every so manieth level, and bases in as general a position.
    fn few_turned(model: &Model) -> Option<Self> {
        let space = model.rotations[0].rows;
        let all = model.levels(space);
        let mut few = Self::full(model);
        if all <= 2 * TURNED {
            return None;
        }
        let turned = |s: Space| {
            model
                .rotations
                .iter()
                .any(|r| r.rows == s || r.columns == s)
        };
        let chosen: Vec<usize> = (0..TURNED)
            .map(|g| (2 * g + 1) * all / (2 * TURNED))
            .collect();
        for (s, multiplicity) in few.multiplicity.iter_mut().enumerate() {
            if turned(Space(s)) {
                *multiplicity = vec![all as f64 / TURNED as f64; TURNED];
            }
        }
        for ((of, _), values) in model.diagonals.iter().zip(&mut few.diagonals) {
            if turned(*of) {
                *values = chosen.iter().map(|&l| values[l]).collect();
            }
        }
        for rotation in &mut few.rotations {
            let corner = rotation[0].submatrix(0, 0, TURNED, TURNED).to_owned();
            let matrix = orthogonalised(corner)?;
            let transposed = matrix.transpose().to_owned();
            *rotation = Arc::new([matrix, transposed]);
        }
        Some(few)
    }

    /// Multiplicity times weight on each level of an unknown trace. Where levels accumulate endlessly at zero, a trace is finite
    /// only if nothing of its block is left there, which [`Self::converges`] tells once the block is known.
    pub fn weights(&self, model: &Model, unknown: &Unknown) -> Vec<f64> {
        let space = model.diagonals[unknown.weight.0].0;
        let pairs = self.multiplicity[space.0]
            .iter()
            .zip(&self.diagonals[unknown.weight.0]);
        pairs
            .map(|(m, x)| match (*m, *x) {
                (_, 0.0) => 0.0,
                (m, _) if m.is_infinite() => 0.0,
                (m, x) => m * x,
            })
            .collect()
    }

    /// Whether a block vanishes, but for rounding, wherever levels of an unknown trace accumulate endlessly.
    pub fn converges(&self, model: &Model, unknown: &Unknown, block: &[f64]) -> bool {
        let space = model.diagonals[unknown.weight.0].0;
        let most = block.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
        let weights = self.diagonals[unknown.weight.0].iter();
        let mut levels = self.multiplicity[space.0].iter().zip(weights).zip(block);
        levels.all(|((m, x), g)| !m.is_infinite() || *x == 0.0 || g.abs() <= VANISHING * most)
    }
}

/// Columns made orthonormal one after the other; `None` where they are nearly dependent.
fn orthogonalised(mut matrix: Mat<f64>) -> Option<Mat<f64>> {
    const DEPENDENT: f64 = 1e-6;
    let n = matrix.ncols();
    for j in 0..n {
        // Twice is enough.
        for _ in 0..2 {
            for k in 0..j {
                let along: f64 = (0..n).map(|i| matrix[(i, k)] * matrix[(i, j)]).sum();
                for i in 0..n {
                    let part = along * matrix[(i, k)];
                    matrix[(i, j)] -= part;
                }
            }
        }
        let length = (0..n).map(|i| matrix[(i, j)].powi(2)).sum::<f64>().sqrt();
        if !(length > DEPENDENT) {
            return None;
        }
        for i in 0..n {
            matrix[(i, j)] /= length;
        }
    }
    Some(matrix)
}
