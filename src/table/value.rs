//! A value of a table: as an interval that holds it, and as it is printed.

use num_rational::BigRational;

/// A printed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Every digit certain; fewer digits than asked for, where more are not certain.
    Certain { text: String, digits: usize },
    /// A value of the grid, in full.
    Exact(String),
    /// There is no value, and why.
    None { reason: String },
}

impl Cell {
    pub fn text(&self) -> &str {
        match self {
            Cell::Certain { text, .. } | Cell::Exact(text) => text,
            Cell::None { .. } => "nan",
        }
    }

    pub fn to_f64(&self) -> f64 {
        match self.text() {
            "inf" => f64::INFINITY,
            text => match text.split_once('/') {
                Some((a, b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => a / b,
                    _ => f64::NAN,
                },
                None => text.parse().unwrap_or(f64::NAN),
            },
        }
    }
}

/// An interval that holds a value, and how it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Enclosure {
    pub low: BigRational,
    pub high: BigRational,
}
