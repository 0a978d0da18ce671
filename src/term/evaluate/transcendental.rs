//! Sums of exponentials and logarithms of `Σ` along a power law.

use super::EvaluationError;
use super::cost::charge;
use super::spectral::{Spectral, number};
use crate::number::summation::{self, Summand};
use crate::number::{Ball, Model, Real};
use crate::spectrum::{Dimension, PowerLaw};

/// Operations in one value of a function that a person wrote, roughly.
const OPERATIONS: f64 = 20.0;

/// `k ↦ k^{−γ} f(k^{−β})`
struct Along {
    balls: (Spectral<Ball>, Ball, Ball),
    models: (Spectral<Model>, Model, Model),
}

fn at<R: Real>((f, beta, gamma): &(Spectral<R>, R, R), k: R) -> Result<R, EvaluationError> {
    charge::<R>(OPERATIONS)?;
    Ok(k.powf(&-gamma.clone()) * f.at(&k.powf(&-beta.clone()), 0))
}

impl Summand for Along {
    type Error = EvaluationError;
    fn at(&mut self, index: f64) -> Result<Ball, EvaluationError> {
        at(&self.balls, Ball::from_f64(index))
    }
    fn over(&mut self, range: Model) -> Result<Model, EvaluationError> {
        at(&self.models, range)
    }
}

/// `Σ_k k^{−γ} f(s_k)` over the spectrum.
pub(super) fn sum<R: Real>(
    f: &Spectral<R>,
    law: &PowerLaw,
    beta: &R,
    gamma: &R,
) -> Result<R, EvaluationError> {
    let mut along = Along {
        balls: (f.lowered(), number(beta), number(gamma)),
        models: (f.lowered(), number(beta), number(gamma)),
    };
    let sum = match law.dimension() {
        Dimension::Finite(d) => summation::finite(&mut along, 1.0, d as f64)?,
        Dimension::Infinite => summation::infinite(&mut along, 1.0)?,
    };
    if !sum.is_finite() {
        return Err(EvaluationError::Unresolved(
            "a sum along the spectrum that is not shown to converge".into(),
        ));
    }
    Ok(number(&sum))
}
