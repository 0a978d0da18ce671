//! A check that cannot fail is a bug: each claim's one-edit neighbours, checked as the claim is.
//!
//! A neighbour that is refuted shows that the check would have noticed the slip. One that is not is either implied by the
//! claim (and decided to be so), or a hole. Neighbours that mean nothing, or speak of nothing, are not counted.

mod correct;
mod edit;
mod fix;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use num_traits::Zero;
use rayon::prelude::*;
use serde::Serialize;

use crate::check::file::{Claim, Expect};
use crate::check::{Judge, Options, in_pool};
use crate::decide::Effort;
use crate::decide::verdict::Verdict;
use crate::formula::ast::{Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::names::check_comparison;
use crate::formula::shape::check_relation;

pub use correct::{Found, correct};
pub use edit::{Kind, Neighbour, Purpose, neighbours};
pub use fix::fixed;

/// What became of the neighbours of all claims.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Refuted ones as a share of those that are not implied by their claim; 1 where there are none.
    pub score: f64,
    pub mutants: usize,
    pub refuted: usize,
    pub equivalent: usize,
    /// Of the equivalent ones, those decided exactly or by enclosure; the others by evaluation at many points.
    pub equivalent_proved: usize,
    /// Neighbours without a meaning, or without a point to be tested at. Not counted as mutants.
    pub invalid: usize,
    /// Claims left out: not expected to hold, or not holding.
    pub left_out: usize,
    pub survivors: Vec<Survivor>,
    pub claims: Vec<Score>,
}

/// The same for one claim.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    pub id: String,
    pub file: String,
    pub line: usize,
    pub score: f64,
    pub mutants: usize,
    pub refuted: usize,
    pub equivalent: usize,
}

/// A hole: a slip that the check does not notice.
#[derive(Clone, Debug, Serialize)]
pub struct Survivor {
    pub id: String,
    pub says: String,
    pub mutant: String,
    pub edit: String,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub verdict: Verdict,
    pub why: String,
}

enum Fate {
    Refuted,
    Equivalent { proved: bool },
    Invalid,
    Survives(Verdict, String),
}

/// A claim and one of its neighbours.
struct Mutant<'a> {
    claim: &'a Claim,
    /// Whether the claim had a value wherever it was looked at.
    defined: bool,
    mutated: Claim,
    kind: Kind,
    edit: String,
    place: Span,
}

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
        let (total, finished) = (mutants.len(), AtomicUsize::new(0));
        let mut fates: Vec<(usize, Fate)> = (0..total)
            .into_par_iter()
            .map(|i| {
                let fate = fate(&mutants[i], &first, &judge);
                done(1 + finished.fetch_add(1, Ordering::Relaxed), total);
                (i, fate)
            })
            .collect();
        fates.sort_by_key(|(i, _)| *i);
        let left_out = sound.iter().filter(|sound| sound.is_none()).count();
        summarise(&mutants, fates, left_out)
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

fn saying(claim: &Claim, says: Comparison) -> Claim {
    Claim {
        says_text: says.to_string(),
        says,
        ..claim.clone()
    }
}

/// Whether a statement means anything where it stands.
pub(crate) fn is_meaningful(claim: &Claim) -> bool {
    let text = |side: &Expr| side.to_string();
    check_comparison(&claim.says, &claim.scope).is_empty()
        && check_relation(&claim.says, &claim.scope).is_empty()
        && text(&claim.says.lhs) != text(&claim.says.rhs)
        // What is printed reads back.
        && crate::formula::parse::parse_relation(&claim.says.to_string()).is_ok()
}

fn fate(mutant: &Mutant<'_>, quick: &Judge<'_>, judge: &Judge<'_>) -> Fate {
    let domain = mutant.kind == Kind::Domain;
    if !domain && !is_meaningful(&mutant.mutated) {
        return Fate::Invalid;
    }
    if quick.decide(&mutant.mutated).verdict == Verdict::Refuted {
        return Fate::Refuted;
    }
    if let Some(implied) = implied(mutant) {
        let mut verdict = judge.decide(&implied).verdict;
        if !verdict.holds() && implied.says.op == RelationOp::Equivalent {
            // What is the same everywhere is the same in the limit.
            let mut same = implied;
            same.says.op = RelationOp::Eq;
            verdict = judge.decide(&same).verdict;
        }
        if verdict.holds() {
            return Fate::Equivalent {
                proved: verdict != Verdict::Supported,
            };
        }
    }
    let finding = judge.decide(&mutant.mutated);
    let looked = &finding.accounting;
    match finding.verdict {
        Verdict::Refuted => Fate::Refuted,
        Verdict::Error | Verdict::Vacuous => Fate::Invalid,
        // Beyond its assumptions a claim may have no value at all.
        Verdict::Inconclusive if domain => Fate::Invalid,
        // Or none on a part: the assumption kept away from it.
        Verdict::Supported if domain && looked.undefined > 0 && mutant.defined => Fate::Invalid,
        // `p - p` for `p - T` in a denominator: a side has no value anywhere.
        Verdict::Inconclusive if looked.offered > 0 && looked.undefined == looked.offered => {
            Fate::Invalid
        }
        // An assumption that is proved not to be needed changes nothing.
        Verdict::Proved | Verdict::Certified if domain => Fate::Equivalent { proved: true },
        // Another true identity is no slip. A bound that is true and sharper is one: the claim could say it too.
        Verdict::Proved | Verdict::Certified
            if mutant.claim.says.op == RelationOp::Eq
                && mutant.mutated.says.op == RelationOp::Eq =>
        {
            Fate::Equivalent { proved: true }
        }
        Verdict::Inconclusive => {
            let reason = finding.reason.unwrap_or_default();
            Fate::Survives(Verdict::Inconclusive, format!("not decided: {reason}"))
        }
        verdict => {
            let why = match (domain, verdict) {
                (true, _) => "it holds without this assumption, as far as the check can see",
                (false, Verdict::Supported) => "it holds too, as far as the check can see",
                (false, _) => "it is true, and the claim does not say it",
            };
            Fate::Survives(verdict, why.to_owned())
        }
    }
}

