//! Shrinking a violation to small, simple values, and writing it down.

use std::collections::BTreeSet;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::assignment::{Assignment, SpectrumLevel, complexity, short_decimal};
use super::known::Point;
use super::problem::Problem;
use super::sampler::{About, Sampler};
use super::verdict::Witness;
use crate::formula::scope::{Scope, Symbol};
use crate::number::{Ball, Real, rational_from_f64, rational_to_f64};
use crate::simulate::Stream;
use crate::term::evaluate::{Covariance, Environment, Evaluator};

/// Spectra up to this length are listed eigenvalue by eigenvalue.
const LISTED: f64 = 64.0;
/// Attempts at a simpler witness.
const ATTEMPTS: usize = 400;

/// The simplest assignment found for which `violates` still holds. Deterministic: greedy, symbol by symbol; what an
/// assumption couples to the symbol follows it. Only what the setting leaves open is touched.
pub fn shrink(
    start: &Assignment,
    sampler: &Sampler<'_>,
    mut violates: impl FnMut(&Assignment) -> bool,
) -> Assignment {
    let mut best = start.clone();
    let mut attempts = 0;
    let mut improved = true;
    let names: Vec<(String, bool)> = sampler
        .symbols()
        .map(|(name, whole, _)| (name.to_owned(), whole))
        .collect();
    let mut simpler_still = |best: &Assignment, mut trial: Assignment, fixed: Option<&str>| {
        attempts += 1;
        if attempts > ATTEMPTS {
            return None;
        }
        let mut stream = Stream::new(0, 0, attempts as u64);
        if !sampler.admits(&trial)
            && !(sampler.settle(&mut stream, &mut trial, fixed) && cost(&trial) < cost(best))
        {
            return None;
        }
        violates(&trial).then_some(trial)
    };
    while improved {
        improved = false;
        for (name, whole) in &names {
            let Some((low, high)) = sampler.range_of(name, &best) else {
                continue;
            };
            let current = best.symbols[name].clone();
            for value in simpler(&current, &low, &high, *whole) {
                let mut trial = best.clone();
                trial.symbols.insert(name.clone(), value);
                if let Some(found) = simpler_still(&best, trial, Some(name)) {
                    best = found;
                    improved = true;
                    break;
                }
            }
        }
        let levels = simpler_levels(&best.spectrum, sampler).into_iter();
        let levels = levels.map(|levels| (levels, best.negative.clone()));
        let signs = fewer_negative(&best.negative).into_iter();
        let signs = signs.map(|negative| (best.spectrum.clone(), negative));
        for (spectrum, negative) in levels.chain(signs).collect::<Vec<_>>() {
            let trial = Assignment {
                spectrum,
                negative,
                ..best.clone()
            };
            if let Some(found) = simpler_still(&best, trial, None) {
                best = found;
                improved = true;
                break;
            }
        }
    }
    best
}

/// No negative coefficient, or one of them fewer.
fn fewer_negative(negative: &BTreeSet<u64>) -> Vec<BTreeSet<u64>> {
    let without = |j: &u64| negative.iter().copied().filter(|i| i != j).collect();
    let none = (negative.len() > 1).then(BTreeSet::new);
    none.into_iter()
        .chain(negative.iter().map(without))
        .collect()
}

/// How long an assignment is to read.
fn cost(at: &Assignment) -> usize {
    let symbols: usize = at.symbols.values().map(complexity).sum();
    let levels = at.spectrum.iter();
    symbols
        + at.negative.len()
        + levels
            .map(|l| 1 + complexity(&l.value) + complexity(&l.mass))
            .sum::<usize>()
}

