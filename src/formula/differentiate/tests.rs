use super::*;
use crate::formula::parse::parse_expression;
use crate::formula::scope::Scale;
use crate::formula::shape::shape_of;
use crate::term::evaluate::{Covariance, Level};
use crate::term::evaluate::{Environment, Evaluator};

fn parse(text: &str) -> Expr {
    parse_expression(text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

const POINT: [(&str, f64); 5] = [
    ("d", 6.0),
    ("T", 9.0),
    ("lambda", 0.3),
    ("x", 0.7),
    ("y", -1.4),
];

fn scope() -> Scope {
    let mut scope = Scope::default();
    for (name, _) in POINT {
        let symbol = Symbol::Real {
            min: parse("0"),
            max: parse("10"),
            scale: Scale::Linear,
        };
        scope.symbols.push((name.to_owned(), symbol));
    }
    for (name, text) in [
        ("k", "kappa(lambda, T)"),
        ("G", "inv(Sigma + x*I)"),
        ("M", "w0*w0' + x*Sigma + I"),
        ("g", "x^2*y + lambda"),
    ] {
        scope.definitions.push((name.to_owned(), parse(text)));
    }
    scope
}

fn value(expr: &Expr, scope: &Scope, point: &HashMap<String, f64>) -> f64 {
    let levels = [(2.0, 1.0, 0.5), (1.0, 3.0, 0.3), (0.2, 2.0, 1.1)];
    let levels = levels.map(|(value, multiplicity, mass)| Level {
        value,
        multiplicity,
        mass,
        atom: 0,
    });
    let environment = Environment {
        covariance: Covariance::explicit(levels.to_vec()).unwrap(),
        scalars: point.clone(),
        draw: None,
        known: HashMap::new(),
    };
    Evaluator::new(scope, &environment)
        .scalar(expr)
        .unwrap_or_else(|e| panic!("{expr}: {e}"))
}

/// Central differences, extrapolated: the error is of order `h⁴`.
fn difference(expr: &Expr, variable: &str, scope: &Scope) -> f64 {
    let point: HashMap<String, f64> = POINT.iter().map(|&(n, v)| (n.to_owned(), v)).collect();
    let slope = |h: f64| {
        let at = |shift: f64| {
            let mut point = point.clone();
            *point.get_mut(variable).expect("a symbol") += shift;
            value(expr, scope, &point)
        };
        (at(h) - at(-h)) / (2.0 * h)
    };
    let h = 2e-3;
    (4.0 * slope(h / 2.0) - slope(h)) / 3.0
}

#[test]
fn derivatives_agree_with_differences() {
    let scope = scope();
    let point: HashMap<String, f64> = POINT.iter().map(|&(n, v)| (n.to_owned(), v)).collect();
    for (text, variable) in [
        ("x^3 - 2*x + 1/x", "x"),
        ("(x^2 + 1)/(x - y)", "x"),
        ("x^y", "x"),
        ("x^y", "y"),
        ("(x + 1)^(x*y)", "x"),
        ("sqrt(x)*exp(-x*y)*log(x + 2)", "x"),
        ("abs(y*x) + abs(x - 2)", "x"),
        ("min(x, x^2, 2) + max(x, 3*x, y)", "x"),
        ("if(x <= y, x^2, x^3)", "x"),
        ("g^2 + g", "x"),
        ("sum(i = 1..4, x^i/i)", "x"),
        ("prod(i = 1..4, x + i*y)", "x"),
        ("prod(i = 1..3, x - 7/10*i)", "x"),
        ("sum(i = 1..3, prod(j = 1..i, x + j))", "x"),
        ("int(z = 0..x, z^2*y)", "x"),
        ("int(z = x..x^2, exp(-x*z))", "x"),
        ("int(z = 1..2, x*z)", "x"),
        // What moves at the end is not what is bound inside.
        ("int(z = 0..x, sum(i = 1..3, z^i))", "x"),
        ("sum(i = 1..3, int(z = 0..i*x, z*i))", "x"),
        ("kappa(lambda, T)", "lambda"),
        ("kappa(lambda, T)", "T"),
        ("kappa(lambda*T, T^2/9)", "T"),
        ("k^2/T", "T"),
        ("df(1, x)", "x"),
        ("df(2, k)", "lambda"),
        ("df(2, k)/(T - df(2, k))", "T"),
        ("df(3, x^2)", "x"),
        ("tr(Sigma^2*G^2)", "x"),
        ("tr((Sigma + x*I)^(-1/2))", "x"),
        ("tr((2*x*I)^3)", "x"),
        ("w0'*Sigma*G*w0", "x"),
        ("tr(M^3)", "x"),
        ("tr(M^-2)", "x"),
        ("tr(inv(M)*Sigma)", "x"),
        ("w0'*inv(M)*w0", "x"),
        ("norm2(inv(M)*w0)", "x"),
        ("norm2(x*Sigma*w0, M)", "x"),
        ("tr((x*w0)*(Sigma*w0)')", "x"),
        ("sum(j = 1..d, c(j)^2*s(j)/(s(j) + x)^2)", "x"),
        ("root(u in [0, 10], u*(1 + u) - x)", "x"),
        ("sum(j = 1..d, root(u in [0, 10], u^2 - x*s(j)))", "x"),
        ("root(v in [0, 100], v - lambda - v*df(1, v)/T)", "lambda"),
        // A root of a root, and unknowns of the names of something outside.
        (
            "root(u in [0, 10], u + root(u in [0, 10], u^2 - x) - 2)",
            "x",
        ),
        (
            "root(u in [0, 10], u + root(v in [0, 10], v^2 - x*u - 1) - 2)",
            "x",
        ),
        ("root(y in [0, 10], y^2 - g - 2)", "x"),
        ("x*root(x in [0, 10], x^2 - 2)", "x"),
    ] {
        let expr = parse(text);
        shape_of(&expr, &scope).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let derivative =
            differentiate(&expr, variable, &scope).unwrap_or_else(|e| panic!("{text}: {e}"));
        let shape = shape_of(&derivative, &scope);
        assert!(
            shape.is_ok(),
            "d({text})/d{variable} = {derivative}: {shape:?}"
        );
        let found = value(&derivative, &scope, &point);
        let expected = difference(&expr, variable, &scope);
        assert!(
            (found - expected).abs() <= 1e-7 * (1.0 + expected.abs()),
            "d({text})/d{variable} = {derivative} is {found}, differences give {expected}"
        );
    }
}

#[test]
fn derivatives_read_well() {
    let scope = scope();
    for (text, variable, derivative) in [
        ("3", "x", "0"),
        ("y", "x", "0"),
        ("x", "x", "1"),
        ("3*x + y", "x", "3"),
        ("x^2", "x", "2*x"),
        ("1/x", "x", "-(1/x^2)"),
        (
            "kappa(lambda, T)",
            "lambda",
            "1/(1 - df(2, kappa(lambda, T))/T)",
        ),
        ("df(1, x)", "x", "-tr(Sigma*(Sigma + x*I)^-2)"),
        // A definition as the variable stands for itself.
        ("k^2 + lambda", "k", "2*k"),
        ("Sigma", "x", "0*Sigma"),
    ] {
        let found = differentiate(&parse(text), variable, &scope).unwrap();
        assert_eq!(found.to_string(), derivative, "d({text})/d{variable}");
    }
}

#[test]
fn diff_is_carried_out_wherever_it_stands() {
    let scope = scope();
    let expand = |text: &str| expand(&parse(text), &scope).unwrap().to_string();
    assert_eq!(expand("1 + diff(x^2, x)"), "1 + 2*x");
    assert_eq!(expand("diff(diff(x^3, x), x)"), "3*(2*x)");
    assert_eq!(expand("sum(i = 1..3, diff(x*i, x))"), "sum(i = 1..3, i)");
    assert_eq!(expand("sum(i = 1..3, diff(i^2, i))"), "sum(i = 1..3, 2*i)");
    // The bound name hides the symbol.
    assert_eq!(expand("diff(sum(x = 1..3, x^2), x)"), "0");
}

#[test]
fn what_has_no_derivative_is_refused() {
    let mut scope = scope();
    let law = Law::Design { rows: parse("T") };
    scope.random.push((
        "X".to_owned(),
        super::super::scope::RandomObject { law, count: None },
    ));
    for (text, variable) in [
        ("gamma(x)", "x"),
        ("zeta(x)", "x"),
        ("tr(Sigma)", "d"),
        ("df(x, 1)", "x"),
        ("sum(i = 1..x, i)", "x"),
        ("argmin(y in [0, 1], (y - x)^2)", "x"),
        ("root(u in [0, x], u^2 - 1/4)", "x"),
        ("E[tr(X'*X)]/T", "T"),
        ("opnorm(M)", "x"),
        ("s(x)", "x"),
    ] {
        let error = differentiate(&parse(text), variable, &scope).expect_err(text);
        assert_eq!(error.code, "F018", "{text}");
    }
    // Where the variable does not occur, there is nothing to refuse.
    for text in ["gamma(y)", "tr(Sigma)", "opnorm(Sigma)", "E[tr(X'*X)]"] {
        assert_eq!(
            differentiate(&parse(text), "x", &scope)
                .unwrap()
                .to_string(),
            "0"
        );
    }
}
