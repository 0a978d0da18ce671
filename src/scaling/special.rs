//! `Γ`, `ψ` and `ζ` at the exact rational arguments that spectral sums ask for.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::closed::{Atom, Closed};
use super::germ::values;
use super::germ::{Coefficient, GermError, to_f64};
use crate::number::bernoulli;

/// Relative accuracy granted to one value of `Γ`.
const GAMMA_ACCURACY: f64 = 1e-13;

pub(crate) const EULER: f64 = 0.577_215_664_901_532_9;

/// Corrections of Euler and Maclaurin that are summed.
const CORRECTIONS: usize = 12;

/// `B_2, B_4, …`
pub(super) fn even_bernoulli() -> [f64; CORRECTIONS] {
    let numbers = bernoulli(2 * CORRECTIONS);
    std::array::from_fn(|j| to_f64(&numbers[2 * (j + 1)]))
}

/// `−j` for a whole number `j ≥ 0`: where `Γ` has a pole.
pub(crate) fn gamma_pole(x: &BigRational) -> Option<usize> {
    (x.is_integer() && !x.is_positive())
        .then(|| (-x.numer()).to_usize())
        .flatten()
}

/// `Γ(a) Γ(b) / Γ(c)`; none of the arguments a pole.
pub(crate) fn gamma_ratio(a: &BigRational, b: &BigRational, c: &BigRational) -> Coefficient {
    let mut log = 0.0;
    let mut sign = 1;
    let mut size = 0.0;
    for (x, weight) in [(a, 1.0), (b, 1.0), (c, -1.0)] {
        let (value, s) = log_gamma(x);
        log += weight * value;
        size += value.abs();
        sign *= s;
    }
    Coefficient::relative(
        f64::from(sign) * log.exp(),
        3.0 * GAMMA_ACCURACY + size * 4.0 * f64::EPSILON,
    )
    .known_as(|| gamma_ratio_form(a, b, c))
}

fn gamma_ratio_form(a: &BigRational, b: &BigRational, c: &BigRational) -> Option<Closed> {
    let numerator = values::gamma(a)?.mul(&values::gamma(b)?)?;
    numerator.mul(&values::gamma(c)?.recip()?)
}

impl Coefficient {
    /// `Γ(x)`; `None` at a pole.
    pub fn gamma(x: &BigRational) -> Option<Self> {
        let one = BigRational::one();
        gamma_pole(x).is_none().then(|| gamma_ratio(x, &one, &one))
    }

    /// `sin πx`.
    pub fn sin_pi(x: &BigRational) -> Self {
        if x.is_integer() {
            return Self::integer(0);
        }
        let (size, sign) = sin_pi(x);
        Self::relative(f64::from(sign) * size, 4.0 * f64::EPSILON).known_as(|| values::sine(x))
    }

    /// Euler's constant.
    pub fn euler() -> Self {
        euler()
    }

    /// `ζ(s)`; `None` at its pole.
    pub fn zeta(s: &BigRational) -> Option<Self> {
        (!s.is_one()).then(|| zeta(s))
    }
}

/// Euler's constant.
pub(crate) fn euler() -> Coefficient {
    Coefficient::approximate(EULER, f64::EPSILON).known_as(|| Some(Closed::atom(Atom::Gamma0)))
}

/// `ln |Γ(x)|` and the sign. Below 1/2 by reflection, the distance to the poles taken exactly.
fn log_gamma(x: &BigRational) -> (f64, i32) {
    let half = BigRational::new(1.into(), 2.into());
    if *x >= half {
        return (libm::lgamma(to_f64(x)), 1);
    }
    let (sine, sign) = sin_pi(x);
    let reflected = BigRational::one() - x;
    (
        (std::f64::consts::PI / sine).ln() - libm::lgamma(to_f64(&reflected)),
        sign,
    )
}

/// `|sin πx|` and its sign, accurate near its zeros.
fn sin_pi(x: &BigRational) -> (f64, i32) {
    let nearest = x.round();
    let offset = to_f64(&(x - &nearest));
    let odd = !(nearest.numer() % BigInt::from(2)).is_zero();
    let value = (std::f64::consts::PI * offset).sin();
    let sign = if (value < 0.0) == odd { 1 } else { -1 };
    (value.abs(), sign)
}

/// `ψ(x) = Γ'(x)/Γ(x)` for `x > 0`.
pub(crate) fn digamma(argument: &BigRational) -> Coefficient {
    let x = to_f64(argument);
    let mut shifted = x;
    let mut sum = 0.0;
    let mut size = 0.0;
    while shifted < 12.0 {
        sum -= 1.0 / shifted;
        size += 1.0 / shifted;
        shifted += 1.0;
    }
    sum += shifted.ln() - 0.5 / shifted;
    let mut power = 1.0;
    for (j, b) in (1..=8).zip(even_bernoulli()) {
        power /= shifted * shifted;
        sum -= b / f64::from(2 * j) * power;
    }
    Coefficient::approximate(sum, 8.0 * f64::EPSILON * (size + sum.abs() + 1.0))
        .known_as(|| values::digamma(argument))
}

