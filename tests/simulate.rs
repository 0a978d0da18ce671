//! `predict`, `simulate` and `merge` as a user runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use resolvent::simulate::Stream;

fn resolvent() -> Command {
    Command::new(env!("CARGO_BIN_EXE_resolvent"))
}

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn simulate(file: &Path, arguments: &[&str]) -> Output {
    run(resolvent().arg("simulate").arg(file).args(arguments))
}

const SWEEP: &str = r#"
[setting]
d        = 40
spectrum = { kind = "power-law", beta = 1.5 }
target   = { kind = "source", r = 0.5 }

[chain]
samples = "d/2"
noise   = 0.3

[downstream]
noise = 0.2
ridge = "T^-0.5"

[sweep]
n = [0, 2, 3]
T = { log = [10, 1e5, 9] }

[simulate]
replicates = 40
seed       = 3
quantiles  = [0.1, 0.9]
"#;

#[test]
fn output_does_not_depend_on_threads_or_shards() {
    let directory = directory("shards");
    let file = write(&directory, "sweep.toml", SWEEP);
    for (extension, format) in [("csv", "csv"), ("jsonl", "jsonl")] {
        let whole = directory.join(format!("whole.{extension}"));
        simulate(
            &file,
            &["--threads", "1", "--output", whole.to_str().unwrap()],
        );
        let expected = std::fs::read(&whole).unwrap();
        assert_eq!(
            expected.iter().filter(|&&b| b == b'\n').count(),
            27 + usize::from(extension == "csv")
        );

        let printed = simulate(&file, &["--threads", "3", "--format", format]);
        assert_eq!(printed.stdout, expected);
        assert!(printed.stderr.is_empty());

        let mut parts = Vec::new();
        for i in [3, 1, 4, 2] {
            let part = directory.join(format!("part-{i}.{extension}"));
            let shard = format!("{i}/4");
            simulate(
                &file,
                &["--shard", &shard, "--output", part.to_str().unwrap()],
            );
            parts.push(part);
        }
        let merged = run(resolvent().arg("merge").args(&parts));
        assert_eq!(merged.stdout, expected);

        let missing = resolvent().arg("merge").args(&parts[1..]).output().unwrap();
        assert_eq!(missing.status.code(), Some(2));
        assert!(
            String::from_utf8_lossy(&missing.stderr)
                .contains("7 of 27 cells are missing: 2, 6, 10")
        );
    }
}

/// Killed twenty times, a sweep ends with the bytes of one that was left alone, in its rows and in its journal.
#[test]
fn killed_runs_resume_to_the_same_bytes() {
    for (name, rule) in [
        ("killed-fixed", "replicates = 1000"),
        (
            "killed-adaptive",
            "relative_standard_error = 0.006\nmax_replicates = 2400",
        ),
    ] {
        let directory = directory(name);
        let file = write(
            &directory,
            "sweep.toml",
            &SWEEP
                .replace("replicates = 40", rule)
                .replace("= 40", "= 60"),
        );
        let alone = directory.join("alone.csv");
        let start = Instant::now();
        simulate(&file, &["--output", alone.to_str().unwrap()]);
        // Twenty naps that add up to about half of it, whatever the machine's speed.
        let nap = start.elapsed().as_secs_f64() / 20.0;

        let output = directory.join("killed.csv");
        let journal = directory.join("killed.csv.journal");
        let mut moments = Stream::new(5, 0, 0);
        let mut interrupted = 0;
        for _ in 0..20 {
            let mut child = resolvent()
                .args(["simulate", "--threads", "2", "--quiet", "--output"])
                .arg(&output)
                .arg(&file)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_secs_f64(nap * moments.uniform()));
            interrupted += usize::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let known = |path: &Path| std::fs::read_to_string(path).unwrap().lines().count();
        assert!(
            interrupted >= 15,
            "only {interrupted} runs were interrupted"
        );
        let (partly, whole) = (known(&journal), known(&directory.join("alone.csv.journal")));
        assert!(partly > 1, "no replicate survived");
        assert!(
            partly < whole,
            "{partly} of {whole}: the sweep was over before the last kill"
        );

        simulate(&file, &["--output", output.to_str().unwrap()]);
        assert_eq!(
            std::fs::read(&output).unwrap(),
            std::fs::read(&alone).unwrap()
        );
        let journals =
            [journal, directory.join("alone.csv.journal")].map(|path| std::fs::read(path).unwrap());
        assert_eq!(journals[0], journals[1]);
    }
}

