//! `inf`, `sup` and their places over an interval of exponents, or of sizes.

use std::cell::{Cell, RefCell};

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::AsymptoticError;
use super::crossing::Crossing;
use super::direction::{Direction, moving_part};
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::{Magnitude, Quantity};
use crate::formula::ast::Extremum;
use crate::scaling::{Germ, GermError, Order, PiecewiseLinear, in_full, outline_first};
use crate::term::ExtremumForm;

/// Stretches on each of which the kinks are looked for.
const STRETCHES: i64 = 5;
const MAX_EVALUATIONS: u32 = 1000;
/// Sizes of a variable are looked at from 1 down to this power of the limit's.
const SMALLEST_SIZE: i64 = 12;
/// A neighbour stands this fraction of the way to the next kink.
const NEIGHBOUR: i64 = 1024;

/// What a least value is looked for in: a body over exponents, or over the sizes `high T^{-y}` of its variable.
struct Over<'q> {
    form: ExtremumForm,
    sizes: Option<&'q Quantity>,
    /// What the body is compared with: its value at zero.
    beyond: Option<&'q Quantity>,
}

impl<'q> Over<'q> {
    fn exponents(form: ExtremumForm) -> Self {
        Over {
            form,
            sizes: None,
            beyond: None,
        }
    }

    fn sizes(form: ExtremumForm, high: &'q Quantity) -> Self {
        Over {
            form,
            sizes: Some(high),
            beyond: None,
        }
    }

    fn variable_at(&self, x: &BigRational) -> Result<Quantity> {
        match self.sizes {
            None => Ok(x.clone().into()),
            Some(high) => {
                let size = Quantity::from(Germ::variable()).power(&Quantity::Exact(-x))?;
                high.times(&size)
            }
        }
    }
}

