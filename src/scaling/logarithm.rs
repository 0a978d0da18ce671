//! `Σ_k ln(1 + τ k^{-B})` over all `k ≥ 1`, `B > 1`: the information that so many observations carry on a power law; and sums of
//! such logarithms up to a growing end, the logarithms of products of as many factors.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::closed::Closed;
use super::germ::{Coefficient, Germ, GermError, Order, Ratio, to_f64};
use super::transition::{Factor, end_integral, whole};

/// Powers of what is small that are kept.
const HEAD: i64 = 4;

/// `(π/sin(π/B)) τ^{1/B} − (ln τ + B ln 2π)/2 + Σ_m (−1)^{m+1}/m ζ(−Bm) τ^{-m}` as `τ → ∞`, which is Mellin's; and
/// `Σ_m (−1)^{m+1}/m ζ(Bm) τ^m` as `τ → 0`.
pub fn logarithmic_sum(steepness: &BigRational, rate: &Germ) -> Result<Germ, GermError> {
    if *steepness <= BigRational::one() {
        return Err(GermError::undecided("a sum of logarithms that diverges"));
    }
    let undecided = || GermError::undecided("a sum of logarithms of what has another limit");
    if rate.sign()? <= 0 {
        return Err(undecided());
    }
    let (mut sum, small, sign) = match rate.ratio_to(&Germ::integer(1))? {
        Ratio::Vanishes => (Germ::zero(), rate.clone(), 1),
        Ratio::Grows => {
            let inverse = rate.powr(&-BigRational::one())?;
            (leading(steepness, rate)?, inverse, -1)
        }
        Ratio::Tends(_) => return Err(undecided()),
    };
    for m in 1..HEAD {
        let argument = steepness * whole(sign * m);
        let zeta = Coefficient::zeta(&argument).ok_or_else(undecided)?;
        let power = small.powr(&whole(m))?;
        sum = &sum + &power.scale(&zeta.mul(&Coefficient::rational(share(m))));
    }
    Ok(beyond(sum, &small.powr(&whole(HEAD))?))
}

/// What grows, and the constant: `π/sin(π/B) = Γ(1/B) Γ(1 − 1/B)`, `ζ(0) = −1/2`, `ζ'(0) = −ln(2π)/2`.
fn leading(steepness: &BigRational, rate: &Germ) -> Result<Germ, GermError> {
    let undecided = || GermError::undecided("the constant in a sum of logarithms");
    let power = steepness.recip();
    let front = Coefficient::gamma(&power)
        .zip(Coefficient::gamma(&(BigRational::one() - &power)))
        .map(|(a, b)| a.mul(&b))
        .ok_or_else(undecided)?;
    let half = Coefficient::rational(BigRational::new((-1).into(), 2.into()));
    let constant = half_log_circle()?.mul(&Coefficient::rational(-steepness));
    let sum = &rate.powr(&power)?.scale(&front) + &rate.ln()?.scale(&half);
    Ok(&sum + &Germ::term(constant, Order::constant()))
}

/// `ln(2π)/2`
pub(super) fn half_log_circle() -> Result<Coefficient, GermError> {
    let log = Coefficient::pi().mul(&Coefficient::integer(2)).ln();
    let log = log.ok_or_else(|| GermError::undecided("the logarithm of 2 pi"))?;
    Ok(log.mul(&Coefficient::rational(BigRational::new(1.into(), 2.into()))))
}

/// Powers of what is small that are kept in sums to a growing end.
const TERMS: i64 = 6;
/// And where they fall slowly.
const MANY_TERMS: i64 = 40;

/// `(−1)^{j+1}/j`
fn share(j: i64) -> BigRational {
    BigRational::new((if j % 2 == 1 { 1 } else { -1 }).into(), j.into())
}

/// `Σ_{k=1}^n k^p` by Euler and Maclaurin for a growing `n`, without the constant `ζ(−p)` (at `p = −1` without Euler's).
pub fn power_end(n: &Germ, p: &BigRational) -> Result<Germ, GermError> {
    let one = BigRational::one();
    let at = |shift: i64, factor: BigRational| -> Result<Germ, GermError> {
        Ok(n.powr(&(p + whole(shift)))?
            .scale(&Coefficient::rational(factor)))
    };
    let whole_part = match (p + &one).is_zero() {
        true => n.ln()?,
        false => at(1, (p + &one).recip())?,
    };
    let third = p * (p - &one) * (p - whole(2)) / whole(-720);
    let mut sum = &whole_part + &at(0, BigRational::new(1.into(), 2.into()))?;
    sum = &sum + &at(-1, p / whole(12))?;
    sum = &sum + &at(-3, third)?;
    if p.is_integer() && !p.is_negative() && *p <= whole(4) {
        return Ok(sum);
    }
    Ok(beyond(sum, &at(-5, one)?))
}

