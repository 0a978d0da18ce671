//! `Γ`, `ψ`, `ζ` and Hurwitz's `ζ(s, a)` at real arguments, to the working precision.
//!
//! ```
//! use resolvent::number::{Precise, special};
//! let zeta = special::zeta(&Precise::integer(2));
//! assert_eq!(zeta.to_decimal(30).unwrap(), "1.64493406684822643647241516665e0");
//! ```

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::VecDeque;

use super::{Precise, bernoulli, with_precision, working_precision};

fn one() -> Precise {
    Precise::integer(1)
}

fn half() -> Precise {
    Precise::power_of_two(-1)
}

/// Arguments beyond this are answered by "unknown": sums over so many terms are not written out.
const LARGEST: f64 = 1e6;

/// `Γ(x)`; unknown where a pole may be.
pub fn gamma(x: &Precise) -> Precise {
    if !x.is_finite() || x.midpoint().abs() > 1e9 {
        return Precise::unknown();
    }
    let extra = 16 + 2 * x.midpoint().abs().max(2.0).log2() as usize;
    let value = with_precision(working_precision() + extra, || {
        if x.lower().midpoint() >= 0.5 {
            return log_gamma_right(x).exp();
        }
        if x.upper().sign() != Some(Ordering::Less) && x.may_vanish() {
            return Precise::unknown();
        }
        let sine = sin_pi(x);
        Precise::pi() / (sine * log_gamma_right(&(one() - x.clone())).exp())
    });
    value + Precise::integer(0)
}

/// `ln Γ(x)` for `x > 0`.
pub fn log_gamma(x: &Precise) -> Precise {
    if !x.is_positive() || !x.is_finite() {
        return Precise::unknown();
    }
    let value = with_precision(working_precision() + 32, || log_gamma_right(x));
    value + Precise::integer(0)
}

/// Stirling's series behind `Γ(x + n) = x (x+1) … (x+n−1) Γ(x)`; for `z > 0` it is off by less than its first
/// omitted term.
fn log_gamma_right(x: &Precise) -> Precise {
    let bits = working_precision();
    let far = 0.25 * bits as f64 + 4.0;
    let mut z = x.clone();
    let mut product = one();
    let steps = (far - x.midpoint()).ceil().max(0.0) as usize;
    for _ in 0..steps {
        product = product * z.clone();
        z = z + one();
    }
    let two_pi = Precise::integer(2) * Precise::pi();
    let mut sum = (z.clone() - half()) * z.ln() - z.clone() + half() * two_pi.ln();
    let (terms, omitted) = stirling(&z, |j| 2 * j * (2 * j - 1), 1);
    sum = sum + terms;
    sum.widened_by(&omitted) - product.ln()
}

/// `Σ_{j=1}^{J} B_2j/(w(j) z^{2j−2+first})` and a bound on its first omitted term, the smallest that counts.
fn stirling(z: &Precise, weight: impl Fn(i64) -> i64, first: i64) -> (Precise, Precise) {
    let bits = working_precision();
    let most = bits / 4 + 8;
    let numbers = bernoulli(2 * most + 2);
    let square = one() / (z.clone() * z.clone());
    let mut power = one() / z.powi(first);
    let mut sum = Precise::integer(0);
    for j in 1..=most as i64 {
        let term = Precise::from_rational(&numbers[2 * j as usize]) * power.clone()
            / Precise::integer(weight(j));
        let size = term.size();
        if j == most as i64
            || size.order(&Precise::power_of_two(-(bits as i64) - 8)) == Some(Ordering::Less)
        {
            return (sum, size);
        }
        sum = sum + term;
        power = power * square.clone();
    }
    (sum, Precise::unknown())
}

/// `ψ(x) = Γ'(x)/Γ(x)` for `x > 0`.
pub fn digamma(x: &Precise) -> Precise {
    if !x.is_positive() || !x.is_finite() {
        return Precise::unknown();
    }
    let value = with_precision(working_precision() + 24, || {
        let far = 0.25 * working_precision() as f64 + 4.0;
        let mut z = x.clone();
        let mut sum = Precise::integer(0);
        let steps = (far - x.midpoint()).ceil().max(0.0) as usize;
        for _ in 0..steps {
            sum = sum - one() / z.clone();
            z = z + one();
        }
        let (terms, omitted) = stirling(&z, |j| 2 * j, 2);
        let value = sum + z.ln() - half() / z - terms;
        value.widened_by(&omitted)
    });
    value + Precise::integer(0)
}

/// Euler's constant, `−ψ(1)`.
pub fn euler() -> Precise {
    -digamma(&one())
}

/// `ζ(s)`; unknown where the pole at 1 may be.
pub fn zeta(s: &Precise) -> Precise {
    if s.upper().midpoint() < -1.0 {
        return reflected_zeta(s);
    }
    hurwitz(s, &one())
}

/// `ζ(s) = 2 (2π)^{s−1} sin(πs/2) Γ(1−s) ζ(1−s)`; exactly zero at negative even numbers.
fn reflected_zeta(s: &Precise) -> Precise {
    if !s.is_finite() || s.midpoint().abs() > LARGEST {
        return Precise::unknown();
    }
    let value = with_precision(working_precision() + 48, || {
        let other = one() - s.clone();
        let two_pi = Precise::integer(2) * Precise::pi();
        let sine = sin_pi(&(s.clone() * half()));
        let amplitude = (-(other.clone() * two_pi.ln())).exp() * log_gamma_right(&other).exp();
        Precise::integer(2) * amplitude * sine * hurwitz(&other, &one())
    });
    value + Precise::integer(0)
}

