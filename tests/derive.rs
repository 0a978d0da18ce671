//! Equivalents derived as formulas, put back into derivation files, and checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HEAD: &str = r#"
title  = "A file"
source = "Tests"

[symbols]
d      = { integer = [4, 300] }
T      = { integer = [4, 3000] }
p      = { integer = [4, 3000] }
lambda = { real = [1e-2, 10], scale = "log" }
sigma  = { real = [0.1, 2] }
v      = { real = [0.2, 3] }
q      = { real = [0.2, 0.8] }
phi    = "d/T"
psi    = "p/T"

[random]
X = { design = "T" }
F = { gaussian = ["p", "d"] }
E = { noise = "T", sd = "sigma" }
Y = { design = "p", count = 2 }
e = { noise = "p", sd = "sigma", count = 2 }

[limit]
variable = "T"
path     = { d = "phi*T", p = "psi*T" }
"#;

fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("resolvent-derive-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_resolvent"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, String) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

/// Derives the claim, writes what was found in its place, and returns the text and the verdicts on it.
fn derived_and_checked(name: &str, claim: &str) -> (String, serde_json::Value) {
    let folder = folder(name);
    fs::write(folder.join("before.toml"), format!("{HEAD}\n{claim}")).unwrap();
    let output = run(&["derive", "before.toml"], &folder);
    let (text, complaints) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{complaints}");
    fs::write(folder.join("after.toml"), format!("{HEAD}\n{text}")).unwrap();
    let output = run(
        &[
            "check",
            "after.toml",
            "--format",
            "json",
            "--no-cache",
            "--effort",
            "quick",
        ],
        &folder,
    );
    let (report, complaints) = said(&output);
    let report: serde_json::Value =
        serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e}: {report}{complaints}"));
    fs::remove_dir_all(&folder).unwrap();
    (text, report)
}

fn all_hold(report: &serde_json::Value) {
    let claims = report["claims"].as_array().unwrap();
    assert!(!claims.is_empty());
    for claim in claims {
        assert_eq!(claim["as_expected"], true, "{claim}");
        let verdict = claim["verdict"].as_str().unwrap();
        assert!(["supported", "proved"].contains(&verdict), "{claim}");
    }
}

#[test]
fn the_risk_of_a_ridge_fit_is_found_with_kappa_and_checks() {
    let (text, report) = derived_and_checked(
        "ridge",
        r#"
[[claim]]
id   = "risk"
says = "E[norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)] ~ 1"
"#,
    );
    assert!(text.contains("k1 = \"kappa(lambda, T)\""), "{text}");
    assert!(text.contains("df(2, k1)"), "{text}");
    all_hold(&report);
}

#[test]
fn random_features_have_a_root_of_their_own_and_check() {
    let (text, report) = derived_and_checked(
        "features",
        r#"
[[claim]]
id     = "noise"
says   = "E[norm2(F'*ridge(X*F', E, lambda), Sigma)] ~ 1"
assume = ["psi > 0.2", "psi < 4", "phi > 0.3", "phi < 3"]
"#,
    );
    assert!(text.contains("root(k1 in ["), "{text}");
    // Roots are dear: the budget may end before the domain does, but what was looked at agrees.
    let claim = &report["claims"][0];
    assert_ne!(claim["verdict"], "refuted", "{claim}");
    assert!(claim["points"].as_f64().unwrap() >= 10.0, "{claim}");
    assert!(claim["worst"].as_f64().unwrap() < 1e-5, "{claim}");
}

