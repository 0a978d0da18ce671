//! Quantities of a spectrum with few eigenvalues, each of them, and how often it occurs, in an interval.

use super::enclosed::{Enclosed, Gap, Slopes};
use crate::number::Interval;
use crate::term::evaluate::apportioned;

/// Shares this near to a half may be rounded either way.
const TIE: f64 = 1e-6;
/// Halvings of the bracket of a root.
const HALVINGS: usize = 200;

/// An eigenvalue and its multiplicity.
pub struct Level {
    pub value: Slopes,
    pub count: Slopes,
}

/// Whole multiplicities nearest to shares of the dimension, by largest remainders, as far as the shares tell.
pub fn multiplicities(weights: &[Slopes], d: &Slopes) -> Result<Vec<Slopes>, Gap> {
    if let [_] = weights {
        return Ok(vec![d.clone()]);
    }
    let total = (weights.iter()).fold(Interval::point(0.0), |sum, w| sum + w.value);
    let inverse = total.reciprocal().ok_or(Gap::Here)?;
    let whole = |low: f64, high: f64| {
        let value = Interval::new(low.max(0.0), high.min(d.value.high));
        // A multiplicity that changes jumps.
        let slope = if value.low == value.high {
            Interval::point(0.0)
        } else {
            Interval::EVERYTHING
        };
        let count = weights.iter().map(|w| w.slopes.len()).max().unwrap_or(0);
        Slopes {
            value,
            slopes: vec![slope; count.max(d.slopes.len())],
        }
    };
    let quota = |w: &Slopes| w.value * inverse * d.value;
    if let Some(counts) = exactly(weights, d) {
        return Ok(counts.into_iter().map(|m| whole(m, m)).collect());
    }
    if let [first, _] = weights {
        // Of two the first is rounded, and the second is what is left.
        let q = quota(first);
        let first = whole((q.low + 0.5 - TIE).floor(), (q.high + 0.5 + TIE).floor());
        let second = d.minus(&first);
        return Ok(vec![first, second]);
    }
    let near = |w: &Slopes| {
        let q = quota(w);
        whole((q.low - TIE).floor(), (q.high + TIE).floor() + 1.0)
    };
    Ok(weights.iter().map(near).collect())
}

/// Where shares and dimension are numbers, as wherever a claim has points; unless two remainders are alike up to rounding.
fn exactly(weights: &[Slopes], d: &Slopes) -> Option<Vec<f64>> {
    let d = (d.value.low == d.value.high && d.value.low.fract() == 0.0).then_some(d.value.low)?;
    let known = weights.iter().all(|w| w.value.width() <= 1e-12);
    let exact = weights.iter().all(|w| w.value.low == w.value.high);
    let weights: Vec<f64> = weights.iter().map(|w| w.value.middle()).collect();
    let total: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|w| w / total).collect();
    let remainders: Vec<f64> = shares.iter().map(|s| (s * d).fract()).collect();
    let alike = (remainders.iter().enumerate()).any(|(i, a)| {
        let whole = a.min(1.0 - a) < TIE;
        whole || remainders[i + 1..].iter().any(|b| (a - b).abs() < TIE)
    });
    (known && (exact || !alike)).then(|| apportioned(&shares, d))
}

/// `x/(x + k)`, and its derivatives by `x` and by `k`.
fn share(x: Interval, k: Interval) -> Result<[Interval; 3], Gap> {
    let over = (x + k).reciprocal().ok_or(Gap::Here)?;
    let ratio = k * x.reciprocal().ok_or(Gap::Here)?;
    let value = (Interval::point(1.0) + ratio)
        .reciprocal()
        .ok_or(Gap::Here)?;
    Ok([value, k * over * over, -(x * over * over)])
}

/// `Σ m (s/(s + k))^order`
pub fn degrees(order: i32, k: &Slopes, levels: &[Level]) -> Enclosed {
    if !(1..=64).contains(&order) {
        return Err(Gap::Beyond);
    }
    let mut total = Slopes::constant(Interval::point(0.0));
    for level in levels {
        let [value, by_value, by_k] = share(level.value.value, k.value)?;
        let ratio = Slopes::combined(value, [(&level.value, by_value), (k, by_k)]);
        let power = value.whole_power(order).ok_or(Gap::Here)?;
        let below = match order {
            1 => Interval::point(1.0),
            n => value.whole_power(n - 1).ok_or(Gap::Here)?,
        };
        let term = ratio.mapped(power, Interval::point(f64::from(order)) * below);
        total = total.plus(&term.times(&level.count));
    }
    Ok(total)
}

/// One end of every quantity that `κ` depends on.
struct Corner {
    ridge: f64,
    samples: f64,
    levels: Vec<(f64, f64)>,
}

impl Corner {
    /// `1 − λ/κ − df_1(κ)/T`, which rises with `κ` and vanishes at the root.
    fn excess(&self, k: f64) -> Option<Interval> {
        let at = Interval::point(k);
        let over = Interval::point(self.samples).reciprocal()?;
        let mut used = Interval::point(self.ridge) * at.reciprocal()?;
        for &(value, count) in &self.levels {
            let [share, ..] = share(Interval::point(value), at).ok()?;
            used = used + share * Interval::point(count) * over;
        }
        Some(Interval::point(1.0) - used)
    }

