//! The shapes of terms.

use super::id::Id;

/// Scalar, vector, row or matrix; sizes are terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Scalar,
    Vector(Id),
    Row(Id),
    Matrix {
        rows: Id,
        columns: Id,
        /// Whether it is a function of `Sigma`.
        spectral: bool,
    },
    /// A multiple of `I` whose size nothing around it has settled.
    Identity,
    /// Shapes that do not fit; formulas whose shapes were checked have none.
    Misfit,
}

impl Shape {
    pub fn is_scalar(self) -> bool {
        self == Shape::Scalar
    }

    pub fn is_matrix(self) -> bool {
        matches!(self, Shape::Matrix { .. } | Shape::Identity)
    }

    pub fn is_spectral(self) -> bool {
        matches!(self, Shape::Matrix { spectral: true, .. } | Shape::Identity)
    }

    /// The size that an `I` beside it takes, on its left and on its right.
    pub(super) fn heights(self) -> (Option<Id>, Option<Id>) {
        match self {
            Shape::Matrix { rows, columns, .. } => (Some(rows), Some(columns)),
            Shape::Vector(n) => (Some(n), None),
            Shape::Row(n) => (None, Some(n)),
            Shape::Scalar | Shape::Identity | Shape::Misfit => (None, None),
        }
    }

    pub(super) fn map(self, f: &mut dyn FnMut(Id) -> Id) -> Shape {
        match self {
            Shape::Vector(n) => Shape::Vector(f(n)),
            Shape::Row(n) => Shape::Row(f(n)),
            Shape::Matrix {
                rows,
                columns,
                spectral,
            } => Shape::Matrix {
                rows: f(rows),
                columns: f(columns),
                spectral,
            },
            Shape::Scalar | Shape::Identity | Shape::Misfit => self,
        }
    }

    pub(super) fn transposed(self) -> Shape {
        match self {
            Shape::Vector(n) => Shape::Row(n),
            Shape::Row(n) => Shape::Vector(n),
            Shape::Matrix {
                rows,
                columns,
                spectral,
            } => Shape::Matrix {
                rows: columns,
                columns: rows,
                spectral,
            },
            other => other,
        }
    }

    /// Of two summands, branches or sides.
    pub(super) fn joined(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Identity, x) | (x, Shape::Identity) => x,
            (
                Shape::Matrix {
                    rows,
                    columns,
                    spectral,
                },
                Shape::Matrix { spectral: s, .. },
            ) => Shape::Matrix {
                rows,
                columns,
                spectral: spectral && s,
            },
            (Shape::Vector(_), Shape::Vector(_))
            | (Shape::Row(_), Shape::Row(_))
            | (Shape::Scalar, Shape::Scalar) => self,
            _ => Shape::Misfit,
        }
    }

    pub(super) fn times(self, other: Shape) -> Shape {
        use Shape::{Identity, Matrix, Row, Scalar, Vector};
        match (self, other) {
            (Scalar, x) | (x, Scalar) => x,
            (Identity, x @ (Identity | Vector(_) | Matrix { .. }))
            | (x @ (Row(_) | Matrix { .. }), Identity) => x,
            (Row(_), Vector(_)) => Scalar,
            (Vector(rows), Row(columns)) => Matrix {
                rows,
                columns,
                spectral: false,
            },
            (Matrix { rows, .. }, Vector(_)) => Vector(rows),
            (Row(_), Matrix { columns, .. }) => Row(columns),
            (
                Matrix { rows, spectral, .. },
                Matrix {
                    columns,
                    spectral: s,
                    ..
                },
            ) => Matrix {
                rows,
                columns,
                spectral: spectral && s,
            },
            _ => Shape::Misfit,
        }
    }
}
