//! Taylor models: a function of one variable over a whole range, as a polynomial and what it is off by.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use num_rational::BigRational;

use super::{
    Ball, Bounded, DEFAULT_BITS, LinearAlgebra, Precise, Real, bernoulli, special, with_precision,
};

/// Coefficients kept; powers beyond go into the rest.
const TERMS: usize = 18;
/// The power of the variable that stands for exponential decay.
const STEEP: f64 = 40.0;

/// Over which `v` a model speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Range {
    /// A number: any.
    Constant,
    /// `−1 ≤ v ≤ 1`, `x = center + half·v`.
    Block,
    /// `0 < v ≤ 1`, `x = start/v`.
    Tail,
}

/// `v^power (Σ c_n v^n ± rest)` for every `v` of the range; the power is 0 but on tails.
#[derive(Clone, Debug)]
pub struct Model {
    range: Range,
    power: Ball,
    terms: Vec<Ball>,
    rest: f64,
    /// Coefficients kept.
    order: usize,
}

fn ball(x: f64) -> Ball {
    Ball::from_f64(x)
}

fn above(x: Ball) -> f64 {
    let (low, high) = x.enclosure();
    low.abs().max(high.abs())
}

impl Model {
    fn constant(value: Ball) -> Self {
        Self {
            range: Range::Constant,
            power: Ball::zero(),
            terms: vec![value],
            rest: 0.0,
            order: TERMS,
        }
    }

    fn unknown() -> Self {
        Self::constant(Ball::unknown())
    }

    /// `x` itself on `[from, to]`.
    pub fn block(from: f64, to: f64) -> Self {
        Self::block_of_order(from, to, TERMS)
    }

    /// The same with at most so many coefficients, which is quicker and coarser.
    pub fn block_of_order(from: f64, to: f64, order: usize) -> Self {
        let half = ball(0.5);
        let center = (ball(from) + ball(to)) * half;
        Self {
            range: Range::Block,
            power: Ball::zero(),
            terms: vec![center, (ball(to) - ball(from)) * half],
            rest: 0.0,
            order: order.clamp(2, TERMS),
        }
    }

    /// `x` itself from `start > 0` on.
    pub fn tail(start: f64) -> Self {
        Self {
            range: Range::Tail,
            power: ball(-1.0),
            terms: vec![ball(start)],
            rest: 0.0,
            order: TERMS,
        }
    }

    fn joined(&self, other: &Self) -> Range {
        if self.range == Range::Constant {
            other.range
        } else {
            self.range
        }
    }

    /// Bounds of `Σ_{n ≥ 1} c_n v^n ± rest`.
    fn swing(&self) -> (f64, f64) {
        let (mut low, mut high) = (-self.rest, self.rest);
        for c in &self.terms[1..] {
            let (a, b) = c.enclosure();
            match self.range {
                Range::Tail => {
                    low = (low + a.min(0.0)).next_down();
                    high = (high + b.max(0.0)).next_up();
                }
                _ => {
                    let size = above(*c);
                    low = (low - size).next_down();
                    high = (high + size).next_up();
                }
            }
        }
        (low, high)
    }

    /// Bounds of the polynomial with its rest, without the power before it.
    fn polynomial(&self) -> Ball {
        let (low, high) = self.swing();
        if !(low.is_finite() && high.is_finite()) {
            return Ball::unknown();
        }
        Ball::bounds(&(self.terms[0] + ball(low)), &(self.terms[0] + ball(high)))
    }

    fn is_plain(&self) -> bool {
        self.power.is_zero()
    }

    /// Every value; unknown where it grows without bound.
    fn values(&self) -> Ball {
        let polynomial = self.polynomial();
        if self.is_plain() {
            return polynomial;
        }
        match self.power.sign() {
            // v^power lies in (0, 1].
            Some(Ordering::Greater) => Ball::bounds(&Ball::zero(), &polynomial),
            _ => Ball::unknown(),
        }
    }

    /// Some function with these values; numbers have no rest.
    fn within(values: Ball, range: Range, order: usize) -> Self {
        if range == Range::Constant || !values.is_finite() {
            return Self::constant(values);
        }
        Self {
            range,
            power: Ball::zero(),
            terms: vec![values.center()],
            rest: values.radius(),
            order,
        }
    }

