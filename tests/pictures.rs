//! Claims as pictures: through the point at which they fail, beside what holds instead, and over their domain.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

const FILE: &str = r#"
[symbols]
d = { integer = [2, 40] }
k = { real = [0.1, 2] }

[[claim]]
id   = "smaller"
says = "df(2, k) <= df(1, k)"

[[claim]]
id      = "printed"
says    = "df(2, k) >= df(1, k)"
expect  = "refuted"
instead = "smaller"
"#;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("resolvent-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("it.toml"), FILE).unwrap();
        Self(path)
    }

    /// Status, the picture, and what was told.
    fn plot(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::cargo_bin("resolvent")
            .unwrap()
            .current_dir(&self.0)
            .env("RESOLVENT_CACHE_DIR", self.0.join("cache"))
            .arg("plot")
            .args(args)
            .args(["--output", "it.svg"])
            .output()
            .unwrap();
        let picture = std::fs::read_to_string(self.0.join("it.svg")).unwrap_or_default();
        // Indices and powers are pieces of their own.
        let mut words = String::new();
        for piece in picture.split('<').skip(1) {
            words.push_str(piece.split_once('>').map_or("", |p| p.1));
        }
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), words, error)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn theorem(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("derivations/dohmatob-feng-kempe-2024");
    folder.join(name).display().to_string()
}

#[test]
fn a_false_bound_goes_through_its_witness() {
    let folder = Folder::new("pictures-bound");
    let (status, words, error) = folder.plot(&["it.toml", "--filter", "printed"]);
    assert_eq!(status, Some(0), "{error}");
    for part in [
        "as stated",
        "instead: smaller",
        "Shaded: what the claim excludes",
        "Markers: the claim fails there",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let (status, words, _) = folder.plot(&["it.toml", "--filter", "printed", "--over", "d,k"]);
    assert_eq!(status, Some(0));
    assert!(
        words.contains("fails: too small") && !words.contains("holds"),
        "{words}"
    );
    let (status, words, _) = folder.plot(&["it.toml", "--filter", "smaller", "--over", "d,k"]);
    assert_eq!(status, Some(0));
    assert!(
        words.contains("holds") && !words.contains("fails"),
        "{words}"
    );
}

/// With d of order T^(1/4) the printed rate has T^(ell/beta) = T^(3/4) for d: the ratio is of order T^(-1/2).
#[test]
fn a_false_rate_drifts_and_the_true_one_does_not() {
    let folder = Folder::new("pictures-rate");
    let file = theorem("theorem-5.1.toml");
    let point = ["beta=2", "b=1", "q=1/4", "ell=3/2", "r=1/2", "f=1/2"];
    let at: Vec<&str> = point.iter().flat_map(|at| ["--at", at]).collect();
    let plot = |id: &str, more: &[&str]| {
        let args = [&[&file, "--filter", id], &at[..], more].concat();
        folder.plot(&args)
    };
    let (status, words, error) = plot("rho-power-law", &[]);
    assert_eq!(status, Some(0), "{error}");
    let power: f64 = words
        .split_once("as stated: like T")
        .and_then(|(_, after)| {
            let end = after.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '\u{2212}'))?;
            after[..end].replace('\u{2212}', "-").parse().ok()
        })
        .unwrap_or_else(|| panic!("{words}"));
    assert!((power + 0.5).abs() < 0.03, "{power}");
    assert!(words.contains("instead: rho-power-law-mended"), "{words}");
    assert!(words.contains("along this path the claim fails"), "{words}");
    // Over q and ell it holds below the line ell = beta q, and fails above.
    let over = ["--over", "q=0.05..1,ell=0..2"];
    let (status, words, error) = plot("rho-power-law", &over);
    assert_eq!(status, Some(0), "{error}");
    assert!(words.contains("holds") && words.contains("fails: of smaller order"));
    let (_, words, _) = plot("rho-power-law-mended", &over);
    assert!(
        words.contains("holds") && !words.contains("fails"),
        "{words}"
    );
}

#[test]
fn wrong_points_and_maps_are_told() {
    let folder = Folder::new("pictures-wrong");
    for (args, told) in [
        (&["--at", "q=1"][..], "`q` is no free symbol"),
        (&["--at", "k"], "write NAME=VALUE"),
        (&["--over", "d,z"], "`z` is no free symbol"),
        (&["--over", "d"], "a map has two sides"),
        (&["--over", "d=9..2,k"], "write a range as in"),
    ] {
        let (status, _, error) = folder.plot(&[&["it.toml", "--filter", "printed"], args].concat());
        assert_eq!(status, Some(2), "{args:?}: {error}");
        assert!(error.contains(told), "{args:?}: {error}");
    }
}
