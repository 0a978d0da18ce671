//! Reports as machines read them, what is remembered between runs, and mutation from the outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("formats-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Exit status, standard output, standard error; the cache lies beside the files.
fn resolvent(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_resolvent"))
        .args(arguments)
        .current_dir(directory)
        .env("RESOLVENT_CACHE_DIR", directory.join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

const CLAIMS: &str = r#"
[symbols]
d = { integer = [2, 40] }
T = { integer = [2, 400] }
lambda = { real = [1e-3, 10], scale = "log" }
k = "kappa(lambda, T)"

[[claim]]
id = "root"
says = "k - lambda = k*df(1, k)/T"

[[claim]]
id = "slip"
says = "k - lambda = k*df(2, k)/T"

[[claim]]
id = "rests"
says = "k >= lambda"
uses = ["slip"]

[[claim]]
id = "broken"
says = "k + = 1"
"#;

/// A validator of the part of JSON Schema that the published schema uses. An unknown keyword is an error of the schema.
fn validate(schema: &Value, root: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let kind = |value: &Value, name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("type {other}"),
    };
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let path = rule.as_str().unwrap().strip_prefix('#').unwrap();
                validate(root.pointer(path).unwrap(), root, value, at, faults);
                true
            }
            "type" => match rule {
                Value::String(name) => kind(value, name),
                Value::Array(names) => names.iter().any(|name| kind(value, name.as_str().unwrap())),
                _ => panic!("type"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|x| x >= rule.as_f64().unwrap()),
            "required" => (rule.as_array().unwrap().iter())
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                for (name, rule) in rule.as_object().unwrap() {
                    if let Some(part) = value.get(name) {
                        validate(rule, root, part, &format!("{at}/{name}"), faults);
                    }
                }
                true
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(rule, root, item, &format!("{at}/{i}"), faults);
                }
                true
            }
            "anyOf" => rule.as_array().unwrap().iter().any(|rule| {
                let mut inner = Vec::new();
                validate(rule, root, value, at, &mut inner);
                inner.is_empty()
            }),
            other => panic!("keyword {other}"),
        };
        if !holds {
            faults.push(format!("{at}: {value} against {keyword} {rule}"));
        }
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../schema/check.schema.json")).unwrap();
    let check = |value: &Value| {
        let mut faults = Vec::new();
        validate(&schema, &schema, value, "", &mut faults);
        faults
    };
    let directory = directory("schema");
    std::fs::write(directory.join("a.toml"), CLAIMS).unwrap();
    let (code, stdout, stderr) = resolvent(&directory, &["check", "a.toml", "--format", "json"]);
    assert_eq!(code, 2, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(check(&report), Vec::<String>::new());
    // The schema can fail.
    for (pointer, wrong) in [
        ("/schema", json!(2)),
        ("/claims/0/verdict", json!("true")),
        ("/claims/0/line", json!("1")),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong;
        assert_eq!(check(&broken).len(), 1, "{pointer}");
    }
    // The slip is told with what was meant.
    let slip = report["claims"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["id"] == "slip")
        .unwrap();
    assert_eq!(
        slip["correction"]["says"], "k - lambda = k*df(1, k)/T",
        "{slip:#}"
    );
    assert_eq!(slip["correction"]["edit"], "`1` for `2`");
}

#[test]
fn junit_counts_failures_and_errors() {
    let directory = directory("junit");
    std::fs::write(directory.join("a.toml"), CLAIMS).unwrap();
    let (_, xml, _) = resolvent(&directory, &["check", "a.toml", "--format", "junit"]);
    assert!(xml.starts_with("<?xml"), "{xml}");
    assert!(xml.contains("tests=\"4\""), "{xml}");
    assert!(
        xml.contains("failures=\"1\"") && xml.contains("errors=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains("classname=\"a.toml\"") && xml.contains("line=\"14\""),
        "{xml}"
    );
    assert!(xml.contains("rests on slip, which does not hold"), "{xml}");
}

#[test]
fn sarif_names_places_and_keeps_its_fingerprints() {
    let directory = directory("sarif");
    let results = |text: &str| -> Vec<Value> {
        std::fs::write(directory.join("a.toml"), text).unwrap();
        let (_, stdout, _) = resolvent(&directory, &["check", "a.toml", "--format", "sarif"]);
        let log: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules: Vec<&Value> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["id"])
            .collect();
        let results = run["results"].as_array().unwrap();
        assert!(
            results.iter().all(|r| rules.contains(&&r["ruleId"])),
            "{log:#}"
        );
        results.clone()
    };
    let before = results(CLAIMS);
    let region = |rule: &str, results: &[Value]| {
        let result = results
            .iter()
            .find(|r| r["ruleId"] == rule)
            .unwrap_or_else(|| panic!("{rule}"));
        (
            result["locations"][0]["physicalLocation"]["region"]["startLine"]
                .as_u64()
                .unwrap(),
            result["partialFingerprints"]["resolvent/v1"].clone(),
        )
    };
    // Three lines further down they are the same findings.
    let after = results(&format!("# one\n# two\n# three\n{CLAIMS}"));
    for rule in ["refuted", "rests-on-failed"] {
        let ((a, first), (b, second)) = (region(rule, &before), region(rule, &after));
        assert_eq!(b, a + 3);
        assert_eq!(first, second);
    }
    assert_eq!(
        before[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "a.toml"
    );
}

