//! Partial fractions where poles are not real, or not seen: denominators of any degree in the eigenvalue.

use std::collections::BTreeMap;

use crate::decide::exact::atom::Part;
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::ground::Stop;
use crate::decide::exact::polynomial::{Polynomial, is_spent};
use crate::number::Coefficient;

/// Larger denominators are not taken apart: their resultants are determinants of that size.
const MAX_DEGREE: usize = 8;
/// Terms of a minor; what has more is left alone.
const MAX_TERMS: usize = 80;
/// Numerators and denominators of rational poles that are tried.
const MAX_DIVISOR: i64 = 12;

/// A sum of parts times coefficients.
pub type Expansion = BTreeMap<Part, Fraction>;

pub fn put(result: &mut Expansion, part: Part, value: Fraction) {
    if value.is_zero() {
        return;
    }
    let entry = result.entry(part.clone()).or_insert_with(Fraction::zero);
    *entry = entry.add(&value);
    if entry.is_zero() {
        result.remove(&part);
    }
}

/// `f` with its denominators divided into factors that are seen: other denominators of it, and rational poles.
pub fn apart(f: &Fraction, s: u32) -> Fraction {
    let mut result = Fraction::from(f.numerator.clone());
    for (factor, &power) in &f.denominator {
        for part in parts(factor, f, s) {
            let inverse = Fraction::from(part).recip();
            if let Some(inverse) = inverse.and_then(|f| f.pow(i64::from(power))) {
                result = result.mul(&inverse);
            }
        }
    }
    result
}

/// Factors whose product is the denominator.
fn parts(factor: &Polynomial, f: &Fraction, s: u32) -> Vec<Polynomial> {
    let mut rest = factor.clone();
    let mut list = Vec::new();
    let others = f.denominator.keys().filter(|other| *other != factor);
    for candidate in others.cloned().chain(rational_poles(factor, s)) {
        let degree = candidate.degree_in(s);
        while degree > 0
            && degree < rest.degree_in(s)
            && let Some(quotient) = rest.div_exact(&candidate)
        {
            list.push(candidate.clone());
            rest = quotient;
        }
    }
    list.push(rest);
    list
}

/// `s − p/q` for each rational root of a polynomial in `s` alone.
fn rational_poles(p: &Polynomial, s: u32) -> Vec<Polynomial> {
    let coefficients: Option<Vec<Coefficient>> = (p.coefficients_in(s).iter())
        .map(Polynomial::as_constant)
        .collect();
    let Some(coefficients) = coefficients.filter(|list| list.len() > 2) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for q in 1..=MAX_DIVISOR {
        for numerator in -MAX_DIVISOR..=MAX_DIVISOR {
            let Some(inverse) = Coefficient::integer(q).recip() else {
                continue;
            };
            let root = Coefficient::integer(numerator).mul(&inverse);
            let value = (coefficients.iter().rev())
                .fold(Coefficient::zero(), |sum, c| sum.mul(&root).add(c));
            let pole = Polynomial::variable(s).sub(&Polynomial::constant(root));
            if value.is_zero() && !list.contains(&pole) {
                list.push(pole);
            }
        }
    }
    list
}

/// `scale · numerator/∏ pole^order`: the numerator over each power of a pole is what the inverse of the other powers,
/// modulo that one, makes of it, written out in powers of the pole.
pub fn expand(
    numerator: &Polynomial,
    poles: &[(Polynomial, u32)],
    scale: &Fraction,
    s: u32,
) -> Result<Expansion, Stop> {
    let degree: usize = (poles.iter())
        .map(|(pole, order)| (pole.degree_in(s) * order) as usize)
        .sum();
    if degree > MAX_DEGREE {
        return Err(Stop::Beyond(
            "a denominator of high degree in the eigenvalue".into(),
        ));
    }
    let mut result = Expansion::new();
    for (at, (pole, order)) in poles.iter().enumerate() {
        let others = (poles.iter().enumerate())
            .filter(|(i, _)| *i != at)
            .fold(Polynomial::one(), |product, (_, (p, n))| {
                product.mul(&p.pow(*n))
            });
        let inverse = inverse_modulo(&others, &pole.pow(*order), s)
            .ok_or_else(|| Stop::Beyond("poles that are not told apart".into()))?;
        let mut rest = product(&dense(numerator, s), &inverse);
        let base = dense(pole, s);
        let mut power = -(*order as i32);
        while power < 0 {
            let (quotient, remainder) = divided(rest, &base)
                .ok_or_else(|| Stop::Beyond("a pole without a leading term".into()))?;
            for (times, c) in remainder.iter().enumerate() {
                let part = Part {
                    base: pole.clone(),
                    power,
                    times: times as u32,
                };
                put(&mut result, part, scale.mul(c));
            }
            rest = quotient;
            power += 1;
        }
        for (i, c) in rest.iter().enumerate() {
            let part = Part::power(Polynomial::variable(s), i as i32);
            put(&mut result, part, scale.mul(c));
        }
    }
    Ok(result)
}

