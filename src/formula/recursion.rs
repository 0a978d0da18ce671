//! Recursive definitions: `"w(i)" = { start = "w0", step = "ridge(X(i - 1), X(i - 1)*w(i - 1), lambda)" }`.
//!
//! A call is written out: `w(3)` by three steps, `w(n)` by a choice between the members that `n` may mean.

use num_traits::ToPrimitive;

use super::ast::{BinaryOp, Expr, Node, Span};
use super::constant::constant;
use super::error::FormulaError;
use super::scope::{Scope, Symbol};

/// A recursion goes at most so many steps from its start.
pub(crate) const MAX_STEPS: i64 = 64;

/// Whole numbers, both ends included.
pub(crate) type Range = (i64, i64);

/// What is known of indices that are bound around an expression, innermost last.
pub(crate) type Indices = Vec<(String, Option<Range>)>;

/// The whole numbers that an expression may be; `None` where that is not known.
pub(crate) fn range(expr: &Expr, scope: &Scope, indices: &Indices) -> Option<Range> {
    if let Some(value) = constant(expr) {
        let whole = value.is_integer().then(|| value.numer().to_i64())??;
        return Some((whole, whole));
    }
    match &*expr.node {
        Node::Name(name) => match indices.iter().rev().find(|(n, _)| n == name) {
            Some((_, range)) => *range,
            None => of_symbol(name, scope),
        },
        Node::Neg(x) => {
            let (a, b) = range(x, scope, indices)?;
            Some((b.checked_neg()?, a.checked_neg()?))
        }
        Node::Binary(op, a, b) => {
            combined(*op, range(a, scope, indices)?, range(b, scope, indices)?)
        }
        _ => None,
    }
}

/// The range of a symbol that does not move along the limit.
pub(crate) fn of_symbol(name: &str, scope: &Scope) -> Option<Range> {
    let moves = |l: &super::scope::Limit| {
        l.variable == name || l.path.iter().any(|(moved, _)| moved == name)
    };
    if scope.limit.as_ref().is_some_and(moves) {
        return None;
    }
    match scope.symbols.iter().find(|(n, _)| n == name) {
        Some((_, Symbol::Integer { min, max })) => {
            let none = Indices::new();
            Some((range(min, scope, &none)?.0, range(max, scope, &none)?.1))
        }
        Some((_, Symbol::Defined(e))) => range(e, scope, &Indices::new()),
        _ => None,
    }
}

/// The range of a sum, a difference or a product.
pub(crate) fn combined(op: BinaryOp, a: Range, b: Range) -> Option<Range> {
    match op {
        BinaryOp::Add => Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?)),
        BinaryOp::Sub => Some((a.0.checked_sub(b.1)?, a.1.checked_sub(b.0)?)),
        BinaryOp::Mul => {
            let corners = [
                a.0.checked_mul(b.0)?,
                a.0.checked_mul(b.1)?,
                a.1.checked_mul(b.0)?,
                a.1.checked_mul(b.1)?,
            ];
            let least = corners.iter().min()?;
            Some((*least, *corners.iter().max()?))
        }
        BinaryOp::Div | BinaryOp::Pow => None,
    }
}

/// The members that a call with an index in `range` may mean.
pub(crate) fn members(
    name: &str,
    start: i64,
    range: Option<Range>,
    span: Span,
) -> Result<Range, FormulaError> {
    let Some((least, most)) = range else {
        return Err(FormulaError::new(
            "F019",
            span,
            format!("how many steps this `{name}` takes is not known"),
        )
        .with_help(
            "its index is a whole number, or made of symbols such as n = { integer = [0, 8] } that no limit moves",
        ));
    };
    if least < start {
        return Err(FormulaError::new(
            "F019",
            span,
            format!("`{name}({least})` lies before the start, which is `{name}({start})`"),
        )
        .with_help(format!(
            "keep the index from {start} on; `from` in the definition says where it starts"
        )));
    }
    if most - start > MAX_STEPS {
        return Err(FormulaError::new(
            "F019",
            span,
            format!("`{name}({most})` is {} steps from its start", most - start),
        )
        .with_help(format!(
            "at most {MAX_STEPS}: narrow the domain of its index"
        )));
    }
    Ok((least, most))
}

/// The error of a member that is needed to make itself.
pub(crate) fn needs_itself(name: &str, member: i64, span: Span) -> FormulaError {
    FormulaError::new(
        "F015",
        span,
        format!("`{name}({member})` is needed to make `{name}({member})`"),
    )
    .with_help(format!(
        "a step is made of earlier members, such as {name}(i - 1)"
    ))
}
