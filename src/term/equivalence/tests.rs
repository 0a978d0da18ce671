//! Against the engine's recursion where it applies, and against Monte Carlo of the same formulas where it does not.

mod binding;
mod cases;

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::equivalent::{Chain, Fit};
use crate::formula::ast::{self, Comparison, Expr, RelationOp, Span};
use crate::formula::parse::parse_expression;
use crate::formula::scope::{Designs, Law, RandomObject, Scale, Scope, Symbol};
use crate::number::{Ball, Real};
use crate::simulate::Stream;
use crate::spectrum::{Dimension, PowerLaw, Spectrum, Target};
use crate::term::evaluate::{Covariance, Draw, Evaluator, ExactLaw, Level, plan};
use crate::term::resolve;

pub(super) use cases::{
    LEVELS, POINT, ZOO, close, design, environment, everything, expectation, expr, noise, scope,
};
use cases::{labeller, value};

#[derive(Clone, Copy, Debug)]
enum Kind {
    Independent,
    Ridge,
    Shared,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn labellers_agree_with_the_recursion_of_the_engine(
        kind in prop_oneof![Just(Kind::Independent), Just(Kind::Ridge), Just(Kind::Shared)],
        values in prop::collection::vec((-4.0..4.0f64, 0.0..7.0f64, 0.0..3.0f64), 1..4),
        n in 0usize..7,
        samples in 0.0..15.0f64,
        samples0 in 0.0..15.0f64,
        lambda in prop_oneof![Just(None), (-14.0..3.0f64).prop_map(Some)],
        lambda0 in -14.0..3.0f64,
        sigma in prop_oneof![Just(0.0), 0.01..2.0f64],
        sigma0 in prop_oneof![Just(0.0), 0.01..2.0f64],
    ) {
        let levels: Vec<(f64, f64, f64)> = values
            .iter()
            .map(|(s, m, mass)| (10f64.powf(*s), 10f64.powf(*m).round(), *mass))
            .collect();
        let d: f64 = levels.iter().map(|l| l.1).sum();
        let (t, t0) = (10f64.powf(samples).round(), 10f64.powf(samples0).round());
        // At the threshold itself there is no value.
        prop_assume!((t - d).abs() > 1e-3 * d && (t0 - d).abs() > 1e-3 * d);
        prop_assume!(levels.iter().any(|l| l.2 > 0.0));
        let lambda = lambda.map_or(0.0, |l| 10f64.powf(l));
        let lambda0 = 10f64.powf(lambda0);
        let scalars = [
            ("T", t), ("T0", t0), ("n", n as f64), ("sigma", sigma), ("sigma0", sigma0),
            ("lambda", lambda), ("lambda0", lambda0),
        ];
        let downstream = Fit { samples: t, noise: sigma, ridge: lambda };
        let generation = |ridge| Fit { samples: t0, noise: sigma0, ridge };
        let (body, chain) = match kind {
            Kind::Independent => ("W", Chain::independent(n, generation(0.0), downstream)),
            Kind::Ridge => ("U", Chain::independent(n, generation(lambda0), downstream)),
            Kind::Shared => ("V", Chain::shared(t0, &vec![sigma0; n], 0.0, downstream).unwrap()),
        };
        let body = expr(&format!("norm2(ridge(X, X*{body} + E, lambda) - w0, Sigma)"));
        let (scope, plain) = (everything(), environment::<f64>(&levels, &scalars));
        let Covariance::Explicit { levels: sorted, spectrum, .. } = &plain.covariance else { unreachable!() };
        let mass: Vec<f64> = sorted.iter().map(|l| l.mass).collect();
        let kappas = chain.kappas(|l, t| crate::equivalent::kappa(spectrum, l, t)).unwrap();
        let Spectrum::Atoms(atoms) = spectrum else { unreachable!() };
        let modes = crate::equivalent::Modes::of_atoms(atoms, &mass).unwrap();
        let expected = chain.predict_modes(&modes, &kappas).unwrap().test_error;
        let found = expectation(&body, &scope, &plain).unwrap();
        prop_assert!(close(found, expected, 1e-11), "{found:e} for {expected:e}");
        let exact = environment::<Ball>(&levels, &scalars);
        match expectation(&body, &scope, &exact) {
            Ok(ball) => prop_assert!(
                close(ball.midpoint(), expected, 1e-11) && ball.radius() <= 1e-9 * expected,
                "{ball:?} for {expected:e}"
            ),
            // κ cannot always be enclosed next to the threshold.
            Err(error) => prop_assert!(error.to_string().contains("threshold"), "{error}"),
        }
    }
}