/// Without a ridge, fewer features than rows: what they leave out, and the rows' share of it and of the noise.
#[test]
fn few_features_without_a_ridge_have_the_formula_of_their_projection() {
    let (text, report) = derived_and_checked(
        "few-features",
        r#"
[[claim]]
id     = "few"
says   = "E[norm2(F'*ridge(X*F', X*w0 + E, 0) - w0, Sigma)] ~ 1"
assume = ["psi > 0.1", "psi < 0.9", "phi > 1.1*psi"]
"#,
    );
    assert!(text.contains("kappa(0, p)"), "{text}");
    assert!(text.contains("w0'*Sigma*inv(Sigma + k1*I)*w0"), "{text}");
    assert!(text.len() < 400, "{text}");
    assert_eq!(report["claims"][0]["verdict"], "supported", "{report}");
}

/// Derives the claims below `head`, and checks what was found, changed by `change`.
fn derived_below(
    name: &str,
    head: &str,
    claims: &str,
    change: impl Fn(&str) -> String,
) -> (String, serde_json::Value) {
    let folder = folder(name);
    let file = |claims: &str| format!("{HEAD}{head}{claims}");
    fs::write(folder.join("before.toml"), file(claims)).unwrap();
    let output = run(&["derive", "before.toml"], &folder);
    let (text, complaints) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{complaints}");
    fs::write(folder.join("after.toml"), file(&change(&text))).unwrap();
    let arguments = [
        "check",
        "after.toml",
        "--format",
        "json",
        "--no-cache",
        "--effort",
        "quick",
    ];
    let (report, complaints) = said(&run(&arguments, &folder));
    let report: serde_json::Value =
        serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e}: {report}{complaints}"));
    fs::remove_dir_all(&folder).unwrap();
    (text, report)
}

/// What is found holds, and what is found but for one letter does not.
fn found_and_no_other(name: &str, head: &str, claims: &str, slips: &[(&str, &str)]) -> String {
    let (text, report) = derived_below(name, head, claims, str::to_owned);
    all_hold(&report);
    for (right, wrong) in slips {
        assert!(text.contains(right), "{right}: {text}");
        let slipped = |text: &str| text.replace(right, wrong);
        let (_, report) = derived_below(name, head, claims, slipped);
        let claims = report["claims"].as_array().unwrap();
        let refuted = claims.iter().filter(|c| c["verdict"] == "refuted");
        assert!(refuted.count() > 0, "{wrong} for {right}: {report}");
    }
    text
}

/// Multiplied out, the risk of the third generation has tens of thousands of characters.
#[test]
fn a_chain_of_fits_is_written_as_its_recursion() {
    let head = r#"
[define]
once  = "ridge(Y(0), Y(0)*w0 + e(0), lambda)"
twice = "ridge(Y(1), Y(1)*once + e(1), lambda)"
"#;
    let claim = r#"
[[claim]]
id = "third"
says = "E[norm2(ridge(X, X*twice + E, lambda) - w0, Sigma)] ~ 1"
"#;
    let slips = [
        ("(T - df(2, k2))", "(T - df(1, k2))"),
        (
            "*tr(Sigma^2*(Sigma + k1*I)^-4)",
            "*tr(Sigma^3*(Sigma + k1*I)^-4)",
        ),
    ];
    let text = found_and_no_other("chain", head, claim, &slips);
    assert!(text.contains("t2 = ") && text.len() < 3_000, "{text}");
}

/// Where one more row makes other equations, formulas would hold for one number of rows.
#[test]
fn numbers_of_rows_are_symbols() {
    let claim = r#"
[[claim]]
id = "second"
says = "E[norm2(ridge([X; Y], [X*w0 + E; Y*ridge(X, X*w0 + E, 0) + e], 0) - w0, Sigma)] ~ 1"
assume = ["d >= 2*T + 6"]
random = { Y = { design = "T" }, e = { noise = "T", sd = "sigma" } }
"#;
    let folder = folder("rows");
    fs::write(folder.join("before.toml"), format!("{HEAD}{claim}")).unwrap();
    let (text, complaints) = said(&run(&["derive", "before.toml"], &folder));
    assert!(
        text.contains("kappa(0, 2*T)") && text.contains("kappa(0, T)"),
        "{text}{complaints}"
    );
    fs::remove_dir_all(&folder).unwrap();
}

