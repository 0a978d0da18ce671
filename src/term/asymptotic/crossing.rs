//! Two powers of a variable that balance at one size of it: the place of their extreme value, and the value.

use num_rational::BigRational;
use num_traits::Zero;

use super::evaluate::Result;
use super::quantity::Quantity;
use crate::formula::ast::Extremum;
use crate::scaling::{Coefficient, Germ, Order, Term};

/// `c x^p + e x^q` with `p > q`, next to which all else vanishes about one size of `x`.
pub(super) struct Crossing {
    /// `p` and `q`.
    powers: [BigRational; 2],
    /// Whether `c` and `e` are known.
    constant: bool,
    /// The two terms at the size.
    terms: [Term; 2],
}

impl Crossing {
    /// The terms that lead at `x = T^-at`, from what leads on either side; `twice` is the germ at `2 T^-at`, where it can
    /// be told: what agrees with the two terms there too is no other function of `x`.
    pub fn of(
        (at, here, twice): (&BigRational, &Germ, Option<&Germ>),
        left: (&BigRational, &Germ),
        right: (&BigRational, &Germ),
    ) -> Option<Self> {
        let leading = here.leading().ok()??;
        // by T^{-t} each power of x falls by itself
        let power =
            |order: &Order, t: &BigRational| (&order.power - &leading.order.power) / (at - t);
        let pair = |(t, germ): (&BigRational, &Germ)| {
            let [first, second] = two_powers(germ)?;
            Some([first, second].map(|term| (power(&term.order, t), term)))
        };
        let [upper, lower] = pair(left)?;
        let [lower_too, upper_too] = pair(right)?;
        let same = |(p, x): &(BigRational, Term), (q, y): &(BigRational, Term)| {
            p == q && x.order.log == y.order.log
        };
        let log = upper.1.order.log.clone().max(lower.1.order.log.clone());
        let plain = [&upper.1, &lower.1].map(|term| term.order.loglog.is_zero());
        let consistent = plain == [true, true]
            && same(&upper, &upper_too)
            && same(&lower, &lower_too)
            && upper.0 > lower.0
            && leading.order.log == log;
        if !consistent {
            return None;
        }
        // a coefficient with a power of ln x changes with the size: what stands halfway is checked at the place
        let weight = (right.0 - at) / (right.0 - left.0);
        let halfway = |x: &Term, y: &Term| {
            let share = |weight: BigRational, term: &Term| {
                Coefficient::rational(weight).mul(&term.coefficient)
            };
            let coefficient = match x.coefficient.agrees_with(&y.coefficient) {
                true => x.coefficient.clone(),
                false => share(weight.clone(), x)
                    .add(&share(BigRational::from_integer(1.into()) - &weight, y)),
            };
            let order = Order::new(leading.order.power.clone(), x.order.log.clone());
            Term { order, coefficient }
        };
        let terms = [
            halfway(&upper.1, &upper_too.1),
            halfway(&lower.1, &lower_too.1),
        ];
        let powers = [upper.0, lower.0];
        let at_multiple = |factor: i64| -> Option<Coefficient> {
            let mut sum = Coefficient::integer(0);
            for (term, power) in terms.iter().zip(&powers) {
                if term.order.log == log {
                    let grown = Coefficient::integer(factor).pow(power)?;
                    sum = sum.add(&grown.mul(&term.coefficient));
                }
            }
            Some(sum)
        };
        let agrees = |factor: i64, found: &Term| {
            found.order == leading.order
                && at_multiple(factor).is_some_and(|sum| found.coefficient.agrees_with(&sum))
        };
        let constant = agrees(1, leading)
            && twice
                .is_none_or(|twice| matches!(twice.leading(), Ok(Some(found)) if agrees(2, found)));
        Some(Self {
            powers,
            constant,
            terms,
        })
    }

    /// The power of `ln T` in the extreme value of `c x^p (ln T)^m + e x^q (ln T)^n`: `(pn − qm)/(p − q)`.
    pub fn log(&self) -> BigRational {
        let ([p, q], [upper, lower]) = (&self.powers, &self.terms);
        (p * &lower.order.log - q * &upper.order.log) / (p - q)
    }

    /// The place of the least or greatest value, where `size` is `T^-at`.
    pub fn at(&self, kind: Extremum, size: &Quantity) -> Result<Option<Quantity>> {
        match self.place(kind)? {
            Some(factor) => settled(&factor.times(size)?).map(Some),
            None => Ok(None),
        }
    }

    /// `y` of the place `y T^-at` of the least or greatest value: `y^{p - q} = -eq/(cp)`. `None` where the derivative
    /// vanishes nowhere, or at the other extreme, or where constants are not known.
    fn place(&self, kind: Extremum) -> Result<Option<Quantity>> {
        let ([p, q], [upper, lower]) = (&self.powers, &self.terms);
        let size = |term: &Term| Quantity::constant(term.coefficient.clone());
        let slope = size(upper).times(&p.clone().into())?;
        let against = size(lower).times(&(-q).into())?;
        let outwards = if kind.is_greatest() { -1 } else { 1 };
        if !self.constant || slope.sign()? != outwards || against.sign()? != outwards {
            return Ok(None);
        }
        let root = Quantity::Exact((p - q).recip());
        let factor = against.over(&slope)?.power(&root)?;
        let log = (&lower.order.log - &upper.order.log) / (p - q);
        Ok(Some(factor.times(&logarithmic(&log)?)?))
    }

    /// The extreme value, at its leading order: `c y^p (1 − p/q)`.
    pub fn value(&self, kind: Extremum) -> Result<Option<Quantity>> {
        let ([p, q], [upper, _]) = (&self.powers, &self.terms);
        let Some(place) = self.place(kind)? else {
            return Ok(None);
        };
        let one = BigRational::from_integer(1.into());
        let value = Quantity::from(Germ::term(upper.coefficient.clone(), upper.order.clone()))
            .times(&place.power(&p.clone().into())?)?
            .times(&(one - p / q).into())?;
        settled(&value).map(Some)
    }
}

/// The first terms of two different powers of `T`, each with its highest logarithm.
fn two_powers(germ: &Germ) -> Option<[Term; 2]> {
    let mut terms = germ.terms().iter();
    let first = terms.next()?;
    let second = terms.find(|term| term.order.power != first.order.power)?;
    Some([first.clone(), second.clone()])
}

/// `(ln T)^power`.
fn logarithmic(power: &BigRational) -> Result<Quantity> {
    match power.is_zero() {
        true => Ok(Quantity::integer(1)),
        false => Quantity::from(Germ::log_of_variable()).power(&power.clone().into()),
    }
}

/// The leading term alone: what is left out may be as great as logarithms of logarithms beside logarithms.
fn settled(value: &Quantity) -> Result<Quantity> {
    let germ = value.germ()?;
    let order = &germ.leading_nonzero()?.order;
    let below = &order.log - BigRational::new(1.into(), 2.into());
    Ok(germ
        .with_remainder(Order::new(order.power.clone(), below))
        .into())
}
