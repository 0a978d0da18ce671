//! A table as a picture: its columns along the name of the grid that has most values, of several the one that spans most.

use std::collections::BTreeSet;

use num_traits::ToPrimitive;

use super::PlotError;
use super::chart::{Chart, MOST_SERIES, Point, Series};
use super::text::{literal, rounded, symbol};
use crate::table::definition::{Axis, GridValue};
use crate::table::{Cell, Table};

/// The chart of a computed table; `columns` chooses some of them.
pub fn chart(table: &Table, columns: &[String]) -> Result<Chart, PlotError> {
    let definition = &table.definition;
    let chosen = chosen(table, columns)?;
    let along = axis_along(table)?;
    let series = curves(table, along, &chosen)?;
    Ok(Chart {
        title: literal(&definition.title),
        x_label: symbol(&definition.grid[along].name),
        y_label: match chosen.as_slice() {
            [one] => symbol(&definition.columns[*one].name),
            _ => "value".to_owned(),
        },
        series,
        ..Chart::default()
    })
}

fn chosen(table: &Table, columns: &[String]) -> Result<Vec<usize>, PlotError> {
    let all = &table.definition.columns;
    if let Some(unknown) =
        (columns.iter()).find(|name| all.iter().all(|column| column.name != **name))
    {
        return Err(PlotError::Data {
            message: format!("the table has no column `{unknown}`"),
        });
    }
    Ok((all.iter().enumerate())
        .filter(|(_, column)| columns.is_empty() || columns.contains(&column.name))
        .map(|(i, _)| i)
        .collect())
}

/// The name of the grid that has most values, of several the one that spans most.
fn axis_along(table: &Table) -> Result<usize, PlotError> {
    let grid = &table.definition.grid;
    let places = |i: usize| {
        let places = table.rows.iter().map(move |row| row.at[i].to_f64());
        places.filter(|x| x.is_finite())
    };
    let values = |i: usize| places(i).map(f64::to_bits).collect::<BTreeSet<u64>>().len();
    // By how much the values differ, as factors; zero is beyond every factor and shows at the edge alone.
    let span = |i: usize| {
        let (low, high) = places(i)
            .filter(|x| *x > 0.0)
            .fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
        high / low
    };
    // A formula of the names before it has another value in every row, and no axis of its own.
    let own = |i: usize| (grid[i].values.iter()).all(|v| !matches!(v, GridValue::Formula(_)));
    (0..grid.len())
        .rev()
        .filter(|&i| values(i) > 1)
        .max_by(|&i, &j| {
            (own(i).cmp(&own(j)))
                .then(values(i).cmp(&values(j)))
                .then(span(i).total_cmp(&span(j)))
        })
        .ok_or_else(|| PlotError::Empty {
            reason: "no name of the grid has two values".to_owned(),
        })
}

/// One curve for every column and setting of the other names.
fn curves(table: &Table, along: usize, chosen: &[usize]) -> Result<Vec<Series>, PlotError> {
    let definition = &table.definition;
    let mut all: Vec<Series> = Vec::new();
    for row in &table.rows {
        let settings: Vec<String> = definition
            .grid
            .iter()
            .enumerate()
            .filter(|(i, axis)| *i != along && axis.values.len() > 1)
            .map(|(i, axis)| format!("{} = {}", symbol(&axis.name), setting(axis, &row.at[i])))
            .collect();
        for &column in chosen {
            let mut label = settings.join(", ");
            if chosen.len() > 1 {
                let name = &symbol(&definition.columns[column].name);
                label = if label.is_empty() {
                    name.clone()
                } else {
                    format!("{name}, {label}")
                };
            }
            let place = (row.at[along].to_f64(), row.cells[column].to_f64());
            match all.iter_mut().find(|known| known.label == label) {
                Some(series) => series.curve.push(place),
                None => all.push(Series {
                    label,
                    curve: vec![place],
                    ..Series::default()
                }),
            }
            if all.len() > MOST_SERIES {
                return Err(PlotError::Crowded {
                    what: "the table".to_owned(),
                    count: all.len(),
                    of: "curves or more (choose some with --column)",
                    most: MOST_SERIES,
                });
            }
        }
    }
    for series in &mut all {
        series.curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        // What was computed are these values; the line only leads from one to the next.
        series.points = (series.curve.iter())
            .map(|&(x, y)| Point {
                x,
                y,
                error: 0.0,
                hollow: false,
            })
            .collect();
    }
    Ok(all)
}

/// A grid's value as a label: formulas as they were written, so that rows of one formula make one curve.
fn setting(axis: &Axis, at: &Cell) -> String {
    let fixed = (axis.values.iter()).any(|value| match value {
        GridValue::Number(x) => x.to_f64() == Some(at.to_f64()),
        GridValue::Infinite => at.text() == "inf",
        GridValue::Formula(_) => false,
    });
    let formulas: Vec<String> = (axis.values.iter())
        .filter_map(|value| match value {
            GridValue::Formula(expr) => Some(expr.to_string()),
            _ => None,
        })
        .collect();
    match formulas.as_slice() {
        [one] if !fixed => literal(one),
        _ => rounded(at.to_f64()),
    }
}
