//! Signs of polynomials in one symbol on the symbol's range, by Sturm's sequences; and of what is quadratic in one
//! variable, by its discriminant.

use super::ground::Ground;
use super::polynomial::{Polynomial, Variable};
use crate::number::Coefficient;

/// Beyond this degree sequences are not formed.
const MAX_DEGREE: u32 = 24;
/// Discriminants of discriminants.
const MAX_DEPTH: usize = 3;
/// Larger polynomials are not looked at for a discriminant.
const MAX_TERMS: usize = 60;

/// Coefficients from the constant up, the last one not 0.
type Dense = Vec<Coefficient>;

/// `Some(true)` if the polynomial is positive on the whole range, `Some(false)` if it is not negative there.
pub fn sign(ground: &Ground, p: &Polynomial) -> Option<bool> {
    let variables = p.variables();
    let v = *variables.first().filter(|_| variables.len() == 1)?;
    let (Some(low), Some(high)) = ground.ranges.get(&v)? else {
        return None;
    };
    if p.degree_in(v) > MAX_DEGREE {
        return None;
    }
    on_range(&dense(p, v)?, low, high)
}

fn dense(p: &Polynomial, v: Variable) -> Option<Dense> {
    p.coefficients_in(v)
        .iter()
        .map(Polynomial::as_constant)
        .collect()
}

fn on_range(p: &Dense, low: &Coefficient, high: &Coefficient) -> Option<bool> {
    let parts = square_free(p);
    let whole = |x: &Dense| roots_inside(x, low, high) == 0;
    let touches = |x: &Coefficient| at(p, x).is_zero();
    if parts.iter().step_by(2).any(|odd| !whole(odd)) {
        return None;
    }
    // Where it vanishes it does not change sign: one point decides.
    let steps = p.len() as i64 + 1;
    let width = high.sub(low);
    let positive = (0..=steps).find_map(|i| {
        let share = Coefficient::integer(i).mul(&Coefficient::integer(steps).recip()?);
        let value = at(p, &low.add(&width.mul(&share)));
        (!value.is_zero()).then(|| value.signum().is_gt())
    });
    match positive {
        Some(true) => {}
        // a single point of the range, at which it vanishes
        None if width.is_zero() => return Some(false),
        _ => return None,
    }
    Some(!touches(low) && !touches(high) && parts.iter().all(whole))
}

fn at(p: &Dense, x: &Coefficient) -> Coefficient {
    p.iter()
        .rev()
        .fold(Coefficient::zero(), |sum, c| sum.mul(x).add(c))
}

fn trimmed(mut p: Dense) -> Dense {
    while p.last().is_some_and(Coefficient::is_zero) {
        p.pop();
    }
    p
}

fn derivative(p: &Dense) -> Dense {
    let terms = p.iter().enumerate().skip(1);
    terms
        .map(|(i, c)| c.mul(&Coefficient::integer(i as i64)))
        .collect()
}

/// Quotient and remainder; the divisor is not 0.
fn divided(p: &Dense, by: &Dense) -> (Dense, Dense) {
    let mut rest = p.clone();
    let mut quotient = vec![Coefficient::zero(); (p.len() + 1).saturating_sub(by.len())];
    let inverse = by.last().and_then(Coefficient::recip);
    let inverse = inverse.unwrap_or_else(Coefficient::one);
    while rest.len() >= by.len() {
        let shift = rest.len() - by.len();
        let factor = rest[rest.len() - 1].mul(&inverse);
        for (i, c) in by.iter().enumerate() {
            rest[shift + i] = rest[shift + i].sub(&c.mul(&factor));
        }
        quotient[shift] = factor;
        rest.pop();
        rest = trimmed(rest);
    }
    (trimmed(quotient), rest)
}

fn monic(p: Dense) -> Dense {
    match p.last().and_then(Coefficient::recip) {
        Some(inverse) => p.iter().map(|c| c.mul(&inverse)).collect(),
        None => p,
    }
}

fn common(a: &Dense, b: &Dense) -> Dense {
    let (mut a, mut b) = (a.clone(), b.clone());
    while !b.is_empty() {
        let rest = divided(&a, &b).1;
        a = std::mem::replace(&mut b, monic(rest));
    }
    monic(a)
}

/// Factors without repeated roots: the first occurs once in `p`, the second twice, and so on (Yun's algorithm).
fn square_free(p: &Dense) -> Vec<Dense> {
    let slope = derivative(p);
    if slope.is_empty() {
        return Vec::new();
    }
    let shared = common(p, &slope);
    let mut rest = divided(p, &shared).0;
    let mut excess = minus(&divided(&slope, &shared).0, &derivative(&rest));
    let mut parts = Vec::new();
    while rest.len() > 1 {
        let part = common(&rest, &excess);
        rest = divided(&rest, &part).0;
        excess = minus(&divided(&excess, &part).0, &derivative(&rest));
        parts.push(part);
    }
    parts
}

