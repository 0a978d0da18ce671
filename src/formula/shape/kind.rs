//! What an expression can be: a scalar, a vector, a matrix, and of what size.

use std::fmt::{self, Display, Formatter};

use crate::formula::ast::Expr;

/// The shape of an expression; sizes are scalar expressions.
#[derive(Clone, Debug)]
pub enum Shape {
    Scalar,
    Vector(Expr),
    /// The transpose of a vector.
    Row(Expr),
    Matrix {
        rows: Expr,
        columns: Expr,
        /// Whether it is a function of `Sigma`, so that it commutes with its kind and has any power.
        spectral: bool,
    },
    /// A multiple of `I`, which takes the size of its neighbour, and is `d×d` where it has none.
    Identity,
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Scalar => f.write_str("scalar"),
            Shape::Vector(n) => write!(f, "vector[{n}]"),
            Shape::Row(n) => write!(f, "row vector[{n}]"),
            Shape::Matrix { rows, columns, .. } => write!(f, "matrix[{rows}, {columns}]"),
            Shape::Identity => f.write_str("multiple of I"),
        }
    }
}

impl Shape {
    pub(super) fn is_function_of_sigma(&self) -> bool {
        matches!(self, Shape::Identity | Shape::Matrix { spectral: true, .. })
    }

    /// With an article: `a scalar`, `vector[d]`.
    pub(super) fn described(&self) -> String {
        match self {
            Shape::Scalar | Shape::Identity => format!("a {self}"),
            _ => self.to_string(),
        }
    }
}
