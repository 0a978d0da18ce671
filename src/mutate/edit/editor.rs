//! What an edit is, and where it is put.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::formula::ast::{BinaryOp, Comparison, Expr, Node, Span};
use crate::formula::scope::Scope;

/// What was changed. The order is that of closeness, as corrections are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `x^n` for `x^(n+1)` or the other way round, a dropped or an added square.
    Exponent,
    /// Another order of `df`, another whole number.
    Number,
    Sign,
    /// Arguments or operands in the other order.
    Swapped,
    /// `d` for `T`, `T` for `T0`, `kappa` for `lambda`.
    Name,
    /// Twice or half a term.
    Factor,
    /// A term or factor left out.
    Missing,
    /// Another function in its place, or none.
    Function,
    /// The first or last index, off by one.
    Index,
    /// A factor too many, out of the statement's own names.
    Added,
    /// A stronger, weaker or reversed relation.
    Relation,
    /// An assumption left out.
    Domain,
}

/// A neighbour of a statement.
#[derive(Clone, Debug)]
pub struct Neighbour {
    pub kind: Kind,
    pub says: Comparison,
    /// What stands where, in words.
    pub edit: String,
    /// Where in the file.
    pub place: Span,
}

/// Which neighbours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Slips that a check must notice.
    Faults,
    /// Slips that may have been made, to be undone.
    Corrections,
}

/// An edited side, before it is put back.
pub(super) struct Edit {
    pub(super) kind: Kind,
    pub(super) side: Expr,
    pub(super) edit: String,
    pub(super) place: Span,
}

impl Edit {
    pub(super) fn into_neighbour(self, put: impl FnOnce(Expr) -> Comparison) -> Neighbour {
        Neighbour {
            kind: self.kind,
            says: put(self.side),
            edit: self.edit,
            place: self.place,
        }
    }
}

pub(super) struct Editor<'a> {
    pub(super) scope: &'a Scope,
    pub(super) purpose: Purpose,
    /// Scalar names and values of κ that occur, as factors that may be missing.
    pub(super) atoms: Vec<Expr>,
    pub(super) found: Vec<Edit>,
}

/// Rebuilds the side around a changed part.
pub(super) type Hole<'h> = &'h dyn Fn(Expr) -> Expr;

pub(super) fn expr(node: Node, span: Span) -> Expr {
    Expr {
        node: Arc::new(node),
        span,
    }
}

pub(super) fn whole(n: i64) -> Expr {
    expr(
        Node::Number(BigRational::from_integer(BigInt::from(n))),
        Span::default(),
    )
}

pub(super) fn binary(op: BinaryOp, a: Expr, b: Expr, span: Span) -> Expr {
    expr(Node::Binary(op, a, b), span)
}

impl Editor<'_> {
    pub(super) fn push(&mut self, kind: Kind, old: &Expr, new: Expr, hole: Hole<'_>) {
        let edit = format!("`{new}` for `{old}`");
        self.found.push(Edit {
            kind,
            side: hole(new),
            edit,
            place: old.span,
        });
    }
}
