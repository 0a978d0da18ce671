//! Sums over the spectrum: partial fractions in the eigenvalue, over the field of everything else.

mod poles;

use std::collections::BTreeMap;

use super::atom::{Atom, EIGENVALUE, Moment, Part};
use super::fraction::Fraction;
use super::ground::{Ground, Spectrum, Stop};
use super::polynomial::Polynomial;
use poles::put;

pub use poles::Expansion;

/// Poles and their orders beyond this are not taken apart.
const MAX_ORDER: u32 = 40;

/// Partial fractions of `f` in the variable `s`.
///
/// # Errors
/// Where poles are too many, or not told apart.
pub fn expand(f: &Fraction, s: u32) -> Result<Expansion, Stop> {
    let degree = |f: &Fraction| f.denominator.keys().map(|p| p.degree_in(s)).max();
    let apart;
    let f = if degree(f).is_some_and(|n| n > 1) {
        apart = poles::apart(f, s);
        &apart
    } else {
        f
    };
    let mut outer = BTreeMap::new();
    let mut poles: Vec<(Polynomial, u32)> = Vec::new();
    for (factor, &power) in &f.denominator {
        if factor.mentions(s) {
            poles.push((factor.clone(), power));
        } else {
            outer.insert(factor.clone(), power);
        }
    }
    if poles.iter().map(|p| p.1).sum::<u32>() > MAX_ORDER {
        return Err(Stop::Beyond("poles of very high order".into()));
    }
    let scale = Fraction {
        numerator: Polynomial::one(),
        denominator: outer,
    };
    if degree(f).is_some_and(|n| n > 1) {
        return poles::expand(&f.numerator, &poles, &scale, s);
    }
    let mut result = Expansion::new();
    for (pole, order, coefficient) in separate(&poles, scale)? {
        match pole {
            None => {
                for (i, c) in f.numerator.coefficients_in(s).into_iter().enumerate() {
                    let value = coefficient.mul(&c.into());
                    let part = Part::power(Polynomial::variable(s), i as i32);
                    put(&mut result, part, value);
                }
            }
            Some(pole) => around(&f.numerator, s, &pole, order, &coefficient, &mut result),
        }
    }
    Ok(result)
}

/// `scale/∏ pole^order` as a sum over single poles.
fn separate(
    poles: &[(Polynomial, u32)],
    scale: Fraction,
) -> Result<Vec<(Option<Polynomial>, u32, Fraction)>, Stop> {
    let mut open: BTreeMap<Vec<u32>, Fraction> = BTreeMap::new();
    open.insert(poles.iter().map(|p| p.1).collect(), scale);
    let mut done = Vec::new();
    // With 1 = (a₂ l₁ − a₁ l₂)/r, r = a₂ b₁ − a₁ b₂, each step lowers one of two orders.
    while let Some((orders, coefficient)) = open.pop_last() {
        let present: Vec<usize> = (0..poles.len()).filter(|&i| orders[i] > 0).collect();
        if present.len() < 2 {
            match present.first() {
                Some(&i) => done.push((Some(poles[i].0.clone()), orders[i], coefficient)),
                None => done.push((None, 0, coefficient)),
            }
            continue;
        }
        let (i, j) = (present[0], present[1]);
        let (first, second) = (line(&poles[i].0), line(&poles[j].0));
        let r = second.1.mul(&first.0).sub(&first.1.mul(&second.0));
        let Some(inverse) = Fraction::from(r).recip() else {
            return Err(Stop::Beyond("a pole in two forms".into()));
        };
        for (lowered, factor) in [(i, second.1.clone()), (j, first.1.neg())] {
            let mut orders = orders.clone();
            orders[lowered] -= 1;
            let value = coefficient.mul(&inverse).mul(&factor.into());
            let entry = open.entry(orders).or_insert_with(Fraction::zero);
            *entry = entry.add(&value);
        }
    }
    Ok(done)
}

/// `b + a s`; the eigenvalue is the first variable that occurs, whatever its number.
fn line(p: &Polynomial) -> (Polynomial, Polynomial) {
    let s = p.variables().into_iter().next().unwrap_or(EIGENVALUE);
    let mut c = p.coefficients_in(s).into_iter();
    (c.next().unwrap_or_default(), c.next().unwrap_or_default())
}

