//! `Σ_k k^{-δ} s_k^p exp(−τ s_k^b)` over an infinite power law, as `τ → ∞`: what gradient descent has not learnt yet.
//!
//! Every derivative of `exp(−τ k^{-βb})` vanishes at `k = 0`, so that the sum is the integral
//! `τ^{(E+1)/B} Γ(−(E+1)/B)/B`, `E = −βp − δ`, `B = βb`, up to what is smaller than any power of `τ`; where it diverges, its
//! continuation in `E`.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::germ::{Coefficient, Germ, GermError, Order, Ratio};
use super::spectral::{GermDimension, GermSpectrum, GermTarget};

/// What is smaller than any power is smaller than this one.
const BEYOND: i64 = -60;

impl GermSpectrum {
    /// `β` and `δ` of `Σ_k k^{-δ} f(k^{-β})`, which is `tr f(Σ)` without a target and `w0' f(Σ) w0` with one.
    pub fn infinite_powers(
        &self,
        target: Option<&GermTarget>,
    ) -> Result<(BigRational, BigRational), GermError> {
        let Self::PowerLaw {
            beta,
            dimension: GermDimension::Infinite,
        } = self
        else {
            return Err(GermError::undecided(
                "exponentials of Sigma where the dimension is not infinite",
            ));
        };
        let shift = match target {
            None => BigRational::zero(),
            Some(GermTarget::Source { r }) => {
                let two = BigRational::from_integer(2.into());
                BigRational::one() + beta * (two * r - BigRational::one())
            }
            Some(_) => {
                return Err(GermError::undecided("exponentials of Sigma on this target"));
            }
        };
        Ok((beta.clone(), shift))
    }
}

/// `Σ_k k^exponent exp(−rate k^{-steepness})`, or its continuation; without a rate `ζ(−exponent)`.
pub fn decayed_sum(
    exponent: &BigRational,
    steepness: &BigRational,
    rate: &Germ,
) -> Result<Germ, GermError> {
    let pole = || GermError::undecided("a logarithm in a sum of exponentials");
    if rate.is_zero() {
        let value = Coefficient::zeta(&-exponent).ok_or_else(pole)?;
        return Ok(Germ::term(value, Order::constant()));
    }
    if !matches!(rate.ratio_to(&Germ::integer(1))?, Ratio::Grows) || rate.sign()? < 0 {
        return Err(GermError::undecided("an exponential of what does not grow"));
    }
    let power = (exponent + BigRational::one()) / steepness;
    let value = Coefficient::gamma(&-&power).ok_or_else(pole)?;
    let front = value.mul(&Coefficient::rational(steepness.recip()));
    let sum = rate.powr(&power)?.scale(&front);
    let beyond = rate.powr(&BigRational::from_integer(BEYOND.into()))?;
    Ok(match beyond.order_bound() {
        Some(order) => sum.with_remainder(order.clone()),
        None => sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sum: &Germ, t: f64) -> f64 {
        sum.evaluate(t)
    }

    /// `Σ_k k^{-2} e^{−T/k²}` beside the sum, of which 10⁷ terms and an integral of the rest are written out.
    #[test]
    fn sums_are_integrals() {
        let ratio = |n: i64, m: i64| BigRational::new(n.into(), m.into());
        for (e, b) in [(ratio(-2, 1), ratio(2, 1)), (ratio(-7, 4), ratio(3, 2))] {
            let sum = decayed_sum(&e, &b, &Germ::variable()).unwrap();
            let (x, y) = (-7.0 / 4.0, 3.0 / 2.0);
            let (e, b) = if b.is_integer() { (-2.0, 2.0) } else { (x, y) };
            let t: f64 = 900.0;
            let n = 10_000_000;
            let head: f64 = (1..=n)
                .map(|k| f64::from(k))
                .map(|k| k.powf(e) * (-t * k.powf(-b)).exp())
                .sum();
            // −e^{−x} ≈ −1 far out
            let from: f64 = f64::from(n) + 0.5;
            let rest = from.powf(e + 1.0) / -(e + 1.0);
            let gap = at(&sum, t) / (head + rest) - 1.0;
            assert!(gap.abs() < 1e-9, "{gap}");
        }
    }

    /// `Σ (1 − e^{−T/k²})` from continuations: `ζ(0) − T^{1/2} Γ(−1/2)/2 = √(πT) − 1/2`.
    #[test]
    fn what_diverges_is_continued() {
        let (zero, two) = (BigRational::zero(), BigRational::from_integer(2.into()));
        let ones = decayed_sum(&zero, &two, &Germ::zero()).unwrap();
        let kept = decayed_sum(&zero, &two, &Germ::variable()).unwrap();
        let value = at(&(&ones - &kept), 400.0);
        let expected = (std::f64::consts::PI * 400.0).sqrt() - 0.5;
        assert!((value - expected).abs() < 1e-12 * expected, "{value}");
    }
}
