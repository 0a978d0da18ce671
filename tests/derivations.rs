//! Every derivation file that is shipped can be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use resolvent::check::file;

/// The paper's statements, each under its own name.
const PRINTED: [&str; 57] = [
    "eq-1",
    "thm-4.1",
    "thm-4.1-exact",
    "growing-budget",
    "null-ratio",
    "null-threshold",
    "kappa-isotropic",
    "prop-4.2-bias",
    "prop-4.2-var",
    "thm-4.3-bias-gap",
    "thm-4.3-bias",
    "thm-4.3-rho",
    "dbias-lower",
    "cor-4.4-rho",
    "cor-4.4-clean",
    "cor-4.4-rho-iso",
    "cor-4.4-special",
    "thm-4.5",
    "thm-4.6",
    "thm-F.1",
    "thm-F.1-rho",
    "rho-low-dim",
    "lem-F.3",
    "lem-F.4",
    "lem-F.4-shared",
    "prop-F.5-cross",
    "eq-42-sign",
    "prop-F.6",
    "cor-4.4-proof",
    "proof-4.6-idem",
    "kappa-ridgeless",
    "lem-F.7",
    "lem-F.8-mean",
    "lem-F.8-square",
    "lem-I.1",
    "lem-I.2",
    "eq-64-bias",
    "eq-65-var",
    "lem-I.2-algebra",
    "kappa-power-law",
    "df-power-law",
    "eq-54",
    "eq-54-rate",
    "bias-power-law",
    "var-power-law",
    "clean-fast-rate",
    "clean-slow-rate",
    "rho-power-law",
    "thm-5.1",
    "cor-5.2-exponent",
    "cor-5.2-rate",
    "catastrophe-rate",
    "catastrophe-when",
    "noisy-consistency",
    "noisy-low-ell",
    "noisy-high-ell",
    "noisy-at-crit",
];

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
    for id in PRINTED {
        assert!(ids.contains_key(id), "no file states `{id}`");
    }
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
