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
/// `points` with the number of standard errors by which each speaks for the claim.
pub(super) fn may_be_equal(points: &[(f64, &Assignment)]) -> Option<String> {
    if !is_told(points.iter().map(|(favour, _)| *favour)) {
        return Some("no simulation tells the sides of the strict inequality apart".into());
    }
    let mut values: BTreeMap<(&str, &BigRational), Vec<f64>> = BTreeMap::new();
    for (favour, at) in points {
        for (symbol, value) in &at.symbols {
            values.entry((symbol, value)).or_default().push(*favour);
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

/// Under equality the scores are of mean zero and variance one, and so is their sum over the root of their number.
fn is_told(favours: impl Iterator<Item = f64>) -> bool {
    let (mut sum, mut count) = (0.0, 0.0);
    for favour in favours.filter(|favour| !favour.is_nan()) {
        sum += favour;
        count += 1.0;
    }
    count > 0.0 && sum > TOLD * f64::sqrt(count)
}
