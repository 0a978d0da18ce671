//! Experiments whose estimators are written in formulas, as a user runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use crate::{directory, killed_after, resolvent, run, simulate, write};

/// Mixtures of rows, a shift between them, features of some width, an accumulation, and the best ridge.
const FORMULAS: &str = r#"
[setting]
d        = 60
spectrum = { kind = "power-law", beta = 1.2 }
target   = { kind = "isotropic", norm2 = 1 }

[symbols]
sigma = 0.3

[random]
X     = { design = "T", count = 2 }
Z     = { design = "S", covariance = "Sigma^2" }
F     = { gaussian = ["p", "d"] }
E     = { noise = "T + S", sd = "sigma" }
e     = { noise = "T", sd = "sigma", count = 2 }
delta = { noise = "d", sd = 0.05 }

[define]
mixed    = "ridge([X(0); Z], [X(0)*w0; Z*(w0 + delta)] + E, lambda)"
features = "F'*ridge(X(0)*F', X(0)*w0 + e(0), lambda)"
once     = "ridge(X(0), X(0)*w0 + e(0), lambda)"
twice    = "ridge([X(0); X(1)], [X(0)*w0 + e(0); X(1)*once + e(1)], lambda)"

[predict]
mixture     = "E[norm2(mixed - w0, Sigma)]"
elsewhere   = "E[norm2(mixed - w0)]/norm2(w0)"
random      = "E[norm2(features - w0, Sigma)]"
accumulated = "E[norm2(twice - w0, Sigma)]"
best        = "inf(lambda in [1e-3, 10], E[norm2(mixed - w0, Sigma)])"

[sweep]
p      = [90]
S      = { log = [20, 80, 2] }
T      = [50, 120]
lambda = ["1/T", 0.1]

[simulate]
replicates = 150
"#;

#[test]
fn estimators_in_formulas_are_predicted_and_drawn() {
    let folder = directory("formulas");
    let file = write(&folder, "experiment.toml", FORMULAS);
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let whole = text(&simulate(&file, &["--format", "json", "--threads", "2"]));
    assert_eq!(
        whole,
        text(&simulate(&file, &["--format", "json", "--threads", "1"]))
    );
    let parsed: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let rows = parsed["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    let mut squares = Vec::new();
    for row in rows {
        for name in ["mixture", "elsewhere", "random", "accumulated"] {
            let value = row[name].as_f64().unwrap();
            let mean = row[format!("{name}_mean")].as_f64().unwrap();
            let error = row[format!("{name}_standard_error")].as_f64().unwrap();
            // Equivalents of sizes such as these are off by a percent or two.
            let z = (mean - value).abs() / error.hypot(0.02 * value);
            assert!(z < 4.5, "{name}: {row}");
            squares.push(z * z);
        }
        let (best, mixture) = (
            row["best"].as_f64().unwrap(),
            row["mixture"].as_f64().unwrap(),
        );
        assert!(best <= mixture * (1.0 + 1e-9), "{row}");
        assert!(row["note"].as_str().unwrap().contains("minimum"), "{row}");
    }
    assert!(
        squares.iter().sum::<f64>() / (squares.len() as f64) < 1.6,
        "{squares:?}"
    );
    let parts: Vec<PathBuf> = (1..=2)
        .map(|i| {
            let path = folder.join(format!("part-{i}.csv"));
            let shard = format!("{i}/2");
            simulate(
                &file,
                &["--shard", &shard, "--output", path.to_str().unwrap()],
            );
            path
        })
        .collect();
    let merged = folder.join("merged.csv");
    run(resolvent()
        .arg("merge")
        .args(&parts)
        .arg("--output")
        .arg(&merged));
    let alone = folder.join("alone.csv");
    simulate(&file, &["--output", alone.to_str().unwrap()]);
    assert_eq!(
        std::fs::read(merged).unwrap(),
        std::fs::read(alone).unwrap()
    );
}

#[test]
fn faults_of_estimators_in_formulas_are_pointed_at() {
    let folder = directory("formulas-faulty");
    for (from, to, message) in [
        (
            "norm2(mixed - w0, Sigma)]\"",
            "norm2(mixd - w0, Sigma)]\"",
            "nothing is called `mixd`",
        ),
        (
            "[predict]",
            "[downstream]\nnoise = 1\n[predict]",
            "[downstream] beside [predict]",
        ),
        (
            "target   =",
            "#",
            "formulas speak of w0, but the target is not given",
        ),
        ("lambda = [\"1/T\", 0.1]", "", "`lambda`"),
        (
            "sigma = 0.3",
            "sigma = { real = [0, 1] }",
            "`sigma` has a domain, and no value",
        ),
        (
            "T      = [50, 120]",
            "T = [50.5]",
            "a whole number is needed",
        ),
        (
            "replicates = 150",
            "law = \"uniform\"",
            "simulate has no `law`",
        ),
        ("E[norm2(mixed - w0)]/norm2(w0)", "E[mixed - w0]", "scalar"),
    ] {
        assert!(FORMULAS.contains(from), "{from}");
        let file = write(&folder, "experiment.toml", &FORMULAS.replacen(from, to, 1));
        let output = resolvent().arg("predict").arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}: {said}");
        assert!(said.contains(message), "{message}: {said}");
    }
}

