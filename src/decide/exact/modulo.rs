//! Polynomials modulo the equations that atoms obey: those of `κ`, and of roots.

use super::atom::{Atom, EIGENVALUE, GAPS, Moment, Part};
use super::fraction::Fraction;
use super::ground::{Ground, Spectrum};
use super::polynomial::{Monomial, Polynomial};
use crate::number::Coefficient;

/// Replaces `tr (Σ+κ)^-1` by what the equation of `κ` makes of it: `(d − T(κ−λ)/κ)/κ`; for `Σ = I` reduces modulo
/// `T(κ−λ)(1+κ) = κd`. The numerator of the result is 0 iff that of `f` is, modulo these equations.
pub fn reduce(ground: &mut Ground, f: &Fraction) -> Polynomial {
    let mut f = f.clone();
    for at in 0..ground.atoms.len() {
        let Atom::Kappa { ridge, samples } = ground.atoms[at].clone() else {
            continue;
        };
        let v = GAPS + at as u32;
        let kappa = Fraction::variable(v);
        if ground.spectrum == Spectrum::Identity {
            // Left for the end: a remainder, not a substitution.
            continue;
        }
        let pole = Polynomial::variable(EIGENVALUE).add(&Polynomial::variable(v));
        let t = ground.intern(Atom::Moment {
            kind: Moment::Trace,
            part: Part::power(pole, -1),
        });
        if f.mentions(t)
            && let Some(inverse) = kappa.recip()
        {
            let used = samples.mul(&kappa.sub(&ridge)).mul(&inverse);
            let value = ground.dimension.sub(&used).mul(&inverse);
            if let Some(replaced) = f.substitute(t, &value) {
                f = replaced;
            }
        }
    }
    let mut numerator = f.numerator;
    for at in 0..ground.atoms.len() {
        let v = GAPS + at as u32;
        let equation = match &ground.atoms[at] {
            Atom::Kappa { ridge, samples } if ground.spectrum == Spectrum::Identity => {
                let kappa = Fraction::variable(v);
                let one = Fraction::one().add(&kappa);
                samples
                    .mul(&kappa.sub(ridge))
                    .mul(&one)
                    .sub(&kappa.mul(&ground.dimension))
                    .numerator
            }
            Atom::Power { base, unit, root } if unit.as_constant().is_some_and(|c| c.is_one()) => {
                Polynomial::variable(v).pow(*root).sub(base)
            }
            _ => continue,
        };
        numerator = remainder(&numerator, &equation, v);
    }
    numerator
}

/// The same polynomial with powers of roots written out: `(√a)² = a`.
pub fn modulo_roots(ground: &Ground, p: &Polynomial) -> Polynomial {
    let mut p = p.clone();
    for v in p.variables() {
        if let Some(Atom::Power { base, unit, root }) = ground.atom(v)
            && unit.as_constant().is_some_and(|c| c.is_one())
        {
            p = remainder(&p, &Polynomial::variable(v).pow(*root).sub(base), v);
        }
    }
    p
}

/// A multiple of `p` by powers of the leading coefficient of `q`, modulo `q`, of smaller degree in `v`.
fn remainder(p: &Polynomial, q: &Polynomial, v: u32) -> Polynomial {
    let degree = q.degree_in(v);
    if degree == 0 {
        return p.clone();
    }
    let lead = q.coefficients_in(v)[degree as usize].clone();
    let mut p = p.clone();
    while p.degree_in(v) >= degree && !p.is_zero() {
        let n = p.degree_in(v);
        let top = p.coefficients_in(v)[n as usize].clone();
        let shift = Polynomial::term(Monomial::of(v, n - degree), Coefficient::one());
        p = p.mul(&lead).sub(&q.mul(&top).mul(&shift));
    }
    p
}
