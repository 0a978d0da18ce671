//! One value of a table: enclosed at ever higher precision until its rounding is certain, where that can be had.

use num_traits::{Signed, Zero};

use super::decimal;
use super::definition::{Column, ColumnKind, Definition};
use super::grid::Row;
use super::value::{Cell, Found, Range};
use crate::formula::ast::Expr;
use crate::number::{Precise, bits_for_digits, with_precision};
use crate::term::evaluate::{EvaluationError, Evaluator};

/// Precision is doubled this often.
const RAISES: usize = 5;

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
        ColumnKind::Formula { expr, .. } => narrowed(digits, || value(definition, expr, row)),
        ColumnKind::Predict(what) => super::experiment::predicted(definition, row, what),
        ColumnKind::Exact(what) => super::experiment::exact(definition, row, what),
        ColumnKind::Written { quantity, part, .. } => match &definition.written {
            Some(table) => table.find(*quantity, *part, row.index, digits),
            None => Err("no experiment".to_owned()),
        },
    }
}

/// The narrowest ball of a value that is computed at ever higher precision, until so many digits are certain.
pub(super) fn narrowed<E: std::fmt::Display>(
    digits: usize,
    value: impl Fn() -> Result<Precise, E>,
) -> Result<Found, String> {
    let width = |found: &Found| &found.range().high - &found.range().low;
    let mut bits = bits_for_digits(digits + 4);
    let mut best: Option<Found> = None;
    let mut failure = String::new();
    for _ in 0..RAISES {
        let found = with_precision(bits, || {
            Found::of(&value().map_err(|error| error.to_string())?)
        });
        match found {
            Ok(found) => {
                let range = found.range();
                let certain = decimal::certain(&range.low, &range.high, digits)
                    .is_some_and(|(_, certain)| certain == digits);
                if best
                    .as_ref()
                    .is_none_or(|best| width(&found) <= width(best))
                {
                    best = Some(found);
                }
                if certain {
                    break;
                }
            }
            Err(error) => failure = error,
        }
        bits *= 2;
    }
    best.ok_or(failure)
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
