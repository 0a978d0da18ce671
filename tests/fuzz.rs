//! Never a panic: whatever is fed to the parser, to files, to the checker and to journals. Time-boxed; inputs that once
//! broke something are kept under `fixtures/corpus` and tried first.
//!
//! `RESOLVENT_FUZZ_SECONDS` sets the time for each part; by default it is short.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use resolvent::check::diagnostic::SourceFile;
use resolvent::check::file::read_text_leniently;
use resolvent::check::{Effort, Options, check_text, write_certificates};
use resolvent::decide::verdict::Verdict;
use resolvent::experiment::{Experiment, Written};
use resolvent::formula::parse::{parse_expression, parse_relation, parse_step};
use resolvent::simulate::{Journal, Record};

fn time() -> Duration {
    let seconds = std::env::var("RESOLVENT_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or(1.5))
}

/// Feeds what was kept, then what a strategy draws, until time is up; says what it was that broke something, and what
/// took longest.
fn feed<T: std::fmt::Debug + Clone>(
    kept: Vec<T>,
    strategy: impl Strategy<Value = T>,
    test: impl Fn(&T),
) {
    let mut slowest = (Duration::ZERO, None);
    let mut count = 0;
    let mut try_one = |input: &T| {
        let begun = Instant::now();
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(input)));
        assert!(tried.is_ok(), "this broke it: {input:?}");
        count += 1;
        if begun.elapsed() > slowest.0 {
            slowest = (begun.elapsed(), Some(input.clone()));
        }
    };
    kept.iter().for_each(&mut try_one);
    let mut runner = TestRunner::new(Config::default());
    let start = Instant::now();
    while start.elapsed() < time() {
        let input = strategy.new_tree(&mut runner).unwrap().current();
        try_one(&input);
    }
    eprintln!(
        "{count} inputs; the slowest took {:?}: {:?}",
        slowest.0, slowest.1
    );
}

fn corpus(kind: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/corpus")
        .join(kind);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{kind}");
    (paths.iter())
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
        .collect()
}

/// Pieces of the language in any order, with now and then something that is none of it.
fn formula() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => prop::sample::select(vec![
            "x", "T", "d", "n", "k", "Sigma", "I", "w0", "X", "E", "W", "pi", "inf", "0", "1", "2", "0.5", "1e300", "1e-300", "(", ")", "[", "]",
            ",", "+", "-", "*", "/", "^", "'", " ", "=", "<=", "<", "~", "asymp", "->", "sum(i = 1..", "prod(i = 1..", "inf(x in [", "argmin(x in [",
            "if(", "diff(", "E[", "tr(", "inv(", "pinv(", "sqrt(", "log(", "exp(", "kappa(", "df(", "norm2(", "ridge(", "gamma(", "zeta(", "s(", "c(",
            "min(", "max(", "opnorm(", "proj(", "exponent(", "i", "..", "κ", "Σ", "≤", "²", "sin(", "cos(", "det(", "logdet(", "eigmin(",
            "diag(", "floor(", "binom(", "factorial(", "int(x = 0..", "root(x in [", "sup(x in [", "Var[", "Cov[", " | X]", "[X; ", "A(", "w(",
            "Gamma", "levels(Sigma, ", "rotated(Sigma, ", "weights(T, ", " and ", " or ",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn the_parser_never_panics() {
    let kept: Vec<String> = corpus("formula")
        .iter()
        .flat_map(|text| text.lines().map(str::to_owned))
        .collect();
    feed(kept, formula(), |text| {
        if let Ok(expr) = parse_expression(text) {
            // What is read can be printed, and reads back as the same.
            let printed = expr.to_string();
            let again = parse_expression(&printed).unwrap_or_else(|_| panic!("{printed}"));
            assert_eq!(again.to_string(), printed);
        }
        let _ = parse_relation(text);
        let _ = parse_step(text);
    });
}

/// A small sound file with some of its lines changed, doubled or left out.
fn shaken(text: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<&str> = text.lines().collect();
    let count = lines.len();
    let change = (0..count, 0..6u8, formula(), any::<prop::sample::Index>());
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for (at, how, text, place) in changes {
            let line = lines[at].clone();
            let cut = |index: usize| {
                (0..=index)
                    .rev()
                    .find(|&i| line.is_char_boundary(i))
                    .unwrap_or(0)
            };
            lines[at] = match how {
                0 => String::new(),
                1 => format!("{line}\n{line}"),
                2 => match line.split_once('"') {
                    Some((head, _)) => format!("{head}\"{}\"", text.replace(['"', '\\', '\n'], "")),
                    None => text,
                },
                3 => line[..cut(place.index(line.len() + 1))].to_owned(),
                4 => line.replace('2', "1e9").replace('1', "-1"),
                _ => {
                    let i = cut(place.index(line.len() + 1));
                    format!("{}{text}{}", &line[..i], &line[i..])
                }
            };
        }
        lines.join("\n")
    })
}

