//! Statistics of replicates, taken as they come.

/// Mean and spread of a sequence, by Welford's recurrence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
}

impl Moments {
    pub fn push(&mut self, x: f64) {
        self.count += 1;
        let delta = x - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (x - self.mean);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; zero before anything has come.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The unbiased sample variance; `None` for fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Standard error of the mean; `None` for fewer than two values.
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|v| (v / self.count as f64).sqrt())
    }
}

/// The quantile of level `q` in `[0, 1]` of a sorted sample, linear between order statistics (Hyndman and Fan's type 7).
///
/// ```
/// use resolvent::simulate::quantile;
///
/// assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), Some(2.0));
/// assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
/// assert_eq!(quantile(&[], 0.5), None);
/// ```
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let position = q * last as f64;
    let below = (position as usize).min(last);
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    Some(sorted[below] + weight * (sorted[above] - sorted[below]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_match_two_passes(offset in -1e6..1e6f64, values in prop::collection::vec(-1.0..1.0f64, 2..200)) {
            let mut moments = Moments::default();
            for v in &values {
                moments.push(offset + v);
            }
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            prop_assert!((moments.mean() - offset - mean).abs() < 1e-9);
            // Rounding the offset values moves each by 1e-10, the variance by that against the spread.
            prop_assert!((moments.variance().unwrap() - variance).abs() < 1e-8);
            let se = moments.standard_error().unwrap();
            prop_assert!((se * se * n - moments.variance().unwrap()).abs() < 1e-12);
        }

        #[test]
        fn quantiles_are_ordered_and_inside(mut values in prop::collection::vec(-1.0..1.0f64, 1..50), p in 0.0..1.0f64, q in 0.0..1.0f64) {
            values.sort_by(f64::total_cmp);
            let (p, q) = (p.min(q), p.max(q));
            let (at_p, at_q) = (quantile(&values, p).unwrap(), quantile(&values, q).unwrap());
            prop_assert!(values[0] <= at_p && at_p <= at_q && at_q <= values[values.len() - 1]);
            prop_assert_eq!(quantile(&values, 1.0).unwrap(), values[values.len() - 1]);
        }
    }

    #[test]
    fn one_value_has_no_spread() {
        let mut moments = Moments::default();
        moments.push(3.0);
        assert_eq!((moments.mean(), moments.standard_error()), (3.0, None));
    }
}
