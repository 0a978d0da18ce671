//! `κ(λ, T)` as a germ: the largest root of `κ − λ = κ df_1(κ)/T`, in every regime.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::germ::closed::Closed;
use super::germ::detail::newton_steps;
use super::germ::falling;
use super::germ::{Coefficient, Germ, GermError, Limit, Order, Ratio};
use super::spectral::{GermDimension, GermSpectrum, Pole};

impl GermSpectrum {
    /// The largest root of `κ − λ = κ df_1(κ)/T`; zero for `λ = 0`, `T ≥ d`.
    ///
    /// ```
    /// use num_rational::BigRational;
    /// use resolvent::scaling::{Germ, GermDimension, GermSpectrum};
    ///
    /// let beta = BigRational::from_integer(2.into());
    /// let spectrum = GermSpectrum::PowerLaw { beta, dimension: GermDimension::Infinite };
    /// // minimum norm: κ ~ (C/T)^β with C = π/2
    /// let kappa = spectrum.kappa(&Germ::zero(), &Germ::variable())?;
    /// let leading = kappa.leading()?.unwrap();
    /// assert_eq!(leading.order.power, BigRational::from_integer((-2).into()));
    /// assert!((leading.coefficient.value() - std::f64::consts::FRAC_PI_2.powi(2)).abs() < 1e-12);
    /// # Ok::<(), resolvent::scaling::GermError>(())
    /// ```
    pub fn kappa(&self, lambda: &Germ, samples: &Germ) -> Result<Germ, GermError> {
        if lambda.sign()? < 0 {
            return Err(GermError::domain("kappa", "lambda must not be negative"));
        }
        if samples.sign()? <= 0 {
            return Err(GermError::domain(
                "kappa",
                "the sample size must be positive",
            ));
        }
        if let Some(d) = self.dimension()
            && lambda.is_zero()
            && d.compare(samples)? != Ordering::Greater
        {
            return Ok(Germ::zero());
        }
        if let Self::Atoms(atoms) = self
            && let [(value, multiplicity)] = atoms.as_slice()
        {
            return isotropic_kappa(value, multiplicity, lambda, samples);
        }
        let leading = match self {
            Self::Atoms(atoms) => self.kappa_of_levels(
                &falling(atoms.clone(), |(value, _)| value)?,
                lambda,
                samples,
            )?,
            Self::PowerLaw { beta, .. } => {
                if let Some(saturated) = self.saturated_kappa(lambda, samples)? {
                    saturated
                } else if let Some(above) = self.kappa_above_the_bulk(beta, lambda, samples)? {
                    above
                } else {
                    self.leading_kappa(beta, lambda, samples)?
                }
            }
        };
        self.polish(leading, lambda, samples)
    }

    /// `κ` far below the smallest eigenvalue, where `df_1 ≃ d − κ tr Σ^{-1}` makes the equation quadratic.
    fn saturated_kappa(&self, lambda: &Germ, samples: &Germ) -> Result<Option<Germ>, GermError> {
        let (Some(d), Some(smallest)) = (self.dimension(), self.end_of_power_law()?) else {
            return Ok(None);
        };
        let curvature = self.trace(&-BigRational::one(), &[])?;
        // curvature κ² + (T − d) κ = λT
        let product = (lambda * samples).truncated(2);
        let Some(kappa) = positive_root(&curvature, &(samples - &d), &product)? else {
            return Ok(None);
        };
        let far_below = matches!(kappa.ratio_to(&smallest), Ok(Ratio::Vanishes));
        Ok(far_below.then_some(kappa))
    }

    /// The leading term of `κ` of a slow power law, `β ≤ 1`, in more dimensions than samples: its trace lies at its far end,
    /// far above which `κ df_1(κ) ≃ tr Σ`, so that `κ ~ λ + tr Σ/T`; at `β = 1` the trace that lies below `κ`,
    /// `ln(κd)`, counts alone.
    fn kappa_above_the_bulk(
        &self,
        beta: &BigRational,
        lambda: &Germ,
        samples: &Germ,
    ) -> Result<Option<Germ>, GermError> {
        let Some(d) = self.dimension() else {
            return Ok(None);
        };
        if beta > &BigRational::one() || !matches!(d.ratio_to(samples)?, Ratio::Grows) {
            return Ok(None);
        }
        let trace = if beta.is_one() {
            (&d * &(lambda + &samples.recip()?)).ln()?
        } else {
            self.trace(&BigRational::one(), &[])?
        };
        (lambda + &trace.div(samples)?).leading_part().map(Some)
    }

