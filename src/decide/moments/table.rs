//! What the words of an expectation are made of.

use super::stack::{Stack, same};
use super::word::Id;
use crate::number::Real;
use crate::term::evaluate::Mode;

#[derive(Clone, Debug, thiserror::Error)]
pub enum MomentError {
    #[error("an expectation that does not exist: {0}")]
    DoesNotExist(String),
    #[error("no exact moment is known of {0}")]
    Unknown(String),
}

/// What words are made of, at one point.
#[derive(Debug)]
pub struct Table<R> {
    /// Eigenvalues of Σ and coefficients of `w0`, one entry a dimension.
    pub modes: Vec<Mode<R>>,
    /// Functions of Σ, at each eigenvalue.
    pub functions: Vec<Vec<R>>,
    /// The rows of each design.
    pub designs: Vec<R>,
    /// Length and standard deviation of each noise.
    pub noises: Vec<(R, R)>,
    /// What resolvents add to `X'X`.
    pub ridges: Vec<R>,
    /// Designs and noises that hold the rows of others.
    pub stacks: Vec<Stack>,
    /// Whether numbers with estimated errors may be used.
    pub means: Option<Means>,
}

impl<R: Real> Table<R> {
    pub fn dimension(&self) -> f64 {
        self.modes.len() as f64
    }

    pub fn full(&self, x: Id) -> bool {
        self.designs[x].midpoint() >= self.dimension()
    }

    /// The eigenvalue of an isotropic Σ.
    pub fn isotropic(&self) -> Option<R> {
        let first = &self.modes.first()?.value;
        self.modes
            .iter()
            .all(|mode| same(&mode.value, first))
            .then(|| first.clone())
    }
}

/// Mean spectral sums may be used; each is moved by a few times its estimated error, to one side or the other as the
/// pattern says, so that two evaluations show what the errors come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// 0 moves nothing.
    pub pattern: u64,
}