impl Germs<'_> {
    /// `argmin(x in [from, to], f)` tends to the minimiser of the leading exponent where there is one alone;
    /// `inf(x in [from, to], f)` is of the order of the least power, its constant unknown; `sup` of the greatest.
    pub(super) fn extreme_value(
        &mut self,
        walker: &mut Along<'_>,
        mut form: ExtremumForm,
    ) -> Result<Quantity> {
        if form.kind == Extremum::Root {
            return self.root(walker, form);
        }
        let store = walker.store();
        if form.kind.is_place() {
            form.body = moving_part(store, form.body, form.variable);
        }
        let (low, high) = (
            self.scalar(walker, form.from)?,
            self.scalar(walker, form.to)?,
        );
        if let Some(value) = self.extremum_at_an_end(walker, form, &low, &high)? {
            return Ok(value);
        }
        if low.compare(&high)?.is_lt()
            && let Some(value) = self.extremum_of_powers(walker, form, &low, &high)?
        {
            return Ok(value);
        }
        let (Some(from), Some(to)) = (low.exact(), high.exact()) else {
            return self.least_between(walker, form, &low, &high);
        };
        if from >= to {
            return Err(AsymptoticError::Undefined(format!(
                "a minimum over [{from}, {to}]"
            )));
        }
        if from.is_negative() {
            let name = store.binder_name(form.variable);
            return unsupported(&format!("a minimum over {name} here"));
        }
        let middle = (from + to) / BigRational::from_integer(2.into());
        let plain = store.stands_plainly(form.body, form.variable);
        if from.is_positive()
            && plain
            && let Some(value) = self.extremum_of_one_size(walker, form, (&low, &high))?
        {
            return Ok(value);
        }
        self.must_be_positive(walker, form, middle.into())?;
        if from.is_zero() && plain {
            return self.least_of_all_sizes(walker, form, &high);
        }
        let over = Over::exponents(form);
        let profile = self.profile(walker, &over, (from, to))?;
        self.at_the_extreme_order(walker, &over, &profile)
    }

    /// Leading exponents tell of a minimum where nothing cancels: `place` is one inside of the interval.
    fn must_be_positive(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        place: Quantity,
    ) -> Result<()> {
        let positive = self.with_bound(walker, form.variable, place, |germs, within| {
            germs.manifestly_positive(within, form.body, form.variable)
        })?;
        match positive {
            true => Ok(()),
            false => Err(AsymptoticError::Undecided(
                "an extremum of something not manifestly positive".into(),
            )),
        }
    }

    /// The extreme value over `[0, high]` of what depends on the variable's size: it may stand at a place that moves towards
    /// zero.
    fn least_of_all_sizes(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        high: &Quantity,
    ) -> Result<Quantity> {
        let open = |what: &str| Err(AsymptoticError::Undecided(what.into()));
        let over = Over::sizes(form, high);
        let smallest = BigRational::from_integer(SMALLEST_SIZE.into());
        let profile = self.profile(walker, &over, (&BigRational::zero(), &smallest))?;
        let at_zero = self.value_at(walker, &Over::exponents(form), &BigRational::zero())?;
        let [.., (_, before), (_, last)] = profile.knots() else {
            return open("an extremum over no sizes");
        };
        // What vanishes at zero is no maximum there.
        let goes_on = match at_zero.sign()? {
            0 => form.kind.is_greatest() && last < before,
            1 => *last == positive_order(&at_zero)?.power,
            _ => false,
        };
        if !goes_on {
            return open("an extremum of what changes at every size");
        }
        let (extreme, places) = extreme_of(&profile, form.kind);
        if before == last && extreme == *last {
            if let [(start, _)] = places.as_slice()
                && let Some(value) = self.extreme_beside_zero(walker, &over, &at_zero, start)?
            {
                return Ok(value);
            }
            if form.kind.is_place() {
                return open("an extreme place anywhere about zero");
            }
        }
        self.at_the_extreme_order(walker, &over, &profile)
    }

    /// The extremum of what differs little from its value at zero, from the size `T^-start` on: the difference is
    /// looked at by itself, `a x² − b x/T` of a ridge at a fixed dimension.
    fn extreme_beside_zero(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        at_zero: &Quantity,
        start: &BigRational,
    ) -> Result<Option<Quantity>> {
        let kind = over.form.kind;
        let beyond = Over {
            beyond: Some(at_zero),
            ..*over
        };
        // a x² that is 1/T at T^-start crosses x/T at T^{-2 start}; expansions do not reach far beyond
        let end = start + start + BigRational::new(1.into(), 2.into());
        let profile = self.profile(walker, &beyond, (start, &end))?;
        // the sign that an extremum has
        let gain = if kind.is_greatest() { 1 } else { -1 };
        let mut turn = None;
        let mut gains = false;
        for pair in profile.knots().windows(2) {
            let [(low, _), (high, _)] = pair else {
                continue;
            };
            let middle = (low + high) / BigRational::from_integer(2.into());
            let sign = self.germ_at(walker, &beyond, &middle)?.sign()?;
            match (gains, sign == gain) {
                (false, true) => turn = Some(low.clone()),
                (true, false) => return Ok(None),
                _ => {}
            }
            gains = sign == gain;
        }
        let Some(turn) = turn.filter(|turn| turn > start) else {
            return Ok(None);
        };
        let crossing = self.crossing(walker, &beyond, &profile, &(turn.clone(), turn.clone()))?;
        let Some(crossing) = crossing else {
            return Ok(None);
        };
        if kind.is_place() {
            return crossing.at(kind, &over.variable_at(&turn)?);
        }
        match crossing.value(kind)? {
            Some(gained) => at_zero.plus(&gained).map(Some),
            None => Ok(None),
        }
    }

    /// The extremum over an interval `[from, to]` that does not move of what is two powers of the variable there, to leading
    /// order: `inf(x in [1/9, 9], f(x T^-ell))`.
    fn extremum_of_one_size(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        (low, high): (&Quantity, &Quantity),
    ) -> Result<Option<Quantity>> {
        let one = Quantity::integer(1);
        let over = Over::sizes(form, &one);
        let here = BigRational::zero();
        let near = BigRational::new(1.into(), NEIGHBOUR.into());
        let Some(crossing) = self.crossing_at(walker, &over, &here, [&-&near, &near])? else {
            return Ok(None);
        };
        let Some(place) = crossing.at(form.kind, &one)? else {
            return Ok(None);
        };
        if place.compare(low)?.is_gt() && place.compare(high)?.is_lt() {
            return match form.kind.is_place() {
                true => Ok(Some(place)),
                false => crossing.value(form.kind),
            };
        }
        Ok(None)
    }

    /// The extreme value between two sizes, `inf(l in [T^-b, 1], f)`, of what depends on the variable's size.
    fn least_between(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        low: &Quantity,
        high: &Quantity,
    ) -> Result<Quantity> {
        const MOVES: &str = "an extremum over an interval that moves";
        if !walker.store().stands_plainly(form.body, form.variable) {
            return unsupported(MOVES);
        }
        if low.sign()? <= 0 || high.sign()? <= 0 {
            return unsupported(MOVES);
        }
        let ratio = low.over(high)?;
        let germ = ratio.germ()?;
        let order = &germ.leading_nonzero()?.order;
        let depth = -order.power.clone();
        if !(depth.is_positive() && order.log.is_zero() && order.loglog.is_zero()) {
            return unsupported(MOVES);
        }
        let over = Over::sizes(form, high);
        let middle = over.variable_at(&(&depth / BigRational::from_integer(2.into())))?;
        self.must_be_positive(walker, form, middle)?;
        let profile = self.profile(walker, &over, (&BigRational::zero(), &depth))?;
        self.at_the_extreme_order(walker, &over, &profile)
    }

    /// What an extremum is, of which the leading exponent is known all along.
    fn at_the_extreme_order(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        profile: &PiecewiseLinear,
    ) -> Result<Quantity> {
        let kind = over.form.kind;
        let (extreme, places) = extreme_of(profile, kind);
        if !kind.is_place() {
            let log = match places.as_slice() {
                [place] if kind.is_greatest() => self.one_log(walker, over, profile, place)?,
                [place] => match self.least(walker, over, profile, place)? {
                    Least::Value(value) => return Ok(value),
                    Least::Log(log) => log,
                },
                _ => None,
            };
            return Ok(Quantity::Magnitude(Magnitude {
                power: extreme,
                log,
                loglog: BigRational::zero(),
            }));
        }
        let only = match places.as_slice() {
            [(low, high)] if low == high => low,
            _ => {
                return Err(AsymptoticError::Undecided(
                    "the leading exponent has more than one extreme place".into(),
                ));
            }
        };
        let Some(high) = over.sizes else {
            // off by a multiple of ln ln T/ln T at most
            let distance = Order::new(BigRational::zero(), BigRational::new((-1).into(), 2.into()));
            return Ok(Germ::rational(only.clone()).with_remainder(distance).into());
        };
        let both = (only.clone(), only.clone());
        if let Some(crossing) = self.crossing(walker, over, profile, &both)?
            && let Some(place) = crossing.at(kind, &over.variable_at(only)?)?
        {
            return Ok(place);
        }
        let order = high.germ()?.leading_nonzero()?.order.clone();
        let same = self.one_log(walker, over, profile, &both)?;
        Ok(Quantity::Magnitude(Magnitude {
            power: order.power - only,
            // logarithms that differ move the place by powers of theirs
            log: same.map(|_| order.log),
            loglog: order.loglog,
        }))
    }

    /// The extremum of what only rises or only falls.
    fn extremum_at_an_end(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        low: &Quantity,
        high: &Quantity,
    ) -> Result<Option<Quantity>> {
        if low.sign()? < 0 || !low.compare(high)?.is_lt() {
            return Ok(None);
        }
        let middle = low.plus(high)?.over(&Quantity::integer(2))?;
        let direction = self.with_bound(walker, form.variable, middle, |germs, within| {
            germs.direction(within, form.body, form.variable)
        })?;
        let end = match (direction, form.kind.is_greatest()) {
            (Some(Direction::Rising), false) | (Some(Direction::Falling), true) => low,
            (Some(Direction::Falling), false) | (Some(Direction::Rising), true) => high,
            (Some(Direction::Constant) | None, _) => return Ok(None),
        };
        // it may have no value there
        let value = self.with_bound(walker, form.variable, end.clone(), |germs, within| {
            germs.scalar(within, form.body)
        });
        let Ok(value) = value else {
            return Ok(None);
        };
        Ok(Some(if form.kind.is_place() {
            end.clone()
        } else {
            value
        }))
    }

    fn germ_at(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        x: &BigRational,
    ) -> Result<Germ> {
        let value = self.value_at(walker, over, x)?;
        Ok((*value.germ()?).clone())
    }

    fn value_at(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        x: &BigRational,
    ) -> Result<Quantity> {
        let (form, at) = (over.form, over.variable_at(x)?);
        let value = self.with_bound(walker, form.variable, at, |germs, within| {
            germs.scalar(within, form.body)
        })?;
        match over.beyond {
            Some(other) => value.minus(other),
            None => Ok(value),
        }
    }

    fn order_at(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        x: &BigRational,
    ) -> Result<Order> {
        let value = self.value_at(walker, over, x)?;
        match over.beyond {
            Some(_) => Ok(value.germ()?.leading_nonzero()?.order.clone()),
            None => positive_order(&value),
        }
    }

    /// The leading exponent as a function of the variable.
    fn profile(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        (from, to): (&BigRational, &BigRational),
    ) -> Result<PiecewiseLinear> {
        let evaluations = Cell::new(0);
        let failure = Cell::new(None);
        let asked = RefCell::new((self, walker));
        // Orders are what outlines are for, also where the whole is looked at in full.
        let leading = |x: &BigRational| {
            outline_first(AsymptoticError::may_be_settled_in_full, || {
                let (germs, walker) = &mut *asked.borrow_mut();
                germs.with_own_kappas(|germs| germs.order_at(walker, over, x))
            })
        };
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
        // what stands beside zero has one kink, and is dear
        let stretches = if over.beyond.is_some() { 1 } else { STRETCHES };
        let place = |i: i64| from + &width * BigRational::new(i.into(), stretches.into());
        for i in 0..stretches {
            let piece = PiecewiseLinear::reconstruct(&place(i), &place(i + 1), exponent)
                .map_err(|error| failure.take().unwrap_or_else(|| error.into()))?;
            pieces.push(piece);
        }
        Ok(PiecewiseLinear::joined(pieces))
    }

    /// The power of `ln T` that stands at a place and on either side of it.
    fn one_log(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        profile: &PiecewiseLinear,
        (low, high): &(BigRational, BigRational),
    ) -> Result<Option<BigRational>> {
        let mut log = |x: &BigRational| -> Result<BigRational> {
            let germ = in_full(|| self.with_own_kappas(|germs| germs.germ_at(walker, over, x)))?;
            Ok(germ.leading_nonzero()?.order.log.clone())
        };
        let here = log(low)?;
        let mut same = true;
        for x in beside(profile, (low, high)).into_iter().flatten() {
            same &= log(&x)? == here;
        }
        if low < high {
            let step = (high - low) / BigRational::from_integer(7.into());
            for i in 1..=7 {
                same &= log(&(low + &step * BigRational::from_integer(i.into())))? == here;
            }
        }
        Ok(same.then_some(here))
    }

    /// The least value at a place inside of the interval, with what is known of it: its constant where two powers cross,
    /// else its logarithm. That is the same where it is the same at the minimum and on either side.
    fn least(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        profile: &PiecewiseLinear,
        place: &(BigRational, BigRational),
    ) -> Result<Least> {
        let crossing = self.crossing(walker, over, profile, place)?;
        if let Some(crossing) = &crossing
            && let Some(value) = crossing.value(Extremum::Inf)?
        {
            return Ok(Least::Value(value));
        }
        let log = self.one_log(walker, over, profile, place)?;
        Ok(Least::Log(log.or_else(|| crossing.map(|c| c.log()))))
    }

    fn crossing(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        profile: &PiecewiseLinear,
        (low, high): &(BigRational, BigRational),
    ) -> Result<Option<Crossing>> {
        let ([Some(left), Some(right)], true) = (beside(profile, (low, high)), low == high) else {
            return Ok(None);
        };
        self.crossing_at(walker, over, low, [&left, &right])
    }

    /// The two powers of the variable that balance about its size `T^-at`, from what leads on either side.
    fn crossing_at(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        at: &BigRational,
        [left, right]: [&BigRational; 2],
    ) -> Result<Option<Crossing>> {
        let mut germ = |x: &BigRational| {
            in_full(|| self.with_own_kappas(|germs| germs.germ_at(walker, over, x)))
        };
        let (here, at_left, at_right) = (germ(at)?, germ(left)?, germ(right)?);
        let twice = match over.sizes {
            Some(high) => {
                let high = high.times(&Quantity::integer(2))?;
                let over = Over {
                    sizes: Some(&high),
                    ..*over
                };
                Some(in_full(|| {
                    self.with_own_kappas(|germs| germs.germ_at(walker, &over, at))
                })?)
            }
            None => None,
        };
        Ok(Crossing::of(
            (at, &here, twice.as_ref()),
            (left, &at_left),
            (right, &at_right),
        ))
    }
}

