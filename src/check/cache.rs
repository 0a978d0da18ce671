//! What has been decided before, so that a second check costs next to nothing.
//!
//! A finding is kept under the digest of everything it depends on: the claim, its whole scope, seed, effort, budget, and
//! the program itself. The cache lies in the user's own cache folder and never among the derivations: a folder that
//! came from someone else must not bring its verdicts along.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::decide::verdict::Finding;

/// Environment variable that names the folder; an empty one switches the cache off.
pub const FOLDER: &str = "RESOLVENT_CACHE_DIR";
/// When there are more entries than this, a new start is made.
const MOST: usize = 50_000;

/// Findings on disk.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// The version, and which build of it.
    pub(super) program: String,
}

impl Cache {
    /// In the folder that [`FOLDER`] names, or `resolvent` in the user's cache folder. `None` where there is none.
    pub fn standard() -> Option<Self> {
        let variable = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(folder) = std::env::var_os(FOLDER) {
            return (!folder.is_empty()).then(|| Self::at(PathBuf::from(folder)));
        }
        let folder = if cfg!(windows) {
            variable("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            variable("HOME").map(|home| home.join("Library/Caches"))
        } else {
            variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
        };
        Some(Self::at(folder?.join("resolvent")))
    }

    /// In this folder, which is made when something is first kept in it.
    pub fn at(folder: PathBuf) -> Self {
        // Two builds of one version may differ.
        let build = std::env::current_exe()
            .and_then(|path| path.metadata())
            .map(|data| {
                let modified = data
                    .modified()
                    .ok()
                    .and_then(|t| t.duration_since(UNIX_EPOCH).ok());
                (data.len(), modified)
            });
        Self {
            folder,
            program: format!("{} {build:?}", env!("CARGO_PKG_VERSION")),
        }
    }

    fn place(&self, key: &str) -> PathBuf {
        let (shelf, rest) = key.split_at(2);
        self.folder.join(shelf).join(rest)
    }

    /// What is kept under a key. What cannot be read as a finding is not there.
    pub fn get(&self, key: &str) -> Option<Finding> {
        let path = self.place(key);
        if std::fs::metadata(&path).ok()?.len() > 1 << 22 {
            return None;
        }
        serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
    }

    /// Keeps a finding. A cache that cannot be written is a slow one, no error.
    pub fn put(&self, key: &str, finding: &Finding) {
        let path = self.place(key);
        let Ok(text) = serde_json::to_string(finding) else {
            return;
        };
        // Numbers that JSON does not know would come back as others. What the accounting keeps for itself is not written.
        let same = serde_json::from_str::<Finding>(&text).is_ok_and(|back| {
            let written = Finding {
                accounting: back.accounting.clone(),
                ..finding.clone()
            };
            format!("{back:?}") == format!("{written:?}")
                && serde_json::to_string(&back).is_ok_and(|again| again == text)
        });
        if same && let Some(folder) = path.parent() {
            // Another run may be writing the same; whichever comes last is as good. No need to outlast a loss of power.
            let part = path.with_extension(format!("{}.part", std::process::id()));
            let _ = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&part, &text))
                .and_then(|()| std::fs::rename(&part, &path));
        }
    }

    /// Empties a cache that has grown beyond use.
    pub fn tidy(&self) {
        let count = |folder: &Path| std::fs::read_dir(folder).map_or(0, Iterator::count);
        let shelves = std::fs::read_dir(&self.folder);
        let total: usize = shelves
            .into_iter()
            .flatten()
            .flatten()
            .map(|shelf| count(&shelf.path()))
            .sum();
        if total > MOST {
            let shelves = std::fs::read_dir(&self.folder);
            for shelf in shelves.into_iter().flatten().flatten() {
                let named = shelf.file_name().to_string_lossy().len() == 2;
                if named && shelf.path().is_dir() {
                    let _ = std::fs::remove_dir_all(shelf.path());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_comes_back_as_it_was_or_not_at_all() {
        use crate::decide::verdict::Verdict;
        let folder = std::env::temp_dir().join(format!("resolvent-kept-{}", std::process::id()));
        let cache = Cache::at(folder.clone());
        let mut finding = Finding::new(Verdict::Supported, "points");
        finding.worst = Some(1e-17);
        // What is not written must not keep the rest from being.
        finding.accounting.worst = Some(1e-17);
        finding.accounting.constant = true;
        cache.put("0123", &finding);
        let back = cache.get("0123").map(|f| (f.verdict, f.worst));
        assert_eq!(back, Some((Verdict::Supported, Some(1e-17))));
        // A witness along a limit may have no numbers at all.
        let point = "{\"symbols\":{},\"spectrum\":[],\"target\":[],\"lhs\":null,\"rhs\":null,\"confirmed_by\":\"\"}";
        finding.witness = serde_json::from_str(point).ok();
        cache.put("89ab", &finding);
        let back = cache.get("89ab").and_then(|f| f.witness);
        assert!(back.is_some_and(|w| w.lhs.is_nan()));
        finding.worst = Some(f64::INFINITY);
        cache.put("4567", &finding);
        assert!(cache.get("4567").is_none());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
