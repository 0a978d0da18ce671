//! An experiment of formulas as a picture: its quantities along the axis with most values, a simulation of its points on top.

use std::io;
use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::PlotError;
use super::chart::{Chart, MOST_SERIES, Point, Series};
use super::experiment::Failure;
use super::simulated::{self, SETTINGS};
use super::text::number;
use crate::experiment::{
    Axis, DrawObserver, KnownDraws, Outcome, Quantity, Simulated, Value, Written, WrittenPoint,
};
use crate::number::rational_to_f64;
use crate::simulate::Shard;

/// Places between the ends of the axis, where curves go through more than what was swept.
const FINE: usize = 80;
/// Values that differ by less are the same setting.
const SAME: f64 = 1e-9;

/// Mean and standard error by point of the sweep and quantity.
pub type Means = Vec<Vec<Option<(f64, f64)>>>;

/// The chart of an experiment; `means` are those of its simulation, empty without one. `only` some quantities, if any are named.
///
/// # Errors
/// Where nothing is swept, there are too many curves, or a name is no quantity.
pub fn chart(experiment: &Written, means: &Means, only: &[String]) -> Result<Chart, Failure> {
    let points = experiment.points().map_err(Failure::Faults)?;
    let quantities = chosen(experiment, only)?;
    let Some(axis) = axis(experiment) else {
        let message = "nothing is swept: add [sweep] with T = [100, 1000]";
        return Err(Failure::Message(message.to_owned()));
    };
    let fine = refined(experiment, axis);
    let curves = match &fine {
        Some(fine) => Curves::of(fine, fine.points().map_err(Failure::Faults)?, axis),
        None => Curves::of(experiment, points.clone(), axis),
    };
    let places = Curves::of(experiment, points, axis);
    let count = places.groups.len() * quantities.len();
    if count > MOST_SERIES {
        return Err(PlotError::Crowded {
            what: "the sweep".to_owned(),
            count,
            of: "curves",
            most: MOST_SERIES,
        }
        .into());
    }
    let simulated = means.iter().flatten().any(Option::is_some);
    let values = curves.values(&quantities);
    let mut series = Vec::with_capacity(count);
    for (group, (label, members)) in places.groups.iter().enumerate() {
        for (k, &quantity) in quantities.iter().enumerate() {
            let mut parts = vec![label.clone()];
            if quantities.len() > 1 {
                parts.insert(0, experiment.quantities[quantity].name.clone());
            }
            parts.retain(|part| !part.is_empty());
            let of = &curves.groups[group].1;
            series.push(Series {
                label: parts.join(", "),
                curve: (of.iter())
                    .map(|&i| (curves.place(i), values[i][k]))
                    .collect(),
                dashed: simulated,
                points: (members.iter())
                    .filter_map(|&i| {
                        let (y, error) = (*means.get(i)?.get(quantity)?)?;
                        Some(Point {
                            x: places.place(i),
                            y,
                            error,
                            hollow: false,
                        })
                    })
                    .collect(),
                ..Series::default()
            });
        }
    }
    let mut chart = Chart {
        title: title(experiment),
        x_label: match SETTINGS
            .iter()
            .position(|s| *s == experiment.axes[axis].name)
        {
            Some(known) => simulated::axis_label(known).to_owned(),
            None => experiment.axes[axis].name.clone(),
        },
        y_label: match quantities[..] {
            [one] => experiment.quantities[one].name.replace('_', " "),
            _ => String::new(),
        },
        series,
        ..Chart::default()
    };
    chart.y_range = heights(&chart, &places);
    chart.notes = notes(experiment, axis, simulated, &chart.series);
    Ok(chart)
}

/// What is said below: what the marks are, what stays fixed, and why curves break off.
fn notes(experiment: &Written, axis: usize, simulated: bool, series: &[Series]) -> Vec<String> {
    let marks = match simulated {
        true => {
            "Broken lines: deterministic equivalents. Points: simulation, bars of one standard error."
        }
        false => "Deterministic equivalents.",
    };
    let mut notes = vec![marks.to_owned()];
    let fixed: Vec<String> = (experiment.axes.iter().enumerate())
        .filter(|(i, other)| *i != axis && other.values.len() == 1)
        .map(|(_, other)| said(other, 0))
        .collect();
    if !fixed.is_empty() {
        notes.push(fixed.join(", "));
    }
    let breaks_off = |s: &Series| s.curve.iter().any(|(_, y)| y.is_nan());
    if series.iter().any(breaks_off) {
        let note = "A curve is interrupted where no equivalent is known, or there is no value.";
        notes.push(note.to_owned());
    }
    notes
}