    /// What is known of the values alone.
    fn flattened(&self) -> Self {
        Self::within(self.values(), self.range, self.order)
    }

    /// Without trailing zeros, not too long.
    fn trimmed(mut self) -> Self {
        for c in self.terms.drain(self.order.min(self.terms.len())..) {
            self.rest = (self.rest + above(c)).next_up();
        }
        while self.terms.len() > 1 && self.terms.last().is_some_and(Ball::is_zero) {
            self.terms.pop();
        }
        if self.terms.len() == 1 && self.rest == 0.0 && self.is_plain() {
            self.range = Range::Constant;
        }
        self
    }

    /// Written with another, smaller power before it: `v^p = v^q v^{p−q}`.
    fn with_power(&self, power: Ball) -> Self {
        let gap = self.power - power;
        if gap.is_zero() {
            return self.clone();
        }
        let mut other = self.clone();
        other.power = power;
        match gap.to_whole() {
            Some(n) if (0..TERMS as i64).contains(&n) => {
                let mut terms = vec![Ball::zero(); n as usize];
                terms.append(&mut other.terms);
                other.terms = terms;
            }
            _ => {
                // Some positive power, in (0, 1].
                let all = Ball::bounds(&Ball::zero(), &self.polynomial());
                other.terms = vec![all.center()];
                other.rest = all.radius();
            }
        }
        other
    }

    /// `f` composed with `c_0(1 + y)` or `c_0 + y`: `Σ a_n y^n`, `|a_K y^K + …| ≤ beyond`.
    fn composed(&self, y: &Self, series: &[Ball], beyond: f64, power: Ball) -> Self {
        let mut value = Self::constant(*series.last().unwrap_or(&Ball::zero()));
        for a in series.iter().rev().skip(1) {
            value = value * y.clone() + Self::constant(*a);
        }
        value.range = self.range;
        value.order = self.order;
        value.power = power;
        value.rest = (value.rest + beyond).next_up();
        value.trimmed()
    }

    /// `y` of `c_0(1 + y)` and a bound on it below one; `None` where there is none.
    fn relative(&self) -> Option<(Self, f64)> {
        let lead = self.terms[0];
        if !lead.is_finite() || matches!(lead.sign(), None | Some(Ordering::Equal)) {
            return None;
        }
        let mut y = self.clone();
        y.power = Ball::zero();
        y.terms[0] = Ball::zero();
        let y = y * Self::constant(Ball::one() / lead);
        let (low, high) = y.swing();
        let size = low.abs().max(high.abs()).next_up();
        (size < 0.9).then_some((y, size))
    }

    /// `self^e`: `(1+y)^e = Σ C(e,n) y^n`, the rest by Lagrange's form.
    fn real_power(&self, e: Ball) -> Self {
        let plain = self.range == Range::Constant;
        if plain {
            return Self::constant(self.terms[0].powf(&e));
        }
        let Some((y, size)) = self.relative() else {
            return self.flattened_by(|x| x.powf(&e));
        };
        let mut series = vec![Ball::one()];
        for n in 1..=self.order {
            let n = n as f64;
            let last = series[series.len() - 1];
            series.push(last * (e - ball(n - 1.0)) / ball(n));
        }
        let next = above(series.pop().unwrap_or(Ball::unknown()));
        let steep = ball(1.0 - size).powf(&(e - ball(self.order as f64)));
        let beyond = next
            * above(ball(size).powi(self.order as i64))
            * above(steep).max(above(ball(1.0 + size).powf(&e)));
        let lead = Self::constant(self.terms[0].powf(&e));
        let power = self.power * e;
        let mut value = self.composed(&y, &series, beyond * (1.0 + 1e-12), Ball::zero());
        value = value * lead;
        value.power = power;
        value
    }

    fn flattened_by(&self, f: impl Fn(&Ball) -> Ball) -> Self {
        Self::within(f(&self.values()), self.range, self.order)
    }

