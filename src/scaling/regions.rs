//! Where the terms of the test error lead, where they meet, and the best ridge.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::germ::{GermError, Order};
use super::law::{DimensionLaw, ErrorTerm, Ridge, ScalingModel};
use super::piecewise::PiecewiseLinear;

/// An exponent that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// `ℓ` in `λ = T^{-ℓ}`
    Ridge,
    /// `a` in `n σ_0² = T^a`
    SyntheticNoise,
    /// `b` in `T_0 = T^b`
    LabellerSamples,
    /// `p` in `d = T^p`
    Dimension,
    /// `e` in `σ² = T^e`
    Noise,
}

impl Axis {
    pub const ALL: [Self; 5] = [
        Self::Ridge,
        Self::SyntheticNoise,
        Self::LabellerSamples,
        Self::Dimension,
        Self::Noise,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ridge => "ell",
            Self::SyntheticNoise => "a",
            Self::LabellerSamples => "b",
            Self::Dimension => "p",
            Self::Noise => "e",
        }
    }

    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ridge => "lambda = T^-ell",
            Self::SyntheticNoise => "n*sigma0^2 = T^a",
            Self::LabellerSamples => "T0 = T^b",
            Self::Dimension => "d = T^p",
            Self::Noise => "sigma^2 = T^e",
        }
    }
}

/// `constant + Σ slope · exponent`, valid around one point.
#[derive(Clone, Debug, PartialEq)]
pub struct AffineLaw {
    pub constant: BigRational,
    /// Slopes that are not zero.
    pub slopes: Vec<(Axis, BigRational)>,
}

/// A stretch of one axis on which the test error follows one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub from: BigRational,
    pub to: BigRational,
    /// The test error's power of `T` at the two ends.
    pub power_from: BigRational,
    pub power_to: BigRational,
    /// The terms that lead inside.
    pub leads: Vec<ErrorTerm>,
}

impl Stretch {
    /// Change of the power along the axis.
    pub fn slope(&self) -> BigRational {
        if self.from == self.to {
            return BigRational::zero();
        }
        (&self.power_to - &self.power_from) / (&self.to - &self.from)
    }
}

/// The best ridge exponents and what they reach.
#[derive(Clone, Debug, PartialEq)]
pub struct BestRidge {
    /// All best `ℓ`, as closed intervals; empty where only minimum norm is best.
    pub exponents: Vec<(BigRational, BigRational)>,
    /// Whether minimum norm, `λ = 0`, is as good.
    pub ridgeless: bool,
    /// The order of the test error there; `None` where it vanishes.
    pub order: Option<Order>,
    /// The terms that lead there.
    pub leads: Vec<ErrorTerm>,
}

impl BestRidge {
    /// The largest best `λ`: the smallest `ℓ`, or minimum norm.
    pub fn choice(&self) -> Ridge {
        match self.exponents.first() {
            Some((from, _)) => Ridge::Exponent(from.clone()),
            None => Ridge::Ridgeless,
        }
    }

    /// `T^{-rate}`.
    pub fn rate(&self) -> Option<BigRational> {
        self.order.as_ref().map(|order| -&order.power)
    }
}

/// A point well inside an interval and no symmetric one.
fn inside(from: &BigRational, to: &BigRational) -> BigRational {
    from + (to - from) * BigRational::new(377.into(), 987.into())
}

impl ScalingModel {
    /// The value of an exponent; `None` where the model has none.
    pub fn exponent(&self, axis: Axis) -> Option<BigRational> {
        match axis {
            Axis::Ridge => self.ridge.exponent().cloned(),
            Axis::SyntheticNoise => self.labeller.as_ref()?.noise.clone(),
            Axis::LabellerSamples => Some(self.labeller.as_ref()?.samples.clone()),
            Axis::Dimension => match &self.dimension {
                DimensionLaw::Power(p) => Some(p.clone()),
                _ => None,
            },
            Axis::Noise => self.noise.clone(),
        }
    }

    /// The model with one exponent moved; unchanged where it has none.
    pub fn with_exponent(&self, axis: Axis, value: &BigRational) -> Self {
        let mut moved = self.clone();
        match axis {
            Axis::Ridge => moved.ridge = Ridge::Exponent(value.clone()),
            Axis::SyntheticNoise => {
                if let Some(labeller) = &mut moved.labeller {
                    labeller.noise = Some(value.clone());
                }
            }
            Axis::LabellerSamples => {
                if let Some(labeller) = &mut moved.labeller {
                    labeller.samples = value.clone();
                }
            }
            Axis::Dimension => moved.dimension = DimensionLaw::Power(value.clone()),
            Axis::Noise => moved.noise = Some(value.clone()),
        }
        moved
    }

    fn leading_order(&self) -> Result<(Order, Vec<ErrorTerm>), GermError> {
        self.test_error()?
            .leading()?
            .ok_or_else(|| GermError::domain("the power of the test error", "it vanishes"))
    }

