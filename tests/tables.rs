//! The published tables are recomputed, cell by cell.

use std::path::PathBuf;

use assert_cmd::Command;
use resolvent::table::format::{TableFormat, render};
use resolvent::table::published::{Published, read, read_bytes};
use resolvent::table::verify::{Wrong, verify};
use resolvent::table::{Cell, Definition, Table, compute};

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

const FORMATS: [TableFormat; 5] = [
    TableFormat::Csv,
    TableFormat::Json,
    TableFormat::Npy,
    TableFormat::Markdown,
    TableFormat::Latex,
];

const SMALL: &str = r#"
title  = "A small table"
source = "its own"
digits = 20
[setting]
d        = "inf"
spectrum = { kind = "power-law", beta = "beta" }
[grid]
beta   = [2]
T      = [1000]
lambda = [0, "1/T", "T^-0.8"]
[columns]
kappa = "kappa(lambda, T)"
df2   = "df(2, kappa(lambda, T))"
none  = "log(-T)"
"#;

/// Each format carries the table file it was made from, and is verified against it.
#[test]
fn every_format_is_read_back() {
    let definition = Definition::read("small.toml".as_ref(), SMALL).unwrap();
    let table = compute(&definition).unwrap();
    for format in FORMATS {
        let bytes = render(&table, format).unwrap();
        let published = read_bytes(&bytes).unwrap();
        assert_eq!(published.whole, Some(true), "{format:?}");
        let carried = published.definition.clone().unwrap();
        assert_eq!(carried.trim(), SMALL.trim(), "{format:?}");
        let carried = Definition::read("small.toml".as_ref(), &carried).unwrap();
        let outcome = verify(&carried, &published).unwrap();
        assert_eq!(outcome.wrong, [], "{format:?}");
        assert_eq!((outcome.cells, outcome.skipped), (9, 0), "{format:?}");
    }
}

/// One digit of one cell, first, in the middle or last, in any format: the cell is named. Every row in one format, and a
/// row of its own in each of the others.
#[test]
fn an_altered_digit_is_caught_at_its_cell() {
    let definition = Definition::read("small.toml".as_ref(), SMALL).unwrap();
    let table = compute(&definition).unwrap();
    for (place, format) in FORMATS.into_iter().enumerate() {
        let published = read_bytes(&render(&table, format).unwrap()).unwrap();
        let (first, count) = match place {
            0 => (0, table.rows.len()),
            _ => (place % table.rows.len(), 1),
        };
        for row in published.rows.iter().skip(first).take(count) {
            for named in ["kappa", "df2"] {
                let cell = published.names.iter().position(|n| n == named).unwrap();
                let text = &row.cells[cell];
                let mantissa = text.find('e').unwrap_or(text.len());
                let digits: Vec<usize> = (0..mantissa)
                    .filter(|&i| text.as_bytes()[i].is_ascii_digit())
                    .collect();
                for at in [0, digits.len() / 2, digits.len() - 1].map(|i| digits[i]) {
                    let old = text.as_bytes()[at] - b'0';
                    let mut altered = row.clone();
                    let new = if old == 9 { 8 } else { old + 1 };
                    altered.cells[cell].replace_range(at..=at, &new.to_string());
                    if format == TableFormat::Npy {
                        // The last digits of a double may stand for the same one: the next double instead.
                        let x: f64 = text.parse().unwrap();
                        altered.cells[cell] = format!("{:e}", x.next_up());
                    }
                    let part = Published {
                        rows: vec![altered],
                        definition: None,
                        whole: None,
                        ..published.clone()
                    };
                    let outcome = verify(&definition, &part).unwrap();
                    assert!(
                        matches!(&outcome.wrong[..], [Wrong::Cell { column, .. }] if column == named),
                        "{format:?}: {text}, digit {at} altered: {:?}",
                        outcome.wrong
                    );
                }
            }
        }
    }
}

/// An experiment whose estimator is written in formulas is a table, and is verified by predicting and drawing it again.
/// An experiment whose estimators are formulas.
const ESTIMATORS: &str = r#"
title = "Least squares and a ridge"
[setting]
d        = 20
spectrum = "isotropic"
target   = { kind = "isotropic", norm2 = 1 }

[random]
X = { design = "T" }
e = { noise = "T", sd = 0.5 }

[predict]
free  = "E[norm2(ridge(X, X*w0 + e, 0) - w0)]"
ridge = "E[norm2(ridge(X, X*w0 + e, lambda) - w0)]"
best  = "lambda*20/4"

[sweep]
T      = [60, 100]
lambda = [0.1, "1/T"]

[simulate]
replicates = 100
"#;

fn of_estimators(text: &str) -> Table {
    compute(&Definition::read("x.toml".as_ref(), text).unwrap()).unwrap()
}

