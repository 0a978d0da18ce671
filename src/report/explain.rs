//! What each verdict and each diagnostic code means, and what to do about it.

mod codes;
mod entry;
mod verdicts;

pub use codes::CODES;
pub use entry::Entry;
pub use verdicts::VERDICTS;

/// The entry of a verdict or code, whatever its case.
pub fn find(name: &str) -> Option<&'static Entry> {
    let name = name.trim();
    VERDICTS
        .iter()
        .chain(CODES)
        .find(|entry| entry.name.eq_ignore_ascii_case(name))
}

/// Everything that can be explained, in a line each.
pub fn list() -> String {
    let mut out = String::from("Verdicts\n");
    for entry in &VERDICTS {
        out.push_str(&format!("  {:<13} {}\n", entry.name, entry.short));
    }
    for (letter, what) in [
        ('D', "Derivation files"),
        ('F', "Formulas"),
        ('S', "Shapes"),
        ('T', "Tables"),
        ('X', "Experiments"),
    ] {
        out.push_str(&format!("\n{what}\n"));
        for entry in CODES.iter().filter(|entry| entry.name.starts_with(letter)) {
            out.push_str(&format!("  {:<13} {}\n", entry.name, entry.short));
        }
    }
    out
}

/// An entry, at most 80 columns wide.
pub fn text(entry: &Entry) -> String {
    let mut out = wrapped(&format!("{}: {}", entry.name, entry.short));
    out.push('\n');
    for (i, paragraph) in entry.text.split("\n\n").enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(&wrapped(paragraph));
    }
    out
}

fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 80 {
            out.push('\n');
            width = 0;
        }
        if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Every code that stands in the source.
    fn codes(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("explain.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for piece in text.split('"') {
                    let mut letters = piece.chars();
                    if piece.len() == 4
                        && letters.next().is_some_and(|c| c.is_ascii_uppercase())
                        && letters.all(|c| c.is_ascii_digit())
                    {
                        found.insert(piece.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_code_is_explained_and_no_other() {
        let mut found = BTreeSet::new();
        codes(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        let explained: BTreeSet<String> = CODES.iter().map(|e| e.name.to_owned()).collect();
        assert_eq!(explained, found);
        assert_eq!(explained.len(), CODES.len());
    }

    #[test]
    fn every_verdict_is_explained() {
        use crate::decide::verdict::Verdict::*;
        for verdict in [
            Proved,
            Certified,
            Supported,
            Refuted,
            Inconclusive,
            Vacuous,
            Error,
        ] {
            assert!(find(verdict.name()).is_some());
        }
    }

    #[test]
    fn lines_are_short() {
        for entry in VERDICTS.iter().chain(CODES) {
            assert!(text(entry).lines().all(|line| line.chars().count() <= 80));
        }
        assert!(list().lines().all(|line| line.chars().count() <= 100));
    }
}
