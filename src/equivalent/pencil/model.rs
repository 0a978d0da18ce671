//! The spaces that matrices act between, and the Gaussian matrices.
//!
//! A space is a list of levels, each of some multiplicity; whatever acts within it and is deterministic is a number on each
//! level. The columns of designs live in the eigenbasis of `Σ`; rows and features in spaces of a single level, or of one level
//! for each group of rows that is treated alike.

use std::collections::HashMap;
use std::sync::Arc;

use faer::Mat;

use super::error::PencilError;
use super::node::{Diagonal, Expression, Fit, Gaussian, Node, Rotation, Space};

#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// How often each level occurs; may be weights of a quadrature, and infinite where a spectrum accumulates at zero.
    pub multiplicity: Vec<f64>,
    /// What the levels are sorted by.
    pub position: Vec<f64>,
    pub dimension: f64,
}

#[derive(Clone, Debug)]
pub(super) struct GaussianLaw {
    pub rows: Space,
    pub columns: Space,
    /// Covariance along the rows (`A`) and the columns (`B`).
    pub row_covariance: Diagonal,
    pub column_covariance: Diagonal,
}

/// An orthogonal matrix from `columns` to `rows`.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub rows: Space,
    pub columns: Space,
    /// The matrix and its transpose.
    pub both: Arc<[Mat<f64>; 2]>,
}

/// Spaces, Gaussian matrices and the expressions made of them; equal expressions are one.
#[derive(Clone, Debug)]
pub struct Model {
    /// What sizes are measured in. It changes nothing but the rounding, and so tells how much of it there is.
    pub(super) unit: f64,
    /// Whether fits are divided by the size of `B'B`, which keeps digits.
    pub(super) scaled_fits: bool,
    pub(super) spaces: Vec<Levels>,
    pub(super) gaussians: Vec<GaussianLaw>,
    pub(super) rotations: Vec<Turn>,
    pub(super) diagonals: Vec<(Space, Vec<f64>)>,
    diagonal_index: HashMap<(Space, Vec<u64>), Diagonal>,
    pub(super) nodes: Vec<Node>,
    pub(super) node_index: HashMap<Node, Expression>,
    pub(super) fits: Vec<Fit>,
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    pub fn new() -> Self {
        Self {
            unit: 1.0,
            scaled_fits: true,
            spaces: Vec::new(),
            gaussians: Vec::new(),
            rotations: Vec::new(),
            diagonals: Vec::new(),
            diagonal_index: HashMap::new(),
            nodes: Vec::new(),
            node_index: HashMap::new(),
            fits: Vec::new(),
        }
    }

    /// The same model with its inverses measured in another unit.
    pub fn measured_in(&mut self, unit: f64) {
        self.unit = unit;
    }

    /// A space by the multiplicities of its levels, of positive dimension `dimension`; `position` orders the levels.
    pub fn space(
        &mut self,
        multiplicity: Vec<f64>,
        position: Vec<f64>,
        dimension: f64,
    ) -> Result<Space, PencilError> {
        if !(dimension > 0.0) || multiplicity.is_empty() || multiplicity.len() != position.len() {
            return Err(PencilError::Parameter {
                what: "a dimension",
                value: dimension,
            });
        }
        self.spaces.push(Levels {
            multiplicity,
            position,
            dimension,
        });
        Ok(Space(self.spaces.len() - 1))
    }

    /// A space without structure: `n` rows, or `n` features.
    pub fn flat(&mut self, n: f64) -> Result<Space, PencilError> {
        if !(n > 0.0 && n.is_finite()) {
            return Err(PencilError::Parameter {
                what: "a number of rows",
                value: n,
            });
        }
        self.space(vec![n], vec![1.0], n)
    }

    /// No rows, or no features: every matrix between it and another space is zero.
    pub fn empty(&mut self) -> Space {
        self.spaces.push(Levels {
            multiplicity: vec![0.0],
            position: vec![1.0],
            dimension: 0.0,
        });
        Space(self.spaces.len() - 1)
    }

    /// Rows in groups of these sizes, which may be weighted differently.
    pub fn cut_rows(&mut self, groups: &[f64]) -> Result<Space, PencilError> {
        let position = (1..=groups.len()).map(|i| i as f64).collect();
        self.space(groups.to_vec(), position, groups.iter().sum())
    }

    pub fn dimension(&self, space: Space) -> f64 {
        self.spaces[space.0].dimension
    }

    pub(super) fn levels(&self, space: Space) -> usize {
        self.spaces[space.0].multiplicity.len()
    }

    /// A number on each level.
    pub fn diagonal(&mut self, space: Space, values: Vec<f64>) -> Diagonal {
        assert_eq!(values.len(), self.levels(space), "one value for each level");
        let bits = values.iter().map(|x| (x + 0.0).to_bits()).collect();
        let next = Diagonal(self.diagonals.len());
        let found = *self.diagonal_index.entry((space, bits)).or_insert(next);
        if found == next {
            self.diagonals.push((space, values));
        }
        found
    }

    pub fn constant(&mut self, space: Space, value: f64) -> Diagonal {
        self.diagonal(space, vec![value; self.levels(space)])
    }

    pub fn space_of(&self, diagonal: Diagonal) -> Space {
        self.diagonals[diagonal.0].0
    }

    pub fn values(&self, diagonal: Diagonal) -> &[f64] {
        &self.diagonals[diagonal.0].1
    }

    /// A Gaussian matrix with independent rows of one covariance.
    pub fn design(&mut self, rows: Space, covariance: Diagonal) -> Gaussian {
        let ones = self.constant(rows, 1.0);
        self.gaussian(ones, covariance)
    }

    /// `A^{1/2} Z B^{1/2}`
    pub fn gaussian(&mut self, row_covariance: Diagonal, column_covariance: Diagonal) -> Gaussian {
        self.gaussians.push(GaussianLaw {
            rows: self.diagonals[row_covariance.0].0,
            columns: self.diagonals[column_covariance.0].0,
            row_covariance,
            column_covariance,
        });
        Gaussian(self.gaussians.len() - 1)
    }

    /// A space in whose basis other matrices are diagonal, and the orthogonal matrix from there to `space`, every level of which
    /// must be a single dimension.
    pub fn rotation(
        &mut self,
        space: Space,
        matrix: Mat<f64>,
    ) -> Result<(Space, Rotation), PencilError> {
        let n = self.levels(space);
        let single = self.spaces[space.0].multiplicity.iter().all(|m| *m == 1.0);
        if !single || matrix.nrows() != n || matrix.ncols() != n {
            return Err(PencilError::Parameter {
                what: "the dimension of a rotation",
                value: matrix.nrows() as f64,
            });
        }
        let turned = self.space(vec![1.0; n], vec![1.0; n], n as f64)?;
        let transposed = matrix.transpose().to_owned();
        self.rotations.push(Turn {
            rows: space,
            columns: turned,
            both: Arc::new([matrix, transposed]),
        });
        Ok((turned, Rotation(self.rotations.len() - 1)))
    }

    /// How many dimensions a diagonal matrix does not annihilate.
    pub(super) fn support(&self, diagonal: Diagonal) -> f64 {
        let (space, values) = &self.diagonals[diagonal.0];
        let levels = &self.spaces[space.0];
        // A spectrum that accumulates at zero ends in a level at zero, which takes nothing away.
        let lost: f64 = levels
            .multiplicity
            .iter()
            .zip(values)
            .zip(&levels.position)
            .filter(|((_, x), position)| **x == 0.0 && **position != 0.0)
            .map(|((m, _), _)| m)
            .sum();
        levels.dimension - lost
    }
}
