//! Which bounds of variables follow from facts, and from the equations of `κ`.

use super::atom::{Atom, GAPS, Moment, Part};
use super::bounds::Bounds;
use super::fraction::Fraction;
use super::ground::{Ground, Spectrum, coefficients};
use super::polynomial::{Polynomial, Variable};

/// Turns facts into bounds of variables.
pub fn bounds(ground: &mut Ground) -> Bounds {
    let mut bounds = Bounds::default();
    let mut facts: Vec<(Polynomial, bool)> = ground
        .facts
        .iter()
        .map(|f| (f.polynomial.clone(), f.strict))
        .collect();
    facts.sort_by_key(|f| f.0.terms.len());
    let assumed = facts.len();
    facts.extend(kappas(ground));
    for (at, (fact, strict)) in facts.into_iter().enumerate() {
        let g = bounds.apply(&fact).numerator;
        let forced = at >= assumed;
        match orient(ground, &g, forced) {
            Some((v, bound)) => {
                // A distance per bound, the same each time bounds are made.
                let distance = ground.intern(Atom::Function {
                    name: "beyond",
                    arguments: vec![Fraction::variable(v), bound.clone()],
                });
                ground.signs.insert(distance, strict);
                let value = bound.add(&Fraction::variable(distance));
                for (_, earlier) in &mut bounds.replaced {
                    if let Some(replaced) = earlier.substitute(v, &value) {
                        *earlier = replaced;
                    }
                }
                bounds.replaced.push((v, value));
            }
            None => bounds.rest.push((g, strict)),
        }
    }
    // What came later replaced variables of earlier facts too.
    let rest = std::mem::take(&mut bounds.rest);
    bounds.rest = rest
        .into_iter()
        .map(|(g, strict)| (bounds.apply(&g).numerator, strict))
        .collect();
    bounds
}

/// For every `κ`: `T ≥ df_1(κ)`, strictly where there is a ridge.
fn kappas(ground: &mut Ground) -> Vec<(Polynomial, bool)> {
    let mut list = Vec::new();
    for at in 0..ground.atoms.len() {
        let Atom::Kappa { ridge, samples } = ground.atoms[at].clone() else {
            continue;
        };
        let v = GAPS + at as u32;
        let kappa = Fraction::variable(v);
        // λ < κ, since some sample is used.
        let above = kappa.sub(&ridge);
        if !ridge.is_zero() && above.denominator.is_empty() {
            list.push((above.numerator, true));
        }
        let used = match ground.spectrum {
            Spectrum::Identity => Fraction::one()
                .add(&kappa)
                .recip()
                .map(|f| f.mul(&ground.dimension)),
            Spectrum::Any | Spectrum::Infinite => {
                let t = ground.intern(Atom::Moment {
                    kind: Moment::Trace,
                    part: Part::power(Polynomial::variable(0).add(&Polynomial::variable(v)), -1),
                });
                ground.signs.insert(t, true);
                Some(ground.dimension.sub(&kappa.mul(&Fraction::variable(t))))
            }
        };
        if let Some(used) = used {
            let gap = samples.sub(&used);
            let strict = !ridge.is_zero() && {
                let numerator = &ridge.numerator;
                ridge
                    .denominator
                    .keys()
                    .all(|f| coefficients(ground, f) == Some(true))
                    && coefficients(ground, numerator) == Some(true)
            };
            // Denominators here are powers of sample sizes and 1 + κ.
            if gap
                .denominator
                .keys()
                .all(|f| coefficients(ground, f) == Some(true))
            {
                list.push((gap.numerator, strict));
            }
        }
    }
    list
}

/// A variable that the fact bounds from below, and the bound.
fn orient(ground: &Ground, g: &Polynomial, forced: bool) -> Option<(Variable, Fraction)> {
    let mut best: Option<(usize, Variable, Fraction)> = None;
    for v in g.variables() {
        if g.degree_in(v) != 1 || v < GAPS {
            continue;
        }
        let mut c = g.coefficients_in(v).into_iter();
        let (rest, slope) = (c.next()?, c.next()?);
        let symbol = matches!(ground.atom(v), Some(Atom::Symbol { .. }));
        if !symbol || coefficients(ground, &slope) != Some(true) {
            continue;
        }
        let bound = Fraction::from(rest.neg()).mul(&Fraction::from(slope.clone()).recip()?);
        let keeps_sign = coefficients(ground, &rest.neg()).is_some();
        let free = ground.sign(v).is_none();
        // Elsewhere the dimension is a sum over eigenvalues too.
        let is_dimension = ground.spectrum != Spectrum::Identity
            && ground.dimension.numerator.as_variable() == Some(v);
        if is_dimension || !(keeps_sign || free || forced) {
            continue;
        }
        let rank = usize::from(slope.as_constant().is_none()) * 4
            + usize::from(!keeps_sign) * 2
            + usize::from(bound.as_constant().is_some());
        if best.as_ref().is_none_or(|b| rank < b.0) {
            best = Some((rank, v, bound));
        }
    }
    best.map(|(_, v, bound)| (v, bound))
}
