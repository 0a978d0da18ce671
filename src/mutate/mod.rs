//! A check that cannot fail is a bug: each claim's one-edit neighbours, checked as the claim is.
//!
//! A neighbour that is refuted shows that the check would have noticed the slip. One that is not is either implied by the
//! claim (and decided to be so), or a hole. Neighbours that mean nothing, or speak of nothing, are not counted.

mod correct;
mod edit;
mod fate;
mod fix;
mod outcome;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::check::file::{Claim, Expect};
use crate::check::{Judge, Options, in_pool};
use crate::decide::Effort;
use crate::formula::ast::Span;
use fate::{Fate, Mutant, Slip, fate, of_all, saying};
use outcome::{derivation, summarise};

pub use correct::{Found, correct};
pub use edit::{Kind, Neighbour, Purpose, neighbours};
pub use fix::fixed;
pub use outcome::{Outcome, Score, Survivor, Unfounded};

/// Checks the neighbours of every claim that is expected to hold and does. `done` is told how many are decided.
pub fn mutate(
    claims: &[Claim],
    options: &Options,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Outcome {
    let quick = Options {
        effort: Effort::Quick,
        ..options.clone()
    };
    let (judge, first) = (Judge::new(claims, options), Judge::new(claims, &quick));
    let work = || {
        // Of those that hold, whether they had a value wherever they were looked at.
        let sound: Vec<Option<bool>> = claims
            .par_iter()
            .map(|claim| {
                let finding = (claim.expect == Expect::Holds).then(|| judge.decide(claim))?;
                (finding.verdict.holds()).then_some(finding.accounting.undefined == 0)
            })
            .collect();
        let shared = shared_assumptions(claims);
        let mutants: Vec<Mutant> = (claims.iter().zip(&sound))
            .filter_map(|(claim, sound)| Some((claim, (*sound)?)))
            .flat_map(|(claim, defined)| mutants(claim, defined, &shared))
            .collect();
        let slips = slips(mutants);
        let (total, finished) = (slips.len(), AtomicUsize::new(0));
        let mut fates: Vec<(usize, Fate)> = (0..total)
            .into_par_iter()
            .map(|i| {
                let mutants = slips[i].mutants.iter();
                let fate = of_all(mutants.map(|mutant| fate(mutant, &first, &judge)));
                done(1 + finished.fetch_add(1, Ordering::Relaxed), total);
                (i, fate)
            })
            .collect();
        fates.sort_by_key(|(i, _)| *i);
        let fates = fates.into_iter().map(|(_, fate)| fate).collect();
        let left_out = sound.iter().filter(|sound| sound.is_none()).count();
        summarise(&slips, fates, left_out)
    };
    in_pool(options.threads, work)
}

/// Assumptions by their places, where every claim of a file of several makes them: they say what the file is about.
fn shared_assumptions(claims: &[Claim]) -> Vec<(PathBuf, Span)> {
    let mut files: BTreeMap<&PathBuf, Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        files.entry(&claim.file).or_default().push(claim);
    }
    let mut shared = Vec::new();
    for (file, of_file) in files.into_iter().filter(|(_, of_file)| of_file.len() > 1) {
        for assumption in &of_file[0].scope.assumptions {
            let everywhere = of_file.iter().all(|claim| {
                (claim.scope.assumptions.iter()).any(|other| other.span == assumption.span)
            });
            if everywhere {
                shared.push((file.clone(), assumption.span));
            }
        }
    }
    shared
}

/// An assumption of a derivation is one for all its steps: what one of them needs is needed.
fn slips(mutants: Vec<Mutant<'_>>) -> Vec<Slip<'_>> {
    let mut slips: Vec<Slip<'_>> = Vec::new();
    for mutant in mutants {
        let id = &mutant.claim.id;
        if mutant.kind != Kind::Domain || !id.contains('/') {
            slips.push(Slip {
                id: id.clone(),
                mutants: vec![mutant],
            });
            continue;
        }
        let id = derivation(id).to_owned();
        let same = |slip: &&mut Slip<'_>| {
            let other = &slip.mutants[0];
            slip.id == id && other.place == mutant.place && other.claim.file == mutant.claim.file
        };
        match slips.iter_mut().rev().find(same) {
            Some(slip) => slip.mutants.push(mutant),
            None => slips.push(Slip {
                id,
                mutants: vec![mutant],
            }),
        }
    }
    slips
}