/// What is known of a least value besides its exponent.
enum Least {
    Value(Quantity),
    /// The power of `ln T`, where it can be told.
    Log(Option<BigRational>),
}

fn positive_order(value: &Quantity) -> Result<Order> {
    let germ = value.germ()?;
    if germ.sign()? <= 0 {
        return Err(AsymptoticError::Undecided(
            "an extremum of something that is not positive".into(),
        ));
    }
    Ok(germ.leading_nonzero()?.order.clone())
}

fn extreme_of(
    profile: &PiecewiseLinear,
    kind: Extremum,
) -> (BigRational, Vec<(BigRational, BigRational)>) {
    match kind.is_greatest() {
        true => profile.maximum(),
        false => profile.minimum(),
    }
}

/// A neighbour of a place on either side, where there is one.
fn beside(
    profile: &PiecewiseLinear,
    (low, high): (&BigRational, &BigRational),
) -> [Option<BigRational>; 2] {
    [
        before(profile, low).map(|x| neighbour(low, x)),
        after(profile, high).map(|x| neighbour(high, x)),
    ]
}

fn neighbour(x: &BigRational, next: &BigRational) -> BigRational {
    x + (next - x) / BigRational::from_integer(NEIGHBOUR.into())
}

fn before<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter().rev();
    knots.map(|(k, _)| k).find(|k| *k < x)
}

fn after<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter();
    knots.map(|(k, _)| k).find(|k| *k > x)
}
