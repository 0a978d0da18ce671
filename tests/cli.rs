//! The commands as users and scripts meet them: exit status, formats, help.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command as Plain, Stdio};

use assert_cmd::Command;
use serde_json::Value;

/// One claim of each fate: one true, one false and known to be, one that rests on the latter.
const CLAIMS: &str = r#"
title  = "Small"
source = "the definition of kappa"

[symbols]
d      = { integer = [2, 40] }
T      = { integer = [2, 400] }
lambda = { real = [1e-3, 10], scale = "log" }
k      = "kappa(lambda, T)"

[[claim]]
id   = "root"
says = "k - lambda = k*df(1, k)/T"

[[claim]]
id      = "sign"
says    = "k + lambda = k*df(1, k)/T"
expect  = "refuted"
instead = "root"
why     = "the sign of lambda"

[[claim]]
id   = "rests"
says = "k >= lambda"
uses = ["sign"]

[[derivation]]
id    = "steps"
start = "k - lambda"
steps = ["= k*df(1, k)/T", "= k*tr(Sigma*inv(Sigma + k*I))/T"]
"#;

const EXPERIMENT: &str = r#"
[setting]
d        = 30
spectrum = { kind = "power-law", beta = 2 }
target   = { kind = "source", r = 0.375 }

[chain]
samples = 60
noise   = 0.2

[downstream]
noise = 0.2
ridge = "T^-0.8"

[sweep]
n = [0, 2]
T = [10, 100]

[simulate]
replicates = 20
"#;

fn resolvent() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_resolvent"));
    // What is remembered would hide what is found.
    command.env("RESOLVENT_CACHE_DIR", "");
    command
}

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

fn stderr(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stderr).unwrap()
}

fn quick(path: &Path) -> Command {
    let mut command = resolvent();
    command.arg("check").arg(path).args(["--effort", "quick"]);
    command
}

#[test]
fn exit_status_is_0_as_expected_1_not_2_error() {
    let home = directory("status");
    let good = file(&home, "good.toml", CLAIMS);
    quick(&good).assert().code(0);

    let hoped = CLAIMS
        .replace("expect  = \"refuted\"\n", "")
        .replace("instead = \"root\"\n", "");
    let surprised = file(&home, "surprised.toml", &hoped);
    quick(&surprised).assert().code(1);
    let feared = CLAIMS.replace(
        "says = \"k - lambda = k*df(1, k)/T\"",
        "says = \"k - lambda = k*df(1, k)/T\"\nexpect = \"refuted\"",
    );
    quick(&file(&home, "feared.toml", &feared)).assert().code(1);

    let broken = file(
        &home,
        "broken.toml",
        &CLAIMS.replace("kappa(lambda, T)", "kapa(lambda, T)"),
    );
    quick(&broken).assert().code(2);
    // A broken file is no reason to be silent about the others, nor to forget it.
    let output = quick(&good).arg(&broken).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("root"), "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.toml"));

    quick(&home.join("none.toml")).assert().code(2);
    quick(&good).args(["--format", "tablet"]).assert().code(2);
    quick(&good).args(["--filter", "nobody*"]).assert().code(2);
    resolvent().assert().code(2);
    resolvent().args(["predict", "none.toml"]).assert().code(2);
    resolvent()
        .args(["scaling", "--beta", "2"])
        .assert()
        .code(2);
    resolvent()
        .args(["scaling", "--beta", "1", "--source", "1"])
        .assert()
        .code(2);
    resolvent().args(["merge", "none.csv"]).assert().code(2);
    resolvent().arg("--version").assert().code(0);
}

