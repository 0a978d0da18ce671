//! Formulas that are sums of powers of one bound variable: growing sums of them in closed form.

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::AsymptoticError;
use super::evaluate::{Along, Germs, Result};
use super::quantity::Quantity;
use crate::formula::ast::{BinaryOp, Function};
use crate::scaling::{
    Coefficient, Germ, GermSpectrum, GermTarget, Limit, Order, binomial, hurwitz_constant,
    power_end, source_decay,
};
use crate::term::{Binder, Id, Node};

/// More terms come from no formula that a person wrote.
const MAX_TERMS: usize = 64;
/// Terms at the start of a sum that are added one by one.
const MAX_HEAD: i64 = 200;

/// `coefficient · (x + shift)^power`
#[derive(Clone)]
pub(super) struct Power {
    pub shift: BigRational,
    pub power: BigRational,
    pub coefficient: Quantity,
}

fn rational(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

/// The summand of a growing sum.
#[derive(Clone, Copy)]
pub(super) struct Growing {
    pub index: Binder,
    /// Whether the variable stands for `s(j)` and not for `j`.
    pub eigenvalue: bool,
    /// Whether `c(j)^2` is a factor.
    pub weighted: bool,
    pub body: Id,
}

fn single(power: BigRational) -> Vec<Power> {
    vec![Power {
        shift: BigRational::zero(),
        power,
        coefficient: Quantity::integer(1),
    }]
}

impl Germs<'_> {
    /// The powers of a variable that a scalar term is the sum of; `None` where it is something else. The variable
    /// itself is the power `of_itself` of what the powers are of.
    pub(super) fn powers(
        &mut self,
        walker: &mut Along<'_>,
        id: Id,
        variable: Binder,
        of_itself: &BigRational,
    ) -> Result<Option<Vec<Power>>> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&variable);
        if fixed(id) {
            return match self.scalar(walker, id) {
                Ok(coefficient) => Ok(Some(vec![Power {
                    shift: BigRational::zero(),
                    power: BigRational::zero(),
                    coefficient,
                }])),
                // a vector or a matrix is no power of a number
                Err(AsymptoticError::Unsupported(_)) => Ok(None),
                Err(error) => Err(error),
            };
        }
        if let Some((branch, sign)) = self.chosen(id) {
            return match self.powers(walker, branch, variable, of_itself)? {
                Some(terms) if sign < 0 => scaled(terms, &Quantity::integer(-1)).map(Some),
                terms => Ok(terms),
            };
        }
        let is_variable = |id: Id| *store.node(id) == Node::Bound(variable);
        match store.node(id) {
            Node::Bound(_) => Ok(Some(single(of_itself.clone()))),
            &Node::Neg(inner) => match self.powers(walker, inner, variable, of_itself)? {
                Some(terms) => scaled(terms, &Quantity::integer(-1)).map(Some),
                None => Ok(None),
            },
            &Node::Binary(BinaryOp::Pow, a, b) => {
                let (Some(base), true) = (self.powers(walker, a, variable, of_itself)?, fixed(b))
                else {
                    return Ok(None);
                };
                match self.scalar(walker, b)?.exact() {
                    Some(exponent) => raised(base, exponent),
                    None => Ok(None),
                }
            }
            &Node::Binary(op, a, b) => {
                let a = self.powers(walker, a, variable, of_itself)?;
                match (a, self.powers(walker, b, variable, of_itself)?) {
                    (Some(a), Some(b)) => combined(op, a, b),
                    _ => Ok(None),
                }
            }
            Node::Call(Function::Sqrt, arguments) => {
                match self.powers(walker, arguments[0], variable, of_itself)? {
                    Some(terms) => raised(terms, &rational(1, 2)),
                    None => Ok(None),
                }
            }
            &Node::Eigenvalue(model, j) if is_variable(j) => {
                self.spectrum_of(model)?;
                Ok(self.eigenvalue_power()?.map(single))
            }
            &Node::Coefficient(model, j) if is_variable(j) => {
                self.spectrum_of(model)?;
                Ok(self.coefficient_power()?.map(single))
            }
            _ => Ok(None),
        }
    }

    /// The summand as powers of the index.
    pub(super) fn powers_of_index(
        &mut self,
        walker: &mut Along<'_>,
        growing: Growing,
    ) -> Result<Option<Vec<Power>>> {
        let Some(of_itself) = self.power_of_index(growing)? else {
            return Ok(None);
        };
        let terms = self.powers(walker, growing.body, growing.index, &of_itself)?;
        if !growing.weighted {
            return Ok(terms);
        }
        match (terms, self.coefficient_power()?) {
            (Some(terms), Some(power)) => multiplied(&terms, &single(power * rational(2, 1))),
            _ => Ok(None),
        }
    }

    /// The power of the index that the variable is.
    pub(super) fn power_of_index(&self, growing: Growing) -> Result<Option<BigRational>> {
        match growing.eigenvalue {
            true => self.eigenvalue_power(),
            false => Ok(Some(BigRational::one())),
        }
    }

    /// `−β`, where `s(j)` is a power of `j`.
    fn eigenvalue_power(&self) -> Result<Option<BigRational>> {
        Ok(match &self.point()?.spectrum {
            GermSpectrum::PowerLaw { beta, .. } => Some(-beta),
            GermSpectrum::Atoms(_) => None,
        })
    }

    /// `−δ/2`, where `c(j)` is a power of `j`.
    pub(super) fn coefficient_power(&self) -> Result<Option<BigRational>> {
        let point = self.point()?;
        Ok(match (&point.spectrum, &point.target) {
            (GermSpectrum::PowerLaw { beta, .. }, Some(GermTarget::Source { r })) => {
                Some(-source_decay(beta, r) / rational(2, 1))
            }
            _ => None,
        })
    }

    /// `sum(index = from..to, body)` of a sum of powers by Euler and Maclaurin; `to` is `None` for infinity.
    pub(super) fn growing_sum(
        &mut self,
        walker: &mut Along<'_>,
        from: &Quantity,
        to: Option<&Quantity>,
        growing: Growing,
    ) -> Result<Option<Quantity>> {
        // from a growing index a sum may have no terms
        if let Some(to) = to
            && from.exact().is_none()
            && from.minus(to)?.sign()? > 0
        {
            return Ok(Some(Quantity::integer(0)));
        }
        let Some(mut terms) = self.powers_of_index(walker, growing)? else {
            return Ok(None);
        };
        terms.retain(|term| !term.coefficient.is_zero());
        let falling = |term: &Power| term.power < rational(-1, 1);
        if to.is_none() && from.exact().is_none() && terms.iter().all(falling) {
            return self.tail(from, &terms);
        }
        // parts of a convergent sum may diverge: they are added up to a large end
        let end = match to {
            Some(to) => to.clone(),
            None => Germ::variable().into(),
        };
        let mut total = Quantity::integer(0);
        for term in &terms {
            let shift = Quantity::from(term.shift.clone());
            let (low, high) = (from.plus(&shift)?, end.plus(&shift)?);
            if !term.shift.is_integer() {
                let Some(sum) = between_whole_numbers(&low, &high, &term.power)? else {
                    return Ok(None);
                };
                total = total.plus(&term.coefficient.times(&sum)?)?;
                continue;
            }
            let Some(above) = sum_to(&high, &term.power)? else {
                return Ok(None);
            };
            let below = match low.exact() {
                Some(first) => match head(first, &term.power)? {
                    Some(head) => head,
                    None => return Ok(None),
                },
                None => match sum_to(&low, &term.power)? {
                    Some(sum) => sum.minus(&low.power(&term.power.clone().into())?)?,
                    None => return Ok(None),
                },
            };
            total = total.plus(&term.coefficient.times(&above.minus(&below)?)?)?;
        }
        if to.is_some() {
            return Ok(Some(total));
        }
        match total.germ()?.limit()? {
            // the end has to go to infinity before the variable does
            Limit::Finite(limit)
                if from.exact().is_some() && terms.iter().all(Power::is_number) =>
            {
                Ok(Some(Quantity::constant(limit)))
            }
            Limit::Finite(_) => self.tail(from, &terms),
            _ => Err(AsymptoticError::Undefined(
                "a sum that does not converge".into(),
            )),
        }
    }

    /// `Σ_{k ≥ from}` where every term converges by itself, or multiples of `1/(k + a)` cancel in the end:
    /// `Σ_k Σ_i c_i/(k + a_i) = −Σ_i c_i ψ(from + a_i)`.
    fn tail(&self, from: &Quantity, terms: &[Power]) -> Result<Option<Quantity>> {
        let mut total = Quantity::integer(0);
        let mut harmonic = Quantity::integer(0);
        for term in terms {
            if term.power > rational(-1, 1) {
                return Ok(None);
            }
            if term.power == rational(-1, 1) {
                harmonic = harmonic.plus(&term.coefficient)?;
                let low = from.plus(&Quantity::from(term.shift.clone()))?;
                let Some(start) = low.exact().filter(|x| x.is_positive()) else {
                    return Ok(None);
                };
                let sum = Quantity::constant(hurwitz_constant(&BigRational::one(), start));
                total = total.plus(&term.coefficient.times(&sum)?)?;
                continue;
            }
            let low = from.plus(&Quantity::from(term.shift.clone()))?;
            if let Some(start) = low.exact().filter(|x| x.is_positive() && !x.is_integer()) {
                let sum = Quantity::constant(hurwitz_constant(&-&term.power, start));
                total = total.plus(&term.coefficient.times(&sum)?)?;
                continue;
            }
            let whole = Coefficient::zeta(&-&term.power).map(Quantity::constant);
            let Some(whole) = whole else { return Ok(None) };
            let below = match low.exact() {
                Some(first) => head(first, &term.power)?,
                None => match sum_to(&low, &term.power)? {
                    Some(sum) => Some(sum.minus(&low.power(&term.power.clone().into())?)?),
                    None => None,
                },
            };
            let Some(below) = below else { return Ok(None) };
            total = total.plus(&term.coefficient.times(&whole.minus(&below)?)?)?;
        }
        Ok(harmonic.is_zero().then_some(total))
    }
}

