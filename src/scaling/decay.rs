//! `Σ_k k^{-δ} s_k^p exp(−τ s_k^b)` over an infinite power law, as `τ → ∞`: what gradient descent has not learnt yet; and with
//! `b < 0` as `τ → 0`, sums of exponentials of an index.
//!
//! Every derivative of `exp(−τ k^{-βb})` vanishes at `k = 0`, so that the sum is the integral
//! `τ^{(E+1)/B} Γ(−(E+1)/B)/B`, `E = −βp − δ`, `B = βb`, up to what is smaller than any power of `τ`; where it diverges, its
//! continuation in `E`.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::{Coefficient, Germ, GermError, Order, Ratio};
use super::spectral::{GermDimension, GermSpectrum, GermTarget, source_decay};

/// What is smaller than any power is smaller than this one.
const BEYOND: i64 = -60;
/// Powers of a small rate that are kept.
const HEAD: i64 = 4;

impl GermSpectrum {
    /// `β` and `δ` of `Σ_k k^{-δ} f(k^{-β})`, which is `tr f(Σ)` without a target and `w0' f(Σ) w0` with one, of a power law.
    pub fn powers_of_index(
        &self,
        target: Option<&GermTarget>,
    ) -> Result<(BigRational, BigRational), GermError> {
        let Self::PowerLaw { beta, .. } = self else {
            return Err(GermError::undecided("exponentials of such a Sigma"));
        };
        let shift = match target {
            None => BigRational::zero(),
            Some(GermTarget::Source { r }) => source_decay(beta, r),
            Some(_) => {
                return Err(GermError::undecided("exponentials of Sigma on this target"));
            }
        };
        Ok((beta.clone(), shift))
    }
}

/// `Σ_k k^exponent exp(−rate k^{-steepness})`, without a rate `ζ(−exponent)`; where that diverges, the finite part of
/// `Σ_k k^{exponent−δ} …` at `δ → 0`. The rate grows where exponentials are small at the start (`steepness > 0`), and vanishes where
/// they are at the end.
pub fn decayed_sum(
    exponent: &BigRational,
    steepness: &BigRational,
    rate: &Germ,
) -> Result<Germ, GermError> {
    if rate.is_zero() {
        let value = Coefficient::zeta(&-exponent).unwrap_or_else(Coefficient::euler);
        return Ok(Germ::term(value, Order::constant()));
    }
    let size = rate.ratio_to(&Germ::integer(1))?;
    let fits = match size {
        Ratio::Grows => steepness.is_positive(),
        Ratio::Vanishes => steepness.is_negative(),
        Ratio::Tends(_) => false,
    };
    if !fits || rate.sign()? < 0 {
        return Err(GermError::undecided(
            "an exponential of what does not decay",
        ));
    }
    // x/B of τ^{x/B} Γ(−x/B)/|B|
    let power = (exponent + BigRational::one()) / steepness;
    let width = steepness.abs().recip();
    let sum = match Coefficient::gamma(&-&power) {
        Some(gamma) => {
            (rate.powr(&power)?).scale(&gamma.mul(&Coefficient::rational(width.clone())))
        }
        None => at_pole(&power, &width, rate)?,
    };
    if steepness.is_positive() {
        let beyond = rate.powr(&BigRational::from_integer(BEYOND.into()))?;
        return Ok(match beyond.order_bound() {
            Some(order) => sum.with_remainder(order.clone()),
            None => sum,
        });
    }
    with_head(sum, exponent, steepness, rate)
}

/// A power of what grows that is as small as what is smaller than any: `e^{−x}` is below all of them, however slowly `x` grows.
fn smaller_than_powers(grows: &Germ) -> i64 {
    let power = grows.order_bound().map(|order| order.power.clone());
    let terms = power.filter(Signed::is_positive).map(|power| {
        let least = BigRational::from_integer(BEYOND.into()) / power;
        least.floor().to_integer().to_i64().unwrap_or(BEYOND)
    });
    terms.map_or(BEYOND, |terms| terms.min(BEYOND))
}

