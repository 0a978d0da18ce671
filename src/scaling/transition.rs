//! The numbers that spectral sums leave behind: regularised sums over `k` and integrals over a transition.
//!
//! A sum over `k^{e−η}` instead of `k^e` has, as `η → 0`, a Laurent expansion `residue/η + finite`.
//! Between neighbouring regions the residues cancel, and what stays of them is a logarithm of the
//! ratio of their scales.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::closed::Closed;
use super::germ::values;
use super::germ::{Coefficient, GermError, binomial, to_f64};
use super::special::{digamma, euler, gamma_pole, gamma_ratio, hurwitz, integrate_line, zeta};
use crate::budget;

/// What an eigenvalue's powers and their product cost, in units of work.
const EIGENVALUE: f64 = 60.0;
/// Sums of whole powers are exact up to here.
const EXACT_SUM: u64 = 200;

/// A factor `(1 + c x)^{-order}` with `x = u^β` and a constant `c > 0`.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    pub constant: Coefficient,
    pub order: BigRational,
}

/// `residue/η + finite`.
#[derive(Clone, Debug)]
pub(crate) struct Laurent {
    pub finite: Coefficient,
    pub residue: Coefficient,
}

impl Laurent {
    fn regular(finite: Coefficient) -> Self {
        Self {
            finite,
            residue: Coefficient::integer(0),
        }
    }

    fn scale(&self, factor: &Coefficient) -> Self {
        Self {
            finite: self.finite.mul(factor),
            residue: self.residue.mul(factor),
        }
    }

    fn add(&self, other: &Self) -> Self {
        Self {
            finite: self.finite.add(&other.finite),
            residue: self.residue.add(&other.residue),
        }
    }
}

/// Equal constants are one factor.
pub(crate) fn merge(factors: &[Factor]) -> Vec<Factor> {
    let mut merged: Vec<Factor> = Vec::new();
    for factor in factors {
        match merged.iter_mut().find(|f| f.constant == factor.constant) {
            Some(same) => same.order += &factor.order,
            None => merged.push(factor.clone()),
        }
    }
    merged.retain(|f| !f.order.is_zero());
    merged
}

/// Longest chain of sums that one is reduced to.
const MAX_REDUCTIONS: usize = 12;

/// `S(e, q) = Σ k^e (1 + c k^β)^{-q}` by sums of `0 ≤ e < β` alone, between which no such relation is left:
/// `c S(e + β, q) = S(e, q − 1) − S(e, q)`. Finite parts of continued sums are related alike. `plain` is `Σ k^e`.
fn reduced(
    what: &str,
    e: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
    plain: &dyn Fn(&BigRational) -> Option<Closed>,
) -> Option<Closed> {
    let [factor] = factors else {
        return named(what, e, beta, factors);
    };
    let within = |e: &BigRational| !e.is_negative() && e < beta;
    let steps = (e / beta).abs().ceil().to_integer();
    if within(e) || !factor.order.is_integer() || steps > MAX_REDUCTIONS.into() {
        return named(what, e, beta, factors);
    }
    let c = factor.constant.form()?;
    let of = |e: &BigRational, order: &BigRational| {
        if order.is_zero() {
            return plain(e);
        }
        let factor = Factor {
            order: order.clone(),
            ..factor.clone()
        };
        reduced(what, e, beta, &[factor], plain)
    };
    let (order, less) = (&factor.order, &factor.order - BigRational::one());
    if e.is_negative() {
        let above = of(&(e + beta), order)?;
        return of(e, &less)?.add(&c.mul(&above)?.neg());
    }
    let below = e - beta;
    let difference = of(&below, &less)?.add(&of(&below, order)?.neg())?;
    difference.mul(&c.recip()?)
}

/// The name of a number that a sum or integral of these factors defines, where all of them are known.
fn named(what: &str, e: &BigRational, beta: &BigRational, factors: &[Factor]) -> Option<Closed> {
    let mut name = format!("{what}, power {e}, beta {beta}");
    for factor in factors {
        name += &format!(", {:?}^{}", factor.constant.form()?, factor.order);
    }
    Some(Closed::named(name))
}