/// The quantities that are drawn.
fn chosen(experiment: &Written, only: &[String]) -> Result<Vec<usize>, Failure> {
    if only.is_empty() {
        return Ok((0..experiment.quantities.len()).collect());
    }
    let find = |name: &String| {
        let named = experiment.quantities.iter().position(|q| q.name == *name);
        named.ok_or_else(|| {
            let names = experiment.quantities.iter().map(|q| q.name.as_str());
            let names: Vec<&str> = names.collect();
            let message = format!(
                "no quantity is called `{name}`: there are {}",
                names.join(", ")
            );
            Failure::Message(message)
        })
    };
    only.iter().map(find).collect()
}

/// `title` of the file.
fn title(experiment: &Written) -> String {
    let table: Option<toml::Table> = experiment.source.text.parse().ok();
    let title = table.as_ref().and_then(|table| table.get("title"));
    match (
        title.and_then(toml::Value::as_str),
        &experiment.quantities[..],
    ) {
        (Some(title), _) => title.to_owned(),
        (None, [one]) => one.name.replace('_', " "),
        (None, _) => "Predictions".to_owned(),
    }
}

/// The swept symbol with most values, the first of them in a tie.
fn axis(experiment: &Written) -> Option<usize> {
    let axes = experiment.axes.iter().enumerate().rev();
    axes.max_by_key(|(_, axis)| axis.values.len())
        .map(|(i, _)| i)
}

/// `name = value`
fn said(axis: &Axis, value: usize) -> String {
    let value = match axis.values.get(value).map(|quantity| &quantity.value) {
        Some(Value::Number(x)) => number(*x),
        Some(Value::Formula(expr)) => expr.to_string(),
        None => String::new(),
    };
    format!("{} = {value}", symbol(&axis.name))
}

/// A name as it stands in formulas.
fn symbol(name: &str) -> &str {
    let known = SETTINGS.iter().position(|known| *known == name);
    match known {
        Some(setting) => simulated::symbol(setting),
        None => name,
    }
}

/// The heights of what is swept, with its error bars: a peak between may leave the picture.
fn heights(chart: &Chart, places: &Curves<'_>) -> Option<(f64, f64)> {
    let swept: Vec<f64> = (0..places.points.len()).map(|i| places.place(i)).collect();
    let curves = chart.series.iter().flat_map(|s| &s.curve);
    let on_curves = curves.filter(|(x, _)| swept.contains(x)).map(|(_, y)| *y);
    let points = chart.series.iter().flat_map(|s| &s.points);
    let bars = points.flat_map(|p| [(p.y - p.error).max(0.5 * p.y), p.y + p.error]);
    simulated::around(on_curves.chain(bars))
}

/// Points of a sweep, by what they share across the axis.
struct Curves<'a> {
    experiment: &'a Written,
    points: Vec<WrittenPoint>,
    axis: usize,
    /// Labels, and points in order of the axis.
    groups: Vec<(String, Vec<usize>)>,
}

impl<'a> Curves<'a> {
    fn of(experiment: &'a Written, points: Vec<WrittenPoint>, axis: usize) -> Self {
        let axes = &experiment.axes;
        let stride = |i: usize| -> usize { axes[i + 1..].iter().map(|a| a.values.len()).product() };
        let mut curves = Self {
            experiment,
            points,
            axis,
            groups: Vec::new(),
        };
        // The places of a group's points differ by the axis alone.
        let mut keys: Vec<Vec<usize>> = Vec::new();
        for point in 0..curves.points.len() {
            let key: Vec<usize> = (0..axes.len())
                .map(|i| match i == axis {
                    true => 0,
                    false => point / stride(i) % axes[i].values.len(),
                })
                .collect();
            match keys.iter().position(|known| *known == key) {
                Some(at) => curves.groups[at].1.push(point),
                None => {
                    let parts: Vec<String> = (0..axes.len())
                        .filter(|&i| i != axis && axes[i].values.len() > 1)
                        .map(|i| said(&axes[i], key[i]))
                        .collect();
                    curves.groups.push((parts.join(", "), vec![point]));
                    keys.push(key);
                }
            }
        }
        let mut groups = std::mem::take(&mut curves.groups);
        for (_, members) in &mut groups {
            members.sort_by(|&a, &b| curves.place(a).total_cmp(&curves.place(b)));
        }
        curves.groups = groups;
        curves
    }

    /// Where a point lies along the axis.
    fn place(&self, point: usize) -> f64 {
        let at = self.points[point].at.get(self.axis);
        at.map_or(f64::NAN, |(_, x)| rational_to_f64(x))
    }