/// `coefficient · numerator(s)/pole^order` in powers of the pole, and of `s` where they are not negative.
fn around(
    numerator: &Polynomial,
    s: u32,
    pole: &Polynomial,
    order: u32,
    coefficient: &Fraction,
    result: &mut Expansion,
) {
    let (b, a) = line(pole);
    let Some(slope) = Fraction::from(a.clone()).recip() else {
        return;
    };
    let root = Fraction::from(b.neg()).mul(&slope);
    // Monic in s: l = a (s + b/a), so l^-m = a^-m (s + b/a)^-m; the base keeps its form, the scale goes outside.
    let mut rest: Vec<Fraction> = numerator
        .coefficients_in(s)
        .into_iter()
        .map(Fraction::from)
        .collect();
    let mut power = -(order as i32);
    let mut scale = coefficient.clone();
    while power < 0 && !rest.is_empty() {
        // Synthetic division by s − root: the remainder belongs to this power.
        let mut carry = Fraction::zero();
        let mut quotient = vec![Fraction::zero(); rest.len() - 1];
        for i in (0..rest.len()).rev() {
            let value = rest[i].add(&carry.mul(&root));
            if i == 0 {
                put(result, Part::power(pole.clone(), power), scale.mul(&value));
            } else {
                quotient[i - 1] = value.clone();
            }
            carry = value;
        }
        rest = quotient;
        // (s − root)/l = 1/a
        scale = scale.mul(&slope);
        power += 1;
    }
    for (i, c) in rest.into_iter().enumerate() {
        let part = Part::power(Polynomial::variable(s), i as i32);
        put(result, part, scale.mul(&c));
    }
}

impl Ground {
    /// `Σ_j f(s_j)` or `Σ_j c_j² f(s_j)` in terms of independent moments.
    ///
    /// # Errors
    /// Where the sum may diverge, or its poles are not found.
    pub fn moment(&mut self, kind: Moment, f: &Fraction) -> Result<Fraction, Stop> {
        moment(self, kind, f)
    }
}

fn moment(ground: &mut Ground, kind: Moment, f: &Fraction) -> Result<Fraction, Stop> {
    if f.is_zero() {
        return Ok(Fraction::zero());
    }
    match ground.spectrum {
        Spectrum::Identity => {
            let at_one = f
                .substitute(EIGENVALUE, &Fraction::one())
                .ok_or_else(|| Stop::Open("a denominator is not 0 at Σ = I".into()))?;
            let total = match kind {
                Moment::Trace => ground.dimension.clone(),
                Moment::Target => match ground.even_target.clone() {
                    Some(norm) => norm,
                    None => target_norm(ground),
                },
            };
            return Ok(at_one.mul(&total));
        }
        Spectrum::Infinite => {
            let summable = f
                .numerator
                .coefficients_in(EIGENVALUE)
                .first()
                .is_none_or(Polynomial::is_zero)
                && !f
                    .denominator
                    .contains_key(&Polynomial::variable(EIGENVALUE));
            let summable = summable && (kind == Moment::Trace || ground.summable_target);
            if !summable {
                return Err(Stop::Open(
                    "a sum over infinitely many eigenvalues converges".into(),
                ));
            }
        }
        Spectrum::Any => {}
    }
    if kind == Moment::Target
        && let Some(norm) = ground.even_target.clone()
    {
        let trace = moment(ground, Moment::Trace, f)?;
        let share = norm.mul(
            &ground
                .dimension
                .clone()
                .recip()
                .unwrap_or_else(Fraction::one),
        );
        return Ok(trace.mul(&share));
    }
    let mut total = Fraction::zero();
    for (part, coefficient) in expand(f, EIGENVALUE)? {
        total = total.add(&coefficient.mul(&single(ground, kind, part)));
    }
    Ok(total)
}

fn target_norm(ground: &mut Ground) -> Fraction {
    single(ground, Moment::Target, Part::one(EIGENVALUE))
}

/// The moment of one part.
fn single(ground: &mut Ground, kind: Moment, part: Part) -> Fraction {
    if part.power == 0 && kind == Moment::Trace {
        return ground.dimension.clone();
    }
    let part = if part.power == 0 {
        Part::one(EIGENVALUE)
    } else {
        part
    };
    // A power of something positive, and there is an eigenvalue, and w0 is not 0.
    let positive = ground.polynomial_sign(&part.base) == Some(true);
    let atom = ground.intern(Atom::Moment { kind, part });
    if positive && ground.sign(atom) != Some(true) {
        ground.set_sign(atom, true);
    }
    Fraction::variable(atom)
}
