use std::collections::HashMap;

use crate::formula::ast::Expr;
use crate::formula::error::FormulaError;
use crate::formula::expand::{expand_comparison, expand_scope};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{
    DefinedFunction, Law, Limit, RandomObject, Scale, Scope, SpectrumKind, Symbol,
};
use crate::formula::shape::shape_of;
use crate::term::evaluate::{Covariance, Environment, Evaluator, Level};
use crate::term::{resolve, text};

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
        ("h", "x^2"),
        ("j", "C(x) + 1"),
    ] {
        scope.definitions.push((name.to_owned(), parse(text)));
    }
    for (name, parameters, body) in [
        ("F", vec!["x"], "diff(x^3*y, x)"),
        ("H", vec!["u", "v"], "diff(u^2*v, u)"),
        // A definition sees no parameter.
        ("K", vec!["x"], "diff(x*g, x)"),
        // Nor is an argument moved by what moves in the body.
        ("L", vec!["z"], "diff(z*h*x, x)"),
        ("Q", vec!["u"], "inf(x in [1/2, 1], u*x + h)"),
        ("B", vec!["z"], "diff(z*j, x) + diff(z*h, x, 2)"),
        ("C", vec!["z"], "z*x"),
        (
            "W",
            vec!["z"],
            "diff(z*int(t = 0..x, sum(y = 1..2, t*h + y*g)), x)",
        ),
        ("Y", vec!["z"], "diff(diff(z*k*x, k)*k, lambda)"),
    ] {
        let function = DefinedFunction {
            parameters: parameters.into_iter().map(str::to_owned).collect(),
            body: parse(body),
            start: None,
        };
        scope.functions.push((name.to_owned(), function));
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
        // Through functions, at other places than their parameter's.
        ("F(x^2)", "x"),
        ("H(x*y, x)", "x"),
        ("F(F(x)) + H(F(y*x), x)", "x"),
        ("diff(x^2*exp(y*x), x)", "x"),
        ("diff(x^2*y, x = x^3)", "x"),
        ("diff(x^2*y, x = y)", "x"),
        // Where something else moves the ends.
        ("sup(u in [0, 1], u*y)*x", "x"),
        ("int(z = 0..x, sum(i = 1..3, diff(z^i*x, z)))", "x"),
        ("sum(i = 1..3, diff(x*i^2, i))", "x"),
        ("cos(x*y)*sin(x)", "x"),
        ("max(abs(x - y), x^2) - min(x*y, -x)", "x"),
    ] {
        let expr = parse(text);
        let derivative = parse(&format!("diff({text}, {variable})"));
        for expr in [&expr, &derivative] {
            shape_of(expr, &scope).unwrap_or_else(|e| panic!("{expr}: {e:?}"));
        }
        let found = value(&derivative, &scope, &point);
        let expected = difference(&expr, variable, &scope);
        assert!(
            (found - expected).abs() <= 1e-7 * (1.0 + expected.abs()),
            "{derivative} = {} is {found}, differences give {expected}",
            shown(&derivative.to_string(), &scope)
        );
    }
}

fn shown(formula: &str, scope: &Scope) -> String {
    let says = parse_relation(&format!("{formula} = {formula}")).unwrap();
    let statement = resolve(&says, scope).unwrap_or_else(|e| panic!("{formula}: {e}"));
    text(&statement.store, statement.claim.lhs).unwrap()
}

fn refused(formula: &str, scope: &Scope) -> FormulaError {
    let says = parse_relation(&format!("{formula} = 0")).unwrap();
    resolve(&says, scope).expect_err(formula)
}

#[test]
fn derivatives_read_well() {
    let scope = scope();
    for (text, derivative) in [
        ("diff(3, x)", "0"),
        ("diff(y, x)", "0"),
        ("diff(x, x)", "1"),
        ("diff(3*x + y, x)", "3"),
        ("diff(x^2, x)", "2*x"),
        ("diff(1/x, x)", "-(1/x^2)"),
        (
            "diff(kappa(lambda, T), lambda)",
            "1/(1 - df(2, kappa(lambda, T))/T)",
        ),
        ("diff(df(1, x), x)", "-tr(Sigma*(Sigma + x*I)^-2)"),
        // A definition as the variable stands for itself.
        ("diff(k^2 + lambda, k)", "2*kappa(lambda, T)"),
        ("diff(tr(Sigma), x)", "0"),
        ("1 + diff(x^2, x)", "1 + 2*x"),
        ("diff(diff(x^3, x), x)", "3*(2*x)"),
        ("diff(x^3, x, 2)", "3*(2*x)"),
        ("diff(diff(x^3*y^2, x), y)", "3*x^2*(2*y)"),
        ("diff(x^2, x = y + 1)", "2*(y + 1)"),
    ] {
        assert_eq!(shown(text, &scope), derivative, "{text}");
    }
}

