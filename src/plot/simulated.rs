//! Rows of a sweep, predicted or simulated, arranged into curves: what runs along the axis, what tells curves apart.

use std::collections::BTreeSet;

use super::PlotError;
use super::chart::{Chart, MOST_SERIES, Mark, Point, Series};
use super::text::number;

/// Settings that may be swept, in the order in which they are preferred as the horizontal axis.
pub const SETTINGS: [&str; 7] = ["T", "lambda", "T0", "d", "sigma", "sigma0", "n"];

/// One point of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// In the order of [`SETTINGS`]; none where it has no meaning.
    pub settings: [Option<f64>; 7],
    pub test_error: Option<f64>,
    /// Bias and variance, and what the generations' noise adds.
    pub clean: Option<f64>,
    pub synthetic: Option<f64>,
    pub mean: Option<f64>,
    pub standard_error: Option<f64>,
}

/// Most rows that are read.
const MOST_ROWS: usize = 200_000;

/// Rows of `resolvent simulate` or `predict`, as CSV or JSON Lines.
pub fn read(text: &str) -> Result<Vec<Record>, PlotError> {
    let data = |message: String| PlotError::Data { message };
    let mut records = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    if text.trim_start().starts_with('{') {
        for (line, row) in text.lines().enumerate().take(MOST_ROWS) {
            let row: serde_json::Value = serde_json::from_str(row)
                .map_err(|error| data(format!("line {}: {error}", line + 1)))?;
            if let (true, Some(row)) = (columns.is_empty(), row.as_object()) {
                columns.extend(row.keys().cloned());
            }
            records.push(record(|name| {
                row.get(name).and_then(serde_json::Value::as_f64)
            }));
        }
    } else {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let header = reader
            .headers()
            .map_err(|error| data(error.to_string()))?
            .clone();
        columns.extend(header.iter().map(str::to_owned));
        for row in reader.records().take(MOST_ROWS) {
            let row = row.map_err(|error| data(error.to_string()))?;
            records.push(record(|name| {
                let at = header.iter().position(|known| known == name)?;
                row.get(at)?.parse().ok()
            }));
        }
    }
    if columns.contains(&"note".to_owned()) && !columns.contains(&"bias".to_owned()) {
        return Err(data(
            "these rows are of an experiment with [predict]: draw its file, with these as --data"
                .to_owned(),
        ));
    }
    let drawable = |r: &Record| r.mean.is_some() || r.test_error.is_some();
    if !records.iter().any(drawable) {
        return Err(data(
            "no row has a mean or a test_error: is this what `resolvent simulate` or `predict` wrote?"
                .to_owned(),
        ));
    }
    Ok(records)
}

fn record(value: impl Fn(&str) -> Option<f64>) -> Record {
    let clean = match (value("bias"), value("variance")) {
        (Some(bias), Some(variance)) => Some(bias + variance),
        _ => None,
    };
    Record {
        settings: SETTINGS.map(&value),
        test_error: value("test_error"),
        clean,
        synthetic: value("synthetic"),
        mean: value("mean"),
        standard_error: value("standard_error"),
    }
}

/// The number of the setting that runs along the axis: the one with the most values, the first of [`SETTINGS`] in a tie.
pub fn axis(records: &[Record]) -> usize {
    let count = |i: usize| {
        let values = records.iter().filter_map(|r| r.settings[i]);
        values.map(f64::to_bits).collect::<BTreeSet<u64>>().len()
    };
    (0..SETTINGS.len())
        .rev()
        .max_by_key(|&i| count(i))
        .unwrap_or(0)
}

/// The settings that tell curves apart: those that vary where the axis stands still, and do not follow from others.
fn keys(records: &[Record], axis: usize) -> Vec<usize> {
    let follows = |i: usize, given: &[usize]| {
        let mut seen: Vec<(Vec<Option<u64>>, u64)> = Vec::new();
        records.iter().all(|r| {
            let Some(value) = r.settings[i] else {
                return true;
            };
            let from: Vec<Option<u64>> = given
                .iter()
                .map(|&k| r.settings[k].map(f64::to_bits))
                .collect();
            match seen.iter().find(|(known, _)| *known == from) {
                Some((_, known)) => *known == value.to_bits(),
                None => {
                    seen.push((from, value.to_bits()));
                    true
                }
            }
        })
    };
    let mut given = vec![axis];
    // n first: it is what chains are about.
    for i in [6, 3, 2, 1, 4, 5, 0] {
        if i != axis && !follows(i, &given) {
            given.push(i);
        }
    }
    given.remove(0);
    given
}

