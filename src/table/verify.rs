//! A published table against its definition: every cell recomputed to the digits it states.

use num_rational::BigRational;
use num_traits::Signed;
use rayon::prelude::*;

use super::cell::{agrees, find};
use super::decimal;
use super::definition::Definition;
use super::grid::{self, At, Row};
use super::published::{Published, PublishedRow};

/// A cell that is wrong, or what else keeps a table from being verified.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    Cell {
        line: usize,
        row: String,
        column: String,
        printed: String,
        computed: String,
    },
    /// A row that the grid does not have, or has elsewhere.
    Row {
        line: usize,
        message: String,
    },
    Column {
        name: String,
    },
    Rows {
        printed: usize,
        expected: usize,
    },
    Checksum,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = |line: &usize| match line {
            0 => String::new(),
            line => format!("line {line}, "),
        };
        match self {
            Wrong::Cell {
                line,
                row,
                column,
                printed,
                computed,
            } => write!(
                f,
                "{}{row}: {column} is printed as {printed}, but is {computed}",
                place(line)
            ),
            Wrong::Row { line, message } => write!(f, "{}{message}", place(line)),
            Wrong::Column { name } => write!(f, "there is no column `{name}`"),
            Wrong::Rows { printed, expected } => {
                write!(f, "{printed} rows, but the grid has {expected}")
            }
            Wrong::Checksum => write!(f, "the checksum does not fit: the file was altered"),
        }
    }
}

/// What was compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub cells: usize,
    /// Cells that state no number, or to which none is known.
    pub skipped: usize,
    /// In the order of the table.
    pub wrong: Vec<Wrong>,
}

/// Compares column by column. Rows may be fewer than the grid's and in another order; columns that the definition does not
/// have are skipped.
pub fn verify(
    definition: &Definition,
    published: &Published,
) -> Result<Outcome, super::TableError> {
    let rows = grid::rows(definition)?;
    let mut outcome = Outcome::default();
    let columns = match Columns::of(definition, published) {
        Ok(columns) => columns,
        Err(wrong) => {
            outcome.wrong = wrong;
            return Ok(outcome);
        }
    };
    if published.definition.is_some() && published.rows.len() != rows.len() {
        outcome.wrong.push(Wrong::Rows {
            printed: published.rows.len(),
            expected: rows.len(),
        });
    }
    let checked: Vec<Checked> = published
        .rows
        .par_iter()
        .enumerate()
        .map(|(i, printed)| row_against(definition, published, &columns, &rows, (i, printed)))
        .collect();
    for checked in checked {
        outcome.cells += checked.cells;
        outcome.skipped += checked.skipped;
        outcome.wrong.extend(checked.wrong);
    }
    if published.whole == Some(false) {
        outcome.wrong.push(Wrong::Checksum);
    }
    Ok(outcome)
}

/// Where a published table has the names of the grid and the columns of the definition.
struct Columns<'a> {
    /// `None` for a name with one value, which need not be printed.
    axes: Vec<Option<usize>>,
    cells: Vec<(usize, &'a super::Column)>,
}

