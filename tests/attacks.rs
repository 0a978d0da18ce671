//! Files from strangers: whatever they hold, the program ends by itself, in bounded time and memory, tells nothing that is
//! not theirs to be told, and does not let them steer the reader's terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Address space of one run, in KiB: 2 GB, and what threads reserve without using it.
const MEMORY: u64 = 2_800_000;

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("attack-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// The program with bounded memory.
fn resolvent(directory: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_resolvent"))
        .env("RESOLVENT_CACHE_DIR", "")
        .current_dir(directory)
        .stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (text(stdout), text(stderr));
    let code = status.code().unwrap_or(-1);
    assert!((0..=2).contains(&code), "{status}\n{stdout}\n{stderr}");
    (code, stdout, stderr)
}

fn check(name: &str, text: &str, arguments: &[&str]) -> (i32, String, String) {
    let directory = directory(name);
    write(&directory, "file.toml", text);
    run(resolvent(&directory)
        .args(["check", "file.toml"])
        .args(arguments))
}

const SIZES: &str =
    "[symbols]\nx = { real = [0.5, 2] }\nd = { integer = [1, 60] }\nT = { integer = [2, 400] }\n";

/// Claims that would take minutes, or for ever.
const ENDLESS: [(&str, &str, &str); 9] = [
    (
        "long-design",
        "[symbols]\nd = { integer = [1, 40] }\nT = { integer = [1000000, 1000001] }\n[random]\nX = { design = \"T\" }\n",
        "says = \"norm2(ridge(X, X*w0, 1)) <= norm2(w0)\"",
    ),
    (
        "wide-design",
        "[symbols]\nd = { integer = [1100, 1200] }\nT = { integer = [1100, 1200] }\n[random]\nX = { design = \"T\" }\n",
        "says = \"opnorm(proj(X)) <= 1\"",
    ),
    (
        "wide-inverse",
        "[symbols]\nd = { integer = [300, 400] }\nT = { integer = [500, 600] }\n[random]\nX = { design = \"T\" }\n",
        "says = \"E[tr(inv(X'*X))] = d/(T - d - 1)\"",
    ),
    (
        "many-generations",
        "[symbols]\nd = { integer = [300, 400] }\nT = { integer = [300, 400] }\nn = { integer = [1, 60] }\n[random]\nW = { labeller = \"n\", samples = \"T\", sd = 1 }\n",
        "says = \"E[norm2(W - w0)] >= 0\"",
    ),
    (
        "sum-of-matrices",
        "[symbols]\nd = { integer = [1, 60] }\nT = { integer = [2, 400] }\n[random]\nX = { design = \"T\" }\n",
        "says = \"E[sum(i = 1..20000, tr(X'*X)/i)] = d\"",
    ),
    (
        "sums-in-sums",
        SIZES,
        "says = \"sum(i = 1..inf, sum(j = 1..inf, 1/(i + j)^4)) = x\"",
    ),
    (
        "long-assumption",
        SIZES,
        "says = \"x > 1\"\nassume = [\"prod(i = 1..20000, 1 + x/i^2) < 0\"]",
    ),
    (
        "slow-sum",
        SIZES,
        "says = \"sum(i = 1..20000, sum(j = 1..20, kappa(x/(i + j), T))) = 1\"",
    ),
    ("long-product", SIZES, "says = \"prod(i = 0..1e9, x) = 1\""),
];

/// They end by themselves, and say why: the budget ran out, or what kept them open before.
#[test]
fn endless_claims_run_out_of_budget() {
    let work = if cfg!(debug_assertions) { "0.1" } else { "1" };
    for (name, head, claim) in ENDLESS {
        let text = format!("{head}[[claim]]\nid = \"a\"\n{claim}\n");
        let start = Instant::now();
        let arguments = ["--format", "json", "--work", work];
        let (code, stdout, _) = check(name, &text, &arguments);
        let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let verdict = &report["claims"][0]["verdict"];
        assert!(
            verdict == "inconclusive" || verdict == "vacuous" || verdict == "refuted",
            "{name}: {report:#}"
        );
        assert_eq!(code, 1, "{name}");
        assert!(start.elapsed() < Duration::from_secs(60), "{name}");
        if verdict == "inconclusive" {
            let reason = report["claims"][0]["reason"].as_str().unwrap();
            let why = ["budget", "could not be resolved"];
            assert!(why.iter().any(|w| reason.contains(w)), "{name}: {reason}");
        }
    }
}

/// Nested roots are evaluated once each.
#[test]
fn nested_roots_cost_what_they_are_long() {
    let says = (0..22).fold("x".to_owned(), |inner, _| format!("sqrt(1 + {inner})"));
    let text = format!("{SIZES}[[claim]]\nid = \"a\"\nsays = \"{says} < 2\"\n");
    let (code, stdout, _) = check("roots", &text, &["--work", "0.5"]);
    assert_eq!(code, 0, "{stdout}");
}

/// A budget is counted, not timed.
#[test]
fn a_budget_ends_at_the_same_place() {
    let (_, head, claim) = ENDLESS[4];
    let text = format!("{head}[[claim]]\nid = \"a\"\n{claim}\n");
    let arguments = ["--format", "json", "--work", "0.05"];
    let first = check("again-1", &text, &arguments).1;
    let alone = check(
        "again-2",
        &text,
        &[&arguments[..], &["--threads", "1"]].concat(),
    )
    .1;
    assert_eq!(first, alone);
}

/// Every character that could steer a terminal.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

const WORDS: &str = r#"
title = "\u001b]0;owned\u0007 \u001b[2J"
[symbols]
x = { real = [0.5, 2] }
[[claim]]
id = "escapes"
says = "x = 2*x"
expect = "refuted"
why = "\u001b[2J\u001b[H \u001b]52;c;aGk=\u0007 \u009b31m \u202e \u200b \r \u0008"
note = "\u001b[31m"
[[claim]]
id = "forged"
says = "x = 3*x"
why = "over\n\n9 claims: 9 supported; all as expected\n  supported    thm-1  192 points"
expect = "refuted"
"#;

#[test]
fn words_of_a_file_do_not_steer_the_terminal() {
    for format in ["text", "json", "junit", "sarif", "markdown", "github"] {
        let arguments = ["--verbose", "--format", format];
        let (_, stdout, stderr) = check("words", WORDS, &arguments);
        for text in [&stdout, &stderr] {
            assert!(!text.chars().any(steers), "{format}: {text:?}");
        }
        if format == "text" {
            let summary = |line: &&str| line.starts_with(char::is_numeric);
            assert_eq!(stdout.lines().filter(summary).count(), 1);
            assert_eq!(
                stdout
                    .lines()
                    .filter(|l| l.trim_start().starts_with("supported"))
                    .count(),
                0
            );
        }
    }
    // In diagnostics too: of the message and of the line shown.
    let text = "[symbols]\n\"\\u001b[2J\" = { real = [0, 1] }\n[[claim]]\nid = \"a\"\nsays = \"x \u{202e} = \u{9b}31m\"\n";
    let (code, stdout, stderr) = check("words-in-faults", text, &[]);
    assert_eq!(code, 2);
    for text in [&stdout, &stderr] {
        assert!(!text.chars().any(steers), "{text:?}");
    }
}

const EXPERIMENT: &str = "[setting]\nd = 3\nspectrum = \"isotropic\"\ntarget = { kind = \"file\", path = \"PATH\" }\n\
    [downstream]\nnoise = 0.2\nridge = 0.1\n[sweep]\nn = [0]\nT = [100]\n";

/// Nothing outside the folder is read, and nothing that is read is repeated.
#[test]
#[cfg(unix)]
fn files_beside_an_experiment_stay_beside_it() {
    let directory = directory("leak");
    let inside = directory.join("inside");
    std::fs::create_dir(&inside).unwrap();
    write(&directory, "secret.txt", "token=hunter2\n");
    write(&inside, "beside.txt", "hunter2\n");
    std::os::unix::fs::symlink("../secret.txt", inside.join("link.txt")).unwrap();
    let absolute = directory.join("secret.txt");
    for path in [
        "../secret.txt",
        "link.txt",
        "beside.txt",
        absolute.to_str().unwrap(),
        "/dev/zero",
        "/proc/self/environ",
    ] {
        write(&inside, "e.toml", &EXPERIMENT.replace("PATH", path));
        for command in ["predict", "simulate"] {
            let (code, stdout, stderr) = run(resolvent(&inside).args([command, "e.toml"]));
            assert_eq!(code, 2, "{path}");
            assert!(
                !format!("{stdout}{stderr}").contains("hunter2"),
                "{path}: {stderr}"
            );
        }
    }
    let (code, _, stderr) = run(resolvent(&inside).args(["predict", "/dev/zero"]));
    assert_eq!(code, 2, "{stderr}");
}

#[test]
#[cfg(unix)]
fn links_that_leave_the_folder_are_passed_over() {
    let directory = directory("links");
    let claims = directory.join("claims");
    std::fs::create_dir_all(claims.join("within")).unwrap();
    let claim = "[symbols]\nx = { real = [1, 2] }\n[[claim]]\nid = \"a\"\nsays = \"x = x\"\n";
    write(&directory, "outside.txt", "token=hunter2 secret");
    write(&claims.join("within"), "good.toml", claim);
    for (target, name) in [
        ("../outside.txt", "leaves.toml"),
        ("/dev/zero", "zeros.toml"),
        ("nowhere", "dangling.toml"),
        ("within/good.toml", "stays.toml"),
        ("..", "up"),
    ] {
        std::os::unix::fs::symlink(target, claims.join(name)).unwrap();
    }
    let (code, stdout, stderr) = run(resolvent(&directory).args(["check", "claims"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(!format!("{stdout}{stderr}").contains("hunter2"));
    for name in ["leaves.toml", "zeros.toml", "dangling.toml"] {
        assert!(stderr.contains(&format!("{name}: passed over")), "{stderr}");
    }
    assert!(stdout.contains("stays.toml") && stdout.contains("2 claims"));
}

/// A sweep whose points together have too many generations is refused before it is made.
#[test]
fn sweeps_are_sized_before_they_are_made() {
    let directory = directory("sweep");
    let text = "[setting]\nd = 30\nspectrum = { kind = \"power-law\", beta = 2 }\ntarget = { kind = \"source\", r = 0.5 }\n\
        [chain]\nsamples = 60\nnoise = 0.2\n[downstream]\nnoise = 0.2\nridge = 0.1\n\
        [sweep]\nn = { log = [1, 1e5, 100000] }\nT = [100]\n";
    write(&directory, "e.toml", text);
    let (code, _, stderr) = run(resolvent(&directory).args(["predict", "e.toml"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("generations together"), "{stderr}");
}

/// A broken formula costs one row.
#[test]
fn a_fault_stays_where_it_is() {
    let text = "[symbols]\nx = { real = [0.5, 2] }\ny = { real = [2, 1] }\n[define]\nf = \"x +\"\n\
        [[claim]]\nid = \"good\"\nsays = \"x = x\"\n\
        [[claim]]\nid = \"bad\"\nsays = \"x = = x\"\n\
        [[claim]]\nid = \"through\"\nsays = \"f = x\"\n\
        [[claim]]\nid = \"rests\"\nsays = \"x <= 2\"\nuses = [\"bad\"]\n\
        [[derivation]]\nid = \"steps\"\nstart = \"x\"\nsteps = [\"= x + 0\", \"= x *\", \"= x\", \"= 1*x\"]\n";
    let (code, stdout, stderr) = check("fault", text, &["--format", "json"]);
    assert_eq!(code, 2, "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let verdict = |id: &str| {
        let claims = report["claims"].as_array().unwrap();
        let row = claims
            .iter()
            .find(|c| c["id"] == id)
            .unwrap_or_else(|| panic!("{id}: {report:#}"));
        (row["verdict"].as_str().unwrap().to_owned(), row.clone())
    };
    let holds = |id: &str| ["proved", "certified", "supported"].contains(&verdict(id).0.as_str());
    assert!(
        holds("good") && holds("rests") && holds("steps/1") && holds("steps/4"),
        "{report:#}"
    );
    for id in ["bad", "through", "steps/2", "steps/3"] {
        assert_eq!(verdict(id).0, "error", "{id}");
    }
    assert!(
        verdict("through").1["reason"]
            .as_str()
            .unwrap()
            .contains("`f`")
    );
    assert_eq!(
        verdict("rests").1["rests_on_failed"],
        serde_json::json!(["bad"])
    );
    assert!(stderr.contains("F0") && stderr.contains("D0"), "{stderr}");
}

/// `uses` over all files: standing is inherited, whatever is shown of it.
#[test]
fn standing_does_not_depend_on_the_filter() {
    let directory = directory("uses");
    let head = "[symbols]\nx = { real = [0.5, 2] }\n";
    let claim = |id: &str, says: &str, uses: &str| {
        format!("[[claim]]\nid = \"{id}\"\nsays = \"{says}\"\nuses = [{uses}]\n")
    };
    write(
        &directory,
        "one.toml",
        &format!(
            "{head}{}{}",
            claim("a", "x = x", "\"b\""),
            claim("b", "x = x", "\"c\"")
        ),
    );
    write(
        &directory,
        "two.toml",
        &format!("{head}{}expect = \"refuted\"\n", claim("c", "x = 2*x", "")),
    );
    let rests = |arguments: &[&str]| {
        let (code, stdout, stderr) = run(resolvent(&directory)
            .args(["check", "--format", "json"])
            .args(arguments));
        assert_eq!(code, 0, "{stderr}");
        let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let row = report["claims"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["id"] == "a")
            .unwrap()
            .clone();
        (
            row["rests_on_failed"].clone(),
            report["claims"].as_array().unwrap().len(),
        )
    };
    let c = serde_json::json!(["c"]);
    assert_eq!(rests(&["."]), (c.clone(), 3));
    assert_eq!(rests(&[".", "--filter", "a"]), (c.clone(), 1));
    // The file beside it is looked at, and not reported.
    assert_eq!(rests(&["one.toml"]), (c, 2));
}

#[test]
fn unknown_and_circular_uses_are_faults() {
    let head = "[symbols]\nx = { real = [0.5, 2] }\n";
    let claim = |id: &str, uses: &str| {
        format!("[[claim]]\nid = \"{id}\"\nsays = \"x = x\"\nuses = [\"{uses}\"]\n")
    };
    let text = format!("{head}{}", claim("a", "no-such-claim"));
    let (code, stdout, stderr) = check("nowhere", &text, &[]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("D016") && stderr.contains("file.toml:6:9"),
        "{stderr}"
    );
    assert!(stdout.contains("1 error"), "{stdout}");
    let text = format!("{head}{}{}", claim("a", "b"), claim("b", "a"));
    let (code, stdout, stderr) = check("circle", &text, &[]);
    assert_eq!(code, 2);
    assert_eq!(stderr.matches("D017").count(), 2, "{stderr}");
    assert!(stdout.contains("2 error"), "{stdout}");
}

const SWEEP: &str = "[setting]\nd = 30\nspectrum = { kind = \"power-law\", beta = 2 }\ntarget = { kind = \"source\", r = 0.375 }\n\
    [downstream]\nnoise = 0.2\nridge = 0.1\n[sweep]\nn = [0]\nT = [50, 60, 70, 80]\n[simulate]\nreplicates = 200\nseed = 3\n";

/// Finished work is not left out without a word.
#[test]
fn finished_replicates_are_not_thrown_away() {
    let directory = directory("journal");
    write(&directory, "e.toml", SWEEP);
    let simulate = |arguments: &[&str]| {
        run(resolvent(&directory)
            .args(["simulate", "e.toml", "-q"])
            .args(arguments))
    };
    let kept = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    assert_eq!(simulate(&["--output", "a.csv"]).0, 0);
    let (rows, journal) = (kept("a.csv"), kept("a.csv.journal"));
    let (code, _, stderr) = simulate(&["--output", "a.csv", "--replicates", "10"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("200 replicates") && stderr.contains("--fresh"),
        "{stderr}"
    );
    assert_eq!((kept("a.csv"), kept("a.csv.journal")), (rows, journal));

    assert_eq!(simulate(&["--output", "b.csv", "--shard", "1/2"]).0, 0);
    let (rows, journal) = (kept("b.csv"), kept("b.csv.journal"));
    let (code, _, stderr) = simulate(&["--output", "b.csv", "--shard", "2/2"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("not of this part"), "{stderr}");
    assert_eq!((kept("b.csv"), kept("b.csv.journal")), (rows, journal));
    // The whole holds the part.
    assert_eq!(simulate(&["--output", "b.csv"]).0, 0);
    assert_eq!(kept("b.csv").lines().count(), 5);
}

/// Of two runs on one output the second is refused, fresh or not.
#[test]
fn two_runs_do_not_mix() {
    let directory = directory("race");
    write(&directory, "one.toml", &SWEEP.replace("= 200", "= 2000000"));
    write(
        &directory,
        "two.toml",
        &SWEEP.replace("seed = 3", "seed = 4"),
    );
    let mut first = resolvent(&directory)
        .args([
            "simulate",
            "one.toml",
            "-q",
            "--output",
            "a.csv",
            "--threads",
            "1",
        ])
        .spawn()
        .unwrap();
    let journal = directory.join("a.csv.journal");
    let start = Instant::now();
    while !std::fs::metadata(&journal).is_ok_and(|m| m.len() > 1000) {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    let second =
        run(resolvent(&directory)
            .args(["simulate", "two.toml", "-q", "--output", "a.csv", "--fresh"]));
    let running = first.try_wait().unwrap().is_none();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(running);
    assert_eq!(second.0, 2);
    assert!(second.2.contains("in use"), "{}", second.2);
}

/// Every function of matrices that have no rows, or no columns: a value or none, but no failure of the program.
#[test]
fn matrices_without_rows_fail_nothing() {
    let mut text = String::from(
        r#"title = "Nothing"
source = "Tests"
[symbols]
d = { integer = [2, 9] }
T = { integer = [2, 20] }
N = "T - T"
lambda = { real = [0.05, 5], scale = "log" }
[random]
X = { design = "T" }
O = { design = "N" }
V = { gaussian = ["T", "N"] }
U = { gaussian = ["N", "N"] }
E = { noise = "T", sd = "1" }
o = { noise = "N", sd = "1" }
"#,
    );
    let claims = [
        "tr(O*O') + tr(O'*O) + tr(U) + norm2(o) = 0",
        "det(U) = det(O*O' + I)",
        "logdet(O*O' + I) = 0",
        "opnorm(O) = opnorm(V)",
        "eigmin(O*O') <= eigmax(O*O' + I)",
        "O*O' <= U'*U",
        "O'*O <= Sigma",
        "proj(O)*w0 + proj(V)*o'*o = 0*w0",
        "pinv(O)*o = 0*w0",
        "tr(inv(U)) + tr((O*O' + I)^-2) + tr(diag(O*O')^2) = 0",
        "ridge(O, o, lambda) = 0*w0",
        "ridge(O, o, 0) = 0*w0",
        "V*ridge(V, E, lambda) = 0*E",
        "ridge([X; O], [E; o], lambda) = ridge([X, V], E, lambda)",
        "pinv([X; O])*[E; o] = pinv(X)*E",
        "E[tr(O'*O) + norm2(O*w0 + o)] = 0",
        "E[norm2(ridge([X; O], [E; o], lambda))] = E[norm2(ridge(X, E, lambda))]",
        "E[norm2(ridge(O, o, lambda) - w0)] = norm2(w0)",
        "Var[tr(O'*O)] = 0",
    ];
    for (i, says) in claims.iter().enumerate() {
        text += &format!("[[claim]]\nid = \"c{i}\"\nsays = \"{says}\"\n");
    }
    let (_, stdout, stderr) = check("nothing", &text, &["--effort", "quick"]);
    assert!(!stdout.contains("itself failed"), "{stdout}{stderr}");
    assert!(!stdout.contains("refuted"), "{stdout}{stderr}");
    assert!(stdout.contains("supported"), "{stdout}{stderr}");
}