#[test]
fn experiments_of_formulas_are_tables() {
    let table = of_estimators(ESTIMATORS);
    let names: Vec<&str> = (table.definition.columns.iter())
        .map(|column| column.name.as_str())
        .collect();
    let expected = [
        "free",
        "free_mean",
        "free_standard_error",
        "ridge",
        "ridge_mean",
        "ridge_standard_error",
        "best",
    ];
    assert_eq!(names, expected);
    assert_eq!(table.rows.len(), 4);
    for row in &table.rows {
        let samples = row.at[0].to_f64();
        let numbers: Vec<f64> = row.cells.iter().map(|cell| cell.to_f64()).collect();
        // σ²d/(T − d)
        assert!(
            (numbers[0] - 0.25 * 20.0 / (samples - 20.0)).abs() < 1e-10,
            "{numbers:?}"
        );
        for of in [0, 3] {
            let off = (numbers[of + 1] - numbers[of]).abs();
            assert!(
                off < 4.0 * numbers[of + 2].hypot(0.02 * numbers[of]),
                "{numbers:?}"
            );
        }
    }
}

/// Thirty digits of equivalents are the formula's, not those of the double next to it; what is known in double precision alone
/// says that its error is estimated.
#[test]
fn digits_of_estimators_are_certain_or_said_to_be_estimated() {
    let text = r#"
digits = 30
[setting]
d = 100
spectrum = "isotropic"
target = { kind = "isotropic", norm2 = 1 }
[random]
X = { design = "T" }
Z = { design = "T" }
E = { noise = "T", sd = 0.7 }
[predict]
free  = "E[norm2(ridge(X, X*w0 + E, 0) - w0, Sigma)]"
ridge = "E[norm2(ridge(X, X*w0 + E, 1/10) - w0, Sigma)]"
plain = "d/300"
stack = "E[norm2(inv(X'*X/T + 2*Z'*Z/T + I/10)*(X'*X/T + I/10)*w0)]"
[sweep]
T = [260, 1000]
"#;
    let table = of_estimators(text);
    let formulas = of_estimators(
        r#"
digits = 30
[setting]
d = 100
spectrum = "isotropic"
[grid]
T = [260, 1000]
[define]
k = "kappa(1/10, T)"
[columns]
free  = "49/100*d/(T - d)"
ridge = "(k^2/(1 + k)^2 + 49/100*df(2, k)/T)/(1 - df(2, k)/T)"
plain = "1/3"
"#,
    );
    for (row, formulas) in table.rows.iter().zip(&formulas.rows) {
        assert_eq!(row.cells[..3], formulas.cells);
        for cell in &row.cells[..3] {
            assert!(matches!(cell, Cell::Certain { digits: 30, .. }), "{cell:?}");
        }
        let Cell::Estimated { digits, .. } = row.cells[3] else {
            panic!("{:?}", row.cells[3]);
        };
        assert!((6..=13).contains(&digits), "{digits}");
    }
    let text = String::from_utf8(render(&table, TableFormat::Csv).unwrap()).unwrap();
    let estimated: Vec<&str> = (text.lines())
        .filter(|line| line.ends_with("; its error is estimated"))
        .collect();
    assert!(
        matches!(estimated[..], [line] if line.starts_with("# stack = ")),
        "{estimated:?}"
    );
}

#[test]
fn simulated_means_are_recomputed_as_any_other_cell() {
    let table = of_estimators(ESTIMATORS);
    let text = String::from_utf8(render(&table, TableFormat::Csv).unwrap()).unwrap();
    let published = read(&text).unwrap();
    let again = |published: &Published| {
        let text = published.definition.as_deref().unwrap();
        let definition = Definition::read("x.toml".as_ref(), text).unwrap();
        verify(&definition, published).unwrap()
    };
    let outcome = again(&published);
    assert_eq!((outcome.wrong.len(), outcome.cells), (0, 28));
    let mut altered = published;
    let place = altered
        .names
        .iter()
        .position(|n| n == "ridge_mean")
        .unwrap();
    let digit = &mut altered.rows[1].cells[place];
    let last = digit.pop().unwrap();
    digit.push(if last == '5' { '6' } else { '5' });
    let outcome = again(&altered);
    let column =
        |wrong: &Wrong| matches!(wrong, Wrong::Cell { column, .. } if column == "ridge_mean");
    assert!(outcome.wrong.iter().any(column), "{:?}", outcome.wrong);
}

#[test]
fn columns_of_estimators_are_chosen_and_faults_named() {
    let chosen = format!(
        "{ESTIMATORS}\n[columns]\ntheory = {{ predict = \"ridge\" }}\npm = {{ standard_error = \"ridge\" }}\n"
    );
    let table = of_estimators(&chosen);
    assert_eq!(table.rows[0].cells.len(), 2);
    for (from, to, message) in [
        (
            "predict = \"ridge\"",
            "predict = \"rigde\"",
            "`theory` is no column",
        ),
        (
            "[sweep]",
            "[grid]\nd = [3]\n[sweep]",
            "[grid] beside [sweep]",
        ),
        ("E[norm2(ridge(X", "E[norm2(ridg(X", "ridg"),
    ] {
        let faulty = chosen.replacen(from, to, 1);
        let faults = Definition::read("x.toml".as_ref(), &faulty).unwrap_err();
        assert!(
            faults.iter().any(|f| f.message.contains(message)),
            "{message}: {faults:?}"
        );
    }
}
