use proptest::prelude::*;

use super::lattice::Lattice;
use crate::number::Bounded;
use crate::spectrum::sum::Compensated;
use crate::spectrum::{Dimension, Monomial, PowerLaw, SpectrumError, Target};

fn law(beta: f64, d: Option<u64>) -> PowerLaw {
    let dimension = d.map_or(Dimension::Infinite, Dimension::Finite);
    PowerLaw::new(beta, dimension).unwrap()
}

/// Within the bound that came with it, and that bound small enough to be worth having.
fn assert_close(got: Bounded, want: f64, bound: f64, label: &str) {
    let error = (got.value - want).abs();
    assert!(
        error <= got.error + 2.0 * f64::EPSILON * want.abs(),
        "{label}: {} instead of {want}, off by {error:e} where at most {:e} was promised",
        got.value,
        got.error
    );
    assert!(
        got.error <= bound * want.abs(),
        "{label}: promises no better than {:e}",
        got.relative_error()
    );
}

fn dimension(text: &str) -> Option<u64> {
    (text != "inf").then(|| text.parse().unwrap())
}

#[test]
fn agrees_with_thirty_digits() {
    let table = include_str!("../../../fixtures/reference/power_law_monomial.csv");
    let mut worst = 0.0_f64;
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let mut f = Monomial::power(row[2].parse().unwrap());
        for pole in row[3].split_whitespace() {
            let (kappa, order) = pole.split_once('^').unwrap();
            f = f.over(kappa.parse().unwrap(), order.parse().unwrap());
        }
        let law = law(row[0].parse().unwrap(), dimension(&row[1]));
        let got = match &row[4] {
            "" => law.trace(&f),
            r => law.quadratic(
                &f,
                &Target::Source {
                    r: r.parse().unwrap(),
                },
            ),
        };
        let label = format!("{row:?}");
        let got = got.unwrap_or_else(|error| panic!("{label}: {error}"));
        let want: f64 = row[5].parse().unwrap();
        assert_close(got, want, 1e-13, &label);
        worst = worst.max((got.value / want - 1.0).abs());
        rows += 1;
    }
    assert!(rows > 1000, "only {rows} rows");
    assert!(worst < 1e-14, "worst {worst:e}");
}

fn brute(law: &PowerLaw, f: &Monomial, delta: f64) -> f64 {
    let Dimension::Finite(d) = law.dimension() else {
        unreachable!()
    };
    let terms = (1..=d).map(|k| {
        let k = k as f64;
        let s = k.powf(-law.beta());
        let poles: f64 = f
            .poles
            .iter()
            .map(|(kappa, q)| (s + kappa).powf(-q))
            .product();
        k.powf(-delta) * s.powf(f.power) * poles
    });
    terms.collect::<Compensated>().value()
}

