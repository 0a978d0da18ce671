//! Spectral functionals of power laws as germs: `tr f(Σ)`, `w0'f(Σ)w0`.
//!
//! A sum `Σ_k k^A Π_i (1 + κ_i k^β)^{-q_i}` is the sum of what its regions contribute: the head
//! (`k` of order 1), a transition at each `k ≍ κ_i^{-1/β}`, and the end at `k ≍ d`. In each region every
//! factor is expanded in what is small there, and the sum or integral that is left is continued
//! analytically; residues cancel between regions and leave logarithms.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::germ::detail;
use super::germ::{Coefficient, Germ, GermError, Limit, Order, Ratio, binomial, compare_orders};
use super::transition::{
    Factor, Laurent, end_integral, finite_head_sum, head_sum, transition_integral,
};

/// The dimension as `T → ∞`.
#[derive(Clone, Debug, PartialEq)]
pub enum GermDimension {
    Finite(Germ),
    Infinite,
}

/// The eigenvalues of `Σ` as `T → ∞`.
#[derive(Clone, Debug, PartialEq)]
pub enum GermSpectrum {
    /// `s_k = k^{-β}`, `k = 1, …, d`.
    PowerLaw {
        beta: BigRational,
        dimension: GermDimension,
    },
    /// Eigenvalues and their multiplicities.
    Atoms(Vec<(Germ, Germ)>),
}

/// The coefficients of `w0` as `T → ∞`.
#[derive(Clone, Debug, PartialEq)]
pub enum GermTarget {
    /// `c_k² = k^{-δ}`, `δ = 1 + β(2r − 1)`; for power laws.
    Source { r: BigRational },
    /// `c_k² = norm2/d`.
    Isotropic { norm2: Germ },
    /// All mass, 1, on eigenvector `index` of a power law.
    Axis { index: Germ },
    /// `Σ c²` over each atom.
    Masses(Vec<Germ>),
}

/// `δ = 1 + β(2r − 1)` of a source condition, `c_k² = k^{-δ}`.
pub(crate) fn source_decay(beta: &BigRational, r: &BigRational) -> BigRational {
    let two = BigRational::from_integer(2.into());
    BigRational::one() + beta * (two * r - BigRational::one())
}

/// A factor `(s + kappa)^{-order}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pole {
    pub kappa: Germ,
    pub order: BigRational,
}

impl Pole {
    pub fn new(kappa: Germ, order: i64) -> Self {
        Self {
            kappa,
            order: BigRational::from_integer(order.into()),
        }
    }
}

/// One factor `(1 + κ k^β)^{-q}` as it looks at a given scale.
struct LocalFactor {
    /// `κ` times `scale^β`
    value: Germ,
    order: BigRational,
}

struct Piece {
    coefficient: Germ,
    /// the power of `u`
    exponent: BigRational,
    core: Vec<Factor>,
}

#[derive(Clone, Copy, PartialEq)]
enum Region {
    Head,
    Transition,
    End,
}

impl GermSpectrum {
    /// The isotropic spectrum `Σ = I`.
    pub fn isotropic(dimension: Germ) -> Self {
        Self::Atoms(vec![(Germ::integer(1), dimension)])
    }

    /// `d`; `None` where it is infinite.
    pub fn dimension(&self) -> Option<Germ> {
        match self {
            Self::PowerLaw { dimension, .. } => match dimension {
                GermDimension::Finite(d) => Some(d.clone()),
                GermDimension::Infinite => None,
            },
            Self::Atoms(atoms) => Some(
                atoms
                    .iter()
                    .fold(Germ::zero(), |sum, (_, multiplicity)| &sum + multiplicity),
            ),
        }
    }