    /// The leading term of `κ` of few levels, each of an order of its own: `κ` is of the order of one of them, or lies
    /// between two, where `Σ m − κ Σ m/s` of those above and `Σ m s/κ` of those below leave a quadratic equation. The
    /// levels fall.
    fn kappa_of_levels(
        &self,
        levels: &[(Germ, Germ)],
        lambda: &Germ,
        samples: &Germ,
    ) -> Result<Germ, GermError> {
        let product = lambda * samples;
        for between in 0..=levels.len() {
            let (above, below) = levels.split_at(between);
            let (mut curvature, mut linear) = (Germ::zero(), samples.clone());
            for (value, multiplicity) in above {
                curvature = &curvature + &multiplicity.div(value)?;
                linear = &linear - multiplicity;
            }
            let constant = below
                .iter()
                .fold(product.clone(), |sum, (value, multiplicity)| {
                    &sum + &(value * multiplicity)
                });
            let Some(kappa) = positive_root(&curvature, &linear, &constant.truncated(2))? else {
                continue;
            };
            let under = above
                .last()
                .is_none_or(|(value, _)| matches!(kappa.ratio_to(value), Ok(Ratio::Vanishes)));
            let over = below
                .first()
                .is_none_or(|(value, _)| matches!(kappa.ratio_to(value), Ok(Ratio::Grows)));
            if under && over {
                return Ok(kappa);
            }
        }
        let mut filled = Germ::zero();
        for (i, (value, _)) in levels.iter().enumerate() {
            let of_this_order = |other: &Germ| matches!(other.ratio_to(value), Ok(Ratio::Tends(_)));
            if i > 0 && of_this_order(&levels[i - 1].0) {
                continue;
            }
            let above = filled.clone();
            let single = !levels[i + 1..]
                .iter()
                .any(|(other, _)| of_this_order(other));
            for (other, multiplicity) in &levels[i..] {
                if of_this_order(other) {
                    filled = &filled + multiplicity;
                }
            }
            let scale = value.leading_part()?;
            let ridge = match lambda.is_zero() {
                true => Ratio::Vanishes,
                false => lambda.ratio_to(value)?,
            };
            // `Σ s/(s + κ)` over the levels down to this order goes from `above` to `filled`
            match ridge {
                Ratio::Vanishes
                    if above.compare(samples)? == Ordering::Less
                        && filled.compare(samples)? == Ordering::Greater =>
                {
                    if single {
                        // m s/(s + κ) = T − above
                        let left = samples - &above;
                        return (value * &(&filled - samples)).div(&left)?.leading_part();
                    }
                    return self.constant_at(&scale, samples, false);
                }
                Ratio::Tends(_) => return self.constant_at(&lambda.leading_part()?, samples, true),
                Ratio::Vanishes | Ratio::Grows => {}
            }
        }
        Err(ConstantEquation::UNSOLVED)
    }

    /// The order and the leading constant, of a power law.
    fn leading_kappa(
        &self,
        beta: &BigRational,
        lambda: &Germ,
        samples: &Germ,
    ) -> Result<Germ, GermError> {
        if !lambda.is_zero() {
            let scale = lambda.leading_part()?;
            let filled = self.degrees_of_freedom(1, &scale)?.ratio_to(samples)?;
            match filled {
                Ratio::Vanishes => return Ok(scale),
                Ratio::Tends(_) if !self.is_saturated_at(&scale)? => {
                    return self.constant_at(&scale, samples, true);
                }
                _ => {}
            }
        }
        let (scale, exact) = self.ridgeless_scale(beta, samples)?;
        if exact {
            Ok(scale)
        } else {
            self.constant_at(&scale, samples, false)
        }
    }

    /// Whether `df_1` at this scale no longer depends on the constant.
    fn is_saturated_at(&self, scale: &Germ) -> Result<bool, GermError> {
        Ok(match self.end_of_power_law()? {
            Some(smallest) => matches!(scale.ratio_to(&smallest)?, Ratio::Vanishes),
            None => false,
        })
    }