/// The same over `k ≤ last`, which grows: what lies beyond is a series of sums of powers where exponentials are near 1 there, and
/// where they are small they count for nothing.
pub fn decayed_sum_up_to(
    exponent: &BigRational,
    steepness: &BigRational,
    rate: &Germ,
    last: &Germ,
) -> Result<Germ, GermError> {
    let up_to = |exponent: &BigRational| {
        let index = GermSpectrum::PowerLaw {
            beta: BigRational::one(),
            dimension: GermDimension::Finite(last.clone()),
        };
        index.trace(&-exponent, &[])
    };
    if rate.is_zero() {
        return up_to(exponent);
    }
    let cuts_start = steepness.is_positive();
    let at_last = rate * &last.powr(&-steepness)?;
    // `sum` without what is of the order of `of^terms last^power`
    let without = |sum: Germ, of: &Germ, terms: i64, power: BigRational| {
        let of = of
            .leading_part()?
            .powr(&BigRational::from_integer(terms.into()))?;
        let left_out = &of * &last.leading_part()?.powr(&power)?;
        Ok(match left_out.order_bound() {
            // a pole in what is left out would make one logarithm
            Some(order) => sum.with_remainder(order.times(&Order::new(Zero::zero(), One::one()))),
            None => sum,
        })
    };
    match at_last.ratio_to(&Germ::integer(1))? {
        Ratio::Vanishes => {
            let mut sum = match cuts_start {
                true => decayed_sum(exponent, steepness, rate)?,
                false => Germ::zero(),
            };
            for m in 0..HEAD {
                let m_th = BigRational::from_integer(m.into());
                let power = exponent - steepness * &m_th;
                let mut part = up_to(&power)?;
                if cuts_start {
                    // what lies beyond the last index; the pole of ζ stands in the sum over all
                    let all = Coefficient::zeta(&-power).unwrap_or_else(Coefficient::euler);
                    part = &part - &Germ::term(all, Order::constant());
                }
                let front = Coefficient::rational(sign_over_factorial(m));
                sum = &sum + &(&rate.powr(&m_th)? * &part).scale(&front);
            }
            // what is left out lies near the last index, or, where its powers fall, at the start
            let sum = match cuts_start {
                true => sum,
                false => without(sum, rate, HEAD, BigRational::zero())?,
            };
            without(sum, &at_last, HEAD, exponent + BigRational::one())
        }
        Ratio::Grows => {
            let sum = match cuts_start {
                true => Germ::zero(),
                false => decayed_sum(exponent, steepness, rate)?,
            };
            let most = exponent.max(&BigRational::zero()) + BigRational::one();
            without(sum, &at_last, smaller_than_powers(&at_last), most)
        }
        Ratio::Tends(_) => Err(GermError::undecided(
            "exponentials that are of order one at the last index",
        )),
    }
}

/// `Γ(−n + ε) = (−1)^n/n! (1/ε + ψ(n+1))`: `(−1)^n/n! τ^n (ψ(n+1) − ln τ)/|B|`, `n` the power.
fn at_pole(power: &BigRational, width: &BigRational, rate: &Germ) -> Result<Germ, GermError> {
    let n = power.to_integer().to_i64().filter(|n| (0..=16).contains(n));
    let n = n.ok_or_else(|| GermError::undecided("a high power in a sum of exponentials"))?;
    let harmonic = (1..=n).fold(BigRational::zero(), |h, k| {
        h + BigRational::new(1.into(), k.into())
    });
    let digamma = Coefficient::rational(harmonic).add(&Coefficient::euler().neg());
    let constant = Germ::term(digamma, Order::constant());
    let front = Coefficient::rational(sign_over_factorial(n) * width);
    Ok((&(&constant - &rate.ln()?) * &rate.powr(power)?).scale(&front))
}

/// `(−1)^m/m!`
fn sign_over_factorial(m: i64) -> BigRational {
    (1..=m).fold(BigRational::one(), |x, k| {
        x / BigRational::from_integer((-k).into())
    })
}

