//! Where a claim fails: the values, both sides, and the path of a limit as a picture.

use std::fmt::Write;

use serde_json::Value;

use super::picture::path;
use super::text::escape;
use crate::plot::text::width;

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

/// `picture`: whether the path is to be drawn too.
pub(super) fn witness(row: &Value, picture: bool) -> String {
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
                format!(
                    "<p>Standard error of the difference: {}.</p>\n",
                    number(error)
                )
            });
        let _ = write!(
            out,
            "<table class=\"sides\"><tr><th scope=\"row\">left side</th><td>{left}</td></tr>\
             <tr><th scope=\"row\">right side</th><td>{right}</td></tr></table>\n{error}"
        );
    }
    if let Some(by) = witness["confirmed_by"].as_str() {
        let _ = writeln!(out, "<p>Confirmed by {}.</p>", escape(by));
    }
    if let Some(picture) = path(&witness["path"]).filter(|_| picture) {
        let _ = writeln!(out, "<figure>{picture}</figure>");
    }
    out.push_str("</div>\n");
    out
}

/// Room that a name takes in a picture.
pub(super) fn label_width(name: &str) -> f64 {
    width(name, 11.0)
}
