//! `Σ_k ln(1 + τ k^{-B})` over all `k ≥ 1`, `B > 1`: the information that so many observations carry on a power law.

use num_rational::BigRational;
use num_traits::One;

use super::germ::{Coefficient, Germ, GermError, Order, Ratio};

/// Powers of what is small that are kept.
const HEAD: i64 = 4;

/// `(π/sin(π/B)) τ^{1/B} − (ln τ + B ln 2π)/2 + Σ_m (−1)^{m+1}/m ζ(−Bm) τ^{-m}` as `τ → ∞`, which is Mellin's; and
/// `Σ_m (−1)^{m+1}/m ζ(Bm) τ^m` as `τ → 0`.
pub fn logarithmic_sum(steepness: &BigRational, rate: &Germ) -> Result<Germ, GermError> {
    if *steepness <= BigRational::one() {
        return Err(GermError::undecided("a sum of logarithms that diverges"));
    }
    let undecided = || GermError::undecided("a sum of logarithms of what has another limit");
    if rate.sign()? <= 0 {
        return Err(undecided());
    }
    let (mut sum, small, sign) = match rate.ratio_to(&Germ::integer(1))? {
        Ratio::Vanishes => (Germ::zero(), rate.clone(), 1),
        Ratio::Grows => {
            let inverse = rate.powr(&-BigRational::one())?;
            (leading(steepness, rate)?, inverse, -1)
        }
        Ratio::Tends(_) => return Err(undecided()),
    };
    for m in 1..HEAD {
        let argument = steepness * BigRational::from_integer((sign * m).into());
        let share = BigRational::new((if m % 2 == 1 { 1 } else { -1 }).into(), m.into());
        let zeta = Coefficient::zeta(&argument).ok_or_else(undecided)?;
        let power = small.powr(&BigRational::from_integer(m.into()))?;
        sum = &sum + &power.scale(&zeta.mul(&Coefficient::rational(share)));
    }
    let beyond = small.powr(&BigRational::from_integer(HEAD.into()))?;
    Ok(match beyond.order_bound() {
        Some(order) => sum.with_remainder(order.clone()),
        None => sum,
    })
}

/// What grows, and the constant: `π/sin(π/B) = Γ(1/B) Γ(1 − 1/B)`, `ζ(0) = −1/2`, `ζ'(0) = −ln(2π)/2`.
fn leading(steepness: &BigRational, rate: &Germ) -> Result<Germ, GermError> {
    let undecided = || GermError::undecided("the constant in a sum of logarithms");
    let power = steepness.recip();
    let front = Coefficient::gamma(&power)
        .zip(Coefficient::gamma(&(BigRational::one() - &power)))
        .map(|(a, b)| a.mul(&b))
        .ok_or_else(undecided)?;
    let half = Coefficient::rational(BigRational::new((-1).into(), 2.into()));
    let circle = (Coefficient::pi().mul(&Coefficient::integer(2)).ln()).ok_or_else(undecided)?;
    let constant = circle
        .mul(&Coefficient::rational(steepness.clone()))
        .mul(&half);
    let sum = &rate.powr(&power)?.scale(&front) + &rate.ln()?.scale(&half);
    Ok(&sum + &Germ::term(constant, Order::constant()))
}

#[cfg(test)]
mod tests {
    use num_traits::ToPrimitive;

    use super::*;

    /// Beside the sums: of ten million terms, and an integral of the rest.
    #[test]
    fn logarithms_are_summed() {
        for b in [2i64, 3] {
            let steepness = BigRational::from_integer(b.into());
            let n = 10_000_000;
            for (rate, t) in [
                (Germ::variable(), 400.0f64),
                (Germ::power_of_variable(-BigRational::one()), 60.0),
            ] {
                let sum = logarithmic_sum(&steepness, &rate).unwrap();
                let tau = rate.evaluate(t);
                let head: f64 = (1..=n)
                    .map(|k| (tau * f64::from(k).powi(-(b as i32))).ln_1p())
                    .sum();
                let b = steepness.to_f64().unwrap();
                let rest = tau * (f64::from(n) + 0.5).powf(1.0 - b) / (b - 1.0);
                let gap = sum.evaluate(t) / (head + rest) - 1.0;
                assert!(gap.abs() < 2e-6, "{b} {tau}: {gap}");
            }
        }
    }
}
