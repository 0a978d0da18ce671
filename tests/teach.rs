//! What teaches: files to start from, explanations, completions, manual pages, pictures of everything.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn resolvent(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output = Command::cargo_bin("resolvent")
        .unwrap()
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("resolvent-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn new_files_work_as_they_are() {
    let folder = folder("new");
    for (kind, command) in [
        (
            "derivation",
            vec!["check", "it.toml", "--effort", "quick", "--format", "html"],
        ),
        ("experiment", vec!["predict", "it.toml"]),
        ("table", vec!["table", "it.toml"]),
    ] {
        let (status, _, error) = resolvent(&["new", "--kind", kind, "it.toml"], &folder);
        assert_eq!(status, 0, "{error}");
        let (status, out, error) = resolvent(&command, &folder);
        assert_eq!(status, 0, "{kind}: {out}{error}");
        let picture = match kind {
            "derivation" => vec!["plot", "it.toml", "--filter", "test-error", "-o", "it.svg"],
            "table" => vec!["plot", "it.toml", "--column", "kappa", "-o", "it.svg"],
            _ => vec!["plot", "it.toml", "-o", "it.svg"],
        };
        let (status, _, error) = resolvent(&picture, &folder);
        assert_eq!(status, 0, "{kind}: {error}");
        let svg = std::fs::read_to_string(folder.join("it.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("<path"), "{kind}");
        // Nothing is overwritten.
        let (status, _, error) = resolvent(&["new", "--kind", kind, "it.toml"], &folder);
        assert_eq!(status, 2);
        assert!(error.contains("exists"), "{error}");
        std::fs::remove_file(folder.join("it.toml")).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn explanations() {
    let here = Path::new(".");
    let (status, list, _) = resolvent(&["explain"], here);
    assert_eq!(status, 0);
    for name in ["proved", "vacuous", "F013", "X216"] {
        assert!(list.contains(name));
        let (status, text, _) = resolvent(&["explain", &name.to_lowercase()], here);
        assert_eq!(status, 0);
        assert!(text.starts_with(name), "{text}");
    }
    let (status, _, error) = resolvent(&["explain", "refutd"], here);
    assert_eq!(status, 2);
    assert!(error.contains("refuted"), "{error}");
}

#[test]
fn completions_and_manual_pages() {
    let folder = folder("man");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (status, text, _) = resolvent(&["completions", shell], &folder);
        assert_eq!(status, 0);
        assert!(
            text.contains("resolvent") && text.contains("verify"),
            "{shell}"
        );
    }
    let (status, page, _) = resolvent(&["man"], &folder);
    assert_eq!(status, 0);
    assert!(page.contains(".TH resolvent 1"), "{page}");
    let (status, _, error) = resolvent(&["man", "--output", "pages"], &folder);
    assert_eq!(status, 0, "{error}");
    for command in ["check", "table", "plot", "explain"] {
        assert!(folder.join(format!("pages/resolvent-{command}.1")).exists());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn pictures_in_both_formats() {
    let folder = folder("plot");
    let figure = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/figures/2a.toml");
    let figure = figure.to_str().unwrap();
    for (name, theme) in [("a.png", "light"), ("b.png", "dark"), ("c.svg", "dark")] {
        let (status, _, error) =
            resolvent(&["plot", figure, "--theme", theme, "-o", name], &folder);
        assert_eq!(status, 0, "{error}");
    }
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(&read("a.png")[..8], b"\x89PNG\r\n\x1a\n");
    assert_ne!(read("a.png"), read("b.png"));
    let svg = String::from_utf8(read("c.svg")).unwrap();
    // The generations' plateau, the peak, both crossovers.
    for part in [
        "One curve on top of another",
        "infinite",
        "T = d",
        "sample size T",
    ] {
        assert!(svg.contains(part), "{part}");
    }
    let (status, _, error) = resolvent(&["plot", figure, "-o", "a.gif"], &folder);
    assert_eq!(status, 2);
    assert!(error.contains(".svg or .png"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
