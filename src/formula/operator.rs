//! The signs that join formulas, and the forms that bind a name.

use std::cmp::Ordering;

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
    /// `max(j = a..b, f)`
    Max,
    Min,
    /// `int(x = a..b, f)`, the integral
    Int,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extremum {
    ArgMin,
    Inf,
    ArgMax,
    Sup,
    /// `root(x in [a, b], f)`: where `f`, of different signs at `a` and `b`, is zero
    Root,
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

impl RelationOp {
    /// Whether two numbers in this order stand in the relation; `None` for a relation of limits.
    pub(crate) fn holds_of(self, order: Ordering) -> Option<bool> {
        Some(match self {
            RelationOp::Le => order.is_le(),
            RelationOp::Ge => order.is_ge(),
            RelationOp::Lt => order.is_lt(),
            RelationOp::Gt => order.is_gt(),
            RelationOp::Eq => order.is_eq(),
            _ => return None,
        })
    }

    /// Whether it fails where both sides are equal, and orders values.
    pub(crate) fn is_strict(self) -> bool {
        matches!(self, RelationOp::Lt | RelationOp::Gt)
    }

    /// Whether it orders values.
    pub(crate) fn is_order(self) -> bool {
        matches!(
            self,
            RelationOp::Le | RelationOp::Ge | RelationOp::Lt | RelationOp::Gt
        )
    }
}
