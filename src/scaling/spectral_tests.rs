//! Germs of spectral functionals and of κ beside plain sums and beside the engine at huge `T`.

use num_rational::BigRational;
use num_traits::One;
use proptest::prelude::*;

use super::germ::to_f64;
use super::{Coefficient, Germ, GermDimension, GermError, GermSpectrum, GermTarget, Order, Pole};
use crate::equivalent;
use crate::spectrum::{Dimension, Monomial, Spectrum, Target};

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

/// What the remainder may amount to at `t`, relative to `value`: a hundred times the largest coefficient before it.
fn unknown(germ: &Germ, t: f64, value: f64) -> f64 {
    let size = |order: &Order| t.powf(to_f64(&order.power)) * t.ln().powf(to_f64(&order.log));
    let coefficients = germ
        .terms()
        .iter()
        .map(|term| term.coefficient.value().abs());
    let largest = coefficients.fold(1.0, f64::max);
    let remainder = germ.remainder().map_or(0.0, size);
    100.0 * largest * remainder / value.abs()
}

/// Sums differ from their expansions also by what is smaller than every power of `T`: `f` continued to complex
/// `k` has a pole at `κ^{-1/β} e^{iπ/β}`, and Poisson's formula leaves `exp(−2π Im k)` of it.
fn beyond_all_orders(beta: f64, kappas: impl Iterator<Item = f64>) -> f64 {
    let angle = (std::f64::consts::PI / beta).min(std::f64::consts::FRAC_PI_2);
    let parts = kappas.map(|kappa| {
        let scale = std::f64::consts::TAU * kappa.powf(-1.0 / beta) * angle.sin();
        // a constant κ is summed, not expanded
        if kappa < 1.0 {
            (1.0 + scale) * (-scale).exp()
        } else {
            0.0
        }
    });
    parts.sum()
}

/// Whether an expansion has the value, to what its remainder allows; `None` where it says nothing yet.
fn agrees(germ: &Germ, t: f64, value: f64, accuracy: f64) -> Option<bool> {
    let allowed = unknown(germ, t, value);
    (allowed < 1e-3).then(|| (germ.evaluate(t) / value - 1.0).abs() <= allowed + accuracy)
}

/// `Σ_{k ≤ d} k^{-shift} s^p Π (s+κ)^{-q}`, term by term.
fn plain_sum(beta: f64, d: u64, shift: f64, p: f64, poles: &[(f64, f64)]) -> f64 {
    let term = |k: f64| {
        let s = k.powf(-beta);
        let factors = poles.iter().map(|(kappa, q)| (s + kappa).powf(-q));
        k.powf(-shift) * s.powf(p) * factors.product::<f64>()
    };
    (1..=d).rev().map(|k| term(k as f64)).sum()
}

