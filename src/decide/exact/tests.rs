//! Exact forms against what is known to be true, and what is known to be false.

use super::{Silence, prove};
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, RandomObject, Scale, Scope, Setting, SpectrumKind, Symbol};
use crate::term::resolve;

fn number(text: &str) -> crate::formula::ast::Expr {
    parse_expression(text).unwrap()
}

/// Symbols that most claims use; `assume` adds assumptions.
fn scope(assume: &[&str]) -> Scope {
    let mut scope = Scope::default();
    let mut add = |name: &str, symbol| scope.symbols.push((name.to_owned(), symbol));
    let integer = |min: &str, max: &str| Symbol::Integer {
        min: number(min),
        max: number(max),
    };
    let real = |min: &str, max: &str| Symbol::Real {
        min: number(min),
        max: number(max),
        scale: Scale::Linear,
    };
    add("d", integer("1", "400"));
    add("T", integer("1", "4000"));
    add("T0", integer("1", "4000"));
    add("n", integer("0", "3"));
    add("lambda", real("1/1000", "10"));
    add("ridge", real("0", "10"));
    add("sigma", real("0", "2"));
    add("a", real("1/10", "10"));
    add("b", real("1/10", "10"));
    add("x", real("-2", "2"));
    add("phi", Symbol::Defined(number("d/T")));
    add("k", Symbol::Defined(number("kappa(lambda, T)")));
    add("k0", Symbol::Defined(number("kappa(0, T0)")));
    let design = |rows: &str| RandomObject {
        law: Law::Design { rows: number(rows) },
        count: None,
    };
    let noise = |rows: &str| RandomObject {
        law: Law::Noise {
            length: number(rows),
            sd: number("sigma"),
        },
        count: None,
    };
    scope.random.push(("X".into(), design("T")));
    scope.random.push(("Y".into(), design("T0")));
    scope.random.push(("E".into(), noise("T")));
    scope
        .definitions
        .push(("R".into(), number("inv(X'*X/T + lambda*I)")));
    for text in assume {
        scope.assumptions.push(parse_relation(text).unwrap());
    }
    scope
}

fn verdict(says: &str, scope: &Scope) -> Result<usize, Silence> {
    let statement = resolve(&parse_relation(says).unwrap(), scope).unwrap();
    prove(&statement).map(|proof| proof.cases.len())
}

fn proved(says: &str, assume: &[&str]) {
    let found = verdict(says, &scope(assume));
    assert!(found.is_ok(), "{says} under {assume:?}: {found:?}");
}

fn silent(says: &str, assume: &[&str]) {
    let found = verdict(says, &scope(assume));
    assert!(found.is_err(), "{says} under {assume:?} was proved");
}

fn isotropic(assume: &[&str]) -> Scope {
    Scope {
        setting: Setting {
            spectrum: SpectrumKind::Isotropic,
            ..Setting::default()
        },
        ..scope(assume)
    }
}

#[test]
fn sums_over_the_spectrum_are_taken_apart() {
    proved("df(1, k) - df(2, k) = k*tr(Sigma*(Sigma + k*I)^-2)", &[]);
    proved("df(1, a) = d - a*tr(inv(Sigma + a*I))", &[]);
    silent("df(1, a) = d - b*tr(inv(Sigma + a*I))", &[]);
    proved(
        "(a - b)*tr(inv(Sigma + a*I)*inv(Sigma + b*I)) = tr(inv(Sigma + b*I)) - tr(inv(Sigma + a*I))",
        &[],
    );
    silent(
        "(b - a)*tr(inv(Sigma + a*I)*inv(Sigma + b*I)) = tr(inv(Sigma + b*I)) - tr(inv(Sigma + a*I))",
        &[],
    );
    proved(
        "w0'*Sigma*inv(Sigma + a*I)*w0 = norm2(w0) - a*(w0'*inv(Sigma + a*I)*w0)",
        &[],
    );
    // Traces do not multiply.
    silent("tr(Sigma)*tr(Sigma) = tr(Sigma^2)", &[]);
    silent("tr(Sigma)*norm2(w0) = d*norm2(w0, Sigma)", &[]);
    proved(
        "sum(j = 1..d, c(j)^2*s(j)/(s(j) + a)) = w0'*Sigma*inv(Sigma + a*I)*w0",
        &[],
    );
}

