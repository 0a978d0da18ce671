//! Two levels in few dimensions, at every ratio: where sides meet at one ratio, it may go with the multiplicities.

use super::gap::Drawing;
use super::look::{Run, Seen};

/// Ratios that are tried, from the first to the last.
const RATIOS: usize = 28;
const FIRST: f64 = 1.06;
const LAST: f64 = 1e3;

/// Points at which the margin of a strict inequality is smaller than at the ratios beside theirs.
pub(super) fn valleys(run: &mut Run<'_, '_>) -> Vec<Seen> {
    let mut found = Vec::new();
    if !run.problem.says.op.is_strict() || run.problem.random || run.seen.is_empty() {
        return found;
    }
    let base = run.seen[0].at.clone();
    for shares in run.sampler.few_shares(&base) {
        let mut along: Vec<Option<Seen>> = Vec::new();
        for place in 0..RATIOS {
            if run.spent(0.8) {
                return found;
            }
            let ratio = FIRST * (LAST / FIRST).powf(place as f64 / (RATIOS - 1) as f64);
            let mut stream = run.problem.stream(1 << 33 | place as u64);
            let trial = run.sampler.of_ratio(&mut stream, &base, shares, ratio);
            let before = run.seen.len();
            let seen = trial.and_then(|trial| run.look(&trial, Drawing::default(), "ratio"));
            if seen.as_ref().is_none_or(|point| !point.violated) {
                run.seen.truncate(before);
            }
            along.push(seen);
        }
        for three in along.windows(3) {
            if let [Some(a), Some(b), Some(c)] = three
                && b.excess > a.excess
                && b.excess > c.excess
            {
                found.push(b.clone());
            }
        }
    }
    found
}
