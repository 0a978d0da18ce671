//! Tables of experiments whose estimators are written in formulas: predictions beside means of simulations.

use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Mutex, PoisonError};

use num_rational::BigRational;

use super::value::Found;
use crate::experiment::{Simulated, Written, WrittenPoint};
use crate::number::Estimate;
use crate::term::equivalence::EquivalenceError;

/// What a column holds of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Predicted,
    /// Of the draws that the file asks for.
    Mean,
    StandardError,
}

impl Part {
    pub const KEYS: [(&'static str, Part); 3] = [
        ("predict", Part::Predicted),
        ("simulate", Part::Mean),
        ("standard_error", Part::StandardError),
    ];
}

type Drawn = Result<Option<Simulated>, String>;

/// The experiment, and what was simulated of it by row and quantity.
pub struct WrittenTable {
    pub experiment: Written,
    pub points: Vec<WrittenPoint>,
    drawn: Mutex<HashMap<(usize, usize), Drawn>>,
}

impl Debug for WrittenTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WrittenTable")
            .field(&self.experiment)
            .finish()
    }
}

/// Rounding of a mean over draws: it is a number of its own, whatever it estimates.
const ROUNDING: f64 = 1e-14;

impl WrittenTable {
    pub fn new(experiment: Written, points: Vec<WrittenPoint>) -> Self {
        Self {
            experiment,
            points,
            drawn: Mutex::default(),
        }
    }

    pub(super) fn find(
        &self,
        quantity: usize,
        part: Part,
        row: usize,
        digits: usize,
    ) -> Result<Found, String> {
        let (Some(of), Some(point)) = (
            self.experiment.quantities.get(quantity),
            self.points.get(row),
        ) else {
            return Err("no such row".to_owned());
        };
        if part == Part::Predicted {
            let unknown =
                |e: &EquivalenceError| matches!(e, EquivalenceError::NotRecognised { .. });
            if let Ok(found) = Found::narrowed(digits, || of.enclosed(point), unknown) {
                return Ok(found);
            }
            let estimate = of.estimated(point).map_err(|error| error.to_string())?;
            return Found::estimated(estimate);
        }
        let drawn = self.simulated(quantity, row)?;
        let value = match part {
            Part::StandardError => drawn.standard_error.ok_or("one replicate alone")?,
            _ => drawn.mean,
        };
        Found::estimated(Estimate {
            value,
            relative_error: ROUNDING,
        })
    }

    fn simulated(&self, quantity: usize, row: usize) -> Result<Simulated, String> {
        let key = (row, quantity);
        let known = |drawn: &Mutex<HashMap<_, Drawn>>| {
            let drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
            drawn.get(&key).cloned()
        };
        let found = known(&self.drawn).unwrap_or_else(|| {
            let experiment = &self.experiment;
            let found = experiment.quantities[quantity]
                .simulate(&self.points[row], &experiment.simulate, row)
                .map_err(|error| error.to_string());
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            drawn.insert(key, found.clone());
            found
        });
        found?.ok_or_else(|| "nothing random: the prediction is exact".to_owned())
    }
}

/// The number that a double stands for in a file.
pub(super) fn decimal(value: f64) -> Option<BigRational> {
    crate::formula::token::exact_number(&value.to_string())
}
