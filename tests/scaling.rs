//! The laws of power-law regression on synthetic labels: every crossover from both sides, what the best ridge is,
//! and the laws beside the deterministic equivalents at finite `T`.
//!
//! Exponents in this file come from the leading orders of `κ`, `df_2` and `κ² tr(Σ+κ)^{-2}`; with
//! `m = min(T^{ℓ/β}, d)` (`ℓ < β`, `T_0 > d`) they are `bias ≍ T^{-2ℓr̲}`, `variance ≍ σ² m/T`,
//! `synthetic ≍ n σ_0² (m/T_0 + (d/T_0) m/T)`, the last while `κ d^β → ∞`.

use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use resolvent::scaling::{
    Axis, DimensionLaw, ErrorTerm, Labeller, LabellerDesigns, Order, PiecewiseLinear, Ridge,
    ScalingModel, critical_ridge_exponent, slow_rate,
};

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

fn clean(beta: BigRational, source: BigRational, noise: Option<BigRational>) -> ScalingModel {
    ScalingModel {
        beta,
        source,
        ridge: Ridge::Ridgeless,
        noise,
        labeller: None,
        dimension: DimensionLaw::Infinite,
    }
}

/// `d = T_0/2`, `β = 2`, `r = 3/8`: `ℓ_crit = 4/5`, `c = 3/5`.
fn synthetic(b: BigRational, a: BigRational, noise: Option<BigRational>) -> ScalingModel {
    ScalingModel {
        labeller: Some(Labeller {
            samples: b,
            noise: Some(a),
            generations: 1,
            designs: LabellerDesigns::Independent,
        }),
        dimension: DimensionLaw::OfLabeller(q(1, 2)),
        ..clean(q(2, 1), q(3, 8), noise)
    }
}

fn at(model: &ScalingModel, ell: BigRational) -> (Order, Vec<ErrorTerm>) {
    let law = model.with_ridge(Ridge::Exponent(ell)).test_error().unwrap();
    law.leading().unwrap().unwrap()
}

fn power(model: &ScalingModel, ell: BigRational) -> BigRational {
    at(model, ell).0.power
}

fn plain(power: BigRational) -> Order {
    Order::new(power, BigRational::zero())
}

#[test]
fn clean_data_fast_and_slow_rates() {
    for (beta, r) in [
        (q(2, 1), q(3, 8)),
        (q(3, 2), q(1, 2)),
        (q(5, 4), q(1, 4)),
        (q(2, 1), q(3, 2)),
    ] {
        let fast = &(q(2, 1) * &beta) * r.clone().min(q(1, 1));
        let noiseless = clean(beta.clone(), r.clone(), None).best_ridge().unwrap();
        assert_eq!(noiseless.rate(), Some(fast));
        assert!(noiseless.ridgeless);
        assert_eq!(noiseless.choice(), Ridge::Exponent(beta.clone()));
        let noisy = clean(beta.clone(), r.clone(), Some(q(0, 1)))
            .best_ridge()
            .unwrap();
        assert_eq!(noisy.order, Some(plain(-slow_rate(&beta, &r))));
        assert_eq!(
            noisy.choice(),
            Ridge::Exponent(critical_ridge_exponent(&beta, &r))
        );
        assert!(!noisy.ridgeless);
        assert_eq!(noisy.leads, [ErrorTerm::Bias, ErrorTerm::Variance]);
    }
}

#[test]
fn at_source_exponent_one_there_is_a_logarithm_and_nowhere_near_it() {
    let order = |r: BigRational| at(&clean(q(2, 1), r, None), q(1, 2)).0;
    assert_eq!(order(q(1, 1)), Order::new(q(-1, 1), q(1, 1)));
    assert_eq!(order(q(999, 1000)), plain(q(-999, 1000)));
    assert_eq!(order(q(1001, 1000)), plain(q(-1, 1)));
    // T^{-2ℓ} log T and T^{ℓ/2 − 1} are balanced by a ridge with a logarithm of its own
    let noisy = clean(q(2, 1), q(1, 1), Some(q(0, 1))).best_ridge().unwrap();
    assert_eq!(noisy.order, Some(Order::new(q(-4, 5), q(1, 5))));
    assert!(noisy.leads.contains(&ErrorTerm::Bias));
}

