//! Roots, exponentials, logarithms and powers of balls.

use std::cell::RefCell;

use dashu_base::BitTest;
use dashu_float::round::mode::HalfEven;
use dashu_float::{FBig, Repr};
use dashu_int::IBig;

use super::precision::with_constants;
use super::{
    LIMIT, Magnitude, Midpoint, Precise, above, context, is_nought, top, working_precision,
};

/// Bits of the fixed-point exponential beyond the working precision.
const GUARD: usize = 64;
/// Whole exponents up to this are taken by multiplication.
const MOST_MULTIPLIED: i64 = 1 << 20;

fn sqrt(x: &Precise) -> Precise {
    if x.is_zero() {
        return x.clone();
    }
    if x.radius.is_zero() {
        return match x.is_negative() {
            true => Precise::unknown(),
            false => Precise::rounded(context().sqrt(&x.midpoint), Magnitude::ZERO),
        };
    }
    if x.may_vanish() {
        let high = x.upper();
        return if x.radius.is_finite() && !high.is_negative() {
            Precise::between(&Precise::integer(0), &sqrt(&high))
        } else {
            Precise::unknown()
        };
    }
    if x.is_negative() {
        return Precise::unknown();
    }
    if x.is_wide() {
        return Precise::between(&sqrt(&x.lower()), &sqrt(&x.upper()));
    }
    let root = Precise::rounded(context().sqrt(&x.midpoint), Magnitude::ZERO);
    // |√(m ± r) − √m| ≤ r/√m
    let low = super::below(&root.midpoint).minus_below(root.radius);
    let radius = root.radius.plus(x.radius.over(low));
    Precise::limited(root.midpoint, radius)
}

thread_local! {
    static PI: RefCell<Option<(usize, Precise)>> = const { RefCell::new(None) };
    static LN_2: RefCell<(usize, IBig)> = const { RefCell::new((0, IBig::ZERO)) };
}

/// `ln 2 · 2^fraction`, off by less than one.
fn ln_2(fraction: usize) -> IBig {
    LN_2.with_borrow_mut(|(bits, value)| {
        if *bits < fraction {
            *bits = fraction + 64;
            let constant = with_constants(|cache| cache.ln2::<2, HalfEven>(*bits + 8));
            *value = fixed(&constant.into_repr(), *bits);
        }
        value.clone() >> (*bits - fraction)
    })
}

/// `⌊x · 2^fraction⌋`
fn fixed(x: &Midpoint, fraction: usize) -> IBig {
    let shift = x.exponent() as i64 + fraction as i64;
    if shift >= 0 {
        x.significand().clone() << shift as usize
    } else {
        x.significand().clone() >> (-shift) as usize
    }
}

/// `e^x` for an exact `x` below `2^62`, to a relative error below `2^-bits`.
///
/// `x = k ln 2 + 2^q r`; Taylor's series of `e^r` in fixed point, squared `q` times. Every product is off by
/// less than one unit of `2^-(bits+64)`; the series adds at most three units a term, each squaring at most
/// doubles (and a bit) what is there, so that all stays below `2^(q+12)` units, `q ≤ 30`.
fn exp_exact(x: &Midpoint, bits: usize) -> Precise {
    let squarings = ((bits as f64).sqrt() as usize).clamp(8, 30);
    let size = top(x).max(0) as usize;
    let fraction = bits + GUARD;
    let wide = fraction + size + 2;
    let scaled = fixed(x, wide);
    let log = ln_2(wide);
    let k = &scaled / &log;
    let remainder = &scaled - &k * &log;
    // |k| units are lost to ln 2, of which `wide` holds size + 2 bits more.
    let r = remainder >> (wide - fraction + squarings);
    let one = IBig::ONE << fraction;
    let mut sum = one.clone() + &r;
    let mut term = r.clone();
    let mut n = 2u32;
    loop {
        term = (&term * &r) >> fraction;
        term /= IBig::from(n);
        if term.bit_len() <= 1 {
            break;
        }
        sum += &term;
        n += 1;
    }
    for _ in 0..squarings {
        sum = (&sum * &sum) >> fraction;
    }
    let Ok(k) = i64::try_from(k) else {
        return Precise::unknown();
    };
    let value = Repr::<2>::new(sum, (k - fraction as i64) as isize);
    let error = Magnitude::power_of_two(top(&value) - bits as i64 - 4);
    Precise::limited(value, error)
}

