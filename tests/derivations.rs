//! Every derivation file that is shipped can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use resolvent::check::file;

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory of derivations") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_file_is_read_and_every_reference_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("derivations");
    let mut ids: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut claims = Vec::new();
    for path in files(&root) {
        let file = file::read(&path).unwrap_or_else(|faults| {
            let faults: Vec<String> = faults
                .iter()
                .map(|f| {
                    format!(
                        "{}:{}:{}: {} {}",
                        path.display(),
                        f.line,
                        f.column,
                        f.code,
                        f.message
                    )
                })
                .collect();
            panic!("{}", faults.join("\n"))
        });
        assert!(
            file.title.is_some() && file.source.is_some(),
            "{} has no title or source",
            path.display()
        );
        for claim in file.claims {
            let other = ids.insert(claim.id.clone(), path.clone());
            assert!(
                other.is_none(),
                "`{}` of {} stands also in {}",
                claim.id,
                path.display(),
                other.unwrap().display()
            );
            claims.push(claim);
        }
    }
    assert!(claims.len() > 100, "{} claims", claims.len());
    for claim in &claims {
        for other in claim.uses.iter().chain(&claim.instead) {
            assert!(
                ids.contains_key(other),
                "`{}` refers to `{other}`, which nothing is called",
                claim.id
            );
        }
        let refuted = claim.expect == file::Expect::Refuted;
        assert_eq!(
            refuted,
            claim.why.is_some(),
            "`{}`: what is refuted says why, and nothing else does",
            claim.id
        );
        assert_eq!(
            refuted,
            claim.instead.is_some(),
            "`{}`: what is refuted names the true statement",
            claim.id
        );
    }
}
