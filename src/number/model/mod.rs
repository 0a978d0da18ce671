//! Taylor models: a function of one variable over a whole range, as a polynomial and what it is off by.

mod functions;
mod series;
mod size;
mod sums;
mod tail;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

use crate::budget;

use super::{Ball, Real};
use series::Series;
use size::{above, ball, extreme};

/// What a product of two coefficients costs; series so short that they have no more products than this are paid for with
/// everything else.
const PRODUCT: u64 = 25;
const SHORT: usize = 32;

/// Pays for products of coefficients.
fn charge(products: usize) {
    if products > SHORT {
        budget::drain(PRODUCT * products as u64);
    }
}

/// Coefficients kept; powers beyond go into the rest.
const TERMS: usize = 18;
/// Powers of `x` in the series of `(e^x − 1)/x` and of `ln(1 + x)/x`.
const POWERS: u32 = 28;
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

/// `v^power (Σ c_n v^{n·step} ± rest)` for every `v` of the range; the power is 0 and the step 1 but on tails.
#[derive(Clone, Debug)]
pub struct Model {
    range: Range,
    power: Ball,
    step: Step,
    terms: Vec<Ball>,
    rest: f64,
    /// Coefficients kept.
    order: usize,
}

/// The power of the variable from one term of a series to the next; two are one where they come from one place or
/// are known exactly.
#[derive(Clone, Debug, Default)]
struct Step(Option<Arc<Ball>>);

impl Step {
    fn of(power: Ball) -> Self {
        Self(Some(Arc::new(power)))
    }

    fn value(&self) -> Ball {
        self.0.as_deref().copied().unwrap_or(Ball::one())
    }

    /// How many steps `gap` is.
    fn count(&self, gap: Ball) -> Option<i64> {
        match &self.0 {
            None => gap.to_whole(),
            Some(_) => None,
        }
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || (**a - **b).is_zero(),
            _ => false,
        }
    }
}

impl Model {
    fn constant(value: Ball) -> Self {
        Self {
            range: Range::Constant,
            power: Ball::zero(),
            step: Step::default(),
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
            step: Step::default(),
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
            step: Step::default(),
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
            step: Step::default(),
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

    /// A multiple of a power, with its rest.
    fn is_single(&self) -> bool {
        self.terms.len() == 1
    }

    /// The same power and bounds of what it is multiplied by, without a series.
    fn coarse(&self) -> Self {
        let all = self.polynomial();
        Self {
            terms: vec![all.center()],
            rest: all.radius(),
            ..self.clone()
        }
    }

    /// Both in powers of one step; the second without its series where there is none.
    fn of_one_step(a: Self, b: Self) -> (Self, Self) {
        let step = if a.is_single() { &b.step } else { &a.step }.clone();
        let b = if a.is_single() || b.is_single() || a.step == b.step {
            b
        } else {
            b.coarse()
        };
        let (one, other) = (step.clone(), step);
        (Self { step: one, ..a }, Self { step: other, ..b })
    }

    /// What vanishes along a tail, as a series in its own power.
    fn plain(&self) -> Option<Self> {
        if self.is_plain() {
            return Some(self.clone());
        }
        let vanishes = self.power.sign() == Some(Ordering::Greater);
        (vanishes && self.is_single()).then(|| Self {
            power: Ball::zero(),
            step: Step::of(self.power),
            terms: vec![Ball::zero(), self.terms[0]],
            ..self.clone()
        })
    }

    /// Beside what has this smaller power, a single power is a series of its own where it is no whole number of steps away.
    fn written_from(&self, power: Ball) -> Self {
        let gap = self.power - power;
        if self.is_single() && gap.sign() == Some(Ordering::Greater) && gap.to_whole().is_none() {
            return Self {
                power,
                step: Step::of(gap),
                terms: vec![Ball::zero(), self.terms[0]],
                ..self.clone()
            };
        }
        self.clone()
    }

    /// Written with another, smaller power before it: `v^p = v^q v^{p−q}`.
    fn with_power(&self, power: Ball) -> Self {
        let gap = self.power - power;
        if gap.is_zero() {
            return self.clone();
        }
        let mut other = self.clone();
        other.power = power;
        match self.step.count(gap) {
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

    /// A series in place of the polynomial, off by at most `rest`.
    fn following(&self, terms: Vec<Ball>, rest: Ball) -> Self {
        let rest = above(rest);
        if rest.is_nan() {
            return Self::unknown();
        }
        Self {
            range: self.range,
            power: Ball::zero(),
            step: self.step.clone(),
            terms,
            rest,
            order: self.order,
        }
        .trimmed()
    }

    /// `1 + y` of `c_0(1 + y)` and its bounds, where they are well above zero; `None` where they are not.
    fn relative(&self) -> Option<(Self, Ball)> {
        let lead = self.terms[0];
        if !lead.is_finite() || matches!(lead.sign(), None | Some(Ordering::Equal)) {
            return None;
        }
        let mut y = self.clone();
        y.power = Ball::zero();
        y.terms[0] = Ball::zero();
        let mut one_and_y = y * Self::constant(Ball::one() / lead);
        one_and_y.terms[0] = Ball::one();
        let (low, high) = one_and_y.swing();
        let all = Ball::bounds(
            &ball((1.0 + low).next_down()),
            &ball((1.0 + high).next_up()),
        );
        (low > -0.9 && high < 0.9).then_some((one_and_y, all))
    }

    /// `self^e`
    fn real_power(&self, e: Ball) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].powf(&e));
        }
        let Some((p, all)) = self.relative() else {
            return self.flattened_by(|x| x.powf(&e));
        };
        charge(p.terms.len() * self.order);
        let Series { terms, defect } = series::power(&p.terms, e, self.order);
        let missed = extreme(all.powf(&e)) * extreme(all.powf(&(-e - Ball::one()))) * ball(defect);
        // (P + δ)^e − P^e, |δ| ≤ rest
        let moved = e.abs() * extreme(all.powf(&(e - Ball::one()))) * ball(p.rest);
        let mut value = self.following(terms, missed + moved);
        value = value * Self::constant(self.terms[0].powf(&e));
        value.power = self.power * e;
        value
    }