/// The statement that, if true, makes the neighbour follow from the claim.
fn implied(mutant: &Mutant<'_>) -> Option<Claim> {
    let (old, new) = (&mutant.claim.says, &mutant.mutated.says);
    if mutant.kind == Kind::Domain || mutant.kind == Kind::Relation {
        return None;
    }
    let left = old.lhs.to_string() != new.lhs.to_string();
    let (before, after) = if left {
        (&old.lhs, &new.lhs)
    } else {
        (&old.rhs, &new.rhs)
    };
    use RelationOp::*;
    let (op, upwards) = match old.op {
        Eq => (Eq, true),
        Le | Lt => (Le, !left),
        Ge | Gt => (Ge, !left),
        OrderAtMost => (OrderAtMost, !left),
        OrderAtLeast => (OrderAtLeast, !left),
        SameOrder => (SameOrder, true),
        TendsTo if matches!(&*old.rhs.node, Node::Infinity) => (OrderAtLeast, false),
        // What is no larger tends to zero too, whatever its sign.
        TendsTo if left && is_zero(&old.rhs) => {
            return Some(saying(
                mutant.claim,
                Comparison {
                    lhs: absolute(after),
                    op: OrderAtMost,
                    rhs: absolute(before),
                    span: old.span,
                },
            ));
        }
        TendsTo if !left => (Eq, true),
        TendsTo | Equivalent => (Equivalent, true),
    };
    let (lhs, rhs) = if upwards {
        (before, after)
    } else {
        (after, before)
    };
    Some(saying(
        mutant.claim,
        Comparison {
            lhs: lhs.clone(),
            op,
            rhs: rhs.clone(),
            span: old.span,
        },
    ))
}

fn is_zero(side: &Expr) -> bool {
    matches!(&*side.node, Node::Number(x) if x.is_zero())
}

fn absolute(side: &Expr) -> Expr {
    Expr::new(Node::Call(Function::Abs, vec![side.clone()]), side.span)
}

fn share(refuted: usize, mutants: usize, equivalent: usize) -> f64 {
    match mutants - equivalent {
        0 => 1.0,
        counted => refuted as f64 / counted as f64,
    }
}

fn summarise(mutants: &[Mutant<'_>], fates: Vec<(usize, Fate)>, left_out: usize) -> Outcome {
    let mut outcome = Outcome {
        score: 1.0,
        mutants: 0,
        refuted: 0,
        equivalent: 0,
        equivalent_proved: 0,
        invalid: 0,
        left_out,
        survivors: Vec::new(),
        claims: Vec::new(),
    };
    for (i, fate) in fates {
        let mutant = &mutants[i];
        let claim = mutant.claim;
        let file = claim.file.display().to_string();
        if (outcome.claims.last()).is_none_or(|last| (&last.id, &last.file) != (&claim.id, &file)) {
            outcome.claims.push(Score {
                id: claim.id.clone(),
                file: file.clone(),
                line: claim.line,
                score: 1.0,
                mutants: 0,
                refuted: 0,
                equivalent: 0,
            });
        }
        let Some(score) = outcome.claims.last_mut() else {
            continue;
        };
        if matches!(fate, Fate::Invalid) {
            outcome.invalid += 1;
            continue;
        }
        score.mutants += 1;
        match fate {
            Fate::Refuted => score.refuted += 1,
            Fate::Equivalent { proved } => {
                score.equivalent += 1;
                outcome.equivalent_proved += usize::from(proved);
            }
            Fate::Invalid => {}
            Fate::Survives(verdict, why) => {
                let (line, column) = claim.text.position(mutant.place.start);
                outcome.survivors.push(Survivor {
                    id: claim.id.clone(),
                    says: claim.says_text.clone(),
                    mutant: mutant.mutated.says.to_string(),
                    edit: mutant.edit.clone(),
                    file,
                    line,
                    column,
                    verdict,
                    why,
                });
            }
        }
    }
    for score in &mut outcome.claims {
        score.score = share(score.refuted, score.mutants, score.equivalent);
        outcome.mutants += score.mutants;
        outcome.refuted += score.refuted;
        outcome.equivalent += score.equivalent;
    }
    outcome.score = share(outcome.refuted, outcome.mutants, outcome.equivalent);
    outcome
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

    #[test]
    fn claims_that_do_not_hold_are_left_out() {
        let outcome = outcome("[[claim]]\nid = \"a\"\nsays = \"x = 2*x\"\nexpect = \"refuted\"\n");
        assert_eq!((outcome.mutants, outcome.left_out), (0, 1));
    }
}
