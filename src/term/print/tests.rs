use crate::formula::parse::parse_relation;
use crate::term::tests::scope;
use crate::term::{latex, mathml, resolve, text};

const FORMULAS: [&str; 35] = [
    "1/3*x - -k",
    "-(x + 1)^2*-2",
    "(-2)^x + 1e-300",
    "x - (k - q)/(x/k)",
    "x^k^q + (x^k)^q",
    "(x + 1)*(k - 1)/T",
    "2^-x*x^(-1/2)",
    "pi*d/T - 0.125",
    "sum(j = 1..d, s(j)^2/(s(j) + k))",
    "sum(j = 2..d, c(j)^2*(s(j) + 1))",
    "sum(i = 1..3, prod(m = 1..i, x + m*i))",
    "inf(y in [0, 1], y^2 - y*k)",
    "argmin(k in [0, 1], kap)",
    "if(x <= k, x, -k) + abs(x - k)",
    "min(x, k, 2) + max(x, q)",
    "w0'*Sigma*(Sigma + k*I)^-2*w0",
    "tr((X'*X/T + k*I)^-1*Sigma)",
    "(X*w0)'*E",
    "E[norm2(ridge(X, X*w0 + E, k) - w0, Sigma)]",
    "E[norm2(E[X'*E | X])*E[tr(diag(X*X')) | X, E]]",
    "E[tr(E[Xs(0)'*X | Xs])^2]",
    "opnorm(Xs(0) - X) + norm2(E)",
    "tr(Xs(1)'*proj(X)*pinv(X))",
    "kappa(k, T)^2*df(2, kap)",
    "gamma(x + 1)*zeta(2) + exp(-x)*log(x)",
    "sqrt(1 + sqrt(x))",
    "tr(inv(X*X' + k*I))",
    "diff(kap, k)",
    "diff(df(2, k), k)",
    "diff(prod(i = 1..3, x - i), x)",
    "(x*k)^2*(x/k)^2",
    "-x^2 + (-x)^2",
    "tr([X; Xs(0); x*I]'*[X; Xs(1); -I])",
    "tr([X, Xs(0)]*[X, Xs(1)]')",
    "norm2([X, Xs(0); Xs(1), X]*[w0; w0])",
];

#[test]
fn text_is_read_back_as_the_same_term() {
    let scope = scope();
    for formula in FORMULAS {
        let says = parse_relation(&format!("{formula} = 0")).unwrap();
        let statement = resolve(&says, &scope).unwrap();
        let shown = text(&statement.store, statement.claim.lhs).unwrap();
        let again = parse_relation(&format!("{shown} = {formula}"))
            .unwrap_or_else(|e| panic!("{formula} is shown as {shown}: {e:?}"));
        let again = resolve(&again, &scope).unwrap();
        let twice = text(&again.store, again.claim.lhs).unwrap();
        assert_eq!(shown, twice, "{formula}");
        if !shown.contains("^-1") {
            assert_eq!(again.claim.lhs, again.claim.rhs, "{formula} as {shown}");
        }
    }
}

#[test]
fn latex_and_mathml_read_well() {
    let scope = scope();
    for (formula, expected) in [
        ("-(x + 1)^2/3", "\\frac{-{\\left(x + 1\\right)}^{2}}{3}"),
        (
            "kappa(k, T)^2*df(2, k)",
            "{\\kappa\\left(k, T\\right)}^{2}{\\operatorname{df}}_{2}\\left(k\\right)",
        ),
        (
            "tr((Sigma + k*I)^-2)",
            "\\operatorname{tr}\\left({\\left(\\Sigma + k I\\right)}^{-2}\\right)",
        ),
        ("T0*x", "T_{0}x"),
        (
            "tr([X, x*I; I, X'])",
            "\\operatorname{tr}\\left(\\begin{bmatrix}X & xI \\\\ I & {X}^{\\top}\\end{bmatrix}\\right)",
        ),
        ("sum(i = 1..3, i*x)", "\\sum_{i = 1}^{3} i x"),
        (
            "E[w0'*X'*E | X, E]",
            "\\mathbb{E}\\left[{w_{0}}^{\\top}{X}^{\\top}E \\mid X, E\\right]",
        ),
    ] {
        let says = parse_relation(&format!("{formula} = 0")).unwrap();
        let statement = resolve(&says, &scope).unwrap();
        let shown = latex(&statement.store, statement.claim.lhs).unwrap();
        assert_eq!(
            shown.replace(' ', ""),
            expected.replace(' ', ""),
            "{formula}"
        );
    }
    for formula in FORMULAS {
        let says = parse_relation(&format!("{formula} = 0")).unwrap();
        let statement = resolve(&says, &scope).unwrap();
        let tex = latex(&statement.store, statement.claim.lhs).unwrap();
        assert_eq!(
            tex.matches('{').count(),
            tex.matches('}').count(),
            "{formula}: {tex}"
        );
        assert_eq!(
            tex.matches("\\left").count(),
            tex.matches("\\right").count()
        );
        let xml = mathml(&statement.store, statement.claim.lhs).unwrap();
        let opened = xml.matches("<m").count();
        assert_eq!(opened, xml.matches("</m").count(), "{formula}: {xml}");
    }
}
