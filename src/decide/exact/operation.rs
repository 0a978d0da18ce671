//! What the operations of the language do to exact values.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::atom::{Atom, GAPS};
use super::equivalent::replaced;
use super::form;
use super::fraction::{Fraction, factors};
use super::ground::{Exact, Ground, Spectrum, Stop, beyond};
use super::inverse::inverse;
use super::letter::{Element, Kind, Letter, Space};
use super::polynomial::{Polynomial, Variable};
use super::proportional::keeps_its_order;
use crate::number::Coefficient;

/// Largest whole power that is multiplied out.
const MAX_POWER: i64 = 64;
/// Binary digits to which roots of numbers are enclosed.
const ROOT_DIGITS: u32 = 20;

/// A value of the exact algebra.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Scalar(Fraction),
    Matrix(Element),
    /// The mean of a matrix, known by its trace against any matrix.
    Mean(Fraction),
}

impl Value {
    pub fn scalar(self) -> Exact<Fraction> {
        match self {
            Value::Scalar(f) => Ok(f),
            Value::Matrix(m) if m.terms.is_empty() => Ok(Fraction::zero()),
            _ => beyond("a matrix where a number is expected"),
        }
    }

    pub fn matrix(self) -> Exact<Element> {
        match self {
            Value::Matrix(m) => Ok(m),
            Value::Scalar(f) if f.is_zero() => Ok(Element::default()),
            _ => beyond("the mean of a matrix inside a product"),
        }
    }
}

pub fn add(a: Value, b: Value) -> Exact<Value> {
    match (a, b) {
        (Value::Scalar(x), Value::Scalar(y)) => Ok(Value::Scalar(x.add(&y))),
        (Value::Mean(x), Value::Mean(y)) => Ok(Value::Mean(x.add(&y))),
        (Value::Matrix(m), x) | (x, Value::Matrix(m)) if m.terms.is_empty() => Ok(x),
        (Value::Matrix(x), Value::Matrix(y)) => Ok(Value::Matrix(x.add(&y))),
        _ => beyond("a sum with the mean of a matrix"),
    }
}

/// A mean and a matrix that does not depend on draws are compared by their traces against any matrix.
pub fn difference(ground: &mut Ground, a: Value, b: Value) -> Exact<Value> {
    let (a, b) = match (a, b) {
        (Value::Mean(x), Value::Matrix(m)) => {
            let probed = probed(ground, &m)?;
            (Value::Mean(x), Value::Mean(probed))
        }
        (Value::Matrix(m), Value::Mean(y)) => {
            let probed = probed(ground, &m)?;
            (Value::Mean(probed), Value::Mean(y))
        }
        other => other,
    };
    add(a, negate(b))
}

/// `tr BM` for any `B`.
pub fn probed(ground: &mut Ground, m: &Element) -> Exact<Fraction> {
    let square = m.terms.keys().all(|w| {
        w.first().is_none_or(|l| l.left() == Space::Dimension)
            && w.last().is_none_or(|l| l.right() == Space::Dimension)
    });
    if !square {
        return beyond("the mean of a vector, or of a matrix that is not d×d");
    }
    let product = Element::letter(Letter::new(Kind::Probe)).mul(m, ground)?;
    form::trace(ground, &product, None)
}

pub fn negate(a: Value) -> Value {
    match a {
        Value::Scalar(x) => Value::Scalar(x.neg()),
        Value::Matrix(x) => Value::Matrix(x.neg()),
        Value::Mean(x) => Value::Mean(x.neg()),
    }
}

pub fn multiply(ground: &mut Ground, a: Value, b: Value) -> Exact<Value> {
    match (a, b) {
        (Value::Scalar(x), Value::Scalar(y)) => Ok(Value::Scalar(x.mul(&y))),
        (Value::Scalar(x), Value::Matrix(m)) | (Value::Matrix(m), Value::Scalar(x)) => {
            Ok(Value::Matrix(m.scale(&x)))
        }
        (Value::Scalar(x), Value::Mean(m)) | (Value::Mean(m), Value::Scalar(x)) => {
            Ok(Value::Mean(m.mul(&x)))
        }
        (Value::Matrix(x), Value::Matrix(y)) => {
            let product = x.mul(&y, ground)?;
            let number = !product.terms.is_empty()
                && product.terms.keys().all(|w| {
                    w.first().is_some_and(|l| l.left() == Space::One)
                        && w.last().is_some_and(|l| l.right() == Space::One)
                });
            if number {
                Ok(Value::Scalar(form::scalar(ground, &product)?))
            } else {
                Ok(Value::Matrix(product))
            }
        }
        _ => beyond("the mean of a matrix inside a product"),
    }
}

