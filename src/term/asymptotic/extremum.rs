//! `inf`, `sup` and their places over an interval of exponents, or of sizes.

use std::cell::{Cell, RefCell};

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::AsymptoticError;
use super::direction::{Direction, moving_part};
use super::evaluate::{Along, Germs, Result, unsupported};
use super::quantity::{Magnitude, Quantity};
use crate::formula::ast::Extremum;
use crate::scaling::{Germ, GermError, Order, PiecewiseLinear, Term, in_full, outline_first};
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
}

impl Over<'_> {
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
            return unsupported("a root along a limit");
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
        self.must_be_positive(walker, form, middle.into())?;
        if from.is_zero() && store.stands_plainly(form.body, form.variable) {
            return self.least_of_all_sizes(walker, form, &high);
        }
        let over = Over { form, sizes: None };
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
        let over = Over {
            form,
            sizes: Some(high),
        };
        let smallest = BigRational::from_integer(SMALLEST_SIZE.into());
        let profile = self.profile(walker, &over, (&BigRational::zero(), &smallest))?;
        let nothing = Over { form, sizes: None };
        let at_zero = self.value_at(walker, &nothing, &BigRational::zero())?;
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
        if form.kind.is_place() && before == last && extreme_of(&profile, form.kind).0 == *last {
            return open("an extreme place anywhere about zero");
        }
        self.at_the_extreme_order(walker, &over, &profile)
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
        let over = Over {
            form,
            sizes: Some(high),
        };
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
        let order = high.germ()?.leading_nonzero()?.order.clone();
        let same = self.one_log(walker, over, profile, &(only.clone(), only.clone()))?;
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
        self.with_bound(walker, form.variable, at, |germs, within| {
            germs.scalar(within, form.body)
        })
    }

    fn order_at(
        &mut self,
        walker: &mut Along<'_>,
        over: &Over<'_>,
        x: &BigRational,
    ) -> Result<Order> {
        positive_order(&self.value_at(walker, over, x)?)
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
        let place = |i: i64| from + &width * BigRational::new(i.into(), STRETCHES.into());
        for i in 0..STRETCHES {
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
            && let Some(value) = crossing.least()?
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
        let mut germ = |x: &BigRational| {
            in_full(|| self.with_own_kappas(|germs| germs.germ_at(walker, over, x)))
        };
        let (here, at_left, at_right) = (germ(low)?, germ(&left)?, germ(&right)?);
        Ok(Crossing::of(
            &here,
            low,
            (&left, &at_left),
            (&right, &at_right),
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

/// Two terms that cross at a place: on either side they are the leading terms, with nothing in between.
struct Crossing {
    /// How fast the exponent falls before the place, and rises after it.
    falls: BigRational,
    rises: BigRational,
    /// Whether the coefficients are the same on both sides.
    constant: bool,
    /// The falling term and the rising one, at the place.
    terms: [Term; 2],
}

impl Crossing {
    fn of(
        germ: &Germ,
        x: &BigRational,
        left: (&BigRational, &Germ),
        right: (&BigRational, &Germ),
    ) -> Option<Self> {
        let least = &germ.leading().ok()??.order;
        let slope = |order: &Order, at: &BigRational| (&order.power - &least.power) / (at - x);
        let pair = |(at, germ): (&BigRational, &Germ)| {
            // of each power of T the highest logarithm
            let mut powers: Vec<Term> = Vec::new();
            for term in germ.terms() {
                if powers
                    .last()
                    .is_none_or(|last| last.order.power != term.order.power)
                {
                    powers.push(term.clone());
                }
            }
            let [first, second, ..] = powers.as_slice() else {
                return None;
            };
            let positive = |term: &Term| term.coefficient.sign() == Some(1);
            (positive(first) && positive(second))
                .then(|| [first, second].map(|term| (slope(&term.order, at), term.clone())))
        };
        let same = |(a, x): &(BigRational, Term), (b, y): &(BigRational, Term)| {
            a == b && x.order.log == y.order.log
        };
        let [falling, rising] = pair(left)?;
        let [rising_too, falling_too] = pair(right)?;
        let consistent = same(&falling, &falling_too)
            && same(&rising, &rising_too)
            && falling.0.is_negative()
            && rising.0.is_positive()
            && least.log == falling.1.order.log.clone().max(rising.1.order.log.clone());
        if !consistent {
            return None;
        }
        // coefficients that depend on the place are told apart by its neighbours
        let moves = |x: &Term, y: &Term| !x.coefficient.agrees_with(&y.coefficient);
        let at_place = |mut term: Term| {
            term.order.power = least.power.clone();
            term
        };
        let both = falling.1.coefficient.add(&rising.1.coefficient);
        let moved = moves(&falling.1, &falling_too.1)
            || moves(&rising.1, &rising_too.1)
            || !germ.leading().ok()??.coefficient.agrees_with(&both);
        Some(Self {
            falls: -falling.0,
            rises: rising.0,
            constant: !moved,
            terms: [at_place(falling.1), at_place(rising.1)],
        })
    }

    /// The power of `ln T` in the least value: of `T^{-a x} (ln T)^p` falling and `T^{b x} (ln T)^q` rising it is
    /// `(bp + aq)/(a + b)`.
    fn log(&self) -> BigRational {
        let [falling, rising] = &self.terms;
        (&self.rises * &falling.order.log + &self.falls * &rising.order.log)
            / (&self.falls + &self.rises)
    }

    /// The least value, where neither term has a logarithm: of `c T^{-at} + e T^{bt}` it is
    /// `(a + b)/b · c (ac/(be))^{-a/(a+b)}`, since the exponent moves by what vanishes.
    fn least(&self) -> Result<Option<Quantity>> {
        let [falling, rising] = &self.terms;
        let plain = |order: &Order| order.log.is_zero() && order.loglog.is_zero();
        if !self.constant || !plain(&falling.order) || !plain(&rising.order) {
            return Ok(None);
        }
        let (a, b) = (&self.falls, &self.rises);
        let size = |term: &Term| Quantity::constant(term.coefficient.clone());
        let balance = (size(falling).times(&a.clone().into())?)
            .over(&size(rising).times(&b.clone().into())?)?;
        let value = (size(falling).times(&((a + b) / b).into())?)
            .times(&balance.power(&(-a / (a + b)).into())?)?;
        let order = &falling.order;
        let leading = Germ::variable();
        let power = Quantity::from(leading).power(&Quantity::Exact(order.power.clone()))?;
        let below = Order::new(order.power.clone(), BigRational::new((-1).into(), 2.into()));
        let germ = value.times(&power)?.germ()?.with_remainder(below);
        Ok(Some(germ.into()))
    }
}

fn before<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter().rev();
    knots.map(|(k, _)| k).find(|k| *k < x)
}

fn after<'p>(profile: &'p PiecewiseLinear, x: &BigRational) -> Option<&'p BigRational> {
    let knots = profile.knots().iter();
    knots.map(|(k, _)| k).find(|k| *k > x)
}