impl Power {
    fn is_number(&self) -> bool {
        match &self.coefficient {
            Quantity::Exact(_) => true,
            Quantity::Germ(germ) => {
                germ.remainder().is_none() && germ.terms().iter().all(|t| t.order.is_constant())
            }
            Quantity::Magnitude(_) => false,
        }
    }
}

/// `Σ_{k < first} k^power`, term by term.
fn head(first: &BigRational, power: &BigRational) -> Result<Option<Quantity>> {
    let count = first
        .is_integer()
        .then(|| first.to_integer().to_i64())
        .flatten();
    let Some(count) = count.filter(|n| (1..=MAX_HEAD).contains(n)) else {
        return Ok(None);
    };
    let mut sum = Quantity::integer(0);
    for k in 1..count {
        sum = sum.plus(&Quantity::integer(k).power(&power.clone().into())?)?;
    }
    Ok(Some(sum))
}

/// `Σ x^p` over `x = low, low + 1, …, high` that are no whole numbers: as from 1 on, with `ζ(−p, low)` in place of `ζ(−p)`, and `−ψ(low)`
/// in that of Euler's constant.
fn between_whole_numbers(
    low: &Quantity,
    high: &Quantity,
    p: &BigRational,
) -> Result<Option<Quantity>> {
    let Some(start) = low.exact().filter(|start| start.is_positive()) else {
        return Ok(None);
    };
    sum_with(high, p, &hurwitz_constant(&-p, start))
}