const FILE: &str = r#"title = "t"
[setting]
spectrum = { kind = "power-law", beta = 2 }
target = { kind = "source", r = "r" }
[symbols]
d = { integer = [2, 12] }
T = { integer = [2, 20] }
r = { real = [0.5, 2] }
lambda = { real = [0.1, 1], scale = "log" }
k = "kappa(lambda, T)"
[random]
X = { design = "T" }
E = { noise = "T", sd = "0.1" }
W = { labeller = "2", samples = "T + d + 2", sd = 1 }
[define]
w = "ridge(X, X*w0 + E, lambda)"
[limit]
variable = "T"
path = { d = "T/2" }
[[claim]]
id = "a"
says = "k - lambda = k*df(1, k)/T"
assume = ["T >= 3"]
uses = ["b"]
[[claim]]
id = "b"
says = "E[norm2(w, Sigma)] >= 0"
expect = "refuted"
instead = "a"
[[derivation]]
id = "c"
start = "k"
steps = ["= 1*k", "<= 2*k"]"#;

/// The same of what came later: further covariances, families, recursions, weights.
const MODELS: &str = r#"title = "m"
[setting]
spectrum = { kind = "atoms", values = [1, 0.3], weights = ["p", "1 - p"] }
[symbols]
d = { integer = [2, 12] }
T = { integer = [2, 20] }
p = { real = [0.2, 0.8] }
lambda = { real = [0.1, 1] }
"f(x)" = "x^2 + 1"
[covariances]
Gamma = [1, 2]
B = { function = "Sigma^2", rotation = 1 }
W = { rows = "T", weights = [1, 2], shares = ["p", "1 - p"] }
[random]
X = { design = "T", count = 3 }
Y = { design = "T", covariance = "Gamma" }
F = { gaussian = ["T", "d"] }
E = { noise = "T", sd = "0.1", count = 2 }
e = { noise = "d", covariance = "Gamma" }
[define]
"A(i)" = { start = "X(0)", step = "[A(i - 1); X(i)]" }
"w(i)" = { start = "w0", step = "ridge(X(i), X(i)*w(i - 1) + E(i), lambda)" }
[[claim]]
id = "a"
says = "E[norm2(w(1) - w0, Gamma) | X(0)] >= 0"
[[claim]]
id = "b"
says = "tr(inv(A(1)'*A(1) + lambda*I)) <= d/lambda"
[[claim]]
id = "c"
says = "sin(p)^2 + cos(p)^2 = f(0)"
assume = ["T >= d + 2"]
[[claim]]
id = "e"
says = "E[tr(Y'*W*Y)] = T*(p + 2*(1 - p))*tr(Gamma)"
[[claim]]
id = "g"
says = "sum(j = 1..T, 2*j - 1) = T^2""#;

fn files() -> impl Strategy<Value = String> {
    prop_oneof![shaken(FILE), shaken(MODELS)]
}

#[test]
fn derivation_files_never_panic() {
    feed(corpus("derivation"), files(), |text| {
        let reading = read_text_leniently("fuzz.toml".as_ref(), text);
        // No fault is passed over: what is not all sound says what is wrong.
        assert!(reading.unread.is_empty() || !reading.diagnostics.is_empty());
    });
}

/// The checker itself; a panic of it shows as an error that says so.
#[test]
fn the_checker_never_panics() {
    let options = Options {
        effort: Effort::Quick,
        work: Some(30_000_000),
        threads: 1,
        ..Options::default()
    };
    feed(corpus("derivation"), files(), |text| {
        for row in check_text("fuzz.toml".as_ref(), text, &options)
            .report
            .claims
        {
            let failed = row.verdict == Verdict::Error
                && row
                    .reason
                    .as_ref()
                    .is_some_and(|why| why.contains("that is a bug"));
            assert!(!failed, "{}: {:?}", row.id, row.reason);
        }
    });
}

