//! Words in random matrices: products of letters in a normal form.
//!
//! For a design `X` let `Q = (X'X)^+` and `P = X^+X`, so that `X^+ = QX'`. Neighbours of one design merge:
//! `QX'X = P`, `PQ = Q`, `XP = X`; at full rank `P` is the identity.

/// A design or a noise vector, by its place in the table.
pub type Id = usize;

/// A vector that a word may end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vector {
    /// `w0`
    Target,
    Noise(Id),
    /// A unit vector of the space of dimension `d`, or of the rows.
    Unit(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// A function of Σ, by its place in the table.
    Function(usize),
    Design(Id),
    DesignTransposed(Id),
    /// `Q`
    Inverse(Id),
    /// `P`
    Projection(Id),
    /// `(X'X + τ)^{-1}`, with `τ` by its place in the table
    Resolvent(Id, usize),
    Column(Vector),
    Row(Vector),
}

use Letter::*;

impl Letter {
    pub fn transposed(self) -> Self {
        match self {
            Design(x) => DesignTransposed(x),
            DesignTransposed(x) => Design(x),
            Column(v) => Row(v),
            Row(v) => Column(v),
            symmetric => symmetric,
        }
    }
}

/// What to put for neighbours, if they merge; `full` says whether a design has full column rank.
fn merged(window: &[Letter], full: &dyn Fn(Id) -> bool) -> Option<(usize, Option<Letter>)> {
    match *window {
        [Projection(x), ..] if full(x) => Some((1, None)),
        [Inverse(x), DesignTransposed(y), Design(z), ..]
        | [DesignTransposed(x), Design(y), Inverse(z), ..]
            if x == y && y == z =>
        {
            Some((3, Some(Projection(x))))
        }
        [Projection(x), Projection(y), ..] if x == y => Some((2, Some(Projection(x)))),
        [Projection(x), Inverse(y), ..] | [Inverse(x), Projection(y), ..] if x == y => {
            Some((2, Some(Inverse(x))))
        }
        [Projection(x), DesignTransposed(y), ..] if x == y => Some((2, Some(DesignTransposed(x)))),
        [Design(x), Projection(y), ..] if x == y => Some((2, Some(Design(x)))),
        _ => None,
    }
}

/// Merges neighbours until none merge.
pub fn reduce(letters: &mut Vec<Letter>, full: &dyn Fn(Id) -> bool) {
    let mut at = 0;
    while at < letters.len() {
        match merged(&letters[at..], full) {
            Some((length, letter)) => {
                letters.splice(at..at + length, letter);
                at = at.saturating_sub(2);
            }
            None => at += 1,
        }
    }
}

/// A cyclic word: its ends are neighbours too.
pub fn reduce_cyclic(letters: &mut Vec<Letter>, full: &dyn Fn(Id) -> bool) {
    reduce(letters, full);
    let mut unchanged = 0;
    while letters.len() > 1 && unchanged < letters.len() {
        letters.rotate_left(1);
        let before = letters.len();
        reduce(letters, full);
        unchanged = if letters.len() == before {
            unchanged + 1
        } else {
            0
        };
    }
}

/// A scalar factor: a trace of letters, or letters between two vectors.
#[derive(Clone, Debug)]
pub struct Piece {
    pub left: Option<Vector>,
    pub letters: Vec<Letter>,
    pub right: Option<Vector>,
    /// For a trace of no letters at all: the dimension of its space, where it is one of rows.
    pub rows: Option<Id>,
}

impl Piece {
    pub fn reversed(mut self) -> Self {
        std::mem::swap(&mut self.left, &mut self.right);
        self.letters.reverse();
        for letter in &mut self.letters {
            *letter = letter.transposed();
        }
        self
    }
}

/// The scalar factors of a closed word, cyclic or from a row to a column.
pub fn pieces(mut word: Vec<Letter>) -> Vec<Piece> {
    let Some(first) = word.iter().position(|l| matches!(l, Row(_))) else {
        return vec![Piece {
            left: None,
            letters: word,
            right: None,
            rows: None,
        }];
    };
    word.rotate_left(first);
    let mut found = Vec::new();
    let mut current: Option<Piece> = None;
    for letter in word {
        match (letter, &mut current) {
            (Row(left), _) => {
                current = Some(Piece {
                    left: Some(left),
                    letters: Vec::new(),
                    right: None,
                    rows: None,
                });
            }
            (Column(right), Some(piece)) => {
                piece.right = Some(right);
                found.extend(current.take());
            }
            (letter, Some(piece)) => piece.letters.push(letter),
            (_, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_design_merge() {
        let deficient = |_: Id| false;
        let mut word = vec![
            Design(0),
            Inverse(0),
            DesignTransposed(0),
            Design(0),
            Inverse(0),
            DesignTransposed(0),
        ];
        reduce(&mut word, &deficient);
        assert_eq!(word, [Design(0), Inverse(0), DesignTransposed(0)]);
        let mut trace = word.clone();
        reduce_cyclic(&mut trace, &deficient);
        assert_eq!(trace, [Projection(0)]);
        let mut trace = word;
        reduce_cyclic(&mut trace, &|_| true);
        assert_eq!(trace, []);
        let mut other = vec![Inverse(0), DesignTransposed(1), Design(1)];
        reduce(&mut other, &deficient);
        assert_eq!(other.len(), 3);
    }
}
