use super::*;
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::{Law, Limit, RandomObject, Scale, Scope, Symbol};

/// `d`, `T`, `T0` whole, `k`, `q`, `x` real, `phi = d/T`; `X` T×d, `E` noise, `Xs` a family; some definitions.
pub(super) fn scope() -> Scope {
    let parse = |text| parse_expression(text).unwrap();
    let mut scope = Scope::default();
    for name in ["d", "T", "T0"] {
        let symbol = Symbol::Integer {
            min: parse("1"),
            max: parse("9"),
        };
        scope.symbols.push((name.to_owned(), symbol));
    }
    for name in ["k", "q", "x"] {
        let symbol = Symbol::Real {
            min: parse("0"),
            max: parse("1"),
            scale: Scale::Linear,
        };
        scope.symbols.push((name.to_owned(), symbol));
    }
    for (name, text) in [("phi", "d/T"), ("kap", "kappa(k, T)")] {
        scope
            .symbols
            .push((name.to_owned(), Symbol::Defined(parse(text))));
    }
    let random = |law, count| RandomObject { law, count };
    let design = || Law::Design { rows: parse("T") };
    let noise = Law::Noise {
        length: parse("T"),
        sd: parse("k"),
    };
    scope.random = vec![
        ("X".to_owned(), random(design(), None)),
        ("Xs".to_owned(), random(design(), Some(parse("T0")))),
        ("E".to_owned(), random(noise, None)),
    ];
    for (name, text) in [
        ("top", "sum(j = 1..1, s(j))"),
        ("two", "sum(j = 1..2, s(j))"),
        ("line", "k*T + x"),
        ("G", "inv(Sigma + k*I)"),
        ("C", "X'*X/T"),
    ] {
        scope.definitions.push((name.to_owned(), parse(text)));
    }
    scope
}

fn resolved(formula: &str, scope: &Scope) -> (Store, Id) {
    let says = parse_relation(&format!("{formula} = {formula}")).unwrap();
    let statement = resolve(&says, scope).unwrap_or_else(|e| panic!("{formula}: {e}"));
    assert_eq!(
        statement.claim.lhs, statement.claim.rhs,
        "{formula} is one term"
    );
    (statement.store, statement.claim.lhs)
}

fn shown(formula: &str, scope: &Scope) -> String {
    let (store, id) = resolved(formula, scope);
    text(&store, id).unwrap()
}

#[test]
fn names_mean_what_they_meant_where_they_were_made() {
    let scope = scope();
    for (formula, meaning) in [
        // An index is not visible in a definition, and hides a symbol in the formula itself.
        ("sum(T = 1..3, line + T)", "sum(T_1 = 1..3, k*T + x + T_1)"),
        (
            "sum(j = 1..d, j*top)",
            "sum(j = 1..d, j*sum(j_1 = 1..1, s(j_1)))",
        ),
        (
            "sum(i = 1..3, sum(i = 1..i, i))",
            "sum(i = 1..3, sum(i_1 = 1..i, i_1))",
        ),
        // The variable of a minimum stands for the symbol of its name, in definitions too.
        ("inf(k in [0, 1], line)", "inf(k_1 in [0, 1], k_1*T + x)"),
        ("inf(k in [0, k], kap)", "inf(k_1 in [0, k], kappa(k_1, T))"),
        (
            "inf(kap in [0, 1], df(1, kap))",
            "inf(kap in [0, 1], df(1, kap))",
        ),
        ("inf(y in [0, 1], y*line)", "inf(y in [0, 1], y*(k*T + x))"),
        (
            "inf(k in [0, 1], sum(k = 1..3, k*line))",
            "inf(k_1 in [0, 1], sum(k_2 = 1..3, k_2*(k_1*T + x)))",
        ),
        // Derivatives are by a symbol, or by a definition as if it were one.
        ("diff(line^2, k)", "2*(k*T + x)*T"),
        ("diff(kap^2*k, kap)", "2*kappa(k, T)*k"),
        ("diff(diff(k^4, k), k)", "4*(3*k^2)"),
        ("sum(i = 1..3, diff(i*line, k))", "sum(i = 1..3, i*T)"),
    ] {
        assert_eq!(shown(formula, &scope), meaning, "{formula}");
    }
}