#[test]
fn ridge_gives_way_to_minimum_norm_at_beta() {
    let model = clean(q(2, 1), q(3, 8), Some(q(0, 1)));
    let kappa = |ell: BigRational| {
        let law = model.with_ridge(Ridge::Exponent(ell)).test_error().unwrap();
        law.kappa.leading().unwrap().unwrap().clone()
    };
    let below = kappa(q(2, 1) - q(1, 1000));
    assert_eq!(below.order.power, q(-2, 1) + q(1, 1000));
    assert!(below.coefficient.exact().unwrap().is_one());
    let (there, above) = (kappa(q(2, 1)), kappa(q(2, 1) + q(1, 1000)));
    assert_eq!(above.order.power, q(-2, 1));
    // minimum norm: (π/2)²; and at λ = T^{-β} the root x of 1 − 1/x = (π/2)/√x
    let half_pi = std::f64::consts::FRAC_PI_2;
    assert!((above.coefficient.value() / (half_pi * half_pi) - 1.0).abs() < 1e-12);
    let root = 0.5 * (half_pi + (half_pi * half_pi + 4.0).sqrt());
    assert!((there.coefficient.value() / (root * root) - 1.0).abs() < 1e-12);
    // the plateau of the variance, σ²(β − 1)
    let law = model.with_ridge(Ridge::Ridgeless).test_error().unwrap();
    let variance = law
        .term(ErrorTerm::Variance)
        .unwrap()
        .leading()
        .unwrap()
        .unwrap();
    assert_eq!(variance.order, plain(q(0, 1)));
    assert!((variance.coefficient.value() - 1.0).abs() < 1e-12);
    // and the bias, β B(κ)
    let ratio = |ell: Ridge| {
        let law = model.with_ridge(ell).test_error().unwrap();
        let kappa = law.kappa.leading().unwrap().unwrap().coefficient.value();
        let bias = law
            .term(ErrorTerm::Bias)
            .unwrap()
            .leading()
            .unwrap()
            .unwrap();
        bias.coefficient.value() / kappa.powf(0.75)
    };
    let gain = ratio(Ridge::Ridgeless) / ratio(Ridge::Exponent(q(1, 1)));
    assert!((gain - 2.0).abs() < 1e-11);
}

#[test]
fn a_finite_dimension_saturates_the_effective_one() {
    // d = T^{1/4}: κ d^β = 1 at ℓ = 1/2
    let model = ScalingModel {
        dimension: DimensionLaw::Power(q(1, 4)),
        ..clean(q(2, 1), q(3, 8), Some(q(0, 1)))
    };
    let variance = |ell: BigRational| {
        let law = model.with_ridge(Ridge::Exponent(ell)).test_error().unwrap();
        law.term(ErrorTerm::Variance)
            .unwrap()
            .exponent()
            .unwrap()
            .unwrap()
    };
    assert_eq!(variance(q(2, 5)), q(1, 5) - q(1, 1));
    assert_eq!(variance(q(1, 2)), q(-3, 4));
    assert_eq!(variance(q(1, 1)), q(-3, 4));
    // p = 1/4 is below 1 − c: least squares beats T^{-c}
    let best = model.best_ridge().unwrap();
    assert_eq!(best.order, Some(plain(q(-3, 4))));
    assert!(best.ridgeless);
    // and above it ridge with ℓ_crit does better than λ = 0: r ≥ 1, where 1 − c = 1/5, and p = 1/2
    let smooth = ScalingModel {
        source: q(2, 1),
        dimension: DimensionLaw::Power(q(1, 2)),
        ..model
    };
    let best = smooth.best_ridge().unwrap();
    assert_eq!(best.order, Some(plain(q(-4, 5))));
    assert!(!best.ridgeless);
}

