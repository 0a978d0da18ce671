//! Values of `Γ`, `sin πx`, `ζ` and `ψ` that are closed forms.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::closed::{Atom, Closed, atom_power, rational_power};
use crate::number::bernoulli;

/// `Γ(x)` is brought to `0 < x < 1` from at most this far.
const MAX_SHIFT: u64 = 64;

fn half() -> BigRational {
    BigRational::new(1.into(), 2.into())
}

/// `Γ(x)`; `None` at a pole and far from 0.
pub(crate) fn gamma(x: &BigRational) -> Option<Closed> {
    if x.is_integer() && !x.is_positive() {
        return None;
    }
    let mut factor = BigRational::one();
    let mut x = x.clone();
    if x.abs() > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    while x > BigRational::one() {
        x -= BigRational::one();
        factor *= &x;
    }
    while !x.is_positive() {
        factor /= &x;
        x += BigRational::one();
    }
    let base = if x.is_one() {
        Closed::integer(1)
    } else if x == half() {
        atom_power(&Atom::Pi, &half())?
    } else if x < half() {
        Closed::atom(Atom::Gamma(x))
    } else {
        // Γ(x) Γ(1−x) = π/sin πx
        let mirrored = BigRational::one() - &x;
        let divisor = sine(&mirrored)?.mul(&Closed::atom(Atom::Gamma(mirrored)))?;
        Closed::atom(Atom::Pi).mul(&divisor.recip()?)?
    };
    Some(base.scaled(&factor))
}

/// `sin πx`.
pub(crate) fn sine(x: &BigRational) -> Option<Closed> {
    let two = BigRational::from_integer(2.into());
    let mut x = x - (x / &two).floor() * &two;
    let mut sign = BigRational::one();
    if x >= BigRational::one() {
        x -= BigRational::one();
        sign = -sign;
    }
    if x > half() {
        x = BigRational::one() - x;
    }
    let root = |n: i64| rational_power(&BigRational::from_integer(n.into()), &half());
    let value = match (x.numer().to_i64(), x.denom().to_i64()) {
        (Some(0), _) => Closed::integer(0),
        (Some(1), Some(2)) => Closed::integer(1),
        (Some(1), Some(3)) => root(3)?.scaled(&half()),
        (Some(1), Some(4)) => root(2)?.scaled(&half()),
        (Some(1), Some(6)) => Closed::rational(half()),
        _ => Closed::atom(Atom::Sine(x)),
    };
    Some(value.scaled(&sign))
}

/// `ζ(s)`; `None` at its pole and far from 0.
pub(crate) fn zeta(s: &BigRational) -> Option<Closed> {
    if s.is_one() || s.abs() > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    if s.is_integer() {
        let n = s.numer().to_i64()?;
        if n <= 0 {
            // ζ(−n) = −B_{n+1}/(n+1), and ζ(0) = −1/2
            let n = (-n) as usize;
            let value = &bernoulli(n + 1)[n + 1] / BigRational::from_integer((n + 1).into());
            return Some(Closed::rational(if n == 0 { value } else { -value }));
        }
        if n % 2 == 0 {
            // ζ(n) = |B_n| (2π)^n / (2 n!)
            let factorial: BigInt = (1..=n).map(BigInt::from).product();
            let twos = BigRational::from_integer(BigInt::from(2).pow(n as u32 - 1));
            let number = bernoulli(n as usize)[n as usize].abs();
            let factor = number * twos / BigRational::from_integer(factorial);
            return Some(atom_power(&Atom::Pi, s)?.scaled(&factor));
        }
        return Some(Closed::atom(Atom::Zeta(s.clone())));
    }
    if *s > half() {
        return Some(Closed::atom(Atom::Zeta(s.clone())));
    }
    if *s == half() {
        return Some(Closed::named("zeta(1/2)".into()));
    }
    // ζ(s) = 2 (2π)^{s−1} sin(πs/2) Γ(1−s) ζ(1−s)
    let two = BigRational::from_integer(2.into());
    let other = BigRational::one() - s;
    rational_power(&two, s)?
        .mul(&atom_power(&Atom::Pi, &-&other)?)?
        .mul(&sine(&(s / &two))?)?
        .mul(&gamma(&other)?)?
        .mul(&zeta(&other)?)
}

