//! Sums of a model over the whole numbers of its range, and its integral.

use std::cmp::Ordering;
use std::sync::OnceLock;

use num_rational::BigRational;

use super::size::{above, ball};
use super::tail::scaled_zeta;
use super::{Model, TERMS, charge};
use crate::budget;
use crate::number::{Ball, Real, bernoulli};

/// What the sum of a tail costs, with a ζ for each coefficient.
const ZETA: u64 = 5_000;

impl Model {
    /// `Σ` over the `count` whole numbers of a block, `count − 1 = to − from`.
    pub fn block_sum(&self, count: f64) -> Ball {
        charge(self.terms.len() * self.terms.len());
        let (h, reach) = (ball(count - 1.0) * ball(0.5), ball(count) * ball(0.5));
        let (ratio, inverse) = (reach / h, Ball::one() / (reach * reach));
        let square = ratio * ratio;
        let (mut sum, mut power) = (Ball::zero(), reach);
        for (c, weights) in self.terms.iter().step_by(2).zip(power_sums()) {
            if !c.is_zero() {
                let all = weights.iter().rev();
                let value = all.fold(Ball::zero(), |value, weight| value * inverse + *weight);
                sum = sum + *c * power * value;
            }
            power = power * square;
        }
        sum.widened((self.rest * count).next_up())
    }

    /// `Σ` over the whole numbers from the start of a tail on; `None` where the model does not show that it
    /// converges.
    pub fn tail_sum(&self, start: f64) -> Option<Ball> {
        budget::drain(ZETA * self.terms.len() as u64);
        let zeta = |n: usize| scaled_zeta(self.power + self.step.value() * ball(n as f64), start);
        let mut sum = Ball::zero();
        for (n, c) in self.terms.iter().enumerate() {
            if !c.is_zero() {
                sum = sum + *c * zeta(n)?;
            }
        }
        if self.rest > 0.0 {
            sum = sum.widened(above(zeta(0)? * ball(self.rest)));
        }
        Some(sum).filter(Ball::is_finite)
    }

    /// Whether the sum over a tail grows beyond all bounds: terms of one sign that fall no faster than `1/i`.
    pub fn tail_diverges(&self) -> bool {
        let slow = matches!(
            self.power.order(&Ball::one()),
            Some(Ordering::Less | Ordering::Equal)
        );
        let one_sign = matches!(
            self.polynomial().sign(),
            Some(Ordering::Less | Ordering::Greater)
        );
        slow && one_sign
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

/// For `n = 0, 2, …` the weights `w_j` of `Σ k^n = Σ_j w_j reach^{n−2j+1}` over `k = −h, −h+1, …, h`, `reach = h + ½`:
/// `w_j = 2 B_2j(½)/(2j)! · n!/(n−2j+1)!`, `B_2j(½) = (2^{1−2j} − 1) B_2j`.
fn power_sums() -> &'static [Vec<Ball>] {
    static WEIGHTS: OnceLock<Vec<Vec<Ball>>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let numbers = bernoulli(TERMS + 2);
        let whole = |n: usize| BigRational::from_integer(n.into());
        let weights = |n: usize| {
            // 2 n!/((n−2j+1)! (2j)!)
            let mut factor = whole(2) / whole(n + 1);
            let mut weights = Vec::new();
            for j in 0..=n / 2 {
                let half = BigRational::new(2.into(), num_bigint::BigInt::from(4).pow(j as u32));
                let at_half = (half - whole(1)) * &numbers[2 * j];
                weights.push(Ball::from_rational(&(at_half * &factor)));
                let left = n - 2 * j + 1;
                factor = factor * whole(left * (left - 1)) / whole((2 * j + 1) * (2 * j + 2));
            }
            weights
        };
        (0..=TERMS).step_by(2).map(weights).collect()
    })
}
