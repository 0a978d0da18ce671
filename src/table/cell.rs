//! One value of a table: enclosed at ever higher precision until its rounding is certain, where that can be had.

use num_traits::{Signed, Zero};

use super::decimal;
use super::definition::{Column, ColumnKind, Definition};
use super::grid::Row;
use super::value::{Cell, Found, Range};
use crate::formula::ast::Expr;
use crate::number::Precise;
use crate::term::evaluate::{EvaluationError, Evaluator};

/// A cell to so many digits.
pub fn compute(definition: &Definition, column: &Column, row: &Row, digits: usize) -> Cell {
    match find(definition, column, row, digits) {
        Ok(found) => printed(&found, digits),
        Err(reason) => Cell::None { reason },
    }
}

fn printed(found: &Found, digits: usize) -> Cell {
    let range = found.range();
    match (decimal::certain(&range.low, &range.high, digits), found) {
        (Some((text, digits)), Found::Enclosed(_)) => Cell::Certain { text, digits },
        (Some((text, digits)), Found::Estimated(_)) => Cell::Estimated { text, digits },
        (None, _) => Cell::None {
            reason: "not one digit is certain".to_owned(),
        },
    }
}

/// What is known of a cell, as narrowly as so many digits need if that can be reached.
pub fn find(
    definition: &Definition,
    column: &Column,
    row: &Row,
    digits: usize,
) -> Result<Found, String> {
    match &column.kind {
        ColumnKind::Formula { expr, .. } => {
            Found::narrowed(digits, || value(definition, expr, row), |_| false)
        }
        ColumnKind::Predict(what) => super::experiment::predicted(definition, row, what),
        ColumnKind::Exact(what) => super::experiment::exact(definition, row, what),
        ColumnKind::Written { quantity, part, .. } => match &definition.written {
            Some(table) => table.find(*quantity, *part, row.index, digits),
            None => Err("no experiment".to_owned()),
        },
    }
}

fn value(definition: &Definition, expr: &Expr, row: &Row) -> Result<Precise, EvaluationError> {
    let assignment = row.assignment();
    let mut environment = assignment.environment::<Precise>(&definition.scope)?;
    environment.scalars.extend(row.formulas(definition)?);
    Evaluator::new(&definition.scope, &environment).scalar(expr)
}

/// Whether a printed number is the rounding of something in an interval, to the digits it is stated to.
pub fn agrees(printed: &decimal::Printed, range: &Range) -> bool {
    if printed.value.is_zero() && printed.significant == 0 && !range.low.is_zero() {
        // A zero is stated to no digit: it must be zero, or too small for its last place.
        return range.low.abs() <= printed.half_unit || range.high.abs() <= printed.half_unit;
    }
    let low = &printed.value - &printed.half_unit;
    let high = &printed.value + &printed.half_unit;
    // A tie may be rounded either way.
    range.low <= high && range.high >= low
}
