//! `predict`, `simulate` and `merge` as a user runs them.

#[path = "simulate/formulas.rs"]
mod formulas;

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

/// Starts a simulation and kills it; whether it was still at work.
fn killed_after(file: &Path, output: &Path, seconds: f64) -> bool {
    let mut child = resolvent()
        .args(["simulate", "--threads", "2", "--quiet", "--output"])
        .args([output, file])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs_f64(seconds));
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
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
            interrupted += usize::from(killed_after(&file, &output, nap * moments.uniform()));
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