#[test]
fn sums_over_the_spectrum_are_traces_and_quadratic_forms() {
    let scope = scope();
    for (formula, meaning) in [
        ("sum(j = 1..d, s(j))", "tr(Sigma)"),
        (
            "sum(j = 1..d, s(j)^2/(s(j) + k)^2)",
            "tr(Sigma^2*((Sigma + k*I)^2)^-1)",
        ),
        ("sum(j = 1..d, c(j)^2*s(j))", "w0'*Sigma*w0"),
        ("sum(j = 1..d, c(j)^2*(s(j) + 1))", "w0'*(Sigma + I)*w0"),
        ("sum(j = 1..d, s(j) + k*c(j)^2)", "tr(Sigma) + w0'*(k*I)*w0"),
        (
            "sum(j = 1..d, k*s(j)/top)",
            "tr(k*Sigma/sum(j = 1..1, s(j)))",
        ),
        // Over a part of it, or where no matrix says it, a spectral sum.
        ("sum(j = 3..d, c(j)^2*s(j))", "sum(j = 3..d, c(j)^2*s(j))"),
        ("sum(j = 1..d, min(s(j), k))", "sum(j = 1..d, min(s(j), k))"),
        // The index by itself, or a single coefficient: a sum like any other.
        ("sum(j = 1..d, j*s(j))", "sum(j = 1..d, j*s(j))"),
        ("sum(j = 1..d, c(j)*s(j))", "sum(j = 1..d, c(j)*s(j))"),
        (
            "sum(j = 1..d, s(j)*s(j + 1))",
            "sum(j = 1..d, s(j)*s(j + 1))",
        ),
    ] {
        assert_eq!(shown(formula, &scope), meaning, "{formula}");
    }
    let (store, id) = resolved("sum(j = 3..d, c(j)^2*s(j))", &scope);
    assert!(matches!(
        store.node(id),
        Node::SpectralSum { weighted: true, .. }
    ));
    let (store, id) = resolved("sum(j = 1..d, s(j)*s(j + 1))", &scope);
    assert!(matches!(store.node(id), Node::Fold { .. }));
}

#[test]
fn the_identity_takes_the_size_of_its_neighbour() {
    let scope = scope();
    let size_of = |formula: &str| {
        let (store, id) = resolved(formula, &scope);
        let mut sizes = Vec::new();
        store.visit(id, &mut |_, node| {
            if let Node::Identity(Some(n)) = node {
                sizes.push(text(&store, *n).unwrap());
            }
            assert_ne!(*node, Node::Identity(None), "{formula}");
        });
        sizes.join(" ")
    };
    for (formula, size) in [
        ("X*X' + k*I", "T"),
        ("inv(X*X' + k*I)*E", "T"),
        ("(k*I)*X", "T"),
        ("X*(k*I + 2*I)", "d"),
        ("tr(I)", "d"),
        ("norm2(E, I)", "T"),
        ("Sigma - I", "d"),
    ] {
        assert_eq!(size_of(formula), size, "{formula}");
    }
}

#[test]
fn a_bound_variable_re_derives_the_path_and_the_spectrum() {
    let mut scope = scope();
    let parse = |text| parse_expression(text).unwrap();
    scope.limit = Some(Limit {
        variable: "T".to_owned(),
        path: vec![
            ("d".to_owned(), parse("T^q")),
            ("T0".to_owned(), parse("2*d")),
        ],
    });
    let side = |says: &str| {
        let statement = resolve(&parse_relation(says).unwrap(), &scope).unwrap();
        text(&statement.store, statement.claim.lhs).unwrap()
    };
    assert_eq!(
        side("inf(q in [0, 1], d/T) ~ 1"),
        "inf(q_1 in [0, 1], T^q_1/T)"
    );
    assert_eq!(
        side("inf(q in [0, 1], T0/T) ~ 1"),
        "inf(q_1 in [0, 1], 2*T^q_1/T)"
    );
    assert_eq!(side("inf(x in [0, 1], d/T) ~ 1"), "inf(x_1 in [0, 1], d/T)");
    // Only a limit has a path.
    assert_eq!(side("inf(q in [0, 1], d/T) = 1"), "inf(q_1 in [0, 1], d/T)");
    // The dimension of Sigma goes with it.
    let says = parse_relation("inf(q in [0, 1], tr(Sigma)) ~ tr(Sigma)").unwrap();
    let statement = resolve(&says, &scope).unwrap();
    let models = |id| {
        let mut found = Vec::new();
        statement
            .store
            .visit(id, &mut |_, node| found.extend(node.model()));
        found
    };
    assert_eq!(models(statement.claim.rhs), [statement.model]);
    assert!(!models(statement.claim.lhs).contains(&statement.model));
    assert!(statement.store.free(statement.claim.lhs).is_empty());
    let limit = statement.limit.unwrap();
    assert_eq!(limit.path.len(), 2);
    assert!(limit.frozen.is_empty());
}