    /// Predicted values by point; NaN where there is none.
    fn values(&self, quantities: &[usize]) -> Vec<Vec<f64>> {
        self.points
            .par_iter()
            .map(|point| {
                let of = quantities.iter().map(|&q| &self.experiment.quantities[q]);
                of.map(|q| q.predict(point).unwrap_or(f64::NAN)).collect()
            })
            .collect()
    }
}

/// The experiment with more values along the axis; `None` where those are formulas, or too few.
fn refined(experiment: &Written, axis: usize) -> Option<Written> {
    let swept = &experiment.axes[axis];
    let numbers = swept.values.iter().map(|quantity| match &quantity.value {
        Value::Number(x) => Some(*x),
        Value::Formula(_) => None,
    });
    let mut all = numbers.collect::<Option<Vec<f64>>>()?;
    all.sort_by(f64::total_cmp);
    let (low, high) = (*all.first()?, *all.last()?);
    if !(low < high) {
        return None;
    }
    // A logarithmic axis begins at its first place above zero.
    let from = all.iter().copied().find(|x| *x > 0.0)?;
    let logarithmic = low >= 0.0 && high / from > 20.0;
    for i in 1..FINE {
        let share = i as f64 / FINE as f64;
        let x = match logarithmic {
            true => from * (high / from).powf(share),
            false => low + (high - low) * share,
        };
        all.push(if swept.whole { x.round() } else { x });
    }
    all.sort_by(f64::total_cmp);
    all.dedup();
    let mut fine = experiment.clone();
    fine.axes[axis].values = all.into_iter().map(Quantity::number).collect();
    Some(fine)
}

/// Simulates every point of the experiment as its file says.
///
/// # Errors
/// Where the sweep has no values.
pub fn simulate(experiment: &Written, threads: Option<NonZeroUsize>) -> Result<Means, Failure> {
    let points = experiment.points().map_err(Failure::Faults)?;
    let mut collected = Collected(vec![Vec::new(); points.len()]);
    experiment
        .sweep(
            &points,
            Shard::WHOLE,
            threads,
            &KnownDraws::new(),
            &mut collected,
        )
        .map_err(|error| Failure::Message(error.to_string()))?;
    Ok(collected.0)
}

struct Collected(Means);

impl DrawObserver for Collected {
    fn drawn(&mut self, _: usize, _: u64, _: &[f64]) -> io::Result<()> {
        Ok(())
    }

    fn finished(&mut self, cell: usize, outcome: Outcome, _: &[u64]) -> io::Result<()> {
        let mean = |s: Simulated| (s.mean, s.standard_error.unwrap_or(0.0));
        let found = outcome.into_iter().map(|one| one.ok().flatten().map(mean));
        self.0[cell] = found.collect();
        Ok(())
    }
}

/// Means from the rows that `resolvent simulate` wrote for this experiment, as CSV or JSON Lines.
///
/// # Errors
/// Where the text is no such thing, or no row is of a point of the sweep.
pub fn read(text: &str, experiment: &Written) -> Result<Means, Failure> {
    let data = |message: String| Failure::from(PlotError::Data { message });
    let points = experiment.points().map_err(Failure::Faults)?;
    let mut means: Means = vec![Vec::new(); points.len()];
    let mut take = |value: &dyn Fn(&str) -> Option<f64>| {
        let same = |point: &WrittenPoint| {
            point.at.iter().all(|(name, x)| {
                let x = rational_to_f64(x);
                value(name).is_some_and(|y| (x - y).abs() <= SAME * x.abs())
            })
        };
        if let Some(at) = points.iter().position(same) {
            let of = |name: &str, column: &str| match experiment.quantities.len() {
                1 => value(column),
                _ => value(&format!("{name}_{column}")),
            };
            let one = |name: &str| {
                let error = of(name, "standard_error").unwrap_or(0.0);
                Some((of(name, "mean")?, error))
            };
            means[at] = experiment.quantities.iter().map(|q| one(&q.name)).collect();
        }
    };
    if text.trim_start().starts_with('{') {
        for (line, row) in text.lines().enumerate() {
            let row: serde_json::Value = serde_json::from_str(row)
                .map_err(|error| data(format!("line {}: {error}", line + 1)))?;
            take(&|name| row.get(name).and_then(serde_json::Value::as_f64));
        }
    } else {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| data(error.to_string()))?;
        let header = header.clone();
        for row in reader.records() {
            let row = row.map_err(|error| data(error.to_string()))?;
            take(&|name| {
                let at = header.iter().position(|known| known == name)?;
                row.get(at)?.parse().ok()
            });
        }
    }
    if !means.iter().flatten().any(Option::is_some) {
        return Err(data(
            "no row has a mean at a point of the sweep: is this what `resolvent simulate` wrote for this experiment?"
                .to_owned(),
        ));
    }
    Ok(means)
}
