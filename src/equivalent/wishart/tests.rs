use super::*;

const REFERENCE: &str = include_str!("../../../fixtures/reference/wishart.csv");

fn value(t: u64, d: u64, f: &dyn Fn(f64) -> f64) -> f64 {
    let sum = mean_sums(t, d, &[f]).unwrap_or_else(|error| panic!("{t} × {d}: {error}"))[0];
    assert!(sum.relative_error < 2e-11, "{t} × {d}: {sum:?}");
    sum.value
}

/// Exact integration of the joint density for the smallest sizes, the density in 60 digits for larger ones.
#[test]
fn references_in_high_precision() {
    let mut rows = 0;
    for line in REFERENCE.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let whole = |i: usize| fields[i].parse::<u64>().unwrap();
        let real = |i: usize| fields[i].parse::<f64>().unwrap();
        let (t, d) = (whole(1), whole(2));
        let (i, j, tau, mean) = (whole(3) as i32, whole(4) as i32, real(5), real(6));
        let found = value(t, d, &|x: f64| x.powi(i) / (x + tau).powi(j));
        assert!((found / mean - 1.0).abs() < 1e-12, "{line}: {found}");
        rows += 1;
    }
    assert!(rows >= 80, "{rows}");
}

/// `E tr W² = Td(T+d+1)`; `E tr W^{-1} = p/(a−1)`; `E tr W^{-2} = p(q−1)/(a(a−1)(a−3))`; at every size and on both sides.
#[test]
fn moments_in_closed_form() {
    for (t, d) in [
        (1, 1),
        (1, 9),
        (7, 5),
        (5, 7),
        (40, 40),
        (33, 90),
        (400, 150),
        (1000, 1000),
        (1999, 2000),
        (100_000, 64),
        (64, 100_000_000),
    ] {
        let (tf, df) = (t as f64, d as f64);
        let square = value(t, d, &|x| x * x);
        let expected = tf * df * (tf + df + 1.0);
        assert!((square / expected - 1.0).abs() < 1e-11, "{t} × {d}");
        let (p, q) = (tf.min(df), tf.max(df));
        let a = q - p;
        if a > 4.0 {
            let inverse = value(t, d, &|x| 1.0 / x);
            assert!((inverse * (a - 1.0) / p - 1.0).abs() < 1e-11, "{t} × {d}");
            let second = value(t, d, &|x| 1.0 / (x * x));
            let expected = p * (q - 1.0) / (a * (a - 1.0) * (a - 3.0));
            assert!((second / expected - 1.0).abs() < 1e-11, "{t} × {d}");
        }
    }
}

/// The sums depend on the shape only through its two sides.
#[test]
fn the_two_sides_exchange() {
    let f = |x: f64| x / (x + 0.3);
    assert_eq!(value(12, 31, &f), value(31, 12, &f));
}

/// At the interpolation threshold with the smallest of ridges, where almost nothing of the density matters.
#[test]
fn tiny_ridges_at_the_hard_edge() {
    // One eigenvalue, χ²: E x/(x+τ)² → √(π/(8τ)) as τ → 0, since the density is e^{−x/2}/√(2πx).
    for tau in [1e-12, 1e-60, 1e-200] {
        let found = value(1, 1, &|x| (x / (x + tau)) / (x + tau));
        let expected = (std::f64::consts::PI / (8.0 * tau)).sqrt();
        assert!(
            (found / expected - 1.0).abs() < 1e-5,
            "{tau}: {found} {expected}"
        );
    }
    let found = value(500, 500, &|x| x / (x + 1e-100));
    assert!((found - 500.0).abs() < 1e-9);
}

#[test]
fn what_is_not_integrable_is_refused() {
    for (t, d) in [(3, 3), (4, 3)] {
        assert!(mean_sums(t, d, &[&|x: f64| 1.0 / x]).is_err());
    }
    assert!(mean_sums(0, 3, &[]).is_err());
    assert!(mean_sums(100_000, 100_000, &[]).is_err());
}
