//! Terms as MathML.

use super::MAX_LENGTH;
use super::typeset::{Fence, GREEK, Layout, name_parts, typeset};
use crate::term::error::{EvaluationError, Outcome};
use crate::term::node::Id;
use crate::term::store::Store;

/// A term as the inside of a MathML element.
pub fn mathml(store: &Store, id: Id) -> Outcome<String> {
    let mut out = String::new();
    write(&*typeset(store, id)?, &mut out);
    if out.len() > 40 * MAX_LENGTH {
        return Err(EvaluationError::Budget);
    }
    Ok(out)
}

fn element(name: &str, parts: &[&Layout], out: &mut String) {
    out.push_str(&format!("<{name}>"));
    for part in parts {
        write(part, out);
    }
    out.push_str(&format!("</{name}>"));
}

fn leaf(name: &str, text: &str, out: &mut String) {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    out.push_str(&format!("<{name}>{text}</{name}>"));
}

fn write(layout: &Layout, out: &mut String) {
    match layout {
        Layout::Row(parts) => {
            let parts: Vec<&Layout> = parts.iter().map(|p| &**p).collect();
            element("mrow", &parts, out);
        }
        Layout::Name(name) => write_name(name, out),
        Layout::Number(digits) => write_number(digits, out),
        // An invisible product.
        Layout::Sign("") => leaf("mo", "\u{2062}", out),
        Layout::Sign("∞") => leaf("mi", "∞", out),
        Layout::Sign("𝔼") => leaf("mi", "𝔼", out),
        Layout::Sign(text) => leaf("mo", text, out),
        Layout::Word(word @ ("if" | "and" | "or" | "otherwise")) => {
            leaf("mtext", &format!("\u{a0}{word}\u{a0}"), out);
        }
        Layout::Word(word) => leaf("mi", word, out),
        Layout::Fraction(a, b) => element("mfrac", &[a, b], out),
        Layout::Root(x) => element("msqrt", &[x], out),
        Layout::Above(base, above) => element("msup", &[base, above], out),
        Layout::Below(base, below) => element("msub", &[base, below], out),
        Layout::Both(base, below, above) => element("msubsup", &[base, below, above], out),
        Layout::Limits(sign, under, Some(over)) => element("munderover", &[sign, under, over], out),
        Layout::Limits(sign, under, None) => element("munder", &[sign, under], out),
        Layout::Fenced(fence, inner) => {
            let (open, close) = match fence {
                Fence::Round => ("(", ")"),
                Fence::Square => ("[", "]"),
                Fence::Bars => ("|", "|"),
                Fence::Norm => ("‖", "‖"),
                Fence::Floor => ("⌊", "⌋"),
            };
            out.push_str("<mrow>");
            out.push_str(&format!("<mo>{open}</mo>"));
            write(inner, out);
            out.push_str(&format!("<mo>{close}</mo></mrow>"));
        }
        Layout::Grid(rows) => {
            out.push_str("<mrow><mo>[</mo><mtable>");
            for row in rows {
                out.push_str("<mtr>");
                for block in row {
                    out.push_str("<mtd>");
                    write(block, out);
                    out.push_str("</mtd>");
                }
                out.push_str("</mtr>");
            }
            out.push_str("</mtable><mo>]</mo></mrow>");
        }
        Layout::Cases(cases) => {
            out.push_str("<mrow><mo>{</mo><mtable>");
            for (value, condition) in cases {
                out.push_str("<mtr><mtd>");
                write(value, out);
                out.push_str("</mtd><mtd>");
                write(condition, out);
                out.push_str("</mtd></mtr>");
            }
            out.push_str("</mtable></mrow>");
        }
    }
}

fn write_name(name: &str, out: &mut String) {
    let (letters, below) = name_parts(name);
    let greek = GREEK.iter().find(|(n, _)| *n == letters);
    let letters = greek.map_or_else(|| letters.to_owned(), |(_, c)| c.to_string());
    if below.is_empty() {
        return leaf("mi", &letters, out);
    }
    out.push_str("<msub>");
    leaf("mi", &letters, out);
    let digits = below.chars().all(|c| c.is_ascii_digit());
    leaf(if digits { "mn" } else { "mi" }, below, out);
    out.push_str("</msub>");
}

fn write_number(digits: &str, out: &mut String) {
    match digits.split_once('e') {
        Some((mantissa, exponent)) => {
            out.push_str("<mrow>");
            leaf("mn", mantissa, out);
            leaf("mo", "·", out);
            out.push_str("<msup>");
            leaf("mn", "10", out);
            leaf("mn", exponent, out);
            out.push_str("</msup></mrow>");
        }
        None => leaf("mn", digits, out),
    }
}