fn total_order(factors: &[Factor]) -> BigRational {
    factors.iter().map(|f| f.order.clone()).sum()
}

/// `ln Π (1 + c_i x)^{-q_i}`.
fn log_product(factors: &[Factor], x: f64) -> f64 {
    let logs = factors
        .iter()
        .map(|f| -to_f64(&f.order) * (f.constant.value() * x).ln_1p());
    logs.sum()
}

/// The relative error that the constants' own errors cause in a sum of positive terms.
fn inherited_error(factors: &[Factor]) -> f64 {
    let errors = factors
        .iter()
        .map(|f| to_f64(&f.order).abs() * f.constant.error() / f.constant.value().abs());
    errors.sum()
}

fn widen(value: &Coefficient, relative: f64) -> Coefficient {
    value.add(&Coefficient::approximate(
        0.0,
        value.value().abs() * relative,
    ))
}

/// `Σ_{k ≥ 1} k^e Π (1 + c_i k^β)^{-q_i}`, continued where it diverges.
pub(crate) fn head_sum(
    e: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
) -> Result<Laurent, GermError> {
    let factors = merge(factors);
    if factors.is_empty() {
        return Ok(zeta_laurent(e, None));
    }
    // beyond `last` every c_i k^β ≥ 4, and the product is a series in 1/k^β
    let smallest = factors
        .iter()
        .map(|f| f.constant.value())
        .fold(f64::INFINITY, f64::min);
    let last = (4.0 / smallest).powf(1.0 / to_f64(beta)).max(16.0).ceil();
    if last.is_nan() || last >= 1e7 {
        return Err(GermError::NotConverged {
            what: "a spectral sum with a constant kappa",
        });
    }
    let (mut finite, inherited) = (
        finite_head_sum(e, beta, &factors, last as u64)?.finite,
        inherited_error(&factors),
    );
    let mut residue = Coefficient::integer(0);
    let order = total_order(&factors);
    let mut weights = vec![1.0];
    for factor in &factors {
        weights = inverse_power_series(factor, &weights);
    }
    for (j, weight) in weights.iter().enumerate() {
        let shift = beta * (&order + BigRational::from_integer(j.into()));
        let tail = zeta_laurent(&(e - shift), Some(last + 1.0));
        let weight = Coefficient::relative(*weight, 1e-13 + inherited);
        finite = finite.add(&tail.finite.mul(&weight));
        residue = residue.add(&tail.residue.mul(&weight));
    }
    Ok(Laurent {
        finite: finite
            .known_as(|| reduced("sum over k", e, beta, &factors, &|e| values::zeta(&-e))),
        residue,
    })
}

/// Multiplies the series `weights` in `y = 1/x` by `c^{-q} (1 + y/c)^{-q}`.
fn inverse_power_series(factor: &Factor, weights: &[f64]) -> Vec<f64> {
    const LENGTH: usize = 30;
    let q = to_f64(&factor.order);
    let c = factor.constant.value();
    let mut own = Vec::with_capacity(LENGTH);
    let mut term = c.powf(-q);
    for j in 0..LENGTH {
        own.push(term);
        term *= -(q + j as f64) / ((j + 1) as f64 * c);
    }
    (0..LENGTH)
        .map(|n| {
            (0..=n)
                .map(|j| own[j] * weights.get(n - j).copied().unwrap_or(0.0))
                .sum()
        })
        .collect()
}