/// Records of one curve, by their settings.
#[derive(Clone, Debug)]
pub struct Group {
    pub key: Vec<Option<f64>>,
    pub label: String,
    pub records: Vec<Record>,
}

/// Curves, in the order of their first rows, each sorted along the axis.
pub fn groups(records: &[Record], axis: usize) -> Result<Vec<Group>, PlotError> {
    let keys = keys(records, axis);
    let mut groups: Vec<Group> = Vec::new();
    for record in records {
        if record.settings[axis].is_none() {
            continue;
        }
        let key: Vec<Option<f64>> = keys.iter().map(|&i| record.settings[i]).collect();
        match groups.iter_mut().find(|group| group.key == key) {
            Some(group) => group.records.push(record.clone()),
            None => {
                let label: Vec<String> = keys
                    .iter()
                    .zip(&key)
                    .filter_map(|(&i, value)| {
                        Some(format!("{} = {}", symbol(i), number((*value)?)))
                    })
                    .collect();
                groups.push(Group {
                    key,
                    label: label.join(", "),
                    records: vec![record.clone()],
                });
            }
        }
        if groups.len() > MOST_SERIES {
            return Err(PlotError::Crowded {
                what: "the sweep".to_owned(),
                count: groups.len(),
                of: "curves or more",
                most: MOST_SERIES,
            });
        }
    }
    for group in &mut groups {
        group.records.sort_by(|a, b| {
            let at = |r: &Record| r.settings[axis].unwrap_or(f64::NAN);
            at(a).total_cmp(&at(b))
        });
    }
    Ok(groups)
}

/// As it stands in formulas.
pub fn symbol(setting: usize) -> &'static str {
    ["T", "λ", "T_0", "d", "σ", "σ_0", "n"][setting]
}

/// What an axis says.
pub fn axis_label(setting: usize) -> &'static str {
    [
        "sample size T",
        "ridge λ",
        "sample size of the generations T_0",
        "dimension d",
        "noise σ",
        "noise of the generations σ_0",
        "generations n",
    ][setting]
}

/// The picture of these records.
pub fn chart(records: &[Record], title: String) -> Result<Chart, PlotError> {
    let axis = axis(records);
    let groups = groups(records, axis)?;
    let simulated = records.iter().any(|r| r.mean.is_some());
    let mut chart = Chart {
        title,
        x_label: axis_label(axis).to_owned(),
        y_label: "test error".to_owned(),
        series: groups
            .iter()
            .map(|group| series(group, axis, simulated))
            .collect(),
        marks: marks(records, axis),
        ..Chart::default()
    };
    chart.y_range = y_range(records);
    describe(&mut chart, records, axis);
    Ok(chart)
}

/// One curve; broken where simulation stands beside it.
pub fn series(group: &Group, axis: usize, dashed: bool) -> Series {
    let place = |r: &Record| r.settings[axis].unwrap_or(f64::NAN);
    let mut series = Series {
        label: group.label.clone(),
        dashed,
        ..Series::default()
    };
    for record in &group.records {
        if let Some(y) = record.test_error {
            series.curve.push((place(record), y));
        }
        if let Some(y) = record.mean {
            series.points.push(Point {
                x: place(record),
                y,
                error: record.standard_error.unwrap_or(0.0),
                hollow: false,
            });
        }
    }
    series.rings = rings(&group.records, axis);
    series
}

/// Where the generations' noise overtakes the rest; along a ridge axis, the best ridge.
fn rings(records: &[Record], axis: usize) -> Vec<(f64, f64)> {
    let place = |r: &Record| r.settings[axis].unwrap_or(f64::NAN);
    if SETTINGS[axis] == "lambda" {
        let known: Vec<(f64, f64)> = records
            .iter()
            .filter_map(|r| Some((place(r), r.test_error.filter(|e| e.is_finite())?)))
            .collect();
        let best = known.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
        return best.into_iter().collect();
    }
    let mut rings = Vec::new();
    for pair in records.windows(2) {
        let excess = |r: &Record| {
            let excess = (r.synthetic? / r.clean?).ln();
            excess.is_finite().then_some(excess)
        };
        let (Some(a), Some(b)) = (excess(&pair[0]), excess(&pair[1])) else {
            continue;
        };
        if a < 0.0 && b >= 0.0 {
            let share = a / (a - b);
            let between = |f: fn(&Record) -> Option<f64>| {
                let (from, to) = (f(&pair[0])?, f(&pair[1])?);
                Some(if from > 0.0 && to > 0.0 {
                    from * (to / from).powf(share)
                } else {
                    from + (to - from) * share
                })
            };
            let x = place(&pair[0]) * (place(&pair[1]) / place(&pair[0])).powf(share);
            if let Some(y) = between(|r| r.test_error) {
                rings.push((x, y));
            }
        }
    }
    rings
}

