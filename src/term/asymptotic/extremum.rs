//! `argmin` and `inf` over an interval of exponents.

use std::cell::Cell;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::AsymptoticError;
use super::direction::Direction;
use super::evaluate::{Evaluator, Result};
use super::point::depends;
use super::quantity::{Magnitude, Quantity};
use crate::formula::ast::{Expr, Extremum};
use crate::formula::scope::{SpectrumKind, TargetKind};
use crate::scaling::{Germ, GermError, Order, PiecewiseLinear, Term, in_full, outline_first};

/// Stretches on each of which the kinks are looked for.
const STRETCHES: i64 = 5;
const MAX_EVALUATIONS: u32 = 1000;
/// A neighbour stands this fraction of the way to the next kink.
const NEIGHBOUR: i64 = 1024;

impl<'a> Evaluator<'a> {
    /// `argmin(x in [from, to], f)` tends to the minimiser of the leading exponent where there is one alone;
    /// `inf(x in [from, to], f)` is of the order of the least power, its constant unknown.
    pub(super) fn extremum(
        &self,
        kind: Extremum,
        variable: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Result<Quantity> {
        if kind == Extremum::Root {
            return Err(AsymptoticError::Unsupported("a root along a limit".into()));
        }
        let body = if kind.is_place() {
            self.moving_part(body, variable)
        } else {
            body
        };
        let (low, high) = (self.scalar(from)?, self.scalar(to)?);
        if let Some(value) = self.extremum_at_an_end(kind, variable, &low, &high, body)? {
            return Ok(value);
        }
        if kind.is_greatest() {
            return Err(AsymptoticError::Unsupported(
                "a maximum along a limit".into(),
            ));
        }
        if low.compare(&high)?.is_lt()
            && !self.shapes_the_setting(variable)
            && let Some(value) = self.extremum_of_powers(kind, variable, &low, &high, body)?
        {
            return Ok(value);
        }
        let constant = |expr: &'a Expr| {
            self.scalar(expr)?.exact().cloned().ok_or_else(|| {
                AsymptoticError::Unsupported("a minimum over an interval that moves".into())
            })
        };
        let (from, to) = (constant(from)?, constant(to)?);
        if from >= to {
            return Err(AsymptoticError::Undefined(format!(
                "a minimum over [{from}, {to}]"
            )));
        }
        if from.is_negative() || self.shapes_the_setting(variable) {
            return Err(AsymptoticError::Unsupported(format!(
                "a minimum over {variable} here"
            )));
        }
        let middle = (&from + &to) / BigRational::from_integer(2.into());
        let positive = self.with_varied(variable, middle.into(), |e| {
            e.manifestly_positive(body, variable)
        })?;
        if !positive {
            return Err(AsymptoticError::Undecided(
                "a minimum of something not manifestly positive".into(),
            ));
        }
        let leading = |x: &BigRational| self.leading_order(variable, x, body);
        let profile = self.profile(&from, &to, &leading)?;
        self.at_the_least_order(kind, variable, body, &profile)
    }

    /// What a minimum is, of which the leading exponent is known all along.
    fn at_the_least_order(
        &self,
        kind: Extremum,
        variable: &'a str,
        body: &'a Expr,
        profile: &PiecewiseLinear,
    ) -> Result<Quantity> {
        let (least, minimisers) = profile.minimum();
        match kind {
            Extremum::ArgMin | Extremum::ArgMax | Extremum::Root => match minimisers.as_slice() {
                [(low, high)] if low == high => {
                    // off by a multiple of ln ln T/ln T at most
                    let distance =
                        Order::new(BigRational::zero(), BigRational::new((-1).into(), 2.into()));
                    Ok(Germ::rational(low.clone()).with_remainder(distance).into())
                }
                _ => Err(AsymptoticError::Undecided(
                    "the leading exponent has more than one minimiser".into(),
                )),
            },
            Extremum::Inf | Extremum::Sup => {
                let log = match minimisers.as_slice() {
                    [(low, high)] => self.least_log(variable, body, profile, low, high)?,
                    _ => None,
                };
                Ok(Quantity::Magnitude(Magnitude {
                    power: least,
                    log,
                    loglog: BigRational::zero(),
                }))
            }
        }
    }