/// `Σ_{k=1}^d k^e Π (1 + c_i k^β)^{-q_i}`.
pub(crate) fn finite_head_sum(
    e: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
    dimension: u64,
) -> Result<Laurent, GermError> {
    if dimension > 100_000_000 {
        return Err(GermError::NotConverged {
            what: "a sum over a fixed dimension this large",
        });
    }
    if factors.is_empty() && e.is_integer() && dimension <= EXACT_SUM {
        let power = |k: u64| num_traits::Pow::pow(BigRational::from_integer(k.into()), e.numer());
        return Ok(Laurent::regular(Coefficient::rational(
            (1..=dimension).map(power).sum(),
        )));
    }
    if factors.is_empty() && e.is_zero() {
        return Ok(Laurent::regular(Coefficient::rational(
            BigRational::from_integer(dimension.into()),
        )));
    }
    budget::charge_about(EIGENVALUE * dimension as f64).map_err(|_| GermError::NotConverged {
        what: "a sum over a fixed dimension this large",
    })?;
    let (exponent, step) = (to_f64(e), to_f64(beta));
    let (mut sum, mut carry, mut size) = (0.0_f64, 0.0, 0.0);
    // smallest terms first for a falling summand; compensated either way
    for k in (1..=dimension).rev() {
        let k = k as f64;
        let term = k.powf(exponent) * log_product(factors, k.powf(step)).exp();
        let next = sum + term;
        carry += if sum.abs() >= term.abs() {
            (sum - next) + term
        } else {
            (term - next) + sum
        };
        sum = next;
        size += term.abs();
    }
    let accuracy = 16.0 * f64::EPSILON + inherited_error(factors);
    Ok(Laurent::regular(
        Coefficient::approximate(sum + carry, size * accuracy)
            .known_as(|| named(&format!("sum up to {dimension}"), e, beta, factors)),
    ))
}

/// `Σ_{k ≥ a} k^{e−η}` with `a = 1` if none is given.
fn zeta_laurent(e: &BigRational, start: Option<f64>) -> Laurent {
    let s = -e;
    if !s.is_one() {
        return Laurent::regular(match start {
            None => zeta(&s),
            Some(a) => hurwitz(&s, a),
        });
    }
    // ζ(1+η, a) = 1/η − ψ(a) + …
    Laurent {
        finite: match start {
            None => euler(),
            Some(a) => digamma(&BigRational::from_integer((a as i64).into())).neg(),
        },
        residue: Coefficient::integer(1),
    }
}

/// `∫_0^∞ u^e Π (1 + c_i u^β)^{-q_i} du`, continued where it diverges; zero without factors.
pub(crate) fn transition_integral(
    e: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
) -> Result<Laurent, GermError> {
    let factors = merge(factors);
    let alpha = (e + BigRational::one()) / beta;
    let inverse_beta = Coefficient::rational(beta.recip());
    let line = match factors.as_slice() {
        [] => Laurent::regular(Coefficient::integer(0)),
        [single] if single.constant.exact().is_some_and(One::is_one) => {
            return Ok(beta_integral(&alpha, &single.order, beta));
        }
        _ => {
            let mut line = full_line(&alpha, beta, &factors)?;
            line.finite = line
                .finite
                .known_as(|| named("integral over a transition", e, beta, &factors));
            line
        }
    };
    Ok(line.scale(&inverse_beta))
}

/// `(1/β) ∫_0^∞ x^{α−1} (1+x)^{-q} dx = Γ(α) Γ(q−α) / (β Γ(q))`, with its Laurent parts.
fn beta_integral(alpha: &BigRational, q: &BigRational, beta: &BigRational) -> Laurent {
    let complement = q - alpha;
    let inverse_beta = Coefficient::rational(beta.recip());
    let (pole, residue_sign) = match (gamma_pole(alpha), gamma_pole(&complement)) {
        (Some(j), _) => (j, -1),
        (None, Some(j)) => (j, 1),
        (None, None) => {
            return Laurent::regular(gamma_ratio(alpha, &complement, q).mul(&inverse_beta));
        }
    };
    let weight = Coefficient::rational(binomial(&-q, pole));
    let place = BigRational::from_integer(pole.into());
    let next = &place + BigRational::one();
    let difference = digamma(&next).add(&digamma(&(q + place)).neg());
    Laurent {
        finite: weight.mul(&difference).mul(&inverse_beta),
        residue: weight.mul(&Coefficient::integer(residue_sign)),
    }
}