#[test]
fn errors_name_what_is_wrong() {
    let home = directory("errors");
    let good = file(&home, "good.toml", CLAIMS);
    for command in ["check", "predict", "simulate", "merge"] {
        let output = resolvent().args([command, "absent.toml"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.contains("absent.toml") && told.contains("No such file"),
            "{command}: {told}"
        );
    }
    let told = stderr(quick(&good).args(["--filter", "nobody*"]));
    assert!(told.contains("no claim's id matches nobody*"), "{told}");
    let empty = directory("errors/empty");
    let told = stderr(&mut quick(&empty));
    assert!(told.contains("no derivation files"), "{told}");
    // A key that is not known is pointed at, with the nearest that is.
    let typo = file(
        &home,
        "typo.toml",
        &EXPERIMENT.replace("ridge =", "rigde ="),
    );
    let told = stderr(resolvent().arg("predict").arg(&typo));
    assert!(
        told.contains("rigde") && told.contains("ridge") && told.contains("typo.toml"),
        "{told}"
    );
}

#[test]
fn the_json_report_has_the_promised_fields() {
    let home = directory("json");
    let good = file(&home, "good.toml", CLAIMS);
    let text = stdout(quick(&good).args(["--format", "json", "--seed", "7"]));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["seed"], 7);

    let claims = report["claims"].as_array().unwrap();
    let ids: Vec<&str> = claims.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["root", "sign", "rests", "steps/1", "steps/2"]);
    for claim in claims {
        for key in [
            "id",
            "file",
            "line",
            "says",
            "verdict",
            "expect",
            "as_expected",
            "rests_on_failed",
            "method",
            "points",
            "discarded",
            "worst",
            "detects",
            "witness",
            "suggestion",
            "seconds",
        ] {
            assert!(claim.get(key).is_some(), "{key} is missing in {claim}");
        }
        assert_eq!(claim["as_expected"], true, "{claim}");
        assert_eq!(claim["seconds"].as_f64(), Some(0.0));
        let line = usize::try_from(claim["line"].as_u64().unwrap()).unwrap();
        let place = CLAIMS.lines().nth(line - 1).unwrap();
        assert!(
            place.starts_with("says") || place.starts_with("steps"),
            "{line}: {place}"
        );
    }
    let [root, sign, rests, ..] = claims.as_slice() else {
        panic!("{ids:?}")
    };
    // Algebra decides it, and looks at no point.
    assert_eq!(root["verdict"], "proved");
    assert!(root["witness"].is_null() && root["points"] == 0);
    assert!(sign["points"].as_u64() > Some(0));
    assert_eq!(sign["verdict"], "refuted");
    assert_eq!(sign["expect"], "refuted");
    assert!(sign["suggestion"].as_str().unwrap().starts_with("root: "));
    assert_eq!(rests["rests_on_failed"], serde_json::json!(["sign"]));

    is_enough_to_see_the_failure(&sign["witness"]);

    let summary = report["summary"].as_object().unwrap();
    let count = |name: &str| summary[name].as_u64().unwrap();
    let names = [
        "proved",
        "certified",
        "supported",
        "refuted",
        "inconclusive",
        "vacuous",
        "error",
    ];
    assert_eq!(names.iter().map(|name| count(name)).sum::<u64>(), 5);
    assert_eq!((count("refuted"), count("unexpected")), (1, 0));
}

