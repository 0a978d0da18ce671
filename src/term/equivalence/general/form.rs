//! What an expression inside an expectation is.

use crate::equivalent::pencil::{Expression, Space};
use crate::term::equivalence::EquivalenceError;

pub(super) type Read = Result<Form, EquivalenceError>;

/// A vector that others are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Leaf {
    /// `w0`
    Target,
    Noise(usize),
}

/// `Σ_l A_l l`
#[derive(Clone, Debug)]
pub(super) struct Vector(pub Vec<(Leaf, Expression)>);

/// Rows of blocks: at least two blocks in all, blocks of a row with equal rows, of a column with equal columns.
pub(super) type Grid = Vec<Vec<Expression>>;

/// Where an expression ends up as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Closure {
    /// `w0' e w0`
    Target,
    /// `tr e`
    Trace(Space),
}

/// A random scalar: what it is the sum of.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub constant: f64,
    pub terms: Vec<(f64, Expression, Closure)>,
    /// Whether products of different vectors were left out, whose mean is zero but which may be all there is in a draw.
    pub mixed: bool,
}

impl Pending {
    pub fn of(terms: Vec<(f64, Expression, Closure)>) -> Self {
        Self {
            constant: 0.0,
            terms,
            mixed: false,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Form {
    /// A deterministic scalar, and how much of it equivalents leave open.
    Number {
        value: f64,
        doubt: f64,
    },
    Scalar(Pending),
    /// A multiple of the identity of whatever size fits.
    Identity(f64),
    Matrix(Expression),
    Column(Vector),
    /// A row, by its transpose.
    Row(Vector),
    /// `u v'`
    Outer(Vector, Vector),
    /// A matrix of blocks.
    Blocks(Grid),
    /// A column of columns, or a row of rows.
    Parts {
        parts: Vec<Vector>,
        row: bool,
    },
}

impl Form {
    pub fn exact(value: f64) -> Self {
        Form::Number { value, doubt: 0.0 }
    }

    /// A grid of one block is that block.
    pub fn of_grid(mut grid: Grid) -> Self {
        if let [row] = grid.as_mut_slice()
            && let [only] = row.as_slice()
        {
            return Form::Matrix(*only);
        }
        Form::Blocks(grid)
    }
}
