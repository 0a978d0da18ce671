//! Certificates against Rocq itself: all are accepted, and a change of one token is refused. Without `coqc` the test
//! says so and passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;

/// One claim for each kind of proof.
const CLAIMS: &str = r#"
[symbols]
d      = { integer = [2, 40] }
T      = { integer = [2, 400] }
T0     = { integer = [2, 400] }
lambda = { real = [1e-2, 10], scale = "log" }
a      = { real = [1e-2, 10], scale = "log" }
b      = { real = [1e-2, 10], scale = "log" }
x      = { real = [-2, 2] }
k      = "kappa(lambda, T)"
k0     = "kappa(0, T0)"

m      = { integer = [2, 400] }

[random]
X = { design = "T" }
Y = { design = "T0" }
V = { labeller = "1", samples = "T0", sd = 0 }

[[claim]]
id   = "one-pole"
says = "df(2, a) + a*tr(Sigma*(Sigma + a*I)^-2) = df(1, a)"

[[claim]]
id   = "two-poles"
says = "(b - a)*tr(inv(Sigma + a*I)*inv(Sigma + b*I)) = tr(inv(Sigma + a*I)) - tr(inv(Sigma + b*I))"

[[claim]]
id   = "equation-of-kappa"
says = "k*df(1, k) = T*(k - lambda)"

[[claim]]
id     = "interpolation"
says   = "df(1, k0) = T0"
assume = ["T0 < d"]

[[claim]]
id   = "slope"
says = "diff(k, lambda) = T/(T - df(2, k))"

[[claim]]
id   = "one-eigenvalue"
says = "df(2, a) < df(1, a)"

[[claim]]
id   = "two-eigenvalues"
says = "df(1, a)^2 <= d*df(2, a)"

[[claim]]
id   = "quotient"
says = "1/(1 - df(2, k)/T) >= 1"

[[claim]]
id   = "cases"
says = "max(a, b) - min(a, b) = abs(a - b)"

[[claim]]
id   = "form"
says = "a*(w0'*inv(Sigma + a*I)*w0) + w0'*Sigma*inv(Sigma + a*I)*w0 = norm2(w0)"

[[claim]]
id   = "strict-form"
says = "a*(w0'*inv(Sigma + a*I)*w0) < norm2(w0)"

[[claim]]
id   = "strict-product"
says = "df(1, a)*(w0'*inv(Sigma + a*I)*w0) > 0"

[[claim]]
id   = "pole-not-real"
says = "(b - a)*tr(Sigma*inv(Sigma^2 + a*I)*inv(Sigma^2 + b*I)) = tr(Sigma*inv(Sigma^2 + a*I)) - tr(Sigma*inv(Sigma^2 + b*I))"
assume = ["a < b"]

[[claim]]
id   = "square-of-eigenvalue"
says = "tr(Sigma*inv(Sigma^2 + I)) <= d/2"

[[claim]]
id   = "squares-touching"
says = "x^4 + y^4 + z^4 >= x*y*z*(x + y + z)"
symbols = { y = { real = [-2, 2] }, z = { real = [-2, 2] } }

[[claim]]
id   = "squares-over-a-multiplier"
says = "x^4*y^2 + x^2*y^4 + 1 >= 3*x^2*y^2"
symbols = { y = { real = [-2, 2] } }

[[claim]]
id   = "squares-with-weights"
says = "u^3 + v^3 + t^3 >= 3*u*v*t"
symbols = { u = { real = [0, 2] }, v = { real = [0, 2] }, t = { real = [0, 2] } }

[[claim]]
id   = "golden"
says = "(a^2 + (1 - a)^2)/(a*(2 - a)) >= (sqrt(5) - 1)/2"
symbols = { a = { real = [0.05, 0.95] } }

[[claim]]
id   = "silver"
says = "1/(sqrt(2) - 1) = sqrt(2) + 1"

[[claim]]
id   = "two-roots"
says = "(sqrt(3) + sqrt(2))*(sqrt(3) - sqrt(2)) = 1"

[[claim]]
id     = "more-samples"
says   = "kappa(k*(1 - df(1, k)/m), m) = k"
assume = ["T <= m"]

[[claim]]
id   = "slope-of-share"
says = "diff(lambda*df(1, k), lambda) = df(1, k) - lambda*diff(k, lambda)*tr(Sigma*(Sigma + k*I)^-2)"