/// With what is left out as small as `rest`.
pub(super) fn beyond(sum: Germ, rest: &Germ) -> Germ {
    match rest.order_bound() {
        Some(order) => sum.with_remainder(order.clone()),
        None => sum,
    }
}

/// `Σ_{k=1}^n ln k = n ln n − n + (ln 2πn)/2 + 1/(12 n) − 1/(360 n³) + …`.
pub fn log_factorial(n: &Germ) -> Result<Germ, GermError> {
    let log = n.ln()?;
    let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
    let inverse = n.recip()?;
    let at = |power: i64, factor: BigRational| -> Result<Germ, GermError> {
        Ok(inverse
            .powr(&whole(power))?
            .scale(&Coefficient::rational(factor)))
    };
    let mut sum = &(&(n * &log) - n) + &log.scale(&half);
    sum = &sum + &Germ::term(half_log_circle()?, Order::constant());
    sum = &sum + &at(1, BigRational::new(1.into(), 12.into()))?;
    sum = &sum + &at(3, BigRational::new((-1).into(), 360.into()))?;
    Ok(beyond(sum, &at(5, BigRational::one())?))
}

/// `Σ_{k=m}^n ln(1 + ν k^γ)` for a growing `n`, where that is positive all along. What is small at the start is expanded there, what
/// is small at the end there, and in between `1 + u^γ` contributes a number.
pub fn logarithms_up_to(
    gamma: &BigRational,
    nu: &Germ,
    first: i64,
    n: &Germ,
) -> Result<Germ, GermError> {
    if gamma.is_zero() || nu.is_zero() {
        return Err(GermError::undecided("a sum of equal logarithms"));
    }
    let one = Germ::integer(1);
    let at_end = nu * &n.powr(gamma)?;
    let (start, end) = (nu.ratio_to(&one)?, at_end.ratio_to(&one)?);
    match (start, end) {
        (Ratio::Vanishes, Ratio::Vanishes) => {
            let head = head_logarithms(gamma, nu, first)?;
            let terms = end_logarithms(gamma, nu, n, TERMS)?;
            Ok(&head + &terms)
        }
        (Ratio::Vanishes, Ratio::Tends(c)) => {
            let head = head_logarithms(gamma, nu, first)?;
            Ok(&head + &whole_end(gamma, &at_end, &c, n)?)
        }
        (Ratio::Tends(c), Ratio::Vanishes) if nu.tail().is_zero() => {
            let slow = (BigRational::one() + &BigRational::one()) / -gamma;
            let terms = slow.ceil().to_integer().to_i64().unwrap_or(i64::MAX);
            if terms > MANY_TERMS {
                return Err(GermError::undecided("a sum of so many powers"));
            }
            let constant = Germ::term(settled_start(gamma, &c, first)?, Order::constant());
            Ok(&constant + &end_logarithms(gamma, nu, n, terms.max(TERMS))?)
        }
        // ln(1 + ν k^γ) = ln ν + γ ln k + ln(1 + k^{-γ}/ν)
        (Ratio::Grows, _) | (Ratio::Tends(_), Ratio::Grows) if nu.sign()? > 0 => {
            let rest = logarithms_up_to(&-gamma, &nu.recip()?, first, n)?;
            let count = n - &Germ::integer(first - 1);
            let before: BigInt = (1..first).map(BigInt::from).product();
            let before = Coefficient::integer(1)
                .mul(&Coefficient::rational(BigRational::from_integer(before)))
                .ln()
                .ok_or_else(|| GermError::undecided("the logarithm of a factorial"))?;
            let factorial = &log_factorial(n)? - &Germ::term(before, Order::constant());
            let powers = factorial.scale(&Coefficient::rational(gamma.clone()));
            Ok(&(&rest + &powers) + &(&count * &nu.ln()?))
        }
        (Ratio::Vanishes, Ratio::Grows) if nu.sign()? > 0 => across(gamma, nu, first, n),
        _ => Err(GermError::undecided(
            "a sum of logarithms of what has another limit",
        )),
    }
}