/// Two designs, one of which may have no rows.
const STACKED: &str = r#"
[setting]
d        = 50
spectrum = { kind = "power-law", beta = 1.5 }
target   = { kind = "isotropic", norm2 = 1 }

[random]
X = { design = "T" }
Z = { design = "S", covariance = "Sigma^2" }
E = { noise = "T + S", sd = 0.3 }
e = { noise = "S", sd = 0.3 }
f = { noise = "T", sd = 0.3 }
U = { design = "S", count = 3 }

[define]
w = "ridge([X; Z], [X; Z]*w0 + E, lambda)"
v = "ridge(Z, Z*w0 + e, lambda)"

[predict]
error    = "E[norm2(w - w0, Sigma)]"
trace    = "E[tr(Sigma*inv(X'*X + Z'*Z + I))]"
nothing  = "E[tr(Z'*inv(Z*Z' + I)*Z) + norm2(proj(Z)*w0) + norm2(Z*w0 + e)]"
alone    = "E[norm2(v - w0, Sigma)]"
zeros    = "E[norm2(ridge([X; X], [X*w0 + f; X*v], lambda) - w0, Sigma)]"
summed   = "E[tr(Sigma*inv(X'*X + sum(i = 0 .. 2, U(i)'*U(i)) + I))]"
unridged = "E[norm2(pinv(Z)*(Z*w0 + e) - w0, Sigma)]"

[sweep]
S      = [0, 40]
T      = [30]
lambda = [0.1]

[simulate]
replicates = 200
"#;

/// The same without that design.
const PLAIN: &str = r#"
[setting]
d        = 50
spectrum = { kind = "power-law", beta = 1.5 }
target   = { kind = "isotropic", norm2 = 1 }

[random]
X = { design = "T" }
E = { noise = "T", sd = 0.3 }

[predict]
error   = "E[norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)]"
trace   = "E[tr(Sigma*inv(X'*X + I))]"
nothing = "0"
alone   = "norm2(w0, Sigma)"
zeros   = "E[norm2(inv(X'*X + T*lambda*I)*X'*(X*w0 + E)/2 - w0, Sigma)]"
summed  = "E[tr(Sigma*inv(X'*X + I))]"

[sweep]
T      = [30]
lambda = [0.1]
"#;