[[claim]]
id   = "slope-of-degrees"
says = "k*diff(df(2, k), lambda) = 2*(df(3, k) - df(2, k))*diff(k, lambda)"

[[claim]]
id      = "squares"
says    = "sum(i = 1..n, 1/i^2) < pi^2/6"
symbols = { n = { integer = [2, 60] } }

[[claim]]
id      = "telescope"
says    = "sum(i = 1..n, 1/(i*(i + 1))) = n/(n + 1)"
symbols = { n = { integer = [1, 60] } }

[[claim]]
id   = "endless"
says = "sum(i = 2..inf, 2/(i - 1) - 2/i - 1/i^2) = 3 - pi^2/6"

[[claim]]
id   = "means"
says = "E[norm2(X*w0 - X*V)] = E[norm2(X*w0)] - 2*E[w0'*X'*X*V] + E[norm2(X*V)]"

[[claim]]
id   = "mean-of-projection"
says = "E[norm2(proj(Y)*w0)] = E[w0'*proj(Y)*w0]"

[[claim]]
id      = "mean-by-rotations"
says    = "E[w0'*proj(X)*proj(Y)*proj(X)*w0] = T/d*T0/d*norm2(w0)"
setting = { spectrum = "isotropic" }
assume  = ["T < d", "T0 < d"]

[[claim]]
id   = "woodbury"
says = "X*inv(X'*X/T + lambda*I)*X'/T = I - lambda*inv(X*X'/T + lambda*I)"
"#;

/// Tokens and what takes their place, two of them a certificate.
const CHANGES: [(&str, &str); 8] = [
    ("target", "positive"),
    ("+", "-"),
    ("=", "<"),
    ("2", "3"),
    ("<=", "<"),
    ("a", "d"),
    ("*", "+"),
    ("inverse", "pseudo_inverse"),
];

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("certificates");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn coqc(folder: &Path, file: &str) -> Output {
    Command::new("coqc")
        .args(["-Q", ".", "Resolvent", file])
        .current_dir(folder)
        .output()
        .unwrap()
}

/// The places of a word in a text, as a word.
fn places(text: &str, word: &str) -> Vec<usize> {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    (text.match_indices(word).map(|(at, _)| at))
        .filter(|&at| {
            let alone = !inside(text[..at].chars().next_back())
                && !inside(text[at + word.len()..].chars().next());
            alone || !word.chars().all(|c| c.is_ascii_alphanumeric())
        })
        .collect()
}

#[test]
fn rocq_accepts_certificates_and_refuses_changed_ones() {
    if Command::new("coqc").arg("--version").output().is_err() {
        eprintln!("no coqc here: certificates are not checked");
        return;
    }
    let folder = folder();
    let file = folder.join("claims.toml");
    fs::write(&file, CLAIMS).unwrap();
    let written = folder.join("written");
    let report = assert_cmd::Command::new(env!("CARGO_BIN_EXE_resolvent"))
        .args([
            "check",
            "--no-cache",
            "--effort",
            "quick",
            "--format",
            "json",
        ])
        .arg("--certificates")
        .args([&written, &file])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    let rows = report["claims"].as_array().unwrap();
    assert!(coqc(&written, "Resolvent.v").status.success());
    let changed: usize = rows
        .par_iter()
        .enumerate()
        .filter(|(i, row)| accepted_and_refused_once_changed(&written, *i, row))
        .count();
    assert!(changed >= 20, "{changed} changes");
}