#[test]
fn kappa_obeys_its_equation_and_no_other() {
    proved("k - lambda = k*df(1, k)/T", &[]);
    silent("k - lambda = k*df(2, k)/T", &[]);
    silent("k + lambda = k*df(1, k)/T", &[]);
    proved("df(1, k0) = T0", &["T0 < d"]);
    silent("df(1, k0) = T0", &[]);
    proved("k0 = 0", &["T0 >= d"]);
    silent("k0 = 0", &["T0 >= d - 1"]);
    proved("diff(k, lambda)*(1 - df(2, k)/T) = 1", &[]);
    proved("1/(1 - df(2, k)/T) > 1", &[]);
    silent("1/(1 - df(2, k)/T) > 2", &[]);
    // Without ridge the denominator vanishes at T = d.
    silent("1/(1 - df(2, k0)/T0) >= 1", &["T0 >= d"]);
    proved("1/(1 - df(2, k0)/T0) >= 1", &["T0 > d"]);
}

#[test]
fn side_conditions_are_never_assumed() {
    silent("sigma/sigma = 1", &[]);
    silent("x^0 = 1", &[]);
    silent("1/0 = 1/0", &[]);
    silent("0*(1/x) = 0", &[]);
    silent("sqrt(x)^2 = x", &[]);
    proved("sqrt(a)^2 = a", &[]);
    proved("sqrt(x^2) = abs(x)", &[]);
    silent("sqrt(x^2) = x", &[]);
    silent("exp(log(x)) - exp(log(x)) = 0", &[]);
    silent("tr(inv(Sigma + x*I)) = tr(inv(Sigma + x*I))", &[]);
    silent("d/(T - d) = d/(T - d)", &[]);
    proved("d/(T - d) = phi/(1 - phi)", &["T > d"]);
    silent("d/(T - d) = phi/(1 + phi)", &["T > d"]);
}

#[test]
fn an_empty_domain_proves_nothing() {
    silent("a = a", &["T >= d + 2", "T <= d - 2"]);
    silent("1 = 2", &["T >= d + 2", "T <= d - 2"]);
    silent("1 = 2", &["a > 100"]);
}

#[test]
fn orders_hold_on_the_whole_domain() {
    proved("df(2, a) <= df(1, a)", &[]);
    silent("df(1, a) <= df(2, a)", &[]);
    proved("df(1, a)^2 <= d*df(2, a)", &[]);
    silent("df(1, a)^2 >= d*df(2, a)", &[]);
    proved("tr(Sigma)*tr(inv(Sigma)) >= d^2", &[]);
    silent("tr(Sigma)*tr(inv(Sigma)) > d^2", &[]);
    proved("x^2 - 4 <= 0", &[]);
    silent("x^2 - 39/10 <= 0", &[]);
    proved("x^4 - 2*x^2 + 2 > 0", &[]);
    silent("x^4 - 2*x^2 + 1 > 0", &[]);
    proved("a/b + b/a >= 2", &["a >= b"]);
    proved("n <= 3", &[]);
    silent("n < 3", &[]);
    proved("1/(T - d) >= 1/T", &["T > d"]);
}

#[test]
fn isotropic_spectra_have_an_algebraic_kappa() {
    let all = isotropic(&[]);
    assert!(
        verdict(
            "k = (lambda + phi - 1 + sqrt((lambda + phi - 1)^2 + 4*lambda))/2",
            &all
        )
        .is_ok()
    );
    assert!(
        verdict(
            "k = (lambda + phi - 1 - sqrt((lambda + phi - 1)^2 + 4*lambda))/2",
            &all
        )
        .is_err()
    );
    assert!(verdict("k0 = max(d/T0, 1) - 1", &all).is_ok());
    assert!(verdict("tr(Sigma) = d", &all).is_ok());
    assert!(verdict("df(2, k) = d/(1 + k)^2", &all).is_ok());
    assert!(verdict("df(2, k) = d/(1 + k)", &all).is_err());
    silent("tr(Sigma) = d", &[]);
}

