//! A value of a table: as an interval that holds it, and as it is printed.

use num_rational::BigRational;
use num_traits::Signed;

use crate::number::rational_from_f64;

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

impl Enclosure {
    /// A value with a relative error.
    pub(super) fn around(value: f64, relative_error: f64) -> Result<Self, String> {
        let not_finite = || "a value that is not finite".to_owned();
        let middle = rational_from_f64(value).ok_or_else(not_finite)?;
        let share = rational_from_f64(relative_error).ok_or_else(not_finite)?;
        let radius = middle.abs() * share;
        Ok(Self {
            low: &middle - &radius,
            high: &middle + &radius,
        })
    }
}
