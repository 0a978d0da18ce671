//! `κ`, and where it is the `κ` of another sample size.

use super::atom::{Atom, EIGENVALUE, GAPS, Moment};
use super::fraction::Fraction;
use super::ground::{Exact, Ground, Spectrum, Stop, beyond, vanishing};
use super::modulo::reduce;

/// `κ(λ, T)`.
pub fn kappa(ground: &mut Ground, ridge: &Fraction, samples: &Fraction) -> Exact<Fraction> {
    if !ground.is_positive(samples) {
        return Err(Stop::Open("the sample size is positive".into()));
    }
    if ridge.is_zero() {
        if ground.spectrum != Spectrum::Infinite {
            let gap = samples.sub(&ground.dimension);
            if ground.at_least_zero(&gap)? {
                return Ok(Fraction::zero());
            }
            if ground.spectrum == Spectrum::Identity {
                let ratio = samples.recip().unwrap_or_else(Fraction::one);
                return Ok(ground.dimension.mul(&ratio).sub(&Fraction::one()));
            }
        }
    } else if !ground.is_positive(ridge) {
        return Err(vanishing(ground, ridge, "the ridge is not negative"));
    }
    if let Some(known) = of_another(ground, ridge, samples)? {
        return Ok(known);
    }
    let atom = ground.intern(Atom::Kappa {
        ridge: ridge.clone(),
        samples: samples.clone(),
    });
    if ground.sign(atom) != Some(true) {
        ground.set_sign(atom, true);
    }
    Ok(Fraction::variable(atom))
}

/// A known `x = κ(μ, m)` that solves the equation of `κ(λ, T)`, `λ = x(1 − df_1(x)/T)`.
///
/// For `λ > 0` that equation has one positive root. And `x df_1(x) = m(x − μ)` makes `λ = (x(T − m) + mμ)/T` positive where
/// `T ≥ m`, one of the two strictly or with `μ > 0`.
fn of_another(
    ground: &mut Ground,
    ridge: &Fraction,
    samples: &Fraction,
) -> Exact<Option<Fraction>> {
    if ridge.is_zero() {
        return Ok(None);
    }
    for at in 0..ground.atoms.len() {
        let Atom::Kappa {
            ridge: own,
            samples: fewer,
        } = ground.atoms[at].clone()
        else {
            continue;
        };
        let x = Fraction::variable(GAPS + at as u32);
        if !ridge.mentions(GAPS + at as u32) {
            continue;
        }
        let spare = samples.sub(&fewer);
        let positive =
            ground.is_nonnegative(&spare) && ground.is_positive(&own) || ground.is_positive(&spare);
        if !positive {
            continue;
        }
        let used = degrees(ground, &Fraction::one(), &x)?.mul(&ground.inverse(samples)?);
        let solved = x.mul(&Fraction::one().sub(&used));
        if reduce(ground, &solved.sub(ridge)).is_zero() {
            return Ok(Some(x));
        }
    }
    Ok(None)
}

/// `df_m(k) = tr Σ^m (Σ+k)^-m`.
pub fn degrees(ground: &mut Ground, order: &Fraction, k: &Fraction) -> Exact<Fraction> {
    let Some(m) = order.as_constant().and_then(|c| c.to_integer()) else {
        return beyond("degrees of freedom of an order that is no whole number");
    };
    if !(0..=16).contains(&m) {
        return beyond("degrees of freedom of such an order");
    }
    let sum = Fraction::variable(EIGENVALUE).add(k);
    let inverse = ground.inverse(&sum)?;
    let ratio = Fraction::variable(EIGENVALUE).mul(&inverse);
    let f = ratio.pow(m).unwrap_or_else(Fraction::one);
    ground.moment(Moment::Trace, &f)
}
