use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;
use crate::formula::ast::{Extremum, Fold, Function};

/// The tree with every bracket written: what precedence decided.
fn bracketed(expr: &Expr) -> String {
    match &*expr.node {
        Node::Neg(x) => format!("(-{})", bracketed(x)),
        Node::Binary(op, a, b) => format!("({}{}{})", bracketed(a), op.symbol(), bracketed(b)),
        Node::Transpose(x) => format!("{}'", bracketed(x)),
        _ => expr.to_string(),
    }
}

#[test]
fn precedence_follows_the_field() {
    for (text, tree) in [
        ("a - b - c", "((a-b)-c)"),
        ("a/b/c", "((a/b)/c)"),
        ("a/b*c", "((a/b)*c)"),
        ("a^b^c", "(a^(b^c))"),
        ("-x^2", "(-(x^2))"),
        ("-a*b", "((-a)*b)"),
        ("a*-b", "(a*(-b))"),
        ("a - -b", "(a-(-b))"),
        ("T^-ell*x", "((T^(-ell))*x)"),
        ("G^-2", "(G^(-2))"),
        ("2^-a^b", "(2^(-(a^b)))"),
        ("w0'*Sigma*w0", "((w0'*Sigma)*w0)"),
        ("X'^2", "(X'^2)"),
        ("x²'", "(x^2)'"),
        ("κ²·σ₀", "((kappa^2)*sigma0)"),
        ("(Σ+κ·I)⁻¹", "((Sigma+(kappa*I))^(-1))"),
        ("a−b×c", "(a-(b*c))"),
    ] {
        let expr = parse_expression(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(bracketed(&expr), tree, "{text}");
    }
}

#[test]
fn aliases_are_the_ascii_names() {
    for (alias, ascii) in [
        (
            "β + δ + η + ℓ + λ + ρ + σ + φ",
            "beta + delta + eta + ell + lambda + rho + sigma + phi",
        ),
        ("π*∞", "pi*inf"),
        ("σ_0 + T₁₂", "sigma_0 + T12"),
        ("√(x)", "sqrt(x)"),
        ("∑(i = 1..n, i)", "sum(i = 1..n, i)"),
        ("x′", "x'"),
        ("inf(x ∈ [0, 1], x)", "inf(x in [0, 1], x)"),
    ] {
        let (alias, ascii) = (
            parse_expression(alias).unwrap(),
            parse_expression(ascii).unwrap(),
        );
        assert_eq!(alias.to_string(), ascii.to_string());
    }
    for (sign, op) in [
        ("=", RelationOp::Eq),
        ("<=", RelationOp::Le),
        ("≤", RelationOp::Le),
        (">=", RelationOp::Ge),
        ("≥", RelationOp::Ge),
        ("<", RelationOp::Lt),
        (">", RelationOp::Gt),
        ("~", RelationOp::Equivalent),
        ("≃", RelationOp::Equivalent),
        ("asymp", RelationOp::SameOrder),
        ("≍", RelationOp::SameOrder),
        ("<~", RelationOp::OrderAtMost),
        ("≲", RelationOp::OrderAtMost),
        (">~", RelationOp::OrderAtLeast),
        ("≳", RelationOp::OrderAtLeast),
        ("->", RelationOp::TendsTo),
        ("→", RelationOp::TendsTo),
    ] {
        assert_eq!(parse_relation(&format!("a {sign} b")).unwrap().op, op);
        assert_eq!(parse_step(&format!("{sign} b")).unwrap().0, op);
    }
    assert_eq!(parse_relation("a<-b").unwrap().op, RelationOp::Lt);
}

#[test]
fn numbers_are_exact() {
    for (text, numerator, denominator) in [
        ("0.1", "1", "10"),
        ("1e-6", "1", "1000000"),
        ("12.50", "25", "2"),
        ("3E2", "300", "1"),
        (
            "0.30000000000000004",
            "7500000000000001",
            "25000000000000000",
        ),
    ] {
        let expr = parse_expression(text).unwrap();
        let Node::Number(x) = &*expr.node else {
            panic!("{text} is no number")
        };
        let part = |digits: &str| digits.parse::<BigInt>().unwrap();
        assert_eq!(
            (x.numer(), x.denom()),
            (&part(numerator), &part(denominator))
        );
    }
}

#[test]
fn variances_are_differences_of_means() {
    let same = |short: &str, long: &str| {
        let (a, b) = (
            parse_expression(short).unwrap(),
            parse_expression(long).unwrap(),
        );
        assert_eq!(a.to_string(), b.to_string());
    };
    same("Var[tr(X)]", "E[tr(X)*tr(X)] - E[tr(X)]*E[tr(X)]");
    same("2*Cov[a + b, c]", "2*(E[(a + b)*c] - E[a + b]*E[c])");
    for wrong in ["Cov[a]", "Var[]", "Var[a", "Cov[a, b, c]"] {
        assert!(parse_expression(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn names_and_functions_do_not_collide() {
    assert!(matches!(&*parse_expression("df").unwrap().node, Node::Name(n) if n == "df"));
    assert!(matches!(&*parse_expression("E").unwrap().node, Node::Name(n) if n == "E"));
    assert!(matches!(
        &*parse_expression("E[E]").unwrap().node,
        Node::Expectation(_)
    ));
    assert!(matches!(
        &*parse_expression("E(0)").unwrap().node,
        Node::Member(..)
    ));
    assert!(matches!(
        &*parse_expression("inf").unwrap().node,
        Node::Infinity
    ));
    assert!(matches!(
        &*parse_expression("inf(x in [0, 1], x)").unwrap().node,
        Node::Extremum { .. }
    ));
}

#[test]
fn long_and_deep_formulas_are_refused_and_not_overflown() {
    for text in [
        "(".repeat(60_000),
        "-".repeat(60_000),
        "x".to_owned() + &"'".repeat(60_000),
        "x".to_owned() + &"²'".repeat(10_000),
        "1".to_owned() + &"+1".repeat(30_000),
        "2".to_owned() + &"^2".repeat(30_000),
        "sqrt(".repeat(10_000),
        "if(1 < ".repeat(8_000),
        "E[".repeat(30_000),
        "sum(i = 1..".repeat(5_000),
    ] {
        assert_eq!(
            parse_expression(&text).unwrap_err()[0].code,
            "F004",
            "{}",
            text.chars().take(10).collect::<String>()
        );
    }
    assert_eq!(
        parse_expression(&" ".repeat(70_000)).unwrap_err()[0].code,
        "F001"
    );
    assert_eq!(
        parse_expression(&"9".repeat(2_000)).unwrap_err()[0].code,
        "F002"
    );
    // A run of superscripts is one number.
    let power = "x".to_owned() + &"²".repeat(10_000);
    assert_eq!(parse_expression(&power).unwrap_err()[0].code, "F002");
    // What is within bounds is read.
    let deepest = format!("{}x{}", "(".repeat(150), ")".repeat(150));
    assert!(parse_expression(&deepest).is_ok());
}

#[test]
fn spans_cover_what_they_name() {
    let text = "k^2 + tr(Σ)/(T - 1)";
    let expr = parse_expression(text).unwrap();
    assert_eq!((expr.span.start, expr.span.end), (0, text.len()));
    let Node::Binary(_, _, right) = &*expr.node else {
        panic!("a sum")
    };
    assert_eq!(&text[right.span.start..right.span.end], "tr(Σ)/(T - 1)");
    let Node::Binary(_, trace, slack) = &*right.node else {
        panic!("a quotient")
    };
    assert_eq!(&text[trace.span.start..trace.span.end], "tr(Σ)");
    assert_eq!(&text[slack.span.start..slack.span.end], "(T - 1)");
}

fn tree(node: Node) -> Expr {
    Expr {
        node: Arc::new(node),
        span: Span::default(),
    }
}

/// Trees as the parser makes them, over all kinds of nodes.
fn expressions() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (0u32..2000, 0usize..9).prop_map(|(n, places)| {
            let power = num_traits::pow(BigInt::from(10), places);
            tree(Node::Number(BigRational::new(n.into(), power)))
        }),
        prop::sample::select(vec!["x", "T0", "sigma", "Sigma", "df", "E", "w_hat"])
            .prop_map(|n| tree(Node::Name(n.to_owned()))),
        Just(tree(Node::Pi)),
        Just(tree(Node::Infinity)),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec![
            BinaryOp::Add,
            BinaryOp::Sub,
            BinaryOp::Mul,
            BinaryOp::Div,
            BinaryOp::Pow,
        ]);
        let relation = prop::sample::select(vec![RelationOp::Le, RelationOp::Eq, RelationOp::Gt]);
        prop_oneof![
            4 => (op, inner.clone(), inner.clone()).prop_map(|(op, a, b)| tree(Node::Binary(op, a, b))),
            2 => inner.clone().prop_map(|x| tree(Node::Neg(x))),
            1 => inner.clone().prop_map(|x| tree(Node::Transpose(x))),
            1 => inner.clone().prop_map(|x| tree(Node::Expectation(x))),
            1 => inner.clone().prop_map(|x| tree(Node::Member("X".to_owned(), x))),
            1 => inner.clone().prop_map(|x| tree(Node::Diff(x, "k".to_owned(), None))),
            1 => (inner.clone(), inner.clone()).prop_map(|(x, at)| tree(Node::Diff(x, "k".to_owned(), Some(at)))),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| tree(Node::Call(Function::Df, vec![a, b]))),
            1 => prop::collection::vec(inner.clone(), 2..4).prop_map(|list| tree(Node::Call(Function::Min, list))),
            1 => (prop::collection::vec(inner.clone(), 2..4), any::<bool>()).prop_map(|(list, below)| {
                let stack = if below { Function::Rows } else { Function::Columns };
                tree(Node::Call(stack, list))
            }),
            1 => (relation, inner.clone(), inner.clone(), inner.clone()).prop_map(|(op, a, b, c)| {
                let condition = Comparison { lhs: a.clone(), op, rhs: b, span: Span::default() };
                tree(Node::If(condition, c, a))
            }),
            1 => (inner.clone(), inner.clone(), inner.clone(), any::<bool>()).prop_map(|(from, to, body, sum)| {
                let kind = if sum { Fold::Sum } else { Fold::Prod };
                tree(Node::Fold { kind, index: "i".to_owned(), from, to, body })
            }),
            1 => (inner.clone(), inner.clone(), inner, any::<bool>()).prop_map(|(from, to, body, least)| {
                let kind = if least { Extremum::Inf } else { Extremum::ArgMin };
                tree(Node::Extremum { kind, variable: "x".to_owned(), from, to, body })
            }),
        ]
    })
}

