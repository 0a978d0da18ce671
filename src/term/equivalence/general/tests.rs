//! Against the catalogue of words where it applies, and against Monte Carlo of the same formulas where it does not.

mod edges;
mod rounding;

use super::*;
use crate::formula::ast::Expr;
use crate::formula::parse::parse_relation;
use crate::formula::scope::{Law, Scale, Scope, Symbol};
use crate::simulate::Stream;
use crate::term::equivalence::expectation;
use crate::term::equivalence::tests::{
    LEVELS, POINT, ZOO, close, design, environment, everything, expr, noise, scope,
};
use crate::term::evaluate::{Draw, Evaluator, plan};
use crate::term::resolve;

/// A formula as a term, where what the environment has numbers for are symbols.
fn stated(text: &str, scope: &Scope, environment: &Environment<f64>) -> Statement {
    let mut scope = scope.clone();
    let mut names: Vec<&String> = environment.scalars.keys().collect();
    names.sort();
    for name in names {
        if scope.meaning(name).is_none() {
            let (min, max) = (expr("0"), expr("1"));
            let scale = Scale::Linear;
            let symbol = Symbol::Real { min, max, scale };
            scope.symbols.push((name.clone(), symbol));
        }
    }
    let says = parse_relation(&format!("{text} = 0")).unwrap();
    resolve(&says, &scope).unwrap()
}

fn scalar_of(
    text: &str,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    let statement = stated(text, scope, environment);
    scalar(&statement, statement.claim.lhs, environment).map(|found| found.value)
}

/// What the general mechanism says of `E[body]`.
fn generally(body: &str, scope: &Scope, environment: &Environment<f64>) -> Result<f64, String> {
    scalar_of(&format!("E[{body}]"), scope, environment).map_err(|e| e.to_string())
}