/// `ζ(s)` for any `s ≠ 1`; exact at the whole numbers below 1.
pub(crate) fn zeta(s: &BigRational) -> Coefficient {
    if s.is_integer()
        && let Some(value) = values::zeta(s).as_ref().and_then(Closed::as_rational)
    {
        return Coefficient::rational(value);
    }
    let value = if s.is_negative() {
        reflected_zeta(s)
    } else {
        hurwitz(s, 1.0)
    };
    value.known_as(|| values::zeta(s))
}

/// `ζ(s) = 2 (2π)^{s−1} sin(πs/2) Γ(1−s) ζ(1−s)`.
fn reflected_zeta(s: &BigRational) -> Coefficient {
    let other = BigRational::one() - s;
    let (sine, sign) = sin_pi(&(s / BigRational::from_integer(2.into())));
    let (log_gamma, _) = log_gamma(&other);
    let log =
        std::f64::consts::LN_2 + (to_f64(s) - 1.0) * (2.0 * std::f64::consts::PI).ln() + log_gamma;
    let factor = f64::from(sign) * sine * log.exp();
    Coefficient::relative(
        factor,
        2.0 * GAMMA_ACCURACY + log.abs() * 4.0 * f64::EPSILON,
    )
    .mul(&hurwitz(&other, 1.0))
}

/// Terms of a sum that are added one by one; past that many the error that is told is large.
const MOST_TERMS: f64 = 4e3;

/// `ζ(s, a)`, and `−ψ(a)` at its pole, for `a > 0`.
pub(crate) fn hurwitz_constant(s: &BigRational, a: &BigRational) -> Coefficient {
    if s.is_one() {
        return digamma(a).neg();
    }
    let name = || Some(Closed::named(format!("zeta({s}, {a})")));
    hurwitz(s, to_f64(a)).known_as(name)
}

/// `Σ_{k ≥ 0} (k + a)^{-s}` by Euler–Maclaurin, continued analytically; `a > 0`, `s ≠ 1`.
pub(crate) fn hurwitz(s: &BigRational, a: f64) -> Coefficient {
    let s_minus_one = to_f64(&(s - BigRational::one()));
    let s = to_f64(s);
    let mut sum = 0.0;
    let mut size = 0.0;
    let mut add = |term: f64| {
        sum += term;
        size += term.abs();
        size
    };
    let mut start = a;
    // Rounding of a power is that of its logarithm, which for the first term, one, is none.
    let mut rounding = 0.0;
    while start < 12.0 + s.abs().min(MOST_TERMS) {
        let term = start.powf(-s);
        rounding += 4.0 * f64::EPSILON * (1.0 + (s * start.ln()).abs()) * term;
        let size = add(term);
        start += 1.0;
        // What is left is at most its first term and an integral.
        let left = start.powf(-s) * (1.0 + start / s_minus_one);
        if s > 2.0 && left < 1e-20 * size {
            return Coefficient::approximate(sum, left + rounding);
        }
    }
    let power = start.powf(-s);
    add(start * power / s_minus_one);
    add(0.5 * power);
    // B_2j/(2j)! · s(s+1)…(s+2j−2) · start^{−s−2j+1}
    let mut factor = power * s / start;
    let mut factorial = 2.0;
    let mut last = 0.0;
    for (j, b) in (1..).zip(even_bernoulli()) {
        last = b * factor / factorial;
        add(last);
        let j = f64::from(2 * j);
        factor *= (s + j - 1.0) * (s + j) / (start * start);
        factorial *= (j + 1.0) * (j + 2.0);
    }
    rounding += 4.0 * f64::EPSILON * (1.0 + s.abs()) * size;
    Coefficient::approximate(sum, last.abs() + rounding)
}

/// `∫_ℝ f(t) dt` by the trapezoidal rule, which converges geometrically for a function analytic in a
/// strip that falls off exponentially on both sides; `tails` are where it has fallen below rounding.
pub(crate) fn integrate_line(
    tails: (f64, f64),
    what: &'static str,
    f: impl Fn(f64) -> f64,
) -> Result<Coefficient, GermError> {
    let (left, right) = tails;
    let sum = |intervals: usize, offset: f64| {
        let step = (right - left) / intervals as f64;
        let mut total = 0.0;
        let mut size = 0.0;
        for i in 0..intervals {
            let value = f(left + (i as f64 + offset) * step);
            total += value;
            size += value.abs();
        }
        (total * step, size * step)
    };
    let mut intervals = (((right - left) * 2.0).ceil() as usize).clamp(16, 1 << 20);
    let (mut value, _) = sum(intervals, 0.0);
    for _ in 0..8 {
        let (middle, size) = sum(intervals, 0.5);
        let refined = 0.5 * (value + middle);
        let change = (refined - value).abs();
        let floor = 1e-14 * size;
        if !refined.is_finite() {
            break;
        }
        if change <= 1e-12 * size {
            return Ok(Coefficient::approximate(refined, change + floor));
        }
        value = refined;
        intervals *= 2;
    }
    Err(GermError::NotConverged { what })
}