#[test]
fn samples_through_the_dimension() {
    // d = T^p, minimum norm: p < 1 OLS, σ² d/T; p > 1 the plateau; p = 1 infinite variance
    let model = |p: BigRational| ScalingModel {
        dimension: DimensionLaw::Power(p),
        ..clean(q(2, 1), q(3, 8), Some(q(0, 1)))
    };
    let ridgeless = |p| model(p).with_ridge(Ridge::Ridgeless).test_error();
    let order = |p: BigRational| ridgeless(p).unwrap().leading().unwrap().unwrap().0;
    assert_eq!(order(q(9, 10)), plain(q(-1, 10)));
    assert_eq!(order(q(11, 10)), plain(q(0, 1)));
    assert!(ridgeless(q(1, 1)).is_err());
    // at T = d a ridge tames the peak: κ ~ √(λ(β+1)) d^{-β/2}, and T − df_2 ~ 2κ d^{β+1}/(β+1)
    let law = model(q(1, 1))
        .with_ridge(Ridge::Exponent(q(3, 1)))
        .test_error()
        .unwrap();
    let kappa = law.kappa.leading().unwrap().unwrap();
    assert_eq!(kappa.order, plain(q(-5, 2)));
    assert!((kappa.coefficient.value() - 3.0_f64.sqrt()).abs() < 1e-12);
    let variance = law
        .term(ErrorTerm::Variance)
        .unwrap()
        .leading()
        .unwrap()
        .unwrap();
    assert_eq!(variance.order, plain(q(1, 2)));
    assert!((variance.coefficient.value() - 3.0_f64.sqrt() / 2.0).abs() < 1e-12);
}

#[test]
fn the_parts_of_the_synthetic_term_cross_at_b_one() {
    let lead = |b| at(&synthetic(b, q(0, 1), None), q(1, 1));
    assert_eq!(
        lead(q(9, 10)),
        (plain(q(-2, 5)), vec![ErrorTerm::SyntheticSignal])
    );
    assert_eq!(
        lead(q(1, 1)),
        (
            plain(q(-1, 2)),
            vec![ErrorTerm::SyntheticSignal, ErrorTerm::SyntheticSpread]
        )
    );
    assert_eq!(
        lead(q(11, 10)),
        (plain(q(-1, 2)), vec![ErrorTerm::SyntheticSpread])
    );
}

/// `T_0` samples for `d = φ_0 T_0` coefficients: the best `ℓ` is `(min(b,1) − a) ℓ_crit` and the rate
/// `(min(b,1) − a) c`. More samples than `T` per generation no longer help.
#[test]
fn the_best_ridge_stops_improving_at_b_one() {
    let (ell_crit, c) = (q(4, 5), q(3, 5));
    for (b, a) in [
        (q(1, 2), q(0, 1)),
        (q(1, 2), q(1, 4)),
        (q(1, 1), q(0, 1)),
        (q(3, 2), q(0, 1)),
        (q(3, 2), q(1, 2)),
        (q(2, 1), q(0, 1)),
    ] {
        let gap = b.clone().min(q(1, 1)) - &a;
        let best = synthetic(b.clone(), a.clone(), None).best_ridge().unwrap();
        assert_eq!(
            best.choice(),
            Ridge::Exponent(&gap * &ell_crit),
            "b = {b}, a = {a}"
        );
        assert_eq!(best.rate(), Some(&gap * &c), "b = {b}, a = {a}");
    }
    // at b = 2 the ridge (b − a) ℓ_crit = 8/5 gives T^{-1/5}, not T^{-6/5}
    assert_eq!(power(&synthetic(q(2, 1), q(0, 1), None), q(8, 5)), q(-1, 5));
}

/// At `ℓ_crit` the error is `T^{-(c+b−a−1)}` for `1 − c ≤ b ≤ 1`: it tends to zero for `b > a + 1 − c`.
/// For smaller `b` the generations' dimension is saturated and the error is `T^a`.
#[test]
fn catastrophe_is_where_b_is_small_and_not_where_it_is_large() {
    let error = |b, a| power(&synthetic(b, a, None), q(4, 5));
    assert_eq!(error(q(1, 1), q(0, 1)), q(-3, 5));
    assert_eq!(error(q(1, 2), q(0, 1)), q(-1, 10));
    assert_eq!(error(q(2, 5), q(0, 1)), q(0, 1));
    assert_eq!(error(q(1, 2), q(1, 5)), q(1, 10));
    assert_eq!(error(q(1, 5), q(0, 1)), q(0, 1));
    assert_eq!(error(q(3, 10), q(1, 10)), q(1, 10));
}