/// `∫_0^∞ x^{α−1} Π (1 + c_i x)^{-q_i} dx` for several constants; `α` moves by `−η/β`.
fn full_line(
    alpha: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
) -> Result<Laurent, GermError> {
    let order = total_order(factors);
    let complement = &order - alpha;
    if alpha.is_negative() {
        return by_parts(alpha, beta, factors, |a, f| full_line(a, beta, f));
    }
    if !complement.is_positive() {
        // x → 1/x exchanges the two ends; η changes sign
        let mut constant = Coefficient::integer(1);
        let mut inverted = Vec::with_capacity(factors.len());
        for factor in factors {
            let undecided = || GermError::undecided("the sign of a ratio of kappas");
            let power = factor.constant.pow(&-&factor.order).ok_or_else(undecided)?;
            constant = constant.mul(&power);
            inverted.push(Factor {
                constant: factor.constant.recip().ok_or_else(undecided)?,
                order: factor.order.clone(),
            });
        }
        let mirrored = full_line(&complement, &-beta, &inverted)?;
        return Ok(mirrored.scale(&constant));
    }
    let inherited = inherited_error(factors);
    let (a, b) = (to_f64(alpha), to_f64(&complement));
    let extent = factors
        .iter()
        .map(|f| f.constant.value().ln().abs())
        .fold(0.0, f64::max);
    const WHAT: &str = "the integral over a transition";
    if alpha.is_zero() {
        // ∫ [G − 1/(1+x)]/x, and Γ(α)Γ(1−α) → 1/α for the rest
        let tails = (-40.0 - extent, 40.0 / b.min(1.0) + extent);
        let value = integrate_line(tails, WHAT, |t| {
            let x = t.exp();
            (log_product(factors, x) + x.ln_1p()).exp_m1() / (1.0 + x)
        })?;
        return Ok(Laurent {
            finite: widen(&value, inherited).add(&Coefficient::approximate(0.0, inherited)),
            residue: Coefficient::rational(-beta),
        });
    }
    if a < 0.25 {
        return by_parts(alpha, beta, factors, |a, f| full_line(a, beta, f));
    }
    let tails = (-40.0 / a - extent, 40.0 / b + extent);
    let value = integrate_line(tails, WHAT, |t| {
        (a * t + log_product(factors, t.exp())).exp()
    })?;
    Ok(Laurent::regular(widen(&value, inherited)))
}

/// `∫ x^{α−1} G = −(1/α) ∫ x^α G'`, with `α` moving by `−η/β`.
fn by_parts(
    alpha: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
    integral: impl Fn(&BigRational, &[Factor]) -> Result<Laurent, GermError>,
) -> Result<Laurent, GermError> {
    let next = alpha + BigRational::one();
    let mut sum = Laurent::regular(Coefficient::integer(0));
    for (i, factor) in factors.iter().enumerate() {
        let mut raised = factors.to_vec();
        raised[i].order += BigRational::one();
        let weight = factor
            .constant
            .mul(&Coefficient::rational(factor.order.clone()));
        sum = sum.add(&integral(&next, &raised)?.scale(&weight));
    }
    Ok(divide_by_shifted(&sum, alpha, beta))
}

/// `1/(α − η/β) = (1/α)(1 + η/(αβ) + …)`.
fn divide_by_shifted(laurent: &Laurent, alpha: &BigRational, beta: &BigRational) -> Laurent {
    let inverse = Coefficient::rational(alpha.recip());
    let drift = Coefficient::rational((alpha * beta).recip());
    Laurent {
        finite: laurent
            .finite
            .add(&laurent.residue.mul(&drift))
            .mul(&inverse),
        residue: laurent.residue.mul(&inverse),
    }
}

