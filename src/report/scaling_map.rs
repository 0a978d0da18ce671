//! A map of which term leads, over two exponents.

use std::fmt::Write as _;

use num_rational::BigRational;
use num_traits::Zero;
use rayon::prelude::*;

use super::scaling::does_not_vanish;
use crate::scaling::{Axis, ErrorTerm, GermError, ScalingModel, Stretch};

const WIDTH: usize = 65;
const HEIGHT: usize = 21;

/// One side of a map.
#[derive(Clone, Debug)]
pub struct MapAxis {
    pub axis: Axis,
    pub from: BigRational,
    pub to: BigRational,
}

/// The map of `model` over `horizontal` and `vertical`, every row exact.
pub fn scaling_map(model: &ScalingModel, horizontal: &MapAxis, vertical: &MapAxis) -> String {
    let at = |side: &MapAxis, i: usize, cells: usize| {
        let share = BigRational::new(i.into(), (cells - 1).into());
        &side.from + (&side.to - &side.from) * share
    };
    let rows: Vec<String> = (0..HEIGHT)
        .into_par_iter()
        .map(|row| {
            let y = at(vertical, HEIGHT - 1 - row, HEIGHT);
            let here = model.with_exponent(vertical.axis, &y);
            let xs: Vec<BigRational> = (0..WIDTH).map(|i| at(horizontal, i, WIDTH)).collect();
            let line = match here.stretches(horizontal.axis, &horizontal.from, &horizontal.to) {
                Ok(stretches) => row_of_stretches(&stretches, &xs, horizontal.axis == Axis::Ridge),
                Err(_) => row_of_points(&here, horizontal.axis, &xs),
            };
            format!("{:>8} |{line}|", short(&y))
        })
        .collect();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} up, {} to the right",
        side(vertical),
        side(horizontal)
    );
    for row in rows {
        out.push_str(&row);
        out.push('\n');
    }
    let left = short(&horizontal.from);
    let right = short(&horizontal.to);
    let gap = WIDTH.saturating_sub(left.len() + right.len());
    let _ = writeln!(out, "{:>8}  {left}{:gap$}{right}", "", "");
    let letters: Vec<String> = ErrorTerm::ALL
        .iter()
        .map(|term| format!("{} {}", term.letter(), term.name()))
        .collect();
    let _ = writeln!(out, "leads: {}", letters.join(", "));
    let _ = writeln!(
        out,
        "= several at once, ? undecided; small letters: the test error does not vanish"
    );
    if horizontal.axis == Axis::Ridge {
        let _ = writeln!(out, "* the best ell of the row");
    }
    out
}

fn side(side: &MapAxis) -> String {
    format!("{} ({})", side.axis.name(), side.axis.meaning())
}

fn short(x: &BigRational) -> String {
    let text = x.to_string();
    if text.len() <= 8 {
        return text;
    }
    use num_traits::ToPrimitive;
    x.to_f64().map_or(text, |x| format!("{x:.3}"))
}

fn letter(leads: &[ErrorTerm], power: &BigRational) -> char {
    match leads {
        [] => '.',
        [one] if does_not_vanish(power) => one.letter().to_ascii_lowercase(),
        [one] => one.letter(),
        _ => '=',
    }
}

fn row_of_stretches(stretches: &[Stretch], xs: &[BigRational], mark_best: bool) -> String {
    let least = stretches
        .iter()
        .flat_map(|s| [&s.power_from, &s.power_to])
        .min()
        .cloned();
    let step = match xs {
        [first, second, ..] => second - first,
        _ => BigRational::zero(),
    };
    let half = step / BigRational::from_integer(2.into());
    let cells = xs.iter().map(|x| {
        let Some(stretch) = stretches.iter().find(|s| s.from <= *x && *x <= s.to) else {
            return '.';
        };
        let power = &stretch.power_from + stretch.slope() * (x - &stretch.from);
        let near = |best: &BigRational| (best - x) <= half && (x - best) < half;
        let best = mark_best
            && stretches.iter().any(|s| {
                let least = least.as_ref();
                (least == Some(&s.power_from) && near(&s.from))
                    || (least == Some(&s.power_to) && near(&s.to))
                    || (least == Some(&s.power_from)
                        && least == Some(&s.power_to)
                        && s.from <= *x
                        && *x <= s.to)
            });
        if best {
            '*'
        } else {
            letter(&stretch.leads, &power)
        }
    });
    cells.collect()
}

fn row_of_points(model: &ScalingModel, axis: Axis, xs: &[BigRational]) -> String {
    let cell = |x: &BigRational| -> Result<char, GermError> {
        Ok(match model.with_exponent(axis, x).leads()? {
            Some((order, leads)) => letter(&leads, &order.power),
            None => '.',
        })
    };
    xs.iter().map(|x| cell(x).unwrap_or('?')).collect()
}