/// `T = d` and `T = T_0`, where they are single places of the axis.
pub fn marks(records: &[Record], axis: usize) -> Vec<Mark> {
    let single = |i: usize| {
        let values: BTreeSet<u64> = records
            .iter()
            .filter_map(|r| r.settings[i])
            .map(f64::to_bits)
            .collect();
        match values.len() {
            1 => values.first().copied().map(f64::from_bits),
            _ => None,
        }
    };
    let mut marks = Vec::new();
    for (along, other) in [(0, 3), (0, 2), (2, 3), (2, 0), (3, 0), (3, 2)] {
        if along == axis
            && let Some(at) = single(other)
            && at.is_finite()
        {
            marks.push(Mark {
                at,
                label: format!("{} = {}", symbol(along), symbol(other)),
            });
        }
    }
    marks
}

/// Of what the rows hold: a peak between them may leave the picture.
fn y_range(records: &[Record]) -> Option<(f64, f64)> {
    let values = records.iter().flat_map(|r| [r.test_error, r.mean]);
    around(values.flatten())
}

/// With some room on both sides.
pub(super) fn around(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for y in values.filter(|y| y.is_finite()) {
        low = low.min(y);
        high = high.max(y);
    }
    if low > high {
        return None;
    }
    Some(if low > 0.0 && high / low >= 20.0 {
        (low / 1.4, high * 1.6)
    } else {
        let width = (high - low).max(1e-3 * high.abs()).max(1e-300);
        (
            (low - 0.08 * width)
                .min(if low >= 0.0 { low } else { f64::INFINITY })
                .max(if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY }),
            high + 0.1 * width,
        )
    })
}

/// Names the curves that lie on one another, of which only the last is seen.
fn coinciding(chart: &Chart) -> Option<String> {
    let same = |a: &Series, b: &Series| {
        a.curve.len() == b.curve.len()
            && a.curve
                .iter()
                .zip(&b.curve)
                .all(|(p, q)| p == q || (p.1 - q.1).abs() <= 1e-9 * p.1.abs().max(q.1.abs()))
    };
    let last = chart.series.last().filter(|s| !s.curve.is_empty())?;
    let labels: Vec<&str> = chart
        .series
        .iter()
        .filter(|series| same(series, last))
        .map(|series| series.label.as_str())
        .collect();
    (labels.len() > 1).then(|| format!("One curve on top of another: {}.", labels.join("; ")))
}

/// What lines, points and rings mean, and what all rows share.
pub fn describe(chart: &mut Chart, records: &[Record], axis: usize) {
    let points = chart.series.iter().any(|s| !s.points.is_empty());
    let curves = chart.series.iter().any(|s| !s.curve.is_empty());
    let mut notes = Vec::new();
    match (points, curves) {
        (true, true) => notes.push(
            "Broken lines: deterministic equivalents. Points: simulation, bars of one standard error.",
        ),
        (true, false) => notes.push("Points: simulation, bars of one standard error."),
        _ => notes.push("Deterministic equivalents."),
    }
    if chart.series.iter().any(|s| !s.rings.is_empty()) {
        notes.push(if SETTINGS[axis] == "lambda" {
            "Ring: the best ridge."
        } else {
            "Ring: from here on the noise of the synthetic labels is the larger part."
        });
    }
    chart.ring_label = chart.series.iter().any(|s| !s.rings.is_empty()).then(|| {
        if SETTINGS[axis] == "lambda" {
            "best ridge"
        } else {
            "synthetic noise takes over"
        }
        .to_owned()
    });
    chart.notes.push(notes.join(" "));
    chart.notes.extend(coinciding(chart));
    let fixed: Vec<String> = [3, 2, 0, 1, 4, 5, 6]
        .into_iter()
        .filter(|&i| i != axis)
        .filter_map(|i| {
            let values: BTreeSet<u64> = records
                .iter()
                .filter_map(|r| r.settings[i])
                .map(f64::to_bits)
                .collect();
            let single = (values.len() == 1)
                .then(|| values.first().copied())
                .flatten()?;
            Some(format!(
                "{} = {}",
                symbol(i),
                number(f64::from_bits(single))
            ))
        })
        .collect();
    if !fixed.is_empty() {
        chart.notes.push(fixed.join(", "));
    }
}
