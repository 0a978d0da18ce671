//! From derivation files to a report.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;

use super::diagnostic::Diagnostic;
use super::file::{Claim, Expect, read};
use super::judge::decide;
use crate::decide::limit;
use crate::decide::problem::Effort;
use crate::decide::verdict::{ClaimReport, Finding, Report, Verdict};

/// What to check, and how hard.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub seed: u64,
    pub effort: Effort,
    /// Only claims whose id matches; `*` and `?` as in file names.
    pub filter: Option<String>,
    /// 0: as many as the machine has.
    pub threads: usize,
    /// Units of work one claim may cost; by default what the effort allows.
    pub work: Option<u64>,
    /// Whether to time each claim. Off, `seconds` is 0 and equal inputs give equal bytes.
    pub timings: bool,
}

/// A report, and the faults of files that could not be checked.
#[derive(Debug)]
pub struct Outcome {
    pub report: Report,
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks every claim of `files`. `done` is told after each claim: how many are, of how many.
pub fn check(
    files: &[PathBuf],
    options: &Options,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Outcome {
    let mut claims: Vec<Claim> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut broken = Vec::new();
    for path in files {
        match read(path) {
            Ok(file) => claims.extend(file.claims),
            Err(faults) => {
                broken.push((
                    path.clone(),
                    faults.first().map_or(1, |d| d.line),
                    faults.first().map(|d| d.message.clone()),
                ));
                diagnostics.extend(faults);
            }
        }
    }
    let chosen: Vec<bool> = claims
        .iter()
        .map(|claim| {
            options
                .filter
                .as_ref()
                .is_none_or(|pattern| glob(pattern, &claim.id))
        })
        .collect();
    let total = chosen.iter().filter(|c| **c).count();
    let finished = std::sync::atomic::AtomicUsize::new(0);
    let decide_all = || -> Vec<Option<(Finding, f64)>> {
        // One at a time to whoever is free, the costly ones (minima) first: the last to end is then a short one.
        let mut order: Vec<usize> = (0..claims.len()).filter(|&i| chosen[i]).collect();
        order.sort_by_key(|&i| !limit::takes_minimum(&claims[i].says));
        let mut findings: Vec<Option<(Finding, f64)>> = vec![None; claims.len()];
        let decided: Vec<(usize, Finding, f64)> = order
            .into_iter()
            .par_bridge()
            .map(|i| {
                let start = Instant::now();
                let finding = decide(&claims[i], options);
                let seconds = if options.timings {
                    start.elapsed().as_secs_f64()
                } else {
                    0.0
                };
                done(
                    1 + finished.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
                    total,
                );
                (i, finding, seconds)
            })
            .collect();
        for (i, finding, seconds) in decided {
            findings[i] = Some((finding, seconds));
        }
        findings
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .stack_size(16 << 20)
        .build();
    let findings = match pool {
        Ok(pool) => pool.install(decide_all),
        Err(_) => decide_all(),
    };
    let mut rows = reports(&claims, findings);
    for (path, line, message) in broken {
        rows.push(unreadable(&path, line, message));
    }
    Outcome {
        report: Report::new(options.seed, rows),
        diagnostics,
    }
}

fn reports(claims: &[Claim], findings: Vec<Option<(Finding, f64)>>) -> Vec<ClaimReport> {
    let by_id: HashMap<&str, usize> = claims
        .iter()
        .enumerate()
        .map(|(i, c)| (c.id.as_str(), i))
        .collect();
    let failed = |id: &str| {
        let prefix = format!("{id}/");
        claims.iter().zip(&findings).any(|(claim, finding)| {
            (claim.id == id || claim.id.starts_with(&prefix))
                && finding.as_ref().is_some_and(|(f, _)| !f.verdict.holds())
        })
    };
    let rests: Vec<Vec<String>> = claims
        .iter()
        .map(|claim| claim.uses.iter().filter(|id| failed(id)).cloned().collect())
        .collect();
    let mut rows = Vec::new();
    for (((claim, finding), rests_on_failed), _) in claims.iter().zip(findings).zip(rests).zip(0..)
    {
        let Some((finding, seconds)) = finding else {
            continue;
        };
        let as_expected = match claim.expect {
            Expect::Holds => finding.verdict.holds(),
            Expect::Refuted => finding.verdict == Verdict::Refuted,
        };
        let suggestion = (finding.verdict == Verdict::Refuted)
            .then_some(claim.instead.as_ref())
            .flatten()
            .and_then(|id| by_id.get(id.as_str()))
            .map(|&i| format!("{}: {}", claims[i].id, claims[i].says_text));
        rows.push(ClaimReport {
            id: claim.id.clone(),
            file: claim.file.display().to_string(),
            line: claim.line,
            says: claim.says_text.clone(),
            verdict: finding.verdict,
            expect: claim.expect.name(),
            as_expected,
            rests_on_failed,
            method: finding.method,
            points: finding.points,
            discarded: finding.discarded,
            worst: finding.worst.filter(|x| x.is_finite()),
            detects: finding.detects.filter(|x| x.is_finite()),
            witness: finding.witness,
            suggestion,
            reason: finding.reason,
            why: claim.why.clone(),
            seconds,
        });
    }
    rows
}

fn unreadable(path: &Path, line: usize, message: Option<String>) -> ClaimReport {
    ClaimReport {
        id: path
            .file_stem()
            .map_or_else(String::new, |s| s.to_string_lossy().into_owned()),
        file: path.display().to_string(),
        line,
        says: String::new(),
        verdict: Verdict::Error,
        expect: "holds",
        as_expected: false,
        rests_on_failed: Vec::new(),
        method: "reading the file".into(),
        points: 0,
        discarded: 0,
        worst: None,
        detects: None,
        witness: None,
        suggestion: None,
        reason: message,
        why: None,
        seconds: 0.0,
    }
}

/// `*` stands for any run of characters, `?` for one.
fn glob(pattern: &str, text: &str) -> bool {
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