/// Coefficients from the constant up.
type Dense = Vec<Fraction>;

fn dense(p: &Polynomial, s: u32) -> Dense {
    let coefficients = p.coefficients_in(s);
    coefficients.into_iter().map(Fraction::from).collect()
}

fn product(a: &Dense, b: &Dense) -> Dense {
    let mut result = vec![Fraction::zero(); (a.len() + b.len()).saturating_sub(1)];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            result[i + j] = result[i + j].add(&x.mul(y));
        }
    }
    result
}

/// Quotient and remainder.
fn divided(mut rest: Dense, by: &Dense) -> Option<(Dense, Dense)> {
    let inverse = by.last()?.recip()?;
    let mut quotient = vec![Fraction::zero(); (rest.len() + 1).saturating_sub(by.len())];
    for shift in (0..quotient.len()).rev() {
        let factor = rest[shift + by.len() - 1].mul(&inverse);
        for (i, c) in by.iter().enumerate() {
            rest[shift + i] = rest[shift + i].sub(&factor.mul(c));
        }
        quotient[shift] = factor;
    }
    rest.truncate(by.len() - 1);
    Some((quotient, rest))
}

/// `v` with `v q = 1` modulo `p`, by the equations of `u p + v q = 1`; `None` where `p` and `q` share a root.
fn inverse_modulo(q: &Polynomial, p: &Polynomial, s: u32) -> Option<Dense> {
    if q.is_one() {
        return Some(vec![Fraction::one()]);
    }
    let (n, m) = (p.degree_in(s) as usize, q.degree_in(s) as usize);
    let (p, q) = (p.coefficients_in(s), q.coefficients_in(s));
    let size = n + m;
    let mut rows = vec![vec![Polynomial::zero(); size + 1]; size];
    rows[0][size] = Polynomial::one();
    for (first, count, coefficients) in [(0, n, &q), (n, m, &p)] {
        for j in 0..count {
            for (i, c) in coefficients.iter().enumerate() {
                rows[i + j][first + j] = c.clone();
            }
        }
    }
    let solution = solved(rows)?;
    Some(solution.into_iter().take(n).collect())
}

/// The solution of linear equations, their right sides in the last column: elimination in which every entry is a minor,
/// so that divisions are exact.
fn solved(mut rows: Vec<Vec<Polynomial>>) -> Option<Dense> {
    let n = rows.len();
    let mut last = Polynomial::one();
    for k in 0..n {
        let pivot = (k..n).find(|&i| !rows[i][k].is_zero() && !is_spent())?;
        rows.swap(k, pivot);
        let lead = rows[k].clone();
        for (i, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != k) {
            let factor = row[k].clone();
            for (entry, top) in row.iter_mut().zip(&lead) {
                let value = lead[k].mul(entry).sub(&factor.mul(top));
                *entry = if last.is_one() {
                    value
                } else {
                    value.div_exact(&last)?
                };
                if entry.terms.len() > MAX_TERMS {
                    return None;
                }
            }
            debug_assert!(row[k].is_zero(), "column {k} of row {i}");
        }
        last = lead[k].clone();
    }
    let inverse = Fraction::from(last).recip()?;
    let values = rows.into_iter().map(|mut row| row.pop());
    values
        .map(|value| Some(Fraction::from(value?).mul(&inverse)))
        .collect()
}