/// A divisor as it is in the limit that is meant, if one is: its means replaced by their equivalents.
fn in_the_limit(ground: &mut Ground, divisor: Fraction) -> Exact<Fraction> {
    let mean = |v: Variable| matches!(ground.atom(v), Some(Atom::Mean(_)));
    if ground.moving.is_empty() || !divisor.variables().into_iter().any(mean) {
        return Ok(divisor);
    }
    let value = replaced(ground, &divisor)?;
    keeps_its_order(ground, &value)?;
    Ok(value)
}

pub fn divide(ground: &mut Ground, a: Value, b: Value) -> Exact<Value> {
    let divisor = in_the_limit(ground, b.scalar()?)?;
    let inverse = Value::Scalar(ground.inverse(&divisor)?);
    multiply(ground, a, inverse)
}

pub fn transpose(a: Value) -> Exact<Value> {
    match a {
        Value::Scalar(x) => Ok(Value::Scalar(x)),
        Value::Matrix(m) => Ok(Value::Matrix(m.transpose())),
        Value::Mean(_) => beyond("the transpose of a mean"),
    }
}

pub fn power(ground: &mut Ground, base: Value, exponent: Value) -> Exact<Value> {
    let exponent = exponent.scalar()?;
    let whole = exponent.as_constant().and_then(|c| c.to_integer());
    match (base, whole) {
        (Value::Scalar(x), Some(n)) if n.abs() <= MAX_POWER => {
            let x = if n < 0 { in_the_limit(ground, x)? } else { x };
            if n <= 0 {
                ground.require_nonzero(&x)?;
            }
            match x.pow(n) {
                Some(power) => Ok(Value::Scalar(power)),
                None => beyond("a large power"),
            }
        }
        (Value::Scalar(x), _) => Ok(Value::Scalar(symbolic_power(ground, &x, &exponent)?)),
        (Value::Matrix(m), Some(n)) if n.abs() <= MAX_POWER => {
            if let Some(f) = m.as_spectral() {
                if n <= 0 {
                    ground.require_nonzero(&f)?;
                }
                return match f.pow(n) {
                    Some(power) => Ok(Value::Matrix(Element::spectral(power))),
                    None => beyond("a large power"),
                };
            }
            let factor = if n < 0 { inverse(ground, &m)? } else { m };
            if n == 0 {
                return beyond("the power 0 of a matrix");
            }
            let mut product = factor.clone();
            for _ in 1..n.abs() {
                product = product.mul(&factor, ground)?;
            }
            Ok(Value::Matrix(product))
        }
        (Value::Matrix(_), _) => beyond("a power of a matrix that is no whole number"),
        (Value::Mean(_), _) => beyond("a power of a mean"),
    }
}

/// `base^exponent`, factor by factor of a positive base.
pub fn symbolic_power(
    ground: &mut Ground,
    base: &Fraction,
    exponent: &Fraction,
) -> Exact<Fraction> {
    if base.as_constant().is_some_and(|c| c.is_one()) {
        return Ok(Fraction::one());
    }
    let half = Coefficient::integer(2).recip();
    let root = exponent.as_constant() == half;
    if !ground.is_positive(base) {
        let zero = root && ground.is_nonnegative(base);
        if !zero {
            return Err(Stop::Open("the base of a power is positive".into()));
        }
    }
    let mut result = Fraction::one();
    let (lead, list) = factors(&base.numerator);
    let mut negative = lead.signum().is_lt();
    let mut parts: Vec<(Polynomial, i64)> = Vec::new();
    for (factor, power) in list {
        parts.push((factor, i64::from(power)));
    }
    for (factor, &power) in &base.denominator {
        parts.push((factor.clone(), -i64::from(power)));
    }
    // Factors of odd power that are negative are taken with the other sign; even powers by their absolute value.
    let mut mixed = Polynomial::one();
    let mut single = Vec::new();
    for (factor, power) in parts {
        if ground.polynomial_sign(&factor).is_some() {
            single.push((factor, power));
        } else if ground.polynomial_sign(&factor.neg()).is_some() {
            if power % 2 != 0 {
                negative = !negative;
            }
            single.push((factor.neg(), power));
        } else if power == 1 {
            mixed = mixed.mul(&factor);
        } else {
            ground.at_least_zero(&Fraction::from(factor))?;
            return beyond("the sign of a root's argument");
        }
    }
    let size = if lead.signum().is_lt() {
        lead.neg()
    } else {
        lead
    };
    if mixed.is_one() {
        if negative {
            return beyond("the sign of a root's argument");
        }
    } else {
        let whole = if negative { mixed.neg() } else { mixed };
        single.push((whole, 1));
    }
    result = result.mul(&rational_power(ground, &size, exponent)?);
    for (factor, power) in single {
        let scaled = exponent.scale(&Coefficient::integer(power));
        result = result.mul(&factor_power(ground, &factor, &scaled)?);
    }
    Ok(result)
}