#[test]
fn what_a_path_would_move_is_held_fixed() {
    let mut scope = scope();
    let parse = |text| parse_expression(text).unwrap();
    scope.limit = Some(Limit {
        variable: "T".to_owned(),
        path: vec![("d".to_owned(), parse("phi*T"))],
    });
    let statement = resolve(&parse_relation("d ~ T").unwrap(), &scope).unwrap();
    let limit = statement.limit.unwrap();
    let [(symbol, start)] = limit.frozen[..] else {
        panic!("one symbol is held");
    };
    assert_eq!(statement.store.symbol_name(symbol), "phi");
    assert_eq!(text(&statement.store, start).unwrap(), "d/T");
    assert_eq!(text(&statement.store, limit.path[0].1).unwrap(), "phi*T");
}

#[test]
fn equal_terms_are_one_whatever_their_variables_are_called() {
    let scope = scope();
    let same = |a: &str, b: &str| {
        let says = parse_relation(&format!("{a} = {b}")).unwrap();
        let statement = resolve(&says, &scope).unwrap();
        statement.claim.lhs == statement.claim.rhs
    };
    assert!(same("sum(i = 1..3, x^i)", "sum(j = 1..3, x^j)"));
    assert!(same(
        "sum(i = 1..3, sum(j = 1..i, i*j))",
        "sum(a = 1..3, sum(b = 1..a, a*b))"
    ));
    assert!(!same(
        "sum(i = 1..3, sum(j = 1..i, i*j^2))",
        "sum(a = 1..3, sum(b = 1..a, b*a^2))"
    ));
    assert!(!same("sum(i = 1..3, x^i)", "sum(i = 1..3, i^x)"));
    assert!(same("inf(a in [0, 1], a*k)", "inf(b in [0, 1], b*k)"));
    assert!(same("line", "k*T + x"));
}

#[test]
fn substitution_does_not_capture() {
    let mut store = Store::default();
    let span = Default::default();
    let x = store.add_symbol("x");
    let x = store.make(Node::Symbol(x), span);
    let i = store.fresh("i");
    let index = store.make(Node::Bound(i), span);
    let body = store.mul(index, x);
    let one = store.whole(1, span);
    let three = store.whole(3, span);
    let node = Node::Fold {
        kind: crate::formula::ast::Fold::Sum,
        index: i,
        from: one,
        to: three,
        body,
    };
    let sum = store.make(node, span);
    // x := i, the very variable the sum binds.
    let moved = store.replace(sum, &[index], &|node| {
        matches!(node, Node::Symbol(_)).then_some(index)
    });
    assert_eq!(store.free(moved), [i]);
    let Node::Fold { index: j, body, .. } = *store.node(moved) else {
        panic!("still a sum");
    };
    assert_ne!(i, j);
    assert_eq!(store.free(body).len(), 2);
}

#[test]
fn deep_nesting_costs_linear_time() {
    let scope = scope();
    let formula = (0..60).fold("x".to_owned(), |inner, _| format!("sqrt(1 + {inner})"));
    let (store, id) = resolved(&formula, &scope);
    assert!(store.len() < 400, "{} terms", store.len());
    assert_eq!(text(&store, id).unwrap(), formula);
    // As a tree 2^60 long, as a term 60.
    let mut twice = scope.clone();
    twice
        .definitions
        .push(("a0".to_owned(), parse_expression("x + 1").unwrap()));
    for i in 0..60 {
        let next = parse_expression(&format!("a{i}*a{i}")).unwrap();
        twice.definitions.push((format!("a{}", i + 1), next));
    }
    let (store, id) = resolved("a60", &twice);
    assert!(store.len() < 400, "{} terms", store.len());
    assert!(matches!(text(&store, id), Err(EvaluationError::Budget)));
}
