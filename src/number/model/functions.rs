//! Models as numbers: functions by their series.

use std::cmp::Ordering;

use num_rational::BigRational;

use super::super::{Ball, Bounded, LinearAlgebra, Precise, Real};
use super::series::{self, Series};
use super::size::{ball, extreme};
use super::{Model, Range, charge};

impl LinearAlgebra for Model {}

impl Real for Model {
    const TRACKS_ERROR: bool = true;
    const FUNCTION: bool = true;

    fn bits() -> usize {
        Ball::bits()
    }

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
            step: self.step.clone(),
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
        let Some(mut y) = self.plain() else {
            return match self.power.sign() {
                Some(Ordering::Less) => self.decayed(),
                _ => self.flattened_by(|x| x.exp()),
            };
        };
        let lead = std::mem::replace(&mut y.terms[0], Ball::zero());
        let (low, high) = y.swing();
        if !(low > -2.0 && high < 2.0) {
            return self.flattened_by(|x| x.exp());
        }
        charge(y.terms.len() * self.order);
        let Series { terms, defect } = series::exponential(&y.terms, self.order);
        let most = extreme(Ball::bounds(&ball(low), &ball(high)).exp());
        let least = extreme(Ball::bounds(&ball(-high), &ball(-low)).exp());
        let missed = most * (least * ball(defect) + ball(y.rest));
        y.following(terms, missed) * Self::constant(lead.exp())
    }

    fn ln(&self) -> Self {
        if self.range == Range::Constant {
            return Self::constant(self.terms[0].ln());
        }
        if !self.is_plain() {
            return Self::unknown();
        }
        let Some((p, all)) = self.relative() else {
            return self.flattened_by(|x| x.ln());
        };
        charge(p.terms.len() * self.order);
        let Series { terms, defect } = series::logarithm(&p.terms, self.order);
        let missed = extreme(Ball::one() / all) * (ball(defect) + ball(p.rest));
        self.following(terms, missed) + Self::constant(self.terms[0].ln())
    }

    /// `x (e^x − 1)/x`, so that along a tail it falls as `x` does.
    fn exp_m1(&self) -> Self {
        match self.small(2.0) {
            // Σ x^m/(m+1)!
            Some(x) => self.clone() * x.power_series(|m| Ball::one() / ball(m + 2.0), 8.0),
            None => self.exp() - Self::one(),
        }
    }

    /// `x ln(1 + x)/x`
    fn ln_1p(&self) -> Self {
        match self.small(0.125) {
            // Σ (−x)^m/(m+1)
            Some(x) => self.clone() * x.power_series(|m| -ball(m + 1.0) / ball(m + 2.0), 2.0),
            None => (Self::one() + self.clone()).ln(),
        }
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
