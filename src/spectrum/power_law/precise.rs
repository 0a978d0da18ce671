//! Sums over a power law to any precision, with proved errors.
//!
//! `Σ_{k=a}^{b} k^{−γ} Π (k^{−β} + κ_i)^{−q_i}` in three parts:
//!
//! ```text
//!   k < N          every integer
//!   N ≤ k < P      Euler and Maclaurin: ∫ F dk by Gauss–Legendre panels in ln k, derivatives of F at N and P
//!   P ≤ k          k^{−β} ≪ every κ_i: a power series in k^{−β}, each term a Hurwitz ζ
//! ```
//!
//! Both rules are bounded by `F` off the real axis: for `|arg k| ≤ φ`, `ψ = βφ < π`,
//! `|s + κ| ≥ (|s| + κ) cos(ψ/2)`, `s = k^{−β}`, so that `|F|` exceeds its values on the axis by a known factor.

use std::cmp::Ordering;

use super::quadrature::{Rule, gauss_legendre};
use crate::budget;
use crate::number::{Precise, Real, bernoulli, special, with_precision, working_precision};

/// Terms added one by one; a head longer than this is refused.
const LONGEST_HEAD: f64 = 20_000.0;
/// Below this the middle is added up instead.
const SHORT: f64 = 600.0;
/// Panels of the integral.
const MOST_PANELS: f64 = 4_000.0;
/// Poles of a total order beyond this are refused.
const MOST_ORDER: f64 = 400.0;
/// Units of work of a product of two coefficients, for each bit of them.
const PRODUCT: f64 = 3.0;

/// `k ↦ k^{−γ} Π (k^{−β} + κ_i)^{−q_i}`
#[derive(Clone, Debug)]
pub struct Summand {
    pub beta: Precise,
    pub gamma: Precise,
    /// `(κ_i, q_i)`, `κ_i > 0`.
    pub poles: Vec<(Precise, Precise)>,
}

fn number(x: f64) -> Precise {
    Precise::from_f64(x)
}

fn one() -> Precise {
    Precise::integer(1)
}

/// `x^q` by multiplication where `q` is whole.
fn raised(x: &Precise, q: &Precise) -> Precise {
    x.powf(q)
}

impl Summand {
    /// `Σ_{k=first}^{last} F(k)`, `last = None` standing for infinity; `None` where the sum diverges or is beyond
    /// the work allowed.
    pub fn sum(&self, first: u64, last: Option<u64>) -> Option<Precise> {
        if first == 0 || last.is_some_and(|last| last < first) {
            return (first > 0).then(|| Precise::integer(0));
        }
        let order: f64 = self.poles.iter().map(|(_, q)| q.midpoint().abs()).sum();
        if !(order <= MOST_ORDER) || !self.beta.is_positive() {
            return self.all(first, last);
        }
        // The total is as sharp as its largest part; what the parts lose is granted beforehand.
        let value = with_precision(working_precision() + 40, || {
            self.in_parts(first, last, order)
        })?;
        Some(value + Precise::integer(0)).filter(Precise::is_finite)
    }

    fn at(&self, k: &Precise) -> Precise {
        let log = k.ln();
        self.at_log(&log, &-self.gamma.clone())
    }

    /// `e^{g v} Π (e^{−βv} + κ_i)^{−q_i}`
    fn at_log(&self, v: &Precise, g: &Precise) -> Precise {
        let mut value = (g.clone() * v.clone()).exp();
        if self.poles.is_empty() {
            return value;
        }
        let s = (-(self.beta.clone() * v.clone())).exp();
        for (kappa, q) in &self.poles {
            value = value * raised(&(s.clone() + kappa.clone()), &-q.clone());
        }
        value
    }

    fn explicit(&self, first: u64, last: u64) -> Precise {
        (first..=last).fold(Precise::integer(0), |sum, k| {
            sum + self.at(&Precise::integer(k as i64))
        })
    }

    fn all(&self, first: u64, last: Option<u64>) -> Option<Precise> {
        let last = last.filter(|last| (last - first) as f64 <= LONGEST_HEAD)?;
        Some(self.explicit(first, last)).filter(Precise::is_finite)
    }

