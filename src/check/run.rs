//! From derivation files to a report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::dependence::{Dependence, Node};
use super::diagnostic::Diagnostic;
use super::file::{Claim, Expect, Reading, Unread, read_leniently, read_text_leniently};
use super::judge::Judge;
use super::options::{Options, Outcome};
use crate::decide::accounting::Accounting;
use crate::decide::limit;
use crate::decide::verdict::{ClaimReport, Finding, Report, Verdict};

/// Checks every claim of `files`. `done` is told after each claim: how many are, of how many.
pub fn check(
    files: &[PathBuf],
    options: &Options,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Outcome {
    check_read(
        files.iter().map(|path| read_leniently(path)).collect(),
        options,
        done,
    )
}

/// The same of a text; `path` names it, and files it refers to are looked for beside it.
pub fn check_text(path: &Path, text: &str, options: &Options) -> Outcome {
    check_read(vec![read_text_leniently(path, text)], options, &|_, _| {})
}

/// The same of files that have been read.
pub fn check_read(
    readings: Vec<Reading>,
    options: &Options,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Outcome {
    let library = Library::new(readings, options);
    let findings = library.decide(options, done);
    library.outcome(findings, options)
}

/// All claims at hand, and what they rest on.
struct Library {
    readings: Vec<Reading>,
    claims: Vec<Claim>,
    /// For each claim, which reading it is of; files beyond the ones asked for are only rested on.
    files: Vec<usize>,
    asked: usize,
    /// Over the claims first, then those that could not be read.
    dependence: Dependence,
    /// Those to report, by number of claim.
    chosen: Vec<bool>,
}

impl Library {
    fn new(mut readings: Vec<Reading>, options: &Options) -> Self {
        let asked = readings.len();
        let mut library = Self::over(&readings, asked);
        // A claim may rest on one of a file beside its own that was not asked for.
        let strangers: Vec<PathBuf> = (library.dependence.faults.iter())
            .filter(|(_, fault)| fault.code == "D016")
            .filter_map(|(&i, _)| Some(library.claims[i].file.parent()?.to_path_buf()))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let identity = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut known: BTreeSet<PathBuf> = readings.iter().map(|r| identity(&r.path)).collect();
        for path in strangers.iter().flat_map(|folder| neighbours(folder)) {
            if known.insert(identity(&path)) {
                readings.push(read_leniently(&path));
            }
        }
        if readings.len() > asked {
            library = Self::over(&readings, asked);
        }
        library.chosen = (library.claims.iter().zip(&library.files))
            .map(|(claim, &file)| {
                file < asked
                    && (options.filter.as_ref()).is_none_or(|pattern| glob(pattern, &claim.id))
            })
            .collect();
        library.readings = readings;
        library
    }

    fn over(readings: &[Reading], asked: usize) -> Self {
        let claims: Vec<Claim> = (readings.iter())
            .flat_map(|reading| reading.file.claims.iter().cloned())
            .collect();
        let files = (readings.iter().enumerate())
            .flat_map(|(i, reading)| reading.file.claims.iter().map(move |_| i))
            .collect();
        let nodes: Vec<Node> = (claims.iter().map(Node::Read))
            .chain(readings.iter().flat_map(|reading| {
                (reading.unread.iter()).map(|unread| Node::Unread(&reading.path, unread))
            }))
            .collect();
        let dependence = Dependence::of(&nodes);
        Self {
            readings: Vec::new(),
            files,
            asked,
            dependence,
            chosen: Vec::new(),
            claims,
        }
    }

    /// Decides what is to be reported and all that it rests on.
    fn decide(
        &self,
        options: &Options,
        done: &(dyn Fn(usize, usize) + Sync),
    ) -> Vec<Option<(Finding, f64)>> {
        let chosen = (0..self.claims.len()).filter(|&i| self.chosen[i]);
        let mut order: Vec<usize> = (self.dependence.closure(chosen).into_iter())
            .filter(|&i| i < self.claims.len())
            .collect();
        // One at a time to whoever is free, the costly ones (minima) first: the last to end is then a short one.
        order.sort_by_key(|&i| !limit::takes_minimum(&self.claims[i].says));
        let total = order.len();
        let finished = AtomicUsize::new(0);
        let judge = Judge::new(&self.claims, options);
        let one = |i: usize| {
            let start = Instant::now();
            let finding = match self.dependence.faults.get(&i) {
                Some(fault) => {
                    Finding::new(Verdict::Error, "reading the file").because(fault.message.clone())
                }
                None => judge.decide(&self.claims[i]),
            };
            let seconds = if options.timings {
                start.elapsed().as_secs_f64()
            } else {
                0.0
            };
            done(1 + finished.fetch_add(1, Ordering::Relaxed), total);
            (i, finding, seconds)
        };
        let all =
            || -> Vec<(usize, Finding, f64)> { order.into_iter().par_bridge().map(one).collect() };
        let decided = in_pool(options.threads, all);
        let mut findings = vec![None; self.claims.len()];
        for (i, finding, seconds) in decided {
            findings[i] = Some((finding, seconds));
        }
        findings
    }

    fn outcome(&self, findings: Vec<Option<(Finding, f64)>>, options: &Options) -> Outcome {
        let fails = |i: usize| {
            (findings.get(i))
                .is_none_or(|found| found.as_ref().is_none_or(|(f, _)| !f.verdict.holds()))
        };
        let ids: Vec<&str> = (self.claims.iter().map(|claim| claim.id.as_str()))
            .chain((self.readings.iter()).flat_map(|r| r.unread.iter().map(|u| u.id.as_str())))
            .collect();
        let mut rows = Vec::new();
        let mut next = 0;
        for (number, reading) in self.readings.iter().enumerate() {
            let mut of_file = Vec::new();
            for claim in &reading.file.claims {
                let i = next;
                next += 1;
                let Some((finding, seconds)) = findings[i].as_ref().filter(|_| self.chosen[i])
                else {
                    continue;
                };
                let rests: Vec<String> = (self.dependence.failing(i, fails).into_iter())
                    .map(|w| ids[w].to_owned())
                    .collect();
                of_file.push((
                    self.row(claim, finding.clone(), *seconds, rests),
                    Some(claim.clone()),
                ));
            }
            if number < self.asked {
                let unread = (reading.unread.iter())
                    .filter(|unread| (options.filter.as_ref()).is_none_or(|p| glob(p, &unread.id)));
                of_file.extend(unread.map(|unread| (unread_row(&reading.path, unread), None)));
            }
            of_file.sort_by_key(|(row, _): &(ClaimReport, Option<Claim>)| (row.line, row.column));
            rows.extend(of_file);
        }
        let mut diagnostics: Vec<Diagnostic> = (self.readings[..self.asked].iter())
            .flat_map(|reading| reading.diagnostics.iter().cloned())
            .collect();
        let mut faults: Vec<(&usize, &Diagnostic)> = self.dependence.faults.iter().collect();
        faults.sort_by_key(|(i, _)| **i);
        for (&i, fault) in faults {
            // The steps of a derivation share their uses.
            if self.files[i] < self.asked && !diagnostics.contains(fault) {
                diagnostics.push(fault.clone());
            }
        }
        if let Some(cache) = &options.cache {
            cache.tidy();
        }
        let (rows, claims) = rows.into_iter().unzip();
        Outcome {
            report: Report::new(options.seed, rows),
            claims,
            diagnostics,
        }
    }

    fn row(
        &self,
        claim: &Claim,
        finding: Finding,
        seconds: f64,
        rests: Vec<String>,
    ) -> ClaimReport {
        let as_expected = match claim.expect {
            Expect::Holds => finding.verdict.holds(),
            Expect::Refuted => finding.verdict == Verdict::Refuted,
        };
        let suggestion = (finding.verdict == Verdict::Refuted)
            .then_some(claim.instead.as_ref())
            .flatten()
            .and_then(|id| {
                (self.claims.iter()).find(|other| other.id == *id && other.file == claim.file)
            })
            .map(|other| format!("{}: {}", other.id, other.says_text));
        ClaimReport {
            id: claim.id.clone(),
            file: claim.file.display().to_string(),
            line: claim.line,
            column: claim.column,
            says: claim.says_text.clone(),
            verdict: finding.verdict,
            expect: claim.expect.name(),
            as_expected,
            rests_on_failed: rests,
            method: finding.method,
            points: finding.points,
            discarded: finding.discarded,
            worst: finding.worst.filter(|x| x.is_finite()),
            detects: finding.detects.filter(|x| x.is_finite()),
            witness: finding.witness,
            suggestion,
            reason: finding.reason,
            why: claim.why.clone(),
            accounting: finding.accounting,
            holds_where: finding.holds_where,
            correction: finding.correction,
            certificate: finding.certificate,
            no_certificate: None,
            given: finding.given,
            seconds,
        }
    }
}

/// Runs work that decides claims on so many threads (0: as many as there are), with room for deep formulas.
pub fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(16 << 20)
        .build();
    match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Derivation files right beside one, as many as one run looks at unasked.
fn neighbours(folder: &Path) -> Vec<PathBuf> {
    const MOST: usize = 200;
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension().is_some_and(|e| e == "toml") && !path.is_symlink() && path.is_file()
        })
        .collect();
    paths.sort();
    paths.truncate(MOST);
    paths
}