/// And `Σ_m (−ν)^m/m! ζ(−E − |B| m)`, of what exponentials leave at the start.
fn with_head(
    mut sum: Germ,
    exponent: &BigRational,
    steepness: &BigRational,
    rate: &Germ,
) -> Result<Germ, GermError> {
    for m in 0..HEAD {
        let argument = -exponent + steepness * BigRational::from_integer(m.into());
        // at the pole of ζ(1 + |B| ε) = 1/(|B| ε) + γ the rest stands in `at_pole`
        let zeta = Coefficient::zeta(&argument).unwrap_or_else(Coefficient::euler);
        let front = zeta.mul(&Coefficient::rational(sign_over_factorial(m)));
        let power = BigRational::from_integer(m.into());
        sum = &sum + &rate.powr(&power)?.scale(&front);
    }
    let beyond = rate.powr(&BigRational::from_integer(HEAD.into()))?;
    Ok(match beyond.order_bound() {
        // a pole in what is left out would make one logarithm
        Some(order) => {
            let log = Order::new(BigRational::zero(), BigRational::one());
            sum.with_remainder(order.times(&log))
        }
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
                .map(f64::from)
                .map(|k| k.powf(e) * (-t * k.powf(-b)).exp())
                .sum();
            // −e^{−x} ≈ −1 far out
            let from: f64 = f64::from(n) + 0.5;
            let rest = from.powf(e + 1.0) / -(e + 1.0);
            let gap = at(&sum, t) / (head + rest) - 1.0;
            assert!(gap.abs() < 1e-9, "{gap}");
        }
    }

    /// `Σ k^{-2} e^{−k/T} = ζ(2) + (ln(1/T) − 1)/T + …` and `Σ e^{−(k/T)²} = (√π T − 1)/2 + …`, beside the sums.
    #[test]
    fn exponentials_may_cut_the_end() {
        let whole = |n: i64| BigRational::from_integer(n.into());
        let t = 50.0;
        for (e, b) in [(-2, 1), (0, 2), (-1, 1), (-3, 1), (1, 3)] {
            let rate = Germ::power_of_variable(whole(-b));
            let sum = decayed_sum(&whole(e), &whole(-b), &rate).unwrap();
            let terms = (1..=4000).map(f64::from);
            let exact: f64 = terms
                .map(|k| k.powi(e as i32) * (-(k / t).powi(b as i32)).exp())
                .sum();
            let gap = at(&sum, t) / exact - 1.0;
            assert!(gap.abs() < 1e-7, "{e} {b}: {gap}");
        }
    }

    /// Sums that end: exponentials small at the start, near 1 all along, and small at the end, beside the sums.
    #[test]
    fn sums_may_end() {
        let ratio = |n: i64, m: i64| BigRational::new(n.into(), m.into());
        let t: i32 = 400;
        for (e, b, rate, last) in [
            (ratio(-7, 4), ratio(3, 2), 1, 1),
            (ratio(0, 1), ratio(2, 1), 1, 1),
            (ratio(-1, 1), ratio(2, 1), 1, 1),
            (ratio(1, 2), ratio(2, 1), 1, 2),
            (ratio(0, 1), ratio(-1, 1), -2, 1),
            (ratio(-1, 1), ratio(-1, 1), -2, 1),
            (ratio(0, 1), ratio(-2, 1), -1, 1),
            (ratio(-1, 2), ratio(-2, 1), -1, 1),
        ] {
            let power = |n: i64| Germ::power_of_variable(BigRational::from_integer(n.into()));
            let sum = decayed_sum_up_to(&e, &b, &power(rate), &power(last)).unwrap();
            let number = |x: &BigRational| crate::number::rational_to_f64(x);
            let (e, b, rate) = (number(&e), number(&b), f64::from(t).powi(rate as i32));
            let terms = (1..=t.pow(last as u32)).map(f64::from);
            let exact: f64 = terms.map(|k| k.powf(e) * (-rate * k.powf(-b)).exp()).sum();
            let gap = at(&sum, f64::from(t)) / exact - 1.0;
            assert!(gap.abs() < 1e-4, "{e} {b} {rate} {last}: {gap}");
        }
    }

    /// Where powers fall, what a series of exponentials leaves out lies at the start: `Σ k^{-10} e^{−k/T³}` is known to `O(T^{-12})`
    /// and no better.
    #[test]
    fn what_is_left_out_at_the_start_counts() {
        let whole = |n: i64| BigRational::from_integer(n.into());
        let rate = Germ::power_of_variable(whole(-3));
        let sum = decayed_sum_up_to(&whole(-10), &whole(-1), &rate, &Germ::variable()).unwrap();
        assert!(
            sum.remainder()
                .is_some_and(|order| order.power >= whole(-12))
        );
    }

    /// Where exponentials are small all along, nothing is left but a bound.
    #[test]
    fn sums_may_end_before_they_begin() {
        let two = BigRational::from_integer(2.into());
        let last = Germ::power_of_variable(BigRational::new(1.into(), 4.into()));
        let sum = decayed_sum_up_to(&BigRational::zero(), &two, &Germ::variable(), &last).unwrap();
        assert!(sum.terms().is_empty() && sum.remainder().is_some());
    }

    /// `Σ k^{-1} (1 − e^{−T/k}) = ln T + 2γ`, each part divergent.
    #[test]
    fn poles_of_divergent_parts_cancel() {
        let one = BigRational::one();
        let ones = decayed_sum(&-&one, &one, &Germ::zero()).unwrap();
        let kept = decayed_sum(&-&one, &one, &Germ::variable()).unwrap();
        let t: f64 = 2000.0;
        let n = 4_000_000;
        let head: f64 = (1..=n).map(f64::from).map(|k| -(-t / k).exp_m1() / k).sum();
        // Σ T/k² beyond
        let exact = head + t / (f64::from(n) + 0.5);
        let value = at(&(&ones - &kept), t);
        assert!((value - exact).abs() < 1e-6, "{value} {exact}");
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