#[test]
fn the_variable_is_the_one_that_the_name_means_there() {
    let scope = scope();
    for (text, derivative) in [
        // A bound name hides the symbol.
        ("diff(sum(x = 1..3, x^2), x)", "0"),
        ("sum(i = 1..3, diff(x*i, x))", "sum(i = 1..3, i)"),
        ("sum(i = 1..3, diff(i^2, i))", "sum(i = 1..3, 2*i)"),
        // Definitions see the symbol of a derivative, and of a minimum, but neither an index nor a parameter.
        ("diff(g, x)", "2*x*y"),
        (
            "sum(x = 1..3, diff(x*g, x))",
            "sum(x_1 = 1..3, x^2*y + lambda)",
        ),
        (
            "inf(x in [0, 1], diff(g, x))",
            "inf(x_1 in [0, 1], 2*x_1*y)",
        ),
        ("K(7)", "x^2*y + lambda"),
        // A function's argument is put in after its derivative is taken, whatever it speaks of.
        ("F(y)", "3*y^2*y"),
        ("F(2)", "3*2^2*y"),
        ("H(2, y)", "2*2*y"),
        ("H(y, y)", "2*y*y"),
        ("sum(x = 1..3, F(x))", "sum(x_1 = 1..3, 3*x_1^2*y)"),
        ("diff(x*y, x = y)", "y"),
        ("diff(F(x), y)", "3*x^2"),
        // In the bounds of a form, and of what is bound there.
        ("sum(i = 1..diff(3*x, x), i*x)", "sum(i = 1..3, i*x)"),
        ("diff(int(z = 0..x, y), x)", "y"),
        (
            "root(u in [0, diff(9*x, x)], u^2 - y^2)",
            "root(u in [0, 9], u^2 - y^2)",
        ),
    ] {
        assert_eq!(shown(text, &scope), derivative, "{text}");
    }
}