/// A complete sweep is not drawn again; a changed one does not mix with it.
#[test]
fn a_journal_belongs_to_one_experiment() {
    let directory = directory("journal");
    let file = write(&directory, "sweep.toml", SWEEP);
    let output = directory.join("out.csv");
    let arguments = ["--output", output.to_str().unwrap()];
    simulate(&file, &arguments);
    let first = std::fs::read(&output).unwrap();
    simulate(&file, &arguments);
    assert_eq!(std::fs::read(&output).unwrap(), first);

    // More replicates go on from those that are there.
    let more = simulate(&file, &["--replicates", "50", "--format", "csv"]).stdout;
    run(resolvent()
        .arg("simulate")
        .arg(&file)
        .args(arguments)
        .args(["--replicates", "50"]));
    assert_eq!(std::fs::read(&output).unwrap(), more);

    let other = write(
        &directory,
        "sweep.toml",
        &SWEEP.replace("noise = 0.2", "noise = 0.25"),
    );
    let refused = resolvent()
        .arg("simulate")
        .arg(&other)
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another experiment"));
    assert_eq!(std::fs::read(&output).unwrap(), more);
    run(resolvent()
        .arg("simulate")
        .arg(&other)
        .args(arguments)
        .arg("--fresh"));
    assert_ne!(std::fs::read(&output).unwrap(), more);

    std::fs::remove_file(directory.join("out.csv.journal")).unwrap();
    let refused = resolvent()
        .arg("simulate")
        .arg(&other)
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--fresh"));
}

#[test]
#[cfg(unix)]
fn the_job_array_script_runs_a_sweep() {
    let directory = directory("array");
    let file = write(&directory, "sweep.toml", SWEEP);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/job-array.sh");
    let results = directory.join("results");
    let task = |variables: &[(&str, &str)]| {
        let mut command = Command::new(&script);
        command
            .env("RESOLVENT", env!("CARGO_BIN_EXE_resolvent"))
            .envs(variables.iter().copied());
        command.arg(&file).arg(&results);
        command
    };
    run(&mut task(&[("TASK", "2"), ("TASKS", "3")]));
    run(&mut task(&[
        ("SLURM_ARRAY_TASK_ID", "1"),
        ("SLURM_ARRAY_TASK_COUNT", "3"),
    ]));
    run(&mut task(&[("SGE_TASK_ID", "3"), ("SGE_TASK_LAST", "3")]));
    assert_eq!(task(&[]).output().unwrap().status.code(), Some(2));

    let parts: Vec<PathBuf> = (1..=3)
        .map(|i| results.join(format!("part-{i}-of-3.csv")))
        .collect();
    let merged = run(resolvent().arg("merge").args(&parts));
    assert_eq!(merged.stdout, simulate(&file, &["--format", "csv"]).stdout);
}