    /// The extremum of what only rises or only falls.
    fn extremum_at_an_end(
        &self,
        kind: Extremum,
        variable: &'a str,
        low: &Quantity,
        high: &Quantity,
        body: &'a Expr,
    ) -> Result<Option<Quantity>> {
        if low.sign()? < 0 || !low.compare(high)?.is_lt() || self.shapes_the_setting(variable) {
            return Ok(None);
        }
        let middle = low.plus(high)?.over(&Quantity::integer(2))?;
        let direction = self.with_varied(variable, middle, |e| e.direction(body, variable))?;
        let end = match (direction, kind.is_greatest()) {
            (Some(Direction::Rising), false) | (Some(Direction::Falling), true) => low,
            (Some(Direction::Falling), false) | (Some(Direction::Rising), true) => high,
            (Some(Direction::Constant) | None, _) => return Ok(None),
        };
        // it may have no value there
        let Ok(value) = self.with_varied(variable, end.clone(), |e| e.scalar(body)) else {
            return Ok(None);
        };
        Ok(Some(if kind.is_place() { end.clone() } else { value }))
    }

    /// Whether the limit or `Σ` and `w0` themselves depend on the variable.
    fn shapes_the_setting(&self, variable: &str) -> bool {
        let scope = self.scope;
        let uses = |expr: &Expr| depends(scope, expr, variable);
        let in_path = scope.limit.as_ref().is_some_and(|limit| {
            limit.variable == variable
                || limit
                    .path
                    .iter()
                    .any(|(name, expr)| name == variable || uses(expr))
        });
        let in_spectrum = match &scope.setting.spectrum {
            SpectrumKind::PowerLaw { beta } => uses(beta),
            SpectrumKind::Atoms { values, weights } => values.iter().chain(weights).any(uses),
            SpectrumKind::Isotropic
            | SpectrumKind::TwoLevel
            | SpectrumKind::Any
            | SpectrumKind::Explicit(_) => false,
        };
        let in_target = match &scope.setting.target {
            TargetKind::Source { r } => uses(r),
            TargetKind::Axis { index } => uses(index),
            TargetKind::Isotropic { norm2 } => norm2.as_ref().is_some_and(uses),
            TargetKind::Any | TargetKind::Explicit(_) => false,
        };
        let in_dimension =
            !scope.setting.infinite && (variable == "d" || scope.expansion("d").is_some_and(uses));
        in_path || in_spectrum || in_target || in_dimension
    }

    fn germ_at(&self, variable: &'a str, x: &BigRational, body: &'a Expr) -> Result<Germ> {
        let value = self.with_varied(variable, x.clone().into(), |e| e.scalar(body))?;
        Ok((*value.germ()?).clone())
    }

    /// Orders are what outlines are for, also where the whole is looked at in full.
    fn leading_order(&self, variable: &'a str, x: &BigRational, body: &'a Expr) -> Result<Order> {
        outline_first(AsymptoticError::may_be_settled_in_full, || {
            self.with_own_kappas(|| self.order_at(variable, x, body))
        })
    }

    fn order_at(&self, variable: &'a str, x: &BigRational, body: &'a Expr) -> Result<Order> {
        let germ = self.germ_at(variable, x, body)?;
        if germ.sign()? <= 0 {
            return Err(AsymptoticError::Undecided(
                "a minimum of something that is not positive".into(),
            ));
        }
        Ok(germ.leading_nonzero()?.order.clone())
    }

    /// The leading exponent as a function of the variable.
    fn profile(
        &self,
        from: &BigRational,
        to: &BigRational,
        leading: &impl Fn(&BigRational) -> Result<Order>,
    ) -> Result<PiecewiseLinear> {
        let evaluations = Cell::new(0);
        let failure = Cell::new(None);
        let exponent = |x: &BigRational| {
            evaluations.set(evaluations.get() + 1);
            if evaluations.get() > MAX_EVALUATIONS {
                return Err(GermError::Undecided {
                    reason: "an exponent that is not piecewise linear".into(),
                });
            }
            leading(x).map(|order| order.power).map_err(|error| {
                let reason = error.to_string();
                failure.set(Some(error));
                GermError::Undecided { reason }
            })
        };
        let mut pieces = Vec::new();
        let width = to - from;
        let place = |i: i64| from + &width * BigRational::new(i.into(), STRETCHES.into());
        for i in 0..STRETCHES {
            let piece = PiecewiseLinear::reconstruct(&place(i), &place(i + 1), exponent)
                .map_err(|error| failure.take().unwrap_or_else(|| error.into()))?;
            pieces.push(piece);
        }
        Ok(PiecewiseLinear::joined(pieces))
    }