#[test]
fn draws_obey_the_relations_of_their_matrices() {
    proved("R*(X'*X/T) = I - lambda*R", &[]);
    silent("R*(X'*X/T) = I + lambda*R", &[]);
    // Push-through and Woodbury.
    proved("R*X' = X'*inv(X*X'/T + lambda*I)", &[]);
    proved("X*R*X'/T = I - lambda*inv(X*X'/T + lambda*I)", &[]);
    proved("proj(X)*proj(X) = proj(X)", &[]);
    proved("proj(X)' = proj(X)", &[]);
    silent("proj(X) = I", &[]);
    proved("proj(X) = I", &["T >= d"]);
    silent("proj(X)*proj(Y) = proj(Y)*proj(X)", &[]);
    silent("R*Sigma = Sigma*R", &[]);
    proved("X*pinv(X)*X = X", &[]);
    proved("pinv(X)*X*pinv(X) = pinv(X)", &[]);
    proved("ridge(X, X*w0, 0) = proj(X)*w0", &[]);
    proved("tr(X'*X) = tr(X*X')", &[]);
    proved("tr(proj(X)) = T", &["T <= d"]);
    silent("tr(proj(X)) = T", &[]);
}

#[test]
fn means_are_exact_at_finite_size() {
    proved("E[X'*X] = T*Sigma", &[]);
    silent("E[X'*X] = d*Sigma", &[]);
    proved(
        "E[tr(X'*X*X'*X)] = T*(T + 1)*tr(Sigma^2) + T*tr(Sigma)^2",
        &[],
    );
    silent("E[tr(X'*X*X'*X)] = T^2*tr(Sigma^2) + T*tr(Sigma)^2", &[]);
    proved("E[tr(X'*X)^2] = T^2*tr(Sigma)^2 + 2*T*tr(Sigma^2)", &[]);
    silent("E[tr(X'*X)^2] = T^2*tr(Sigma)^2", &[]);
    proved("E[(w0'*X'*X*w0)^2] = T*(T + 2)*norm2(w0, Sigma)^2", &[]);
    proved("E[norm2(E)] = T*sigma^2", &[]);
    proved("E[norm2(E)^2] = T*(T + 2)*sigma^4", &[]);
    silent("E[norm2(E)^2] = T^2*sigma^4", &[]);
    proved("E[norm2(X*w0 + E)] = T*norm2(w0, Sigma) + T*sigma^2", &[]);
    proved("E[inv(X'*X/T)] = T/(T - d - 1)*inv(Sigma)", &["T >= d + 2"]);
    silent("E[inv(X'*X/T)] = T/(T - d)*inv(Sigma)", &["T >= d + 2"]);
    silent("E[inv(X'*X/T)] = T/(T - d - 1)*inv(Sigma)", &["T >= d"]);
    proved("E[tr(X'*X*Sigma*Y'*Y)] = T*T0*tr(Sigma^3)", &[]);
    // A mean that does not exist is equal to nothing.
    silent("E[tr(pinv(X)*pinv(X)')] = E[tr(pinv(X)*pinv(X)')]", &[]);
    silent("E[tr(proj(X))] = E[tr(proj(Y))]", &[]);
}