#[test]
fn predictions_have_the_named_columns() {
    let directory = directory("predict");
    let file = write(&directory, "sweep.toml", SWEEP);
    let json = run(resolvent().args(["predict", "--format", "json"]).arg(&file)).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 27);
    for row in rows {
        let number = |name: &str| row[name].as_f64().unwrap();
        for name in ["n", "T", "d", "lambda", "kappa", "df1", "df2"] {
            assert!(number(name) >= 0.0);
        }
        let sum = number("bias") + number("variance") + number("synthetic");
        assert!((number("test_error") / sum - 1.0).abs() < 1e-14);
        assert!((number("lambda") * number("T").sqrt() - 1.0).abs() < 1e-14);
        assert_eq!(row["T0"].is_null(), number("n") == 0.0);
    }
    let csv =
        String::from_utf8(run(resolvent().args(["predict", "--format", "csv"]).arg(&file)).stdout)
            .unwrap();
    assert!(csv.starts_with("n,T,T0,d,lambda,kappa,df1,df2,bias,variance,synthetic,test_error,"));
    assert_eq!(csv.lines().count(), 28);
}

/// An infinite dimension can be predicted, and is refused by name where it is to be simulated.
#[test]
fn infinite_dimensions() {
    let directory = directory("infinite");
    let file = write(
        &directory,
        "infinite.toml",
        "[setting]\nd = inf\nspectrum = { kind = \"power-law\", beta = 2 }\ntarget = { kind = \"source\", r = 0.5 }\n\
         [downstream]\nsamples = 1000\nnoise = 0.1\nridge = 1e-3\n",
    );
    let json = run(resolvent().args(["predict", "--format", "json"]).arg(&file)).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["rows"][0]["d"], "inf");
    // df_1 = C κ^{-1/β} − 1/2 with C = π/2, up to κ.
    let (kappa, df1) = (
        json["rows"][0]["kappa"].as_f64().unwrap(),
        json["rows"][0]["df1"].as_f64().unwrap(),
    );
    assert!((std::f64::consts::FRAC_PI_2 / kappa.sqrt() - 0.5 - df1).abs() < kappa);
    let refused = resolvent().arg("simulate").arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the dimension is infinite"));
}

/// Every fault is shown with its place; all of them at once.
#[test]
fn faults_are_pointed_at() {
    let directory = directory("faults");
    let cases = [
        ("[setting\n", "bad.toml:1:9", "error"),
        (
            &SWEEP.replace("noise   = 0.3", "noize   = 0.3"),
            "bad.toml:9:1",
            "did you mean `noise`?",
        ),
        (
            &SWEEP.replace("\"T^-0.5\"", "\"T^-0.5 +\""),
            "bad.toml:13:",
            "error",
        ),
        (
            &SWEEP.replace("\"T^-0.5\"", "\"T^-0.5*phi\""),
            "bad.toml:13:17",
            "`phi` cannot be used",
        ),
        (
            &SWEEP.replace("\"T^-0.5\"", "\"-T\""),
            "bad.toml:13:10",
            "lambda is -10",
        ),
        (
            &SWEEP.replace("\"d/2\"", "[20, 20]"),
            "bad.toml:8:11",
            "2 entries of `chain.samples` for 3 generations",
        ),
        (
            &SWEEP.replace("d        = 40", ""),
            "bad.toml:4:12",
            "the dimension is not given",
        ),
        (
            &SWEEP.replace("1e5, 9", "1e5"),
            "bad.toml:17:13",
            "log = [from, to, count]",
        ),
        (
            &SWEEP.replace("beta = 1.5", "beta = \"x\""),
            "bad.toml:4:",
            "`x` cannot be used",
        ),
    ];
    for (text, place, message) in cases {
        let file = write(&directory, "bad.toml", text);
        for command in ["predict", "simulate"] {
            let output = resolvent().arg(command).arg(&file).output().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(output.stdout.is_empty());
            assert!(stderr.contains(place), "{place}: {stderr}");
            assert!(stderr.contains(message), "{message}: {stderr}");
        }
    }
    let two = SWEEP
        .replace("noise   = 0.3", "noize   = 0.3")
        .replace("seed ", "sead ");
    let file = write(&directory, "bad.toml", &two);
    let stderr = resolvent()
        .arg("predict")
        .arg(&file)
        .output()
        .unwrap()
        .stderr;
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(stderr.contains("`noise`") && stderr.contains("`seed`"));
}

