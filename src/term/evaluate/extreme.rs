//! The largest `|f(s)|` along a power law: at an end where `f` is monotone, and next to its only turning point elsewhere.

use std::cmp::Ordering::{Equal, Greater, Less};

use super::EvaluationError;
use super::long::ExactLaw;
use super::spectral::{Spectral, Term};
use crate::number::Real;
use crate::spectrum::{Dimension, PowerLaw};

/// `‖f(Σ)‖`; where the dimension is infinite the supremum.
pub fn largest<R: Real>(
    f: &Spectral<R>,
    law: &PowerLaw,
    exact: &ExactLaw<R>,
) -> Result<R, EvaluationError> {
    let unsupported = || {
        EvaluationError::unsupported(
            "the operator norm of such a function of Sigma in this dimension",
        )
    };
    let terms = f.terms().ok_or_else(unsupported)?;
    let eigenvalue = |j: &R| j.powf(&-exact.beta.clone());
    let first = f.at(&R::one(), 0).abs();
    let moving = terms.iter().filter(|term| !term.is_constant());
    let rising: Option<Vec<bool>> = moving.map(rises).collect();
    let monotone = rising.is_some_and(|all| all.windows(2).all(|two| two[0] == two[1]));
    if monotone {
        let last = match law.dimension() {
            Dimension::Finite(d) => f.at(&eigenvalue(&R::from_f64(d as f64)), 0),
            Dimension::Infinite => at_zero(&terms)?,
        };
        return Ok(first.greater(&last.abs()));
    }
    // s^p/(s + κ)^q turns at κ p/(q − p)
    let [Term { power, poles, .. }] = terms.as_slice() else {
        return Err(unsupported());
    };
    let [(kappa, order)] = poles.as_slice() else {
        return Err(unsupported());
    };
    if power.sign() != Some(Greater) || order.order(power) != Some(Greater) {
        return Err(unsupported());
    }
    let turn = kappa.clone() * power.clone() / (order.clone() - power.clone());
    let place = turn.powf(&-(R::one() / exact.beta.clone()));
    let below = place.rounded_down().ok_or_else(|| {
        EvaluationError::Unresolved("which eigenvalue is next to a turning point".into())
    })?;
    let last = match law.dimension() {
        Dimension::Finite(d) => Some(R::from_f64(d as f64)),
        Dimension::Infinite => None,
    };
    let at = |j: R| {
        let j = j.greater(&R::one());
        let j = last.as_ref().map_or(j.clone(), |last| j.lesser(last));
        f.at(&eigenvalue(&j), 0).abs()
    };
    Ok(at(below.clone()).greater(&at(below + R::one())))
}

/// Whether a term rises on `0 < s ≤ 1` or falls there, by `d ln|f|/d ln s = p − Σ q s/(s + κ)`; `None` where neither is seen.
fn rises<R: Real>(term: &Term<R>) -> Option<bool> {
    let (mut least, mut most) = (term.power.clone(), term.power.clone());
    for (kappa, order) in &term.poles {
        if kappa.sign() == Some(Less) {
            return None;
        }
        let share = order.clone() / (R::one() + kappa.clone());
        match order.sign()? {
            Greater => least = least - share,
            Less => most = most - share,
            Equal => {}
        }
    }
    let positive = match term.coefficient.sign()? {
        Greater => true,
        Less => false,
        Equal => return None,
    };
    if matches!(least.sign(), Some(Greater | Equal)) {
        Some(positive)
    } else if matches!(most.sign(), Some(Less | Equal)) {
        Some(!positive)
    } else {
        None
    }
}

impl<R: Real> Term<R> {
    fn is_constant(&self) -> bool {
        self.power.is_zero() && self.poles.is_empty()
    }
}

/// `f(s)` as `s → 0`.
fn at_zero<R: Real>(terms: &[Term<R>]) -> Result<R, EvaluationError> {
    let mut sum = R::zero();
    for term in terms {
        let mut power = term.power.clone();
        let mut value = term.coefficient.clone();
        for (kappa, order) in &term.poles {
            if kappa.is_zero() {
                power = power - order.clone();
            } else {
                value = value * kappa.powf(&-order.clone());
            }
        }
        match power.sign() {
            Some(Greater) => {}
            Some(Equal) => sum = sum + value,
            Some(Less) => {
                return Err(EvaluationError::Undefined(
                    "the operator norm of an unbounded function of Sigma".into(),
                ));
            }
            None => {
                return Err(EvaluationError::Unresolved(
                    "whether a function of Sigma is bounded".into(),
                ));
            }
        }
    }
    Ok(sum)
}
