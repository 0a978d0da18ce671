//! The shape of a term, read off its operation and operands.

use super::node::{Id, Node};
use super::store::Store;
use crate::formula::ast::{BinaryOp, Function};
use crate::formula::function::Rule;

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

    fn transposed(self) -> Shape {
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
    fn joined(self, other: Shape) -> Shape {
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

    fn times(self, other: Shape) -> Shape {
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

impl Store {
    /// The shape of a node whose operands are terms of this store.
    pub(super) fn shape_of(&self, node: &Node) -> Shape {
        let of = |id: &Id| self.shape(*id);
        let square = |size: Option<Id>| match size {
            Some(n) => Shape::Matrix {
                rows: n,
                columns: n,
                spectral: true,
            },
            None => Shape::Misfit,
        };
        match node {
            Node::Number(_)
            | Node::Infinity
            | Node::Pi
            | Node::Symbol(_)
            | Node::Bound(_)
            | Node::Eigenvalue(..)
            | Node::Coefficient(..)
            | Node::Kappa(..)
            | Node::Df(..)
            | Node::Extremum { .. }
            | Node::SpectralSum { .. } => Shape::Scalar,
            Node::Random(r) | Node::Member(r, _) => self.random(*r).shape,
            Node::Sigma(m) => square(self.model(*m).dimension),
            Node::Target(m) => match self.model(*m).dimension {
                Some(d) => Shape::Vector(d),
                None => Shape::Misfit,
            },
            Node::Identity(None) => Shape::Identity,
            Node::Identity(Some(n)) => Shape::Matrix {
                rows: *n,
                columns: *n,
                spectral: self.models().any(|m| m.dimension == Some(*n)),
            },
            Node::Neg(a) | Node::Expectation(a) => of(a),
            Node::Transpose(a) => of(a).transposed(),
            Node::Binary(op, a, b) => match op {
                BinaryOp::Add | BinaryOp::Sub => of(a).joined(of(b)),
                BinaryOp::Mul => of(a).times(of(b)),
                BinaryOp::Div | BinaryOp::Pow => of(a),
            },
            Node::If(_, a, b) => of(a).joined(of(b)),
            Node::Fold { body, .. } => of(body),
            Node::Call(function, arguments) => self.call_shape(*function, arguments),
        }
    }

    fn call_shape(&self, function: Function, arguments: &[Id]) -> Shape {
        let first = arguments.first().map_or(Shape::Scalar, |a| self.shape(*a));
        match function.rule() {
            Rule::Square | Rule::Diagonal | Rule::Given => first,
            Rule::Transposed => first.transposed(),
            Rule::OnColumns => match first {
                Shape::Matrix {
                    columns, spectral, ..
                } => Shape::Matrix {
                    rows: columns,
                    columns,
                    spectral,
                },
                other => other,
            },
            Rule::Fit => match first {
                Shape::Matrix { columns, .. } => Shape::Vector(columns),
                _ => Shape::Misfit,
            },
            Rule::OfSigma if first.is_spectral() => first,
            Rule::OfSigma
            | Rule::Scalars
            | Rule::SquareToScalar
            | Rule::MatrixToScalar
            | Rule::Norm => Shape::Scalar,
            Rule::OfAtoms => first,
            Rule::OverRows => Shape::Matrix {
                rows: arguments[0],
                columns: arguments[0],
                spectral: false,
            },
            Rule::Turned => match first {
                Shape::Matrix { rows, columns, .. } => Shape::Matrix {
                    rows,
                    columns,
                    spectral: false,
                },
                other => other,
            },
            // Its sizes are terms of their own: see `stacked`.
            Rule::Stack => Shape::Misfit,
        }
    }

    /// The shape of `[A; B]` or `[A, B]`, for which sizes are added.
    pub(super) fn stacked(&mut self, function: Function, parts: &[Id]) -> Shape {
        let below = function == Function::Rows;
        let shapes: Vec<Shape> = parts.iter().map(|p| self.shape(*p)).collect();
        let span = self.span(parts[0]);
        let one = self.whole(1, span);
        let mut total: Option<Id> = None;
        let mut across = one;
        for shape in &shapes {
            let (rows, columns) = match *shape {
                Shape::Vector(n) => (n, one),
                Shape::Row(n) => (one, n),
                Shape::Matrix { rows, columns, .. } => (rows, columns),
                Shape::Scalar | Shape::Identity | Shape::Misfit => return Shape::Misfit,
            };
            let (along, other) = if below {
                (rows, columns)
            } else {
                (columns, rows)
            };
            total = self.plus(total, Some(along));
            across = other;
        }
        let Some(along) = total else {
            return Shape::Misfit;
        };
        let all = |wanted: fn(&Shape) -> bool| shapes.iter().all(wanted);
        if below && all(|s| matches!(s, Shape::Vector(_))) {
            return Shape::Vector(along);
        }
        if !below && all(|s| matches!(s, Shape::Row(_))) {
            return Shape::Row(along);
        }
        let (rows, columns) = if below {
            (along, across)
        } else {
            (across, along)
        };
        Shape::Matrix {
            rows,
            columns,
            spectral: false,
        }
    }
}
