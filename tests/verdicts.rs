//! Claims with known verdicts, true ones and subtly false ones, decided by the checker at normal effort.

use std::path::{Path, PathBuf};

use resolvent::check::{Effort, Options, check, files};
use resolvent::decide::verdict::{ClaimReport, Verdict};

fn options(threads: usize) -> Options {
    Options {
        seed: 0,
        effort: Effort::Normal,
        filter: None,
        threads,
        ..Options::default()
    }
}

fn claims(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    files(&[folder]).expect("a folder of claims")
}

fn decided(folder: &str, threads: usize) -> Vec<ClaimReport> {
    let outcome = check(&claims(folder), &options(threads), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    outcome.report.claims
}

fn listed(claims: &[ClaimReport], wrong: impl Fn(&ClaimReport) -> bool) -> Vec<String> {
    let line = |claim: &ClaimReport| {
        format!(
            "{} is {:?}, {}: {} ({})",
            claim.id,
            claim.verdict,
            claim.expect,
            claim.says,
            claim.reason.as_deref().unwrap_or("no reason given")
        )
    };
    claims.iter().filter(|c| wrong(c)).map(line).collect()
}

#[test]
fn every_claim_is_decided_as_the_mathematics_has_it() {
    let claims = decided("verdicts", 2);
    assert!(claims.len() >= 300, "{} claims", claims.len());
    let wrong = listed(&claims, |claim| !claim.as_expected);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Claims beyond what the checker could decide when they were written: it may leave them open, or decide them rightly.
#[test]
fn what_cannot_be_decided_is_not_decided_wrongly() {
    let claims = decided("verdicts_open", 2);
    let wrong = listed(&claims, |claim| {
        !claim.as_expected && claim.verdict != Verdict::Inconclusive
    });
    assert!(
        !claims.is_empty() && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// The verdict is the first word of the id.
#[test]
fn formulas_without_value_points_or_end_get_the_verdict_they_deserve() {
    let claims = decided("verdicts_edge", 2);
    let wrong = listed(&claims, |claim| {
        !claim
            .id
            .starts_with(&format!("{:?}", claim.verdict).to_lowercase())
    });
    assert!(
        !claims.is_empty() && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

#[test]
fn verdicts_do_not_depend_on_the_number_of_threads() {
    let report = |threads| format!("{:?}", decided("verdicts_edge", threads));
    assert_eq!(report(1), report(2));
}