    /// A bracket of the root whose ends are certain.
    fn root(&self) -> Option<Interval> {
        let trace: f64 = self.levels.iter().map(|(value, count)| value * count).sum();
        let (mut low, mut high) = (
            self.ridge * (1.0 - 1e-9),
            (self.ridge + trace / self.samples) * (1.0 + 1e-9),
        );
        if self.excess(low)?.high > 0.0 || self.excess(high)?.low < 0.0 {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            let excess = self.excess(middle)?;
            if excess.high <= 0.0 {
                low = middle;
            } else if excess.low >= 0.0 {
                high = middle;
            } else {
                break;
            }
        }
        Some(Interval::new(low, high))
    }
}

/// `κ(λ, T)` for a positive ridge: it rises with the ridge and with the spectrum, and falls with the number of samples.
pub fn kappa(ridge: &Slopes, samples: &Slopes, levels: &[Level]) -> Enclosed {
    let (l, t) = (ridge.value, samples.value);
    let positive = l.low > 0.0
        && t.low > 0.0
        && (levels.iter()).all(|level| level.value.value.low > 0.0 && level.count.value.low >= 0.0);
    if !positive {
        return Err(Gap::Here);
    }
    let corner = |ridge: f64, samples: f64, end: fn(Interval) -> f64| Corner {
        ridge,
        samples,
        levels: (levels.iter())
            .map(|level| (end(level.value.value), end(level.count.value)))
            .collect(),
    };
    let below = corner(l.low, t.high, |x| x.low).root().ok_or(Gap::Here)?;
    let above = corner(l.high, t.low, |x| x.high).root().ok_or(Gap::Here)?;
    let k = Interval::new(below.low, above.high);
    // By the equation 1 = λ/κ + Σ m s/(s + κ)/T, each of its terms by what it depends on.
    let over = k.reciprocal().ok_or(Gap::Here)?;
    let per_sample = t.reciprocal().ok_or(Gap::Here)?;
    let mut fall = l * over * over;
    let mut used = Interval::point(0.0);
    let mut parts: Vec<(&Slopes, Interval)> = vec![(ridge, over)];
    for level in levels {
        let (value, count) = (level.value.value, level.count.value);
        let [share, by_value, by_k] = share(value, k)?;
        fall = fall - count * by_k * per_sample;
        used = used + count * share;
        parts.push((&level.value, count * by_value * per_sample));
        parts.push((&level.count, share * per_sample));
    }
    parts.push((samples, -(used * per_sample * per_sample)));
    let scale = fall.reciprocal().ok_or(Gap::Here)?;
    let mut total = Slopes::constant(Interval::point(0.0));
    let one = Interval::point(1.0);
    for (part, by) in parts {
        total = Slopes::combined(k, [(&total, one), (part, by * scale)]);
    }
    Ok(Slopes { value: k, ..total })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quantity of a box, the `at`-th of its four.
    fn symbol(at: usize, low: f64, high: f64) -> Slopes {
        let mut slopes = vec![Interval::point(0.0); 4];
        slopes[at] = Interval::point(1.0);
        Slopes {
            value: Interval::new(low, high),
            slopes,
        }
    }

    fn levels(value: Slopes, count: Slopes) -> Vec<Level> {
        let rest = |x: f64| Slopes::constant(Interval::point(x));
        vec![
            Level { value, count },
            Level {
                value: rest(1.0),
                count: rest(7.0),
            },
        ]
    }

    /// `κ` by its own iteration.
    fn root([ridge, samples, value, count]: [f64; 4]) -> f64 {
        (0..20_000).fold(ridge + 1.0, |k, _| {
            let used = count * value / (value + k) + 7.0 / (1.0 + k);
            ridge + k * used / samples
        })
    }

    #[test]
    fn kappa_and_its_slopes_hold_what_points_give() {
        let ends = [[0.2, 0.9], [21.0, 30.0], [0.3, 0.8], [5.0, 12.0]];
        let part = |at: usize| symbol(at, ends[at][0], ends[at][1]);
        let enclosed = kappa(&part(0), &part(1), &levels(part(2), part(3))).unwrap();
        let point = |corner: usize| {
            let at = |i: usize| ends[i][corner >> i & 1];
            [at(0), at(1), at(2), at(3)]
        };
        for corner in 0..16 {
            let from = point(corner);
            let k = root(from);
            assert!(
                enclosed.value.low <= k && k <= enclosed.value.high,
                "{from:?}: {k}"
            );
            for i in 0..4 {
                let mut to = from;
                to[i] += 1e-4 * (ends[i][0] + ends[i][1] - 2.0 * from[i]);
                let slope = (root(to) - k) / (to[i] - from[i]);
                let own = enclosed.slope(i);
                assert!(
                    own.low - 1e-6 <= slope && slope <= own.high + 1e-6,
                    "{i} at {from:?}: {slope} in {own:?}"
                );
            }
        }
    }

    #[test]
    fn multiplicities_are_those_of_the_points() {
        let constant = |low: f64, high: f64| Slopes::constant(Interval::new(low, high));
        let half = || vec![constant(0.5, 0.5), constant(0.5, 0.5)];
        // Of two equal remainders the first is rounded up.
        let counts = multiplicities(&half(), &constant(23.0, 23.0)).unwrap();
        assert_eq!(counts[0].value, Interval::point(12.0));
        assert_eq!(counts[1].value, Interval::point(11.0));
        // A share that passes a half between two points.
        let shares = [constant(0.44, 0.46), constant(0.54, 0.56)];
        let counts = multiplicities(&shares, &constant(10.0, 10.0)).unwrap();
        assert!(counts[0].value.low <= 4.0 && counts[0].value.high >= 5.0);
    }
}