    /// `tr Σ^power Π_i (Σ + κ_i)^{-q_i}`.
    ///
    /// ```
    /// use num_rational::BigRational;
    /// use resolvent::scaling::{Germ, GermDimension, GermSpectrum, Pole};
    ///
    /// let beta = BigRational::from_integer(2.into());
    /// let spectrum = GermSpectrum::PowerLaw { beta, dimension: GermDimension::Infinite };
    /// // df_1(1/T) = (π/2) T^{1/2} − 1/2 + …
    /// let kappa = Germ::variable().recip()?;
    /// let df1 = spectrum.trace(&BigRational::from_integer(1.into()), &[Pole::new(kappa, 1)])?;
    /// let leading = df1.leading()?.unwrap();
    /// assert_eq!(leading.order.power, BigRational::new(1.into(), 2.into()));
    /// assert!((leading.coefficient.value() - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    /// # Ok::<(), resolvent::scaling::GermError>(())
    /// ```
    pub fn trace(&self, power: &BigRational, poles: &[Pole]) -> Result<Germ, GermError> {
        match self {
            Self::PowerLaw { beta, dimension } => over_powers(
                beta,
                Over::Sum(dimension),
                power,
                &BigRational::zero(),
                poles,
            ),
            Self::Atoms(atoms) => {
                let mut sum = Germ::zero();
                for (value, multiplicity) in atoms {
                    sum = &sum + &(&monomial(value, power, poles)? * multiplicity);
                }
                Ok(sum)
            }
        }
    }

    /// `w0' Σ^power Π_i (Σ + κ_i)^{-q_i} w0`.
    pub fn quadratic(
        &self,
        target: &GermTarget,
        power: &BigRational,
        poles: &[Pole],
    ) -> Result<Germ, GermError> {
        match (self, target) {
            (Self::PowerLaw { beta, dimension }, GermTarget::Source { r }) => {
                let shift = source_decay(beta, r);
                over_powers(beta, Over::Sum(dimension), power, &shift, poles)
            }
            (Self::PowerLaw { beta, .. }, GermTarget::Axis { index }) => {
                monomial(&index.powr(&-beta)?, power, poles)
            }
            (_, GermTarget::Isotropic { norm2 }) => {
                let d = self.dimension().ok_or_else(|| {
                    GermError::domain("an isotropic target", "the dimension is infinite")
                })?;
                (norm2 * &self.trace(power, poles)?).div(&d)
            }
            (Self::Atoms(atoms), GermTarget::Masses(masses)) if atoms.len() == masses.len() => {
                let mut sum = Germ::zero();
                for ((value, _), mass) in atoms.iter().zip(masses) {
                    sum = &sum + &(&monomial(value, power, poles)? * mass);
                }
                Ok(sum)
            }
            _ => Err(GermError::domain(
                "this target",
                "it does not belong to this spectrum",
            )),
        }
    }

    /// `df_m(κ) = tr Σ^m (Σ + κ)^{-m}`.
    pub fn degrees_of_freedom(&self, m: i64, kappa: &Germ) -> Result<Germ, GermError> {
        self.trace(
            &BigRational::from_integer(m.into()),
            &[Pole::new(kappa.clone(), m)],
        )
    }
}

/// `s^power Π (s + κ_i)^{-q_i}` at one eigenvalue.
fn monomial(s: &Germ, power: &BigRational, poles: &[Pole]) -> Result<Germ, GermError> {
    let mut product = s.powr(power)?;
    for pole in poles {
        product = &product * &(s + &pole.kappa).powr(&-&pole.order)?;
    }
    Ok(product)
}

/// `∫ s^power Π (s + κ_i)^{-q_i} dx` over `from ≤ x ≤ to`, where `s = x^{-β}`. No `from` is zero, no `to` infinity.
pub fn power_integral(
    beta: &BigRational,
    power: &BigRational,
    poles: &[Pole],
    from: Option<&Germ>,
    to: Option<&Germ>,
) -> Result<Germ, GermError> {
    let over = Over::Integral { from, to };
    over_powers(beta, over, power, &BigRational::zero(), poles)
}

/// What `k` runs over.
#[derive(Clone, Copy)]
enum Over<'a> {
    /// `k = 1, …, d`
    Sum(&'a GermDimension),
    /// Everything between; no `from` is zero, no `to` infinity.
    Integral {
        from: Option<&'a Germ>,
        to: Option<&'a Germ>,
    },
}