prop_compose! {
    fn poles()(
        poles in prop::collection::vec((-14.0..3.0f64, -1.5..3.0f64), 0..4),
    ) -> Vec<(f64, f64)> {
        poles.into_iter().map(|(e, q)| (10f64.powf(e), q)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn agrees_with_every_term(
        beta in prop_oneof![0.05..1.2f64, 1.0..3.0f64, 3.0..10.0f64],
        d in prop_oneof![1u64..600, 600u64..20_000],
        power in -1.0..4.0f64,
        poles in poles(),
        r in 0.01..2.5f64,
    ) {
        let law = law(beta, Some(d));
        let f = Monomial { power, poles };
        let want = brute(&law, &f, 0.0);
        prop_assume!(want.is_normal() && want < 1e250);
        assert_close(law.trace(&f).unwrap(), want, 2e-13, "trace");
        let want = brute(&law, &f, 1.0 + beta * (2.0 * r - 1.0));
        prop_assume!(want.is_normal() && want < 1e250);
        let got = law.quadratic(&f, &Target::Source { r }).unwrap();
        // The brute sum rounds δ, and so each term by ε·δ·ln k.
        prop_assert!((got.value / want - 1.0).abs() < 2e-13);
        prop_assert!(got.relative_error() < 2e-13);
    }

    /// tr Σ^m G^m − tr Σ^{m+1} G^{m+1} = κ tr Σ^m G^{m+1}
    #[test]
    fn powers_of_the_resolvent_obey_their_recurrence(
        beta in 1.05..8.0f64,
        d in prop_oneof![Just(None), (1u64..1_000_000_000_000).prop_map(Some)],
        e in -30.0..4.0f64,
        m in 1.0..5.0f64,
    ) {
        let kappa = 10f64.powf(e);
        let law = law(beta, d);
        let f = |p, q| law.trace(&Monomial::power(p).over(kappa, q)).unwrap().value;
        let (low, high, rest) = (f(m, m), f(m + 1.0, m + 1.0), kappa * f(m, m + 1.0));
        prop_assert!((low - (high + rest)).abs() <= 1e-13 * low, "{low} {high} {rest}");
    }

    /// Each further eigenvalue adds its own term, however far out; the rest is what infinity adds.
    #[test]
    fn dimensions_add_up(
        beta in 1.05..6.0f64,
        d in prop_oneof![50u64..400, 400u64..100_000, 1_000_000_000u64..1_000_000_000_000],
        e in -40.0..4.0f64,
    ) {
        let f = Monomial::degrees_of_freedom(1.0, 10f64.powf(e));
        let at = |d| law(beta, d).trace(&f).unwrap().value;
        let (here, next, all) = (at(Some(d)), at(Some(d + 1)), at(None));
        let term = law(beta, Some(d + 1)).quadratic(&f, &Target::Axis { index: d + 1 }).unwrap();
        prop_assert!((next - here - term.value).abs() <= 1e-14 * next);
        prop_assert!(here <= all * (1.0 + 1e-14));
        // Σ_{k>d} s/(s+κ) < Σ_{k>d} s/κ < d^{1−β}/((β−1)κ), and each term is below 1
        let tail = (d as f64).powf(1.0 - beta) / (beta - 1.0) / 10f64.powf(e);
        prop_assert!(all - here <= tail + 1e-14 * all);
    }

    /// The lattice's own choices do not show: any admissible reserve gives the same sum.
    #[test]
    fn finer_lattices_agree(beta in 0.3..8.0f64, d in 600u64..1_000_000, e in -20.0..1.0f64) {
        let kappa = 10f64.powf(e);
        let law = law(beta, Some(d));
        let sum = |lattice: &Lattice| -> f64 {
            let terms = lattice.s.iter().zip(&lattice.weight);
            terms.map(|(s, w)| w * (s / (s + kappa))).collect::<Compensated>().value()
        };
        // Poles of negligible residue far below make it integrate to the end instead of expanding.
        let coarse = Lattice::new(&law, 1e-200, 2.0, [0.0, 2.0]).unwrap();
        let fine = Lattice::new(&law, 1e-200, 60.0, [0.0, 2.0]).unwrap();
        prop_assert!(fine.s.len() > coarse.s.len());
        prop_assert!((sum(&coarse) / sum(&fine) - 1.0).abs() < 1e-14);
    }
}

/// `∫_{N+½}^{d+½} F dk` by double exponential quadrature in `ln k`, split around the transition.
#[test]
fn panels_agree_with_double_exponential_quadrature() {
    for (beta, d, kappa) in [
        (1.05_f64, 1e12_f64, 1e-6_f64),
        (2.0, 1e9, 1e-12),
        (6.0, 1e7, 1e-20),
    ] {
        let law = law(beta, Some(d as u64));
        let lattice = Lattice::new(&law, 1e-200, 2.0, [0.0, 2.0]).unwrap();
        let first = lattice.plain as f64 + 8.5;
        let panels = lattice.s.len() - if d < 1e9 { 16 } else { 0 };
        let head = lattice.plain + 16;
        let sum: f64 = (head..panels)
            .map(|i| lattice.weight[i] * lattice.s[i] / (lattice.s[i] + kappa))
            .collect::<Compensated>()
            .value();
        let transition = -kappa.ln() / beta;
        let integrand = |u: f64| {
            let k = u.exp();
            k / (1.0 + kappa * k.powf(beta))
        };
        let edges = [
            first.ln(),
            transition - 6.0 / beta,
            transition - 2.0 / beta,
            transition,
            transition + 2.0 / beta,
            transition + 6.0 / beta,
            (d + 0.5).ln(),
        ];
        let mut reference = 0.0;
        for pair in edges.windows(2) {
            let part = quadrature::integrate(integrand, pair[0], pair[1], sum * 1e-13);
            assert!(part.error_estimate <= sum * 1e-13 && part.num_function_evaluations < 385);
            reference += part.integral;
        }
        assert!(
            (sum / reference - 1.0).abs() < 1e-13,
            "β {beta}: {sum} {reference}"
        );
    }
}

#[test]
fn known_sums() {
    let pi = std::f64::consts::PI;
    let infinite = |beta, power| law(beta, None).trace(&Monomial::power(power)).unwrap();
    assert_close(infinite(2.0, 1.0), pi.powi(2) / 6.0, 1e-14, "ζ(2)");
    assert_close(infinite(2.0, 2.0), pi.powi(4) / 90.0, 1e-14, "ζ(4)");
    // ζ(1 + ε) = 1/ε + γ + O(ε)
    let slow = infinite(1.0 + 2f64.powi(-30), 1.0);
    assert_close(
        slow,
        2f64.powi(30) + 0.577_215_664_901_532_9,
        1e-14,
        "ζ(1 + 2^-30)",
    );
    // Σ k = d(d+1)/2
    let triangular = law(1.0, Some(1 << 40))
        .trace(&Monomial::power(-1.0))
        .unwrap();
    assert_close(triangular, 2f64.powi(79) + 2f64.powi(39), 1e-14, "Σ k");
    // Σ_k c_k² s_k = ζ(1 + 2βr), r small enough for growing coefficients
    let source = law(2.0, None).quadratic(&Monomial::power(1.0), &Target::Source { r: 0.25 });
    assert_close(source.unwrap(), pi.powi(2) / 6.0, 1e-14, "δ = 0");
}

#[test]
fn wrong_requests_are_errors() {
    let infinite = law(2.0, None);
    let trace = |power| infinite.trace(&Monomial::power(power));
    assert_eq!(trace(0.5), Err(SpectrumError::Divergent));
    assert_eq!(trace(0.0), Err(SpectrumError::Divergent));
    assert!(trace(0.51).is_ok());
    let pole = Monomial::power(1.0).over(0.0, 0.5);
    assert_eq!(infinite.trace(&pole), Err(SpectrumError::Divergent));
    let isotropic = Target::Isotropic { norm2: 1.0 };
    assert_eq!(
        infinite.quadratic(&Monomial::power(1.0), &isotropic),
        Err(SpectrumError::IsotropicInfinite)
    );
    let coefficients = infinite.quadratic(&Monomial::power(0.0), &Target::Source { r: 0.5 });
    assert_eq!(coefficients, Err(SpectrumError::Divergent));
    assert_eq!(
        law(2.0, Some(10)).quadratic(&Monomial::power(1.0), &Target::Axis { index: 11 }),
        Err(SpectrumError::Axis {
            index: 11,
            dimension: 10.0
        })
    );
    let huge = law(8.0, Some(1 << 50)).trace(&Monomial::power(-4.0));
    assert_eq!(huge, Err(SpectrumError::Overflow));
}

/// Factors beyond the range of `f64`, products within it.
#[test]
fn huge_factors_cancel() {
    // s ≫ κ everywhere: s^{20}(s+κ)^{-20} = (1+κ/s)^{-20}
    let kappa = 1e-60;
    let f = Monomial::power(20.0).over(kappa, 20.0);
    let law = law(6.0, Some(100_000));
    let d = 100_000.0;
    assert_close(law.trace(&f).unwrap(), d, 5e-14, "(ΣG)^20");
    let f = Monomial::power(12.5)
        .over(kappa, 0.5)
        .over(2.0 * kappa, 12.0);
    assert_close(law.trace(&f).unwrap(), d, 5e-14, "Σ^12.5 G^0.5 G'^12");
    // What truly leaves the range says so, at either end.
    let vanishing = Monomial::power(10.0).over(1e31, 10.0);
    let axis = Target::Axis { index: 10 };
    assert_eq!(
        law.quadratic(&vanishing, &axis),
        Err(SpectrumError::Overflow)
    );
    assert_eq!(
        law.trace(&Monomial::power(0.0).over(1e-40, 11.0)),
        Err(SpectrumError::Overflow)
    );
}

/// However steep the law or high the pole, a sum is refused before it is laid out.
#[test]
fn absurd_lattices_are_refused() {
    for (beta, order) in [
        (1e7, 2.0),
        (1e300, 2.0),
        (9.3e18, 2.0),
        (2.0, 1e6),
        (2.0, 1e300),
    ] {
        let law = PowerLaw::new(beta, Dimension::Infinite).unwrap();
        let refused = Lattice::new(&law, 1e-3, order, [-order, order]);
        assert!(
            matches!(refused, Err(SpectrumError::TooManyTerms { .. })),
            "beta = {beta}, order = {order}"
        );
    }
}