    /// `e^x` where `x` falls without bound: `x ≤ −m w^a`, `w = 1/v ≥ 1`; `w^M e^{−m w^a}` is greatest at
    /// `w^a = M/(ma)`, or at 1.
    fn decayed(&self) -> Self {
        let polynomial = self.polynomial();
        if polynomial.sign() != Some(Ordering::Less) {
            return Self::unknown();
        }
        let m = (-polynomial).lower_end();
        let a = (-self.power).lower_end();
        if a.sign() != Some(Ordering::Greater) {
            return Self::unknown();
        }
        let place = ball(STEEP) / (m * a);
        let most = if place.order(&Ball::one()) == Some(Ordering::Less) {
            (-m).exp()
        } else {
            let exponent = ball(STEEP) / a;
            (exponent * (place.ln() - Ball::one())).exp()
        };
        let half = above(most) * 0.5;
        Self {
            range: self.range,
            power: ball(STEEP),
            terms: vec![ball(half)],
            rest: half.next_up(),
            order: self.order,
        }
    }

    /// The least value and the greatest, or what is known of them.
    pub fn extent(&self) -> Ball {
        self.values()
    }

    /// `Σ` over the `count` whole numbers of a block, `count − 1 = to − from`.
    pub fn block_sum(&self, count: f64) -> Ball {
        let h = ball(count - 1.0) * ball(0.5);
        let reach = ball(count) * ball(0.5);
        let mut sum = Ball::zero();
        for (n, c) in self.terms.iter().enumerate() {
            if n % 2 == 0 && !c.is_zero() {
                sum = sum + *c * power_sum(n as i64, reach) / h.powi(n as i64);
            }
        }
        sum.widened((self.rest * count).next_up())
    }

    /// `Σ` over the whole numbers from the start of a tail on; `None` where the model does not show that it
    /// converges.
    pub fn tail_sum(&self, start: f64) -> Option<Ball> {
        // As many digits as balls have.
        with_precision(DEFAULT_BITS, || {
            self.tail_sum_from(Precise::from_f64(start))
        })
    }

    fn tail_sum_from(&self, from: Precise) -> Option<Ball> {
        let zeta = |n: i64| -> Option<Ball> {
            let power = self.power.to_precise() + Precise::integer(n);
            let converges = (power.clone() - Precise::integer(1)).sign() == Some(Ordering::Greater);
            let value = special::hurwitz(&power, &from) * from.powf(&power);
            converges
                .then(|| Ball::from_precise(&value))
                .filter(Ball::is_finite)
        };
        let mut sum = Ball::zero();
        for (n, c) in self.terms.iter().enumerate() {
            if !c.is_zero() {
                sum = sum + *c * zeta(n as i64)?;
            }
        }
        if self.rest > 0.0 {
            sum = sum.widened(above(zeta(0)? * ball(self.rest)));
        }
        Some(sum).filter(Ball::is_finite)
    }

    /// `∫` over a block of half length `half`.
    pub fn block_integral(&self, half: Ball) -> Ball {
        let mut sum = Ball::zero();
        for (n, c) in self.terms.iter().enumerate().step_by(2) {
            sum = sum + *c / ball(n as f64 + 1.0);
        }
        let twice = ball(2.0) * half;
        twice * sum.widened(self.rest)
    }
}

/// `Σ k^n` over `k = −h, −h+1, …, h`, `reach = h + ½`, `n` even: `2 Σ_j B_2j(½)/(2j)! · n!/(n−2j+1)! reach^{n−2j+1}`,
/// `B_2j(½) = (2^{1−2j} − 1) B_2j`.
fn power_sum(n: i64, reach: Ball) -> Ball {
    let numbers = bernoulli(TERMS + 2);
    let mut sum = Ball::zero();
    let mut weight = ball(2.0) / ball(n as f64 + 1.0);
    for j in 0..=n / 2 {
        let b = Ball::from_rational(&numbers[2 * j as usize]);
        let at_half = (ball(2.0).powi(1 - 2 * j) - Ball::one()) * b;
        sum = sum + at_half * weight * reach.powi(n - 2 * j + 1);
        // n!/((n−2j+1)! (2j)!), from j to j + 1.
        let left = (n - 2 * j + 1) as f64;
        let over = ((2 * j + 1) * (2 * j + 2)) as f64;
        weight = weight * ball(left * (left - 1.0)) / ball(over);
    }
    sum
}

