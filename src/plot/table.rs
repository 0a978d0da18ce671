//! A table as a picture: its columns along the name of the grid that has most values.

use std::collections::BTreeSet;

use super::PlotError;
use super::chart::{Chart, MOST_SERIES, Series};
use crate::table::Table;

/// The chart of a computed table; `columns` chooses some of them.
pub fn chart(table: &Table, columns: &[String]) -> Result<Chart, PlotError> {
    let definition = &table.definition;
    let chosen: Vec<usize> = definition
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| columns.is_empty() || columns.contains(&column.name))
        .map(|(i, _)| i)
        .collect();
    if let Some(unknown) = columns.iter().find(|name| {
        definition
            .columns
            .iter()
            .all(|column| column.name != **name)
    }) {
        return Err(PlotError::Data {
            message: format!("the table has no column `{unknown}`"),
        });
    }
    let values = |i: usize| {
        let places = table.rows.iter().map(|row| row.at[i].to_f64());
        places
            .filter(|x| x.is_finite())
            .map(f64::to_bits)
            .collect::<BTreeSet<u64>>()
            .len()
    };
    let along = (0..definition.grid.len())
        .rev()
        .max_by_key(|&i| values(i))
        .filter(|&i| values(i) > 1)
        .ok_or_else(|| PlotError::Empty {
            reason: "no name of the grid has two values".to_owned(),
        })?;
    let mut series: Vec<(String, Series)> = Vec::new();
    for row in &table.rows {
        let settings: Vec<String> = definition
            .grid
            .iter()
            .enumerate()
            .filter(|(i, axis)| *i != along && axis.values.len() > 1)
            .map(|(i, axis)| format!("{} = {}", axis.name, row.at[i].text()))
            .collect();
        for &column in &chosen {
            let mut label = settings.join(", ");
            if chosen.len() > 1 {
                let name = &definition.columns[column].name;
                label = if label.is_empty() {
                    name.clone()
                } else {
                    format!("{name}, {label}")
                };
            }
            let place = (row.at[along].to_f64(), row.cells[column].to_f64());
            match series.iter_mut().find(|(known, _)| *known == label) {
                Some((_, series)) => series.curve.push(place),
                None => series.push((
                    label.clone(),
                    Series {
                        label: label.replace('_', "\u{2009}"),
                        curve: vec![place],
                        ..Series::default()
                    },
                )),
            }
            if series.len() > MOST_SERIES {
                return Err(PlotError::Crowded {
                    what: "the table".to_owned(),
                    count: series.len(),
                    of: "curves or more (choose some with --column)",
                    most: MOST_SERIES,
                });
            }
        }
    }
    Ok(Chart {
        title: definition.title.replace('_', "\u{2009}"),
        x_label: definition.grid[along].name.clone(),
        y_label: match chosen.as_slice() {
            [one] => definition.columns[*one].name.clone(),
            _ => "value".to_owned(),
        },
        series: series.into_iter().map(|(_, series)| series).collect(),
        ..Chart::default()
    })
}
