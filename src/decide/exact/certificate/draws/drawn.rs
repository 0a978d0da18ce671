//! Numbers and matrices of one draw as Rocq writes them.

use super::super::super::fraction::Fraction;
use crate::term::{EvaluationError, Outcome};

/// A number or a matrix in Rocq.
#[derive(Clone, Debug)]
pub enum Drawn {
    Number {
        text: String,
        exact: Fraction,
    },
    /// Rows and columns, in Rocq; the identity has any.
    Matrix {
        text: String,
        size: Option<(String, String)>,
    },
    /// A matrix of one row and one column.
    Form(String),
}

/// `a AB + b`, where that is what a matrix is.
#[derive(Clone)]
pub struct Shifted {
    pub scale: String,
    pub first: String,
    pub second: String,
    pub shift: String,
}

/// `scale a (mul A B)` and `scale b one`.
pub fn shifted(x: &str, y: &str) -> Option<Shifted> {
    let (a, b) = if y.ends_with(" one)") { (x, y) } else { (y, x) };
    let shift = b.strip_prefix("(scale ")?.strip_suffix(" one)")?;
    let (scale, product) = match a.strip_prefix("(scale ") {
        Some(inner) => {
            let at = inner.find(" (mul ")?;
            (&inner[..at], inner[at + 1..].strip_suffix(')')?)
        }
        None => ("1", a),
    };
    let inner = product.strip_prefix("(mul ")?.strip_suffix(')')?;
    let (first, second) = if let Some(rest) = inner.strip_prefix("(flip ") {
        let end = rest.find(')')?;
        (&inner[.."(flip ".len() + end + 1], rest[end + 1..].trim())
    } else {
        inner.split_once(' ')?
    };
    Some(Shifted {
        scale: scale.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
        shift: shift.to_owned(),
    })
}

pub fn flipped(x: Drawn) -> Drawn {
    match x {
        Drawn::Matrix { text, size } if text != "one" => Drawn::Matrix {
            text: format!("(flip {text})"),
            size: size.map(|(a, b)| (b, a)),
        },
        Drawn::Form(text) => Drawn::Form(format!("(flip {text})")),
        same => same,
    }
}

pub fn times(a: Drawn, b: Drawn) -> Outcome<Drawn> {
    match (a, b) {
        (Drawn::Number { text: x, exact: f }, Drawn::Number { text: y, exact: g }) => {
            Ok(Drawn::Number {
                text: format!("({x} * {y})"),
                exact: f.mul(&g),
            })
        }
        (Drawn::Number { text: x, .. }, Drawn::Matrix { text, size })
        | (Drawn::Matrix { text, size }, Drawn::Number { text: x, .. }) => Ok(Drawn::Matrix {
            text: format!("(scale {x} {text})"),
            size,
        }),
        (Drawn::Number { text: x, .. }, Drawn::Form(text))
        | (Drawn::Form(text), Drawn::Number { text: x, .. }) => {
            Ok(Drawn::Form(format!("(scale {x} {text})")))
        }
        (Drawn::Matrix { text: x, size: s }, Drawn::Matrix { text: y, size: t }) => {
            let text = format!("(mul {x} {y})");
            let size = match (s, t) {
                (Some((rows, _)), Some((_, columns))) => Some((rows, columns)),
                (s, t) => s.or(t),
            };
            if size.as_ref().is_some_and(|(a, b)| a == "1" && b == "1") {
                return Ok(Drawn::Form(text));
            }
            Ok(Drawn::Matrix { text, size })
        }
        _ => Err(EvaluationError::unsupported("such a product of forms")),
    }
}

pub fn minus(x: Drawn) -> Drawn {
    match x {
        Drawn::Number { text, exact } => Drawn::Number {
            text: format!("(- {text})"),
            exact: exact.neg(),
        },
        Drawn::Matrix { text, size } => Drawn::Matrix {
            text: format!("(scale (- 1) {text})"),
            size,
        },
        Drawn::Form(text) => Drawn::Form(format!("(scale (- 1) {text})")),
    }
}