/// What a command says of a file, as JSON.
fn rows(folder: &Path, name: &str, text: &str, command: &str) -> serde_json::Value {
    let file = write(folder, name, text);
    let output = run(resolvent().args([command, "--format", "json"]).arg(&file));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is left of a formula where a design has no rows is the formula without it.
#[test]
fn designs_without_rows_are_left_out() {
    let folder = directory("no-rows");
    let with = rows(&folder, "with.toml", STACKED, "simulate");
    let without = rows(&folder, "without.toml", PLAIN, "predict");
    let (empty, plain) = (&with["rows"][0], &without["rows"][0]);
    for name in ["error", "trace", "nothing", "alone", "zeros", "summed"] {
        let (left, alone) = (empty[name].as_f64().unwrap(), plain[name].as_f64().unwrap());
        assert!((left - alone).abs() <= 1e-12 * alone, "{name}: {empty}");
    }
    // The rows of the other design are drawn.
    for name in ["error", "trace", "zeros", "summed"] {
        let of = |column: &str| empty[format!("{name}_{column}")].as_f64().unwrap();
        let value = empty[name].as_f64().unwrap();
        let z = (of("mean") - value) / of("standard_error").hypot(0.01 * value);
        assert!(z.abs() < 4.0, "{name}: {empty}");
    }
    // A fit to nothing is an error of this quantity in this row alone.
    assert!(empty["unridged"].is_null(), "{empty}");
    let note = empty["note"].as_str().unwrap();
    assert!(
        note.contains("no unridged: the pseudo-inverse of a design without rows"),
        "{note}"
    );
    assert!(!note.contains("no error"), "{note}");
    assert!(with["rows"][1]["error"].is_number());
}

/// A sweep moves what the file gives a value as well: sizes, noise and ridge, in what is defined by them, too.
#[test]
fn a_sweep_overrides_what_the_file_says() {
    let text = r#"
[setting]
d        = 100
spectrum = "isotropic"
target   = { kind = "isotropic", norm2 = 1 }

[symbols]
T     = 5000
sigma = 7
rows  = "2*T"

[random]
X = { design = "rows" }
E = { noise = "rows", sd = "sigma" }

[predict]
excess = "E[norm2(ridge(X, X*w0 + E, 0) - w0, Sigma)]"

[sweep]
T     = [100, 450]
sigma = [0.5, 2]
"#;
    let predicted = rows(&directory("sweep-over"), "sweep.toml", text, "predict");
    for (row, (rows, sd)) in [(200.0, 0.5), (200.0, 2.0), (900.0, 0.5), (900.0, 2.0)]
        .into_iter()
        .enumerate()
    {
        // Noise alone: d/(T − d) of its variance.
        let (found, expected) = (
            predicted["rows"][row]["excess"].as_f64().unwrap(),
            sd * sd * 100.0 / (rows - 100.0),
        );
        assert!((found - expected).abs() < 1e-10 * expected, "{predicted}");
    }
}

/// Nor has a fit by its word a value where there are no rows and its ridge is 0; the other quantities keep theirs.
#[test]
fn fits_to_no_rows_without_a_ridge_have_no_value() {
    let folder = directory("no-rows-no-ridge");
    let unridged = STACKED.replace("lambda = [0.1]", "lambda = [0]");
    let with = rows(&folder, "with.toml", &unridged, "predict");
    let note = with["rows"][0]["note"].as_str().unwrap();
    assert!(
        note.contains("no alone: a fit to no rows without a ridge"),
        "{note}"
    );
    assert!(with["rows"][0]["error"].is_number(), "{note}");
}

/// Killed again and again, rows of formulas and their journal end as those of a run that was left alone.
#[test]
fn killed_runs_of_formulas_resume_to_the_same_bytes() {
    for (name, rule) in [
        ("formulas-killed", "replicates = 700"),
        (
            "formulas-killed-adaptive",
            "replicates = 20\nrelative_standard_error = 0.02\nmax_replicates = 700",
        ),
    ] {
        let folder = directory(name);
        let text = FORMULAS.replace("replicates = 150", rule);
        let text = text.replace("best        =", "# best =");
        let file = write(&folder, "experiment.toml", &text);
        let alone = folder.join("alone.csv");
        let start = Instant::now();
        simulate(&file, &["--output", alone.to_str().unwrap()]);
        // Eight naps that add up to less than half of it, whatever the machine's speed.
        let nap = start.elapsed().as_secs_f64() / 20.0;
        let output = folder.join("killed.csv");
        let known = |path: &str| {
            let text = std::fs::read_to_string(folder.join(path));
            text.map_or(0, |text| text.lines().count())
        };
        let (mut before, mut grown) = (0, 0);
        for _ in 0..8 {
            killed_after(&file, &output, nap);
            let now = known("killed.csv.journal");
            assert!(now >= before, "replicates were lost: {before}, then {now}");
            grown += usize::from(now > before);
            before = now;
        }
        assert!(grown >= 2, "only {grown} runs drew anything");
        assert!(
            before < known("alone.csv.journal"),
            "the sweep was over before the last kill"
        );
        simulate(
            &file,
            &["--threads", "1", "--output", output.to_str().unwrap()],
        );
        for (killed, alone) in [
            ("killed.csv", "alone.csv"),
            ("killed.csv.journal", "alone.csv.journal"),
        ] {
            assert_eq!(
                std::fs::read(folder.join(killed)).unwrap(),
                std::fs::read(folder.join(alone)).unwrap(),
                "{killed}"
            );
        }
        // Another seed is another experiment.
        let other = resolvent()
            .args(["simulate", "--seed", "9", "--output"])
            .arg(&output)
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(other.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&other.stderr).contains("belongs to another experiment"));
    }
}

#[test]
fn formulas_have_a_picture() {
    let folder = directory("formulas-picture");
    let file = write(&folder, "experiment.toml", FORMULAS);
    let picture = folder.join("picture.svg");
    let draw = |arguments: &[&str]| {
        let mut command = resolvent();
        command.arg("plot").arg(&file).arg("--output").arg(&picture);
        command.args(arguments);
        command
    };
    run(&mut draw(&[
        "--column",
        "mixture",
        "--column",
        "random",
        "--simulate",
    ]));
    let svg = std::fs::read_to_string(&picture).unwrap();
    for said in [
        "mixture",
        "random",
        "Broken lines: deterministic equivalents",
    ] {
        assert!(svg.contains(said), "{said}: {svg}");
    }
    // The same points, from rows in a file.
    let rows = folder.join("rows.csv");
    simulate(&file, &["--output", rows.to_str().unwrap()]);
    let data = [
        "--column",
        "mixture",
        "--column",
        "random",
        "--data",
        rows.to_str().unwrap(),
    ];
    run(&mut draw(&data));
    assert_eq!(std::fs::read_to_string(&picture).unwrap(), svg);
    let fails = |command: &mut Command, message: &str| {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "{said}");
    };
    fails(
        &mut draw(&["--column", "mixtur"]),
        "no quantity is called `mixtur`",
    );
    fails(&mut draw(&[]), "a picture shows at most");
    fails(
        resolvent()
            .arg("plot")
            .arg(&rows)
            .arg("--output")
            .arg(&picture),
        "draw its file, with these as --data",
    );
}
