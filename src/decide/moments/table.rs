//! What the words of an expectation are made of.

use super::rows::{Rows, Stack, same};
use super::word::{Id, Piece};
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

    /// Letters of a product are independent only where no rows occur in a stack and outside of it.
    ///
    /// # Errors
    /// Where some do.
    pub fn independent(&self, pieces: &[Piece]) -> Result<(), MomentError> {
        let stacks = self.stacks.iter();
        let parts: Vec<Rows> = (stacks.filter(|stack| stack.whole.occur_in(pieces)))
            .flat_map(|stack| stack.parts.iter().copied())
            .collect();
        let shared = (parts.iter().enumerate())
            .any(|(n, part)| part.occur_in(pieces) || parts[..n].contains(part));
        match shared {
            true => Err(MomentError::Unknown(
                "rows that occur in a stack and outside of it".into(),
            )),
            false => Ok(()),
        }
    }

    /// The rows that are no stacks themselves.
    pub fn parts_of(&self, rows: &[Rows]) -> Vec<Rows> {
        let own = |rows: &Rows| {
            let stack = self.stacks.iter().find(|stack| stack.whole == *rows);
            stack.map_or_else(|| vec![*rows], |stack| stack.parts.clone())
        };
        rows.iter().flat_map(own).collect()
    }

    /// Whether rows are those of a stack, or stand in one.
    pub fn is_stacked(&self, rows: Rows) -> bool {
        let mut stacks = self.stacks.iter();
        stacks.any(|stack| stack.whole == rows || stack.parts.contains(&rows))
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
