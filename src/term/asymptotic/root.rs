//! `root(x in [a, b], f)`: the place at which two powers of the variable cancel, refined until expansions tell no more.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::AsymptoticError;
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::Quantity;
use crate::scaling::{Coefficient, Germ, Order, in_full};
use crate::term::ExtremumForm;

/// A root at zero is looked for among sizes from 1 down to this power of the limit's variable.
const SMALLEST_SIZE: i64 = 12;
/// Sizes are looked at a little beyond the ends of the interval: a root may be of the size of one.
const MARGIN: i64 = 8;
/// A neighbour stands this fraction of a unit of the exponent away.
const NEIGHBOUR: i64 = 1 << 12;
const MAX_LINES: u32 = 40;
const MAX_STEPS: u32 = 8;
/// Signs are looked at this fraction of a root away from it.
const BESIDE: i64 = 1000;
/// How near a constant is that only signs tell, and how long it is looked for.
const NEAR: f64 = 1e-9;
const MAX_DOUBLINGS: u32 = 12;
const MAX_HALVINGS: u32 = 50;

/// What leads `f(T^-t)` about one `t`: `coefficient · T^{height − slope t} (ln T)^log`, `slope` the power of the variable.
#[derive(Clone)]
struct Line {
    height: BigRational,
    slope: BigRational,
    log: BigRational,
    coefficient: Coefficient,
}

impl Line {
    fn at(&self, t: &BigRational) -> BigRational {
        &self.height - &self.slope * t
    }

    fn sign(&self) -> Option<i32> {
        self.coefficient.sign()
    }

    /// The `t` at which two lines meet.
    fn meets(&self, other: &Self) -> Option<BigRational> {
        let turn = &self.slope - &other.slope;
        (!turn.is_zero()).then(|| (&self.height - &other.height) / turn)
    }

    /// As a function of the variable: `self = self.factor() x^slope`.
    fn factor(&self) -> Quantity {
        let order = Order::new(self.height.clone(), self.log.clone());
        Germ::term(self.coefficient.clone(), order).into()
    }
}

/// A function of a bound variable along the limit.
struct Body<'b, 'w, 'p, 's> {
    germs: &'b mut Germs<'p>,
    walker: &'w mut Along<'s>,
    form: ExtremumForm,
}

impl Body<'_, '_, '_, '_> {
    fn at(&mut self, x: Quantity) -> Result<Germ> {
        let form = self.form;
        let value = in_full(|| {
            self.germs
                .with_bound(self.walker, form.variable, x, |germs, within| {
                    germs.with_own_kappas(|germs| germs.scalar(within, form.body))
                })
        })?;
        Ok((*value.germ()?).clone())
    }

    fn at_size(&mut self, t: &BigRational) -> Result<Germ> {
        self.at(Germ::power_of_variable(-t).into())
    }

    /// What leads about `t`, from `t` and a neighbour of it.
    fn line(&mut self, t: &BigRational, towards: i64) -> Result<Line> {
        let step = BigRational::new(towards.into(), NEIGHBOUR.into());
        let here = self.at_size(t)?.leading_nonzero()?.clone();
        let there = self.at_size(&(t + &step))?.leading_nonzero()?.clone();
        if here.order.log != there.order.log || !here.order.loglog.is_zero() {
            return open("a root where logarithms change");
        }
        let slope = (&here.order.power - &there.order.power) / step;
        Ok(Line {
            height: &here.order.power + &slope * t,
            slope,
            log: here.order.log,
            coefficient: here.coefficient,
        })
    }
}

fn open<T>(what: &str) -> Result<T> {
    Err(AsymptoticError::Undecided(what.into()))
}

/// The size of a positive end: `t` of `T^-t`.
fn size(end: &Quantity) -> Result<BigRational> {
    Ok(-end.germ()?.leading_nonzero()?.order.power.clone())
}

impl Germs<'_> {
    /// The zero between two ends, at which signs differ.
    pub(super) fn root(&mut self, walker: &mut Along<'_>, form: ExtremumForm) -> Result<Quantity> {
        let ends = [
            self.scalar(walker, form.from)?,
            self.scalar(walker, form.to)?,
        ];
        if !walker.store().stands_plainly(form.body, form.variable) {
            return unsupported("a root along a limit that moves the setting");
        }
        if ends[0].sign()? < 0 || !ends[0].compare(&ends[1])?.is_lt() {
            return unsupported("a root of a variable that may be negative");
        }
        let mut body = Body {
            germs: self,
            walker,
            form,
        };
        let [left, right] = two_lines(&mut body, &ends)?;
        let start = balance(&left, &right)?;
        let (found, distance) = match refined(&mut body, &start, &left, &right)? {
            Some(found) => found,
            None => constant_between(&mut body, &left, &right)?,
        };
        let off = match &distance {
            Some(order) => Germ::term(Coefficient::integer(1), order.clone()).into(),
            None => Quantity::integer(0),
        };
        if !changes_sign(&mut body, &ends, &found, &off)? {
            return open("a root about which signs are not known");
        }
        match distance {
            Some(distance) => Ok(found.germ()?.with_remainder(distance).into()),
            None => Ok(found),
        }
    }
}