/// Values simpler than `current` within the range, simplest first.
fn simpler(
    current: &BigRational,
    low: &BigRational,
    high: &BigRational,
    whole: bool,
) -> Vec<BigRational> {
    let mut candidates: Vec<BigRational> = Vec::new();
    for special in [1.0, 2.0, 0.0, 0.5] {
        candidates.extend(rational_from_f64(special));
    }
    let x = rational_to_f64(current);
    if whole {
        candidates.extend(
            [3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
                .iter()
                .filter_map(|c| rational_from_f64(*c)),
        );
        let low = rational_to_f64(low);
        for fraction in [0.0, 0.25, 0.5, 0.75] {
            candidates.extend(rational_from_f64((low + fraction * (x - low)).floor()));
        }
        candidates.extend(rational_from_f64(x - 1.0));
    } else {
        for digits in 1..=3 {
            candidates.push(short_decimal(x, digits));
        }
        if x > 0.0 {
            candidates.push(short_decimal(10f64.powf(x.log10().round()), 1));
        }
    }
    let cost = |q: &BigRational| complexity(q);
    candidates.retain(|c| {
        c >= low
            && c <= high
            && c != current
            && (!whole || c.is_integer())
            && (cost(c) < cost(current) || whole && c < current && cost(c) <= cost(current))
    });
    candidates
}

/// Simpler spectra and targets, as far as the setting leaves them open.
fn simpler_levels(levels: &[SpectrumLevel], sampler: &Sampler<'_>) -> Vec<Vec<SpectrumLevel>> {
    let mut candidates = Vec::new();
    // Fewer levels.
    if levels.len() > 1 && sampler.open_levels() {
        for drop in 0..levels.len() {
            let mut fewer = levels.to_vec();
            fewer.remove(drop);
            if fewer.iter().all(|l| l.mass.is_zero()) {
                fewer[0].mass = BigRational::one();
            }
            candidates.push(fewer);
        }
    }
    let mut push_if = |changed: Vec<SpectrumLevel>| {
        if changed != levels {
            candidates.push(changed);
        }
    };
    let simplified = |f: &dyn Fn(&mut SpectrumLevel)| {
        let mut changed = levels.to_vec();
        changed.iter_mut().for_each(f);
        changed
    };
    // All masses equal to one; a single mass; equal shares; one-digit values.
    if sampler.open_target() {
        push_if(simplified(&|l| {
            if !l.mass.is_zero() {
                l.mass = BigRational::one();
            }
        }));
    }
    for keep in 0..levels.len() {
        if sampler.open_target()
            && levels.len() > 1
            && !levels[keep].mass.is_zero()
            && levels.iter().filter(|l| !l.mass.is_zero()).count() > 1
        {
            let mut changed = levels.to_vec();
            for (i, level) in changed.iter_mut().enumerate() {
                if i != keep {
                    level.mass = BigRational::zero();
                }
            }
            push_if(changed);
        }
    }
    if !sampler.open_spectrum() {
        return candidates;
    }
    push_if(simplified(&|l| l.share = BigRational::one()));
    for i in 0..levels.len() {
        for digits in 1..=2 {
            let rounded = short_decimal(rational_to_f64(&levels[i].value), digits);
            if complexity(&rounded) < complexity(&levels[i].value) {
                let mut changed = levels.to_vec();
                changed[i].value = rounded;
                push_if(changed);
            }
        }
        if !levels[i].value.is_one() && complexity(&levels[i].value) > 1 {
            let mut changed = levels.to_vec();
            changed[i].value = BigRational::one();
            push_if(changed);
        }
    }
    candidates
}

/// The witness of an assignment, with both sides; the caller adds how it was confirmed.
pub fn describe(assignment: &Assignment, scope: &Scope, lhs: f64, rhs: f64) -> Witness {
    let mut witness = Witness {
        symbols: assignment
            .symbols
            .iter()
            .map(|(n, q)| (n.clone(), rational_to_f64(q)))
            .collect(),
        spectrum: Vec::new(),
        target: Vec::new(),
        negative: Vec::new(),
        spectrum_levels: None,
        lhs,
        rhs,
        difference: None,
        standard_error: None,
        replicates: None,
        path: None,
        exact: Some(Point::of(assignment)),
        confirmed_by: String::new(),
    };
    let Ok(environment) = assignment.environment::<Ball>(scope) else {
        return witness;
    };
    for (name, symbol) in &scope.symbols {
        if let Symbol::Defined(expr) = symbol
            && let Ok(value) = Evaluator::new(scope, &environment).scalar(expr)
        {
            witness.symbols.insert(name.clone(), value.midpoint());
        }
    }
    list_spectrum(&environment, &mut witness);
    witness
}

/// Leaves out what the claim does not speak of: symbols, and `Σ` and `w0` as a whole.
pub fn trim(witness: &mut Witness, problem: &Problem<'_>) {
    let about = About::of_claim(problem.scope, problem.says);
    witness.symbols.retain(|name, _| about.names.contains(name));
    if !about.spectrum {
        witness.spectrum.clear();
        witness.spectrum_levels = None;
    }
    if !about.target {
        witness.target.clear();
        witness.negative.clear();
        let levels = witness.spectrum_levels.iter_mut().flatten();
        levels.for_each(|[_, _, mass]| *mass = 0.0);
    }
}

fn list_spectrum(environment: &Environment<Ball>, witness: &mut Witness) {
    let Covariance::Explicit {
        levels, negative, ..
    } = &environment.covariance
    else {
        return;
    };
    let d: f64 = levels.iter().map(|l| l.multiplicity).sum();
    witness.negative = negative
        .iter()
        .copied()
        .filter(|j| *j as f64 <= d)
        .collect();
    if d <= LISTED {
        for level in levels {
            for _ in 0..level.multiplicity as usize {
                witness.spectrum.push(level.value.midpoint());
                witness
                    .target
                    .push(level.mass.midpoint() / level.multiplicity);
            }
        }
    } else {
        let rows = levels
            .iter()
            .map(|l| [l.value.midpoint(), l.multiplicity, l.mass.midpoint()])
            .collect();
        witness.spectrum_levels = Some(rows);
    }
}
