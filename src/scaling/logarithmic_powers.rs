//! `Σ_{k=1}^n k^p (ln k)^b` for a growing `n`, by Euler and Maclaurin.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::closed::Closed;
use super::germ::{Coefficient, Germ, GermError, to_f64};
use super::logarithm::{beyond, half_log_circle};
use super::special::even_bernoulli;
use super::transition::whole;

/// Largest whole power of a logarithm that is integrated to the end.
const MOST: usize = 6;
/// Powers of `1/ln n` that are kept of the integral of another power.
const KEPT: usize = 5;
/// Terms that are added up one by one for a constant.
const HEAD: u32 = 32;

/// `b` as a small whole number that is not negative.
pub fn whole_power(b: &BigRational) -> Option<usize> {
    let small = b.is_integer().then(|| b.to_integer().to_usize()).flatten();
    small.filter(|b| *b <= MOST)
}

/// The sum without its constant; where `b` is no small whole number the constant is unknown, and part of what is left out.
pub fn logarithmic_end(n: &Germ, p: &BigRational, b: &BigRational) -> Result<Germ, GermError> {
    let log = n.ln()?;
    let one = BigRational::one();
    let next = p + &one;
    let at = |shift: i64, power: &BigRational| -> Result<Germ, GermError> {
        Ok(&n.powr(&(p + whole(shift)))? * &log.powr(power)?)
    };
    if let Some(count) = whole_power(b) {
        let half = BigRational::new(1.into(), 2.into());
        let mut sum = match next.is_zero() {
            true => scaled(&log.powr(&(b + &one))?, &(b + &one).recip()),
            false => integral(n, p, b, count)?,
        };
        sum = &sum + &scaled(&at(0, b)?, &half);
        // the derivative, over 12
        sum = &sum + &scaled(&at(-1, b)?, &(p / whole(12)));
        if count > 0 {
            sum = &sum + &scaled(&at(-1, &(b - &one))?, &(b / whole(12)));
        }
        return Ok(beyond(sum, &at(-3, b)?));
    }
    let constant = Germ::integer(1);
    if next.is_positive() {
        let rest = at(1, &(b - whole(KEPT as i64)))?;
        return Ok(beyond(integral(n, p, b, KEPT - 1)?, &rest));
    }
    match next.is_zero() {
        true if *b == -&one => Ok(beyond(log.ln()?, &constant)),
        true if *b > -one.clone() => {
            let power = b + &one;
            let sum = scaled(&log.powr(&power)?, &power.recip());
            Ok(beyond(sum, &constant))
        }
        _ => Err(GermError::undecided("a sum of powers of logarithms")),
    }
}

/// `∫ x^p (ln x)^b dx = x^{p+1} Σ_i (−1)^i b(b−1)…(b−i+1) (ln x)^{b−i}/(p+1)^{i+1}`, `p ≠ −1`, to so many terms after the first.
fn integral(n: &Germ, p: &BigRational, b: &BigRational, last: usize) -> Result<Germ, GermError> {
    let (log, inverse) = (n.ln()?, (p + whole(1)).recip());
    let mut weight = inverse.clone();
    let mut sum = Germ::zero();
    for i in 0..=last {
        let left = b - whole(i as i64);
        sum = &sum + &scaled(&log.powr(&left)?, &weight);
        weight = -weight * left * &inverse;
    }
    Ok(&n.powr(&(p + whole(1)))? * &sum)
}

fn scaled(germ: &Germ, factor: &BigRational) -> Germ {
    germ.scale(&Coefficient::rational(factor.clone()))
}

/// `x^p` times a polynomial in `ln x`, by its coefficients from the constant on.
struct Term {
    p: f64,
    logs: Vec<f64>,
}

impl Term {
    fn derivative(&self) -> Self {
        let next = |i: usize| self.logs.get(i + 1).map_or(0.0, |c| c * (i + 1) as f64);
        let logs = (self.logs.iter().enumerate()).map(|(i, c)| self.p * c + next(i));
        Self {
            logs: logs.collect(),
            p: self.p - 1.0,
        }
    }

    fn at(&self, x: f64) -> f64 {
        let log = x.ln();
        let polynomial = self.logs.iter().rev().fold(0.0, |sum, c| sum * log + c);
        x.powf(self.p) * polynomial
    }
}