/// Rounds to the working precision.
fn shortened(x: Precise) -> Precise {
    x + Precise::integer(0)
}

fn exp(x: &Precise) -> Precise {
    if !x.radius.is_finite() {
        return x.clone();
    }
    if is_nought(&x.midpoint) && x.radius.is_zero() {
        return Precise::integer(1);
    }
    if !x.radius.is_zero() && x.radius > Magnitude::power_of_two(-8) {
        let (low, high) = (exp(&x.lower()), exp(&x.upper()));
        if !high.radius.is_finite() {
            return high;
        }
        return Precise::between(&low, &high);
    }
    if top(&x.midpoint) > 42 {
        return if super::is_negative(&x.midpoint) {
            Precise::tiny()
        } else {
            Precise::unknown()
        };
    }
    if top(&x.midpoint) < -2 * working_precision() as i64 {
        // e^x = 1 + x(1 ± 1) for tiny x
        let one = Precise::integer(1);
        let bound = above(&x.midpoint).plus(x.radius);
        return Precise::limited(one.midpoint, bound.plus(bound));
    }
    let value = shortened(exp_exact(&x.midpoint, working_precision() + 8));
    if x.radius.is_zero() {
        return value;
    }
    // e^r − 1 ≤ r + r² for r ≤ 1
    let relative = x.radius.plus(x.radius.times(x.radius));
    let reach = above(&value.midpoint).plus(value.radius).times(relative);
    Precise::limited(value.midpoint, value.radius.plus(reach))
}

/// `ln x` for an exact `x > 0`: `y` from `f64`, then `y ← y + 2(x−e^y)/(x+e^y)`, which triples the digits; the
/// last step is bounded by `|ln(1+δ) − 2δ/(2+δ)| ≤ |δ|³/6`, `|δ| ≤ 1/8`, `δ = x e^{−y} − 1`.
fn ln_exact(x: &Midpoint) -> Precise {
    if x.is_one() {
        return Precise::integer(0);
    }
    let target = working_precision();
    let scale = top(x);
    let unit = Repr::<2>::new(x.significand().clone(), x.exponent() - scale as isize);
    let guess = super::nearest(&unit).ln() + scale as f64 * std::f64::consts::LN_2;
    let mut log = Precise::from_f64(guess);
    let mut known = (50.0 - guess.abs().max(1.0).log2()) as usize;
    // Near 1 the logarithm is small and its relative error counts.
    let lost = {
        let gap = Precise::exact(x.clone()) - Precise::integer(1);
        (-top(&gap.midpoint)).max(0) as usize
    };
    let goal = target + lost.min(target) + 8;
    while known < goal {
        known = (3 * known).min(goal);
        log = super::with_precision(known + 40, || {
            let power = shortened(exp_exact(&log.midpoint, known + 40));
            let x = shortened(Precise::exact(x.clone()));
            let delta = x.clone() / power.clone() - Precise::integer(1);
            let step = (x.clone() - power.clone()) * Precise::integer(2) / (x + power);
            let size = above(&delta.midpoint).plus(delta.radius);
            if size > Magnitude::power_of_two(-3) {
                return Precise::unknown();
            }
            let cubed = size.times(size).times(size);
            let next = Precise::exact(log.midpoint.clone()) + step;
            Precise::limited(next.midpoint, next.radius.plus(cubed))
        });
        if !log.radius.is_finite() {
            return log;
        }
    }
    shortened(log)
}

fn ln(x: &Precise) -> Precise {
    if !x.radius.is_finite() || !x.is_positive() {
        return Precise::unknown();
    }
    if x.is_wide() {
        return Precise::between(
            &ln_exact(&x.lower().midpoint),
            &ln_exact(&x.upper().midpoint),
        );
    }
    let log = ln_exact(&x.midpoint);
    let reach = x.radius.over(x.lower_bound_of_size());
    Precise::limited(log.midpoint, log.radius.plus(reach))
}

fn powi(x: &Precise, exponent: i64) -> Precise {
    if exponent == 0 {
        return Precise::integer(1);
    }
    if exponent < 0 {
        let power = exponent.checked_neg().map(|e| powi(x, e));
        return power.map_or_else(Precise::unknown, |p| Precise::integer(1) / p);
    }
    if !x.radius.is_finite() {
        return x.clone();
    }
    let far = above(&x.midpoint).plus(x.radius);
    if exponent > MOST_MULTIPLIED && !far.is_zero() {
        // Beyond the range before the multiplications get there.
        let reach = (far.log2().unsigned_abs() as f64 - 1.0).max(0.0) * exponent as f64;
        if reach > 2.0 * LIMIT as f64 {
            return if far.log2() > 0 {
                Precise::unknown()
            } else {
                Precise::tiny()
            };
        }
    }
    if x.is_wide() {
        return wide_power(x, exponent);
    }
    multiplied(x, exponent.unsigned_abs())
}