    fn in_parts(&self, first: u64, last: Option<u64>, order: f64) -> Option<Precise> {
        if last.is_some_and(|last| ((last - first) as f64) < SHORT) {
            return self.all(first, last);
        }
        let bits = working_precision() as f64;
        // From here on the power series converges like ratio^j, and Hurwitz's formula needs no head.
        let ratio = 1.0 / (16.0 + 4.0 * order);
        let least = self
            .poles
            .iter()
            .map(|(kappa, _)| kappa.clone())
            .reduce(|a, b| a.lesser(&b));
        let start = match &least {
            Some(kappa) => {
                let log = (number(ratio) * kappa.lower()).ln() / self.beta.clone();
                (-log).exp().upper().midpoint().ceil()
            }
            None => 1.0,
        };
        let start = start.max(first as f64).max((0.2 * bits).ceil() + 8.0);
        let end = last.map_or(f64::INFINITY, |last| last as f64);
        if !(start < 9e15) && end.is_infinite() {
            return None;
        }
        let stop = start.min(end + 1.0);
        let mut total = self.before(first, stop as u64, order)?;
        if stop <= end {
            total = total + self.tail(stop as u64, last, &number(ratio), order)?;
        }
        Some(total)
    }

    /// `Σ_{k=first}^{stop−1}`
    fn before(&self, first: u64, stop: u64, order: f64) -> Option<Precise> {
        if stop <= first {
            return Some(Precise::integer(0));
        }
        if ((stop - first) as f64) < SHORT {
            return Some(self.explicit(first, stop - 1));
        }
        let bits = working_precision() as f64;
        let beta = self.beta.midpoint();
        let angle = Angle::new(beta, order);
        // (2M)!/(2πρN)^{2M} is least, e^{−2M}, at 2M = 2πρN.
        let terms = (0.5 * (bits * std::f64::consts::LN_2 + 0.2 * order) + 8.0).ceil();
        let head = (2.0 * terms / (std::f64::consts::TAU * angle.ratio)).ceil() + 1.0;
        let from = (first as f64).max(head);
        if from + SHORT / 2.0 > stop as f64 || from > LONGEST_HEAD {
            if (stop - first) as f64 > LONGEST_HEAD {
                return None;
            }
            return Some(self.explicit(first, stop - 1));
        }
        let from = from as u64;
        let mut sum = Precise::integer(0);
        if from > first {
            sum = self.explicit(first, from - 1);
        }
        let middle = self.euler_maclaurin(from, stop, terms as usize, &angle, order)?;
        Some(sum + middle)
    }

    /// `Σ_{k=from}^{to−1} F = ∫ F − (F(to) − F(from))/2 + Σ_{j ≤ M} B_2j/(2j)! (F^{(2j−1)}(to) − F^{(2j−1)}(from)) + R`,
    /// `|R| ≤ 4/(2π)^{2M} ∫|F^{(2M)}| ≤ 4 g (2M)!/(2πρ from)^{2M} ∫ F`, `g` the excess of `|F|` on the disc of radius
    /// `ρk` around `k` over `F(k)`.
    fn euler_maclaurin(
        &self,
        from: u64,
        to: u64,
        terms: usize,
        angle: &Angle,
        order: f64,
    ) -> Option<Precise> {
        let integral = self.integral(from, to, angle, order)?;
        let (low, high) = (self.taylor(from, 2 * terms)?, self.taylor(to, 2 * terms)?);
        let half = Precise::power_of_two(-1);
        let mut sum = integral.clone() - (high[0].clone() - low[0].clone()) * half;
        let numbers = bernoulli(2 * terms);
        for j in 1..=terms {
            // F^{(n)}/n! are the Taylor coefficients, so B_2j/(2j)! F^{(2j−1)} = B_2j/(2j) c_{2j−1}.
            let weight = Precise::from_rational(&numbers[2 * j]) / Precise::integer(2 * j as i64);
            sum = sum + weight * (high[2 * j - 1].clone() - low[2 * j - 1].clone());
        }
        let n = 2 * terms as i64;
        let factorial = special::gamma(&Precise::integer(n + 1));
        let circle = Precise::integer(2)
            * Precise::pi()
            * number(angle.ratio)
            * Precise::integer(from as i64);
        let bound =
            Precise::integer(4) * self.excess(angle) * factorial / circle.powi(n) * integral;
        Some(sum.widened_by(&bound)).filter(Precise::is_finite)
    }