/// The tree without its spans.
fn skeleton(expr: &Expr) -> String {
    let text = format!("{expr:?}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("span: Span {") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('}').map_or(rest.len(), |i| i + 1)..];
    }
    out + rest
}

const PIECES: [&str; 63] = [
    "a",
    "T0",
    "Σ",
    "κ",
    "E",
    "[",
    "]",
    "(",
    ")",
    "+",
    "-",
    "*",
    "/",
    "^",
    "'",
    ",",
    "..",
    "=",
    "<=",
    "~",
    "->",
    "asymp",
    "sum",
    "i",
    "in",
    "inf",
    "if(",
    "df(",
    "ridge(",
    "E[",
    "[",
    "]",
    ";",
    "1",
    "0.5",
    "1e",
    "1e-6",
    "e",
    ".",
    "...",
    "²",
    "⁻",
    "₀",
    " ",
    "\n",
    "\u{302}",
    "π",
    "\\",
    "\"",
    "#",
    "\u{0}",
    "∞",
    "ŵ",
    "𝔼",
    "norm2(",
    "tr(",
    "1e999999999",
    "||",
    "{",
    "argmin(",
    "diff(",
    "Sigma(",
    "_",
];

proptest! {
    #[test]
    fn printed_formulas_are_read_back(expr in expressions()) {
        let text = expr.to_string();
        let back = parse_expression(&text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        prop_assert_eq!(skeleton(&back), skeleton(&expr), "{}", text);
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn brackets_are_not_superfluous(expr in expressions()) {
        // Every pair of brackets that only groups is needed: without it the formula means something else.
        // Right operands that start with a minus are bracketed for the eye.
        let text = expr.to_string();
        let bytes: Vec<char> = text.chars().collect();
        for open in 0..bytes.len() {
            let groups = bytes[open] == '(' && (open == 0 || !(bytes[open - 1].is_alphanumeric()))
                && bytes.get(open + 1) != Some(&'-');
            if !groups { continue; }
            let mut depth = 0;
            let close = (open..bytes.len()).find(|&i| {
                match bytes[i] { '(' => depth += 1, ')' => depth -= 1, _ => {} }
                depth == 0
            }).expect("balanced");
            let without: String = bytes.iter().enumerate()
                .filter(|&(i, _)| i != open && i != close).map(|(_, c)| c).collect();
            if let Ok(other) = parse_expression(&without) {
                prop_assert_ne!(skeleton(&other), skeleton(&expr), "{} needs no brackets beyond {}", text, without);
            }
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused_with_a_place(text in any::<String>()) {
        check_total(&text);
    }

    #[test]
    fn any_mixture_of_pieces_is_parsed_or_refused_with_a_place(pieces in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.into_iter().map(|i| PIECES[i]).collect();
        check_total(&text);
    }

    #[test]
    fn broken_formulas_are_parsed_or_refused_with_a_place(expr in expressions(), cut in any::<prop::sample::Index>(), piece in 0..PIECES.len()) {
        let text = expr.to_string();
        let at = (0..=cut.index(text.len() + 1)).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        check_total(&text[..at]);
        check_total(&text[at..]);
        check_total(&format!("{}{}{}", &text[..at], PIECES[piece], &text[at..]));
    }
}

fn check_total(text: &str) {
    let errors = [
        parse_expression(text).err(),
        parse_relation(text).err(),
        parse_step(text).err(),
    ];
    for error in errors.into_iter().flatten().flatten() {
        assert!(error.span.start <= error.span.end && error.span.end <= text.len());
        assert!(text.get(error.span.start..error.span.end).is_some());
        assert!(!error.message.is_empty());
    }
    if let Ok(expr) = parse_expression(text) {
        let again = parse_expression(&expr.to_string()).expect("what was printed");
        assert_eq!(skeleton(&again), skeleton(&expr));
    }
}

#[test]
fn alternatives_are_no_higher_than_other_formulas() {
    let joined = |relation: &str, count: usize| vec![relation; count].join(" or ");
    let few = parse_assumption(&joined("T = d", 20)).unwrap();
    assert_eq!(few.len(), 1);
    let deep = parse_assumption(&joined("T = d", 400)).unwrap_err();
    assert!(deep[0].message.contains("deep"), "{}", deep[0].message);
    // Greatest values lie side by side.
    assert!(parse_assumption(&joined("T <= d", 400)).is_ok());
}
