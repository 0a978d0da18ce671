//! Whether what lies between the sides is more than rounding, seen by moving what is drawn: a hint for searches, which no verdict
//! rests on.

use super::Estimator;
use crate::simulate::Stream;
use crate::term::evaluate::{Draw, EvaluationError, Normals};

/// Draws that are moved.
const LOOKS: u64 = 2;
/// What moves a normal number, relatively, and the change that is little beside a gap.
const SHIFT: f64 = 8.0 * f64::EPSILON;
const LITTLE: f64 = 0.02;

/// Normal numbers, the second of every two a little off.
struct Moved {
    stream: Stream,
    turn: bool,
}

impl Normals for Moved {
    fn normal(&mut self) -> f64 {
        self.turn = !self.turn;
        let by = if self.turn { 1.0 } else { 1.0 + SHIFT };
        self.stream.normal() * by
    }
}

impl Estimator<'_> {
    /// Whether a few draws hardly change `lhs − rhs`, beside the gap that was seen, where their numbers change in the last digits.
    pub fn is_steady(&self, gap: f64) -> bool {
        let steady = |look| {
            let stream = || self.problem.draws(look | 1 << 57);
            let moved = Moved {
                stream: stream(),
                turn: false,
            };
            let (plain, moved) = (self.gap_of(&mut stream())?, self.gap_of(&mut { moved })?);
            Ok::<bool, EvaluationError>((plain - moved).abs() <= LITTLE * gap.abs())
        };
        (0..LOOKS).all(|look| steady(look).unwrap_or(false))
    }

    /// `lhs − rhs`, of scalars, or its largest entry, with one draw in place of the means.
    fn gap_of(&self, normals: &mut dyn Normals) -> Result<f64, EvaluationError> {
        let mut environment = self.environment.clone();
        let draw = Draw::new(&self.plans, &environment, normals)?;
        environment.draw = Some(draw.with(self.fixed.as_ref()));
        let (mut shapes, mut means) = (Vec::new(), Vec::new());
        for value in self.averaged(&environment)? {
            let value = value.dense(&environment.covariance, None)?;
            shapes.push((value.rows, value.cols));
            means.extend(value.entries);
        }
        environment.draw.clone_from(&self.fixed);
        let (left, right) = self.sides(&mut environment, &shapes, &means)?;
        let gaps = left.iter().zip(&right).map(|(l, r)| l - r);
        Ok(gaps.fold(
            0.0,
            |most: f64, gap| if gap.abs() > most.abs() { gap } else { most },
        ))
    }
}
