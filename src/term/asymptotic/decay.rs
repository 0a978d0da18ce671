//! Exponentials of `Σ` along a power law: sums of `c s^p exp(−τ s^b)`.

use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::AsymptoticError;
use super::error::unsupported;
use super::quantity::{Quantity, is_complete};
use crate::scaling::{Germ, GermSpectrum, GermTarget, Ratio, decayed_sum, decayed_sum_up_to};

/// More parts than this come from no formula that a person wrote.
const MAX_PARTS: usize = 64;

type Result<T> = std::result::Result<T, AsymptoticError>;

/// `Σ_i c_i s^{p_i} exp(−τ_i s^b)`, with one `b` for all.
#[derive(Clone, Debug)]
pub struct Decays {
    base: BigRational,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    coefficient: Quantity,
    power: BigRational,
    /// zero where there is no exponential
    rate: Arc<Germ>,
}

impl Decays {
    /// `exp(coefficient · s^power)`, which decays.
    pub fn exponential(coefficient: &Quantity, power: &BigRational) -> Result<Self> {
        if coefficient.sign()? > 0 || power.is_zero() {
            return unsupported("an exponential of Sigma that does not decay");
        }
        Ok(Self {
            base: power.clone(),
            parts: vec![Part {
                coefficient: Quantity::integer(1),
                power: BigRational::zero(),
                rate: coefficient.negated()?.germ()?,
            }],
        })
    }

    /// `(1 − a s^p)^n`, what `n → ∞` steps of gradient descent leave (`0 < a ≤ 1`), or what `−n → ∞` ridge fits, one of the other,
    /// do (`a < 0`): `s^p` counts where it is of order `1/(na)`, so that it is
    /// `exp(−n a s^p) (1 − n a² s^{2p}/2 + O(n a³ s^{3p}) + O(n² a⁴ s^{4p}))`.
    pub fn descent(step: &Quantity, power: &BigRational, steps: &Quantity) -> Result<Self> {
        let one = Quantity::integer(1);
        let descends = step.sign()? > 0 && !step.compare(&one)?.is_gt() && power.is_positive();
        let (count, width) = (steps.abs()?, step.abs()?);
        let many = matches!(count.germ()?.ratio_to(&Germ::integer(1))?, Ratio::Grows);
        let contracts = match steps.sign()? {
            1 => descends,
            _ => step.sign()? < 0,
        };
        if !many || !contracts {
            return unsupported("a power of Sigma that is not constant");
        }
        let rate = steps.times(step)?;
        let half = Quantity::Exact(BigRational::new((-1).into(), 2.into()));
        let second = rate.times(step)?.times(&half)?;
        let rate = rate.germ()?;
        let part = |coefficient: Quantity, times: i64| Part {
            coefficient,
            power: power * BigRational::from_integer(times.into()),
            rate: Arc::clone(&rate),
        };
        let mut parts = vec![part(one, 0), part(second, 2)];
        for (order, times) in [(1, 3), (2, 4)] {
            let width = width.power(&Quantity::integer(times))?;
            let size = count.power(&Quantity::integer(order))?.times(&width)?;
            if let Some(size) = size.germ()?.order_bound() {
                let left_out = Germ::zero().with_remainder(size.clone());
                parts.push(part(left_out.into(), times));
            }
        }
        let base = power.clone();
        Ok(Self { base, parts })
    }

    /// Powers alone, beside exponentials of `s^b`.
    pub fn powers(&self, terms: impl Iterator<Item = (Quantity, BigRational)>) -> Self {
        let part = |(coefficient, power)| Part {
            coefficient,
            power,
            rate: Arc::new(Germ::zero()),
        };
        Self {
            base: self.base.clone(),
            parts: terms.map(part).collect(),
        }
    }

    fn of_one_base(&self, other: &Self) -> Result<()> {
        if self.base == other.base && self.parts.len() * other.parts.len() <= MAX_PARTS {
            return Ok(());
        }
        unsupported("exponentials of different powers of Sigma, or so many")
    }

    pub fn sum(mut self, other: Self) -> Result<Self> {
        self.of_one_base(&other)?;
        self.parts.extend(other.parts);
        self.collected()
    }