/// Both sides of the false claim again, from its witness alone.
fn is_enough_to_see_the_failure(witness: &Value) {
    for key in [
        "symbols",
        "spectrum",
        "target",
        "lhs",
        "rhs",
        "confirmed_by",
    ] {
        assert!(witness.get(key).is_some(), "{key} is missing in {witness}");
    }
    let symbol = |name: &str| witness["symbols"][name].as_f64().unwrap();
    let spectrum: Vec<f64> = witness["spectrum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_f64().unwrap())
        .collect();
    assert_eq!(spectrum.len() as f64, symbol("d"));
    let k = symbol("k");
    let lhs = k + symbol("lambda");
    let rhs = k * spectrum.iter().map(|s| s / (s + k)).sum::<f64>() / symbol("T");
    assert!((lhs / witness["lhs"].as_f64().unwrap() - 1.0).abs() < 1e-12);
    assert!((rhs / witness["rhs"].as_f64().unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn reports_do_not_depend_on_threads_but_on_the_seed() {
    let home = directory("threads");
    let expectation = r#"
[[claim]]
id     = "mean"
says   = "E[tr(inv(Z'*Z/T))] = T/(T - d - 1)*tr(inv(Sigma))"
assume = ["T >= d + 6"]
random = { Z = { design = "T" } }
"#;
    let path = file(&home, "claims.toml", &(CLAIMS.to_owned() + expectation));
    let report =
        |arguments: &[&str]| stdout(quick(&path).args(["--format", "json"]).args(arguments));
    let one = report(&["--threads", "1"]);
    assert!(one.contains("\"mean\""));
    assert_eq!(one, report(&["--threads", "2"]));
    assert_eq!(one, report(&["--threads", "3"]));
    assert_ne!(one, report(&["--seed", "1"]));
}

#[test]
fn filters_choose_claims_by_name() {
    let home = directory("filter");
    let path = file(&home, "claims.toml", CLAIMS);
    let text = stdout(quick(&path).args(["--format", "json", "--filter", "steps/*"]));
    let report: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<&str> = report["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["steps/1", "steps/2"]);
}

/// Colours are for terminals: not for pipes, not where `NO_COLOR` is set, never in files.
#[test]
fn pipes_and_files_are_plain() {
    let home = directory("plain");
    let path = file(&home, "claims.toml", CLAIMS);
    let piped = stdout(&mut quick(&path));
    assert!(
        piped.contains("refuted") && !piped.contains('\u{1b}'),
        "{piped}"
    );
    let refused = stdout(
        quick(&path)
            .env("NO_COLOR", "1")
            .env_remove("CLICOLOR_FORCE"),
    );
    assert_eq!(piped, refused);
    let forced = stdout(quick(&path).env("CLICOLOR_FORCE", "1"));
    assert!(forced.contains('\u{1b}'));
    let written = home.join("report.txt");
    quick(&path)
        .env("CLICOLOR_FORCE", "1")
        .arg("--output")
        .arg(&written)
        .assert()
        .code(0)
        .stdout("");
    assert_eq!(std::fs::read_to_string(&written).unwrap(), piped);
}

#[test]
fn output_files_are_written_whole_or_not_at_all() {
    let home = directory("output");
    let claims = file(&home, "claims.toml", CLAIMS);
    let experiment = file(&home, "experiment.toml", EXPERIMENT);
    let commands: [&[&str]; 3] = [
        &["check", claims.to_str().unwrap(), "--effort", "quick"],
        &["predict", experiment.to_str().unwrap()],
        &["scaling", "--beta", "2", "--source", "3/8", "--symbolic"],
    ];
    for (i, command) in commands.iter().enumerate() {
        let path = home.join(format!("report-{i}"));
        std::fs::write(&path, "old").unwrap();
        let shown = stdout(resolvent().args(*command));
        resolvent()
            .args(*command)
            .arg("--output")
            .arg(&path)
            .assert()
            .code(0)
            .stdout("");
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            shown,
            "{command:?}"
        );
        // Where nothing can be written, that is said, and nothing is left behind.
        let nowhere = home.join("absent").join("report");
        let told = stderr(resolvent().args(*command).arg("--output").arg(&nowhere));
        assert!(told.contains("absent"), "{told}");
        resolvent()
            .args(*command)
            .arg("--output")
            .arg(&nowhere)
            .assert()
            .code(2);
        resolvent()
            .args(*command)
            .arg("--output")
            .arg(&home)
            .assert()
            .code(2);
    }
    let names: BTreeSet<String> = std::fs::read_dir(&home)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().all(|name| !name.ends_with(".part")),
        "{names:?}"
    );
}

/// A reader that has seen enough is no error, and no panic.
#[cfg(unix)]
#[test]
fn broken_pipes_are_quiet() {
    let home = directory("pipe");
    let claims = file(&home, "claims.toml", CLAIMS);
    let experiment = file(&home, "experiment.toml", EXPERIMENT);
    let commands: [&[&str]; 4] = [
        &["check", claims.to_str().unwrap(), "--effort", "quick"],
        &["predict", experiment.to_str().unwrap()],
        &["simulate", experiment.to_str().unwrap()],
        &["scaling", "--beta", "2", "--source", "3/8"],
    ];
    for command in commands {
        let mut child = Plain::new(env!("CARGO_BIN_EXE_resolvent"))
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{command:?}: {told}");
        assert!(!told.contains("panicked"), "{command:?}: {told}");
    }
}

const COLUMNS: [&str; 12] = [
    "n",
    "T",
    "T0",
    "d",
    "lambda",
    "kappa",
    "df1",
    "df2",
    "bias",
    "variance",
    "synthetic",
    "test_error",
];

#[test]
fn predictions_and_simulations_have_the_promised_columns() {
    let home = directory("columns");
    let path = file(&home, "experiment.toml", EXPERIMENT);
    for (command, extra) in [
        ("predict", &[][..]),
        ("simulate", &["mean", "standard_error", "replicates"][..]),
    ] {
        let run = |format: &str| {
            stdout(
                resolvent()
                    .arg(command)
                    .arg(&path)
                    .args(["--format", format]),
            )
        };
        let json: Value = serde_json::from_str(&run("json")).unwrap();
        let rows = json["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 4);
        let csv = run("csv");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header = reader.headers().unwrap().clone();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 4);
        for name in COLUMNS.iter().chain(extra) {
            let column = header
                .iter()
                .position(|h| h == *name)
                .unwrap_or_else(|| panic!("{name} in {header:?}"));
            for (row, record) in rows.iter().zip(&records) {
                let value = row.get(*name).unwrap_or_else(|| panic!("{name} in {row}"));
                // Both formats carry the same numbers, to the last digit.
                let written = &record[column];
                match value.as_f64() {
                    Some(x) => assert_eq!(written.parse::<f64>().unwrap(), x, "{name}"),
                    None => assert!(written.is_empty(), "{name}: {written}"),
                }
            }
        }
        for row in rows {
            let number = |name: &str| row[name].as_f64().unwrap();
            let parts = number("bias") + number("variance") + number("synthetic");
            assert!((parts / number("test_error") - 1.0).abs() < 1e-12, "{row}");
        }
    }
}

/// The commands that a help text shows below its examples.
fn examples(help: &str) -> Vec<Vec<String>> {
    let after = help
        .split_once("Examples:\n")
        .map_or("", |(_, after)| after);
    after
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(|line| line.trim().strip_prefix("resolvent "))
        .map(|line| {
            // What follows two spaces is a remark, what follows a bar another program.
            let line = line.split("  ").next().unwrap_or(line);
            let line = line.split(" | ").next().unwrap_or(line);
            line.split(' ')
                .map(|word| word.trim_matches('\'').to_owned())
                .collect()
        })
        .collect()
}

/// What the help shows can be run. Long runs are made short, and files that are the reader's own stand in.
#[test]
#[ignore = "minutes of processor time"]
fn the_examples_of_the_help_run() {
    let home = directory("examples");
    file(&home, "my-theorem.toml", CLAIMS);
    file(&home, "experiment.toml", EXPERIMENT);
    std::fs::create_dir(home.join("derivations")).unwrap();
    file(
        &home.join("derivations"),
        "small.toml",
        &CLAIMS
            .replace("\"root\"", "\"thm-4.1\"")
            .replace("\"steps\"", "\"cor-4.4\""),
    );
    std::fs::create_dir_all(home.join("fixtures/figures")).unwrap();
    file(&home.join("fixtures/figures"), "1b-right.toml", EXPERIMENT);
    let mut run = 0;
    for command in ["", "check", "predict", "simulate", "merge", "scaling"] {
        let mut ask = resolvent();
        if !command.is_empty() {
            ask.arg(command);
        }
        let output = ask.arg("--help").env("COLUMNS", "200").output().unwrap();
        assert!(output.status.success(), "{command}");
        let help = String::from_utf8(output.stdout).unwrap();
        let examples = examples(&help);
        assert!(
            !examples.is_empty(),
            "the help of `{command}` shows no example"
        );
        for example in examples {
            let output = resolvent()
                .args(&example)
                .current_dir(&home)
                .output()
                .unwrap();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{example:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            run += 1;
        }
    }
    assert!(run >= 18, "{run}");
}
