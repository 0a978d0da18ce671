//! Ratios in the proportional limit, where every size that moves is a multiple of the variable: the parts of highest
//! degree in the sizes are what is left.

use super::atom::{Atom, Moment};
use super::fraction::Fraction;
use super::ground::{Ground, Question, Stop};
use super::modulo::reduce;
use super::polynomial::{Monomial, Polynomial, Variable};

/// Whether the ratio of two quantities tends to 1, which are not equal at finite size.
///
/// # Errors
/// Where a quantity is no function of sizes that can be read so, or its highest part may vanish.
pub fn tends_to_one(ground: &mut Ground, a: &Fraction, b: &Fraction) -> Result<bool, Stop> {
    let (a, b) = (highest(ground, a)?, highest(ground, b)?);
    if a.0 != b.0 || !reduce(ground, &a.1.sub(&b.1)).is_zero() {
        return Ok(false);
    }
    nonzero(ground, &a.1)?;
    Ok(true)
}

/// Demands that the dimension is none of the sizes that move.
///
/// # Errors
/// Where it is, or is made of one.
pub fn dimension_stays(ground: &Ground) -> Result<(), Stop> {
    match grows(ground, &ground.dimension)? {
        true => Err(Stop::Beyond("a limit in which the dimension moves".into())),
        false => Ok(()),
    }
}

/// Whether a quantity tends to 0 as the sizes that move grow, the dimension being fixed: its degree is negative.
///
/// # Errors
/// Where it is no function of sizes that can be read so.
pub fn vanishes(ground: &mut Ground, f: &Fraction) -> Result<bool, Stop> {
    Ok(highest(ground, f)?.0 < 0)
}

/// Demands that what is of the highest degree in the sizes does not cancel: then errors of a lower order do not matter.
///
/// # Errors
/// Where it may.
pub fn keeps_its_order(ground: &mut Ground, f: &Fraction) -> Result<(), Stop> {
    let (_, top) = highest(ground, f)?;
    nonzero(ground, &top)
}

/// Whether a quantity has one degree in the sizes, and that is 0: it stays where it is as they grow in proportion.
pub fn is_steady(ground: &Ground, f: &Fraction) -> bool {
    let one = |p: &Polynomial| {
        let mut degrees = p.terms.keys().map(|m| degree(ground, m));
        let first = degrees.next()?.ok()?;
        degrees.all(|d| d.as_ref() == Ok(&first)).then_some(first)
    };
    let Some(mut total) = one(&f.numerator) else {
        return f.is_zero();
    };
    for (factor, &power) in &f.denominator {
        match one(factor) {
            Some(degree) => total -= degree * i64::from(power),
            None => return false,
        }
    }
    total == 0
}

/// Demands that a limit is not 0: one that may be says nothing about a ratio.
///
/// # Errors
/// The question on which it turns.
pub fn nonzero(ground: &mut Ground, limit: &Fraction) -> Result<(), Stop> {
    if ground.is_positive(limit) || ground.is_positive(&limit.neg()) {
        return Ok(());
    }
    // Where a symbol is 0 both sides may be.
    let symbol = limit.numerator.variables().into_iter().find(|v| {
        ground.sign(*v) == Some(false) && matches!(ground.atom(*v), Some(Atom::Symbol { .. }))
    });
    Err(match symbol {
        Some(v) => Stop::Branch(Question::Vanishes(v)),
        None => Stop::Open("the limit is not 0".into()),
    })
}

/// The part of highest degree in the sizes, and that degree.
fn highest(ground: &mut Ground, f: &Fraction) -> Result<(i64, Fraction), Stop> {
    let (degree, top) = part(ground, &f.numerator)?;
    let (mut degree, mut value) = (degree, Fraction::from(top));
    for (factor, &power) in &f.denominator {
        let (own, top) = part(ground, factor)?;
        let top = Fraction::from(top);
        ground.require_nonzero(&top)?;
        let inverse = ground.inverse(&top)?;
        for _ in 0..power {
            value = value.mul(&inverse);
            degree -= own;
        }
    }
    Ok((degree, value))
}

fn part(ground: &Ground, p: &Polynomial) -> Result<(i64, Polynomial), Stop> {
    let mut best: Option<i64> = None;
    let mut top = Polynomial::zero();
    for (monomial, c) in &p.terms {
        let degree = degree(ground, monomial)?;
        if best.is_none_or(|best| degree > best) {
            best = Some(degree);
            top = Polynomial::zero();
        }
        if best == Some(degree) {
            top.add_term(monomial.clone(), c.clone());
        }
    }
    Ok((best.unwrap_or(0), top))
}

fn degree(ground: &Ground, monomial: &Monomial) -> Result<i64, Stop> {
    let mut total = 0;
    for &(v, power) in &monomial.0 {
        total += order(ground, v)? * i64::from(power);
    }
    Ok(total)
}

/// 1 for what grows like the sizes, 0 for what tends to a number.
fn order(ground: &Ground, v: Variable) -> Result<i64, Stop> {
    let beyond = || Stop::Beyond("such a quantity in a limit of sizes".into());
    match ground.atom(v) {
        Some(Atom::Symbol { name, .. }) => Ok(i64::from(ground.moving.contains(name))),
        Some(Atom::Kappa { ridge, samples }) => {
            let size = samples
                .denominator
                .is_empty()
                .then(|| samples.numerator.as_variable());
            let grows = match size.flatten() {
                Some(v) => order(ground, v)? == 1,
                None => false,
            };
            let fixed = is_steady(ground, ridge);
            (grows && fixed).then_some(0).ok_or_else(beyond)
        }
        Some(Atom::Moment { kind, part }) => {
            // variables of eigenvalues have no atom
            let others = part.base.variables().into_iter();
            let others = others.filter(|v| ground.atom(*v).is_some());
            if !still(ground, others)? {
                return Err(beyond());
            }
            Ok(i64::from(
                *kind == Moment::Trace && grows(ground, &ground.dimension)?,
            ))
        }
        _ => Err(beyond()),
    }
}

/// Whether a size is one of those that grow.
fn grows(ground: &Ground, size: &Fraction) -> Result<bool, Stop> {
    for v in size.variables() {
        if order(ground, v)? != 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn still(ground: &Ground, variables: impl IntoIterator<Item = Variable>) -> Result<bool, Stop> {
    for v in variables {
        if order(ground, v)? != 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