fn unread_row(path: &Path, unread: &Unread) -> ClaimReport {
    ClaimReport {
        id: unread.id.clone(),
        file: path.display().to_string(),
        line: unread.line,
        column: unread.column,
        says: unread.says.clone(),
        verdict: Verdict::Error,
        expect: unread.expect.name(),
        as_expected: false,
        rests_on_failed: Vec::new(),
        method: "reading the file".into(),
        points: 0,
        discarded: 0,
        worst: None,
        detects: None,
        witness: None,
        suggestion: None,
        reason: Some(unread.reason.clone()),
        why: None,
        accounting: Accounting::default(),
        holds_where: None,
        correction: None,
        certificate: None,
        no_certificate: None,
        given: Vec::new(),
        seconds: 0.0,
    }
}

/// `*` stands for any run of characters, `?` for one.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < t.len() {
        if i < p.len() && (p[i] == '?' || p[i] == t[j] && p[i] != '*') {
            (i, j) = (i + 1, j + 1);
        } else if i < p.len() && p[i] == '*' {
            star = Some((i, j));
            i += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (i, j) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    p[i..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs_match_as_in_a_shell() {
        assert!(glob("cor-4.4*", "cor-4.4-rho"));
        assert!(glob("*rho*", "cor-4.4-rho-iso"));
        assert!(glob("thm-?.1", "thm-4.1"));
        assert!(!glob("thm-?.1", "thm-4.1-exact"));
        assert!(!glob("", "x"));
        assert!(glob("*", ""));
    }
}
