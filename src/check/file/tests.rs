use std::path::Path;

use proptest::prelude::*;

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
    // What follows itself stays where it is.
    let stays = text.replace("d = \"2*T\"", "d = \"d\"");
    let file = read_text(Path::new("ridge.toml"), &stays).unwrap_or_else(|e| panic!("{e:#?}"));
    let limit = file.claims[1].scope.limit.as_ref().unwrap();
    assert!(!limit.path.iter().any(|(n, _)| n == "d"));
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
            ("F013", 9),
            ("D006", 11),
            ("D003", 13)
        ]
    );
}

/// Places lie in the text, and what is said has words.
fn check_total(text: &str) {
    let Err(diagnostics) = read_text(Path::new("test.toml"), text) else {
        return;
    };
    assert!(!diagnostics.is_empty());
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty());
        assert!(
            text.get(diagnostic.start..diagnostic.end).is_some(),
            "{diagnostic:?}"
        );
        let shown = diagnostic.source_line.get(diagnostic.underline.clone());
        assert!(shown.is_some(), "{diagnostic:?}");
        assert!(!crate::report::diagnostic::render(&diagnostic, false).is_empty());
    }
}

const PIECES: [&str; 24] = [
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "\\",
    "\\u03ba",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "\r\n",
    ",",
    ".",
    "κ",
    "0",
    "inf",
    "nan",
    "[[claim]]\n",
    "id = 1\n",
    "\u{0}",
    "E[",
    "1e9999",
];

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_places(text in any::<String>()) {
        check_total(&text);
    }

    #[test]
    fn broken_files_are_read_or_refused_with_places(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, 0..PIECES.len()), 1..4),
    ) {
        let mut text = RIDGE.to_owned();
        for (at, gap, piece) in cuts {
            let start = boundary(&text, at.index(text.len() + 1));
            let end = boundary(&text, start + gap).max(start);
            text.replace_range(start..end, PIECES[piece]);
        }
        check_total(&text);
    }

    #[test]
    fn lines_like_toml_are_read_or_refused(lines in prop::collection::vec("[a-zκ\\[\\]{}=\"'. 0-9]{0,20}", 0..12)) {
        check_total(&lines.join("\n"));
    }
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[test]
fn files_beside_a_derivation_stay_beside_it() {
    let directory = std::env::temp_dir().join(format!("resolvent-file-{}", std::process::id()));
    let inner = directory.join("inner");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(directory.join("outside.txt"), "1 1\n").unwrap();
    std::fs::write(inner.join("eigenvalues.txt"), "2, 1 # descending\n0.5\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(directory.join("outside.txt"), inner.join("link.txt")).unwrap();
    let read = |path: &str| {
        let text = format!(
            "[setting]\nspectrum = {{ kind = \"file\", path = '{path}' }}\n[[claim]]\nid = \"a\"\nsays = \"tr(Sigma) = 3.5\"\n"
        );
        read_text(&inner.join("a.toml"), &text)
    };
    let file = read("eigenvalues.txt").unwrap();
    let scope = &file.claims[0].scope;
    let crate::formula::scope::SpectrumKind::Explicit(values) = &scope.setting.spectrum else {
        panic!("explicit eigenvalues")
    };
    assert_eq!(values, &[2.0, 1.0, 0.5]);
    assert_eq!(scope.expansion("d").unwrap().to_string(), "3");
    let absolute = directory.join("outside.txt").display().to_string();
    for path in [
        "../outside.txt",
        "./../inner/eigenvalues.txt",
        &absolute,
        "",
        "none.txt",
        ".",
    ] {
        let faults = read(path).expect_err(path);
        let codes: Vec<_> = faults.iter().map(|d| d.code).collect();
        assert!(codes.contains(&"D012"), "{path}: {faults:?}");
    }
    #[cfg(unix)]
    assert_eq!(read("link.txt").expect_err("a link out")[0].code, "D012");
    std::fs::remove_dir_all(&directory).unwrap();
}
