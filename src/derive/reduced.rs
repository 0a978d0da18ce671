//! Fractions in lowest terms, their denominators in factors as far as divisors show them.

use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{self, Polynomial, Variable};
use crate::number::Coefficient;

/// Polynomials of more terms are left as they are.
const MOST_TERMS: usize = 600;

/// The same fraction without what numerator and denominator share, and with repeated factors of the denominator apart.
pub(super) fn reduced(f: &Fraction) -> Fraction {
    let mut numerator = f.numerator.clone();
    let mut below = Fraction::one();
    for (factor, power) in &f.denominator {
        for _ in 0..*power {
            let shared = common_divisor(&numerator, factor);
            let (Some(above), Some(rest)) =
                (numerator.div_exact(&shared), factor.div_exact(&shared))
            else {
                return f.clone();
            };
            numerator = above;
            for part in parts(&rest) {
                match Fraction::from(part).recip() {
                    Some(inverse) => below = below.mul(&inverse),
                    None => return f.clone(),
                }
            }
        }
    }
    below.mul(&numerator.into())
}

/// A polynomial as a product: what it shares with its slopes, again and again, and the rest.
fn parts(p: &Polynomial) -> Vec<Polynomial> {
    let slope = |v: Variable| {
        let mut slope = Polynomial::zero();
        for (power, coefficient) in p.coefficients_in(v).into_iter().enumerate().skip(1) {
            let factor = Coefficient::integer(power as i64);
            let lowered = Polynomial::variable(v).pow(power as u32 - 1);
            slope = slope.add(&coefficient.scale(&factor).mul(&lowered));
        }
        slope
    };
    for v in p.variables() {
        let shared = common_divisor(p, &slope(v));
        if shared.as_constant().is_none()
            && shared != *p
            && let Some(rest) = p.div_exact(&shared)
        {
            let mut found = parts(&shared);
            found.extend(parts(&rest));
            return found;
        }
    }
    vec![p.clone()]
}

/// The greatest common divisor, up to a number; 1 where it would take too long.
fn common_divisor(a: &Polynomial, b: &Polynomial) -> Polynomial {
    match a.terms.len().max(b.terms.len()) <= MOST_TERMS && !polynomial::is_spent() {
        true => divisor(a, b).unwrap_or_else(Polynomial::one),
        false => Polynomial::one(),
    }
}

/// Euclid's algorithm in one variable, over polynomials in the others: remainders without their own contents.
fn divisor(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.is_zero() {
        return Some(b.clone());
    }
    if b.is_zero() {
        return Some(a.clone());
    }
    if a.as_constant().is_some() || b.as_constant().is_some() {
        return Some(Polynomial::one());
    }
    // What the other does not speak of divides by its coefficients alone.
    for (one, other) in [(a, b), (b, a)] {
        if let Some(own) = one.variables().difference(&other.variables()).next() {
            return divisor(&content(one, *own)?, other);
        }
    }
    let degree = |v: &Variable| a.degree_in(*v).min(b.degree_in(*v));
    let v = a.variables().into_iter().min_by_key(degree)?;
    let ((inner_a, mut a), (inner_b, mut b)) = (primitive(a, v)?, primitive(b, v)?);
    if a.degree_in(v) < b.degree_in(v) {
        std::mem::swap(&mut a, &mut b);
    }
    while !b.is_zero() {
        if b.degree_in(v) == 0 {
            a = Polynomial::one();
            break;
        }
        let rest = remainder(&a, &b, v)?;
        a = b;
        b = match rest.is_zero() {
            true => rest,
            false => primitive(&rest, v)?.1,
        };
    }
    Some(divisor(&inner_a, &inner_b)?.mul(&a))
}

/// What divides every coefficient in `v`.
fn content(p: &Polynomial, v: Variable) -> Option<Polynomial> {
    let mut coefficients = p.coefficients_in(v);
    coefficients.sort_by_key(|c| c.terms.len());
    let mut shared = Polynomial::zero();
    for coefficient in coefficients.iter().filter(|c| !c.is_zero()) {
        shared = divisor(&shared, coefficient)?;
    }
    Some(shared)
}

/// The content in `v`, and the polynomial without it; its leading coefficient is 1.
fn primitive(p: &Polynomial, v: Variable) -> Option<(Polynomial, Polynomial)> {
    let inner = content(p, v)?;
    let rest = p.div_exact(&inner)?;
    let (_, lead) = rest.content();
    Some((inner, rest.scale(&lead.recip()?)))
}

/// `lead(b)^n a mod b` in `v`.
fn remainder(a: &Polynomial, b: &Polynomial, v: Variable) -> Option<Polynomial> {
    let degree = b.degree_in(v);
    let lead = b.coefficients_in(v).pop()?;
    let mut rest = a.clone();
    while !rest.is_zero() && rest.degree_in(v) >= degree {
        let above = rest.degree_in(v) - degree;
        let top = rest.coefficients_in(v).pop()?;
        let taken = top.mul(b).mul(&Polynomial::variable(v).pow(above));
        rest = rest.mul(&lead).sub(&taken);
        if polynomial::is_spent() || rest.terms.len() > 20 * MOST_TERMS {
            return None;
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Polynomial {
        Polynomial::variable(1)
    }

    fn y() -> Polynomial {
        Polynomial::variable(2)
    }

    #[test]
    fn what_is_shared_is_found_and_nothing_else() {
        polynomial::begin();
        let shared = x().sub(&y());
        let a = shared.pow(2).mul(&x().add(&Polynomial::one()));
        let b = shared.mul(&y().pow(2).add(&x()));
        let found = common_divisor(&a, &b);
        assert!(found == shared || found == shared.neg(), "{found:?}");
        let apart = common_divisor(&x().add(&y()), &x().sub(&y()));
        assert!(apart.as_constant().is_some(), "{apart:?}");
    }

    #[test]
    fn fractions_are_brought_to_lowest_terms_with_powers_apart() {
        polynomial::begin();
        let shared = x().sub(&y());
        let below = shared.pow(2).mul(&x().add(&y()));
        let f = Fraction {
            numerator: shared.mul(&x()),
            denominator: [(below, 1)].into(),
        };
        let short = reduced(&f);
        assert_eq!(short.numerator, x());
        assert_eq!(short.denominator.len(), 1);
        assert!(short.denominator.keys().all(|p| p.terms.len() == 2));
    }
}