/// What is small at the start: `Σ_j (−1)^{j+1}/j ν^j ζ(−γj)`, without the terms before the first.
fn head_logarithms(gamma: &BigRational, nu: &Germ, first: i64) -> Result<Germ, GermError> {
    let mut sum = Germ::zero();
    let mut power = nu.clone();
    for j in 1..=TERMS {
        let p = gamma * whole(j);
        let zeta = Coefficient::zeta(&-&p).unwrap_or_else(Coefficient::euler);
        let before = (1..first).try_fold(Coefficient::integer(0), |sum, k| {
            Some(sum.add(&Coefficient::integer(k).pow(&p)?))
        });
        let before = before.ok_or_else(|| GermError::undecided("a power of a number"))?;
        let weight = zeta
            .add(&before.neg())
            .mul(&Coefficient::rational(share(j)));
        sum = &sum + &power.scale(&weight);
        power = &power * nu;
    }
    Ok(beyond(sum, &power))
}

/// What is small at the end: `Σ_j (−1)^{j+1}/j ν^j Σ_{k ≤ n} k^{γj}` without the constants.
fn end_logarithms(gamma: &BigRational, nu: &Germ, n: &Germ, terms: i64) -> Result<Germ, GermError> {
    let mut sum = Germ::zero();
    let mut power = nu.clone();
    for j in 1..=terms {
        let end = power_end(n, &(gamma * whole(j)))?;
        sum = &sum + &(&power * &end).scale(&Coefficient::rational(share(j)));
        power = &power * nu;
    }
    // `n` times the next power, and a logarithm where that is a sum of 1/k
    let next = &(&power * &n.powr(&(gamma * whole(terms + 1)))?) * &(n * &n.ln()?);
    Ok(beyond(sum, &next))
}

/// What is neither small nor large at the end, `ν n^γ → c`: `n ∫_0^1 ln(1 + w u^γ) du`, `w = ν n^γ`, and what Euler and Maclaurin
/// add at `n`.
fn whole_end(gamma: &BigRational, w: &Germ, c: &Coefficient, n: &Germ) -> Result<Germ, GermError> {
    let mean = mean_logarithm(gamma, w, c)?;
    let one = Germ::integer(1);
    let at_end = (&one + w).ln()?;
    let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
    let twelfth = Coefficient::rational(gamma / whole(12));
    let slope = w.div(&(&one + w))?.div(n)?.scale(&twelfth);
    let sum = &(&(n * &mean) + &at_end.scale(&half)) + &slope;
    Ok(beyond(sum, &n.powr(&whole(-3))?))
}

/// `∫_0^1 ln(1 + w u^γ) du`, `w → c`.
fn mean_logarithm(gamma: &BigRational, w: &Germ, c: &Coefficient) -> Result<Germ, GermError> {
    if gamma.is_negative() {
        return Err(GermError::undecided(
            "logarithms that are large at the start",
        ));
    }
    let sum = Coefficient::integer(1).add(c);
    let log = match sum.sign() {
        Some(1) => sum.ln(),
        _ => None,
    };
    let log = log.ok_or_else(|| GermError::undecided("a logarithm of what may vanish"))?;
    // ∫ ln(1 + c u^γ) = ln(1 + c) − γ c ∫ u^γ/(1 + c u^γ), and d/dw gives ∫ u^γ/(1 + w u^γ)
    let integral = |order: i64| -> Result<Coefficient, GermError> {
        let factor = Factor {
            constant: c.clone(),
            order: whole(order),
        };
        Ok(end_integral(&(gamma * whole(order)), gamma, &[factor])?.finite)
    };
    let first = integral(1)?;
    let scale = c.mul(&Coefficient::rational(gamma.clone()));
    let mut mean = Germ::term(log.add(&scale.mul(&first).neg()), Order::constant());
    let epsilon = w.tail();
    if !epsilon.is_zero() {
        let half = Coefficient::rational(BigRational::new((-1).into(), 2.into()));
        let square = &epsilon * &epsilon;
        mean = &mean + &epsilon.scale(&first);
        mean = &mean + &square.scale(&integral(2)?.mul(&half));
        mean = beyond(mean, &(&square * &epsilon));
    }
    Ok(mean)
}

/// `∫_0^to ln(1 + ν x^γ) dx`.
pub fn logarithmic_integral(gamma: &BigRational, nu: &Germ, to: &Germ) -> Result<Germ, GermError> {
    let w = nu * &to.powr(gamma)?;
    let mean = match w.ratio_to(&Germ::integer(1))? {
        Ratio::Tends(c) => mean_logarithm(gamma, &w, &c)?,
        Ratio::Vanishes if gamma.is_positive() => {
            let mut sum = Germ::zero();
            let mut power = w.clone();
            for j in 1..=TERMS {
                let weight = share(j) / (gamma * whole(j) + BigRational::one());
                sum = &sum + &power.scale(&Coefficient::rational(weight));
                power = &power * &w;
            }
            beyond(sum, &power)
        }
        _ => return Err(GermError::undecided("an integral of what grows at an end")),
    };
    Ok(to * &mean)
}