    pub fn product(&self, other: &Self) -> Result<Self> {
        self.of_one_base(other)?;
        let mut parts = Vec::new();
        for a in &self.parts {
            for b in &other.parts {
                parts.push(Part {
                    coefficient: a.coefficient.times(&b.coefficient)?,
                    power: &a.power + &b.power,
                    rate: Arc::new(&*a.rate + &*b.rate),
                });
            }
        }
        let base = self.base.clone();
        Self { base, parts }.collected()
    }

    pub fn power(&self, exponent: &BigRational) -> Result<Self> {
        if let ([part], true) = (self.parts.as_slice(), exponent.is_positive()) {
            let rate = part
                .rate
                .scale(&crate::scaling::Coefficient::rational(exponent.clone()));
            let to = Quantity::Exact(exponent.clone());
            return Ok(Self {
                base: self.base.clone(),
                parts: vec![Part {
                    coefficient: part.coefficient.power(&to)?,
                    power: &part.power * exponent,
                    rate: Arc::new(rate),
                }],
            });
        }
        match exponent.numer().to_u32() {
            Some(n @ 1..=8) if exponent.is_integer() => {
                (1..n).try_fold(self.clone(), |product, _| product.product(self))
            }
            _ => unsupported("this power of exponentials of Sigma"),
        }
    }

    fn collected(self) -> Result<Self> {
        let mut parts: Vec<Part> = Vec::new();
        for part in self.parts {
            // two rates that agree as far as they are known may be two
            let twin = |p: &&mut Part| {
                p.power == part.power && p.rate == part.rate && is_complete(&p.rate)
            };
            match parts.iter_mut().find(twin) {
                Some(twin) => twin.coefficient = twin.coefficient.plus(&part.coefficient)?,
                None => parts.push(part),
            }
        }
        parts.retain(|part| !part.coefficient.is_zero());
        let base = self.base;
        Ok(Self { base, parts })
    }

    /// `tr f(Σ)`, or `w0' f(Σ) w0`.
    pub fn total(&self, spectrum: &GermSpectrum, target: Option<&GermTarget>) -> Result<Quantity> {
        let (beta, shift) = spectrum.powers_of_index(target)?;
        let steepness = &beta * &self.base;
        let exponent = |part: &Part| -(&beta * &part.power) - &shift;
        let last = spectrum.dimension();
        if last.is_none() {
            self.converges(&steepness, &exponent)?;
        }
        let mut sum = Quantity::integer(0);
        for part in &self.parts {
            let value = match &last {
                Some(last) => decayed_sum_up_to(&exponent(part), &steepness, &part.rate, last)?,
                None => decayed_sum(&exponent(part), &steepness, &part.rate)?,
            };
            sum = sum.plus(&part.coefficient.times(&value.into())?)?;
        }
        Ok(sum)
    }

    /// The sums of powers alone converge, where exponentials fall far out. Where they tend to 1 there,
    /// `exp(−τ k^{-B}) = Σ_m (−τ)^m/m! k^{-Bm}`, the powers of `k` whose sums diverge must cancel.
    fn converges(
        &self,
        steepness: &BigRational,
        exponent: &dyn Fn(&Part) -> BigRational,
    ) -> Result<()> {
        let mut slow: Vec<(BigRational, Quantity)> = Vec::new();
        let falls = steepness.is_negative();
        for part in self
            .parts
            .iter()
            .filter(|part| !falls || part.rate.is_zero())
        {
            let (mut power, mut weight, mut m) = (exponent(part), part.coefficient.clone(), 0);
            while power >= -BigRational::one() {
                match slow.iter_mut().find(|(known, _)| *known == power) {
                    Some((_, total)) => *total = total.plus(&weight)?,
                    None => slow.push((power.clone(), weight.clone())),
                }
                m += 1;
                if part.rate.is_zero() || m > 64 {
                    break;
                }
                let rate: Quantity = Quantity::shared(&part.rate);
                let step = Quantity::Exact(BigRational::new((-1).into(), m.into()));
                weight = weight.times(&rate)?.times(&step)?;
                power -= steepness;
            }
        }
        if slow.iter().all(|(_, total)| total.is_zero()) {
            return Ok(());
        }
        Err(AsymptoticError::Undecided(
            "a sum of exponentials of Sigma that is not seen to converge".into(),
        ))
    }
}
