//! What a finding is kept under: a digest of everything it depends on.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::cache::Cache;
use super::digest::sha256;
use super::file::Claim;
use super::options::Options;
use crate::formula::scope::Scope;

/// Names claims by what their verdict depends on.
pub struct Keys<'a> {
    cache: &'a Cache,
    /// Digests of scopes that claims share, by where they lie: as long as they are held nothing else lies there.
    scopes: HashMap<usize, (Arc<Scope>, OnceLock<String>)>,
    settings: String,
}

impl<'a> Keys<'a> {
    pub fn new(cache: &'a Cache, claims: &[Claim], options: &Options) -> Self {
        let shared = |claim: &Claim| {
            let scope = Arc::clone(&claim.scope);
            (Arc::as_ptr(&scope) as usize, (scope, OnceLock::new()))
        };
        Self {
            cache,
            scopes: claims.iter().map(shared).collect(),
            settings: format!("{} {:?} {:?}", options.seed, options.effort, options.work),
        }
    }

    pub fn of(&self, claim: &Claim) -> String {
        let shared = self.scopes.get(&(Arc::as_ptr(&claim.scope) as usize));
        let scope = match shared {
            Some((scope, known)) => known.get_or_init(|| digest(scope)).clone(),
            None => digest(&claim.scope),
        };
        let says = without_places(&format!("{:?} {:?}", claim.says, claim.chain));
        let content = [
            &self.cache.program,
            &self.settings,
            &claim.id,
            &says,
            &scope,
            &format!("{:?}", claim.known),
        ]
        .map(|part| format!("{} {part}", part.len()))
        .join("\n");
        sha256(content.as_bytes())
    }
}

fn digest(scope: &Scope) -> String {
    sha256(without_places(&format!("{scope:?}")).as_bytes())
}

/// Without the places of things in their file: what a claim means does not depend on the lines above it.
fn without_places(text: &str) -> String {
    const PLACE: &str = "Span { start: ";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PLACE) {
        out.push_str(&rest[..at]);
        let after = &rest[at + PLACE.len()..];
        rest = after.find('}').map_or("", |end| &after[end + 1..]);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::file::read_text;
    use super::*;
    use std::path::PathBuf;

    fn keys(text: &str, options: &Options) -> Vec<String> {
        let file = read_text("a.toml".as_ref(), text).unwrap();
        let cache = Cache::at(PathBuf::from("nowhere"));
        let keys = Keys::new(&cache, &file.claims, options);
        file.claims.iter().map(|claim| keys.of(claim)).collect()
    }

    const FILE: &str = "[symbols]\nx = { real = [1, 2] }\n[define]\nf = \"x + 1\"\n\
        [[claim]]\nid = \"a\"\nsays = \"f >= x\"\n[[claim]]\nid = \"b\"\nsays = \"x >= 1\"\n";

    #[test]
    fn a_verdict_is_known_by_all_it_depends_on() {
        let options = Options::default();
        let plain = keys(FILE, &options);
        assert_ne!(plain[0], plain[1]);
        // Not by its place, nor by how it is spaced.
        assert_eq!(
            keys(
                &format!("# a comment\n\n{}", FILE.replace("x >= 1", "x  >=  1")),
                &options
            ),
            plain
        );
        let changed = keys(&FILE.replace("x >= 1", "x > 1"), &options);
        assert_eq!(changed[0], plain[0]);
        assert_ne!(changed[1], plain[1]);
        for other in ["[1, 3]", "[1, 2], scale = \"log\""] {
            assert_ne!(keys(&FILE.replace("[1, 2]", other), &options)[0], plain[0]);
        }
        assert_ne!(keys(&FILE.replace("x + 1", "x + 2"), &options)[0], plain[0]);
        let seeded = Options {
            seed: 1,
            ..Options::default()
        };
        assert_ne!(keys(FILE, &seeded)[0], plain[0]);
    }

    #[test]
    fn places_are_left_out_and_nothing_else() {
        assert_eq!(
            without_places("Expr { node: Pi, span: Span { start: 3, end: 5 } }, 7"),
            "Expr { node: Pi, span:  }, 7"
        );
    }
}