    /// The smallest eigenvalue of a power law that ends.
    fn end_of_power_law(&self) -> Result<Option<Germ>, GermError> {
        match self {
            Self::PowerLaw {
                beta,
                dimension: GermDimension::Finite(d),
            } => Ok(Some(d.powr(&-beta)?.leading_part()?)),
            _ => Ok(None),
        }
    }

    /// Where the root of `df_1(κ) = T` lies; `true` with the leading constant, `false` without.
    fn ridgeless_scale(
        &self,
        beta: &BigRational,
        samples: &Germ,
    ) -> Result<(Germ, bool), GermError> {
        if let (Some(d), Some(smallest)) = (self.dimension(), self.end_of_power_law()?)
            && matches!(samples.ratio_to(&d)?, Ratio::Tends(_))
        {
            return Ok((smallest, false));
        }
        if let Limit::Finite(_) = samples.limit()? {
            return Ok((Germ::integer(1), false));
        }
        // df_1(κ) ~ C κ^{-1/β}
        let probe = Self::PowerLaw {
            beta: beta.clone(),
            dimension: GermDimension::Infinite,
        };
        let kappa = Germ::variable().recip()?;
        let df = probe.degrees_of_freedom(1, &kappa)?;
        let c = df.leading_nonzero()?.coefficient.clone();
        let c = Germ::term(c, Order::constant());
        Ok((c.div(samples)?.powr(beta)?.leading_part()?, true))
    }

    /// Solves for the constant `x` in `κ ~ x·scale`: `x (1 − f(x)) = 1` at `scale = λ`, `f(x) = 1` without
    /// ridge, where `f(x) = lim df_1(x·scale)/T` decreases.
    fn constant_at(&self, scale: &Germ, samples: &Germ, ridge: bool) -> Result<Germ, GermError> {
        let equation = ConstantEquation::new(self, scale, samples, ridge)?;
        let (mut low, mut high) = equation.bracket()?;
        let mut log = 0.5 * (low + high);
        for _ in 0..100 {
            let (value, slope, error) = equation.at(log.exp())?;
            if value < 0.0 {
                low = log;
            } else {
                high = log;
            }
            let newton = log - value / slope;
            let inside = newton > low && newton < high;
            let next = if inside { newton } else { 0.5 * (low + high) };
            let change = (next - log).abs();
            log = next;
            if change <= 1e-14 * (1.0 + log.abs()) {
                // the error of df_1, seen through the slope
                let accuracy = error / slope + 4e-15 * (1.0 + log.abs()) / slope.min(1.0);
                let x = Coefficient::relative(log.exp(), accuracy)
                    .known_as(|| self.constant_name(scale, samples, ridge));
                return Ok(scale.scale(&x));
            }
        }
        Err(ConstantEquation::UNSOLVED)
    }

    /// The name of the constant that [`constant_at`](Self::constant_at) solves for, where its equation is known.
    fn constant_name(&self, scale: &Germ, samples: &Germ, ridge: bool) -> Option<Closed> {
        let leading = |germ: &Germ| {
            let term = germ.leading().ok()??;
            Some(format!("{:?} {}", term.coefficient.form()?, term.order))
        };
        let spectrum = match self {
            Self::PowerLaw { beta, dimension } => match dimension {
                GermDimension::Infinite => format!("power law {beta}"),
                GermDimension::Finite(d) => format!("power law {beta} up to {}", leading(d)?),
            },
            Self::Atoms(atoms) => {
                // the expansion in ratios of the levels would carry the name in each of its many coefficients
                let moves = |(value, _): &(Germ, Germ)| {
                    value
                        .leading()
                        .ok()
                        .flatten()
                        .is_none_or(|term| term.order != Order::constant())
                };
                if atoms.iter().any(moves) {
                    return None;
                }
                let mut text = "atoms".to_owned();
                for (value, multiplicity) in atoms {
                    text += &format!(" {} times {}", leading(value)?, leading(multiplicity)?);
                }
                text
            }
        };
        let (scale, samples) = (leading(scale)?, leading(samples)?);
        Some(Closed::named(format!(
            "kappa of {spectrum}, scale {scale}, samples {samples}, ridge {ridge}"
        )))
    }