    /// How much larger than `F(k)` the modulus of `F` may be on the disc around `k`: `|z| ∈ [k(1−ρ), k(1+ρ)]`.
    fn excess(&self, angle: &Angle) -> Precise {
        let (inner, outer) = (one() - number(angle.ratio), one() + number(angle.ratio));
        let steep = |power: &Precise| raised(&inner, &-power.clone().abs());
        let mut factor = steep(&self.gamma);
        for (_, q) in &self.poles {
            let slope = self.beta.clone() * q.abs();
            // |s| is off by (1±ρ)^{∓β}, and so is (|s| + κ) at most.
            factor = factor * steep(&slope) * raised(&outer, &slope);
            factor = factor * raised(&number(angle.cosine), &-q.abs());
        }
        factor.upper()
    }

    /// Taylor coefficients of `F` at `k`, `c_0 … c_{terms−1}`; `None` where they cost more than there is.
    fn taylor(&self, k: u64, terms: usize) -> Option<Vec<Precise>> {
        let products = (terms * terms * (self.poles.len() + 1)) as f64;
        budget::charge_about(products * PRODUCT * working_precision() as f64).ok()?;
        let k = Precise::integer(k as i64);
        let line = vec![k.clone(), one()];
        let mut value = power_series(&line, &-self.gamma.clone(), terms);
        if self.poles.is_empty() {
            return Some(value);
        }
        let s = power_series(&line, &-self.beta.clone(), terms);
        for (kappa, q) in &self.poles {
            let mut base = s.clone();
            base[0] = base[0].clone() + kappa.clone();
            let factor = power_series(&base, &-q.clone(), terms);
            value = product(&value, &factor);
        }
        Some(value)
    }

    /// `∫ F dk = ∫ e^{(1−γ)v} Π (e^{−βv} + κ_i)^{−q_i} dv`, panel by panel.
    ///
    /// `n` points on a panel of half length `h` are off by less than `h·64/15 ρ^{−2n}/(1 − ρ^{−2})` times the
    /// largest modulus on the ellipse of half axes `(ρ ± 1/ρ)h/2` (Trefethen 2008, Theorem 4.5). On it the modulus
    /// exceeds the value in the middle at most by `e^{S(ρ + 1/ρ)h/2} cos(ψ/2)^{−Σ|q|}`, `S` a bound on `|d ln F/dv|`.
    fn integral(&self, from: u64, to: u64, angle: &Angle, order: f64) -> Option<Precise> {
        let bits = working_precision() as f64;
        let (low, high) = (
            Precise::integer(from as i64).ln(),
            Precise::integer(to as i64).ln(),
        );
        let slope = (one() - self.gamma.clone()).abs().upper()
            + self.poles.iter().fold(Precise::integer(0), |s, (_, q)| {
                s + (self.beta.clone() * q.abs()).upper()
            });
        let steep = slope.upper().midpoint().next_up();
        let span = (high.clone() - low.clone()).midpoint();
        // Half a panel: as long as the strip is wide, or the function steep.
        let half_length = (angle.width * 0.5).min(8.0 / steep.max(1e-3)).min(span);
        let panels = (span / (2.0 * half_length)).ceil().max(1.0);
        if panels > MOST_PANELS {
            return None;
        }
        let h = (high.clone() - low.clone()) / number(2.0 * panels);
        let h_upper = h.upper().midpoint().next_up();
        // The imaginary half axis is the width of the strip.
        let b = angle.width / h_upper;
        let rho = (b + (b * b + 1.0).sqrt()) * (1.0 - 1e-12);
        let reach = steep * 0.5 * (rho + 1.0 / rho) * h_upper;
        let growth = reach - order * angle.cosine.ln();
        let points = ((bits * std::f64::consts::LN_2 + growth + 4.0) / (2.0 * rho.ln())).ceil();
        if !(points < 2_000.0) {
            return None;
        }
        let rule = gauss_legendre(points as usize)?;
        let rho = number(rho);
        let relative = number(reach).exp()
            * raised(&number(angle.cosine), &-number(order.next_up()))
            * rho.powi(-2 * points as i64)
            * Precise::integer(64)
            / (Precise::integer(15) * (one() - rho.powi(-2)));
        let power = one() - self.gamma.clone();
        let mut sum = Precise::integer(0);
        let mut bound = Precise::integer(0);
        for panel in 0..panels as i64 {
            let middle = low.clone() + h.clone() * Precise::integer(2 * panel + 1);
            let Rule { nodes, weights } = &*rule;
            for (x, w) in nodes.iter().zip(weights) {
                let v = middle.clone() + h.clone() * x.clone();
                sum = sum + w.clone() * self.at_log(&v, &power);
            }
            bound = bound + self.at_log(&middle, &power).upper();
        }
        let value = (sum * h.clone()).widened_by(&(bound * relative * h));
        Some(value).filter(Precise::is_finite)
    }