impl Add for Model {
    type Output = Model;
    fn add(self, other: Model) -> Model {
        let is_nought = |m: &Model| m.rest == 0.0 && m.terms.len() == 1 && m.terms[0].is_zero();
        if is_nought(&self) {
            return other;
        }
        if is_nought(&other) {
            return self;
        }
        let range = self.joined(&other);
        let least = match self.power.order(&other.power) {
            Some(Ordering::Greater) => other.power,
            Some(_) => self.power,
            None => return (self.flattened() + other.flattened()).trimmed(),
        };
        let (a, b) = (self.with_power(least), other.with_power(least));
        let length = a.terms.len().max(b.terms.len());
        let term = |m: &Model, n: usize| m.terms.get(n).copied().unwrap_or(Ball::zero());
        Model {
            range,
            power: least,
            terms: (0..length).map(|n| term(&a, n) + term(&b, n)).collect(),
            rest: if a.rest + b.rest == 0.0 {
                0.0
            } else {
                (a.rest + b.rest).next_up()
            },
            order: self.order.min(other.order),
        }
        .trimmed()
    }
}

impl Sub for Model {
    type Output = Model;
    fn sub(self, other: Model) -> Model {
        self + (-other)
    }
}

impl Neg for Model {
    type Output = Model;
    fn neg(mut self) -> Model {
        for c in &mut self.terms {
            *c = -*c;
        }
        self
    }
}

impl Mul for Model {
    type Output = Model;
    fn mul(self, other: Model) -> Model {
        let range = self.joined(&other);
        let mut terms = vec![Ball::zero(); self.terms.len() + other.terms.len() - 1];
        for (i, a) in self.terms.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
            for (j, b) in other.terms.iter().enumerate() {
                terms[i + j] = terms[i + j] + *a * *b;
            }
        }
        let mut rest = 0.0;
        if self.rest > 0.0 || other.rest > 0.0 {
            let size = |m: &Model| above(m.polynomial());
            // Each polynomial's size includes its rest, so that the product of rests is counted.
            rest = ((size(&self) * other.rest).next_up() + (size(&other) * self.rest).next_up())
                .next_up();
        }
        if rest.is_nan() {
            return Model::unknown();
        }
        Model {
            range,
            power: self.power + other.power,
            terms,
            rest,
            order: self.order.min(other.order),
        }
        .trimmed()
    }
}

impl Div for Model {
    type Output = Model;
    fn div(self, other: Model) -> Model {
        if other.range == Range::Constant {
            return self * Model::constant(Ball::one() / other.terms[0]);
        }
        self * other.real_power(ball(-1.0))
    }
}

impl LinearAlgebra for Model {}

impl Real for Model {
    const TRACKS_ERROR: bool = true;
    const FUNCTION: bool = true;

    fn from_rational(value: &BigRational) -> Self {
        Self::constant(Ball::from_rational(value))
    }

    fn from_f64(value: f64) -> Self {
        Self::constant(ball(value))
    }

    fn from_bounded(value: Bounded) -> Self {
        Self::constant(Ball::from_bounded(value))
    }

    fn from_precise(value: &Precise) -> Self {
        Self::constant(Ball::from_precise(value))
    }

    fn to_precise(&self) -> Precise {
        self.values().to_precise()
    }