/// What leads on either side of the size at which the sign changes.
fn two_lines(body: &mut Body<'_, '_, '_, '_>, ends: &[Quantity; 2]) -> Result<[Line; 2]> {
    let margin = BigRational::new(1.into(), MARGIN.into());
    let mut from = size(&ends[1])? - &margin;
    let mut to = match ends[0].is_zero() {
        true => BigRational::from_integer(SMALLEST_SIZE.into()),
        false => size(&ends[0])? + &margin,
    };
    let mut left = body.line(&from, 1)?;
    let mut right = body.line(&to, -1)?;
    if left.sign() == right.sign() {
        return open("a root between sizes at which signs are the same");
    }
    let step = BigRational::new(2.into(), NEIGHBOUR.into());
    for _ in 0..MAX_LINES {
        if &to - &from < step {
            break;
        }
        let half = (&from + &to) / BigRational::from_integer(2.into());
        let meets = left.meets(&right).filter(|t| *t > from && *t < to);
        let at = meets.clone().unwrap_or(half);
        let here = body.at_size(&at);
        let leading = here.as_ref().ok().and_then(|germ| germ.leading().ok()?);
        let above = leading.is_some_and(|term| term.order.power > left.at(&at));
        if meets.is_some() && !above {
            // what meets here leads up to here, or there are more lines
            let near = &at - &step >= from && &at + &step <= to;
            let lines = match near {
                true => [
                    body.line(&(&at - &step), 1)?,
                    body.line(&(&at + &step), -1)?,
                ],
                false => [left.clone(), right.clone()],
            };
            let meet = lines[0].meets(&lines[1]).is_some_and(|t| t == at);
            if meet && lines[0].sign() != lines[1].sign() {
                return Ok(lines);
            }
            let [before, after] = lines;
            if before.sign() != after.sign() {
                return open("a root where more than two powers balance");
            }
            // both are on one side of the change: it is on the other
            if before.sign() == left.sign() {
                (from, left) = (&at + &step, after);
            } else {
                (to, right) = (&at - &step, before);
            }
            continue;
        }
        match leading.and_then(|term| term.coefficient.sign()) {
            Some(sign) if Some(sign) == left.sign() => {
                left = body.line(&at, 1)?;
                from = at;
            }
            Some(_) => {
                right = body.line(&at, -1)?;
                to = at;
            }
            None => return open("a root where signs cannot be told"),
        }
    }
    open("a root at no size that was found")
}

/// `x` of `a x^p + b x^q = 0`.
fn balance(left: &Line, right: &Line) -> Result<Quantity> {
    let ratio = right.factor().over(&left.factor())?.negated()?;
    let power = (&left.slope - &right.slope).recip();
    ratio.power(&Quantity::Exact(power))
}

/// Newton's steps, with the slope of the two powers that cancel; and how far off the last one may be.
fn refined(
    body: &mut Body<'_, '_, '_, '_>,
    start: &Quantity,
    left: &Line,
    right: &Line,
) -> Result<Option<(Quantity, Option<Order>)>> {
    let power = &left.slope - BigRational::one();
    let slope = left
        .factor()
        .times(&start.power(&Quantity::Exact(power))?)?
        .times(&Quantity::Exact(&left.slope - &right.slope))?;
    let steepness = slope.germ()?.leading_nonzero()?.order.clone();
    let size = start.germ()?.leading_nonzero()?.order.clone();
    let mut best: Option<(Quantity, Option<Order>)> = None;
    let mut place = complete(start)?;
    for _ in 0..MAX_STEPS {
        let value = body.at(place.clone())?;
        // a coefficient that is zero to within its error is rounding, which the step adds to the place
        let terms = value.terms().iter();
        let decided = terms.map(|term| (term, term.coefficient.sign()));
        let bound = match decided.clone().find(|(_, sign)| sign.is_some()) {
            Some((term, _)) => Some(&term.order),
            None => value.remainder(),
        };
        let Some(bound) = bound else {
            best = Some((place, None));
            break;
        };
        // by a logarithm more, lest the bound itself be all that is known
        let beyond = Order::new(BigRational::zero(), BigRational::one());
        let distance = bound.times(&steepness.recip()).times(&beyond);
        let nearest = match &best {
            Some((_, order)) => order.clone(),
            None => Some(size.clone()),
        };
        if nearest.is_some_and(|nearest| distance >= nearest) {
            break;
        }
        best = Some((place.clone(), Some(distance)));
        if value.terms().is_empty() {
            break;
        }
        let terms: Quantity = known(&value).into();
        place = complete(&place.minus(&terms.over(&slope)?)?)?;
    }
    Ok(best)
}

