//! Experiments of formulas as rows.

use super::rows::{Row, Value};
use super::simulation::Provenance;
use crate::experiment::{Simulated, Written, WrittenPoint};
use crate::number::rational_to_f64;

/// The columns that a human reads.
pub fn shown(experiment: &Written, simulated: bool) -> Vec<String> {
    let mut names: Vec<String> = experiment.axes.iter().map(|a| a.name.clone()).collect();
    for quantity in &experiment.quantities {
        names.push(quantity.name.clone());
        if simulated {
            for column in columns(&quantity.name, experiment.quantities.len()) {
                names.push(column);
            }
        }
    }
    names.push("note".to_owned());
    names
}

/// Mean, standard error and z of a quantity; without its name where it is the only one.
fn columns(name: &str, quantities: usize) -> [String; 3] {
    ["mean", "standard_error", "z"].map(|column| match quantities {
        1 => column.to_owned(),
        _ => format!("{name}_{column}"),
    })
}

/// Predicted values of all quantities, in their order, or why there is none; and simulated ones beside them.
pub fn row(
    experiment: &Written,
    point: &WrittenPoint,
    predicted: &[Result<f64, String>],
    simulated: Option<&[Result<Option<Simulated>, String>]>,
    provenance: Option<&Provenance>,
) -> Row {
    let mut row = Row::default();
    for (name, x) in &point.at {
        row.push(name.clone(), Value::number(rational_to_f64(x)));
    }
    let mut notes: Vec<String> = Vec::new();
    let mut replicates = None;
    let count = experiment.quantities.len();
    for (i, quantity) in experiment.quantities.iter().enumerate() {
        let value = match &predicted[i] {
            Ok(value) => Some(*value),
            Err(why) => {
                notes.push(format!("no {}: {why}", quantity.name));
                None
            }
        };
        row.push(quantity.name.clone(), Value::real(value));
        let Some(simulated) = simulated else { continue };
        let found = match &simulated[i] {
            Ok(found) => *found,
            Err(why) => {
                notes.push(format!("{} was not simulated: {why}", quantity.name));
                None
            }
        };
        let error = found.and_then(|f| f.standard_error);
        let z = match (found, error, value) {
            (Some(f), Some(error), Some(value)) if error > 0.0 => Some((f.mean - value) / error),
            _ => None,
        };
        let [mean, standard_error, distance] = columns(&quantity.name, count);
        row.push(mean, Value::real(found.map(|f| f.mean)));
        row.push(standard_error, Value::real(error));
        row.push(distance, Value::real(z));
        replicates = replicates.max(found.map(|f| f.replicates));
    }
    if simulated.is_some() {
        row.push(
            "replicates",
            replicates.map_or(Value::Missing, Value::Whole),
        );
    }
    let note = if notes.is_empty() {
        Value::Missing
    } else {
        Value::Text(notes.join("; "))
    };
    row.push("note", note);
    if let Some(provenance) = provenance {
        row.push("cell", Value::Whole(provenance.cell as u64));
        row.push("cells", Value::Whole(provenance.cells as u64));
        row.push("experiment", Value::Text(provenance.experiment.to_owned()));
    }
    row
}
