//! The shape of a term, read off its operation and operands.

use super::node::{Id, Node};
use super::shape::Shape;
use super::store::Store;
use crate::formula::ast::{BinaryOp, Function};
use crate::formula::function::Rule;

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