#[test]
fn endless_sums_are_taken_apart() {
    for says in [
        "sum(i = 1..inf, 1/i^2) = pi^2/6",
        "sum(i = 1..inf, 1/i^4) = pi^4/90",
        "sum(i = 3..inf, 1/i^3) = zeta(3) - 9/8",
        "zeta(2) = pi^2/6",
        "sum(i = 2..inf, 1/i/(i - 1)) = 1",
        "sum(i = 1..inf, a/i/(i + 2)) = 3*a/4",
        "sum(i = 1..T, 1/i^2) < pi^2/6",
        "sum(i = 2..T, 1/i/(i - 1)) <= 1",
    ] {
        proved(says, &[]);
    }
    for says in [
        "sum(i = 1..inf, 1/i^2) = pi^2/5",
        "sum(i = 2..inf, 1/i^2) = pi^2/6",
        "sum(i = 1..inf, 1/i - 1/(i + 1)^2) = a",
        "sum(i = 1..inf, i/(i + 1)) = a",
        "sum(i = 0..inf, 1/i^2) = pi^2/6",
        "sum(i = 1..inf, max(2 - i, 0)/i^2) = 0",
        "sum(i = 1..T, 1/i^2) <= pi^2/7",
        "sum(i = 1..T, 1/i^2) >= pi^2/6",
        "sum(i = 1..T, 1/i^2) <= pi^2/6 - 1/T^2",
        "sum(i = 1..T, (2 - i)/i^3) <= 2*zeta(3) - pi^2/6",
        // below 1 the sum is empty, and not what it is without its tail
        "sum(i = 5..n, 1/i^2) <= pi^2/6 - 2",
    ] {
        silent(says, &[]);
    }
}

#[test]
fn roots_of_numbers_have_their_size() {
    for says in [
        "1/(sqrt(5) - 2) = sqrt(5) + 2",
        "sqrt(5) >= 2236/1000",
        "a^2 + (1 - a)^2 - (sqrt(5) - 1)/2*a*(2 - a) >= 0",
    ] {
        proved(says, &[]);
    }
    for says in [
        "1/(sqrt(5) - 2) = sqrt(5) + 3",
        "sqrt(5) >= 2237/1000",
        "1/(sqrt(8) - 2*sqrt(2)) = a",
        "a^2 + (1 - a)^2 - (sqrt(5) - 1)/2*a*(2 - a) > 0",
        "a^2 + (1 - a)^2 - (sqrt(5) - 99/100)/2*a*(2 - a) >= 0",
    ] {
        silent(says, &[]);
    }
}

#[test]
fn a_ridge_stands_for_fewer_samples() {
    proved("kappa(k*(1 - df(1, k)/T0), T0) = k", &["T0 >= T"]);
    silent("kappa(k*(1 - df(1, k)/T0), T0) = k", &[]);
    silent("kappa(k*(1 - df(2, k)/T0), T0) = k", &["T0 >= T"]);
    silent("kappa(k*(1 - df(1, k)/T), T0) = k", &["T0 >= T"]);
    silent("kappa(k*(1 - df(1, k)/T0), T) = k", &["T0 >= T + 1"]);
}

#[test]
fn poles_that_are_not_real_are_taken_apart() {
    proved(
        "tr(Sigma^2*inv(Sigma^2 + I)) + tr(inv(Sigma^2 + I)) = d",
        &[],
    );
    silent(
        "tr(Sigma^2*inv(Sigma^2 + I)) + tr(Sigma*inv(Sigma^2 + I)) = d",
        &[],
    );
    // Two of them, and one beside a real one: what stands over them is the resultant.
    proved(
        "(a - b)*tr(inv(Sigma^2 + a*I)*inv(Sigma^2 + b*I)) = tr(inv(Sigma^2 + b*I)) - tr(inv(Sigma^2 + a*I))",
        &[],
    );
    proved(
        "(1 + k^2)*tr(inv(Sigma^2 + I)*inv(Sigma + k*I)) = tr(inv(Sigma + k*I)) + tr((k*I - Sigma)*inv(Sigma^2 + I))",
        &[],
    );
    silent(
        "(1 - k^2)*tr(inv(Sigma^2 + I)*inv(Sigma + k*I)) = tr(inv(Sigma + k*I)) + tr((k*I - Sigma)*inv(Sigma^2 + I))",
        &[],
    );
    // A rational pole inside of a cubic.
    proved(
        "tr(inv(Sigma^3 + I)*(Sigma^2 - Sigma + I)) = tr(inv(Sigma + I))",
        &[],
    );
    proved(
        "diff(tr(Sigma*inv(Sigma^2 + a*I)), a) = -tr(Sigma*inv(Sigma^2 + a*I)^2)",
        &[],
    );
    proved(
        "w0'*Sigma^3*inv(Sigma^2 + I)^2*w0 = w0'*Sigma*inv(Sigma^2 + I)*w0 - w0'*Sigma*inv(Sigma^2 + I)^2*w0",
        &[],
    );
    proved(
        "E[tr(X'*X*inv(Sigma^2 + I)*X'*X)] = T*(T + 1)*tr(Sigma^2*inv(Sigma^2 + I)) + T*tr(Sigma)*tr(Sigma*inv(Sigma^2 + I))",
        &[],
    );
    silent(
        "E[tr(X'*X*inv(Sigma^2 + I)*X'*X)] = T*(T + 1)*tr(Sigma^2*inv(Sigma^2 + I)) + T*tr(Sigma)*tr(inv(Sigma^2 + I))",
        &[],
    );
    // Largest where the eigenvalue is 1.
    proved("tr(Sigma*inv(Sigma^2 + I)) <= d/2", &[]);
    silent("tr(Sigma*inv(Sigma^2 + I)) <= d*4999/10000", &[]);
    proved("tr(inv(Sigma^2 + I))^2 <= d*tr(inv(Sigma^2 + I)^2)", &[]);
}

