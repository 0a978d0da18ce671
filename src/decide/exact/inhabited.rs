//! Whether a domain has points at all.

use std::collections::BTreeMap;

use super::algebra::Exactly;
use super::atom::Atom;
use super::fraction::Fraction;
use super::polynomial::{Polynomial, Variable};
use crate::number::Coefficient;

/// Tries to find a point of the domain.
const MAX_POINTS: usize = 400;

/// Whether some point of the domain meets the facts: a few are tried.
pub(super) fn inhabited(exact: &mut Exactly<'_>) -> bool {
    let symbols: Vec<(Variable, bool)> = exact
        .symbols
        .values()
        .map(|&v| {
            let whole = matches!(
                exact.ground.atom(v),
                Some(Atom::Symbol { integer: true, .. })
            );
            (v, whole)
        })
        .collect();
    let mut symbols = symbols;
    symbols.sort_unstable();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let reach = if exact.ground.moving.is_empty() {
        10
    } else {
        1000
    };
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..MAX_POINTS {
        let mut point: BTreeMap<Variable, Coefficient> = BTreeMap::new();
        for &(v, whole) in &symbols {
            let (low, high) = exact.ground.ranges.get(&v).cloned().unwrap_or_default();
            let low = low.unwrap_or_else(Coefficient::zero);
            let high = high.unwrap_or_else(|| low.add(&Coefficient::integer(reach)));
            point.insert(v, between(&low, &high, whole, next()));
        }
        for _ in 0..exact.ground.values.len() + 1 {
            for (v, f) in &exact.ground.values {
                if let Some(x) = at(f, &point) {
                    point.insert(*v, x);
                }
            }
        }
        let met = exact.ground.facts.iter().all(|fact| {
            let only_symbols = fact
                .polynomial
                .variables()
                .iter()
                .all(|v| point.contains_key(v));
            !only_symbols
                || fact
                    .polynomial
                    .evaluate(&|v| point.get(&v).cloned())
                    .is_some_and(|x| x.signum().is_gt() || (!fact.strict && x.is_zero()))
        });
        if met {
            return true;
        }
    }
    false
}

fn at(f: &Fraction, point: &BTreeMap<Variable, Coefficient>) -> Option<Coefficient> {
    let value = |p: &Polynomial| p.evaluate(&|v| point.get(&v).cloned());
    let mut result = value(&f.numerator)?;
    for (factor, &power) in &f.denominator {
        let inverse = value(factor)?.recip()?;
        for _ in 0..power {
            result = result.mul(&inverse);
        }
    }
    Some(result)
}

/// A point of an interval: near the lower end more often than not, where domains span decades.
fn between(low: &Coefficient, high: &Coefficient, whole: bool, random: u64) -> Coefficient {
    let width = high.sub(low);
    let steps = 1i64 << (random % 24);
    let share = ((random >> 24) % (steps as u64 + 1)) as i64;
    let scale = 1i64 << ((random >> 50) % 12);
    let fraction = Coefficient::integer(share).mul(
        &Coefficient::integer(steps.saturating_mul(scale))
            .recip()
            .unwrap_or_else(Coefficient::one),
    );
    let x = low.add(&width.mul(&fraction));
    if !whole {
        return x;
    }
    let floor = x.to_rational().floor();
    Coefficient::from_rational(floor).max(low.clone())
}
