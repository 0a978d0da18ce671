//! A claim as a picture in the page.

use serde_json::Value;

use super::page::Entry;
use crate::plot::chart::{Chart, Mark, Point, Series};
use crate::plot::claim::{Background, chart};
use crate::plot::{Theme, svg, theme::Colour};

/// What the picture of a claim that fails may cost, and of one that holds, see [`crate::budget`].
const FAILING: u64 = 8_000_000_000;
const HOLDING: u64 = 100_000_000;

/// Both sides of a claim; at its witness and beside what holds instead, where it fails.
pub(super) fn picture(entry: &Entry, all: &[Entry]) -> Option<String> {
    let claim = entry.claim?;
    let witness = entry.report.witness.as_ref();
    if witness.is_none() && entry.is_step() {
        return None;
    }
    let instead = claim.instead.as_ref().and_then(|id| {
        let other = |e: &&Entry| e.report.file == entry.report.file && e.report.id == *id;
        all.iter().find(other)?.claim
    });
    let background = Background {
        witness,
        reason: entry.report.reason.as_deref(),
        instead,
        at: &[],
        others: match (witness, instead) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) => 1,
            (None, _) => 3,
        },
        work: if witness.is_some() { FAILING } else { HOLDING },
    };
    let mut chart = chart(claim, &background).ok()?;
    // The formula stands above.
    let title = std::mem::take(&mut chart.title);
    let mut scene = chart.draw(Theme::Light).ok()?;
    scene.title = title;
    Some(themed(&svg::render(&scene)))
}

/// The ratio of both sides along a limit's path.
pub(super) fn path(path: &Value) -> Option<String> {
    let stations: Vec<(f64, f64)> = path
        .as_array()?
        .iter()
        .filter_map(|station| {
            let (at, lhs, rhs) = (
                station["at"].as_f64()?,
                station["lhs"].as_f64()?,
                station["rhs"].as_f64()?,
            );
            let ratio = lhs / rhs;
            ratio.is_finite().then_some((at, ratio))
        })
        .collect();
    if stations.len() < 2 {
        return None;
    }
    let chart = Chart {
        x_label: "limit variable".to_owned(),
        y_label: "left side / right side".to_owned(),
        series: vec![Series {
            curve: stations.clone(),
            points: stations
                .iter()
                .map(|&(x, y)| Point {
                    x,
                    y,
                    error: 0.0,
                    hollow: false,
                })
                .collect(),
            ..Series::default()
        }],
        levels: vec![Mark {
            at: 1.0,
            label: "equal".to_owned(),
        }],
        ..Chart::default()
    };
    let scene = chart.draw(Theme::Light).ok()?;
    Some(themed(&svg::render(&scene)))
}

/// Colours become those of the page, light or dark.
fn themed(svg: &str) -> String {
    let theme = Theme::Light;
    let mut names: Vec<(Colour, String)> = vec![
        (theme.background(), "--paper".to_owned()),
        (theme.ink(), "--ink".to_owned()),
        (theme.muted(), "--muted".to_owned()),
        (theme.grid(), "--line".to_owned()),
    ];
    names.extend((0..7).map(|i| (theme.series(i), format!("--series-{i}"))));
    let mut out = svg.to_owned();
    for (colour, name) in names {
        for attribute in ["fill", "stroke"] {
            out = out.replace(
                &format!("{attribute}=\"{}\"", colour.hex()),
                &format!("{attribute}=\"var({name})\""),
            );
        }
    }
    out
}

/// The colours of series, light and dark, as variables of the page.
pub(super) fn colours(theme: Theme) -> String {
    (0..7)
        .map(|i| format!("--series-{i}:{};", theme.series(i).hex()))
        .collect()
}
