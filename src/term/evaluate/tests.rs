use std::collections::HashMap;

use super::*;
use crate::formula::parse::parse_expression;
use crate::number::{Ball, Real};

/// The value of a formula without symbols, `Σ = diag(2, 1/2)`.
fn value(text: &str) -> Result<Ball, EvaluationError> {
    let mut scope = Scope::default();
    let two = parse_expression("2").unwrap();
    scope.symbols.push(("d".to_owned(), Symbol::Defined(two)));
    let level = |value| Level {
        value: Ball::from_f64(value),
        multiplicity: 1.0,
        mass: Ball::one(),
        atom: 0,
    };
    let environment = Environment {
        covariance: Covariance::explicit(vec![level(2.0), level(0.5)]).unwrap(),
        scalars: HashMap::new(),
        draw: None,
        known: HashMap::new(),
    };
    Evaluator::new(&scope, &environment).scalar(&parse_expression(text).unwrap())
}

/// The value of one formula holds that of the other, and is narrow.
fn assert_enclosed(text: &str, exact: &str) {
    let (found, exact) = (
        value(text).unwrap_or_else(|error| panic!("{text}: {error}")),
        value(exact).unwrap(),
    );
    let difference = found - exact;
    assert!(
        difference.midpoint().abs() <= difference.radius(),
        "{text} is {found:?}, not {exact:?}"
    );
    assert!(found.radius() <= 1e-8, "{text}: {found:?}");
}

#[test]
fn integrals_are_enclosed_and_narrow() {
    for (text, exact) in [
        ("int(z = 0..1, z^5)", "1/6"),
        ("int(z = 0..pi, z)", "pi^2/2"),
        ("int(z = 1..2, 1/z)", "log(2)"),
        ("int(z = 2..1, 1/z)", "-log(2)"),
        ("int(z = 0..1, sqrt(z + 1))", "2/3*(2*sqrt(2) - 1)"),
        ("int(z = 0..1, exp(-10*z))", "(1 - exp(-10))/10"),
        ("int(z = 0..3, abs(z - 1))", "5/2"),
        ("int(z = 0..1, max(z, 1/3))", "5/9"),
        ("int(z = 0..1, tr((Sigma + z*I)^-2))", "1/2 - 1/3 + 2 - 2/3"),
        ("int(z = 1..1, 1/z)", "0"),
        // A peak that a coarse grid does not see.
        (
            "int(z = 0..1, 0.001/((z - 0.51)^2 + 0.000001))*0 + int(z = 0..1, 1)",
            "1",
        ),
    ] {
        assert_enclosed(text, exact);
    }
    // An integral inside another is open, not wrong.
    if let Ok(found) = value("int(z = 0..1, int(y = 0..z, y*z))") {
        assert!((found.midpoint() - 0.125).abs() <= found.radius());
    }
    // What has no finite integral, or none that can be told, has no value.
    for text in [
        "int(z = 0..1, 1/z)",
        "int(z = -1..1, 1/z^2)",
        "int(z = 0..1, log(z - 2))",
    ] {
        assert!(value(text).is_err(), "{text}");
    }
}

#[test]
fn words_have_their_values() {
    for (text, exact) in [
        ("floor(7/2)", "3"),
        ("floor(-7/2)", "-4"),
        ("floor(4)", "4"),
        ("factorial(0)", "1"),
        ("factorial(20)", "2432902008176640000"),
        ("binom(5, 2)", "10"),
        ("binom(1/2, 3)", "1/16"),
        ("binom(5, 7)", "0"),
        ("binom(40, 38)", "780"),
        ("det(Sigma)", "1"),
        ("det(3*Sigma)", "9"),
        ("logdet(Sigma + I)", "log(4.5)"),
        ("eigmin(Sigma - I)", "-1/2"),
        ("eigmax(Sigma - I)", "1"),
        ("tr(sqrt(Sigma))", "sqrt(2) + sqrt(1/2)"),
        ("tr(exp(log(Sigma)))", "5/2"),
        ("max(j = 1..2, s(j) - 1)", "1"),
        ("min(j = 1..2, s(j) - 1)", "-1/2"),
        ("ln(2)", "log(2)"),
        ("if(1 < 2 and 2 < 1 or 3 = 3, 5, 6)", "5"),
        ("if(1 < 2 and (2 < 1) = 0, 5, 6)", ""),
    ] {
        if exact.is_empty() {
            assert!(parse_expression(text).is_err(), "{text}");
            continue;
        }
        let difference = value(text).unwrap() - value(exact).unwrap();
        assert!(
            difference.midpoint().abs() <= difference.radius() + 1e-28,
            "{text}: off by {difference:?}"
        );
    }
    for text in [
        "factorial(-1)",
        "factorial(1/2)",
        "binom(3, 1/2)",
        "logdet(Sigma - I)",
        "max(j = 3..2, j)",
    ] {
        assert!(value(text).is_err(), "{text}");
    }
}

#[test]
fn valleys_are_found_where_the_base_of_a_power_changes_its_sign() {
    for (text, exact) in [
        ("inf(t in [0, 10], (t - 1)^2 + 3)", "3"),
        ("inf(t in [-1, 10], t^2 + 1)", "1"),
        ("sup(t in [0, 4], 7 - (t - 3)^4)", "7"),
        ("argmin(t in [0, 10], (t - 1)^2)", "1"),
        ("inf(t in [-2, 1], t^3)", "-8"),
    ] {
        assert_enclosed(text, exact);
    }
}