#[test]
fn markdown_and_annotations_name_what_is_wrong() {
    let directory = directory("markdown");
    let text = CLAIMS.replace(
        "id = \"slip\"",
        "id = \"slip\"\nwhy = \"a | bar, <b>, @someone\"",
    );
    std::fs::write(directory.join("a.toml"), &text).unwrap();
    let (_, markdown, _) = resolvent(&directory, &["check", "a.toml", "--format", "markdown"]);
    assert!(
        markdown.contains("### 2 of 4 claims not as expected"),
        "{markdown}"
    );
    assert!(
        markdown.contains("| `slip` | **refuted** | holds |"),
        "{markdown}"
    );
    assert!(markdown.contains("`rests` rests on `slip`"), "{markdown}");
    let (_, annotations, _) = resolvent(&directory, &["check", "a.toml", "--format", "github"]);
    assert!(
        annotations.contains("::error file=a.toml,line="),
        "{annotations}"
    );
    assert!(
        annotations.contains("title=slip%3A refuted::"),
        "{annotations}"
    );
    assert!(
        annotations.contains("::warning file=a.toml"),
        "{annotations}"
    );
}

#[test]
fn a_report_is_written_whole_or_not_at_all() {
    let directory = directory("output");
    std::fs::write(directory.join("a.toml"), CLAIMS).unwrap();
    let (_, stdout, _) = resolvent(
        &directory,
        &[
            "check", "a.toml", "--format", "json", "--output", "out.json",
        ],
    );
    assert!(stdout.is_empty());
    let written = std::fs::read_to_string(directory.join("out.json")).unwrap();
    let (_, shown, _) = resolvent(&directory, &["check", "a.toml", "--format", "json"]);
    assert_eq!(written, shown);
    let (code, _, stderr) = resolvent(
        &directory,
        &["check", "a.toml", "--output", "no/such/folder.txt"],
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("no/such/folder.txt"), "{stderr}");
}

/// A second check gives the same bytes at next to no cost; a changed claim is decided again, and nothing else is.
#[test]
fn verdicts_are_remembered() {
    let directory = directory("cache");
    let copy = |change: &dyn Fn(String) -> String| {
        let folder = directory.join("derivations");
        std::fs::create_dir_all(&folder).unwrap();
        let text =
            std::fs::read_to_string("derivations/dohmatob-feng-kempe-2024/proposition-4.2.toml")
                .unwrap();
        std::fs::write(folder.join("a.toml"), change(text)).unwrap();
    };
    copy(&|text| text);
    let arguments = ["check", "--format", "json", "--effort", "quick"];
    let run = || resolvent(&directory, &arguments).1;
    let entries = || -> usize {
        let shelves = std::fs::read_dir(directory.join("cache")).unwrap();
        shelves
            .map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count())
            .sum()
    };
    let first = run();
    let kept = entries();
    let second = run();
    assert_eq!(first, second);
    assert_eq!(entries(), kept);
    let mut anew = arguments.to_vec();
    anew.push("--no-cache");
    assert_eq!(resolvent(&directory, &anew).1, first);
    assert_eq!(entries(), kept);
    // Lines above move everything and change nothing.
    copy(&|text| format!("# a remark\n{text}"));
    run();
    assert_eq!(entries(), kept);
    // A forged or torn entry is no verdict.
    for shelf in std::fs::read_dir(directory.join("cache")).unwrap() {
        for entry in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
            std::fs::write(entry.unwrap().path(), "{\"verdict\": \"proved\"").unwrap();
        }
    }
    copy(&|text| text);
    assert_eq!(run(), first);
}

#[test]
fn a_baseline_lets_old_failures_pass() {
    let directory = directory("baseline");
    let file = directory.join("a.toml");
    std::fs::write(&file, CLAIMS).unwrap();
    assert_eq!(
        resolvent(
            &directory,
            &["check", "a.toml", "--write-baseline", "known.json"]
        )
        .0,
        2
    );
    let against = ["check", "a.toml", "--baseline", "known.json"];
    assert_eq!(resolvent(&directory, &against).0, 0);
    std::fs::write(
        &file,
        format!("{CLAIMS}[[claim]]\nid = \"new\"\nsays = \"k = lambda\"\n"),
    )
    .unwrap();
    let (code, _, stderr) = resolvent(&directory, &against);
    assert_eq!(code, 1);
    assert!(stderr.contains("new is new and refuted"), "{stderr}");
    std::fs::write(
        &file,
        CLAIMS.replace("k - lambda = k*df(1, k)/T", "k - lambda = k*df(3, k)/T"),
    )
    .unwrap();
    let (code, _, stderr) = resolvent(&directory, &against);
    assert_eq!(code, 1);
    assert!(stderr.contains("root is refuted, it was "), "{stderr}");
    std::fs::write(directory.join("known.json"), "{}").unwrap();
    assert_eq!(resolvent(&directory, &against).0, 2);
}

