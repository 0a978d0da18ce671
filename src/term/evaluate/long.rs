//! Power laws beyond writing out, to any precision.

use std::cmp::Ordering;

use super::EvaluationError;
use super::cost::charge;
use super::spectral::Spectral;
use super::transcendental;
use crate::number::{DEFAULT_BITS, Precise, Real, working_precision};
use crate::spectrum::{Dimension, PowerLaw, Summand, Target};

/// What one sum costs, in operations on balls, at the working precision to begin with.
const WORK: f64 = 2e4;

/// What the engine holds in `f64`, as it was given.
#[derive(Clone, Debug)]
pub struct ExactLaw<R> {
    pub beta: R,
    /// `r` of a source condition, `‖w0‖²` of an isotropic target.
    pub target: Option<R>,
}

/// Pays for a sum: with the bits grow both the terms of an expansion and what each of them costs.
fn pay() -> Result<(), EvaluationError> {
    let bits = working_precision() as f64 / DEFAULT_BITS as f64;
    Ok(charge::<Precise>(WORK * bits.max(1.0).powi(2))?)
}

fn too_hard() -> EvaluationError {
    EvaluationError::Unresolved("a sum over a long power law that was not enclosed".into())
}

fn last(law: &PowerLaw) -> Option<u64> {
    match law.dimension() {
        Dimension::Finite(d) => Some(d),
        Dimension::Infinite => None,
    }
}

/// `Σ_k k^{−γ} f(s_k)` over the spectrum, or one term of it.
pub(super) fn sum<R: Real>(
    f: &Spectral<R>,
    law: &PowerLaw,
    beta: &R,
    gamma: &R,
    only: Option<u64>,
) -> Result<R, EvaluationError> {
    if f.is_transcendental() {
        return match only {
            None => transcendental::sum(f, law, beta, gamma),
            Some(index) => {
                let k = R::from_f64(index as f64);
                Ok(k.powf(&-gamma.clone()) * f.at(&k.powf(&-beta.clone()), 0))
            }
        };
    }
    let terms = f.terms().ok_or_else(|| {
        EvaluationError::Unsupported(
            "in this dimension only products of powers of Sigma and of Sigma + k*I (k > 0) can be summed".into(),
        )
    })?;
    let mut total = R::zero();
    for term in terms {
        let (beta, power) = (beta.to_precise(), term.power.to_precise());
        let (mut poles, mut gamma) = (Vec::new(), gamma.to_precise() + beta.clone() * power);
        for (kappa, order) in &term.poles {
            let (kappa, order) = (kappa.to_precise(), order.to_precise());
            if kappa.is_zero() {
                gamma = gamma - beta.clone() * order;
            } else if kappa.sign() == Some(Ordering::Greater) {
                poles.push((kappa, order));
            } else {
                return Err(EvaluationError::Unresolved(
                    "a pole is not known well enough".into(),
                ));
            }
        }
        let summand = Summand { beta, gamma, poles };
        pay()?;
        let value = match only {
            Some(index) => summand.sum(index, Some(index)),
            None => summand.sum(1, last(law)),
        };
        total = total + term.coefficient * R::from_precise(&value.ok_or_else(too_hard)?);
    }
    Ok(total)
}

/// `w0' f(Σ) w0`
pub(super) fn quadratic<R: Real>(
    f: &Spectral<R>,
    law: &PowerLaw,
    target: &Target,
    exact: &ExactLaw<R>,
) -> Result<R, EvaluationError> {
    let beta = &exact.beta;
    match (target, &exact.target) {
        (Target::Source { r }, given) => {
            let r = given.clone().unwrap_or_else(|| R::from_f64(*r));
            let two = R::from_f64(2.0);
            let delta = R::one() + beta.clone() * (two * r - R::one());
            sum(f, law, beta, &delta, None)
        }
        (Target::Isotropic { .. }, Some(norm2)) => {
            let d = law.dimension().as_f64();
            if d.is_infinite() {
                return Err(EvaluationError::Undefined(
                    "an isotropic target in infinite dimension".into(),
                ));
            }
            Ok(norm2.clone() / R::from_f64(d) * sum(f, law, beta, &R::zero(), None)?)
        }
        (Target::Axis { index }, _) => sum(f, law, beta, &R::zero(), Some(*index)),
        _ => Err(EvaluationError::Unsupported(
            "this target in this dimension".into(),
        )),
    }
}

/// κ by Newton's method from `start`; then the sign of `h(κ) = κ(1 − df_1(κ)/T) − λ` on either side. `h` is convex, so
/// that a root with `h < 0` to its left is the largest.
pub(super) fn kappa<R: Real>(
    law: &PowerLaw,
    beta: &R,
    lambda: &R,
    samples: &R,
    start: f64,
) -> Result<R, EvaluationError> {
    if start == 0.0 {
        return Ok(R::zero());
    }
    let (beta, lambda, t) = (beta.to_precise(), lambda.to_precise(), samples.to_precise());
    let one = Precise::integer(1);
    let df = |m: i64, kappa: &Precise| {
        let summand = Summand {
            beta: beta.clone(),
            gamma: beta.clone() * Precise::integer(m),
            poles: vec![(kappa.clone(), Precise::integer(m))],
        };
        pay()?;
        summand.sum(1, last(law)).ok_or_else(too_hard)
    };
    let h = |kappa: &Precise| -> Result<Precise, EvaluationError> {
        Ok(kappa.clone() * (one.clone() - df(1, kappa)? / t.clone()) - lambda.clone())
    };
    let mut kappa = Precise::from_f64(start);
    let bits = working_precision();
    // The engine gives some 40 bits.
    let mut known = 40;
    while known < bits {
        let slope = one.clone() - df(2, &kappa)? / t.clone();
        kappa = (kappa.clone() - h(&kappa)? / slope).center();
        known *= 2;
    }
    for lost in [14i64, 24, 40] {
        let reach = kappa.size() * Precise::power_of_two(lost - bits as i64);
        let below = h(&(kappa.clone() - reach.clone()))?.sign();
        let above = h(&(kappa.clone() + reach.clone()))?.sign();
        if below == Some(Ordering::Less) && above == Some(Ordering::Greater) {
            return Ok(R::from_precise(&kappa.widened_by(&reach)));
        }
    }
    Err(EvaluationError::Unresolved(
        "kappa could not be enclosed: T is too near the threshold".into(),
    ))
}