/// `Σ_{k=1}^n k^p = ζ(−p) + n^{p+1}/(p+1) + n^p/2 + p n^{p−1}/12 − p(p−1)(p−2) n^{p−3}/720 + O(n^{p−5})` for a
/// growing `n`; with `ln n + γ` in place of the first two at `p = −1`.
fn sum_to(n: &Quantity, p: &BigRational) -> Result<Option<Quantity>> {
    let constant = Coefficient::zeta(&-p).unwrap_or_else(Coefficient::euler);
    sum_with(n, p, &constant)
}

/// The same with another constant.
fn sum_with(n: &Quantity, p: &BigRational, constant: &Coefficient) -> Result<Option<Quantity>> {
    let n = n.germ()?;
    if !matches!(n.limit()?, Limit::PlusInfinity) {
        return Ok(None);
    }
    let constant = Germ::term(constant.clone(), Order::constant());
    Ok(Some((&power_end(&n, p)? + &constant).into()))
}

/// `a + b`, `a − b`, `a·b` or `a/b`.
fn combined(op: BinaryOp, a: Vec<Power>, b: Vec<Power>) -> Result<Option<Vec<Power>>> {
    match op {
        BinaryOp::Add => collected(a.into_iter().chain(b).collect()).map(Some),
        BinaryOp::Sub => {
            let b = scaled(b, &Quantity::integer(-1))?;
            collected(a.into_iter().chain(b).collect()).map(Some)
        }
        BinaryOp::Mul => multiplied(&a, &b),
        _ => match raised(b, &rational(-1, 1))? {
            Some(inverse) => multiplied(&a, &inverse),
            None => Ok(None),
        },
    }
}