fn power_law(beta: &BigRational, dimension: GermDimension) -> GermSpectrum {
    GermSpectrum::PowerLaw {
        beta: beta.clone(),
        dimension,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Finite dimensions from far below the transition to far above it, one pole or two, every power.
    #[test]
    fn finite_sums_match_their_terms(
        beta in (1_i64..=6, 1_i64..=3), power in 0_i64..=3, order in 1_i64..=3,
        kappa in (-8_i64..=4, 1_i64..=4), second in proptest::option::of((-8_i64..=0, 1_i64..=4)),
        dimension in 1_i64..=4,
    ) {
        let beta = q(beta.0, beta.1);
        let t: f64 = 1e6;
        // d = T^(dimension/5), a whole number to within rounding only if rounded: use the rounded one
        let d = q(dimension, 5);
        let dv = t.powf(to_f64(&d)).round();
        let d_germ = Germ::power_of_variable(d.clone()).scale(&Coefficient::relative(dv / t.powf(to_f64(&d)), 0.0));
        let mut poles = vec![Pole::new(Germ::power_of_variable(q(kappa.0, kappa.1)), order)];
        if let Some((n, m)) = second {
            poles.push(Pole::new(Germ::power_of_variable(q(n, m)).scale(&Coefficient::integer(3)), 1));
        }
        let spectrum = power_law(&beta, GermDimension::Finite(d_germ));
        let germ = spectrum.trace(&q(power, 1), &poles).unwrap();
        let numbers: Vec<(f64, f64)> = poles.iter().map(|p| (p.kappa.evaluate(t), to_f64(&p.order))).collect();
        let value = plain_sum(to_f64(&beta), dv as u64, 0.0, power as f64, &numbers);
        let tiny = beyond_all_orders(to_f64(&beta), numbers.iter().map(|(kappa, _)| *kappa));
        prop_assume!(tiny < 1e-4);
        if let Some(agrees) = agrees(&germ, t, value, 1e-9 + 100.0 * tiny) {
            prop_assert!(agrees, "{} beside {} ({})", germ.evaluate(t), value, germ);
        }
    }

    /// Infinite dimension against the engine's sums, source targets through r = 1/2, 1 and beyond.
    #[test]
    fn infinite_sums_match_the_engine(
        beta in (5_i64..=16, 4_i64..=4), r in (1_i64..=16, 8_i64..=8),
        kappa in (1_i64..=8, 4_i64..=4), second in proptest::option::of((1_i64..=12, 4_i64..=4)),
        quadratic in any::<bool>(),
    ) {
        let (beta, r) = (q(beta.0, beta.1), q(r.0, r.1));
        let t: f64 = 1e12;
        let mut poles = vec![Pole::new(Germ::power_of_variable(-q(kappa.0, kappa.1)), 2)];
        if let Some((n, m)) = second {
            poles.push(Pole::new(Germ::power_of_variable(-q(n, m)).scale(&Coefficient::integer(2)), 2));
        }
        let power = poles.len() as i64 * 2;
        let mut monomial = Monomial::power(power as f64);
        for pole in &poles {
            monomial = monomial.over(pole.kappa.evaluate(t), to_f64(&pole.order));
        }
        let spectrum = power_law(&beta, GermDimension::Infinite);
        let numeric = Spectrum::power_law(to_f64(&beta), Dimension::Infinite).unwrap();
        let (germ, value) = if quadratic {
            let germ = spectrum.quadratic(&GermTarget::Source { r: r.clone() }, &q(power - 1, 1), &poles).unwrap();
            monomial.power -= 1.0;
            (germ, numeric.quadratic(&monomial, &Target::Source { r: to_f64(&r) }).unwrap())
        } else {
            (spectrum.trace(&q(power, 1), &poles).unwrap(), numeric.trace(&monomial).unwrap())
        };
        let tiny = beyond_all_orders(to_f64(&beta), poles.iter().map(|p| p.kappa.evaluate(t)));
        prop_assume!(tiny < 1e-4);
        if let Some(agrees) = agrees(&germ, t, value.value, 1e-8 + 100.0 * tiny) {
            prop_assert!(agrees, "{} beside {} ({})", germ.evaluate(t), value.value, germ);
        }
    }

    /// κ in every regime: ridge, minimum norm, both at once, below, at and above the dimension.
    #[test]
    fn kappa_matches_the_engine(
        beta in (5_i64..=12, 4_i64..=4), ell in proptest::option::of((0_i64..=20, 4_i64..=4)),
        dimension in prop_oneof![Just(None), (1_i64..=6, Just(4_i64)).prop_map(Some)],
        share in prop_oneof![Just(q(1, 1)), Just(q(1, 2)), Just(q(3, 1))],
    ) {
        let beta = q(beta.0, beta.1);
        let t: f64 = 1e8;
        let lambda = ell.map_or(Germ::zero(), |(n, m)| Germ::power_of_variable(-q(n, m)));
        let (germ_dimension, number) = match dimension {
            None => (GermDimension::Infinite, Dimension::Infinite),
            Some((n, m)) => {
                let d = Germ::power_of_variable(q(n, m)).scale(&Coefficient::rational(share.clone()));
                let value = d.evaluate(t).round();
                (GermDimension::Finite(d), Dimension::Finite(value as u64))
            }
        };
        let spectrum = power_law(&beta, germ_dimension);
        let germ = spectrum.kappa(&lambda, &Germ::variable()).unwrap();
        let numeric = Spectrum::power_law(to_f64(&beta), number).unwrap();
        let kappa = equivalent::kappa(&numeric, lambda.evaluate(t), t).unwrap();
        if germ.is_zero() {
            prop_assert_eq!(kappa.value, 0.0);
        } else if let Some(agrees) = agrees(&germ, t, kappa.value, 1e-7) {
            prop_assert!(agrees, "{} beside {} ({})", germ.evaluate(t), kappa.value, germ);
        }
    }

    /// Isotropic covariance, where κ has a closed form.
    #[test]
    fn isotropic_kappa_is_the_root_of_the_quadratic(
        phi in (1_i64..=9, 1_i64..=4), ell in proptest::option::of((0_i64..=8, 4_i64..=4)), value in 1_i64..=3,
    ) {
        let t: f64 = 1e10;
        let phi = q(phi.0, phi.1);
        let d = &Germ::rational(phi.clone()) * &Germ::variable();
        let spectrum = GermSpectrum::Atoms(vec![(Germ::integer(value), d)]);
        let lambda = ell.map_or(Germ::zero(), |(n, m)| Germ::power_of_variable(-q(n, m)));
        let germ = spectrum.kappa(&lambda, &Germ::variable()).unwrap();
        let s = value as f64;
        let (phi, l) = (to_f64(&phi), lambda.evaluate(t) / s);
        let b = l + (phi - 1.0);
        let root = (b * b + 4.0 * l).sqrt();
        // the form that does not cancel
        let exact = s * if b > 0.0 { (b + root) / 2.0 } else { 2.0 * l / (root - b) };
        if germ.is_zero() {
            prop_assert!(lambda.is_zero() && phi <= 1.0);
        } else if let Some(agrees) = agrees(&germ, t, exact, 1e-9) {
            prop_assert!(agrees, "{} beside {} ({})", germ.evaluate(t), exact, germ);
        }
    }
}

/// The expansions that are known in closed form.
#[test]
fn leading_constants_are_the_known_ones() {
    let kappa = Germ::variable().recip().unwrap();
    let pole = |order| Pole::new(kappa.clone(), order);
    for (n, d) in [(3, 2), (2, 1), (5, 1), (10, 1)] {
        let beta = q(n, d);
        let b = to_f64(&beta);
        let c = (std::f64::consts::PI / b) / (std::f64::consts::PI / b).sin();
        let spectrum = power_law(&beta, GermDimension::Infinite);
        let df1 = spectrum.degrees_of_freedom(1, &kappa).unwrap();
        let df2 = spectrum.degrees_of_freedom(2, &kappa).unwrap();
        let leading = |g: &Germ| g.leading().unwrap().unwrap().coefficient.value();
        assert!((leading(&df1) / c - 1.0).abs() < 1e-12);
        assert!((leading(&df2) / (c * (1.0 - 1.0 / b)) - 1.0).abs() < 1e-12);
        // the constant −1/2 is exact
        let second = &df1.terms()[1];
        assert!(second.order.is_constant());
        assert_eq!(second.coefficient.exact(), Some(&q(-1, 2)));
        let squared = &kappa * &kappa;
        let bias = |r: BigRational| {
            let target = GermTarget::Source { r };
            &squared * &spectrum.quadratic(&target, &q(1, 1), &[pole(2)]).unwrap()
        };
        // r < 1: κ^{2r}(1−2r)π/(β sin 2πr); κ/β at 1/2
        for r in [q(1, 8), q(3, 8), q(5, 8), q(7, 8)] {
            let x = to_f64(&r);
            let known = (1.0 - 2.0 * x) * std::f64::consts::PI
                / (b * (2.0 * std::f64::consts::PI * x).sin());
            let germ = bias(r.clone());
            assert_eq!(germ.exponent().unwrap(), Some(-(&r + &r)));
            assert!(
                (leading(&germ) / known - 1.0).abs() < 1e-11,
                "r = {r}, beta = {beta}"
            );
        }
        let half = bias(q(1, 2));
        assert_eq!(half.exponent().unwrap(), Some(q(-1, 1)));
        assert!((leading(&half) * b - 1.0).abs() < 1e-11);
        // r = 1: κ² ln(1/κ)/β, the logarithm exact
        let one = bias(q(1, 1));
        let first = one.leading().unwrap().unwrap();
        assert_eq!(first.order, Order::new(q(-2, 1), q(1, 1)));
        assert_eq!(first.coefficient.exact(), Some(&beta.recip()));
        // r > 1: κ² ζ(1+2β(r−1)); ζ(2) and ζ(4) where they are
        let above = bias(q(1, 1) + q(1, 2) / &beta);
        assert!((leading(&above) * 6.0 / std::f64::consts::PI.powi(2) - 1.0).abs() < 1e-12);
        let above = bias(q(1, 1) + q(3, 2) / &beta);
        assert!((leading(&above) * 90.0 / std::f64::consts::PI.powi(4) - 1.0).abs() < 1e-12);
    }
}

/// `tr I = d` and `tr Σ^{-1}`, exactly.
#[test]
fn polynomial_sums_are_exact() {
    let d = Germ::variable();
    let spectrum = power_law(&q(2, 1), GermDimension::Finite(d.clone()));
    assert_eq!(spectrum.trace(&q(0, 1), &[]).unwrap(), d);
    // d(d+1)(2d+1)/6
    let squares = spectrum.trace(&q(-1, 1), &[]).unwrap();
    let one = Germ::integer(1);
    let product = &(&d * &(&d + &one)) * &(&(&d + &d) + &one);
    assert_eq!(squares, product.scale(&Coefficient::rational(q(1, 6))));
}

#[test]
fn what_diverges_or_makes_no_sense_is_an_error() {
    let spectrum = power_law(&q(2, 1), GermDimension::Infinite);
    let kappa = Germ::variable().recip().unwrap();
    assert!(
        spectrum
            .trace(&q(0, 1), &[Pole::new(kappa.clone(), 1)])
            .is_err()
    );
    assert!(spectrum.trace(&q(1, 2), &[]).is_err());
    assert!(spectrum.kappa(&-&kappa, &Germ::variable()).is_err());
    assert!(spectrum.kappa(&kappa, &Germ::zero()).is_err());
    let isotropic = GermTarget::Isotropic {
        norm2: Germ::integer(1),
    };
    assert!(spectrum.quadratic(&isotropic, &q(1, 1), &[]).is_err());
    assert!(
        spectrum
            .trace(&q(1, 1), &[Pole::new(Germ::integer(-1), 1)])
            .is_err()
    );
}

#[test]
fn the_order_in_which_levels_are_given_does_not_matter() -> Result<(), GermError> {
    let vanishing = Germ::variable().recip()?;
    let (one, many) = (Germ::integer(1), Germ::variable());
    let levels = vec![(one, many.clone()), (vanishing, many.clone())];
    let turned = levels.iter().rev().cloned().collect();
    // T between the share of the first level and d: κ is of the order of the second
    let samples = &many * &Germ::rational(BigRational::new(3.into(), 2.into()));
    let kappa = |levels| GermSpectrum::Atoms(levels).kappa(&Germ::zero(), &samples);
    let (falling, rising) = (kappa(levels)?, kappa(turned)?);
    let (falling, rising) = (falling.leading()?.unwrap(), rising.leading()?.unwrap());
    assert_eq!(falling.order.power, -BigRational::one());
    assert_eq!(falling.order, rising.order);
    assert_eq!(falling.coefficient.value(), rising.coefficient.value());
    Ok(())
}
