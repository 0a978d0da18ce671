use std::path::Path;

use super::*;
use crate::formula::scope::Symbol;

const RIDGE: &str = r#"
title  = "Ridge on synthetic labels, enough data per generation"
source = "Dohmatob, Feng & Kempe 2024, Corollary 4.4"

[setting]
spectrum = "any"
target   = "any"

[symbols]
d      = { integer = [2, 400] }
T      = { integer = [2, 4000] }
T0     = { integer = [2, 4000] }
n      = { integer = [1, 8] }
lambda = { real = [1e-6, 10], scale = "log" }
sigma0 = { real = [0.1, 2] }
sigma  = { real = [0, 2] }
phi    = "d/T"
phi0   = "d/T0"
k      = "kappa(lambda, T)"

[random]
X = { design = "T" }
E = { noise = "T", sd = "sigma" }
W = { labeller = "n", samples = "T0", sd = "sigma0" }

[define]
w   = "ridge(X, X*W + E, lambda)"
rho = "df(2,k)/(T0-d) + k^2*tr((Sigma+k*I)^-2)/(T0-d) * df(2,k)/(T-df(2,k))"

[limit]
variable = "T"
path     = { d = "phi*T", T0 = "d/phi0" }

[[claim]]
id     = "cor-4.4"
says   = "E[norm2(w - w0, Sigma)] ~ k^2*(w0'*Sigma*(Sigma+k*I)^-2*w0)/(1-df(2,k)/T) + sigma^2*df(2,k)/(T-df(2,k)) + n*sigma0^2*rho"
assume = ["T0 >= d + 2"]
uses   = ["prop-4.2-bias"]

[[claim]]
id      = "cor-4.4-printed"
says    = "rho ~ 1"
expect  = "refuted"
instead = "cor-4.4"
why     = "the sign"

[[derivation]]
id    = "rho-isotropic"
assume = ["T0 >= d + 2"]
setting = { spectrum = "isotropic" }
start = "rho"
steps = [
  "= d/(1+k)^2/(T0-d) * (1 + k^2*df(2,k)/(T-df(2,k)))",
  "= phi0/(1-phi0) * (1/(1+k)^2 + 1/(1+k)^2 * phi*k^2/((1+k)^2-phi))",
]
"#;

fn faults(text: &str) -> Vec<Diagnostic> {
    read_text(Path::new("test.toml"), text).expect_err("a faulty file")
}

#[test]
fn the_specification_s_example_is_read() {
    let file = read_text(Path::new("ridge.toml"), RIDGE).unwrap_or_else(|e| panic!("{e:#?}"));
    let ids: Vec<&str> = file.claims.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "cor-4.4",
            "cor-4.4-printed",
            "rho-isotropic/1",
            "rho-isotropic/2"
        ]
    );
    let [main, printed, first, second] = &file.claims[..] else {
        unreachable!()
    };
    assert_eq!(main.scope.assumptions.len(), 1);
    assert_eq!(main.uses, ["prop-4.2-bias"]);
    assert_eq!(printed.expect, Expect::Refuted);
    assert!(printed.scope.assumptions.is_empty());
    assert_eq!(first.says.lhs.to_string(), "rho");
    assert_eq!(second.says.lhs.to_string(), first.says.rhs.to_string());
    assert!(second.says_text.contains(" = phi0/(1-phi0) * "));
    assert!(matches!(
        first.scope.setting.spectrum,
        crate::formula::scope::SpectrumKind::Isotropic
    ));
    let (_, lambda) = &main.scope.symbols[4];
    let Symbol::Real { min, .. } = lambda else {
        panic!("{lambda:?}")
    };
    assert_eq!(min.to_string(), "1e-6");
    // Spans are bytes of the file.
    let span = main.says.lhs.span;
    assert_eq!(&RIDGE[span.start..span.end], "E[norm2(w - w0, Sigma)]");
    let (_, rho) = &main.scope.definitions[1];
    assert!(RIDGE[rho.span.start..rho.span.end].starts_with("df(2,k)/(T0-d)"));
}

#[test]
fn a_claim_s_own_entries_replace_the_file_s() {
    let text = RIDGE.replace(
        "expect  = \"refuted\"\n",
        "expect  = \"refuted\"\ndefine = { rho = \"2*phi\", phi = \"3\" }\nlimit = { path = { d = \"2*T\" } }\n",
    );
    let file = read_text(Path::new("ridge.toml"), &text).unwrap_or_else(|e| panic!("{e:#?}"));
    let scope = &file.claims[1].scope;
    assert_eq!(scope.expansion("rho").unwrap().to_string(), "2*phi");
    assert_eq!(scope.expansion("phi").unwrap().to_string(), "3");
    assert!(!scope.symbols.iter().any(|(n, _)| n == "phi"));
    let limit = scope.limit.as_ref().unwrap();
    assert_eq!(limit.path.len(), 2);
    let d = limit.path.iter().find(|(n, _)| n == "d").unwrap();
    assert_eq!(d.1.to_string(), "2*T");
    // The other claims keep the file's.
    assert_ne!(
        file.claims[0].scope.expansion("rho").unwrap().to_string(),
        "2*phi"
    );
}

#[test]
fn a_fault_in_a_formula_is_placed_in_the_file() {
    let text = "[[claim]]\nid = \"a\"\nsays = \"1 + \\u03ba \\u2264 2 x\"\n";
    let faults = faults(text);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!((faults[0].code, faults[0].line), ("F006", 3));
    assert_eq!(&text[faults[0].start..faults[0].end], "x");
    assert_eq!(faults[0].column, 29);
}

#[test]
fn many_faults_are_reported_at_once() {
    let text = "[symbols]\nT = { integer = [5, 2] }\nx = { real = [0, 1], scale = \"log\" }\n\
                [define]\na = \"b\"\nb = \"a\"\n\
                [[claim]]\nid = \"one\"\nsays = \"kapa(1,2,3) = q\"\n[[claim]]\nid = \"one\"\nsays = \"1 = 1\"\nexpct = \"x\"\n";
    let codes: Vec<_> = faults(text).iter().map(|d| (d.code, d.line)).collect();
    assert_eq!(
        codes,
        [
            ("D008", 2),
            ("D008", 3),
            ("F015", 5),
            ("F011", 9),
            ("D006", 11),
            ("D003", 13)
        ]
    );
}
