//! Sines, gamma and zeta functions of what tends to an exact number, their poles included.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::super::special::{digamma, gamma_pole};
use super::{Coefficient, Germ, GermError, Order};

/// Poles of `Γ` are looked at as far out as this.
const MAX_POLE: usize = 64;

fn half() -> BigRational {
    BigRational::new(1.into(), 2.into())
}

impl Germ {
    /// `x` and `ε` of `x + ε` with an exact `x` and `ε → 0`.
    fn near(&self, function: &'static str) -> Result<(BigRational, Self), GermError> {
        let constant = Order::constant();
        match self.order_bound() {
            None => Ok((BigRational::zero(), self.clone())),
            Some(order) if *order < constant => Ok((BigRational::zero(), self.clone())),
            Some(order) if *order == constant => {
                let place = self.leading()?.and_then(|term| term.coefficient.exact());
                let place = place.cloned().ok_or_else(|| {
                    GermError::undecided(format!("{function} of what tends to no exact number"))
                })?;
                Ok((place, self.tail()))
            }
            Some(_) => Err(GermError::undecided(format!(
                "{function} of what has no limit"
            ))),
        }
    }

    /// `sin π(self)`.
    pub fn sin_pi(&self) -> Result<Self, GermError> {
        let (place, epsilon) = self.near("sin")?;
        let angle = epsilon.scale(&Coefficient::pi());
        // every second derivative, from that of this order on
        let series = |odd: usize| {
            Self::series(&angle, |j| {
                if j % 2 != odd {
                    return Coefficient::integer(0);
                }
                let factorial: BigInt = (1..=j).map(BigInt::from).product();
                let sign = if j / 2 % 2 == 0 { 1 } else { -1 };
                Coefficient::rational(BigRational::new(sign.into(), factorial))
            })
        };
        let sine = series(0).scale(&Coefficient::sin_pi(&place));
        let cosine = series(1).scale(&Coefficient::sin_pi(&(place + half())));
        Ok(&sine + &cosine)
    }

    /// `Γ(self)`: `Γ(x)(1 + ψ(x) ε + O(ε²))`, and at a pole by `Γ(x) = Γ(x+n+1)/(x(x+1)…(x+n))`.
    pub fn gamma(&self) -> Result<Self, GermError> {
        let (place, epsilon) = self.near("gamma")?;
        if let Some(pole) = gamma_pole(&place) {
            if epsilon.is_zero() || pole > MAX_POLE {
                return Err(GermError::domain("gamma", "a pole"));
            }
            let mut product = Self::integer(1);
            let mut factor = self.clone();
            for _ in 0..=pole {
                product = &product * &factor;
                factor = &factor + &Self::integer(1);
            }
            return factor.gamma()?.div(&product);
        }
        let value =
            Coefficient::gamma(&place).ok_or_else(|| GermError::domain("gamma", "a pole"))?;
        let slope = epsilon.scale(&digamma_of(&place)?);
        let linear = &Self::integer(1) + &slope;
        Ok(linear.beyond_first(&epsilon).scale(&value))
    }

    /// `ζ(self)`: `1/ε + γ + O(ε)` about 1, `ζ(x) + O(ε)` elsewhere.
    pub fn zeta(&self) -> Result<Self, GermError> {
        let (place, epsilon) = self.near("zeta")?;
        let constant = match Coefficient::zeta(&place) {
            Some(value) => Self::term(value, Order::constant()),
            None => &epsilon.recip()? + &Self::term(Coefficient::euler(), Order::constant()),
        };
        Ok(match epsilon.order_bound() {
            Some(order) => constant.with_remainder(order.clone()),
            None => constant,
        })
    }

    /// Known up to `O(ε²)`.
    fn beyond_first(self, epsilon: &Self) -> Self {
        match epsilon.order_bound() {
            Some(order) => self.with_remainder(order.times(order)),
            None => self,
        }
    }
}

/// `ψ(x) = ψ(x + n) − Σ_{k<n} 1/(x + k)`, away from poles.
fn digamma_of(x: &BigRational) -> Result<Coefficient, GermError> {
    let mut above = x.clone();
    let mut sum = BigRational::zero();
    let steps = (BigRational::one() - x).ceil().to_integer().to_usize();
    if !x.is_positive() {
        let steps = steps.filter(|n| *n <= MAX_POLE);
        for _ in 0..steps.ok_or_else(|| GermError::undecided("gamma far below zero"))? {
            sum += above.recip();
            above += BigRational::one();
        }
    }
    Ok(digamma(&above).add(&Coefficient::rational(-sum)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    /// `place + 1/T`
    fn beside(place: &BigRational) -> Germ {
        &Germ::rational(place.clone()) + &Germ::variable().recip().unwrap()
    }

    fn reference(f: impl Fn(f64) -> f64, germ: &Germ, place: f64) {
        for t in [1e3, 1e4] {
            let (found, value) = (germ.evaluate(t), f(place + 1.0 / t));
            let small = germ.remainder().map_or(0.0, |order| {
                40.0 * Germ::term(Coefficient::integer(1), order.clone()).evaluate(t)
            });
            let gap = (found - value).abs();
            assert!(gap <= small + 1e-9 * value.abs(), "{found} {value} {place}");
        }
    }

    #[test]
    fn what_is_near_a_place_has_the_value_near_it() {
        use crate::number::Real;
        for (n, d) in [(0, 1), (1, 1), (-2, 1), (1, 2), (5, 2), (-1, 2), (-7, 3)] {
            let place = number(n, d);
            let x = n as f64 / d as f64;
            let germ = beside(&place);
            reference(
                |y| (std::f64::consts::PI * y).sin(),
                &germ.sin_pi().unwrap(),
                x,
            );
            reference(|y| Real::gamma(&y), &germ.gamma().unwrap(), x);
            reference(|y| Real::zeta(&y), &germ.zeta().unwrap(), x);
        }
    }

    #[test]
    fn a_pole_itself_has_no_value() {
        assert!(Germ::integer(-1).gamma().is_err());
        assert!(Germ::integer(1).zeta().is_err());
        assert!(Germ::variable().gamma().is_err());
    }
}