    /// Newton's method on `κ − λ − κ df_1(κ)/T`, whose slope is `1 − df_2(κ)/T`.
    fn polish(&self, leading: Germ, lambda: &Germ, samples: &Germ) -> Result<Germ, GermError> {
        let one = Germ::integer(1);
        let mut kappa = leading.clone();
        let mut last_change: Option<Order> = None;
        let is_named = (leading.terms().first()).is_some_and(|term| term.coefficient.is_closed());
        for _ in 0..newton_steps() {
            let unfilled = self.unfilled(1, &kappa, samples)?;
            let slope = self.unfilled(2, &kappa, samples)?;
            let residual = &(&kappa * &unfilled) - lambda;
            if residual.is_zero() {
                return Ok(kappa);
            }
            // A leading constant that has a name is the root of the leading part of the equation, and terms larger than Newton's
            // own error are what they are: what is left of them is rounding, which further steps would add up.
            let settled = |order: &Order| match (&last_change, leading.order_bound()) {
                (Some(change), Some(size)) => *order > newton_error(change, size),
                (None, Some(size)) => is_named && *order == *size,
                _ => false,
            };
            let step = residual.div(&slope)?.without_rounding(settled);
            if step.is_zero() {
                return Ok(kappa);
            }
            // a coefficient that is zero to within its error is rounding, already in the error bounds
            let decided = step.terms().iter().find(|t| t.coefficient.sign().is_some());
            last_change = match decided {
                Some(term) => Some(term.order.clone()),
                None => step.remainder().cloned(),
            };
            kappa = &kappa - &step;
        }
        // Newton's own error is of second order in its last step
        if let (Some(change), Some(size)) = (last_change, leading.order_bound()) {
            kappa = kappa.with_remainder(newton_error(&change, size));
        }
        // the correction must be smaller than what it corrects
        let change = kappa.div(&leading)?;
        let drift = &change - &one;
        match drift.limit() {
            Ok(Limit::Finite(c)) if c.value().abs() <= c.error().max(1e-9) => Ok(kappa),
            _ => Err(GermError::NotConverged { what: "kappa" }),
        }
    }

    /// `1 − df_m(κ)/T`, for `m` 1 or 2; for a dimension of the order of `T` through `d − df_m`, so that
    /// what is left near `T = d` does not cancel.
    pub fn unfilled(&self, m: i64, kappa: &Germ, samples: &Germ) -> Result<Germ, GermError> {
        let comparable = match self.dimension() {
            Some(d) => match d.ratio_to(samples)? {
                Ratio::Grows => None,
                _ => Some(d),
            },
            None => None,
        };
        let Some(d) = comparable else {
            let share = self.degrees_of_freedom(m, kappa)?.div(samples)?;
            return Ok(&Germ::integer(1) - &share);
        };
        if kappa.is_zero() {
            return (samples - &d).div(samples);
        }
        // d − df_1 = κ tr(Σ+κ)^{-1};  d − df_2 = 2κ tr Σ(Σ+κ)^{-2} + κ² tr(Σ+κ)^{-2}
        let zero = BigRational::zero();
        let missing = if m == 1 {
            let trace = self.trace(&zero, &[Pole::new(kappa.clone(), 1)])?;
            kappa * &trace
        } else {
            let second = Pole::new(kappa.clone(), 2);
            let linear = self.trace(&BigRational::one(), std::slice::from_ref(&second))?;
            let square = self.trace(&zero, std::slice::from_ref(&second))?;
            &(kappa * &linear).scale(&Coefficient::integer(2)) + &(&(kappa * kappa) * &square)
        };
        (&(samples - &d) + &missing).div(samples)
    }
}

/// The leading term of the positive root of `a κ² + b κ = c`, where `a` and `c` are not negative.
fn positive_root(a: &Germ, b: &Germ, c: &Germ) -> Result<Option<Germ>, GermError> {
    let discriminant = &(b * b) + &(c * a).scale(&Coefficient::integer(4));
    if discriminant.is_zero() {
        return Ok(None);
    }
    let root = discriminant.sqrt()?;
    let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
    let kappa = if b.sign()? >= 0 {
        c.div(&(b + &root).scale(&half))?
    } else if a.is_zero() {
        return Ok(None);
    } else {
        (&root - b).scale(&half).div(a)?
    };
    if kappa.is_zero() {
        return Ok(None);
    }
    kappa.leading_part().map(Some)
}

