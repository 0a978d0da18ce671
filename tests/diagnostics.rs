//! One small bad file for each diagnostic; what is said about it is kept as a snapshot.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use resolvent::check::file::read;
use resolvent::report::diagnostic::render;

fn bad_files() -> Vec<PathBuf> {
    let root = Path::new("tests/diagnostics");
    let mut files = Vec::new();
    for folder in ["formula", "shape", "file"] {
        for entry in fs::read_dir(root.join(folder)).expect("the folder of bad files") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_bad_file_is_explained() {
    let files = bad_files();
    assert!(files.len() > 60);
    for folder in ["formula", "shape", "file"] {
        let mut told = String::new();
        for path in files
            .iter()
            .filter(|p| p.components().any(|c| c.as_os_str() == folder))
        {
            let diagnostics = read(path).expect_err(&path.display().to_string());
            assert!(!diagnostics.is_empty(), "{}", path.display());
            for diagnostic in &diagnostics {
                told.push_str(&render(diagnostic, false));
                told.push_str("\n\n");
            }
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "diagnostics" }, {
            insta::assert_snapshot!(folder, told);
        });
    }
}

/// Whoever reads a diagnostic is told what to do, and where.
#[test]
fn diagnostics_have_a_place_and_mostly_a_remedy() {
    let mut without_help = BTreeSet::new();
    for path in bad_files() {
        for diagnostic in read(&path).expect_err("a bad file") {
            assert!(!diagnostic.message.is_empty());
            let text = fs::read_to_string(&path).expect("text");
            if diagnostic.code != "D014" {
                let line = text.lines().nth(diagnostic.line - 1).expect("the line");
                assert!(line.contains(&diagnostic.source_line), "{diagnostic:?}");
                let shown = &diagnostic.source_line[diagnostic.underline.clone()];
                assert!(
                    text[diagnostic.start..].starts_with(shown),
                    "{diagnostic:?}"
                );
            }
            if diagnostic.help.is_none() {
                without_help.insert(diagnostic.code);
            }
        }
    }
    // TOML's own faults speak for themselves; a wrong type names the right one; a bracket names the one expected.
    let allowed = BTreeSet::from(["D002", "D004", "F007"]);
    assert!(without_help.is_subset(&allowed), "{without_help:?}");
}

/// A file that cannot be read is explained too.
#[test]
fn a_missing_file_is_a_diagnostic() {
    let diagnostics = read(Path::new("tests/diagnostics/none.toml")).expect_err("no file");
    assert_eq!(diagnostics[0].code, "D001");
    let diagnostics = read(Path::new("tests/diagnostics")).expect_err("a directory");
    assert!(diagnostics[0].message.contains("not a regular file"));
}