fn scaled(mut terms: Vec<Power>, factor: &Quantity) -> Result<Vec<Power>> {
    for term in &mut terms {
        term.coefficient = term.coefficient.times(factor)?;
    }
    Ok(terms)
}

/// With one term for each power of each place.
pub(super) fn collected(terms: Vec<Power>) -> Result<Vec<Power>> {
    if terms.len() > MAX_TERMS {
        return Err(AsymptoticError::Unsupported(
            "a sum of so many powers".into(),
        ));
    }
    let mut unique: Vec<Power> = Vec::with_capacity(terms.len());
    for term in terms {
        // a constant has no place
        let shift = if term.power.is_zero() {
            BigRational::zero()
        } else {
            term.shift.clone()
        };
        let twin = unique
            .iter_mut()
            .find(|u| u.power == term.power && u.shift == shift);
        match twin {
            Some(twin) => twin.coefficient = twin.coefficient.plus(&term.coefficient)?,
            None => unique.push(Power { shift, ..term }),
        }
    }
    unique.retain(|term| !term.coefficient.is_zero());
    Ok(unique)
}

fn multiplied(left: &[Power], right: &[Power]) -> Result<Option<Vec<Power>>> {
    let mut terms = Vec::new();
    for a in left {
        for b in right {
            match product(a, b, 24)? {
                Some(parts) => terms.extend(parts),
                None => return Ok(None),
            }
        }
    }
    collected(terms).map(Some)
}

/// `(x+a)^p (x+b)^q` as a sum of powers, by partial fractions where the two differ in place.
fn product(a: &Power, b: &Power, depth: usize) -> Result<Option<Vec<Power>>> {
    let coefficient = a.coefficient.times(&b.coefficient)?;
    let joined = |shift: &BigRational, power: BigRational| {
        Ok(Some(vec![Power {
            shift: shift.clone(),
            power,
            coefficient: coefficient.clone(),
        }]))
    };
    if a.power.is_zero() {
        return joined(&b.shift, b.power.clone());
    }
    if b.power.is_zero() || a.shift == b.shift {
        return joined(&a.shift, &a.power + &b.power);
    }
    if depth == 0 || !a.power.is_integer() && !b.power.is_integer() {
        return Ok(None);
    }
    let one = BigRational::one();
    let moved = |p: &Power, by: &BigRational, factor: BigRational| -> Result<Power> {
        Ok(Power {
            shift: p.shift.clone(),
            power: &p.power + by,
            coefficient: p.coefficient.times(&factor.into())?,
        })
    };
    let mut terms = Vec::new();
    let mut add = |x: Power, y: &Power| -> Result<bool> {
        Ok(match product(&x, y, depth - 1)? {
            Some(parts) => {
                terms.extend(parts);
                true
            }
            None => false,
        })
    };
    let (up, other) = if a.power.is_integer() && a.power.is_positive() {
        (a, b)
    } else {
        (b, a)
    };
    if up.power.is_integer() && up.power.is_positive() {
        // x + a = (x + b) + (a − b)
        let lowered = moved(up, &-&one, one.clone())?;
        let raised = moved(other, &one, one.clone())?;
        let difference = &up.shift - &other.shift;
        let kept = moved(other, &BigRational::zero(), difference)?;
        let fits = add(lowered.clone(), &raised)? && add(lowered, &kept)?;
        return if fits {
            collected(terms).map(Some)
        } else {
            Ok(None)
        };
    }
    if !a.power.is_integer() || !b.power.is_integer() {
        return Ok(None);
    }
    // 1/((x+a)(x+b)) = (1/(x+a) − 1/(x+b))/(b−a)
    let inverse = (&b.shift - &a.shift).recip();
    let without_b = moved(b, &one, inverse.clone())?;
    let without_a = moved(a, &one, -inverse)?;
    let fits = add(a.clone(), &without_b)? && add(without_a, b)?;
    if fits {
        collected(terms).map(Some)
    } else {
        Ok(None)
    }
}