/// `Σ_k k^{-shift} s_k^power Π (s_k + κ_i)^{-q_i}`, or the integral over `k`.
fn over_powers(
    beta: &BigRational,
    over: Over<'_>,
    power: &BigRational,
    shift: &BigRational,
    poles: &[Pole],
) -> Result<Germ, GermError> {
    let mut power = power.clone();
    let mut merged: Vec<(Germ, BigRational)> = Vec::new();
    for pole in poles {
        if pole.kappa.is_zero() {
            power -= &pole.order;
        } else if let Some(same) = merged.iter_mut().find(|(kappa, _)| *kappa == pole.kappa) {
            same.1 += &pole.order;
        } else {
            merged.push((pole.kappa.clone(), pole.order.clone()));
        }
    }
    merged.retain(|(_, order)| !order.is_zero());
    if let Some(index) = merged
        .iter()
        .position(|(_, order)| order.is_negative() && order.is_integer())
    {
        // (s + κ)^m, multiplied out
        let (kappa, order) = merged.swap_remove(index);
        let m = (-order.numer()).to_usize().filter(|m| *m <= 16);
        let m = m.ok_or_else(|| GermError::undecided("a high power of Sigma + kappa*I"))?;
        let rest: Vec<Pole> = merged
            .into_iter()
            .map(|(kappa, order)| Pole { kappa, order })
            .collect();
        let mut sum = Germ::zero();
        for j in 0..=m {
            let j_power = BigRational::from_integer(j.into());
            let weight = binomial(&BigRational::from_integer(m.into()), j);
            let kappa = kappa.powr(&BigRational::from_integer((m - j).into()))?;
            let part = over_powers(beta, over, &(&power + j_power), shift, &rest)?;
            sum = &sum + &(&kappa * &part).scale(&Coefficient::rational(weight));
        }
        return Ok(sum);
    }
    for (kappa, order) in &merged {
        if kappa.sign()? < 0 || order.is_negative() {
            return Err(GermError::domain(
                "a spectral sum",
                "kappa must be positive",
            ));
        }
    }
    let total: BigRational = merged.iter().map(|(_, order)| order.clone()).sum();
    let sum = PowerSum {
        exponent: beta * (&total - power) - shift,
        total,
        beta,
        poles: merged,
    };
    match over {
        Over::Sum(dimension) => sum.over_whole_numbers(dimension),
        Over::Integral { from, to } => sum.between(from, to),
    }
}

/// `Σ_{k=1}^d k^exponent Π (1 + κ_i k^β)^{-q_i}`, `κ_i` distinct and positive, `q_i > 0`.
struct PowerSum<'a> {
    exponent: BigRational,
    total: BigRational,
    beta: &'a BigRational,
    poles: Vec<(Germ, BigRational)>,
}