/// `∫_0^1 u^e Π (1 + c_i u^β)^{-q_i} du`, continued where it diverges.
pub(crate) fn end_integral(
    e: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
) -> Result<Laurent, GermError> {
    let factors = merge(factors);
    let next = e + BigRational::one();
    if factors.is_empty() {
        return Ok(if next.is_zero() {
            Laurent {
                finite: Coefficient::integer(0),
                residue: Coefficient::integer(-1),
            }
        } else {
            Laurent::regular(Coefficient::rational(next.recip()))
        });
    }
    let alpha = next / beta;
    let mut line = half_line(&alpha, beta, &factors)?;
    line.finite = line.finite.known_as(|| {
        by_powers(&alpha, &factors).or_else(|| named("integral up to 1", e, beta, &factors))
    });
    Ok(line.scale(&Coefficient::rational(beta.recip())))
}

/// Integrals up to 1 that are written out with so many powers at most.
const MAX_POWERS: i64 = 12;

/// `∫_0^1 x^{n−1} (1 + c x)^{-q} dx = c^{-n} Σ_k binom(n−1, k) (−1)^{n−1−k} ∫_1^{1+c} y^{k−q} dy` for a whole `n ≥ 1`.
fn by_powers(alpha: &BigRational, factors: &[Factor]) -> Option<Closed> {
    let [Factor { constant, order }] = factors else {
        return None;
    };
    let few = alpha.is_integer() && alpha.is_positive() && *alpha <= whole(MAX_POWERS);
    let n = (few.then(|| alpha.to_integer().to_i64())).flatten()?;
    let c = constant.form()?;
    let end = c.add(&Closed::rational(BigRational::one()))?;
    let mut sum = Closed::rational(BigRational::zero());
    for k in 0..n {
        let power = whole(k + 1) - order;
        let part = if power.is_zero() {
            end.ln()?
        } else {
            let up = end.pow(&power)?;
            let difference = up.add(&Closed::rational(-BigRational::one()))?;
            difference.mul(&Closed::rational(power.recip()))?
        };
        let sign = if (n - 1 - k) % 2 == 0 { 1 } else { -1 };
        let weight = binomial(&whole(n - 1), usize::try_from(k).ok()?) * whole(sign);
        sum = sum.add(&part.mul(&Closed::rational(weight))?)?;
    }
    sum.mul(&c.pow(&whole(-n))?)
}

pub(crate) fn whole(value: i64) -> BigRational {
    BigRational::from_integer(value.into())
}

/// `∫_0^1 x^{α−1} Π (1 + c_i x)^{-q_i} dx`; `α` moves by `−η/β`.
fn half_line(
    alpha: &BigRational,
    beta: &BigRational,
    factors: &[Factor],
) -> Result<Laurent, GermError> {
    let inherited = inherited_error(factors);
    let a = to_f64(alpha);
    if a < 0.25 && !alpha.is_zero() {
        let inner = by_parts(alpha, beta, factors, |a, f| half_line(a, beta, f))?;
        let edge = Coefficient::relative(log_product(factors, 1.0).exp(), inherited + 1e-15);
        let edge = divide_by_shifted(&Laurent::regular(edge), alpha, beta);
        return Ok(inner.add(&edge));
    }
    // x = e^{-y}, y = e^{v − e^{-v}}: both ends fall off doubly exponentially
    let substitute = |v: f64| {
        let y = (v - (-v).exp()).exp();
        (y, y * (1.0 + (-v).exp()))
    };
    let decay = if alpha.is_zero() { 1.0 } else { a };
    // the product falls from 1 at x = 0 to its value at x = 1
    let extent = log_product(factors, 1.0).abs();
    let tails = (-4.5, ((45.0 + extent) / decay).ln());
    const WHAT: &str = "the integral up to the dimension";
    if alpha.is_zero() {
        let value = integrate_line(tails, WHAT, |v| {
            let (y, jacobian) = substitute(v);
            log_product(factors, (-y).exp()).exp_m1() * jacobian
        })?;
        return Ok(Laurent {
            finite: widen(&value, inherited),
            residue: Coefficient::rational(-beta),
        });
    }
    let value = integrate_line(tails, WHAT, |v| {
        let (y, jacobian) = substitute(v);
        (-a * y + log_product(factors, (-y).exp())).exp() * jacobian
    })?;
    Ok(Laurent::regular(widen(&value, inherited)))
}
