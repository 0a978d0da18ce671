//! One value of a table: enclosed at ever higher precision until its rounding is certain.

use num_traits::{Signed, Zero};

use super::decimal;
use super::definition::{Column, ColumnKind, Definition};
use super::grid::Row;
pub use super::value::{Cell, Enclosure};
use crate::formula::ast::Expr;
use crate::number::{Precise, Real, bits_for_digits, with_precision};
use crate::term::evaluate::{EvaluationError, Evaluator};

/// Values of about 1e±9000 and beyond are not printed.
const LARGEST_BITS: u64 = 30_000;
/// Precision is doubled this often.
const RAISES: usize = 5;

/// A cell to so many digits.
pub fn compute(definition: &Definition, column: &Column, row: &Row, digits: usize) -> Cell {
    match enclose(definition, column, row, digits) {
        Ok(enclosure) => printed(&enclosure, digits),
        Err(reason) => Cell::None { reason },
    }
}

fn printed(enclosure: &Enclosure, digits: usize) -> Cell {
    match decimal::certain(&enclosure.low, &enclosure.high, digits) {
        Some((text, digits)) => Cell::Certain { text, digits },
        None => Cell::None {
            reason: "not one digit is certain".to_owned(),
        },
    }
}

/// The best enclosure of a cell, narrow enough for so many digits if that can be reached.
pub fn enclose(
    definition: &Definition,
    column: &Column,
    row: &Row,
    digits: usize,
) -> Result<Enclosure, String> {
    match &column.kind {
        ColumnKind::Formula { expr, .. } => formula(definition, expr, row, digits),
        ColumnKind::Predict(what) => super::experiment::predicted(definition, row, what),
        ColumnKind::Exact(what) => super::experiment::exact(definition, row, what),
        ColumnKind::Written { quantity, part, .. } => match &definition.written {
            Some(table) => table.enclose(*quantity, *part, row.index),
            None => Err("no experiment".to_owned()),
        },
    }
}

fn formula(
    definition: &Definition,
    expr: &Expr,
    row: &Row,
    digits: usize,
) -> Result<Enclosure, String> {
    let mut bits = bits_for_digits(digits + 4);
    let mut best: Option<Enclosure> = None;
    let mut failure = String::new();
    for _ in 0..RAISES {
        match with_precision(bits, || value(definition, expr, row)) {
            Ok(found) => {
                let certain = decimal::certain(&found.low, &found.high, digits)
                    .is_some_and(|(_, certain)| certain == digits);
                let narrower = best
                    .as_ref()
                    .is_none_or(|best| &found.high - &found.low <= &best.high - &best.low);
                if narrower {
                    best = Some(found);
                }
                if certain {
                    break;
                }
            }
            Err(error) => failure = error.to_string(),
        }
        bits *= 2;
    }
    best.ok_or(failure)
}

fn value(definition: &Definition, expr: &Expr, row: &Row) -> Result<Enclosure, EvaluationError> {
    let assignment = row.assignment();
    let mut environment = assignment.environment::<Precise>(&definition.scope)?;
    environment.scalars.extend(row.formulas(definition)?);
    let value = Evaluator::new(&definition.scope, &environment).scalar(expr)?;
    // Fractions of enormous numbers would be exact for ever.
    let end = |x: &Precise| {
        x.rational_midpoint()
            .filter(|x| x.numer().bits() + x.denom().bits() <= LARGEST_BITS)
            .ok_or_else(|| EvaluationError::Undefined("a value beyond what is printed".into()))
    };
    Ok(Enclosure {
        low: end(&value.lower_end())?,
        high: end(&value.upper_end())?,
    })
}

/// Whether a printed number is the rounding of something in an enclosure, to the digits it is stated to.
pub fn agrees(printed: &decimal::Printed, enclosure: &Enclosure) -> bool {
    if printed.value.is_zero() && printed.significant == 0 && !enclosure.low.is_zero() {
        // A zero is stated to no digit: it must be zero, or too small for its last place.
        return enclosure.low.abs() <= printed.half_unit
            || enclosure.high.abs() <= printed.half_unit;
    }
    let low = &printed.value - &printed.half_unit;
    let high = &printed.value + &printed.half_unit;
    // A tie may be rounded either way.
    enclosure.low <= high && enclosure.high >= low
}