/// A positive rational to any power, prime by prime as far as primes are small.
fn rational_power(ground: &mut Ground, size: &Coefficient, exponent: &Fraction) -> Exact<Fraction> {
    if size.is_one() {
        return Ok(Fraction::one());
    }
    let value = size.to_rational();
    let mut result = Fraction::one();
    for (part, sign) in [(value.numer().clone(), 1), (value.denom().clone(), -1)] {
        let Ok(mut left) = u64::try_from(&part) else {
            return beyond("a power of a large number");
        };
        let mut prime = 2u64;
        while left > 1 && prime < 10_000 {
            let mut count = 0;
            while left % prime == 0 {
                left /= prime;
                count += 1;
            }
            if count > 0 {
                let base = Polynomial::integer(prime as i64);
                let scaled = exponent.scale(&Coefficient::integer(sign * count));
                result = result.mul(&factor_power(ground, &base, &scaled)?);
            }
            prime += 1;
        }
        if left > 1 {
            let Ok(rest) = i64::try_from(left) else {
                return beyond("a power of a large number");
            };
            let scaled = exponent.scale(&Coefficient::integer(sign));
            result = result.mul(&factor_power(ground, &Polynomial::integer(rest), &scaled)?);
        }
    }
    Ok(result)
}

/// One positive factor to a power: the exponent's terms become powers of `base^(unit/root)`.
fn factor_power(ground: &mut Ground, base: &Polynomial, exponent: &Fraction) -> Exact<Fraction> {
    let mut result = Fraction::one();
    let denominator = Fraction {
        numerator: Polynomial::one(),
        denominator: exponent.denominator.clone(),
    };
    // A power of a power: exponents multiply.
    if let Some(v) = base.as_variable()
        && let Some(Atom::Power {
            base: inner,
            unit,
            root,
        }) = ground.atom(v).cloned()
    {
        let share = Coefficient::integer(i64::from(root))
            .recip()
            .unwrap_or(Coefficient::one());
        return factor_power(ground, &inner, &exponent.mul(&unit).scale(&share));
    }
    for (monomial, c) in exponent.terms() {
        let unit = Fraction::from(Polynomial::term(monomial, Coefficient::one())).mul(&denominator);
        let value = c.to_rational();
        let (Ok(p), Ok(q)) = (i64::try_from(value.numer()), u32::try_from(value.denom())) else {
            return beyond("an exponent with a large denominator");
        };
        if p.abs() > MAX_POWER {
            return beyond("a large power");
        }
        let constant = unit.as_constant().is_some();
        let root = if constant && q == 1 {
            Fraction::from(base.clone())
        } else {
            let positive = ground.polynomial_sign(base) == Some(true);
            let atom = ground.intern(Atom::Power {
                base: base.clone(),
                unit,
                root: q,
            });
            if ground.sign(atom).is_none_or(|s| !s && positive) {
                ground.set_sign(atom, positive);
            }
            if constant && let Some(base) = base.as_constant() {
                // the unit of a constant power is 1
                ground.ranges.insert(atom, enclosed_root(&base, q));
            }
            Fraction::variable(atom)
        };
        // A negative power of what may be 0 was refused before: the base of a power is positive.
        match root.pow(p) {
            Some(power) => result = result.mul(&power),
            None => return Err(Stop::Open("a base is not 0".into())),
        }
    }
    Ok(result)
}

/// Rational ends around a root of a positive number.
fn enclosed_root(base: &Coefficient, root: u32) -> (Option<Coefficient>, Option<Coefficient>) {
    let scale = BigInt::from(1) << ROOT_DIGITS;
    let value = base.to_rational() * BigRational::from(scale.pow(root));
    let low = value.floor().to_integer().nth_root(root);
    let end = |n: BigInt| Coefficient::from_rational(BigRational::new(n, scale.clone()));
    (Some(end(low.clone())), Some(end(low + 1)))
}

pub fn square_root(ground: &mut Ground, x: &Fraction) -> Exact<Fraction> {
    if x.is_zero() {
        return Ok(Fraction::zero());
    }
    // κ of the isotropic model solves its quadratic: (2κ − a)² = a² + 4λ, and it is the larger root.
    for at in 0..ground.atoms.len() {
        let Atom::Kappa { ridge, samples } = ground.atoms[at].clone() else {
            continue;
        };
        if ground.spectrum != Spectrum::Identity {
            continue;
        }
        let Some(ratio) = samples.recip().map(|t| t.mul(&ground.dimension)) else {
            continue;
        };
        let a = ridge.add(&ratio).sub(&Fraction::one());
        let discriminant = a.mul(&a).add(&ridge.scale(&Coefficient::integer(4)));
        if discriminant.sub(x).is_zero() {
            let kappa = Fraction::variable(GAPS + at as Variable);
            return Ok(kappa.scale(&Coefficient::integer(2)).sub(&a));
        }
    }
    let half = Fraction::constant(
        Coefficient::integer(2)
            .recip()
            .unwrap_or(Coefficient::one()),
    );
    symbolic_power(ground, x, &half)
}
