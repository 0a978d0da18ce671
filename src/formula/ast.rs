//! The syntax tree. Numbers in it are exact; every node knows its place in the source.

use std::sync::Arc;

use num_rational::BigRational;

pub use super::function::Function;
pub use super::operator::{BinaryOp, Extremum, Fold, RelationOp};

/// Bytes `start..end` of the formula's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A node and its place. Subtrees are shared, so cloning is cheap.
#[derive(Clone, Debug)]
pub struct Expr {
    pub node: Arc<Node>,
    pub span: Span,
}

impl Expr {
    /// A node at its place.
    pub fn new(node: Node, span: Span) -> Self {
        let node = Arc::new(node);
        Self { node, span }
    }
}

#[derive(Clone, Debug)]
pub enum Node {
    Number(BigRational),
    /// `inf`
    Infinity,
    /// `pi`
    Pi,
    /// A symbol, a definition, a random object, an index, or `Sigma`, `I`, `w0`.
    Name(String),
    Neg(Expr),
    Binary(BinaryOp, Expr, Expr),
    /// `a'`
    Transpose(Expr),
    Call(Function, Vec<Expr>),
    /// `X(m)`: member `m` of a family of random objects.
    Member(String, Expr),
    /// `f(x, y)` for a function of the file with several arguments; one with a single argument looks like a member.
    Apply(String, Vec<Expr>),
    /// `E[…]`
    Expectation(Expr),
    /// `if(lhs op rhs, then, else)`
    If(Comparison, Expr, Expr),
    /// `sum(i = a..b, f)` and its like: `prod`, `max`, `min`, `int`
    Fold {
        kind: Fold,
        index: String,
        from: Expr,
        to: Expr,
        body: Expr,
    },
    /// `inf(x in [a, b], f)` and its like: `argmin`, `sup`, `argmax`
    Extremum {
        kind: Extremum,
        variable: String,
        from: Expr,
        to: Expr,
        body: Expr,
    },
    /// `diff(f, x)`; with a value, `diff(f, x = a)`, the derivative there, in which `x` is bound.
    Diff(Expr, String, Option<Expr>),
}

/// A relation between two expressions: what a claim says, or an assumption.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub lhs: Expr,
    pub op: RelationOp,
    pub rhs: Expr,
    pub span: Span,
}