/// `ζ(s, a) = Σ_{k ≥ 0} (k + a)^{-s}`, continued analytically to `s < 1`; `a > 0`. Unknown where `s` may be 1.
///
/// Euler and Maclaurin's formula from `z = a + N` on:
/// `z^{1−s}/(s−1) + z^{−s}/2 + Σ_{j ≤ M} B_2j/(2j)! s(s+1)…(s+2j−2) z^{−s−2j+1}`. The last term taken bounds the
/// remainder, for the derivative under the integral keeps its sign where `s + 2M > 1`.
pub fn hurwitz(s: &Precise, a: &Precise) -> Precise {
    if !s.is_finite()
        || !a.is_positive()
        || !a.is_finite()
        || s.midpoint() < -LARGEST
        || (s.clone() - one()).may_vanish()
    {
        return Precise::unknown();
    }
    let size = s.midpoint().abs();
    let extra = 24
        + if s.midpoint() < 1.0 {
            (2.0 * size) as usize + 16
        } else {
            0
        };
    remembered(s, a, || {
        let value = with_precision(working_precision() + extra.min(4096), || from_head(s, a));
        value + Precise::integer(0)
    })
}

/// Values that are kept: spectra and constants of a claim ask for the same few at every point.
const KEPT: usize = 2048;

struct Known {
    bits: usize,
    s: Precise,
    a: Precise,
    value: Precise,
}

/// `ζ(s, a)` from the last values of this thread, or as computed now.
fn remembered(s: &Precise, a: &Precise, compute: impl FnOnce() -> Precise) -> Precise {
    thread_local! {
        static LAST: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
    }
    let bits = working_precision();
    let is_it = |known: &Known| known.bits == bits && known.s.is_same(s) && known.a.is_same(a);
    let found = LAST.with_borrow(|last| last.iter().find(|k| is_it(k)).map(|k| k.value.clone()));
    found.unwrap_or_else(|| {
        let value = compute();
        LAST.with_borrow_mut(|last| {
            last.truncate(KEPT - 1);
            last.push_front(Known {
                bits,
                s: s.clone(),
                a: a.clone(),
                value: value.clone(),
            });
        });
        value
    })
}

/// Exponents beyond this are summed term by term: they fall so fast.
const STEEP: f64 = 4096.0;
/// Terms of Euler and Maclaurin's formula before it is given up.
const MOST_TERMS: i64 = 1500;

fn from_head(s: &Precise, a: &Precise) -> Precise {
    let bits = working_precision();
    let order = s.lower().midpoint();
    let goal = Precise::power_of_two(-(bits as i64));
    let wanted = 0.15 * bits as f64 + 0.5 * order.abs().min(STEEP) + 4.0;
    let exponent = -s.clone();
    let mut sum = Precise::integer(0);
    let mut z = a.clone();
    loop {
        // Steep sums end before the formula sets in: Σ_{k ≥ 0} (z+k)^{-s} ≤ z^{-s}(1 + z/(s−1)).
        if order > 8.0 {
            let power = z.powf(&exponent);
            let rest = power.clone() * (one() + z.clone() / (s.clone() - one()));
            let small = goal.clone() * sum.size();
            let lost = power.sign().is_none();
            if lost || rest.size().order(&small) == Some(Ordering::Less) {
                return sum.widened_by(&rest);
            }
        }
        if z.midpoint() >= wanted {
            break;
        }
        sum = sum + z.powf(&exponent);
        z = z + one();
    }
    let power = z.powf(&exponent);
    sum = sum + power.clone() * z.clone() / (s.clone() - one()) + power.clone() * half();
    // s(s+1)…(s+2j−2) z^{−s−2j+1}/(2j)!
    let mut factor = power * s.clone() / z.clone() * half();
    let square = one() / (z.clone() * z.clone());
    let mut numbers = bernoulli(128);
    for j in 1..=MOST_TERMS {
        if numbers.len() <= 2 * j as usize {
            numbers = bernoulli(4 * j as usize);
        }
        let term = Precise::from_rational(&numbers[2 * j as usize]) * factor.clone();
        sum = sum + term.clone();
        let settled = order + 2.0 * j as f64 > 2.0;
        let small = goal.clone() * sum.size();
        if settled && term.size().order(&small) != Some(Ordering::Greater) {
            return sum.widened_by(&term);
        }
        let next =
            (s.clone() + Precise::integer(2 * j - 1)) * (s.clone() + Precise::integer(2 * j));
        factor = factor * next * square.clone() / Precise::integer((2 * j + 1) * (2 * j + 2));
    }
    Precise::unknown()
}

pub fn sin(x: &Precise) -> Precise {
    sin_pi(&(x.clone() / Precise::pi()))
}

pub fn cos(x: &Precise) -> Precise {
    sin_pi(&(x.clone() / Precise::pi() + Precise::from_f64(0.5)))
}

/// `sin πx`, exactly zero at whole numbers.
pub fn sin_pi(x: &Precise) -> Precise {
    x.sin_pi()
}