/// The paper's figures: every file is read and predicted, and one of each kind is reproduced in full. Ten repeats give
/// z-scores with Student's t law of 9 degrees of freedom, whose mean square is 9/7 and has a deviation of 2.3/√points.
#[test]
fn figures_are_reproduced() {
    let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/figures");
    for (name, points, simulated) in [
        ("1a-left", 130, false),
        ("1a-right", 155, true),
        ("1b-left", 125, false),
        ("1b-right", 130, true),
        ("2a", 156, false),
        ("2b", 156, false),
    ] {
        let file = figures.join(name).with_extension("toml");
        let predicted = run(resolvent().args(["predict", "--format", "csv"]).arg(&file)).stdout;
        assert_eq!(
            String::from_utf8(predicted).unwrap().lines().count(),
            points + 1
        );
        if !simulated {
            continue;
        }
        let json = simulate(&file, &["--format", "json", "--quiet"]).stdout;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let rows = json["rows"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["replicates"] == 10));
        let squares: Vec<f64> = rows
            .iter()
            .map(|row| row["z"].as_f64().unwrap().powi(2))
            .collect();
        let mean = squares.iter().sum::<f64>() / points as f64;
        assert!(
            (mean - 9.0 / 7.0).abs() < 4.0 * 2.3 / (points as f64).sqrt(),
            "{name}: {mean}"
        );
    }
}

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

/// What is left of a formula where a design has no rows is the formula without it.
#[test]
fn designs_without_rows_are_left_out() {
    const WITH: &str = r#"
[setting]
d        = 50
spectrum = { kind = "power-law", beta = 1.5 }
target   = { kind = "isotropic", norm2 = 1 }

[random]
X = { design = "T" }
Z = { design = "S", covariance = "Sigma^2" }
E = { noise = "T + S", sd = 0.3 }
e = { noise = "S", sd = 0.3 }

[define]
w = "ridge([X; Z], [X; Z]*w0 + E, lambda)"
v = "ridge(Z, Z*w0 + e, lambda)"

[predict]
error    = "E[norm2(w - w0, Sigma)]"
trace    = "E[tr(Sigma*inv(X'*X + Z'*Z + I))]"
nothing  = "E[tr(Z'*inv(Z*Z' + I)*Z) + norm2(proj(Z)*w0) + norm2(Z*w0 + e)]"
alone    = "E[norm2(v - w0, Sigma)]"
unridged = "E[norm2(pinv(Z)*(Z*w0 + e) - w0, Sigma)]"

[sweep]
S      = [0, 40]
T      = [30]
lambda = [0.1]

[simulate]
replicates = 200
"#;
    const WITHOUT: &str = r#"
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

[sweep]
T      = [30]
lambda = [0.1]
"#;
    let folder = directory("no-rows");
    let rows = |name: &str, text: &str, command: &str| -> serde_json::Value {
        let file = write(&folder, name, text);
        let output = run(resolvent().args([command, "--format", "json"]).arg(&file));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let with = rows("with.toml", WITH, "simulate");
    let without = rows("without.toml", WITHOUT, "predict");
    let (empty, plain) = (&with["rows"][0], &without["rows"][0]);
    for name in ["error", "trace", "nothing", "alone"] {
        let (left, alone) = (empty[name].as_f64().unwrap(), plain[name].as_f64().unwrap());
        assert!((left - alone).abs() <= 1e-12 * alone, "{name}: {empty}");
    }
    // The rows of the other design are drawn.
    for name in ["error", "trace"] {
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
    // So is one by the word for fits, where its ridge is 0.
    let unridged = WITH.replace("lambda = [0.1]", "lambda = [0]");
    let with = rows("with.toml", &unridged, "predict");
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
            let mut child = resolvent()
                .args(["simulate", "--threads", "2", "--quiet", "--output"])
                .arg(&output)
                .arg(&file)
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_secs_f64(nap));
            child.kill().unwrap();
            child.wait().unwrap();
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
