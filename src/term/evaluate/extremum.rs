//! `argmin`, `inf`, `argmax` and `sup` over an interval, and `root`.

use super::lowered::{self, Along, Body};
use super::numbers::{Numbers, Walk};
use super::spectral::number;
use super::{EvaluationError, LinearAlgebra};
use crate::number::minimum::{Minimum, Objective, half_way, minimum};
use crate::number::{Ball, Real};
use crate::term::{A_MINIMUM, ExtremumForm};

/// From one end of the numbers to the other and down to neighbours.
const MOST_HALVINGS: usize = 2_200;
/// Relative width at which a zero is near enough, and beyond which it is open.
const NEAR: f64 = 1e-15;
const OPEN: f64 = 1e-9;

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// Where `body`, or its negative for a greatest value, is least on `[from, to]` and how small it is there, over all
    /// valleys and both ends.
    pub(super) fn minimum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: ExtremumForm,
    ) -> Result<(R, R), EvaluationError> {
        let (from, to) = (
            self.scalar(walker, form.from)?,
            self.scalar(walker, form.to)?,
        );
        let (low, high) = (lowered::double(&from)?, lowered::double(&to)?);
        if !(low < high) {
            return Err(EvaluationError::Undefined(format!(
                "a minimum over [{low}, {high}]"
            )));
        }
        let store = walker.store();
        let mut body = Body::new(self, walker, store, form.variable, form.body)?;
        body.negated = form.kind.is_greatest();
        let open = format!("{A_MINIMUM} that is not understood on a part of its range");
        let is_double = |x: &R, near: f64| (x.clone() - R::from_f64(near)).is_zero();
        let found = if !R::TRACKS_ERROR || is_double(&from, low) && is_double(&to, high) {
            minimum(&mut body, low, high)
        } else {
            let width = to - from.clone();
            minimum(&mut Along::new(body, &from, &width), 0.0, 1.0).map(|found| Minimum {
                place: number::<R, Ball>(&from) + number::<R, Ball>(&width) * found.place,
                ..found
            })
        };
        let Some(found) = found else {
            return Err(EvaluationError::Unresolved(open));
        };
        Ok((
            lowered::raised(found.place, &open)?,
            lowered::raised(found.value, &open)?,
        ))
    }

    /// The zero of `body` between the ends of an interval at which it has different signs, enclosed by signs that are certain.
    pub(super) fn zero_between(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: ExtremumForm,
    ) -> Result<R, EvaluationError> {
        let mut low = lowered::bound(self, walker, form.from)?;
        let mut high = lowered::bound(self, walker, form.to)?;
        if !(low < high && low.is_finite() && high.is_finite()) {
            return Err(EvaluationError::Undefined(format!(
                "a root in [{low}, {high}]"
            )));
        }
        let store = walker.store();
        let mut body = Body::new(self, walker, store, form.variable, form.body)?;
        let mut sign = |x: f64| -> Result<f64, EvaluationError> {
            let value = Objective::at(&mut body, x)?;
            let (below, above) = value.enclosure();
            Ok(if below > 0.0 {
                1.0
            } else if above < 0.0 {
                -1.0
            } else {
                0.0
            })
        };
        let (at_low, at_high) = (sign(low)?, sign(high)?);
        match (at_low, at_high) {
            (0.0, 0.0) => {
                return Err(EvaluationError::Unresolved(
                    "a root of what is zero at both ends".into(),
                ));
            }
            (0.0, _) => return Ok(R::from_f64(low)),
            (_, 0.0) => return Ok(R::from_f64(high)),
            (a, b) if a == b => {
                return Err(EvaluationError::Undefined(format!(
                    "a root in [{low}, {high}], where the sign is the same at both ends"
                )));
            }
            _ => {}
        }
        for _ in 0..MOST_HALVINGS {
            let middle = half_way(low, high);
            if !(low < middle && middle < high) {
                break;
            }
            match sign(middle)? {
                // As near as signs can be told.
                0.0 => {
                    let width = (middle - low).min(high - middle);
                    if width <= NEAR * middle.abs() {
                        break;
                    }
                    let (left, right) = (middle - 0.25 * width, middle + 0.25 * width);
                    match (sign(left)?, sign(right)?) {
                        (l, r) if l == at_low && r == at_high => (low, high) = (left, right),
                        _ => break,
                    }
                }
                s if s == at_low => low = middle,
                _ => high = middle,
            }
        }
        if high - low > OPEN * low.abs().max(high.abs()) {
            return Err(EvaluationError::Unresolved(
                "a root where signs cannot be told".into(),
            ));
        }
        let between = Ball::bounds(&Ball::from_f64(low), &Ball::from_f64(high));
        lowered::raised(between, "a root that is not finite")
    }
}