    /// The power of `ln T` in the least value, where it can be told.
    ///
    /// Where the logarithm is the same at the minimum and on either side, it is that. Where two terms cross,
    /// `T^{-a x} (ln T)^p` falling and `T^{b x} (ln T)^q` rising, the least value takes `(ln T)^{(bp + aq)/(a+b)}`.
    fn least_log(
        &self,
        variable: &'a str,
        body: &'a Expr,
        profile: &PiecewiseLinear,
        low: &BigRational,
        high: &BigRational,
    ) -> Result<Option<BigRational>> {
        let germ =
            |x: &BigRational| in_full(|| self.with_own_kappas(|| self.germ_at(variable, x, body)));
        let log =
            |germ: &Germ| -> Result<BigRational> { Ok(germ.leading_nonzero()?.order.log.clone()) };
        let here = log(&germ(low)?)?;
        let left = before(profile, low).map(|x| neighbour(low, x));
        let right = after(profile, high).map(|x| neighbour(high, x));
        let mut same = true;
        for x in [left.clone(), right.clone()].into_iter().flatten() {
            same &= log(&germ(&x)?)? == here;
        }
        if low < high {
            let step = (high - low) / BigRational::from_integer(7.into());
            for i in 1..=7 {
                let x = low + &step * BigRational::from_integer(i.into());
                same &= log(&germ(&x)?)? == here;
            }
        }
        if same {
            return Ok(Some(here));
        }
        let (Some(left), Some(right), true) = (left, right, low == high) else {
            return Ok(None);
        };
        Ok(crossing(
            &germ(low)?,
            low,
            (&left, &germ(&left)?),
            (&right, &germ(&right)?),
        ))
    }
}

fn neighbour(x: &BigRational, next: &BigRational) -> BigRational {
    x + (next - x) / BigRational::from_integer(NEIGHBOUR.into())
}

/// The logarithm of the least value where exactly two terms cross at `x`: on either side the two are the
/// leading terms, with nothing in between.
fn crossing(
    germ: &Germ,
    x: &BigRational,
    left: (&BigRational, &Germ),
    right: (&BigRational, &Germ),
) -> Option<BigRational> {
    let least = &germ.leading().ok()??.order;
    let slope = |order: &Order, at: &BigRational| (&order.power - &least.power) / (at - x);
    let pair = |(at, germ): (&BigRational, &Germ)| {
        // of each power of T the highest logarithm
        let mut powers: Vec<&Term> = Vec::new();
        for term in germ.terms() {
            if powers
                .last()
                .is_none_or(|last| last.order.power != term.order.power)
            {
                powers.push(term);
            }
        }
        let [first, second, ..] = powers.as_slice() else {
            return None;
        };
        let positive = |term: &Term| term.coefficient.sign() == Some(1);
        (positive(first) && positive(second)).then(|| {
            (
                (slope(&first.order, at), first.order.log.clone()),
                (slope(&second.order, at), second.order.log.clone()),
            )
        })
    };
    let (falling, rising) = pair(left)?;
    let (rising_too, falling_too) = pair(right)?;
    let consistent = falling == falling_too
        && rising == rising_too
        && falling.0.is_negative()
        && rising.0.is_positive()
        && least.log == falling.1.clone().max(rising.1.clone());
    if !consistent {
        return None;
    }
    let (a, b) = (-falling.0, rising.0);
    Some((&b * falling.1 + &a * rising.1) / (a + b))
}

fn before<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter().rev();
    knots.map(|(k, _)| k).find(|k| *k < x)
}

fn after<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter();
    knots.map(|(k, _)| k).find(|k| *k > x)
}
