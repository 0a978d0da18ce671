//! The syntax tree. Numbers in it are exact; every node knows its place in the source.

use std::sync::Arc;

use num_rational::BigRational;

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
    /// `E[…]`
    Expectation(Expr),
    /// `if(lhs op rhs, then, else)`
    If(Comparison, Expr, Expr),
    /// `sum(i = a..b, f)` and `prod(i = a..b, f)`
    Fold {
        kind: Fold,
        index: String,
        from: Expr,
        to: Expr,
        body: Expr,
    },
    /// `argmin(x in [a, b], f)` and `inf(x in [a, b], f)`
    Extremum {
        kind: Extremum,
        variable: String,
        from: Expr,
        to: Expr,
        body: Expr,
    },
    /// `diff(f, x)`
    Diff(Expr, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    Sum,
    Prod,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extremum {
    ArgMin,
    Inf,
}

/// Functions called by name with a fixed list of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    Sqrt,
    Exp,
    Log,
    Abs,
    Min,
    Max,
    Tr,
    Inv,
    Pinv,
    /// `proj(X) = X†X`, the projection onto the row space of `X`.
    Proj,
    /// `norm2(v) = v'v`, `norm2(v, M) = v'Mv`.
    Norm2,
    Opnorm,
    /// `ridge(X, y, λ) = (X'X/T + λI)^{-1}X'y/T`, and `X†y` at `λ = 0`.
    Ridge,
    Kappa,
    Df,
    Gamma,
    Zeta,
    /// `s(j)`
    Eigenvalue,
    /// `c(j)`
    Coefficient,
    /// `exponent(f)`
    Exponent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationOp {
    Eq,
    Le,
    Ge,
    Lt,
    Gt,
    /// `~`: the ratio tends to 1
    Equivalent,
    /// `asymp`: the ratio is bounded both ways
    SameOrder,
    /// `<~`
    OrderAtMost,
    /// `>~`
    OrderAtLeast,
    /// `->`
    TendsTo,
}

/// A relation between two expressions: what a claim says, or an assumption.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub lhs: Expr,
    pub op: RelationOp,
    pub rhs: Expr,
    pub span: Span,
}