/// Rocq accepts the certificate of a row and refuses it with one of its words changed, another one in each row;
/// whether there was one to change.
fn accepted_and_refused_once_changed(
    written: &Path,
    place: usize,
    row: &serde_json::Value,
) -> bool {
    let id = row["id"].as_str().unwrap();
    let Some(name) = row["certificate"].as_str() else {
        panic!("{id} has no certificate: {row}");
    };
    let accepted = coqc(written, name);
    let complaint = String::from_utf8_lossy(&accepted.stderr).into_owned();
    assert!(accepted.status.success(), "{name}: {complaint}");
    let told = String::from_utf8_lossy(&accepted.stdout);
    assert!(
        told.contains("Axioms:") || told.contains("Closed"),
        "{name}: {told}"
    );
    assert!(!told.contains("admit"), "{name}: {told}");
    // What is stated, the first time: from the theorem to its proof.
    let text = fs::read_to_string(written.join(name)).unwrap();
    let from = text.find("Theorem").unwrap();
    let to = text.find("Proof.").unwrap();
    let stated = &text[from..to];
    let other = CHANGES
        .iter()
        .cycle()
        .skip(place)
        .take(CHANGES.len())
        .find_map(|(word, instead)| {
            let at = from + places(stated, word).pop()?;
            let other = format!("{}{instead}{}", &text[..at], &text[at + word.len()..]);
            (other != text).then_some((word, instead, other))
        });
    let Some((word, instead, other)) = other else {
        return false;
    };
    let spoiled = format!("spoiled_{place}.v");
    fs::write(written.join(&spoiled), other).unwrap();
    let refused = coqc(written, &spoiled);
    assert!(
        !refused.status.success(),
        "{name} with {instead} for {word} is accepted"
    );
    true
}

/// One claim for each reason why there is no certificate.
const WITHOUT: &str = r#"
[symbols]
d = { integer = [2, 40] }
T = { integer = [2, 400] }
a = { real = [0.1, 2] }
n = { integer = [1, 3] }

[random]
X = { design = "T" }

[[claim]]
id = "theorem"
says = "E[inv(X'*X)]*(T - d - 1) = inv(Sigma)"
assume = ["T >= d + 2"]

[[claim]]
id = "law"
says = "E[tr(X'*X)] = T*tr(Sigma)"

[[claim]]
id = "boxes"
says = "exp(a) >= a + 1/4"

[[claim]]
id = "chain"
says = "df(2, a) <= df(1, a) <= d"

[[claim]]
id = "exponential"
says = "exp(a)^2 = exp(a)*exp(a)"

[[claim]]
id = "values"
says = "sum(i = 1..n, i) = n*(n + 1)/2"

[[claim]]
id = "derivative"
says = "diff(a^2*df(1, 1), a) = 2*a*df(1, 1)"

[[claim]]
id = "length"
says = "E[norm2(X*w0 - 2*X*Sigma*w0 + 3*X*Sigma^2*w0 - 5*X*Sigma^3*w0)] = E[norm2(X*(w0 - 2*Sigma*w0 + 3*Sigma^2*w0) - 5*X*Sigma^3*w0)]"

[[claim]]
id = "limit"
says  = "T^2 + T asymp T^2"
limit = { variable = "T" }
"#;

/// How these reasons begin.
const REASONS: [(&str, &str); 9] = [
    (
        "theorem",
        "rests on a theorem: mean of an inverse Wishart matrix (T ≥ d + 2)",
    ),
    ("law", "holds in the mean, not draw by draw"),
    ("boxes", "certified by enclosures"),
    ("chain", "a chain of relations"),
    ("exponential", "certificates do not cover such a function"),
    (
        "values",
        "certificates do not cover a sum without such a closed form",
    ),
    ("derivative", "takes a derivative of another kind"),
    ("length", "too long for the kernel"),
    ("limit", "speaks of a limit"),
];

#[test]
fn what_has_no_certificate_says_why() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("without-certificates");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("claims.toml");
    fs::write(&file, WITHOUT).unwrap();
    let run = |format: &str| {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_resolvent"))
            .args([
                "check",
                "--no-cache",
                "--effort",
                "quick",
                "--format",
                format,
            ])
            .arg("--certificates")
            .args([&folder.join("written"), &file])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let report: serde_json::Value = serde_json::from_str(&run("json")).unwrap();
    let text = run("text");
    let text: Vec<&str> = text.split_whitespace().collect();
    for row in report["claims"].as_array().unwrap() {
        let why = row["no_certificate"].as_str();
        let why = why.unwrap_or_else(|| panic!("no reason: {row}"));
        let id = row["id"].as_str().unwrap();
        let expected = REASONS.iter().find(|(known, _)| *known == id).unwrap().1;
        assert!(why.starts_with(expected), "{row}");
        let words: Vec<&str> = why.split_whitespace().collect();
        let told = text.windows(words.len()).any(|window| window == words);
        assert!(told, "the text does not say that it {why}");
    }
}
