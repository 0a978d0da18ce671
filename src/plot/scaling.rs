//! The map of leading terms over two exponents, every cell exact.

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};
use rayon::prelude::*;

use super::map::{Cell, Map};
use crate::scaling::{Axis, ErrorTerm, ScalingModel, Stretch};

const COLUMNS: usize = 170;
const ROWS: usize = 130;
/// The kind of cells in which several terms lead, in a colour that no single term has.
const SEVERAL: usize = 6;

/// One side of a map.
#[derive(Clone, Debug)]
pub struct Side {
    pub axis: Axis,
    pub from: BigRational,
    pub to: BigRational,
}

impl Side {
    /// The middle of cell `i` of `count`.
    fn at(&self, i: usize, count: usize) -> BigRational {
        let share = BigRational::new((2 * i + 1).into(), (2 * count).into());
        &self.from + (&self.to - &self.from) * share
    }

    fn range(&self) -> (f64, f64) {
        let f = |x: &BigRational| x.to_f64().unwrap_or(f64::NAN);
        (f(&self.from), f(&self.to))
    }

    fn label(&self) -> String {
        let meaning = match self.axis {
            Axis::Ridge => "λ = T^{−ℓ}",
            Axis::SyntheticNoise => "n σ_0^2 = T^a",
            Axis::LabellerSamples => "T_0 = T^b",
            Axis::Dimension => "d = T^p",
            Axis::Noise => "σ^2 = T^e",
        };
        format!("{} ({meaning})", symbol(self.axis))
    }
}

fn symbol(axis: Axis) -> &'static str {
    match axis.name() {
        "ell" => "ℓ",
        other => other,
    }
}

/// Which term leads over `horizontal` and `vertical`; along a ridge axis, the best ridge too.
pub fn map(model: &ScalingModel, title: String, horizontal: &Side, vertical: &Side) -> Map {
    let rows: Vec<(Vec<Cell>, Option<f64>)> = (0..ROWS)
        .into_par_iter()
        .map(|row| {
            let here = model.with_exponent(vertical.axis, &vertical.at(row, ROWS));
            match here.stretches(horizontal.axis, &horizontal.from, &horizontal.to) {
                Ok(stretches) => {
                    let cells = (0..COLUMNS)
                        .map(|i| cell(&stretches, &horizontal.at(i, COLUMNS)))
                        .collect();
                    let best = (horizontal.axis == Axis::Ridge).then(|| best(&stretches));
                    (cells, best.flatten())
                }
                Err(_) => {
                    let unknown = Cell {
                        kind: None,
                        faint: false,
                    };
                    (vec![unknown; COLUMNS], None)
                }
            }
        })
        .collect();
    let curve: Vec<(f64, f64)> = rows
        .iter()
        .enumerate()
        .filter_map(|(row, (_, best))| Some(((*best)?, vertical.at(row, ROWS).to_f64()?)))
        .collect();
    let mut kinds: Vec<String> = ErrorTerm::ALL
        .iter()
        .map(|term| term.name().replace("T0", "T_0"))
        .collect();
    kinds.resize(SEVERAL, String::new());
    kinds.push("several at once".to_owned());
    Map {
        title,
        x_label: horizontal.label(),
        y_label: vertical.label(),
        x: horizontal.range(),
        y: vertical.range(),
        logarithmic: (false, false),
        columns: COLUMNS,
        cells: rows.into_iter().flat_map(|row| row.0).collect(),
        kinds,
        curve: (curve.len() > 1).then(|| ("the best ridge".to_owned(), curve)),
        notes: vec!["Pale: the test error does not vanish as T grows.".to_owned()],
    }
}

fn cell(stretches: &[Stretch], x: &BigRational) -> Cell {
    let Some(stretch) = stretches.iter().find(|s| s.from <= *x && *x <= s.to) else {
        return Cell {
            kind: None,
            faint: false,
        };
    };
    let power = &stretch.power_from + stretch.slope() * (x - &stretch.from);
    let kind = match stretch.leads.as_slice() {
        [] => None,
        [one] => ErrorTerm::ALL.iter().position(|term| term == one),
        _ => Some(SEVERAL),
    };
    Cell {
        kind,
        faint: !power.is_negative(),
    }
}

/// Where the error falls fastest, if that is one place.
fn best(stretches: &[Stretch]) -> Option<f64> {
    let ends = stretches
        .iter()
        .flat_map(|s| [(&s.power_from, &s.from), (&s.power_to, &s.to)]);
    let (least, at) = ends.clone().min()?;
    let single = ends
        .clone()
        .all(|(power, place)| power != least || place == at);
    (single && least.is_negative())
        .then(|| at.to_f64())
        .flatten()
}
