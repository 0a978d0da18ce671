//! The functions of `Σ` that every formula is made of.

use super::SpectrumError;

/// `f(s) = s^power · Π_i (s + κ_i)^{-order_i}`, with `κ_i ≥ 0`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Monomial {
    pub power: f64,
    /// Pairs `(κ_i, order_i)`.
    pub poles: Vec<(f64, f64)>,
}

impl Monomial {
    /// `s^power`.
    pub fn power(power: f64) -> Self {
        Self {
            power,
            poles: Vec::new(),
        }
    }

    /// `s^m (s + κ)^{-m}`, whose trace is `df_m(κ)`.
    pub fn degrees_of_freedom(m: f64, kappa: f64) -> Self {
        Self::power(m).over(kappa, m)
    }

    /// Divided by `(s + κ)^order`.
    pub fn over(mut self, kappa: f64, order: f64) -> Self {
        self.poles.push((kappa, order));
        self
    }

    pub(crate) fn validate(&self) -> Result<(), SpectrumError> {
        if !self.power.is_finite() {
            return Err(SpectrumError::Power { power: self.power });
        }
        for &(kappa, order) in &self.poles {
            if !(kappa.is_finite() && kappa >= 0.0 && order.is_finite()) {
                return Err(SpectrumError::Pole { kappa, order });
            }
        }
        Ok(())
    }

    /// `f(s)` for `s > 0`, and a bound on its relative rounding error.
    pub(crate) fn evaluate(&self, s: f64) -> (f64, f64) {
        let mut value = power(s, self.power);
        // Each power is off by its own rounding, and by that of s + κ magnified `order` times.
        let mut ulps = 1.0 + self.power.abs();
        let mut in_range = is_comfortable(value);
        for &(kappa, order) in &self.poles {
            let factor = power(s + kappa, -order);
            value *= factor;
            in_range &= is_comfortable(factor) && is_comfortable(value);
            ulps += 2.0 + 2.0 * order.abs();
        }
        if in_range {
            (value, ulps * f64::EPSILON)
        } else {
            self.evaluate_scaled(s)
        }
    }

    /// The factors may leave the range of `f64` where their product does not: mantissas and exponents apart.
    fn evaluate_scaled(&self, s: f64) -> (f64, f64) {
        if self.power == 0.0 && self.poles.is_empty() {
            return (1.0, 0.0);
        }
        let mut mantissa = 1.0;
        let mut exponent = 0.0;
        let mut ulps = 1.0 + self.power.abs();
        let powers = std::iter::once((s, self.power, 0.0));
        // Halves, since s + κ itself may overflow.
        let poles = self.poles.iter();
        let factors = poles.map(|&(kappa, order)| (0.5 * s + 0.5 * kappa, -order, 1.0));
        for (x, order, doublings) in powers.chain(factors) {
            if order == 0.0 {
                continue;
            }
            if x == 0.0 {
                return (if order > 0.0 { 0.0 } else { f64::INFINITY }, 0.0);
            }
            let (m, e) = libm::frexp(x);
            let e = f64::from(e) + doublings;
            let twos = e * order;
            let whole = twos.round();
            let rest = (twos - whole) + e.mul_add(order, -twos);
            let (m, carried) = libm::frexp(mantissa * m.powf(order) * rest.exp2());
            mantissa = m;
            exponent += whole + f64::from(carried);
            ulps += 3.0 + 2.0 * order.abs();
        }
        let exponent = exponent.clamp(-1e6, 1e6) as i32;
        (libm::ldexp(mantissa, exponent), ulps * f64::EPSILON)
    }
}

fn is_comfortable(x: f64) -> bool {
    (1e-290..1e290).contains(&x)
}

fn power(x: f64, exponent: f64) -> f64 {
    if exponent.fract() == 0.0 && exponent.abs() <= 8.0 {
        x.powi(exponent as i32)
    } else {
        x.powf(exponent)
    }
}
