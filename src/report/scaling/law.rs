//! Powers of `T`, and laws of exponents, as they are written.

use std::fmt::Write as _;

use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct LawReport {
    pub constant: String,
    pub slopes: Vec<(&'static str, String)>,
}

/// `-3/4 ell`, `1/2 ell + a - b`.
pub(super) fn affine_text(law: &LawReport) -> String {
    let mut text = String::new();
    let mut push = |slope: &str, name: &str| {
        let (negative, size) = match slope.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, slope),
        };
        let sign = match (text.is_empty(), negative) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text.push_str(sign);
        match (size, name) {
            ("1", name) if !name.is_empty() => text.push_str(name),
            (size, "") => text.push_str(size),
            (size, name) => {
                text.push_str(size);
                text.push(' ');
                text.push_str(name);
            }
        }
    };
    for (name, slope) in &law.slopes {
        push(slope, name);
    }
    if law.constant != "0" || law.slopes.is_empty() {
        push(&law.constant, "");
    }
    text
}

/// In parentheses where it is a quotient.
pub(super) fn fraction(text: &str) -> String {
    if text.contains('/') {
        format!("({text})")
    } else {
        text.to_owned()
    }
}

pub(super) fn power_text(power: Option<&str>, log: Option<&str>) -> String {
    let mut text = match power {
        None => return "0".to_owned(),
        Some("0") => "1".to_owned(),
        Some("1") => "T".to_owned(),
        Some(power) => format!("T^{}", fraction(power)),
    };
    match log {
        None => {}
        Some("1") => text.push_str(" log T"),
        Some(log) => {
            let _ = write!(text, " (log T)^{log}");
        }
    }
    text
}