fn minus(a: &Dense, b: &Dense) -> Dense {
    let get = |p: &Dense, i: usize| p.get(i).cloned().unwrap_or_else(Coefficient::zero);
    let length = a.len().max(b.len());
    trimmed((0..length).map(|i| get(a, i).sub(&get(b, i))).collect())
}

/// Roots between the ends, of a polynomial without repeated ones.
fn roots_inside(p: &Dense, low: &Coefficient, high: &Coefficient) -> usize {
    let mut p = p.clone();
    for end in [low, high] {
        if p.len() > 1 && at(&p, end).is_zero() {
            p = divided(&p, &vec![end.neg(), Coefficient::one()]).0;
        }
    }
    if p.len() < 2 {
        return 0;
    }
    let mut sequence = vec![p.clone(), derivative(&p)];
    while let [.., a, b] = sequence.as_slice() {
        let rest: Dense = divided(a, b).1.iter().map(Coefficient::neg).collect();
        if rest.is_empty() {
            break;
        }
        sequence.push(rest);
    }
    let changes = |x: &Coefficient| {
        let values = sequence.iter().map(|p| at(p, x).signum());
        let signs: Vec<_> = values.filter(|s| s.is_ne()).collect();
        signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
    };
    changes(low).saturating_sub(changes(high))
}

/// `a v² + b v + c` is not negative where `a`, `c` and `4ac − b²` are not, and positive where the last is.
pub fn quadratic(
    ground: &mut Ground,
    p: &Polynomial,
    known: &mut dyn FnMut(&mut Ground, &Polynomial) -> Option<bool>,
) -> Option<bool> {
    by_discriminant(ground, p, known, MAX_DEPTH)
}

fn by_discriminant(
    ground: &mut Ground,
    p: &Polynomial,
    known: &mut dyn FnMut(&mut Ground, &Polynomial) -> Option<bool>,
    depth: usize,
) -> Option<bool> {
    if p.terms.len() > MAX_TERMS || depth == 0 {
        return None;
    }
    for v in p.variables() {
        if p.degree_in(v) != 2 {
            continue;
        }
        let [c, b, a] = <[Polynomial; 3]>::try_from(p.coefficients_in(v)).ok()?;
        let discriminant = a.mul(&c).scale(&Coefficient::integer(4)).sub(&b.mul(&b));
        let mut strict = false;
        let settled = [a, c, discriminant].iter().all(|q| {
            let found = match q.as_constant() {
                Some(constant) if constant.signum().is_lt() => None,
                Some(constant) => Some(!constant.is_zero()),
                None => known(ground, q).or_else(|| by_discriminant(ground, q, known, depth - 1)),
            };
            strict = found == Some(true);
            found.is_some()
        });
        if settled {
            return Some(strict);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> Coefficient {
        Coefficient::integer(n).mul(&Coefficient::integer(d).recip().unwrap())
    }

    fn polynomial(coefficients: &[i64]) -> Dense {
        coefficients.iter().map(|c| q(*c, 1)).collect()
    }

    #[test]
    fn touching_is_told_from_crossing() {
        let (zero, one) = (q(0, 1), q(1, 1));
        // (2x − 1)² touches inside, x(1 − x) at both ends, x crosses at none, 2x − 1 inside
        assert_eq!(on_range(&polynomial(&[1, -4, 4]), &zero, &one), Some(false));
        assert_eq!(on_range(&polynomial(&[0, 1, -1]), &zero, &one), Some(false));
        assert_eq!(on_range(&polynomial(&[1, 1]), &zero, &one), Some(true));
        assert_eq!(on_range(&polynomial(&[-1, 2]), &zero, &one), None);
        assert_eq!(on_range(&polynomial(&[-1, 4, -4]), &zero, &one), None);
    }

    #[test]
    fn a_narrow_dip_below_zero_is_seen() {
        let (low, high) = (q(-2, 1), q(2, 1));
        // x⁴ − x + c, least at 4^{-1/3}: −0.47247…
        let quartic = |c: Coefficient| vec![c, q(-1, 1), q(0, 1), q(0, 1), q(1, 1)];
        assert_eq!(
            on_range(&quartic(q(47248, 100_000)), &low, &high),
            Some(true)
        );
        assert_eq!(on_range(&quartic(q(47247, 100_000)), &low, &high), None);
    }
}