impl PowerSum<'_> {
    fn over_whole_numbers(&self, dimension: &GermDimension) -> Result<Germ, GermError> {
        let (end, fixed) = match dimension {
            GermDimension::Infinite => {
                self.tail_converges()?;
                (None, None)
            }
            GermDimension::Finite(d) => match d.limit()? {
                Limit::Finite(c) => (None, Some(fixed_dimension(d, &c)?)),
                _ => (Some(d), None),
            },
        };
        let one = Germ::integer(1);
        let head = self.region(Region::Head, &one, None, fixed)?;
        if fixed.is_some() {
            return Ok(head);
        }
        let beyond = &head + &self.transitions(Some(&one), end)?;
        match end {
            Some(d) => {
                let corrected = &beyond + &self.end_correction(d, &d.powr(self.beta)?)?;
                Ok(&corrected + &self.region(Region::End, d, None, None)?)
            }
            None => Ok(beyond),
        }
    }

    /// The integral from `from` to `to`; where that from zero diverges both are continued alike.
    fn between(&self, from: Option<&Germ>, to: Option<&Germ>) -> Result<Germ, GermError> {
        if to.is_none() {
            self.tail_converges()?;
        }
        if from.is_none() && self.exponent <= -BigRational::one() {
            return Err(GermError::domain("an integral from zero", "it diverges"));
        }
        let whole = self.up_to(to)?;
        match from {
            Some(from) => Ok(&whole - &self.up_to(Some(from))?),
            None => Ok(whole),
        }
    }

    fn up_to(&self, to: Option<&Germ>) -> Result<Germ, GermError> {
        let before = self.transitions(None, to)?;
        match to {
            Some(to) => Ok(&before + &self.region(Region::End, to, None, None)?),
            None => Ok(before),
        }
    }

    fn tail_converges(&self) -> Result<(), GermError> {
        if &self.exponent - self.beta * &self.total < -BigRational::one() {
            return Ok(());
        }
        Err(GermError::domain(
            "a sum over an infinite spectrum",
            "the sum diverges",
        ))
    }

    /// What every scale `κ_i^{-1/β}` of larger order than `above` and of smaller than `end` contributes.
    fn transitions(&self, above: Option<&Germ>, end: Option<&Germ>) -> Result<Germ, GermError> {
        let constant = Germ::integer(1);
        let end = end.map(|end| end.powr(self.beta)).transpose()?;
        let above = above.map(|above| above.powr(self.beta)).transpose()?;
        let mut sum = Germ::zero();
        let mut done: Vec<&Germ> = Vec::new();
        for (index, (kappa, _)) in self.poles.iter().enumerate() {
            if let Some(above) = &above
                && compare_orders(&(kappa * above), &constant)? != Ordering::Less
            {
                continue;
            }
            if let Some(end) = &end
                && compare_orders(&(kappa * end), &constant)? != Ordering::Greater
            {
                continue;
            }
            let mut repeated = false;
            for other in &done {
                repeated |= compare_orders(other, kappa)? == Ordering::Equal;
            }
            if repeated {
                continue;
            }
            done.push(kappa);
            let scale = kappa.powr(&-self.beta.recip())?;
            sum = &sum + &self.region(Region::Transition, &scale, Some(index), None)?;
        }
        Ok(sum)
    }

    /// What one region contributes.
    fn region(
        &self,
        region: Region,
        scale: &Germ,
        reference: Option<usize>,
        fixed: Option<u64>,
    ) -> Result<Germ, GermError> {
        let mut local = Vec::with_capacity(self.poles.len());
        for (index, (kappa, order)) in self.poles.iter().enumerate() {
            let value = match (region, reference) {
                (Region::Head, _) => kappa.clone(),
                (Region::Transition, Some(own)) if own == index => Germ::integer(1),
                (Region::Transition, Some(own)) => kappa.div(&self.poles[own].0)?,
                _ => kappa * &scale.powr(self.beta)?,
            };
            local.push(LocalFactor {
                value,
                order: order.clone(),
            });
        }
        let (pieces, omitted) = self.pieces(&local)?;
        let prefactor = scale.powr(&(&self.exponent + BigRational::one()))?;
        let log_scale = match region {
            Region::Head => Germ::zero(),
            _ => scale.ln()?,
        };
        let mut sum = Germ::zero();
        for piece in &pieces {
            let e = &piece.exponent;
            let value: Laurent = match (region, fixed) {
                (Region::Head, Some(d)) => finite_head_sum(e, self.beta, &piece.core, d)?,
                (Region::Head, None) => head_sum(e, self.beta, &piece.core)?,
                (Region::Transition, _) => transition_integral(e, self.beta, &piece.core)?,
                (Region::End, _) => end_integral(e, self.beta, &piece.core)?,
            };
            let finite = Germ::term(value.finite, Order::constant());
            let logs = log_scale.scale(&value.residue);
            sum = &sum + &(&piece.coefficient * &(&finite - &logs));
        }
        sum = &sum * &prefactor;
        if let (Some(omitted), Some(front)) = (omitted, prefactor.order_bound()) {
            // a pole in what is omitted would make one logarithm
            let log = Order::new(BigRational::zero(), BigRational::one());
            sum = sum.with_remainder(omitted.times(front).times(&log));
        }
        Ok(sum)
    }

    /// The product of all factors as a sum of `coefficient · u^exponent · Π core`, and what is left out.
    fn pieces(&self, local: &[LocalFactor]) -> Result<(Vec<Piece>, Option<Order>), GermError> {
        let depth = detail::depth(local.len());
        let mut pieces = vec![Piece {
            coefficient: Germ::integer(1),
            exponent: self.exponent.clone(),
            core: Vec::new(),
        }];
        let mut omitted: Option<Order> = None;
        let mut front = Order::constant();
        for factor in local {
            let small = match factor.value.ratio_to(&Germ::integer(1))? {
                Ratio::Vanishes => Expansion {
                    // (1 + ν u^β)^{-q} in powers of ν
                    front: Germ::integer(1),
                    front_shift: BigRational::zero(),
                    step: factor.value.clone(),
                    step_shift: self.beta.clone(),
                    core: None,
                },
                Ratio::Grows => Expansion {
                    front: factor.value.powr(&-&factor.order)?,
                    front_shift: -(self.beta * &factor.order),
                    step: factor.value.recip()?,
                    step_shift: -self.beta,
                    core: None,
                },
                Ratio::Tends(constant) => Expansion {
                    front: Germ::integer(1),
                    front_shift: BigRational::zero(),
                    step: factor.value.tail(),
                    step_shift: self.beta.clone(),
                    core: Some(constant),
                },
            };
            if let Some(order) = small.front.order_bound() {
                front = front.times(order);
            }
            let terms = if small.step.is_zero() { 0 } else { depth };
            if let Some(order) = small.step.order_bound() {
                let first = BigRational::from_integer((depth + 1).into());
                omitted = omitted.max(Some(order.pow(&first)));
            }
            let mut next = Vec::with_capacity(pieces.len() * (terms + 1));
            let mut power = small.front.clone();
            for m in 0..=terms {
                let count = BigRational::from_integer(BigInt::from(m));
                let weight = Coefficient::rational(binomial(&-&factor.order, m));
                let shift = &small.front_shift + &small.step_shift * &count;
                for piece in &pieces {
                    let mut core = piece.core.clone();
                    if let Some(constant) = &small.core {
                        core.push(Factor {
                            constant: constant.clone(),
                            order: &factor.order + &count,
                        });
                    }
                    next.push(Piece {
                        coefficient: (&piece.coefficient * &power).scale(&weight),
                        exponent: &piece.exponent + &shift,
                        core,
                    });
                }
                power = &power * &small.step;
            }
            pieces = next;
        }
        Ok((pieces, omitted.map(|order| order.times(&front))))
    }

    /// Euler–Maclaurin at `d`: `f(d)/2 + f'(d)/12 + O(f(d)/d³)`.
    fn end_correction(&self, d: &Germ, d_beta: &Germ) -> Result<Germ, GermError> {
        let one = Germ::integer(1);
        let mut value = d.powr(&self.exponent)?;
        let mut slope = Germ::rational(self.exponent.clone());
        for (kappa, order) in &self.poles {
            let local = kappa * d_beta;
            let denominator = &one + &local;
            value = &value * &denominator.powr(&-order)?;
            let weight = Coefficient::rational(-(order * self.beta));
            slope = &slope + &local.div(&denominator)?.scale(&weight);
        }
        let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
        let twelfth = Coefficient::rational(BigRational::new(1.into(), 12.into()));
        let derivative = (&value * &slope).div(d)?;
        let sum = &value.scale(&half) + &derivative.scale(&twelfth);
        // f''' at d: of order f/d³, unless the power alone has none; what is left then is the factors' own.
        let third = d.powr(&BigRational::from_integer((-3).into()))?;
        let (Some(left), Some(third)) = (value.order_bound(), third.order_bound()) else {
            return Ok(sum);
        };
        let mut left = left.clone();
        let straight = self.exponent.is_integer()
            && !self.exponent.is_negative()
            && self.exponent <= BigRational::from_integer(2.into());
        if straight {
            let mut varies: Option<Order> = None;
            for (kappa, _) in &self.poles {
                let local = kappa * d_beta;
                let share = match local.ratio_to(&one)? {
                    Ratio::Vanishes => local.order_bound().cloned(),
                    Ratio::Tends(_) | Ratio::Grows => Some(Order::constant()),
                };
                varies = varies.max(share);
            }
            match varies {
                Some(share) => left = left.times(&share),
                None => return Ok(sum),
            }
        }
        Ok(sum.with_remainder(left.times(third)))
    }
}

/// `front · Σ_m binom(−q, m) step^m`, each step moving the power of `u`.
struct Expansion {
    front: Germ,
    front_shift: BigRational,
    step: Germ,
    step_shift: BigRational,
    core: Option<Coefficient>,
}

/// A dimension that stays the same.
fn fixed_dimension(d: &Germ, limit: &Coefficient) -> Result<u64, GermError> {
    let whole = d.as_rational().filter(BigRational::is_integer);
    whole
        .and_then(|d| d.numer().to_u64())
        .filter(|d| *d > 0)
        .ok_or_else(|| {
            GermError::domain(
                "a spectrum of bounded dimension",
                format!(
                    "the dimension must be a whole number, not {}",
                    limit.value()
                ),
            )
        })
}