/// With noise, consistency holds exactly for `0 < ℓ < β (min(b,1) − a)` (`a ≥ 0`), beyond the best `ℓ`.
#[test]
fn noisy_consistency_reaches_beyond_the_best_ridge() {
    let model = synthetic(q(3, 4), q(1, 4), Some(q(0, 1)));
    assert_eq!(
        model.best_ridge().unwrap().choice(),
        Ridge::Exponent(q(2, 5))
    );
    // β (b − a) = 1
    assert_eq!(power(&model, q(9, 10)), q(-1, 20));
    assert_eq!(power(&model, q(1, 1)), q(0, 1));
    assert_eq!(power(&model, q(11, 10)), q(1, 20));
    // the best ridge with b > 1 and a > 0 is not ℓ_crit
    let many = synthetic(q(2, 1), q(1, 2), Some(q(0, 1)))
        .best_ridge()
        .unwrap();
    assert_eq!(many.choice(), Ridge::Exponent(q(2, 5)));
    assert_eq!(many.order, Some(plain(q(-3, 10))));
}

#[test]
fn the_clean_choice_costs_what_the_synthetic_term_makes_it_cost() {
    let model = synthetic(q(1, 2), q(0, 1), Some(q(0, 1)));
    let clean = model.on_clean_data().best_ridge().unwrap();
    // d = T^{1/2}/2 is above T^{1−c}: ridge does better than least squares, at ℓ_crit as if d were infinite
    assert_eq!(clean.choice(), Ridge::Exponent(q(4, 5)));
    assert_eq!(clean.order.unwrap().power, q(-3, 5));
    // on synthetic labels that ridge gives T^{-1/10}, the best one T^{-3/10}
    assert_eq!(power(&model, q(4, 5)), q(-1, 10));
    assert_eq!(model.best_ridge().unwrap().order.unwrap().power, q(-3, 10));
}

#[test]
fn generations_of_too_few_samples_misspecify() {
    // infinite d, T_0 = T^{1/2}: the generations shrink at κ_0 ~ (C/T_0)^β, a bias T_0^{-2βr} with λ small
    let model = ScalingModel {
        dimension: DimensionLaw::Infinite,
        ..synthetic(q(1, 2), q(0, 1), None)
    };
    let law = model.with_ridge(Ridge::Ridgeless).test_error().unwrap();
    assert_eq!(
        law.term(ErrorTerm::Misspecification)
            .unwrap()
            .exponent()
            .unwrap(),
        Some(q(-3, 4))
    );
    assert_eq!(
        law.labeller_kappa.unwrap().exponent().unwrap(),
        Some(q(-1, 1))
    );
}