#[test]
fn second_moments_of_inverse_wishart_matrices() {
    let far = &["T >= d + 4"][..];
    proved(
        "E[tr(inv(X'*X)^2)] = tr(inv(Sigma)^2)/((T-d)*(T-d-3)) + tr(inv(Sigma))^2/((T-d)*(T-d-1)*(T-d-3))",
        far,
    );
    silent(
        "E[tr(inv(X'*X)^2)] = tr(inv(Sigma)^2)/((T-d)*(T-d-3)) + tr(inv(Sigma))^2/((T-d)*(T-d-1)*(T-d-3))",
        &["T >= d + 3"],
    );
    silent(
        "E[tr(inv(X'*X)^2)] = tr(inv(Sigma)^2)/((T-d)*(T-d-3)) + tr(inv(Sigma))^2/((T-d)*(T-d-1)*(T-d-2))",
        far,
    );
    proved(
        "E[tr(inv(X'*X))^2] = ((T-d-2)*tr(inv(Sigma))^2 + 2*tr(inv(Sigma)^2))/((T-d)*(T-d-1)*(T-d-3))",
        far,
    );
    proved(
        "E[inv(X'*X)*Sigma*inv(X'*X)] = (T - 1)*inv(Sigma)/((T-d)*(T-d-1)*(T-d-3))",
        far,
    );
    // Every direction of a Gaussian row: an inverse gamma law.
    proved(
        "E[(w0'*inv(X'*X)*w0)^2] = (w0'*inv(Sigma)*w0)^2/((T-d-1)*(T-d-3))",
        far,
    );
    // Two designs of one law are independent, and so must the rows be that stand for them.
    let two = &["T >= d + 4", "T0 >= d + 4"][..];
    let value = |pairs: &str| {
        format!(
            "E[tr(inv(X'*X)*inv(Y'*Y)*inv(X'*X)*inv(Y'*Y))] = (((T-d-1)*(T0-d-1) + 2)*tr(inv(Sigma)^4) + ({pairs})*tr(inv(Sigma)^2)^2)/((T-d)*(T-d-1)*(T-d-3))/((T0-d)*(T0-d-1)*(T0-d-3))"
        )
    };
    proved(&value("T + T0 - 2*d - 3"), two);
    silent(&value("T + T0 - 2*d - 2"), two);
    proved(
        "E[tr(inv(X'*X))*tr(X'*X)] = (T*tr(inv(Sigma))*tr(Sigma) - 2*d)/(T - d - 1)",
        &["T >= d + 2"],
    );
    silent(
        "E[tr(inv(X'*X))*tr(X'*X)] = T*tr(inv(Sigma))*tr(Sigma)/(T - d - 1)",
        &["T >= d + 2"],
    );
}