/// `ψ(n) + γ` and `ψ` at halves; `None` elsewhere.
pub(crate) fn digamma(x: &BigRational) -> Option<Closed> {
    let mut x = x.clone();
    if !x.is_positive() || x > BigRational::from_integer(MAX_SHIFT.into()) {
        return None;
    }
    let mut sum = BigRational::zero();
    while x > BigRational::one() {
        x -= BigRational::one();
        sum += x.recip();
    }
    let mut value = Closed::rational(sum).add(&Closed::atom(Atom::Gamma0).neg())?;
    if let Some(rest) = of_gauss(&x) {
        value = value.add(&rest)?;
    } else if !x.is_one() {
        value = value.add(&Closed::named(format!("digamma({x}) + euler")))?;
    }
    Some(value)
}

/// `ψ(x) + γ` by Gauss's theorem, for halves, thirds, fourths and sixths: a multiple of π, and logarithms of 2 and 3.
fn of_gauss(x: &BigRational) -> Option<Closed> {
    let ratio = |n: i64, d: i64| BigRational::new(n.into(), d.into());
    let root = rational_power(&BigRational::from_integer(3.into()), &half())?;
    let one = Closed::rational(BigRational::one());
    // of the smaller of x and 1 − x: the multiple of π, and those of ln 2 and ln 3
    let (front, twos, threes) = match (x.numer().to_i64()?, x.denom().to_i64()?) {
        (1, 2) => (
            Closed::rational(BigRational::zero()),
            ratio(-2, 1),
            ratio(0, 1),
        ),
        (1 | 2, 3) => (root.scaled(&ratio(-1, 6)), ratio(0, 1), ratio(-3, 2)),
        (1 | 3, 4) => (one.scaled(&ratio(-1, 2)), ratio(-3, 1), ratio(0, 1)),
        (1 | 5, 6) => (root.scaled(&ratio(-1, 2)), ratio(-2, 1), ratio(-3, 2)),
        _ => return None,
    };
    let turned = if *x > half() { front.neg() } else { front };
    let log = |prime: i64| Closed::atom(Atom::Log(Box::new(Atom::Prime(prime.into()))));
    let circle = turned.mul(&Closed::atom(Atom::Pi))?;
    circle
        .add(&log(2).scaled(&twos))?
        .add(&log(3).scaled(&threes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    #[test]
    fn reflection_and_radicals_meet() {
        for (n, d) in [(1, 3), (1, 4), (2, 5), (3, 7), (1, 2), (5, 6), (7, 3)] {
            let x = q(n, d);
            let product = gamma(&x)
                .unwrap()
                .mul(&gamma(&(q(1, 1) - &x)).unwrap())
                .unwrap();
            let expected = Closed::atom(Atom::Pi).mul(&sine(&x).unwrap().recip().unwrap());
            assert_eq!(Some(product), expected, "{x}");
        }
        assert_eq!(gamma(&q(5, 1)), Some(Closed::integer(24)));
        assert_eq!(zeta(&q(0, 1)), Some(Closed::rational(q(-1, 2))));
        assert_eq!(zeta(&q(-1, 1)), Some(Closed::rational(q(-1, 12))));
        assert_eq!(zeta(&q(-2, 1)), Some(Closed::integer(0)));
        let square = atom_power(&Atom::Pi, &q(2, 1)).unwrap();
        assert_eq!(zeta(&q(2, 1)), Some(square.scaled(&q(1, 6))));
    }

    #[test]
    fn gauss_gives_digammas() {
        for (n, d) in [
            (1, 2),
            (1, 3),
            (2, 3),
            (1, 4),
            (3, 4),
            (1, 6),
            (5, 6),
            (7, 3),
        ] {
            let form = digamma(&q(n, d)).unwrap();
            assert!(!format!("{form:?}").contains("Named"), "{n}/{d}");
        }
        let turn = |n: i64, d: i64| digamma(&q(n, d)).unwrap();
        // ψ(1 − x) − ψ(x) = π cot πx
        let quarter = turn(3, 4).add(&turn(1, 4).neg()).unwrap();
        assert_eq!(quarter, Closed::atom(Atom::Pi));
        // Σ_k ψ((x + k)/n) = n ψ(x) − n ln(n) at x = 1, n = 3
        let sum = turn(1, 3)
            .add(&turn(2, 3))
            .unwrap()
            .add(&turn(1, 1))
            .unwrap();
        let log = Closed::atom(Atom::Log(Box::new(Atom::Prime(3.into()))));
        let other = turn(1, 1).scaled(&q(3, 1)).add(&log.scaled(&q(-3, 1)));
        assert_eq!(sum, other.unwrap());
    }
}
