//! The published tables are recomputed, cell by cell.

use std::path::PathBuf;

use assert_cmd::Command;
use resolvent::table::published::read;
use resolvent::table::verify::verify;
use resolvent::table::{Definition, compute};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/tables")
}

fn tables() -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .collect();
    list.sort();
    list
}

#[test]
fn published_tables_are_right() {
    let list = tables();
    assert!(list.len() >= 5, "{list:?}");
    for path in list {
        let text = std::fs::read_to_string(&path).unwrap();
        let table = read(&text).unwrap();
        let from = path.with_extension("toml");
        let source = std::fs::read_to_string(&from).unwrap();
        assert_eq!(
            table.definition.as_deref(),
            Some(&*source),
            "{path:?} is not of its file"
        );
        assert_eq!(table.whole, Some(true), "{path:?}");
        let definition = Definition::read(&from, &source).unwrap();
        let outcome = verify(&definition, &table).unwrap();
        assert_eq!(outcome.wrong, [], "{path:?}");
        assert_eq!(outcome.skipped, 0, "{path:?}");
        assert!(outcome.cells >= 40, "{path:?}: {}", outcome.cells);
    }
}

/// The equivalent printed by `predict`, in double precision, is the formula in high precision.
#[test]
fn predictions_agree_with_formulas() {
    let text = std::fs::read_to_string(folder().join("power-law-finite.toml")).unwrap();
    let text = text
        .replace("digits = 20", "digits = 12")
        .replace(
            "[columns]",
            "[chain]\nnoise = 1\n[downstream]\nnoise = 1\n[columns]\npredicted = { predict = \"test_error\" }",
        );
    let table = compute(&Definition::read("x.toml".as_ref(), &text).unwrap()).unwrap();
    let at = |name: &str| {
        table
            .definition
            .columns
            .iter()
            .position(|c| c.name == name)
            .unwrap()
    };
    for row in &table.rows {
        let (a, b) = (
            row.cells[at("predicted")].to_f64(),
            row.cells[at("test_error")].to_f64(),
        );
        assert!((a / b - 1.0).abs() < 2e-11, "{row:?}");
    }
}

#[test]
fn an_altered_table_is_named_and_left_alone() {
    let path = std::env::temp_dir().join(format!("resolvent-table-{}.csv", std::process::id()));
    let text = std::fs::read_to_string(folder().join("constants.csv")).unwrap();
    let at = text.rfind('7').unwrap();
    let mut altered = text.clone();
    altered.replace_range(at..at + 1, "3");
    std::fs::write(&path, &altered).unwrap();
    let output = Command::cargo_bin("resolvent")
        .unwrap()
        .args(["table", "--verify"])
        .arg(&path)
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(output.stdout.is_empty());
    assert!(
        error.contains("is printed as") && error.contains("beta = "),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), altered);
    std::fs::remove_file(&path).unwrap();
}
