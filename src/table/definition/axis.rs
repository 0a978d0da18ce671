//! The grid of a table file.

use num_rational::BigRational;

use crate::formula::ast::Expr;

/// A name of the grid and its values.
#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    pub values: Vec<GridValue>,
}

#[derive(Clone, Debug)]
pub enum GridValue {
    Number(BigRational),
    /// Of the names before it.
    Formula(Expr),
    Infinite,
}