/// Whatever is proved has a certificate that stays in its folder and holds nothing but what Rocq reads, or none.
#[test]
fn certificates_never_panic() {
    let options = Options {
        effort: Effort::Quick,
        work: Some(3_000_000),
        threads: 1,
        ..Options::default()
    };
    let folder = std::env::temp_dir().join(format!("resolvent-fuzz-{}-v", std::process::id()));
    feed(corpus("derivation"), files(), |text| {
        let mut outcome = check_text("fuzz.toml".as_ref(), text, &options);
        let count = write_certificates(&mut outcome, &folder).unwrap();
        let mut named = 0;
        for name in (outcome.report.claims.iter()).filter_map(|row| row.certificate.as_ref()) {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            assert!(
                !name.contains(['/', '\\']) && text.contains("Qed."),
                "{name}"
            );
            assert!(
                !text.contains(|c: char| c.is_control() && c != '\n'),
                "{name}"
            );
            named += 1;
        }
        assert_eq!(count, named);
        for row in &outcome.report.claims {
            let settled = matches!(row.verdict, Verdict::Proved | Verdict::Certified);
            let told = row.certificate.is_some() != row.no_certificate.is_some();
            assert_eq!(settled, told, "{}", row.id);
        }
        let _ = std::fs::remove_dir_all(&folder);
    });
}

const EXPERIMENT: &str = r#"[setting]
d = 30
spectrum = { kind = "power-law", beta = 2 }
target = { kind = "source", r = 0.375 }
[chain]
generations = 2
samples = [60, 70]
noise = 0.2
ridge = 0
[downstream]
samples = 100
noise = 0.2
ridge = "T^-0.8"
[sweep]
n = [0, 2]
T = { log = [10, 1000, 3] }
[simulate]
replicates = 2
seed = 1"#;

#[test]
fn experiments_never_panic() {
    feed(corpus("experiment"), shaken(EXPERIMENT), |text| {
        if let Ok(experiment) = Experiment::read(SourceFile::new("fuzz.toml", text.as_str()))
            && let Ok(points) = experiment.points()
        {
            for point in points.iter().take(4) {
                let _ = point.predict();
            }
        }
    });
}

const WRITTEN: &str = r#"[setting]
d = 30
spectrum = { kind = "power-law", beta = 1.2 }
target = { kind = "isotropic", norm2 = 1 }
[symbols]
sigma = 0.3
[random]
X = { design = "T", count = 2 }
Z = { design = "S", covariance = "Sigma^2" }
F = { gaussian = ["p", "d"] }
E = { noise = "T + S", sd = "sigma" }
e = { noise = "T", sd = "sigma" }
[define]
mixed = "ridge([X(0); Z], [X(0)*w0; Z*w0] + E, lambda)"
features = "F'*ridge(X(0)*F', X(0)*w0 + e, lambda)"
[predict]
mixture = "E[norm2(mixed - w0, Sigma)]"
random = "E[norm2(features - w0, Sigma)]"
[sweep]
p = [90]
S = { log = [20, 80, 2] }
T = [50, 120]
lambda = ["1/T", 0.1]
[simulate]
replicates = 2"#;

#[test]
fn estimators_in_formulas_never_panic() {
    feed(vec![WRITTEN.to_owned()], shaken(WRITTEN), |text| {
        if let Ok(experiment) = Written::read(SourceFile::new("fuzz.toml", text.as_str()))
            && let Ok(points) = experiment.points()
        {
            for point in points.iter().take(2) {
                for quantity in &experiment.quantities {
                    let _ = quantity.predict(point);
                }
            }
        }
    });
}

#[test]
fn journals_never_panic() {
    let path = std::env::temp_dir().join(format!("resolvent-fuzz-{}.journal", std::process::id()));
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(|tail| [
            b"resolvent-journal 2 one\n".to_vec(),
            tail
        ]
        .concat()),
    ];
    let kept = corpus("journal")
        .into_iter()
        .map(String::into_bytes)
        .collect();
    feed(kept, bytes, |bytes| {
        let opens = [
            |path: &Path| Journal::<Record>::open(path, "one", false).is_ok(),
            |path: &Path| Journal::<Vec<f64>>::open(path, "one", false).is_ok(),
        ];
        for open in opens {
            std::fs::write(&path, bytes).unwrap();
            if !open(&path) {
                assert_eq!(&std::fs::read(&path).unwrap(), bytes);
            }
        }
    });
    let _ = std::fs::remove_file(&path);
}
