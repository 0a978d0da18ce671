//! Sums and minima of equivalents, and what resolving has made of them.

use super::*;
use crate::formula::scope::SpectrumKind;

/// `s(j)` beside an expectation: what resolving makes of such a sum, a trace, a quadratic form or a part of the spectrum,
/// is no random quantity.
#[test]
fn sums_over_eigenvalues_hold_expectations() {
    // Doubles that are these numbers.
    let levels = [(3.0, 20.0, 1.0), (1.0, 40.0, 0.5), (0.25, 40.0, 2.0)];
    let mut scope = everything();
    let d = Symbol::Integer {
        min: expr("100"),
        max: expr("100"),
    };
    scope.symbols.push(("d".into(), d));
    for (name, body) in [
        ("b", "E[norm2(A*w0 - w0, Sigma)]"),
        ("v", "E[tr(Sigma*R*S*R)]"),
    ] {
        scope.definitions.push((name.into(), expr(body)));
    }
    let mut environment = environment::<Ball>(&levels, &POINT);
    environment
        .scalars
        .insert("d".into(), Ball::from_f64(100.0));
    let at = |text: &str| {
        let found = value(&expr(text), &scope, &environment);
        found.unwrap_or_else(|e| panic!("{text}: {e}"))
    };
    for (sum, instead) in [
        ("sum(j = 1..d, b*s(j))", "b*tr(Sigma)"),
        (
            "sum(j = 1..d, c(j)^2*(s(j) + v))",
            "w0'*Sigma*w0 + v*(w0'*w0)",
        ),
        (
            "sum(j = 1..d, s(j)/(s(j) + b))",
            "20*3/(3 + b) + 40/(1 + b) + 10/(0.25 + b)",
        ),
        (
            "sum(j = 1..d, c(j)^2*s(j)/(s(j) + b)^2)",
            "3/(3 + b)^2 + 0.5/(1 + b)^2 + 0.5/(0.25 + b)^2",
        ),
        ("sum(j = 15..30, b*s(j)^2)", "b*(6*9 + 10)"),
        ("sum(j = 61..d, c(j)^2*exp(b*s(j)))", "2*exp(b/4)"),
    ] {
        let (sum, instead) = (at(sum), at(instead));
        let gap = sum - instead;
        assert!(
            gap.midpoint().abs() <= gap.radius() && gap.radius() < 1e-20 * instead.midpoint(),
            "{sum:?} {instead:?}"
        );
    }
}

/// What is remembered of a term holds for one value of the index, and of the variable, only.
#[test]
fn every_turn_of_an_index_or_a_variable_is_read_anew() {
    let scope = everything();
    let environment = environment::<f64>(&LEVELS, &POINT);
    let at = |text: &str| {
        let found = value(&expr(text), &scope, &environment);
        found.unwrap_or_else(|e| panic!("{text}: {e}"))
    };
    let fit = |ridge: &str| format!("E[norm2(ridge(X, X*w0 + E, {ridge}) - w0, Sigma)]");
    let by_hand = (1..=3).map(|i| at(&fit(&format!("{i}/10")))).sum::<f64>();
    let sum = format!("sum(i = 1..3, {} + {0} - {0})", fit("i/10"));
    assert!(close(at(&sum), by_hand, 1e-12));
    // An index within another.
    let inner = format!("sum(k = 1..2, k*sum(i = 1..3, {}))", fit("i*k/10"));
    let outer: f64 = (1..=2)
        .map(|k| {
            let of = |i: i32| at(&fit(&format!("{i}*{k}/10")));
            f64::from(k) * (1..=3).map(of).sum::<f64>()
        })
        .sum();
    assert!(close(at(&inner), outer, 1e-12));
    // The best ridge, by itself and in every term of a sum: no ridge beside it is better.
    let best = format!("inf(x in [0, 4], {})", fit("x"));
    let least = at(&best);
    let place = at(&format!("argmin(x in [0, 4], {})", fit("x")));
    for ridge in [0.9 * place, 1.1 * place] {
        assert!(at(&fit(&format!("{ridge:.12}"))) > least);
    }
    assert!(close(at(&fit(&format!("{place:.12}"))), least, 1e-9));
    let scaled = format!("sum(i = 1..3, inf(x in [0, 4], {}))", fit("x*i"));
    assert!(close(at(&scaled), 3.0 * least, 1e-6));
}

/// The spectrum and the dimension are those of the environment, whatever is minimised over.
#[test]
fn nothing_is_minimised_over_that_moves_the_setting() {
    let mut scope = everything();
    for name in ["d", "rho"] {
        let domain = Symbol::Real {
            min: expr("1"),
            max: expr("200"),
            scale: Scale::Linear,
        };
        scope.symbols.push((name.into(), domain));
    }
    let mut environment = environment::<f64>(&LEVELS, &POINT);
    for (name, x) in [("d", 100.0), ("rho", 2.0)] {
        environment.scalars.insert(name.into(), x);
    }
    let refused = |text: &str, scope: &Scope| {
        let found = value(&expr(text), scope, &environment);
        assert!(
            matches!(&found, Err(EquivalenceError::NotRecognised { why }) if why.contains("depend")),
            "{text}: {found:?}"
        );
    };
    refused("inf(d in [90, 110], E[norm2(A*w0 - w0, Sigma)])", &scope);
    // A design alone: its columns move.
    refused("inf(d in [90, 110], E[tr(proj(Y))])", &scope);
    scope.setting.spectrum = SpectrumKind::PowerLaw { beta: expr("rho") };
    refused("inf(rho in [1, 3], E[norm2(A*w0 - w0, Sigma)])", &scope);
}