fn model() -> impl Strategy<Value = ScalingModel> {
    let labeller =
        (2_i64..=8, -2_i64..=3, 1_u32..=2, any::<bool>()).prop_map(|(b, a, n, shared)| Labeller {
            samples: q(b, 4),
            noise: Some(q(a, 4)),
            generations: n,
            designs: if shared {
                LabellerDesigns::Shared
            } else {
                LabellerDesigns::Independent
            },
        });
    (
        5_i64..=12,
        1_i64..=12,
        prop_oneof![Just(None), (0_i64..=12).prop_map(Some)],
        prop_oneof![Just(None), Just(Some(q(0, 1))), Just(Some(q(-1, 2)))],
        proptest::option::of(labeller),
        prop_oneof![
            Just(DimensionLaw::Infinite),
            (1_i64..=6).prop_map(|p| DimensionLaw::Power(q(p, 4))),
            Just(DimensionLaw::OfLabeller(q(1, 2))),
            Just(DimensionLaw::OfLabeller(q(3, 1))),
        ],
    )
        .prop_filter_map("d = T0", |(beta, r, ell, noise, labeller, dimension)| {
            let dimension = match (&labeller, dimension) {
                (None, DimensionLaw::OfLabeller(_)) => DimensionLaw::Power(q(3, 2)),
                (_, dimension) => dimension,
            };
            if let (Some(l), DimensionLaw::Power(p)) = (&labeller, &dimension)
                && l.samples == *p
            {
                return None;
            }
            Some(ScalingModel {
                beta: q(beta, 4),
                source: q(r, 8),
                ridge: ell.map_or(Ridge::Ridgeless, |ell| Ridge::Exponent(q(ell, 4))),
                noise,
                labeller,
                dimension,
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The expansion of every term has the value of the deterministic equivalent, to what its remainder allows.
    #[test]
    fn laws_have_the_value_of_the_equivalents(model in model()) {
        // neither T_0 nor d beyond 10^14
        let widest = [Axis::LabellerSamples, Axis::Dimension].iter().filter_map(|axis| model.exponent(*axis));
        let widest = num_traits::ToPrimitive::to_f64(&widest.fold(q(7, 5), BigRational::max)).unwrap();
        let high = 10_f64.powf(14.0 / widest);
        let low = high / 100.0;
        let law = match model.test_error() {
            Ok(law) => law,
            Err(_) => {
                // only minimum norm at T = d
                prop_assert!(model.ridge == Ridge::Ridgeless);
                return Ok(());
            }
        };
        for t in [low, high] {
            let measured = model.measure(t).unwrap();
            let labelled_below = measured.term(ErrorTerm::SyntheticSpread).is_none();
            for (term, value) in &measured.terms {
                let mut germ = law.term(*term).unwrap().clone();
                if *term == ErrorTerm::SyntheticSignal && labelled_below {
                    germ = &germ + law.term(ErrorTerm::SyntheticSpread).unwrap();
                }
                if *value == 0.0 {
                    // a difference may round to zero
                    prop_assert!(germ.is_zero() || *term == ErrorTerm::Misspecification, "{term:?}");
                    continue;
                }
                // whole d and T_0 move what depends on them
                let rounded = 3.0 * f64::from(u8::from(model.labeller.is_some() || model.dimension != DimensionLaw::Infinite))
                    / t.powf(0.25);
                let size = |order: &Order| {
                    let number = |x: &BigRational| num_traits::ToPrimitive::to_f64(x).unwrap();
                    t.powf(number(&order.power)) * t.ln().powf(number(&order.log))
                };
                let largest = germ.terms().iter().map(|t| t.coefficient.value().abs()).fold(1.0, f64::max);
                let unknown = germ.remainder().map_or(0.0, size) * 100.0 * largest / value.abs();
                // misspecification is measured as a difference
                let base = measured.term(ErrorTerm::Bias).unwrap_or(0.0).abs() / value.abs();
                let measurement = 1e-7 * if *term == ErrorTerm::Misspecification { base + 1.0 } else { 1.0 };
                let allowed = unknown + measurement + rounded;
                if allowed < 0.05 {
                    prop_assert!(
                        (germ.evaluate(t) / value - 1.0).abs() <= allowed,
                        "{term:?} at {t:e}: {} beside {value}, allowed {allowed:e} ({germ})", germ.evaluate(t)
                    );
                }
            }
        }
    }

    /// The exponents follow the closed form wherever it holds: `T_0 > d` and an unsaturated dimension.
    #[test]
    fn closed_form_of_the_powers(b in 2_i64..=8, a in -2_i64..=3, ell in 0_i64..=31, r in 1_i64..=12) {
        let (b, a, ell, r) = (q(b, 4), q(a, 4), q(ell, 16), q(r, 8));
        let beta = q(2, 1);
        let saturated = ell >= &b * &beta;
        prop_assume!(!saturated);
        let model = ScalingModel { source: r.clone(), ..synthetic(b.clone(), a.clone(), Some(q(0, 1))) };
        let under = r.min(q(1, 1));
        let one = q(1, 1);
        let filled = &ell / &beta;
        let bias = -(q(2, 1) * &ell * under);
        let variance = &filled - &one;
        let synthetic = &a + (&one - &b).max(q(0, 1)) - &one + &filled;
        prop_assert_eq!(power(&model, ell), bias.max(variance).max(synthetic));
    }
}

proptest! {
    // Each case derives a dozen laws.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// An affine law predicts the power a small step away, in every exponent at once.
    #[test]
    fn affine_laws_hold_nearby(model in model(), steps in proptest::collection::vec(-1_i64..=1, 5)) {
        let Ok(law) = model.test_error() else { return Ok(()) };
        for (term, _) in &law.terms {
            let Ok(Some(affine)) = model.affine_law(*term) else { continue };
            let mut moved = model.clone();
            let mut expected = affine.constant.clone();
            for (axis, step) in Axis::ALL.into_iter().zip(&steps) {
                let Some(value) = model.exponent(axis) else { continue };
                let value = value + q(*step, 1 << 30);
                moved = moved.with_exponent(axis, &value);
                if let Some((_, slope)) = affine.slopes.iter().find(|(other, _)| *other == axis) {
                    expected += slope * &value;
                }
            }
            let there = moved.test_error().unwrap();
            // a kink of several exponents at once may hide from each alone
            if let Ok(Some(power)) = there.term(*term).unwrap().exponent() {
                let here = law.term(*term).unwrap().exponent().unwrap().unwrap();
                let far = (&power - &expected) * q(1 << 20, 1);
                prop_assert!(far < q(1, 1) && far > q(-1, 1), "{term:?}: {here} -> {power}, expected {expected}");
            }
        }
    }
}

proptest! {
    // Each case finds every kink of a curve.
    #![proptest_config(ProptestConfig::with_cases(20))]

    /// Powers are continuous and piecewise linear in every exponent, and the reconstruction is them.
    #[test]
    fn powers_are_continuous_and_piecewise_linear(model in model(), share in 1_i64..=96) {
        let power = |ell: &BigRational| power(&model, ell.clone());
        let (from, to) = (q(0, 1), q(4, 1));
        let curve = model.error_power(Axis::Ridge, &from, &to).unwrap();
        let x = &to * q(share, 97);
        prop_assert_eq!(curve.value(&x).unwrap(), power(&x));
        for (kink, value) in curve.knots() {
            prop_assert_eq!(&power(kink), value);
        }
        let (least, _) = curve.minimum();
        prop_assert!(power(&x) >= least);
    }
}

#[test]
fn piecewise_linear_functions_are_found_with_all_their_kinks() {
    // kinks at 1/3, 1/2, 7/10, with the outer slopes equal and a value that comes back
    let points = [
        (q(0, 1), q(0, 1)),
        (q(1, 3), q(1, 3)),
        (q(1, 2), q(1, 6)),
        (q(7, 10), q(1, 6)),
        (q(1, 1), q(7, 15)),
    ];
    let f = |x: &BigRational| {
        let pair = points.windows(2).find(|w| *x <= w[1].0).unwrap();
        let ((x0, y0), (x1, y1)) = (&pair[0], &pair[1]);
        Ok(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    };
    let curve = PiecewiseLinear::reconstruct(&q(0, 1), &q(1, 1), f).unwrap();
    assert_eq!(curve.knots(), points.as_slice());
    let (least, where_least) = PiecewiseLinear::reconstruct(&q(1, 5), &q(1, 1), f)
        .unwrap()
        .minimum();
    assert_eq!(least, q(1, 6));
    assert_eq!(where_least, [(q(1, 2), q(7, 10))]);
    // the maximum of lines has its kinks where they cross
    let line = |from: BigRational, to: BigRational| {
        PiecewiseLinear::reconstruct(&q(0, 1), &q(1, 1), |x| Ok(&from + (&to - &from) * x)).unwrap()
    };
    let top = PiecewiseLinear::envelope(&[
        line(q(0, 1), q(-1, 1)),
        line(q(-1, 1), q(0, 1)),
        line(q(-2, 5), q(-2, 5)),
    ]);
    let expected = [
        (q(0, 1), q(0, 1)),
        (q(2, 5), q(-2, 5)),
        (q(3, 5), q(-2, 5)),
        (q(1, 1), q(0, 1)),
    ];
    assert_eq!(top.unwrap().knots(), expected.as_slice());
    assert_eq!(PiecewiseLinear::envelope(&[]), None);
    // the outer lines meet at 1/2, where the function still follows the first of them, to a dip a little further on
    let dip = |x: &BigRational| {
        let falling = q(1, 2) - x;
        let rising = (x - q(503, 1000)) * q(3, 1) - q(3, 1000);
        Ok(falling.max(rising.min(q(0, 1))))
    };
    let curve = PiecewiseLinear::reconstruct(&q(4, 10), &q(6, 10), dip).unwrap();
    let (least, _) = curve.minimum();
    assert_eq!(least, q(-3, 1000));
    // a jump is an error, not a line
    let jump = |x: &BigRational| Ok(if *x < q(1, 3) { q(0, 1) } else { q(1, 1) });
    assert!(PiecewiseLinear::reconstruct(&q(0, 1), &q(1, 1), jump).is_err());
}