/// Rows of one weight share a number: what their resolvent divides them by.
#[test]
fn weights_on_rows_are_groups_of_them() {
    let head = r#"
[covariances]
W = { rows = "T", weights = [1, "v"], shares = ["q", "1 - q"] }
C = { rows = "T", weights = [1, 0], shares = ["q", "1 - q"] }
"#;
    let claims = r#"
[[claim]]
id = "weighted"
says = "E[norm2(inv(X'*W*X + T*lambda*I)*X'*W*(X*w0 + E) - w0, Sigma)] ~ 1"
[[claim]]
id = "trained-on-some"
says = "E[norm2(inv(X'*C*X + T*lambda*I)*X'*C*(X*w0 + E) - w0, Sigma)] ~ 1"
[[claim]]
id = "tested-on-others"
says = "E[norm2((I - C)*(X*inv(X'*C*X + T*lambda*I)*X'*C*(X*w0 + E) - X*w0))] ~ 1"
"#;
    let slips = [("q*v", "q"), ("q*T*k1", "T*k1")];
    let text = found_and_no_other("weights", head, claims, &slips);
    // In lowest terms, and so without names for its parts.
    assert!(!text.contains("t1") && text.len() < 2_000, "{text}");
    let claims = r#"
[[claim]]
id = "unridged"
says = "E[norm2(inv(X'*W*X)*X'*W*E, Sigma)] ~ 1"
assume = ["phi < 0.8"]
"#;
    found_and_no_other("weights-unridged", head, claims, &[("*d*k1", "*T*k1")]);
}

/// Recursions and stacks, and a second labeller that is a random shift of the first.
#[test]
fn what_accumulates_and_what_is_mixed_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("derivations");
    let found =
        |file: &str, filter: &str| said(&run(&["derive", file, "--filter", filter], &root)).0;
    let text = found(
        "gerstgrasser-2024/accumulate.toml",
        "gerst-accumulate-reused",
    );
    assert!(text.contains("~ 49/36*sigma^2*d/(T - d)"), "{text}");
    let text = found(
        "dohmatob-feng-subramonian-kempe-2024/mixture.toml",
        "dfsk-mixture",
    );
    assert!(
        text.contains("tau^2*tr(Sigma^4*(Sigma + k*I)^-2)"),
        "{text}"
    );
}

