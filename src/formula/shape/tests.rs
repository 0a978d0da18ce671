use super::*;
use crate::formula::parse::{parse_expression, parse_relation};
use crate::formula::scope::Law;
use crate::formula::scope::RandomObject;

/// `d`, `T`, `n` whole, `k` real; `X` T×d, `Xs` a family of such, `E` noise of length T, `W` a labeller.
fn scope() -> Scope {
    let parse = |text| parse_expression(text).unwrap();
    let mut scope = Scope::default();
    for name in ["d", "T", "n"] {
        let symbol = Symbol::Integer {
            min: parse("1"),
            max: parse("9"),
        };
        scope.symbols.push((name.to_owned(), symbol));
    }
    let k = Symbol::Real {
        min: parse("0"),
        max: parse("1"),
        scale: Default::default(),
    };
    scope.symbols.push(("k".to_owned(), k));
    scope
        .symbols
        .push(("phi".to_owned(), Symbol::Defined(parse("d/T"))));
    let random = |law, count| RandomObject { law, count };
    scope.random = vec![
        (
            "X".to_owned(),
            random(Law::Design { rows: parse("T") }, None),
        ),
        (
            "Xs".to_owned(),
            random(
                Law::Design {
                    rows: parse("d/phi"),
                },
                Some(parse("n")),
            ),
        ),
        (
            "E".to_owned(),
            random(
                Law::Noise {
                    length: parse("2*T - T"),
                    sd: parse("k"),
                },
                None,
            ),
        ),
        (
            "W".to_owned(),
            random(
                Law::Labeller {
                    generations: parse("n"),
                    samples: parse("T"),
                    sd: parse("k"),
                    ridge: None,
                    designs: Default::default(),
                },
                None,
            ),
        ),
    ];
    scope
        .definitions
        .push(("G".to_owned(), parse("inv(Sigma + k*I)")));
    scope.definitions.push(("C".to_owned(), parse("X'*X/T")));
    scope
}

#[test]
fn shapes_of_the_field_s_expressions() {
    let scope = scope();
    for (text, shape) in [
        ("k", "scalar"),
        ("w0", "vector[d]"),
        ("w0'", "row vector[d]"),
        ("X", "matrix[T, d]"),
        ("X'", "matrix[d, T]"),
        ("X*w0 + E", "vector[T]"),
        ("Xs(0)*W + E", "vector[d/phi]"),
        ("X'*Xs(1)", "matrix[d, d]"),
        ("ridge(X, X*W + E, k)", "vector[d]"),
        ("E[norm2(ridge(X, X*W + E, k) - w0, Sigma)]", "scalar"),
        ("Sigma + k*I", "matrix[d, d]"),
        ("(Sigma + k*I)^(-1/2)", "matrix[d, d]"),
        ("G^k", "matrix[d, d]"),
        ("C^-2", "matrix[d, d]"),
        ("C^n", "matrix[d, d]"),
        ("X*X' + k*I", "matrix[T, T]"),
        ("inv(X*X' + k*I)*E", "vector[T]"),
        ("pinv(X)*E", "vector[d]"),
        ("proj(X)*w0", "vector[d]"),
        ("w0'*Sigma*(Sigma+k*I)^-2*w0", "scalar"),
        ("w0*w0'", "matrix[d, d]"),
        ("tr(I)", "scalar"),
        ("opnorm(X)", "scalar"),
        ("sum(j = 1..d, c(j)^2*s(j))", "scalar"),
        ("prod(m = 0..n, proj(Xs(m)))", "matrix[d, d]"),
        ("if(T <= d, Sigma, I)", "matrix[d, d]"),
        ("diff(df(1, k), k)", "scalar"),
        ("argmin(x in [0, 1], x^2 + k)", "scalar"),
        ("E[X'*X]", "matrix[d, d]"),
    ] {
        let expr = parse_expression(text).unwrap();
        match shape_of(&expr, &scope) {
            Ok(found) => assert_eq!(found.to_string(), shape, "{text}"),
            Err(errors) => panic!("{text}: {errors:?}"),
        }
    }
}

#[test]
fn mismatches_are_named_and_mended() {
    let scope = scope();
    for (text, code, place, help) in [
        ("Sigma + k", "S001", "Sigma + k", "write Sigma + k*I"),
        ("1 + G", "S001", "1 + G", "write I + G"),
        (
            "w0*w0",
            "S002",
            "w0*w0",
            "write w0'*w0 for the scalar product, w0*w0' for the matrix",
        ),
        (
            "X*E",
            "S002",
            "X*E",
            "write X'*E, if the transpose is meant",
        ),
        (
            "X*X",
            "S002",
            "X*X",
            "write X'*X, if the transpose is meant",
        ),
        (
            "k/(Sigma + k*I)",
            "S003",
            "(Sigma + k*I)",
            "write k*inv(Sigma + k*I)",
        ),
        ("1/G", "S003", "G", "write inv(G)"),
        (
            "C^(1/2)",
            "S004",
            "(1/2)",
            "only functions of Sigma have powers that are not whole numbers",
        ),
        ("X^2", "S004", "X", "write X'*X, or norm2 of a vector"),
        (
            "k'",
            "S005",
            "k'",
            "' binds tighter than any other operator: write (A*B)', (M^2)'",
        ),
        ("tr(X)", "S006", "X", "write tr(X'*X)"),
        ("norm2(k)", "S006", "k", "write k^2"),
        (
            "ridge(X, w0, k)",
            "S006",
            "w0",
            "these are coefficients; labels are X*w0",
        ),
        (
            "E[k]",
            "S008",
            "E[k]",
            "leave E[ ] out, or use an object declared under [random]",
        ),
        (
            "df(2, Sigma)",
            "S006",
            "Sigma",
            "scalars come from matrices as tr(M), opnorm(M) or v'*M*v: perhaps tr(Sigma)",
        ),
    ] {
        let errors = shape_of(&parse_expression(text).unwrap(), &scope).expect_err(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        let error = &errors[0];
        assert_eq!(error.code, code, "{text}: {error:?}");
        assert_eq!(&text[error.span.start..error.span.end], place, "{text}");
        assert_eq!(error.help.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn several_faults_are_found_in_one_formula() {
    let errors = check_relation(
        &parse_relation("(Sigma + k)*w0 = w0*w0 + tr(X)").unwrap(),
        &scope(),
    );
    let codes: Vec<_> = errors.iter().map(|e| e.code).collect();
    assert_eq!(codes, ["S001", "S002", "S006"]);
}

#[test]
fn relations_need_equal_shapes() {
    let scope = scope();
    let faults = |text: &str| check_relation(&parse_relation(text).unwrap(), &scope);
    for text in [
        "E[C] = Sigma",
        "C*G = G*C",
        "k ~ phi",
        "I = Sigma",
        "X*w0 = Xs(1)*w0",
        "proj(X)*proj(X) = proj(X)",
    ] {
        assert!(faults(text).is_empty(), "{text}: {:?}", faults(text));
    }
    for text in [
        "E[C] = k",
        "C ~ Sigma",
        "w0 <= W",
        "X = Sigma",
        "w0 = w0'",
        "X*w0 = w0",
    ] {
        assert_eq!(faults(text).len(), 1, "{text}");
        assert_eq!(faults(text)[0].code, "S007", "{text}");
    }
}

#[test]
fn without_a_dimension_sigma_has_no_size() {
    let errors = shape_of(&parse_expression("tr(Sigma)").unwrap(), &Scope::default());
    assert_eq!(errors.expect_err("no d")[0].code, "S010");
}