/// Terms take calls as they are, trees are written out before: both are to mean the same.
#[test]
fn functions_written_out_mean_what_their_calls_mean() {
    let scope = scope();
    let point: HashMap<String, f64> = POINT.iter().map(|&(n, v)| (n.to_owned(), v)).collect();
    let written_out = expand_scope(&scope).unwrap();
    for (text, meaning) in [
        ("F(x)", "3*x^2*y"),
        ("F(y)", "3*y^3"),
        ("F(h)", "3*x^4*y"),
        ("K(y)", "g"),
        ("L(2)", "6*x^2"),
        ("L(x)", "3*x^3"),
        ("L(h)", "3*x^4"),
        ("L(j)", "3*x^2*(x^2 + 1)"),
        ("L(L(x))", "9*x^5"),
        ("diff(L(x), x)", "9*x^2"),
        ("diff(L(h), x)", "12*x^3"),
        ("sum(x = 1..2, L(x))", "3*3*x^2"),
        ("Q(2)", "5/4"),
        ("Q(x)", "x/2 + 1/4"),
        ("Q(h)", "x^2/2 + 1/4"),
        ("B(x)", "2*x^2 + 2*x"),
        ("B(h)", "2*x^3 + 2*x^2"),
        ("B(C(x))", "2*x^3 + 2*x^2"),
        ("H(x, h)", "2*x*x^2"),
        ("W(x)", "x*(4*x^3 + 9*x^2*y + 3*lambda)"),
        ("Y(x)", "diff(x*x*kappa(lambda, T), lambda)"),
        ("Y(k)", "kappa(lambda, T)*x*diff(kappa(lambda, T), lambda)"),
        ("inf(x in [1/2, 1], L(y) + 5)", "min(3*y, 3*y/4) + 5"),
        ("inf(x in [1/2, 1], L(x))", "3/8"),
    ] {
        let expected = value(&parse(meaning), &scope, &point);
        let expanded = expand_comparison(&parse_relation(&format!("{text} = 0")).unwrap(), &scope);
        let expanded = expanded.unwrap().lhs;
        for found in [
            value(&parse(text), &scope, &point),
            value(&expanded, &written_out, &point),
        ] {
            assert!(
                (found - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
                "{text}, which is {expanded}: {found}, and {meaning} is {expected}"
            );
        }
        // What is written out can be read.
        assert_eq!(
            parse(&expanded.to_string()).to_string(),
            expanded.to_string()
        );
    }
}

/// By a size that others follow in a limit, these are held fixed: only a minimum over it moves them.
#[test]
fn a_path_of_a_limit_is_not_followed_by_a_derivative() {
    let mut scope = scope();
    scope.limit = Some(Limit {
        variable: "T".to_owned(),
        path: vec![("lambda".to_owned(), parse("1/T"))],
    });
    let shown = |text: &str| {
        let says = parse_relation(&format!("{text} -> 0")).unwrap();
        let statement = resolve(&says, &scope).unwrap_or_else(|e| panic!("{text}: {e}"));
        crate::term::text(&statement.store, statement.claim.lhs).unwrap()
    };
    assert_eq!(shown("diff(lambda*T, T)"), "lambda");
    assert_eq!(
        shown("inf(T in [1, 2], lambda*T)"),
        "inf(T_1 in [1, 2], 1/T_1*T_1)"
    );
    assert_eq!(
        shown("inf(T in [1, 2], diff(lambda*T, T))"),
        "inf(T_1 in [1, 2], 1/T_1)"
    );
}

#[test]
fn what_has_no_derivative_is_refused() {
    let mut scope = scope();
    let law = Law::Design { rows: parse("T") };
    scope
        .random
        .push(("X".to_owned(), RandomObject { law, count: None }));
    for (text, variable) in [
        ("gamma(x)", "x"),
        ("zeta(x)", "x"),
        ("tr(Sigma)", "d"),
        ("tr(I)", "d"),
        ("df(x, 1)", "x"),
        ("sum(i = 1..x, i)", "x"),
        ("max(i = 1..3, i*x)", "x"),
        ("argmin(y in [0, 1], (y - x)^2)", "x"),
        ("inf(y in [0, 1], (y - x)^2)", "x"),
        ("root(u in [0, x], u^2 - 1/4)", "x"),
        ("root(u in [0, 1], x - 1/2)", "x"),
        ("E[tr(X'*X)]/T", "T"),
        ("opnorm(M)", "x"),
        ("s(x)", "x"),
        ("2*F(x) + diff(gamma(y), y)", "x"),
    ] {
        let error = refused(&format!("diff({text}, {variable})"), &scope);
        assert_eq!(error.code, "F018", "{text}");
    }
    // Where the variable does not occur, there is nothing to refuse.
    for text in ["gamma(y)", "tr(Sigma)", "opnorm(Sigma)", "E[tr(X'*X)]"] {
        assert_eq!(shown(&format!("diff({text}, x)"), &scope), "0");
    }
}

/// The setting follows the symbols that it is made of.
#[test]
fn nothing_is_differentiated_by_what_the_setting_depends_on() {
    let mut scope = scope();
    scope.setting.spectrum = SpectrumKind::PowerLaw {
        beta: parse("1 + y"),
    };
    for text in ["tr(Sigma)", "kappa(lambda, T)", "df(1, lambda)", "s(2)"] {
        let error = refused(&format!("1 + diff(y*{text}, y)"), &scope);
        assert_eq!(error.code, "F018", "{text}");
        assert!(
            error
                .message
                .ends_with("has no derivative by `y` in this language"),
            "{error}"
        );
        assert!(
            error.span.start >= 4 && error.span.end > error.span.start,
            "{text}: {:?}",
            error.span
        );
        shown(&format!("diff(x*{text}, x)"), &scope);
    }
    // Also where it decides a branch alone: that is no derivative of it.
    assert_eq!(
        shown("diff(if(tr(Sigma) <= 2, y, y^2), y)", &scope),
        "if(tr(Sigma) <= 2, 1, 2*y)"
    );
}

/// A fault points at what has no derivative, through definitions and functions.
#[test]
fn faults_have_their_places() {
    let scope = scope();
    for (text, place) in [
        ("1 + diff(x*gamma(x), x)", "gamma(x)"),
        ("diff(gamma(x), x) + gamma(x)", "gamma(x)"),
        ("x + diff(diff(y*zeta(x), y), x)", "zeta(x)"),
        // A variable by itself has the place of its derivative.
        ("1 + diff(sum(i = 1..x, i), x)", "diff(sum(i = 1..x, i), x)"),
    ] {
        let span = refused(text, &scope).span;
        assert_eq!(&text[span.start..span.end], place, "{text}");
    }
}

/// Repeated derivatives grow: they are refused before they fill the memory, or the stack.
#[test]
fn derivatives_that_are_too_large_are_refused() {
    let scope = scope();
    let mut formula = "x^x^x*exp(sin(x^x))/log(x + sqrt(x))".to_owned();
    for _ in 0..4 {
        formula = format!("diff({formula}, x, 8)");
    }
    assert_eq!(refused(&formula, &scope).code, "F016");
    // No more is kept of it than what is shared, but who reads it reads all.
    assert_eq!(refused("diff(1/(1 + x^2), x, 8)", &scope).code, "F016");
    let mut deep = "x".to_owned();
    for _ in 0..30 {
        deep = format!("exp(sin({deep}*x))");
    }
    for _ in 0..10 {
        deep = format!("diff({deep}, x, 8)");
    }
    assert_eq!(refused(&deep, &scope).code, "F016");
}
