//! Where a claim fails: the values, both sides, and the path of a limit as a picture.

use std::fmt::Write;

use serde_json::Value;

use super::escape;
use crate::plot::chart::{Chart, Mark, Point, Series};
use crate::plot::svg;
use crate::plot::text::width;
use crate::plot::{Theme, theme::Colour};

/// As many digits as show something.
pub(super) fn number(x: f64) -> String {
    if x == 0.0 || (x.fract() == 0.0 && x.abs() < 1e9) {
        return format!("{x}");
    }
    if (1e-3..1e6).contains(&x.abs()) {
        let text = format!("{x:.6}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format!("{x:.3e}")
}

/// Both sides, to the digit in which they differ.
fn sides(lhs: f64, rhs: f64) -> (String, String) {
    let shown = |digits: usize| (format!("{lhs:.digits$e}"), format!("{rhs:.digits$e}"));
    for digits in 5..17 {
        let (a, b) = shown(digits);
        if a != b {
            let digits = (digits + 2).min(17);
            return if (1e-3..1e6).contains(&lhs.abs())
                && (1e-3..1e6).contains(&rhs.abs())
                && digits < 9
            {
                (number(lhs), number(rhs))
            } else {
                shown(digits)
            };
        }
    }
    shown(17)
}

pub(super) fn witness(row: &Value) -> String {
    let witness = &row["witness"];
    if !witness.is_object() {
        return String::new();
    }
    let mut out = String::from("<div class=\"witness\"><h4>Where it fails</h4>\n");
    if let Some(symbols) = witness["symbols"].as_object() {
        out.push_str("<table><thead><tr>");
        for name in symbols.keys() {
            let _ = write!(out, "<th scope=\"col\">{}</th>", escape(name));
        }
        out.push_str("</tr></thead><tbody><tr>");
        for value in symbols.values() {
            let shown = value.as_f64().map_or_else(|| value.to_string(), number);
            let _ = write!(out, "<td>{}</td>", escape(&shown));
        }
        out.push_str("</tr></tbody></table>\n");
    }
    let list = |key: &str| -> Option<String> {
        let values: Vec<f64> = witness[key]
            .as_array()?
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        (!values.is_empty()).then(|| {
            let shown: Vec<String> = values.iter().take(12).map(|x| number(*x)).collect();
            let more = if values.len() > 12 { ", …" } else { "" };
            format!("{}{more}", shown.join(", "))
        })
    };
    if let Some(values) = list("spectrum") {
        let _ = writeln!(out, "<p>Eigenvalues of Σ: {values}</p>");
    }
    if let Some(values) = list("target") {
        let _ = writeln!(out, "<p>Squared coefficients of w0: {values}</p>");
    }
    if let (Some(lhs), Some(rhs)) = (witness["lhs"].as_f64(), witness["rhs"].as_f64()) {
        let (left, right) = sides(lhs, rhs);
        let error = witness["standard_error"]
            .as_f64()
            .map_or(String::new(), |error| {
                format!(" (standard error of the difference {})", number(error))
            });
        let _ = writeln!(
            out,
            "<table class=\"sides\"><tr><th scope=\"row\">left side</th><td>{left}</td></tr>\
             <tr><th scope=\"row\">right side</th><td>{right}</td></tr></table><p>{error}</p>"
        );
    }
    if let Some(by) = witness["confirmed_by"].as_str() {
        let _ = writeln!(out, "<p>Confirmed by {}.</p>", escape(by));
    }
    if let Some(picture) = path(&witness["path"]) {
        let _ = writeln!(out, "<figure>{picture}</figure>");
    }
    out.push_str("</div>\n");
    out
}

/// The ratio of both sides along a limit's path.
fn path(path: &Value) -> Option<String> {
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
pub(super) fn themed(svg: &str) -> String {
    let theme = Theme::Light;
    let names: [(Colour, &str); 5] = [
        (theme.background(), "var(--paper)"),
        (theme.ink(), "var(--ink)"),
        (theme.muted(), "var(--muted)"),
        (theme.grid(), "var(--line)"),
        (theme.series(0), "var(--accent)"),
    ];
    let mut out = svg.to_owned();
    for (colour, name) in names {
        for attribute in ["fill", "stroke"] {
            out = out.replace(
                &format!("{attribute}=\"{}\"", colour.hex()),
                &format!("{attribute}=\"{name}\""),
            );
        }
    }
    out
}

/// Room that a name takes in a picture.
pub(super) fn label_width(name: &str) -> f64 {
    width(name, 11.0)
}