    /// `Σ_{k ≥ start}` by the power series in `s = k^{−β}`: `|s/κ_i| ≤ ratio`. The coefficients are at most those of
    /// `(1 − x)^{−Σ|q|}`, whose rest is at most twice its first term where they grow slower than `1/(2 ratio)`.
    fn tail(&self, start: u64, last: Option<u64>, ratio: &Precise, order: f64) -> Option<Precise> {
        let zeta = |power: &Precise| power_sum(power, start, last);
        let mut constant = one();
        for (kappa, q) in &self.poles {
            constant = constant * raised(kappa, &-q.clone());
        }
        if self.poles.is_empty() {
            return zeta(&self.gamma);
        }
        let bits = working_precision() as f64;
        let most = (bits * std::f64::consts::LN_2 / -ratio.midpoint().ln() + order + 8.0).ceil();
        let terms = most as usize;
        // (1 + s/κ_i)^{−q_i}, in x = s/κ with κ the least.
        let least = self
            .poles
            .iter()
            .map(|(kappa, _)| kappa.clone())
            .reduce(|a, b| a.lesser(&b))?;
        let mut series = vec![Precise::integer(0); terms];
        series[0] = one();
        for (kappa, q) in &self.poles {
            let line = vec![one(), least.clone() / kappa.clone()];
            series = product(&series, &power_series(&line, &-q.clone(), terms));
        }
        let mut sum = Precise::integer(0);
        let mut scale = one();
        for (j, c) in series.iter().enumerate() {
            let power = self.gamma.clone() + self.beta.clone() * Precise::integer(j as i64);
            sum = sum + c.clone() * scale.clone() * zeta(&power)?;
            scale = scale / least.clone();
        }
        // The rest: 2 C_J (s/κ)^J, C_J = (Q)_J/J!.
        let j = Precise::integer(terms as i64);
        let mut coefficient = Precise::integer(2);
        let q = number(order.next_up());
        for i in 0..terms as i64 {
            coefficient = coefficient * (q.clone() + Precise::integer(i)) / Precise::integer(i + 1);
        }
        let growth = (q + j.clone()) / (j.clone() + one()) * ratio.clone();
        if growth.order(&Precise::power_of_two(-1)) != Some(Ordering::Less) {
            return None;
        }
        let power = self.gamma.clone() + self.beta.clone() * j;
        let rest = coefficient * scale * zeta(&power)?;
        Some(constant * sum.widened_by(&rest)).filter(Precise::is_finite)
    }
}

/// `Σ_{k=start}^{last} k^{−g}`
pub fn power_sum(g: &Precise, start: u64, last: Option<u64>) -> Option<Precise> {
    let from = Precise::integer(start as i64);
    let Some(last) = last else {
        if (g.clone() - one()).sign() != Some(Ordering::Greater) {
            return None;
        }
        return Some(special::hurwitz(g, &from)).filter(Precise::is_finite);
    };
    if g.is_zero() {
        return Some(Precise::integer((last - start) as i64 + 1));
    }
    if last - start < 24 {
        let sum = (start..=last).fold(Precise::integer(0), |sum, k| {
            sum + Precise::integer(k as i64).powf(&-g.clone())
        });
        return Some(sum).filter(Precise::is_finite);
    }
    let beyond = Precise::integer(last as i64) + one();
    let value = if g.to_whole() == Some(1) {
        special::digamma(&beyond) - special::digamma(&from)
    } else {
        special::hurwitz(g, &from) - special::hurwitz(g, &beyond)
    };
    Some(value).filter(Precise::is_finite)
}