fn raised(base: Vec<Power>, exponent: &BigRational) -> Result<Option<Vec<Power>>> {
    if let [p, q] = base.as_slice()
        && let Some(powers) = linear_raised(p, q, exponent)?
    {
        return Ok(Some(powers));
    }
    match base.as_slice() {
        [] => Ok(None),
        [term] => Ok(Some(vec![Power {
            shift: term.shift.clone(),
            power: &term.power * exponent,
            coefficient: term.coefficient.power(&exponent.clone().into())?,
        }])),
        _ => {
            let count = exponent
                .is_integer()
                .then(|| exponent.to_integer().to_u32())
                .flatten();
            let Some(count) = count.filter(|n| (1..=8).contains(n)) else {
                return Ok(None);
            };
            let mut product = base.clone();
            for _ in 1..count {
                match multiplied(&product, &base)? {
                    Some(next) => product = next,
                    None => return Ok(None),
                }
            }
            Ok(Some(product))
        }
    }
}

/// `(a x^{p+1} + b x^p)^e = a^e x^{pe} (x + b/a)^e`, where `b/a` is a number or tends to one.
fn linear_raised(p: &Power, q: &Power, exponent: &BigRational) -> Result<Option<Vec<Power>>> {
    let (upper, lower) = if p.power > q.power { (p, q) } else { (q, p) };
    let apart = &upper.power - &lower.power;
    // a constant has no place of its own
    let one_place = upper.shift == lower.shift || lower.power.is_zero();
    if !apart.is_one() || !one_place {
        return Ok(None);
    }
    let quotient = lower.coefficient.over(&upper.coefficient)?;
    let Some(factor) = near(&upper.shift, &quotient, exponent)? else {
        return Ok(None);
    };
    let front = Power {
        shift: upper.shift.clone(),
        power: &lower.power * exponent,
        coefficient: upper.coefficient.power(&exponent.clone().into())?,
    };
    multiplied(&[front], &factor)
}

/// `(x + shift + c)^e`, with `c = c_0 + ε` about `c_0`: `Σ_k binom(e, k) ε^k (x + shift + c_0)^{e−k}`, and what is left out as a
/// multiple of the next.
fn near(shift: &BigRational, c: &Quantity, exponent: &BigRational) -> Result<Option<Vec<Power>>> {
    const DEPTH: usize = 3;
    let at = |place: &BigRational, k: usize, coefficient: Quantity| Power {
        shift: shift + place,
        power: exponent - rational(k as i64, 1),
        coefficient,
    };
    if let Some(place) = c.exact() {
        return Ok(Some(vec![at(place, 0, Quantity::integer(1))]));
    }
    let germ = c.germ()?;
    let whole = exponent.is_integer() && !exponent.is_negative();
    let place = match germ.limit()? {
        Limit::Finite(limit) if !whole => limit.exact().cloned(),
        _ => None,
    };
    let Some(place) = place else { return Ok(None) };
    let epsilon = &*germ - &Germ::rational(place.clone());
    let mut power = Germ::integer(1);
    let mut terms = Vec::new();
    for k in 0..=DEPTH {
        let weight = Coefficient::rational(binomial(exponent, k));
        terms.push(at(&place, k, power.scale(&weight).into()));
        power = &power * &epsilon;
    }
    if let Some(order) = power.order_bound() {
        let rest = Germ::bounded_by(order.clone());
        terms.push(at(&place, DEPTH + 1, rest.into()));
    }
    Ok(Some(terms))
}