/// `y T^-t` where more than two terms are of one order at the size of the root: `y` by the signs of their sum, which are
/// certain on either side of it.
fn constant_between(
    body: &mut Body<'_, '_, '_, '_>,
    left: &Line,
    right: &Line,
) -> Result<(Quantity, Option<Order>)> {
    const UNKNOWN: &str = "a root whose constant is not known";
    let Some(t) = left.meets(right).filter(|_| left.log == right.log) else {
        return open(UNKNOWN);
    };
    let size = Order::new(-t, BigRational::zero());
    let mut leading = |y: f64| -> Result<Option<f64>> {
        let place = Germ::term(Coefficient::approximate(y, 0.0), size.clone());
        let value = body.at(place.into())?;
        let Ok(Some(term)) = value.leading() else {
            return Ok(None);
        };
        Ok(Some(term.coefficient.value()))
    };
    // of the two signs at the ends of all sizes
    let above = left.coefficient.value().signum();
    let (mut low, mut high) = (1.0, 1.0);
    for _ in 0..MAX_DOUBLINGS {
        match leading(high)? {
            Some(value) if value.signum() == above => break,
            _ => (low, high) = (high, 16.0 * high),
        }
    }
    for _ in 0..MAX_DOUBLINGS {
        match leading(low)? {
            Some(value) if value.signum() != above => break,
            _ => (high, low) = (low, low / 16.0),
        }
    }
    for _ in 0..MAX_HALVINGS {
        if high - low <= NEAR * high {
            let middle = 0.5 * (low + high);
            let constant = Coefficient::approximate(middle, high - low);
            let unknown = Order::new(size.power.clone(), BigRational::new((-1).into(), 2.into()));
            return Ok((Germ::term(constant, size).into(), Some(unknown)));
        }
        let middle = (low * high).sqrt();
        match leading(middle)? {
            Some(value) if value.signum() == above => high = middle,
            Some(_) => low = middle,
            None => return open(UNKNOWN),
        }
    }
    open(UNKNOWN)
}

/// The terms alone: where a function is looked at is known exactly.
fn complete(x: &Quantity) -> Result<Quantity> {
    let germ = x.germ()?;
    Ok(known(&germ).into())
}

fn known(germ: &Germ) -> Germ {
    let terms = germ.terms().iter();
    terms.fold(Germ::zero(), |sum, term| {
        &sum + &Germ::term(term.coefficient.clone(), term.order.clone())
    })
}

/// Whether the sign changes about a place, and inside of the interval.
fn changes_sign(
    body: &mut Body<'_, '_, '_, '_>,
    ends: &[Quantity; 2],
    place: &Quantity,
    distance: &Quantity,
) -> Result<bool> {
    let mut signs = [0; 2];
    for (side, sign) in signs.iter_mut().enumerate() {
        let step = BigRational::new([-1, 1][side].into(), BESIDE.into());
        let beside = place.times(&Quantity::Exact(BigRational::one() + step))?;
        *sign = body.at(beside)?.sign()?;
    }
    if signs[0] * signs[1] >= 0 {
        return Ok(false);
    }
    // an end that is not passed has the sign of its side, or one that cannot be told: the root is next to it
    let (below, above) = (place.minus(distance)?, place.plus(distance)?);
    let inside = [
        below.compare(&ends[0]).is_ok_and(|order| order.is_ge()),
        above.compare(&ends[1]).is_ok_and(|order| order.is_le()),
    ];
    for side in 0..2 {
        let sign = body
            .at(ends[side].clone())
            .and_then(|germ| Ok(germ.sign()?));
        match sign {
            Ok(0) if !inside[side] => {}
            Ok(sign) if sign != signs[side] => {
                return Err(AsymptoticError::Undefined(
                    "a root in an interval at whose ends signs are the same".into(),
                ));
            }
            Err(_) if inside[side] => return Ok(false),
            _ => {}
        }
    }
    Ok(true)
}