/// From small to large: `ν^{-1/γ} π/sin(π/γ)`, and the ends.
fn across(gamma: &BigRational, nu: &Germ, first: i64, n: &Germ) -> Result<Germ, GermError> {
    let power = gamma.recip();
    if power.is_integer() || gamma.is_negative() {
        return Err(GermError::undecided("the constant in a sum of logarithms"));
    }
    let sine = Coefficient::sin_pi(&power).recip();
    let front = sine.ok_or_else(|| GermError::undecided("the constant in a sum of logarithms"))?;
    let middle = nu.powr(&-&power)?.scale(&front.mul(&Coefficient::pi()));
    let head = head_logarithms(gamma, nu, first)?;
    // at the end ln(ν k^γ) + ln(1 + k^{-γ}/ν), summed without what is of the start
    let constant = Germ::term(half_log_circle()?, Order::constant());
    let factorial = &log_factorial(n)? - &constant;
    let half = Germ::rational(BigRational::new(1.into(), 2.into()));
    let logs =
        &factorial.scale(&Coefficient::rational(gamma.clone())) + &(&(n + &half) * &nu.ln()?);
    let rest = end_logarithms(&-gamma, &nu.recip()?, n, TERMS)?;
    Ok(&(&middle + &head) + &(&logs + &rest))
}

/// The constant of `Σ_{k ≥ m} ln(1 + c k^γ)`, `γ < 0`, whose growing parts are those of [`power_end`].
fn settled_start(
    gamma: &BigRational,
    c: &Coefficient,
    first: i64,
) -> Result<Coefficient, GermError> {
    const LAST: i64 = 4096;
    const DEEPEST: i64 = 4000;
    let undecided = || GermError::undecided("the constant of a sum of logarithms");
    let (g, value) = (to_f64(gamma), c.value());
    let mut sum = 0.0;
    for k in (first..=LAST).rev() {
        let inside = value * (k as f64).powf(g);
        if inside <= -1.0 {
            return Err(GermError::domain("log", "the argument is not positive"));
        }
        sum += inside.ln_1p();
    }
    let (n, mut power, mut j) = (LAST as f64, 1.0f64, 1);
    loop {
        power *= value * n.powf(g);
        let p = g * j as f64;
        let flat = if (gamma * whole(j) + BigRational::one()).is_zero() {
            n * n.ln()
        } else {
            n / (p + 1.0)
        };
        let end = flat + 0.5 + p / (12.0 * n) - p * (p - 1.0) * (p - 2.0) / (720.0 * n.powi(3));
        let term = to_f64(&share(j)) * power * end;
        sum -= term;
        if term.abs() < 1e-17 && power.abs() < 1e-3 {
            break;
        }
        j += 1;
        if j > DEEPEST {
            return Err(undecided());
        }
    }
    let size = n * (value * n.powf(g)).abs() + sum.abs() + 1.0;
    let name = c
        .form()
        .map(|form| format!("constant of ln(1 + {form:?} k^{gamma}) from {first}"));
    Ok(Coefficient::approximate(sum, 1e-13 * size + c.error() * n)
        .known_as(|| name.map(Closed::named)))
}

#[cfg(test)]
mod tests {
    use num_traits::ToPrimitive;

    use super::*;

    /// Beside the sums: of ten million terms, and an integral of the rest.
    #[test]
    fn logarithms_are_summed() {
        for b in [2i64, 3] {
            let steepness = BigRational::from_integer(b.into());
            let n = 10_000_000;
            for (rate, t) in [
                (Germ::variable(), 400.0f64),
                (Germ::power_of_variable(-BigRational::one()), 60.0),
            ] {
                let sum = logarithmic_sum(&steepness, &rate).unwrap();
                let tau = rate.evaluate(t);
                let head: f64 = (1..=n)
                    .map(|k| (tau * f64::from(k).powi(-(b as i32))).ln_1p())
                    .sum();
                let b = steepness.to_f64().unwrap();
                let rest = tau * (f64::from(n) + 0.5).powf(1.0 - b) / (b - 1.0);
                let gap = sum.evaluate(t) / (head + rest) - 1.0;
                assert!(gap.abs() < 2e-6, "{b} {tau}: {gap}");
            }
        }
    }
}