fn mutants<'a>(claim: &'a Claim, defined: bool, shared: &[(PathBuf, Span)]) -> Vec<Mutant<'a>> {
    // A step's left side is the line before it, which has a turn of its own.
    let first = claim
        .id
        .rsplit_once('/')
        .is_none_or(|(_, step)| step == "1");
    let mut list: Vec<Mutant> = neighbours(&claim.says, &claim.scope, Purpose::Faults, first)
        .into_iter()
        // The links of a chain share their ends: an edit of one would tear it.
        .filter(|_| claim.chain.is_empty())
        .map(|neighbour| Mutant {
            claim,
            defined,
            mutated: saying(claim, neighbour.says),
            kind: neighbour.kind,
            edit: neighbour.edit,
            place: neighbour.place,
        })
        .collect();
    for (i, assumption) in claim.scope.assumptions.iter().enumerate() {
        if shared.contains(&(claim.file.clone(), assumption.span)) {
            continue;
        }
        let mut scope = claim.scope.as_ref().clone();
        scope.assumptions.remove(i);
        list.push(Mutant {
            claim,
            defined,
            mutated: Claim {
                scope: Arc::new(scope),
                ..claim.clone()
            },
            kind: Kind::Domain,
            edit: format!("without the assumption `{assumption}`"),
            place: assumption.span,
        });
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::file::read_text;

    fn outcome(claims: &str) -> Outcome {
        let text = format!(
            "[symbols]\nd = {{ integer = [2, 40] }}\nT = {{ integer = [2, 40] }}\n\
             lambda = {{ real = [0.1, 1] }}\nk = \"kappa(lambda, T)\"\nx = {{ real = [0.5, 2] }}\n{claims}"
        );
        let file = read_text("a.toml".as_ref(), &text).unwrap();
        mutate(&file.claims, &Options::default(), &|_, _| {})
    }

    #[test]
    fn slips_of_an_identity_are_refuted() {
        let outcome = outcome("[[claim]]\nid = \"a\"\nsays = \"k - lambda = k*df(1, k)/T\"\n");
        assert!(outcome.mutants > 10, "{outcome:#?}");
        assert_eq!(outcome.score, 1.0, "{outcome:#?}");
    }

    /// An inequality with room to spare is a hole, but what follows from it is not.
    #[test]
    fn holes_are_told_from_consequences() {
        let outcome = outcome("[[claim]]\nid = \"a\"\nsays = \"x <= 100\"\n");
        let survivors: Vec<&str> = outcome
            .survivors
            .iter()
            .map(|s| s.mutant.as_str())
            .collect();
        assert!(survivors.contains(&"x <= 99"), "{outcome:#?}");
        assert!(outcome.equivalent > 0);
        assert!(!survivors.contains(&"x <= 101"));
        assert!(outcome.score < 1.0);
    }

    /// `x - x` in a denominator is no statement.
    #[test]
    fn mutants_without_a_value_are_not_counted() {
        let outcome = outcome("[[claim]]\nid = \"a\"\nsays = \"1/(d + T - d) = 1/T\"\n");
        assert!(outcome.invalid > 0, "{outcome:#?}");
        assert_eq!(outcome.score, 1.0, "{outcome:#?}");
    }

    /// What one step needs, the derivation needs: its other steps are no holes.
    #[test]
    fn an_assumption_of_a_derivation_is_dropped_from_all_its_steps_at_once() {
        let outcome = outcome(
            "[[derivation]]\nid = \"a\"\nassume = [\"T > d\"]\nstart = \"(T - d)*x\"\n\
             steps = [\"= T*x - d*x\", \"> 0\"]\n\
             [[claim]]\nid = \"b\"\nsays = \"x > 0\"\n",
        );
        let dropped: Vec<&Survivor> = (outcome.survivors.iter())
            .filter(|survivor| survivor.edit.starts_with("without"))
            .collect();
        assert!(dropped.is_empty(), "{dropped:#?}");
        let whole = outcome.claims.iter().find(|score| score.id == "a");
        assert_eq!(
            whole.map(|score| (score.mutants, score.refuted)),
            Some((1, 1))
        );
    }

    #[test]
    fn survivors_are_explained_beside_their_claim() {
        let outcome = outcome(
            "[[claim]]\nid = \"a\"\nsays = \"x <= 100\"\nsurvivors = [\n\
             { edit = \"`99` for `100`\", why = \"a round number\" },\n\
             { edit = \"`1` for `100`\", why = \"none\" },\n]\n",
        );
        let said = |edit: &str| {
            let survivor = outcome.survivors.iter().find(|s| s.edit == edit)?;
            survivor.explained.as_deref()
        };
        assert_eq!(said("`99` for `100`"), Some("a round number"));
        assert_eq!(outcome.unexplained(), outcome.survivors.len() - 1);
        let unfounded: Vec<&str> = outcome.unfounded.iter().map(|u| u.edit.as_str()).collect();
        assert_eq!(unfounded, ["`1` for `100`"]);
    }

    #[test]
    fn claims_that_do_not_hold_are_left_out() {
        let outcome = outcome("[[claim]]\nid = \"a\"\nsays = \"x = 2*x\"\nexpect = \"refuted\"\n");
        assert_eq!((outcome.mutants, outcome.left_out), (0, 1));
    }
}