/// `φ` and what follows from it: all `k` with `|arg k| ≤ φ` are allowed.
struct Angle {
    /// `φ`, also the half width of the strip in `ln k`.
    width: f64,
    /// `sin φ`, rounded down: discs of radius `ρk`.
    ratio: f64,
    /// `cos(βφ/2)`, rounded down.
    cosine: f64,
}

impl Angle {
    fn new(beta: f64, order: f64) -> Self {
        let turn = (0.5 * std::f64::consts::PI).min(4.0 / order.max(1.0).sqrt());
        let width = (turn / beta).min(0.7);
        Self {
            width: width * (1.0 - 1e-12),
            ratio: width.sin() * (1.0 - 1e-9),
            cosine: (0.5 * beta * width).cos() * (1.0 - 1e-9),
        }
    }
}

fn product(a: &[Precise], b: &[Precise]) -> Vec<Precise> {
    (0..a.len())
        .map(|n| {
            (0..=n).fold(Precise::integer(0), |sum, i| {
                if a[i].is_zero() || b[n - i].is_zero() {
                    return sum;
                }
                sum + a[i].clone() * b[n - i].clone()
            })
        })
        .collect()
}

/// The series of `base^p`, `base_0 > 0`: `n c_n base_0 = Σ_i (p i − n + i) base_i c_{n−i}`.
fn power_series(base: &[Precise], p: &Precise, terms: usize) -> Vec<Precise> {
    let mut series = Vec::with_capacity(terms);
    series.push(raised(&base[0], p));
    for n in 1..terms {
        let mut sum = Precise::integer(0);
        for i in 1..=n.min(base.len() - 1) {
            let weight =
                p.clone() * Precise::integer(i as i64) + Precise::integer(i as i64 - n as i64);
            sum = sum + weight * base[i].clone() * series[n - i].clone();
        }
        series.push(sum / (base[0].clone() * Precise::integer(n as i64)));
    }
    series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Precise {
        Precise::from_rational(&crate::number::parse_decimal(text).unwrap())
    }

    fn summand(beta: &str, gamma: &str, poles: &[(&str, &str)]) -> Summand {
        Summand {
            beta: decimal(beta),
            gamma: decimal(gamma),
            poles: poles
                .iter()
                .map(|(k, q)| (decimal(k), decimal(q)))
                .collect(),
        }
    }

    fn agree(a: &Precise, b: &Precise, digits: f64, what: &str) {
        assert!((a.clone() - b.clone()).may_vanish(), "{what}: {a:?} {b:?}");
        assert!(
            a.digits() >= digits && b.digits() >= digits,
            "{what}: {} {}",
            a.digits(),
            b.digits()
        );
    }

    /// Every part against plain addition.
    #[test]
    fn parts_add_up_to_the_sum() {
        for (beta, gamma, poles) in [
            ("1.5", "1.5", &[("1e-6", "1")][..]),
            ("1.5", "3", &[("1e-5", "2")]),
            ("1.1", "0", &[("0.001", "1"), ("0.02", "3")]),
            ("3", "2.25", &[("1e-11", "2.5")]),
            ("2", "-1", &[("1e-8", "0.5"), ("1e-7", "-1")]),
            ("0.5", "0.5", &[("0.01", "2")]),
            ("8", "1", &[("1e-30", "1")]),
        ] {
            let f = summand(beta, gamma, poles);
            let what = format!("{beta} {gamma} {poles:?}");
            let fast = f.sum(1, Some(5000)).unwrap();
            let slow = f.explicit(1, 5000);
            agree(&fast, &slow, 30.0, &what);
            let rest = f.sum(777, Some(5000)).unwrap() + f.sum(1, Some(776)).unwrap();
            agree(&fast, &rest, 30.0, &what);
        }
    }

    #[test]
    fn extreme_exponents_are_answered() {
        for beta in ["1e9", "9e15"] {
            let f = summand(beta, beta, &[]);
            let trace = f.sum(1, None).unwrap();
            assert_ne!((trace - one()).sign(), Some(Ordering::Less));
        }
        let f = summand("100", "100", &[("1e-300", "1")]);
        assert!(f.sum(1, None).unwrap().digits() > 30.0);
        // Σ 1/k diverges, and is not summed.
        assert!(summand("1", "1", &[]).sum(1, None).is_none());
    }
}
