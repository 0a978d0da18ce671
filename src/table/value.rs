//! A value of a table: what is known of it, and how it is printed.

use std::fmt::Display;

use num_rational::BigRational;
use num_traits::Signed;

use super::decimal;
use crate::number::{Estimate, Precise, Real, bits_for_digits, rational_from_f64, with_precision};

/// A printed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Every digit certain; fewer digits than asked for, where more are not certain.
    Certain { text: String, digits: usize },
    /// The digits that an estimated error leaves: nothing bounds how far they are off.
    Estimated { text: String, digits: usize },
    /// A value of the grid, in full.
    Exact(String),
    /// There is no value, and why.
    None { reason: String },
}

impl Cell {
    pub fn text(&self) -> &str {
        match self {
            Cell::Certain { text, .. } | Cell::Estimated { text, .. } | Cell::Exact(text) => text,
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

/// An interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub low: BigRational,
    pub high: BigRational,
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// It lies in this interval.
    Enclosed(Range),
    /// By an estimate of its error, which bounds nothing, it lies here.
    Estimated(Range),
}

/// Estimates of errors are trusted this far: digits are kept only well above them.
const CAUTION: f64 = 64.0;
/// Precision is doubled this often.
const RAISES: usize = 5;
/// Values of about 1e±9000 and beyond are not printed: fractions of enormous numbers would be exact for ever.
const LARGEST_BITS: u64 = 30_000;

impl Range {
    fn around(value: f64, relative_error: f64) -> Result<Self, String> {
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

impl Found {
    /// A value with a bound on its relative error.
    pub(super) fn within(value: f64, relative_error: f64) -> Result<Self, String> {
        Range::around(value, relative_error).map(Found::Enclosed)
    }

    pub(super) fn estimated(estimate: Estimate) -> Result<Self, String> {
        let error = CAUTION * estimate.relative_error;
        Range::around(estimate.value, error).map(Found::Estimated)
    }

    pub(super) fn of(ball: &Precise) -> Result<Self, String> {
        let end = |x: &Precise| {
            x.rational_midpoint()
                .filter(|x| x.numer().bits() + x.denom().bits() <= LARGEST_BITS)
                .ok_or_else(|| "a value beyond what is printed".to_owned())
        };
        Ok(Found::Enclosed(Range {
            low: end(&ball.lower_end())?,
            high: end(&ball.upper_end())?,
        }))
    }

    /// The narrowest ball of a value that is computed at ever higher precision, until so many digits are certain, or an error is
    /// `final_at_once`: more precision does not mend it.
    pub(super) fn narrowed<E: Display>(
        digits: usize,
        value: impl Fn() -> Result<Precise, E>,
        final_at_once: impl Fn(&E) -> bool,
    ) -> Result<Self, String> {
        let width = |found: &Found| &found.range().high - &found.range().low;
        let mut bits = bits_for_digits(digits + 4);
        let mut best: Option<Found> = None;
        let mut failure = String::new();
        for _ in 0..RAISES {
            let value = with_precision(bits, || value().map(|ball| Found::of(&ball)));
            let found = match value {
                Ok(found) => found,
                Err(error) if final_at_once(&error) => return Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            match found {
                Ok(found) => {
                    let range = found.range();
                    let certain = decimal::certain(&range.low, &range.high, digits)
                        .is_some_and(|(_, certain)| certain == digits);
                    if best
                        .as_ref()
                        .is_none_or(|best| width(&found) <= width(best))
                    {
                        best = Some(found);
                    }
                    if certain {
                        break;
                    }
                }
                Err(error) => failure = error,
            }
            bits *= 2;
        }
        best.ok_or(failure)
    }

    pub fn range(&self) -> &Range {
        match self {
            Found::Enclosed(range) | Found::Estimated(range) => range,
        }
    }
}
