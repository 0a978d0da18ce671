//! Extreme eigenvalues: what is recognised, what is refused, and where they are.

use super::*;
use crate::equivalent::edges::{largest, smallest};

/// Rows, and what the other side is of: `Sigma` on its levels.
const T: f64 = 250.0;

fn said(text: &str, at_size: bool) -> Result<f64, String> {
    let scope = with_stacks();
    let environment = environment::<f64>(&LEVELS, &POINT);
    let statement = stated(text, &scope, &environment);
    either_unit(&statement, statement.claim.lhs, &environment, at_size)
        .map(|found| found.value)
        .map_err(|e| e.to_string())
}

/// The levels of a function of `Sigma`.
fn levels(f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    LEVELS.iter().map(|(s, m, _)| (f(*s), *m)).collect()
}

#[test]
fn grams_of_one_design_are_recognised_however_they_are_written() {
    let top = |f: &dyn Fn(f64) -> f64| largest(&levels(f), T).unwrap().edge;
    let bottom = |f: &dyn Fn(f64) -> f64| smallest(&levels(f), T).unwrap().edge;
    let (s, square, one) = (|s: f64| s, |s: f64| s * s, |_: f64| 1.0);
    let cases = [
        ("E[opnorm(X'*X/T)]", top(&s)),
        ("E[opnorm(X*X')]", T * top(&s)),
        ("E[eigmax((X/sqrt(T))'*(X/sqrt(T)))]", top(&s)),
        ("E[opnorm(X)]", (T * top(&s)).sqrt()),
        ("E[opnorm(X')^2]/T", top(&s)),
        ("E[eigmin(X'*X/T)]", bottom(&s)),
        ("E[eigmin(X*X'/T)]", 0.0),
        ("E[eigmin(X'*X/T + lambda*I)]", bottom(&s) + 0.3),
        ("E[eigmin(lambda*I - X'*X/T)]", 0.3 - top(&s)),
        (
            "E[opnorm(7*I - X'*X/T)]",
            (7.0 - bottom(&s)).max(top(&s) - 7.0),
        ),
        ("E[opnorm(X*Sigma*X'/T)]", top(&square)),
        ("E[eigmin(sqrt(Sigma)*X'*X*sqrt(Sigma)/T)]", bottom(&square)),
        ("E[opnorm(X*inv(Sigma)^(1/2))]/sqrt(T)", top(&one).sqrt()),
        ("E[opnorm(Z)^2]/T", largest(&[(1.0, 60.0)], T).unwrap().edge),
        (
            "E[opnorm(Z')^2]/T",
            largest(&[(1.0, 60.0)], T).unwrap().edge,
        ),
    ];
    for (text, expected) in cases {
        let found = said(text, false).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert!(
            (found - expected).abs() <= 1e-10 * expected.abs(),
            "{text}: {found}, {expected}"
        );
    }
}

#[test]
fn other_matrices_are_refused_and_so_is_what_is_left_of_differences() {
    for text in [
        "E[opnorm(X'*X/T - Sigma)]",
        "E[opnorm(H*X')]",
        "E[eigmin(X'*X + H'*H)]",
        "E[eigmin(X'*X*Sigma)]",
        "E[opnorm([X; H])]",
        "opnorm(X)",
        "E[opnorm(X'*X/T)] - E[opnorm(X*X'/T)]",
        "E[opnorm(X'*X/T) - opnorm(X*X'/T)]",
        "abs(E[opnorm(X'*X/T)] - E[opnorm(X*X'/T)])",
        "max(E[opnorm(X'*X/T)] - E[opnorm(X*X'/T)], 0)",
        "E[exp(opnorm(X'*X/T) - opnorm(X*X'/T))] - 1",
        "E[opnorm(X'*X/T)*tr(X'*X)] - E[opnorm(X'*X/T)]*E[tr(X'*X)]",
        "E[opnorm(X'*X/T) + tr(X'*X)] - E[opnorm(X'*X/T)] - E[tr(X'*X)]",
        "E[tr(opnorm(X'*X/T)*X'*X)] - E[opnorm(X'*X/T)]*E[tr(X'*X)]",
        "E[(w0'*X'*E)*opnorm(X)]",
        "E[2^opnorm(X)]",
    ] {
        if let Ok(value) = said(text, false) {
            panic!("{text}: {value}");
        }
    }
}

/// Where it is on average at this size, a simulation finds it; at its edge it does not.
#[test]
fn simulations_find_the_means_at_their_size() {
    let bodies = [
        "opnorm(X'*X/T)",
        "eigmin(X'*X/T)",
        "opnorm(Z)",
        "opnorm(X'*X/T - 3*I)",
    ];
    let scope = with_stacks();
    let environment = environment::<f64>(&LEVELS, &POINT);
    let parsed: Vec<Expr> = bodies.iter().map(|text| expr(text)).collect();
    let names = ["X".to_owned(), "Z".to_owned()];
    let plans = plan(&scope, &environment, &names).unwrap();
    let replicates = 40u64;
    let mut sums = vec![(0.0, 0.0); bodies.len()];
    let mut at = environment.clone();
    for replicate in 0..replicates {
        let mut stream = Stream::new(11, 0, replicate);
        at.draw = Some(Draw::new(&plans, &environment, &mut stream).unwrap());
        let evaluator = Evaluator::new(&scope, &at);
        for (body, sum) in parsed.iter().zip(&mut sums) {
            let x = evaluator.scalar(body).unwrap();
            *sum = (sum.0 + x, sum.1 + x * x);
        }
    }
    for (body, (sum, squares)) in bodies.iter().zip(&sums) {
        let mean = sum / replicates as f64;
        let error = ((squares / replicates as f64 - mean * mean) / replicates as f64).sqrt();
        let text = format!("E[{body}]");
        let (edge, at_size) = (said(&text, false).unwrap(), said(&text, true).unwrap());
        // What is left is of order 1/size.
        assert!(
            (at_size - mean).abs() < 4.0 * error + 0.01 * mean,
            "{body}: {at_size}, {mean} ± {error}"
        );
        assert!(
            (edge - mean).abs() > 4.0 * error,
            "{body}: {edge}, {mean} ± {error}"
        );
    }
}
