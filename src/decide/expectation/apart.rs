//! Whether simulations tell the sides of a strict inequality apart at all.

use std::collections::BTreeMap;

use num_rational::BigRational;

use crate::decide::assignment::Assignment;
use crate::number::rational_to_f64;

/// By how many standard errors, over all points together, the sides have to differ as claimed.
const TOLD: f64 = 4.0;
/// Fewest batches of random numbers that a value of a symbol is judged by.
const FEW: usize = 4;
const FEW_AT_LEAST: usize = 2;
/// A whole number that has no more values than these may have one at which sides agree.
const FEW_VALUES: f64 = 8.0;
/// Numbers at which formulas are wont to agree.
const SPECIAL: [f64; 4] = [0.0, 0.5, 1.0, 2.0];

/// How a value of a symbol is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// One of many.
    Common,
    /// A round number, or one of few.
    Special,
    /// The least that it may be: in one dimension, or for one member, sides are often equal.
    Least,
}

impl Standing {
    pub(super) fn of(value: &BigRational, low: &BigRational, high: &BigRational) -> Self {
        let round = SPECIAL.iter().any(|x| rational_to_f64(value) == *x);
        let whole = value.is_integer() && low.is_integer();
        let few = whole && rational_to_f64(&(high - low)) < FEW_VALUES;
        if whole && value == low {
            return Self::Least;
        }
        match round || few {
            true => Self::Special,
            false => Self::Common,
        }
    }

    fn fewest(self) -> usize {
        match self {
            Self::Common => usize::MAX,
            Self::Special => FEW,
            Self::Least => FEW_AT_LEAST,
        }
    }
}

/// Why the points do not bear a strict inequality: the sides may be equal everywhere, or wherever a symbol has one of
/// the values that it was seen with.
///
/// Where both sides are equal no simulation violates the claim by more than chance, and none shows that it holds.
///
/// `points` with the number of standard errors by which each speaks for the claim, and which random numbers it is made of.
///
/// `standing` tells of the value that a symbol has at a point.
pub(super) fn may_be_equal(
    points: &[(f64, u64, &Assignment)],
    standing: &dyn Fn(&str, &Assignment) -> Standing,
) -> Option<String> {
    if !is_told(points.iter().map(|(favour, batch, _)| (*favour, *batch))) {
        return Some("no simulation tells the sides of the strict inequality apart".into());
    }
    let mut values: BTreeMap<(&str, &BigRational), (Standing, Vec<(f64, u64)>)> = BTreeMap::new();
    for (favour, batch, at) in points {
        for (symbol, value) in &at.symbols {
            let new = || (standing(symbol, at), Vec::new());
            let favours = &mut values.entry((symbol, value)).or_insert_with(new).1;
            favours.push((*favour, *batch));
        }
    }
    values
        .into_iter()
        .find(|(_, (standing, favours))| {
            let mut batches: Vec<u64> = favours.iter().map(|(_, batch)| *batch).collect();
            batches.sort_unstable();
            batches.dedup();
            batches.len() >= standing.fewest() && !is_told(favours.iter().copied())
        })
        .map(|((symbol, value), _)| {
            format!(
                "at {symbol} = {value} no simulation tells the sides of the strict inequality apart"
            )
        })
}

/// Under equality the scores are of mean zero and variance one, and so is their sum over the root of their number; those of
/// one batch count as one, their mean.
fn is_told(favours: impl Iterator<Item = (f64, u64)>) -> bool {
    let mut batches: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for (favour, batch) in favours.filter(|(favour, _)| !favour.is_nan()) {
        let (sum, count) = batches.entry(batch).or_default();
        *sum += favour;
        *count += 1.0;
    }
    let sum: f64 = batches.values().map(|(sum, count)| sum / count).sum();
    !batches.is_empty() && sum > TOLD * f64::sqrt(batches.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_are_alike_count_once() {
        let alike = (0..24).map(|_| (1.2, 7));
        assert!(!is_told(alike.clone()));
        assert!(is_told((0..24).map(|i| (1.2, i))));
        assert!(is_told(alike.chain((8..12).map(|i| (5.0, i)))));
    }
}