/// A witness is kept as an exact point and tried first; a point that is none of the domain refutes nothing.
#[test]
fn witnesses_are_kept_beside_their_file() {
    let directory = directory("witnesses");
    let false_claim =
        "[symbols]\nx = { real = [0, 3] }\n[[claim]]\nid = \"low\"\nsays = \"x^2 <= 8\"\n";
    std::fs::write(directory.join("a.toml"), false_claim).unwrap();
    let check: &[&str] = &["check", "a.toml", "--format", "json"];
    let (code, first, stderr) = resolvent(&directory, &[check, &["--keep-witnesses"]].concat());
    assert_eq!(code, 1, "{stderr}");
    let beside = directory.join("a.witnesses.json");
    let kept = std::fs::read_to_string(&beside).unwrap();
    let point: Value = serde_json::from_str(&kept).unwrap();
    let x = point["claims"]["low"][0]["symbols"]["x"].as_str().unwrap();
    let (a, b) = x.split_once('/').unwrap_or((x, "1"));
    let x = a.parse::<f64>().unwrap() / b.parse::<f64>().unwrap();
    assert!(x * x > 8.0 && x <= 3.0, "{x}");

    let points = |report: &str| {
        let report: Value = serde_json::from_str(report).unwrap();
        let row = &report["claims"][0];
        (
            row["verdict"].as_str().unwrap().to_owned(),
            row["points"].as_u64().unwrap(),
        )
    };
    let (_, second, _) = resolvent(&directory, check);
    assert_eq!(points(&second), ("refuted".into(), 1));
    assert!(points(&first).1 > 1);

    // The same point beside a claim that holds, and one outside of its domain.
    let true_claim = false_claim.replace("<= 8", "<= 9");
    std::fs::write(directory.join("a.toml"), &true_claim).unwrap();
    let outside = kept.replace(&format!("\"x\": \"{a}"), "\"x\": \"4");
    for beside_it in [kept.as_str(), &outside, "{", "{}"] {
        std::fs::write(&beside, beside_it).unwrap();
        let (code, report, stderr) = resolvent(&directory, check);
        assert_eq!(code, 0, "{beside_it}: {report}{stderr}");
    }

    // What cannot be read is not written over.
    std::fs::write(directory.join("a.toml"), false_claim).unwrap();
    let (code, _, stderr) = resolvent(&directory, &[check, &["--keep-witnesses"]].concat());
    assert_eq!(code, 2);
    assert!(stderr.contains("a.witnesses.json"), "{stderr}");
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), "{}");
}

#[test]
fn mutation_keeps_its_contract() {
    let directory = directory("mutate");
    let sound = CLAIMS
        .split("[[claim]]")
        .take(2)
        .collect::<Vec<_>>()
        .join("[[claim]]");
    std::fs::write(directory.join("a.toml"), &sound).unwrap();
    let (code, stdout, stderr) = resolvent(
        &directory,
        &[
            "mutate",
            "a.toml",
            "--format",
            "json",
            "--min-score",
            "0.99",
        ],
    );
    assert_eq!(code, 0, "{stdout}{stderr}");
    let outcome: Value = serde_json::from_str(&stdout).unwrap();
    let count = |key: &str| outcome[key].as_u64().unwrap();
    assert!(count("mutants") > 10);
    assert_eq!(
        count("mutants"),
        count("refuted")
            + count("equivalent")
            + outcome["survivors"].as_array().unwrap().len() as u64
    );
    assert!(outcome["score"].as_f64().unwrap() >= 0.99);

    let hole = format!("{sound}[[claim]]\nid = \"loose\"\nsays = \"lambda <= 100\"\n");
    std::fs::write(directory.join("a.toml"), hole).unwrap();
    let (code, stdout, _) = resolvent(
        &directory,
        &["mutate", "a.toml", "--format", "json", "--min-score", "1"],
    );
    assert_eq!(code, 1);
    let outcome: Value = serde_json::from_str(&stdout).unwrap();
    let survivor = &outcome["survivors"][0];
    for key in ["id", "says", "mutant", "file", "line"] {
        assert!(!survivor[key].is_null(), "{key}");
    }
    assert_eq!(survivor["id"], "loose");
}

#[test]
fn a_correction_is_written_beside_its_claim() {
    let directory = directory("fix");
    let sound = CLAIMS
        .split("[[claim]]")
        .take(3)
        .collect::<Vec<_>>()
        .join("[[claim]]");
    std::fs::write(directory.join("a.toml"), sound).unwrap();
    let (code, stdout, _) = resolvent(&directory, &["check", "a.toml", "--fix"]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("holds  k - lambda = k*df(1, k)/T"),
        "{stdout}"
    );
    let (code, stdout, stderr) = resolvent(&directory, &["check", "a.toml"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let text = std::fs::read_to_string(directory.join("a.toml")).unwrap();
    assert!(text.contains("instead = \"slip-corrected\""), "{text}");
}