/// The equation for the constant `x` in `κ ~ x·scale`.
struct ConstantEquation<'a> {
    spectrum: &'a GermSpectrum,
    scale: &'a Germ,
    ridge: bool,
    /// Of the sample size: its order, and one over its coefficient.
    order: Order,
    inverse: Coefficient,
}

impl<'a> ConstantEquation<'a> {
    const UNSOLVED: GermError = GermError::NotConverged {
        what: "the constant of kappa",
    };

    fn new(
        spectrum: &'a GermSpectrum,
        scale: &'a Germ,
        samples: &Germ,
        ridge: bool,
    ) -> Result<Self, GermError> {
        let leading = samples.leading_nonzero()?.clone();
        let inverse = leading.coefficient.recip();
        Ok(Self {
            spectrum,
            scale,
            ridge,
            order: leading.order,
            inverse: inverse.ok_or(GermError::DivisionByZero)?,
        })
    }

    /// `1 − 1/x − f(x)`, increasing in `ln x`, its slope there, and the error of `f`.
    fn at(&self, x: f64) -> Result<(f64, f64, f64), GermError> {
        let kappa = self.scale.scale(&Coefficient::relative(x, 0.0));
        let share = |m: i64| -> Result<(f64, f64), GermError> {
            let df = self.spectrum.degrees_of_freedom(m, &kappa)?;
            Ok(match df.terms().first() {
                Some(term) if term.order == self.order => {
                    let ratio = term.coefficient.mul(&self.inverse);
                    (ratio.value(), ratio.error())
                }
                _ => (0.0, 0.0),
            })
        };
        let ((df1, error), (df2, _)) = (share(1)?, share(2)?);
        let value = if self.ridge {
            1.0 - 1.0 / x - df1
        } else {
            1.0 - df1
        };
        let slope = (df1 - df2) + if self.ridge { 1.0 / x } else { 0.0 };
        Ok((value, slope, error))
    }

    /// Two values of `ln x` with the root between them.
    fn bracket(&self) -> Result<(f64, f64), GermError> {
        let (mut low, mut high) = (f64::NAN, f64::NAN);
        let mut log = if self.ridge { 1e-3 } else { 0.0 };
        let mut step = 1.0;
        for _ in 0..200 {
            let (value, _, _) = self.at(f64::exp(log))?;
            if !value.is_finite() {
                return Err(Self::UNSOLVED);
            }
            if value < 0.0 {
                low = log;
                if high.is_nan() {
                    log += step;
                }
            } else {
                high = log;
                if low.is_nan() {
                    log -= step;
                }
            }
            if !low.is_nan() && !high.is_nan() {
                break;
            }
            if self.ridge && log <= 0.0 {
                // x ≥ 1 always
                low = 0.0;
            }
            step *= 1.5;
        }
        if low.is_nan() || high.is_nan() {
            return Err(Self::UNSOLVED);
        }
        Ok((low, high))
    }
}

/// What a step of Newton's method leaves of a root of size `size`.
fn newton_error(step: &Order, size: &Order) -> Order {
    step.times(step).times(&size.recip())
}

/// `κ` of `Σ = sI`: the positive root of `κ² − (λ + s(d/T − 1)) κ = sλ`.
fn isotropic_kappa(
    value: &Germ,
    multiplicity: &Germ,
    lambda: &Germ,
    samples: &Germ,
) -> Result<Germ, GermError> {
    let excess = &multiplicity.div(samples)? - &Germ::integer(1);
    let linear = lambda + &(value * &excess);
    if lambda.is_zero() {
        // T < d, or κ would be zero
        return Ok(linear);
    }
    let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
    let product = value * lambda;
    let discriminant = &(&linear * &linear) + &product.scale(&Coefficient::integer(4));
    let root = discriminant.sqrt()?;
    if linear.sign()? >= 0 {
        Ok((&linear + &root).scale(&half))
    } else {
        product.div(&(&root - &linear).scale(&half))
    }
}