#[test]
fn agrees_with_monte_carlo_of_the_same_formula() {
    let scope = everything();
    let environment = environment::<f64>(&LEVELS, &POINT);
    let bodies: Vec<Expr> = ZOO.iter().map(|text| expr(text)).collect();
    let replicates = 100u64;
    let names: Vec<String> = scope.random.iter().map(|(n, _)| n.clone()).collect();
    let plans = plan(&scope, &environment, &names).unwrap();
    let mut sums = vec![(0.0, 0.0); bodies.len()];
    let mut at = environment.clone();
    for replicate in 0..replicates {
        let mut stream = Stream::new(7, 0, replicate);
        at.draw = Some(Draw::new(&plans, &environment, &mut stream).unwrap());
        let evaluator = Evaluator::new(&scope, &at);
        for (body, sum) in bodies.iter().zip(&mut sums) {
            let x = evaluator.scalar(body).unwrap();
            *sum = (sum.0 + x, sum.1 + x * x);
        }
    }
    let n = replicates as f64;
    let mut wrong = String::new();
    for ((text, body), (sum, squares)) in ZOO.iter().zip(&bodies).zip(sums) {
        let mean = sum / n;
        let error = ((squares / n - mean * mean) / (n - 1.0)).max(0.0).sqrt();
        match expectation(body, &scope, &environment) {
            Ok(value) => {
                // Equivalents differ from finite sizes by a relative order of 1/|T − d|.
                let allowed = 4.0 * error + 0.025 * value.abs();
                let mark = if (value - mean).abs() > allowed {
                    "WRONG"
                } else {
                    ""
                };
                let line = format!("{text}: {value:.5} simulated {mean:.5} ± {error:.5} {mark}\n");
                print!("{line}");
                if !mark.is_empty() {
                    wrong += &line;
                }
            }
            Err(why) => wrong += &format!("{text}: {why}\n"),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn one_quantity_written_in_many_ways_has_one_value() {
    let scope = everything();
    let families: [&[&str]; 5] = [
        &[
            "norm2(A*w0 - w0, Sigma)",
            "norm2((I - R*S)*w0, Sigma)",
            "lambda^2*w0'*R*Sigma*R*w0",
            "norm2(ridge(X, X*w0, lambda) - w0, Sigma)",
            "norm2(w0 - inv(X'*X + T*lambda*I)*X'*X*w0, Sigma)",
            "norm2(X'*inv(X*X' + T*lambda*I)*X*w0 - w0, Sigma)",
            "(w0'*(I - A))*Sigma*(w0 - ridge(X, X*w0, lambda))",
        ],
        &[
            "tr(Sigma*R*S*R)",
            "tr(Sigma*A*R)",
            "tr(R*Sigma*A)",
            "tr(S*R*Sigma*R)",
            "norm2(R*X'*E/T, Sigma)*T/sigma^2",
            "norm2(ridge(X, E, lambda), Sigma)*T/sigma^2",
            "tr((Sigma*R - lambda*Sigma*R^2))",
        ],
        &[
            "norm2(P*w0)",
            "w0'*P*w0",
            "w0'*P*P*w0",
            "w0'*pinv(Y)*Y*P*w0",
            "w0'*w0 - norm2(w0 - P*w0)",
            "norm2(ridge(Y, Y*w0, 0))",
        ],
        &[
            "norm2(W, Sigma)",
            "norm2(ridge(Z(1), Z(1)*ridge(Z(2), Z(2)*w0 + e(2), 0) + e(1), 0), Sigma)",
            "norm2(Q*w0, Sigma) + norm2(proj(Z(0))*pinv(Z(1))*e(1), Sigma) + norm2(pinv(Z(0))*e(0), Sigma)",
        ],
        &[
            "norm2(ridge(X, X*V, lambda) - w0)",
            "norm2(A*P*w0 - w0) + n*norm2(A*pinv(Y)*e(0))",
        ],
    ];
    for samples in [30.0, 250.0, 4000.0] {
        let mut point = POINT;
        point[0].1 = samples;
        let environment = environment::<Ball>(&LEVELS, &point);
        for family in families {
            let values: Vec<Ball> = family
                .iter()
                .map(|text| {
                    expectation(&expr(text), &scope, &environment)
                        .unwrap_or_else(|e| panic!("{text}: {e}"))
                })
                .collect();
            for (text, value) in family.iter().zip(&values) {
                let gap = *value - values[0];
                assert!(
                    gap.midpoint().abs() <= gap.radius() && gap.radius() < 1e-20 * value.midpoint(),
                    "{text}: {value:?}, {}: {:?}",
                    family[0],
                    values[0]
                );
            }
        }
    }
}

#[test]
fn the_cost_of_a_huge_dimension_is_none() {
    // A bias of 1e-24 next to a signal of 1, with 10^12 dimensions and 10^15 rows.
    let levels = [(1.0, 1e12, 1.0), (0.01, 1e3, 1.0)];
    let scalars = [
        ("T", 1e15),
        ("T0", 4e14),
        ("n", 5.0),
        ("lambda", 1e-12),
        ("lambda0", 1e-12),
        ("sigma", 0.0),
        ("sigma0", 0.0),
    ];
    let body = expr("norm2(ridge(X, X*U, lambda) - w0, Sigma)");
    let plain = expectation(&body, &everything(), &environment::<f64>(&levels, &scalars)).unwrap();
    let exact = expectation(
        &body,
        &everything(),
        &environment::<Ball>(&levels, &scalars),
    )
    .unwrap();
    assert!(close(plain, exact.midpoint(), 1e-12), "{plain:e} {exact:?}");
    assert!(exact.midpoint() < 1e-19 && exact.radius() < 1e-12 * exact.midpoint());
}

#[test]
fn power_laws_agree_with_the_engine() {
    for (dimension, t, t0, lambda, n) in [
        (Dimension::Finite(100_000), 3e4, 1e6, 1e-5, 3),
        (Dimension::Finite(50_000), 3e5, 2e4, 0.0, 2),
        (Dimension::Infinite, 1e7, 1e5, 1e-4, 2),
        (Dimension::Infinite, 300.0, 1e4, 0.0, 4),
    ] {
        let law = PowerLaw::new(1.8, dimension).unwrap();
        let target = Target::Source { r: 0.4 };
        let scalars = [
            ("T", t),
            ("T0", t0),
            ("n", f64::from(n)),
            ("lambda", lambda),
            ("lambda0", 1e-3),
            ("sigma", 0.3),
            ("sigma0", 0.2),
        ];
        let environment = Environment::<f64> {
            covariance: Covariance::PowerLaw {
                law,
                target: target.clone(),
                exact: ExactLaw {
                    beta: law.beta(),
                    target: None,
                },
            },
            scalars: scalars.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
            draw: None,
            known: HashMap::new(),
        };
        for (name, ridge) in [("W", 0.0), ("U", 1e-3)] {
            let body = expr(&format!(
                "norm2(ridge(X, X*{name} + E, lambda) - w0, Sigma)"
            ));
            let found = expectation(&body, &everything(), &environment).unwrap();
            let chain = Chain::independent(
                n as usize,
                Fit {
                    samples: t0,
                    noise: 0.2,
                    ridge,
                },
                Fit {
                    samples: t,
                    noise: 0.3,
                    ridge: lambda,
                },
            );
            let expected = chain
                .predict(&Spectrum::PowerLaw(law), &target)
                .unwrap()
                .test_error;
            assert!(
                close(found, expected, 1e-9),
                "{name}: {found:e} for {expected:e}"
            );
        }
    }
}

#[test]
fn expectations_stand_in_for_scalars_anywhere() {
    let mut scope = everything();
    scope
        .definitions
        .push(("bias".into(), expr("E[norm2(A*w0 - w0, Sigma)]")));
    let environment = environment::<f64>(&LEVELS, &POINT);
    let at = |text: &str| value(&expr(text), &scope, &environment).unwrap();
    let k = "(kappa(lambda, T)^2*(w0'*Sigma*(Sigma + kappa(lambda, T)*I)^-2*w0)/(1 - df(2, kappa(lambda, T))/T))";
    assert!(close(at("bias"), at(k), 1e-12));
    assert!(close(
        at("sqrt(2*bias)/max(bias, 0)"),
        (2.0 / at(k)).sqrt(),
        1e-12
    ));
    let first = at("E[norm2(proj(Z(0))*w0)]");
    assert!(close(
        at("sum(m = 0..2, (m + 1)*E[norm2(proj(Z(m))*w0)])"),
        6.0 * first,
        1e-12
    ));
    assert!(close(
        at("E[w0'*prod(m = 1..0, proj(Z(m)))*w0]"),
        at("w0'*w0"),
        1e-15
    ));
    assert!(close(at("E[tr(prod(m = 1..0, P))]"), 100.0, 1e-15));
    assert!(matches!(
        value(&expr("norm2(A*w0)"), &scope, &environment),
        Err(EquivalenceError::Evaluation(EvaluationError::Unsupported(
            _
        )))
    ));
}

#[test]
fn what_is_not_covered_is_refused() {
    let scope = everything();
    let environment = environment::<f64>(&LEVELS, &POINT);
    for text in [
        // products and functions of random scalars
        "(w0'*R*w0)^2",
        "tr(A)*norm2(A*w0)",
        "exp(w0'*A*w0)",
        "sqrt(norm2(A*w0))",
        "1/(1 + tr(A))",
        "max(tr(A), 1)",
        "if(tr(A) > 1, 1, 0)",
        "opnorm(A)",
        // a design three times or more, or crossing another
        "w0'*A*Sigma*A*Sigma*A*w0",
        "norm2(ridge(X, X*ridge(X, X*w0 + E, lambda) + E, lambda), Sigma)",
        "tr(A*P*A*P)",
        "norm2(P*A*P*w0)",
        // inverses of something else
        "w0'*inv(S + Sigma)*w0",
        "w0'*inv(S + Y'*Y)*w0",
        "w0'*inv(I - S)*w0",
        "tr(X'*inv(X*X')*X)",
        "w0'*pinv(S)*w0",
        "tr(proj(X*A))",
        // raw designs, outer products, traces over rows next to an identity
        "E'*X*w0*E'*E",
        "tr(w0*w0'*A)",
        "tr(X*R*X' + I)",
        // the leading orders cancel
        "tr(A) - df(1, kappa(lambda, T))",
        "w0'*(A - Sigma*inv(Sigma + kappa(lambda, T)*I))*w0",
        // derivatives, extrema, vectors
        "inf(x in [0, 1], x*tr(A))",
        "A*w0",
        "A",
    ] {
        let result = expectation(&expr(text), &scope, &environment);
        assert!(
            matches!(result, Err(EquivalenceError::NotRecognised { .. })),
            "{text}: {result:?}"
        );
    }
    for text in [
        "w0'*inv(Y'*Y)*w0",
        "norm2(pinv(Z(3))*e(0))",
        "norm2(ridge(Y, E, lambda))",
        "norm2(ridge(X, E, -1))",
        "tr(A)/0",
    ] {
        let result = expectation(&expr(text), &scope, &environment);
        assert!(
            matches!(
                result,
                Err(EquivalenceError::Evaluation(EvaluationError::Undefined(_)))
            ),
            "{text}: {result:?}"
        );
    }
    let shared = self::scope(
        vec![("W", labeller(Some("lambda"), Designs::Shared), None)],
        &[],
    );
    let result = expectation(&expr("norm2(W)"), &shared, &environment);
    assert!(
        matches!(result, Err(EquivalenceError::NotRecognised { .. })),
        "{result:?}"
    );
}

#[test]
fn the_threshold_has_no_value_where_noise_meets_it() {
    let mut point = POINT;
    point[0].1 = 100.0;
    let environment = environment::<Ball>(&LEVELS, &point);
    let at = |text: &str| expectation(&expr(text), &everything(), &environment);
    assert!(matches!(
        at("norm2(ridge(X, X*w0 + E, 0) - w0)"),
        Err(EquivalenceError::Evaluation(EvaluationError::Undefined(_)))
    ));
    // Without noise the fit is exact.
    assert!(at("norm2(ridge(X, X*w0, 0) - w0)").unwrap().is_zero());
    assert!(at("norm2(ridge(X, X*w0 + E, lambda) - w0)").is_ok());
}
