//! What brings rows to a word, and rows that hold those of others.

use super::word::{Id, Letter, Piece, Vector};
use crate::number::Real;

/// What brings rows: a design, or a noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    Design(Id),
    Noise(Id),
}

impl Rows {
    pub fn of(letter: Letter) -> Option<Self> {
        match letter {
            Letter::Design(x)
            | Letter::DesignTransposed(x)
            | Letter::Inverse(x)
            | Letter::Projection(x)
            | Letter::Resolvent(x, _) => Some(Self::Design(x)),
            Letter::Column(Vector::Noise(e)) | Letter::Row(Vector::Noise(e)) => {
                Some(Self::Noise(e))
            }
            _ => None,
        }
    }

    pub fn occur_in(self, pieces: &[Piece]) -> bool {
        pieces.iter().any(|piece| {
            let ends = [piece.left, piece.right].into_iter().flatten();
            let mut letters = piece.letters.iter().copied();
            letters.any(|letter| Self::of(letter) == Some(self))
                || ends
                    .map(Letter::Column)
                    .any(|end| Self::of(end) == Some(self))
        })
    }
}

/// Rows that hold those of others.
#[derive(Clone, Debug)]
pub struct Stack {
    pub whole: Rows,
    pub parts: Vec<Rows>,
}

/// The same value with the same error.
pub fn same<R: Real>(a: &R, b: &R) -> bool {
    a.radius() == b.radius() && (a.center() - b.center()).midpoint() == 0.0
}
