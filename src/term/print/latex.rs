//! Terms as LaTeX.

use super::MAX_LENGTH;
use super::typeset::{Fence, GREEK, Layout, Part, name_parts, typeset};
use crate::term::error::{EvaluationError, Outcome};
use crate::term::node::Id;
use crate::term::store::Store;

/// A term as LaTeX for math mode.
pub fn latex(store: &Store, id: Id) -> Outcome<String> {
    let mut out = String::new();
    write(&*typeset(store, id)?, &mut out);
    if out.len() > 10 * MAX_LENGTH {
        return Err(EvaluationError::Budget);
    }
    Ok(out)
}

fn braced(layout: &Layout, out: &mut String) {
    out.push('{');
    write(layout, out);
    out.push('}');
}

fn write(layout: &Layout, out: &mut String) {
    match layout {
        Layout::Row(parts) => {
            for part in parts {
                separate(part, out);
                write(part, out);
            }
        }
        Layout::Name(name) => write_name(name, out),
        Layout::Number(digits) => out.push_str(&scientific(digits)),
        Layout::Sign(text) => out.push_str(command(text)),
        Layout::Word(word) => out.push_str(&word_command(word)),
        Layout::Fraction(a, b) => {
            out.push_str("\\frac");
            braced(a, out);
            braced(b, out);
        }
        Layout::Root(x) => {
            out.push_str("\\sqrt");
            braced(x, out);
        }
        Layout::Above(base, above) => {
            braced(base, out);
            script('^', above, out);
        }
        Layout::Below(base, below) => {
            braced(base, out);
            script('_', below, out);
        }
        Layout::Both(base, below, above) => {
            braced(base, out);
            script('_', below, out);
            script('^', above, out);
        }
        Layout::Limits(sign, under, over) => {
            write(sign, out);
            script('_', under, out);
            if let Some(over) = over {
                script('^', over, out);
            }
            out.push(' ');
        }
        Layout::Fenced(fence, inner) => write_fenced(*fence, inner, out),
        Layout::Grid(rows) => {
            let cells = rows.iter().map(|row| row.iter().collect());
            write_table("bmatrix", cells, out);
        }
        Layout::Cases(cases) => {
            let cells = cases
                .iter()
                .map(|(value, condition)| vec![value, condition]);
            write_table("cases", cells, out);
        }
    }
}

fn script(mark: char, layout: &Layout, out: &mut String) {
    out.push(mark);
    braced(layout, out);
}

fn write_fenced(fence: Fence, inner: &Layout, out: &mut String) {
    let (open, close) = match fence {
        Fence::Round => ("(", ")"),
        Fence::Square => ("[", "]"),
        Fence::Bars => ("\\lvert ", "\\rvert "),
        Fence::Norm => ("\\lVert ", "\\rVert "),
        Fence::Floor => ("\\lfloor ", "\\rfloor "),
    };
    out.push_str("\\left");
    out.push_str(open);
    write(inner, out);
    out.push_str("\\right");
    out.push_str(close);
}

/// An environment of rows and columns.
fn write_table<'a>(environment: &str, rows: impl Iterator<Item = Vec<&'a Part>>, out: &mut String) {
    out.push_str(&format!("\\begin{{{environment}}}"));
    for (i, row) in rows.enumerate() {
        if i > 0 {
            out.push_str(" \\\\ ");
        }
        for (j, cell) in row.into_iter().enumerate() {
            if j > 0 {
                out.push_str(" & ");
            }
            write(cell, out);
        }
    }
    out.push_str(&format!("\\end{{{environment}}}"));
}

/// A space where a command would swallow the letter that follows.
fn separate(next: &Layout, out: &mut String) {
    let letter = matches!(next, Layout::Name(_));
    let command = out
        .rfind('\\')
        .is_some_and(|at| out[at + 1..].chars().all(|c| c.is_ascii_alphabetic()));
    if letter && command && out.rfind('\\').is_some_and(|at| at + 1 < out.len()) {
        out.push(' ');
    }
}

fn write_name(name: &str, out: &mut String) {
    let (letters, below) = name_parts(name);
    let greek = GREEK.iter().any(|(n, _)| *n == letters);
    match (greek, letters.chars().count()) {
        (true, _) => {
            out.push('\\');
            out.push_str(letters);
        }
        (false, 1) => out.push_str(letters),
        (false, _) => {
            out.push_str("\\mathrm{");
            out.push_str(&letters.replace('_', "\\_"));
            out.push('}');
        }
    }
    if !below.is_empty() {
        out.push_str("_{");
        if below.chars().all(|c| c.is_ascii_digit()) || below.chars().count() == 1 {
            out.push_str(below);
        } else {
            out.push_str("\\mathrm{");
            out.push_str(&below.replace('_', "\\_"));
            out.push('}');
        }
        out.push('}');
    }
}

/// `1e-7` as a power of ten.
fn scientific(digits: &str) -> String {
    match digits.split_once('e') {
        Some((mantissa, exponent)) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
        None => digits.to_owned(),
    }
}

fn command(sign: &'static str) -> &'static str {
    match sign {
        "−" => "-",
        "+" => " + ",
        "=" => " = ",
        "<" => " < ",
        ">" => " > ",
        "≤" => " \\le ",
        "≥" => " \\ge ",
        "∼" => " \\sim ",
        "≍" => " \\asymp ",
        "≲" => " \\lesssim ",
        "≳" => " \\gtrsim ",
        "→" => " \\to ",
        "∈" => " \\in ",
        "·" => " \\cdot ",
        "∞" => "\\infty ",
        "∑" => "\\sum",
        "∏" => "\\prod",
        "∫" => "\\int",
        "⊤" => "\\top",
        "†" => "\\dagger",
        "𝔼" => "\\mathbb{E}",
        "∣" => " \\mid ",
        "," => ", ",
        other => other,
    }
}

fn word_command(word: &str) -> String {
    match word {
        "exp" | "log" | "min" | "max" | "inf" | "sup" | "det" | "sin" | "cos" => {
            format!("\\{word}")
        }
        "arg min" => "\\operatorname*{arg\\,min}".to_owned(),
        "arg max" => "\\operatorname*{arg\\,max}".to_owned(),
        "d" => "\\,\\mathrm{d}".to_owned(),
        "if" | "and" | "or" | "otherwise" => format!("\\text{{ {word} }}"),
        _ => format!("\\operatorname{{{word}}}"),
    }
}