/// What the sum is beside its growing part: `(−1)^b ζ^{(b)}(−p)`, and at `p = −1` Stieltjes' constant.
pub fn logarithmic_constant(p: &BigRational, b: usize) -> Result<Coefficient, GermError> {
    if b == 0 {
        return Ok(Coefficient::zeta(&-p).unwrap_or_else(Coefficient::euler));
    }
    if p.is_zero() && b == 1 {
        return half_log_circle();
    }
    let power = to_f64(p);
    let n = f64::from(HEAD);
    let (mut sum, mut size) = (0.0, 0.0);
    let mut add = |term: f64| {
        sum += term;
        size += term.abs();
    };
    for k in 2..=HEAD {
        let k = f64::from(k);
        add(k.powf(power) * k.ln().powi(b as i32));
    }
    let log = n.ln();
    if (p + whole(1)).is_zero() {
        add(-log.powi(b as i32 + 1) / (b as f64 + 1.0));
    } else {
        let mut weight = n.powf(power + 1.0) / (power + 1.0);
        for i in 0..=b {
            add(-weight * log.powi((b - i) as i32));
            weight *= -((b - i) as f64) / (power + 1.0);
        }
    }
    let mut logs = vec![0.0; b + 1];
    logs[b] = 1.0;
    let mut term = Term { p: power, logs };
    add(-0.5 * term.at(n));
    term = term.derivative();
    let (mut factorial, mut last) = (2.0, 0.0f64);
    for (j, number) in (1..).zip(even_bernoulli()) {
        last = number / factorial * term.at(n);
        add(-last);
        term = term.derivative().derivative();
        let j = f64::from(2 * j);
        factorial *= (j + 1.0) * (j + 2.0);
    }
    let rounding = 4.0 * f64::EPSILON * (2.0 + power.abs() * log + b as f64) * size;
    let name = || Some(Closed::named(format!("derivative {b} of zeta({})", -p)));
    Ok(Coefficient::approximate(sum, rounding + 4.0 * last.abs()).known_as(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    /// Beside the sum itself, term by term.
    #[test]
    fn powers_of_logarithms_are_summed() {
        let n = 20_000;
        let places = [(0, 1), (1, 2), (-1, 2), (-1, 1), (-3, 2), (2, 1), (-3, 1)];
        for (p, b) in places.iter().flat_map(|p| (0..=3).map(move |b| (p, b))) {
            let p = number(p.0, p.1);
            let germ = logarithmic_end(&Germ::variable(), &p, &whole(b)).unwrap();
            let constant = logarithmic_constant(&p, b as usize).unwrap();
            let power = to_f64(&p);
            let term = |k: i32| f64::from(k).powf(power) * f64::from(k).ln().powi(b as i32);
            let sum: f64 = (1..=n).rev().map(term).sum();
            let found = germ.evaluate(f64::from(n)) + constant.value();
            let left_out = germ.remainder().map_or(0.0, |order| {
                Germ::term(Coefficient::integer(1), order.clone()).evaluate(f64::from(n))
            });
            let allowed = 1e-13 * sum.abs().max(1.0) + constant.error() + left_out;
            assert!((found - sum).abs() <= allowed, "{p} {b}: {found} {sum}");
        }
    }

    /// Where a whole power ends the series, another comes near it: the ratio of what is left out to the first term falls like a power
    /// of the logarithm.
    #[test]
    fn other_powers_of_logarithms_lead_as_they_should() {
        let mut sum = 0.0;
        let mut slow = 0.0;
        let (b, p) = (number(-1, 1), number(0, 1));
        let logs = logarithmic_end(&Germ::variable(), &p, &b).unwrap();
        let harmonic = logarithmic_end(&Germ::variable(), &number(-1, 1), &b).unwrap();
        let mut gap = Vec::new();
        for k in 2..=1_000_000 {
            let x = f64::from(k);
            sum += 1.0 / x.ln();
            slow += 1.0 / (x * x.ln());
            if [1_000, 1_000_000].contains(&k) {
                let left_out = 120.0 * x / x.ln().powi(6);
                let error = (logs.evaluate(x) - sum).abs();
                assert!(error < 4.0 * left_out, "{k}: {error} {left_out}");
                gap.push(slow - harmonic.evaluate(x));
            }
        }
        assert!((gap[0] - gap[1]).abs() < 1e-3, "{gap:?}");
    }
}