    /// The stretches of one axis, and which terms lead on each.
    pub fn stretches(
        &self,
        axis: Axis,
        from: &BigRational,
        to: &BigRational,
    ) -> Result<Vec<Stretch>, GermError> {
        let curve = PiecewiseLinear::reconstruct(from, to, |x| {
            Ok(self.with_exponent(axis, x).leading_order()?.0.power)
        })?;
        let pairs = curve.knots().windows(2);
        pairs
            .map(|pair| {
                let ((from, power_from), (to, power_to)) = (&pair[0], &pair[1]);
                let middle = inside(from, to);
                let (_, leads) = self.with_exponent(axis, &middle).leading_order()?;
                Ok(Stretch {
                    from: from.clone(),
                    to: to.clone(),
                    power_from: power_from.clone(),
                    power_to: power_to.clone(),
                    leads,
                })
            })
            .collect()
    }

    /// Beyond this `ℓ` the ridge no longer changes which terms lead.
    pub fn last_ridge_exponent(&self) -> BigRational {
        let one = BigRational::one();
        let labeller = self.labeller.as_ref().map(|l| l.samples.clone());
        let dimension = match &self.dimension {
            DimensionLaw::Infinite => one.clone(),
            DimensionLaw::Power(p) => p.clone(),
            DimensionLaw::OfLabeller(_) => labeller.clone().unwrap_or_else(|| one.clone()),
        };
        let widest = dimension
            .max(labeller.unwrap_or_else(|| one.clone()))
            .max(one);
        let two = BigRational::from_integer(2.into());
        let noise = self.noise.clone().unwrap_or_else(BigRational::zero);
        let synthetic = self
            .labeller
            .as_ref()
            .and_then(|l| l.noise.clone())
            .unwrap_or_else(BigRational::zero);
        let spread = noise.clone().max(-noise) + synthetic.clone().max(-synthetic);
        &two * (&self.beta + BigRational::one()) * widest + spread + two
    }

    /// Every best `ℓ ≥ 0` and the rate reached.
    ///
    /// ```
    /// use num_rational::BigRational;
    /// use resolvent::scaling::{DimensionLaw, Ridge, ScalingModel};
    ///
    /// let rational = |n: i64, d: i64| BigRational::new(n.into(), d.into());
    /// let model = ScalingModel {
    ///     beta: rational(2, 1),
    ///     source: rational(3, 8),
    ///     ridge: Ridge::Ridgeless,
    ///     noise: Some(rational(0, 1)),
    ///     labeller: None,
    ///     dimension: DimensionLaw::Infinite,
    /// };
    /// let best = model.best_ridge()?;
    /// assert_eq!(best.choice(), Ridge::Exponent(rational(4, 5)));
    /// assert_eq!(best.rate(), Some(rational(3, 5)));
    /// # Ok::<(), resolvent::scaling::GermError>(())
    /// ```
    pub fn best_ridge(&self) -> Result<BestRidge, GermError> {
        let last = self.last_ridge_exponent();
        let curve = PiecewiseLinear::reconstruct(&BigRational::zero(), &last, |ell| {
            Ok(self
                .with_exponent(Axis::Ridge, ell)
                .leading_order()?
                .0
                .power)
        })?;
        let (power, exponents) = curve.minimum();
        let ridgeless = match self.with_ridge(Ridge::Ridgeless).test_error() {
            Ok(law) => Some(law.leading()?),
            // an infinite variance is no competitor
            Err(GermError::Domain { .. }) => None,
            Err(error) => return Err(error),
        };
        let as_good = match ridgeless {
            Some(None) => {
                return Ok(BestRidge {
                    exponents: Vec::new(),
                    ridgeless: true,
                    order: None,
                    leads: Vec::new(),
                });
            }
            Some(Some((order, leads))) if order.power < power => {
                return Ok(BestRidge {
                    exponents: Vec::new(),
                    ridgeless: true,
                    order: Some(order),
                    leads,
                });
            }
            Some(Some((order, _))) => order.power == power,
            None => false,
        };
        let choice = exponents
            .first()
            .map_or(Ridge::Ridgeless, |(from, _)| Ridge::Exponent(from.clone()));
        let (order, leads) = self.with_ridge(choice).leading_order()?;
        Ok(BestRidge {
            exponents,
            ridgeless: as_good,
            order: Some(order),
            leads,
        })
    }

    /// The power of one term as a function of the exponents around this point; `None` at a kink of it, or
    /// where the term vanishes.
    pub fn affine_law(&self, term: ErrorTerm) -> Result<Option<AffineLaw>, GermError> {
        let power = |model: &Self| -> Result<Option<BigRational>, GermError> {
            match model.test_error()?.term(term) {
                Some(germ) => germ.exponent(),
                None => Ok(None),
            }
        };
        let Some(here) = power(self)? else {
            return Ok(None);
        };
        let step = BigRational::new(1.into(), (1_i64 << 20).into());
        let mut constant = here.clone();
        let mut slopes = Vec::new();
        for axis in Axis::ALL {
            let Some(value) = self.exponent(axis) else {
                continue;
            };
            let up = power(&self.with_exponent(axis, &(&value + &step)))?;
            let down = power(&self.with_exponent(axis, &(&value - &step)))?;
            let (Some(up), Some(down)) = (up, down) else {
                return Ok(None);
            };
            let (right, left) = ((up - &here) / &step, (&here - down) / &step);
            if right != left {
                return Ok(None);
            }
            if !right.is_zero() {
                constant -= &right * &value;
                slopes.push((axis, right));
            }
        }
        Ok(Some(AffineLaw { constant, slopes }))
    }
}
