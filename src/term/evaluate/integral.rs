//! Integrals over an interval, enclosed: by Taylor models, or, inside of another sum or integral, by Gauss's rule.
//!
//! There a cell `[m − h, m + h]` contributes `h (f(m − h/√3) + f(m + h/√3)) + f⁗(ξ) h⁵/135`, Gauss's rule of two points with its
//! remainder, where `f⁗` is the derivative as a term, evaluated on the whole cell as a ball. Where that, or a derivative before
//! it, has no value (at a kink), a cell contributes its width times `f` on it, and is halved until this is small.

use super::lowered::{Along, Body};
use super::numbers::{Numbers, Walk};
use super::{EvaluationError, LinearAlgebra, Value};
use crate::number::Real;
use crate::number::integration::integral;
use crate::term::{AN_INTEGRAL, FoldForm, Outcome};

/// Cells of one integral.
const MAX_CELLS: usize = 4000;
/// The accuracy asked for, relative to the integral of `|f|`.
const ACCURACY: f64 = 1e-13;
/// Cells are not halved more often than this.
const MAX_HALVINGS: u32 = 60;

/// Relative error beyond which a number is a range.
const NARROW: f64 = 1e-12;
/// Relative error of an integral by models beyond which cells are tried.
const ENOUGH: f64 = 1e-9;

fn unenclosed(why: &str) -> EvaluationError {
    EvaluationError::Unresolved(format!("{AN_INTEGRAL} {why}"))
}

impl<R: LinearAlgebra> Numbers<'_, R> {
    pub(super) fn integral(&mut self, walker: Walk<'_, '_, R>, form: FoldForm) -> Outcome<R> {
        let (from, to) = (
            self.scalar(walker, form.from)?,
            self.scalar(walker, form.to)?,
        );
        self.integral_between(walker, form, from, to)
    }

    pub(super) fn integral_between(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: FoldForm,
        from: R,
        to: R,
    ) -> Outcome<R> {
        let width = to.clone() - from.clone();
        if width.is_zero() {
            return Ok(R::zero());
        }
        if R::TRACKS_ERROR {
            // Over a range of what is bound around, the value is a range too, and cells would not narrow it.
            let is_range = |x: &R| x.radius() > NARROW * x.midpoint().abs();
            let ranges = is_range(&from)
                || is_range(&width)
                || walker
                    .binders()
                    .any(|(_, bound)| matches!(bound, Value::Scalar(x) if is_range(x)));
            let found = self.by_models(walker, form, &from, &width);
            return match found {
                Some(found) if ranges || found.radius() <= ENOUGH * found.midpoint().abs() => {
                    Ok(found)
                }
                None if ranges => Err(unenclosed("inside another over what is not smooth")),
                // The wider of two bounds is one too.
                found => match (self.by_cells(walker, form, &from, &width), found) {
                    (Err(EvaluationError::Unresolved(_)), Some(found)) => Ok(found),
                    (cells, _) => cells,
                },
            };
        }
        self.by_cells(walker, form, &from, &width)
    }

    /// By Gauss's rule on cells that are halved as far as it takes.
    fn by_cells(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: FoldForm,
        from: &R,
        width: &R,
    ) -> Outcome<R> {
        // Cells are shares of the range, so that ends with an error are no matter.
        let mut open: Vec<(f64, f64, u32)> = (0..8)
            .rev()
            .map(|i| (f64::from(i) / 8.0, 0.125, 0))
            .collect();
        let (mut total, mut size, mut cells) = (R::zero(), 0.0f64, 0);
        while let Some((start, length, halvings)) = open.pop() {
            cells += 1;
            if cells > MAX_CELLS {
                return Err(unenclosed("that could not be enclosed in so many cells"));
            }
            let part = self.cell(walker, form, from, width, start, length);
            let small = |part: &R| {
                let scale = size.max(part.midpoint().abs());
                part.radius() <= ACCURACY * scale || halvings > 30 && part.radius() <= 1e-9 * scale
            };
            match part {
                Ok(part) if !R::TRACKS_ERROR && halvings < 3 => {
                    let _ = part;
                    open.push((start + 0.5 * length, 0.5 * length, halvings + 1));
                    open.push((start, 0.5 * length, halvings + 1));
                }
                Ok(part) if small(&part) => {
                    size += part.midpoint().abs();
                    total = total + part;
                }
                Err(error) if halvings >= MAX_HALVINGS => return Err(error),
                Ok(_) if halvings >= MAX_HALVINGS => {
                    return Err(unenclosed("that could not be enclosed"));
                }
                Err(
                    error @ (EvaluationError::Unsupported(_)
                    | EvaluationError::TooLarge(_)
                    | EvaluationError::Budget),
                ) => {
                    return Err(error);
                }
                _ => {
                    open.push((start + 0.5 * length, 0.5 * length, halvings + 1));
                    open.push((start, 0.5 * length, halvings + 1));
                }
            }
        }
        Ok(total)
    }

    /// `None` where models cannot be had.
    fn by_models(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: FoldForm,
        from: &R,
        width: &R,
    ) -> Option<R> {
        let store = walker.store();
        let body = Body::new(self, walker, store, form.index, form.body).ok()?;
        let mut along = Along::new(body, from, width);
        let found = integral(&mut along, 0.0, 1.0)?;
        Some(R::from_precise(&found.to_precise()) * width.clone())
    }

    fn cell(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: FoldForm,
        from: &R,
        width: &R,
        start: f64,
        length: f64,
    ) -> Outcome<R> {
        let place = |share: R| from.clone() + width.clone() * share;
        let half = R::from_f64(0.5 * length);
        let middle = R::from_f64(start) + half.clone();
        let offset = half.clone() / R::from_f64(3.0).sqrt();
        let left = place(middle.clone() - offset.clone());
        let right = place(middle.clone() + offset);
        let f = self.at(walker, form.index, left, form.body)?
            + self.at(walker, form.index, right, form.body)?;
        let h = width.clone() * half;
        let gauss = h.clone() * f;
        if !R::TRACKS_ERROR {
            return Ok(gauss);
        }
        let whole = place(middle.widened(0.5 * length * (1.0 + 1e-15)));
        let remainder = self.fourth_derivative(walker, form, &whole);
        match remainder {
            Ok(d4) => Ok(gauss + d4 * h.powi(5) / R::from_f64(135.0)),
            // A range of f on the cell.
            Err(_) => {
                let f = self.at(walker, form.index, whole, form.body)?;
                Ok(f * h * R::from_f64(2.0))
            }
        }
    }

    /// The range of the fourth derivative on a cell. The integrand and the derivatives before it must have their
    /// branches settled there: across a kink, derivatives taken branch by branch mean nothing.
    fn fourth_derivative(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: FoldForm,
        cell: &R,
    ) -> Outcome<R> {
        let Some([first, second, third, fourth]) = walker.store().derivatives(form.body) else {
            return Err(EvaluationError::unsupported("no fourth derivative"));
        };
        for smooth in [form.body, first, second, third] {
            self.at(walker, form.index, cell.clone(), smooth)?;
        }
        self.at(walker, form.index, cell.clone(), fourth)
    }
}