    fn widened(&self, error: f64) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].widened(error));
        }
        if !self.is_plain() {
            return self.clone() + Self::constant(Ball::zero().widened(error));
        }
        let mut wide = self.clone();
        wide.rest = (wide.rest + error.abs()).next_up();
        wide
    }

    /// The middle of the values; huge, with the right sign, where they have no bound.
    fn midpoint(&self) -> f64 {
        let values = self.values();
        if values.is_finite() {
            return values.midpoint();
        }
        match self.sign() {
            Some(Ordering::Greater) => f64::MAX,
            Some(Ordering::Less) => -f64::MAX,
            _ => 0.0,
        }
    }

    fn radius(&self) -> f64 {
        let values = self.values();
        if values.is_finite() {
            values.radius()
        } else {
            f64::MAX
        }
    }

    /// The polynomial alone.
    fn center(&self) -> Self {
        Self {
            range: self.range,
            power: self.power.center(),
            terms: self.terms.iter().map(Ball::center).collect(),
            rest: 0.0,
            order: self.order,
        }
    }

    fn is_zero(&self) -> bool {
        self.rest == 0.0 && self.terms.iter().all(Ball::is_zero)
    }

    fn is_finite(&self) -> bool {
        self.rest.is_finite() && self.power.is_finite() && self.terms.iter().all(Ball::is_finite)
    }

    fn is_exact(&self) -> bool {
        self.range == Range::Constant && self.terms[0].is_exact()
    }

    fn is_wide(&self) -> bool {
        false
    }

    fn sqrt(&self) -> Self {
        self.real_power(ball(0.5))
    }

    fn powi(&self, exponent: i64) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].powi(exponent));
        }
        if (0..=64).contains(&exponent) {
            return (0..exponent).fold(Self::one(), |power, _| power * self.clone());
        }
        self.real_power(ball(exponent as f64))
    }

    fn powf(&self, exponent: &Self) -> Self {
        if exponent.range == Range::Constant {
            return match exponent.terms[0].to_whole() {
                Some(whole) => self.powi(whole),
                None => self.real_power(exponent.terms[0]),
            };
        }
        (exponent.clone() * self.ln()).exp()
    }

    fn exp(&self) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].exp());
        }
        if !self.is_plain() {
            return match self.power.sign() {
                Some(Ordering::Less) => self.decayed(),
                _ => self.flattened_by(|x| x.exp()),
            };
        }
        let mut y = self.clone();
        y.terms[0] = Ball::zero();
        let (low, high) = y.swing();
        let size = low.abs().max(high.abs());
        if !(size < 2.0) {
            return self.flattened_by(|x| x.exp());
        }
        let mut series = vec![Ball::one()];
        let order = self.order;
        for n in 1..order {
            series.push(series[n - 1] / ball(n as f64));
        }
        let last = series[order - 1] / ball(order as f64);
        let beyond = above(last * ball(size).powi(order as i64) * ball(size).exp());
        let lead = Self::constant(self.terms[0].exp());
        self.composed(&y, &series, beyond * (1.0 + 1e-12), Ball::zero()) * lead
    }

    /// `ln(1 + y) = Σ −(−y)^n/n`; what is off by less than the next term over `(1 − |y|)^K`.
    fn ln(&self) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].ln());
        }
        if !self.is_plain() {
            return Self::unknown();
        }
        let Some((y, size)) = self.relative() else {
            return self.flattened_by(|x| x.ln());
        };
        let mut series = vec![Ball::zero()];
        for n in 1..self.order {
            let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
            series.push(ball(sign) / ball(n as f64));
        }
        let ratio = ball(size) / ball(1.0 - size);
        let beyond = above(ratio.powi(self.order as i64)) / self.order as f64;
        let lead = Self::constant(self.terms[0].ln());
        self.composed(&y, &series, beyond * (1.0 + 1e-12), Ball::zero()) + lead
    }

    fn abs(&self) -> Self {
        match self.sign() {
            Some(Ordering::Less) => -self.clone(),
            Some(_) => self.clone(),
            None => self.flattened_by(|x| x.abs()),
        }
    }

    fn pi() -> Self {
        Self::constant(Ball::pi())
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        (self.clone() - other.clone()).sign()
    }

    /// The same sign everywhere.
    fn sign(&self) -> Option<Ordering> {
        if self.is_zero() {
            return Some(Ordering::Equal);
        }
        match self.polynomial().sign() {
            Some(Ordering::Equal) | None => None,
            certain => certain,
        }
    }

    fn bounds(low: &Self, high: &Self) -> Self {
        let all = Ball::bounds(&low.values(), &high.values());
        Self::within(all, low.joined(high), low.order.min(high.order))
    }

    fn lower_end(&self) -> Self {
        Self::constant(self.values().lower_end())
    }

    fn upper_end(&self) -> Self {
        Self::constant(self.values().upper_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Pair = (&'static str, fn(Model) -> Model, fn(Ball) -> Ball);

    const FUNCTIONS: [Pair; 8] = [
        ("reciprocal", |x| Model::one() / x, |x| Ball::one() / x),
        (
            "power",
            |x| x.powf(&Model::from_f64(-1.75)),
            |x| x.powf(&ball(-1.75)),
        ),
        (
            "root",
            |x| (x + Model::one()).sqrt(),
            |x| (x + Ball::one()).sqrt(),
        ),
        ("decay", |x| (-(x.clone() * x)).exp(), |x| (-(x * x)).exp()),
        (
            "mixed",
            |x| Model::one() / (x.clone() * (x + Model::from_f64(3.0))),
            |x| Ball::one() / (x * (x + ball(3.0))),
        ),
        (
            "kink",
            |x| (x - Model::from_f64(20.0)).greater(&Model::zero()),
            |x| (x - ball(20.0)).greater(&Ball::zero()),
        ),
        (
            "size",
            |x| (x - Model::from_f64(20.0)).abs(),
            |x| (x - ball(20.0)).abs(),
        ),
        ("cube", |x| x.powi(3), |x| x.powi(3)),
    ];

    fn value_at(model: &Model, v: f64) -> Ball {
        let mut sum = Ball::zero().widened(model.rest);
        for (n, c) in model.terms.iter().enumerate() {
            sum = sum + *c * ball(v).powi(n as i64);
        }
        if model.is_plain() {
            sum
        } else {
            sum * ball(v).powf(&model.power)
        }
    }

    fn meets(a: Ball, b: Ball) -> bool {
        let gap = a - b;
        !gap.is_finite() || gap.midpoint().abs() <= gap.radius()
    }

    proptest! {
        #[test]
        fn models_hold_the_function(from in 0.5f64..60.0, length in 0.0f64..30.0, v in 0.01f64..1.0, side in prop::bool::ANY) {
            for (name, model, exact) in FUNCTIONS {
                let block = Model::block(from, from + length);
                let v_block = if side { v } else { -v };
                let x = value_at(&block, v_block);
                prop_assert!(meets(value_at(&model(block), v_block), exact(x)), "{name} on a block");
                let tail = Model::tail(from);
                let x = value_at(&tail, v);
                prop_assert!(meets(value_at(&model(tail), v), exact(x)), "{name} on a tail");
            }
        }

        #[test]
        fn sums_hold_the_sum(from in 1u32..80, count in 2u32..60) {
            for (name, model, exact) in FUNCTIONS {
                let (a, b) = (f64::from(from), f64::from(from + count - 1));
                let sum = (from..from + count).fold(Ball::zero(), |s, i| s + exact(ball(f64::from(i))));
                let found = model(Model::block(a, b)).block_sum(f64::from(count));
                prop_assert!(meets(found, sum), "{name}: {found:?} {sum:?}");
            }
        }
    }

    /// `Σ_{i ≥ 100} 1/(i(i+1)) = 1/100`, and `Σ_{i ≥ 200} i^{-2}` is a Hurwitz ζ.
    #[test]
    fn tails_are_summed() {
        let x = Model::tail(100.0);
        let sum = (Model::one() / (x.clone() * (x + Model::one())))
            .tail_sum(100.0)
            .unwrap();
        let gap = sum - Ball::one() / ball(100.0);
        assert!(
            meets(sum, Ball::one() / ball(100.0)) && gap.radius() < 1e-26,
            "{sum:?}"
        );
        let square = Model::tail(200.0).powi(-2).tail_sum(200.0).unwrap();
        let zeta = special::hurwitz(&Precise::integer(2), &Precise::integer(200));
        assert!(meets(square, Ball::from_precise(&zeta)) && square.radius() < 1e-26);
        assert!(
            Model::tail(200.0).powi(-1).tail_sum(200.0).is_none(),
            "the harmonic series"
        );
        let nothing = (Model::tail(200.0) - Model::from_f64(50.0)).order(&Model::zero());
        assert_eq!(nothing, Some(Ordering::Greater));
    }
}
