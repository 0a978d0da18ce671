//! Whether simulations tell the sides of a strict inequality apart at all.

use std::collections::BTreeMap;

use num_rational::BigRational;

use crate::decide::assignment::Assignment;

/// By how many standard errors, over all points together, the sides have to differ as claimed.
const TOLD: f64 = 4.0;
/// Fewest points that a value of a symbol is judged by.
const FEW: usize = 4;

/// Why the points do not bear a strict inequality: the sides may be equal everywhere, or wherever a symbol has one of
/// the values that it was seen with.
///
/// Where both sides are equal no simulation violates the claim by more than chance, and none shows that it holds.
///
/// `points` with the number of standard errors by which each speaks for the claim, and which random numbers it is made of.
pub(super) fn may_be_equal(points: &[(f64, u64, &Assignment)]) -> Option<String> {
    if !is_told(points.iter().map(|(favour, batch, _)| (*favour, *batch))) {
        return Some("no simulation tells the sides of the strict inequality apart".into());
    }
    let mut values: BTreeMap<(&str, &BigRational), Vec<(f64, u64)>> = BTreeMap::new();
    for (favour, batch, at) in points {
        for (symbol, value) in &at.symbols {
            let favours = values.entry((symbol, value)).or_default();
            favours.push((*favour, *batch));
        }
    }
    values
        .into_iter()
        .find(|(_, favours)| favours.len() >= FEW && !is_told(favours.iter().copied()))
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