    /// Along a tail, as a series, where no value is larger than that.
    fn small(&self, most: f64) -> Option<Self> {
        let x = self.plain().filter(|x| x.range == Range::Tail)?;
        (above(x.values()) <= most).then_some(x)
    }

    /// `Σ_m a_m x^m` from `a_0 = 1` and ratios `a_{m+1}/a_m`, where `Σ_{m ≥ N} |a_m x^m| ≤ |a_N x^N| times`.
    fn power_series(&self, ratio: impl Fn(f64) -> Ball, times: f64) -> Self {
        let mut value = Self::one();
        for m in (0..POWERS).rev() {
            value = Self::one() + Self::constant(ratio(f64::from(m))) * (self.clone() * value);
        }
        let size = ball(above(self.values()));
        let first = (0..POWERS).fold(Ball::one(), |a, m| a * ratio(f64::from(m)) * size);
        value.widened(above(first * ball(times)))
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
            step: Step::default(),
            terms: vec![ball(half)],
            rest: half.next_up(),
            order: self.order,
        }
    }

    /// The least value and the greatest, or what is known of them.
    pub fn extent(&self) -> Ball {
        self.values()
    }
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
        let (a, b) = Self::of_one_step(self, other);
        let (a, b) = (a.written_from(least), b.written_from(least));
        let (a, b) = Self::of_one_step(a, b);
        let (a, b) = (a.with_power(least), b.with_power(least));
        let length = a.terms.len().max(b.terms.len());
        let term = |m: &Model, n: usize| m.terms.get(n).copied().unwrap_or(Ball::zero());
        Model {
            range,
            power: least,
            step: a.step.clone(),
            terms: (0..length).map(|n| term(&a, n) + term(&b, n)).collect(),
            rest: if a.rest + b.rest == 0.0 {
                0.0
            } else {
                (a.rest + b.rest).next_up()
            },
            order: a.order.min(b.order),
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
        let (this, other) = Self::of_one_step(self, other);
        let order = this.order.min(other.order);
        charge(this.terms.len() * other.terms.len());
        let mut terms = vec![Ball::zero(); (this.terms.len() + other.terms.len() - 1).min(order)];
        let mut rest = 0.0;
        for (i, a) in this.terms.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
            let kept = order.saturating_sub(i).min(other.terms.len());
            for (j, b) in other.terms[..kept].iter().enumerate() {
                terms[i + j] = terms[i + j] + *a * *b;
            }
            for b in &other.terms[kept..] {
                rest = f64::next_up(rest + (above(*a) * above(*b)).next_up());
            }
        }
        if this.rest > 0.0 || other.rest > 0.0 {
            let size = |m: &Model| above(m.polynomial());
            // Each polynomial's size includes its rest, so that the product of rests is counted.
            let beside =
                (size(&this) * other.rest).next_up() + (size(&other) * this.rest).next_up();
            rest = f64::next_up(rest + beside.next_up());
        }
        if rest.is_nan() {
            return Model::unknown();
        }
        Model {
            range,
            power: this.power + other.power,
            step: this.step.clone(),
            terms,
            rest,
            order,
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