#[test]
fn weighted_ridges_diagonals_and_fresh_accumulation_are_found() {
    let claim = r#"
[define]
S = "X'*X/T"
H = "X*inv(S + lambda*I)*X'/T"
y = "X*w0 + E"

[[claim]]
id = "weighted-by-sigma"
says = "E[norm2(inv(S + lambda*Sigma)*S*w0 - w0, Sigma)] ~ 1"
[[claim]]
id = "weighted-by-a-function"
says = "E[tr(Sigma*inv(S + lambda*(Sigma^2 + I)))] ~ 1"
[[claim]]
id = "leave-one-out"
says = "E[norm2(inv(diag(I - H))*(y - H*y))/T] ~ 1"
"#;
    // The definitions stand in the head of the file that is checked, too.
    let (head, claims) = claim.split_at(claim.find("[[claim]]").unwrap());
    let (text, report) = derived_below("weighted", head, claims, str::to_owned);
    assert_eq!(text.matches("[[claim]]").count(), 3, "{text}");
    assert!(
        text.contains("root(k1 in [0, T]") && text.contains("kappa(lambda, T)"),
        "{text}"
    );
    all_hold(&report);
    let accumulated = r#"
[[claim]]
id = "fresh"
says = "E[norm2(ridge([X; Y], [X*w0 + E; Y*ridge(X, X*w0 + E, 0) + e], 0) - w0, Sigma)] ~ 1"
assume = ["T >= d + 6"]
random = { Y = { design = "T" }, e = { noise = "T", sd = "sigma" } }
"#;
    let folder = folder("fresh");
    fs::write(folder.join("before.toml"), format!("{HEAD}{accumulated}")).unwrap();
    let (text, complaints) = said(&run(&["derive", "before.toml"], &folder));
    // σ² Σ_i d/(i (iT − d))
    assert!(
        text.contains("sigma^2*d*(5/4*T - 3/4*d)/((T - d)*(T - 1/2*d))"),
        "{text}{complaints}"
    );
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn every_format_says_the_same_and_json_says_why_not() {
    let folder = folder("formats");
    let claims = r#"
[define]
k = "kappa(lambda, T)"

[[claim]]
id   = "noise"
says = "E[norm2(ridge(X, E, lambda), Sigma)] ~ 1"

[[claim]]
id   = "no-equivalent"
says = "E[exp(norm2(ridge(X, E, lambda)))] ~ 1"
"#;
    fs::write(folder.join("file.toml"), format!("{HEAD}\n{claims}")).unwrap();
    let (text, complaints) = said(&run(&["derive", "file.toml"], &folder));
    assert!(complaints.contains("no-equivalent"), "{complaints}");
    // the file has a name for it already
    assert!(text.contains("df(2, k)") && !text.contains("k1"), "{text}");
    let (latex, _) = said(&run(&["derive", "file.toml", "--format", "latex"], &folder));
    assert!(latex.contains("\\simeq"), "{latex}");
    let (mathml, _) = said(&run(
        &["derive", "file.toml", "--format", "mathml"],
        &folder,
    ));
    assert!(
        mathml.starts_with("<math") && !mathml.contains("merror"),
        "{mathml}"
    );
    let output = run(&["derive", "file.toml", "--format", "json"], &folder);
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_str(&said(&output).0).unwrap();
    let list = json["expectations"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert!(list[0]["derived"]["equivalent"].is_string(), "{json}");
    assert!(
        list[1]["derived"].is_null() && list[1]["why"].is_string(),
        "{json}"
    );
    let missing = run(&["derive", "file.toml", "--filter", "nothing"], &folder);
    assert_eq!(missing.status.code(), Some(2));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_root_is_enclosed_and_needs_two_signs() {
    let folder = folder("roots");
    let claims = r#"
title  = "Roots"
source = "Tests"

[symbols]
c = { real = [0.5, 4] }
d = { integer = [4, 40] }
T = { integer = [50, 400] }

[random]
X = { design = "T" }

[[claim]]
id   = "square"
says = "root(x in [0, 10], x^2 - c) = sqrt(c)"

[[claim]]
id   = "kappa"
says = "root(x in [kappa(0, T), 1000], x - c - x*df(1, x)/T) = kappa(c, T)"

[[claim]]
id      = "off"
says    = "root(x in [0, 10], x^2 - c) = sqrt(c)*1.000001"
expect  = "refuted"
instead = "square"
why     = "A millionth too much."

[[claim]]
id   = "one-sign"
says = "root(x in [3, 10], x^2 - c) = sqrt(c)"

[[claim]]
id   = "variance"
says = "Var[tr(X'*X)] = 2*T*tr(Sigma^2)"
"#;
    fs::write(folder.join("file.toml"), claims).unwrap();
    let output = run(
        &["check", "file.toml", "--format", "json", "--no-cache"],
        &folder,
    );
    let (text, complaints) = said(&output);
    let report: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{complaints}"));
    let verdict = |id: &str| {
        let claims = report["claims"].as_array().unwrap();
        let claim = claims.iter().find(|c| c["id"] == id).unwrap();
        claim["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict("square"), "supported");
    assert_eq!(verdict("kappa"), "supported");
    assert_eq!(verdict("off"), "refuted");
    assert!(!["proved", "certified", "supported"].contains(&verdict("one-sign").as_str()));
    assert!(["proved", "supported"].contains(&verdict("variance").as_str()));
    fs::remove_dir_all(&folder).unwrap();
}
