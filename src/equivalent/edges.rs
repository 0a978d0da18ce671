//! The ends of the spectrum of a Gaussian sample covariance.
//!
//! The eigenvalues of `ZΣZ'/n`, `Z` of `n` rows and `n_j` columns of variance `s_j`, fill the intervals on which no real `α`
//! solves `x = z(α)` with `z' > 0`,
//!
//! ```text
//!   z(α) = α (1 + 1/n Σ_j n_j s_j/(α − s_j)),        α = −1/m, m the Stieltjes transform of the law of ZΣZ'/n
//! ```
//!
//! (Marchenko & Pastur 1967, Silverstein & Choi 1995). Beyond the largest `s` it is convex, and its least value is the right end
//! of the rightmost interval; below the smallest `s` it is concave, and its greatest value the left end of the leftmost one,
//! `α > 0` where there are fewer columns than rows and `α < 0` where there are more. At an end, `√(n³)/γ^{3/2}` times the
//! distance to the last eigenvalue has the law of Tracy & Widom (Johnstone 2001, El Karoui 2007), `γ³ = |z''| α⁴/2`.
//! A level that occurs a few times only is an outlier beyond the others up to a share of `√(n_j/n)`.

/// The mean of the Tracy–Widom law of real matrices.
const TRACY_WIDOM: f64 = -1.206_533_574_582_1;
/// Halvings of the interval of `ln |α − s|`: the ends are stationary there, so that half the digits would do.
const HALVINGS: usize = 60;
/// Columns and rows nearer to each other than this share leave no digits of the smallest eigenvalue.
const LEAST_SHARE: f64 = 1e-6;

/// An end of the spectrum of `ZΣZ'/n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// Of the limiting law.
    pub edge: f64,
    /// Where the last eigenvalue is on average at this size, up to a share of some `1/n`.
    pub mean: f64,
}

/// The largest eigenvalue; `levels` are the positive `s_j`, and how often each occurs. `None` where there is none.
pub fn largest(levels: &[(f64, f64)], n: f64) -> Option<End> {
    let top = levels.iter().fold(0.0, |most: f64, l| most.max(l.0));
    let delta = stationary(levels, n, top)?;
    let alpha = top + delta;
    let apart = |s: f64| (top - s) + delta;
    let sum: f64 = levels.iter().map(|(s, m)| m * s / apart(*s)).sum();
    let edge = alpha * (1.0 + sum / n);
    let mean = edge + TRACY_WIDOM * width(levels, n, alpha, apart);
    (edge.is_finite() && edge > 0.0).then_some(End { edge, mean })
}

/// The smallest positive eigenvalue, likewise. `None` also where as many columns as rows leave it none of this size.
pub fn smallest(levels: &[(f64, f64)], n: f64) -> Option<End> {
    let bottom = levels.iter().fold(f64::INFINITY, |least, l| least.min(l.0));
    let delta = stationary(levels, n, bottom)?;
    let alpha = bottom - delta;
    let apart = |s: f64| (s - bottom) + delta;
    let sum: f64 = levels.iter().map(|(s, m)| m * s / apart(*s)).sum();
    let share = 1.0 - sum / n;
    let edge = alpha * share;
    let mean = edge - TRACY_WIDOM * width(levels, n, alpha, apart);
    (share.abs() > LEAST_SHARE && edge.is_finite() && edge > 0.0).then_some(End { edge, mean })
}

/// Where `z' = 1 − 1/n Σ_j n_j s_j²/(α − s_j)²` is zero, as the distance of `α` from the last level, `end`.
fn stationary(levels: &[(f64, f64)], n: f64, end: f64) -> Option<f64> {
    let square = |(s, m): &(f64, f64)| m * s * s / n;
    let whole: f64 = levels.iter().map(square).sum();
    let at_end: f64 = levels.iter().filter(|l| l.0 == end).map(square).sum();
    let (mut low, mut high) = (0.5 * at_end.ln(), 0.5 * whole.ln());
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        let delta = middle.exp();
        let terms = levels
            .iter()
            .map(|(s, m)| m * (s / ((s - end).abs() + delta)).powi(2));
        match terms.sum::<f64>() > n {
            true => low = middle,
            false => high = middle,
        }
    }
    Some((0.5 * (low + high)).exp())
}

