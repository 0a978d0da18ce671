//! Where the terms of the test error lead, where they meet, and the best ridge.

use std::cell::RefCell;
use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::germ::detail::{in_outline, outline_first};
use super::germ::{Germ, GermError, Order};
use super::law::{ErrorLaw, ErrorTerm};
use super::model::{DimensionLaw, Ridge, ScalingModel};
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
    /// `q` in the best `λ = T^{-ℓ} (ln T)^q`: where a falling and a rising term meet and one of them has a
    /// logarithm, the best ridge has one too. Zero elsewhere.
    pub ridge_log: BigRational,
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

/// Whether an expansion in full may answer what an outline does not.
fn more_may_tell(error: &GermError) -> bool {
    !matches!(error, GermError::Domain { .. })
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

    /// The order of the test error and the terms that lead; `None` where it vanishes.
    pub(crate) fn leads(&self) -> Result<Option<(Order, Vec<ErrorTerm>)>, GermError> {
        outline_first(more_may_tell, || self.test_error()?.leading())
    }

    fn leading_order(&self) -> Result<(Order, Vec<ErrorTerm>), GermError> {
        self.leads()?
            .ok_or_else(|| GermError::domain("the power of the test error", "it vanishes"))
    }

    /// The power of the test error along one axis: the envelope of its terms' powers.
    pub fn error_power(
        &self,
        axis: Axis,
        from: &BigRational,
        to: &BigRational,
    ) -> Result<PiecewiseLinear, GermError> {
        match self.envelope_of_terms(axis, from, to) {
            // a term that vanishes or is undecided somewhere: then the sum itself
            Err(GermError::Undecided { .. } | GermError::Domain { .. }) => {
                PiecewiseLinear::reconstruct(from, to, |x| {
                    Ok(self.with_exponent(axis, x).leading_order()?.0.power)
                })
            }
            result => result,
        }
    }

    fn envelope_of_terms(
        &self,
        axis: Axis,
        from: &BigRational,
        to: &BigRational,
    ) -> Result<PiecewiseLinear, GermError> {
        // every term is asked at nearly the same points
        let known: RefCell<BTreeMap<(BigRational, bool), ErrorLaw>> = RefCell::default();
        let power = |term: ErrorTerm, x: &BigRational| -> Result<Option<BigRational>, GermError> {
            outline_first(more_may_tell, || {
                let key = (x.clone(), in_outline());
                if let Some(law) = known.borrow().get(&key) {
                    return law.term(term).map_or(Ok(None), Germ::exponent);
                }
                let law = self.with_exponent(axis, x).test_error()?;
                let power = law.term(term).map_or(Ok(None), Germ::exponent);
                known.borrow_mut().insert(key, law);
                power
            })
        };
        let mut curves = Vec::new();
        for term in ErrorTerm::ALL {
            if power(term, from)?.is_none() && power(term, to)?.is_none() {
                continue;
            }
            curves.push(PiecewiseLinear::reconstruct(from, to, |x| {
                power(term, x)?
                    .ok_or_else(|| GermError::domain("the power of a term", "it vanishes"))
            })?);
        }
        PiecewiseLinear::envelope(&curves)
            .ok_or_else(|| GermError::domain("the power of the test error", "it vanishes"))
    }

    /// The stretches of one axis, and which terms lead on each.
    pub fn stretches(
        &self,
        axis: Axis,
        from: &BigRational,
        to: &BigRational,
    ) -> Result<Vec<Stretch>, GermError> {
        let curve = self.error_power(axis, from, to)?;
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
        let curve = self.error_power(Axis::Ridge, &BigRational::zero(), &last)?;
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
                    ridge_log: BigRational::zero(),
                    order: None,
                    leads: Vec::new(),
                });
            }
            Some(Some((order, leads))) if order.power < power => {
                return Ok(BestRidge {
                    exponents: Vec::new(),
                    ridgeless: true,
                    ridge_log: BigRational::zero(),
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
        let (mut order, leads) = self.with_ridge(choice).leading_order()?;
        let mut ridge_log = BigRational::zero();
        if let [(x, same)] = exponents.as_slice()
            && x == same
            && let Some((log, ridge)) = self.balanced_logarithms(x, &order, curve.knots())?
        {
            order = Order::new(order.power, log);
            ridge_log = ridge;
        }
        Ok(BestRidge {
            exponents,
            ridgeless: as_good,
            ridge_log,
            order: Some(order),
            leads,
        })
    }

    /// The powers of `ln T` in the least test error and in the ridge that reaches it.
    ///
    /// Around the best `ℓ` the error is `T^p ((ln T)^a T^{-f ε} + (ln T)^b T^{g ε})`, `ε` the distance from `ℓ`. With
    /// `T^ε = (ln T)^m` the two meet at `m = (a−b)/(f+g)`, where both have the power `(g a + f b)/(f+g)` of `ln T`.
    fn balanced_logarithms(
        &self,
        x: &BigRational,
        least: &Order,
        knots: &[(BigRational, BigRational)],
    ) -> Result<Option<(BigRational, BigRational)>, GermError> {
        let before = knots.iter().rev().map(|(k, _)| k).find(|k| *k < x);
        let after = knots.iter().map(|(k, _)| k).find(|k| *k > x);
        let (Some(before), Some(after)) = (before, after) else {
            return Ok(None);
        };
        let near = |other: &BigRational| x + (other - x) / BigRational::from_integer(1024.into());
        let side = |at: &BigRational| -> Result<(BigRational, BigRational), GermError> {
            let (order, _) = self.with_exponent(Axis::Ridge, at).leading_order()?;
            Ok(((&order.power - &least.power) / (at - x), order.log))
        };
        let (falls, a) = side(&near(before))?;
        let (rises, b) = side(&near(after))?;
        if !(falls < BigRational::zero() && rises > BigRational::zero()) {
            return Ok(None);
        }
        let (f, g) = (-falls, rises);
        let both = &f + &g;
        let log = (&g * &a + &f * &b) / &both;
        Ok(Some((log, (b - a) / both)))
    }

    /// The power of one term as a function of the exponents around this point; `None` at a kink of it, or
    /// where the term vanishes.
    pub fn affine_law(&self, term: ErrorTerm) -> Result<Option<AffineLaw>, GermError> {
        let power = |model: &Self| -> Result<Option<BigRational>, GermError> {
            outline_first(more_may_tell, || match model.test_error()?.term(term) {
                Some(germ) => germ.exponent(),
                None => Ok(None),
            })
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