impl<'a> Columns<'a> {
    /// What is missing, if anything is.
    fn of(definition: &'a Definition, published: &Published) -> Result<Self, Vec<Wrong>> {
        let at = |name: &str| published.names.iter().position(|n| n == name);
        let missing = |name: &str| Wrong::Column {
            name: name.to_owned(),
        };
        let (mut axes, mut cells, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for axis in &definition.grid {
            match at(&axis.name) {
                None if axis.values.len() != 1 => wrong.push(missing(&axis.name)),
                place => axes.push(place),
            }
        }
        for column in &definition.columns {
            match at(&column.name) {
                Some(place) => cells.push((place, column)),
                None if published.definition.is_some() => wrong.push(missing(&column.name)),
                None => {}
            }
        }
        if wrong.is_empty() && cells.is_empty() {
            let first = definition.columns.first();
            wrong.push(missing(first.map_or("", |c| c.name.as_str())));
        }
        if wrong.is_empty() {
            Ok(Self { axes, cells })
        } else {
            Err(wrong)
        }
    }
}

/// What was compared in one row.
#[derive(Default)]
struct Checked {
    cells: usize,
    skipped: usize,
    wrong: Vec<Wrong>,
}

/// The printed row number `i` against the row of the grid that has its settings.
fn row_against(
    definition: &Definition,
    published: &Published,
    columns: &Columns<'_>,
    rows: &[Row],
    (i, printed): (usize, &PublishedRow),
) -> Checked {
    let mut checked = Checked::default();
    let setting = |place: &Option<usize>| {
        place
            .and_then(|place| printed.cells.get(place))
            .map_or("", String::as_str)
    };
    let keys: Vec<&str> = columns.axes.iter().map(setting).collect();
    // Its own place first: most tables are in order. Rounded settings only where none is exact.
    let place = |exact: bool| {
        let fits = |row: &&Row| {
            if published.doubles {
                matches_doubles(definition, row, &keys)
            } else {
                matches(row, &keys, exact)
            }
        };
        rows.get(i).filter(fits).or_else(|| rows.iter().find(fits))
    };
    let Some(row) = place(true).or_else(|| place(false)) else {
        let settings: Vec<String> = definition
            .grid
            .iter()
            .zip(&keys)
            .map(|(axis, key)| format!("{} = {key}", axis.name))
            .collect();
        checked.wrong.push(Wrong::Row {
            line: printed.line,
            message: format!("{}: the grid has no such row", settings.join(", ")),
        });
        return checked;
    };
    for (place, column) in &columns.cells {
        checked.cells += 1;
        let text = &printed.cells[*place];
        let compared = if published.doubles {
            compare_double(definition, column, row, text)
        } else {
            compare(definition, column, row, text)
        };
        match compared {
            Compared::Agrees => {}
            Compared::Unknown => checked.skipped += 1,
            Compared::Differs(computed) => checked.wrong.push(Wrong::Cell {
                line: printed.line,
                row: row.describe(),
                column: column.name.clone(),
                printed: text.clone(),
                computed,
            }),
        }
    }
    checked
}

enum Compared {
    Agrees,
    Differs(String),
    Unknown,
}

fn compare(definition: &Definition, column: &super::Column, row: &Row, text: &str) -> Compared {
    let printed = decimal::read(text);
    let digits = printed
        .as_ref()
        .map_or(definition.digits, |p| p.significant.max(1));
    let none = matches!(text, "" | "nan" | "NaN" | "-" | "–" | "null");
    // Two more than are printed, so that a difference shows its size.
    match (printed, find(definition, column, row, digits + 2)) {
        (Some(printed), Ok(found)) => {
            let range = found.range();
            if agrees(&printed, range) {
                Compared::Agrees
            } else {
                let shown = decimal::certain(&range.low, &range.high, digits);
                Compared::Differs(shown.map_or_else(
                    || "another number, of which no digit is certain".to_owned(),
                    |(text, _)| text,
                ))
            }
        }
        (None, Err(_)) if none => Compared::Agrees,
        (None, Ok(found)) => {
            let range = found.range();
            match decimal::certain(&range.low, &range.high, digits) {
                // A value that is known is missing, or not legible.
                Some((text, _)) => Compared::Differs(text),
                None if none => Compared::Agrees,
                None => Compared::Unknown,
            }
        }
        (Some(_), Err(reason)) => Compared::Differs(format!("without a value ({reason})")),
        (None, _) => Compared::Unknown,
    }
}

/// A double states no digits: it must be the one that the table's value is rounded to.
fn compare_double(
    definition: &Definition,
    column: &super::Column,
    row: &Row,
    text: &str,
) -> Compared {
    let computed = super::cell::compute(definition, column, row, definition.digits);
    let (found, expected) = (text.parse().unwrap_or(f64::NAN), computed.to_f64());
    if found == expected || found.is_nan() && expected.is_nan() {
        Compared::Agrees
    } else {
        Compared::Differs(computed.text().to_owned())
    }
}

/// Whether a row has these settings, as doubles.
fn matches_doubles(definition: &Definition, row: &Row, keys: &[&str]) -> bool {
    let values = row.doubles(definition);
    let same = |(value, key): (&f64, &&str)| key.is_empty() || key.parse() == Ok(*value);
    values.iter().zip(keys).all(same)
}

/// Whether a row has these settings: exactly, or as far as at least three printed digits say.
fn matches(row: &Row, keys: &[&str], exact: bool) -> bool {
    row.at.iter().zip(keys).all(|((_, at), key)| match at {
        // Not printed.
        _ if key.is_empty() => true,
        At::Infinite => matches!(*key, "inf" | "∞" | "Infinity"),
        At::Formula(expr) => *key == expr.to_string(),
        At::Number(x) => match fraction(key) {
            Some(Key::Exact(y)) => *x == y,
            Some(Key::Decimal(printed)) => {
                let rounded = !exact
                    && printed.significant >= 3
                    && (x - &printed.value).abs() <= printed.half_unit;
                *x == printed.value || rounded
            }
            None => false,
        },
    })
}

enum Key {
    Exact(BigRational),
    Decimal(decimal::Printed),
}

fn fraction(text: &str) -> Option<Key> {
    if let Some((a, b)) = text.split_once('/') {
        let (a, b): (num_bigint::BigInt, num_bigint::BigInt) = (a.parse().ok()?, b.parse().ok()?);
        return (b != 0.into()).then(|| Key::Exact(BigRational::new(a, b)));
    }
    decimal::read(text).map(Key::Decimal)
}