/// `γ n^{−2/3}`
fn width(levels: &[(f64, f64)], n: f64, alpha: f64, apart: impl Fn(f64) -> f64) -> f64 {
    let terms = levels.iter().map(|(s, m)| m * s * s / apart(*s).powi(3));
    let half_bend = terms.sum::<f64>() / n;
    (half_bend * alpha.powi(4)).cbrt() * n.powf(-2.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows, both ends, levels with their multiplicities; by discriminants, of sixty digits: `fixtures/reference/edges.py`.
    const REFERENCE: &str = include_str!("../../fixtures/reference/edges.csv");

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs()
    }

    #[test]
    fn of_white_noise_as_marchenko_and_pastur_have_it() {
        for phi in [1e-3, 0.1, 0.5, 0.9, 1.2, 4.0, 300.0f64] {
            let n = 1e5;
            let levels = [(3.0, phi * n)];
            let expected = |sign: f64| 3.0 * (1.0 + sign * phi.sqrt()).powi(2);
            let (low, high) = (smallest(&levels, n).unwrap(), largest(&levels, n).unwrap());
            assert!(near(high.edge, expected(1.0)), "{phi}: {high:?}");
            assert!(near(low.edge, expected(-1.0)), "{phi}: {low:?}");
            // Johnstone's centre and scale
            let (rows, columns) = (n.sqrt(), (phi * n).sqrt());
            let scale = |columns: f64| {
                3.0 / n * (rows + columns) * (1.0 / rows + 1.0 / columns).abs().cbrt()
            };
            let wide = high.edge + TRACY_WIDOM * scale(columns);
            assert!(near(high.mean, wide), "{phi}: {high:?}");
            let narrow = low.edge - TRACY_WIDOM * scale(-columns).abs();
            assert!(near(low.mean, narrow), "{phi}: {low:?} {narrow}");
        }
    }

    #[test]
    fn of_several_levels_as_discriminants_have_it() {
        let mut lines = 0;
        for line in REFERENCE.lines().skip(1) {
            let numbers: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
            let [n, low, high, levels @ ..] = numbers.as_slice() else {
                panic!("{line}");
            };
            let levels: Vec<(f64, f64)> = levels.chunks(2).map(|c| (c[0], c[1])).collect();
            let found = (
                smallest(&levels, *n).unwrap(),
                largest(&levels, *n).unwrap(),
            );
            assert!(near(found.0.edge, *low), "{line}: {found:?}");
            assert!(near(found.1.edge, *high), "{line}: {found:?}");
            lines += 1;
        }
        assert!(lines > 8, "{lines}");
    }

    /// Beyond the transition a level that occurs once has the eigenvalue that Baik, Ben Arous & Péché gave it; before, none.
    #[test]
    fn a_single_level_is_an_outlier_beyond_the_transition() {
        let (n, phi) = (1e16, 0.5f64);
        for spike in [1.2, 1.6, 2.0, 5.0] {
            let end = largest(&[(1.0, phi * n), (spike, 1.0)], n).unwrap();
            let outlier = spike * (1.0 + phi / (spike - 1.0));
            let bulk = (1.0 + phi.sqrt()).powi(2);
            let expected = if spike > 1.0 + phi.sqrt() {
                outlier
            } else {
                bulk
            };
            assert!((end.edge / expected - 1.0).abs() < 1e-6, "{spike}: {end:?}");
        }
    }

    #[test]
    fn there_is_no_end_where_there_is_nothing_or_at_the_threshold() {
        assert_eq!(largest(&[], 10.0), None);
        assert_eq!(smallest(&[(1.0, 10.0)], 10.0), None);
        assert_eq!(largest(&[(1.0, f64::INFINITY)], 10.0), None);
    }
}