#[test]
fn the_general_mechanism_agrees_with_the_catalogue() {
    let scope = everything();
    let mut wrong = String::new();
    for samples in [30.0, 250.0, 4000.0] {
        let mut point = POINT;
        point[0].1 = samples;
        let environment = environment::<f64>(&LEVELS, &point);
        for text in ZOO {
            let Ok(known) = expectation(&expr(text), &scope, &environment) else {
                continue;
            };
            // Thirty rows are too few for some of these to mean anything, but the equations have one solution.
            let statement = stated(text, &scope, &environment);
            match unguarded(&statement, statement.claim.lhs, &environment) {
                Ok(found) if close(found.value, known, 1e-11) => {}
                Ok(found) => wrong += &format!("T = {samples}, {text}: {found:?} for {known}\n"),
                Err(why) => wrong += &format!("T = {samples}, {text}: {why}\n"),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Bodies that no catalogue holds.
const BEYOND: [&str; 12] = [
    // training error and what estimates the test error
    "norm2(X*ridge(X, X*w0 + E, lambda) - X*w0 - E)/T",
    "norm2((I - X*R*X'/T)*(X*w0 + E))/T",
    // ridge towards another fit, and a fit to what another left
    "norm2(P*w0 + ridge(X, X*(w0 - P*w0) + E, lambda) - w0, Sigma)",
    "norm2(ridge(X, X*w0, lambda) + ridge(X, X*w0 - X*ridge(X, X*w0, lambda), mu) - w0, Sigma)",
    // one design in several places
    "norm2(A*P*A*w0, Sigma)",
    "tr(A*P*A*P)",
    "norm2(R*Sigma*R*w0)",
    "tr(S*S*S)",
    // designs next to one another
    "w0'*inv(S + Y'*Y/T0 + lambda*I)*Sigma*inv(S + Y'*Y/T0 + lambda*I)*w0",
    "norm2(inv(X'*X + Y'*Y + T*lambda*I)*(X'*(X*w0 + E) + Y'*(Y*P*w0 + e(0))) - w0, Sigma)",
    // a ridge that knows the covariance
    "norm2(inv(S + lambda*Sigma^2)*S*w0 - w0, Sigma)",
    "tr(inv(Sigma + A*Sigma*A))",
];

/// Bodies in stacks: rows of two covariances, columns, both at once; labels of their own.
const STACKS: [&str; 9] = [
    "norm2(ridge([X; H], [X*w0; 2*H*w0] + m, lambda) - w0, Sigma)",
    "norm2(ridge([X; H], [X*w0 + E; 2*H*w0 + e], lambda) - w0, Sigma)",
    "norm2(pinv([H; h])*[H*w0 + e; 0*f] - w0)",
    "norm2([X, Z]*ridge([X, Z], X*w0 + E, lambda) - X*w0)/T",
    "norm2(ridge([X, Z; H, B], [X*w0 + E; H*w0 + e], lambda) - [w0; 0*g])",
    "tr(inv([X; H]*Sigma*[X; H]' + T*lambda*I))",
    "norm2(([X; H]*[X; H]' + T*I)^-1*[E; e])*T",
    "tr(proj([X, Z]')*[X, Z]*[X, Z]')/T",
    "norm2(ridge([X; sqrt(lambda)*I], [X*w0 + E; w0], 0.01) - w0)",
];

fn with_stacks() -> Scope {
    let gaussian = |rows: &str, columns: &str, covariance: Option<&str>| Law::Gaussian {
        rows: expr(rows),
        columns: expr(columns),
        covariance: covariance.map(expr),
    };
    scope(
        vec![
            ("X", design("T"), None),
            ("E", noise("T", "sigma"), None),
            ("H", gaussian("T0", "d", Some("Sigma^2 + I")), None),
            ("e", noise("T0", "sigma0"), None),
            ("Z", gaussian("T", "60", None), None),
            ("B", gaussian("T0", "60", None), None),
            ("g", noise("60", "1"), None),
            ("h", gaussian("7", "d", None), None),
            ("f", noise("7", "1"), None),
            ("m", noise("T + T0", "sigma"), None),
        ],
        &[("d", "100")],
    )
}

/// Formulas with designs that have no rows, or no columns, and the same without them.
const EMPTY: [(&str, &str); 12] = [
    (
        "norm2(ridge([X; N], [X*w0; N*w0] + m, lambda) - w0, Sigma)",
        "norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)",
    ),
    (
        "norm2(ridge([X; N], [X*w0 + E; N*w0 + o], lambda) - w0, Sigma)",
        "norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)",
    ),
    (
        "norm2(ridge([N; X], [N*w0 + o; X*w0 + E], 0) - w0)",
        "norm2(ridge(X, X*w0 + E, 0) - w0)",
    ),
    (
        "norm2([X, V]*ridge([X, V], X*w0 + E, lambda) - X*w0)/T",
        "norm2(X*ridge(X, X*w0 + E, lambda) - X*w0)/T",
    ),
    (
        "norm2([X; N]*ridge([X; N], [X*w0 + E; N*w0 + o], lambda) - [X*w0 + E; N*w0 + o])",
        "norm2(X*ridge(X, X*w0 + E, lambda) - X*w0 - E)",
    ),
    (
        "norm2(ridge([X; N], [X*w0 + E; N*ridge(X, X*w0 + E, lambda) + o], 0.1) - w0, Sigma)",
        "norm2(ridge(X, X*w0 + E, 0.1) - w0, Sigma)",
    ),
    (
        "norm2(ridge([X; X], [X*w0 + E; X*ridge(N, N*w0 + o, lambda)], lambda) - w0)",
        "norm2(inv(X'*X + T*lambda*I)*X'*(X*w0 + E)/2 - w0)",
    ),
    ("tr(inv([X; N]*[X; N]' + T*I))", "tr(inv(X*X' + T*I))"),
    ("tr(inv([X, V]'*[X, V] + T*I))", "tr(inv(X'*X + T*I))"),
    (
        "tr(inv(X'*X + N'*N + T*I)*Sigma)",
        "tr(inv(X'*X + T*I)*Sigma)",
    ),
    (
        "tr(X'*X + N'*N) + norm2(N*w0 + o) + tr(inv(N*N' + I)) + tr(proj(N)*Sigma)",
        "tr(X'*X)",
    ),
    ("norm2(X*w0) + norm2(ridge(N, o, lambda))", "norm2(X*w0)"),
];

#[test]
fn what_is_empty_leaves_a_formula_as_it_is_without_it() {
    let gaussian = |rows: &str, columns: &str| Law::Gaussian {
        rows: expr(rows),
        columns: expr(columns),
        covariance: None,
    };
    let scope = scope(
        vec![
            ("X", design("T"), None),
            ("E", noise("T", "sigma"), None),
            ("N", design("T - T"), None),
            ("o", noise("0", "1"), None),
            ("V", gaussian("T", "0"), None),
            ("m", noise("T", "sigma"), None),
        ],
        &[("d", "100")],
    );
    let environment = environment::<f64>(&LEVELS, &POINT);
    let mut wrong = String::new();
    for (with, without) in EMPTY {
        let plain = generally(without, &scope, &environment).unwrap();
        match generally(with, &scope, &environment) {
            Ok(found) if close(found, plain, 1e-10) => {}
            other => wrong += &format!("{with}: {other:?} for {plain}\n"),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    for nothing in ["norm2(pinv(N)*o)", "norm2(ridge(N, o, 0))"] {
        assert!(generally(nothing, &scope, &environment).is_err());
    }
}

#[test]
fn the_general_mechanism_agrees_with_monte_carlo() {
    let environment = environment::<f64>(&LEVELS, &POINT);
    let mut wrong = simulated(&everything(), &environment, &BEYOND, 100);
    wrong += &simulated(&with_stacks(), &environment, &STACKS, 100);
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Rows that are not alike, and matrices on atoms of which some have equal eigenvalues.
const LEVELLED: [&str; 7] = [
    "tr(Sigma*inv(X'*W*X/T + lambda*I))",
    "norm2(inv(X'*W*X + T*lambda*I)*X'*W*(X*w0 + E) - w0, Gamma)",
    "norm2(W*(X*w0 + E - X*ridge(X, X*w0 + E, lambda)))/T",
    "norm2(ridge(X, X*(w0 + G*w0) + E, lambda) - w0, Gamma)",
    "tr(inv(X'*W*V*X/T + lambda*Gamma))",
    "tr(inv(X*Gamma*X' + T*inv(W)))*T",
    "E'*W*X*inv(X'*W*X + T*lambda*I)*X'*W*E/T",
];

fn levelled() -> (Scope, Environment<f64>) {
    let mut environment = environment::<f64>(&LEVELS, &POINT);
    let Covariance::Explicit { levels, .. } = &environment.covariance else {
        unreachable!()
    };
    // Each level is cut in two.
    let mut halves = Vec::new();
    for (i, level) in levels.iter().enumerate() {
        for half in 0..2 {
            halves.push(crate::term::evaluate::Level {
                multiplicity: level.multiplicity / 2.0,
                mass: level.mass / 2.0,
                atom: 2 * i + half,
                ..level.clone()
            });
        }
    }
    let list = |f: &dyn Fn(usize) -> f64| {
        let values: Vec<String> = (0..halves.len()).map(|i| f(i).to_string()).collect();
        format!("levels(Sigma, {})", values.join(", "))
    };
    let gamma = list(&|i| [0.2, 2.5][i % 2] + 0.1 * i as f64);
    let shift = list(&|i| [0.0, 0.7][i % 2]);
    environment.covariance = Covariance::explicit(halves).unwrap();
    let scope = scope(
        vec![("X", design("T"), None), ("E", noise("T", "sigma"), None)],
        &[
            ("Gamma", &gamma),
            ("G", &shift),
            ("W", "weights(T, 1, 2/5, 4, 3/5)"),
            ("V", "weights(T, 0.5, 3/5, 1.5, 2/5)"),
        ],
    );
    (scope, environment)
}

#[test]
fn weights_and_levels_agree_with_monte_carlo() {
    let (scope, environment) = levelled();
    let wrong = simulated(&scope, &environment, &LEVELLED, 100);
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn weights_that_are_one_change_nothing() {
    let (mut scope, environment) = levelled();
    for (name, body) in &mut scope.definitions {
        if name == "W" {
            *body = expr("weights(T, 1, 2/5, 1, 3/5)");
        }
    }
    for (weighted, plain) in [
        (
            "norm2(inv(X'*W*X + T*lambda*I)*X'*W*(X*w0 + E) - w0, Gamma)",
            "norm2(ridge(X, X*w0 + E, lambda) - w0, Gamma)",
        ),
        ("tr(inv(X'*W*W*X/T + Gamma))", "tr(inv(X'*X/T + Gamma))"),
    ] {
        let (a, b) = (
            generally(weighted, &scope, &environment).unwrap(),
            generally(plain, &scope, &environment).unwrap(),
        );
        assert!(close(a, b, 1e-11), "{weighted}: {a} for {b}");
    }
}

/// Covariances that do not commute with `Sigma`, nor with one another.
const TURNED: [&str; 9] = [
    "norm2(ridge(X, X*w0 + E, lambda) - w0, Theta)",
    "norm2(ridge(Y, Y*w0 + E, lambda) - w0, Sigma)",
    "norm2(ridge([X; Y], [X*w0 + E; Y*w0 + e], lambda) - w0, Psi)",
    "norm2(ridge([X; Y], [X*w0 + E; Y*w0 + e], 0) - w0, Sigma)",
    "norm2(ridge(Y, Y*ridge(X, X*w0 + E, lambda) + e, 0) - w0, Psi)",
    "norm2(inv(X'*X/T + lambda*Theta)*X'*X*w0/T - w0, Sigma)",
    "tr(inv(X*Theta*X' + T*I))",
    "tr(Psi)/d*tr(Theta*inv(Sigma + Theta)*X'*X/T)",
    "norm2(X*w0 - X*inv(Y'*Y/T + lambda*I)*Theta*w0)/T",
];

fn turned() -> (Scope, Environment<f64>) {
    let rows = |covariance: &str| Law::Gaussian {
        rows: expr("T"),
        columns: expr("d"),
        covariance: Some(expr(covariance)),
    };
    let scope = scope(
        vec![
            ("X", design("T"), None),
            ("Y", rows("Theta"), None),
            ("E", noise("T", "sigma"), None),
            ("e", noise("T", "sigma0"), None),
        ],
        &[
            ("d", "100"),
            ("Theta", "rotated(Sigma^2 + I, 1)"),
            ("Psi", "rotated(inv(Sigma), 2)"),
        ],
    );
    (scope, environment::<f64>(&LEVELS, &POINT))
}

#[test]
fn matrices_in_other_bases_agree_with_monte_carlo() {
    let (scope, environment) = turned();
    let wrong = simulated(&scope, &environment, &TURNED, 60);
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Of a multiple of the identity, any basis is one; and `Theta` alone is in its own.
#[test]
fn bases_that_make_no_difference_make_none() {
    let (mut scope, environment) = turned();
    for (with, without) in [
        (
            "norm2(ridge(X, X*w0 + E, lambda) - w0, rotated(3*I, 1))",
            "3*norm2(ridge(X, X*w0 + E, lambda) - w0)",
        ),
        (
            "tr(Theta*inv(Y'*Y + T*I))",
            "tr((Sigma^2 + I)*inv(H'*H + T*I))",
        ),
        (
            "tr(Theta*inv(Y'*Y)*Theta)*T",
            "tr((Sigma^2 + I)*inv(H'*H)*(Sigma^2 + I))*T",
        ),
        ("norm2(X*w0 - X*inv(Theta)*Theta*w0 - E)", "norm2(E)"),
    ] {
        let law = Law::Gaussian {
            rows: expr("T"),
            columns: expr("d"),
            covariance: Some(expr("Sigma^2 + I")),
        };
        if !scope.random.iter().any(|(n, _)| n == "H") {
            let object = crate::formula::scope::RandomObject { law, count: None };
            scope.random.push(("H".into(), object));
        }
        let (a, b) = (
            generally(with, &scope, &environment).unwrap(),
            generally(without, &scope, &environment).unwrap(),
        );
        assert!(close(a, b, 1e-11), "{with}: {a} for {b}");
    }
}

/// Those whose equivalents a simulation contradicts.
fn simulated(
    scope: &Scope,
    environment: &Environment<f64>,
    texts: &[&str],
    replicates: u64,
) -> String {
    let bodies: Vec<Expr> = texts.iter().map(|text| expr(text)).collect();
    let names: Vec<String> = scope.random.iter().map(|(n, _)| n.clone()).collect();
    let plans = plan(scope, environment, &names).unwrap();
    let mut sums = vec![(0.0, 0.0); bodies.len()];
    let mut at = environment.clone();
    for replicate in 0..replicates {
        let mut stream = Stream::new(11, 0, replicate);
        at.draw = Some(Draw::new(&plans, environment, &mut stream).unwrap());
        let evaluator = Evaluator::new(scope, &at);
        for (body, sum) in bodies.iter().zip(&mut sums) {
            let x = evaluator.scalar(body).unwrap();
            *sum = (sum.0 + x, sum.1 + x * x);
        }
    }
    let n = replicates as f64;
    let mut wrong = String::new();
    for (text, (sum, squares)) in texts.iter().zip(sums) {
        let mean = sum / n;
        let error = ((squares / n - mean * mean) / (n - 1.0)).max(0.0).sqrt();
        match generally(text, scope, environment) {
            Ok(value) if (value - mean).abs() <= 4.0 * error + 0.025 * value.abs() => {}
            Ok(value) => wrong += &format!("{text}: {value} simulated {mean} ± {error}\n"),
            Err(why) => wrong += &format!("{text}: {why}\n"),
        }
    }
    wrong
}

#[test]
fn stacks_are_what_their_blocks_make() {
    let scope = with_stacks();
    let environment = environment::<f64>(&LEVELS, &POINT);
    for (stack, blocks) in [
        ("tr([X; H]'*[X; H])", "tr(X'*X + H'*H)"),
        (
            "norm2(ridge([X; H], [X*w0 + E; e], lambda), Sigma)",
            "norm2(inv(X'*X + H'*H + (T + T0)*lambda*I)*(X'*(X*w0 + E) + H'*e), Sigma)",
        ),
        (
            "norm2(ridge([X, Z], E, lambda))",
            "norm2([X, Z]'*inv(X*X' + Z*Z' + T*lambda*I)*E)",
        ),
        (
            "tr(inv([X; H]*[X; H]' + lambda*I))",
            "(T + T0 - d)/lambda + tr(inv(X'*X + H'*H + lambda*I))",
        ),
        (
            "norm2(ridge([X; H], [X*w0; H*w0] + sigma0*m, lambda))",
            "norm2(inv(X'*X + H'*H + (T + T0)*lambda*I)*(X'*(X*w0 + sigma0*E) + H'*(H*w0 + sigma*e)))",
        ),
        (
            "norm2(pinv([X; sqrt(T*lambda)*I])*[X*w0 + E; 0*w0] - w0)",
            "norm2(ridge(X, X*w0 + E, lambda) - w0)",
        ),
    ] {
        let (a, b) = (
            generally(stack, &scope, &environment).unwrap(),
            generally(blocks, &scope, &environment).unwrap(),
        );
        assert!(close(a, b, 1e-11), "{stack}: {a} for {b}");
    }
    // What depends on a whole noise and on its parts is left to simulation.
    let body = "m'*(pinv([X; H]')*[X; H]'*([E; e] + m) + m)";
    assert!(generally(body, &scope, &environment).is_err(), "{body}");
}

#[test]
fn what_is_below_the_order_of_equivalents_is_refused() {
    let scope = everything();
    let environment = environment::<f64>(&LEVELS, &POINT);
    for text in [
        // Two designs of one size.
        "E[tr(proj(Z(0))*Sigma) - tr(proj(Z(1))*Sigma)]",
        "E[norm2(proj(Z(0))*w0)] - E[norm2(proj(Z(1))*w0)]",
    ] {
        let refused = scalar_of(text, &scope, &environment);
        assert!(
            matches!(refused, Err(EquivalenceError::NotRecognised { .. })),
            "{text}: {refused:?}"
        );
    }
}

/// What a variable or an expectation around changes is read anew; references are sums of their own, or exact means.
#[test]
fn what_stands_around_a_part_is_part_of_what_it_means() {
    let (scope, environment) = turned();
    let value = |text: &str| scalar_of(text, &scope, &environment);
    let fit = |ridge: &str| format!("E[norm2(ridge(X, X*w0 + E, {ridge}) - w0, Sigma)]");
    let sum: f64 = ["1*lambda", "2*lambda", "3*lambda"]
        .iter()
        .map(|ridge| value(&fit(ridge)).unwrap())
        .sum();
    let least = value(&format!("inf(mu in [1/100, 2], {})", fit("mu"))).unwrap();
    let exactly = |text: &str| {
        Evaluator::new(&scope, &environment)
            .scalar(&expr(text))
            .unwrap()
    };
    for (text, wanted) in [
        (format!("sum(k = 1..3, {})", fit("k*lambda")), sum),
        (
            format!("inf(lambda in [1/100, 2], {})", fit("lambda")),
            least,
        ),
        (
            format!("sum(k = 1..2, k*inf(mu in [1/100, 2], {}))", fit("mu")),
            3.0 * least,
        ),
        // The same matrix inside, where it is read, and outside, where it is a number.
        ("E[w0'*Theta*w0*1]/(w0'*Theta*w0)".into(), 1.0),
        ("(w0'*Theta*w0)/E[w0'*Theta*w0*1]".into(), 1.0),
        // Sums over the spectrum that became traces, and those that did not.
        (
            "sum(j = 1..d, s(j)/(s(j) + E[tr(X'*X/T)]))".into(),
            exactly("sum(j = 1..d, s(j)/(s(j) + tr(Sigma)))"),
        ),
        (
            "1/sum(j = 1..d, c(j)^2*s(j)*E[tr(X'*X/T)])".into(),
            exactly("1/sum(j = 1..d, c(j)^2*s(j)*tr(Sigma))"),
        ),
        (
            "sum(j = 1..30, c(j)^2*s(j)*E[tr(X'*X/T)])".into(),
            exactly("sum(j = 1..30, c(j)^2*s(j)*tr(Sigma))"),
        ),
    ] {
        match value(&text) {
            Ok(found) if close(found, wanted, 1e-9) => {}
            other => panic!("{text}: {other:?} for {wanted}"),
        }
    }
    for text in [
        // What was read inside says nothing of a draw outside.
        "E[tr(X'*X)] - tr(X'*X)",
        "tr(X'*X)",
        "E[tr(X'*X)]/(2*tr(X'*X))",
    ] {
        assert!(value(text).is_err(), "{text}: {:?}", value(text));
    }
}

/// By Simpson's rule on a grid of the integrand's values.
#[test]
fn integrals_of_expectations() {
    let scope = everything();
    let environment = environment::<f64>(&LEVELS, &POINT);
    let at = |x: f64| {
        let text = format!("tr(inv(S + {x:?}*I))*{x:?}");
        generally(&text, &scope, &environment).unwrap()
    };
    const CELLS: usize = 200;
    let weight = |i: usize| match i {
        0 | CELLS => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let step = 2.0 / CELLS as f64;
    let simpson: f64 = (0..=CELLS)
        .map(|i| weight(i) * at(1.0 + step * i as f64) * step / 3.0)
        .sum();
    let found = scalar_of("int(x = 1..3, E[x*tr(inv(S + x*I))])", &scope, &environment);
    assert!(
        close(found.clone().unwrap(), simpson, 1e-9),
        "{found:?} {simpson}"
    );
    // what is random itself has no integral outside of its mean
    let refused = scalar_of("int(x = 1..3, tr(inv(S + x*I)))", &scope, &environment);
    assert!(refused.is_err(), "{refused:?}");
}

/// A function of what concentrates is that of its mean; what may vary as much as it is large has none.
#[test]
fn functions_of_random_scalars() {
    let scope = everything();
    let mut point = POINT;
    point[0].1 = 2000.0;
    let environment = environment::<f64>(&LEVELS, &point);
    let mean = |text: &str| generally(text, &scope, &environment);
    let trace = mean("tr(S*inv(S + lambda*I))").unwrap();
    let length = mean("norm2(X*w0 + E)/T").unwrap();
    for (text, wanted) in [
        ("tr(S*inv(S + lambda*I))^2", trace * trace),
        (
            "norm2(X*w0 + E)/T/(1 - tr(S*inv(S + lambda*I))/T)^2",
            length / (1.0 - trace / 2000.0).powi(2),
        ),
        ("sqrt(norm2(X*w0 + E)/T)", length.sqrt()),
        ("log(norm2(X*w0 + E)/T)", length.ln()),
    ] {
        let found = mean(text).unwrap();
        assert!(close(found, wanted, 1e-11), "{text}: {found} for {wanted}");
    }
    for text in [
        // zero on the average, and never zero
        "(w0'*X'*E)^2/T",
        "(w0'*X'*E/sqrt(T) + 3)^2",
        "tr(S - Sigma)^2",
        // what varies about zero with what hardly varies
        "norm2(X*w0 + E)*(w0'*X'*E)/T",
        "w0'*(norm2(X*w0 + E)*X'*E)/T",
        "tr(norm2(X*w0 + E)/T*(S - Sigma))",
        // few directions, in which a noise does not average out
        "(E'*X*w0*w0'*X'*E/T)^2",
        // small fluctuations grow in an exponent
        "exp(norm2(E)/100)",
        "max(norm2(E)/T, norm2(X*w0)/T)",
    ] {
        let found = mean(text);
        assert!(found.is_err(), "{text}: {found:?}");
    }
}