fn multiplied(x: &Precise, mut left: u64) -> Precise {
    let mut base = x.clone();
    let mut power: Option<Precise> = None;
    loop {
        if left & 1 == 1 {
            power = Some(match power {
                None => base.clone(),
                Some(power) => power * base.clone(),
            });
        }
        left >>= 1;
        if left == 0 {
            return power.unwrap_or_else(|| Precise::integer(1));
        }
        base = base.clone() * base;
    }
}

/// Powers are monotone on either side of zero.
fn wide_power(x: &Precise, exponent: i64) -> Precise {
    let power = |x: &Precise| multiplied(x, exponent.unsigned_abs());
    let (low, high) = (x.lower(), x.upper());
    if exponent % 2 == 1 {
        return Precise::between(&power(&low), &power(&high));
    }
    let absolute = x.abs();
    let far = power(&absolute.upper());
    let near = if x.may_vanish() {
        Precise::integer(0)
    } else {
        power(&absolute.lower())
    };
    Precise::between(&near, &far)
}

fn powf(x: &Precise, exponent: &Precise) -> Precise {
    if let Some(whole) = exponent.to_whole()
        && whole.abs() <= MOST_MULTIPLIED
    {
        return powi(x, whole);
    }
    if exponent.radius.is_zero()
        && let Some(twice) = (exponent.clone() * Precise::integer(2)).to_whole()
        && twice.abs() <= 128
    {
        return powi(&sqrt(x), twice);
    }
    if x.is_positive() {
        // The logarithm is multiplied: its absolute error is the relative one of the power.
        let extra = (top(&exponent.midpoint) + 42).clamp(0, 4096) as usize;
        let bits = working_precision();
        let product =
            super::with_precision(bits + extra.min(bits.max(64)), || exponent.clone() * ln(x));
        return exp(&product);
    }
    // From zero on, a positive power is continuous.
    let low = x.lower();
    if x.radius.is_finite()
        && exponent.is_positive()
        && is_nought(&low.midpoint)
        && low.radius.is_zero()
    {
        let high = x.upper();
        if high.is_zero() {
            return Precise::integer(0);
        }
        return Precise::between(&Precise::integer(0), &powf(&high, exponent));
    }
    Precise::unknown()
}

fn pi() -> Precise {
    let bits = working_precision();
    let known = PI.with_borrow(|known| known.clone().filter(|(b, _)| *b == bits));
    if let Some((_, value)) = known {
        return value;
    }
    let value: FBig<HalfEven, 2> = with_constants(|cache| context().pi(Some(cache))).value();
    let value = within_an_ulp(value.into_repr());
    PI.set(Some((bits, value.clone())));
    value
}

/// A constant correctly rounded to the working precision.
fn within_an_ulp(midpoint: Midpoint) -> Precise {
    let radius = Magnitude::power_of_two(top(&midpoint) - working_precision() as i64);
    Precise { midpoint, radius }
}

impl Precise {
    pub(in crate::number) fn pi() -> Self {
        pi()
    }

    pub(in crate::number) fn sqrt(&self) -> Self {
        sqrt(self)
    }

    pub(in crate::number) fn exp(&self) -> Self {
        exp(self)
    }

    pub(in crate::number) fn ln(&self) -> Self {
        ln(self)
    }

    pub(in crate::number) fn powi(&self, exponent: i64) -> Self {
        powi(self, exponent)
    }

    pub(in crate::number) fn powf(&self, exponent: &Self) -> Self {
        powf(self, exponent)
    }

    /// `sin πx`, exactly zero at whole numbers.
    pub fn sin_pi(&self) -> Precise {
        if !self.radius.is_finite() || top(&self.midpoint) > 4096 {
            return Precise::integer(0).widened(1.0);
        }
        let value = with_constants(|cache| context().sin_pi(&self.midpoint, Some(cache)));
        let value = Precise::rounded(value, Magnitude::ZERO);
        // The slope is at most π.
        let reach = self.radius.times(Magnitude::from_f64(3.1416));
        Precise::limited(value.midpoint, value.radius.plus(reach))
    }
}
